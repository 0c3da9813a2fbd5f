//! Paths along relations, for loading.

use super::deferred::Choice;
use crate::mapper::{Handle, Layout, Link, Mapper, Model, Relation};
use crate::query::{DeferredColumns, Filter, Group, OrderBy, Paths};
use crate::sql::{Expr, Order};
use std::borrow::Cow;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::marker::PhantomData;

/// The relations of a path, each of the model that the one before leads to.
#[derive(Clone, Debug)]
pub struct Steps(pub(crate) Vec<Step>);

/// One relation of a path: what is loaded of it, and how.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// The position in the relations of the model.
    pub(crate) relation: usize,
    /// Which members.
    pub(crate) members: Members,
    /// How they are asked for; `None` where nothing was said.
    pub(crate) strategy: Option<Strategy>,
    /// Which of their columns are read, or why that cannot be; `None` where nothing was said.
    pub(crate) layout: Option<Result<Layout, String>>,
}

/// Which members of a relation are loaded, and in which order: all of them unless something is said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members {
    pub(crate) filter: Vec<Expr>,
    pub(crate) order: Vec<Order>,
    /// The most members of one owner.
    pub(crate) limit: Option<i64>,
    pub(crate) offset: Option<i64>,
    /// Whether they are asked for again though they are known.
    pub(crate) again: bool,
    /// Whether they become what their rows say, unsaved changes or not.
    pub(crate) replace: bool,
    /// Whether hidden members are members, too.
    pub(crate) is_unrestricted: bool,
    /// What members have to meet to be seen; none yet for a path that no session has looked at.
    pub(crate) seen: Option<Seen>,
}

/// What members of a relation have to meet to be seen.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// The members.
    pub(crate) members: Vec<Expr>,
    /// The rows of the association table.
    pub(crate) links: Vec<Expr>,
    /// What the relation itself asks of members.
    pub(crate) view: Vec<Expr>,
    /// Which criteria; their values may change with every call.
    pub(crate) of: usize,
}

/// How the members of a relation are asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Strategy {
    /// By the keys of the owners, when those are known.
    SelectIn,
    /// In the statement of the owners.
    Joined {
        /// Whether owners without a member are left out.
        inner: bool,
    },
    /// By the query of the owners, in one flight with it.
    Subquery,
    /// Not at all, whatever the model says.
    Raise,
}

impl Step {
    pub(crate) fn new(relation: usize) -> Self {
        Self { relation, members: Members::default(), strategy: None, layout: None }
    }

    /// The relation, though its members are known.
    pub(crate) fn again(relation: usize) -> Self {
        Self { members: Members { again: true, ..Members::default() }, ..Self::new(relation) }
    }

    /// What another path says of the relation, too.
    pub(crate) fn join(&mut self, other: &Self) {
        self.strategy = other.strategy.or(self.strategy);
        if self.members.are_all() {
            let Members { filter, order, limit, offset, .. } = other.members.clone();
            self.members = Members { filter, order, limit, offset, ..std::mem::take(&mut self.members) };
        }
        self.members.is_unrestricted |= other.members.is_unrestricted;
        self.members.again |= other.members.again;
        self.members.replace |= other.members.replace;
        self.layout = match (self.layout.take(), other.layout.clone()) {
            (Some(Ok(one)), Some(Ok(other))) => {
                Ok(one.with(&other.columns().collect::<Vec<_>>(), true)).into()
            }
            (Some(Err(why)), _) | (_, Some(Err(why))) => Some(Err(why)),
            (one, other) => one.or(other),
        };
    }

    /// What the rows of the members have.
    pub(crate) fn layout(&self, far: &'static Mapper) -> Cow<'static, Layout> {
        match &self.layout {
            Some(Ok(layout)) => Cow::Owned(layout.clone()),
            _ => Cow::Borrowed(&far.layout),
        }
    }

    /// The deferred columns that members are to have, whether they are read now or were before.
    pub(crate) fn wanted(&self, far: &Mapper) -> Vec<usize> {
        let Some(Ok(layout)) = &self.layout else { return Vec::new() };
        far.deferred().filter(|column| layout.position(*column).is_some()).collect()
    }
}

impl Members {
    /// A number for these members of any owner; `None` for all of them in the usual order.
    pub(crate) fn fingerprint(&self) -> Option<u64> {
        let Self { filter, order, limit, offset, again: _, replace: _, is_unrestricted: _, seen } = self;
        let seen = seen.as_ref().map(|seen| seen.of);
        if self.are_all() && seen.is_none() {
            return None;
        }
        let mut hasher = DefaultHasher::new();
        format!("{filter:?} {order:?} {limit:?} {offset:?} {seen:?}").hash(&mut hasher);
        Some(hasher.finish())
    }

