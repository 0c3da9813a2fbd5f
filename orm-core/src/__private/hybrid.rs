//! What `#[hybrid]` writes calls of: SQL that means what the Rust body means.
//!
//! Rust has no third truth between true and false, so nothing here gives `NULL` for a condition: options are compared with
//! `IS NOT DISTINCT FROM`, and what has no order in SQL is refused.

use crate::mapper::{Column, Model};
use crate::query::{Numeric, Operand, SqlExpr};
use crate::sql::{Expr, Param};
use crate::types::{ColumnType, ScalarType};

/// A field.
pub fn column<M: Model, F: ColumnType>(column: Column<M, F>) -> SqlExpr<M, F::Scalar> {
    column.into()
}

/// A literal or a constant.
pub fn value<M, T: ScalarType>(value: T) -> SqlExpr<M, T> {
    SqlExpr::new(Expr::Bind(Param::of(&value)), false)
}

/// `None`
pub fn none<M, T: ScalarType>() -> SqlExpr<M, T> {
    SqlExpr::new(Expr::Bind(Param::null(T::SQL)), true)
}

/// A parameter.
pub fn operand<M, T, I>(operand: impl Operand<M, T, I>) -> SqlExpr<M, T> {
    let is_nullable = operand.is_nullable();
    SqlExpr::new(operand.into_expr(), is_nullable)
}

fn truth<M>(expr: Expr) -> SqlExpr<M, bool> {
    SqlExpr::new(expr, false)
}

fn binary<M, T, U>(op: &'static str, left: SqlExpr<M, T>, right: SqlExpr<M, T>) -> SqlExpr<M, U> {
    let (left, right) = (Box::new(left.expr), Box::new(right.expr));
    SqlExpr::new(Expr::Binary { op, left, right }, false)
}

/// `left == right`
pub fn eq<M, T>(left: SqlExpr<M, T>, right: SqlExpr<M, T>) -> SqlExpr<M, bool> {
    let op = if left.is_nullable || right.is_nullable { "IS NOT DISTINCT FROM" } else { "=" };
    binary(op, left, right)
}

/// `left != right`
pub fn ne<M, T>(left: SqlExpr<M, T>, right: SqlExpr<M, T>) -> SqlExpr<M, bool> {
    let op = if left.is_nullable || right.is_nullable { "IS DISTINCT FROM" } else { "<>" };
    binary(op, left, right)
}

/// `left < right`, and the other orders.
pub fn order<M, T>(op: &'static str, left: SqlExpr<M, T>, right: SqlExpr<M, T>) -> SqlExpr<M, bool> {
    if left.is_nullable || right.is_nullable {
        let why =
            "a hybrid compares options with `<`, and NULL is in no order: use `is_some_and` or `unwrap_or`";
        return truth(Expr::Invalid(why.to_owned()));
    }
    binary(op, left, right)
}

/// `left && right`
pub fn and<M>(left: SqlExpr<M, bool>, right: SqlExpr<M, bool>) -> SqlExpr<M, bool> {
    truth(Expr::And(vec![left.expr, right.expr]))
}

/// `left || right`
pub fn or<M>(left: SqlExpr<M, bool>, right: SqlExpr<M, bool>) -> SqlExpr<M, bool> {
    truth(Expr::Or(vec![left.expr, right.expr]))
}

/// `!value`
pub fn not<M>(value: SqlExpr<M, bool>) -> SqlExpr<M, bool> {
    truth(Expr::Not(Box::new(value.expr)))
}

/// `-value`
pub fn neg<M, T: Numeric>(value: SqlExpr<M, T>) -> SqlExpr<M, T> {
    SqlExpr::new(Expr::Call { name: "-", arguments: vec![value.expr] }, value.is_nullable)
}

