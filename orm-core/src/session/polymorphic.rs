//! Objects as the kind that each of them is.

use super::lent::Lent;
use super::{Handles, Query, Session};
use crate::engine::TakeRows;
use crate::error::{Error, ErrorKind, Result};
use crate::load::{Known, ObjectRows, halves_of};
use crate::mapper::{AnyHandle, DeclarativeBase, Handle, Mapper, Model, Polymorphic};
use crate::query::fetch::not_found;
use crate::sql::{Exists, Expr, Param};
use crate::state::{At, ObjectState, Store};
use std::borrow::Cow;
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

impl<'s, P: Polymorphic> PolymorphicQuery<'s, P> {
    /// The query of those rows of the base whose other rows are seen.
    fn of_seen(self) -> Result<(Query<'s, P::Base>, How)> {
        let mut query = self.query;
        let all = query.select.is_unrestricted;
        let conditions = if all { Vec::new() } else { query.session.conditions_of_kinds::<P>()? };
        let how = How { all, again: true, siblings: false };
        Ok((query.change(|select| select.require(conditions)), how))
    }

    /// All rows.
    ///
    /// Rows whose other row [criteria](Session::restrict) hide are left out, before a limit counts; so they are of
    /// [`one`](Self::one) and its kin.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) for a row that says a kind which the enum does not have, or whose other row is
    /// not there; or as [`Session::all`].
    pub async fn all(self) -> Result<Vec<P>> {
        let (query, how) = self.of_seen()?;
        let (mut session, handles): (Lent<'_>, Vec<Handle<P::Base>>) = query.run().await?;
        session.as_kinds(&handles, how).await
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
        let (query, how) = self.of_seen()?;
        let (mut session, found) = query.run_for_one().await?;
        let found: Vec<Handle<P::Base>> = found.into_iter().collect();
        Ok(session.as_kinds(&found, how).await?.pop())
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

/// How the other halves of objects are looked for.
#[derive(Clone, Copy)]
struct How {
    /// Whether hidden ones are there, too.
    all: bool,
    /// Whether those that were hidden the last time are looked for again.
    again: bool,
    /// Whether those of the objects that came together with them come along.
    siblings: bool,
}

/// The models of an enum.
struct Kinds {
    /// The store of the base.
    base: usize,
    /// By variant: the store of its model.
    stores: Vec<usize>,
}

impl Session {
    /// Objects of a base as the kind that each of them is, such as members of a relation: one round trip for all that are not in the
    /// session yet. Those whose other row [criteria](Self::restrict) hide are left out.
    ///
    /// **Of one handle, it reads for all objects that came with it**, as [`load`](Self::load) does: a loop over a result asks once.
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
        let how = How { all: false, again: false, siblings: of.with_siblings() };
        self.as_kinds(of.handles(), how).await
    }

    async fn as_kinds<P: Polymorphic>(&mut self, of: &[Handle<P::Base>], how: How) -> Result<Vec<P>> {
        let kinds = self.kinds_of::<P>()?;
        let located = of.iter().map(|handle| Ok(self.arena.locate(*handle)?.slot));
        let slots: Vec<u32> = located.collect::<Result<_>>()?;
        let variants = slots.iter().map(|slot| self.variant::<P>(kinds.base, *slot));
        let objects: Vec<(u32, usize)> =
            slots.iter().copied().zip(variants.collect::<Result<Vec<_>>>()?).collect();
        let mut missing = self.missing_halves(&kinds, &objects, how)?;
        if how.siblings && !missing.is_empty() {
            let asked: Vec<u32> = missing.iter().map(|(slot, _)| *slot).collect();
            let store = &self.arena.stores[kinds.base];
            let others = store.siblings(&asked).into_iter();
            let others = others.filter(|slot| !slots.contains(slot) && store.slot(*slot).in_database());
            // One of a kind that the enum does not have is nobody's business here.
            let others = others.filter_map(|slot| Some((slot, self.variant::<P>(kinds.base, slot).ok()?)));
            let others: Vec<(u32, usize)> = others.collect();
            missing.extend(self.missing_halves(&kinds, &others, how)?);
        }
        self.read_halves(kinds.base, &missing, how).await?;
        let found = objects.iter().map(|(slot, variant)| self.as_kind(&kinds, *slot, *variant, how));
        found.filter_map(Result::transpose).collect()
    }

    fn kinds_of<P: Polymorphic>(&mut self) -> Result<Kinds> {
        let registry = <P::Base as Model>::Base::registry()?;
        let base = self.arena.store_for::<P::Base>()?;
        let stores = P::def().kinds.iter().map(|kind| self.arena.store_of(registry, (kind.model)()));
        Ok(Kinds { base, stores: stores.collect::<Result<_>>()? })
    }

    fn variant<P: Polymorphic>(&self, base: usize, slot: u32) -> Result<usize> {
        let (def, store) = (P::def(), &self.arena.stores[base]);
        let object = store.slot(slot).get();
        let tag = object.column(def.column().unwrap_or_default()).to_json();
        def.kind(tag.as_str().unwrap_or_default()).ok_or_else(|| {
            let why =
                format!("{} is of kind {tag}, and `{}` has no such variant", store.name_of(object), def.name);
            Error::new(ErrorKind::NotFound, why).with_model(store.mapper.def.name)
        })
    }

    /// What a row of the base has to meet so that its other row is seen.
    fn conditions_of_kinds<P: Polymorphic>(&mut self) -> Result<Vec<Expr>> {
        let Kinds { base, stores } = self.kinds_of::<P>()?;
        let def = P::def();
        let Store { mapper: base, registry, .. } = self.arena.stores[base];
        let column = base.def.columns[def.column().unwrap_or_default()].name;
        // Those of the base are in the query itself.
        let hidden = def.kinds.iter().zip(stores).filter(|(_, store)| {
            self.arena.criteria().hide_kind(registry, self.arena.stores[*store].mapper, base.def)
        });
        let conditions = hidden.filter_map(|(kind, store)| {
            let is_other = Expr::Binary {
                op: "IS DISTINCT FROM",
                left: Box::new(Expr::Column(column)),
                right: Box::new(Expr::Bind(Param::of(&kind.tag?.to_owned()))),
            };
            Some(Expr::Or(vec![is_other, other_row(base, self.arena.stores[store].mapper)]))
        });
        Ok(conditions.collect())
    }

    /// The objects whose other halves the session does not have, each with the store of that.
    fn missing_halves(&self, kinds: &Kinds, objects: &[(u32, usize)], how: How) -> Result<Vec<(u32, usize)>> {
        let mut missing = Vec::new();
        for (slot, variant) in objects {
            let store = kinds.stores[*variant];
            if store == kinds.base || self.half(kinds.base, *slot, store)?.is_some() {
                continue;
            }
            if how.again || !self.is_hidden(kinds.base, *slot, store)? {
                missing.push((*slot, store));
            }
        }
        Ok(missing)
    }

    /// Reads other halves, in one flight.
    async fn read_halves(&mut self, base: usize, missing: &[(u32, usize)], how: How) -> Result<()> {
        let (mut stores, mut statements) = (Vec::new(), Vec::new());
        for (_, store) in missing {
            if !stores.contains(store) {
                stores.push(*store);
            }
        }
        for store in &stores {
            let bases = &self.arena.stores[base];
            let own = missing.iter().filter(|(_, other)| other == store);
            let objects: Vec<_> = own.map(|(slot, _)| bases.slot(*slot).get()).collect();
            statements.push(halves_of(&self.arena, *store, bases.mapper, &objects, how.all)?);
        }
        let mappers = stores.iter().map(|store| self.arena.stores[*store].mapper);
        let mut rows: Vec<ObjectRows> =
            mappers.map(|mapper| ObjectRows::new(mapper, Cow::Borrowed(&mapper.layout))).collect();
        let mut takers: Vec<&mut dyn TakeRows> = rows.iter_mut().map(|rows| rows as _).collect();
        self.read_into(statements, &mut takers).await?;
        for (store, rows) in stores.into_iter().zip(rows) {
            rows.load(&mut self.arena, store, Known::Keep)?;
        }
        self.tell_notes();
        for (slot, store) in missing {
            if self.may_hide(*store) && self.half(base, *slot, *store)?.is_none() {
                self.note_hidden(base, *slot, *store)?;
            }
        }
        Ok(())
    }

    /// The slot of the other half of an object, when the session has it and it is not stale.
    fn half(&self, base: usize, slot: u32, store: usize) -> Result<Option<u32>> {
        let bases = &self.arena.stores[base];
        let Some(key) = bases.key_bytes(bases.slot(slot).get())? else { return Ok(None) };
        let store = &self.arena.stores[store];
        let is_there =
            |slot: &u32| store.slot(*slot).state != ObjectState::Deleted && !store.is_expired(*slot);
        Ok(store.find(&key).filter(is_there))
    }

    fn as_kind<P: Polymorphic>(
        &self,
        kinds: &Kinds,
        slot: u32,
        variant: usize,
        how: How,
    ) -> Result<Option<P>> {
        let (base, store) = (kinds.base, kinds.stores[variant]);
        let found = if store == base { Some(slot) } else { self.half(base, slot, store)? };
        let def = self.arena.stores[store].mapper.def;
        let kind = found.and_then(|slot| P::of(variant, AnyHandle::new(self.id(), slot, def)));
        if kind.is_some() || !how.all && self.may_hide(store) {
            return Ok(kind);
        }
        let name = self.arena.stores[base].name_of(self.arena.object(At { store: base, slot }));
        let why = format!("{name} says that it is a `{}`, and there is no row of that", def.name);
        Err(Error::new(ErrorKind::NotFound, why).with_model(def.name))
    }

    /// Whether the other half of an object was hidden, the last time that somebody looked.
    fn is_hidden(&self, base: usize, slot: u32, store: usize) -> Result<bool> {
        let bases = &self.arena.stores[base];
        let Some(key) = bases.key_bytes(bases.slot(slot).get())? else { return Ok(false) };
        let (number, seen) = self.number_of_half(base, store);
        let was_hidden = bases.absent(slot, number, &key) == Some(seen);
        Ok(was_hidden && self.may_hide(store) && !bases.is_expired(slot))
    }

    fn note_hidden(&mut self, base: usize, slot: u32, store: usize) -> Result<()> {
        let (number, seen) = self.number_of_half(base, store);
        let bases = &mut self.arena.stores[base];
        if let Some(key) = bases.key_bytes(bases.slot(slot).get())? {
            bases.note_absent(slot, number, key, seen);
        }
        Ok(())
    }

    /// Under which number a base notes that a half is hidden, behind its relations; and by what.
    fn number_of_half(&self, base: usize, store: usize) -> (usize, Option<u64>) {
        let relations = self.arena.stores[base].mapper.relations.len();
        let criteria = u64::try_from(self.arena.criteria().number()).ok();
        (relations + self.arena.stores[store].mapper.index, criteria)
    }
}

/// Whether a row of a base has another one in the table of a kind.
fn other_row(base: &'static Mapper, kind: &'static Mapper) -> Expr {
    let name = |mapper: &Mapper, column: &usize| mapper.def.columns[*column].name.to_owned();
    let pairs = kind.primary_key.iter().zip(&base.primary_key);
    let on = pairs.map(|(own, of_base)| (name(kind, own), name(base, of_base))).collect();
    let table = kind.def.table;
    Expr::Exists(Box::new(Exists { table, through: None, on, filter: None, limit: None, offset: None }))
}
