//! Which members of a relation are seen: the criteria of models and of the session, in paths.

use crate::mapper::{Mapper, Pairing};
use crate::query::{Members, Seen, Step, Tree};
use crate::sql::Expr;
use crate::state::Arena;

/// Says for each relation of a tree that begins at a store what its members have to meet to be seen.
pub(crate) fn restrict(arena: &Arena, store: usize, tree: &mut Tree) {
    restrict_from(arena, store, arena.stores[store].mapper, tree);
}

/// Adds what the model of a store says of relations that no path names.
pub(crate) fn complete(arena: &Arena, store: usize, tree: &mut Tree) {
    let mapper = arena.stores[store].mapper;
    tree.complete(mapper);
    for node in tree.0.iter_mut().filter(|node| node.is_usual && node.step.members.seen.is_none()) {
        restrict_step(arena, store, mapper, &mut node.step);
    }
}

/// [`restrict`] for one relation.
pub(crate) fn restricted(arena: &Arena, store: usize, mut step: Step) -> Step {
    restrict_step(arena, store, arena.stores[store].mapper, &mut step);
    step
}

fn restrict_from(arena: &Arena, store: usize, mapper: &'static Mapper, tree: &mut Tree) {
    for node in &mut tree.0 {
        restrict_step(arena, store, mapper, &mut node.step);
        let target = mapper.relations[node.step.relation].target;
        let far = &arena.stores[store].registry.mappers()[target];
        restrict_from(arena, store, far, &mut node.then);
    }
}

fn restrict_step(arena: &Arena, store: usize, mapper: &'static Mapper, step: &mut Step) {
    let (criteria, registry) = (arena.criteria(), arena.stores[store].registry);
    if step.members.is_unrestricted {
        return;
    }
    let Members { filter, order, .. } = &mut step.members;
    criteria.restrict_all(registry, filter.iter_mut().chain(order.iter_mut().map(|order| &mut order.key)));
    let link = &mapper.relations[step.relation];
    let links = match Pairing::of(registry, mapper, step.relation) {
        Pairing::Through { association, .. } => criteria.on(registry, association.table),
        Pairing::Direct(_) => None,
    };
    let members = criteria.on(registry, registry.mappers()[link.target].def.table);
    let mut view: Vec<Expr> = link.filter().into_iter().collect();
    let asks = criteria.restrict_all(registry, &mut view) && !view.is_empty();
    if members.is_some() || links.is_some() || asks {
        let (members, links) = (members.unwrap_or_default(), links.unwrap_or_default());
        step.members.seen = Some(Seen { members, links, view, of: criteria.number() });
    }
}
