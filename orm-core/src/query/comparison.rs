//! What computed values can be asked, as columns can.

use super::{Filter, Operand, OrderBy, Ordering, Predicate, SqlExpr};
use crate::mapper::{Column, Model};
use crate::sql::{ArrayParam, Expr, Order, Param};
use crate::types::{ColumnType, ColumnValue, ScalarType};
use std::ops::{BitAnd, BitOr, Not};

impl<M, T: ScalarType> SqlExpr<M, T> {
    fn compare(self, op: &'static str, value: impl Operand<T>) -> Predicate<M> {
        let (left, right) = (Box::new(self.expr), Box::new(value.into_expr()));
        Predicate::new(Expr::Binary { op, left, right })
    }

    /// `expression = value`
    pub fn eq(self, value: impl Operand<T>) -> Predicate<M> {
        self.compare("=", value)
    }

    /// `expression <> value`; rows with `NULL` are not among them.
    pub fn ne(self, value: impl Operand<T>) -> Predicate<M> {
        self.compare("<>", value)
    }

    /// `expression < value`
    pub fn lt(self, value: impl Operand<T>) -> Predicate<M> {
        self.compare("<", value)
    }

    /// `expression <= value`
    pub fn le(self, value: impl Operand<T>) -> Predicate<M> {
        self.compare("<=", value)
    }

    /// `expression > value`
    pub fn gt(self, value: impl Operand<T>) -> Predicate<M> {
        self.compare(">", value)
    }

    /// `expression >= value`
    pub fn ge(self, value: impl Operand<T>) -> Predicate<M> {
        self.compare(">=", value)
    }

    /// `expression IS NULL`
    pub fn is_null(self) -> Predicate<M> {
        Predicate::new(Expr::IsNull(Box::new(self.expr)))
    }

    /// `expression IS NOT NULL`
    pub fn is_not_null(self) -> Predicate<M> {
        !self.is_null()
    }

    /// Whether the expression has one of the values; one SQL text for any number of them.
    pub fn in_any<V: Into<T>>(self, values: impl IntoIterator<Item = V>) -> Predicate<M> {
        let mut array = ArrayParam::with_capacity(T::SQL, 8);
        for value in values {
            array.push(ColumnValue::Value(&value.into()));
        }
        Predicate::new(Expr::Any { value: Box::new(self.expr), array: array.finish() })
    }

    /// The value in place of `NULL`.
    pub fn or(self, value: T) -> Self {
        let arguments = vec![self.expr, Expr::Bind(Param::of(&value))];
        Self::new(Expr::Call { name: "COALESCE", arguments }, false)
    }
}

impl<M> SqlExpr<M, String> {
    /// `expression LIKE pattern`: `%` stands for any text, `_` for one character.
    pub fn like(self, pattern: impl Operand<String>) -> Predicate<M> {
        self.compare("LIKE", pattern)
    }

    /// [`like`](Self::like) without regard to case.
    pub fn ilike(self, pattern: impl Operand<String>) -> Predicate<M> {
        self.compare("ILIKE", pattern)
    }
}

impl<M, T> SqlExpr<M, T> {
    /// Small values first.
    pub fn asc(self) -> Ordering<M> {
        Ordering::new(Order { key: self.expr, descending: false })
    }

    /// Large values first.
    pub fn desc(self) -> Ordering<M> {
        Ordering::new(Order { key: self.expr, descending: true })
    }
}

impl<M, T> OrderBy<M> for SqlExpr<M, T> {
    fn push_to(self, order: &mut Vec<Order>) {
        self.asc().push_to(order);
    }
}

/// A computed truth is a condition.
impl<M> Filter<M> for SqlExpr<M, bool> {
    fn into_predicate(self) -> Predicate<M> {
        Predicate::new(self.expr)
    }
}

/// A column that holds a truth is a condition.
impl<M: Model, F: ColumnType<Scalar = bool>> Filter<M> for Column<M, F> {
    fn into_predicate(self) -> Predicate<M> {
        Predicate::new(self.into_expr())
    }
}

/// A condition is a value, too.
impl<M> From<Predicate<M>> for SqlExpr<M, bool> {
    fn from(predicate: Predicate<M>) -> Self {
        Self::new(predicate.expr, true)
    }
}

impl<M, R: Filter<M>> BitAnd<R> for SqlExpr<M, bool> {
    type Output = Predicate<M>;
    fn bitand(self, other: R) -> Predicate<M> {
        self.into_predicate() & other.into_predicate()
    }
}

impl<M, R: Filter<M>> BitOr<R> for SqlExpr<M, bool> {
    type Output = Predicate<M>;
    fn bitor(self, other: R) -> Predicate<M> {
        self.into_predicate() | other.into_predicate()
    }
}

impl<M> Not for SqlExpr<M, bool> {
    type Output = Predicate<M>;
    fn not(self) -> Predicate<M> {
        !self.into_predicate()
    }
}
