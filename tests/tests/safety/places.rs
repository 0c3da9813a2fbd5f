//! Every public function that is given a text at run time: hostile ones in all of them. The source itself is read, so that a new one
//! cannot be forgotten.

use super::fingerprint::fingerprint;
use super::parts::{self, PARTS};
use super::payloads::PAYLOADS;
use orm_core::prelude::*;
use orm_core::query::{
    Defines, Op, concat, now, phraseto_tsquery, plainto_tsquery, string_agg, ts_headline, value,
    websearch_to_tsquery,
};
use orm_core::sql::TrustedSql;
use orm_core::{ErrorKind, sql};
use orm_tests::models::odd::{Base, Witness};
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What `tried` tries.
const TRIED: [&str; 34] = [
    "by_name",
    "columns_by_name",
    "concat",
    "contains_text",
    "ends_with",
    "formatted",
    "has_all_keys",
    "has_any_key",
    "has_key",
    "ilike",
    "imatches",
    "joined",
    "like",
    "matches",
    "page_after",
    "page_before",
    "path_exists",
    "path_matches",
    "phraseto_tsquery",
    "plainto_tsquery",
    "position_of",
    "prepare",
    "query_path",
    "replaced",
    "search_path",
    "set_local",
    "split_at",
    "starts_with",
    "string_agg",
    "to_tsvector",
    "ts_headline",
    "websearch_to_tsquery",
    "with_at",
    "without",
];

/// The others, and why they are others.
const OTHERS: [(&str, &[&str]); 5] = [
    ("it goes with the beginning of a connection, which is no statement", &["application_name"]),
    ("`names` tries them", &["commit_prepared", "rollback_prepared"]),
    ("they are told where the server is, or who hears of statements", &["connect", "builder", "on_send"]),
    ("it names a type of an extension for the driver; statements have the name of `NamedType`", &["of"]),
    (
        "of ranges and vectors, which have no texts",
        &["is_adjacent_to", "is_after", "is_before", "vector_avg", "vector_sum"],
    ),
];

/// What a parameter that may be a text has in its type; `IntoScalar<$scalar>` is of `in_any`, the operands are of arrays and JSON.
const TEXTS: [&str; 9] = [
    "str",
    "String",
    "impl Display",
    "impl Texts",
    "impl JsonStep",
    "V::Element",
    "V::Part",
    "Operand<S, V,",
    "IntoScalar<$scalar>",
];

fn rust_files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|entry| rust_files(&entry)).collect()
}

/// Whether the parameters of a function have a text that is not a constant of the program.
fn takes_text(parameters: &str) -> bool {
    let parameters = parameters.replace("&'static str", "").replace("impl Fn(&str)", "on_send: &str");
    TEXTS.iter().any(|name| {
        let is_word = |at: usize| {
            let around = [parameters[..at].chars().next_back(), parameters[at + name.len()..].chars().next()];
            around.iter().flatten().all(|c| !c.is_alphanumeric() && *c != '_')
        };
        parameters.match_indices(name).any(|(at, _)| is_word(at))
    })
}

/// The names of all public functions that are given a text.
fn given_texts() -> BTreeSet<String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../orm-core/src");
    let mut found = BTreeSet::new();
    for file in ["session", "query", "engine", "bulk", "types", "record.rs"].map(|name| source.join(name)) {
        for code in rust_files(&file).iter().map(|file| fs::read_to_string(file).unwrap()) {
            let code: String = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            for item in
                ["pub fn ", "pub async fn ", "pub const fn "].iter().flat_map(|head| code.split(head).skip(1))
            {
                let head = item.split(['{', ';']).next().unwrap();
                let head = head.split("->").next().unwrap();
                let Some((name, parameters)) = head.split_once('(') else { continue };
                let name: String = name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if takes_text(parameters) {
                    found.insert(name);
                }
            }
        }
    }
    found
}

