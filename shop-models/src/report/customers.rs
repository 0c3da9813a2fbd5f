//! The best customers.

use super::{BestCustomer, Options, Report, keep_best};
use crate::models::{Cart, CartProduct, Customer};
use orm_core::prelude::*;
use std::cmp::Reverse;
use std::collections::HashMap;

/// Four queries a page of customers.
pub(super) async fn add(engine: &Engine, options: Options, report: &mut Report) -> orm_core::Result<()> {
    let mut last = i64::MIN;
    loop {
        let mut session = engine.session();
        let page = session.query::<Customer>().filter(Customer::ID.gt(last)).order_by(Customer::ID);
        let page = page.limit(options.page).with(Customer::CARTS).all().await?;
        let Some(end) = page.last() else { return Ok(()) };
        last = session[*end].id.unwrap();
        let best = customers(&mut session, &page).await?;
        report.revenue_cents += best.iter().map(|customer| customer.revenue_cents).sum::<i128>();
        let best = best.into_iter().filter(|customer| customer.carts > 0);
        keep_best(&mut report.customers, best, options.top, |c| (Reverse(c.revenue_cents), c.email.clone()));
    }
}

async fn customers(session: &mut Session, page: &[Handle<Customer>]) -> orm_core::Result<Vec<BestCustomer>> {
    let mut carts = Vec::new();
    for customer in session.each(page) {
        carts.extend(customer.related(Customer::CARTS)?.map(|cart| cart.id.unwrap()));
    }
    let positions = session.query::<CartProduct>().filter(CartProduct::CART_ID.in_any(carts));
    let positions = positions.with(CartProduct::PRODUCT).all().await?;
    let mut worth: HashMap<i64, i128> = HashMap::new();
    for position in session.each(&positions) {
        let price = position.related(CartProduct::PRODUCT)?.price_cents;
        let Some(cart) = position.cart.key() else { continue };
        *worth.entry(*cart).or_default() += i128::from(position.quantity.unwrap()) * i128::from(price);
    }
    let revenue =
        |cart: orm_core::session::Entity<'_, Cart>| worth.get(&cart.id.unwrap()).copied().unwrap_or(0);
    session
        .each(page)
        .map(|customer| {
            let carts = customer.related(Customer::CARTS)?;
            Ok(BestCustomer {
                name: customer.name.clone(),
                email: customer.email.clone(),
                carts: carts.len(),
                revenue_cents: carts.map(revenue).sum(),
            })
        })
        .collect()
}
