//! Reading and writing relations through the objects of an association model.

use super::Session;
use super::entity::{Entity, related_slots};
use super::keyed::scalar;
use crate::error::Result;
use crate::flush;
use crate::load::to_one_target;
use crate::mapper::{Column, Handle, IntoMember, IntoModel, LinkKind, Member, Model, Writable};
use crate::query::Proxy;
use crate::state::At;
use crate::types::ColumnType;

impl<'s, T: Model> Entity<'s, T> {
    /// The objects at the far end of a proxy, in the order of the objects between.
    ///
    /// One that several of those lead to comes as often. See [`Proxy`].
    ///
    /// # Errors
    /// [`NotLoaded`](crate::ErrorKind::NotLoaded) for either relation.
    pub fn through<A: Model, U: Model>(
        &self,
        proxy: Proxy<T, A, U>,
    ) -> Result<impl ExactSizeIterator<Item = Entity<'s, U>> + use<'s, T, A, U>> {
        let session = self.session();
        let all = far_ends(session, self.at(), proxy)?;
        Ok(all.into_iter().map(move |(_, far)| Entity::new(session, far)))
    }

    /// The values that a column has in the objects at the far end of a proxy; what is `NULL` is left out.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, CartProduct, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::query::Proxy;
    /// const BOUGHT: Proxy<Customer, Cart, Product> = Customer::CARTS.proxy(Cart::PRODUCTS);
    /// # let mut session = engine.session();
    /// # let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    /// # let carts = [Cart::builder().products([tea]), Cart::builder().products([tea])];
    /// # let ann = session.add(Customer::builder().name("Ann").email("ann@example.org").carts(carts));
    /// # session.commit().await?;
    /// assert_eq!(session.at(ann).values(BOUGHT, Product::SKU)?, ["T-1", "T-1"]);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`through`](Self::through).
    pub fn values<A: Model, U: Model, F: ColumnType>(
        &self,
        proxy: Proxy<T, A, U>,
        column: Column<U, F>,
    ) -> Result<Vec<F::Scalar>> {
        let session = self.session();
        let value = |(_, far): (At, At)| scalar::<F>(session.arena.object(far).column(column.index()));
        Ok(far_ends(session, self.at(), proxy)?.into_iter().filter_map(value).collect())
    }
}

/// The objects between, each with one to which it leads.
fn far_ends<M: Model, A: Model, T: Model>(
    session: &Session,
    at: At,
    proxy: Proxy<M, A, T>,
) -> Result<Vec<(At, At)>> {
    let mut found = Vec::new();
    for between in related_slots(session, at, proxy.first().index())? {
        found.extend(related_slots(session, between, proxy.second())?.into_iter().map(|far| (between, far)));
    }
    Ok(found)
}

impl Session {
    /// Connects an object with another one by a new object of the association model between them, which the function makes; gives
    /// its handle. Where one that the session knows connects them already, it is that one.
    ///
    /// Both ends know at once, as after [`link`](Self::link). See [`Proxy`]. To connect a new object, nothing has to be loaded: nobody
    /// can be connected with it yet. For others the objects between have to be known, and where these are related to many the
    /// far ends, too.
    ///
    /// # Errors
    /// As [`link`](Self::link); [`NotLoaded`](crate::ErrorKind::NotLoaded) when it is not known whom the objects between lead to.
    /// After an error nothing is added.
    pub fn link_through<M: Writable, A: Model, T: Model, N: IntoModel<Model = A>>(
        &mut self,
        owner: Handle<M>,
        proxy: Proxy<M, A, T>,
        member: impl IntoMember<T>,
        creator: impl FnOnce(Handle<T>) -> N,
    ) -> Result<Handle<A>> {
        // A new value is not added before it is sure that it can be linked.
        flush::can_link(&self.arena, self.arena.locate(owner)?, proxy.first().index())?;
        let member = member.into_member();
        let known = match &member {
            Member::Handle(handle) => self.connects(owner, proxy, *handle)?,
            Member::New(_) => None,
        };
        if let Some(known) = known {
            return Ok(known);
        }
        let member = self.take_member(member)?;
        let between = self.add(creator(member));
        self.link(owner, proxy.first(), between)
    }

