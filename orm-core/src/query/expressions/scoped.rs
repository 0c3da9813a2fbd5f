//! Values that the database computes from a row of a query.

use crate::query::{Operand, Term};
use crate::sql::{Expr, Param};
use crate::types::{ColumnType, ScalarType};
use std::fmt;
use std::marker::PhantomData;

/// A value of type `F` that the database computes from a row of the scope `S`, which may be a join; an `Option` where it can be `NULL`.
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
pub struct Scoped<S, F> {
    pub(crate) expr: Expr,
    marker: PhantomData<fn() -> (S, F)>,
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
/// let next = columns((Customer::NAME, value(Customer::AGE) + 1)); // a `(String, Option<i32>)` a row
/// let same = columns((Customer::NAME, value(Customer::ID).nullable())); // a `(String, Option<i64>)` a row
/// let known = select::<Customer>().filter(Customer::AGE.ge(18)).columns(value(Customer::AGE).assume_not_null()); // an `i32` a row
/// ```
pub fn value<S, T: ScalarType, I, F>(value: impl Operand<S, T, I, Fetched = F>) -> Scoped<S, F> {
    Scoped::new(value.into_expr())
}

impl<S, F> Scoped<S, F> {
    pub(crate) const fn new(expr: Expr) -> Self {
        Self { expr, marker: PhantomData }
    }
}

impl<S, F> Clone for Scoped<S, F> {
    fn clone(&self) -> Self {
        Self::new(self.expr.clone())
    }
}

impl<S, F> fmt::Debug for Scoped<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scoped({:?})", self.expr)
    }
}

#[diagnostic::do_not_recommend]
impl<S, F: ColumnType> Term<S, F::Scalar> for Scoped<S, F> {
    type Fetched = F;

    fn into_term(self) -> Expr {
        self.expr
    }
}

impl<S, F: ColumnType> Scoped<S, F> {
    /// The value in place of `NULL`.
    pub fn or(self, value: F::Scalar) -> Scoped<S, F::Scalar> {
        let arguments = vec![self.expr, Expr::Bind(Param::of(&value))];
        Scoped::new(Expr::Call { name: "COALESCE", arguments })
    }

    /// The value as one that can be `NULL`; as of a [`SqlExpr`](crate::query::SqlExpr::nullable).
    pub fn nullable(self) -> Scoped<S, Option<F::Scalar>> {
        Scoped::new(self.expr)
    }

    /// The value as one that is never `NULL`; as of a [`SqlExpr`](crate::query::SqlExpr::assume_not_null).
    pub fn assume_not_null(self) -> Scoped<S, F::Scalar> {
        Scoped::new(self.expr)
    }
}
