//! Collections as maps: members under the value of one of their columns.

use super::Session;
use super::entity::{Entity, related_slots};
use crate::error::{Error, ErrorKind, Result};
use crate::flush;
use crate::mapper::{Column, Handle, IntoMember, Member, Model, Relation, Writable, arity};
use crate::state::At;
use crate::types::{ColumnType, ColumnValue};
use std::collections::BTreeMap;

/// Members by the value of a column: what [`Entity::keyed`] gives.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::session::Keyed;
/// # let mut session = engine.session();
/// # let ann = session.add(Customer::builder().name("Ann").email("ann@example.org").carts([Cart::builder()]));
/// # session.commit().await?;
/// let by_id: Keyed<'_, Auto<i64>, Cart> = session.at(ann).keyed(Customer::CARTS, Cart::ID)?;
/// assert_eq!(by_id.keys().collect::<Vec<_>>(), [&1]);
/// # Ok(()) }
/// ```
pub type Keyed<'s, F, U> = BTreeMap<<F as ColumnType>::Scalar, Entity<'s, U>>;

impl<'s, T: Model> Entity<'s, T> {
    /// The members of a collection as a map, under the value of a column of theirs, in its order.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// # let products = ["T-2", "T-1"].map(|sku| Product::builder().sku(sku).title("Tea").price_cents(390));
    /// # let ann = session.add(Customer::builder().name("Ann").email("ann@example.org"));
    /// # let cart = session.add(Cart::builder().customer(ann).products(products));
    /// # session.commit().await?;
    /// let products = session.at(cart).keyed(Cart::PRODUCTS, Product::SKU)?;
    /// assert_eq!(products["T-1"].price_cents, 390);
    /// assert!(products.keys().eq(["T-1", "T-2"]) && !products.contains_key("T-3"));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`NotLoaded`](ErrorKind::NotLoaded); [`Contradiction`](ErrorKind::Contradiction) for two members with one key;
    /// [`Unset`](ErrorKind::Unset) for a member without one.
    pub fn keyed<U: Model, F: ColumnType<Scalar: Ord>>(
        &self,
        relation: Relation<T, U, arity::Many>,
        column: Column<U, F>,
    ) -> Result<Keyed<'s, F, U>> {
        let (session, at) = (self.session(), self.at());
        let mut found = Keyed::<'s, F, U>::new();
        for member in related_slots(session, at, relation.index())? {
            let key = key_of::<F>(session, member, column.index());
            let key = key.ok_or_else(|| no_key(session, at, relation.index(), member, column.index()))?;
            if let Some(first) = found.insert(key, Entity::new(session, member)) {
                return Err(same_key(session, (at, relation.index()), (first.at(), member), column.index()));
            }
        }
        Ok(found)
    }
}

impl Session {
    /// Puts a member into a collection in place of the one with the same value of a column, as into a map; gives the new one and
    /// the one that it replaces.
    ///
    /// Both sides know at once, as after [`link`](Self::link) and [`unlink`](Self::unlink). The collection has to be loaded, as no one
    /// else knows the member that is replaced; of one that is loaded in part, it is a member of that part.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # orm_core::declarative_base!(pub Base);
    /// # #[derive(Model, Clone, Debug)]
    /// # #[model(base = Base)]
    /// # pub struct Document {
    /// #     #[model(primary_key)]
    /// #     pub id: Auto<i64>,
    /// #     #[has_many(cascade = "all, delete-orphan")]
    /// #     pub notes: HasMany<Note>,
    /// # }
    /// # #[derive(Model, Clone, Debug)]
    /// # #[model(base = Base, unique("document", "keyword"))]
    /// # pub struct Note {
    /// #     #[model(primary_key)]
    /// #     pub id: Auto<i64>,
    /// #     pub keyword: String,
    /// #     pub text: String,
    /// #     #[belongs_to]
    /// #     pub document: BelongsTo<Document>,
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let document = session.add(Document::builder());
    /// let note = |text: &str| Note::builder().keyword("todo").text(text);
    /// session.insert_keyed(document, Document::NOTES, Note::KEYWORD, note("tea"))?;
    /// session.commit().await?;
    /// let (new, old) = session.insert_keyed(document, Document::NOTES, Note::KEYWORD, note("coffee"))?;
    /// assert_eq!(session.at(document).keyed(Document::NOTES, Note::KEYWORD)?["todo"].handle(), new);
    /// session.commit().await?; // the old one is an orphan, and goes
    /// assert!(session.try_get(old.unwrap()).is_err());
    /// let gone = session.remove_keyed(document, Document::NOTES, Note::KEYWORD, &"todo".to_owned())?;
    /// assert_eq!(gone, Some(new));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`link`](Self::link) and [`Entity::keyed`]; after one nothing is added.
    pub fn insert_keyed<T: Writable, U: Model, F: ColumnType<Scalar: Ord>>(
        &mut self,
        owner: Handle<T>,
        relation: Relation<T, U, arity::Many>,
        column: Column<U, F>,
        member: impl IntoMember<U>,
    ) -> Result<(Handle<U>, Option<Handle<U>>)> {
        // A new value is not added before it is sure that it can be linked.
        flush::can_link(&self.arena, self.arena.locate(owner)?, relation.index())?;
        let members = self.try_at(owner)?.keyed(relation, column)?;
        let member = member.into_member();
        let value = match &member {
            Member::New(value) => value.column(column.index()),
            Member::Handle(handle) => self.arena.object(self.arena.locate(*handle)?).column(column.index()),
        };
        let key = scalar::<F>(value).ok_or_else(|| no_key_of_new::<U>(column.index()))?;
        let old = members.get(&key).map(Entity::handle);
        let member = self.take_member(member)?;
        self.link(owner, relation, member)?;
        let old = old.filter(|old| *old != member);
        if let Some(old) = old {
            self.unlink(owner, relation, old)?;
        }
        Ok((member, old))
    }

