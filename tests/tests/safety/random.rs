//! Random texts, made of what has a meaning somewhere in SQL: as values they come back, as names they are refused.

use super::fingerprint::fingerprint;
use super::payloads::PAYLOADS;
use orm_core::prelude::*;
use orm_core::query::Ordering;
use orm_core::sql;
use orm_tests::models::odd::{Base, Witness};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

const PIECES: &[&str] = &[
    "'",
    "''",
    "\"",
    "\\",
    ";",
    "--",
    "/*",
    "*/",
    "$1",
    "$$",
    "{",
    "}",
    "(",
    ")",
    ",",
    "%",
    "_",
    "?",
    ":",
    "\n",
    "\t",
    " OR ",
    " UNION ",
    "SELECT ",
    "DROP TABLE witness",
    "COMMIT",
    "NULL",
    "E'",
    "U&'",
    "::text",
    "||",
    "1=1",
    "\u{202e}",
    "\u{0}",
    "é",
    "🦀",
    "\u{feff}",
    "pg_sleep(9)",
];

/// A piece, a whole payload, or any text.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => proptest::sample::select(PIECES).prop_map(str::to_owned),
        1 => proptest::sample::select(PAYLOADS).prop_map(str::to_owned),
        2 => any::<String>(),
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

#[orm_testkit::test(base = Base)]
async fn texts_come_back_or_are_refused(engine: Engine) {
    Witness::builder().text("here").json(Json::Null).build().insert(&engine).await.unwrap();
    let before = fingerprint(&engine).await;
    let mut runner = TestRunner::deterministic();
    let texts = proptest::collection::vec(text(), 40);
    let mut refused = 0;
    for _ in 0..10 {
        let texts = texts.new_tree(&mut runner).unwrap().current();
        let possible: Vec<String> = texts.iter().filter(|text| !text.contains('\0')).cloned().collect();
        refused += texts.len() - possible.len();
        // One by one as values of a statement, and all as an array.
        for text in &texts {
            let echoed = sql!("SELECT {}", text.clone()).fetch::<(String,)>(&engine).await;
            match text.contains('\0') {
                true => assert!(echoed.is_err()),
                false => assert_eq!(echoed.unwrap(), [(text.clone(),)]),
            }
            let order = Ordering::<Witness>::by_name(text);
            assert!(
                order.is_err() || Witness::def().columns.iter().any(|column| text.ends_with(column.name)),
                "{text:?}"
            );
        }
        let all = sql!("SELECT unnest({..})", possible.clone());
        assert_eq!(
            all.fetch::<(String,)>(&engine)
                .await
                .unwrap()
                .into_iter()
                .map(|(text,)| text)
                .collect::<Vec<_>>(),
            possible
        );
        // As rows of a flush that is rolled back.
        let mut session = engine.session();
        for (at, text) in possible.iter().enumerate() {
            session.add(Witness::builder().text(format!("{at} {text}")).json(Json::from(text.as_str())));
        }
        session.flush().await.unwrap();
        let found = session
            .query::<Witness>()
            .filter(Witness::TEXT.ne("here"))
            .order_by(Witness::ID)
            .all()
            .await
            .unwrap();
        let read: Vec<&str> =
            found.iter().map(|handle| session[*handle].text.split_once(' ').unwrap().1).collect();
        assert_eq!(read, possible);
        session.rollback().await.unwrap();
    }
    assert!(refused > 5, "only {refused} texts were impossible: the pieces say little");
    assert_eq!(fingerprint(&engine).await, before);
}
