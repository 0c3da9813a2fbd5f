//! EXCLUDE constraints.

use super::{Deferrable, IndexKey};

/// An EXCLUDE constraint: of two rows, not all of its comparisons may hold.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base, exclude("(int8range(first, last, '[]'))" = "&&", name = "overlap"))]
/// pub struct Shift {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     pub first: i64,
///     pub last: i64,
/// }
/// let overlap = &Base::metadata()?.table("shift").unwrap().exclusions[0];
/// assert_eq!((&overlap.name[..], &overlap.method[..]), ("ex_shift_overlap", "gist"));
/// assert_eq!((overlap.keys[0].key.of.text(), &overlap.keys[0].operator[..]), ("int8range(first, last, '[]')", "&&"));
/// # Ok::<_, orm_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// Its name.
    pub name: String,
    /// How its index finds rows, as in `USING …`.
    pub method: String,
    /// What is compared.
    pub keys: Vec<ExclusionKey>,
    /// The condition on the rows that are compared.
    pub filter: Option<String>,
    /// When it is checked.
    pub deferrable: Deferrable,
}

/// One comparison of an EXCLUDE constraint.
///
/// ```
/// use orm_core::schema::{ExclusionKey, IndexKey};
/// let same_room = ExclusionKey { key: IndexKey::column("room"), operator: "=".into() };
/// assert_eq!((same_room.key.of.text(), &same_room.operator[..]), ("room", "="));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExclusionKey {
    /// A column or an expression of each of the two rows.
    pub key: IndexKey,
    /// The operator between them.
    pub operator: String,
}
