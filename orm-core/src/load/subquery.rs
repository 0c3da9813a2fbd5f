//! Members that are asked for by the query of their owners, in one flight with it.

use super::complete;
use super::fetch::Fetch;
use super::members::MemberRows;
use super::references::members_of;
use super::select_in::{names, render, select_members};
use crate::engine::TakeRows;
use crate::error::Result;
use crate::mapper::{Mapper, Pairing, Registry};
use crate::query::{Node, Step, Strategy, Tree};
use crate::sql::{MembersBy, Owners, Select, SelectMembers, Statement};
use crate::state::Arena;

/// The relations that are asked for together with a query.
#[derive(Debug, Default)]
pub(crate) struct Subqueries {
    relations: Vec<Asked>,
    /// Sent in one flight with the query, after it.
    pub(crate) statements: Vec<Statement>,
}

#[derive(Debug)]
struct Asked {
    /// Whose members: of the query, or of an earlier relation.
    of: Option<usize>,
    store: usize,
    step: Step,
    rows: MemberRows,
}

impl Subqueries {
    /// The relations of a tree that can be asked for by the query, from its root on; they are marked as brought.
    ///
    /// A query with a limit, or with a lock, may give other rows the second time: its members are asked for by keys.
    ///
    /// # Errors
    /// [`Mapping`](crate::ErrorKind::Mapping) when the models contradict each other.
    pub(crate) fn plan(arena: &mut Arena, store: usize, tree: &mut Tree, query: &Select) -> Result<Self> {
        let mut all = Self::default();
        if query.limit.or(query.offset).is_none() && query.lock.is_none() {
            all.add(arena, &mut vec![store], tree, None, query)?;
        }
        Ok(all)
    }

    /// `chain` are the stores on the way: what models say by themselves comes to none of these again.
    fn add(
        &mut self,
        arena: &mut Arena,
        chain: &mut Vec<usize>,
        tree: &mut Tree,
        of: Option<usize>,
        query: &Select,
    ) -> Result<()> {
        let Some(store) = chain.last().copied() else { return Ok(()) };
        complete(arena, store, tree);
        for Node { step, then, is_brought, is_usual, .. } in &mut tree.0 {
            if step.strategy != Some(Strategy::Subquery) {
                continue;
            }
            let (mapper, registry) = (arena.stores[store].mapper, arena.stores[store].registry);
            let target = arena.neighbour(store, mapper.relations[step.relation].target)?;
            if *is_usual && chain.contains(&target) {
                continue;
            }
            let owners = Owners::Query(Box::new(owners(registry, mapper, step.relation, query)));
            let select = select_members(registry, mapper, step, owners);
            self.statements.push(render(&select)?);
            let rows = MemberRows::new(registry, mapper, step);
            self.relations.push(Asked { of, store, step: step.clone(), rows });
            *is_brought = true;
            if select.limit.or(select.offset).is_none() {
                let members = query_of(arena.stores[target].mapper, select);
                chain.push(target);
                self.add(arena, chain, then, Some(self.relations.len() - 1), &members)?;
                chain.pop();
            }
        }
        Ok(())
    }

    /// What takes the rows of the statements, in their order.
    pub(crate) fn takers(&mut self) -> impl Iterator<Item = &mut dyn TakeRows> {
        self.relations.iter_mut().map(|asked| &mut asked.rows as &mut dyn TakeRows)
    }

    /// Takes the answers over, of the objects that the query gave.
    ///
    /// # Errors
    /// [`Decode`](crate::ErrorKind::Decode) for a row that does not fit.
    pub(crate) fn attach(self, arena: &mut Arena, slots: &[u32]) -> Result<()> {
        let mut members: Vec<Vec<u32>> = Vec::with_capacity(self.relations.len());
        for Asked { of, store, step, rows } in self.relations {
            let owners = of.map_or(slots, |of| &members[of]);
            Fetch::new(arena, store, &step, owners)?.attach(arena, rows)?;
            let found = members_of(arena, store, step.relation, owners);
            members.push(found.into_iter().map(|at| at.slot).collect());
        }
        Ok(())
    }
}

/// The columns of the rows of a query that members refer to.
fn owners(registry: &'static Registry, mapper: &'static Mapper, relation: usize, query: &Select) -> Select {
    let columns = Pairing::of(registry, mapper, relation).owner_columns();
    Select {
        list: names(mapper, &columns).into(),
        values: Vec::new(),
        order: Vec::new(),
        default_order: Vec::new(),
        ..query.clone()
    }
}

/// The members as a query, for the members of these.
fn query_of(far: &'static Mapper, members: SelectMembers) -> Select {
    let SelectMembers { table, owners, by, filter, .. } = members;
    let mut query = Select::new(table, Vec::new());
    query.filter.push(match by {
        MembersBy::Columns(columns) => owners.contain(&columns),
        MembersBy::Through { table, owner, target, key: _, filter } => {
            let mut links = Select::new(table, target);
            links.filter.push(owners.contain(&owner));
            links.filter.extend(filter);
            Owners::Query(Box::new(links)).contain(&names(far, &far.primary_key))
        }
    });
    query.filter.extend(filter);
    query
}
