//! Values that the database computes from the columns of a row.

use crate::mapper::{Column, Source};
use crate::query::Scoped;
use crate::sql::{Expr, Param};
use crate::types::{ColumnType, ScalarType};
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Add, Div, Mul, Sub};

/// A value that the database computes from a row of model `M`; `T` is the type of the value.
///
/// `+`, `-`, `*` and `/` on a numeric column make one, with values and with other columns of the same model. Integers
/// divide as integers, and too large a result is an error of the server.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// use orm_core::query::SqlExpr;
/// let raised: SqlExpr<Product, i64> = Product::PRICE_CENTS * 11 / 10;
/// assert_eq!(raised.to_string(), r#"("price_cents" * $1) / $2"#);
/// let odd = select::<Product>().filter(Product::ID.gt(Product::PRICE_CENTS - 100));
/// assert!(odd.to_string().ends_with(r#"WHERE "id" > ("price_cents" - $1)"#));
/// ```
///
/// They are compared, ordered by and selected like columns, and written by [`Session::set`](crate::Session::set):
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # for (sku, price) in [("T-1", 390), ("T-2", 450)] {
/// #     Product::builder().sku(sku).title("Tea").price_cents(price).build().insert(&engine).await?;
/// # }
/// let gross = || Product::PRICE_CENTS * 119 / 100;
/// let dear = columns((Product::SKU, gross())).filter(gross().gt(400)).order_by(gross().desc());
/// assert_eq!(engine.fetch_all(dear).await?, [("T-2".to_owned(), 535), ("T-1".to_owned(), 464)]);
/// # Ok(()) }
/// ```
///
/// Columns of another model do not compile:
///
/// ```compile_fail
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Customer, Product};
/// let wrong = Product::PRICE_CENTS * Customer::ID;
/// ```
#[must_use = "an expression does nothing before it is set or compared"]
pub struct SqlExpr<M, T> {
    pub(crate) expr: Expr,
    /// Whether it can be `NULL`.
    pub(crate) is_nullable: bool,
    marker: PhantomData<fn() -> (M, T)>,
}

impl<M, T> SqlExpr<M, T> {
    pub(crate) const fn new(expr: Expr, is_nullable: bool) -> Self {
        Self { expr, is_nullable, marker: PhantomData }
    }

    pub(crate) fn binary(op: &'static str, left: Self, right: Self) -> Self {
        let is_nullable = left.is_nullable || right.is_nullable;
        Self::new(Expr::Binary { op, left: Box::new(left.expr), right: Box::new(right.expr) }, is_nullable)
    }
}

impl<M: Source, F: ColumnType> From<Column<M, F>> for SqlExpr<M, F::Scalar> {
    fn from(column: Column<M, F>) -> Self {
        Self::new(column.expr(), F::NULLABLE)
    }
}

impl<M, T> Clone for SqlExpr<M, T> {
    fn clone(&self) -> Self {
        Self::new(self.expr.clone(), self.is_nullable)
    }
}

impl<M, T> fmt::Display for SqlExpr<M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::sql::computed(&self.expr).0)
    }
}

impl<M, T> fmt::Debug for SqlExpr<M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (text, params) = crate::sql::computed(&self.expr);
        write!(f, "SqlExpr({text}, {params:?})")
    }
}

/// A scalar that the database can compute with.
///
/// A [`ScalarType`] of your own becomes one with one line:
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// use orm_core::query::Numeric;
///
/// #[derive(ScalarType, Clone, Copy, Debug, PartialEq)]
/// pub struct Cents(pub i64);
/// impl Numeric for Cents {}
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Tea {
///     #[model(primary_key)]
///     pub name: String,
///     pub price: Cents,
/// }
/// let raised = Tea::PRICE + Cents(50);
/// assert_eq!(raised.to_string(), r#""price" + $1"#);
/// ```
#[diagnostic::on_unimplemented(
    message = "the database does not compute with `{Self}`",
    label = "not a number",
    note = "numbers are `i16`, `i32`, `i64`, `f32`, `f64` and decimals; for a type of your own implement `Numeric`"
)]
pub trait Numeric: ScalarType {}

macro_rules! numeric {
    ($($ty:ty)*) => {$(impl Numeric for $ty {})*};
}
numeric!(i16 i32 i64 f32 f64 crate::types::Numeric);
#[cfg(feature = "rust_decimal")]
numeric!(rust_decimal::Decimal);
#[cfg(feature = "bigdecimal")]
numeric!(bigdecimal::BigDecimal);

