//! Enums of the database: DDL, codecs, keys, queries.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::query::SqlExpr;
use orm_core::types::DbEnum;

orm_core::declarative_base!(pub(crate) Base);

#[derive(DbEnum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[db_enum(name = "Order \"status\"")]
pub(crate) enum Status {
    New,
    InPreparation,
    #[db_enum(rename = "sent, \"out\" \\ it's")]
    Sent,
}

impl orm_core::types::KeyScalar for Status {}

#[derive(Model, Clone, Debug, PartialEq)]
#[model(base = Base, table = "orders")]
pub(crate) struct Order {
    #[model(primary_key)]
    pub(crate) id: Auto<i64>,
    pub(crate) status: Status,
    pub(crate) before: Option<Status>,
    #[model(server_default = "'new'")]
    pub(crate) first: Auto<Status>,
}

/// Its key is an enum.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub(crate) struct Note {
    #[model(primary_key)]
    pub(crate) status: Status,
    #[model(primary_key)]
    pub(crate) number: i32,
    pub(crate) text: String,
    #[has_many(back_populates = "note")]
    pub(crate) lines: HasMany<Line>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub(crate) struct Line {
    #[model(primary_key)]
    pub(crate) id: Auto<i64>,
    #[belongs_to(back_populates = "lines", columns("note_status", "note_number"))]
    pub(crate) note: BelongsTo<Note>,
}

/// Every pair of a value and an optional one.
fn every_pair() -> Vec<(Status, Option<Status>)> {
    let options = || std::iter::once(None).chain(Status::VARIANTS.iter().copied().map(Some));
    Status::VARIANTS.iter().flat_map(|status| options().map(|before| (*status, before))).collect()
}

fn order((status, before): (Status, Option<Status>)) -> Order {
    Order { before, ..Order::builder().status(status).build() }
}

/// An error with its sources.
fn chain(error: &dyn std::error::Error) -> String {
    error.source().map_or(error.to_string(), |source| format!("{error}: {}", chain(source)))
}

async fn pairs(engine: &Engine) -> Vec<(Status, Option<Status>)> {
    engine
        .fetch_all(select::<Order>().order_by(Order::ID).columns((Order::STATUS, Order::BEFORE)))
        .await
        .unwrap()
}

#[orm_testkit::test(base = Base)]
async fn alone_and_in_batches(engine: Engine) {
    for pair in every_pair() {
        order(pair).insert(&engine).await.unwrap();
    }
    let mut session = engine.session();
    let added = session.add_all(every_pair().into_iter().map(order));
    session.commit().await.unwrap();
    assert!(
        added.iter().all(|order| session[*order].first == Status::New),
        "the database's default came back"
    );
    session.bulk_save_objects(every_pair().into_iter().map(order)).await.unwrap();
    session.commit().await.unwrap();
    assert_eq!(pairs(&engine).await, [every_pair(), every_pair(), every_pair()].concat());

    // One statement changes each row to another value.
    let turned: Vec<_> = every_pair().into_iter().rev().collect();
    for (handle, (status, before)) in added.iter().zip(&turned) {
        session[*handle].status = *status;
        session[*handle].before = *before;
    }
    session.commit().await.unwrap();
    assert_eq!(pairs(&engine).await[12..24], turned);
}

#[orm_testkit::test(base = Base)]
async fn queries(engine: Engine) {
    let mut session = engine.session();
    session.add_all(every_pair().into_iter().map(order));
    session.commit().await.unwrap();
    let count =
        async |filter: Predicate<Order>| engine.count(select::<Order>().filter(filter)).await.unwrap();
    assert_eq!(count(Order::STATUS.eq(Status::Sent)).await, 4);
    assert_eq!(count(Order::STATUS.gt(Status::New)).await, 8, "in the order of the enum");
    assert_eq!(count(Order::STATUS.in_any([Status::Sent, Status::New])).await, 8);
    assert_eq!(count(Order::STATUS.in_any(Vec::<Status>::new())).await, 0);
    assert_eq!(count(Order::BEFORE.eq(Order::STATUS)).await, 3);
    assert_eq!(count(SqlExpr::from(Order::BEFORE).or(Status::Sent).eq(Status::Sent)).await, 6);
    let changed = session.query::<Order>().filter(Order::BEFORE.is_null()).set(Order::BEFORE, Status::Sent);
    assert_eq!(changed.update().await.unwrap(), 3);
    session.commit().await.unwrap();
    assert_eq!(count(Order::BEFORE.eq(Status::Sent)).await, 6);
    let json = session.query::<Order>().order_by(Order::ID.desc()).first().await.unwrap().unwrap();
    assert_eq!(session.at(json).to_json(()).unwrap()["status"], "sent, \"out\" \\ it's");
}

