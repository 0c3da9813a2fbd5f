//! Walking loaded objects with plain references.

use super::Session;
use super::tree::columns;
use crate::error::{Error, ErrorKind, Result};
use crate::load::{key_of, to_one_target};
use crate::mapper::{Handle, LinkKind, Load, Model, Reference, Relation, arity};
use crate::query::Paths;
use crate::state::At;
use serde_json::Value as Json;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

/// An object inside its session: dereferences to the model, and follows relations.
///
/// Dereferencing borrows from the entity; [`get`](Self::get) borrows from the session, so what it gives can leave the loop
/// that made the entity.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
/// # let carts = [Cart::builder().products([tea]), Cart::builder()];
/// # let ann = session.add(Customer::builder().name("Ann").email("ann@example.org").carts(carts));
/// # session.commit().await?;
/// let mut total = 0;
/// for cart in session.at(ann).related(Customer::CARTS)? {
///     total += cart.related(Cart::PRODUCTS)?.map(|product| product.price_cents).sum::<i64>();
/// }
/// assert_eq!(total, 390);
///
/// let name: &str = &session.at(ann).get().name; // borrows from the session
/// assert_eq!((name, session.at(ann).handle()), ("Ann", ann));
/// # Ok(()) }
/// ```
pub struct Entity<'s, T> {
    session: &'s Session,
    at: At,
    model: PhantomData<fn() -> T>,
}

impl<'s, T> Entity<'s, T> {
    pub(super) const fn new(session: &'s Session, at: At) -> Self {
        Self { session, at, model: PhantomData }
    }

    pub(super) const fn session(&self) -> &'s Session {
        self.session
    }

    pub(super) const fn at(&self) -> At {
        self.at
    }
}

impl<T> Clone for Entity<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Entity<'_, T> {}

impl<T: Model> fmt::Debug for Entity<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: Model> Deref for Entity<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.get()
    }
}

impl Session {
    /// The object as an entity.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// # let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    /// # let carts = [Cart::builder().products([tea]), Cart::builder()];
    /// # let ann = session.add(Customer::builder().name("Ann").email("ann@example.org").carts(carts));
    /// # session.commit().await?;
    /// let ann = session.at(ann);
    /// assert_eq!(ann.name, "Ann");
    /// assert_eq!(ann.related(Customer::CARTS)?.len(), 2);
    /// # Ok(()) }
    /// ```
    ///
    /// # Panics
    /// As `session[handle]`; [`try_at`](Self::try_at) does not.
    #[track_caller]
    pub fn at<T: Model>(&self, handle: Handle<T>) -> Entity<'_, T> {
        self.try_at(handle).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The object as an entity.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// # let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    /// # let carts = [Cart::builder().products([tea]), Cart::builder()];
    /// # let ann = session.add(Customer::builder().name("Ann").email("ann@example.org").carts(carts));
    /// # session.commit().await?;
    /// assert_eq!(session.try_at(ann)?.name, "Ann");
    /// assert_eq!(engine.session().try_at(ann).unwrap_err().kind(), orm_core::ErrorKind::ForeignHandle);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Gone`](ErrorKind::Gone), [`ForeignHandle`](ErrorKind::ForeignHandle).
    pub fn try_at<T: Model>(&self, handle: Handle<T>) -> Result<Entity<'_, T>> {
        let at = self.arena.locate(handle)?;
        Ok(Entity { session: self, at, model: PhantomData })
    }

    /// The objects as entities.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// # let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    /// # let carts = [Cart::builder().products([tea]), Cart::builder()];
    /// # let ann = session.add(Customer::builder().name("Ann").email("ann@example.org").carts(carts));
    /// # session.commit().await?;
    /// let carts = session.query::<Cart>().order_by(Cart::ID).with(Cart::PRODUCTS).all().await?;
    /// let sizes: Vec<usize> = session
    ///     .each(&carts)
    ///     .map(|cart| Ok(cart.related(Cart::PRODUCTS)?.len()))
    ///     .collect::<orm_core::Result<_>>()?;
    /// assert_eq!(sizes, [1, 0]);
    /// # Ok(()) }
    /// ```
    ///
    /// # Panics
    /// When the iterator meets a handle of another session or of a deleted object.
    pub fn each<'a, T: Model>(
        &'a self,
        handles: &'a [Handle<T>],
    ) -> impl ExactSizeIterator<Item = Entity<'a, T>> {
        handles.iter().map(|handle| self.at(*handle))
    }
}

