//! `BelongsTo`: a foreign key and a relation in one field.

use super::{Handle, IntoMember, Member, Model, Reference};
use crate::error::{Error, Result};
use crate::types::{AnyKey, ColumnValue, IntoKey, Key};
use std::fmt;
use tokio_postgres::Row;

/// The foreign key to a `T`, and the relation to it: one field, so that the two cannot contradict.
///
/// It points to a key, to an object of the session, to a new value (added together with its owner),
/// or nowhere yet. `Option<BelongsTo<T>>` is the nullable form.
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
/// let cart = session.add(Cart::builder().customer(ann)); // a handle, a new value or `customer_key(7)`
/// assert_eq!((session[cart].customer.handle(), session[cart].customer.key()), (Some(ann), None));
/// session.commit().await?;
/// assert_eq!(session[cart].customer.key(), Some(&1)); // the database made it
///
/// session[cart].customer.set(Customer::builder().name("Bea").email("bea@example.org"));
/// session.commit().await?;
/// assert_eq!(session.at(cart).related(Cart::CUSTOMER)?.name, "Bea");
/// # Ok(()) }
/// ```
///
/// In a struct literal, and when nothing is loaded:
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # use orm_core::types::ColumnValue;
/// let of_seven = BelongsTo::<Customer>::key_of(7);
/// assert_eq!((of_seven.key(), of_seven.handle()), (Some(&7), None));
/// assert!(matches!(of_seven.component(0), ColumnValue::Value(_)));
/// let of_new = BelongsTo::to(Customer::builder().name("Ann").email("ann@example.org"));
/// assert!(matches!(of_new.component(0), ColumnValue::Pending));
/// assert!(matches!(BelongsTo::<Customer>::unset().component(0), ColumnValue::Unset));
/// ```
///
/// A key of several columns has a column for each; one that another field holds is shared with it, and the two have to agree:
///
/// ```
/// # use orm_core::prelude::*;
/// # use orm_core::ErrorKind;
/// # orm_core::declarative_base!(pub Base);
/// # #[derive(Model, Clone, Debug)]
/// # #[model(base = Base)]
/// # pub struct Customer {
/// #     #[model(primary_key)]
/// #     pub tenant_id: i64,
/// #     #[model(primary_key)]
/// #     pub id: i64,
/// # }
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Order {
///     #[model(primary_key)]
///     pub tenant_id: i64,
///     #[model(primary_key)]
///     pub id: i64,
///     #[belongs_to(columns("tenant_id", "customer_id"))]
///     pub customer: BelongsTo<Customer>,
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut session = engine.session();
/// let ann = session.add(Customer::builder().tenant_id(1).id(7));
/// let order = session.add(Order::builder().tenant_id(2).id(1).customer(ann));
/// assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::Contradiction); // whose order is it?
/// session.rollback().await?;
/// session[order].tenant_id = 1;
/// session.add_again(ann)?;
/// session.commit().await?;
/// assert_eq!(session[order].customer.key(), Some(&(1, 7)));
/// # Ok(()) }
/// ```
pub struct BelongsTo<T> {
    target: Option<Member<T>>,
    key: Option<AnyKey>,
}

impl<T: Model> BelongsTo<T> {
    /// Points nowhere yet. Flushing it is an [`Unset`](crate::ErrorKind::Unset) error.
    pub const fn unset() -> Self {
        Self { target: None, key: None }
    }

    /// Points to the row with this key, whether or not the session has loaded it.
    pub fn key_of(key: impl IntoKey<T::Key>) -> Self {
        Self { target: None, key: Some(AnyKey::of::<T::Key>(key.into_key())) }
    }

    /// The key, once it is known: at once after loading, with the flush for a new target.
    pub fn key(&self) -> Option<&T::Key> {
        self.key.as_ref().and_then(AnyKey::get)
    }

    /// The object it points to, where it was set by handle or resolved by a flush or a load.
    pub const fn handle(&self) -> Option<Handle<T>> {
        match &self.target {
            Some(Member::Handle(handle)) => Some(*handle),
            _ => None,
        }
    }

    /// The value that it points to, when that stands inside of the object: see [`HasMany::values`](super::HasMany::values).
    pub fn value(&self) -> Option<&T> {
        match &self.target {
            Some(Member::New(value)) => Some(value),
            _ => None,
        }
    }

    /// Points it to another object: a handle, a new value or a complete builder.
    pub fn set(&mut self, target: impl IntoMember<T>) {
        *self = Self::to(target);
    }

    /// Points to an object: a handle, a new value or a complete builder.
    pub fn to(target: impl IntoMember<T>) -> Self {
        Self { target: Some(target.into_member()), key: None }
    }

    /// Part `index` of the key, as the column of that position holds it.
    pub fn component(&self, index: usize) -> ColumnValue<'_> {
        match (&self.key, &self.target) {
            (Some(key), _) => ColumnValue::Value(key.part(index)),
            (None, Some(_)) => ColumnValue::Pending,
            (None, None) => ColumnValue::Unset,
        }
    }
}

impl<T> Default for BelongsTo<T> {
    fn default() -> Self {
        Self { target: None, key: None }
    }
}

impl<T: Clone> Clone for BelongsTo<T> {
    fn clone(&self) -> Self {
        Self { target: self.target.clone(), key: self.key.clone() }
    }
}

impl<T: fmt::Debug> fmt::Debug for BelongsTo<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.key, &self.target) {
            (Some(key), _) => write!(f, "BelongsTo({key:?})"),
            (None, Some(target)) => write!(f, "BelongsTo({target:?})"),
            (None, None) => f.write_str("BelongsTo(unset)"),
        }
    }
}

