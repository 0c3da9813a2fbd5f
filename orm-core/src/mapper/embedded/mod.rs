//! Values of several columns inside of a model: structs, mixins, and enums that carry data.
//!
//! `#[derive(Embedded)]` describes such a type like a model, with names and positions that begin at its own; a model that
//! holds one puts them behind its own columns and relations ([`with_embedded`]). From there on they are columns and
//! relations like all others.

mod access;
mod check;
mod compose;
mod constants;
mod tag;

pub(super) use check::{check_embedded, named};

pub use constants::{Composite, PartOf, Variant};

// What derives need; users do not.
#[doc(hidden)]
pub use {
    access::VariantAccess,
    compose::{
        EmbeddedDef, EmbeddedPart, VariantDef, nested, part, part_of_variant, with_embedded, with_variants,
    },
    tag::{Tag, not_in_variant, unknown_variant},
};

use super::ModelRow;
use crate::error::Result;
use crate::types::{ColumnValue, is_null};
use postgres_types::Type;
use std::fmt::Debug;

/// A value of several columns, or of none, that lives in a field of a model; made by `#[derive(Embedded)]`.
///
/// A struct gives one column a field. They are called after the field of the model and their own:
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// #[derive(Embedded, Clone, Debug, PartialEq)]
/// pub struct Address {
///     pub street: Option<String>,
///     #[model(index)]
///     pub city: String,
/// }
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Person {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     #[model(embed)]
///     pub home: Address, // `home_street` and `home_city`
///     #[model(embed)]
///     pub work: Option<Address>, // all columns `NULL`: `None`
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut session = engine.session();
/// let ann = session.add(Person::builder().home(Address { street: None, city: "Ulm".into() }));
/// session.commit().await?;
/// session[ann].home.city = "Bonn".into();
/// session.commit().await?; // UPDATE "person" SET "home_city" = …
/// let in_bonn = Person::HOME.then(Address::CITY).eq("Bonn") & Person::WORK.is_null();
/// assert_eq!(session.query::<Person>().filter(in_bonn).one().await?, ann);
/// # Ok(()) }
/// ```
///
/// An enum has a column that says which variant it is, and nullable columns for what the variants hold. CHECK
/// constraints see to it that rows have what their variant needs, and nothing else:
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// #[derive(Embedded, Clone, Debug, PartialEq)]
/// pub enum Role {
///     Manager { budget: i64 },
///     Engineer { language: String },
///     Intern,
/// }
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Employee {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     pub name: String,
///     #[model(embed)]
///     pub role: Role, // `role`, `role_budget` and `role_language`
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut session = engine.session();
/// let ann = session.add(Employee::builder().name("Ann").role(Role::Manager { budget: 700 }));
/// session.add(Employee::builder().name("Bea").role(Role::Intern));
/// session.commit().await?;
/// let managers = Employee::ROLE.is(Role::MANAGER) & Employee::ROLE.then(Role::BUDGET).gt(500);
/// assert_eq!(session.query::<Employee>().filter(managers).one().await?, ann);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be embedded in a model",
    label = "not an embedded type",
    note = "put `#[derive(Embedded, Clone, Debug)]` on the struct or enum"
)]
pub trait Embedded: Clone + Debug + Send + Sync + 'static {
    /// How many columns it has.
    const COLUMNS: usize;
    /// How many relations it has.
    const RELATIONS: usize;

    #[doc(hidden)]
    /// Its columns and relations.
    fn def() -> EmbeddedDef;

    /// Reads a value from a row whose column 0 is its first.
    ///
    /// # Errors
    /// A column that is missing, of another type, or `NULL` where the field cannot be.
    fn read(row: ModelRow<'_>) -> Result<Self>;

    /// What column `index` of it holds.
    ///
    /// # Panics
    /// When it has no such column.
    fn column(&self, index: usize) -> ColumnValue<'_>;

    /// Takes column `index` over from another value; where that is another variant of an enum, all of it.
    ///
    /// # Panics
    /// As [`column`](Self::column).
    fn copy_column(&mut self, index: usize, from: &Self);

    /// Takes over a value in binary form.
    ///
    /// # Errors
    /// A value that does not decode, or that the variant does not have.
    fn set_generated(&mut self, index: usize, ty: &Type, raw: Option<&[u8]>) -> Result<()>;

    /// Takes such a value back.
    fn unset_generated(&mut self, index: usize);

    #[doc(hidden)]
    /// The value whose relation points to a slot and that has nothing else, where there is one.
    fn of_slot(relation: usize, session: u64, index: u32) -> Option<Self> {
        let _ = (relation, session, index);
        None
    }
}

