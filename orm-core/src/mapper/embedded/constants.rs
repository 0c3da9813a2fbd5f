//! The typed constants of embedded values: `Customer::ADDRESS`, `Role::MANAGER`.

use super::super::{Column, Model, Relation, arity};
use super::Embedded;
use crate::types::ColumnType;
use std::fmt;
use std::marker::PhantomData;

/// An embedded value `E` in model `M`; `A` is [`arity::One`], or [`arity::Optional`] for an `Option`.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// #[derive(Embedded, Clone, Debug)]
/// pub struct Period {
///     pub first: NaiveDate,
///     pub last: Option<NaiveDate>,
/// }
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Stay {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     #[model(embed, prefix = "")]
///     pub period: Period,
///     #[model(embed)]
///     pub option: Option<Period>,
/// }
/// assert_eq!(Stay::PERIOD.then(Period::FIRST).name(), "first");
/// assert_eq!(Stay::OPTION.then(Period::FIRST).name(), "option_first"); // a `Column<Stay, Option<NaiveDate>>`
/// assert_eq!(format!("{:?}", Stay::OPTION), "stay.option");
/// let open = select::<Stay>().filter(Stay::PERIOD.then(Period::LAST).is_null() & Stay::OPTION.is_not_null());
/// assert!(open.to_string().ends_with(r#"WHERE "last" IS NULL AND NOT ("option_first" IS NULL AND "option_last" IS NULL)"#));
/// ```
pub struct Composite<M, E, A> {
    field: &'static str,
    column: usize,
    relation: usize,
    #[expect(clippy::type_complexity, reason = "a marker")]
    marker: PhantomData<fn() -> (M, E, A)>,
}

impl<M, E, A> Composite<M, E, A> {
    /// Made by the derive: the positions of the first column and of the first relation in `M`.
    #[doc(hidden)]
    pub const fn new(field: &'static str, column: usize, relation: usize) -> Self {
        Self { field, column, relation, marker: PhantomData }
    }

    /// A column, a relation or an embedded value of `E`, as one of `M`.
    pub fn then<P: PartOf<E, A>>(self, part: P) -> P::In<M> {
        part.moved(self.column, self.relation)
    }

    pub(crate) const fn first_column(self) -> usize {
        self.column
    }

    pub(crate) const fn first_relation(self) -> usize {
        self.relation
    }
}

impl<M, E: Embedded, A> Composite<M, E, A> {
    /// The positions of its columns in `M`.
    pub(crate) fn positions(self) -> std::ops::Range<usize> {
        self.column..self.column + E::COLUMNS
    }
}

impl<M, E, A> Clone for Composite<M, E, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, E, A> Copy for Composite<M, E, A> {}

impl<M: Model, E, A> fmt::Debug for Composite<M, E, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", M::def().table, self.field)
    }
}

/// What an embedded type `E` consists of: its columns, relations and embedded values.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// use orm_core::mapper::{Column, PartOf, arity};
/// # #[derive(Embedded, Clone, Debug)]
/// # pub struct Name { pub first: String, pub last: String }
/// # #[derive(Model, Clone, Debug)]
/// # #[model(base = Base)]
/// # pub struct Guest { #[model(primary_key)] pub id: Auto<i64>, #[model(embed)] pub name: Name }
/// fn of_guest<P: PartOf<Name, arity::One>>(part: P) -> P::In<Guest> {
///     Guest::NAME.then(part)
/// }
/// let last: Column<Guest, String> = of_guest(Name::LAST);
/// assert_eq!(last.name(), "name_last");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no part of `{E}`",
    label = "expected a constant of `{E}`"
)]
pub trait PartOf<E, A> {
    /// The same in model `M`.
    type In<M>;
    #[doc(hidden)]
    fn moved<M>(self, columns: usize, relations: usize) -> Self::In<M>;
}

#[diagnostic::do_not_recommend]
impl<E, F> PartOf<E, arity::One> for Column<E, F> {
    type In<M> = Column<M, F>;
    fn moved<M>(self, columns: usize, _: usize) -> Column<M, F> {
        Column::new(self.index() + columns)
    }
}

#[diagnostic::do_not_recommend]
impl<E, F: ColumnType> PartOf<E, arity::Optional> for Column<E, F> {
    type In<M> = Column<M, Option<F::Scalar>>;
    fn moved<M>(self, columns: usize, _: usize) -> Self::In<M> {
        Column::new(self.index() + columns)
    }
}

#[diagnostic::do_not_recommend]
impl<E, T, A> PartOf<E, arity::One> for Relation<E, T, A> {
    type In<M> = Relation<M, T, A>;
    fn moved<M>(self, _: usize, relations: usize) -> Self::In<M> {
        Relation::new(self.index() + relations)
    }
}

#[diagnostic::do_not_recommend]
impl<E, T, A> PartOf<E, arity::Optional> for Relation<E, T, A> {
    type In<M> = Relation<M, T, arity::Optional>;
    fn moved<M>(self, _: usize, relations: usize) -> Self::In<M> {
        Relation::new(self.index() + relations)
    }
}

#[diagnostic::do_not_recommend]
impl<E, I, A> PartOf<E, arity::One> for Composite<E, I, A> {
    type In<M> = Composite<M, I, A>;
    fn moved<M>(self, columns: usize, relations: usize) -> Self::In<M> {
        Composite::new(self.field, self.column + columns, self.relation + relations)
    }
}

#[diagnostic::do_not_recommend]
impl<E, I, A> PartOf<E, arity::Optional> for Composite<E, I, A> {
    type In<M> = Composite<M, I, arity::Optional>;
    fn moved<M>(self, columns: usize, relations: usize) -> Self::In<M> {
        Composite::new(self.field, self.column + columns, self.relation + relations)
    }
}

/// A variant of an enum that is embedded: `Role::MANAGER`, for [`Composite::is`].
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # use orm_core::mapper::Variant;
/// #[derive(Embedded, Clone, Debug)]
/// pub enum Status {
///     Open,
///     #[model(tag = "done")]
///     Closed { reason: String },
/// }
/// let closed: Variant<Status> = Status::CLOSED;
/// assert_eq!(closed.tag(), "done");
/// ```
pub struct Variant<E> {
    tag: &'static str,
    marker: PhantomData<fn() -> E>,
}

impl<E> Variant<E> {
    /// Made by the derive.
    #[doc(hidden)]
    pub const fn new(tag: &'static str) -> Self {
        Self { tag, marker: PhantomData }
    }

    /// Its name in the database.
    pub const fn tag(self) -> &'static str {
        self.tag
    }
}

impl<E> Clone for Variant<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Variant<E> {}

impl<E> fmt::Debug for Variant<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Variant({})", self.tag)
    }
}
