//! Paths along relations, for loading.

use crate::mapper::{Model, Relation};
use std::fmt;
use std::marker::PhantomData;

/// The relations of a path, each as its position in the model that the one before leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steps(pub(crate) Vec<usize>);

/// A path along relations from `M` to `T`: `Customer::CARTS.then(Cart::PRODUCTS)`.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # let tea = Product::builder().sku("T-1").title("Tea").price_cents(390);
/// # session.add(Customer::builder().name("Ann").email("ann@example.org").carts([Cart::builder().products([tea])]));
/// # session.commit().await?;
/// let mut session = engine.session();
/// let path = Customer::CARTS.then(Cart::PRODUCTS).then(Product::CARTS);
/// let ann = session.query::<Customer>().with(path).one().await?;
/// let cart = session.at(ann).related(Customer::CARTS)?.next().unwrap();
/// let tea = cart.related(Cart::PRODUCTS)?.next().unwrap();
/// assert_eq!(tea.related(Product::CARTS)?.next().unwrap().handle(), cart.handle());
/// # Ok(()) }
/// ```
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
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::query::IntoPath;
/// /// All objects of a model, with a relation of the caller's choice.
/// async fn all_with<M: Model>(session: &mut Session, path: impl IntoPath<M>) -> orm_core::Result<Vec<Handle<M>>> {
///     session.query::<M>().with(path).all().await
/// }
/// let mut session = engine.session();
/// assert!(all_with(&mut session, Customer::CARTS).await?.is_empty());
/// assert!(all_with(&mut session, Customer::CARTS.then(Cart::PRODUCTS)).await?.is_empty());
/// # Ok(()) }
/// ```
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
