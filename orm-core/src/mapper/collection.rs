//! The fields of relations whose foreign key is elsewhere: `HasMany`, `HasOne`, `ManyToMany`.

use super::links::Placed;
use super::{Handle, IntoMember, Links, Member, Model};
use std::fmt;

/// A field that holds the members of a relation: [`HasMany`], [`HasOne`] or [`ManyToMany`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the field of a relation to many",
    label = "expected `HasMany<…>`, `HasOne<…>` or `ManyToMany<…>`"
)]
pub trait CollectionField: Default + 'static {
    /// The model of the members.
    type Target: Model;
    /// The members that have a slot.
    fn links(&self) -> &Links;
    /// The members that have a slot.
    fn links_mut(&mut self) -> &mut Links;
    /// Takes the new values out, so that the session can give them slots.
    fn take_new(&mut self) -> Vec<Self::Target>;
    /// Whether there are new values.
    fn has_new(&self) -> bool;
    /// Adds a member.
    fn insert(&mut self, member: Member<Self::Target>);
    /// Takes a member out.
    fn take_out(&mut self, member: Handle<Self::Target>);
    /// A collection whose members are not known.
    fn not_loaded() -> Self;
}

macro_rules! collection {
    ($(#[$doc:meta])* $name:ident, $add:ident, $remove:ident) => {
        $(#[$doc])*
        pub struct $name<T> {
            links: Links,
            new: Vec<T>,
        }

        impl<T: Model> $name<T> {
            /// An empty collection. In place of that of an object in the database it takes all members out, as
            /// collecting others into it takes out those that are not among them.
            pub fn new() -> Self {
                let links = Links { is_replaced: true, ..Links::of_new_owner() };
                Self { links, new: Vec::new() }
            }

            /// Whether all members are known: of a new object at once, of a loaded one after
            /// `session.load`.
            pub const fn is_loaded(&self) -> bool {
                self.links.loaded.is_some()
            }

            /// Whether just those members are shown that a condition or a limit of a path let through. Such a collection can
            /// be changed like any other; the session never takes it for all members.
            ///
            /// ```
            /// # use orm_core::prelude::*;
            /// # use shop_models::models::{Base, Cart, Customer, Product};
            /// # #[tokio::main(flavor = "current_thread")]
            /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
            /// # let database = orm_testkit::database_of::<Base>().await?;
            /// # let engine = Engine::connect(database.url()).await?;
            /// # let mut session = engine.session();
            /// # session.add(Customer::builder().name("Ann").email("a").carts([Cart::builder(), Cart::builder()]));
            /// # session.commit().await?;
            /// let mut session = engine.session();
            /// let newest = Customer::CARTS.order_by(Cart::ID.desc()).limit(1);
            /// let ann = session.query::<Customer>().with(newest).one().await?;
            /// assert_eq!(session[ann].carts.handles().unwrap().len(), 1);
            /// assert!(session[ann].carts.is_partial() && !session[ann].carts.is_loaded());
            /// assert_eq!(session.load(ann, Customer::CARTS).await?.len(), 2);
            /// assert!(!session[ann].carts.is_partial());
            /// # Ok(()) }
            /// ```
            pub const fn is_partial(&self) -> bool {
                self.links.part.is_some()
            }

            /// The members that stand as values inside of the object: those of a new one before it is added, and of one
            /// that was [expunged](crate::Session::expunge) with them.
            pub fn values(&self) -> impl ExactSizeIterator<Item = &T> + '_ {
                self.new.iter()
            }

            /// The members that are shown and have a handle; `None` when the collection is not loaded. One that was deleted since may still
            /// be among them; [`Entity::related`](crate::session::Entity::related) leaves it out.
            pub fn handles(&self) -> Option<impl ExactSizeIterator<Item = Handle<T>> + '_> {
                let session = self.links.session;
                let shown = self.links.shown()?;
                Some(shown.as_slice().iter().map(move |slot| Handle::new(session, *slot)))
            }
        }

        impl<T: Model> CollectionField for $name<T> {
            type Target = T;

            fn links(&self) -> &Links {
                &self.links
            }

            fn links_mut(&mut self) -> &mut Links {
                &mut self.links
            }

            fn take_new(&mut self) -> Vec<T> {
                std::mem::take(&mut self.new)
            }

            fn has_new(&self) -> bool {
                !self.new.is_empty()
            }

            fn insert(&mut self, member: Member<T>) {
                match member {
                    Member::Handle(handle) => {
                        self.links.meet(handle.session_id());
                        self.links.$add(handle.index());
                    }
                    Member::New(value) => self.new.push(*value),
                }
            }

            fn take_out(&mut self, member: Handle<T>) {
                self.links.meet(member.session_id());
                self.links.$remove(member.index());
            }

            fn not_loaded() -> Self {
                Self { links: Links::default(), new: Vec::new() }
            }
        }

        impl<T> Default for $name<T> {
            fn default() -> Self {
                Self { links: Links::of_new_owner(), new: Vec::new() }
            }
        }

        impl<T: Clone> Clone for $name<T> {
            fn clone(&self) -> Self {
                Self { links: self.links.clone(), new: self.new.clone() }
            }
        }

        impl<T: fmt::Debug> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, stringify!($name))?;
                match self.links.shown() {
                    Some(shown) => {
                        let mut list = f.debug_list();
                        list.entries(shown.as_slice()).entries(&self.new).finish()
                    }
                    None => f.write_str("(not loaded)"),
                }
            }
        }

        impl<T: Model, M: IntoMember<T>> FromIterator<M> for $name<T> {
            fn from_iter<I: IntoIterator<Item = M>>(members: I) -> Self {
                let mut field = Self::new();
                for member in members {
                    field.insert(member.into_member());
                }
                field
            }
        }
    };
}

