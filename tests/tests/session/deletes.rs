//! Deletions and what they reach.

use orm_core::prelude::*;
use shop_models::models::{Base, Cart, CartProduct, Customer, Product};

#[orm_testkit::test(base = Base)]
async fn deleting_an_owner_deletes_its_members(engine: Engine) {
    let mut session = engine.session();
    let tea = session.add(Product::builder().sku("T").title("Tea").price_cents(1));
    let ann = session.add(
        Customer::builder()
            .name("Ann")
            .email("a@x")
            .carts([Cart::builder().products([tea]), Cart::builder().products([tea])]),
    );
    session.commit().await.unwrap();
    let cart = session.at(ann).related(Customer::CARTS).unwrap().next().unwrap().handle();
    session.delete(ann).unwrap();
    session.commit().await.unwrap();
    assert!(session.try_get(cart).is_err(), "the session knows that the database cascades");
    assert_eq!(session.at(tea).related(Product::CARTS).unwrap().len(), 0);
    assert_eq!(select::<Cart>().count(&engine).await.unwrap(), 0);
    assert_eq!(select::<CartProduct>().count(&engine).await.unwrap(), 0);
    assert_eq!(select::<Product>().count(&engine).await.unwrap(), 1);
}

#[orm_testkit::test(base = Base)]
async fn an_unloaded_collection_is_left_to_the_database(engine: Engine) {
    let mut session = engine.session();
    session.add(Customer::builder().name("Ann").email("a@x").carts([Cart::builder()]));
    session.commit().await.unwrap();
    let mut other = engine.session();
    let ann = other.get_one::<Customer>(1).await.unwrap();
    other.delete(ann).unwrap();
    orm_testkit::assert_queries!(other, 1, { other.commit().await.unwrap() });
    assert_eq!(select::<Cart>().count(&engine).await.unwrap(), 0);
}

#[orm_testkit::test(base = Base)]
async fn an_orphan_is_deleted(engine: Engine) {
    let mut session = engine.session();
    let ann =
        session.add(Customer::builder().name("Ann").email("a@x").carts([Cart::builder(), Cart::builder()]));
    session.commit().await.unwrap();
    let cart = session.at(ann).related(Customer::CARTS).unwrap().next().unwrap().handle();
    session[ann].carts.remove(cart);
    assert_eq!(session.flush_plan().unwrap().to_string(), "delete 1 row of cart");
    session.commit().await.unwrap();
    assert_eq!(session.at(ann).related(Customer::CARTS).unwrap().len(), 1);
    assert_eq!(select::<Cart>().count(&engine).await.unwrap(), 1);
}

#[orm_testkit::test(base = Base)]
async fn a_new_object_that_is_deleted_is_never_sent(engine: Engine) {
    let mut session = engine.session();
    let ann = session.add(Customer::builder().name("Ann").email("a@x"));
    session.delete(ann).unwrap();
    orm_testkit::assert_queries!(session, 0, { session.commit().await.unwrap() });
}

#[orm_testkit::test(base = Base)]
async fn a_thousand_deletions_are_one_statement(engine: Engine) {
    let mut session = engine.session();
    let all = session.add_all((0..1_000).map(|n| Customer::builder().name("c").email(format!("{n}@x"))));
    session.commit().await.unwrap();
    for handle in all {
        session.delete(handle).unwrap();
    }
    orm_testkit::assert_queries!(session, 1, { session.commit().await.unwrap() });
    assert_eq!(select::<Customer>().count(&engine).await.unwrap(), 0);
}