#[test]
fn every_function_that_is_given_a_text_is_known() {
    // What only the macros of the crate call, and what reads a row.
    let inner = ["function_call", "of_composite", "of_domain", "of_enum", "read", "read_value"];
    let others = OTHERS.iter().flat_map(|(_, names)| names.iter());
    let known: BTreeSet<String> =
        TRIED.iter().chain(&PARTS).chain(others).map(|name| (*name).to_owned()).collect();
    let found: BTreeSet<String> =
        given_texts().into_iter().filter(|name| !inner.contains(&name.as_str())).collect();
    let new: Vec<&String> = found.difference(&known).collect();
    assert!(new.is_empty(), "does the text reach the server? {new:?}: try it in `tried`, or say why not");
    let gone: Vec<&String> = known.difference(&found).collect();
    assert!(gone.is_empty(), "no such function: {gone:?}");
}

/// What the server may say to a text that is no pattern, path, name of a configuration or of a setting.
const REFUSALS: [&str; 10] =
    ["2201B", "22025", "42601", "42602", "42704", "3F000", "0A000", "22023", "22004", "55000"];

/// What a place makes of a text: nothing, or an error that says what is wrong with it.
pub(super) fn settled<T>(answer: orm_core::Result<T>, place: &str, payload: &str) -> Option<T> {
    match answer {
        Ok(value) => Some(value),
        Err(error) => {
            let code = error.code().map(|code| code.code().to_owned());
            let told = error.to_string();
            match code.as_deref() {
                // The grammar of a path or of a name, and not that of SQL.
                Some("42601" | "22P02") => {
                    assert!(
                        told.contains("jsonpath") || told.contains("name"),
                        "{place} of {payload:?}: {told}"
                    );
                }
                Some(code) => assert!(REFUSALS.contains(&code), "{place} of {payload:?}: {code} {told}"),
                None => assert!(
                    matches!(
                        error.kind(),
                        ErrorKind::UnknownColumn | ErrorKind::Binds | ErrorKind::Config | ErrorKind::Encode
                    ),
                    "{place} of {payload:?}: {error:?}"
                ),
            }
            None
        }
    }
}

/// The value of an expression for the only row.
macro_rules! only {
    ($engine:expr, $place:expr, $payload:expr, $value:expr) => {
        settled(columns((Witness::ID, $value)).fetch_one($engine).await, $place, $payload).map(|row| row.1)
    };
}
pub(super) use only;

/// Whether the only row meets a condition.
pub(super) async fn meets(
    engine: &Engine,
    place: &str,
    payload: &str,
    condition: Predicate<Witness>,
) -> Option<bool> {
    settled(select::<Witness>().filter(condition).exists(engine).await, place, payload)
}

const TEXT: &str = "something";