/// `left + right`, and the other computations.
pub fn arithmetic<M, T: Numeric>(
    op: &'static str,
    left: SqlExpr<M, T>,
    right: SqlExpr<M, T>,
) -> SqlExpr<M, T> {
    SqlExpr::binary(op, left, right)
}

/// `value.is_some()`
pub fn is_some<M, T>(value: SqlExpr<M, T>) -> SqlExpr<M, bool> {
    not(is_none(value))
}

/// `value.is_none()`
pub fn is_none<M, T>(value: SqlExpr<M, T>) -> SqlExpr<M, bool> {
    truth(Expr::IsNull(Box::new(value.expr)))
}

/// `value.is_some_and(|value| …)`
pub fn is_some_and<M, T>(
    value: SqlExpr<M, T>,
    condition: impl FnOnce(SqlExpr<M, T>) -> SqlExpr<M, bool>,
) -> SqlExpr<M, bool> {
    let inner = SqlExpr::new(value.expr.clone(), false);
    and(is_some(value), condition(inner))
}

/// `value.unwrap_or(other)`
pub fn unwrap_or<M, T>(value: SqlExpr<M, T>, other: SqlExpr<M, T>) -> SqlExpr<M, T> {
    let arguments = vec![value.expr, other.expr];
    SqlExpr::new(Expr::Call { name: "COALESCE", arguments }, other.is_nullable)
}

/// `if condition { then } else { otherwise }`
pub fn choose<M, T>(
    condition: SqlExpr<M, bool>,
    then: SqlExpr<M, T>,
    otherwise: SqlExpr<M, T>,
) -> SqlExpr<M, T> {
    let is_nullable = then.is_nullable || otherwise.is_nullable;
    let (condition, then, otherwise) =
        (Box::new(condition.expr), Box::new(then.expr), Box::new(otherwise.expr));
    SqlExpr::new(Expr::Case { condition, then, otherwise }, is_nullable)
}

/// `i64::from(value)`
pub fn cast<M, T: ScalarType, U: ScalarType + From<T>>(value: SqlExpr<M, T>) -> SqlExpr<M, U> {
    SqlExpr::new(Expr::Cast { value: Box::new(value.expr), to: U::SQL.name() }, value.is_nullable)
}

/// `value.abs()`
pub fn abs<M, T: Numeric>(value: SqlExpr<M, T>) -> SqlExpr<M, T> {
    SqlExpr::new(Expr::Call { name: "abs", arguments: vec![value.expr] }, value.is_nullable)
}

/// `left.min(right)` and `left.max(right)`
pub fn extreme<M, T: Numeric>(
    name: &'static str,
    left: SqlExpr<M, T>,
    right: SqlExpr<M, T>,
) -> SqlExpr<M, T> {
    SqlExpr::new(Expr::Call { name, arguments: vec![left.expr, right.expr] }, false)
}

/// `text.is_empty()`
pub fn is_empty<M>(text: SqlExpr<M, String>) -> SqlExpr<M, bool> {
    eq(text, value(String::new()))
}

/// `text.starts_with(part)`
pub fn starts_with<M>(text: SqlExpr<M, String>, part: SqlExpr<M, String>) -> SqlExpr<M, bool> {
    truth(Expr::Call { name: "starts_with", arguments: vec![text.expr, part.expr] })
}

/// `text.contains(part)`
pub fn contains<M>(text: SqlExpr<M, String>, part: SqlExpr<M, String>) -> SqlExpr<M, bool> {
    let position = Expr::Call { name: "strpos", arguments: vec![text.expr, part.expr] };
    let (left, right) = (Box::new(position), Box::new(Expr::Bind(Param::of(&0_i32))));
    truth(Expr::Binary { op: ">", left, right })
}

/// `format!("{}…", part)`
pub fn concat<M>(parts: Vec<SqlExpr<M, String>>) -> SqlExpr<M, String> {
    let empty = value(String::new());
    parts.into_iter().reduce(|left, right| binary("||", left, right)).unwrap_or(empty)
}
