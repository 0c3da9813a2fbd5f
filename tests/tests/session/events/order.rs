//! What is told, and in which order.

use super::{Log, all_of, customer, everything};
use orm_core::prelude::*;
use orm_core::{ErrorKind, Listeners};
use shop_models::models::{Base, Cart, Customer, Product};

#[orm_testkit::test(base = Base)]
async fn the_life_of_a_graph(engine: Engine) {
    let log = Log::default();
    let mut session = engine.session();
    session.listen(&everything(&log));

    let tea = Product::builder().sku("tea").title("Tea").price_cents(390);
    let ann =
        session.add(Customer::builder().name("Ann").email("ann").carts([Cart::builder().products([tea])]));
    let expected = [
        "before_attach ann",
        "on_state Customer: Transient → Pending",
        "after_attach ann",
        "before_attach cart unset",
        "on_state Cart: Transient → Pending",
        "after_attach cart unset",
        "before_attach tea",
        "on_state Product: Transient → Pending",
        "after_attach tea",
    ];
    assert_eq!(log.take(), expected);

    session.commit().await.unwrap();
    let expected = [
        "before_commit",
        "before_flush",
        "before_insert ann",
        "before_insert cart unset",
        "before_insert tea",
        "after_begin",
        "on_state Customer: Pending → Persistent",
        "on_state Cart: Pending → Persistent",
        "on_state Product: Pending → Persistent",
        "after_insert ann",
        "after_insert cart 1",
        "after_insert tea",
        "after_flush: reserve 1 key of customer; reserve 1 key of cart; reserve 1 key of product; \
         insert 1 row into customer (id, name, email, age); insert 1 row into cart (id, invoice, customer_id); \
         insert 1 row into product (id, sku, title, price_cents); link 1 row of cart_product",
        "after_commit",
    ];
    assert_eq!(log.take(), expected);

    session[ann].age = Some(41);
    assert!(log.take().is_empty(), "a write is an assignment, nobody hears of it");
    session.commit().await.unwrap();
    let expected = [
        "before_commit",
        "before_flush",
        "before_update ann",
        "on_set age of ann: None → Some(41)",
        "after_update ann",
        "after_flush: update 1 row of customer (age)",
        "after_commit",
    ];
    assert_eq!(log.take(), expected, "one statement alone has no BEGIN");

    session.delete(ann).unwrap();
    assert_eq!(log.take(), ["on_state Customer: Persistent → Deleting"]);
    session.commit().await.unwrap();
    let expected = [
        "before_commit",
        "before_flush",
        "on_state Cart: Persistent → Deleting",
        "before_delete cart 1",
        "before_delete ann",
        "after_begin",
        "on_state Customer: Deleting → Deleted",
        "on_state Cart: Deleting → Deleted",
        "after_delete cart 1",
        "after_delete ann",
        "after_flush: delete 1 row of cart; delete 1 row of customer",
        "after_commit",
    ];
    assert_eq!(log.take(), expected, "deletions go from the members to the owners");
}

#[orm_testkit::test(base = Base)]
async fn loading_and_states(engine: Engine) {
    let mut other = engine.session();
    other.add(Customer::builder().name("Ann").email("ann").carts([Cart::builder(), Cart::builder()]));
    other.add(customer("bea"));
    other.commit().await.unwrap();

    let log = Log::default();
    let mut session = engine.session();
    session.listen(&everything(&log));
    let customers = session.query::<Customer>().order_by(Customer::ID).all().await.unwrap();
    assert_eq!(log.take(), ["on_load ann", "on_load bea"]);
    session.query::<Customer>().all().await.unwrap();
    session.get::<Customer>(1).await.unwrap();
    assert!(log.take().is_empty(), "they are here");
    session.load(&customers, Customer::CARTS).await.unwrap();
    assert_eq!(log.take(), ["on_load cart 1", "on_load cart 2"]);

    let new = session.add(customer("cea"));
    log.take();
    session.delete(new).unwrap();
    assert_eq!(log.take(), ["on_state Customer: Pending → Detached"]);

    let dea = session.add(customer("dea"));
    session[customers[0]].age = Some(1);
    session.delete(customers[1]).unwrap();
    session.flush().await.unwrap();
    log.take();
    session.rollback().await.unwrap();
    let mut heard = log.take();
    assert_eq!(heard.pop().unwrap(), "after_rollback");
    heard.sort();
    let expected = ["on_state Customer: Deleted → Persistent", "on_state Customer: Persistent → Transient"];
    assert_eq!(heard, expected);
    session[dea].age = Some(4);
    let expected = ["before_attach dea", "on_state Customer: Transient → Pending", "after_attach dea"];
    assert_eq!(log.take(), expected, "a write attaches it again");
    session.rollback().await.unwrap();
    log.take();
    session.add_again(dea).unwrap();
    assert_eq!(log.take(), expected);
}

