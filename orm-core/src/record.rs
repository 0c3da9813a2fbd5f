//! One row at a time, without a session.

use crate::engine::Executor;
use crate::error::{Error, ErrorKind, Result};
use crate::mapper::{DeclarativeBase, Mapper, Model, Relation};
use crate::query::{Predicate, Select, select};
use crate::sql::{Delete, Expr, Insert, InsertKeys, Param, Statement, TypedColumn, Update};
use crate::types::{ColumnValue, Key};
use std::future::Future;

/// CRUD of a model without a session: for scripts, and for handlers that touch one row.
///
/// These calls write exactly one row, whatever the relations of the object hold; graphs are the work of a
/// [`Session`](crate::Session). They run on `&engine`, or on `&mut connection` inside its transaction.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut ann = Customer::builder().name("Ann").email("ann@example.org").build();
/// ann.insert(&engine).await?;
/// ann.name.push_str(" Lee");
/// ann.update(&engine).await?;
/// assert_eq!(Customer::find(&engine, ann.id.unwrap()).await?.unwrap().name, "Ann Lee");
/// ann.delete(&engine).await?;
/// assert!(Customer::find(&engine, ann.id.unwrap()).await?.is_none());
/// # Ok(()) }
/// ```
pub trait Record: Model {
    /// The row with this primary key.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # Product::builder().sku("T-1").title("Tea").price_cents(390).build().insert(&engine).await?;
    /// assert_eq!(Product::find(&engine, 1).await?.map(|tea| tea.sku), Some("T-1".to_owned()));
    /// assert!(Product::find(&engine, 2).await?.is_none());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The server's; [`Decode`](ErrorKind::Decode) for a row that does not fit.
    fn find(
        executor: impl Executor,
        key: impl Into<Self::Key> + Send,
    ) -> impl Future<Output = Result<Option<Self>>> + Send {
        by_key::<Self>(&key.into()).fetch_optional(executor)
    }

    /// The objects at the other end of a relation, as owned values; [`Relation::of`] is the query behind it.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// # session.add(Customer::builder().name("Ann").email("ann@example.org").carts([Cart::builder(), Cart::builder()]));
    /// # session.commit().await?;
    /// let ann = Customer::find(&engine, 1).await?.unwrap();
    /// let carts: Vec<Cart> = ann.fetch_related(&engine, Customer::CARTS).await?;
    /// assert_eq!(carts.len(), 2);
    /// assert_eq!(carts[0].fetch_related(&engine, Cart::CUSTOMER).await?[0].name, "Ann");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Select::fetch_all`].
    fn fetch_related<T: Model, A>(
        &self,
        executor: impl Executor,
        relation: Relation<Self, T, A>,
    ) -> impl Future<Output = Result<Vec<T>>> + Send {
        relation.of(self).fetch_all(executor)
    }

    /// Inserts the row; what the database fills in comes back into the object.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut ann = Customer::builder().name("Ann").email("ann@example.org").build();
    /// ann.insert(&engine).await?;
    /// assert!(ann.id.is_set() && ann.created_at.is_set());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The server's, such as a unique violation; [`Unset`](ErrorKind::Unset) for a foreign key without
    /// a value.
    fn insert(&mut self, executor: impl Executor) -> impl Future<Output = Result<()>> + Send {
        async move {
            let (statement, generated) = insert(self)?;
            let reply = executor.run(statement).await.map_err(explain::<Self>)?;
            let Some(row) = reply.rows.first() else { return Ok(()) };
            for (at, column) in generated.into_iter().enumerate() {
                let raw = crate::load::raw_column(row, at)?;
                self.set_generated(column, row.columns()[at].type_(), raw)?;
            }
            Ok(())
        }
    }

    /// Writes all columns but the key to the row.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut tea = Product::builder().sku("T-1").title("Tea").price_cents(390).build();
    /// tea.insert(&engine).await?;
    /// tea.price_cents = 420;
    /// tea.update(&engine).await?;
    /// assert_eq!(engine.fetch_one(columns(Product::PRICE_CENTS)).await?, 420);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`StaleData`](ErrorKind::StaleData) when the row is not there; the server's.
    fn update(&self, executor: impl Executor) -> impl Future<Output = Result<()>> + Send {
        async move {
            let reply = executor.run(update(self)?).await.map_err(explain::<Self>)?;
            if reply.affected == 0 { Err(absent::<Self>("updated")) } else { Ok(()) }
        }
    }

