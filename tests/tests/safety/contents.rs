//! Hostile texts inside of values that have parts of their own, in files, and in what goes with a connection.

use super::fingerprint::fingerprint;
use super::payloads::{IMPOSSIBLE, PAYLOADS};
use orm_core::bulk::{CopyFormat, copy_in_text, copy_out};
use orm_core::prelude::*;
use orm_core::session::SessionMaker;
use orm_core::types::Hstore;
use orm_core::{ErrorKind, sql};
use orm_tests::models::odd::{Base, Witness};
use serde_json::json;

mod maps {
    use orm_core::prelude::*;
    use orm_core::types::Hstore;

    orm_core::declarative_base!(pub(super) Base);

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(super) struct Entry {
        #[model(primary_key)]
        pub(super) id: Auto<i64>,
        pub(super) map: Hstore,
        pub(super) maps: Vec<Hstore>,
    }
}
use maps::Entry;

async fn fill(engine: &Engine) {
    Witness::builder().text("something").json(json!({})).build().insert(engine).await.unwrap();
}

#[orm_testkit::test]
async fn keys_and_values_of_maps_are_texts(engine: Engine) {
    let known = sql::text("SELECT count(*) FROM pg_available_extensions WHERE name = 'hstore'");
    if known.scalar::<i64>(&engine).await.unwrap() == Some(0) {
        eprintln!("skipped: the server has no extension `hstore`");
        return;
    }
    maps::Base::create_all(&engine).await.unwrap();
    let map = |payload: &str| {
        Hstore([(payload.to_owned(), Some(payload.to_owned())), (format!("{payload}=>"), None)].into())
    };
    let before = fingerprint(&engine).await;
    let mut session = engine.session();
    let one = session.add(Entry::builder().map(map("one")).maps(vec![map("'"), map("\"=>\\")]));
    session.flush().await.unwrap();
    for payload in PAYLOADS {
        session[one].map = map(payload); // alone
        session.flush().await.unwrap();
        let same = session.query::<Entry>().filter(Entry::MAP.is_not_distinct_from(map(payload)));
        assert_eq!(same.count().await.unwrap(), 1, "{payload:?}");
    }
    let all = session.add_all(
        PAYLOADS.iter().map(|payload| Entry::builder().map(map(payload)).maps(vec![map(payload); 2])),
    );
    session.flush().await.unwrap(); // as texts, in one statement
    session.refresh(&all).await.unwrap();
    for (payload, entry) in PAYLOADS.iter().zip(all) {
        assert_eq!((&session[entry].map, &session[entry].maps), (&map(payload), &vec![map(payload); 2]));
    }
    session.rollback().await.unwrap();
    assert_eq!(fingerprint(&engine).await, before);
}

#[orm_testkit::test(base = Base)]
async fn steps_into_json_are_values(engine: Engine) {
    fill(&engine).await;
    let before = fingerprint(&engine).await;
    let mut session = engine.session();
    let one = session.query::<Witness>().one().await.unwrap();
    for payload in PAYLOADS {
        session[one].json = json!({ *payload: { *payload: [payload] } });
        session.flush().await.unwrap();
        let within = || Witness::JSON.at(*payload).at(payload.to_string());
        let parts = columns((
            within().nullable(),
            within().text_at(0).nullable(),
            Witness::JSON.text_at("'").nullable(),
        ));
        let (list, text, quote) = session.fetch_one(parts).await.unwrap();
        assert_eq!((list, text.as_deref()), (Some(json!([payload])), Some(*payload)));
        assert_eq!(quote.is_some(), *payload == "'");
        assert_eq!(
            session.count(select::<Witness>().filter(within().contains(json!([payload])))).await.unwrap(),
            1
        );
    }
    session.rollback().await.unwrap();
    assert_eq!(fingerprint(&engine).await, before);
}