#[orm_testkit::test(base = Base)]
async fn a_flush_without_changes_tells_nothing(engine: Engine) {
    let log = Log::default();
    let mut session = engine.session();
    session.listen(&everything(&log));
    session.flush().await.unwrap();
    assert!(log.take().is_empty());
    session.commit().await.unwrap();
    assert_eq!(log.take(), ["before_commit", "after_commit"]);

    let ann = session.add(customer("ann"));
    session.commit().await.unwrap();
    log.take();
    session[ann].age = Some(1);
    session[ann].age = None;
    session.commit().await.unwrap();
    let expected = ["before_commit", "before_flush", "after_flush: nothing to flush", "after_commit"];
    assert_eq!(log.take(), expected, "touched, but as the database has it");
}

#[orm_testkit::test(base = Base)]
async fn a_flush_plan_tells_nothing(engine: Engine) {
    let log = Log::default();
    let mut session = engine.session();
    let ann = session.add(customer("ann"));
    session.commit().await.unwrap();
    session.listen(&everything(&log));
    session[ann].carts.push(Cart::builder());
    assert_eq!(session.flush_plan().unwrap().steps().len(), 1);
    assert!(log.take().is_empty());
    session.flush().await.unwrap();
    let expected = [
        "before_flush",
        "before_attach cart unset",
        "on_state Cart: Transient → Pending",
        "after_attach cart unset",
        "before_insert cart unset",
        "after_begin",
        "on_state Cart: Pending → Persistent",
        "after_insert cart 1",
        "after_flush: insert 1 row into cart (customer_id)",
    ];
    let heard: Vec<String> =
        log.take().iter().map(|line| line.replace("(invoice, customer_id)", "(customer_id)")).collect();
    assert_eq!(heard, expected, "what the plan attached is told by the flush");
}

#[orm_testkit::test(base = Base)]
async fn an_error_of_the_server_tells_of_no_success(engine: Engine) {
    let log = Log::default();
    let mut session = engine.session();
    session.listen(&everything(&log));
    session.add_all(["same", "same"].map(customer));
    log.take();
    assert!(session.commit().await.unwrap_err().is_unique_violation());
    assert_eq!(log.take(), ["before_commit", "before_flush", "before_insert same", "before_insert same"]);
    assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    assert!(log.take().is_empty(), "it was refused at once");
    session.rollback().await.unwrap();
    let back = "on_state Customer: Pending → Transient";
    assert_eq!(log.take(), [back, back, "after_rollback"]);
}

#[orm_testkit::test(base = Base)]
async fn a_flush_that_is_planned_twice_tells_once(engine: Engine) {
    let script =
        "ALTER TABLE customer ALTER id SET GENERATED ALWAYS; ALTER TABLE cart ALTER id SET GENERATED ALWAYS";
    engine.execute_script(script).await.unwrap();
    let log = Log::default();
    let mut session = engine.session();
    session.listen(&everything(&log));
    session.add(Customer::builder().name("Ann").email("ann").carts([Cart::builder()]));
    log.take();
    let before = engine.statistics().statements;
    session.commit().await.unwrap();
    let heard = log.take();
    assert!(engine.statistics().statements - before > 4, "it was refused once");
    for event in [
        "before_flush",
        "before_insert ann",
        "before_insert cart unset",
        "after_begin",
        "after_insert ann",
        "after_insert cart 1",
    ] {
        assert_eq!(heard.iter().filter(|line| *line == event).count(), 1, "{event} in {heard:?}");
    }
}

#[orm_testkit::test(base = Base)]
async fn begin_and_nobody_else(engine: Engine) {
    let log = Log::default();
    let mut session = engine.session();
    session.listen(&everything(&log));
    session.begin().await.unwrap();
    assert_eq!(log.take(), ["after_begin"]);
    session.begin().await.unwrap();
    assert!(log.take().is_empty(), "it was open");
    customer("record").insert(&engine).await.unwrap();
    session.rollback().await.unwrap();
    assert_eq!(log.take(), ["after_rollback"], "a record has no session");
}

#[orm_testkit::test(base = Base)]
async fn several_values_are_heard_in_order(engine: Engine) {
    let log = Log::default();
    let say = |what: &'static str| {
        let log = log.clone();
        Listeners::new().before_insert(move |_: &mut Customer| {
            log.put(what);
            Ok(())
        })
    };
    let mut session = engine.session();
    session.add(customer("ann"));
    session.listen(&say("first").and(&say("second")));
    session.listen(&say("third"));
    session.commit().await.unwrap();
    assert_eq!(log.take(), ["first", "second", "third"]);

    let mut other = engine.session();
    other.listen(&all_of::<Cart>(Listeners::new(), &log, |cart| cart.id.to_string()));
    other.add(customer("bea"));
    other.commit().await.unwrap();
    assert!(log.take().is_empty(), "neither of another session nor of another model");
}
