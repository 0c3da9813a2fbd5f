//! What logs say of values: that of the server, with every statement and without parameters; `tracing`; and the echo.

use super::payloads::PAYLOADS;
use orm_core::bulk::{Values, copy_in, copy_out, insert, update};
use orm_core::prelude::*;
use orm_core::query::value;
use orm_core::sql;
use orm_core::sql::TrustedSql;
use orm_testkit::Cluster;
use orm_tests::models::odd::{Base, Witness};
use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// What no text of a statement may have; the values have it.
const MARK: &str = "m4rk3d";

/// Writes down all that is told to `tracing`.
#[derive(Clone, Default)]
struct Traces(Arc<Mutex<String>>);

impl Visit for &Traces {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = writeln!(self.0.lock().unwrap(), "{field}={value:?}");
    }
}

impl Subscriber for Traces {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        attributes.record(&mut &*self);
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut &*self);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut &*self);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// A server that logs the text of each statement, and no parameters.
fn talkative() -> Cluster {
    let server = Cluster::builder().setting("log_statement", "all").setting("log_error_verbosity", "terse");
    let server =
        server.setting("log_parameter_max_length", "0").setting("log_parameter_max_length_on_error", "0");
    server.start().unwrap()
}

fn marked(payload: &str, round: usize) -> String {
    format!("{payload}{MARK}{round}")
}

fn row(text: &str) -> Values<Witness> {
    let values = Values::new().set(Witness::TEXT, text).set(Witness::JSON, Json::from(text));
    values.set(Witness::BYTES, text.as_bytes().to_vec())
}

/// Rows of the session: inserted one and many, changed, looked for, deleted.
async fn through_the_session(engine: &Engine, text: &str) {
    let mut session = engine.session();
    let witness = |text: &str| Witness::builder().text(text).json(Json::from(text));
    let one = session.add(witness(text));
    session.flush().await.unwrap();
    let more = session.add_all((0..3).map(|n| witness(&format!("{text} {n}"))));
    session.commit().await.unwrap();
    session[one].text.push_str(text);
    session.commit().await.unwrap();
    more.iter().chain([&one]).for_each(|witness| session[*witness].text.insert_str(0, text));
    session.commit().await.unwrap();
    let changed = session.query::<Witness>().filter(Witness::TEXT.eq(text));
    assert_eq!(changed.set(Witness::TEXT, text).update().await.unwrap(), 0);
    session.query::<Witness>().filter(Witness::JSON.eq(Json::from(text))).all().await.unwrap();
    more.into_iter().for_each(|witness| session.delete(witness).unwrap());
    session.commit().await.unwrap();
    session.scalar::<String>(sql!("SELECT {}::text", text.to_owned())).await.unwrap();
}

/// Upserts, updates by a query, COPY, conditions and pages, without a session; the last one is an error.
async fn past_the_session(engine: &Engine, text: &str) {
    let rows = || ["", "x"].map(|more| row(&format!("{text}{more}")));
    copy_in(rows()).execute(engine).await.unwrap();
    let upsert = insert(rows()).on_conflict(Witness::TEXT);
    upsert
        .do_update((Witness::JSON, Witness::BYTES.set_to(text.as_bytes().to_vec())))
        .execute(engine)
        .await
        .unwrap();
    let same =
        || Witness::TEXT.eq(text) | Witness::TEXT.in_any([text, text]) | Witness::TEXT.starts_with(text);
    let set = Witness::JSON.set_to(Json::from(text));
    assert!(update(select::<Witness>().filter(same())).set(set).execute(engine).await.unwrap() > 1);
    let mut cursor = None::<String>;
    for _ in 0..2 {
        let rows = select::<Witness>().filter(same()).order_by((Witness::TEXT, Witness::ID));
        let rows = rows.columns((Witness::TEXT, value(text)));
        let page = engine.fetch_page(rows.page_after(cursor.as_deref(), 1)).await.unwrap();
        cursor = page.next.map(|cursor| cursor.to_string());
    }
    let mut copied = Vec::new();
    copy_out(select::<Witness>().filter(same()))
        .write(orm_core::bulk::CopyFormat::Csv, &mut copied, engine)
        .await
        .unwrap();
    assert!(insert([row(text)]).execute(engine).await.unwrap_err().is_unique_violation());
}

#[tokio::test]
async fn no_text_of_a_statement_has_a_value() {
    let server = talkative();
    let admin = Engine::connect(&server.admin_url()).await.unwrap();
    admin.execute_script("CREATE DATABASE logged").await.unwrap();
    let (traces, events) = (Traces::default(), Arc::new(Mutex::new(Vec::new())));
    // Of the whole process: where others come to a place first, one of a thread may not be asked there any more.
    tracing::subscriber::set_global_default(traces.clone()).unwrap();
    let heard = Arc::clone(&events);
    let engine = Engine::builder(&server.url("logged")).on_statement(move |event| {
        heard.lock().unwrap().push((event.text.to_owned(), event.params.len(), event.to_string()));
    });
    let engine = engine.connect().await.unwrap();
    Base::create_all(&engine).await.unwrap();
    for (round, payload) in PAYLOADS.iter().step_by(9).enumerate() {
        through_the_session(&engine, &marked(payload, round)).await;
        past_the_session(&engine, &marked("p", round)).await;
        past_the_session(&engine, &marked(payload, round + 1_000)).await;
    }
    let log = server.log();
    for part in [
        "INSERT INTO \"witness\"",
        "ON CONFLICT",
        "UPDATE \"witness\"",
        "COPY ",
        "DELETE FROM",
        "= $1",
        "LIMIT",
    ] {
        assert!(log.matches(part).count() > 5, "{part}");
    }
    assert_eq!(log.lines().find(|line| line.contains(MARK)), None);
    let told = traces.0.lock().unwrap().clone();
    assert!(told.matches("sql=").count() > 100);
    assert_eq!(told.lines().find(|line| line.contains(MARK)), None);
    shown_apart(&events.lock().unwrap());
    // The log has what a program writes into the text itself.
    engine.execute_script(TrustedSql::new(format!("SELECT '{MARK}'"))).await.unwrap();
    assert!(server.log().contains(MARK) && traces.0.lock().unwrap().contains(MARK));
}

/// The echo of statements: their text without values, and then those, each behind the name of its place.
fn shown_apart(events: &[(String, usize, String)]) {
    let mut with_mark = 0;
    for (text, params, shown) in events {
        let values = shown.strip_prefix("[orm] ").and_then(|shown| shown.strip_prefix(&**text)).unwrap();
        assert!(!text.contains(MARK), "{text}");
        let begin = if *params > 0 { "\n      $1 = " } else { "  (" };
        assert!(values.starts_with(begin), "{shown}");
        with_mark += usize::from(values.contains(MARK));
    }
    assert!(with_mark > 100, "{with_mark} of {} events have a marked value", events.len());
}
