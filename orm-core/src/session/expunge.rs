//! Taking objects out of the session, and ending it.

use super::Session;
use super::entity::related_slots;
use crate::error::Result;
use crate::load::to_one_target;
use crate::mapper::{Handle, LinkKind, Model, Object};
use crate::state::At;
use std::collections::HashSet;

/// A member that leaves with its owner: positions of both, and the relation.
type Step = (usize, usize, usize);

impl Session {
    /// Takes an object out of the session and gives it back as an owned value; its row stays as it is.
    ///
    /// Along relations with `cascade = "expunge"` what is loaded there leaves, too, and stands as values inside of the
    /// object, as in one that was never in a session. [`merge`](Self::merge) is the way back.
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
    /// let mut customer: Customer = session.expunge(ann)?; // `carts` has `cascade = "all, delete-orphan"`
    /// assert_eq!(customer.carts.values().count(), 1);
    /// assert!(session.try_get(ann).is_err());
    ///
    /// customer.name.push('a');
    /// let mut other = engine.session();
    /// let ann = other.merge(customer).await?;
    /// other.commit().await?; // UPDATE "customer" SET "name" = …
    /// # assert_eq!(other[ann].name, "Anna");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Gone`](crate::ErrorKind::Gone), [`ForeignHandle`](crate::ErrorKind::ForeignHandle).
    pub fn expunge<T: Model>(&mut self, handle: Handle<T>) -> Result<T> {
        let at = self.arena.locate(handle)?;
        let object = self.take_graph(at)?;
        self.tell_notes();
        Ok(*object.into_any().downcast().expect("the store holds objects of one model"))
    }

    /// Takes everything out of the session, and drops what was not flushed. Handles end; an open transaction stays
    /// open.
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
    /// session.expunge_all();
    /// assert_eq!(session.try_get(ann).unwrap_err().kind(), orm_core::ErrorKind::Gone);
    /// session.commit().await?; // nothing is left to write
    /// assert_eq!(engine.count(select::<Customer>()).await?, 0);
    /// # Ok(()) }
    /// ```
    pub fn expunge_all(&mut self) {
        self.arena.leave_all();
        self.tell_notes();
        self.arena.clear();
    }

    /// Rolls back, and takes everything out: the session is as if it were new.
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
    /// session.flush().await?;
    /// session.reset().await?;
    /// assert!(!session.in_transaction() && session.is_empty());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`rollback`](Self::rollback).
    pub async fn reset(&mut self) -> Result<()> {
        let done = self.rollback().await;
        self.expunge_all();
        // Nothing is left that a rollback could still put right.
        (self.failed, self.commit_in_doubt) = (self.connection.is_some() || self.prepared.is_some(), false);
        done
    }

    /// Ends the session: rolls back and gives the connection back to the pool. Dropping a session does the same, but
    /// its connection is closed when a transaction is open.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// session.begin().await?;
    /// session.close().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`rollback`](Self::rollback).
    pub async fn close(mut self) -> Result<()> {
        self.reset().await
    }

    /// Takes an object out with everything that leaves with it.
    fn take_graph(&mut self, root: At) -> Result<Box<dyn Object>> {
        let (members, steps) = self.leaving(root);
        members.iter().for_each(|at| self.forget_member(*at));
        let mut taken = Vec::with_capacity(members.len());
        for at in members {
            let mut object = self.arena.take_out(at)?.expect("the handle was located");
            for relation in object.def().relations {
                relation.access.detach(object.as_any_mut());
            }
            taken.push(Some(object));
        }
        // The last found are the farthest from the root: each is whole when its owner takes it.
        for (owner, relation, member) in steps.into_iter().rev() {
            let member = taken[member].take().expect("every member has one owner");
            let owner = taken[owner].as_deref_mut().expect("owners come before their members");
            let access = owner.def().relations[relation].access;
            access.put_new(owner.as_any_mut(), vec![member]);
        }
        Ok(taken[0].take().expect("the root is nobody's member"))
    }

    /// Collections that show an object which leaves are not loaded any more: its row is still theirs.
    fn forget_member(&mut self, at: At) {
        let mapper = self.arena.stores[at.store].mapper;
        for other in self.arena.stores[at.store].registry.mappers() {
            let Some(store) = self.arena.known_neighbour(at.store, other.index) else { continue };
            for (relation, link) in
                other.relations.iter().enumerate().filter(|(_, l)| l.target == mapper.index)
            {
                let owners: Vec<u32> = match (&link.kind, link.inverse) {
                    (LinkKind::ToOne { .. }, _) => continue,
                    (LinkKind::ToMany { foreign_key }, _) => {
                        let owner = to_one_target(&self.arena, at, *foreign_key);
                        owner.into_iter().map(|owner| owner.slot).collect()
                    }
                    (LinkKind::ManyToMany(_) | LinkKind::View(_), inverse) => {
                        let known = inverse.and_then(|inverse| related_slots(self, at, inverse).ok());
                        let all = || (0..).take(self.arena.stores[store].slots.len()).collect();
                        known.map_or_else(all, |known| known.iter().map(|owner| owner.slot).collect())
                    }
                };
                let access = other.def.relations[relation].access;
                owners
                    .into_iter()
                    .for_each(|owner| self.arena.stores[store].forget_member(owner, access, at.slot));
            }
        }
    }

    /// What leaves with an object, and in which relation each of it stands.
    fn leaving(&self, root: At) -> (Vec<At>, Vec<Step>) {
        let (mut found, mut seen) = (vec![root], HashSet::from([root]));
        let (mut steps, mut next) = (Vec::new(), 0);
        while let Some(at) = found.get(next).copied() {
            let relations = self.arena.stores[at.store].mapper.def.relations;
            for (relation, _) in relations.iter().enumerate().filter(|(_, r)| r.cascade.expunge) {
                for member in related_slots(self, at, relation).unwrap_or_default() {
                    if seen.insert(member) {
                        steps.push((next, relation, found.len()));
                        found.push(member);
                    }
                }
            }
            next += 1;
        }
        (found, steps)
    }
}
