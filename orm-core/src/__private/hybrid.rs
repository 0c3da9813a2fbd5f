//! What `#[hybrid]` writes calls of: SQL that means what the Rust body means.
//!
//! Rust has no third truth between true and false, so nothing here gives `NULL` for a condition: options are compared with
//! `IS NOT DISTINCT FROM`, and what has no order in SQL is refused.

use crate::mapper::{Column, Model};
use crate::query::{Numeric, Operand, SqlExpr};
use crate::sql::{Expr, Param};
use crate::types::{ColumnType, ScalarType};

/// A field.
pub fn column<M: Model, F: ColumnType>(column: Column<M, F>) -> SqlExpr<M, F::Fetched> {
    column.into()
}

/// A literal or a constant.
pub fn value<M, T: ScalarType>(value: T) -> SqlExpr<M, T> {
    SqlExpr::new(Expr::Bind(Param::of(&value)))
}

/// `None`
pub fn none<M, T: ScalarType>() -> SqlExpr<M, Option<T>> {
    SqlExpr::new(Expr::Bind(Param::null(T::SQL)))
}

/// A parameter.
pub fn operand<M, T: ScalarType, I, O: Operand<M, T, I>>(operand: O) -> SqlExpr<M, O::Fetched> {
    SqlExpr::new(operand.into_expr())
}

/// What the body gives, as what the method gives: `Some(…)` is nothing in SQL.
pub fn result<M, F: ColumnType, R: ColumnType<Scalar = F::Scalar>>(value: SqlExpr<M, F>) -> SqlExpr<M, R> {
    SqlExpr::new(value.expr)
}

fn binary<M, F, G, R>(op: &'static str, left: SqlExpr<M, F>, right: SqlExpr<M, G>) -> SqlExpr<M, R> {
    SqlExpr::new(Expr::binary(op, left.expr, right.expr))
}

/// Whether one of two types can be `NULL`.
const fn are_options<F: ColumnType, G: ColumnType>() -> bool {
    F::NULLABLE || G::NULLABLE
}

/// `left == right`
pub fn eq<M, F: ColumnType, G: ColumnType<Scalar = F::Scalar>>(
    left: SqlExpr<M, F>,
    right: SqlExpr<M, G>,
) -> SqlExpr<M, bool> {
    binary(if are_options::<F, G>() { "IS NOT DISTINCT FROM" } else { "=" }, left, right)
}

/// `left != right`
pub fn ne<M, F: ColumnType, G: ColumnType<Scalar = F::Scalar>>(
    left: SqlExpr<M, F>,
    right: SqlExpr<M, G>,
) -> SqlExpr<M, bool> {
    binary(if are_options::<F, G>() { "IS DISTINCT FROM" } else { "<>" }, left, right)
}

/// `left < right`, and the other orders.
pub fn order<M, F: ColumnType, G: ColumnType<Scalar = F::Scalar>>(
    op: &'static str,
    left: SqlExpr<M, F>,
    right: SqlExpr<M, G>,
) -> SqlExpr<M, bool> {
    if are_options::<F, G>() {
        let why =
            "a hybrid compares options with `<`, and NULL is in no order: use `is_some_and` or `unwrap_or`";
        return SqlExpr::new(Expr::Invalid(why.to_owned()));
    }
    binary(op, left, right)
}

/// `left && right`
pub fn and<M>(left: SqlExpr<M, bool>, right: SqlExpr<M, bool>) -> SqlExpr<M, bool> {
    SqlExpr::new(Expr::And(vec![left.expr, right.expr]))
}

/// `left || right`
pub fn or<M>(left: SqlExpr<M, bool>, right: SqlExpr<M, bool>) -> SqlExpr<M, bool> {
    SqlExpr::new(Expr::Or(vec![left.expr, right.expr]))
}

/// `!value`
pub fn not<M>(value: SqlExpr<M, bool>) -> SqlExpr<M, bool> {
    SqlExpr::new(Expr::Not(Box::new(value.expr)))
}

/// `-value`
pub fn neg<M, F: ColumnType<Scalar: Numeric>>(value: SqlExpr<M, F>) -> SqlExpr<M, F> {
    SqlExpr::new(Expr::Call { name: "-", arguments: vec![value.expr] })
}

