//! Objects as the kind that each of them is.

use super::lent::Lent;
use super::{Handles, Query, Session};
use crate::error::{Error, ErrorKind, Result};
use crate::load::{Known, halves_of, load_rows, load_rows_as};
use crate::mapper::{AnyHandle, DeclarativeBase, Handle, Model, Polymorphic};
use crate::query::Concrete;
use crate::query::fetch::not_found;
use crate::state::{At, ObjectState};
use std::fmt;
use std::marker::PhantomData;

/// A query of the rows of a base, each as the kind that it is; made by [`Query::polymorphic`].
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # #[derive(Model, Clone, Debug)]
/// # #[model(base = Base)]
/// # pub struct Pet { #[model(primary_key)] pub id: Auto<i64>, pub name: String, #[model(default = "pet")] pub kind: String }
/// # #[derive(Model, Clone, Debug)]
/// # #[model(base = Base)]
/// # pub struct Dog {
/// #     #[model(primary_key)] #[belongs_to(on_delete = "cascade")] pub pet: BelongsTo<Pet>, pub tricks: i32 }
/// #[derive(Polymorphic, Clone, Copy, Debug)]
/// #[polymorphic(base = Pet, on = "kind")]
/// pub enum Animal {
///     Dog(Handle<Dog>),
///     #[polymorphic(base)]
///     Other(Handle<Pet>),
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// session.add(Dog::builder().pet(Pet::builder().name("Rex")).tricks(3));
/// session.commit().await?;
/// let all = session.query::<Pet>().polymorphic::<Animal>().all().await?;
/// assert!(matches!(all[..], [Animal::Dog(rex)] if session[rex].tricks == 3));
/// let rex = session.query::<Pet>().filter(Pet::NAME.eq("Rex")).polymorphic::<Animal>();
/// assert!(matches!(rex.one().await?, Animal::Dog(_)));
/// assert!(session.query::<Pet>().polymorphic::<Animal>().first().await?.is_some());
/// let none = session.query::<Pet>().filter(Pet::NAME.eq("Tom")).polymorphic::<Animal>();
/// assert!(none.one_or_none().await?.is_none());
/// # Ok(()) }
/// ```
#[must_use = "a query does nothing before it is run"]
pub struct PolymorphicQuery<'s, P: Polymorphic> {
    query: Query<'s, P::Base>,
    marker: PhantomData<fn() -> P>,
}

impl<P: Polymorphic> fmt::Debug for PolymorphicQuery<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PolymorphicQuery").field(&self.query).finish()
    }
}

impl<'s, T: Model> Query<'s, T> {
    /// The rows as the kind that each of them is: an enum of handles. Two round trips, however many rows and kinds.
    ///
    /// Conditions and orders are those of the base, and stand before. A relation from the base to the row of a kind
    /// (`#[has_one] manager: HasOne<Manager>`) makes conditions on that: `Employee::MANAGER.has(Manager::BUDGET.gt(500))`.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use orm_core::session::PolymorphicQuery;
    /// # use orm_core::mapper::Polymorphic;
    /// fn of_all<P: Polymorphic>(session: &mut Session) -> PolymorphicQuery<'_, P> {
    ///     session.query::<P::Base>().polymorphic()
    /// }
    /// ```
    pub const fn polymorphic<P: Polymorphic<Base = T>>(self) -> PolymorphicQuery<'s, P> {
        PolymorphicQuery { query: self, marker: PhantomData }
    }
}

impl<P: Polymorphic> PolymorphicQuery<'_, P> {
    /// All rows.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) for a row that says a kind which the enum does not have, or whose other row is
    /// not there; or as [`Session::all`].
    pub async fn all(self) -> Result<Vec<P>> {
        let (mut session, handles): (Lent<'_>, Vec<Handle<P::Base>>) = self.query.run().await?;
        session.polymorphic(&handles).await
    }

    /// The only row.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound), [`MultipleFound`](ErrorKind::MultipleFound), or as [`all`](Self::all).
    pub async fn one(self) -> Result<P> {
        self.one_or_none().await?.ok_or_else(not_found::<P::Base>)
    }

    /// The only row, or `None`.
    ///
    /// # Errors
    /// [`MultipleFound`](ErrorKind::MultipleFound), or as [`all`](Self::all).
    pub async fn one_or_none(self) -> Result<Option<P>> {
        let (mut session, found) = self.query.run_for_one().await?;
        let found: Vec<Handle<P::Base>> = found.into_iter().collect();
        Ok(session.polymorphic(&found).await?.pop())
    }

    /// The first row, or `None`.
    ///
    /// # Errors
    /// As [`all`](Self::all).
    pub async fn first(self) -> Result<Option<P>> {
        let query = self.query.limit(1);
        Ok(query.polymorphic::<P>().all().await?.pop())
    }
}

/// Objects of the base, and the store and objects of each kind.
struct Found {
    /// The variant of each object, in their order.
    variants: Vec<usize>,
    /// By variant: the store of its model.
    stores: Vec<usize>,
}

