//! Who and what sells best, in bounded memory.
//!
//! The query language has no aggregates yet, so rows are added up here: page by page, in the order of the keys, each
//! page with a fixed number of queries. No page is kept, only the best of it.

mod customers;
mod products;
mod tables;

use orm_core::prelude::*;

pub(crate) use tables::table;

/// How a report is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many customers and products it names; 5 unless set.
    pub top: usize,
    /// How many customers, products or positions are in memory at once; 500 unless set.
    pub page: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { top: 5, page: 500 }
    }
}

/// What a customer bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BestCustomer {
    /// The name.
    pub name: String,
    /// The address, which tells customers apart.
    pub email: String,
    /// How many carts.
    pub carts: usize,
    /// What they cost at the present prices, in cents.
    pub revenue_cents: i128,
}

/// How a product sells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BestProduct {
    /// The SKU, which tells products apart.
    pub sku: String,
    /// What it is called.
    pub title: String,
    /// How many were sold.
    pub quantity: i64,
    /// What they cost at the present price, in cents.
    pub revenue_cents: i128,
}

/// The best customers and products; shows itself as tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// By revenue.
    pub customers: Vec<BestCustomer>,
    /// By quantity.
    pub by_quantity: Vec<BestProduct>,
    /// By revenue.
    pub by_revenue: Vec<BestProduct>,
    /// What everything cost, in cents.
    pub revenue_cents: i128,
}

impl Report {
    /// Whether nothing was sold.
    pub fn is_empty(&self) -> bool {
        self.by_quantity.is_empty()
    }
}

/// Reads the shop and makes the report.
///
/// # Errors
/// The server's; 42P01 ("undefined table") when the shop has no tables yet.
pub async fn report(engine: &Engine, options: Options) -> orm_core::Result<Report> {
    let mut report = Report::default();
    customers::add(engine, options, &mut report).await?;
    products::add(engine, options, &mut report).await?;
    Ok(report)
}

/// Adds what a page has to the best so far, and keeps the best of both.
fn keep_best<T, K: Ord>(
    best: &mut Vec<T>,
    page: impl IntoIterator<Item = T>,
    top: usize,
    key: impl Fn(&T) -> K,
) {
    best.extend(page);
    best.sort_by_key(key);
    best.truncate(top);
}
