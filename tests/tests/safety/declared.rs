//! Hostile names in all that a program declares beside models: types, functions, aggregates, indexes, constraints, collations, views and
//! other names of rows.

use super::fingerprint::fingerprint;
use super::payloads::PAYLOADS;
use orm_core::prelude::*;
use orm_core::query::{Select, exists, named, recursive, select_from, value};
use orm_core::{refresh_materialized, sql};
use orm_testkit::TestDatabase;

mod models {
    use orm_core::prelude::*;
    use orm_core::query::Defines;

    orm_core::declarative_base!(pub(super) Base);

    #[derive(DbEnum, Clone, Copy, Debug, PartialEq)]
    #[db_enum(name = "side'); DROP TABLE witness; --")]
    pub(super) enum Side {
        #[db_enum(rename = "{left,\"NULL\"}")]
        Left,
        #[db_enum(rename = "'::text; --")]
        Right,
    }

    #[derive(ScalarType, Clone, Debug, PartialEq)]
    #[scalar(domain = "tag\" AS int; DROP TABLE witness; --", check = "VALUE <> ''")]
    pub(super) struct Tag(pub(super) String);

    #[derive(Composite, Clone, Debug, PartialEq)]
    #[composite(schema = "of types\"; --", name = "spot)\"; DROP TABLE witness; --")]
    pub(super) struct Spot {
        #[composite(rename = "tag\", \"x\" int); DROP TABLE witness; --")]
        pub(super) tag: Tag,
        #[composite(rename = "(side)")]
        pub(super) sides: Vec<Side>,
    }

    /// The table that all of it would drop.
    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    #[model(index(
        "text",
        "\"; --",
        name = "ix\" ON witness; DROP TABLE witness; --",
        include("a'b"),
        where = "text <> 'it''s; --'"
    ))]
    #[model(index("((text || '); --') COLLATE \"C\") text_pattern_ops", name = "'"))]
    #[model(index("a'b", "text", unique, name = "uq\"); DROP TABLE witness; --"))]
    #[model(check(name = "ck\" CHECK (false); --", expression = "text <> '); DROP TABLE witness; --'"))]
    #[model(exclude("text" = "=", "\"; --" = "=", name = "ex\"); DROP TABLE witness; --", method = "btree"))]
    pub(super) struct Witness {
        #[model(primary_key)]
        pub(super) id: Auto<i64>,
        #[model(collate = "as \"it\"; DROP TABLE witness; --")]
        pub(super) text: String,
        #[model(column = "a'b")]
        pub(super) quote: i32,
        #[model(column = "\"; --")]
        pub(super) end: Option<i32>,
        #[model(column = "$1")]
        pub(super) spot: Option<Spot>,
        #[model(column = "{}")]
        pub(super) spots: Vec<Spot>,
        pub(super) tag: Tag,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base, schema = "of views\"; --", table = "v\" AS SELECT 1; DROP TABLE witness; --", view = shown, comment = "'; DROP TABLE witness; --")]
    pub(super) struct Shown {
        #[model(primary_key, column = "id\") AS SELECT 1; --")]
        pub(super) id: i64,
        #[model(column = "text")]
        pub(super) text: String,
        #[model(comment = "\\'; --")]
        pub(super) tag: Tag,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base, table = "kept\" AS SELECT 1; DROP TABLE witness; --", view = shown, materialized)]
    #[model(index("text", name = "ix_kept\"; DROP TABLE witness; --"))]
    pub(super) struct Kept {
        #[model(primary_key, column = "id\") AS SELECT 1; --")]
        pub(super) id: i64,
        pub(super) text: String,
        pub(super) tag: Tag,
    }

    fn shown() -> impl Defines<(i64, String, Tag)> {
        columns((Witness::ID, Witness::TEXT, Witness::TAG))
            .filter(Witness::TEXT.ne("'; DROP TABLE witness; --"))
    }
}
use models::{Base, Kept, Shown, Side, Spot, Tag, Witness};

/// As an alias is called in statements.
const COLLATION: &str = r#"CREATE COLLATION "as ""it""; DROP TABLE witness; --" FROM "C""#;

/// A database with all of it.
async fn database() -> (TestDatabase, Engine) {
    let database = TestDatabase::create().await.unwrap();
    let engine = Engine::connect(database.url()).await.unwrap();
    engine.execute_script(COLLATION).await.unwrap();
    Base::create_all(&engine).await.unwrap();
    (database, engine)
}

fn spot(payload: &str) -> Spot {
    Spot { tag: Tag(format!("'{payload}")), sides: vec![Side::Right, Side::Left] }
}

fn witness(number: usize, payload: &str) -> Witness {
    let (spot, tag) = (spot(payload), Tag(format!("{payload}\"")));
    let new = Witness::builder()
        .text(payload)
        .quote(number as i32)
        .spots(vec![spot.clone(), spot.clone()])
        .tag(tag);
    Witness { spot: Some(spot), ..new.build() }
}

