//! Taking a graph of owned values over.

use super::Session;
use crate::engine::TakeRows;
use crate::error::Result;
use crate::flush::{adopt, own_collections, shown_key, stale_rows};
use crate::load::{Batch, Known, by_keys, restricted, to_one_target};
use crate::mapper::{Handle, IntoModel, Link, LinkKind, Mapper, Object, Reference, RelationAccess, SlotSet};
use crate::query::Step;
use crate::state::At;
use crate::types::{ColumnValue, KeyBytes};
use std::collections::{BTreeMap, HashMap, HashSet};

/// One object of the given graph, without those inside of it.
struct Given {
    store: usize,
    /// Taken out when it is added as it is.
    object: Option<Box<dyn Object>>,
    /// What stood inside of it: relation and position.
    inside: Vec<(usize, usize)>,
    /// The object of the session that takes it over.
    slot: u32,
    /// Whether the session, or the database, had it before.
    is_known: bool,
}

impl Session {
    /// Takes an owned graph over, by primary keys: what the session or the database has becomes as given, what they do
    /// not have is added. The way back of [`expunge`](Self::expunge), and the way for objects that come from outside,
    /// such as a form.
    ///
    /// Values inside of relations with `cascade = "merge"` (the default has it) are merged, too, and then the
    /// members given *are* the collection: others leave it. A collection without any says nothing. Columns that are
    /// not set, such as an `Auto` of a new object, keep what is there.
    ///
    /// One round trip for the rows of the whole graph, and one more when collections have to be known.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    /// session.commit().await?;
    ///
    /// let mut session = engine.session();
    /// let given = Product::builder().id(1).sku("T-1").title("Green tea").price_cents(390);
    /// let tea = session.merge(given).await?;
    /// assert_eq!(session.history(tea)?.changes()[0].to_string(), r#"title: "Tea" → "Green tea""#);
    /// let new = session.merge(Product::builder().sku("C-1").title("Coffee").price_cents(890)).await?;
    /// session.commit().await?; // one UPDATE of one column, one INSERT
    /// # assert!(session[new].id.is_set());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The server's; [`NeedsRollback`](crate::ErrorKind::NeedsRollback); [`StaleData`](crate::ErrorKind::StaleData) when a value
    /// has another [version](macro@crate::Model) than its row.
    pub async fn merge<N: IntoModel>(&mut self, object: N) -> Result<Handle<N::Model>> {
        let mut merged = self.merge_all([object]).await?;
        Ok(merged.pop().expect("one handle an object"))
    }

    /// [`merge`](Self::merge) of many, in as many round trips as of one.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let teas = ["T-1", "T-2"].map(|sku| Product::builder().sku(sku).title("Tea").price_cents(390));
    /// assert_eq!(session.merge_all(teas).await?.len(), 2);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`merge`](Self::merge).
    pub async fn merge_all<N: IntoModel>(
        &mut self,
        objects: impl IntoIterator<Item = N>,
    ) -> Result<Vec<Handle<N::Model>>> {
        self.flush_before_query().await?;
        let store = self.arena.store_for::<N::Model>()?;
        let roots = objects.into_iter().map(|object| Box::new(object.into_model()) as Box<dyn Object>);
        let (mut given, roots) = self.take_apart(store, roots.collect())?;
        let found = self.find_rows(&given).await;
        self.tell_notes();
        found?;
        self.find_known(&mut given)?;
        self.load_collections(&given).await?;
        // Everything is read: what follows cannot be dropped half-way.
        self.take_over(&mut given)?;
        (0..given.len()).for_each(|index| self.put_inside(&given, index));
        for one in &given {
            adopt(&mut self.arena, At { store: one.store, slot: one.slot })?;
        }
        self.tell_notes();
        let id = self.id();
        Ok(given[..roots].iter().map(|one| Handle::new(id, one.slot)).collect())
    }

