//! Hostile texts as values, in every place where a value can stand.

use super::fingerprint::fingerprint;
use super::payloads::{IMPOSSIBLE, PAYLOADS};
use orm_core::bulk::Values;
use orm_core::prelude::*;
use orm_core::query::{coalesce, value, when};
use orm_core::{ErrorKind, sql};
use orm_tests::models::odd::{Base, Witness};
use std::collections::BTreeSet;

/// Every payload once.
fn payloads() -> Vec<&'static str> {
    let mut seen = BTreeSet::new();
    PAYLOADS.iter().copied().filter(|payload| seen.insert(*payload)).collect()
}

fn witness(text: &str) -> Witness {
    Witness::builder().text(text).json(Json::from(text)).bytes(text.as_bytes().to_vec()).build()
}

/// A row of which no payload is the text.
async fn fill(engine: &Engine) {
    let mut session = engine.session();
    session.add(witness("something that is not told to anybody"));
    session.commit().await.unwrap();
}

/// All texts of the table, but the first.
async fn texts(engine: &Engine) -> Vec<String> {
    columns(Witness::TEXT).filter(Witness::ID.gt(1)).order_by(Witness::ID).fetch_all(engine).await.unwrap()
}

/// What a query answers: whether there is a row, or that the text was no pattern.
fn truth(answer: orm_core::Result<i64>, place: &str, payload: &str) -> bool {
    match answer {
        Ok(count) => count > 0,
        // `like`, `matches` and the like tell a text that is no pattern.
        Err(error) => {
            let code = error.code().map(|code| code.code().to_owned()).unwrap_or_default();
            assert!(matches!(&*code, "2201B" | "22025"), "{place} of {payload:?}: {error}");
            false
        }
    }
}

#[orm_testkit::test(base = Base)]
async fn conditions_compare_with_them_and_change_nothing(engine: Engine) {
    fill(&engine).await;
    let before = fingerprint(&engine).await;
    for payload in payloads() {
        let conditions: [(&str, Predicate<Witness>); 16] = [
            ("eq", Witness::TEXT.eq(payload)),
            ("in_any", Witness::TEXT.in_any([payload, payload])),
            ("one of two", Witness::TEXT.eq(payload) | Witness::TEXT.eq(payload)),
            ("not different", Witness::TEXT.is_not_distinct_from(payload)),
            ("between", Witness::TEXT.between(payload, payload)),
            ("json", Witness::JSON.eq(Json::from(payload))),
            ("json by name", Witness::JSON.eq(serde_json::json!({ payload: payload }))),
            ("bytes", Witness::BYTES.eq(payload.as_bytes().to_vec())),
            ("coalesce", coalesce(Witness::TEXT, payload).eq(payload)),
            ("case", when(Witness::TEXT.eq(payload), payload).otherwise("no").eq(payload)),
            ("value", value(payload).eq(Witness::TEXT)),
            ("not ne", !Witness::TEXT.ne(payload)),
            ("in a query", Witness::TEXT.in_query(columns(Witness::TEXT).filter(Witness::TEXT.eq(payload)))),
            ("imatches", Witness::TEXT.imatches(payload) & Witness::ID.eq(-1)),
            ("matches", Witness::TEXT.matches(payload) & Witness::TEXT.eq(payload)),
            ("like", Witness::TEXT.like(payload) & Witness::TEXT.eq(payload)),
        ];
        for (place, condition) in conditions {
            let answer = select::<Witness>().filter(condition.clone()).count(&engine).await;
            assert!(!truth(answer, place, payload), "{place} of {payload:?}");
            let answer = engine.session().query::<Witness>().filter(condition).count().await;
            assert!(!truth(answer, place, payload), "{place} of {payload:?} in a session");
        }
    }
    assert_eq!(fingerprint(&engine).await, before);
}

#[orm_testkit::test(base = Base)]
async fn selected_values_come_back_as_they_are(engine: Engine) {
    fill(&engine).await;
    let before = fingerprint(&engine).await;
    for payload in payloads() {
        let echoed = columns((Witness::ID, value(payload), when(Witness::ID.eq(1), payload).otherwise("no")));
        let rows = echoed.fetch_all(&engine).await.unwrap();
        assert_eq!(rows, [(1, payload.to_owned(), payload.to_owned())]);
        let owned = payload.to_owned();
        let same = owned.clone();
        let text = sql!("SELECT {same}, {}, array_to_string({..}, '')", payload, [payload, payload]);
        let rows: Vec<(String, String, String)> = text.fetch(&engine).await.unwrap();
        assert_eq!(rows, [(owned.clone(), owned.clone(), owned.repeat(2))]);
        let mut session = engine.session();
        let bound = sql::text("SELECT $1::text WHERE $2 = $1").bind(payload).bind(payload);
        assert_eq!(session.scalar::<String>(bound).await.unwrap(), Some(owned));
    }
    assert_eq!(fingerprint(&engine).await, before);
}

