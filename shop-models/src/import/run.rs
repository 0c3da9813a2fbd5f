//! What one import remembers from batch to batch.

use super::Error;
use crate::models::{Base, Cart};
use orm_core::prelude::*;
use orm_core::sql::TrustedSql;
use std::collections::HashSet;

/// Has the server plan the lookups anew.
///
/// It keeps the plan of a prepared statement, and the one that it made for empty tables reads them whole: good for the
/// first batch, and ten times slower than the index for the hundredth. Statistics make it think again; after batches
/// 1, 2, 4, 8 and so on that costs next to nothing.
pub(super) async fn refresh_plans(engine: &Engine) -> orm_core::Result<()> {
    let tables: Vec<String> =
        Base::metadata()?.tables().iter().map(|table| format!("\"{}\"", table.name)).collect();
    engine.connection().await?.execute_script(TrustedSql::new(format!("ANALYZE {}", tables.join(", ")))).await
}

/// How many positions of earlier invoices a run remembers; some 50 MB.
const MOST: usize = 1_500_000;

/// Tells positions that this run wrote, to which it adds, from those of earlier runs, which it replaces.
///
/// Carts that are newer than the run are its own, so a first import remembers nothing. Only positions on invoices that
/// were there before are remembered, 16 bytes each.
#[derive(Debug)]
pub(super) struct Run {
    last_cart: i64,
    written: HashSet<(i64, i64)>,
}

impl Run {
    /// Begins an import.
    pub(super) async fn begin(engine: &Engine) -> orm_core::Result<Self> {
        let newest = columns(Cart::ID).order_by(Cart::ID.desc()).limit(1);
        let last_cart = engine.fetch_optional(newest).await?.unwrap_or(i64::MIN);
        Ok(Self { last_cart, written: HashSet::new() })
    }

    /// Whether the position, which is in the database, was written by this run.
    pub(super) fn wrote(&self, cart: i64, product: i64) -> bool {
        cart > self.last_cart || self.written.contains(&(cart, product))
    }

    /// Remembers positions that are written.
    pub(super) fn remember(&mut self, positions: impl IntoIterator<Item = (i64, i64)>) -> Result<(), Error> {
        let last = self.last_cart;
        self.written.extend(positions.into_iter().filter(|(cart, _)| *cart <= last));
        if self.written.len() > MOST { Err(Error::TooManyKnown { limit: MOST }) } else { Ok(()) }
    }
}
