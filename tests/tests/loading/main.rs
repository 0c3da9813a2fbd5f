//! Loading of relations, against a real server.
//!
//! | file | about |
//! |---|---|
//! | `paths` | conditions, orders and limits along a path; paths that meet |
//! | `defaults` | what models say of how they are loaded |
//! | `inner` | inner joins: counts, updates and deletions of the rows that have members |
//! | `parts` | collections of which a part is loaded: what is shown, and what the flush takes them for |
//! | `related` | queries of the members of one object |
//! | `strategies` | joined, by subquery, or not at all: what is sent, and that all of them load the same |
//! | `siblings` | what is loaded of one object is loaded of all that came with it |

mod defaults;
mod inner;
mod parts;
mod paths;
mod related;
mod siblings;
mod strategies;

use orm_core::prelude::*;
use orm_core::query::Predicate;
use shop_models::models::{Base, Cart, Customer, Product};

/// How many customers the shop has.
const CUSTOMERS: i64 = 10;

/// Customers 1 to 10: each has 3 carts, with the invoices `n/1` to `n/3`, and in each of these the products 1 to 3 of 4.
async fn shop(engine: &Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let products = session.add_all((1..=4).map(|n| {
        Product::builder().sku(format!("P-{n}")).title(format!("Product {n}")).price_cents(n * 100)
    }));
    for n in 1..=CUSTOMERS {
        let cart =
            |invoice: i32| Cart::builder().invoice(format!("{n}/{invoice}")).products(products[..3].to_vec());
        let ann = Customer::builder().name(format!("c{n:02}")).email(format!("{n}@x"));
        session.add(ann.carts((1..=3).map(cart)));
    }
    session.commit().await
}

/// Whether it is the cart with this invoice of any customer.
fn invoice(number: u32) -> Predicate<Cart> {
    Cart::INVOICE.like(format!("%/{number}"))
}

/// The invoices of a customer's carts, as they are shown, without the customer's number.
fn invoices(session: &Session, customer: Handle<Customer>) -> Vec<String> {
    let carts = session.at(customer).related(Customer::CARTS).expect("the carts are loaded");
    let short = |invoice: &str| invoice.rsplit('/').next().unwrap().to_owned();
    carts.map(|cart| short(cart.invoice.as_deref().unwrap_or_default())).collect()
}
