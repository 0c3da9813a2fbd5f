//! Loading relations of objects that the session has.

use super::Session;
use crate::error::Result;
use crate::load::{Batch, Fetch, Lacking, complete, members_of, restrict};
use crate::mapper::{Handle, Model};
use crate::query::{Node, Paths, Step, Steps, Tree};
use crate::state::At;
use std::collections::HashSet;

/// One handle or many: what [`Session::load`] accepts.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # session.add(Customer::builder().name("Ann").email("ann@example.org").carts([Cart::builder(), Cart::builder()]));
/// # session.commit().await?;
/// let mut session = engine.session();
/// let carts = session.query::<Cart>().all().await?;
/// let of_one = session.load(carts[0], Cart::CUSTOMER).await?;
/// let of_some = session.load(&carts[..1], Cart::CUSTOMER).await?;
/// let of_all = session.load(&carts, Cart::CUSTOMER).await?;
/// assert!(of_one == of_some && of_some == of_all && of_all.len() == 1);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no handle of an object of a session",
    label = "expected a `Handle`, as `session.add` and `session.get` give it, or a list of handles"
)]
pub trait Handles<T> {
    /// The handles.
    fn handles(&self) -> &[Handle<T>];

    /// Whether [`Session::load`] loads for the objects as well that came with one of these: so for one handle, and not for a list.
    fn with_siblings(&self) -> bool {
        false
    }
}

impl<T> Handles<T> for Handle<T> {
    fn handles(&self) -> &[Handle<T>] {
        std::slice::from_ref(self)
    }

    fn with_siblings(&self) -> bool {
        true
    }
}

impl<T, const N: usize> Handles<T> for [Handle<T>; N] {
    fn handles(&self) -> &[Handle<T>] {
        self
    }
}

impl<T> Handles<T> for &[Handle<T>] {
    fn handles(&self) -> &[Handle<T>] {
        self
    }
}

impl<T, const N: usize> Handles<T> for &[Handle<T>; N] {
    fn handles(&self) -> &[Handle<T>] {
        *self
    }
}

impl<T> Handles<T> for Vec<Handle<T>> {
    fn handles(&self) -> &[Handle<T>] {
        self
    }
}

impl<T> Handles<T> for &Vec<Handle<T>> {
    fn handles(&self) -> &[Handle<T>] {
        self
    }
}

/// Relations that are to be loaded of objects of one model.
struct Work {
    store: usize,
    slots: Vec<u32>,
    tree: Tree,
    /// The deferred columns that the objects are to have.
    columns: Vec<usize>,
    /// Who missed each of them.
    missed: Vec<Vec<u32>>,
    /// Whether the objects came just now, so that it is time for what their model says of loading.
    is_new: bool,
}

impl Work {
    const fn new(store: usize, slots: Vec<u32>, tree: Tree) -> Self {
        Self { store, slots, tree, columns: Vec::new(), missed: Vec::new(), is_new: true }
    }
}

impl Session {
    /// Loads a relation, a path of them, or a tuple of paths, of one object or many; gives the objects at the end, each once. Of a tuple
    /// it is a tuple of those.
    ///
    /// What is loaded already is not asked for again. **Of one handle, it loads for all objects that came with it**: the first call in a
    /// loop over the objects of a query asks once for all of them, and the others ask nothing. Of a list it loads for just the objects
    /// in it, so that `session.load([ann], …)` is about Ann alone. Objects come together with one result: of a query, a page, text, or
    /// what was loaded; those that were added, or that came one by one from `get`, are alone: load a list of them.
    ///
    /// One statement and one round trip a relation, however many objects. What changed is flushed first when something is asked; under
    /// [`no_autoflush`](Self::no_autoflush) unsaved changes of a collection stay.
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
    /// # let carts = || [Cart::builder().products([tea]), Cart::builder().products([tea])];
    /// # session.add(Customer::builder().name("Ann").email("ann@example.org").carts(carts()));
    /// # session.add(Customer::builder().name("Bea").email("bea@example.org").carts(carts()));
    /// # session.commit().await?;
    /// let mut session = engine.session();
    /// let customers = session.query::<Customer>().all().await?;
    /// let before = engine.statistics().statements;
    /// for customer in &customers {
    ///     let carts = session.load(*customer, Customer::CARTS).await?; // the first call asks for the carts of all customers
    ///     assert_eq!(carts.len(), 2);
    /// }
    /// assert_eq!(engine.statistics().statements, before + 1);
    /// let products = session.load(&customers, Customer::CARTS.then(Cart::PRODUCTS)).await?;
    /// assert_eq!(products.len(), 1); // each once
    /// let (carts, all) = session.load(&customers, (Customer::CARTS, Customer::CARTS.then(Cart::PRODUCTS))).await?;
    /// assert!(carts.len() == 4 && all == products);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The server's; [`Gone`](crate::ErrorKind::Gone), [`ForeignHandle`](crate::ErrorKind::ForeignHandle);
    /// [`NeedsRollback`](crate::ErrorKind::NeedsRollback).
    pub async fn load<T: Model, P: Paths<T>>(&mut self, of: impl Handles<T>, paths: P) -> Result<P::Ends> {
        self.usable()?;
        let store = self.arena.store_for::<T>()?;
        let located = of.handles().iter().map(|handle| Ok(self.arena.locate(*handle)?.slot));
        let slots: Vec<u32> = located.collect::<Result<_>>()?;
        let mut all = Vec::new();
        paths.push_to(&mut all);
        let tree = self.tree_of(store, &all, false)?;
        let work = Work { is_new: false, ..Work::new(store, slots.clone(), tree) };
        self.load_tree(vec![work], of.with_siblings()).await?;
        Ok(P::ends(self.id(), &mut all.iter().map(|steps| self.end_of(store, &slots, steps))))
    }

