//! Several paths that begin at one model.

use super::path::Steps;
use super::{IntoPath, Path};
use crate::mapper::{Model, Relation};

/// Paths that begin at model `M`: a relation, a [`Path`], a tuple of up to six of those, or `()` for none.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::query::Paths;
/// fn text<M: Model>(entity: Entity<'_, M>, paths: impl Paths<M>) -> serde_json::Result<String> {
///     serde_json::to_string(&entity.tree(paths))
/// }
/// let mut session = engine.session();
/// let cart = session.add(Cart::builder().customer(Customer::builder().name("Ann").email("ann@example.org")));
/// session.commit().await?;
/// assert_eq!(text(session.at(cart), ())?, r#"{"id":1,"invoice":null,"customer_id":1}"#);
/// assert!(text(session.at(cart), (Cart::CUSTOMER, Cart::PRODUCTS))?.contains(r#""name":"Ann""#));
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of paths from `{M}`",
    label = "expected a relation of `{M}`, a path that begins with one, or a tuple of up to six"
)]
pub trait Paths<M> {
    #[doc(hidden)]
    fn push_to(self, paths: &mut Vec<Steps>);
}

impl<M: Model, T: Model, A> Paths<M> for Relation<M, T, A> {
    fn push_to(self, paths: &mut Vec<Steps>) {
        paths.push(self.into_steps());
    }
}

impl<M: Model, T: Model> Paths<M> for Path<M, T> {
    fn push_to(self, paths: &mut Vec<Steps>) {
        paths.push(self.into_steps());
    }
}

impl<M> Paths<M> for () {
    fn push_to(self, _: &mut Vec<Steps>) {}
}

macro_rules! tuples {
    ($($name:ident $index:tt)+) => {
        impl<M, $($name: Paths<M>),+> Paths<M> for ($($name,)+) {
            fn push_to(self, paths: &mut Vec<Steps>) {
                $(self.$index.push_to(paths);)+
            }
        }
    };
}
tuples!(A 0);
tuples!(A 0 B 1);
tuples!(A 0 B 1 C 2);
tuples!(A 0 B 1 C 2 D 3);
tuples!(A 0 B 1 C 2 D 3 E 4);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5);
