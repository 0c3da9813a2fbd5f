//! Columns that queries leave out.

use super::{Column, ColumnDef, Model, ModelDef};
use crate::error::{Error, ErrorKind, Result};
use crate::types::{ColumnValue, Deferred, ScalarType};

impl ColumnDef {
    /// What an INSERT gives the column: nobody has a value of a new row that was not loaded.
    pub(crate) const fn inserted<'a>(&self, value: ColumnValue<'a>) -> ColumnValue<'a> {
        match value {
            ColumnValue::NotLoaded if self.nullable => ColumnValue::Null,
            ColumnValue::NotLoaded => ColumnValue::Unset,
            value => value,
        }
    }
}

impl<M: Model, T: ScalarType> Column<M, Deferred<T>> {
    /// The value that an object has, or the error that names the call which loads it.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # orm_core::declarative_base!(pub Base);
    /// # #[derive(Model, Clone, Debug)]
    /// # #[model(base = Base)]
    /// # pub struct Book {
    /// #     #[model(primary_key)]
    /// #     pub id: i64,
    /// #     pub text: Deferred<String>,
    /// #     pub note: Deferred<Option<String>>,
    /// # }
    /// let mut book = Book::builder().id(7).text("All about tea").build();
    /// assert_eq!(Book::TEXT.of(&book)?, "All about tea");
    /// assert_eq!(Book::NOTE.of(&book)?, None); // it can be NULL
    /// book.text = Deferred::NotLoaded; // as a query gives it
    /// let error = Book::TEXT.of(&book).unwrap_err();
    /// assert_eq!((error.kind(), error.column()), (orm_core::ErrorKind::NotLoaded, Some("text")));
    /// # Ok::<_, orm_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`NotLoaded`](ErrorKind::NotLoaded)
    pub fn of(self, object: &M) -> Result<&T> {
        value(object, self.index())?.ok_or_else(|| not_loaded(object, self.index()))
    }
}

impl<M: Model, T: ScalarType> Column<M, Deferred<Option<T>>> {
    /// The value that an object has, where that can be NULL.
    ///
    /// # Errors
    /// [`NotLoaded`](ErrorKind::NotLoaded)
    pub fn of(self, object: &M) -> Result<Option<&T>> {
        value(object, self.index())
    }
}

fn value<M: Model, T: 'static>(object: &M, column: usize) -> Result<Option<&T>> {
    match object.column(column) {
        ColumnValue::Value(value) => Ok(value.as_any().downcast_ref()),
        ColumnValue::NotLoaded => Err(not_loaded(object, column)),
        _ => Ok(None),
    }
}

fn not_loaded<M: Model>(object: &M, column: usize) -> Error {
    let (def, column) = (M::def(), &M::def().columns[column]);
    let constant = format!("{}::{}", def.name, column.constant);
    let why = format!(
        "`{}` of {} is not loaded: call `session.load_columns(handle, {constant}).await?`, or `.undefer({constant})` on \
         the query",
        column.field,
        shown(def, object),
    );
    Error::new(ErrorKind::NotLoaded, why).with_model(def.name).with_columns(vec![column.name.to_owned()])
}

/// `Book(7)`
fn shown<M: Model>(def: &ModelDef, object: &M) -> String {
    let key = def.primary_key().map(|column| object.column(column).to_json().to_string());
    format!("{}({})", def.name, key.collect::<Vec<_>>().join(", "))
}
