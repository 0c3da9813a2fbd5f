//! ORDER BY.

use super::operand::{Exact, Placed};
use super::scope::{Contains, placed};
use super::{Aggregate, Groups, Scoped, SqlExpr, Windowed};
use crate::mapper::{Column, Source};
use crate::sql::{Expr, Order};
use crate::types::ColumnType;
use std::marker::PhantomData;

/// A column and its direction.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// let oldest = select::<Customer>().order_by((Customer::AGE.desc(), Customer::NAME.asc()));
/// assert!(oldest.to_string().ends_with(r#"ORDER BY "age" DESC, "name""#));
/// ```
#[derive(Debug)]
pub struct Ordering<M> {
    order: Order,
    model: PhantomData<fn() -> M>,
}

impl<M> Ordering<M> {
    pub(super) const fn new(order: Order) -> Self {
        Self { order, model: PhantomData }
    }
}

/// What `order_by` of a query with the scope `S` accepts: a column, a column with its direction, or a tuple of those.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// let order = |query: orm_core::query::Select<Customer>| query.to_string().split_once("BY ").unwrap().1.to_owned();
/// assert_eq!(order(select().order_by(Customer::NAME)), r#""name""#);
/// assert_eq!(order(select().order_by(Customer::ID.desc())), r#""id" DESC"#);
/// assert_eq!(order(select().order_by((Customer::NAME, Customer::ID.desc()))), r#""name", "id" DESC"#);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no order of `{S}`, which this query selects",
    label = "expected columns of `{S}`"
)]
pub trait OrderBy<S, I> {
    /// Appends the columns.
    #[doc(hidden)]
    fn push_to(self, order: &mut Vec<Order>);
}

fn push(key: Expr, order: &mut Vec<Order>) {
    order.push(Order { key, descending: false });
}

impl<S: Contains<M, I>, M: Source, F: ColumnType, I> OrderBy<S, Placed<I>> for Column<M, F> {
    fn push_to(self, order: &mut Vec<Order>) {
        push(placed::<S, M, I>(self.expr()), order);
    }
}

impl<S: Contains<M, I>, M: Source, T, I> OrderBy<S, Placed<I>> for SqlExpr<M, T> {
    fn push_to(self, order: &mut Vec<Order>) {
        push(placed::<S, M, I>(self.expr), order);
    }
}

impl<S, T> OrderBy<S, Exact> for Scoped<S, T> {
    fn push_to(self, order: &mut Vec<Order>) {
        push(self.expr, order);
    }
}

impl<S, F: ColumnType> OrderBy<Groups<S>, Exact> for Aggregate<S, F> {
    fn push_to(self, order: &mut Vec<Order>) {
        push(self.into_expr(), order);
    }
}

impl<S, F> OrderBy<S, Exact> for Windowed<S, F> {
    fn push_to(self, order: &mut Vec<Order>) {
        push(self.expr, order);
    }
}

impl<S> OrderBy<S, Exact> for Ordering<S> {
    fn push_to(self, order: &mut Vec<Order>) {
        order.push(self.order);
    }
}

macro_rules! tuples {
    ($($name:ident $index:ident)+) => {
        impl<S, $($name: OrderBy<S, $index>, $index),+> OrderBy<S, ($($index,)+)> for ($($name,)+) {
            fn push_to(self, order: &mut Vec<Order>) {
                #[expect(non_snake_case, reason = "the names of the type parameters")]
                let ($($name,)+) = self;
                $($name.push_to(order);)+
            }
        }
    };
}
tuples!(A IA B IB);
tuples!(A IA B IB C IC);
tuples!(A IA B IB C IC D ID);