    /// The objects of the graph one by one, the roots first; and how many those are.
    fn take_apart(&mut self, store: usize, roots: Vec<Box<dyn Object>>) -> Result<(Vec<Given>, usize)> {
        let one = |store, object| Given {
            store,
            object: Some(object),
            inside: Vec::new(),
            slot: 0,
            is_known: false,
        };
        let mut given: Vec<Given> = roots.into_iter().map(|object| one(store, object)).collect();
        let (roots, mut next) = (given.len(), 0);
        while next < given.len() {
            let store = given[next].store;
            let mapper = self.arena.stores[store].mapper;
            for (relation, link) in mapper.relations.iter().enumerate() {
                let def = &mapper.def.relations[relation];
                let Some(object) = given[next].object.as_deref_mut().map(Object::as_any_mut) else {
                    continue;
                };
                if def.cascade.merge && def.access.has_new(object) {
                    let target = self.arena.neighbour(store, link.target)?;
                    for value in def.access.take_new(object) {
                        let member = given.len();
                        given[next].inside.push((relation, member));
                        given.push(one(target, value));
                    }
                }
                if let Some(object) = &mut given[next].object {
                    forget_strangers(def.access, link, object.as_mut(), self.arena.session());
                }
            }
            next += 1;
        }
        Ok((given, roots))
    }

    /// Reads the rows that the session does not have, or not as they are by now.
    async fn find_rows(&mut self, given: &[Given]) -> Result<()> {
        let mut asked: BTreeMap<usize, Vec<&dyn Object>> = BTreeMap::new();
        let mut seen = HashSet::new();
        for one in given {
            let store = &self.arena.stores[one.store];
            let Some(object) = one.object.as_deref() else { continue };
            let Some(key) = store.key_bytes(object)? else { continue };
            if store.find(&key).is_none_or(|slot| store.is_expired(slot)) && seen.insert((one.store, key)) {
                asked.entry(one.store).or_default().push(object);
            }
        }
        let (mut statements, mut rows) = (Vec::new(), Vec::new());
        for (store, objects) in asked {
            let (statement, of_store) = by_keys(&self.arena, store, &objects)?;
            statements.push(statement);
            rows.push((store, of_store));
        }
        let mut takers: Vec<&mut dyn TakeRows> = rows.iter_mut().map(|(_, rows)| rows as _).collect();
        self.read_into(statements, &mut takers).await?;
        for (store, rows) in rows {
            rows.load(&mut self.arena, store, Known::Keep)?;
        }
        Ok(())
    }

    /// Finds the objects that the session has, by now, for the given ones.
    fn find_known(&mut self, given: &mut [Given]) -> Result<()> {
        for one in given {
            let (store, Some(object)) = (&self.arena.stores[one.store], one.object.as_deref()) else {
                continue;
            };
            if let Some(slot) = store.key_bytes(object)?.and_then(|key| store.find(&key)) {
                (one.slot, one.is_known) = (slot, true);
                same_version(store.mapper, store.slot(slot).get(), object)?;
            }
        }
        Ok(())
    }

    /// Has the objects of the session become as given, and adds those that are new.
    fn take_over(&mut self, given: &mut [Given]) -> Result<()> {
        // The same key may come twice in the graph.
        let mut new: HashMap<(usize, KeyBytes), u32> = HashMap::new();
        for one in given {
            let Some(object) = one.object.take() else { continue };
            let store = &mut self.arena.stores[one.store];
            let key = store.key_bytes(object.as_ref())?;
            let twin = || new.get(&(one.store, key.clone()?)).copied();
            if let Some(slot) = one.is_known.then_some(one.slot).or_else(twin) {
                (one.slot, one.is_known) = (slot, true);
                copy_columns(store.mapper, store.write(slot), object.as_ref());
                continue;
            }
            one.slot = store.add(object);
            own_collections(&mut self.arena, At { store: one.store, slot: one.slot });
            new.extend(key.map(|key| ((one.store, key), one.slot)));
        }
        Ok(())
    }

    /// Loads the collections that the given members replace.
    async fn load_collections(&mut self, given: &[Given]) -> Result<()> {
        let mut owners: BTreeMap<(usize, usize), Vec<u32>> = BTreeMap::new();
        for one in given.iter().filter(|one| one.is_known) {
            let mapper = self.arena.stores[one.store].mapper;
            let mut relations: Vec<usize> = one.inside.iter().map(|(relation, _)| *relation).collect();
            relations.dedup();
            for relation in relations {
                let is_many = !matches!(mapper.relations[relation].kind, LinkKind::ToOne { .. });
                let access = mapper.def.relations[relation].access;
                let object = self.arena.object(At { store: one.store, slot: one.slot }).as_any();
                let part = self.part_seen(one.store, relation);
                if is_many && access.links(object).known(part).is_none() {
                    owners.entry((one.store, relation)).or_default().push(one.slot);
                }
            }
        }
        let mut batch = Batch::default();
        for ((store, relation), owners) in owners {
            let step = restricted(&self.arena, store, Step::new(relation));
            batch.add(&mut self.arena, store, &step, &owners)?;
        }
        let statements = std::mem::take(&mut batch.statements);
        self.read_into(statements, &mut batch.takers().collect::<Vec<_>>()).await?;
        batch.attach(&mut self.arena)
    }

