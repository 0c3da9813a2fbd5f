//! Values that the database computes from a row of a query.

use crate::query::{Operand, Term};
use crate::sql::{Expr, Param};
use crate::types::{ColumnType, ScalarType};
use std::fmt;
use std::marker::PhantomData;

/// A value of type `T` that the database computes from a row of the scope `S`, which may be a join.
///
/// [`value`] makes one of a column, a value or an expression of one model. They compute with each other, also across tables:
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
/// # pub struct Product { #[model(primary_key)] pub id: Auto<i64>, pub price: i64 }
/// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
/// # pub struct Line {
/// #     #[model(primary_key)] pub id: Auto<i64>, pub pieces: i64, #[belongs_to] pub product: BelongsTo<Product>,
/// # }
/// use orm_core::query::value;
/// let totals = select::<Line>()
///     .join(Line::PRODUCT)
///     .columns((Line::ID, value(Line::PIECES) * value(Product::PRICE)))
///     .filter((value(Line::PIECES) * value(Product::PRICE)).gt(1000));
/// assert_eq!(
///     totals.to_string(),
///     "SELECT \"line\".\"id\", \"line\".\"pieces\" * \"product\".\"price\" FROM \"line\" JOIN \"product\" \
///      ON \"product\".\"id\" = \"line\".\"product_id\" WHERE (\"line\".\"pieces\" * \"product\".\"price\") > $1"
/// );
/// ```
#[must_use = "an expression does nothing before it is selected or compared"]
pub struct Scoped<S, T> {
    pub(crate) expr: Expr,
    /// Whether it can be `NULL`.
    pub(crate) is_nullable: bool,
    marker: PhantomData<fn() -> (S, T)>,
}

/// A column, a value of the program or an expression of one model, as a value of the query's scope: see [`Scoped`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::value;
/// let next = columns(Customer::NAME).filter((value(Customer::AGE) + 1).eq(42));
/// assert!(next.to_string().ends_with(r#"WHERE ("age" + $1) = $2"#));
/// let known = columns(Customer::NAME).filter(value(Customer::AGE).or(0).ge(18));
/// assert!(known.to_string().ends_with(r#"WHERE COALESCE("age", $1) >= $2"#));
/// let next = columns((Customer::NAME, value(Customer::AGE).nullable())); // a `(String, Option<i32>)` a row
/// ```
pub fn value<S, T, I>(value: impl Operand<S, T, I>) -> Scoped<S, T> {
    let is_nullable = value.is_nullable();
    Scoped::new(value.into_expr(), is_nullable)
}

impl<S, T> Scoped<S, T> {
    pub(crate) const fn new(expr: Expr, is_nullable: bool) -> Self {
        Self { expr, is_nullable, marker: PhantomData }
    }

    pub(in crate::query) fn binary(op: &'static str, left: Self, right: Self) -> Self {
        let is_nullable = left.is_nullable || right.is_nullable;
        Self::new(Expr::Binary { op, left: Box::new(left.expr), right: Box::new(right.expr) }, is_nullable)
    }
}

impl<S, T> Clone for Scoped<S, T> {
    fn clone(&self) -> Self {
        Self::new(self.expr.clone(), self.is_nullable)
    }
}

impl<S, T> fmt::Debug for Scoped<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scoped({:?})", self.expr)
    }
}

#[diagnostic::do_not_recommend]
impl<S, T> Term<S, T> for Scoped<S, T> {
    fn into_term(self) -> (Expr, bool) {
        (self.expr, self.is_nullable)
    }
}

impl<S, F: ColumnType> Scoped<S, F> {
    /// The value in place of `NULL`.
    pub fn or(self, value: F::Scalar) -> Scoped<S, F::Scalar> {
        let arguments = vec![self.expr, Expr::Bind(Param::of(&value))];
        Scoped::new(Expr::Call { name: "COALESCE", arguments }, false)
    }
}

impl<S, T: ScalarType> Scoped<S, T> {
    /// The expression as one that is selected as an `Option`.
    pub fn nullable(self) -> Scoped<S, Option<T>> {
        Scoped::new(self.expr, true)
    }
}
