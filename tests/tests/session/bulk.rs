//! Many rows past the objects of the session.

use orm_core::ErrorKind;
use orm_core::bulk::Values;
use orm_core::prelude::*;
use orm_core::sql::text;
use orm_tests::models::values::{self, values};
use orm_tests::models::{keys, versions};
use shop_models::models::{Base, Cart, CartProduct, Customer, Product};

fn customer(n: i64) -> Values<Customer> {
    Values::new().set(Customer::NAME, format!("c{n}")).set(Customer::EMAIL, format!("{n}@x"))
}

fn product(n: i64) -> Product {
    Product::builder().sku(format!("T-{n}")).title("Tea").price_cents(n).build()
}

fn price(id: i64, cents: i64) -> Values<Product> {
    Values::new().set(Product::ID, id).set(Product::PRICE_CENTS, cents)
}

#[orm_testkit::test(base = Base)]
async fn rows_of_one_shape_are_one_statement(engine: Engine) {
    let mut session = engine.session();
    for (count, statements) in [(1, 1), (2, 1), (1_000, 1), (20_001, 2)] {
        let before = engine.statistics();
        // With the BEGIN; an age that is not given is NULL, and so of the same shape.
        orm_testkit::assert_queries!(session, 1 + statements, {
            let row = |n| if n % 2 == 0 { customer(n) } else { customer(n).set(Customer::AGE, 7) };
            assert_eq!(session.bulk_insert_mappings((0..count).map(row)).await.unwrap(), count as u64);
        });
        assert_eq!(engine.statistics().round_trips - before.round_trips, 1);
        assert_eq!(session.query::<Customer>().count().await.unwrap(), count);
        session.rollback().await.unwrap();
    }
    let fixed = DateTime::UNIX_EPOCH;
    let rows = [customer(1), customer(2).set(Customer::CREATED_AT, fixed), customer(3).set(Customer::ID, 70)];
    orm_testkit::assert_queries!(session, 4, { session.bulk_insert_mappings(rows).await.unwrap() });
    session.commit().await.unwrap();
    let found =
        engine.fetch_all(columns((Customer::ID, Customer::CREATED_AT)).order_by(Customer::NAME)).await;
    let found = found.unwrap();
    assert!(found[0].1 != fixed && found[1].1 == fixed && found[2].0 == 70, "{found:?}");
}

#[orm_testkit::test(base = Base)]
async fn rows_are_updated_in_the_columns_that_they_give(engine: Engine) {
    let mut session = engine.session();
    session.add_all((1..=4).map(product));
    session.commit().await.unwrap();
    let rows = [
        price(1, 10),
        price(2, 20),
        Values::new().set(Product::ID, 3).set(Product::TITLE, "Coffee"),
        // The same row again: as if one statement came after the other.
        price(1, 11).set(Product::TITLE, "Mate"),
        Values::new().set(Product::ID, 4),
    ];
    orm_testkit::assert_queries!(session, 4, {
        assert_eq!(session.bulk_update_mappings(rows).await.unwrap(), 3);
    });
    session.commit().await.unwrap();
    let select = columns((Product::TITLE, Product::PRICE_CENTS)).order_by(Product::ID);
    let found = engine.fetch_all(select).await.unwrap();
    let expected = [("Mate", 11), ("Tea", 20), ("Coffee", 3), ("Tea", 4)];
    assert_eq!(found, expected.map(|(title, price)| (title.to_owned(), price)));
}

#[orm_testkit::test(base = Base)]
async fn keys_of_two_columns_and_null(engine: Engine) {
    let mut session = engine.session();
    let products = session.add_all((1..=2).map(product));
    session.add(Customer::builder().name("Ann").email("a@x").carts([Cart::builder().products(products)]));
    session.commit().await.unwrap();
    let quantity = |product: i64| {
        let key = Values::new().set(CartProduct::CART_ID, 1).set(CartProduct::PRODUCT_ID, product);
        key.set(CartProduct::QUANTITY, Some(i32::try_from(product).unwrap() + 5))
    };
    assert_eq!(session.bulk_update_mappings((1..=2).map(quantity)).await.unwrap(), 2);
    let cart = Values::new().set(Cart::ID, 1).set(Cart::INVOICE, None::<&str>);
    assert_eq!(session.bulk_update_mappings([cart]).await.unwrap(), 1);
    let sum: Option<i64> = session.scalar(text("SELECT sum(quantity) FROM cart_product")).await.unwrap();
    assert_eq!(sum, Some(13));
}