collection! {
    /// The objects of `T` that refer to this one by a foreign key.
    ///
    /// Adding a member sets its foreign key at the next flush; that works without loading the collection.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// # session.add(Customer::builder().name("Ann").email("ann@example.org").carts([Cart::builder()]));
    /// # session.commit().await?;
    /// let mut session = engine.session();
    /// let ann = session.get_one::<Customer>(1).await?;
    /// assert!(!session[ann].carts.is_loaded());
    /// session[ann].carts.push(Cart::builder()); // not loaded? still right
    /// session[ann].carts.extend([Cart::builder(), Cart::builder()]);
    /// session.commit().await?;
    ///
    /// let carts = session.load(ann, Customer::CARTS).await?;
    /// assert_eq!(session[ann].carts.handles().unwrap().len(), 4);
    /// assert_eq!(Customer::builder().name("Bea").email("b").carts([Cart::builder()]).build().carts.values().len(), 1);
    /// session[ann].carts.remove(carts[0]); // `cascade = "all, delete-orphan"`: a cart without a customer goes
    /// session.commit().await?;
    /// assert_eq!(session.query::<Cart>().count().await?, 3);
    /// assert_eq!(HasMany::<Cart>::new().handles().unwrap().len(), 0); // of a new object: known to be empty
    /// # Ok(()) }
    /// ```
    HasMany, attract, release
}
collection! {
    /// The one object of `T`, or none, that refers to this one by a unique foreign key.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # orm_core::declarative_base!(pub Base);
    /// #[derive(Model, Clone, Debug)]
    /// #[model(base = Base)]
    /// pub struct Person {
    ///     #[model(primary_key)]
    ///     pub id: Auto<i64>,
    ///     #[has_one(back_populates = "person")]
    ///     pub passport: HasOne<Passport>,
    /// }
    ///
    /// #[derive(Model, Clone, Debug)]
    /// #[model(base = Base)]
    /// pub struct Passport {
    ///     #[model(primary_key)]
    ///     pub number: String,
    ///     #[belongs_to(unique)]
    ///     pub person: Option<BelongsTo<Person>>,
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let ann = session.add(Person::builder().passport(Passport::builder().number("C01X")));
    /// session.commit().await?;
    /// let old = session[ann].passport.handle().flatten().unwrap();
    /// session[ann].passport.set(Passport::builder().number("C02Y"));
    /// session.commit().await?;
    /// assert_eq!(session.at(ann).related(Person::PASSPORT)?.unwrap().number, "C02Y");
    /// assert!(session.at(old).related(Passport::PERSON)?.is_none());
    ///
    /// session[ann].passport.clear();
    /// session.commit().await?;
    /// assert!(session.at(ann).related(Person::PASSPORT)?.is_none());
    /// assert!(session[ann].passport.is_loaded());
    /// assert_eq!(HasOne::<Passport>::new().handles().unwrap().len(), 0); // of a new object: known to be empty
    /// # Ok(()) }
    /// ```
    HasOne, attract, release
}
collection! {
    /// The objects of `T` that rows of an association table connect with this one.
    ///
    /// Adding or removing a member writes or deletes just its row; that works without loading the
    /// collection.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// let ann = session.add(Customer::builder().name("Ann").email("ann@example.org"));
    /// let cart = session.add(Cart::builder().customer(ann));
    /// let teas = session.add_all([390, 450].map(|price| {
    ///     Product::builder().sku(format!("T-{price}")).title("Tea").price_cents(price)
    /// }));
    /// session[cart].products.push(teas[0]);
    /// session[cart].products.extend([teas[1], teas[0]]); // one that is there already stays once
    /// session.commit().await?;
    /// assert!(session[cart].products.handles().unwrap().eq(teas.iter().copied()));
    ///
    /// session[cart].products.remove(teas[0]);
    /// assert_eq!(session.flush_plan()?.to_string(), "unlink 1 row of cart_product");
    /// session.commit().await?;
    /// session.load(teas[1], Product::CARTS).await?; // the same rows from the other side
    /// assert_eq!(session.at(teas[1]).related(Product::CARTS)?.len(), 1);
    /// # Ok(()) }
    /// ```
    ManyToMany, add, remove
}

