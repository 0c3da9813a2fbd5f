//! The field of a relation that is only looked at, and what it is made of.

use super::associations::Ends;
use super::suggest::Candidates;
use super::{
    CollectionField, Handle, LinkKind, Links, Member, Model, ModelDef, RelationKind, ViewBy, ViewDef,
    ViewLink,
};
use std::fmt;
use std::marker::PhantomData;

/// Objects of `T` that belong to this one in a way that the program only looks at: some of the members of another relation, or those
/// that columns of its own join.
///
/// It is loaded, walked and asked like a collection, and has nothing that would change it. What it shows is what the database had
/// when it was loaded: a flush that writes its owner, or any object of `T`, has it forgotten.
///
/// ```
/// # use orm_core::prelude::*;
/// # use orm_core::query::Predicate;
/// # orm_core::declarative_base!(pub Base);
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Customer {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     pub email: String,
///     #[has_many]
///     pub orders: HasMany<Order>,
///     #[view(of = "orders", filter = open_orders)]
///     pub open_orders: View<Order>,
///     #[view(on("email" = "contact"), order_by = "id desc")]
///     pub requests: View<Request>,
/// }
///
/// fn open_orders() -> Predicate<Order> {
///     !Order::DONE.eq(true)
/// }
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Order {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     pub done: bool,
///     #[belongs_to]
///     pub customer: BelongsTo<Customer>,
/// }
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Request {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     pub contact: String,
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut session = engine.session();
/// let orders = [true, false].map(|done| Order::builder().done(done));
/// let ann = session.add(Customer::builder().email("ann@example.org").orders(orders));
/// session.add(Request::builder().contact("ann@example.org"));
/// session.commit().await?;
/// assert!(!session[ann].open_orders.is_loaded());
/// session.load(ann, Customer::OPEN_ORDERS).await?;
/// session.load(ann, Customer::REQUESTS).await?;
/// assert_eq!(session.at(ann).related(Customer::OPEN_ORDERS)?.len(), 1);
/// assert_eq!(session[ann].requests.handles().unwrap().len(), 1);
/// let waiting = Customer::OPEN_ORDERS.any(Order::ID.gt(1)) & !Customer::REQUESTS.is_empty();
/// assert_eq!(session.query::<Customer>().filter(waiting).count().await?, 1);
/// # Ok(()) }
/// ```
pub struct View<T> {
    links: Links,
    members: PhantomData<fn() -> T>,
}

impl<T: Model> View<T> {
    /// Whether the members are known.
    pub const fn is_loaded(&self) -> bool {
        self.links.loaded.is_some()
    }

    /// The handles of the members; `None` when they are not loaded.
    pub fn handles(&self) -> Option<impl ExactSizeIterator<Item = Handle<T>> + '_> {
        let session = self.links.session;
        Some(self.links.shown()?.as_slice().iter().map(move |slot| Handle::new(session, *slot)))
    }
}

impl<T: Model> CollectionField for View<T> {
    type Target = T;

    fn links(&self) -> &Links {
        &self.links
    }

    fn links_mut(&mut self) -> &mut Links {
        &mut self.links
    }

    fn take_new(&mut self) -> Vec<T> {
        Vec::new()
    }

    fn has_new(&self) -> bool {
        false
    }

    fn insert(&mut self, _: Member<T>) {
        unreachable!("nothing is put into a view")
    }

    fn take_out(&mut self, _: Handle<T>) {
        unreachable!("nothing is taken out of a view")
    }

    fn not_loaded() -> Self {
        Self::default()
    }
}

impl<T> Default for View<T> {
    fn default() -> Self {
        Self { links: Links::default(), members: PhantomData }
    }
}

impl<T> Clone for View<T> {
    fn clone(&self) -> Self {
        Self { links: self.links.clone(), members: PhantomData }
    }
}

impl<T> fmt::Debug for View<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.links.shown() {
            Some(shown) => write!(f, "View{:?}", shown.as_slice()),
            None => f.write_str("View(not loaded)"),
        }
    }
}

/// The columns or the association table of a view; `base` is the relation that it is a view of, resolved.
pub(super) fn view(ends: &Ends, def: &ViewDef, base: Option<LinkKind>) -> Result<ViewLink, String> {
    let by = match base {
        Some(LinkKind::ToMany { foreign_key }) => {
            let RelationKind::BelongsTo { columns, .. } = ends.target.relations[foreign_key].kind else {
                unreachable!("the resolver found a foreign key")
            };
            ViewBy::Columns { own: ends.owner.primary_key().collect(), far: columns.to_vec() }
        }
        Some(LinkKind::ManyToMany(association)) => ViewBy::Association(association),
        Some(LinkKind::ToOne { .. } | LinkKind::View(_)) => {
            return Err(format!("{ends} is a view of a relation that has no members of its own"));
        }
        None => on_columns(ends, def)?,
    };
    Ok(ViewLink { by, filter: def.filter })
}

fn on_columns(ends: &Ends, def: &ViewDef) -> Result<ViewBy, String> {
    let find = |model: &ModelDef, name: &str| {
        model.columns.iter().position(|column| column.name == name).ok_or_else(|| {
            format!(
                "{ends} is joined on \"{name}\", but `{}` has no such column{}",
                model.name,
                Candidates(model.columns.iter().map(|column| column.name))
            )
        })
    };
    let (mut own, mut far) = (Vec::new(), Vec::new());
    for (mine, theirs) in def.on {
        let (mine, theirs) = (find(ends.owner, mine)?, find(ends.target, theirs)?);
        let (a, b) = (&ends.owner.columns[mine], &ends.target.columns[theirs]);
        if a.sql_type != b.sql_type {
            return Err(format!(
                "{ends} is joined on \"{}\" = \"{}\", which have the types {} and {}",
                a.name, b.name, a.sql_type, b.sql_type
            ));
        }
        own.push(mine);
        far.push(theirs);
    }
    Ok(ViewBy::Columns { own, far })
}
