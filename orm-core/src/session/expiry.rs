//! What is stale, and reading it again.

use super::Session;
use super::load::Handles;
use crate::engine::TakeRows;
use crate::error::{Error, ErrorKind, Result};
use crate::load::{Batch, Known, by_keys, restricted};
use crate::mapper::{Handle, LinkKind, Model, Relation};
use crate::query::Step;
use crate::state::At;
use std::collections::{BTreeMap, HashSet};

/// Slots by store.
type Slots = BTreeMap<usize, Vec<u32>>;

impl Session {
    /// Makes an object stale and drops its unsaved changes; along relations with `cascade = "refresh-expire"` also what
    /// is loaded there.
    ///
    /// Reading never does I/O: `session[handle]` goes on showing the last known values. The next
    /// [`get`](Self::get), query or [`refresh`](Self::refresh) that meets the object takes the row of the database over.
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
    /// session[tea].price_cents = 1;
    /// session.expire(tea)?;
    /// assert_eq!(session[tea].price_cents, 390); // the unsaved change is gone
    /// assert!(session.is_expired(tea)?);
    /// session.get_one::<Product>(1).await?; // reads it again
    /// assert!(!session.is_expired(tea)?);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`NotPersistent`](ErrorKind::NotPersistent) for an object that is not in the database;
    /// [`Gone`](ErrorKind::Gone), [`ForeignHandle`](ErrorKind::ForeignHandle).
    pub fn expire<T: Model>(&mut self, of: impl Handles<T>) -> Result<()> {
        let slots = self.persistent(&of)?;
        for (store, slots) in self.spread_refresh(slots) {
            slots.into_iter().for_each(|slot| self.arena.stores[store].expire(slot));
        }
        Ok(())
    }

    /// Makes everything stale that the session has, and drops all unsaved changes of persistent objects. Those of
    /// relations go with them; new objects stay.
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
    /// session.expire_all();
    /// assert!(session.is_expired(tea)?);
    /// session.query::<Product>().all().await?; // one query renews all that it meets
    /// assert!(!session.is_expired(tea)?);
    /// # Ok(()) }
    /// ```
    pub fn expire_all(&mut self) {
        for store in &mut self.arena.stores {
            for slot in store.touched().to_vec() {
                if store.slot(slot).in_database() {
                    store.expire(slot);
                }
            }
            store.expire_all();
        }
    }

    /// Forgets what a collection of an object holds, with its unsaved changes; it counts as not loaded.
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
    /// session.expire_relation(ann, Customer::CARTS)?;
    /// assert!(!session[ann].carts.is_loaded());
    /// assert_eq!(session.load(ann, Customer::CARTS).await?.len(), 1);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`expire`](Self::expire).
    pub fn expire_relation<T: Model, U: Model, A>(
        &mut self,
        of: impl Handles<T>,
        relation: Relation<T, U, A>,
    ) -> Result<()> {
        let (store, slots) = self.persistent(&of)?;
        let mapper = self.arena.stores[store].mapper;
        if matches!(mapper.relations[relation.index()].kind, LinkKind::ToOne { .. }) {
            return Ok(());
        }
        let access = mapper.def.relations[relation.index()].access;
        for slot in slots {
            let slot = self.arena.stores[store].slot_mut(slot);
            for object in slot.object.as_deref_mut().into_iter().chain(slot.original.as_deref_mut()) {
                access.detach(object.as_any_mut());
            }
        }
        Ok(())
    }

    /// Whether the database may have other values by now: the object was expired, by
    /// [`expire`](Self::expire), by a commit with `expire_on_commit`, or by a rollback after it was read in the middle of
    /// the transaction.
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
    /// assert!(!session.is_expired(tea)?);
    /// session.commit().await?;
    /// session.expire(tea)?;
    /// assert!(session.is_expired(tea)?);
    /// session.refresh(tea).await?;
    /// assert!(!session.is_expired(tea)?);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Gone`](ErrorKind::Gone), [`ForeignHandle`](ErrorKind::ForeignHandle).
    pub fn is_expired<T: Model>(&self, handle: Handle<T>) -> Result<bool> {
        let at = self.arena.locate(handle)?;
        Ok(self.arena.slot(at).in_database() && self.arena.stores[at.store].is_expired(at.slot))
    }

    /// Reads objects again, in one round trip for any number: columns, and the collections that were loaded. Unsaved
    /// changes of theirs are dropped; those of other objects are flushed first, as before every query. Along relations with
    /// `cascade = "refresh-expire"` what is loaded there is read again, too.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let teas = session.add_all(["T-1", "T-2"].map(|sku| Product::builder().sku(sku).title("Tea").price_cents(390)));
    /// session.commit().await?;
    /// engine.execute_script("UPDATE product SET price_cents = 420").await?;
    /// session.refresh(&teas).await?;
    /// assert_eq!(session[teas[1]].price_cents, 420);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`StaleData`](ErrorKind::StaleData) that names what is not in the database any more: the others are read;
    /// [`NotPersistent`](ErrorKind::NotPersistent) for an object that never was; the server's.
    pub async fn refresh<T: Model>(&mut self, of: impl Handles<T>) -> Result<()> {
        self.usable()?;
        let roots = self.persistent(&of)?;
        let slots = self.spread_refresh(roots.clone());
        let loaded = self.loaded_collections(&slots);
        for (store, slots) in &slots {
            slots.iter().for_each(|slot| self.arena.stores[*store].expire(*slot));
        }
        self.flush_before_query().await?;
        // A listener of the flush may have taken some of them out.
        let (roots, slots) =
            (self.still_there(roots), slots.into_iter().map(|own| self.still_there(own)).collect());
        let read = self.read_again(&slots, &loaded).await;
        self.tell_notes();
        read?;
        self.found_all(&roots, &slots)
    }