async fn tried(place: &str, payload: &str, engine: &Engine) {
    let (owned, has) = (payload.to_owned(), TEXT.contains(payload));
    match place {
        "by_name" => {
            for op in [Op::Eq, Op::Ge, Op::Like] {
                settled(Predicate::<Witness>::by_name(payload, op, "x"), place, payload);
                let condition =
                    Predicate::<Witness>::by_name("text", op, payload).unwrap() & Witness::ID.eq(-1);
                assert_ne!(meets(engine, place, payload, condition).await, Some(true));
            }
            assert!(payload.parse::<Op>().is_err());
        }
        "columns_by_name" => {
            if let Some(query) = settled(select::<Witness>().columns_by_name([payload]), place, payload) {
                assert!(matches!(payload, "text" | "id" | "json" | "bytes"), "{payload:?}");
                query.fetch_all(engine).await.unwrap();
            }
        }
        "concat" => {
            let both = concat((payload, payload));
            assert_eq!(only!(engine, place, payload, both), Some(owned.repeat(2)));
        }
        "contains_text" => {
            let found = meets(engine, place, payload, Witness::TEXT.contains_text(payload)).await;
            assert_eq!(found, Some(has), "{payload:?}");
        }
        "formatted" => {
            let text =
                only!(engine, place, payload, now().typed::<_, DateTime<Utc>>().formatted(payload)).unwrap();
            assert!(text.is_empty() || !payload.is_empty(), "{payload:?}: {text}");
        }
        "has_key" | "has_any_key" | "has_all_keys" => {
            let condition = match place {
                "has_key" => Witness::JSON.has_key(payload),
                "has_any_key" => Witness::JSON.has_any_key([payload, payload]),
                _ => Witness::JSON.has_all_keys([payload, payload]),
            };
            assert_eq!(
                meets(engine, place, payload, condition).await,
                Some(payload == "text"),
                "{payload:?}"
            );
        }
        "like" | "ilike" | "matches" | "imatches" | "starts_with" | "ends_with" => {
            let condition = match place {
                "like" => Witness::TEXT.like(payload),
                "ilike" => Witness::TEXT.ilike(payload),
                "matches" => Witness::TEXT.matches(payload),
                "imatches" => Witness::TEXT.imatches(payload),
                "ends_with" => Witness::TEXT.ends_with(payload),
                _ => Witness::TEXT.starts_with(payload),
            };
            let found = meets(engine, place, payload, condition).await;
            if place == "starts_with" || place == "ends_with" {
                assert_eq!(found, Some(payload.is_empty()), "{payload:?}");
            }
        }
        "joined" => {
            let list = value(vec!["a".to_owned(), "b".to_owned()]);
            assert_eq!(only!(engine, place, payload, list.joined(payload)), Some(format!("a{payload}b")));
        }
        "page_after" | "page_before" => {
            let rows = || select::<Witness>().order_by((Witness::TEXT, Witness::ID));
            let query = match place {
                "page_after" => rows().page_after(Some(payload), 3),
                _ => rows().page_before(Some(payload), 3),
            };
            let error = engine.fetch_page(query).await.unwrap_err();
            assert!(error.code().is_none(), "{place} of {payload:?}: {error}");
        }
        "path_exists" | "path_matches" => {
            let condition = match place {
                "path_exists" => Witness::JSON.path_exists(payload),
                _ => Witness::JSON.path_matches(payload),
            };
            meets(engine, place, payload, condition).await;
        }
        "query_path" => {
            only!(engine, place, payload, Witness::JSON.query_path(payload));
        }
        "plainto_tsquery" => {
            only!(engine, place, payload, plainto_tsquery(payload, Witness::TEXT));
            assert!(only!(engine, place, payload, plainto_tsquery("simple", payload)).is_some());
        }
        "phraseto_tsquery" => {
            only!(engine, place, payload, phraseto_tsquery(payload, Witness::TEXT));
            assert!(only!(engine, place, payload, phraseto_tsquery("simple", payload)).is_some());
        }
        "websearch_to_tsquery" => {
            only!(engine, place, payload, websearch_to_tsquery(payload, Witness::TEXT));
            assert!(only!(engine, place, payload, websearch_to_tsquery("simple", payload)).is_some());
        }
        "to_tsvector" => {
            only!(engine, place, payload, Witness::TEXT.to_tsvector(payload));
        }
        "ts_headline" => {
            let question = || plainto_tsquery("simple", TEXT);
            only!(engine, place, payload, ts_headline(payload, Witness::TEXT, question()));
            only!(engine, place, payload, ts_headline("simple", payload, question()));
        }
        "position_of" => {
            let position = only!(engine, place, payload, Witness::TEXT.position_of(payload)).unwrap();
            assert_eq!(position > 0, has, "{payload:?}");
        }
        "replaced" => {
            let turned = only!(engine, place, payload, value(payload).replaced(payload, "x"));
            assert_eq!(turned.as_deref(), Some(if payload.is_empty() { "" } else { "x" }), "{payload:?}");
            let turned = only!(engine, place, payload, value("a").replaced("a", payload));
            assert_eq!(turned, Some(owned));
        }
        "split_at" => {
            let text = format!("a{payload}b");
            let part = only!(engine, place, payload, value(text.clone()).split_at(payload, 2));
            let expected = if payload.is_empty() { "" } else { "b" };
            assert_eq!(part.as_deref(), Some(expected), "{payload:?}");
        }
        "string_agg" => {
            let texts = select::<Witness>().aggregate(string_agg(Witness::TEXT, payload));
            assert_eq!(texts.fetch_one(engine).await.unwrap().as_deref(), Some(TEXT));
        }
        "with_at" => {
            let changed =
                only!(engine, place, payload, Witness::JSON.with_at([payload], Json::from(payload)));
            let mut expected = json!({ "text": TEXT });
            expected[payload] = Json::from(payload);
            assert_eq!(changed, Some(expected));
        }
        "without" => {
            let left = only!(engine, place, payload, value(json!({ payload: 1 })).without(payload));
            assert_eq!(left, Some(json!({})));
        }
        "prepare" => {
            let mut session = engine.session();
            session.begin().await.unwrap();
            session.count(select::<Witness>()).await.unwrap();
            if settled(session.prepare(payload).await, place, payload).is_some() {
                engine.rollback_prepared(payload).await.unwrap();
            }
        }
        "search_path" => {
            let mut session = engine.session();
            if settled(session.search_path([payload, "public"]), place, payload).is_some() {
                let rows = session.all(select::<Witness>()).await;
                assert!(settled(rows, place, payload).is_none_or(|rows| rows.len() == 1), "{payload:?}");
            }
        }
        "set_local" => {
            let setting = sql::text("SELECT current_setting('app.told')");
            let mut session = engine.session();
            session.set_local("app.told", payload).unwrap();
            assert_eq!(session.scalar::<String>(setting).await.unwrap(), Some(owned));
            let mut session = engine.session();
            if settled(session.set_local(payload, "x"), place, payload).is_some() {
                settled(session.count(select::<Witness>()).await, place, payload);
            }
        }
        other => panic!("`{other}` is not tried"),
    }
}

