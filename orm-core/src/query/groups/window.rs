//! Functions over the rows around a row.

use crate::query::{Operand, OrderBy, Ordering};
use crate::sql::{Call, Expr, Order, Param, Window as Rows};
use crate::types::ScalarType;
use std::fmt;
use std::marker::PhantomData;

/// The rows that a window function sees, of rows of `S`; made by [`window`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// use orm_core::query::{
///     Bound, avg, cume_dist, dense_rank, first_value, lag, last_value, lead, ntile, percent_rank, rank, row_number, window,
/// };
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # for (sku, title, price) in [("a", "Tea", 300), ("b", "Tea", 500), ("c", "Tea", 500), ("d", "Coffee", 900)] {
/// #     Product::builder().sku(sku).title(title).price_cents(price).build().insert(&engine).await?;
/// # }
/// let by_price = || window().partition_by(Product::TITLE).order_by(Product::PRICE_CENTS);
/// let ranks = columns((Product::SKU, rank().over(by_price()), dense_rank().over(by_price()), row_number().over(window())));
/// let rows = ranks.order_by(Product::SKU).fetch_all(&engine).await?;
/// assert_eq!(rows.iter().map(|row| (row.1, row.2)).collect::<Vec<_>>(), [(1, 1), (2, 2), (2, 2), (1, 1)]);
///
/// let by_sku = || window().order_by(Product::SKU);
/// let beside = select::<Product>().columns((lag(Product::SKU).over(by_sku()), lead(Product::SKU).over(by_sku()))).order_by(Product::SKU);
/// assert_eq!(beside.fetch_all(&engine).await?[0], (None, Some("b".to_owned())));
/// let ends = select::<Product>().columns((
///     first_value(Product::SKU).over(by_sku()),
///     last_value(Product::SKU).over(by_sku().rows(Bound::Start, Bound::End)),
/// ));
/// assert_eq!(ends.limit(1).fetch_all(&engine).await?, [(Some("a".to_owned()), Some("d".to_owned()))]);
///
/// let smooth = avg(Product::PRICE_CENTS).over(by_sku().rows(Bound::Before(1), Bound::Current));
/// let means = select::<Product>().columns(smooth).order_by(Product::SKU).fetch_all(&engine).await?;
/// assert_eq!(means, [Some(300.0), Some(400.0), Some(500.0), Some(700.0)]);
/// let shares = select::<Product>().columns((ntile(2).over(by_sku()), percent_rank().over(by_sku()), cume_dist().over(by_sku())));
/// assert_eq!(shares.order_by(Product::SKU.desc()).limit(1).fetch_all(&engine).await?, [(2, 1.0, 1.0)]);
/// let peers = select::<Product>().columns(avg(Product::PRICE_CENTS).over(by_price().range(Bound::Current, Bound::Current)));
/// assert_eq!(peers.filter(Product::SKU.eq("b")).fetch_all(&engine).await?, [Some(500.0)]);
/// # Ok(()) }
/// ```
#[must_use = "a window does nothing before a function goes over it"]
pub struct Window<S> {
    pub(super) rows: Rows,
    marker: PhantomData<fn() -> S>,
}

/// A window of all rows.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// use orm_core::query::{row_number, window};
/// let query = columns((Product::SKU, row_number().over(window().partition_by(Product::TITLE))));
/// assert!(query.to_string().contains(r#"row_number() OVER (PARTITION BY "title")"#));
/// ```
pub fn window<S>() -> Window<S> {
    Window { rows: Rows::default(), marker: PhantomData }
}

impl<S> Window<S> {
    /// Rows with the same values alone: columns and expressions, as in `order_by`.
    pub fn partition_by<I>(mut self, by: impl OrderBy<S, I>) -> Self {
        let mut order: Vec<Order> = Vec::new();
        by.push_to(&mut order);
        self.rows.partition.extend(order.into_iter().map(|order| order.key));
        self
    }

    /// The order of the rows.
    pub fn order_by<I>(mut self, order: impl OrderBy<S, I>) -> Self {
        order.push_to(&mut self.rows.order);
        self
    }
}

impl<S> Window<S> {
    pub(in crate::query) fn into_rows(self) -> Rows {
        self.rows
    }
}

impl<S> Clone for Window<S> {
    fn clone(&self) -> Self {
        Self { rows: self.rows.clone(), marker: PhantomData }
    }
}

impl<S> fmt::Debug for Window<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Window({:?})", self.rows)
    }
}

/// A function that has a value for each row, made of the rows in its window: [`over`](Self::over) says which.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// use orm_core::query::{row_number, window};
/// let numbered = select::<Product>().columns((row_number().over(window().order_by(Product::SKU)), Product::SKU));
/// assert_eq!(numbered.to_string(), r#"SELECT row_number() OVER (ORDER BY "sku"), "sku" FROM "product""#);
/// ```
#[must_use = "a window function needs `.over(window())`"]
pub struct WindowFunction<S, F> {
    call: Call,
    marker: PhantomData<fn() -> (S, F)>,
}

impl<S, F> WindowFunction<S, F> {
    pub(super) const fn new(name: &'static str, arguments: Vec<Expr>) -> Self {
        Self { call: Call::new(name, arguments), marker: PhantomData }
    }