    /// The slots of objects that are in the database.
    fn persistent<T: Model>(&mut self, of: &impl Handles<T>) -> Result<(usize, Vec<u32>)> {
        let store = self.arena.store_for::<T>()?;
        let mut slots = Vec::with_capacity(of.handles().len());
        for handle in of.handles() {
            let at = self.arena.locate(*handle)?;
            if !self.arena.slot(at).in_database() {
                let why = format!("{handle:?} is not in the database yet: flush it first");
                return Err(Error::new(ErrorKind::NotPersistent, why).with_model(T::def().name));
            }
            slots.push(at.slot);
        }
        Ok((store, slots))
    }

    fn still_there(&self, (store, slots): (usize, Vec<u32>)) -> (usize, Vec<u32>) {
        let is_there = |slot: &u32| self.arena.slot(At { store, slot: *slot }).object.is_some();
        (store, slots.into_iter().filter(is_there).collect())
    }

    /// What is refreshed or expired together with some objects.
    fn spread_refresh(&self, (store, slots): (usize, Vec<u32>)) -> Slots {
        let arena = &self.arena;
        let mut seen: HashSet<At> = slots.iter().map(|slot| At { store, slot: *slot }).collect();
        let mut work: Vec<At> = slots.iter().map(|slot| At { store, slot: *slot }).collect();
        let mut found: Slots = BTreeMap::from([(store, slots)]);
        while let Some(at) = work.pop() {
            let relations = arena.stores[at.store].mapper.def.relations;
            for (relation, _) in relations.iter().enumerate().filter(|(_, r)| r.cascade.refresh_expire) {
                for member in super::entity::related_slots(self, at, relation).unwrap_or_default() {
                    if arena.slot(member).in_database() && seen.insert(member) {
                        found.entry(member.store).or_default().push(member.slot);
                        work.push(member);
                    }
                }
            }
        }
        found
    }

    /// The collections that some objects have loaded: store, relation and owners.
    fn loaded_collections(&self, slots: &Slots) -> Vec<(usize, usize, Vec<u32>)> {
        let mut found = Vec::new();
        for (store, slots) in slots {
            let mapper = self.arena.stores[*store].mapper;
            for (relation, link) in mapper.relations.iter().enumerate() {
                if matches!(link.kind, LinkKind::ToOne { .. }) {
                    continue;
                }
                let access = mapper.def.relations[relation].access;
                let all = restricted(&self.arena, *store, Step::new(relation)).members.fingerprint();
                let is_loaded = |slot: &u32| {
                    let object = self.arena.stores[*store].slot(*slot).get();
                    let links = access.links(object.as_any());
                    links.loaded.is_some() || links.known(all).is_some()
                };
                let owners: Vec<u32> = slots.iter().copied().filter(is_loaded).collect();
                if !owners.is_empty() {
                    found.push((*store, relation, owners));
                }
            }
        }
        found
    }

    /// Reads the rows of some objects and some collections, in one flight.
    async fn read_again(&mut self, slots: &Slots, loaded: &[(usize, usize, Vec<u32>)]) -> Result<()> {
        let (mut statements, mut rows) = (Vec::new(), Vec::new());
        for (at, slots) in slots {
            let store = &self.arena.stores[*at];
            let objects: Vec<_> = slots.iter().map(|slot| store.slot(*slot).stored()).collect();
            let (statement, of_store) = by_keys(&self.arena, *at, &objects)?;
            statements.push(statement);
            rows.push((*at, of_store));
        }
        let mut batch = Batch::default();
        for (store, relation, owners) in loaded {
            let step = restricted(&self.arena, *store, Step::again(*relation));
            batch.add(&mut self.arena, *store, &step, owners)?;
        }
        statements.append(&mut batch.statements);
        let takers = rows.iter_mut().map(|(_, rows)| rows as &mut dyn TakeRows);
        self.read_into(statements, &mut takers.chain(batch.takers()).collect::<Vec<_>>()).await?;
        for (store, rows) in rows {
            rows.load(&mut self.arena, store, Known::Keep)?;
        }
        batch.attach(&mut self.arena)
    }

    /// Whether every object was found again that was asked for; members that are gone are deleted.
    fn found_all(&mut self, (root, roots): &(usize, Vec<u32>), slots: &Slots) -> Result<()> {
        let mut missing = Vec::new();
        let undone = self.in_transaction();
        for (at, slots) in slots {
            let may_hide = self.may_hide(*at);
            let store = &mut self.arena.stores[*at];
            for slot in slots {
                match store.is_expired(*slot) {
                    true if at == root && roots.contains(slot) => {
                        missing.push(store.name_of(store.slot(*slot).stored()));
                    }
                    // A row that is hidden is not gone.
                    true if may_hide => {}
                    true => store.lose(*slot, undone)?,
                    false => {}
                }
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let hidden = if self.may_hide(*root) { ", or hidden by criteria" } else { "" };
        let why = format!("not in the database any more{hidden}: {}", missing.join(", "));
        Err(Error::new(ErrorKind::StaleData, why).with_model(self.arena.stores[*root].mapper.def.name))
    }
}
