//! Columns in an order.

use crate::mapper::{Column, Model};
use crate::types::{ColumnType, each_tuple};

/// Columns of `M` in the order in which a text has them: one, a tuple of up to twelve, or tuples inside of tuples.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::bulk::{ColumnList, CopyFormat, copy_in_text};
/// async fn read(columns: impl ColumnList<Product>, csv: &str, engine: &Engine) -> orm_core::Result<u64> {
///     copy_in_text::<Product>(columns, CopyFormat::Csv, csv.as_bytes()).execute(engine).await
/// }
/// assert_eq!(read((Product::TITLE, Product::PRICE_CENTS, Product::SKU), "Tea,390,T-1", &engine).await?, 1);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of columns of `{M}`",
    label = "expected a column of `{M}`, or a tuple of up to twelve"
)]
pub trait ColumnList<M> {
    /// Appends their positions.
    #[doc(hidden)]
    fn push_to(self, all: &mut Vec<usize>);
}

impl<M: Model, F: ColumnType> ColumnList<M> for Column<M, F> {
    fn push_to(self, all: &mut Vec<usize>) {
        all.push(self.index());
    }
}

macro_rules! tuples {
    ($($ty:ident)+) => {
        impl<M, $($ty: ColumnList<M>),+> ColumnList<M> for ($($ty,)+) {
            fn push_to(self, all: &mut Vec<usize>) {
                #[expect(non_snake_case, reason = "the names of the type parameters")]
                let ($($ty,)+) = self;
                $($ty.push_to(all);)+
            }
        }
    };
}
each_tuple!(tuples: A, B, C, D, E, F, G, H, J, K, L, N);
