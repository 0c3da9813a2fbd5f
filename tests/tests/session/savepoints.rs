//! Savepoints: what is taken back, what stays, and what it costs.

use orm_core::ErrorKind;
use orm_core::error::SqlState;
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use orm_tests::models::tree::{self, Node};
use shop_models::models::{Base, Cart, Customer, Product};

fn customer(name: &str) -> shop_models::models::Customer {
    Customer::builder().name(name).email(format!("{name}@example.org")).build()
}

#[orm_testkit::test(base = Base)]
async fn a_rollback_returns_to_the_savepoint_and_not_further(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(customer("Ann"));
    session.commit().await?;
    session[ann].age = Some(1);
    let mut nested = session.begin_nested().await?;
    nested[ann].age = Some(2);
    nested.flush().await?;
    nested[ann].age = Some(3);
    nested.rollback().await?;
    assert_eq!(session[ann].age, Some(1));
    session.commit().await?;
    assert_eq!(engine.fetch_one(columns(Customer::AGE)).await?, Some(1));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn ten_levels_are_taken_back_one_by_one(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(customer("Ann"));
    for level in 0..10 {
        session[ann].age = Some(level);
        session.begin_nested().await?.detach();
    }
    session[ann].age = Some(10);
    for level in (0..10).rev() {
        session.rollback_nested().await?;
        assert_eq!(session[ann].age, Some(level));
        assert_eq!(session.state(ann)?, ObjectState::Persistent, "it was flushed before the first savepoint");
    }
    session.commit().await?;
    assert_eq!(engine.fetch_one(columns(Customer::AGE)).await?, Some(0));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_kept_savepoint_goes_with_the_one_around_it(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(customer("Ann"));
    session.commit().await?;
    let mut outer = session.begin_nested().await?;
    outer[ann].age = Some(1);
    let mut inner = outer.begin_nested().await?;
    inner[ann].age = Some(2);
    let bea = inner.add(customer("Bea"));
    inner.commit().await?;
    assert_eq!(outer[ann].age, Some(2));
    outer.rollback().await?;
    assert_eq!(session[ann].age, None);
    assert_eq!(session.state(bea)?, ObjectState::Transient);
    session.commit().await?;
    assert_eq!(engine.count(select::<Customer>()).await?, 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_was_added_is_transient_and_can_be_added_again(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let mut nested = session.begin_nested().await?;
    let ann = nested.add(customer("Ann"));
    nested.flush().await?;
    assert!(nested[ann].id.is_set());
    nested.rollback().await?;
    assert_eq!(session.state(ann)?, ObjectState::Transient);
    assert!(!session[ann].id.is_set() && !session[ann].created_at.is_set());
    assert_eq!(session[ann].name, "Ann");
    session.add_again(ann)?;
    session.commit().await?;
    assert_eq!(engine.count(select::<Customer>()).await?, 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_was_deleted_is_back(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(customer("Ann"));
    let cart = session.add(Cart::builder().customer(ann));
    session.commit().await?;
    session.load(ann, Customer::CARTS).await?;
    let mut nested = session.begin_nested().await?;
    nested.delete(ann)?;
    nested.flush().await?;
    assert_eq!(nested.state(cart)?, ObjectState::Deleted);
    nested.rollback().await?;
    assert_eq!(session.state(cart)?, ObjectState::Persistent);
    assert_eq!(session.at(ann).related(Customer::CARTS)?.len(), 1);
    session[cart].invoice = Some("X".into());
    session.commit().await?;
    assert_eq!(engine.fetch_one(columns(Cart::INVOICE)).await?, Some("X".to_owned()));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn collections_return(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let tea = session.add(Product::builder().sku("T").title("Tea").price_cents(1));
    let jam = session.add(Product::builder().sku("J").title("Jam").price_cents(1));
    let ann = session.add(customer("Ann"));
    let cart = session.add(Cart::builder().customer(ann).products([tea]));
    session.commit().await?;
    let mut nested = session.begin_nested().await?;
    nested[cart].products.remove(tea);
    nested[cart].products.push(jam);
    nested.flush().await?;
    assert_eq!(nested.at(jam).related(Product::CARTS)?.len(), 1);
    nested.rollback().await?;
    let products: Vec<&str> = session.at(cart).related(Cart::PRODUCTS)?.map(|p| &p.get().sku[..]).collect();
    assert_eq!(products, ["T"]);
    assert_eq!(session.at(jam).related(Product::CARTS)?.len(), 0);
    assert_eq!(session.at(tea).related(Product::CARTS)?.len(), 1);
    session.commit().await?;
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_error_of_the_server_costs_the_savepoint_alone(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(customer("Ann"));
    session.flush().await?;
    let mut nested = session.begin_nested().await?;
    let twin = nested.add(customer("Ann"));
    assert!(nested.flush().await.unwrap_err().is_unique_violation());
    assert_eq!(nested.flush().await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    nested.rollback().await?;
    assert!(session.is_active());
    session[twin].email = "twin@example.org".into(); // writing it adds it again
    session.commit().await?;
    assert_eq!(engine.count(select::<Customer>()).await?, 2);
    assert!(session[ann].id.is_set());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_commit_that_fails_rolls_its_savepoint_back(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(customer("Ann"));
    let mut nested = session.begin_nested().await?;
    nested.add(customer("Ann"));
    let error = nested.commit().await.unwrap_err();
    assert_eq!(error.code(), Some(&SqlState::UNIQUE_VIOLATION));
    session.commit().await?;
    assert_eq!(engine.count(select::<Customer>()).await?, 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_dropped_savepoint_is_rolled_back_with_the_next_statement(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(customer("Ann"));
    {
        let mut nested = session.begin_nested().await?;
        nested[ann].age = Some(7);
        nested.flush().await?;
    }
    assert_eq!(session[ann].age, None);
    session.commit().await?;
    assert_eq!(engine.fetch_one(columns(Customer::AGE)).await?, None);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_dropped_savepoint_with_nothing_after_it_leaves_nothing(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    {
        let mut nested = session.begin_nested().await?;
        nested.add(customer("Ann"));
        nested.flush().await?;
    }
    session.commit().await?;
    assert_eq!(engine.count(select::<Customer>()).await?, 0);
    assert!(!session.in_transaction());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_commit_of_the_session_ends_all_savepoints(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let mut nested = session.begin_nested().await?;
    nested.add(customer("Ann"));
    Session::commit(&mut nested).await?;
    assert!(!nested.in_nested_transaction() && !nested.in_transaction());
    assert_eq!(nested.commit().await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    assert!(session.is_active());
    assert_eq!(engine.count(select::<Customer>()).await?, 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_rollback_of_the_session_ends_all_savepoints(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(customer("Ann"));
    session.commit().await?;
    session[ann].age = Some(1);
    session.begin_nested().await?.detach();
    session[ann].age = Some(2);
    session.begin_nested().await?.detach();
    session[ann].age = Some(3);
    session.rollback().await?;
    assert!(!session.in_nested_transaction());
    assert_eq!(session[ann].age, None);
    assert_eq!(session.rollback_nested().await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_was_read_in_a_savepoint_that_wrote_is_stale_after_it(engine: Engine) -> orm_core::Result<()> {
    engine.execute_script("INSERT INTO product (sku, title, price_cents) VALUES ('T', 'Tea', 1)").await?;
    let mut session = engine.session();
    session.add(customer("Ann"));
    let mut nested = session.begin_nested().await?;
    let tea = nested.query::<Product>().one().await?;
    nested.rollback().await?;
    assert!(session.is_expired(tea)?, "it was read after the flush of the savepoint's beginning");
    session.refresh(tea).await?;
    assert!(!session.is_expired(tea)?);
    Ok(())
}

#[orm_testkit::test(base = tree::Base)]
async fn a_moved_subtree_moves_back(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let root = session.add(tree::tree("r", 3, 2));
    session.commit().await?;
    let [left, right] = session.load(root, Node::CHILDREN).await?[..] else { panic!("two children") };
    let leaf = session.load(left, Node::CHILDREN).await?[0];
    session.load(right, Node::CHILDREN).await?;
    let mut nested = session.begin_nested().await?;
    nested[right].children.push(leaf);
    nested.flush().await?;
    assert_eq!(nested.at(right).related(Node::CHILDREN)?.len(), 3);
    nested.rollback().await?;
    assert_eq!(session.at(left).related(Node::CHILDREN)?.len(), 2);
    assert_eq!(session.at(right).related(Node::CHILDREN)?.len(), 2);
    assert_eq!(session.at(leaf).related(Node::PARENT)?.map(|parent| parent.handle()), Some(left));
    Ok(())
}