    /// Takes the object of the association model out that connects an object with another one; gives its handle.
    ///
    /// The objects between have to be loaded, as for [`link_through`](Self::link_through). It leaves the relation between, so that it is deleted where that says `cascade = "all, delete-orphan"`.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # orm_core::declarative_base!(pub Base);
    /// # use orm_core::query::Proxy;
    /// # #[derive(Model, Clone, Debug)]
    /// # #[model(base = Base)]
    /// # pub struct User {
    /// #     #[model(primary_key)]
    /// #     pub name: String,
    /// #     #[has_many(cascade = "all, delete-orphan")]
    /// #     pub user_keywords: HasMany<UserKeyword>,
    /// # }
    /// # impl User {
    /// #     pub const KEYWORDS: Proxy<User, UserKeyword, Keyword> = User::USER_KEYWORDS.proxy(UserKeyword::KEYWORD);
    /// # }
    /// # #[derive(Model, Clone, Debug)]
    /// # #[model(base = Base)]
    /// # pub struct UserKeyword {
    /// #     #[model(primary_key)]
    /// #     pub id: Auto<i64>,
    /// #     #[belongs_to(columns("user_name"))]
    /// #     pub user: BelongsTo<User>,
    /// #     #[belongs_to(columns("keyword_word"))]
    /// #     pub keyword: BelongsTo<Keyword>,
    /// # }
    /// # #[derive(Model, Clone, Debug)]
    /// # #[model(base = Base)]
    /// # pub struct Keyword {
    /// #     #[model(primary_key)]
    /// #     pub word: String,
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// # let ann = session.add(User::builder().name("Ann"));
    /// # let tea = session.add(Keyword::builder().word("tea"));
    /// let between = session.link_through(ann, User::KEYWORDS, tea, |tea| UserKeyword::builder().keyword(tea))?;
    /// session.commit().await?;
    /// assert_eq!(session.unlink_through(ann, User::KEYWORDS, tea)?, Some(between));
    /// session.commit().await?;
    /// assert_eq!(session.query::<UserKeyword>().count().await?, 0);
    /// assert_eq!(session.at(ann).through(User::KEYWORDS)?.len(), 0);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`unlink`](Self::unlink); [`NotLoaded`](crate::ErrorKind::NotLoaded) when it is not known whom the objects between lead to.
    pub fn unlink_through<M: Writable, A: Writable, T: Model>(
        &mut self,
        owner: Handle<M>,
        proxy: Proxy<M, A, T>,
        member: Handle<T>,
    ) -> Result<Option<Handle<A>>> {
        let known = self.connects(owner, proxy, member)?;
        if let Some(between) = known {
            self.unlink(owner, proxy.first(), between)?;
        }
        Ok(known)
    }

    /// The object between that leads from one to the other.
    fn connects<M: Model, A: Model, T: Model>(
        &self,
        owner: Handle<M>,
        proxy: Proxy<M, A, T>,
        member: Handle<T>,
    ) -> Result<Option<Handle<A>>> {
        let (owner, member) = (self.arena.locate(owner)?, self.arena.locate(member)?);
        for between in self.between(owner, proxy.first().index(), member)? {
            if self.leads_to(between, proxy.second(), member)? {
                return Ok(Some(Handle::new(self.id(), between.slot)));
            }
        }
        Ok(None)
    }

    /// The objects of a relation that may lead to a member: to one that has no row, just those lead that were added.
    fn between(&self, owner: At, relation: usize, member: At) -> Result<Vec<At>> {
        let store = &self.arena.stores[owner.store];
        let links = store.mapper.def.relations[relation].access.links(self.arena.object(owner).as_any());
        let is_ours = links.session == 0 || links.session == self.id();
        let target = self.arena.known_neighbour(owner.store, store.mapper.relations[relation].target);
        match target {
            Some(store) if is_ours && links.shown().is_none() && !self.arena.slot(member).in_database() => {
                Ok(links.changes.added.as_slice().iter().map(|slot| At { store, slot: *slot }).collect())
            }
            _ => related_slots(self, owner, relation),
        }
    }

    /// Whether a relation of an object leads to another one; a foreign key tells by itself.
    fn leads_to(&self, from: At, relation: usize, to: At) -> Result<bool> {
        match self.arena.stores[from.store].mapper.relations[relation].kind {
            LinkKind::ToOne { .. } => Ok(to_one_target(&self.arena, from, relation) == Some(to)),
            _ => Ok(related_slots(self, from, relation)?.contains(&to)),
        }
    }
}
