//! ORDER BY.

use crate::mapper::{Column, Model};
use crate::sql::Order;
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

impl<M: Model, F: ColumnType> Column<M, F> {
    fn ordering(self, descending: bool) -> Ordering<M> {
        let order = Order::of(M::def().columns[self.index()].name, descending);
        Ordering::new(order)
    }

    /// Small values first.
    pub fn asc(self) -> Ordering<M> {
        self.ordering(false)
    }

    /// Large values first.
    pub fn desc(self) -> Ordering<M> {
        self.ordering(true)
    }
}

/// What `order_by` of a query of `M` accepts: a column, a column with its direction, or a tuple of those.
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
    message = "`{Self}` is no order of `{M}`, which this query selects",
    label = "expected columns of `{M}`"
)]
pub trait OrderBy<M> {
    /// Appends the columns.
    fn push_to(self, order: &mut Vec<Order>);
}

impl<M: Model, F: ColumnType> OrderBy<M> for Column<M, F> {
    fn push_to(self, order: &mut Vec<Order>) {
        order.push(self.asc().order);
    }
}

impl<M> OrderBy<M> for Ordering<M> {
    fn push_to(self, order: &mut Vec<Order>) {
        order.push(self.order);
    }
}

macro_rules! tuples {
    ($($name:ident)+) => {
        impl<M, $($name: OrderBy<M>),+> OrderBy<M> for ($($name,)+) {
            fn push_to(self, order: &mut Vec<Order>) {
                #[expect(non_snake_case, reason = "the names of the type parameters")]
                let ($($name,)+) = self;
                $($name.push_to(order);)+
            }
        }
    };
}
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