#[tokio::test]
async fn types_indexes_and_constraints_have_them() {
    let (_database, engine) = database().await;
    witness(0, "one").insert(&engine).await.unwrap();
    let mut session = engine.session();
    let all = session.add_all(PAYLOADS.iter().enumerate().skip(1).map(|(at, payload)| witness(at, payload)));
    session.commit().await.unwrap();
    let mut other = engine.session();
    for (payload, handle) in PAYLOADS.iter().skip(1).zip(&all).step_by(5) {
        let same = Witness::SPOT.eq(spot(payload))
            & Witness::SPOTS.eq(vec![spot(payload), spot(payload)])
            & Witness::TAG.in_any([session[*handle].tag.clone()])
            & Witness::TEXT.eq(*payload);
        let found = other.query::<Witness>().filter(same).all().await.unwrap();
        assert!(found.iter().any(|found| other[*found].id == session[*handle].id), "{payload:?}");
        assert_eq!(other[found[0]].spots, session[*handle].spots);
    }
    let tables = "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'i' ORDER BY 1";
    let indexes = sql::text(tables).scalars::<String>(&engine).await.unwrap();
    for name in [
        "ix_witness_ix\" ON witness; DROP TABLE witness; --",
        "ix_witness_'",
        "ex_witness_ex\"); DROP TABLE witness; --",
    ] {
        assert!(indexes.iter().any(|index| index == name), "{name}: {indexes:?}");
    }
    // The constraints tell what they are called.
    let error = witness(1, "); DROP TABLE witness; --").insert(&engine).await.unwrap_err();
    assert_eq!(error.constraint(), Some("ck_witness_ck\" CHECK (false); --"), "{error}");
    let error = witness(0, "one").insert(&engine).await.unwrap_err();
    assert_eq!(error.constraint(), Some("uq_witness_uq\"); DROP TABLE witness; --"), "{error}");
    let error =
        Witness { tag: Tag(String::new()), ..witness(7_000, "two") }.insert(&engine).await.unwrap_err();
    assert!(error.is_check_violation(), "{error}");
    Base::drop_all(&engine).await.unwrap();
    let left = sql::text("SELECT count(*) FROM pg_type WHERE typname ~ 'DROP TABLE' OR typname = 'witness'");
    assert_eq!(left.scalar::<i64>(&engine).await.unwrap(), Some(0));
}

#[tokio::test]
async fn views_have_them() {
    let (_database, engine) = database().await;
    witness(0, "one").insert(&engine).await.unwrap();
    let before = fingerprint(&engine).await;
    assert_eq!(engine.fetch_one(select::<Shown>()).await.unwrap().text, "one");
    assert_eq!(engine.count(select::<Kept>()).await.unwrap(), 0);
    refresh_materialized::<Kept>(&engine).await.unwrap();
    let kept = select::<Kept>().filter(Kept::TAG.eq(Tag("one\"".to_owned())) & Kept::ID.eq(1));
    assert_eq!(engine.fetch_one(kept).await.unwrap().text, "one");
    assert_eq!(fingerprint(&engine).await, before);
    let comment = "SELECT obj_description('\"of views\"\"; --\".\"v\"\" AS SELECT 1; DROP TABLE witness; --\"'::regclass)";
    let comment = sql::text(comment).scalar::<String>(&engine).await.unwrap();
    assert_eq!(comment.as_deref(), Some("'; DROP TABLE witness; --"));
}

mod functions {
    orm_core::sql_function! {
        pub(super) fn hostile(text: String) -> String as "of functions\"; --"."f\"('x'); DROP TABLE witness; --";
        pub(super) fn r#type(text: String) -> String;
        pub(super) fn r#match(text: String) -> String as r#fn;
        pub(super) fn raw(text: String) -> String as "r#type";
    }
    orm_core::sql_aggregate! {
        pub(super) fn largest(text: String) -> Option<String> as "$1 {} \"max\" '--";
    }
}

