//! What a column can be compared with.

use crate::mapper::{Column, Model};
use crate::sql::{Expr, Param};
use crate::types::{ColumnType, ScalarType};

/// A value that can be compared with a column of scalar type `T`: the type itself, borrowed or not, `&str` for
/// text, or another column of the same model with that type.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Customer, Product};
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
/// ```
#[diagnostic::on_unimplemented(
    message = "cannot compare a column of type `{T}` with `{Self}`",
    label = "expected `{T}`"
)]
pub trait Operand<T> {
    /// The expression.
    fn into_expr(self) -> Expr;

    /// Whether it can be `NULL`.
    #[doc(hidden)]
    fn is_nullable(&self) -> bool {
        false
    }
}

#[diagnostic::do_not_recommend]
impl<T: ScalarType> Operand<T> for T {
    fn into_expr(self) -> Expr {
        Expr::Bind(Param::of(&self))
    }
}

#[diagnostic::do_not_recommend]
impl<T: ScalarType> Operand<T> for &T {
    fn into_expr(self) -> Expr {
        Expr::Bind(Param::of(self))
    }
}

impl Operand<String> for &str {
    fn into_expr(self) -> Expr {
        Expr::Bind(Param::of(&self.to_owned()))
    }
}

impl<M: Model, F: ColumnType> Operand<F::Scalar> for Column<M, F> {
    fn into_expr(self) -> Expr {
        Expr::Column(M::def().columns[self.index()].name)
    }

    fn is_nullable(&self) -> bool {
        F::NULLABLE
    }
}
