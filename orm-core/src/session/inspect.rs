//! States, changes, the identity map.

use super::Session;
use crate::error::Result;
use crate::load::to_one_target;
use crate::mapper::{AnyHandle, Column, Handle, IdentityKey, LinkKind, Model, Relation, SlotSet};
use crate::state::{At, ObjectState};
use crate::types::ColumnValue;
use serde_json::Value as Json;

impl Session {
    /// The new objects: those that the next flush inserts. (`session.new` of SQLAlchemy.)
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let ann = session.add(Customer::builder().name("Ann").email("ann@example.org").carts([Cart::builder()]));
    /// assert_eq!(session.pending().count(), 2);
    /// assert!(session.pending().any(|any| any.of::<Customer>() == Some(ann)));
    /// session.flush().await?;
    /// assert_eq!(session.pending().count(), 0);
    /// # Ok(()) }
    /// ```
    pub fn pending(&self) -> impl Iterator<Item = AnyHandle> + '_ {
        self.touched_in(ObjectState::Pending)
    }

    /// The changed objects: those in the database of which the session has something else.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let ann = session.add(Customer::builder().name("Ann").email("ann@example.org"));
    /// session.commit().await?;
    /// session[ann].age = Some(41);
    /// assert_eq!(session.dirty().map(|any| any.model()).collect::<Vec<_>>(), ["Customer"]);
    /// session[ann].age = None; // back to what the database has
    /// assert_eq!(session.dirty().count(), 0);
    /// # Ok(()) }
    /// ```
    pub fn dirty(&self) -> impl Iterator<Item = AnyHandle> + '_ {
        let changed = |at: &At| self.arena.slot(*at).state == ObjectState::Persistent && self.differs(*at);
        self.arena.touched().into_iter().filter(changed).map(|at| self.any(at))
    }

    /// The objects that the next flush deletes.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let ann = session.add(Customer::builder().name("Ann").email("ann@example.org"));
    /// session.commit().await?;
    /// session.delete(ann)?;
    /// assert_eq!(session.deleted().filter_map(|any| any.of()).collect::<Vec<_>>(), [ann]);
    /// # Ok(()) }
    /// ```
    pub fn deleted(&self) -> impl Iterator<Item = AnyHandle> + '_ {
        self.touched_in(ObjectState::Deleting)
    }

    /// Whether the next flush has something to write for an object: always for a new one, and for one in the database
    /// when a column or a relation differs.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    /// assert!(session.is_modified(tea)?);
    /// session.commit().await?;
    /// assert!(!session.is_modified(tea)?);
    /// session[tea].price_cents = 420;
    /// assert!(session.is_modified(tea)?);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Gone`](crate::ErrorKind::Gone), [`ForeignHandle`](crate::ErrorKind::ForeignHandle).
    pub fn is_modified<T: Model>(&self, handle: Handle<T>) -> Result<bool> {
        let at = self.arena.locate(handle)?;
        Ok(match self.arena.slot(at).state {
            ObjectState::Pending | ObjectState::Transient => true,
            _ => self.differs(at),
        })
    }

    /// Whether the object of a handle is in this session.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let ann = session.add(Customer::builder().name("Ann").email("ann@example.org"));
    /// assert!(session.contains(ann));
    /// assert!(!engine.session().contains(ann));
    /// session.expunge(ann)?;
    /// assert!(!session.contains(ann));
    /// # Ok(()) }
    /// ```
    pub fn contains<T: Model>(&self, handle: Handle<T>) -> bool {
        self.arena.locate(handle).is_ok_and(|at| self.arena.slot(at).state != ObjectState::Transient)
    }

    /// How many objects the session has.
    pub fn len(&self) -> usize {
        let slots = self.arena.stores.iter().flat_map(|store| &store.slots);
        slots.filter(|slot| slot.object.is_some() && slot.state.is_there()).count()
    }

    /// Whether the session has no object.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// assert!(session.is_empty());
    /// session.add(Customer::builder().name("Ann").email("ann@example.org"));
    /// assert_eq!(session.len(), 1);
    /// # Ok(()) }
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The objects of one model, in the order in which they came.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// session.add_all(["Ann", "Bea"].map(|name| Customer::builder().name(name).email(name)));
    /// let names: Vec<&str> = session.objects::<Customer>().map(|handle| &session[handle].name[..]).collect();
    /// assert_eq!(names, ["Ann", "Bea"]);
    /// # Ok(()) }
    /// ```
    pub fn objects<T: Model>(&self) -> impl Iterator<Item = Handle<T>> + '_ {
        let stores = self.arena.stores.iter().filter(|store| store.mapper.def == T::def());
        let slots = stores.flat_map(|store| (0_u32..).zip(&store.slots));
        let there = slots.filter(|(_, slot)| slot.object.is_some() && slot.state.is_there());
        there.map(|(index, _)| Handle::new(self.id(), index))
    }

    /// The identity of an object: model and primary key. `None` for one that the database does not have.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::mapper::IdentityKey;
    /// let mut session = engine.session();
    /// let ann = session.add(Customer::builder().name("Ann").email("ann@example.org"));
    /// assert_eq!(session.identity_key(ann)?, None);
    /// session.flush().await?;
    /// assert_eq!(session.identity_key(ann)?, Some(IdentityKey::of::<Customer>(1)?));
    /// assert_eq!(session.identity_key(ann)?.unwrap().to_string(), "Customer(1)");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Gone`](crate::ErrorKind::Gone), [`ForeignHandle`](crate::ErrorKind::ForeignHandle).
    pub fn identity_key<T: Model>(&self, handle: Handle<T>) -> Result<Option<IdentityKey>> {
        self.identity_at(self.arena.locate(handle)?)
    }

    /// The identity map: every object that is in the database, under its model and key.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// session.add(Customer::builder().name("Ann").email("ann@example.org"));
    /// session.commit().await?;
    /// let keys: Vec<String> = session.identity_map().map(|(key, _)| key.to_string()).collect();
    /// assert_eq!(keys, ["Customer(1)"]);
    /// # Ok(()) }
    /// ```
    pub fn identity_map(&self) -> impl Iterator<Item = (IdentityKey, AnyHandle)> + '_ {
        let stores = self.arena.stores.iter().enumerate();
        let all = stores.flat_map(|(store, s)| {
            (0_u32..)
                .zip(&s.slots)
                .filter(|(_, slot)| slot.in_database())
                .map(move |(slot, _)| At { store, slot })
        });
        all.filter_map(|at| Some((self.identity_at(at).ok().flatten()?, self.any(at))))
    }

    /// What the program changed in an object since the last flush.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    /// session.commit().await?;
    /// session[tea].price_cents = 420;
    /// let history = session.history(tea)?;
    /// assert_eq!(history.old().unwrap().price_cents, 390); // typed: the object as the database has it
    /// assert_eq!(history.current().price_cents, 420);
    /// let change = history.of(Product::PRICE_CENTS).unwrap();
    /// assert_eq!(change.to_string(), "price_cents: 390 → 420");
    /// assert_eq!(history.changes(), [change]);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Gone`](crate::ErrorKind::Gone), [`ForeignHandle`](crate::ErrorKind::ForeignHandle).
    pub fn history<T: Model>(&self, handle: Handle<T>) -> Result<History<'_, T>> {
        Ok(History { session: self, at: self.arena.locate(handle)?, model: std::marker::PhantomData })
    }

    fn touched_in(&self, state: ObjectState) -> impl Iterator<Item = AnyHandle> + '_ {
        let touched = self.arena.touched().into_iter();
        touched.filter(move |at| self.arena.slot(*at).state == state).map(|at| self.any(at))
    }

    fn any(&self, at: At) -> AnyHandle {
        AnyHandle::new(self.id(), at.slot, self.arena.stores[at.store].mapper.def)
    }

    fn identity_at(&self, at: At) -> Result<Option<IdentityKey>> {
        let (store, slot) = (&self.arena.stores[at.store], self.arena.slot(at));
        if !slot.in_database() {
            return Ok(None);
        }
        let key = store.key_bytes(slot.stored())?;
        Ok(key.map(|key| IdentityKey::new(store.mapper.def, key, store.name_of(slot.stored()))))
    }

    /// Whether a column or a relation of a persistent object differs from the database.
    fn differs(&self, at: At) -> bool {
        let (mapper, slot) = (self.arena.stores[at.store].mapper, self.arena.slot(at));
        if slot.original.is_none() {
            return false;
        }
        let object = slot.get().as_any();
        let relation_differs = mapper.def.relations.iter().zip(&mapper.relations).any(|(relation, link)| {
            let is_many = !matches!(link.kind, LinkKind::ToOne { .. });
            relation.access.has_new(object) || (is_many && relation.access.links(object).is_changed())
        });
        let computed = self.arena.stores[at.store].expressions.has(at.slot, slot.get());
        let stored = slot.stored();
        let differs = |column| !stored.column(column).same_as(&self.value(at, column));
        relation_differs || computed || (0..mapper.def.columns.len()).any(differs)
    }

    /// What a flush would write into a column: a foreign key that was set by handle has the key of its target, where that is
    /// known.
    fn value(&self, at: At, column: usize) -> ColumnValue<'_> {
        let own = self.arena.object(at).column(column);
        if !matches!(own, ColumnValue::Pending) {
            return own;
        }
        for (relation, link) in self.arena.stores[at.store].mapper.relations.iter().enumerate() {
            let LinkKind::ToOne { columns, own: written, .. } = &link.kind else { continue };
            let part = columns.iter().position(|part| *part == column && written.contains(part));
            if let Some((part, target)) = part.zip(to_one_target(&self.arena, at, relation)) {
                let key = &self.arena.stores[target.store].mapper.primary_key;
                let known = self.arena.object(target).column(key[part]);
                return if matches!(known, ColumnValue::Value(_)) { known } else { own };
            }
        }
        own
    }
}

