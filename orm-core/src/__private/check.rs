//! Checks at compile time that need more than one model.

use crate::mapper::{Composite, Embedded, Relation};
use crate::types::{Key, KeyScalar, SqlType};

/// A relation from `M` to `T`.
#[diagnostic::on_unimplemented(
    message = "`back_populates` must name a relation of `{M}` that leads to `{T}`",
    label = "this is a `{Self}`"
)]
pub trait LeadsTo<M, T> {}

impl<M, T, A> LeadsTo<M, T> for Relation<M, T, A> {}

// Which of the relations inside of it is meant, the registry finds out.
impl<M, E: Embedded, A, T> LeadsTo<M, T> for Composite<M, E, A> {}

/// Accepts a relation from `M` to `T`: the other side of a `back_populates`.
pub const fn back_populates<M, T>(other_side: impl LeadsTo<M, T> + Copy) {
    let _ = other_side;
}

/// The type of part `part` of key `K`.
///
/// When there is no such part, the check of the number of columns reports it.
pub const fn key_type<K: Key>(part: usize) -> SqlType {
    K::TYPES[if part < K::TYPES.len() { part } else { 0 }]
}

/// A field that has a column of a foreign key together with a relation.
#[diagnostic::on_unimplemented(
    message = "the column is part of a foreign key, whose key has the type `{T}` here, and the field has `{Self}`",
    label = "this has to be a `{T}`"
)]
pub trait SameAs<T> {}

#[diagnostic::do_not_recommend]
impl<T> SameAs<T> for T {}

/// Accepts types that are the same.
pub const fn same<A: SameAs<B>, B>() {}

/// Whether the flush can make versions of this type.
pub const fn is_version(ty: SqlType) -> bool {
    ty.is_integer() || matches!(ty, SqlType::TimestampTz)
}

/// Whether it is the type of the system column `xmin`.
pub const fn is_system_version(ty: SqlType) -> bool {
    matches!(ty, SqlType::Xid)
}

/// The type of one part of a primary key.
pub trait KeyPart<const I: usize> {
    /// The type.
    type Part: KeyScalar;
}

impl<T: KeyScalar> KeyPart<0> for T {
    type Part = T;
}

macro_rules! key_parts {
    ($($index:literal $part:ident of $($all:ident)*;)*) => {$(
        impl<$($all: KeyScalar),*> KeyPart<$index> for ($($all,)*) {
            type Part = $part;
        }
    )*};
}
key_parts! {
    0 A of A B;
    1 B of A B;
    0 A of A B C;
    1 B of A B C;
    2 C of A B C;
    0 A of A B C D;
    1 B of A B C D;
    2 C of A B C D;
    3 D of A B C D;
}
