//! Aggregates by declaration, and arrays of the values of a group.

use crate::joins::shop;
use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::query::{array_agg, value, window};
use shop_models::models::{Base, Cart, Customer, Product};

orm_core::sql_aggregate! {
    fn bit_or(value: i64) -> Option<i64>;
    fn stddev(value: f64) -> Option<f64>;
    fn corr(y: f64, x: f64) -> Option<f64>;
    fn first_of(value: String) -> Option<String> as tools.First;
    fn missing(value: i64) -> Option<i64> as tools.missing;
}

orm_core::sql_function! {
    fn doubled(value: i64) -> i64 as tools.twice;
}

/// A schema with a function and an aggregate of their own, whose names need quotes.
async fn tools(engine: &Engine) {
    let script = "CREATE SCHEMA tools; \
        CREATE FUNCTION tools.twice(bigint) RETURNS bigint LANGUAGE sql AS 'SELECT $1 * 2'; \
        CREATE FUNCTION tools.keep(text, text) RETURNS text LANGUAGE sql STRICT AS 'SELECT $1'; \
        CREATE AGGREGATE tools.\"First\"(text) (sfunc = tools.keep, stype = text)";
    engine.execute_script(script).await.unwrap();
}

#[orm_testkit::test(base = Base)]
async fn declared_aggregates_filter_sort_and_count_once(engine: Engine) {
    shop(&engine).await;
    let price = || value(Product::PRICE_CENTS).cast::<f64>();
    let query = select::<Product>().aggregate((
        bit_or(Product::PRICE_CENTS).filter(Product::SKU.ne("tea")),
        stddev(price()),
        stddev(price()).filter(Product::SKU.eq("tea")),
        corr(price(), price()).distinct(),
    ));
    let (bits, spread, of_one, same) = engine.fetch_one(query).await.unwrap();
    assert_eq!((bits, of_one), (Some(890 | 590), None));
    let mean = f64::from(890 + 590 + 390) / 3.0;
    let squares: f64 = [890.0_f64, 590.0, 390.0].iter().map(|price| (price - mean).powi(2)).sum();
    assert!((spread.unwrap() - (squares / 2.0).sqrt()).abs() < 1e-9);
    assert!((same.unwrap() - 1.0).abs() < 1e-9);
    // Of groups, in conditions on them, and in windows.
    let by_customer = select::<Cart>()
        .join(Cart::PRODUCTS)
        .group_by(Cart::CUSTOMER_ID)
        .having(|_| bit_or(Product::PRICE_CENTS).gt(0))
        .columns(|customer| (customer, bit_or(Product::PRICE_CENTS)));
    assert_eq!(engine.fetch_all(by_customer).await.unwrap(), [(1, Some(390 | 890))]);
    let running = bit_or(Product::PRICE_CENTS).over(window().order_by(Product::PRICE_CENTS));
    let running = select::<Product>().columns(running).order_by(Product::PRICE_CENTS);
    let expected = [Some(390), Some(390 | 590), Some(390 | 590 | 890)];
    assert_eq!(engine.fetch_all(running).await.unwrap(), expected);
}

#[orm_testkit::test(base = Base)]
async fn declared_names_have_schemas_and_quotes(engine: Engine) {
    shop(&engine).await;
    tools(&engine).await;
    let query = select::<Product>().aggregate((
        first_of(Product::SKU).order_by(Product::PRICE_CENTS.desc()),
        first_of(Product::SKU).order_by(Product::PRICE_CENTS),
    ));
    assert!(query.to_string().starts_with(r#"SELECT "tools"."First"("sku" ORDER BY "price_cents" DESC)"#));
    let ends = (Some("coffee".to_owned()), Some("tea".to_owned()));
    assert_eq!(engine.fetch_one(query).await.unwrap(), ends);
    let doubled = select::<Product>().columns(doubled(Product::PRICE_CENTS)).filter(Product::SKU.eq("tea"));
    assert_eq!(engine.fetch_one(doubled).await.unwrap(), 780);
    let error = engine.fetch_one(select::<Product>().aggregate(missing(Product::ID))).await.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Database) && error.to_string().contains("tools.missing"),
        "{error}"
    );
}

#[orm_testkit::test(base = Base)]
async fn arrays_hold_null_or_leave_it_out(engine: Engine) {
    shop(&engine).await;
    let ages = || array_agg(Customer::AGE).order_by(Customer::AGE);
    let query = select::<Customer>().aggregate((
        ages(),
        ages().not_null(),
        ages().distinct().not_null(),
        ages().filter(Customer::AGE.gt(90)).not_null(),
        ages().not_null().filter(Customer::NAME.eq("Ann")),
    ));
    let (all, known, different, none, one) = engine.fetch_one(query).await.unwrap();
    assert_eq!(all, Some(vec![Some(41), Some(41), None]));
    assert_eq!(known, Some(vec![41, 41]));
    assert_eq!(different, Some(vec![41]));
    assert_eq!((none, one), (None, Some(vec![41])));
    let groups = select::<Customer>()
        .group_by(Customer::AGE)
        .having(|_| array_agg(Customer::NAME).or(Vec::new()).ne(Vec::new()))
        .order_by(|age| age)
        .columns(|age| {
            (age, array_agg(Customer::NAME).order_by(Customer::NAME.desc()).not_null().or(Vec::new()))
        });
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let expected = [(Some(41), names(&["Cem", "Ann"])), (None, names(&["Bea"]))];
    assert_eq!(engine.fetch_all(groups).await.unwrap(), expected);
}
