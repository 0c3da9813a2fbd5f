//! Adding graphs, changing columns, and what is sent for it.

use orm_core::prelude::*;
use shop_models::models::{Base, Cart, CartProduct, Customer, Product};

fn ann() -> Customer {
    Customer::builder().name("Ann").email("ann@example.org").build()
}

#[orm_testkit::test(base = Base)]
async fn a_graph_is_added_with_its_root(engine: Engine) {
    let mut session = engine.session();
    let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    let mut customer = ann();
    customer.carts.push(Cart::builder().products([tea]));
    customer.carts.push(Cart::builder());
    let ann = session.add(customer);
    assert_eq!(session.at(ann).related(Customer::CARTS).unwrap().len(), 2, "members have handles at once");
    assert_eq!(
        session.flush_plan().unwrap().to_string(),
        "reserve 1 key of customer\n\
         reserve 2 keys of cart\n\
         reserve 1 key of product\n\
         insert 1 row into customer (id, name, email, age)\n\
         insert 2 rows into cart (id, invoice, customer_id)\n\
         insert 1 row into product (id, sku, title, price_cents)\n\
         link 1 row of cart_product"
    );
    session.commit().await.unwrap();
    assert!(session[ann].id.is_set() && session[ann].created_at.is_set());

    let links: Vec<(i64, i64, i32)> = engine
        .fetch_all(orm_core::columns((CartProduct::CART_ID, CartProduct::PRODUCT_ID, CartProduct::QUANTITY)))
        .await
        .unwrap();
    assert_eq!(links, [(1, 1, 1)], "the quantity came from the database's default");
}

#[orm_testkit::test(base = Base)]
async fn only_changed_columns_are_sent(engine: Engine) {
    let mut session = engine.session();
    let handle = session.add(ann());
    session.commit().await.unwrap();
    session[handle].age = Some(41);
    assert_eq!(session.flush_plan().unwrap().to_string(), "update 1 row of customer (age)");
    session[handle].age = None;
    assert!(session.flush_plan().unwrap().is_empty(), "back to what the database has");
    session[handle].age = Some(42);
    session[handle].name.push_str(" Lee");
    orm_testkit::assert_queries!(session, 1, { session.commit().await.unwrap() });
    let row = Customer::find(&engine, 1).await.unwrap().unwrap();
    assert_eq!((row.name.as_str(), row.age), ("Ann Lee", Some(42)));
}

#[orm_testkit::test(base = Base)]
async fn reading_costs_the_flush_nothing(engine: Engine) {
    let mut session = engine.session();
    let handle = session.add(ann());
    session.commit().await.unwrap();
    assert_eq!(session[handle].name, "Ann");
    orm_testkit::assert_queries!(session, 0, { session.commit().await.unwrap() });
}

#[orm_testkit::test(base = Base)]
async fn rows_with_and_without_defaults_find_their_own_values(engine: Engine) {
    let mut session = engine.session();
    let fixed: DateTime<Utc> = "2001-02-03T04:05:06Z".parse().unwrap();
    let handles: Vec<_> = (0..50)
        .map(|n| {
            let mut customer = Customer::builder().name(format!("c{n}")).email(format!("c{n}@x")).build();
            if n % 2 == 0 {
                customer.created_at = Auto::Set(fixed);
            }
            if n % 5 == 0 {
                customer.id = Auto::Set(1_000 + n);
            }
            session.add(customer)
        })
        .collect();
    session.commit().await.unwrap();
    for (n, handle) in handles.into_iter().enumerate() {
        let mine = &session[handle];
        let row = Customer::find(&engine, mine.id.unwrap()).await.unwrap().unwrap();
        assert_eq!(row.name, format!("c{n}"), "keys are matched to their rows");
        assert_eq!(row.created_at, mine.created_at);
        assert_eq!(mine.created_at == fixed, n % 2 == 0);
    }
}

#[orm_testkit::test(base = Base)]
async fn the_identity_map_gives_one_object_for_one_row(engine: Engine) {
    let mut session = engine.session();
    let handle = session.add(ann());
    session.commit().await.unwrap();
    session[handle].name = "unsaved".into();
    let mut quiet = session.no_autoflush();
    let again = quiet.query::<Customer>().filter(Customer::NAME.eq("Ann")).one().await.unwrap();
    drop(quiet);
    assert_eq!(again, handle);
    assert_eq!(session[again].name, "unsaved", "loading never overwrites");
    orm_testkit::assert_queries!(session, 0, {
        assert_eq!(session.get::<Customer>(1).await.unwrap(), Some(handle));
    });
    assert_eq!(session.get::<Customer>(2).await.unwrap(), None);
}

#[orm_testkit::test(base = Base)]
async fn a_key_can_be_used_without_loading_its_row(engine: Engine) {
    let mut session = engine.session();
    session.add(ann());
    session.commit().await.unwrap();
    let mut other = engine.session();
    let cart = other.add(Cart::builder().customer_key(1));
    orm_testkit::assert_queries!(other, 1, { other.commit().await.unwrap() });
    assert_eq!(other[cart].customer.key(), Some(&1));
}

#[orm_testkit::test(base = Base)]
async fn flush_keeps_the_transaction_open(engine: Engine) {
    let mut session = engine.session();
    let handle = session.add(ann());
    session.flush().await.unwrap();
    assert!(session.in_transaction() && session[handle].id.is_set());
    assert_eq!(select_names(&engine).await, Vec::<String>::new(), "nobody else sees it yet");
    session[handle].name = "Bea".into();
    session.commit().await.unwrap();
    assert!(!session.in_transaction());
    assert_eq!(select_names(&engine).await, ["Bea"]);
}

async fn select_names(engine: &Engine) -> Vec<String> {
    engine.fetch_all(columns(Customer::NAME).order_by(Customer::NAME)).await.unwrap()
}

#[orm_testkit::test(base = Base)]
async fn ten_thousand_rows_are_one_statement(engine: Engine) {
    let mut session = engine.session();
    session.add_all((0..10_000).map(|n| Customer::builder().name("c").email(format!("{n}@x"))));
    orm_testkit::assert_queries!(session, 1, { session.commit().await.unwrap() });
    assert_eq!(select::<Customer>().count(&engine).await.unwrap(), 10_000);
}