    /// Which part of a relation's members the session sees; `None` for all of them.
    fn part_seen(&self, store: usize, relation: usize) -> Option<u64> {
        restricted(&self.arena, store, Step::new(relation)).members.fingerprint()
    }

    /// Puts what stood inside of a given object into the one that took it over.
    fn put_inside(&mut self, given: &[Given], index: usize) {
        let (one, session) = (&given[index], self.id());
        let mapper = self.arena.stores[one.store].mapper;
        let mut relations: BTreeMap<usize, SlotSet> = BTreeMap::new();
        for (relation, member) in &one.inside {
            relations.entry(*relation).or_default().insert(given[*member].slot);
        }
        for (relation, members) in relations {
            let access = mapper.def.relations[relation].access;
            // Those that are hidden stay where they are.
            let part = self.part_seen(one.store, relation);
            let object = self.arena.stores[one.store].write(one.slot).as_any_mut();
            let mut known = SlotSet::default();
            if !matches!(mapper.relations[relation].kind, LinkKind::ToOne { .. }) {
                known = access.links(object).known(part).cloned().unwrap_or_default();
            }
            for gone in known.as_slice().iter().filter(|slot| one.is_known && !members.contains(**slot)) {
                access.remove_slot(object, session, *gone);
            }
            let (kept, new): (Vec<u32>, Vec<u32>) =
                members.as_slice().iter().partition(|slot| known.contains(**slot));
            new.into_iter().for_each(|member| access.put_slot(object, session, member));
            self.keep_members(At { store: one.store, slot: one.slot }, relation, &kept);
        }
    }

    /// Has the members that stay in a collection point to its owner, also where the given one left that open.
    fn keep_members(&mut self, owner: At, relation: usize, kept: &[u32]) {
        let session = self.id();
        let link = &self.arena.stores[owner.store].mapper.relations[relation];
        let LinkKind::ToMany { foreign_key } = link.kind else { return };
        let Some(store) = self.arena.known_neighbour(owner.store, link.target) else { return };
        let access = self.arena.stores[store].mapper.def.relations[foreign_key].access;
        for slot in kept.iter().copied() {
            if to_one_target(&self.arena, At { store, slot }, foreign_key) != Some(owner) {
                access.put_slot(self.arena.stores[store].write(slot).as_any_mut(), session, owner.slot);
            }
        }
    }
}

/// Forgets slots of other sessions, in an object that was copied from one.
fn forget_strangers(access: &dyn RelationAccess, link: &Link, object: &mut dyn Object, session: u64) {
    let object = object.as_any_mut();
    let other = match link.kind {
        LinkKind::ToOne { .. } => match access.reference(object) {
            Reference::Slot { session, .. } => session,
            _ => return,
        },
        LinkKind::ToMany { .. } | LinkKind::ManyToMany(_) | LinkKind::View(_) => access.links(object).session,
    };
    if other != 0 && other != session {
        let new = access.take_new(object);
        access.detach(object);
        access.put_new(object, new);
    }
}

/// Whether a given object is of the version that is there.
///
/// # Errors
/// [`StaleData`](crate::ErrorKind::StaleData) when the row has another version than what is given.
fn same_version(mapper: &Mapper, object: &dyn Object, given: &dyn Object) -> Result<()> {
    for (column, _) in mapper.def.columns.iter().enumerate().filter(|(_, def)| def.version.is_some()) {
        let value = given.column(column);
        if matches!(value, ColumnValue::Value(_)) && !value.same_as(&object.column(column)) {
            return Err(stale_rows(mapper, &shown_key(mapper, object)));
        }
    }
    Ok(())
}

/// Copies the columns that are set, but for the key and what the program does not give.
fn copy_columns(mapper: &Mapper, object: &mut dyn Object, given: &dyn Object) {
    for (column, def) in object.def().columns.iter().enumerate() {
        let value = given.column(column);
        let is_given = def.is_given() && def.version.is_none() && !def.primary_key;
        if is_given && !matches!(value, ColumnValue::Unset) && !object.column(column).same_as(&value) {
            object.copy_column(column, given);
        }
    }
    mapper.renew_shared(object, given);
}
