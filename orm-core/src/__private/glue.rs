//! The generic halves of generated functions.
//!
//! They take `ColumnType::from_scalar` as a function instead of asking for the trait: a field whose type is no
//! column type is then reported once, at the field, and not by each of them again.

use crate::error::{Error, Result};
use crate::mapper::{Model, ModelRow, Object};
use crate::query::{Defines, Predicate};
use crate::sql::{Expr, Param};
use crate::types::{ColumnValue, ScalarType, SqlType, read_scalar};
use postgres_types::Type;
use std::error::Error as StdError;

/// Reads one field; `place` is `table.column`.
///
/// # Errors
/// As [`Model::from_row`].
#[inline]
pub fn read<F, S: ScalarType>(
    row: ModelRow<'_>,
    column: usize,
    place: &str,
    from_scalar: fn(Option<S>) -> Option<F>,
    not_loaded: fn() -> Option<F>,
) -> Result<F> {
    let Some(at) = row.position(column) else {
        return not_loaded().ok_or_else(|| wrong(place, "the row does not have the column".into()));
    };
    match read_scalar(row.row(), at) {
        Ok(value) => match from_scalar(value) {
            Some(field) => Ok(field),
            None => Err(null(place)),
        },
        Err(source) => Err(wrong(place, source.into())),
    }
}

/// Decodes one field; `place` is `table.column`.
///
/// # Errors
/// As [`Model::set_generated`].
pub fn decode<F, S: ScalarType>(
    ty: &Type,
    raw: Option<&[u8]>,
    place: &str,
    from_scalar: fn(Option<S>) -> Option<F>,
) -> Result<F> {
    match raw.map(|raw| S::from_wire(ty, raw)).transpose() {
        Ok(value) => from_scalar(value).ok_or_else(|| null(place)),
        Err(source) => Err(wrong(place, source)),
    }
}

#[cold]
fn null(place: &str) -> Error {
    wrong(place, "NULL in a column that cannot be NULL".into())
}

#[cold]
fn wrong(place: &str, source: Box<dyn StdError + Send + Sync>) -> Error {
    Error::decode_column(place, source)
}

/// [`Model::from_row`] for an object whose model the caller does not know.
///
/// # Errors
/// As there.
pub fn from_row<M: Model>(row: ModelRow<'_>) -> Result<Box<dyn Object>> {
    M::from_row(row).map(|object| Box::new(object) as Box<dyn Object>)
}

/// A value for an UPDATE.
pub fn param(value: ColumnValue<'_>, ty: SqlType) -> Param {
    Param::of_column(value, ty)
}

/// A condition that rows of a model have to meet to be seen.
pub fn criterion<M: Model>(condition: fn() -> Predicate<M>) -> Expr {
    condition().expr
}

/// The definition of a view whose columns have the types `T`.
///
/// # Errors
/// As [`Defines::definition`].
pub fn definition<T, D: Defines<T>>(query: fn() -> D) -> Result<String> {
    query().definition()
}

/// The end of every generated `match` over columns.
///
/// # Panics
/// Always.
pub fn no_such_column(model: &str, index: usize) -> ! {
    panic!("`{model}` has no such column: {index}")
}