impl<T: Model> From<Handle<T>> for BelongsTo<T> {
    fn from(handle: Handle<T>) -> Self {
        Self::to(handle)
    }
}

impl<T: Model> From<Handle<T>> for Option<BelongsTo<T>> {
    fn from(handle: Handle<T>) -> Self {
        Some(BelongsTo::to(handle))
    }
}

/// A field that is a foreign key: [`BelongsTo`], or an `Option` of it.
#[diagnostic::on_unimplemented(
    message = "`#[belongs_to]` needs a field of type `BelongsTo<…>`, and `{Self}` is none",
    label = "expected `BelongsTo<…>` or `Option<BelongsTo<…>>`"
)]
pub trait ForeignKeyField: Sized + 'static {
    /// The model it points to.
    type Target: Model;
    /// Whether it can point nowhere.
    const NULLABLE: bool;

    /// Reads the key from columns of a row, given by their positions.
    ///
    /// # Errors
    /// A column that is missing, of another type, or `NULL` where that is not allowed.
    fn read(row: &Row, at: &[usize], place: &str) -> Result<Self>;
    /// Part `index` of the key.
    fn component(&self, index: usize) -> ColumnValue<'_>;
    /// The field for what a builder was given.
    fn from_belongs_to(value: BelongsTo<Self::Target>) -> Self;
    /// The field for a target.
    fn to(target: impl IntoMember<Self::Target>) -> Self {
        Self::from_belongs_to(BelongsTo { target: Some(target.into_member()), key: None })
    }
    /// The field for the key of a target.
    fn key_of(key: impl IntoKey<<Self::Target as Model>::Key>) -> Self {
        Self::from_belongs_to(BelongsTo::key_of(key))
    }
    /// The field as a `BelongsTo`, unless it is `None`.
    fn get(&self) -> Option<&BelongsTo<Self::Target>>;
    /// The field as a `BelongsTo`, unless it is `None`.
    fn get_mut(&mut self) -> Option<&mut BelongsTo<Self::Target>>;
    /// Points nowhere: `NULL` where that is allowed.
    fn clear(&mut self);

    /// Where it points.
    fn reference(&self) -> Reference {
        match self.get() {
            None => Reference::Null,
            Some(BelongsTo { target: Some(Member::Handle(handle)), .. }) => {
                Reference::Slot { session: handle.session_id(), index: handle.index() }
            }
            Some(BelongsTo { target: Some(Member::New(_)), .. }) => Reference::New,
            Some(BelongsTo { key: Some(_), .. }) => Reference::Key,
            Some(_) => Reference::Unset,
        }
    }

    /// Takes the new value out, so that the session can give it a slot.
    fn take_new(&mut self) -> Option<Self::Target> {
        let field = self.get_mut()?;
        match field.target.take() {
            Some(Member::New(value)) => Some(*value),
            other => {
                field.target = other;
                None
            }
        }
    }

    /// Points to a slot of a session; the key follows with [`resolve`](Self::resolve).
    fn point_to(&mut self, session: u64, index: u32) {
        *self = Self::of_slot(session, index);
    }

    /// The field for a slot of a session.
    fn of_slot(session: u64, index: u32) -> Self {
        Self::from_belongs_to(BelongsTo::to(Handle::new(session, index)))
    }

    /// Takes the key of the target over.
    fn resolve(&mut self, target: &Self::Target) {
        if let Some(field) = self.get_mut() {
            field.key = target.key().map(AnyKey::of);
        }
    }

    /// Forgets the slot that it points to, and keeps the key.
    fn detach(&mut self) {
        if let Some(field) = self.get_mut() {
            field.target = None;
        }
    }

    /// Forgets the key of a target that a rollback took out of the database.
    fn unresolve(&mut self) {
        if let Some(field) = self.get_mut()
            && field.target.is_some()
        {
            field.key = None;
        }
    }
}

impl<T: Model> ForeignKeyField for BelongsTo<T> {
    type Target = T;
    const NULLABLE: bool = false;

    fn read(row: &Row, at: &[usize], place: &str) -> Result<Self> {
        <Option<Self> as ForeignKeyField>::read(row, at, place)?
            .ok_or_else(|| Error::decode(place, "NULL in a column that cannot be NULL".into()))
    }

    fn component(&self, index: usize) -> ColumnValue<'_> {
        Self::component(self, index)
    }

    fn from_belongs_to(value: Self) -> Self {
        value
    }

    fn get(&self) -> Option<&Self> {
        Some(self)
    }

    fn get_mut(&mut self) -> Option<&mut Self> {
        Some(self)
    }

    fn clear(&mut self) {
        *self = Self::unset();
    }
}

impl<T: Model> ForeignKeyField for Option<BelongsTo<T>> {
    type Target = T;
    const NULLABLE: bool = true;

    fn read(row: &Row, at: &[usize], place: &str) -> Result<Self> {
        let key = T::Key::read(row, at).map_err(|source| Error::decode(place, source))?;
        Ok(key.map(BelongsTo::key_of))
    }

    fn component(&self, index: usize) -> ColumnValue<'_> {
        self.as_ref().map_or(ColumnValue::Null, |field| field.component(index))
    }

    fn from_belongs_to(value: BelongsTo<T>) -> Self {
        Some(value)
    }

    fn get(&self) -> Option<&BelongsTo<T>> {
        self.as_ref()
    }

    fn get_mut(&mut self) -> Option<&mut BelongsTo<T>> {
        self.as_mut()
    }

    fn clear(&mut self) {
        *self = None;
    }
}