#[orm_testkit::test(base = Base)]
async fn mistakes_name_row_and_column_before_anything_is_sent(engine: Engine) {
    let mut session = engine.session();
    orm_testkit::assert_queries!(session, 0, {
        let nameless = || Values::<Customer>::new().set(Customer::EMAIL, "x");
        let keyless = || Values::<Product>::new().set(Product::TITLE, "x");
        let null = |row: Values<Customer>| row.set(Customer::NAME, None::<String>);
        let mut errors = vec![
            session.bulk_insert_mappings([customer(1), nameless()]).await.unwrap_err(),
            session.bulk_insert_mappings([customer(1), null(customer(2))]).await.unwrap_err(),
        ];
        for error in &errors {
            assert_eq!((error.model(), error.column()), (Some("Customer"), Some("name")));
        }
        errors.push(session.bulk_update_mappings([price(1, 1), keyless()]).await.unwrap_err());
        errors.push(
            session
                .bulk_update_mappings([price(1, 1), price(2, 1).set(Product::SKU, None::<&str>)])
                .await
                .unwrap_err(),
        );
        let carts = [Cart::builder().customer_key(1).build(), Cart::builder().build()];
        errors.push(session.bulk_save_objects(carts).await.unwrap_err());
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::Unset);
            assert!(error.to_string().contains("of row 2 (of a bulk call with"), "{error}");
        }
        assert_eq!(session.bulk_insert_mappings(Vec::<Values<Customer>>::new()).await.unwrap(), 0);
    });
    assert!(session.is_active() && !session.in_transaction());
    let ann = session.add(Customer::builder().name("Ann").email("a@x"));
    let error = session.bulk_save_objects([Cart::builder().customer(ann)]).await.unwrap_err();
    assert!(error.to_string().contains("a bulk call writes keys"), "{error}");
}

#[orm_testkit::test(base = Base)]
async fn what_the_server_refuses_needs_a_rollback(engine: Engine) {
    let mut session = engine.session();
    let error = session.bulk_insert_mappings([customer(1), customer(1)]).await.unwrap_err();
    assert!(error.is_unique_violation());
    assert_eq!((error.model(), error.column()), (Some("Customer"), Some("email")));
    session.rollback().await.unwrap();

    session.bulk_save_objects([product(1)]).await.unwrap();
    session.commit().await.unwrap();
    let error = session.bulk_update_mappings([price(1, 5), price(2, 5)]).await.unwrap_err();
    assert_eq!((error.kind(), error.model()), (ErrorKind::StaleData, Some("Product")));
    assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    session.rollback().await.unwrap();
    assert_eq!(engine.fetch_all(columns(Product::PRICE_CENTS)).await.unwrap(), [1]);
}

