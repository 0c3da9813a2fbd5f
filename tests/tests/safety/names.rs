//! Hostile names: those of models, and those that come at run time.

use super::fingerprint::fingerprint;
use super::payloads::{IMPOSSIBLE, PAYLOADS};
use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::query::Ordering;
use orm_core::sql;
use orm_core::types::DbEnum;
use orm_tests::models::odd::{Base, Label, Mood, Odd, Part, Witness};

pub(super) fn odd(keyword: &str, mood: Option<Mood>) -> Odd {
    let new = Odd::builder().keyword(keyword).quotes("'").turned("eman").long(63);
    Odd { mood, ..new.build() }
}

#[orm_testkit::test(base = Base)]
async fn models_live_with_them(engine: Engine) {
    Witness::builder().text("here").json(Json::Null).build().insert(&engine).await.unwrap();
    let mut session = engine.session();
    let moods = Mood::VARIANTS.iter().copied().map(Some).chain([None]);
    let odds: Vec<_> =
        moods.enumerate().map(|(at, mood)| session.add(odd(&format!("k{at}"), mood))).collect();
    let label = session.add(Label::builder().name("'; --"));
    for odd in &odds {
        session[*odd].labels.push(label);
        session.add(Part::builder().odd(*odd));
    }
    session.commit().await.unwrap();

    let mut other = engine.session();
    let paths = (Odd::PARTS, Odd::LABELS.then(Label::ODDS));
    let query = other
        .query::<Odd>()
        .filter(Odd::PARTS.any(Part::ID.gt(0)) & Odd::LABELS.any(Label::NAME.eq("'; --")));
    let found = query.with(paths).order_by((Odd::ID, Odd::TURNED.desc())).all().await.unwrap();
    let moods: Vec<Option<Mood>> = found.iter().map(|odd| other[*odd].mood).collect();
    assert_eq!(moods, [Some(Mood::Sly), Some(Mood::Slash), Some(Mood::Array), None]);
    for odd in &found {
        assert_eq!(other.at(*odd).related(Odd::PARTS).unwrap().len(), 1);
        other[*odd].long = None;
        other[*odd].mood = Some(Mood::Slash);
        other[*odd].labels = std::iter::empty::<Handle<Label>>().collect();
    }
    other.commit().await.unwrap();
    let joined = select::<Part>().join(Part::ODD).filter(Odd::MOOD.eq(Mood::Slash) & Odd::LONG.is_null());
    let rows =
        joined.columns((Odd::QUOTES, Odd::KEYWORD)).order_by(Odd::KEYWORD).fetch_all(&engine).await.unwrap();
    assert_eq!(rows.len(), 4);
    assert_eq!(
        Label::ODDS.of(&Label::find(&engine, "'; --").await.unwrap().unwrap()).count(&engine).await.unwrap(),
        0
    );
    for odd in found {
        other.delete(odd).unwrap();
    }
    other.commit().await.unwrap();
    assert_eq!(select::<Part>().count(&engine).await.unwrap(), 0);
    assert_eq!(select::<Witness>().count(&engine).await.unwrap(), 1);

    let comment = "SELECT obj_description('\"a.b\"\".c; DROP TABLE \"\"witness\"\"; -- $$''\\''\".\"x\"\"; DROP TABLE \"\"witness\"\"; --\"'::regclass)";
    let comment = sql::text(comment).scalar::<String>(&engine).await.unwrap();
    assert_eq!(comment.as_deref(), Some("it's; \\'; DROP TABLE \"witness\"; --"));
    Base::drop_all(&engine).await.unwrap();
    let left =
        sql::text("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'a.b%'").scalar::<i64>(&engine);
    assert_eq!(left.await.unwrap(), Some(0));
}

#[orm_testkit::test(base = Base)]
async fn an_order_by_name_is_a_column_of_the_model_or_an_error(engine: Engine) {
    Witness::builder().text("here").json(Json::Null).build().insert(&engine).await.unwrap();
    let before = fingerprint(&engine).await;
    for payload in PAYLOADS.iter().chain(IMPOSSIBLE) {
        match Ordering::<Witness>::by_name(payload) {
            Ok(order) => {
                assert!(matches!(payload.trim_start_matches('-'), "text" | "id"), "{payload:?} is an order");
                select::<Witness>().order_by(order).fetch_all(&engine).await.unwrap();
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::UnknownColumn, "{payload:?}: {error}");
                let text = error.to_string();
                assert!(text.contains("Witness") && !text.contains('\0'), "{text:?}");
            }
        }
    }
    assert_eq!(fingerprint(&engine).await, before);
}

#[orm_testkit::test(base = Base)]
async fn a_name_of_a_prepared_transaction_is_a_text(engine: Engine) {
    let before = fingerprint(&engine).await;
    for payload in PAYLOADS.iter().chain(IMPOSSIBLE) {
        let error = engine.commit_prepared(payload).await.unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Encode | ErrorKind::Database),
            "{payload:?}: {error:?}"
        );
        let error = engine.rollback_prepared(payload).await.unwrap_err();
        assert_eq!(error.kind(), engine.commit_prepared(payload).await.unwrap_err().kind(), "{payload:?}");
    }
    assert_eq!(fingerprint(&engine).await, before);
}
