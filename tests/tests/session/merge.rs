//! Graphs of owned values that come and go: merge and expunge.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use orm_tests::models::tree::{self, Node};
use shop_models::models::{Base, Cart, Customer, Product};

async fn shop(engine: &Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let tea = session.add(Product::builder().sku("T").title("Tea").price_cents(390));
    let carts = [Cart::builder().invoice("1").products([tea]), Cart::builder().invoice("2")];
    session.add(Customer::builder().name("Ann").email("ann@example.org").carts(carts));
    session.commit().await
}

#[orm_testkit::test(base = Base)]
async fn merging_an_equal_object_writes_nothing(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let ann = Customer::find(&engine, 1).await?.unwrap();
    let mut session = engine.session();
    let merged = session.merge(ann).await?;
    assert_eq!(session.state(merged)?, ObjectState::Persistent);
    assert!(session.flush_plan()?.is_empty() && !session.is_modified(merged)?);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn merging_writes_the_columns_that_differ(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut ann = Customer::find(&engine, 1).await?.unwrap();
    ann.age = Some(7);
    let mut session = engine.session();
    session.merge(ann).await?;
    assert_eq!(session.flush_plan()?.to_string(), "update 1 row of customer (age)");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn merging_into_an_object_of_the_session_asks_nobody(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let ann = session.get_one::<Customer>(1).await?;
    let given = Customer { age: Some(7), ..session[ann].clone() };
    orm_testkit::assert_queries!(session, 0, { assert_eq!(session.merge(given).await?, ann) });
    assert_eq!(session[ann].age, Some(7));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_the_database_does_not_have_is_added_with_its_key(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let given = Customer::builder().id(70).name("Ann").email("a");
    let ann = session.merge(given).await?;
    assert_eq!(session.state(ann)?, ObjectState::Pending);
    session.commit().await?;
    assert_eq!(engine.fetch_one(columns(Customer::ID)).await?, 70);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_graph_is_merged_in_two_round_trips(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let given = Customer::builder().id(1).name("Ann").email("ann@example.org").carts([
        Cart::builder().id(1).invoice("1b").products([
            Product::builder().id(1).sku("T").title("Green tea").price_cents(390),
            Product::builder().sku("J").title("Jam").price_cents(1),
        ]),
        Cart::builder().invoice("3"),
    ]);
    let mut session = engine.session();
    let before = engine.statistics().round_trips;
    let ann = session.merge(given).await?;
    assert_eq!(engine.statistics().round_trips - before, 2, "rows, then the collections that are replaced");
    session.commit().await?;
    // The cart that was not given has left, and is an orphan.
    let invoices = engine.fetch_all(columns(Cart::INVOICE).order_by(Cart::ID)).await?;
    assert_eq!(invoices, [Some("1b".to_owned()), Some("3".to_owned())]);
    let skus = engine.fetch_all(columns(Product::TITLE).order_by(Product::ID)).await?;
    assert_eq!(skus, ["Green tea", "Jam"]);
    let cart = session.at(ann).related(Customer::CARTS)?.next().unwrap().handle();
    assert_eq!(session.at(cart).related(Cart::PRODUCTS)?.len(), 2);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_collection_that_is_not_given_stays(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let ann = session.merge(Customer::builder().id(1).name("Anna").email("ann@example.org")).await?;
    session.commit().await?;
    assert_eq!(session.load(ann, Customer::CARTS).await?.len(), 2);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn one_key_twice_in_a_graph_is_one_object(engine: Engine) -> orm_core::Result<()> {
    let tea = |title: &str| Product::builder().id(9).sku("T").title(title).price_cents(1);
    let mut session = engine.session();
    let carts = [Cart::builder().products([tea("Tea")]), Cart::builder().products([tea("Green tea")])];
    session.merge(Customer::builder().name("Ann").email("a").carts(carts)).await?;
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns(Product::TITLE)).await?, ["Green tea"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_object_of_another_session_is_merged_without_its_handles(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let (mut one, mut two) = (engine.session(), engine.session());
    let cart = one.get_one::<Cart>(1).await?;
    one.load(cart, Cart::CUSTOMER).await?;
    one.load(cart, Cart::PRODUCTS).await?;
    let mut copy = one[cart].clone();
    copy.invoice = Some("X".into());
    let merged = two.merge(copy).await?;
    two.commit().await?;
    assert_eq!(two.load(merged, Cart::PRODUCTS).await?.len(), 1);
    assert_eq!(two[merged].customer.key(), Some(&1));
    assert_eq!(engine.count(select::<Cart>().filter(Cart::INVOICE.eq("X"))).await?, 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn unset_columns_keep_what_is_there(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let ann = session.get_one::<Customer>(1).await?;
    let created = session[ann].created_at;
    session.merge(Customer::builder().id(1).name("Ann").email("ann@example.org")).await?;
    assert!(created.is_set());
    assert_eq!(session[ann].created_at, created);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_graph_that_was_expunged_comes_back_whole(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let ann = session.get_one::<Customer>(1).await?;
    session.load(ann, Customer::CARTS).await?;
    let value = session.expunge(ann)?;
    assert_eq!(value.carts.values().len(), 2);
    assert!(session.is_empty());
    let ann = session.merge(value).await?;
    assert!(session.flush_plan()?.is_empty(), "{}", session.flush_plan()?);
    assert_eq!(session.at(ann).related(Customer::CARTS)?.len(), 2);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_expunged_object_is_not_written(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let ann = session.get_one::<Customer>(1).await?;
    let tea = session.get_one::<Product>(1).await?;
    session[ann].name = "X".into();
    session.delete(tea)?;
    let new = session.add(Product::builder().sku("J").title("Jam").price_cents(1));
    assert_eq!(session.expunge(ann)?.name, "X");
    session.expunge(tea)?;
    session.expunge(new)?;
    assert!(session.flush_plan()?.is_empty());
    assert_eq!(session.state(ann)?, ObjectState::Detached);
    assert_eq!(session.try_get(ann).unwrap_err().kind(), ErrorKind::Gone);
    session.commit().await?;
    assert_eq!(engine.fetch_one(columns(Customer::NAME)).await?, "Ann");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_refers_to_an_expunged_object_keeps_its_key(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let cart = session.get_one::<Cart>(1).await?;
    let ann = session.load(cart, Cart::CUSTOMER).await?[0];
    session[cart].customer.set(ann);
    session.flush().await?;
    session.expunge(ann)?; // "all": the loaded carts would go too, none is
    session[cart].invoice = Some("X".into());
    session.commit().await?;
    assert_eq!(engine.fetch_one(columns(Cart::CUSTOMER_ID).filter(Cart::INVOICE.eq("X"))).await?, 1);
    // It can be loaded again, as another object.
    let again = session.load(cart, Cart::CUSTOMER).await?[0];
    assert_ne!(again, ann);
    assert_eq!(session.at(cart).related(Cart::CUSTOMER)?.name, "Ann");
    Ok(())
}

#[orm_testkit::test(base = tree::Base)]
async fn deep_trees_leave_one_level_only_without_the_cascade(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let root = session.add(tree::tree("r", 3, 2));
    session.commit().await?;
    let value: Node = session.expunge(root)?; // no cascade "expunge" on Node::children
    assert_eq!(value.children.values().len(), 0);
    assert_eq!(session.len(), 6);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn handles_end_with_expunge_all(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let old = session.get_one::<Customer>(1).await?;
    session.expunge_all();
    let new = session.get_one::<Customer>(1).await?;
    assert_ne!(old, new);
    let error = session.try_get(old).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Gone);
    assert!(error.to_string().contains("taken out of the session"), "{error}");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn expunging_in_a_transaction_leaves_the_rollback_nothing_to_do(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = engine.session();
    let tea = session.add(Product::builder().sku("T").title("Tea").price_cents(1));
    session.flush().await?;
    let value = session.expunge(tea)?;
    assert!(value.id.is_set());
    session.rollback().await?;
    assert_eq!(session.state(tea)?, ObjectState::Detached);
    assert_eq!(engine.count(select::<Product>()).await?, 0);
    Ok(())
}
