//! What the tests of all topics use.

use orm_core::prelude::*;
use shop_models::models::{Cart, Customer, Product};

/// A customer with an address of their own.
pub(crate) fn customer(name: &str) -> Customer {
    Customer::builder().name(name).email(format!("{name}@example.org")).build()
}

/// A product that differs from others by its number.
pub(crate) fn product(n: i64) -> Product {
    Product::builder().sku(format!("P-{n}")).title("Tea").price_cents(n).build()
}

/// Ann in the database, with two carts, the first of them with a product; and a session that has none of it.
pub(crate) async fn shop(engine: &Engine) -> orm_core::Result<Session> {
    let mut session = engine.session();
    let tea = session.add(product(1));
    let mut ann = customer("Ann");
    ann.carts.extend([Cart::builder().invoice("1").products([tea]), Cart::builder().invoice("2")]);
    session.add(ann);
    session.commit().await?;
    Ok(engine.session())
}

/// The names of the customers that are committed.
pub(crate) async fn names(engine: &Engine) -> orm_core::Result<Vec<String>> {
    engine.fetch_all(columns(Customer::NAME).order_by(Customer::ID)).await
}
