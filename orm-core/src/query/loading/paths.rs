//! Several paths that begin at one model.

use super::path::Steps;
use crate::mapper::{Handle, Model, Relation};
use crate::query::{IntoPath, Path, Proxy};

/// Paths that begin at model `M`: a relation, a [`Path`], a [`Proxy`], a tuple of up to six of those, or `()` for none. What `with` of a
/// query accepts, [`Session::load`](crate::Session::load), and what makes JSON of objects.
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
    message = "`{Self}` does not begin at `{M}`",
    label = "expected a relation of `{M}`, such as `{M}::RELATION` or `{M}::RELATION.then(…)`, or a tuple of up to six"
)]
pub trait Paths<M> {
    /// The objects at their ends: a `Vec` of handles of one path, a tuple of those of a tuple.
    type Ends;
    #[doc(hidden)]
    fn push_to(self, paths: &mut Vec<Steps>);
    /// Takes the slots at the end of each path.
    #[doc(hidden)]
    fn ends(session: u64, found: &mut impl Iterator<Item = Vec<u32>>) -> Self::Ends;
}

macro_rules! one_path {
    ([$($generics:tt)*] $ty:ty) => {
        impl<$($generics)*> Paths<M> for $ty {
            type Ends = Vec<Handle<T>>;

            fn push_to(self, paths: &mut Vec<Steps>) {
                paths.push(self.into_steps());
            }

            fn ends(session: u64, found: &mut impl Iterator<Item = Vec<u32>>) -> Vec<Handle<T>> {
                let slots = found.next().unwrap_or_default();
                slots.into_iter().map(|slot| Handle::new(session, slot)).collect()
            }
        }
    };
}
one_path!([M: Model, T: Model, A] Relation<M, T, A>);
one_path!([M: Model, T: Model] Path<M, T>);
one_path!([M: Model, A: Model, T: Model] Proxy<M, A, T>);

impl<M> Paths<M> for () {
    type Ends = ();

    fn push_to(self, _: &mut Vec<Steps>) {}

    fn ends(_: u64, _: &mut impl Iterator<Item = Vec<u32>>) {}
}

macro_rules! tuples {
    ($($name:ident $index:tt)+) => {
        impl<M, $($name: Paths<M>),+> Paths<M> for ($($name,)+) {
            type Ends = ($($name::Ends,)+);

            fn push_to(self, paths: &mut Vec<Steps>) {
                $(self.$index.push_to(paths);)+
            }

            fn ends(session: u64, found: &mut impl Iterator<Item = Vec<u32>>) -> Self::Ends {
                ($($name::ends(session, found),)+)
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
