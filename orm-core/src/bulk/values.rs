//! Columns with values: what stands for a row in a bulk call.

use crate::mapper::{Column, Model};
use crate::types::{AnyScalar, ColumnType, ColumnValue, IntoScalar};
use std::fmt;
use std::marker::PhantomData;

/// Values for some columns of a model: a row of [`Session::bulk_insert_mappings`](crate::Session::bulk_insert_mappings) and
/// [`Session::bulk_update_mappings`](crate::Session::bulk_update_mappings).
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// use orm_core::bulk::Values;
/// let row = Values::<Customer>::new().set(Customer::NAME, "Ann").set(Customer::AGE, Some(41)).set(Customer::AGE, 42);
/// assert_eq!(format!("{row:?}"), r#"Values<Customer> { name: "Ann", age: 42 }"#);
/// ```
///
/// A value of another type does not compile, nor does a column of another model:
///
/// ```compile_fail
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # use orm_core::bulk::Values;
/// let row = Values::<Customer>::new().set(Customer::AGE, "forty");
/// ```
#[must_use = "values do nothing by themselves"]
pub struct Values<M> {
    set: Vec<(usize, Option<Box<dyn AnyScalar>>)>,
    model: PhantomData<fn() -> M>,
}

impl<M: Model> Values<M> {
    /// No values yet.
    pub const fn new() -> Self {
        Self { set: Vec::new(), model: PhantomData }
    }

    /// The value of a column, instead of one that it was given before; `None` is `NULL`.
    pub fn set<F: ColumnType>(mut self, column: Column<M, F>, value: impl IntoScalar<F::Scalar>) -> Self {
        let value = value.into_scalar().map(|value| Box::new(value) as Box<dyn AnyScalar>);
        match self.set.iter_mut().find(|(index, _)| *index == column.index()) {
            Some((_, before)) => *before = value,
            None => self.set.push((column.index(), value)),
        }
        self
    }

    /// All columns, those without a value as unset.
    pub(super) fn row(&self) -> Vec<ColumnValue<'_>> {
        let mut row = vec![ColumnValue::Unset; M::def().columns.len()];
        for (index, value) in &self.set {
            row[*index] = value.as_deref().map_or(ColumnValue::Null, ColumnValue::Value);
        }
        row
    }
}

impl<M: Model> Default for Values<M> {
    fn default() -> Self {
        Self::new()
    }
}

impl<M: Model> fmt::Debug for Values<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct(&format!("Values<{}>", M::def().name));
        for (index, value) in &self.set {
            let json = value.as_deref().map_or(serde_json::Value::Null, AnyScalar::json);
            shown.field(M::def().columns[*index].name, &format_args!("{json}"));
        }
        shown.finish()
    }
}
