//! UPDATE and DELETE by a query, beside the objects of the session.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use orm_tests::models::versions;
use shop_models::models::{Base, Cart, Customer, Product};

async fn products(engine: &Engine) -> orm_core::Result<(Session, Vec<Handle<Product>>)> {
    let mut session = engine.session();
    let sku = |n: i64| Product::builder().sku(format!("{n}")).title("x").price_cents(n);
    let all = session.add_all((1..=4).map(sku));
    session.commit().await?;
    Ok((session, all))
}

#[orm_testkit::test(base = Base)]
async fn objects_become_as_their_rows(engine: Engine) -> orm_core::Result<()> {
    let (mut session, all) = products(&engine).await?;
    let update = session.query::<Product>().filter(Product::PRICE_CENTS.ge(3));
    let count =
        update.set(Product::PRICE_CENTS, Product::PRICE_CENTS * 10).set(Product::TITLE, "y").update().await?;
    assert_eq!(count, 2);
    let prices: Vec<i64> = all.iter().map(|product| session[*product].price_cents).collect();
    assert_eq!(prices, [1, 2, 30, 40]);
    assert!(session.flush_plan()?.is_empty());
    session.commit().await?;
    assert_eq!(engine.count(select::<Product>().filter(Product::TITLE.eq("y"))).await?, 2);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_rollback_takes_both_back(engine: Engine) -> orm_core::Result<()> {
    let (mut session, all) = products(&engine).await?;
    session.query::<Product>().set(Product::TITLE, "y").update().await?;
    session.query::<Product>().filter(Product::PRICE_CENTS.eq(2)).delete().await?;
    assert_eq!(session.state(all[1])?, ObjectState::Deleted);
    session.rollback().await?;
    assert!(all.iter().all(|product| session[*product].title == "x"));
    assert_eq!(session.state(all[1])?, ObjectState::Persistent);
    assert_eq!(engine.count(select::<Product>().filter(Product::TITLE.eq("x"))).await?, 4);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_savepoint_takes_its_own_back(engine: Engine) -> orm_core::Result<()> {
    let (mut session, all) = products(&engine).await?;
    session.query::<Product>().set(Product::PRICE_CENTS, 7).update().await?;
    let mut nested = session.begin_nested().await?;
    nested.query::<Product>().set(Product::PRICE_CENTS, Product::PRICE_CENTS + 1).update().await?;
    assert_eq!(nested[all[0]].price_cents, 8);
    nested.rollback().await?;
    assert_eq!(session[all[0]].price_cents, 7);
    session.commit().await?;
    assert_eq!(engine.count(select::<Product>().filter(Product::PRICE_CENTS.eq(7))).await?, 4);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn unsaved_changes_are_flushed_or_stay_on_top(engine: Engine) -> orm_core::Result<()> {
    let (mut session, all) = products(&engine).await?;
    session[all[0]].price_cents = 100;
    let count = session
        .query::<Product>()
        .filter(Product::PRICE_CENTS.ge(100))
        .set(Product::TITLE, "y")
        .update()
        .await?;
    assert_eq!(count, 1, "flushed first");
    session[all[1]].title = "mine".into();
    let quiet = &mut session.no_autoflush();
    quiet.query::<Product>().set(Product::TITLE, "z").set(Product::PRICE_CENTS, 5).update().await?;
    assert_eq!((&quiet[all[1]].title[..], quiet[all[1]].price_cents), ("mine", 5));
    assert_eq!(quiet[all[0]].title, "z");
    quiet.commit().await?;
    assert_eq!(engine.count(select::<Product>().filter(Product::TITLE.eq("mine"))).await?, 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_order_and_a_limit_choose_the_rows(engine: Engine) -> orm_core::Result<()> {
    let (mut session, all) = products(&engine).await?;
    let dearest = session.query::<Product>().order_by(Product::PRICE_CENTS.desc()).limit(1);
    assert_eq!(dearest.set(Product::TITLE, "top").update().await?, 1);
    assert_eq!(session[all[3]].title, "top");
    assert_eq!(session.query::<Product>().order_by(Product::PRICE_CENTS).limit(2).delete().await?, 2);
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns(Product::PRICE_CENTS).order_by(Product::ID)).await?, [3, 4]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn rows_are_found_along_relations_and_what_follows_them_is_stale(
    engine: Engine,
) -> orm_core::Result<()> {
    let (mut session, all) = products(&engine).await?;
    let ann =
        session.add(Customer::builder().name("Ann").email("a").carts([Cart::builder().products([all[0]])]));
    let bea = session.add(Customer::builder().name("Bea").email("b").carts([Cart::builder()]));
    session.commit().await?;
    let cart = session.at(bea).related(Customer::CARTS)?.next().unwrap().handle();
    let buyers = Customer::CARTS.any(Cart::PRODUCTS.any(Product::PRICE_CENTS.eq(1)));
    assert_eq!(session.query::<Customer>().filter(buyers).set(Customer::AGE, 7).update().await?, 1);
    assert_eq!((session[ann].age, session[bea].age), (Some(7), None));
    session.query::<Customer>().filter(Customer::NAME.eq("Bea")).delete().await?; // ON DELETE CASCADE
    assert!(session.is_expired(cart)?);
    let id = session[cart].id.unwrap();
    assert_eq!(session.get::<Cart>(id).await?, None);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn keys_and_foreign_keys_are_refused_and_errors_name_the_place(engine: Engine) -> orm_core::Result<()> {
    let (mut session, all) = products(&engine).await?;
    let error = session.query::<Product>().set(Product::ID, 7).update().await.unwrap_err();
    assert_eq!((error.kind(), error.model()), (ErrorKind::ReadOnly, Some("Product")));
    let error = session.query::<Cart>().set(Cart::CUSTOMER_ID, 7).update().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadOnly);
    assert!(session.is_active() && !session.in_transaction(), "nothing was sent");
    let error = session.query::<Product>().set(Product::PRICE_CENTS, -1).update().await.unwrap_err();
    assert!(error.is_check_violation());
    assert_eq!(error.model(), Some("Product"));
    assert_eq!(session.flush().await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    session.rollback().await?;
    assert_eq!(session[all[0]].price_cents, 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_finds_nothing_changes_nothing(engine: Engine) -> orm_core::Result<()> {
    let (mut session, all) = products(&engine).await?;
    let none = || Product::PRICE_CENTS.gt(1_000);
    assert_eq!(session.query::<Product>().filter(none()).set(Product::TITLE, "y").update().await?, 0);
    assert_eq!(session.query::<Product>().filter(none()).delete().await?, 0);
    assert_eq!(session.len(), all.len());
    Ok(())
}

#[orm_testkit::test(base = versions::Base)]
async fn versions_grow_with_an_update_by_query(engine: Engine) -> orm_core::Result<()> {
    use versions::{Account, Page};
    let mut session = engine.session();
    let account = session.add(Account { id: Auto::Unset, balance: 1, owner: None, version: 0 });
    let page = session.add(Page::builder().text("x"));
    session.commit().await?;
    let (first, written) = (session[account].version, session[page].row_version);
    session.query::<Account>().set(Account::BALANCE, Account::BALANCE + 1).update().await?;
    session.query::<Page>().set(Page::TEXT, "y").update().await?;
    assert_eq!((session[account].balance, session[account].version), (2, first + 1));
    assert_ne!(session[page].row_version, written);
    session[account].balance = 5;
    session[page].text = "z".into();
    session.commit().await?; // the versions are those of the rows
    assert_eq!(engine.fetch_one(columns((Account::BALANCE, Account::VERSION))).await?, (5, first + 2));
    Ok(())
}
