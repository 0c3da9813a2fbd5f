//! What can stand at the other end of a relation: an object of the session, or a new value.

use super::{Handle, Model};

/// A value that becomes an object of model [`IntoModel::Model`]: the model itself, or its builder once
/// every required column is set.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a model",
    label = "neither a model nor a builder of one",
    note = "derive `Model` for the struct, or pass `Model::builder()…`"
)]
pub trait IntoModel {
    /// The model.
    type Model: Model;
    /// The object.
    fn into_model(self) -> Self::Model;
}

/// The other end of a relation to `T`.
#[derive(Debug)]
pub enum Member<T> {
    /// An object that the session has.
    Handle(Handle<T>),
    /// A new object, added together with the one that refers to it.
    New(Box<T>),
}

impl<T: Model> Clone for Member<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Handle(handle) => Self::Handle(*handle),
            Self::New(value) => Self::New(value.clone()),
        }
    }
}

/// What a relation to `T` accepts: a [`Handle<T>`], a `T`, or a complete `T::builder()`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in a relation to `{T}`",
    label = "expected a `Handle<{T}>`, a `{T}` or a complete `{T}::builder()`"
)]
pub trait IntoMember<T> {
    /// The member.
    fn into_member(self) -> Member<T>;
}

impl<T: Model> IntoMember<T> for Handle<T> {
    fn into_member(self) -> Member<T> {
        Member::Handle(self)
    }
}

impl<T: Model> IntoMember<T> for Member<T> {
    fn into_member(self) -> Member<T> {
        self
    }
}
