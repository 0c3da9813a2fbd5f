//! What can be inserted: objects, builders, and values of some columns.

use super::{Values, mapper, unset};
use crate::error::Result;
use crate::mapper::{ColumnDef, IntoModel, Model, read_only};
use crate::sql::Param;
use crate::types::{AnyScalar, ColumnValue};
use std::fmt;

/// A row for [`insert`](super::insert) and [`copy_in`](super::copy_in): an object or a builder whose required columns are all set, or
/// [`Values`] of some columns.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// use orm_core::bulk::{Insert, InsertRow, Values, insert};
/// fn one(row: impl InsertRow<Product>) -> Insert<Product> {
///     insert([row])
/// }
/// let tea = Product::builder().sku("T-1").title("Tea").price_cents(390);
/// let values = Values::new().set(Product::SKU, "T-1").set(Product::TITLE, "Tea").set(Product::PRICE_CENTS, 390);
/// let texts = [one(tea.clone()), one(tea.build()), one(values)].map(|insert| insert.to_string());
/// assert_eq!(texts[0], r#"INSERT INTO "product" ("sku", "title", "price_cents") VALUES ($1, $2, $3)"#);
/// assert!(texts[0] == texts[1] && texts[1] == texts[2]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no row of `{M}`",
    label = "expected a `{M}`, a builder of one whose required columns are all set, or `Values<{M}>`"
)]
pub trait InsertRow<M> {
    /// The row.
    #[doc(hidden)]
    fn into_row(self) -> Row<M>;
}

/// A row of one of two kinds.
#[doc(hidden)]
pub enum Row<M> {
    /// All columns.
    Object(M),
    /// Some columns.
    Values(Values<M>),
}

#[diagnostic::do_not_recommend]
impl<N: IntoModel> InsertRow<N::Model> for N {
    fn into_row(self) -> Row<N::Model> {
        Row::Object(self.into_model())
    }
}

impl<M: Model> InsertRow<M> for Values<M> {
    fn into_row(self) -> Row<M> {
        Row::Values(self)
    }
}

/// What an INSERT gives a column.
#[derive(Debug)]
pub(super) enum Cell<'a> {
    /// The database fills it in.
    Unset,
    Null,
    Value(&'a dyn AnyScalar),
    /// A default of the program.
    Made(Param),
}

impl<M: Model> fmt::Debug for Row<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object(object) => object.fmt(f),
            Self::Values(values) => values.fmt(f),
        }
    }
}

impl<M: Model> Row<M> {
    /// Has fields say what foreign keys say that share their columns.
    ///
    /// # Errors
    /// [`Encode`](crate::ErrorKind::Encode) for a key that has no binary form.
    pub(super) fn fill_shared(&mut self) -> Result<()> {
        match self {
            Self::Object(object) => mapper::<M>()?.fill_shared(object),
            Self::Values(_) => Ok(()),
        }
    }

    /// What the row, which has this number, gives each column.
    ///
    /// # Errors
    /// [`Unset`](crate::ErrorKind::Unset) for a required column without a value, [`ReadOnly`](crate::ErrorKind::ReadOnly) for one that
    /// only the database writes, [`Contradiction`](crate::ErrorKind::Contradiction) between fields that share a column.
    pub(super) fn cells(&self, number: usize) -> Result<Vec<Cell<'_>>> {
        let columns = M::def().columns;
        let given: Vec<ColumnValue<'_>> = match self {
            Self::Values(values) => values.row(),
            Self::Object(object) => {
                mapper::<M>()?.check_shared(object)?;
                let value = |(index, def): (usize, &ColumnDef)| def.inserted(object.column(index));
                columns.iter().enumerate().map(value).collect()
            }
        };
        let cell = |(index, value)| cell::<M>(number, index, value);
        given.into_iter().enumerate().map(cell).collect()
    }
}

/// What one column of a row gets.
fn cell<M: Model>(number: usize, index: usize, value: ColumnValue<'_>) -> Result<Cell<'_>> {
    let def = &M::def().columns[index];
    if !def.is_given() && !matches!(value, ColumnValue::Unset) {
        return Err(read_only(M::def(), def));
    }
    let why = match value {
        _ if !def.is_given() || def.version.is_some() => return Ok(Cell::Unset),
        ColumnValue::Value(value) if def.modifier.is_some() => {
            return def.fit(M::def().name, Param::of(value)).map(Cell::Made);
        }
        ColumnValue::Value(value) => return Ok(Cell::Value(value)),
        ColumnValue::Null if def.nullable => return Ok(Cell::Null),
        ColumnValue::Null => "is NULL, and its column cannot be",
        ColumnValue::Pending => "refers to an object, and a bulk call writes keys: give the key",
        ColumnValue::Unset | ColumnValue::NotLoaded => match def.default {
            _ if def.auto => return Ok(Cell::Unset),
            Some(make) => return def.fit(M::def().name, make()).map(Cell::Made),
            None if def.nullable => return Ok(Cell::Null),
            None => "has no value",
        },
    };
    Err(unset::<M>(number, index, why))
}
