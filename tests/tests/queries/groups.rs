//! Groups of rows, aggregates and windows.

use crate::joins::shop;
use orm_core::prelude::*;
use orm_core::query::{Bound, count, count_of, max, min, rank, row_number, sum, value, window};
use shop_models::models::{Base, Cart, Customer, Product};

#[orm_testkit::test(base = Base)]
async fn groups_have_keys_and_aggregates(engine: Engine) {
    shop(&engine).await;
    let ages = select::<Customer>().group_by(Customer::AGE).order_by(|age| age).columns(|age| (age, count()));
    assert_eq!(engine.fetch_all(ages).await.unwrap(), [(Some(41), 2), (None, 1)]);

    // Keys of tables that may be missing are options; a group without values has no largest one.
    let sold = select::<Product>()
        .left_join(Product::CARTS)
        .left_join(Cart::CUSTOMER)
        .group_by((Product::SKU, Customer::NAME))
        .order_by(|(sku, _)| sku)
        .columns(|(sku, name)| {
            (sku, name, count_of(Cart::ID), max(Cart::INVOICE), sum(Product::PRICE_CENTS))
        });
    let rows = engine.fetch_all(sold).await.unwrap();
    let ann = || Some("Ann".to_owned());
    let invoice = || Some("A-2".to_owned());
    assert_eq!(rows[0], ("cocoa".to_owned(), None, 0, None, 590));
    assert_eq!(rows[1], ("coffee".to_owned(), ann(), 1, invoice(), 890));
    assert_eq!(rows[2], ("tea".to_owned(), ann(), 2, invoice(), 780));
}

#[orm_testkit::test(base = Base)]
async fn conditions_on_rows_and_on_groups_do_not_mix(engine: Engine) {
    shop(&engine).await;
    let query = select::<Cart>()
        .join(Cart::PRODUCTS)
        .filter(Product::PRICE_CENTS.lt(800))
        .group_by(Cart::CUSTOMER_ID)
        .having(|_| sum(Product::PRICE_CENTS).ge(780) & count().eq(2))
        .columns(|customer| (customer, count()));
    assert_eq!(engine.fetch_all(query.clone()).await.unwrap(), [(1, 2)]);
    // What comes after is asked of groups; how many there are counts them.
    assert_eq!(engine.count(query.clone()).await.unwrap(), 1);
    assert_eq!(engine.count(query.filter(count().gt(2))).await.unwrap(), 0);
    let whole = select::<Customer>().filter(Customer::AGE.lt(0)).aggregate((
        count(),
        min(Customer::AGE),
        sum(Customer::AGE),
    ));
    assert_eq!(engine.fetch_one(whole).await.unwrap(), (0, None, 0));
}

#[orm_testkit::test(base = Base)]
async fn groups_are_computed_with(engine: Engine) {
    shop(&engine).await;
    let parity = value(Customer::AGE) / 2;
    let query = select::<Customer>().filter(Customer::AGE.is_not_null()).group_by(parity).columns(|half| {
        (half.clone() + 1, count().value() * 10, max(Customer::NAME).or("nobody".to_owned()))
    });
    assert_eq!(engine.fetch_all(query).await.unwrap(), [(Some(21), 20, "Cem".to_owned())]);
}

#[orm_testkit::test(base = Base)]
async fn windows_see_rows_and_groups(engine: Engine) {
    shop(&engine).await;
    let by_price = || window().order_by((Product::PRICE_CENTS.desc(), Product::SKU));
    let query =
        columns((Product::SKU, row_number().over(by_price()), sum(Product::PRICE_CENTS).over(by_price())));
    let rows = engine.fetch_all(query.order_by(rank().over(by_price()))).await.unwrap();
    let expected = [("coffee", 1, 890), ("cocoa", 2, 1480), ("tea", 3, 1870)];
    assert_eq!(rows, expected.map(|(sku, place, total)| (sku.to_owned(), place, total)));

    let frame = window().order_by(Product::ID).rows(Bound::Current, Bound::After(1));
    let both = select::<Product>()
        .columns(count().filter(Product::PRICE_CENTS.gt(500)).over(frame))
        .order_by(Product::ID);
    assert_eq!(engine.fetch_all(both).await.unwrap(), [1, 2, 1]);

    // A window over groups: each age's part of all customers.
    let parts = select::<Customer>()
        .group_by(Customer::AGE)
        .order_by(|age| age)
        .columns(|age| (age, count(), sum(count().value()).over(window())));
    assert_eq!(engine.fetch_all(parts).await.unwrap(), [(Some(41), 2, 3), (None, 1, 3)]);
}

#[orm_testkit::test(base = orm_tests::models::drawers::Base)]
async fn hidden_rows_are_in_no_group(engine: Engine) {
    use orm_tests::models::drawers::{Drawer, Note};
    let mut session = engine.session();
    let drawer = session.add(Drawer::builder().tenant(1).name("ours"));
    session.add(Note::builder().text("seen").drawer(drawer));
    session.add(Note::builder().text("gone").deleted(true).drawer(drawer));
    session.commit().await.unwrap();
    let notes = select::<Note>().group_by(Note::DRAWER_ID).columns(|_| (count(), max(Note::TEXT)));
    assert_eq!(engine.fetch_all(notes).await.unwrap(), [(1, Some("seen".to_owned()))]);
    let drawers = select::<Drawer>()
        .group_by(Drawer::TENANT)
        .columns(|_| count().filter(Drawer::NOTES.any(Note::TEXT.eq("gone"))));
    assert_eq!(engine.fetch_all(drawers).await.unwrap(), [0]);
}
