//! Rows of types with names of their own, more of them than the driver keeps while it asks for a type that it does not know: each way to
//! read them, on a connection that met none before.

use crate::named::{Base, Delivery, Email, Parcel, Person, Size};
use orm_core::bulk::{Values, insert, update};
use orm_core::prelude::*;
use orm_core::query::{Select, named, select_from, value};
use orm_core::sql;
use orm_testkit::TestDatabase;
use std::time::Duration;

const MANY: i64 = 3_000;

#[derive(Row, Clone, Debug)]
struct Sent {
    id: i64,
    what: Vec<Parcel>,
}

orm_core::alias!(Again = Sent);

fn delivery() -> Values<Delivery> {
    let sender = Person { email: Email("ann@example.org".into()), sizes: vec![Size::Large, Size::Small] };
    let parcels = vec![Parcel { sender, weight: Some(7) }];
    Values::new().set(Delivery::PARCELS, parcels).set(Delivery::TO, Email("bob@example.org".into()))
}

/// A connection that waits for no answer for long.
async fn strange(database: &TestDatabase) -> Engine {
    let engine = Engine::builder(database.url()).pool_size(1).statement_timeout(Duration::from_secs(30));
    engine.connect().await.unwrap()
}

async fn filled() -> TestDatabase {
    let database = orm_testkit::database_of::<Base>().await.unwrap();
    let rows = (0..MANY).map(|_| delivery());
    insert(rows).execute(&strange(&database).await).await.unwrap();
    database
}

fn sent() -> Select<Delivery, Sent> {
    columns(SentColumns { id: Delivery::ID, what: Delivery::PARCELS })
}

#[tokio::test]
async fn queries_read_them() {
    let database = filled().await;
    let engine = strange(&database).await;
    assert_eq!(engine.fetch_all(select::<Delivery>()).await.unwrap().len(), MANY as usize);
    // A text with other names for its columns, and one that is sent for other types of values.
    let engine = strange(&database).await;
    let twice = select_from(sent()).join_rows(named(sent(), Again), Sent::ID.eq(Sent::ID.from(Again)));
    let rows = engine.fetch_all(twice.columns((Sent::WHAT.from(Again), Sent::ID))).await.unwrap();
    assert_eq!((rows.len(), rows[0].0[0].weight), (MANY as usize, Some(7)));
    let engine = strange(&database).await;
    let sizes = columns((Delivery::ID, value(vec![Size::Small]))).filter(Delivery::ID.gt(0));
    assert_eq!(engine.fetch_all(sizes).await.unwrap().len(), MANY as usize);
    let engine = strange(&database).await;
    let mut session = engine.session();
    let rows = session.models::<Delivery>(sql!("SELECT * FROM delivery WHERE id > {}", 1_i64)).await.unwrap();
    assert_eq!(rows.len(), MANY as usize - 1);
}

#[tokio::test]
async fn sessions_read_them_in_transactions_and_under_settings() {
    let database = filled().await;
    let engine = strange(&database).await;
    let mut session = engine.session();
    session.begin().await.unwrap();
    assert_eq!(session.query::<Delivery>().all().await.unwrap().len(), MANY as usize);
    session.commit().await.unwrap();
    // The same text under another path has types of another schema.
    engine
        .execute_script(
            "CREATE SCHEMA other; SET search_path TO other;
             CREATE DOMAIN email AS text; CREATE TYPE size AS ENUM ('small', 'large');
             CREATE TYPE person AS (email email, sizes size[]); CREATE TYPE parcel AS (sender person, weight integer);
             CREATE TABLE delivery (id bigint, parcels parcel[], \"to\" email);
             INSERT INTO delivery SELECT id, parcels::text::parcel[], \"to\" FROM public.delivery; RESET search_path",
        )
        .await
        .unwrap();
    let engine = strange(&database).await;
    for path in ["public", "other"] {
        let mut session = engine.session();
        session.search_path([path]).unwrap();
        assert_eq!(session.query::<Delivery>().all().await.unwrap().len(), MANY as usize);
        session.search_path([path]).unwrap();
        assert_eq!(session.fetch_all(sent()).await.unwrap().len(), MANY as usize);
    }
    // In a transaction that fails afterwards as it would have before.
    let mut session = engine.session();
    session.begin().await.unwrap();
    let error =
        session.execute(sql!("SELECT parcels FROM delivery WHERE nothing = {}", 1)).await.unwrap_err();
    assert_eq!(error.code().map(orm_core::error::SqlState::code), Some("42703"), "{error}");
    assert!(session.query::<Delivery>().count().await.is_err());
    session.rollback().await.unwrap();
    assert_eq!(session.query::<Delivery>().count().await.unwrap(), MANY);
}

#[tokio::test]
async fn streams_and_statements_that_write_give_them() {
    let database = filled().await;
    let engine = strange(&database).await;
    let mut session = engine.session();
    let mut stream = session.stream(select::<Delivery>(), 100).await.unwrap();
    let mut count = 0;
    while let Some(rows) = stream.next().await.unwrap() {
        count += rows.len();
    }
    assert_eq!(count, MANY as usize);
    let engine = strange(&database).await;
    let parcels = insert((0..MANY).map(|_| delivery())).returning(Delivery::PARCELS);
    assert_eq!(parcels.fetch_all(&engine).await.unwrap().len(), MANY as usize);
    let engine = strange(&database).await;
    let moved = update(select::<Delivery>()).set(Delivery::TO.set_to(Email("cem@example.org".into())));
    let moved = moved.returning(Delivery::PARCELS).fetch_all(&engine).await.unwrap();
    assert_eq!(moved.len(), 2 * MANY as usize);
}

/// The first text that reads them costs one round trip more, the next ones none.
#[tokio::test]
async fn a_type_is_asked_for_once_a_connection() {
    let database = filled().await;
    let engine = strange(&database).await;
    engine.execute_script("DROP TABLE IF EXISTS nothing").await.unwrap();
    assert_eq!(engine.fetch_all(select::<Delivery>()).await.unwrap().len(), MANY as usize);
    engine.execute_script("ALTER TYPE size ADD VALUE 'huge'").await.unwrap();
    assert_eq!(
        engine.fetch_all(select::<Delivery>().filter(Delivery::ID.gt(0))).await.unwrap().len(),
        MANY as usize
    );
    // Types that were made anew have other numbers.
    let types = "DROP TABLE delivery; DROP TYPE parcel, person, size; DROP DOMAIN email";
    engine.execute_script(types).await.unwrap();
    Base::create_all(&engine).await.unwrap();
    insert((0..MANY).map(|_| delivery())).execute(&engine).await.unwrap();
    let rows = select::<Delivery>().filter(Delivery::ID.gt(0)).order_by(Delivery::ID);
    assert_eq!(engine.fetch_all(rows).await.unwrap().len(), MANY as usize);
}
