//! The typed constants of a model: `Customer::NAME`, `Customer::CARTS`.

use super::{Model, RelationDef, Source};
use crate::schema::TableName;
use crate::types::ColumnType;
use std::fmt;
use std::marker::PhantomData;

/// A column of model `M` whose field has type `F`: the constants of a model, one a column.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Cart, Customer};
/// assert_eq!(Customer::AGE.name(), "age");
/// assert_eq!(format!("{:?}", Cart::CUSTOMER_ID), "cart.customer_id"); // a foreign key has one, too
/// ```
///
/// It knows model and type, so mistakes do not compile:
///
/// ```compile_fail
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
/// # pub struct Customer { #[model(primary_key)] pub id: Auto<i64>, pub age: Option<i32> }
/// let filter = Customer::AGE.eq("forty"); // cannot use `&str` with a column of type `i32`
/// ```
pub struct Column<M, F> {
    index: usize,
    marker: PhantomData<fn() -> (M, F)>,
}

impl<M, F> Column<M, F> {
    /// Made by the derive: the position in the columns of `M`.
    #[doc(hidden)]
    pub const fn new(index: usize) -> Self {
        Self { index, marker: PhantomData }
    }

    pub(crate) const fn index(self) -> usize {
        self.index
    }
}

impl<M: Source, F: ColumnType> Column<M, F> {
    /// The name in the database.
    pub fn name(self) -> &'static str {
        M::column(self.index)
    }
}

impl<M, F> Clone for Column<M, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, F> Copy for Column<M, F> {}

impl<M: Source, F> fmt::Debug for Column<M, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", M::ALIAS.map_or_else(M::table, TableName::new), M::column(self.index))
    }
}

/// How many objects stand at the other end of a relation.
///
/// It decides what [`Entity::related`](crate::session::Entity::related) gives, and which conditions a relation has:
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Cart, Customer};
/// use orm_core::mapper::{Relation, arity};
/// let one: Relation<Cart, Customer, arity::One> = Cart::CUSTOMER; // `BelongsTo`
/// let many: Relation<Customer, Cart, arity::Many> = Customer::CARTS; // `HasMany`, `ManyToMany`
/// let carts = select::<Cart>().filter(one.has(Customer::AGE.gt(18)));
/// let customers = select::<Customer>().filter(many.any(Cart::INVOICE.is_null()));
/// # fn optional<M, T>(_: Relation<M, T, arity::Optional>) {} // `Option<BelongsTo<T>>`, `HasOne<T>`
/// ```
pub mod arity {
    /// Exactly one.
    #[derive(Clone, Copy, Debug)]
    pub struct One;
    /// One or none.
    #[derive(Clone, Copy, Debug)]
    pub struct Optional;
    /// Any number.
    #[derive(Clone, Copy, Debug)]
    pub struct Many;
}

/// A relation from model `M` to model `T`; `A` is its [`arity`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Cart, Customer};
/// assert_eq!(format!("{:?}", Customer::CARTS), "Customer::carts");
/// assert_eq!(Customer::CARTS.def().back_populates, Some("customer"));
/// ```
pub struct Relation<M, T, A> {
    index: usize,
    #[expect(clippy::type_complexity, reason = "a marker")]
    marker: PhantomData<fn() -> (M, T, A)>,
}

impl<M, T, A> Relation<M, T, A> {
    /// Made by the derive: the position in the relations of `M`.
    #[doc(hidden)]
    pub const fn new(index: usize) -> Self {
        Self { index, marker: PhantomData }
    }

    pub(crate) const fn index(self) -> usize {
        self.index
    }
}

impl<M: Model, T, A> Relation<M, T, A> {
    /// The definition of the relation.
    pub fn def(self) -> &'static RelationDef {
        &M::def().relations[self.index]
    }
}

impl<M, T, A> Clone for Relation<M, T, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, T, A> Copy for Relation<M, T, A> {}

impl<M: Model, T, A> fmt::Debug for Relation<M, T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}", M::def().name, self.def().name)
    }
}