impl<'s, T: Model> Entity<'s, T> {
    /// The object, for as long as the session is borrowed.
    pub fn get(&self) -> &'s T {
        let object = self.session.arena.object(self.at).as_any();
        object.downcast_ref().expect("the store holds objects of one model")
    }

    /// Its handle.
    pub fn handle(&self) -> Handle<T> {
        Handle::new(self.session.id(), self.at.slot)
    }

    /// What stands at the other end of a loaded relation: an entity for a required one, an `Option` of it for
    /// an optional one, an iterator for one to many. Never does I/O.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// # let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    /// # let carts = [Cart::builder().products([tea]), Cart::builder()];
    /// # let ann = session.add(Customer::builder().name("Ann").email("ann@example.org").carts(carts));
    /// # session.commit().await?;
    /// let mut other = engine.session();
    /// let ann = other.get_one::<Customer>(1).await?;
    /// let error = other.at(ann).related(Customer::CARTS).unwrap_err();
    /// assert!(error.to_string().contains("call `session.load(handle, Customer::CARTS).await?`"));
    ///
    /// let carts = other.load(ann, Customer::CARTS).await?;
    /// assert_eq!(other.at(ann).related(Customer::CARTS)?.len(), 2);
    /// assert_eq!(other.at(carts[0]).related(Cart::CUSTOMER)?.name, "Ann");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`NotLoaded`](ErrorKind::NotLoaded), naming the call that loads it; [`NotFound`](ErrorKind::NotFound) for a required reference
    /// whose row was asked for and is gone, or hidden.
    pub fn related<U: Model, A: Related>(&self, relation: Relation<T, U, A>) -> Result<A::Of<'s, U>> {
        let slots = related_slots(self.session, self.at, relation.index())?;
        let entities: Vec<Entity<'s, U>> =
            slots.into_iter().map(|at| Entity { session: self.session, at, model: PhantomData }).collect();
        A::of(entities).ok_or_else(|| not_loaded(self.session, self.at, relation.index()))
    }

    /// The object as JSON, with the relations along a path, or a tuple of paths: columns by their names, relations by theirs. Columns
    /// that are not loaded are left out. [`tree`](Self::tree) is the same for serde, and leaves relations that are not loaded out as well.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// # let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    /// # let carts = [Cart::builder().products([tea]), Cart::builder()];
    /// # let ann = session.add(Customer::builder().name("Ann").email("ann@example.org").carts(carts));
    /// # session.commit().await?;
    /// let json = session.at(ann).to_json(Customer::CARTS.then(Cart::PRODUCTS))?;
    /// assert_eq!((&json["name"], &json["age"]), (&"Ann".into(), &Json::Null));
    /// assert_eq!(json["carts"][0]["products"][0]["sku"], "T-1");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`NotLoaded`](ErrorKind::NotLoaded) for a relation of a path that is not loaded.
    pub fn to_json(&self, paths: impl Paths<T>) -> Result<Json> {
        self.branch(paths).to_json()
    }

    /// The columns of the object as JSON, but for those that are not loaded.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// # let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    /// # let carts = [Cart::builder().products([tea]), Cart::builder()];
    /// # let ann = session.add(Customer::builder().name("Ann").email("ann@example.org").carts(carts));
    /// # session.commit().await?;
    /// let json = session.at(tea).columns_to_json();
    /// assert_eq!(json, serde_json::json!({ "id": 1, "sku": "T-1", "title": "Tea", "price_cents": 390 }));
    /// # Ok(()) }
    /// ```
    pub fn columns_to_json(&self) -> Json {
        Json::Object(columns(self.session, self.at).map(|(name, value)| (name.to_owned(), value)).collect())
    }
}

/// The shapes of a relation's other end: [`arity`]'s types.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
/// # let carts = [Cart::builder().products([tea]), Cart::builder()];
/// # let ann = session.add(Customer::builder().name("Ann").email("ann@example.org").carts(carts));
/// # session.commit().await?;
/// use orm_core::mapper::Relation;
/// use orm_core::session::{Entity, Related};
/// /// What stands at the other end, in the shape that the relation has.
/// fn follow<'s, T: Model, U: Model, A: Related>(
///     entity: Entity<'s, T>,
///     relation: Relation<T, U, A>,
/// ) -> orm_core::Result<A::Of<'s, U>> {
///     entity.related(relation)
/// }
/// let cart = follow(session.at(ann), Customer::CARTS)?.next().unwrap(); // many: an iterator
/// assert_eq!(follow(cart, Cart::CUSTOMER)?.name, "Ann");                // one: an entity
/// # Ok(()) }
/// ```
pub trait Related: sealed::Sealed {
    /// What [`Entity::related`] gives.
    type Of<'s, U: Model>;
    /// Makes it of the entities that are there; `None` when that is too few.
    #[doc(hidden)]
    fn of<U: Model>(entities: Vec<Entity<'_, U>>) -> Option<Self::Of<'_, U>>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for crate::mapper::arity::One {}
    impl Sealed for crate::mapper::arity::Optional {}
    impl Sealed for crate::mapper::arity::Many {}
}

impl Related for arity::One {
    type Of<'s, U: Model> = Entity<'s, U>;