    /// The rows that it sees.
    pub fn over(mut self, window: Window<S>) -> Windowed<S, F> {
        self.call.window = Some(window.rows);
        Windowed::new(Expr::Over(Box::new(self.call)))
    }
}

impl<S, F> fmt::Debug for WindowFunction<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WindowFunction({:?})", self.call)
    }
}

/// A value made of the rows in a window. It is selected and ordered by; conditions cannot ask it, because the database computes
/// it after them.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// use orm_core::query::{rank, window};
/// let place = rank().over(window().order_by(Product::PRICE_CENTS.desc()));
/// let query = columns((Product::SKU, place.clone())).order_by((place.desc(), Product::SKU));
/// assert!(query.to_string().ends_with(r#"ORDER BY rank() OVER (ORDER BY "price_cents" DESC) DESC, "sku""#));
/// let other = columns(Product::SKU).order_by(rank().over(window().order_by(Product::ID)).asc());
/// ```
#[must_use = "a value does nothing before it is selected"]
pub struct Windowed<S, F> {
    pub(in crate::query) expr: Expr,
    marker: PhantomData<fn() -> (S, F)>,
}

impl<S, F> Windowed<S, F> {
    pub(in crate::query) const fn new(expr: Expr) -> Self {
        Self { expr, marker: PhantomData }
    }

    /// Small values first.
    pub fn asc(self) -> Ordering<S> {
        Ordering::new(Order { key: self.expr, descending: false, nulls: None, sql_type: None })
    }

    /// Large values first.
    pub fn desc(self) -> Ordering<S> {
        Ordering::new(Order { key: self.expr, descending: true, nulls: None, sql_type: None })
    }
}

impl<S, F> Clone for Windowed<S, F> {
    fn clone(&self) -> Self {
        Self::new(self.expr.clone())
    }
}

impl<S, F> fmt::Debug for Windowed<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Windowed({:?})", self.expr)
    }
}

macro_rules! window_functions {
    ($($(#[$doc:meta])* $name:ident() -> $ty:ty;)*) => {$(
        $(#[$doc])*
        ///
        /// ```
        /// # use orm_core::prelude::*;
        /// # use shop_models::models::Product;
        #[doc = concat!("use orm_core::query::{", stringify!($name), ", window};")]
        #[doc = concat!("let query = columns((Product::SKU, ", stringify!($name), "().over(window().order_by(Product::ID))));")]
        #[doc = concat!("assert!(query.to_string().contains(\"", stringify!($name), "() OVER (ORDER BY\"));")]
        /// ```
        pub const fn $name<S>() -> WindowFunction<S, $ty> {
            WindowFunction::new(stringify!($name), Vec::new())
        }
    )*};
}
window_functions! {
    /// The number of the row in its window, from 1.
    row_number() -> i64;
    /// The number of the first row that is equal to it in the order.
    rank() -> i64;
    /// How many different rows there are up to it, in the order.
    dense_rank() -> i64;
    /// Its rank from 0 to 1.
    percent_rank() -> f64;
    /// The part of the rows up to it.
    cume_dist() -> f64;
}

/// In which of so many equal parts of the window the row is, from 1.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// use orm_core::query::{ntile, window};
/// let query = columns((Product::SKU, ntile(4).over(window().order_by(Product::ID))));
/// assert!(query.to_string().contains(r#"ntile($1) OVER (ORDER BY "id")"#));
/// ```
pub fn ntile<S>(parts: i32) -> WindowFunction<S, i32> {
    WindowFunction::new("ntile", vec![Expr::Bind(Param::of(&parts))])
}

macro_rules! values_of_rows {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// ```
        /// # use orm_core::prelude::*;
        /// # use shop_models::models::Product;
        #[doc = concat!("use orm_core::query::{", stringify!($name), ", window};")]
        #[doc = concat!("let value = ", stringify!($name), "(Product::SKU).over(window().order_by(Product::ID));")]
        /// let query = columns((Product::ID, value)); // an `(i64, Option<String>)` a row
        #[doc = concat!("assert!(query.to_string().contains(\"", stringify!($name), "(\"));")]
        /// ```
        pub fn $name<S, T: ScalarType, I>(value: impl Operand<S, T, I>) -> WindowFunction<S, Option<T>> {
            WindowFunction::new(stringify!($name), vec![value.into_expr()])
        }
    )*};
}
values_of_rows! {
    /// The value in the first row of the window.
    first_value;
    /// The value in the last row of the window.
    last_value;
}

/// The value in the row with this number in the window, from 1; `None` where it has fewer.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// use orm_core::query::{nth_value, window};
/// let second = nth_value(Product::SKU, 2).over(window().order_by(Product::ID)); // an `Option<String>`
/// let query = columns((Product::ID, second));
/// assert!(query.to_string().contains(r#"nth_value("sku", $1) OVER (ORDER BY "id")"#));
/// ```
pub fn nth_value<S, T: ScalarType, I>(
    value: impl Operand<S, T, I>,
    number: i32,
) -> WindowFunction<S, Option<T>> {
    WindowFunction::new("nth_value", vec![value.into_expr(), Expr::Bind(Param::of(&number))])
}
