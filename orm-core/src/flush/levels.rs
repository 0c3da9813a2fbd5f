//! The order of rows that refer to rows of their own table, or of tables in a circle.

use crate::mapper::RelationKind;
use crate::schema::Deferrable;
use crate::state::{Arena, At};
use std::collections::HashMap;

/// A reference from one new row to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) from: At,
    pub(super) to: At,
    pub(super) relation: usize,
    /// Whether the reference can be `NULL` first and set later.
    pub(super) nullable: bool,
}

/// Levels of rows: each row comes after those it refers to, except along the late edges.
#[derive(Debug, Default)]
pub(super) struct Levels {
    pub(super) level: HashMap<At, usize>,
    /// Edges that close a circle of rows and were cut because they can be `NULL` first.
    pub(super) late: Vec<Edge>,
    /// Rows in a circle that no nullable reference cuts.
    pub(super) stuck: Vec<At>,
}

/// Levels of rows. Where these form a circle, those with keys may come in any order if the database looks at COMMIT only.
pub(super) fn levels_before_commit(
    arena: &Arena,
    rows: &[At],
    mut edges: Vec<Edge>,
    has_key: impl Fn(&Edge) -> bool,
) -> Levels {
    if edges.is_empty() {
        return Levels::default();
    }
    let found = levels(rows, &edges);
    let all = edges.len();
    if !found.stuck.is_empty() {
        edges.retain(|edge| !(has_key(edge) && is_deferred(arena, edge)));
    }
    if edges.len() < all { levels(rows, &edges) } else { found }
}

/// Whether the foreign key of a reference is checked at COMMIT.
fn is_deferred(arena: &Arena, edge: &Edge) -> bool {
    let relation = &arena.stores[edge.from.store].mapper.def.relations[edge.relation];
    matches!(relation.kind, RelationKind::BelongsTo { deferrable: Deferrable::InitiallyDeferred, .. })
}

/// Sorts rows by their references (Kahn 1962); where only circles are left, cuts one nullable edge and goes on.
pub(super) fn levels(rows: &[At], edges: &[Edge]) -> Levels {
    let mut found = Levels::default();
    let mut waiting: HashMap<At, usize> = rows.iter().map(|row| (*row, 0)).collect();
    let mut by_target: HashMap<At, Vec<usize>> = HashMap::new();
    let mut open = vec![true; edges.len()];
    for (i, edge) in edges.iter().enumerate() {
        *waiting.entry(edge.from).or_default() += 1;
        by_target.entry(edge.to).or_default().push(i);
    }
    let mut ready: Vec<At> = rows.iter().copied().filter(|row| waiting[row] == 0).collect();
    let mut level: HashMap<At, usize> = HashMap::new();
    let mut next_cut = 0;
    loop {
        while let Some(row) = ready.pop() {
            let own = *level.entry(row).or_default();
            for i in by_target.get(&row).into_iter().flatten().copied() {
                if !std::mem::replace(&mut open[i], false) {
                    continue;
                }
                let from = edges[i].from;
                let deepest = level.entry(from).or_default();
                *deepest = (*deepest).max(own + 1);
                release(&mut waiting, from, &mut ready);
            }
            waiting.remove(&row);
        }
        let Some(cut) = (next_cut..edges.len()).find(|i| open[*i] && edges[*i].nullable) else { break };
        next_cut = cut + 1;
        open[cut] = false;
        found.late.push(edges[cut]);
        release(&mut waiting, edges[cut].from, &mut ready);
    }
    found.stuck = rows.iter().copied().filter(|row| waiting.contains_key(row)).collect();
    found.level = level;
    found
}

fn release(waiting: &mut HashMap<At, usize>, row: At, ready: &mut Vec<At>) {
    if let Some(count) = waiting.get_mut(&row) {
        *count -= 1;
        if *count == 0 {
            ready.push(row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(slot: u32) -> At {
        At { store: 0, slot }
    }

    fn edge(from: u32, to: u32, nullable: bool) -> Edge {
        Edge { from: at(from), to: at(to), relation: 0, nullable }
    }

    fn sorted(rows: u32, edges: &[Edge]) -> (Vec<usize>, usize, usize) {
        let rows: Vec<At> = (0..rows).map(at).collect();
        let found = levels(&rows, edges);
        (rows.iter().map(|row| found.level[row]).collect(), found.late.len(), found.stuck.len())
    }

    #[test]
    fn a_tree_has_its_depths() {
        assert_eq!(
            sorted(4, &[edge(1, 0, true), edge(2, 1, true), edge(3, 0, true)]),
            (vec![0, 1, 2, 1], 0, 0)
        );
    }

    #[test]
    fn a_circle_is_cut_once_where_that_is_possible() {
        let (_, late, stuck) = sorted(3, &[edge(0, 1, false), edge(1, 2, true), edge(2, 0, false)]);
        assert_eq!((late, stuck), (1, 0));
        let rows: Vec<At> = (0..2).map(at).collect();
        let found = levels(&rows, &[edge(0, 1, false), edge(1, 0, false)]);
        assert_eq!(found.stuck, rows);
    }

    #[test]
    fn two_edges_between_two_rows_count_both() {
        assert_eq!(sorted(2, &[edge(1, 0, true), edge(1, 0, true)]), (vec![0, 1], 0, 0));
    }
}
