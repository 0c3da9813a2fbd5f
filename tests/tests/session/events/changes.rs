//! What listeners change reaches the database, in the same flush.

use super::{Log, customer, everything};
use orm_core::prelude::*;
use orm_core::{ErrorKind, Listeners};
use orm_tests::models::tree::{self, Node};
use shop_models::models::{Base, Cart, Customer, Product};

#[orm_testkit::test(base = Base)]
async fn columns_of_new_and_changed_objects(engine: Engine) {
    let listeners = Listeners::new()
        .before_attach(|customer: &mut Customer| customer.name.push_str(" attached"))
        .before_insert(|customer: &mut Customer| {
            customer.name.push_str(" inserted");
            Ok(())
        })
        .before_update(|customer: &mut Customer| {
            customer.name.push_str(" updated");
            Ok(())
        });
    let mut session = engine.session();
    session.listen(&listeners);
    let ann = session.add(customer("ann"));
    session.commit().await.unwrap();
    let names = engine.fetch_all(columns(Customer::NAME)).await.unwrap();
    assert_eq!(names, ["Ann attached inserted"]);
    session[ann].age = Some(41);
    orm_testkit::assert_queries!(session, 1, { session.commit().await.unwrap() });
    let rows = engine.fetch_all(columns((Customer::NAME, Customer::AGE))).await.unwrap();
    assert_eq!(rows, [("Ann attached inserted updated".to_owned(), Some(41))]);
    assert!(session.flush_plan().unwrap().is_empty(), "the session knows what it wrote");
}

#[orm_testkit::test(base = Base)]
async fn a_change_that_is_taken_back_is_no_update(engine: Engine) {
    let log = Log::default();
    let listeners = Listeners::new().before_update(|customer: &mut Customer| {
        customer.age = None;
        Ok(())
    });
    let mut session = engine.session();
    session.listen(&listeners.and(&everything(&log)));
    let ann = session.add(customer("ann"));
    session.commit().await.unwrap();
    session[ann].age = Some(41);
    log.take();
    session.commit().await.unwrap();
    let expected = [
        "before_commit",
        "before_flush",
        "before_update ann",
        "after_flush: nothing to flush",
        "after_commit",
    ];
    assert_eq!(log.take(), expected, "neither on_set nor after_update");
}

#[orm_testkit::test(base = Base)]
async fn before_flush_adds_changes_and_deletes(engine: Engine) {
    let mut session = engine.session();
    let [bea, cea] = ["bea", "cea"].map(|email| session.add(customer(email)));
    session.commit().await.unwrap();
    session.listen(&Listeners::new().before_flush(move |session| {
        session.add(customer("dea"));
        session[bea].age = Some(2);
        session.delete(cea)?;
        Ok(())
    }));
    session.add(customer("ann"));
    session.commit().await.unwrap();
    let mut rows = engine.fetch_all(columns((Customer::EMAIL, Customer::AGE))).await.unwrap();
    rows.sort();
    let row = |email: &str, age| (email.to_owned(), age);
    assert_eq!(rows, [row("ann", None), row("bea", Some(2)), row("dea", None)]);
}

#[orm_testkit::test(base = Base)]
async fn before_commit_adds_what_the_commit_writes(engine: Engine) {
    let mut session = engine.session();
    session.listen(&Listeners::new().before_commit(|session| {
        session.add(customer("ann"));
        Ok(())
    }));
    session.flush().await.unwrap();
    assert_eq!(engine.count(select::<Customer>()).await.unwrap(), 0);
    session.commit().await.unwrap();
    assert_eq!(engine.count(select::<Customer>()).await.unwrap(), 1);
}