/// A field that holds an [`Embedded`] value, or an `Option` of one.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be embedded in a model",
    label = "not an embedded type",
    note = "put `#[derive(Embedded, Clone, Debug)]` on the struct or enum"
)]
pub trait EmbeddedField: Sized + 'static {
    /// The value.
    type Value: Embedded;
    /// Whether there may be none.
    const NULLABLE: bool;

    /// [`Embedded::read`]
    ///
    /// # Errors
    /// As there.
    fn read(row: ModelRow<'_>) -> Result<Self>;
    /// The field for a value.
    fn of(value: Self::Value) -> Self;
    /// The value.
    fn get(&self) -> Option<&Self::Value>;
    /// The value.
    fn get_mut(&mut self) -> Option<&mut Self::Value>;
    /// [`Embedded::copy_column`]
    fn copy_column(&mut self, index: usize, from: &Self);
    /// Leaves nothing of a relation that pointed somewhere, where that is allowed.
    fn clear(&mut self) {}

    /// [`Embedded::column`]
    fn column(&self, index: usize) -> ColumnValue<'_> {
        self.get().map_or(ColumnValue::Null, |value| Embedded::column(value, index))
    }

    /// [`Embedded::set_generated`]; of what is not there, nothing is taken over.
    ///
    /// # Errors
    /// As there.
    fn set_generated(&mut self, index: usize, ty: &Type, raw: Option<&[u8]>) -> Result<()> {
        match (self.get_mut(), raw) {
            (Some(value), raw) => Embedded::set_generated(value, index, ty, raw),
            (None, None) => Ok(()),
            (None, Some(_)) => Err(not_in_variant(std::any::type_name::<Self::Value>(), index)),
        }
    }

    /// [`Embedded::unset_generated`]
    fn unset_generated(&mut self, index: usize) {
        if let Some(value) = self.get_mut() {
            Embedded::unset_generated(value, index);
        }
    }
}

#[diagnostic::do_not_recommend]
impl<E: Embedded> EmbeddedField for E {
    type Value = E;
    const NULLABLE: bool = false;

    fn read(row: ModelRow<'_>) -> Result<Self> {
        E::read(row)
    }

    fn of(value: E) -> Self {
        value
    }

    fn get(&self) -> Option<&E> {
        Some(self)
    }

    fn get_mut(&mut self) -> Option<&mut E> {
        Some(self)
    }

    fn copy_column(&mut self, index: usize, from: &Self) {
        E::copy_column(self, index, from);
    }
}

#[diagnostic::do_not_recommend]
impl<E: Embedded> EmbeddedField for Option<E> {
    type Value = E;
    const NULLABLE: bool = true;

    fn read(row: ModelRow<'_>) -> Result<Self> {
        match (0..E::COLUMNS).filter_map(|column| row.position(column)).all(|at| is_null(row.row(), at)) {
            true => Ok(None),
            false => E::read(row).map(Some),
        }
    }

    fn of(value: E) -> Self {
        Some(value)
    }

    fn get(&self) -> Option<&E> {
        self.as_ref()
    }

    fn get_mut(&mut self) -> Option<&mut E> {
        self.as_mut()
    }

    fn copy_column(&mut self, index: usize, from: &Self) {
        match (self.as_mut(), from) {
            (Some(to), Some(from)) => to.copy_column(index, from),
            _ => self.clone_from(from),
        }
    }

    fn clear(&mut self) {
        *self = None;
    }
}
