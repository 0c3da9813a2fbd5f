//! States, changes, identities.

use orm_core::mapper::AnyHandle;
use orm_core::mapper::IdentityKey;
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use orm_tests::models::keys;
use shop_models::models::{Base, Cart, Customer, Product};
use std::collections::BTreeSet;

fn tea(n: i64) -> Product {
    Product::builder().sku(format!("T-{n}")).title("Tea").price_cents(n).build()
}

#[orm_testkit::test(base = Base)]
async fn every_state_is_reached_and_told(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let one = session.add(tea(1));
    assert_eq!(session.state(one)?, ObjectState::Pending);
    session.rollback().await?;
    assert_eq!(session.state(one)?, ObjectState::Transient);
    session.add_again(one)?;
    session.flush().await?;
    assert_eq!(session.state(one)?, ObjectState::Persistent);
    session.delete(one)?;
    assert_eq!(session.state(one)?, ObjectState::Deleting);
    session.flush().await?;
    assert_eq!(session.state(one)?, ObjectState::Deleted);
    session.rollback().await?;
    assert_eq!(session.state(one)?, ObjectState::Transient, "it was inserted in this transaction");
    session.add_again(one)?;
    session.commit().await?;
    session.expunge(one)?;
    assert_eq!(session.state(one)?, ObjectState::Detached);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn new_dirty_and_deleted_tell_what_the_flush_will_do(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [one, two, three] = session.add_all((1..=3).map(tea))[..] else { panic!("three") };
    assert_eq!(session.pending().filter_map(AnyHandle::of).collect::<Vec<_>>(), [one, two, three]);
    session.commit().await?;
    session[one].title = "X".into();
    session[two].title = "Tea".into(); // the same
    session.delete(three)?;
    let four = session.add(tea(4));
    let of = |handles: Vec<AnyHandle>| handles.into_iter().filter_map(AnyHandle::of).collect::<Vec<_>>();
    assert_eq!(of(session.pending().collect()), [four]);
    assert_eq!(of(session.dirty().collect()), [one]);
    assert_eq!(of(session.deleted().collect()), [three]);
    session.commit().await?;
    assert_eq!(session.pending().chain(session.dirty()).chain(session.deleted()).count(), 0);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn relations_count_as_changes(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let one = session.add(tea(1));
    let ann = session.add(Customer::builder().name("Ann").email("a"));
    let cart = session.add(Cart::builder().customer(ann));
    session.commit().await?;
    session[cart].products.push(one);
    assert!(session.is_modified(cart)? && !session.is_modified(one)?);
    assert_eq!(session.history(cart)?.added(Cart::PRODUCTS), [one]);
    assert!(session.history(cart)?.changes().is_empty());
    session[cart].products.remove(one);
    assert!(!session.is_modified(cart)?);
    session[ann].carts.push(Cart::builder());
    assert!(session.is_modified(ann)?);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn history_tells_old_and_new(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let one = session.add(tea(1));
    assert!(session.history(one)?.old().is_none());
    assert_eq!(session.history(one)?.changes().len(), 3, "the id is not set yet");
    session.commit().await?;
    session[one].price_cents = 2;
    session[one].price_cents = 3;
    let history = session.history(one)?;
    assert_eq!((history.old().unwrap().price_cents, history.current().price_cents), (1, 3));
    assert_eq!(history.changes().len(), 1);
    assert!(history.of(Product::TITLE).is_none());
    session.flush().await?;
    assert!(session.history(one)?.changes().is_empty(), "since the last flush");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn the_identity_map_holds_what_is_in_the_database(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [one, two] = session.add_all((1..=2).map(tea))[..] else { panic!("two") };
    assert_eq!(session.identity_map().count(), 0);
    session.flush().await?;
    let keys: BTreeSet<String> = session.identity_map().map(|(key, _)| key.to_string()).collect();
    assert_eq!(keys, BTreeSet::from(["Product(1)".to_owned(), "Product(2)".to_owned()]));
    assert_eq!(session.identity_key(two)?, Some(IdentityKey::of::<Product>(2)?));
    session.rollback().await?;
    assert_eq!((session.identity_map().count(), session.identity_key(one)?), (0, None));
    Ok(())
}

#[test]
fn identities_of_composite_keys_are_told_in_order() -> orm_core::Result<()> {
    let key = IdentityKey::of::<keys::Enrollment>((3_i64, "b".to_owned()))?;
    assert_eq!(key.to_string(), "Enrollment(3, \"b\")");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn objects_of_a_model_come_in_order(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let all = session.add_all((1..=4).map(tea));
    session.commit().await?;
    session.delete(all[1])?;
    session.flush().await?;
    session.expunge(all[3])?;
    assert_eq!(session.objects::<Product>().collect::<Vec<_>>(), [all[0], all[2]]);
    assert_eq!((session.len(), session.objects::<Cart>().count()), (2, 0));
    assert!(session.contains(all[0]) && !session.contains(all[1]) && !session.contains(all[3]));
    Ok(())
}
