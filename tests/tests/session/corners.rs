//! Corners that once were wrong.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_tests::models::circle::{self, Department, Employee};
use orm_tests::models::people::{self, Profile, User};
use shop_models::models::{Base, Cart, Customer};

#[orm_testkit::test(base = people::Base)]
async fn the_one_object_of_a_relation_is_replaced(engine: Engine) {
    let mut session = engine.session();
    let user = session.add(User::builder().login("a").profile(Profile::builder().text("1")));
    session.commit().await.unwrap();
    session[user].profile.set(Profile::builder().text("2"));
    session.commit().await.unwrap();
    let texts: Vec<String> = engine.fetch_all(columns(Profile::TEXT)).await.unwrap();
    assert_eq!(texts, ["2"]);
    assert_eq!(session.at(user).related(User::PROFILE).unwrap().unwrap().text, "2");

    let mut other = engine.session();
    let user = other.query::<User>().one().await.unwrap();
    other[user].profile.set(Profile::builder().text("3"));
    other.commit().await.unwrap();
    let texts: Vec<String> = engine.fetch_all(columns(Profile::TEXT)).await.unwrap();
    assert_eq!(texts, ["3"], "also when it was not loaded");
    assert_eq!(other.at(user).related(User::PROFILE).unwrap().unwrap().text, "3");
}

#[orm_testkit::test(base = Base)]
async fn a_new_row_takes_the_unique_value_of_one_that_goes(engine: Engine) {
    let mut session = engine.session();
    let old = session.add(Customer::builder().name("a").email("a@x"));
    session.commit().await.unwrap();
    session.delete(old).unwrap();
    session.add(Customer::builder().name("b").email("a@x"));
    session.commit().await.unwrap();
    assert_eq!(engine.fetch_all(columns(Customer::NAME)).await.unwrap(), ["b"]);
}

#[orm_testkit::test(base = Base)]
async fn members_move_away_before_their_owner_goes(engine: Engine) {
    let mut session = engine.session();
    let old = session.add(Customer::builder().name("a").email("a@x").carts([Cart::builder()]));
    session.commit().await.unwrap();
    let cart = session.at(old).related(Customer::CARTS).unwrap().next().unwrap().handle();
    let new = session.add(Customer::builder().name("b").email("b@x"));
    session[cart].customer.set(new);
    session.delete(old).unwrap();
    session.commit().await.unwrap();
    assert_eq!(session.at(new).related(Customer::CARTS).unwrap().len(), 1);
    assert_eq!(engine.count(select::<Cart>()).await.unwrap(), 1);
}

#[orm_testkit::test(base = circle::Base)]
async fn rows_in_a_circle_of_tables_are_deleted(engine: Engine) {
    for fresh in [false, true] {
        let mut session = engine.session();
        let department = session.add(Department::builder().name("d"));
        let head = session.add(Employee::builder().name("e").department(department));
        session[department].head = head.into();
        session.commit().await.unwrap();
        let keys = (session[department].id.unwrap(), session[head].id.unwrap());
        if fresh {
            session = engine.session();
        }
        let department = session.get_one::<Department>(keys.0).await.unwrap();
        let head = session.get_one::<Employee>(keys.1).await.unwrap();
        session.delete(department).unwrap();
        session.delete(head).unwrap();
        session.commit().await.unwrap();
        assert_eq!(engine.count(select::<Department>()).await.unwrap(), 0);
        assert_eq!(engine.count(select::<Employee>()).await.unwrap(), 0);
    }
}

#[orm_testkit::test(base = Base)]
async fn a_new_member_that_is_deleted_leaves_its_collection(engine: Engine) {
    let mut session = engine.session();
    let ann =
        session.add(Customer::builder().name("a").email("a@x").carts([Cart::builder(), Cart::builder()]));
    let cart = session.at(ann).related(Customer::CARTS).unwrap().next().unwrap().handle();
    session.delete(cart).unwrap();
    assert_eq!(session.try_get(cart).unwrap_err().kind(), ErrorKind::Gone);
    session.commit().await.unwrap();
    assert_eq!(engine.count(select::<Cart>()).await.unwrap(), 1);
    assert_eq!(session.at(ann).related(Customer::CARTS).unwrap().len(), 1);
}

#[orm_testkit::test(base = Base)]
async fn a_new_owner_that_is_deleted_takes_its_members_along(engine: Engine) {
    let mut session = engine.session();
    let ann = session.add(Customer::builder().name("a").email("a@x").carts([Cart::builder()]));
    session.delete(ann).unwrap();
    orm_testkit::assert_queries!(session, 0, { session.commit().await.unwrap() });
}

#[orm_testkit::test(base = Base)]
async fn a_copy_in_another_session_has_collections_of_its_own(engine: Engine) {
    let mut session = engine.session();
    session.add(Customer::builder().name("z").email("z@x").carts([Cart::builder(), Cart::builder()]));
    let ann = session.add(Customer::builder().name("a").email("a@x").carts([Cart::builder()]));
    session.commit().await.unwrap();
    let mut copy = session[ann].clone();
    (copy.id, copy.email) = (Auto::Unset, "b@x".into());
    let mut other = engine.session();
    let copied = other.add(copy.clone());
    other.commit().await.unwrap();
    assert_eq!(other.at(copied).related(Customer::CARTS).unwrap().len(), 0);
    copy.email = "c@x".into();
    let here = session.add(copy);
    session.commit().await.unwrap();
    assert_eq!(session.at(here).related(Customer::CARTS).unwrap().len(), 0);
    assert_eq!(session.at(ann).related(Customer::CARTS).unwrap().len(), 1, "carts stay with their owner");
}
