//! What computed values can be asked, as columns can.

use super::{Filter, Operand, OrderBy, Ordering, Predicate, SqlExpr};
use crate::mapper::{Column, Model};
use crate::sql::{ArrayParam, Expr, Order, Param};
use crate::types::{ColumnType, ColumnValue, ScalarType};
use std::ops::{BitAnd, BitOr, Not};

/// What an expression is asked, as a column is:
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// use orm_core::query::SqlExpr;
/// let end = |filter: Predicate<Customer>| {
///     select::<Customer>().filter(filter).to_string().split_once("WHERE ").unwrap().1.to_owned()
/// };
/// let next = || Customer::AGE + 1;
/// assert_eq!(end(next().eq(41)), r#"("age" + $1) = $2"#);
/// assert_eq!(end(next().ne(41) & next().lt(50)), r#"("age" + $1) <> $2 AND ("age" + $3) < $4"#);
/// assert_eq!(end(next().le(50) | next().gt(90)), r#"("age" + $1) <= $2 OR ("age" + $3) > $4"#);
/// assert_eq!(end(next().ge(Customer::AGE)), r#"("age" + $1) >= "age""#);
/// assert_eq!(end(next().is_null()), r#"("age" + $1) IS NULL"#);
/// assert_eq!(end(next().is_not_null()), r#"("age" + $1) IS NOT NULL"#);
/// assert_eq!(end(next().in_any([18, 21])), r#"("age" + $1) IN (SELECT unnest($2))"#);
/// assert_eq!(end(next().or(0).eq(1)), r#"COALESCE("age" + $1, $2) = $3"#);
/// let name = || SqlExpr::from(Customer::NAME);
/// assert_eq!(end(name().like("A%") | name().ilike("b%")), r#""name" LIKE $1 OR "name" ILIKE $2"#);
/// let order = select::<Customer>().order_by((next().desc(), name().asc())).to_string();
/// assert!(order.ends_with(r#"ORDER BY "age" + $1 DESC, "name""#));
/// let adult = SqlExpr::from(Customer::AGE.ge(18)); // a condition is a value
/// assert_eq!(end(!adult.clone() & (adult | next().eq(3))), r#"NOT ("age" >= $1) AND ("age" >= $2 OR ("age" + $3) = $4)"#);
/// ```
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
