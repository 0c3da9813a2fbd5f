//! ORDER BY.

use super::operand::{Exact, Placed};
use crate::error::{Error, ErrorKind, Result};
use crate::mapper::{Column, Model, Source, Suggest};
use crate::query::scope::{Contains, placed};
use crate::query::{Aggregate, GroupsOf, Scoped, SqlExpr, Windowed};
use crate::sql::{Expr, Nulls, Order};
use crate::types::{ColumnType, SqlType, each_tuple};
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
    pub(in crate::query) const fn new(order: Order) -> Self {
        Self { order, model: PhantomData }
    }

    pub(in crate::query) const fn computed(key: Expr, descending: bool, sql_type: SqlType) -> Self {
        Self::new(Order { key, descending, nulls: None, sql_type: Some(sql_type) })
    }

    /// `NULL` comes before all values.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::Customer;
    /// let oldest = select::<Customer>().order_by(Customer::AGE.asc().nulls_first());
    /// assert!(oldest.to_string().ends_with(r#"ORDER BY "age" NULLS FIRST"#));
    /// ```
    pub const fn nulls_first(mut self) -> Self {
        self.order.nulls = Some(Nulls::First);
        self
    }

    /// `NULL` comes behind all values.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::Customer;
    /// let oldest = select::<Customer>().order_by(Customer::AGE.desc().nulls_last());
    /// assert!(oldest.to_string().ends_with(r#"ORDER BY "age" DESC NULLS LAST"#));
    /// ```
    pub const fn nulls_last(mut self) -> Self {
        self.order.nulls = Some(Nulls::Last);
        self
    }
}

impl<M> Clone for Ordering<M> {
    fn clone(&self) -> Self {
        Self::new(self.order.clone())
    }
}

impl<M: Source> Ordering<M> {
    /// The order by what a row of `M` says, in the scope of a query that reads more.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Cart, Customer};
    /// use orm_core::query::Ordering;
    /// let from_request = Ordering::<Customer>::by_name("-age")?;
    /// let carts = select::<Cart>().join(Cart::CUSTOMER).order_by((from_request.within(), Cart::ID));
    /// assert!(carts.to_string().ends_with(r#"ORDER BY "customer"."age" DESC, "cart"."id""#));
    /// # Ok::<(), orm_core::Error>(())
    /// ```
    pub fn within<S: Contains<M, I>, I>(self) -> Ordering<S> {
        Ordering::new(Order { key: placed::<S, M, I>(self.order.key), ..self.order })
    }
}

impl<M: Model> Ordering<M> {
    /// The order by a column whose name comes at run time, such as from a request: `name`, or `-name` for large values first.
    ///
    /// The name is looked up in the model and never becomes part of the SQL text.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::Customer;
    /// use orm_core::query::Ordering;
    /// let from_request = "-age";
    /// let query = select::<Customer>().order_by(Ordering::by_name(from_request)?);
    /// assert!(query.to_string().ends_with(r#"ORDER BY "age" DESC"#));
    /// let error = Ordering::<Customer>::by_name("emial").unwrap_err();
    /// assert_eq!(error.to_string(), "`Customer` has no column \"emial\" to order by; did you mean `email`?");
    /// # Ok::<(), orm_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`UnknownColumn`](ErrorKind::UnknownColumn) for a name that is none of the model's columns.
    pub fn by_name(name: &str) -> Result<Self> {
        let (plain, descending) = match name.strip_prefix('-') {
            Some(plain) => (plain, true),
            None => (name, false),
        };
        let column = column_named::<M>(plain, "order by")?;
        Ok(Self::new(Order::of(column, descending)))
    }
}

/// The column of a model with a name that came at run time.
pub(in crate::query) fn column_named<M: Model>(name: &str, to: &str) -> Result<&'static str> {
    let def = M::def();
    let found = def.columns.iter().find(|column| column.name == name);
    found.map(|column| column.name).ok_or_else(|| {
        let hint = Suggest(name, def.columns.iter().map(|column| column.name));
        let why = format!("`{}` has no column {name:?} to {to}{hint}", def.name);
        Error::new(ErrorKind::UnknownColumn, why).with_model(def.name)
    })
}

/// What `order_by` of a query with the scope `S` accepts: a column, a column with its direction, a tuple of up to eight, a list, or an
/// `Option`.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// let order = |query: orm_core::query::Select<Customer>| query.to_string().split_once("BY ").unwrap().1.to_owned();
/// assert_eq!(order(select().order_by(Customer::NAME)), r#""name""#);
/// assert_eq!(order(select().order_by(Customer::ID.desc())), r#""id" DESC"#);
/// assert_eq!(order(select().order_by((Customer::NAME, Customer::ID.desc()))), r#""name", "id" DESC"#);
/// let wanted: Vec<_> = [Customer::NAME.asc(), Customer::EMAIL.desc()].into(); // put together at run time
/// assert_eq!(order(select().order_by((wanted, Some(Customer::ID)))), r#""name", "email" DESC, "id""#);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no order of `{S}`, which this query selects",
    label = "expected columns of `{S}`; aggregates order groups: `.group_by(keys).order_by(|keys| …)`"
)]
pub trait OrderBy<S, I> {
    /// Appends the columns.
    #[doc(hidden)]
    fn push_to(self, order: &mut Vec<Order>);
}

fn push(key: Expr, sql_type: Option<SqlType>, order: &mut Vec<Order>) {
    order.push(Order { key, descending: false, nulls: None, sql_type });
}

impl<S: Contains<M, I>, M: Source, F: ColumnType, I> OrderBy<S, Placed<I>> for Column<M, F> {
    fn push_to(self, order: &mut Vec<Order>) {
        push(placed::<S, M, I>(self.expr()), Some(F::SQL), order);
    }
}

impl<S: Contains<M, I>, M: Source, F: ColumnType, I> OrderBy<S, Placed<I>> for SqlExpr<M, F> {
    fn push_to(self, order: &mut Vec<Order>) {
        push(placed::<S, M, I>(self.expr), Some(F::SQL), order);
    }
}

impl<S, F: ColumnType> OrderBy<S, Exact> for Scoped<S, F> {
    fn push_to(self, order: &mut Vec<Order>) {
        push(self.expr, Some(F::SQL), order);
    }
}

impl<S: GroupsOf<Rows = T>, T, F: ColumnType> OrderBy<S, Exact> for Aggregate<T, F> {
    fn push_to(self, order: &mut Vec<Order>) {
        push(self.into_expr(), Some(F::SQL), order);
    }
}

impl<S, F> OrderBy<S, Exact> for Windowed<S, F> {
    fn push_to(self, order: &mut Vec<Order>) {
        push(self.expr, None, order);
    }
}

impl<S> OrderBy<S, Exact> for Ordering<S> {
    fn push_to(self, order: &mut Vec<Order>) {
        order.push(self.order);
    }
}

impl<S, I, O: OrderBy<S, I>> OrderBy<S, I> for Vec<O> {
    fn push_to(self, order: &mut Vec<Order>) {
        self.into_iter().for_each(|one| one.push_to(order));
    }
}

impl<S, I, O: OrderBy<S, I>> OrderBy<S, I> for Option<O> {
    fn push_to(self, order: &mut Vec<Order>) {
        self.into_iter().for_each(|one| one.push_to(order));
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
each_tuple!(tuples: A IA B IB, C IC, D ID, E IE, G IG, H IH, J IJ);