/// `left + right`, and the other computations.
pub fn arithmetic<M, F: ColumnType<Scalar: Numeric>, G: ColumnType<Scalar = F::Scalar>>(
    op: &'static str,
    left: SqlExpr<M, F>,
    right: SqlExpr<M, G>,
) -> SqlExpr<M, F::With<G>> {
    binary(op, left, right)
}

/// `value.is_some()`
pub fn is_some<M, F>(value: SqlExpr<M, F>) -> SqlExpr<M, bool> {
    not(is_none(value))
}

/// `value.is_none()`
pub fn is_none<M, F>(value: SqlExpr<M, F>) -> SqlExpr<M, bool> {
    SqlExpr::new(Expr::IsNull(Box::new(value.expr)))
}

/// `value.is_some_and(|value| …)`
pub fn is_some_and<M, F: ColumnType>(
    value: SqlExpr<M, F>,
    condition: impl FnOnce(SqlExpr<M, F::Scalar>) -> SqlExpr<M, bool>,
) -> SqlExpr<M, bool> {
    let inner = value.clone().assume_not_null();
    and(is_some(value), condition(inner))
}

/// `value.unwrap_or(other)`
pub fn unwrap_or<M, F: ColumnType, G: ColumnType<Scalar = F::Scalar>>(
    value: SqlExpr<M, F>,
    other: SqlExpr<M, G>,
) -> SqlExpr<M, G> {
    SqlExpr::new(Expr::Call { name: "COALESCE", arguments: vec![value.expr, other.expr] })
}

/// `if condition { then } else { otherwise }`
pub fn choose<M, F: ColumnType, G: ColumnType<Scalar = F::Scalar>>(
    condition: SqlExpr<M, bool>,
    then: SqlExpr<M, F>,
    otherwise: SqlExpr<M, G>,
) -> SqlExpr<M, F::With<G>> {
    let (condition, then, otherwise) =
        (Box::new(condition.expr), Box::new(then.expr), Box::new(otherwise.expr));
    SqlExpr::new(Expr::Case { condition, then, otherwise })
}

/// `i64::from(value)`
pub fn cast<M, T: ScalarType, U: ScalarType + From<T>>(value: SqlExpr<M, T>) -> SqlExpr<M, U> {
    SqlExpr::new(Expr::Cast { value: Box::new(value.expr), to: U::SQL.name() })
}

/// `value.abs()`
pub fn abs<M, T: Numeric>(value: SqlExpr<M, T>) -> SqlExpr<M, T> {
    SqlExpr::new(Expr::Call { name: "abs", arguments: vec![value.expr] })
}

/// `left.min(right)` and `left.max(right)`
pub fn extreme<M, T: Numeric>(
    name: &'static str,
    left: SqlExpr<M, T>,
    right: SqlExpr<M, T>,
) -> SqlExpr<M, T> {
    SqlExpr::new(Expr::Call { name, arguments: vec![left.expr, right.expr] })
}

/// `text.is_empty()`
pub fn is_empty<M>(text: SqlExpr<M, String>) -> SqlExpr<M, bool> {
    eq(text, value(String::new()))
}

/// `text.starts_with(part)`
pub fn starts_with<M>(text: SqlExpr<M, String>, part: SqlExpr<M, String>) -> SqlExpr<M, bool> {
    SqlExpr::new(Expr::Call { name: "starts_with", arguments: vec![text.expr, part.expr] })
}

/// `text.contains(part)`
pub fn contains<M>(text: SqlExpr<M, String>, part: SqlExpr<M, String>) -> SqlExpr<M, bool> {
    let position = Expr::Call { name: "strpos", arguments: vec![text.expr, part.expr] };
    SqlExpr::new(Expr::binary(">", position, Expr::Bind(Param::of(&0_i32))))
}

/// `format!("{}…", part)`
pub fn concat<M>(parts: Vec<SqlExpr<M, String>>) -> SqlExpr<M, String> {
    let empty = value(String::new());
    parts.into_iter().reduce(|left, right| binary("||", left, right)).unwrap_or(empty)
}
