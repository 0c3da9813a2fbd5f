//! CRUD and queries without a session.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use shop_models::models::{Base, Cart, Customer, Product};

#[orm_testkit::test(base = Base)]
async fn crud_on_an_engine_and_on_a_connection(engine: Engine) {
    let mut ann = Customer::builder().name("Ann").email("a@x").build();
    ann.insert(&engine).await.unwrap();
    assert!(ann.id.is_set() && ann.created_at.is_set());
    ann.name.push('e');
    ann.update(&engine).await.unwrap();
    let id = ann.id.unwrap();
    assert_eq!(Customer::find(&engine, id).await.unwrap().unwrap().name, "Anne");

    let mut connection = engine.connection().await.unwrap();
    connection.begin().await.unwrap();
    ann.delete(&mut connection).await.unwrap();
    assert!(Customer::find(&mut connection, id).await.unwrap().is_none());
    connection.rollback().await.unwrap();
    assert!(Customer::find(&mut connection, id).await.unwrap().is_some());
    ann.delete(&mut connection).await.unwrap();
    assert_eq!(ann.delete(&engine).await.unwrap_err().kind(), ErrorKind::StaleData);
    assert_eq!(ann.update(&engine).await.unwrap_err().kind(), ErrorKind::StaleData);
}

#[orm_testkit::test(base = Base)]
async fn values_and_models_are_fetched_without_a_session(engine: Engine) {
    let mut session = engine.session();
    session.add_all((0..5).map(|n| {
        Customer::builder().name(format!("c{n}")).email(format!("{n}@x")).maybe_age((n > 2).then_some(n))
    }));
    session.commit().await.unwrap();
    let names: Vec<(i64, String)> = engine
        .fetch_all(
            columns((Customer::ID, Customer::NAME)).filter(Customer::AGE.is_null()).order_by(Customer::ID),
        )
        .await
        .unwrap();
    assert_eq!(names, [(1, "c0".to_owned()), (2, "c1".to_owned()), (3, "c2".to_owned())]);
    let all: Vec<Customer> =
        engine.fetch_all(select::<Customer>().order_by(Customer::ID.desc()).limit(2)).await.unwrap();
    assert_eq!(all.iter().map(|c| c.age).collect::<Vec<_>>(), [Some(4), Some(3)]);
    assert!(!all[0].carts.is_loaded());
    let one = engine.fetch_one(select::<Customer>().filter(Customer::NAME.eq("c1"))).await.unwrap();
    assert_eq!(one.email, "1@x");
    let none = engine.fetch_one(select::<Product>()).await.unwrap_err();
    assert_eq!(none.kind(), ErrorKind::NotFound);
    assert_eq!(
        engine.fetch_optional(columns(Customer::AGE).limit(1).offset(4)).await.unwrap(),
        Some(Some(4))
    );
}

#[orm_testkit::test(base = Base)]
async fn statements_survive_a_change_of_the_schema(engine: Engine) {
    let mut connection = engine.connection().await.unwrap();
    for _ in 0..3 {
        connection.fetch_all(select::<Product>()).await.unwrap();
    }
    let mut other = engine.connection().await.unwrap();
    other.execute_script("ALTER TABLE product ALTER COLUMN title TYPE varchar(500)").await.unwrap();
    connection.fetch_all(select::<Product>()).await.unwrap();
}

#[orm_testkit::test(base = Base)]
async fn relations_are_fetched_without_a_session(engine: Engine) {
    let mut session = engine.session();
    let products =
        session.add_all((0..4).map(|n| Product::builder().sku(format!("{n}")).title("Tea").price_cents(n)));
    let carts = [Cart::builder().products(products.iter().copied().skip(1)), Cart::builder()];
    session.add(Customer::builder().name("Ann").email("a@x").carts(carts));
    session.commit().await.unwrap();
    let ann = Customer::find(&engine, 1).await.unwrap().unwrap();
    let carts: Vec<Cart> = ann.fetch_related(&engine, Customer::CARTS).await.unwrap();
    assert_eq!(carts.len(), 2);
    let owner = carts[0].fetch_related(&engine, Cart::CUSTOMER).await.unwrap();
    assert_eq!(owner[0].name, "Ann");
    let cheap = Cart::PRODUCTS.of(&carts[0]).filter(Product::PRICE_CENTS.le(2)).order_by(Product::SKU.desc());
    let skus: Vec<String> = engine.fetch_all(cheap).await.unwrap().into_iter().map(|p| p.sku).collect();
    assert_eq!(skus, ["2", "1"], "an order of the query goes before that of the relation");
    let nobody = Customer::builder().name("new").email("n@x").build();
    assert!(nobody.fetch_related(&engine, Customer::CARTS).await.unwrap().is_empty());
}
