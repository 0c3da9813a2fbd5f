//! The declarative base: one registry of models, filled at link time.

use super::{ModelDef, Registry, create};
use crate::engine::Engine;
use crate::error::Result;
use crate::schema::Metadata;
use std::future::Future;

/// A family of models with one metadata; declared by [`declarative_base!`](crate::declarative_base).
///
/// Every model that names the base is in its registry, in whichever crate it is and whether or not
/// anything imports it. Two bases do not see each other.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Customer};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let database = orm_testkit::TestDatabase::create().await?; // without tables
/// let engine = Engine::connect(database.url()).await?;
/// Base::create_all(&engine).await?;
/// Base::create_all(&engine).await?; // leaves what is there
/// assert_eq!(select::<Customer>().count(&engine).await?, 0);
/// assert_eq!(Base::metadata()?.tables().len(), 4);
/// assert_eq!(Base::registry()?.mappers().len(), 4);
/// Base::drop_all(&engine).await?;
/// assert!(select::<Customer>().count(&engine).await.is_err());
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a declarative base",
    label = "not a declarative base",
    note = "a base is declared by `orm_core::declarative_base!(pub Base);`"
)]
pub trait DeclarativeBase: Send + Sync + 'static {
    #[doc(hidden)]
    /// The registry of the base's models, resolved at first use.
    ///
    /// # Errors
    /// [`Mapping`](crate::ErrorKind::Mapping) when the models contradict each other.
    fn registry() -> Result<&'static Registry>;

    /// The tables and views of all models, in dependency order.
    ///
    /// # Errors
    /// [`Mapping`](crate::ErrorKind::Mapping) when the models contradict each other.
    fn metadata() -> Result<&'static Metadata> {
        Self::registry()?.metadata()
    }

    /// Creates the schemas, types, tables and views that are not there yet, with their constraints and indexes, in one transaction.
    ///
    /// Those that are there are left as they are: changing them is the work of migrations.
    ///
    /// # Errors
    /// [`Mapping`](crate::ErrorKind::Mapping), or the server's.
    fn create_all(engine: &Engine) -> impl Future<Output = Result<()>> + Send {
        async move { create::create_all(engine, Self::metadata()?).await }
    }

    /// Drops the tables, views and types of all models, with everything in them, and the schemas that models name, where nothing else is in
    /// them and they belong to who drops them; `public` stays.
    ///
    /// # Errors
    /// [`Mapping`](crate::ErrorKind::Mapping), or the server's.
    fn drop_all(engine: &Engine) -> impl Future<Output = Result<()>> + Send {
        async move { create::drop_all(engine, Self::metadata()?).await }
    }
}

/// The entry of a model in the link-time list; made by the derive.
#[derive(Debug)]
pub struct Registration(pub fn() -> &'static ModelDef);

inventory::collect!(Registration);

/// Declares a base for models.
///
/// ```
/// orm_core::declarative_base!(pub Base);
/// use orm_core::prelude::*;
/// assert!(Base::metadata()?.tables().is_empty());
///
/// mod archive {
///     orm_core::declarative_base! {
///         /// What is kept for the auditors: another family of models.
///         pub(crate) Archive
///     }
/// }
/// # assert!(archive::Archive::metadata()?.tables().is_empty());
/// # Ok::<_, orm_core::Error>(())
/// ```
#[macro_export]
macro_rules! declarative_base {
    ($(#[$meta:meta])* $vis:vis $name:ident) => {
        $(#[$meta])*
        /// The declarative base of the models that name it.
        #[derive(Clone, Copy, Debug)]
        $vis struct $name;

        impl $crate::mapper::DeclarativeBase for $name {
            fn registry() -> $crate::Result<&'static $crate::mapper::Registry> {
                static REGISTRY: $crate::__private::RegistryCell = $crate::__private::RegistryCell::new();
                REGISTRY.get(::core::any::TypeId::of::<$name>())
            }
        }
    };
}
