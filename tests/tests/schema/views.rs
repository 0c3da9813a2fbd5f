//! Models of views and materialised views: defined by queries and by text, read like tables, never written.

use orm_core::prelude::*;
use orm_core::query::{Defines, Select, count, sum};
use orm_core::schema::ViewKind;
use orm_core::sql::text;
use orm_core::{ErrorKind, refresh_materialized};

/// Sales, and four views on them, of which some read others.
mod shop {
    use super::*;

    orm_core::declarative_base!(pub(crate) Base);

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct Buyer {
        #[model(primary_key)]
        pub(crate) id: Auto<i64>,
        pub(crate) name: String,
        #[has_many(cascade = "all")]
        pub(crate) sales: HasMany<Sale>,
        #[view(on("id" = "buyer_id"))]
        pub(crate) totals: View<Total>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base, criteria = not_void)]
    pub(crate) struct Sale {
        #[model(primary_key)]
        pub(crate) id: Auto<i64>,
        pub(crate) cents: i64,
        #[model(default = false)]
        pub(crate) void: bool,
        #[belongs_to(on_delete = "cascade", on_update = "cascade")]
        pub(crate) buyer: BelongsTo<Buyer>,
    }

    fn not_void() -> Predicate<Sale> {
        Sale::VOID.eq(false)
    }

    /// What each buyer spent.
    #[derive(Model, Clone, Debug)]
    #[model(base = Base, view = totals, comment = "it's what they spent")]
    pub(crate) struct Total {
        #[model(primary_key)]
        #[belongs_to]
        pub(crate) buyer: BelongsTo<Buyer>,
        #[model(comment = r"C:\cents")]
        pub(crate) cents: i64,
        pub(crate) sales: i64,
    }

    fn totals() -> impl Defines<(i64, i64, i64)> {
        select::<Sale>().group_by(Sale::BUYER_ID).columns(|buyer| (buyer, sum(Sale::CENTS), count()))
    }

    /// A view on a view, called so that it comes before that in every order of names.
    #[derive(Model, Clone, Debug)]
    #[model(base = Base, table = "a_good_buyer", view = good_buyers)]
    pub(crate) struct GoodBuyer {
        #[model(primary_key)]
        pub(crate) buyer_id: i64,
        pub(crate) cents: i64,
        #[view(on("buyer_id" = "buyer_id"), order_by = "id desc")]
        pub(crate) sales: View<Sale>,
    }

    fn good_buyers() -> impl Defines<(i64, i64)> {
        columns((Total::BUYER_ID, Total::CENTS)).filter(Total::CENTS.ge(1000))
    }

    /// The same, kept; the text gives the columns in another order, and ends in a comment.
    #[derive(Model, Clone, Debug)]
    #[model(base = Base, table = "a_kept_buyer", materialized, index("cents"))]
    #[model(view = "SELECT buyer_id, cents, buyer_id AS id FROM a_good_buyer -- and so on")]
    pub(crate) struct KeptBuyer {
        #[model(primary_key)]
        pub(crate) id: i64,
        pub(crate) cents: i64,
        #[belongs_to]
        pub(crate) buyer: Option<BelongsTo<Buyer>>,
    }

    /// A view that somebody else makes.
    #[derive(Model, Clone, Debug)]
    #[model(base = Base, table = "foreign_view", view)]
    pub(crate) struct Foreign {
        #[model(primary_key)]
        pub(crate) id: i32,
    }
}

use shop::{Base, Buyer, Foreign, GoodBuyer, KeptBuyer, Sale, Total};

async fn filled(engine: &Engine) -> (i64, i64) {
    let mut session = engine.session();
    let sales = |all: &[i64]| all.iter().map(|cents| Sale::builder().cents(*cents)).collect::<Vec<_>>();
    let ann = session.add(Buyer::builder().name("Ann").sales(sales(&[700, 800])));
    let bea = session.add(Buyer::builder().name("Bea").sales(sales(&[90])));
    let void = Sale::builder().cents(5).void(true).buyer(bea);
    session.add(void);
    session.commit().await.unwrap();
    (session[ann].id.unwrap(), session[bea].id.unwrap())
}

