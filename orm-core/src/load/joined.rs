//! Members that come in the statement of their owners.

use super::Known;
use super::by_slot::BySlot;
use super::complete;
use super::fetch::Fetch;
use super::rows::ObjectRows;
use super::select_in::{limits, names, order_of};
use crate::engine::TakeRows;
use crate::error::{Error, ErrorKind, Result};
use crate::mapper::{Layout, LinkKind, Mapper, Pairing, Registry, SlotSet};
use crate::query::{Node, Step, Strategy, Tree, exists_in};
use crate::sql::{Expr, Join, JoinThrough, Select, SelectJoined, Statement};
use crate::state::Arena;
use std::borrow::Cow;
use tokio_postgres::Row;

/// The relations that are joined to a query.
#[derive(Debug, Default)]
pub(crate) struct Joined(Vec<Brought>);

/// A relation whose members are in the rows of its owners.
#[derive(Debug)]
struct Brought {
    /// Whose members: of the query (0), or of the relation with this number (the first is 1).
    of: usize,
    /// The store of the owners.
    store: usize,
    step: Step,
    target: usize,
    /// Whether owners without such a member are left out.
    inner: bool,
    /// Whether rows without one are: so it is where nothing on the way keeps them.
    is_inner: bool,
}

impl Joined {
    /// The relations of a tree that can be joined, from its root on; they are marked as brought.
    ///
    /// # Errors
    /// [`Mapping`](ErrorKind::Mapping) when the models contradict each other.
    pub(crate) fn plan(arena: &mut Arena, store: usize, tree: &mut Tree) -> Result<Self> {
        let mut joined = Self::default();
        joined.add(arena, &mut vec![store], tree, 0)?;
        joined.require_members(arena);
        Ok(joined)
    }

    /// Has inner joins along a path ask for members of what they are joined to: of that just a part is loaded.
    fn require_members(&mut self, arena: &Arena) {
        for number in (0..self.0.len()).rev() {
            let required = self.required(arena, number + 1);
            self.0[number].step.members.filter.extend(required);
            // Below a left join every owner is kept: its members are those that have members themselves.
            let Brought { mut of, mut inner, .. } = self.0[number];
            while of > 0 {
                inner &= self.0[of - 1].inner;
                of = self.0[of - 1].of;
            }
            self.0[number].is_inner = inner;
        }
    }

    /// `chain` are the stores on the way: what models say by themselves comes to none of these again.
    fn add(&mut self, arena: &mut Arena, chain: &mut Vec<usize>, tree: &mut Tree, of: usize) -> Result<()> {
        let Some(store) = chain.last().copied() else { return Ok(()) };
        complete(arena, store, tree);
        for Node { step, then, is_brought, is_usual, .. } in &mut tree.0 {
            let Some(Strategy::Joined { inner }) = step.strategy else { continue };
            let target =
                arena.neighbour(store, arena.stores[store].mapper.relations[step.relation].target)?;
            if *is_usual && chain.contains(&target) {
                continue;
            }
            self.0.push(Brought { of, store, step: step.clone(), target, inner, is_inner: inner });
            *is_brought = true;
            chain.push(target);
            self.add(arena, chain, then, self.0.len())?;
            chain.pop();
        }
        Ok(())
    }

    /// Whether nothing is joined.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What the rows of the query have to meet, because of inner joins.
    pub(crate) fn conditions(&self, arena: &Arena) -> Vec<Expr> {
        self.required(arena, 0)
    }

    fn required(&self, arena: &Arena, of: usize) -> Vec<Expr> {
        let inner = self.0.iter().filter(|brought| brought.of == of && brought.inner);
        let exists = |Brought { store, step, .. }: &Brought| {
            let owners = &arena.stores[*store];
            let filter = step.members.conditions(&owners.mapper.relations[step.relation]);
            let filter = (!filter.is_empty()).then_some(Expr::And(filter));
            let mut exists = exists_in(owners.registry, owners.mapper, step.relation, filter);
            if let Expr::Exists(exists) = &mut exists {
                (exists.limit, exists.offset) =
                    limits(&owners.mapper.relations[step.relation], &step.members);
                if let Some(through) = &mut exists.through {
                    through.filter = Some(Expr::And(step.members.conditions_of_links()));
                }
            }
            exists
        };
        inner.map(exists).collect()
    }

    /// The query with its joins.
    ///
    /// # Errors
    /// [`Mapping`](ErrorKind::Mapping) for a condition that is invalid.
    pub(crate) fn statement(
        &self,
        arena: &Arena,
        store: usize,
        root: Select,
        layout: &Layout,
    ) -> Result<Statement> {
        let columns: Vec<usize> = layout.columns().collect();
        let list = names(arena.stores[store].mapper, &columns);
        let joins = self.0.iter().map(|brought| brought.join(arena)).collect();
        let select = SelectJoined { root, list, joins };
        select.render().map_err(|why| Error::new(ErrorKind::Mapping, why))
    }

