//! What builders are made of.

use crate::mapper::{IntoMember, IntoModel, Member, Writable};

/// A model that can be built from separate values.
///
/// Only the generated builder calls it, and only when its type says that every required column is set.
pub trait Buildable: Sized {
    /// The values collected so far.
    type Fields: Clone + Default;
    /// The object.
    fn build(fields: Self::Fields) -> Self;
}

/// A model, or a builder of one whose required columns are all set.
///
/// The derive implements this and not [`IntoModel`], whose target must be a model: where the derive
/// of a model fails, that would be reported once more for every implementation.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a model",
    label = "neither a model nor a builder of one",
    note = "derive `Model` for the struct, or pass `Model::builder()…`"
)]
pub trait Complete {
    /// The model.
    type Model;
    /// The object.
    fn complete(self) -> Self::Model;
}

impl<B: Complete<Model: Writable>> IntoModel for B {
    type Model = B::Model;
    fn into_model(self) -> B::Model {
        self.complete()
    }
}

/// The value of a required column of a complete builder.
///
/// # Panics
/// When it was not set; the type of a complete builder rules that out.
pub fn required<T>(value: Option<T>) -> T {
    value.expect("a complete builder has a value for every required column")
}

/// A new object as the member of a relation.
pub fn new_member<T>(value: T) -> Member<T> {
    Member::New(Box::new(value))
}

/// Adds members to a collection.
pub fn extend<F, T>(
    field: &mut F,
    members: impl IntoIterator<Item: IntoMember<T>>,
    insert: fn(&mut F, Member<T>),
) {
    for member in members {
        insert(field, member.into_member());
    }
}
