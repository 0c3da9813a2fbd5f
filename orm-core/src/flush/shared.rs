//! Columns that foreign keys share with other fields: both say the same in what is written.

use super::plan::Step;
use crate::error::Result;
use crate::state::{Arena, At};

/// Has fields that nobody set follow the foreign keys that share their columns, and refuses what contradicts them, as far as
/// keys are known.
pub(super) fn settle_shared(arena: &mut Arena, touched: &[At]) -> Result<()> {
    for at in touched {
        let mapper = arena.stores[at.store].mapper;
        if mapper.shared.is_empty() || !arena.slot(*at).is_written() {
            continue;
        }
        mapper.fill_shared(arena.slot_mut(*at).get_mut())?;
        if is_changed(arena, *at) {
            mapper.check_shared(arena.object(*at))?;
        }
    }
    Ok(())
}

/// Whether the flush writes the object, and not only what hangs on it.
fn is_changed(arena: &Arena, at: At) -> bool {
    let slot = arena.slot(at);
    slot.original.is_some() || !slot.in_database()
}

/// The same for rows that are about to be sent: by now every key is known.
pub(super) fn check_shared(arena: &Arena, step: &Step) -> Result<()> {
    let (Step::Insert { rows, .. } | Step::Update { rows, .. }) = step else { return Ok(()) };
    let mapper = arena.stores[rows.store].mapper;
    if mapper.shared.is_empty() {
        return Ok(());
    }
    let mut objects = rows.slots.iter().map(|slot| arena.object(At { store: rows.store, slot: *slot }));
    objects.try_for_each(|object| mapper.check_shared(object))
}
