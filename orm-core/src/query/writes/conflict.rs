//! Two rows at once: the one that was to be inserted, and the one that is there already.

use super::assignment::{AssignmentList, ColumnSet};
use crate::mapper::{Column, Model};
use crate::query::expressions::expression::Beside;
use crate::query::scope::{Contains, Itself, Present, Rows, Scope};
use crate::query::{Scoped, SqlExpr, Term};
use crate::sql::Expr;
use crate::types::ColumnType;
use std::marker::PhantomData;

/// The scope of what `ON CONFLICT … DO UPDATE` says: columns are those of the row that is there, [`excluded`] ones those of the
/// row that was to be inserted.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// use orm_core::query::{Assignment, Conflict, excluded};
/// /// The lower price wins.
/// fn cheaper() -> (Assignment<Conflict<Product>, Product>, Predicate<Conflict<Product>>) {
///     let price = excluded(Product::PRICE_CENTS);
///     (Product::PRICE_CENTS.set_to(price.clone()), Product::PRICE_CENTS.gt(price))
/// }
/// # let _ = cheaper();
/// ```
#[derive(Debug)]
pub struct Conflict<M>(PhantomData<fn() -> M>);

impl<M: Model> Scope for Conflict<M> {
    type Root = M;
    type Of = Rows;
    const WIDTH: usize = 2;
}

#[diagnostic::do_not_recommend]
impl<M: Model> Contains<M, Itself, Rows> for Conflict<M> {
    const PLACE: (usize, usize) = (0, 0);
    const IS_ALONE: bool = false;
    type Presence = Present;
}

/// The value of a column in the row that was to be inserted, as an upsert can use it; it computes with columns of the row that is there.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::{bulk::insert, query::excluded};
/// for price in [390, 10] {
///     insert::<Product>([Product::builder().sku("T-1").title("Tea").price_cents(price)])
///         .on_conflict(Product::SKU)
///         .do_update(Product::PRICE_CENTS.set_to(Product::PRICE_CENTS + excluded(Product::PRICE_CENTS) * 2))
///         .execute(&engine)
///         .await?;
/// }
/// assert_eq!(columns(Product::PRICE_CENTS).fetch_one(&engine).await?, 410);
/// # Ok(()) }
/// ```
pub fn excluded<M: Model, F: ColumnType>(column: Column<M, F>) -> Scoped<Conflict<M>, F::Fetched> {
    Scoped::new(excluded_column(column.name()))
}

/// A column of the row that was to be inserted.
pub(crate) fn excluded_column(name: &'static str) -> Expr {
    Expr::At { place: (0, 1), expr: Box::new(Expr::Column(name)) }
}

/// A column alone is set to what the row that was to be inserted has.
impl<M: Model, F: ColumnType> AssignmentList<Conflict<M>> for Column<M, F> {
    fn append_to(self, all: &mut Vec<ColumnSet>) {
        all.push(ColumnSet { column: self.index(), value: excluded(self).expr });
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, F: ColumnType> Term<Conflict<M>, F::Scalar> for Column<M, F> {
    type Fetched = F::Fetched;

    fn into_term(self) -> Expr {
        self.expr()
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, F: ColumnType> Term<Conflict<M>, F::Scalar> for SqlExpr<M, F> {
    type Fetched = F;

    fn into_term(self) -> Expr {
        self.expr
    }
}

impl<M: Model> Beside<M> for Conflict<M> {
    type Computed<F> = Scoped<Self, F>;

    fn computed<F>(expr: Expr) -> Scoped<Self, F> {
        Scoped::new(expr)
    }
}