    /// Deletes the row.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut tea = Product::builder().sku("T-1").title("Tea").price_cents(390).build();
    /// tea.insert(&engine).await?;
    /// tea.delete(&engine).await?;
    /// assert_eq!(tea.delete(&engine).await.unwrap_err().kind(), orm_core::ErrorKind::StaleData);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`StaleData`](ErrorKind::StaleData) when the row is not there; the server's.
    fn delete(&self, executor: impl Executor) -> impl Future<Output = Result<()>> + Send {
        async move {
            let reply = executor.run(delete(self)?).await.map_err(explain::<Self>)?;
            if reply.affected == 0 { Err(absent::<Self>("deleted")) } else { Ok(()) }
        }
    }
}

impl<T: Model> Record for T {}

/// The query for one row.
pub(crate) fn by_key<T: Model>(key: &T::Key) -> Select<T> {
    let parts = T::def().primary_key().enumerate().map(|(part, column)| Expr::Binary {
        op: "=",
        left: Box::new(Expr::Column(T::def().columns[column].name)),
        right: Box::new(Expr::Bind(Param::of(key.part(part)))),
    });
    select::<T>().filter(Predicate::new(Expr::And(parts.collect())))
}

fn mapper<T: Model>() -> Result<&'static Mapper> {
    T::Base::registry()?.mapper(T::def())
}

fn typed<T: Model>(columns: &[usize]) -> Vec<TypedColumn<'static>> {
    let defs = columns.iter().map(|i| &T::def().columns[*i]);
    defs.map(|def| TypedColumn { name: def.name, sql_type: def.sql_type }).collect()
}

fn param<T: Model>(object: &T, column: usize) -> Result<Param> {
    let def = &T::def().columns[column];
    match object.column(column) {
        ColumnValue::Unset | ColumnValue::Pending => {
            let why = format!("`{}` of a `{}` has no value", def.field, T::def().name);
            let columns = vec![def.name.to_owned()];
            Err(Error::new(ErrorKind::Unset, why).with_model(T::def().name).with_columns(columns))
        }
        value => Ok(Param::of_column(value, def.sql_type)),
    }
}

/// The statement, and the columns that come back.
fn insert<T: Model>(object: &T) -> Result<(Statement, Vec<usize>)> {
    mapper::<T>()?;
    let is_left = |i: &usize| T::def().columns[*i].auto && matches!(object.column(*i), ColumnValue::Unset);
    let (left, given): (Vec<usize>, Vec<usize>) = (0..T::def().columns.len()).partition(is_left);
    let returning: Vec<&str> = left.iter().map(|i| T::def().columns[*i].name).collect();
    let text = Insert {
        table: T::def().table,
        columns: &typed::<T>(&given),
        defaults: &[],
        keys: InsertKeys::Given,
        returning: &returning,
        skip_existing: false,
    }
    .one();
    let params = given.iter().map(|column| param(object, *column)).collect::<Result<_>>()?;
    Ok((Statement { text: text.into(), params }, left))
}

fn update<T: Model>(object: &T) -> Result<Statement> {
    let key = &mapper::<T>()?.primary_key;
    let is_set = |i: &usize| {
        let unset = T::def().columns[*i].auto && matches!(object.column(*i), ColumnValue::Unset);
        !key.contains(i) && !unset
    };
    let set: Vec<usize> = (0..T::def().columns.len()).filter(is_set).collect();
    if set.is_empty() {
        let why = format!("`{}` has no column beside its key that could be updated", T::def().name);
        return Err(Error::new(ErrorKind::Unset, why).with_model(T::def().name));
    }
    let (key_columns, columns) = (typed::<T>(key), typed::<T>(&set));
    let text = Update { table: T::def().table, key: &key_columns, columns: &columns, guarded: false }.one();
    let params = key.iter().chain(&set).map(|column| param(object, *column)).collect::<Result<_>>()?;
    Ok(Statement { text: text.into(), params })
}

fn delete<T: Model>(object: &T) -> Result<Statement> {
    let key = &mapper::<T>()?.primary_key;
    let text = Delete { table: T::def().table, key: &typed::<T>(key) }.one();
    let params = key.iter().map(|column| param(object, *column)).collect::<Result<_>>()?;
    Ok(Statement { text: text.into(), params })
}

/// Adds what the models know to an error of the server.
fn explain<T: Model>(error: Error) -> Error {
    match T::Base::registry() {
        Ok(registry) => registry.explain(error),
        Err(_) => error,
    }
}

fn absent<T: Model>(what: &str) -> Error {
    let name = T::def().name;
    let why = format!("the row of a `{name}` that was to be {what} is not there");
    Error::new(ErrorKind::StaleData, why).with_model(name)
}