#[orm_testkit::test(base = Base)]
async fn in_keys(engine: Engine) {
    let mut session = engine.session();
    for (number, status) in (0..).zip(Status::VARIANTS) {
        let lines = [Line::builder(), Line::builder()];
        session.add(Note::builder().status(*status).number(number).text("a").lines(lines));
    }
    session.commit().await.unwrap();

    let mut session = engine.session();
    let notes = session.query::<Note>().with(Note::LINES).all().await.unwrap();
    assert_eq!(notes.len(), 3);
    for note in notes {
        assert_eq!(session[note].lines.handles().unwrap().len(), 2);
        session[note].text.push('b');
    }
    session.commit().await.unwrap();
    let sent = session.get_one::<Note>((Status::Sent, 2)).await.unwrap();
    assert_eq!(session[sent].text, "ab");
    for line in session.query::<Line>().all().await.unwrap() {
        session.delete(line).unwrap();
    }
    session.commit().await.unwrap();
    assert_eq!(engine.count(select::<Line>()).await.unwrap(), 0);
}

#[orm_testkit::test(base = Base)]
async fn a_label_that_the_program_does_not_know(engine: Engine) {
    let added = order(every_pair()[0]);
    added.clone().insert(&engine).await.unwrap();
    engine.execute_script(r#"ALTER TYPE "Order ""status""" ADD VALUE 'lost'"#).await.unwrap();
    engine.execute_script("UPDATE orders SET before = 'lost'").await.unwrap();
    let error = engine.fetch_all(select::<Order>()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    let text = chain(&error);
    assert!(
        text.contains("orders.before") && text.contains("`lost`") && text.contains("in_preparation"),
        "{text}"
    );
}

#[orm_testkit::test]
async fn the_type_comes_and_goes_with_the_tables(engine: Engine) {
    let labels = "SELECT string_agg(enumlabel, '|' ORDER BY enumsortorder) FROM pg_enum";
    Base::create_all(&engine).await.unwrap();
    Base::create_all(&engine).await.unwrap();
    let found = orm_core::sql::text(labels).scalar::<String>(&engine).await.unwrap();
    assert_eq!(found.as_deref(), Some("new|in_preparation|sent, \"out\" \\ it's"));
    Base::drop_all(&engine).await.unwrap();
    Base::drop_all(&engine).await.unwrap();
    let found = orm_core::sql::text(labels).scalar::<String>(&engine).await.unwrap();
    assert_eq!(found, None);
}

mod clash {
    use super::{DbEnum, Model};

    orm_core::declarative_base!(pub(super) Base);

    pub(super) mod other {
        use super::DbEnum;

        #[derive(DbEnum, Clone, Debug)]
        pub(in super::super) enum Mood {
            Sad,
        }
    }

    #[derive(DbEnum, Clone, Debug)]
    pub(super) enum Mood {
        Happy,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(super) struct Person {
        #[model(primary_key)]
        pub(super) id: i64,
        pub(super) one: Mood,
        pub(super) two: other::Mood,
    }
}

#[test]
fn two_enums_of_one_name() {
    let error = clash::Base::metadata().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mapping);
    assert!(error.to_string().contains("two enums of the database are called `mood`"), "{error}");
    let _ = (clash::Mood::Happy, clash::other::Mood::Sad);
}