    /// Takes the member with a value of a column out of a collection, as out of a map: see [`insert_keyed`](Self::insert_keyed).
    ///
    /// # Errors
    /// As [`unlink`](Self::unlink) and [`Entity::keyed`].
    pub fn remove_keyed<T: Writable, U: Model, F: ColumnType<Scalar: Ord>>(
        &mut self,
        owner: Handle<T>,
        relation: Relation<T, U, arity::Many>,
        column: Column<U, F>,
        key: &F::Scalar,
    ) -> Result<Option<Handle<U>>> {
        let found = self.try_at(owner)?.keyed(relation, column)?.get(key).map(Entity::handle);
        if let Some(found) = found {
            self.unlink(owner, relation, found)?;
        }
        Ok(found)
    }
}

fn key_of<F: ColumnType>(session: &Session, member: At, column: usize) -> Option<F::Scalar> {
    scalar::<F>(session.arena.object(member).column(column))
}

pub(super) fn scalar<F: ColumnType>(value: ColumnValue<'_>) -> Option<F::Scalar> {
    match value {
        ColumnValue::Value(value) => value.as_any().downcast_ref::<F::Scalar>().cloned(),
        _ => None,
    }
}

fn no_key_of_new<U: Model>(column: usize) -> Error {
    let column = &U::def().columns[column];
    let why = format!("a new `{}` has no `{}` under which it could be put", U::def().name, column.field);
    Error::new(ErrorKind::Unset, why).with_model(U::def().name).with_columns(vec![column.name.to_owned()])
}

fn place(session: &Session, owner: At, relation: usize) -> String {
    let store = &session.arena.stores[owner.store];
    let def = store.mapper.def;
    format!(
        "`{}::{}` of {}",
        def.name,
        def.relations[relation].name,
        store.name_of(session.arena.object(owner))
    )
}

fn no_key(session: &Session, owner: At, relation: usize, member: At, column: usize) -> Error {
    let store = &session.arena.stores[member.store];
    let (def, name) = (store.mapper.def, store.name_of(session.arena.object(member)));
    let field = def.columns[column].field;
    let why = format!(
        "{name} in {} has no `{field}` under which it could be found",
        place(session, owner, relation)
    );
    Error::new(ErrorKind::Unset, why)
        .with_model(def.name)
        .with_columns(vec![def.columns[column].name.to_owned()])
}

fn same_key(session: &Session, owner: (At, usize), (first, second): (At, At), column: usize) -> Error {
    let store = &session.arena.stores[first.store];
    let (def, name) = (store.mapper.def, |at: At| store.name_of(session.arena.object(at)));
    let key = session.arena.object(first).column(column).to_json();
    let why = format!(
        "{} and {} in {} both have the `{}` {key}",
        name(first),
        name(second),
        place(session, owner.0, owner.1),
        def.columns[column].field
    );
    Error::new(ErrorKind::Contradiction, why)
        .with_model(def.name)
        .with_columns(vec![def.columns[column].name.to_owned()])
}
