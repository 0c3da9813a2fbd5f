//! Values of the rows before and after a row.

use super::window::{Window, WindowFunction, Windowed};
use crate::query::Operand;
use crate::sql::{Expr, Param};
use crate::types::ScalarType;
use std::fmt;
use std::marker::PhantomData;

/// The value in a row before or after the own one: of [`lag`] and [`lead`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Product};
/// use orm_core::query::{lag, lead, window};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # for (sku, price) in [("a", 300), ("b", 500), ("c", 900)] {
/// #     Product::builder().sku(sku).title("Tea").price_cents(price).build().insert(&engine).await?;
/// # }
/// let by_sku = || window().order_by(Product::SKU);
/// let query = select::<Product>().columns((
///     lag(Product::PRICE_CENTS).over(by_sku()),
///     lead(Product::SKU).rows_away(2).over(by_sku()),
///     lag(Product::PRICE_CENTS).outside(Product::PRICE_CENTS).over(by_sku()),
/// ));
/// let rows = query.order_by(Product::SKU).fetch_all(&engine).await?;
/// assert_eq!(rows[0], (None, Some("c".to_owned()), Some(300)));
/// assert_eq!(rows[1], (Some(300), None, Some(300)));
/// # Ok(()) }
/// ```
#[must_use = "a window function needs `.over(window())`"]
pub struct Neighbour<S, T> {
    name: &'static str,
    value: Expr,
    rows_away: Option<Expr>,
    outside: Option<Expr>,
    marker: PhantomData<fn() -> (S, T)>,
}

impl<S, T: ScalarType> Neighbour<S, T> {
    fn new(name: &'static str, value: Expr) -> Self {
        Self { name, value, rows_away: None, outside: None, marker: PhantomData }
    }

    /// How many rows away, in place of 1.
    pub fn rows_away<I>(self, rows: impl Operand<S, i32, I>) -> Self {
        Self { rows_away: Some(rows.into_expr()), ..self }
    }

    /// The value where there is no such row, in place of `NULL`.
    pub fn outside<I>(self, value: impl Operand<S, T, I>) -> Self {
        Self { outside: Some(value.into_expr()), ..self }
    }

    /// The rows that it sees.
    pub fn over(self, window: Window<S>) -> Windowed<S, Option<T>> {
        // The value outside is the third argument.
        let next = || Expr::Bind(Param::of(&1_i32));
        let rows_away = self.rows_away.or_else(|| self.outside.is_some().then(next));
        let arguments = [self.value].into_iter().chain(rows_away).chain(self.outside).collect();
        WindowFunction::new(self.name, arguments).over(window)
    }
}

impl<S, T> fmt::Debug for Neighbour<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Neighbour")
            .field("name", &self.name)
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}

/// The value in the row before; `None` in the first.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// use orm_core::query::{lag, window};
/// let before = lag(Product::SKU).over(window().order_by(Product::ID));
/// let query = columns((Product::ID, before)); // an `(i64, Option<String>)` a row
/// assert!(query.to_string().contains(r#"lag("sku") OVER (ORDER BY "id")"#));
/// ```
pub fn lag<S, T: ScalarType, I>(value: impl Operand<S, T, I>) -> Neighbour<S, T> {
    Neighbour::new("lag", value.into_expr())
}

/// The value in the row after; `None` in the last.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// use orm_core::query::{lead, window};
/// let after = lead(Product::SKU).outside("none").over(window().order_by(Product::ID));
/// let query = columns((Product::ID, after));
/// assert!(query.to_string().contains(r#"lead("sku", $1, $2) OVER (ORDER BY "id")"#));
/// ```
pub fn lead<S, T: ScalarType, I>(value: impl Operand<S, T, I>) -> Neighbour<S, T> {
    Neighbour::new("lead", value.into_expr())
}
