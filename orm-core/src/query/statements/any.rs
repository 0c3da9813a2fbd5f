//! Queries of models that are not known at compile time.

use crate::error::Result;
use crate::mapper::{AnyHandle, Criteria, DeclarativeBase, Layout, Model, ModelDef, Registry};
use crate::query::{Select, Steps};
use crate::sql;
use std::borrow::Cow;
use std::fmt::{self, Debug};

/// An enum of handles over models that have nothing but their kind in common, such as a mixin; made by
/// `#[derive(Polymorphic)]` without a base.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// #[derive(Embedded, Clone, Debug)]
/// pub struct Registered {
///     pub plate: String,
/// }
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Car {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     #[model(embed, prefix = "")]
///     pub registered: Registered,
///     pub doors: i32,
/// }
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Boat {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     #[model(embed, prefix = "")]
///     pub registered: Registered,
/// }
///
/// #[derive(Polymorphic, Clone, Copy, Debug)]
/// pub enum Vehicle {
///     Car(Handle<Car>),
///     Boat(Handle<Boat>),
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut session = engine.session();
/// session.add(Car::builder().registered(Registered { plate: "UL-1".into() }).doors(5));
/// session.add(Boat::builder().registered(Registered { plate: "UL-2".into() }));
/// session.commit().await?;
/// let family = select::<Car>().filter(Car::DOORS.ge(4)); // one query a table, all in one round trip
/// let vehicles = session.all_kinds::<Vehicle>((family, select::<Boat>())).await?;
/// assert!(matches!(vehicles[..], [Vehicle::Car(_), Vehicle::Boat(_)]));
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no enum of handles",
    label = "not an enum of handles",
    note = "put `#[derive(Polymorphic, Clone, Copy, Debug)]` on an enum of handles"
)]
pub trait Concrete: Sized + Debug + Send + Sync + 'static {
    /// A query a variant, in their order.
    type Queries: Send;

    #[doc(hidden)]
    fn queries(queries: Self::Queries) -> Vec<AnySelect>;

    #[doc(hidden)]
    fn of(variant: usize, handle: AnyHandle) -> Option<Self>;
}

/// Makes the query in a session with some criteria.
type Restricted = dyn Fn(&Criteria) -> Result<sql::Select> + Send;

/// A query of any model.
pub struct AnySelect {
    pub(crate) def: &'static ModelDef,
    pub(crate) registry: fn() -> Result<&'static Registry>,
    pub(crate) layout: Cow<'static, Layout>,
    pub(crate) paths: Vec<Steps>,
    restricted: Box<Restricted>,
}

impl AnySelect {
    /// The query with all conditions that its rows have to meet.
    pub(crate) fn restricted(&self, criteria: &Criteria) -> Result<sql::Select> {
        (self.restricted)(criteria)
    }
}

impl<M: Model> From<Select<M>> for AnySelect {
    fn from(select: Select<M>) -> Self {
        Self {
            def: M::def(),
            registry: M::Base::registry,
            layout: select.layout.clone(),
            paths: select.paths.clone(),
            restricted: Box::new(move |criteria| select.restricted(criteria)),
        }
    }
}

impl fmt::Debug for AnySelect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnySelect({})", self.def.name)
    }
}