#[test]
fn views_stand_in_the_metadata_each_after_those_that_it_reads() {
    let metadata = Base::metadata().unwrap();
    let views: Vec<(&str, ViewKind)> =
        metadata.views().iter().map(|view| (view.name.as_str(), view.kind)).collect();
    let expected = [
        ("total", ViewKind::Plain),
        ("a_good_buyer", ViewKind::Plain),
        ("a_kept_buyer", ViewKind::Materialized),
        ("foreign_view", ViewKind::Plain),
    ];
    assert_eq!(views, expected);
    assert!(metadata.tables().iter().all(|table| ["buyer", "sale"].contains(&table.name.as_str())));
    let definition = |name: &str| metadata.view(name).unwrap().definition.as_deref();
    assert_eq!(
        definition("total"),
        Some(
            r#"SELECT "buyer_id", COALESCE(CAST(sum("cents") AS bigint), '0'::bigint), count(*) FROM "sale" WHERE "void" = 'f'::boolean GROUP BY "buyer_id""#
        )
    );
    assert_eq!(
        definition("a_good_buyer"),
        Some(r#"SELECT "buyer_id", "cents" FROM "total" WHERE "cents" >= '1000'::bigint"#)
    );
    assert!(
        definition("a_kept_buyer")
            .unwrap()
            .starts_with("SELECT \"id\", \"cents\", \"buyer_id\" FROM (\nSELECT buyer_id")
    );
    assert_eq!(definition("foreign_view"), None);
}

#[orm_testkit::test(base = Base)]
async fn a_view_is_queried_joined_and_loaded_like_a_table(engine: Engine) {
    let (ann, bea) = filled(&engine).await;
    let mut session = engine.session();
    let totals =
        session.query::<Total>().order_by(Total::CENTS.desc()).with(Total::BUYER).all().await.unwrap();
    assert_eq!(totals.len(), 2);
    assert_eq!((session[totals[0]].cents, session[totals[0]].sales), (1500, 2));
    assert_eq!((session[totals[1]].cents, session[totals[1]].sales), (90, 1), "criteria are part of it");
    assert_eq!(session.at(totals[0]).related(Total::BUYER).unwrap().name, "Ann");
    assert_eq!(session.get::<Total>(ann).await.unwrap(), Some(totals[0]), "the identity map knows them");

    let buyer = session.get_one::<Buyer>(bea).await.unwrap();
    session.load(buyer, Buyer::TOTALS).await.unwrap();
    let total = session.at(buyer).related(Buyer::TOTALS).unwrap().next().unwrap();
    assert_eq!(total.cents, 90);

    let good = session.query::<GoodBuyer>().with(GoodBuyer::SALES).one().await.unwrap();
    let sales: Vec<i64> =
        session.at(good).related(GoodBuyer::SALES).unwrap().map(|sale| sale.cents).collect();
    assert_eq!(sales, [800, 700]);

    let names = select::<Total>().join(Total::BUYER).columns((Buyer::NAME, Total::CENTS));
    let names = engine.fetch_all(names.filter(Total::SALES.gt(1))).await.unwrap();
    assert_eq!(names, [("Ann".to_owned(), 1500)]);
    let spent = select::<Buyer>().filter(Buyer::TOTALS.any(Total::CENTS.lt(100))).columns(Buyer::NAME);
    assert_eq!(engine.fetch_all(spent).await.unwrap(), ["Bea"]);
    assert_eq!(Total::find(&engine, ann).await.unwrap().unwrap().sales, 2);
}

#[orm_testkit::test(base = Base)]
async fn a_flush_writes_no_rows_of_views(engine: Engine) {
    let (ann, _) = filled(&engine).await;
    let mut session = engine.session();
    let total =
        session.query::<Total>().filter(Total::BUYER_ID.eq(ann)).with(Total::BUYER).one().await.unwrap();
    refresh_materialized::<KeptBuyer>(&engine).await.unwrap();
    let kept = session.query::<KeptBuyer>().with(KeptBuyer::BUYER).one().await.unwrap();
    let buyer = session.get_one::<Buyer>(ann).await.unwrap();
    session[buyer].id = Auto::Set(77);
    session.commit().await.unwrap();
    session.delete(buyer).unwrap();
    let plan = session.flush_plan().unwrap().to_string();
    assert!(!plan.contains("total") && !plan.contains("kept"), "{plan}");
    session.commit().await.unwrap();
    let read = (session[total].cents, session[kept].cents);
    assert_eq!(read, (1500, 1500), "what was read stays until it is read again");
    assert_eq!(session.query::<Total>().count().await.unwrap(), 1);
}

#[orm_testkit::test(base = Base)]
async fn criteria_of_a_session_hold_for_views(engine: Engine) {
    let (ann, bea) = filled(&engine).await;
    let mut session = engine.session();
    session.restrict::<Total>(Total::SALES.gt(1));
    assert_eq!(session.query::<Total>().count().await.unwrap(), 1);
    assert!(session.get::<Total>(bea).await.unwrap().is_none());
    assert!(session.get::<Total>(ann).await.unwrap().is_some());
}

#[orm_testkit::test(base = Base)]
async fn a_materialised_view_is_refreshed_while_others_read_it(engine: Engine) {
    filled(&engine).await;
    assert_eq!(engine.count(select::<KeptBuyer>()).await.unwrap(), 0);
    // Somebody reads it and stays in his transaction: only a concurrent refresh does not wait for him.
    let mut reader = engine.session();
    reader.begin().await.unwrap();
    assert_eq!(reader.query::<KeptBuyer>().count().await.unwrap(), 0);
    refresh_materialized::<KeptBuyer>(&engine).await.unwrap();
    assert_eq!(engine.fetch_one(select::<KeptBuyer>()).await.unwrap().cents, 1500);
    reader.rollback().await.unwrap();
    // Without the index of its key the server cannot compare, and locks.
    engine.execute_script("DROP INDEX uq_a_kept_buyer_id").await.unwrap();
    refresh_materialized::<KeptBuyer>(&engine).await.unwrap();
    engine.execute_script("REFRESH MATERIALIZED VIEW a_kept_buyer WITH NO DATA").await.unwrap();
    refresh_materialized::<KeptBuyer>(&engine).await.unwrap();
    assert_eq!(engine.count(select::<KeptBuyer>()).await.unwrap(), 1);
    engine.execute_script("DROP MATERIALIZED VIEW a_kept_buyer").await.unwrap();
    let error = refresh_materialized::<KeptBuyer>(&engine).await.unwrap_err();
    assert_eq!(error.code().unwrap().code(), "42P01");
}

#[orm_testkit::test]
async fn views_are_created_once_and_dropped_before_their_tables(engine: Engine) {
    let relations = "SELECT relname::text || ' ' || relkind::text FROM pg_class \
         WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm') ORDER BY 1";
    Base::create_all(&engine).await.unwrap();
    Base::create_all(&engine).await.unwrap();
    let all = text(relations).scalars::<String>(&engine).await.unwrap();
    assert_eq!(all, ["a_good_buyer v", "a_kept_buyer m", "buyer r", "sale r", "total v"]);
    engine.execute_script("DROP MATERIALIZED VIEW a_kept_buyer; DROP VIEW a_good_buyer").await.unwrap();
    Base::create_all(&engine).await.unwrap();
    assert_eq!(text(relations).scalars::<String>(&engine).await.unwrap(), all);
    engine.execute_script("CREATE VIEW foreign_view AS SELECT 7 AS id").await.unwrap();
    assert_eq!(engine.fetch_one(select::<Foreign>()).await.unwrap().id, 7);
    Base::drop_all(&engine).await.unwrap();
    assert_eq!(
        text(relations).scalars::<String>(&engine).await.unwrap(),
        ["foreign_view v"],
        "it is not ours"
    );
    Base::drop_all(&engine).await.unwrap();
}

#[orm_testkit::test(base = Base)]
async fn the_server_has_what_the_models_say(engine: Engine) {
    let scalar = async |sql: &'static str| text(sql).scalar::<String>(&engine).await.unwrap().unwrap();
    let definition = scalar("SELECT pg_get_viewdef('total'::regclass)").await;
    assert!(definition.contains("sum(sale.cents)") || definition.contains("sum(cents)"), "{definition}");
    assert_eq!(scalar("SELECT obj_description('total'::regclass)").await, "it's what they spent");
    assert_eq!(scalar("SELECT col_description('total'::regclass, 2)").await, r"C:\cents");
    let indexes = "SELECT string_agg(indexdef, '; ' ORDER BY indexname) FROM pg_indexes WHERE tablename = 'a_kept_buyer'";
    assert_eq!(
        scalar(indexes).await,
        "CREATE INDEX ix_a_kept_buyer_cents ON public.a_kept_buyer USING btree (cents); \
         CREATE UNIQUE INDEX uq_a_kept_buyer_id ON public.a_kept_buyer USING btree (id)"
    );
}

/// Values that a definition holds, each as hostile as it can be.
mod hostile {
    use super::*;

    orm_core::declarative_base!(pub(crate) Base);

    #[derive(DbEnum, Clone, Copy, Debug, PartialEq)]
    pub(crate) enum Mood {
        #[db_enum(rename = r"o'\k")]
        Ok,
        Bad,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct Thing {
        #[model(primary_key)]
        pub(crate) id: Auto<i64>,
        pub(crate) text: String,
        pub(crate) bytes: Vec<u8>,
        pub(crate) real: f64,
        pub(crate) at: DateTime<Utc>,
        pub(crate) day: NaiveDate,
        pub(crate) json: Json,
        pub(crate) mood: Mood,
    }

    pub(crate) const TEXTS: [&str; 12] = [
        "'; DROP TABLE thing; --",
        r"\'; DROP TABLE thing; --",
        r"\\",
        "\\",
        "''",
        "$1",
        "$$; DROP TABLE thing; $$",
        "/* ' */",
        "{}",
        "line\nbreak\ttab\u{8}",
        "größe \u{1F600} \u{202e}",
        "",
    ];

    pub(crate) fn at() -> DateTime<Utc> {
        "2026-11-30T07:00:00.123456Z".parse().unwrap()
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base, view = found)]
    pub(crate) struct Found {
        #[model(primary_key)]
        pub(crate) id: i64,
        pub(crate) text: String,
    }

    fn found() -> Select<Thing, (i64, String)> {
        columns((Thing::ID, Thing::TEXT)).filter(
            Thing::TEXT.in_any(TEXTS)
                & Thing::BYTES.eq(vec![0, 39, 92, 255])
                & Thing::REAL.eq(-0.1)
                & Thing::AT.eq(at())
                & Thing::DAY.eq(NaiveDate::from_ymd_opt(-4, 2, 28).unwrap())
                & Thing::JSON.eq(serde_json::json!({"it's": [r"\", null]}))
                & Thing::MOOD.eq(Mood::Ok),
        )
    }

    /// One view a text, in which nothing but the text stands.
    #[derive(Model, Clone, Debug)]
    #[model(base = Base, view = first)]
    pub(crate) struct First {
        #[model(primary_key)]
        pub(crate) id: i64,
    }

    fn first() -> Select<Thing, (i64,)> {
        columns((Thing::ID,)).filter(Thing::TEXT.eq(TEXTS[1])).limit(3)
    }
}

#[orm_testkit::test(base = hostile::Base)]
async fn values_in_a_definition_mean_what_they_are(engine: Engine) {
    use hostile::{Found, Mood, TEXTS, Thing, at};
    let thing = |text: &str, mood| {
        Thing::builder()
            .text(text)
            .bytes(vec![0, 39, 92, 255])
            .real(-0.1)
            .at(at())
            .day(NaiveDate::from_ymd_opt(-4, 2, 28).unwrap())
            .json(serde_json::json!({"it's": [r"\", null]}))
            .mood(mood)
    };
    let mut session = engine.session();
    session.add_all(TEXTS.map(|text| thing(text, Mood::Ok)));
    session.add(thing("another", Mood::Ok));
    session.add(thing("$1", Mood::Bad));
    session.commit().await.unwrap();
    let found = engine.fetch_all(columns(Found::TEXT).order_by(Found::ID)).await.unwrap();
    assert_eq!(found, TEXTS);
    assert_eq!(engine.count(select::<hostile::First>()).await.unwrap(), 1);
    assert_eq!(engine.count(select::<Thing>()).await.unwrap(), 14, "the table is still there");
    // And what the server keeps gives the same again.
    let again =
        text("SELECT string_agg(text, ',' ORDER BY id) FROM found").scalar::<String>(&engine).await.unwrap();
    assert_eq!(again.unwrap(), TEXTS.join(","));
}

mod wrong {
    use super::*;

    pub(crate) mod circle {
        use super::*;
        orm_core::declarative_base!(pub(crate) Base);

        #[derive(Model, Clone, Debug)]
        #[model(base = Base, view = "SELECT id FROM two")]
        pub(crate) struct One {
            #[model(primary_key)]
            pub(crate) id: i64,
        }

        #[derive(Model, Clone, Debug)]
        #[model(base = Base, view = twos)]
        pub(crate) struct Two {
            #[model(primary_key)]
            pub(crate) id: i64,
        }

        fn twos() -> Select<One, (i64,)> {
            columns((One::ID,))
        }
    }

    pub(crate) mod value {
        use super::*;
        orm_core::declarative_base!(pub(crate) Base);

        #[derive(Model, Clone, Debug)]
        #[model(base = Base)]
        pub(crate) struct Thing {
            #[model(primary_key)]
            pub(crate) name: String,
        }

        #[derive(Model, Clone, Debug)]
        #[model(base = Base, view = named)]
        pub(crate) struct Named {
            #[model(primary_key)]
            pub(crate) name: String,
        }

        fn named() -> Select<Thing, (String,)> {
            columns((Thing::NAME,)).filter(Thing::NAME.eq("a\0b"))
        }
    }

    pub(crate) mod through {
        use super::*;
        orm_core::declarative_base!(pub(crate) Base);

        #[derive(Model, Clone, Debug)]
        #[model(base = Base)]
        pub(crate) struct Cart {
            #[model(primary_key)]
            pub(crate) id: Auto<i64>,
            #[many_to_many(secondary = "content")]
            pub(crate) products: ManyToMany<Product>,
        }

        #[derive(Model, Clone, Debug)]
        #[model(base = Base)]
        pub(crate) struct Product {
            #[model(primary_key)]
            pub(crate) id: Auto<i64>,
        }

        #[derive(Model, Clone, Debug)]
        #[model(base = Base, view = "SELECT 1::bigint AS cart_id, 1::bigint AS product_id")]
        pub(crate) struct Content {
            #[model(primary_key)]
            #[belongs_to]
            pub(crate) cart: BelongsTo<Cart>,
            #[model(primary_key)]
            #[belongs_to]
            pub(crate) product: BelongsTo<Product>,
        }
    }

    pub(crate) mod reference {
        use super::*;
        orm_core::declarative_base!(pub(crate) Base);

        #[derive(Model, Clone, Debug)]
        #[model(base = Base)]
        pub(crate) struct Cart {
            #[model(primary_key)]
            pub(crate) id: Auto<i64>,
            #[model(references = "shown.id")]
            pub(crate) shown: i64,
        }

        #[derive(Model, Clone, Debug)]
        #[model(base = Base, view = "SELECT 1::bigint AS id")]
        pub(crate) struct Shown {
            #[model(primary_key)]
            pub(crate) id: i64,
        }
    }
}

#[test]
fn contradictions_name_the_views() {
    fn check<B: DeclarativeBase>(parts: &[&str]) {
        let error = B::metadata().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Mapping);
        for part in parts {
            assert!(error.to_string().contains(part), "{error}");
        }
    }
    check::<wrong::circle::Base>(&["\"one\"", "\"two\"", "defined by each other"]);
    check::<wrong::value::Base>(&["the definition of the view `Named`", "NUL"]);
    check::<wrong::through::Base>(&["`Cart::products`", "`Content` is a view"]);
    check::<wrong::reference::Base>(&["`Cart::shown`", "`Shown` is a view"]);
}