#[orm_testkit::test(base = Base)]
async fn objects_are_saved_past_the_session(engine: Engine) {
    let mut session = engine.session();
    let pending = session.add(product(100));
    let ann = Customer::builder().name("Ann").email("a@x").carts([Cart::builder()]).build();
    session.bulk_save_objects([ann]).await.unwrap();
    orm_testkit::assert_queries!(session, 1, {
        let saved = session.bulk_save_objects_returning((1..=500).map(product)).await.unwrap();
        for (n, product) in (1..).zip(&saved) {
            assert_eq!((&product.sku, product.price_cents), (&format!("T-{n}"), n));
            assert!(product.id.is_set());
        }
    });
    assert_eq!(session.pending().count(), 1, "nothing was flushed, nothing was taken in");
    assert_eq!(session.state(pending).unwrap(), orm_core::state::ObjectState::Pending);
    session.delete(pending).unwrap();
    session.commit().await.unwrap();
    let found = engine.fetch_all(select::<Product>().order_by(Product::ID)).await.unwrap();
    assert!(found.iter().all(|product| product.sku == format!("T-{}", product.price_cents)));
    assert_eq!(engine.count(select::<Cart>()).await.unwrap(), 0, "relations are not written");

    // Those with a key are updated first: a new row may take what they give up.
    let mut changed = found[..2].to_vec();
    changed[0].sku = "free".into();
    changed[1].price_cents = 7;
    let saved = session.bulk_save_objects_returning(changed.into_iter().chain([product(1)])).await.unwrap();
    assert!(saved[2].id.is_set() && saved[2].id != saved[0].id);
    session.commit().await.unwrap();
    assert_eq!(engine.count(select::<Product>()).await.unwrap(), 501);
    assert_eq!(Product::find(&engine, 2).await.unwrap().unwrap().price_cents, 7);
}

#[orm_testkit::test(base = values::Base)]
async fn every_type_of_column(engine: Engine) {
    let mut session = engine.session();
    let all = || ["a", "b", "c"].map(|text| values(text, text != "b"));
    let saved = session.bulk_save_objects_returning(all()).await.unwrap();
    session.commit().await.unwrap();
    let rows = engine.fetch_all(select::<values::Values>().order_by(values::Values::ID)).await.unwrap();
    assert_eq!(rows, saved);
    let cleared: Vec<_> =
        rows.into_iter().map(|row| values::Values { id: row.id, ..values("z", row.text == "b") }).collect();
    session.bulk_save_objects(cleared.clone()).await.unwrap();
    session.commit().await.unwrap();
    let rows = engine.fetch_all(select::<values::Values>().order_by(values::Values::ID)).await.unwrap();
    assert_eq!(rows, cleared);
}

#[orm_testkit::test(base = keys::Base)]
async fn keys_that_are_drawn_from_no_sequence(engine: Engine) {
    use keys::Ticket;
    let mut session = engine.session();
    let rows = ["a", "b"].map(|subject| Values::<Ticket>::new().set(Ticket::SUBJECT, subject));
    assert_eq!(session.bulk_insert_mappings(rows).await.unwrap(), 2);
    let new = ["c", "d"].map(|subject| Ticket::builder().subject(subject));
    let saved = session.bulk_save_objects_returning(new).await.unwrap();
    session.commit().await.unwrap();
    for ticket in saved {
        let row = Ticket::find(&engine, ticket.id.unwrap()).await.unwrap().unwrap();
        assert_eq!(row.subject, ticket.subject, "each has its own key");
    }
    assert_eq!(engine.count(select::<Ticket>()).await.unwrap(), 4);
}

/// As those of an `insert`: what one row gives and another one does not is of one shape.
#[orm_testkit::test(base = versions::Base)]
async fn defaults_of_the_model_stand_for_what_is_not_given(engine: Engine) {
    use versions::Item;
    let mut session = engine.session();
    let rows =
        [Values::<Item>::new().set(Item::PRICE, 5), Values::new().set(Item::PRICE, 6).set(Item::COUNT, 9)];
    orm_testkit::assert_queries!(session, 2, { session.bulk_insert_mappings(rows).await.unwrap() });
    let alone = Values::<Item>::new().set(Item::PRICE, 7).set(Item::LABEL, "given");
    session.bulk_insert_mappings([alone]).await.unwrap();
    session.commit().await.unwrap();
    let items = select::<Item>().order_by(Item::ID).fetch_all(&engine).await.unwrap();
    let said = items.iter().map(|item| (item.price, item.count, item.weight, item.label.as_str()));
    assert_eq!(
        said.collect::<Vec<_>>(),
        [(5, 1, 0.5, "item 2"), (6, 9, 0.5, "item 2"), (7, 1, 0.5, "given")]
    );
    assert_eq!(items[0].written_by, "maker");
}
