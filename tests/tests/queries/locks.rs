//! Locks on rows: between two transactions, and in a session.

use crate::joins::shop;
use orm_core::prelude::*;
use orm_core::query::{Select, count, row_number, window};
use orm_core::{ErrorKind, Session};
use shop_models::models::{Base, Cart, Customer, Product};

type Lock = fn(Select<Product>) -> Select<Product>;

/// Every lock, and which of the four (in this order) another transaction can take beside it.
const LOCKS: [(Lock, [bool; 4]); 4] = [
    (Select::for_update, [false, false, false, false]),
    (Select::for_no_key_update, [false, false, false, true]),
    (Select::for_share, [false, false, true, true]),
    (Select::for_key_share, [false, true, true, true]),
];

#[orm_testkit::test(base = Base)]
async fn each_lock_stands_beside_those_that_it_allows(engine: Engine) {
    shop(&engine).await;
    for (lock, allowed) in LOCKS {
        let mut holder = engine.session();
        holder.all(lock(select())).await.unwrap();
        for ((other, _), allowed) in LOCKS.into_iter().zip(allowed) {
            let beside = engine.fetch_all(other(select()).nowait()).await;
            assert_eq!(beside.is_ok(), allowed, "{} beside {}", other(select()), lock(select()));
            let left = engine.fetch_all(other(select()).skip_locked()).await.unwrap();
            assert_eq!(left.len(), if allowed { 3 } else { 0 });
        }
        holder.rollback().await.unwrap();
    }
}

