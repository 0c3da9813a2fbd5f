//! UNION, INTERSECT and EXCEPT.

use crate::joins::shop;
use orm_core::prelude::*;
use orm_core::query::{Select, count, select_from, value};
use shop_models::models::{Base, Cart, Customer, Product};

#[derive(Row, Clone, Debug, PartialEq)]
struct Entry {
    kind: String,
    text: String,
    amount: Option<i64>,
}

fn customers() -> Select<Customer, Entry> {
    select::<Customer>().columns(EntryColumns {
        kind: value("customer".to_owned()),
        text: Customer::NAME,
        amount: Customer::CARTS.count(),
    })
}

fn products() -> Select<Product, Entry> {
    select::<Product>().columns(EntryColumns {
        kind: value("product".to_owned()),
        text: Product::SKU,
        amount: Product::PRICE_CENTS,
    })
}

fn texts(entries: Vec<Entry>) -> String {
    entries.iter().map(|entry| entry.text.as_str()).collect::<Vec<_>>().join(" ")
}

#[orm_testkit::test(base = Base)]
async fn all_is_ordered_and_cut_as_a_whole(engine: Engine) {
    shop(&engine).await;
    let first = customers().order_by(Customer::NAME.desc()).limit(2).union_all(products());
    let page = first.clone().order_by(Entry::TEXT).offset(1).limit(3);
    assert_eq!(texts(engine.fetch_all(page.clone()).await.unwrap()), "Cem cocoa coffee");
    assert_eq!(first.clone().count(&engine).await.unwrap(), 5);
    let kinds = first.clone().group_by(Entry::KIND).order_by(|kind| kind).columns(|kind| (kind, count()));
    let expected = [("customer".to_owned(), 2), ("product".to_owned(), 3)];
    assert_eq!(engine.fetch_all(kinds).await.unwrap(), expected);
    let mut session = engine.session();
    assert_eq!(texts(session.fetch_all(page.clone()).await.unwrap()), "Cem cocoa coffee");
    let mut rows = session.stream(page.clone(), 2).await.unwrap();
    assert_eq!(rows.next().await.unwrap().map(texts).as_deref(), Some("Cem cocoa"));
    drop(rows);
    assert!(page.explain(&engine).await.unwrap().to_string().contains("Append"));
}

#[orm_testkit::test(base = Base)]
async fn they_nest_as_they_are_called(engine: Engine) {
    shop(&engine).await;
    let some = |filter| select::<Product>().filter(filter);
    let (tea, cheap) = (|| some(Product::SKU.eq("tea")), || some(Product::PRICE_CENTS.lt(600)));
    let left = tea().union(cheap()).except(tea());
    let text = left.to_string();
    assert!(text.contains("FROM ((("), "branches stand beside each other: {text}");
    let skus = async |query: Select<Product>| {
        engine.fetch_all(query.order_by(Product::SKU).columns(Product::SKU)).await.unwrap().join(" ")
    };
    assert_eq!(skus(left).await, "cocoa");
    assert_eq!(skus(tea().union(cheap().except(tea()))).await, "cocoa tea");
    assert_eq!(skus(tea().union_all(cheap()).filter(Product::SKU.eq("tea"))).await, "tea tea");
    assert_eq!(skus(tea().union_all(cheap()).limit(9).distinct()).await, "cocoa tea");
    assert_eq!(skus(cheap().intersect(tea())).await, "tea");
}

#[orm_testkit::test(base = Base)]
async fn they_stand_where_queries_stand(engine: Engine) {
    shop(&engine).await;
    let all = customers().union(products());
    let named =
        select::<Product>().join_rows(all.clone().cte(), Entry::TEXT.eq(Product::SKU)).columns(Entry::AMOUNT);
    assert_eq!(
        named.order_by(Entry::AMOUNT).fetch_all(&engine).await.unwrap(),
        [Some(390), Some(590), Some(890)]
    );
    let mut session = engine.session();
    let known = Customer::NAME.in_query(all.filter(Entry::KIND.eq("product")).columns(Entry::TEXT));
    assert_eq!(session.query::<Customer>().filter(known).count().await.unwrap(), 0);
    // Objects of one model, found in two ways.
    let either = select::<Cart>()
        .filter(Cart::INVOICE.eq("A-1"))
        .union(select::<Cart>().filter(Cart::PRODUCTS.is_empty()));
    let carts = session.all(either.order_by(Cart::ID).with(Cart::CUSTOMER)).await.unwrap();
    let names: Vec<String> =
        carts.iter().map(|cart| session.at(*cart).related(Cart::CUSTOMER).unwrap().name.clone()).collect();
    assert_eq!(names, ["Ann", "Bea"]);
    assert_eq!(select_from(either_of()).count(&engine).await.unwrap(), 2);
}

fn either_of() -> Select<Cart> {
    select::<Cart>().limit(1).union_all(select::<Cart>().order_by(Cart::ID.desc()).limit(1))
}
