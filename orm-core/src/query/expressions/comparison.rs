//! What columns and computed values can be asked.

use crate::mapper::{Column, Source};
use crate::query::scope::{Contains, placed};
use crate::query::statements::{Holds, is_in};
use crate::query::{
    Aggregate, Filter, GroupsOf, Inside, Operand, Ordering, Predicate, Scoped, Select, SqlExpr, TextScalar,
};
use crate::sql::{ArrayParam, Expr};
use crate::types::{ColumnType, ColumnValue, IntoScalar, ScalarType};
use std::ops::{BitAnd, BitOr, Not};

/// What one type of values can be asked. The methods of what belongs to a source have a scope of their own.
///
/// The bounds come with the call: the compiler shows where they stand, and a bound inside of the macro would be shown with both.
macro_rules! comparisons {
    (
        $what:literal, $(#[$doc:meta])* [$($generics:tt)*] $ty:ty, $scalar:ty, $scope:ty,
        [$($operand:tt)*], [$($free:ident)*] [$($bound:tt)*], $self:ident => $expr:expr
    ) => {
        $(#[$doc])*
        impl<$($generics)*> $ty {
            fn compare<$($free,)* J>($self, op: &'static str, value: $($operand)*) -> Predicate<$scope>
            where
                $($bound)*
            {
                Predicate::new(Expr::binary(op, $expr, value.into_expr()))
            }

            #[doc = concat!("`", $what, " = value`")]
            pub fn eq<$($free,)* J>(self, value: $($operand)*) -> Predicate<$scope>
            where
                $($bound)*
            {
                self.compare("=", value)
            }

            #[doc = concat!("`", $what, " <> value`; rows with `NULL` are not among them.")]
            pub fn ne<$($free,)* J>(self, value: $($operand)*) -> Predicate<$scope>
            where
                $($bound)*
            {
                self.compare("<>", value)
            }

            #[doc = concat!("`", $what, " < value`")]
            pub fn lt<$($free,)* J>(self, value: $($operand)*) -> Predicate<$scope>
            where
                $($bound)*
            {
                self.compare("<", value)
            }

            #[doc = concat!("`", $what, " <= value`")]
            pub fn le<$($free,)* J>(self, value: $($operand)*) -> Predicate<$scope>
            where
                $($bound)*
            {
                self.compare("<=", value)
            }

            #[doc = concat!("`", $what, " > value`")]
            pub fn gt<$($free,)* J>(self, value: $($operand)*) -> Predicate<$scope>
            where
                $($bound)*
            {
                self.compare(">", value)
            }

            #[doc = concat!("`", $what, " >= value`")]
            pub fn ge<$($free,)* J>(self, value: $($operand)*) -> Predicate<$scope>
            where
                $($bound)*
            {
                self.compare(">=", value)
            }

            #[doc = concat!("`", $what, " IS NULL`")]
            pub fn is_null<$($free),*>($self) -> Predicate<$scope>
            where
                $($bound)*
            {
                Predicate::new(Expr::IsNull(Box::new($expr)))
            }

            #[doc = concat!("`", $what, " IS NOT NULL`")]
            pub fn is_not_null<$($free),*>(self) -> Predicate<$scope>
            where
                $($bound)*
            {
                !self.is_null()
            }

            #[doc = concat!("Whether the ", $what, " has one of the values, borrowed or not; `None` is none. One SQL text for any number of them.")]
            pub fn in_any<$($free,)* V: IntoScalar<$scalar>>($self, values: impl IntoIterator<Item = V>) -> Predicate<$scope>
            where
                $($bound)*
            {
                let mut array = ArrayParam::with_capacity(<$scalar as ScalarType>::SQL, 8);
                for value in values.into_iter().filter_map(IntoScalar::into_scalar) {
                    array.push(ColumnValue::Value(&value));
                }
                Predicate::new(Expr::Any { value: Box::new($expr), array: array.finish(), read_as: None })
            }

            #[doc = concat!("Whether the ", $what, " has none of the values. `NULL` is known to have none only where there are no values at all.")]
            pub fn not_in<$($free,)* V: IntoScalar<$scalar>>(self, values: impl IntoIterator<Item = V>) -> Predicate<$scope>
            where
                $($bound)*
            {
                !self.in_any(values)
            }

            #[doc = concat!("Whether the ", $what, " is among the values that a query gives.")]
            pub fn in_query<$($free,)* Q: Inside<$scope, J>, R, J>($self, query: Select<Q, R>) -> Predicate<$scope>
            where
                R: Holds<$scalar>,
                $($bound)*
            {
                is_in($expr, query)
            }

            #[doc = concat!("Whether the ", $what, " is neither less than the one nor greater than the other.")]
            pub fn between<$($free,)* J, K>(
                $self,
                from: $($operand)*,
                to: impl Operand<$scope, $scalar, K>,
            ) -> Predicate<$scope>
            where
                $($bound)*
            {
                let value = $expr;
                let least = Expr::binary(">=", value.clone(), from.into_expr());
                Predicate::new(Expr::And(vec![least, Expr::binary("<=", value, to.into_expr())]))
            }

            #[doc = concat!("`", $what, " IS DISTINCT FROM value`: `NULL` is a value like others.")]
            pub fn is_distinct_from<$($free,)* J>(self, value: $($operand)*) -> Predicate<$scope>
            where
                $($bound)*
            {
                self.compare("IS DISTINCT FROM", value)
            }

            #[doc = concat!("`", $what, " IS NOT DISTINCT FROM value`: `NULL` is equal to `NULL`.")]
            pub fn is_not_distinct_from<$($free,)* J>(self, value: $($operand)*) -> Predicate<$scope>
            where
                $($bound)*
            {
                self.compare("IS NOT DISTINCT FROM", value)
            }

            /// Small values first.
            pub fn asc<$($free),*>($self) -> Ordering<$scope>
            where
                $($bound)*
            {
                Ordering::computed($expr, false, <$scalar as ScalarType>::SQL)
            }

            /// Large values first.
            pub fn desc<$($free),*>($self) -> Ordering<$scope>
            where
                $($bound)*
            {
                Ordering::computed($expr, true, <$scalar as ScalarType>::SQL)
            }
        }
    };
}

/// What one type of texts can be asked.
macro_rules! text_comparisons {
    ($what:literal, [$($generics:tt)*] $ty:ty, $scope:ty, [$($free:ident)*] [$($bound:tt)*], $self:ident => $expr:expr) => {
        impl<$($generics)*> $ty {
            #[doc = concat!("`", $what, " LIKE pattern`: `%` stands for any text, `_` for one character.")]
            pub fn like<$($free,)* J>($self, pattern: impl Operand<$scope, String, J>) -> Predicate<$scope>
            where
                $($bound)*
            {
                text_condition("LIKE", $expr, pattern.into_expr())
            }

            /// [`like`](Self::like) without regard to case.
            pub fn ilike<$($free,)* J>($self, pattern: impl Operand<$scope, String, J>) -> Predicate<$scope>
            where
                $($bound)*
            {
                text_condition("ILIKE", $expr, pattern.into_expr())
            }

            #[doc = concat!("`", $what, " ~ pattern`: a regular expression matches a part of the text.")]
            pub fn matches<$($free,)* J>($self, pattern: impl Operand<$scope, String, J>) -> Predicate<$scope>
            where
                $($bound)*
            {
                text_condition("~", $expr, pattern.into_expr())
            }

            /// [`matches`](Self::matches) without regard to case.
            pub fn imatches<$($free,)* J>($self, pattern: impl Operand<$scope, String, J>) -> Predicate<$scope>
            where
                $($bound)*
            {
                text_condition("~*", $expr, pattern.into_expr())
            }

            #[doc = concat!("Whether the ", $what, " begins with a text, in which no character has a meaning of its own.")]
            pub fn starts_with<$($free,)* J>($self, text: impl Operand<$scope, String, J>) -> Predicate<$scope>
            where
                $($bound)*
            {
                text_condition("^@", $expr, text.into_expr())
            }

            #[doc = concat!("Whether the ", $what, " ends with a text, in which no character has a meaning of its own.")]
            pub fn ends_with<$($free,)* J>($self, text: impl Operand<$scope, String, J>) -> Predicate<$scope>
            where
                $($bound)*
            {
                // Each is written once, and an index on what is reversed helps.
                let reversed = |text| Expr::Call { name: "reverse", arguments: vec![text] };
                text_condition("^@", reversed($expr), reversed(text.into_expr()))
            }
        }
    };
}

comparisons!("column", [M: Source, F: ColumnType] Column<M, F>, F::Scalar, S, [impl Operand<S, F::Scalar, J>], [S I] [S: Contains<M, I>], self => self.placed_in::<S, I>());
comparisons!("expression",
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
/// assert_eq!(end(next().not_in([18, 21])), r#"NOT (("age" + $1) IN (SELECT unnest($2)))"#);
/// assert_eq!(end(next().between(18, 21)), r#"("age" + $1) >= $2 AND ("age" + $3) <= $4"#);
/// assert_eq!(end(next().is_distinct_from(7)), r#"("age" + $1) IS DISTINCT FROM $2"#);
/// assert_eq!(end(next().is_not_distinct_from(7)), r#"("age" + $1) IS NOT DISTINCT FROM $2"#);
/// assert_eq!(end(Customer::NAME.matches("^A.n$") & Customer::NAME.imatches("b")), r#""name" ~ $1 AND "name" ~* $2"#);
/// assert_eq!(end(Customer::NAME.starts_with("A%")), r#""name" ^@ $1"#);
/// assert_eq!(end(Customer::NAME.ends_with("%n")), r#"reverse("name") ^@ reverse($1)"#);
/// assert_eq!(end(Customer::ID.in_query(columns(Cart::CUSTOMER_ID))), r#""id" IN (SELECT "cart"."customer_id" FROM "cart")"#);
/// assert_eq!(end(next().or(0).eq(1)), r#"COALESCE("age" + $1, $2) = $3"#);
/// let name = || SqlExpr::from(Customer::NAME);
/// assert_eq!(end(name().like("A%") | name().ilike("b%")), r#""name" LIKE $1 OR "name" ILIKE $2"#);
/// let order = select::<Customer>().order_by((next().desc(), name().asc())).to_string();
/// assert!(order.ends_with(r#"ORDER BY "age" + $1 DESC, "name""#));
/// let adult = SqlExpr::from(Customer::AGE.ge(18)); // a condition is a value
/// assert_eq!(end(!adult.clone() & (adult | next().eq(3))), r#"NOT ("age" >= $1) AND ("age" >= $2 OR ("age" + $3) = $4)"#);
/// ```
    [M: Source, F: ColumnType] SqlExpr<M, F>, F::Scalar, S, [impl Operand<S, F::Scalar, J>], [S I] [S: Contains<M, I>], self => placed::<S, M, I>(self.expr));
comparisons!("expression", [S, F: ColumnType] Scoped<S, F>, F::Scalar, S, [impl Operand<S, F::Scalar, J>], [] [], self => self.expr);
comparisons!("aggregate", [T, F: ColumnType] Aggregate<T, F>, F::Scalar, S, [impl Operand<S, F::Scalar, J>], [S] [S: GroupsOf<Rows = T>], self => self.into_expr());
text_comparisons!("column", [M: Source, F: ColumnType<Scalar: TextScalar>] Column<M, F>, S, [S I] [S: Contains<M, I>], self => self.placed_in::<S, I>());
text_comparisons!("expression", [M: Source, F: ColumnType<Scalar: TextScalar>] SqlExpr<M, F>, S, [S I] [S: Contains<M, I>], self => placed::<S, M, I>(self.expr));
text_comparisons!("expression", [S, F: ColumnType<Scalar: TextScalar>] Scoped<S, F>, S, [] [], self => self.expr);
text_comparisons!("aggregate", [T, F: ColumnType<Scalar: TextScalar>] Aggregate<T, F>, S, [S] [S: GroupsOf<Rows = T>], self => self.into_expr());

/// `text op pattern`
fn text_condition<S>(op: &'static str, text: Expr, pattern: Expr) -> Predicate<S> {
    Predicate::new(Expr::binary(op, text, pattern))
}

impl<M: Source, F> Column<M, F> {
    /// The column in a scope.
    fn placed_in<S: Contains<M, I>, I>(self) -> Expr {
        placed::<S, M, I>(self.expr())
    }
}

/// A computed truth is a condition.
impl<M, F: ColumnType<Scalar = bool>> Filter<M> for SqlExpr<M, F> {
    fn into_predicate(self) -> Predicate<M> {
        Predicate::new(self.expr)
    }
}

/// A column that holds a truth is a condition.
impl<M: Source, F: ColumnType<Scalar = bool>> Filter<M> for Column<M, F> {
    fn into_predicate(self) -> Predicate<M> {
        Predicate::new(self.expr())
    }
}

/// A condition is a value, too: `NULL` where it depends on what is `NULL`.
impl<M> From<Predicate<M>> for SqlExpr<M, Option<bool>> {
    fn from(predicate: Predicate<M>) -> Self {
        Self::new(predicate.expr)
    }
}

impl<M, F: ColumnType<Scalar = bool>, R: Filter<M>> BitAnd<R> for SqlExpr<M, F> {
    type Output = Predicate<M>;
    fn bitand(self, other: R) -> Predicate<M> {
        self.into_predicate() & other.into_predicate()
    }
}

impl<M, F: ColumnType<Scalar = bool>, R: Filter<M>> BitOr<R> for SqlExpr<M, F> {
    type Output = Predicate<M>;
    fn bitor(self, other: R) -> Predicate<M> {
        self.into_predicate() | other.into_predicate()
    }
}

impl<M, F: ColumnType<Scalar = bool>> Not for SqlExpr<M, F> {
    type Output = Predicate<M>;
    fn not(self) -> Predicate<M> {
        !self.into_predicate()
    }
}

/// A computed truth of the whole scope is a condition.
impl<S, F: ColumnType<Scalar = bool>> Filter<S> for Scoped<S, F> {
    fn into_predicate(self) -> Predicate<S> {
        Predicate::new(self.expr)
    }
}

/// A condition is a value of its scope: `NULL` where it depends on what is `NULL`.
impl<S> From<Predicate<S>> for Scoped<S, Option<bool>> {
    fn from(predicate: Predicate<S>) -> Self {
        Self::new(predicate.expr)
    }
}
