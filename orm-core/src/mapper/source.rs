//! What a query can select from.

use super::{Column, DeclarativeBase, Model, Registry, Relation};
use crate::error::{Error, ErrorKind, Result};
use crate::schema::TableName;
use std::fmt;
use std::marker::PhantomData;

/// Rows that a query selects from: those of a model, or of a model under another name, made by [`alias!`](crate::alias).
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::mapper::{Column, Source};
/// /// Whether two texts of one row are the same.
/// fn same<M: Source>(left: Column<M, String>, right: Column<M, String>) -> Predicate<M> {
///     left.eq(right)
/// }
/// let odd = select::<Customer>().filter(same(Customer::NAME, Customer::EMAIL));
/// assert!(odd.to_string().ends_with(r#"WHERE "name" = "email""#));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing that a query selects from",
    label = "neither a model nor an alias of one, nor a `Row`"
)]
pub trait Source: Sized + 'static {
    /// The name under which the query knows the rows; that of the table where it is `None`.
    #[doc(hidden)]
    const ALIAS: Option<&'static str>;

    /// Where the rows come from: [`Stored`] or [`Computed`].
    #[doc(hidden)]
    type Kind: 'static;

    /// The table; of computed rows, what they are called.
    #[doc(hidden)]
    fn table() -> TableName<'static>;

    /// What the rows are called in messages.
    #[doc(hidden)]
    fn name() -> &'static str;

    /// The name of a column.
    #[doc(hidden)]
    fn column(index: usize) -> &'static str;

    /// The models that stand in the base.
    ///
    /// # Errors
    /// A mistake in the base.
    #[doc(hidden)]
    fn registry() -> Result<&'static Registry> {
        let why = format!("`{0}` is the row of a query, and stands in no base", Self::name());
        Err(Error::new(ErrorKind::Mapping, why).with_model(Self::name()))
    }
}

/// Rows that stand in a table.
#[derive(Debug)]
#[doc(hidden)]
pub struct Stored;

/// Rows that a query gives.
#[derive(Debug)]
#[doc(hidden)]
pub struct Computed;

/// Rows that stand in a table of the database: those of a model, also under another name.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::mapper::Table;
/// orm_core::alias!(Buyer = Customer);
/// fn is_table<T: Table>() {}
/// is_table::<Customer>();
/// is_table::<Buyer>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no table: its rows come from a query, which has to be given",
    label = "rows of a query that is not given",
    note = "`select_from(query)` selects from it, `.join_rows(query, condition)` joins it"
)]
pub trait Table: Source {}

#[diagnostic::do_not_recommend]
impl<S: Source<Kind = Stored>> Table for S {}

impl<M: Model> Source for M {
    const ALIAS: Option<&'static str> = None;
    type Kind = Stored;

    fn table() -> TableName<'static> {
        M::def().table
    }

    fn name() -> &'static str {
        M::def().name
    }

    fn column(index: usize) -> &'static str {
        M::def().columns[index].name
    }

    fn registry() -> Result<&'static Registry> {
        M::Base::registry()
    }
}

/// The rows of a model under another name: what [`alias!`](crate::alias) makes.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::mapper::Alias;
/// orm_core::alias!(Friend = Customer);
/// fn is_alias<A: Alias<Model = Customer>>(_: A) {}
/// is_alias(Friend);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no other name of a model",
    label = "expected what `orm_core::alias!(Name = Model)` makes"
)]
pub trait Alias: Source {
    /// The model, or the row of a query.
    type Model: Source;
}

/// Another name for the rows of a model, for queries that read them twice.
///
/// The columns of the model belong to it by [`from`](crate::mapper::Column::from), its relations lead to it by
/// [`to`](crate::mapper::Relation::to):
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Employee {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     pub name: String,
///     #[belongs_to]
///     pub boss: Option<BelongsTo<Employee>>,
/// }
///
/// orm_core::alias!(pub Boss = Employee);
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut session = engine.session();
/// let ann = session.add(Employee::builder().name("Ann"));
/// session.add(Employee::builder().name("Bea").boss(ann));
/// session.commit().await?;
///
/// let bosses = select::<Employee>().join(Employee::BOSS.to(Boss)).columns((Employee::NAME, Employee::NAME.from(Boss)));
/// assert_eq!(engine.fetch_all(bosses).await?, [("Bea".to_owned(), "Ann".to_owned())]);
/// # Ok(()) }
/// ```
#[macro_export]
macro_rules! alias {
    ($(#[$meta:meta])* $visibility:vis $name:ident = $model:ty) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug)]
        $visibility struct $name;

        impl $crate::mapper::Source for $name {
            const ALIAS: ::core::option::Option<&'static str> =
                ::core::option::Option::Some($crate::sql::plain_name(::core::stringify!($name)));
            type Kind = <$model as $crate::mapper::Source>::Kind;

            fn table() -> $crate::schema::TableName<'static> {
                <$model as $crate::mapper::Source>::table()
            }

            fn name() -> &'static str {
                ::core::stringify!($name)
            }

            fn column(index: usize) -> &'static str {
                <$model as $crate::mapper::Source>::column(index)
            }

            fn registry() -> $crate::Result<&'static $crate::mapper::Registry> {
                <$model as $crate::mapper::Source>::registry()
            }
        }

        impl $crate::mapper::Alias for $name {
            type Model = $model;
        }
    };
}

impl<M: Source, F> Column<M, F> {
    /// The column of the rows that a query knows under another name: [`alias!`](crate::alias).
    pub fn from<A: Alias<Model = M>>(self, _alias: A) -> Column<A, F> {
        Column::new(self.index())
    }
}

impl<M: Model, T: Model, A> Relation<M, T, A> {
    /// The relation, whose members a query knows under another name: [`alias!`](crate::alias).
    pub fn to<N: Alias<Model = T>>(self, _alias: N) -> RelationBetween<M, N, M, T, A> {
        RelationBetween { relation: self, marker: PhantomData }
    }

    /// The relation of the rows that a query knows under another name: [`alias!`](crate::alias).
    pub fn from<O: Alias<Model = M>>(self, _alias: O) -> RelationBetween<O, T, M, T, A> {
        RelationBetween { relation: self, marker: PhantomData }
    }
}

/// A relation from the source `O` to the source `N`, of which at least one is an alias; made by [`Relation::to`] and
/// [`Relation::from`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Cart, Customer};
/// orm_core::alias!(Open = Cart);
/// orm_core::alias!(Buyer = Customer);
/// assert_eq!(format!("{:?}", Customer::CARTS.from(Buyer).to(Open)), "Customer::carts");
/// ```
pub struct RelationBetween<O, N, M, T, A> {
    pub(crate) relation: Relation<M, T, A>,
    marker: PhantomData<fn() -> (O, N)>,
}

impl<O: Source, M: Model, T: Model, A> RelationBetween<O, T, M, T, A> {
    /// The relation, whose members a query knows under another name as well.
    pub fn to<N: Alias<Model = T>>(self, _alias: N) -> RelationBetween<O, N, M, T, A> {
        RelationBetween { relation: self.relation, marker: PhantomData }
    }
}

impl<O, N, M, T, A> Clone for RelationBetween<O, N, M, T, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O, N, M, T, A> Copy for RelationBetween<O, N, M, T, A> {}

impl<O, N, M: Model, T, A> fmt::Debug for RelationBetween<O, N, M, T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.relation.fmt(f)
    }
}
