//! How far a COPY is.

use std::fmt;

/// How far a COPY is: what the callback of `on_progress` is told about every 64 KiB, and at the end.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::bulk::{CopyProgress, copy_in};
/// let mut last = CopyProgress::default();
/// let teas = (0..10_000).map(|n| Product::builder().sku(n.to_string()).title("Tea").price_cents(n));
/// copy_in::<Product>(teas).on_progress(|so_far| last = so_far).execute(&engine).await?;
/// assert!(last.rows == 10_000 && last.bytes > 200_000);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CopyProgress {
    /// How many rows went so far; 0 where rows are not looked at, because they come as text.
    pub rows: u64,
    /// How many bytes went so far.
    pub bytes: u64,
}

/// Who is told.
#[derive(Default)]
pub(super) struct Listener<'p>(pub(super) Option<Box<dyn FnMut(CopyProgress) + Send + 'p>>);

impl Listener<'_> {
    pub(super) fn tell(&mut self, progress: CopyProgress) {
        if let Some(listener) = &mut self.0 {
            listener(progress);
        }
    }
}

impl fmt::Debug for Listener<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "a listener" } else { "nobody" })
    }
}
