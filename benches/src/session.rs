//! The workloads with a session.

use crate::{Graph, customers};
use orm_core::prelude::*;
use shop_models::models::{Cart, Customer, Product};
use std::sync::atomic::{AtomicU64, Ordering};

static ROUND: AtomicU64 = AtomicU64::new(0);

/// A number that no workload had before: it makes names unique.
pub fn round() -> u64 {
    ROUND.fetch_add(1, Ordering::Relaxed)
}

/// A session with new customers.
pub fn objects(engine: &Engine, count: usize) -> Session {
    let mut session = engine.session();
    for customer in customers(count, round()) {
        let builder = Customer::builder().name(customer.name).email(customer.email);
        session.add(builder.maybe_age(customer.age));
    }
    session
}

/// A session with a new shop graph.
///
/// # Panics
/// For a graph that does not fit into memory.
pub fn graph(engine: &Engine, graph: Graph) -> Session {
    let (mut session, round) = (engine.session(), round());
    let products = session.add_all((0..graph.products).map(|n| {
        let price = i64::try_from(n).expect("a small graph");
        Product::builder().sku(format!("{round}.{n}")).title(format!("Product {n}")).price_cents(price)
    }));
    for (n, customer) in customers(graph.customers, round).into_iter().enumerate() {
        let carts = (n * 2..n * 2 + 2)
            .map(|cart| Cart::builder().products(graph.products_of(cart).map(|p| products[p])));
        let builder = Customer::builder().name(customer.name).email(customer.email);
        session.add(builder.maybe_age(customer.age).carts(carts));
    }
    session
}

/// Writes what a session has.
///
/// # Panics
/// When the server refuses.
pub async fn commit(mut session: Session) -> Session {
    session.commit().await.expect("a commit");
    session
}

/// All customers as values of the program, without a session.
///
/// # Panics
/// When the server refuses.
pub async fn owned_customers(engine: &Engine) -> Vec<Customer> {
    engine.fetch_all(select::<Customer>().order_by(Customer::ID)).await.expect("rows")
}

/// A session with all customers.
///
/// # Panics
/// When the server refuses.
pub async fn load_customers(engine: &Engine) -> Session {
    let mut session = engine.session();
    session.query::<Customer>().order_by(Customer::ID).all().await.expect("rows");
    session
}

/// A session with the whole shop graph: three statements.
///
/// # Panics
/// When the server refuses.
pub async fn load_graph(engine: &Engine) -> Session {
    let mut session = engine.session();
    let query = session.query::<Customer>().order_by(Customer::ID);
    query.with(Customer::CARTS.then(Cart::PRODUCTS)).all().await.expect("a graph");
    session
}

/// How many customers, carts and links a session has, and the sum of the prices in all carts.
///
/// # Panics
/// When a relation is not loaded.
pub fn figures(session: &Session) -> (usize, usize, usize, i64) {
    let customers: Vec<Handle<Customer>> = session.objects().collect();
    let (mut carts, mut links, mut price) = (0, 0, 0);
    for customer in session.each(&customers) {
        for cart in customer.related(Customer::CARTS).expect("carts") {
            carts += 1;
            for product in cart.related(Cart::PRODUCTS).expect("products") {
                (links, price) = (links + 1, price + product.price_cents);
            }
        }
    }
    (customers.len(), carts, links, price)
}
