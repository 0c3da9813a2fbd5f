//! Changes are written before a query reads: beyond `session::autoflush`.

use super::common::{customer, product, shop};
use orm_core::SessionMaker;
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use shop_models::models::{Base, Cart, Customer, Product};
use std::panic::{AssertUnwindSafe, catch_unwind};

#[orm_testkit::test(base = Base)]
async fn a_panic_in_a_block_without_it_restores_it(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let quiet = session.no_autoflush();
        assert!(quiet.autoflush(), "panics: it is off");
    }));
    assert!(panicked.is_err() && session.autoflush());
    session.add(product(1));
    assert_eq!(session.query::<Product>().count().await?, 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_rollback_takes_back_what_it_wrote(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let ann = session.query::<Customer>().with(Customer::CARTS).one().await?;
    let cart = session.add(Cart::builder().invoice("new"));
    session[ann].carts.push(cart);
    session[ann].name = "Anna".into();
    assert_eq!(session.query::<Cart>().count().await?, 3);
    session.rollback().await?;
    assert_eq!((&session[ann].name[..], session.at(ann).related(Customer::CARTS)?.len()), ("Ann", 2));
    assert_eq!(
        (session.state(cart)?, session[cart].invoice.as_deref()),
        (ObjectState::Transient, Some("new"))
    );
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_session_without_it_flushes_where_it_is_told_to(engine: Engine) -> orm_core::Result<()> {
    let mut session = SessionMaker::new(&engine).autoflush(false).session();
    let tea = session.add(product(1));
    assert_eq!(session.query::<Product>().count().await?, 0);
    assert_eq!(session.state(tea)?, ObjectState::Pending);
    session.flush().await?;
    assert_eq!(session.query::<Product>().one().await?, tea);
    session[tea].price_cents = 7;
    assert_eq!(session.query::<Product>().filter(Product::PRICE_CENTS.eq(7)).count().await?, 0);
    session.commit().await?;
    assert_eq!(engine.fetch_one(columns(Product::PRICE_CENTS)).await?, 7, "a commit always flushes");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_query_by_the_key_of_a_new_owner_finds_its_members(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let mut ann = customer("Ann");
    ann.carts.push(Cart::builder().invoice("1"));
    session.add(ann);
    let of_ann = Cart::CUSTOMER.has(Customer::NAME.eq("Ann"));
    let cart = session.query::<Cart>().filter(of_ann).one().await?;
    assert_eq!(session[cart].invoice.as_deref(), Some("1"));
    assert_eq!(session.at(cart).related(Cart::CUSTOMER)?.name, "Ann");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_member_that_was_pushed_is_seen_by_a_query_and_in_the_collection(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let cart = session.query::<Cart>().filter(Cart::ID.eq(1)).with(Cart::PRODUCTS).one().await?;
    let first = session.add(Product { sku: "A".into(), ..product(2) });
    session[cart].products.push(first);
    let skus = |session: &Session| -> Vec<String> {
        session.at(cart).related(Cart::PRODUCTS).unwrap().map(|product| product.sku.clone()).collect()
    };
    assert_eq!(skus(&session), ["P-1", "A"], "at the end, as it came");
    assert_eq!(session.query::<Product>().filter(Product::CARTS.any(Cart::ID.eq(1))).count().await?, 2);
    assert_eq!(skus(&session), ["P-1", "A"]);
    session.load(cart, Cart::PRODUCTS.populate_existing()).await?;
    assert_eq!(skus(&session), ["A", "P-1"], "in the order of the relation");
    Ok(())
}
