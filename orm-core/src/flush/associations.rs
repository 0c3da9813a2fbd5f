//! Changes of association tables.

use super::association_rows::AssociationRows;
use super::plan::Step;
use crate::error::{Error, ErrorKind, Result};
use crate::mapper::{Association, LinkKind};
use crate::state::{Arena, At, ObjectState};
use std::collections::{BTreeMap, HashSet};

/// Added and removed rows of an association table, each once.
#[derive(Debug)]
pub(super) struct LinkChange {
    pub(super) association: Association,
    pub(super) added: Pairs,
    pub(super) removed: Pairs,
}

impl LinkChange {
    /// What goes, then what comes.
    pub(super) fn into_steps(self) -> impl Iterator<Item = Step> {
        let Self { association, added, removed } = self;
        let unlink = Step::Unlink { association: association.clone(), pairs: removed.order };
        let link = Step::Link { association, pairs: added.order };
        [unlink, link].into_iter().filter(|step| match step {
            Step::Link { pairs, .. } | Step::Unlink { pairs, .. } => !pairs.is_empty(),
            _ => true,
        })
    }
}

/// Pairs of objects in the order in which they were found.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    pub(super) order: Vec<(At, At)>,
    seen: HashSet<(At, At)>,
}

impl Pairs {
    fn insert(&mut self, pair: (At, At)) {
        if self.seen.insert(pair) {
            self.order.push(pair);
        }
    }
}

/// The changes of association tables, each row once, from whichever side it was made.
pub(super) fn link_changes<'a>(
    arena: &mut Arena,
    owners: impl Iterator<Item = &'a At>,
) -> Result<Vec<LinkChange>> {
    let mut changes: BTreeMap<Association, LinkChange> = BTreeMap::new();
    let mut rows = AssociationRows::default();
    for owner in owners {
        let mapper = arena.stores[owner.store].mapper;
        for (relation, link) in mapper.relations.iter().enumerate() {
            let LinkKind::ManyToMany(association) = &link.kind else { continue };
            let links = mapper.def.relations[relation].access.links(arena.object(*owner).as_any());
            if !links.is_changed() {
                continue;
            }
            let (added, removed) = (links.changes.added.clone(), links.changes.removed.clone());
            let store = arena.neighbour(owner.store, link.target)?;
            // Both sides of a relation name its columns, each its own first: one of the orders is that of the table.
            let turned = association.target_columns < association.owner_columns;
            let pair = |slot: &u32| {
                let target = At { store, slot: *slot };
                if turned { (target, *owner) } else { (*owner, target) }
            };
            let mut own = |slot: &u32, state: ObjectState| {
                !rows.has(arena, (*owner, relation, At { store, slot: *slot }), state)
            };
            let association = if turned { association.turned() } else { association.clone() };
            let change = changes.entry(association.clone()).or_insert_with(|| LinkChange {
                association,
                added: Pairs::default(),
                removed: Pairs::default(),
            });
            let added = added.as_slice().iter().filter(|slot| own(slot, ObjectState::Pending));
            added.map(pair).for_each(|pair| change.added.insert(pair));
            let in_database =
                |(a, b): &(At, At)| arena.slot(*a).in_database() && arena.slot(*b).in_database();
            removed
                .as_slice()
                .iter()
                .filter(|slot| own(slot, ObjectState::Deleting))
                .map(pair)
                .filter(in_database)
                .for_each(|pair| change.removed.insert(pair));
        }
    }
    for change in changes.values() {
        refuse_both(arena, change)?;
    }
    Ok(changes.into_values().collect())
}

/// One side says that a pair comes, the other one that it goes.
fn refuse_both(arena: &Arena, change: &LinkChange) -> Result<()> {
    let Some((a, b)) = change.removed.order.iter().find(|pair| change.added.seen.contains(pair)) else {
        return Ok(());
    };
    let name = |at: &At| arena.stores[at.store].name_of(arena.object(*at));
    let why = format!(
        "one side connects {} and {} by \"{}\", and the other one disconnects them: say it on one side, or with \
         `session.link(…)` and `session.unlink(…)`",
        name(a),
        name(b),
        change.association.table
    );
    Err(Error::new(ErrorKind::Contradiction, why).with_model(arena.stores[a.store].mapper.def.name))
}
