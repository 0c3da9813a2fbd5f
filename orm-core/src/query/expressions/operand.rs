//! What a column can be compared with.

use crate::mapper::{Column, Source};
use crate::query::scope::{Contains, Presence, Present, placed};
use crate::query::{GroupsOf, Scoped, SqlExpr};
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
    message = "cannot use `{Self}` with a column of type `{T}`",
    label = "expected `{T}`"
)]
pub trait Operand<S, T: ScalarType, I>: Compared<T, I> {
    /// The value as it is read: the scalar, or an `Option` of it.
    type Fetched: ColumnType<Scalar = T>;

    /// The expression.
    #[doc(hidden)]
    fn into_expr(self) -> Expr;
}

/// One implementation for all. What a value is, is asked first; whether the scope has it, only of what was found to be one: so each
/// mistake has the words of its own, and the compiler has nothing to propose in place of a value of another type.
impl<V: Compared<T, I>, S, T: ScalarType, I: InScope<S>> Operand<S, T, I> for V {
    type Fetched = V::In<I::Presence>;

    fn into_expr(self) -> Expr {
        I::placed(self.expression())
    }
}

/// A scope that takes the operand `O`: the same as `O:` [`Operand`], told of the scope, for the reason of [`Is`](crate::query::Is).
#[diagnostic::on_unimplemented(
    message = "a query of `{Self}` takes no `{O}` where a value of type `{T}` stands",
    label = "expected `{T}`, or a column or an expression of what it selects from"
)]
#[doc(hidden)]
pub trait Takes<O, T: ScalarType, I> {
    /// The value as it is read.
    type Fetched: ColumnType<Scalar = T>;

    /// The expression.
    fn expression(operand: O) -> Expr;
}

impl<S, O: Operand<S, T, I>, T: ScalarType, I> Takes<O, T, I> for S {
    type Fetched = O::Fetched;

    fn expression(operand: O) -> Expr {
        operand.into_expr()
    }
}

/// A value of scalar type `T`, in a scope that `I` is about.
#[diagnostic::on_unimplemented(
    message = "cannot use `{Self}` with a column of type `{T}`",
    label = "expected `{T}`"
)]
#[doc(hidden)]
pub trait Compared<T: ScalarType, I> {
    /// As it is read where its source is as present as `P` says.
    type In<P: Presence>: ColumnType<Scalar = T>;

    /// The expression, in the scope of its source alone.
    fn expression(self) -> Expr;
}

/// How a value comes into the scope `S`.
#[diagnostic::on_unimplemented(
    message = "a value of another query stands in a query of `{S}`",
    label = "not of this query"
)]
#[doc(hidden)]
pub trait InScope<S> {
    /// Whether rows of the scope may lack it.
    type Presence: Presence;

    /// The expression in the scope.
    fn placed(expr: Expr) -> Expr {
        expr
    }
}

/// A value of the program, or one that is the same for all rows.
#[derive(Debug)]
#[doc(hidden)]
pub struct Bound;

/// A text of the program.
#[derive(Debug)]
#[doc(hidden)]
pub struct BoundText;

/// A value of the source `M`, which stands at `I`.
#[derive(Debug)]
#[doc(hidden)]
pub struct OfSource<M, I>(PhantomData<fn() -> (M, I)>);

/// An expression of the whole scope `S`.
#[derive(Debug)]
#[doc(hidden)]
pub struct OfScope<S>(PhantomData<fn() -> S>);

/// An aggregate of the rows of the scope `T`.
#[derive(Debug)]
#[doc(hidden)]
pub struct OfRows<T>(PhantomData<fn() -> T>);

/// A column of a source that stands at `I`.
#[derive(Debug)]
#[doc(hidden)]
pub struct Placed<I>(PhantomData<fn() -> I>);

/// What belongs to the whole scope.
#[derive(Debug)]
#[doc(hidden)]
pub struct Exact;

impl<S> InScope<S> for Bound {
    type Presence = Present;
}

impl<S> InScope<S> for BoundText {
    type Presence = Present;
}

impl<S> InScope<S> for OfScope<S> {
    type Presence = Present;
}

// Not of `Groups<T>` alone: in another scope the compiler is to speak of aggregates, and not of two scopes.
impl<S: GroupsOf<Rows = T>, T> InScope<S> for OfRows<T> {
    type Presence = Present;
}

impl<S: Contains<M, I>, M: Source, I> InScope<S> for OfSource<M, I> {
    type Presence = S::Presence;

    fn placed(expr: Expr) -> Expr {
        placed::<S, M, I>(expr)
    }
}

#[diagnostic::do_not_recommend]
impl<T: ScalarType> Compared<T, Bound> for T {
    type In<P: Presence> = T;

    fn expression(self) -> Expr {
        Expr::Bind(Param::of(&self))
    }
}

#[diagnostic::do_not_recommend]
impl<T: ScalarType> Compared<T, Bound> for &T {
    type In<P: Presence> = T;

    fn expression(self) -> Expr {
        Expr::Bind(Param::of(self))
    }
}

/// `str`. As a bound it keeps the compiler from telling of texts where a number is expected.
#[doc(hidden)]
pub trait Letters {
    /// The text.
    fn letters(&self) -> &str;
}

impl Letters for str {
    fn letters(&self) -> &str {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<L: Letters + ?Sized> Compared<String, BoundText> for &L {
    type In<P: Presence> = String;

    fn expression(self) -> Expr {
        Expr::Bind(Param::of(&self.letters().to_owned()))
    }
}

#[diagnostic::do_not_recommend]
impl<M: Source, F: ColumnType, I> Compared<F::Scalar, OfSource<M, I>> for Column<M, F> {
    type In<P: Presence> = P::Fetched<F>;

    fn expression(self) -> Expr {
        self.expr()
    }
}

#[diagnostic::do_not_recommend]
impl<M: Source, F: ColumnType, I> Compared<F::Scalar, OfSource<M, I>> for SqlExpr<M, F> {
    type In<P: Presence> = P::Fetched<F>;

    fn expression(self) -> Expr {
        self.expr
    }
}

#[diagnostic::do_not_recommend]
impl<S, F: ColumnType> Compared<F::Scalar, OfScope<S>> for Scoped<S, F> {
    type In<P: Presence> = F;

    fn expression(self) -> Expr {
        self.expr
    }
}

impl<M: Source, F> Column<M, F> {
    /// The column in the scope of its source alone.
    pub(crate) fn expr(self) -> Expr {
        Expr::Column(M::column(self.index()))
    }
}
