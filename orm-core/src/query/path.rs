//! Paths along relations, for loading.

use crate::mapper::{Model, Relation};
use std::fmt;
use std::marker::PhantomData;

/// The relations of a path, each as its position in the model that the one before leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steps(pub(crate) Vec<usize>);

/// A path along relations from `M` to `T`: `Customer::CARTS.then(Cart::PRODUCTS)`.
pub struct Path<M, T> {
    steps: Steps,
    ends: PhantomData<fn() -> (M, T)>,
}

impl<M: Model, T: Model> Path<M, T> {
    /// Goes one relation further.
    pub fn then<U: Model, A>(mut self, next: Relation<T, U, A>) -> Path<M, U> {
        self.steps.0.push(next.index());
        Path { steps: self.steps, ends: PhantomData }
    }
}

impl<M: Model, T: Model, A> Relation<M, T, A> {
    /// Goes one relation further.
    pub fn then<U: Model, B>(self, next: Relation<T, U, B>) -> Path<M, U> {
        Path { steps: Steps(vec![self.index(), next.index()]), ends: PhantomData }
    }
}

impl<M, T> Clone for Path<M, T> {
    fn clone(&self) -> Self {
        Self { steps: self.steps.clone(), ends: PhantomData }
    }
}

impl<M, T> fmt::Debug for Path<M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.steps.fmt(f)
    }
}

/// What `with` of a query of `M` accepts: a relation of `M`, or a path that begins there.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not begin at `{M}`",
    label = "expected a relation of `{M}`, such as `{M}::RELATION` or `{M}::RELATION.then(…)`"
)]
pub trait IntoPath<M> {
    /// The model at its end.
    type Target: Model;
    /// The steps.
    fn into_steps(self) -> Steps;
}

impl<M: Model, T: Model, A> IntoPath<M> for Relation<M, T, A> {
    type Target = T;

    fn into_steps(self) -> Steps {
        Steps(vec![self.index()])
    }
}

impl<M: Model, T: Model> IntoPath<M> for Path<M, T> {
    type Target = T;

    fn into_steps(self) -> Steps {
        self.steps
    }
}