/// What changed in an object since the last flush: [`Session::history`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut session = engine.session();
/// let ann = session.add(Customer::builder().name("Ann").email("ann@example.org").carts([Cart::builder()]));
/// session.commit().await?;
/// let old = session[ann].carts.handles().unwrap().next().unwrap();
/// let new = session.add(Cart::builder());
/// session[ann].carts.push(new);
/// session[ann].carts.remove(old);
/// let history = session.history(ann)?;
/// assert_eq!((history.added(Customer::CARTS), history.removed(Customer::CARTS)), (vec![new], vec![old]));
/// assert!(history.changes().is_empty()); // of columns
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct History<'s, T> {
    session: &'s Session,
    at: At,
    model: std::marker::PhantomData<fn() -> T>,
}

impl<'s, T: Model> History<'s, T> {
    /// The object as the database has it; `None` for one that is new.
    pub fn old(&self) -> Option<&'s T> {
        let slot = self.session.arena.slot(self.at);
        slot.in_database().then(|| slot.stored().as_any().downcast_ref()).flatten()
    }

    /// The object as the session has it.
    pub fn current(&self) -> &'s T {
        let object = self.session.arena.object(self.at).as_any();
        object.downcast_ref().expect("the store holds objects of one model")
    }

    /// The columns that differ; of a new object all that are set.
    pub fn changes(&self) -> Vec<Change> {
        (0..T::def().columns.len()).filter_map(|column| self.change(column)).collect()
    }

    /// What changed in one column, if anything did.
    pub fn of<F>(&self, column: Column<T, F>) -> Option<Change> {
        self.change(column.index())
    }

    /// The members that were added to a collection.
    pub fn added<U: Model, A>(&self, relation: Relation<T, U, A>) -> Vec<Handle<U>> {
        self.members(relation, |links| &links.changes.added)
    }

    /// The members that were taken out of a collection.
    pub fn removed<U: Model, A>(&self, relation: Relation<T, U, A>) -> Vec<Handle<U>> {
        self.members(relation, |links| &links.changes.removed)
    }

    fn members<U: Model, A>(
        &self,
        relation: Relation<T, U, A>,
        which: impl Fn(&crate::mapper::Links) -> &SlotSet,
    ) -> Vec<Handle<U>> {
        let mapper = self.session.arena.stores[self.at.store].mapper;
        if matches!(mapper.relations[relation.index()].kind, LinkKind::ToOne { .. }) {
            return Vec::new();
        }
        let links =
            mapper.def.relations[relation.index()].access.links(self.session.arena.object(self.at).as_any());
        which(links).as_slice().iter().map(|slot| Handle::new(self.session.id(), *slot)).collect()
    }

    fn change(&self, column: usize) -> Option<Change> {
        let (new, name) = (self.session.value(self.at, column), T::def().columns[column].name);
        let Some(old) = self.old() else {
            let is_set = matches!(new, ColumnValue::Value(_));
            return is_set.then(|| Change { column: name, old: None, new: new.to_json() });
        };
        let old = old.column(column);
        let is_known = !matches!(old, ColumnValue::NotLoaded);
        let shown = || is_known.then(|| old.to_json());
        (!old.same_as(&new)).then(|| Change { column: name, old: shown(), new: new.to_json() })
    }
}

/// The old and the new value of a column, as JSON: [`History::changes`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut session = engine.session();
/// let ann = session.add(Customer::builder().name("Ann").email("ann@example.org"));
/// let changes = session.history(ann)?.changes();
/// assert_eq!(changes[0].to_string(), "name: \"Ann\"");
/// assert_eq!((changes[1].column, &changes[1].old, &changes[1].new), ("email", &None, &"ann@example.org".into()));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The name of the column.
    pub column: &'static str,
    /// What the database has; `None` when the object is new, or the column was not loaded.
    pub old: Option<Json>,
    /// What the session has.
    pub new: Json,
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.old {
            Some(old) => write!(f, "{}: {old} → {}", self.column, self.new),
            None => write!(f, "{}: {}", self.column, self.new),
        }
    }
}
