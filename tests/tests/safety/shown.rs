//! What others see of values: the server's own views, events and errors.

use super::payloads::PAYLOADS;
use orm_core::prelude::*;
use orm_core::sql;
use orm_tests::models::odd::{Base, Witness};
use std::sync::{Arc, Mutex};

/// What no text may have; the values have it.
const MARK: &str = "m4rk3d";

#[tokio::test]
async fn the_server_sees_parameters_only() {
    let database = orm_testkit::database_of::<Base>().await.unwrap();
    let texts = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&texts);
    let on_statement =
        move |event: &orm_core::events::StatementEvent<'_>| log.lock().unwrap().push(event.text.to_owned());
    let engine =
        Engine::builder(database.url()).pool_size(1).on_statement(on_statement).connect().await.unwrap();
    let watcher = Engine::connect(database.url()).await.unwrap();
    let mut session = engine.session();
    session.begin().await.unwrap();
    let pid = session.scalar::<i32>(sql::text("SELECT pg_backend_pid()")).await.unwrap().unwrap();
    for payload in PAYLOADS.iter().step_by(7) {
        let marked = format!("{payload}{MARK}");
        let seen = async || {
            let activity = sql::text("SELECT query FROM pg_stat_activity WHERE pid = $1").bind(pid);
            activity.scalar::<String>(&watcher).await.unwrap().unwrap()
        };
        session.query::<Witness>().filter(Witness::TEXT.eq(&*marked)).count().await.unwrap();
        let text = seen().await;
        assert!(text.contains("\"text\" = $1") && !text.contains(MARK), "{text}");
        session.add(Witness::builder().text(&*marked).json(Json::from(&*marked)));
        session.flush().await.unwrap();
        let text = seen().await;
        assert!(text.starts_with("INSERT INTO \"witness\"") && !text.contains(MARK), "{text}");
        session.execute(sql!("SELECT {}, {..}", marked.clone(), [marked.clone()])).await.unwrap();
        let text = seen().await;
        assert!(text.contains("$2") && !text.contains(MARK), "{text}");
    }
    session.rollback().await.unwrap();
    let texts = texts.lock().unwrap();
    assert!(texts.len() > 60 && texts.iter().all(|text| !text.contains(MARK)));
}

#[tokio::test]
async fn a_password_is_in_no_error() {
    let database = orm_testkit::database_of::<Base>().await.unwrap();
    // A password is in no error, whatever is wrong with the rest.
    let with_password = database
        .url()
        .replace("postgresql://", "postgresql://somebody:s3cr3t@")
        .replace("somebody:s3cr3t@postgres@", "somebody:s3cr3t@");
    for url in [
        with_password.clone(),
        with_password.replace("postgresql", "mysql"),
        format!("{with_password}&options=x'"),
    ] {
        let engine = Engine::connect(&url).await;
        let shown = match &engine {
            Ok(engine) => format!("{engine:?}"),
            Err(error) => format!("{error} {error:?}"),
        };
        assert!(!shown.contains("s3cr3t"), "{shown}");
    }
}