    /// Whether nothing is said about which, and in which order.
    pub(crate) const fn are_all(&self) -> bool {
        self.filter.is_empty() && self.order.is_empty() && self.limit.is_none() && self.offset.is_none()
    }

    /// All that the members have to meet.
    pub(crate) fn conditions(&self, link: &Link) -> Vec<Expr> {
        let mut all = match &self.seen {
            Some(Seen { members, view, .. }) => view.iter().chain(members).cloned().collect(),
            None => link.filter().into_iter().collect::<Vec<Expr>>(),
        };
        all.extend(self.filter.iter().cloned());
        all
    }

    /// All that the rows of the association table have to meet.
    pub(crate) fn conditions_of_links(&self) -> Vec<Expr> {
        self.seen.as_ref().map(|seen| seen.links.clone()).unwrap_or_default()
    }
}

/// A path along relations from `M` to `T`: `Customer::CARTS.then(Cart::PRODUCTS)`.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # let tea = Product::builder().sku("T-1").title("Tea").price_cents(390);
/// # session.add(Customer::builder().name("Ann").email("ann@example.org").carts([Cart::builder().products([tea])]));
/// # session.commit().await?;
/// let mut session = engine.session();
/// let path = Customer::CARTS.then(Cart::PRODUCTS).then(Product::CARTS);
/// let ann = session.query::<Customer>().with(path).one().await?;
/// let cart = session.at(ann).related(Customer::CARTS)?.next().unwrap();
/// let tea = cart.related(Cart::PRODUCTS)?.next().unwrap();
/// assert_eq!(tea.related(Product::CARTS)?.next().unwrap().handle(), cart.handle());
/// # Ok(()) }
/// ```
pub struct Path<M, T> {
    steps: Steps,
    ends: PhantomData<fn() -> (M, T)>,
}

impl<M: Model, T: Model> Path<M, T> {
    pub(in crate::query) const fn new(steps: Steps) -> Self {
        Self { steps, ends: PhantomData }
    }

    fn change(mut self, change: impl FnOnce(&mut Step)) -> Self {
        if let Some(last) = self.steps.0.last_mut() {
            change(last);
        }
        self
    }

    fn members(self, change: impl FnOnce(&mut Members)) -> Self {
        self.change(|step| change(&mut step.members))
    }

    fn by(self, strategy: Strategy) -> Self {
        self.change(|step| step.strategy = Some(strategy))
    }