/// A file of each payload as it stands: its lines are rows, or an error that says why they are none.
#[orm_testkit::test(base = Base)]
async fn files_are_rows_or_errors(engine: Engine) {
    fill(&engine).await;
    let before = fingerprint(&engine).await;
    let into = (Witness::TEXT, Witness::JSON);
    let mut written = 0;
    for payload in PAYLOADS.iter().chain(IMPOSSIBLE) {
        for (format, json, end) in
            [(CopyFormat::Csv, ",null\n", "\\.\n"), (CopyFormat::Text, "\tnull\n", "\\.\n")]
        {
            let file = format!("{payload}{json}{end}'; DROP TABLE witness; --\n");
            let mut session = engine.session();
            match copy_in_text::<Witness>(into, format, file.as_bytes()).execute(&mut session).await {
                Ok(rows) => written += rows,
                Err(error) => {
                    let code = error.code().map(|code| code.code().to_owned()).unwrap_or_default();
                    assert!(
                        matches!(&*code, "22P04" | "22021" | "22P02" | "23502" | "23505"),
                        "{payload:?}: {code} {error}"
                    );
                }
            }
            session.rollback().await.unwrap();
        }
    }
    assert!(written > 100, "{written}");
    assert_eq!(fingerprint(&engine).await, before);
}

#[orm_testkit::test(base = Base)]
async fn what_was_copied_out_is_copied_in(engine: Engine) {
    let mut session = engine.session();
    let different: std::collections::BTreeSet<&str> = PAYLOADS.iter().copied().collect();
    session.add_all(
        different.iter().map(|payload| Witness::builder().text(*payload).json(Json::from(*payload))),
    );
    session.commit().await.unwrap();
    let before = fingerprint(&engine).await;
    let rows = select::<Witness>().order_by(Witness::ID).columns((Witness::ID, Witness::TEXT, Witness::JSON));
    for format in [CopyFormat::Csv, CopyFormat::CsvWithHeader, CopyFormat::Text] {
        let mut file = Vec::new();
        copy_out(rows.clone()).write(format, &mut file, &engine).await.unwrap();
        session.query::<Witness>().delete().await.unwrap();
        session.commit().await.unwrap();
        let into = (Witness::ID, Witness::TEXT, Witness::JSON);
        let copied = copy_in_text::<Witness>(into, format, &*file).execute(&engine).await.unwrap();
        assert_eq!(copied, different.len() as u64);
        assert_eq!(fingerprint(&engine).await, before, "{format:?}");
    }
}

#[tokio::test]
async fn an_application_is_called_what_the_server_can_keep() {
    let database = orm_testkit::database_of::<Base>().await.unwrap();
    let engine = Engine::connect(database.url()).await.unwrap();
    fill(&engine).await;
    let before = fingerprint(&engine).await;
    for payload in PAYLOADS.iter().step_by(3) {
        let called =
            Engine::builder(database.url()).pool_size(1).application_name(*payload).connect().await.unwrap();
        let told = sql::text("SELECT current_setting('application_name')").scalar::<String>(&called);
        let told = told.await.unwrap().unwrap();
        if payload.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            assert_eq!(told, payload[..payload.len().min(63)]);
        }
    }
    for name in IMPOSSIBLE {
        let error = Engine::builder(database.url()).application_name(*name).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(
            error.to_string().contains("a NUL character") && !error.to_string().contains('\0'),
            "{error}"
        );
    }
    assert_eq!(fingerprint(&engine).await, before);
}

/// Settings that sessions begin with: from options, where a wrong name is told by the first statement.
#[orm_testkit::test(base = Base)]
async fn settings_of_all_sessions_are_values(engine: Engine) {
    fill(&engine).await;
    let before = fingerprint(&engine).await;
    for payload in PAYLOADS.iter().chain(IMPOSSIBLE) {
        let maker = SessionMaker::new(&engine).set_local("app.told", payload);
        let told = maker.session().scalar::<String>(sql::text("SELECT current_setting('app.told')")).await;
        match payload.contains('\0') {
            true => assert_eq!(told.unwrap_err().kind(), ErrorKind::Encode, "{payload:?}"),
            false => assert_eq!(told.unwrap().as_deref(), Some(*payload)),
        }
        let maker = SessionMaker::new(&engine).set_local(*payload, "x");
        if let Err(error) = maker.session().count(select::<Witness>()).await {
            let known =
                error.kind() == ErrorKind::Encode || error.code().is_some_and(|code| code.code() == "42704");
            assert!(known, "{payload:?}: {error}");
        }
        // A tenant's schema that is not there, beside the one that is.
        let maker = SessionMaker::new(&engine).search_path([payload, "public"]);
        match maker.session().count(select::<Witness>()).await {
            Ok(count) => assert_eq!(count, 1, "{payload:?}"),
            Err(error) => assert!(
                payload.contains('\0') || error.code().is_some_and(|code| code.code() == "22023"),
                "{payload:?}: {error}"
            ),
        }
    }
    assert_eq!(fingerprint(&engine).await, before);
}
