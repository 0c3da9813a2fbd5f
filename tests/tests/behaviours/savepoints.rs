//! Parts of a transaction that can be taken back alone.

use super::common::{customer, names, product, shop};
use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::sql::text;
use orm_core::state::ObjectState;
use orm_tests::models::keys::{self, Course};
use shop_models::models::{Base, Cart, Customer, Product};

#[orm_testkit::test(base = Base)]
async fn a_savepoint_begins_the_transaction_and_the_flags_follow_the_nesting(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = engine.session();
    assert!(!session.in_transaction() && !session.in_nested_transaction());
    let mut outer = session.begin_nested().await?;
    assert!(outer.in_transaction() && outer.in_nested_transaction());
    let inner = outer.begin_nested().await?;
    inner.rollback().await?;
    assert!(outer.in_transaction() && outer.in_nested_transaction());
    outer.rollback().await?;
    assert!(session.in_transaction() && !session.in_nested_transaction());
    session.rollback().await?;
    assert!(!session.in_transaction());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_was_not_flushed_in_a_savepoint_goes_with_it(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let mut nested = session.begin_nested().await?;
    let ann = nested.add(customer("Ann"));
    assert!(nested.contains(ann));
    nested.rollback().await?;
    assert!(!session.contains(ann));
    session.commit().await?;
    assert_eq!(names(&engine).await?, [""; 0]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_mark_for_deletion_in_a_savepoint_goes_with_it(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(customer("Ann"));
    session.commit().await?;
    let mut nested = session.begin_nested().await?;
    nested.delete(ann)?;
    assert_eq!(nested.deleted().count(), 1);
    nested.rollback().await?;
    assert_eq!((session.state(ann)?, session.deleted().count()), (ObjectState::Persistent, 0));
    session.commit().await?;
    assert_eq!(names(&engine).await?, ["Ann"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_deletion_in_a_savepoint_that_is_kept_is_committed(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(customer("Ann"));
    session.commit().await?;
    let mut nested = session.begin_nested().await?;
    nested.delete(ann)?;
    nested.commit().await?;
    assert_eq!(session.query::<Customer>().count().await?, 0);
    assert_eq!(names(&engine).await?, ["Ann"], "for others she is there until the commit");
    session.commit().await?;
    assert_eq!(names(&engine).await?, [""; 0]);
    assert_eq!(session.state(ann)?, ObjectState::Deleted);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_savepoint_that_is_kept_keeps_columns_and_collections(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let ann = session.query::<Customer>().with(Customer::CARTS).one().await?;
    session[ann].name = "Anna".into();
    session[ann].carts.push(Cart::builder().invoice("3"));
    let mut nested = session.begin_nested().await?;
    nested[ann].carts.push(Cart::builder().invoice("4"));
    nested.add(customer("Bea"));
    nested.commit().await?;
    let before = engine.statistics().round_trips;
    assert_eq!((&session[ann].name[..], session.at(ann).related(Customer::CARTS)?.len()), ("Anna", 4));
    session.commit().await?;
    assert_eq!(engine.statistics().round_trips - before, 1, "the commit alone");
    assert_eq!(names(&engine).await?, ["Anna", "Bea"]);
    assert_eq!(engine.count(select::<Cart>()).await?, 4);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_rollback_to_a_savepoint_keeps_what_the_collections_were_when_it_began(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let ann = session.query::<Customer>().with(Customer::CARTS).one().await?;
    session[ann].carts.push(Cart::builder().invoice("3"));
    let mut nested = session.begin_nested().await?;
    nested[ann].carts.push(Cart::builder().invoice("4"));
    assert_eq!(nested.query::<Cart>().count().await?, 4);
    nested.rollback().await?;
    let invoices: Vec<_> =
        session.at(ann).related(Customer::CARTS)?.map(|cart| cart.get().invoice.clone().unwrap()).collect();
    assert_eq!(invoices, ["1", "2", "3"]);
    session.commit().await?;
    assert_eq!(engine.count(select::<Cart>()).await?, 3);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn objects_that_a_savepoint_did_not_touch_stay_fresh(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [ann, bea] = ["Ann", "Bea"].map(|name| session.add(customer(name)));
    session.commit().await?;
    let mut nested = session.begin_nested().await?;
    nested[bea].name = "Beatrice".into();
    nested.flush().await?;
    nested.rollback().await?;
    assert!(!session.is_expired(ann)? && !session.is_expired(bea)?);
    assert_eq!((&session[ann].name[..], &session[bea].name[..]), ("Ann", "Bea"));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_graph_that_clashes_in_a_savepoint_leaves_what_is_around_it(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(customer("Ann"));
    let cart = session.add(Cart::builder().customer(ann).invoice("1"));
    session.commit().await?;
    session[ann].name = "Anna".into();
    session[cart].invoice = Some("1b".into());
    let mut nested = session.begin_nested().await?;
    let twin = Customer::builder().id(1).name("Jack").email("jack").carts([Cart::builder().invoice("2")]);
    let twin = nested.add(twin);
    assert!(nested.flush().await.unwrap_err().is_unique_violation());
    nested.rollback().await?;
    assert!(!session.contains(twin) && session.contains(cart));
    assert_eq!((&session[ann].name[..], session[cart].invoice.as_deref()), ("Anna", Some("1b")));
    session.commit().await?;
    assert_eq!(names(&engine).await?, ["Anna"]);
    assert_eq!(engine.count(select::<Cart>()).await?, 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn after_a_savepoint_that_failed_the_next_one_works(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(customer("Ann"));
    for (name, works) in [("Ann", false), ("Bea", true), ("Bea", false), ("Cleo", true)] {
        let mut nested = session.begin_nested().await?;
        nested.add(customer(name));
        assert_eq!(nested.commit().await.is_ok(), works, "{name}");
    }
    session.commit().await?;
    assert_eq!(names(&engine).await?, ["Ann", "Bea", "Cleo"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn text_in_a_savepoint_is_taken_back_with_it(engine: Engine) -> orm_core::Result<()> {
    let insert =
        |name: &str| text("INSERT INTO customer (name, email) VALUES ($1, $1)").bind(name.to_owned());
    let mut session = engine.session();
    session.execute(insert("Ann")).await?;
    let mut nested = session.begin_nested().await?;
    nested.execute(insert("Bea")).await?;
    let bea = nested.query::<Customer>().filter(Customer::NAME.eq("Bea")).one().await?;
    nested.rollback().await?;
    assert!(session.is_expired(bea)?, "nobody told the session that her row is gone");
    session.commit().await?;
    assert_eq!(names(&engine).await?, ["Ann"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_rollback_of_the_session_takes_everything_in_savepoints_back(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(customer("Ann"));
    session.begin_nested().await?.detach();
    session.execute(text("INSERT INTO customer (name, email) VALUES ('Bea', 'b')")).await?;
    session.begin_nested().await?.detach();
    session.add(customer("Cleo"));
    session.flush().await?;
    session.rollback().await?;
    session.add(customer("Dora"));
    session.commit().await?;
    assert_eq!(names(&engine).await?, ["Dora"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_savepoint_that_somebody_else_ended_is_told_and_costs_the_transaction(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = engine.session();
    let mut nested = session.begin_nested().await?;
    let ann = nested.add(customer("Ann"));
    nested.execute(text("RELEASE SAVEPOINT orm_0")).await?;
    assert_eq!(nested.rollback().await.unwrap_err().kind(), ErrorKind::Database);
    assert_eq!(session.flush().await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    session.rollback().await?;
    assert!(!session.contains(ann) && session.is_active() && !session.in_transaction());
    assert_eq!(names(&engine).await?, [""; 0]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_object_that_was_read_in_a_savepoint_stays_in_the_session(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let mut nested = session.begin_nested().await?;
    let tea = nested.query::<Product>().one().await?;
    nested.rollback().await?;
    assert!(session.contains(tea) && !session.is_expired(tea)?, "nothing was written before it was read");
    assert_eq!(session[tea].sku, product(1).sku);
    Ok(())
}

#[orm_testkit::test(base = keys::Base)]
async fn a_natural_key_that_changed_in_a_savepoint_changes_back(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let one = session.add(Course::builder().code("1").title("Rust"));
    session.commit().await?;
    let mut nested = session.begin_nested().await?;
    let two = nested.add(Course::builder().code("2").title("SQL"));
    nested.flush().await?;
    nested[two].code = "3".into();
    nested.flush().await?;
    nested[one].code = "2".into();
    nested.flush().await?;
    nested.rollback().await?;
    assert!(session.contains(one) && !session.contains(two));
    assert_eq!(session.get::<Course>("1").await?, Some(one));
    assert_eq!(session.get::<Course>("2").await?, None);
    session[one].code = "5".into();
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns(Course::CODE)).await?, ["5"]);
    Ok(())
}