#[orm_testkit::test(base = Base)]
async fn rows_have_them_alone_and_in_batches(engine: Engine) {
    fill(&engine).await;
    // One flush of all, a statement of arrays.
    let mut session = engine.session();
    for payload in payloads() {
        session.add(witness(payload));
    }
    session.commit().await.unwrap();
    assert_eq!(texts(&engine).await, payloads());
    let catalogue = fingerprint(&engine).await;
    let mut other = engine.session();
    for (handle, payload) in other
        .query::<Witness>()
        .filter(Witness::ID.gt(1))
        .order_by(Witness::ID)
        .all()
        .await
        .unwrap()
        .into_iter()
        .zip(payloads())
    {
        assert_eq!(other[handle].json, Json::from(payload));
        assert_eq!(other[handle].bytes.as_deref(), Some(payload.as_bytes()));
    }
    // One statement each: deleted, inserted, changed, and all is as before.
    for payload in payloads() {
        let mut session = engine.session();
        let found = session.query::<Witness>().filter(Witness::TEXT.eq(payload)).one().await.unwrap();
        session[found].text.push('!');
        session.commit().await.unwrap();
        let changed = session.query::<Witness>().filter(Witness::TEXT.eq(format!("{payload}!")));
        assert_eq!(changed.set(Witness::TEXT, payload).update().await.unwrap(), 1, "{payload:?}");
        session.commit().await.unwrap();
        let taken = witness(payload).insert(&engine).await.unwrap_err();
        assert_eq!(taken.kind(), ErrorKind::Database, "{payload:?}: {taken}");
        assert!(taken.is_unique_violation(), "{payload:?}: {taken}");
    }
    assert_eq!(fingerprint(&engine).await, catalogue);
}

#[orm_testkit::test(base = Base)]
async fn bulk_calls_have_them(engine: Engine) {
    fill(&engine).await;
    let before = fingerprint(&engine).await;
    let row = |payload: &&str| {
        Values::<Witness>::new().set(Witness::TEXT, *payload).set(Witness::JSON, Json::from(*payload))
    };
    let mut session = engine.session();
    session.bulk_insert_mappings(payloads().iter().map(row)).await.unwrap();
    session.commit().await.unwrap();
    assert_eq!(texts(&engine).await, payloads());
    let all =
        select::<Witness>().filter(Witness::ID.gt(1)).order_by(Witness::ID).fetch_all(&engine).await.unwrap();
    // Everybody gets the text of the neighbour, so that no two rows say where theirs is from.
    let turned = all.iter().map(|witness| format!("{}~'", witness.text));
    let rows = all.iter().zip(turned).map(|(witness, text)| {
        Values::<Witness>::new().set(Witness::ID, witness.key().unwrap()).set(Witness::TEXT, text)
    });
    session.bulk_update_mappings(rows.collect::<Vec<_>>()).await.unwrap();
    session.commit().await.unwrap();
    let quoted: Vec<String> = payloads().iter().map(|payload| format!("{payload}~'")).collect();
    assert_eq!(texts(&engine).await, quoted);
    session.query::<Witness>().filter(Witness::TEXT.in_any(quoted)).delete().await.unwrap();
    session.commit().await.unwrap();
    assert_eq!(fingerprint(&engine).await, before);
}

#[orm_testkit::test(base = Base)]
async fn what_no_text_can_be_is_an_error_that_writes_nothing(engine: Engine) {
    fill(&engine).await;
    let before = fingerprint(&engine).await;
    for payload in IMPOSSIBLE {
        let mut session = engine.session();
        session.add(witness("a good one"));
        let bad = session.add(witness(payload));
        let error = session.commit().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.model(), error.column()),
            (ErrorKind::Encode, Some("Witness"), Some("text"))
        );
        assert!(error.to_string().contains("a NUL character, at byte"), "{error}");
        let mut json = Witness::builder().text("a good one").json(Json::from(*payload)).build();
        let error = json.insert(&engine).await.unwrap_err();
        assert_eq!((error.kind(), error.column()), (ErrorKind::Encode, Some("json")), "{error}");
        // Nothing is lost: mended, it is written.
        assert_eq!(session[bad].text, *payload);
        let count = select::<Witness>().filter(Witness::TEXT.eq(*payload)).count(&engine).await;
        assert!(count.is_err());
        let bound = sql!("SELECT {}", *payload).fetch::<(String,)>(&engine).await;
        assert!(bound.is_err());
    }
    assert_eq!(fingerprint(&engine).await, before);
}
