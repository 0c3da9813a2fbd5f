//! ROLLUP, CUBE, GROUPING SETS, and the first row of each group.

use crate::joins::shop;
use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::query::{count, grouping, grouping_set, select_from, sum, value};
use shop_models::models::{Base, Cart, Customer, Product};

#[derive(Row, Clone, Debug, PartialEq)]
struct Total {
    name: Option<String>,
    sku: Option<String>,
    cents: i64,
}

#[orm_testkit::test(base = Base)]
async fn sums_stand_beside_the_sums_of_sums(engine: Engine) {
    shop(&engine).await;
    let bought = || select::<Customer>().join(Customer::CARTS).join(Cart::PRODUCTS);
    let rows = bought().group_by_rollup((Customer::NAME, Product::SKU)).columns(|(name, sku)| TotalColumns {
        name,
        sku,
        cents: sum(Product::PRICE_CENTS),
    });
    let rows = select_from(rows).order_by((Total::CENTS.desc(), Total::NAME, Total::SKU));
    let total = |name: Option<&str>, sku: Option<&str>, cents| Total {
        name: name.map(str::to_owned),
        sku: sku.map(str::to_owned),
        cents,
    };
    let expected = [
        total(Some("Ann"), None, 1670),
        total(None, None, 1670),
        total(Some("Ann"), Some("coffee"), 890),
        total(Some("Ann"), Some("tea"), 780),
    ];
    assert_eq!(engine.fetch_all(rows).await.unwrap(), expected);
}

#[orm_testkit::test(base = Base)]
async fn null_of_a_row_is_told_from_null_of_a_group(engine: Engine) {
    shop(&engine).await;
    let ages = select::<Customer>()
        .group_by_cube(Customer::AGE)
        .order_by(|age| (age.clone(), grouping(age)))
        .columns(|age| (age.clone(), grouping(age), count()));
    let expected = [(Some(41), 0, 2), (None, 0, 1), (None, 1, 3)];
    assert_eq!(engine.fetch_all(ages).await.unwrap(), expected);
    // A key that is computed with a value of the program is the same wherever it stands.
    let decades = select::<Customer>()
        .group_by_sets((value(Customer::AGE) / 10, Customer::NAME), |(decade, name)| {
            [grouping_set(decade.clone()), grouping_set((decade, name)), grouping_set(())]
        })
        .having(|(decade, _)| grouping(decade.clone()).eq(1) | decade.eq(4))
        .columns(|(_, name)| (name.clone(), grouping(name), count()));
    let mut rows = engine.fetch_all(decades).await.unwrap();
    rows.sort();
    let named = |name: &str| (Some(name.to_owned()), 0, 1);
    assert_eq!(rows, [(None, 1, 2), (None, 1, 3), named("Ann"), named("Cem")]);
}

#[orm_testkit::test(base = Base)]
async fn the_first_row_of_each(engine: Engine) {
    shop(&engine).await;
    let newest = select::<Cart>().distinct_on(Cart::CUSTOMER_ID).order_by(Cart::ID.desc());
    let mut session = engine.session();
    let carts = session.all(newest.clone()).await.unwrap();
    let invoices: Vec<Option<&str>> = carts.iter().map(|cart| session[*cart].invoice.as_deref()).collect();
    assert_eq!(invoices, [Some("A-2"), None]);
    assert_eq!(newest.clone().count(&engine).await.unwrap(), 2);
    let by_invoice =
        select_from(newest.clone()).order_by(Cart::INVOICE.desc().nulls_first()).columns(Cart::INVOICE);
    assert_eq!(by_invoice.fetch_all(&engine).await.unwrap(), [None, Some("A-2".to_owned())]);
    let ages = columns(Customer::NAME).distinct_on(value(Customer::AGE) + 1).order_by(Customer::NAME.desc());
    assert_eq!(ages.fetch_all(&engine).await.unwrap(), ["Cem", "Bea"]);
    let error = engine.fetch_all(newest.clone().for_update()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LockRefused);
    let error = engine.fetch_all(newest.aggregate(count())).await.unwrap_err();
    assert!(
        error.to_string().starts_with("`distinct_on(…)` chooses among rows and not among groups"),
        "{error}"
    );
}

#[orm_testkit::test(base = Base)]
async fn single_rows_and_truths_are_the_same_everywhere(engine: Engine) {
    shop(&engine).await;
    let names = || columns(Customer::NAME).order_by(Customer::NAME);
    let none = || names().filter(Customer::AGE.gt(100));
    let mut connection = engine.connection().await.unwrap();
    let mut session = engine.session();
    for (query, first, number) in [
        (names(), Some("Ann"), 3),
        (none(), None, 0),
        (names().offset(2), Some("Cem"), 1),
        (names().limit(0), None, 0),
    ] {
        let first = first.map(str::to_owned);
        assert_eq!(engine.fetch_first(query.clone()).await.unwrap(), first);
        assert_eq!(connection.fetch_first(query.clone()).await.unwrap(), first);
        assert_eq!(session.fetch_first(query.clone()).await.unwrap(), first);
        assert_eq!(engine.exists(query.clone()).await.unwrap(), number > 0);
        assert_eq!(connection.exists(query.clone()).await.unwrap(), number > 0);
        assert_eq!(session.exists(query.clone()).await.unwrap(), number > 0);
        assert_eq!(engine.count(query.clone()).await.unwrap(), number);
        assert_eq!(session.count(query).await.unwrap(), number);
    }
    // A session sees what it did not commit.
    session.add(Customer::builder().name("Dan").email("dan@example.org").age(101));
    assert!(session.exists(none()).await.unwrap() && !engine.exists(none()).await.unwrap());
    assert_eq!(session.count(none()).await.unwrap(), 1);
    assert_eq!(session.fetch_first(none()).await.unwrap().as_deref(), Some("Dan"));
}