#[orm_testkit::test(base = Base)]
async fn what_others_hold_is_left_out_or_a_typed_error(engine: Engine) {
    shop(&engine).await;
    let next = || select::<Product>().order_by(Product::ID).limit(2).for_update();
    let (mut first, mut second) = (engine.session(), engine.session());
    assert_eq!(skus(&mut first, next().skip_locked()).await, ["tea", "coffee"]);
    assert!(first.in_transaction()); // the lock began it
    assert_eq!(skus(&mut second, next().skip_locked()).await, ["cocoa"]);

    let error = second.all(next().nowait()).await.unwrap_err();
    assert!(error.is_lock_not_available() && error.kind() == ErrorKind::Timeout, "{error:?}");
    assert_eq!(second.all(select::<Product>()).await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    second.rollback().await.unwrap();

    first.commit().await.unwrap();
    assert_eq!(skus(&mut second, next().nowait()).await, ["tea", "coffee"]);
}

async fn skus(session: &mut Session, query: Select<Product>) -> Vec<String> {
    let products = session.all(query).await.unwrap();
    products.into_iter().map(|product| session[product].sku.clone()).collect()
}

#[orm_testkit::test(base = Base)]
async fn of_a_join_the_first_source_is_locked(engine: Engine) {
    shop(&engine).await;
    let mut session = engine.session();
    let carts = select::<Cart>().left_join(Cart::CUSTOMER).filter(Customer::NAME.eq("Ann")).for_update();
    assert_eq!(session.all(carts).await.unwrap().len(), 2);
    assert_eq!(engine.fetch_all(select::<Cart>().for_update().skip_locked()).await.unwrap().len(), 1);
    let customers = engine.fetch_all(select::<Customer>().for_no_key_update().nowait()).await.unwrap();
    assert_eq!(customers.len(), 3);
}

#[orm_testkit::test(base = Base)]
async fn what_is_no_row_is_not_locked(engine: Engine) {
    fn refused<S: orm_core::query::Scope, R>(query: &Select<S, R>) -> String {
        format!("{query}")
    }
    let groups = select::<Cart>().for_update().group_by(Cart::CUSTOMER_ID).columns(|_| count());
    let all = select::<Cart>().aggregate(count()).for_share();
    assert_eq!(refused(&groups), "<the rows of a query of `Cart` cannot be locked: it gives groups of rows>");
    assert_eq!(refused(&all), refused(&groups));
    let distinct = columns(Product::TITLE).distinct().for_update();
    assert!(refused(&distinct).ends_with("cannot be locked: it gives equal rows once>"));
    let ranks = columns((Product::SKU, row_number().over(window()))).for_update();
    assert!(refused(&ranks).ends_with("cannot be locked: it computes over windows of rows>"));
    let right = select::<Cart>().for_update().right_join(Cart::PRODUCTS).columns(Product::SKU);
    assert!(refused(&right).contains("right or full join gives rows without the first source"));

    let error = groups.fetch_all(&engine).await.unwrap_err();
    assert_eq!((error.kind(), error.model()), (ErrorKind::LockRefused, Some("Cart")));
    let error = engine.session().query::<Cart>().skip_locked().all().await.unwrap_err();
    let expected = "`skip_locked()` says nothing without a lock: call `for_update()` before it";
    assert_eq!(error.to_string(), expected);
}

#[orm_testkit::test(base = Base)]
async fn what_is_locked_is_fresh_and_keeps_unsaved_changes(engine: Engine) {
    shop(&engine).await;
    let mut session = engine.session();
    let tea = session.query::<Product>().filter(Product::SKU.eq("tea")).one().await.unwrap();
    engine.execute_script("UPDATE product SET price_cents = 400, title = 'new'").await.unwrap();
    session.query::<Product>().all().await.unwrap();
    assert_eq!(session[tea].price_cents, 390); // what was read stays
    let mut quiet = session.no_autoflush();
    quiet[tea].title = "mine".to_owned();
    let found = quiet.query::<Product>().for_update().get(1).await.unwrap();
    drop(quiet);
    assert_eq!(found, Some(tea));
    assert_eq!((session[tea].price_cents, &*session[tea].title), (400, "mine"));
    session.commit().await.unwrap();
    let row = engine.fetch_one(select::<Product>().filter(Product::SKU.eq("tea"))).await.unwrap();
    assert_eq!((row.price_cents, &*row.title), (400, "mine"));
}

#[orm_testkit::test(base = Base)]
async fn relations_come_along_in_every_way(engine: Engine) {
    shop(&engine).await;
    let paths = [Product::CARTS.joined(), Product::CARTS.subquery(), Product::CARTS.select_in()];
    for path in paths {
        let mut session = engine.session();
        let query = session.query::<Product>().with(path.clone()).order_by(Product::ID).for_update();
        let products = query.all().await.unwrap();
        let carts =
            products.iter().map(|product| session.at(*product).related(Product::CARTS).unwrap().len());
        assert_eq!(carts.collect::<Vec<_>>(), [2, 1, 0]);
        let free = select::<Product>().for_update().skip_locked();
        assert!(engine.fetch_all(free).await.unwrap().is_empty());
        assert_eq!(engine.fetch_all(select::<Cart>().for_update().nowait()).await.unwrap().len(), 3);
        session.rollback().await.unwrap();
    }
}

#[orm_testkit::test(base = Base)]
async fn counts_streams_and_writes_by_query_lock_and_skip(engine: Engine) {
    shop(&engine).await;
    let mut holder = engine.session();
    assert_eq!(
        holder.query::<Product>().limit(1).order_by(Product::ID).for_update().count().await.unwrap(),
        1
    );
    assert!(holder.in_transaction());

    let mut session = engine.session();
    assert_eq!(session.query::<Product>().for_update().skip_locked().count().await.unwrap(), 2);
    session.rollback().await.unwrap();
    let mut rows = session.stream(select::<Product>().for_update().skip_locked(), 1).await.unwrap();
    let mut streamed = 0;
    while let Some(batch) = rows.next().await.unwrap() {
        streamed += batch.len();
    }
    drop(rows);
    assert_eq!(streamed, 2);
    session.rollback().await.unwrap();

    let mut other = engine.session();
    let changed = other.query::<Product>().limit(1).for_update().skip_locked().set(Product::TITLE, "x");
    assert_eq!(changed.update().await.unwrap(), 1);
    let deleted = session.query::<Product>().for_update().skip_locked().limit(5).delete().await.unwrap();
    assert_eq!(deleted, 1); // one is the holder's, and one the other's
}
