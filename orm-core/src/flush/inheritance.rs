//! Objects that are one row in two tables.

use crate::error::Result;
use crate::load::to_one_target;
use crate::state::{Arena, At, ObjectState};
use postgres_types::Type;

/// The object that has the other half of an object's row: that of the model from which its model inherits.
pub(super) fn half_of(arena: &Arena, at: At) -> Option<At> {
    let inherits = arena.stores[at.store].mapper.inherits.as_ref()?;
    to_one_target(arena, at, inherits.relation)
}

/// Has the base of a new object say which kind it is, unless it is a kind of that kind.
///
/// # Errors
/// [`Decode`](crate::ErrorKind::Decode) for a column that does not take the name.
pub(super) fn set_kind(arena: &mut Arena, at: At) -> Result<()> {
    let Some(inherits) = &arena.stores[at.store].mapper.inherits else { return Ok(()) };
    if arena.slot(at).state != ObjectState::Pending {
        return Ok(());
    }
    let mut base = to_one_target(arena, at, inherits.relation);
    for relation in &inherits.further {
        base = base.and_then(|base| to_one_target(arena, base, *relation));
    }
    let Some(base) = base else { return Ok(()) };
    let kind = arena.object(base).column(inherits.column).to_json();
    if kind.as_str().is_some_and(|kind| kind == inherits.tag || inherits.below.contains(&kind)) {
        return Ok(());
    }
    let object = arena.stores[base.store].write(base.slot);
    object.set_generated(inherits.column, &Type::TEXT, Some(inherits.tag.as_bytes()))
}