    /// What takes the rows.
    pub(crate) fn rows(&self, arena: &Arena, store: usize, layout: Cow<'static, Layout>) -> JoinedRows {
        let mapper = arena.stores[store].mapper;
        if self.is_empty() {
            return JoinedRows(vec![ObjectRows::new(mapper, layout)]);
        }
        let mut first = layout.columns().count();
        let mut parts = vec![ObjectRows::beside(mapper, layout, 0)];
        for Brought { target, step, .. } in &self.0 {
            let mapper = arena.stores[*target].mapper;
            let part = ObjectRows::beside(mapper, step.layout(mapper), first);
            first += part.width();
            parts.push(part);
        }
        JoinedRows(parts)
    }

    /// Takes the rows into the arena; gives the objects of the query, each once.
    ///
    /// # Errors
    /// [`Decode`](ErrorKind::Decode) for a row that does not fit.
    pub(crate) fn attach(
        &self,
        arena: &mut Arena,
        store: usize,
        rows: JoinedRows,
        known: Known,
    ) -> Result<Vec<u32>> {
        let mut rows = rows.0.into_iter();
        let Some(root) = rows.next() else { return Ok(Vec::new()) };
        if self.is_empty() {
            return root.load(arena, store, known);
        }
        let mut parts = vec![root.load_part(arena, store, known)?];
        for (Brought { target, step, .. }, rows) in self.0.iter().zip(rows) {
            let known = if step.members.replace { Known::Replace } else { Known::Keep };
            parts.push(rows.load_part(arena, *target, known)?);
        }
        for (brought, members) in self.0.iter().zip(&parts[1..]) {
            let owners = &parts[brought.of];
            let fetch = Fetch::new(arena, brought.store, &brought.step, &unique(owners))?;
            let mapper = arena.stores[brought.store].mapper;
            if let LinkKind::ToOne { columns, .. } = mapper.relations[brought.step.relation].kind {
                fetch.note_absent(arena, columns);
                continue;
            }
            let mut grouped: BySlot<SlotSet> = BySlot::of(fetch.missing());
            for (owner, member) in owners.iter().zip(members) {
                if let (Some(members), Some(member)) =
                    (owner.and_then(|owner| grouped.get_mut(owner)), member)
                {
                    members.insert(*member);
                }
            }
            fetch.show(arena, grouped);
        }
        Ok(unique(&parts[0]))
    }
}

/// The rows of a query and of what is joined to it, read as they come.
#[derive(Debug)]
pub(crate) struct JoinedRows(Vec<ObjectRows>);

impl TakeRows for JoinedRows {
    fn begin(&mut self) {
        self.0.iter_mut().for_each(ObjectRows::clear);
    }

    fn take(&mut self, row: Row) {
        self.0.iter_mut().for_each(|part| part.read(&row));
    }
}

impl Brought {
    fn join(&self, arena: &Arena) -> Join {
        let (owners, far) = (&arena.stores[self.store], arena.stores[self.target].mapper);
        let members = &self.step.members;
        let link = &owners.mapper.relations[self.step.relation];
        let (limit, offset) = limits(link, members);
        let (on, mut through) = columns(owners.registry, owners.mapper, self.step.relation);
        if let Some(through) = &mut through {
            through.filter = members.conditions_of_links();
        }
        let read: Vec<usize> = self.step.layout(far).columns().collect();
        Join {
            to: self.of,
            inner: self.is_inner,
            table: far.def.table,
            list: names(far, &read),
            on,
            through,
            filter: members.conditions(link),
            order: order_of(link, far, members),
            limit,
            offset,
        }
    }
}

type Pairs = Vec<(&'static str, &'static str)>;

/// The columns that join members to their owners.
fn columns(
    registry: &'static Registry,
    mapper: &'static Mapper,
    relation: usize,
) -> (Pairs, Option<JoinThrough>) {
    match Pairing::of(registry, mapper, relation) {
        Pairing::Direct(pairs) => {
            (pairs.into_iter().map(|(member, owner)| (member.name, owner.name)).collect(), None)
        }
        Pairing::Through { association, owner, member } => {
            let on = owner.into_iter().map(|(column, owner)| (column, owner.name)).collect();
            let through = JoinThrough { table: association.table, on, filter: Vec::new() };
            (member.into_iter().map(|(member, column)| (member.name, column)).collect(), Some(through))
        }
    }
}

/// Those that are there, each once.
fn unique(slots: &[Option<u32>]) -> Vec<u32> {
    let mut seen = std::collections::HashSet::with_capacity(slots.len());
    slots.iter().copied().flatten().filter(|slot| seen.insert(*slot)).collect()
}