#[orm_testkit::test(base = Base)]
async fn new_objects_that_a_listener_refers_to_come_along(engine: Engine) {
    let log = Log::default();
    let listeners = Listeners::new()
        .before_insert(|customer: &mut Customer| {
            if customer.email == "ann" {
                customer.carts.push(Cart::builder());
            }
            Ok(())
        })
        .before_insert(|cart: &mut Cart| {
            cart.products.push(Product::builder().sku("gift").title("Gift").price_cents(0));
            Ok(())
        })
        .before_update(|cart: &mut Cart| {
            cart.customer = BelongsTo::to(customer("new owner"));
            Ok(())
        });
    let mut session = engine.session();
    session.listen(&listeners.and(&everything(&log)));
    let ann = session.add(customer("ann"));
    session.commit().await.unwrap();
    let heard = log.take();
    let before: Vec<&String> = heard.iter().filter(|line| line.starts_with("before_insert")).collect();
    assert_eq!(before, ["before_insert ann", "before_insert cart unset", "before_insert gift"]);

    let mut other = engine.session();
    let path = Customer::CARTS.then(Cart::PRODUCTS);
    let found = other.query::<Customer>().with(path).one().await.unwrap();
    let cart = other.at(found).related(Customer::CARTS).unwrap().next().unwrap();
    assert_eq!(cart.related(Cart::PRODUCTS).unwrap().next().unwrap().sku, "gift");

    let cart = session.load(ann, Customer::CARTS).await.unwrap()[0];
    session[cart].invoice = Some("7".into());
    session.commit().await.unwrap();
    let owner = other.query::<Customer>().filter(Customer::EMAIL.eq("new owner")).one().await.unwrap();
    let moved = engine.count(select::<Cart>().filter(Cart::CUSTOMER_ID.eq(other[owner].id.unwrap())));
    assert_eq!(moved.await.unwrap(), 1, "the customer that before_update made owns it");
    let inserted = log.take().into_iter().filter(|line| line == "after_insert new owner").count();
    assert_eq!(inserted, 1);
}

#[orm_testkit::test(base = tree::Base)]
async fn a_listener_that_never_ends_is_an_error(engine: Engine) {
    let mut session = engine.session();
    session.listen(&Listeners::new().before_insert(|node: &mut Node| {
        node.children.push(Node::builder().name("one more"));
        Ok(())
    }));
    session.add(Node::builder().name("root"));
    let error = session.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Vetoed);
    assert_eq!(error.to_string(), "after 20 rounds the listeners still bring new objects into the flush");
}

#[orm_testkit::test(base = Base)]
async fn what_on_load_changes_is_not_written(engine: Engine) {
    customer("ann").insert(&engine).await.unwrap();
    let mut session = engine.session();
    session.listen(&Listeners::new().on_load(|customer: &mut Customer| customer.name = "secret".into()));
    let ann = session.get_one::<Customer>(1).await.unwrap();
    assert_eq!(session[ann].name, "secret");
    assert!(session.flush_plan().unwrap().is_empty());
    session[ann].age = Some(41);
    session.commit().await.unwrap();
    assert_eq!(
        engine.fetch_all(columns((Customer::NAME, Customer::AGE))).await.unwrap(),
        [("Ann".into(), Some(41))]
    );
}

#[orm_testkit::test(base = Base)]
async fn on_set_tells_the_database_and_the_last_value(engine: Engine) {
    let log = Log::default();
    let of_key = log.clone();
    let mut session = engine.session();
    session.listen(&everything(&log).on_set(Cart::CUSTOMER_ID, move |_, old, new| {
        of_key.put(format_args!("owner: {old:?} → {new:?}"));
        Ok(())
    }));
    let ann = session.add(Customer::builder().name("Ann").email("ann").age(1).carts([Cart::builder()]));
    session.commit().await.unwrap();
    assert!(!log.take().iter().any(|line| line.starts_with("on_set")), "not of new objects");
    let cart = session.load(ann, Customer::CARTS).await.unwrap()[0];
    session[ann].age = Some(2);
    session[ann].age = Some(3);
    session[ann].name = "Anna".into();
    session[cart].customer = BelongsTo::to(ann);
    session.flush().await.unwrap();
    let set = |log: &Log| -> Vec<String> {
        log.take()
            .into_iter()
            .filter(|line| line.starts_with("on_set") || line.starts_with("owner"))
            .collect()
    };
    assert_eq!(set(&log), ["on_set age of ann: Some(1) → Some(3)"], "the same owner by handle is no change");
    session[ann].age = None;
    session[cart].customer = BelongsTo::to(customer("bea"));
    session.flush().await.unwrap();
    assert_eq!(
        set(&log),
        ["on_set age of ann: Some(3) → None", "owner: Some(1) → None"],
        "bea has no key yet"
    );
    session[cart].customer = BelongsTo::to(ann);
    session.commit().await.unwrap();
    assert_eq!(set(&log), ["owner: Some(2) → Some(1)"]);
}
