//! Objects that are going to be written hold what the database will hold, before anything is compared or sent.

use crate::error::Result;
use crate::state::{Arena, At, ObjectState};
use bytes::BytesMut;

/// Gives new and changed objects the values that the database will keep.
///
/// # Errors
/// [`Encode`](crate::ErrorKind::Encode) for a value that does not fit its column.
pub(crate) fn fit(arena: &mut Arena) -> Result<()> {
    let mut raw = BytesMut::new();
    for At { store, slot } in arena.touched() {
        let store = &mut arena.stores[store];
        if store.mapper.fitted.is_empty() {
            continue;
        }
        let computed: Vec<usize> = match store.slot(slot) {
            // Nothing of it but what the database computes is going to be written.
            found if found.state == ObjectState::Persistent && found.original.is_none() => continue,
            found => store.expressions.of(slot, found.get()).map(|(column, _)| column).collect(),
        };
        let mapper = store.mapper;
        let slot = store.slot_mut(slot);
        let (Some(object), original) = (slot.object.as_deref_mut(), slot.original.as_deref()) else {
            continue;
        };
        if matches!(slot.state, ObjectState::Pending | ObjectState::Persistent) {
            mapper.fit(object, original, &computed, &mut raw)?;
        }
    }
    Ok(())
}