    fn of<U: Model>(entities: Vec<Entity<'_, U>>) -> Option<Entity<'_, U>> {
        entities.into_iter().next()
    }
}

impl Related for arity::Optional {
    type Of<'s, U: Model> = Option<Entity<'s, U>>;

    fn of<U: Model>(entities: Vec<Entity<'_, U>>) -> Option<Option<Entity<'_, U>>> {
        Some(entities.into_iter().next())
    }
}

impl Related for arity::Many {
    type Of<'s, U: Model> = std::vec::IntoIter<Entity<'s, U>>;

    fn of<U: Model>(entities: Vec<Entity<'_, U>>) -> Option<std::vec::IntoIter<Entity<'_, U>>> {
        Some(entities.into_iter())
    }
}

/// The objects at the other end of a relation that are in the session.
pub(super) fn related_slots(session: &Session, at: At, relation: usize) -> Result<Vec<At>> {
    let arena = &session.arena;
    let mapper = arena.stores[at.store].mapper;
    let link = &mapper.relations[relation];
    let access = mapper.def.relations[relation].access;
    let object = arena.object(at).as_any();
    let store = arena.known_neighbour(at.store, link.target);
    let slots: Vec<At> = match link.kind {
        LinkKind::ToOne { .. } => match access.reference(object) {
            Reference::Null | Reference::Unset => Vec::new(),
            _ => match to_one_target(arena, at, relation) {
                Some(target) => vec![target],
                None if is_absent(session, at, relation) => Vec::new(),
                None => return Err(not_loaded(session, at, relation)),
            },
        },
        LinkKind::ToMany { .. } | LinkKind::ManyToMany(_) | LinkKind::View(_) => {
            let links = access.links(object);
            if links.session != 0 && links.session != session.id() {
                return Err(foreign(session, at, relation));
            }
            let shown = links.shown().ok_or_else(|| not_loaded(session, at, relation))?;
            let target = |slot: &u32| store.map(|store| At { store, slot: *slot });
            shown.as_slice().iter().filter_map(target).collect()
        }
    };
    Ok(slots.into_iter().filter(|at| arena.slot(*at).state.is_there()).collect())
}

fn foreign(session: &Session, at: At, relation: usize) -> Error {
    let def = session.arena.stores[at.store].mapper.def;
    let why = format!("`{}::{}` holds objects of another session", def.name, def.relations[relation].name);
    Error::new(ErrorKind::ForeignHandle, why).with_model(def.name)
}

/// Whether the target of a reference was asked for, and not found.
fn is_absent(session: &Session, at: At, relation: usize) -> bool {
    let store = &session.arena.stores[at.store];
    let LinkKind::ToOne { columns, .. } = store.mapper.relations[relation].kind else { return false };
    let key = key_of(session.arena.object(at), columns);
    key.is_some_and(|key| store.absent(at.slot, relation, &key).is_some())
}

fn not_loaded(session: &Session, at: At, relation: usize) -> Error {
    let def = session.arena.stores[at.store].mapper.def;
    let name = def.relations[relation].name;
    let constant = def.relations[relation].constant(def.name);
    let object = session.arena.stores[at.store].name_of(session.arena.object(at));
    if is_absent(session, at, relation) {
        let why = format!("`{name}` of {object} was not found: its row is gone, or hidden by criteria");
        return Error::new(ErrorKind::NotFound, why).with_model(def.name);
    }
    let way_out = match def.relations[relation].load {
        Load::WriteOnly => format!("ask for its members with `session.related(handle, {constant})`"),
        Load::Raise => format!("say `.with({constant})` on the query"),
        _ => format!("call `session.load(handle, {constant}).await?`, or `.with({constant})` on the query"),
    };
    let why = format!("`{name}` of {object} is not loaded: {way_out}");
    Error::new(ErrorKind::NotLoaded, why).with_model(def.name)
}