/// What functions are called, and what they put before a text.
const FUNCTIONS: [(&str, &str); 4] = [
    (r#""of functions""; --"."f""('x'); DROP TABLE witness; --""#, "hostile"),
    (r#""type""#, "type"),
    (r#""fn""#, "fn"),
    (r##""r#type""##, "raw"),
];

#[tokio::test]
async fn functions_and_aggregates_have_them() {
    let (_database, engine) = database().await;
    witness(0, "one").insert(&engine).await.unwrap();
    engine.execute_script(r#"CREATE SCHEMA "of functions""; --""#).await.unwrap();
    for (name, tells) in FUNCTIONS {
        let create = format!(
            "CREATE FUNCTION {name}(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ''{tells} '' || $1'"
        );
        engine.execute_script(sql::TrustedSql::new(create)).await.unwrap();
    }
    let aggregate = r#"CREATE AGGREGATE "$1 {} ""max"" '--"(text) (SFUNC = text_larger, STYPE = text)"#;
    engine.execute_script(aggregate).await.unwrap();
    let before = fingerprint(&engine).await;
    for payload in PAYLOADS {
        let answers = columns((
            Witness::ID,
            functions::hostile(Witness::TEXT),
            functions::r#type(*payload),
            functions::r#match(value(*payload)),
            functions::raw(functions::hostile(*payload)),
        ));
        let (_, a, b, c, d) = engine.fetch_one(answers).await.unwrap();
        let expected = [
            "hostile one",
            &format!("type {payload}"),
            &format!("fn {payload}"),
            &format!("raw hostile {payload}"),
        ];
        assert_eq!([&*a, &*b, &*c, &*d], expected);
        let largest = select::<Witness>().aggregate(functions::largest(functions::hostile(*payload)));
        assert_eq!(engine.fetch_one(largest).await.unwrap(), Some(format!("hostile {payload}")));
    }
    assert_eq!(fingerprint(&engine).await, before);
}

// Names that statements give to rows of their own, and words of the language.
orm_core::alias!(
    #[expect(non_camel_case_types, reason = "so that the name is one of a statement's own")]
    t1 = Witness
);
orm_core::alias!(
    #[expect(non_camel_case_types, reason = "as above")]
    r#where = Witness
);
orm_core::alias!(Ünïcode = Witness);
orm_core::alias!(
    #[expect(non_camel_case_types, reason = "as above")]
    excluded = T1
);

/// Rows that are called as a statement may call others.
#[derive(Row, Clone, Debug, PartialEq)]
struct T1 {
    #[row(column = "$1")]
    number: i32,
    #[row(column = "a\" AS b, (SELECT 1) AS \"c")]
    text: String,
}

fn numbers() -> Select<Witness, T1> {
    columns(T1Columns { number: Witness::QUOTE, text: Witness::TEXT })
}

#[tokio::test]
async fn other_names_of_rows_are_names() {
    let (_database, engine) = database().await;
    let mut session = engine.session();
    session.add_all((0..3).map(|at| witness(at, &format!("{at}'\"; --"))));
    session.commit().await.unwrap();
    let before = fingerprint(&engine).await;
    // Each has one above it but the last.
    let above = columns(Witness::ID.from(r#where))
        .correlate::<Witness>()
        .join_on::<Ünïcode>(Witness::ID.from(Ünïcode).eq(Witness::ID.from(r#where)))
        .filter(Witness::QUOTE.from(r#where).gt(Witness::QUOTE));
    let rows = select::<Witness>()
        .filter(exists(above))
        .join_on::<t1>(Witness::ID.from(t1).eq(Witness::ID))
        .columns((Witness::QUOTE, Witness::TEXT.from(t1)))
        .order_by(Witness::ID.from(t1));
    let expected = [(0, "0'\"; --".to_owned()), (1, "1'\"; --".to_owned())];
    assert_eq!(engine.fetch_all(rows).await.unwrap(), expected);
    // Rows of a query, common rows, rows of the program, and those that are made of each other.
    let given =
        PAYLOADS.iter().map(|payload| T1 { number: 1, text: (*payload).to_owned() }).collect::<Vec<_>>();
    let same = || T1::NUMBER.eq(T1::NUMBER.from(excluded));
    for rows in [
        select_from(numbers())
            .join_rows(named(given.clone(), excluded), same())
            .order_by(T1::TEXT.from(excluded)),
        select_from(numbers().cte())
            .join_rows(named(given.clone(), excluded), same())
            .order_by(T1::TEXT.from(excluded)),
    ] {
        let rows = engine.fetch_all(rows.columns((T1::TEXT, T1::TEXT.from(excluded)))).await.unwrap();
        assert_eq!(rows.len(), PAYLOADS.len());
        assert!(rows.iter().all(|(text, _)| text == "1'\"; --"));
        assert!(PAYLOADS.iter().all(|payload| rows.iter().any(|(_, given)| given == payload)));
    }
    let counted = recursive(numbers().filter(Witness::QUOTE.eq(0)), |below| {
        let next = T1Columns { number: value(T1::NUMBER) + 1, text: T1::TEXT };
        select_from(below).filter(T1::NUMBER.lt(4)).columns(next)
    });
    let rows = select_from(counted).order_by(T1::NUMBER.desc()).limit(1);
    assert_eq!(engine.fetch_one(rows).await.unwrap(), T1 { number: 4, text: "0'\"; --".to_owned() });
    assert_eq!(fingerprint(&engine).await, before);
}