#[orm_testkit::test(base = Base)]
async fn no_text_becomes_sql(engine: Engine) {
    Witness::builder().text(TEXT).json(json!({ "text": TEXT })).build().insert(&engine).await.unwrap();
    let before = fingerprint(&engine).await;
    for place in TRIED {
        for payload in PAYLOADS {
            tried(place, payload, &engine).await;
        }
        assert_eq!(fingerprint(&engine).await, before, "{place}");
    }
    for place in PARTS {
        for payload in PAYLOADS {
            parts::tried(place, payload, &engine).await;
        }
        assert_eq!(fingerprint(&engine).await, before, "{place}");
    }
}

/// A view cannot have bound values: they are literals in its definition.
#[orm_testkit::test(base = Base)]
async fn definitions_of_views_have_them_as_literals(engine: Engine) {
    Witness::builder().text(TEXT).json(json!({})).build().insert(&engine).await.unwrap();
    let before = fingerprint(&engine).await;
    for payload in PAYLOADS {
        let shown = columns((
            Witness::ID,
            value(*payload),
            value(vec![payload.to_string()]),
            value(json!({ *payload: payload })),
        ));
        let shown: String = Defines::<(i64, String, Vec<String>, Json)>::definition(&shown.filter(
            Witness::TEXT.ne(*payload) & Witness::BYTES.is_distinct_from(payload.as_bytes().to_vec()),
        ))
        .unwrap();
        engine
            .execute_script(TrustedSql::new(format!("CREATE VIEW shown (id, a, b, c) AS {shown}")))
            .await
            .unwrap();
        let rows: Vec<(i64, String, Vec<String>, Json)> =
            sql::text("SELECT id, a, b, c FROM shown").fetch(&engine).await.unwrap();
        let owned = (*payload).to_owned();
        assert_eq!(rows, [(1_i64, owned.clone(), vec![owned], json!({ *payload: payload }))]);
        engine.execute_script("DROP VIEW shown").await.unwrap();
    }
    assert_eq!(fingerprint(&engine).await, before);
}
