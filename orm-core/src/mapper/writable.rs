//! Which models can be written.

use super::Model;

/// A model of a table, whose rows can be written; made by `#[derive(Model)]`, but not for [views](super::Materialized).
///
/// Everything that adds, changes or deletes asks for it, so that such calls on a view do not compile.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Customer};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::mapper::Writable;
/// /// A function over any model that can be written.
/// async fn delete_all<M: Writable>(engine: &Engine, objects: Vec<M>) -> orm_core::Result<()> {
///     for object in objects {
///         object.delete(engine).await?;
///     }
///     Ok(())
/// }
/// # Customer::builder().name("Ann").email("ann@example.org").build().insert(&engine).await?;
/// delete_all(&engine, engine.fetch_all(select::<Customer>()).await?).await?;
/// assert_eq!(engine.count(select::<Customer>()).await?, 0);
/// # Ok(()) }
/// ```
///
/// ```compile_fail
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # #[derive(Model, Clone, Debug)]
/// # #[model(base = Base, view = "SELECT 1::bigint AS id")]
/// # pub struct One { #[model(primary_key)] pub id: i64 }
/// # fn add(session: &mut Session) {
/// session.add(One { id: 1 }); // rows of `One` can be read, and not written
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "rows of `{Self}` can be read, and not written",
    label = "this is no model of a table",
    note = "write the rows of the tables that a view reads; a function over any model that is written says `M: Writable`"
)]
pub trait Writable: Model {}

#[diagnostic::do_not_recommend]
impl<M: Model<Backing = InTable>> Writable for M {}

/// A model of a materialised view: `#[model(view = …, materialized)]`.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base, view = "SELECT 1::bigint AS id", materialized)]
/// pub struct One {
///     #[model(primary_key)]
///     pub id: i64,
/// }
/// fn name<M: orm_core::mapper::Materialized>() -> &'static str {
///     M::def().table.name
/// }
/// assert_eq!(name::<One>(), "one");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no materialised view",
    label = "keeps no rows that could be refreshed",
    note = "a materialised view says so: `#[model(view = …, materialized)]`"
)]
pub trait Materialized: Model {}

#[diagnostic::do_not_recommend]
impl<M: Model<Backing = InMaterializedView>> Materialized for M {}

/// What has the rows of a model.
#[doc(hidden)]
pub trait Backing: 'static {
    /// Whether it is a view, to which no foreign key can lead.
    const IS_VIEW: bool = true;
}

/// A table.
#[doc(hidden)]
#[derive(Debug)]
pub struct InTable;

/// A view.
#[doc(hidden)]
#[derive(Debug)]
pub struct InView;

/// A view that keeps its rows.
#[doc(hidden)]
#[derive(Debug)]
pub struct InMaterializedView;

impl Backing for InTable {
    const IS_VIEW: bool = false;
}

impl Backing for InView {}

impl Backing for InMaterializedView {}
