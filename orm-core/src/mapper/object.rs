//! The `Model` trait, and objects whose model is not known at compile time.

use super::{Backing, DeclarativeBase, ModelDef, ModelRow};
use crate::error::Result;
use crate::types::{ColumnValue, Key};
use postgres_types::Type;
use std::any::Any;
use std::fmt::Debug;

/// A struct that is stored in a table; made by `#[derive(Model)]`.
///
/// The derive writes data ([`Model::def`]) and thin glue between fields and columns. Everything
/// that can be done with a model is written once, on top of this trait:
/// [`Record`](crate::Record) for work without a session, [`Session`](crate::Session) for the rest.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// let new = Customer::builder().name("Ann").email("ann@example.org").build();
/// assert_eq!(new.key(), None);
/// assert_eq!(Customer { id: Auto::Set(7), ..new }.key(), Some(7));
/// assert_eq!(Customer::def().table.name, "customer");
///
/// /// A function over any model.
/// fn label<M: Model>(object: &M) -> String {
///     format!("{} {:?}", M::def().name, object.key())
/// }
/// assert_eq!(label(&Product::builder().id(3).sku("T-1").title("Tea").price_cents(390).build()), "Product Some(3)");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a model",
    label = "not a model",
    note = "put `#[derive(Model, Clone, Debug)]` and `#[model(base = Base)]` on the struct"
)]
pub trait Model: Clone + Debug + Send + Sync + 'static {
    /// The declarative base that the model belongs to.
    type Base: DeclarativeBase;
    /// The type of the primary key: of one column its value, of several a tuple.
    type Key: Key;
    /// What has the rows: a table, or a view.
    #[doc(hidden)]
    type Backing: Backing;

    /// The description of the model.
    fn def() -> &'static ModelDef;

    /// Reads an object from a row.
    ///
    /// # Errors
    /// A column that is missing, of another type, or `NULL` where the field cannot be.
    fn from_row(row: ModelRow<'_>) -> Result<Self>;

    /// What column `index` holds.
    ///
    /// # Panics
    /// When the model has no such column.
    fn column(&self, index: usize) -> ColumnValue<'_>;

    /// Takes column `index` over from another object; of a foreign key of several columns all of it.
    ///
    /// # Panics
    /// As [`column`](Self::column).
    fn copy_column(&mut self, index: usize, from: &Self);

    /// Takes over a value in binary form, such as one that the database made: `index` is a column that is no foreign key.
    ///
    /// # Errors
    /// A value that does not decode.
    fn set_generated(&mut self, index: usize, ty: &Type, raw: Option<&[u8]>) -> Result<()>;

    /// Takes such a value back, after a rollback: `index` is a column whose field is an [`Auto`](crate::types::Auto).
    fn unset_generated(&mut self, index: usize);

    /// The primary key, when it is complete.
    fn key(&self) -> Option<Self::Key> {
        let parts: Option<Vec<_>> = Self::def()
            .primary_key()
            .map(|index| match self.column(index) {
                ColumnValue::Value(part) => Some(part),
                _ => None,
            })
            .collect();
        Self::Key::from_parts(&parts?)
    }
}

/// A model that another one refers to: what `#[derive(Model)]` asks of the target of a relation.
///
/// The code that the derive writes has each target from here. Of one that is no model nothing follows then, so that the compiler speaks of
/// it once, at the target.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a model",
    label = "not a model",
    note = "put `#[derive(Model, Clone, Debug)]` and `#[model(base = Base)]` on the struct"
)]
#[doc(hidden)]
pub trait Related {
    /// The model.
    type Itself: Model<Key = Self::Key>;
    /// Its key.
    type Key: Key;
}

#[diagnostic::do_not_recommend]
impl<M: Model> Related for M {
    type Itself = M;
    type Key = M::Key;
}

/// An object of any model.
///
/// The session stores objects in this form, so that state, loading and flush are compiled once and
/// not once a model.
pub trait Object: Any + Debug + Send + Sync {
    /// [`Model::def`]
    fn def(&self) -> &'static ModelDef;
    /// [`Model::column`]
    fn column(&self, index: usize) -> ColumnValue<'_>;
    /// [`Model::copy_column`]
    ///
    /// # Panics
    /// When the objects are of different models.
    fn copy_column(&mut self, index: usize, from: &dyn Object);
    /// [`Model::set_generated`]
    ///
    /// # Errors
    /// As there.
    fn set_generated(&mut self, index: usize, ty: &Type, raw: Option<&[u8]>) -> Result<()>;
    /// [`Model::unset_generated`]
    fn unset_generated(&mut self, index: usize);
    /// A copy, kept as the snapshot of an object that is about to be changed.
    fn snapshot(&self) -> Box<dyn Object>;
    /// For downcasts.
    fn as_any(&self) -> &dyn Any;
    /// For downcasts.
    fn as_any_mut(&mut self) -> &mut dyn Any;
    /// For downcasts.
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}

impl<T: Model> Object for T {
    fn def(&self) -> &'static ModelDef {
        T::def()
    }

    fn column(&self, index: usize) -> ColumnValue<'_> {
        Model::column(self, index)
    }

    fn copy_column(&mut self, index: usize, from: &dyn Object) {
        let from = from.as_any().downcast_ref().expect("both objects are of one model");
        Model::copy_column(self, index, from);
    }

    fn set_generated(&mut self, index: usize, ty: &Type, raw: Option<&[u8]>) -> Result<()> {
        Model::set_generated(self, index, ty, raw)
    }

    fn unset_generated(&mut self, index: usize) {
        Model::unset_generated(self, index);
    }

    fn snapshot(&self) -> Box<dyn Object> {
        Box::new(self.clone())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