    fn lay_out(self, columns: Result<Vec<usize>, String>, choice: Choice) -> Self {
        self.change(|step| {
            let layout = step.layout.take().unwrap_or_else(|| Ok(Layout::of(T::def())));
            step.layout = Some(layout.and_then(|layout| choice.of::<T>(&layout, columns)));
        })
    }
}

/// The same words for a relation and for the last relation of a path.
macro_rules! words {
    ($(
        $(#[$doc:meta])*
        $name:ident$(<$index:ident>)?($($arg:ident: $ty:ty),*) as $path:ident => $body:expr;
    )*) => {
        impl<M: Model, T: Model> Path<M, T> {
            /// Goes on from the objects at its end.
            pub fn then<U: Model>(mut self, next: impl IntoPath<T, Target = U>) -> Path<M, U> {
                self.steps.0.extend(next.into_steps().0);
                Path::new(self.steps)
            }

            $($(#[$doc])*
            pub fn $name$(<$index>)?(self, $($arg: $ty),*) -> Self {
                let $path = self;
                $body
            })*
        }

        impl<M: Model, T: Model, A> Relation<M, T, A> {
            fn path(self) -> Path<M, T> {
                Path::new(self.into_steps())
            }

            /// Goes on from the objects at its end: the path begins here.
            pub fn then<U: Model>(self, next: impl IntoPath<T, Target = U>) -> Path<M, U> {
                self.path().then(next)
            }

            $($(#[$doc])*
            pub fn $name$(<$index>)?(self, $($arg: $ty),*) -> Path<M, T> {
                self.path().$name($($arg),*)
            })*
        }
    };
}

words! {
    /// Loads the members that meet the condition; several must all be met. A collection that was loaded so
    /// [is in part](crate::mapper::HasMany::is_partial): the flush takes it for one that is not loaded.
    filter(filter: impl Filter<T>) as path => path.members(|members| members.filter.push(filter.into_predicate().expr));

    /// The order of the members, in place of that of the relation.
    order_by<I>(order: impl OrderBy<T, I>) as path => path.members(|members| order.push_to(&mut members.order));

    /// At most this many members of each owner.
    limit(members: u32) as path => path.members(|of_owner| of_owner.limit = Some(members.into()));

    /// Without the first members of each owner.
    offset(members: u32) as path => path.members(|of_owner| of_owner.offset = Some(members.into()));

    /// Asks again for members that are loaded already, as others may have changed them. They become what their rows say; unsaved
    /// changes of them are dropped.
    populate_existing() as path => path.members(|members| (members.again, members.replace) = (true, true));

    /// Loads hidden members, too: without the [criteria](macro@crate::Model) of models and of the session. What comes after in the path
    /// keeps its own.
    unrestricted() as path => path.members(|members| members.is_unrestricted = true);

    /// Loads by the keys of the owners, in one statement for all of them: what is done where nothing else is said.
    select_in() as path => path.by(Strategy::SelectIn);

    /// Loads in the statement of the owners, with a LEFT JOIN: one statement and one round trip. Owners come once for each of
    /// their members over the wire, so that this is for references and small collections. Where the owners are not asked for by a
    /// query, or not joined themselves, members are loaded as by [`select_in`](Self::select_in).
    joined() as path => path.by(Strategy::Joined { inner: false });

    /// [`joined`](Self::joined) with an inner JOIN: the query gives only objects that have such members, and shows just those.
    contains_eager() as path => path.by(Strategy::Joined { inner: true });

    /// Loads by the query of the owners in place of their keys, so that both leave together: one round trip for a path of any depth.
    /// The owners are looked for twice. Where the owners are not asked for by a query, members are loaded as by
    /// [`select_in`](Self::select_in).
    subquery() as path => path.by(Strategy::Subquery);

    /// Reads deferred columns of the members, too, whatever the strategy. Members that are loaded already get what they lack, in one
    /// statement.
    undefer(columns: impl DeferredColumns<T>) as path => path.lay_out(columns.positions(), Choice::Read);

    /// Reads the deferred columns of a group of the members, too.
    undefer_group(name: &'static str) as path => path.undefer(Group(name));

    /// Leaves columns of the members out that would be read.
    defer(columns: impl DeferredColumns<T>) as path => path.lay_out(columns.positions(), Choice::Leave);

    /// Reads of all columns of the members that can be left out these alone; what is no `Deferred` is read in any case.
    load_only(columns: impl DeferredColumns<T>) as path => path.lay_out(columns.positions(), Choice::Only);

    /// Does not load the relation, though its model says that queries load it (`#[has_many(load = "…")]`).
    raise() as path => path.by(Strategy::Raise);
}

impl<M, T> Clone for Path<M, T> {
    fn clone(&self) -> Self {
        Self { steps: self.steps.clone(), ends: PhantomData }
    }
}

impl<M, T> fmt::Debug for Path<M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.steps.fmt(f)
    }
}

/// One path that begins at model `M`: a relation of `M`, a [`Path`], or a [`Proxy`](crate::query::Proxy). [`Paths`] are one or more.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::query::IntoPath;
/// /// All objects of a model, with a relation of the caller's choice.
/// async fn all_with<M: Model>(session: &mut Session, path: impl IntoPath<M>) -> orm_core::Result<Vec<Handle<M>>> {
///     session.query::<M>().with(path).all().await
/// }
/// let mut session = engine.session();
/// assert!(all_with(&mut session, Customer::CARTS).await?.is_empty());
/// assert!(all_with(&mut session, Customer::CARTS.then(Cart::PRODUCTS)).await?.is_empty());
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not begin at `{M}`",
    label = "expected a relation of `{M}`, such as `{M}::RELATION` or `{M}::RELATION.then(…)`"
)]
pub trait IntoPath<M>: Paths<M, Ends = Vec<Handle<<Self as IntoPath<M>>::Target>>> {
    /// The model at its end.
    type Target: Model;
    /// The steps.
    fn into_steps(self) -> Steps;
}

impl<M: Model, T: Model, A> IntoPath<M> for Relation<M, T, A> {
    type Target = T;

    fn into_steps(self) -> Steps {
        Steps(vec![Step::new(self.index())])
    }
}

impl<M: Model, T: Model> IntoPath<M> for Path<M, T> {
    type Target = T;

    fn into_steps(self) -> Steps {
        self.steps
    }
}