    /// The objects at the end of a path.
    fn end_of(&self, mut store: usize, slots: &[u32], steps: &Steps) -> Vec<u32> {
        let mut found = slots.to_vec();
        for step in &steps.0 {
            let members = members_of(&self.arena, store, step.relation, &found);
            store = members.first().map_or(store, |first| first.store);
            found = members.into_iter().map(|at| at.slot).collect();
        }
        found
    }

    /// Paths that begin at a store, with what members have to meet to be seen.
    ///
    /// # Errors
    /// As [`Tree::check`].
    pub(super) fn tree_of(&self, store: usize, paths: &[Steps], by_query: bool) -> Result<Tree> {
        let mut tree = Tree::of(paths);
        tree.check(self.arena.stores[store].registry, self.arena.stores[store].mapper, by_query)?;
        restrict(&self.arena, store, &mut tree);
        Ok(tree)
    }

    /// Loads what a tree says of some objects.
    pub(super) async fn load_with(&mut self, store: usize, slots: Vec<u32>, tree: Tree) -> Result<()> {
        self.load_tree(vec![Work::new(store, slots, tree)], false).await
    }

    /// Loads level by level: one flight a level.
    async fn load_tree(&mut self, mut level: Vec<Work>, siblings: bool) -> Result<()> {
        while !level.is_empty() {
            for Work { store, tree, .. } in level.iter_mut().filter(|work| work.is_new) {
                complete(&self.arena, *store, tree);
            }
            let mut batch = self.batch(&mut level, siblings)?;
            if !batch.statements.is_empty() && self.wants_flush() {
                self.flush_before_query().await?;
                // A listener of the flush may have taken some of them out.
                for Work { store, slots, .. } in &mut level {
                    slots.retain(|slot| self.arena.slot(At { store: *store, slot: *slot }).object.is_some());
                }
                batch = self.batch(&mut level, siblings)?;
            }
            self.read_batch(batch).await?;
            level = level.into_iter().flat_map(|work| self.next_level(work)).collect();
        }
        Ok(())
    }

    /// What the objects of a level miss. Where one of them misses something, it is loaded of its siblings as well.
    fn batch(&mut self, level: &mut [Work], siblings: bool) -> Result<Batch> {
        let mut batch = Batch::default();
        for Work { store, slots, tree, columns, missed, .. } in level {
            missed.clear();
            if let Some(lacking) = Lacking::of(&self.arena, *store, slots, columns, siblings)? {
                batch.add_columns(lacking);
            }
            for node in &tree.0 {
                if !node.is_asked() {
                    missed.push(Vec::new());
                    continue;
                }
                let step = &node.step;
                let mut fetch = Fetch::new(&mut self.arena, *store, step, slots)?;
                if siblings && !step.members.again && !fetch.missing().is_empty() {
                    let known: HashSet<u32> = slots.iter().copied().collect();
                    let others = self.arena.stores[*store].siblings(fetch.missing()).into_iter();
                    slots.extend(others.filter(|slot| !known.contains(slot)));
                    fetch = Fetch::new(&mut self.arena, *store, step, slots)?;
                }
                missed.push(batch.add_fetch(&self.arena, step, fetch)?);
            }
        }
        Ok(batch)
    }

    async fn read_batch(&mut self, mut batch: Batch) -> Result<()> {
        let statements = std::mem::take(&mut batch.statements);
        self.read_into(statements, &mut batch.takers().collect::<Vec<_>>()).await?;
        let attached = batch.attach(&mut self.arena);
        self.tell_notes();
        attached
    }

    /// What is to be loaded of the members. Of a relation that no path names, of those alone that came now: so it ends.
    fn next_level(&self, Work { store, slots, tree, missed, .. }: Work) -> impl Iterator<Item = Work> {
        tree.0.into_iter().zip(missed).filter_map(move |(node, missed)| {
            let Node { step, then, is_brought, is_usual, .. } = node;
            let owners = if is_usual && !is_brought { &missed } else { &slots };
            let target = self
                .arena
                .known_neighbour(store, self.arena.stores[store].mapper.relations[step.relation].target)?;
            let mapper = self.arena.stores[target].mapper;
            let columns = step.wanted(mapper);
            if then.0.is_empty() && columns.is_empty() && !mapper.loads_by_itself() {
                return None;
            }
            let members = members_of(&self.arena, store, step.relation, owners);
            let slots: Vec<u32> = members.iter().map(|at| at.slot).collect();
            (!slots.is_empty()).then(|| Work { columns, ..Work::new(target, slots, then) })
        })
    }

    /// Loads all members of some owners, hidden or not: what a flush has to know. What they show stays shown.
    pub(super) async fn load_relation(
        &mut self,
        store: usize,
        relation: usize,
        owners: &[u32],
    ) -> Result<()> {
        let fetch = Fetch::of_all(&mut self.arena, store, relation, owners)?;
        let mut batch = Batch::default();
        batch.add_fetch(&self.arena, &Step::new(relation), fetch)?;
        self.read_batch(batch).await
    }
}