/// What a column of model `M` with scalar type `T` computes with: a value, another column of the model, an expression.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// use orm_core::query::{Scoped, Term, value};
/// fn doubled(term: impl Term<Product, i64>) -> Scoped<Product, i64> {
///     value(Product::PRICE_CENTS) * 2 + term
/// }
/// let text = |sum: Scoped<Product, i64>| select::<Product>().columns(sum).to_string();
/// assert_eq!(text(doubled(5)), r#"SELECT ("price_cents" * $1) + $2 FROM "product""#);
/// assert_eq!(text(doubled(Product::ID)), r#"SELECT ("price_cents" * $1) + "id" FROM "product""#);
/// ```
#[diagnostic::on_unimplemented(
    message = "a column of `{M}` with values of type `{T}` does not compute with `{Self}`",
    label = "expected `{T}`, or a column of `{M}` with that type"
)]
pub trait Term<M, T> {
    /// The expression, and whether it can be `NULL`.
    #[doc(hidden)]
    fn into_term(self) -> (Expr, bool);
}

#[diagnostic::do_not_recommend]
impl<M, T: ScalarType> Term<M, T> for T {
    fn into_term(self) -> (Expr, bool) {
        (Expr::Bind(Param::of(&self)), false)
    }
}

#[diagnostic::do_not_recommend]
impl<M: Source, F: ColumnType> Term<M, F::Scalar> for Column<M, F> {
    fn into_term(self) -> (Expr, bool) {
        (self.expr(), F::NULLABLE)
    }
}

#[diagnostic::do_not_recommend]
impl<M, T> Term<M, T> for SqlExpr<M, T> {
    fn into_term(self) -> (Expr, bool) {
        (self.expr, self.is_nullable)
    }
}

/// What computes with columns of one source and belongs to no wider scope: all terms but [`Scoped`] ones.
#[doc(hidden)]
pub trait OfRow {}

impl<T: ScalarType> OfRow for T {}
impl<M, F> OfRow for Column<M, F> {}
impl<M, T> OfRow for SqlExpr<M, T> {}

/// A scope in which a row of `M` is computed with what belongs to the whole scope.
#[doc(hidden)]
pub trait Beside<M, T>: Sized {
    /// What comes of it.
    type Computed;
    /// `left op right`
    fn binary(op: &'static str, left: SqlExpr<M, T>, right: Scoped<Self, T>) -> Self::Computed;
}

impl<M: Source, T> Beside<M, T> for M {
    type Computed = SqlExpr<M, T>;

    fn binary(op: &'static str, left: SqlExpr<M, T>, right: Scoped<M, T>) -> SqlExpr<M, T> {
        SqlExpr::binary(op, left, SqlExpr::new(right.expr, right.is_nullable))
    }
}

/// `+ - * /` of expressions and columns with what computes with them.
macro_rules! arithmetic {
    ($($operator:ident $method:ident $op:literal;)*) => {$(
        impl<M, T: Numeric, R: OfRow + Term<M, T>> $operator<R> for SqlExpr<M, T> {
            type Output = Self;

            fn $method(self, other: R) -> Self {
                let (expr, is_nullable) = other.into_term();
                Self::binary($op, self, Self::new(expr, is_nullable))
            }
        }

        impl<M, T: Numeric, S: Beside<M, T>> $operator<Scoped<S, T>> for SqlExpr<M, T> {
            type Output = S::Computed;

            fn $method(self, other: Scoped<S, T>) -> S::Computed {
                S::binary($op, self, other)
            }
        }

        impl<S, T: Numeric, R: Term<S, T>> $operator<R> for Scoped<S, T> {
            type Output = Self;

            fn $method(self, other: R) -> Self {
                let (expr, is_nullable) = other.into_term();
                Self::binary($op, self, Self::new(expr, is_nullable))
            }
        }

        impl<M: Source, F: ColumnType<Scalar: Numeric>, R: OfRow + Term<M, F::Scalar>> $operator<R> for Column<M, F> {
            type Output = SqlExpr<M, F::Scalar>;

            fn $method(self, other: R) -> Self::Output {
                SqlExpr::from(self).$method(other)
            }
        }

        impl<M: Source, F: ColumnType<Scalar = T>, T: Numeric, S: Beside<M, T>> $operator<Scoped<S, T>> for Column<M, F> {
            type Output = S::Computed;

            fn $method(self, other: Scoped<S, T>) -> S::Computed {
                S::binary($op, SqlExpr::from(self), other)
            }
        }
    )*};
}
arithmetic! {
    Add add "+";
    Sub sub "-";
    Mul mul "*";
    Div div "/";
}
