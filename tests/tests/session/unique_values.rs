//! Unique values that go from row to row inside one flush.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use shop_models::models::{Base, Cart, Customer};

mod models {
    use orm_core::prelude::*;

    orm_core::declarative_base!(pub(crate) Base);

    #[derive(Model, Clone, Debug)]
    #[model(base = Base, unique("row", "place"))]
    pub(crate) struct Seat {
        #[model(primary_key)]
        pub(crate) id: Auto<i64>,
        pub(crate) row: i32,
        pub(crate) place: Option<i32>,
        #[model(unique)]
        pub(crate) label: String,
        #[has_many(back_populates = "seat")]
        pub(crate) guests: HasMany<Guest>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct Guest {
        #[model(primary_key)]
        pub(crate) id: Auto<i64>,
        #[belongs_to(back_populates = "guests")]
        pub(crate) seat: BelongsTo<Seat>,
    }
}
use models::{Guest, Seat};

fn customer(email: &str) -> Customer {
    Customer::builder().name("Ann").email(email).build()
}

fn seat(place: i32) -> Seat {
    Seat::builder().row(1).place(place).label(place.to_string()).build()
}

async fn labels(engine: &Engine) -> Vec<String> {
    engine.fetch_all(columns(Seat::LABEL).order_by(Seat::ID)).await.unwrap()
}

#[orm_testkit::test(base = Base)]
async fn a_new_row_takes_what_a_changed_one_gives_up(engine: Engine) {
    let mut session = engine.session();
    let old = session.add(customer("a@x"));
    session.commit().await.unwrap();
    session[old].email = "b@x".into();
    session.add(customer("a@x"));
    assert_eq!(
        session.flush_plan().unwrap().to_string(),
        "update 1 row of customer (email)\ninsert 1 row into customer (name, email, age)"
    );
    session.commit().await.unwrap();
}

#[orm_testkit::test(base = models::Base)]
async fn rows_move_up_one_after_the_other(engine: Engine) {
    let mut session = engine.session();
    let seats = session.add_all((0..4).map(seat));
    session.commit().await.unwrap();
    for (seat, label) in seats.iter().zip(1..) {
        session[*seat].label = label.to_string();
    }
    session.add(seat(0).clone());
    session.add(Seat { place: Some(9), label: "9".into(), ..seat(0) });
    session.commit().await.unwrap_err(); // the place is taken, the labels are not
    session.rollback().await.unwrap();
    for (seat, label) in seats.iter().zip(1..) {
        session[*seat].label = label.to_string();
    }
    session.add(Seat { place: Some(9), ..seat(0) });
    session.commit().await.unwrap();
    assert_eq!(labels(&engine).await, ["1", "2", "3", "4", "0"]);
    for (seat, label) in seats.iter().rev().zip((1..4).rev()) {
        session[*seat].label = format!("x{label}");
    }
    session.commit().await.unwrap();
}

#[orm_testkit::test(base = models::Base)]
async fn optional_values_go_round_in_a_circle(engine: Engine) {
    let mut session = engine.session();
    let seats = session.add_all((0..3).map(seat));
    session.commit().await.unwrap();
    for (seat, place) in seats.iter().zip([1, 2, 0]) {
        session[*seat].place = Some(place);
    }
    session.commit().await.unwrap();
    let places = engine.fetch_all(columns(Seat::PLACE).order_by(Seat::ID)).await.unwrap();
    assert_eq!(places, [Some(1), Some(2), Some(0)]);
}

#[orm_testkit::test(base = models::Base)]
async fn required_values_cannot_unless_the_constraint_is_deferrable(engine: Engine) {
    let mut session = engine.session();
    let (a, b) = (session.add(seat(0)), session.add(seat(1)));
    session.commit().await.unwrap();
    (session[a].label, session[b].label) = ("1".into(), "0".into());
    let error = session.commit().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.model(), error.column()),
        (ErrorKind::ValueTaken, Some("Seat"), Some("label"))
    );
    assert!(error.is_unique_violation() && error.to_string().contains("DEFERRABLE"), "{error}");
    session.rollback().await.unwrap();
    engine
        .execute_script("ALTER TABLE seat DROP CONSTRAINT uq_seat_label, ADD CONSTRAINT uq_seat_label UNIQUE (label) DEFERRABLE")
        .await
        .unwrap();
    (session[a].label, session[b].label) = ("1".into(), "0".into());
    session.commit().await.unwrap();
    assert_eq!(labels(&engine).await, ["1", "0"]);
}

#[orm_testkit::test(base = Base)]
async fn a_row_that_others_move_away_from_gives_up_its_value_in_time(engine: Engine) {
    let mut session = engine.session();
    let old = session.add(customer("a@x"));
    let other = session.add(customer("b@x"));
    let cart = session.add(Cart::builder().customer(old));
    session.commit().await.unwrap();
    session[cart].customer.set(other);
    session.delete(old).unwrap();
    session.add(customer("a@x"));
    assert_eq!(
        session.flush_plan().unwrap().to_string(),
        "update 1 row of cart (customer_id)\n\
         delete 1 row of customer\n\
         insert 1 row into customer (name, email, age)"
    );
    session.commit().await.unwrap();
    assert_eq!(engine.count(select::<Cart>()).await.unwrap(), 1);
}

#[orm_testkit::test(base = models::Base)]
async fn what_cannot_be_done_in_one_flush_says_so(engine: Engine) {
    let mut session = engine.session();
    let old = session.add(seat(0));
    let guest = session.add(Guest::builder().seat(old));
    session.commit().await.unwrap();
    let new = session.add(Seat { row: 2, ..seat(0) });
    session[guest].seat.set(new);
    session.delete(old).unwrap();
    let error = session.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ValueTaken, "{error:?}");
    assert!(error.is_unique_violation() && error.to_string().contains("first"), "{error}");
    session.rollback().await.unwrap();
    // In two flushes of one transaction it can.
    session[old].label = "gone".into();
    session.flush().await.unwrap();
    session.add_again(new).unwrap();
    session[guest].seat.set(new);
    session.delete(old).unwrap();
    session.commit().await.unwrap();
    assert_eq!(labels(&engine).await, ["0"]);
}

#[orm_testkit::test(base = models::Base)]
async fn a_thousand_values_that_nobody_else_had_are_one_statement(engine: Engine) {
    let mut session = engine.session();
    let seats = session.add_all((0..1_000).map(seat));
    session.commit().await.unwrap();
    for seat in seats {
        let label = format!("x{}", session[seat].label);
        session[seat].label = label;
    }
    orm_testkit::assert_queries!(session, 1, { session.commit().await.unwrap() });
}
