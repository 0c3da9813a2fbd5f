//! What a column can be compared with.

use crate::mapper::{Column, Source};
use crate::query::scope::{Contains, Presence, placed};
use crate::query::{Scoped, SqlExpr};
use crate::sql::{Expr, Param};
use crate::types::{ColumnType, ScalarType};
use std::marker::PhantomData;

/// A value of scalar type `T` in the scope `S`: one of that type, borrowed or not, `&str` for text, a column of a source of the
/// scope, or an expression. `I` is how it comes there, which the compiler finds.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Cart, Customer, Product};
/// let name = String::from("Ann");
/// let filters = [
///     Customer::NAME.eq("Ann"),
///     Customer::NAME.eq(&name),
///     Customer::NAME.eq(Customer::EMAIL), // another column
///     Customer::AGE.ge(18),               // an optional column compares with its scalar
/// ];
/// # let end = |filter: &orm_core::query::Predicate<Customer>| {
/// #     select::<Customer>().filter(filter.clone()).to_string().split_once("WHERE ").unwrap().1.to_owned()
/// # };
/// assert_eq!(end(&filters[1]), r#""name" = $1"#);
/// assert_eq!(end(&filters[2]), r#""name" = "email""#);
///
/// let joined = select::<Cart>().join(Cart::CUSTOMER).filter(Cart::INVOICE.eq(Customer::NAME)); // a column of another table
/// assert!(joined.to_string().ends_with(r#"WHERE "cart"."invoice" = "customer"."name""#));
/// ```
#[diagnostic::on_unimplemented(
    message = "cannot compare a column of type `{T}` with `{Self}`",
    label = "expected `{T}`"
)]
pub trait Operand<S, T: ScalarType, I>: Compared<S, T, I> {}

/// One implementation for all, so that the compiler has none to propose in place of the one that is missing below.
impl<V: Compared<S, T, I>, S, T: ScalarType, I> Operand<S, T, I> for V {}

/// What makes an [`Operand`].
#[diagnostic::on_unimplemented(
    message = "cannot compare a column of type `{T}` with `{Self}`",
    label = "expected `{T}`"
)]
#[doc(hidden)]
pub trait Compared<S, T: ScalarType, I> {
    /// The value as it is read: the scalar, or an `Option` of it.
    type Fetched: ColumnType<Scalar = T>;

    /// The expression.
    fn into_expr(self) -> Expr;
}

/// A value of the program.
#[derive(Debug)]
#[doc(hidden)]
pub struct Bound;

/// A text of the program.
#[derive(Debug)]
#[doc(hidden)]
pub struct BoundText;

/// A column of a source that stands at `I`.
#[derive(Debug)]
#[doc(hidden)]
pub struct Placed<I>(PhantomData<fn() -> I>);

/// An expression of the whole scope.
#[derive(Debug)]
#[doc(hidden)]
pub struct Exact;

#[diagnostic::do_not_recommend]
impl<S, T: ScalarType> Compared<S, T, Bound> for T {
    type Fetched = T;

    fn into_expr(self) -> Expr {
        Expr::Bind(Param::of(&self))
    }
}

#[diagnostic::do_not_recommend]
impl<S, T: ScalarType> Compared<S, T, Bound> for &T {
    type Fetched = T;

    fn into_expr(self) -> Expr {
        Expr::Bind(Param::of(self))
    }
}

#[diagnostic::do_not_recommend]
impl<S> Compared<S, String, BoundText> for &str {
    type Fetched = String;

    fn into_expr(self) -> Expr {
        Expr::Bind(Param::of(&self.to_owned()))
    }
}

impl<S: Contains<M, I>, M: Source, F: ColumnType, I> Compared<S, F::Scalar, Placed<I>> for Column<M, F> {
    type Fetched = <S::Presence as Presence>::Fetched<F>;

    fn into_expr(self) -> Expr {
        placed::<S, M, I>(self.expr())
    }
}

impl<S: Contains<M, I>, M: Source, F: ColumnType, I> Compared<S, F::Scalar, Placed<I>> for SqlExpr<M, F> {
    type Fetched = <S::Presence as Presence>::Fetched<F>;

    fn into_expr(self) -> Expr {
        placed::<S, M, I>(self.expr)
    }
}

#[diagnostic::do_not_recommend]
impl<S, F: ColumnType> Compared<S, F::Scalar, Exact> for Scoped<S, F> {
    type Fetched = F;

    fn into_expr(self) -> Expr {
        self.expr
    }
}

impl<M: Source, F> Column<M, F> {
    /// The column in the scope of its source alone.
    pub(crate) fn expr(self) -> Expr {
        Expr::Column(M::column(self.index()))
    }
}
