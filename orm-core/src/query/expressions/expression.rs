//! Values that the database computes from the columns of a row.

use crate::mapper::{Column, Source};
use crate::query::Scoped;
use crate::sql::{Expr, Param};
use crate::types::{ColumnType, ScalarType};
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Add, Div, Mul, Sub};

/// A value that the database computes from a row of model `M`; `F` is the type of the value, an `Option` where it can be `NULL`.
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
/// What is made of a column that can be `NULL` can be so, too: [`or`](Self::or) says what stands in its place, and
/// [`assume_not_null`](Self::assume_not_null) that it cannot happen.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::SqlExpr;
/// let next: SqlExpr<Customer, Option<i32>> = Customer::AGE + 1;
/// let known: SqlExpr<Customer, i32> = SqlExpr::from(Customer::AGE).or(0) + 1;
/// let again: SqlExpr<Customer, Option<i32>> = known.nullable();
/// let adults = columns((Customer::AGE + 1).assume_not_null()).filter(Customer::AGE.ge(18)); // an `i32` a row
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
pub struct SqlExpr<M, F> {
    pub(crate) expr: Expr,
    marker: PhantomData<fn() -> (M, F)>,
}

impl<M, F> SqlExpr<M, F> {
    pub(crate) const fn new(expr: Expr) -> Self {
        Self { expr, marker: PhantomData }
    }
}

impl<M, F: ColumnType> SqlExpr<M, F> {
    /// The value in place of `NULL`.
    pub fn or(self, value: F::Scalar) -> SqlExpr<M, F::Scalar> {
        let arguments = vec![self.expr, Expr::Bind(Param::of(&value))];
        SqlExpr::new(Expr::Call { name: "COALESCE", arguments })
    }

    /// The value as one that can be `NULL`: for what a function makes `NULL` though it was declared otherwise.
    pub fn nullable(self) -> SqlExpr<M, Option<F::Scalar>> {
        SqlExpr::new(self.expr)
    }

    /// The value as one that is never `NULL`, because of a condition, or of what the database does. Where it is `NULL` all the
    /// same, reading it is an error: [`Decode`](crate::ErrorKind::Decode).
    pub fn assume_not_null(self) -> SqlExpr<M, F::Scalar> {
        SqlExpr::new(self.expr)
    }
}

impl<M: Source, F: ColumnType> From<Column<M, F>> for SqlExpr<M, F::Fetched> {
    fn from(column: Column<M, F>) -> Self {
        Self::new(column.expr())
    }
}

impl<M, F> Clone for SqlExpr<M, F> {
    fn clone(&self) -> Self {
        Self::new(self.expr.clone())
    }
}

impl<M, F> fmt::Display for SqlExpr<M, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::sql::computed(&self.expr).0)
    }
}

impl<M, F> fmt::Debug for SqlExpr<M, F> {
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
/// fn doubled(term: impl Term<Product, i64, Fetched = i64>) -> Scoped<Product, i64> {
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
pub trait Term<M, T: ScalarType> {
    /// The value as it is read: the scalar, or an `Option` of it.
    type Fetched: ColumnType<Scalar = T>;

    /// The expression.
    #[doc(hidden)]
    fn into_term(self) -> Expr;
}

#[diagnostic::do_not_recommend]
impl<M, T: ScalarType> Term<M, T> for T {
    type Fetched = T;

    fn into_term(self) -> Expr {
        Expr::Bind(Param::of(&self))
    }
}

#[diagnostic::do_not_recommend]
impl<M: Source, F: ColumnType> Term<M, F::Scalar> for Column<M, F> {
    type Fetched = F::Fetched;

    fn into_term(self) -> Expr {
        self.expr()
    }
}

#[diagnostic::do_not_recommend]
impl<M, F: ColumnType> Term<M, F::Scalar> for SqlExpr<M, F> {
    type Fetched = F;

    fn into_term(self) -> Expr {
        self.expr
    }
}

/// What computes with columns of one source and belongs to no wider scope: all terms but [`Scoped`] ones.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no value to compute with",
    label = "neither a number nor a column"
)]
#[doc(hidden)]
pub trait OfRow {}

#[diagnostic::do_not_recommend]
impl<T: ScalarType> OfRow for T {}
impl<M, F> OfRow for Column<M, F> {}
impl<M, F> OfRow for SqlExpr<M, F> {}

/// A scope in which a row of `M` is computed with what belongs to the whole scope.
#[doc(hidden)]
pub trait Beside<M> {
    /// A value of type `F` that comes of it.
    type Computed<F>;
    /// That value.
    fn computed<F>(expr: Expr) -> Self::Computed<F>;
}

impl<M: Source> Beside<M> for M {
    type Computed<F> = SqlExpr<M, F>;

    fn computed<F>(expr: Expr) -> SqlExpr<M, F> {
        SqlExpr::new(expr)
    }
}

/// `+ - * /` of expressions and columns with what computes with them.
macro_rules! arithmetic {
    ($($operator:ident $method:ident $op:literal;)*) => {$(
        impl<M, F: ColumnType<Scalar: Numeric>, R: OfRow + Term<M, F::Scalar>> $operator<R> for SqlExpr<M, F> {
            type Output = SqlExpr<M, F::With<R::Fetched>>;

            fn $method(self, other: R) -> Self::Output {
                SqlExpr::new(Expr::binary($op, self.expr, other.into_term()))
            }
        }

        impl<M, F: ColumnType<Scalar: Numeric>, G: ColumnType<Scalar = F::Scalar>, S: Beside<M>> $operator<Scoped<S, G>>
            for SqlExpr<M, F>
        {
            type Output = S::Computed<F::With<G>>;

            fn $method(self, other: Scoped<S, G>) -> Self::Output {
                S::computed(Expr::binary($op, self.expr, other.expr))
            }
        }

        impl<S, F: ColumnType<Scalar: Numeric>, R: Term<S, F::Scalar>> $operator<R> for Scoped<S, F> {
            type Output = Scoped<S, F::With<R::Fetched>>;

            fn $method(self, other: R) -> Self::Output {
                Scoped::new(Expr::binary($op, self.expr, other.into_term()))
            }
        }

        impl<M: Source, F: ColumnType<Scalar: Numeric>, R: OfRow + Term<M, F::Scalar>> $operator<R> for Column<M, F> {
            type Output = SqlExpr<M, F::With<R::Fetched>>;

            fn $method(self, other: R) -> Self::Output {
                SqlExpr::new(Expr::binary($op, self.expr(), other.into_term()))
            }
        }

        impl<M: Source, F: ColumnType<Scalar: Numeric>, G: ColumnType<Scalar = F::Scalar>, S: Beside<M>>
            $operator<Scoped<S, G>> for Column<M, F>
        {
            type Output = S::Computed<F::With<G>>;

            fn $method(self, other: Scoped<S, G>) -> Self::Output {
                S::computed(Expr::binary($op, self.expr(), other.expr))
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
