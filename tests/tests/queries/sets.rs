//! UNION, INTERSECT and EXCEPT.

use crate::joins::shop;
use orm_core::prelude::*;
use orm_core::query::{Select, ValueRows, count, select_from, sum, value, whole};
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

#[orm_testkit::test(base = Base)]
async fn values_are_put_together_without_names(engine: Engine) {
    shop(&engine).await;
    let names = || columns(Customer::NAME);
    let skus = || columns(Product::SKU);
    let sorted = async |query: Select<ValueRows<String>, String>| {
        let query = query.by_position(Select::order_by);
        engine.fetch_all(query).await.unwrap().join(" ")
    };
    assert_eq!(sorted(names().union(skus())).await, "Ann Bea Cem cocoa coffee tea");
    assert_eq!(
        sorted(names().union_all(names()).except(columns(Customer::NAME).limit(1).offset(2))).await,
        "Ann Bea"
    );
    assert_eq!(sorted(skus().intersect(skus().filter(Product::PRICE_CENTS.gt(500)))).await, "cocoa coffee");
    // Optional values, and values that are computed.
    let ages = columns(Customer::AGE).union(columns(Customer::AGE + 1));
    let ages = ages.by_position(|all, age| all.filter(age.is_not_null()).order_by(age.desc()));
    assert_eq!(engine.fetch_all(ages).await.unwrap(), [Some(42), Some(41)]);
}

#[orm_testkit::test(base = Base)]
async fn tuples_are_asked_by_position(engine: Engine) {
    shop(&engine).await;
    let entries = || {
        columns((Customer::NAME, Customer::CARTS.count()))
            .union_all(columns((Product::SKU, Product::PRICE_CENTS)))
    };
    let dear = entries()
        .by_position(|all, (text, amount)| all.filter(amount.gt(500)).order_by((amount.desc(), text)));
    let expected = [("coffee".to_owned(), 890), ("cocoa".to_owned(), 590)];
    assert_eq!(engine.fetch_all(dear.clone()).await.unwrap(), expected);
    let mut session = engine.session();
    assert_eq!(session.fetch_all(dear.clone()).await.unwrap(), expected);
    let mut rows = session.stream(dear.clone(), 1).await.unwrap();
    assert_eq!(rows.next().await.unwrap().as_deref(), Some(&expected[..1]));
    drop(rows);
    assert_eq!(dear.count(&engine).await.unwrap(), 2);
    let total = entries().by_position(|all, (_, amount)| all.aggregate((count(), sum(amount))));
    assert_eq!(engine.fetch_one(total).await.unwrap(), (6, 1873));
    let by_amount = entries().by_position(|all, (text, amount)| {
        let texts = all.filter(text.in_any(["Ann", "tea", "Bea"])).group_by(amount);
        texts.order_by(|amount| amount).columns(|amount| (amount, count()))
    });
    assert_eq!(engine.fetch_all(by_amount).await.unwrap(), [(1, 1), (2, 1), (390, 1)]);
}

#[orm_testkit::test(base = Base)]
async fn tuples_with_models_and_tuples_are_put_together(engine: Engine) {
    shop(&engine).await;
    let bought =
        || select::<Cart>().join(Cart::CUSTOMER).columns((whole::<Customer>(), (Cart::ID, Cart::INVOICE)));
    let without = bought().filter(Cart::INVOICE.is_null());
    let rows = engine.fetch_all(bought().except(without)).await.unwrap();
    let mut rows: Vec<_> = rows.into_iter().map(|(customer, cart)| (customer.name, cart)).collect();
    rows.sort();
    let cart = |id, invoice: &str| ("Ann".to_owned(), (id, Some(invoice.to_owned())));
    assert_eq!(rows, [cart(1, "A-1"), cart(2, "A-2")]);
}

#[orm_testkit::test(base = Base)]
async fn values_together_stand_where_a_query_of_values_stands(engine: Engine) {
    shop(&engine).await;
    let buyers = columns(Cart::CUSTOMER_ID).union(columns(Customer::ID).filter(Customer::AGE.eq(41)));
    let named = select::<Customer>().filter(Customer::ID.in_query(buyers)).order_by(Customer::ID);
    assert_eq!(engine.fetch_all(named.columns(Customer::NAME)).await.unwrap(), ["Ann", "Bea", "Cem"]);
    let first = columns(Customer::NAME)
        .union(columns(Product::SKU))
        .by_position(|all, text| all.order_by(text).limit(1));
    let rows = columns((Product::SKU, first.scalar_subquery())).filter(Product::SKU.eq("tea"));
    assert_eq!(engine.fetch_one(rows).await.unwrap(), ("tea".to_owned(), Some("Ann".to_owned())));
    // What is loaded with rows belongs to the query of them.
    let with =
        select::<Customer>().with(Customer::CARTS).columns(Customer::NAME).union(columns(Product::SKU));
    let why = engine.fetch_all(with).await.unwrap_err().to_string();
    assert!(why.contains("`with(…)` loads relations of what a query gives"), "{why}");
    // Criteria of the models hold in each of them.
    let mut session = engine.session();
    session.restrict::<Customer>(Customer::NAME.ne("Ann"));
    let names = columns(Customer::NAME).union(columns(Product::SKU).limit(0));
    assert_eq!(session.count(names).await.unwrap(), 2);
}
