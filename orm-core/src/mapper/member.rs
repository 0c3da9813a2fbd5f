//! What can stand at the other end of a relation: an object of the session, or a new value.

use super::{Handle, Model, Writable};

/// A value that becomes an object of model [`IntoModel::Model`]: the model itself, or its builder once
/// every required column is set.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::mapper::IntoModel;
/// async fn save<N: IntoModel>(engine: &Engine, new: N) -> orm_core::Result<N::Model> {
///     let mut object = new.into_model();
///     object.insert(engine).await?;
///     Ok(object)
/// }
/// let tea = save(&engine, Product::builder().sku("T-1").title("Tea").price_cents(390)).await?;
/// assert!(tea.id.is_set());
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a model",
    label = "neither a model nor a builder of one",
    note = "derive `Model` for the struct, or pass `Model::builder()…`"
)]
pub trait IntoModel {
    /// The model.
    type Model: Writable;
    /// The object.
    fn into_model(self) -> Self::Model;
}

/// The other end of a relation to `T`.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// use orm_core::mapper::{IntoMember, Member};
/// let member: Member<Cart> = Cart::builder().customer_key(7).into_member();
/// assert!(matches!(member, Member::New(cart) if cart.customer.key() == Some(&7)));
/// ```
#[derive(Debug)]
pub enum Member<T> {
    /// An object that the session has.
    Handle(Handle<T>),
    /// A new object, added together with the one that refers to it.
    New(Box<T>),
}

impl<T: Clone> Clone for Member<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Handle(handle) => Self::Handle(*handle),
            Self::New(value) => Self::New(value.clone()),
        }
    }
}

/// What a relation to `T` accepts: a [`Handle<T>`], a `T`, or a complete `T::builder()`.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut session = engine.session();
/// let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
/// let coffee = Product::builder().sku("C-1").title("Coffee").price_cents(890);
/// let ann = session.add(Customer::builder().name("Ann").email("ann@example.org"));
/// let cart = session.add(Cart::builder().customer(ann));
/// session[cart].products.push(tea);            // a handle
/// session[cart].products.push(coffee.clone()); // a complete builder
/// session[cart].products.push(Product { sku: "C-2".into(), ..coffee.build() }); // a value
/// session.commit().await?;
/// assert_eq!(session.at(cart).related(Cart::PRODUCTS)?.len(), 3);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in a relation to `{T}`",
    label = "expected a `Handle<{T}>`, a `{T}` or a complete `{T}::builder()`; by its key: `BelongsTo::key_of(key)`, in a builder `.…_key(key)`"
)]
pub trait IntoMember<T> {
    /// The member.
    fn into_member(self) -> Member<T>;
}

/// One implementation for all, so that the compiler has none to propose in place of what is missing below.
impl<T, V: AsMember<T>> IntoMember<T> for V {
    fn into_member(self) -> Member<T> {
        self.member()
    }
}

/// What makes an [`IntoMember`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in a relation to `{T}`",
    label = "expected a `Handle<{T}>`, a `{T}` or a complete `{T}::builder()`; by its key: `BelongsTo::key_of(key)`, in a builder `.…_key(key)`"
)]
#[doc(hidden)]
pub trait AsMember<T> {
    /// The member.
    fn member(self) -> Member<T>;
}

impl<T: Model> AsMember<T> for Handle<T> {
    fn member(self) -> Member<T> {
        Member::Handle(self)
    }
}

impl<T: Model> AsMember<T> for Member<T> {
    fn member(self) -> Member<T> {
        self
    }
}
