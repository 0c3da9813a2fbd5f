//! The best products.

use super::{BestProduct, Options, Report, keep_best};
use crate::models::{CartProduct, Product};
use orm_core::prelude::*;
use std::cmp::Reverse;
use std::collections::HashMap;

/// One query a page of products, and one a page of their positions.
pub(super) async fn add(engine: &Engine, options: Options, report: &mut Report) -> orm_core::Result<()> {
    let mut last = i64::MIN;
    loop {
        let page = columns((Product::ID, Product::SKU, Product::TITLE, Product::PRICE_CENTS));
        let page = page.filter(Product::ID.gt(last)).order_by(Product::ID).limit(options.page);
        let page = engine.fetch_all(page).await?;
        let Some(end) = page.last() else { return Ok(()) };
        last = end.0;
        let sold = sold(engine, page.iter().map(|product| product.0).collect(), options.page).await?;
        let best: Vec<_> = page.into_iter().filter_map(|product| best(product, &sold)).collect();
        let of_quantity = |p: &BestProduct| (Reverse(p.quantity), p.sku.clone());
        let of_revenue = |p: &BestProduct| (Reverse(p.revenue_cents), p.sku.clone());
        keep_best(&mut report.by_quantity, best.clone(), options.top, of_quantity);
        keep_best(&mut report.by_revenue, best, options.top, of_revenue);
    }
}

fn best(
    (id, sku, title, cents): (i64, String, String, i64),
    sold: &HashMap<i64, i64>,
) -> Option<BestProduct> {
    let quantity = *sold.get(&id)?;
    Some(BestProduct { sku, title, quantity, revenue_cents: i128::from(quantity) * i128::from(cents) })
}

/// How many of each product were sold. A popular product has more positions than memory: they come in pages, too.
async fn sold(engine: &Engine, products: Vec<i64>, page: u32) -> orm_core::Result<HashMap<i64, i64>> {
    let mut sold: HashMap<i64, i64> = HashMap::new();
    let mut after = (i64::MIN, i64::MIN);
    loop {
        let (product, cart) = (CartProduct::PRODUCT_ID, CartProduct::CART_ID);
        let is_after = product.gt(after.0) | (product.eq(after.0) & cart.gt(after.1));
        let positions = columns((product, cart, CartProduct::QUANTITY))
            .filter(product.in_any(products.iter().copied()) & is_after)
            .order_by((product, cart))
            .limit(page.saturating_mul(10));
        let positions = engine.fetch_all(positions).await?;
        let Some(end) = positions.last() else { return Ok(sold) };
        after = (end.0, end.1);
        for (product, _, quantity) in positions {
            *sold.entry(product).or_default() += i64::from(quantity);
        }
    }
}