macro_rules! many {
    ($name:ident) => {
        impl<T: Model> $name<T> {
            /// Adds a member: a handle, a new value or a complete builder. One that is there already
            /// stays once.
            pub fn push(&mut self, member: impl IntoMember<T>) {
                self.insert(member.into_member());
            }

            /// Adds members.
            pub fn extend<M: IntoMember<T>>(&mut self, members: impl IntoIterator<Item = M>) {
                for member in members {
                    self.push(member);
                }
            }

            /// Removes a member.
            pub fn remove(&mut self, member: Handle<T>) {
                self.take_out(member);
            }
        }
    };
}
many!(HasMany);

impl<T: Model> HasMany<T> {
    /// Puts a member at a place, counted from 0; behind the others when there are fewer. One that is there already moves.
    ///
    /// With `#[has_many(position = "…")]` the next flush writes the places of the members that moved, from 0, into that column of
    /// theirs, in one UPDATE; where the members are not loaded it loads them first. Without it the place is kept until the members
    /// are loaded again.
    ///
    /// A member that is deleted leaves no gap in a list that is loaded. In one that is not the gap stays, which changes no order, until
    /// the list changes or [`reorder`](Self::reorder) is called.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # orm_core::declarative_base!(pub Base);
    /// #[derive(Model, Clone, Debug)]
    /// #[model(base = Base)]
    /// pub struct Album {
    ///     #[model(primary_key)]
    ///     pub id: Auto<i64>,
    ///     #[has_many(position = "position", cascade = "all, delete-orphan")]
    ///     pub songs: HasMany<Song>,
    /// }
    ///
    /// #[derive(Model, Clone, Debug)]
    /// #[model(base = Base)]
    /// pub struct Song {
    ///     #[model(primary_key)]
    ///     pub title: String,
    ///     #[model(default = 0)]
    ///     pub position: i32,
    ///     #[belongs_to]
    ///     pub album: BelongsTo<Album>,
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let [b, c] = ["b", "c"].map(|title| Song::builder().title(title));
    /// let album = session.add(Album::builder().songs([b, c]));
    /// session.commit().await?; // b at 0, c at 1
    /// session[album].songs.insert_at(0, Song::builder().title("a"));
    /// let c = session.at(album).related(Album::SONGS)?.last().unwrap().handle();
    /// session[album].songs.move_to(1, c);
    /// session.commit().await?;
    /// let titles = engine.fetch_all(columns(Song::TITLE).order_by(Song::POSITION)).await?;
    /// assert_eq!(titles, ["a", "c", "b"]);
    ///
    /// session.delete(c)?;
    /// session.commit().await?; // the others close up
    /// assert_eq!(engine.fetch_all(columns(Song::POSITION).order_by(Song::POSITION)).await?, [0, 1]);
    /// session[album].songs.reorder();
    /// assert!(session.flush_plan()?.is_empty()); // each stands where it says
    /// # Ok(()) }
    /// ```
    pub fn insert_at(&mut self, place: usize, member: impl IntoMember<T>) {
        let waiting = !self.new.is_empty();
        let placed = match member.into_member() {
            Member::Handle(handle) => {
                self.push(handle);
                Placed::Slot(handle.index())
            }
            Member::New(value) => {
                self.new.push(*value);
                Placed::New(self.new.len() - 1)
            }
        };
        self.links.place(placed, place, waiting);
    }

    /// Moves a member to a place: see [`insert_at`](Self::insert_at). One that is not a member becomes one.
    pub fn move_to(&mut self, place: usize, member: Handle<T>) {
        self.insert_at(place, member);
    }

    /// Has the next flush number the members anew, as they stand: see [`insert_at`](Self::insert_at).
    pub const fn reorder(&mut self) {
        self.links.is_reordered = true;
    }
}
many!(ManyToMany);

impl<T: Model> HasOne<T> {
    /// Puts another object in the place of the present one; where that is not known, the flush loads it first.
    pub fn set(&mut self, member: impl IntoMember<T>) {
        self.clear();
        self.insert(member.into_member());
    }

    /// Takes the present object, where it is known, out of the relation.
    pub fn clear(&mut self) {
        self.new.clear();
        for slot in self.links.present() {
            self.links.release(slot);
        }
    }

    /// The handle of the object, or `Some(None)` when there is none; `None` when the relation is not loaded.
    pub fn handle(&self) -> Option<Option<Handle<T>>> {
        Some(self.handles()?.next())
    }
}
