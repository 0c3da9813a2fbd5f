//! Queries, and walking what they loaded.

use super::{Error, Narrator, Result};
use crate::models::{Cart, Customer, Product};
use crate::money;
use orm_core::prelude::*;
use std::io::Write;

pub(super) async fn query<W: Write>(narrator: &mut Narrator<'_, W>, engine: &Engine) -> Result {
    narrator.step(
        "A query, and a walk",
        "Filter, order, and the relations that come along; then plain references.",
    )?;
    narrator.code(
        "let found = session.query::<Customer>()\n    \
         .filter(Customer::AGE.ge(18))\n    \
         .filter(Customer::CARTS.any(Cart::PRODUCTS.any(Product::PRICE_CENTS.gt(10_000))))\n    \
         .order_by((Customer::NAME, Customer::ID.desc()))\n    \
         .with(Customer::CARTS.then(Cart::PRODUCTS))\n    \
         .all().await?;",
    )?;
    let mut session = engine.session();
    let found = session
        .query::<Customer>()
        .filter(Customer::AGE.ge(18))
        .filter(Customer::CARTS.any(Cart::PRODUCTS.any(Product::PRICE_CENTS.gt(10_000))))
        .order_by((Customer::NAME, Customer::ID.desc()))
        .with(Customer::CARTS.then(Cart::PRODUCTS))
        .all()
        .await?;
    let trips = narrator.sent().round_trips;
    narrator.result(format!(
        "{} customer; {trips} round trips: one for the query, one for each relation",
        found.len()
    ))?;
    narrator.code(
        "for customer in session.each(&found) {\n    \
         for cart in customer.related(Customer::CARTS)? {\n        \
         let total: i64 = cart.related(Cart::PRODUCTS)?.map(|product| product.price_cents).sum();\n        \
         println!(\"{}'s cart {}: {}\", customer.name, cart.id, money(total));\n    \
         }\n\
         }",
    )?;
    for customer in session.each(&found) {
        for cart in customer.related(Customer::CARTS)? {
            let total: i64 = cart.related(Cart::PRODUCTS)?.map(|product| product.price_cents).sum();
            narrator.result(format!("{}'s cart {}: {}", customer.name, cart.id, money(total)))?;
        }
    }
    Ok(())
}

pub(super) async fn load<W: Write>(narrator: &mut Narrator<'_, W>, engine: &Engine) -> Result {
    narrator.step("What is not loaded says so", "Reading never does I/O behind your back.")?;
    narrator.code(
        "let pot = session.query::<Product>().filter(Product::SKU.eq(\"P-1\")).one().await?;\n\
         session.at(pot).related(Product::CARTS)",
    )?;
    let mut session = engine.session();
    let pot = session.query::<Product>().filter(Product::SKU.eq("P-1")).one().await?;
    match session.at(pot).related(Product::CARTS) {
        Err(error) => narrator.result(&error)?,
        Ok(_) => return Err(Error::Unexpected("carts that are not loaded")),
    }
    narrator.code("let carts = session.load(pot, Product::CARTS.then(Cart::CUSTOMER)).await?;")?;
    let buyers = session.load(pot, Product::CARTS.then(Cart::CUSTOMER)).await?;
    let buyers: Vec<&str> = session.each(&buyers).map(|buyer| buyer.get().name.as_str()).collect();
    narrator.result(format!("bought by {}", buyers.join(" and ")))?;
    Ok(())
}