impl Session {
    /// Objects of a base as the kind that each of them is, such as members of a relation: one round trip for all that are not in the
    /// session yet.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use orm_core::mapper::Polymorphic;
    /// async fn kinds<P: Polymorphic>(session: &mut Session, of: &[Handle<P::Base>]) -> orm_core::Result<Vec<P>> {
    ///     session.polymorphic(of).await
    /// }
    /// ```
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) for an object that says a kind which the enum does not have, or whose other row is
    /// not there; the server's; [`Gone`](ErrorKind::Gone), [`ForeignHandle`](ErrorKind::ForeignHandle).
    pub async fn polymorphic<P: Polymorphic>(&mut self, of: impl Handles<P::Base>) -> Result<Vec<P>> {
        self.flush_before_query().await?;
        let base = self.arena.store_for::<P::Base>()?;
        let located = of.handles().iter().map(|handle| Ok(self.arena.locate(*handle)?.slot));
        let slots: Vec<u32> = located.collect::<Result<_>>()?;
        let found = self.variants::<P>(base, &slots)?;
        self.read_kinds(base, &slots, &found).await?;
        let objects = slots.iter().zip(&found.variants);
        objects.map(|(slot, variant)| self.as_kind(base, *slot, *variant, found.stores[*variant])).collect()
    }

    fn variants<P: Polymorphic>(&mut self, base: usize, slots: &[u32]) -> Result<Found> {
        let def = P::def();
        let registry = <P::Base as Model>::Base::registry()?;
        let stores = def.kinds.iter().map(|kind| self.arena.store_of(registry, (kind.model)()));
        let stores = stores.collect::<Result<Vec<usize>>>()?;
        let store = &self.arena.stores[base];
        let column = def.column().unwrap_or_default();
        let variant = |slot: &u32| {
            let object = store.slot(*slot).get();
            let tag = object.column(column).to_json();
            def.kind(tag.as_str().unwrap_or_default()).ok_or_else(|| {
                let why = format!(
                    "{} is of kind {tag}, and `{}` has no such variant",
                    store.name_of(object),
                    def.name
                );
                Error::new(ErrorKind::NotFound, why).with_model(store.mapper.def.name)
            })
        };
        Ok(Found { variants: slots.iter().map(variant).collect::<Result<_>>()?, stores })
    }

    /// Reads the rows of kinds that the session does not have, in one flight.
    async fn read_kinds(&mut self, base: usize, slots: &[u32], found: &Found) -> Result<()> {
        let mut asked = Vec::new();
        for (variant, store) in found.stores.iter().enumerate().filter(|(_, store)| **store != base) {
            let own =
                slots.iter().zip(&found.variants).filter(|(_, of)| **of == variant).map(|(slot, _)| *slot);
            let mut missing = Vec::new();
            for slot in own {
                if self.kind_of(base, slot, *store)?.is_none() {
                    missing.push(self.arena.stores[base].slot(slot).get());
                }
            }
            if !missing.is_empty() {
                let of = self.arena.stores[base].mapper;
                asked.push((*store, halves_of(&self.arena, *store, of, &missing)?));
            }
        }
        let (stores, statements): (Vec<usize>, Vec<_>) = asked.into_iter().unzip();
        let replies = self.read(statements).await?;
        for (store, reply) in stores.into_iter().zip(replies) {
            load_rows(&mut self.arena, store, &reply.rows, Known::Keep)?;
        }
        self.tell_notes();
        Ok(())
    }

    /// The slot of the other half of an object, when the session has it and it is not stale.
    fn kind_of(&self, base: usize, slot: u32, store: usize) -> Result<Option<u32>> {
        let bases = &self.arena.stores[base];
        let Some(key) = bases.key_bytes(bases.slot(slot).get())? else { return Ok(None) };
        let store = &self.arena.stores[store];
        let is_there =
            |slot: &u32| store.slot(*slot).state != ObjectState::Deleted && !store.is_expired(*slot);
        Ok(store.find(&key).filter(is_there))
    }

    fn as_kind<P: Polymorphic>(&self, base: usize, slot: u32, variant: usize, store: usize) -> Result<P> {
        let found = if store == base { Some(slot) } else { self.kind_of(base, slot, store)? };
        let kind = found.and_then(|slot| {
            P::of(variant, AnyHandle::new(self.id(), slot, self.arena.stores[store].mapper.def))
        });
        kind.ok_or_else(|| {
            let (bases, kind) = (&self.arena.stores[base], self.arena.stores[store].mapper.def.name);
            let name = bases.name_of(self.arena.object(At { store: base, slot }));
            let why = format!("{name} says that it is a `{kind}`, and there is no row of that");
            Error::new(ErrorKind::NotFound, why).with_model(kind)
        })
    }

    /// The objects of several models that have no base in common: one query each, in one round trip, one kind after the other.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use orm_core::query::Concrete;
    /// async fn of<C: Concrete>(session: &mut Session, queries: C::Queries) -> orm_core::Result<Vec<C>> {
    ///     session.all_kinds(queries).await
    /// }
    /// ```
    ///
    /// # Errors
    /// As [`all`](Self::all).
    pub async fn all_kinds<C: Concrete>(&mut self, queries: C::Queries) -> Result<Vec<C>> {
        let queries = C::queries(queries);
        self.flush_before_query().await?;
        let statements = queries.iter().map(|query| query.statement_under(self.arena.criteria()));
        let statements = statements.collect::<Result<Vec<_>>>()?;
        let replies = self.read(statements).await?;
        let mut found = Vec::new();
        for ((variant, query), reply) in queries.iter().enumerate().zip(replies) {
            let store = self.arena.store_of((query.registry)()?, query.def)?;
            let slots = load_rows_as(&mut self.arena, store, &reply.rows, &query.layout, Known::Keep);
            self.tell_notes();
            let slots = slots?;
            let handles = slots.iter().map(|slot| AnyHandle::new(self.id(), *slot, query.def));
            found.extend(handles.filter_map(|handle| C::of(variant, handle)));
            if !query.paths.is_empty() {
                self.load_with(store, slots, self.tree_of(store, &query.paths)).await?;
            }
        }
        Ok(found)
    }
}
