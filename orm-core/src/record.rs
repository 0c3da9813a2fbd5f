//! One row at a time, without a session.

use crate::engine::{Executor, Reply};
use crate::error::{Error, ErrorKind, Result};
use crate::flush::{shown_key, stale_rows};
use crate::mapper::{
    DeclarativeBase, Mapper, Model, Relation, Writable, first_version, next_version, refuse_written,
};
use crate::query::{Select, select};
use crate::sql::{Delete, Expr, Insert, InsertKeys, Param, Statement, Update};
use crate::types::{ColumnValue, IntoKey, Key};
use bytes::BytesMut;
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
        key: impl IntoKey<Self::Key> + Send,
    ) -> impl Future<Output = Result<Option<Self>>> + Send {
        by_key::<Self>(&key.into_key()).fetch_optional(executor)
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
}

impl<T: Model> Record for T {}

/// The half of [`Record`] that writes: models of tables have it, and those of views have not.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// /// A function over any model that can be written.
/// async fn replace<M: orm_core::WritableRecord>(engine: &Engine, old: &M, new: &mut M) -> orm_core::Result<()> {
///     old.delete(engine).await?;
///     new.insert(engine).await
/// }
/// let mut tea = Product::builder().sku("T-1").title("Tea").price_cents(390).build();
/// tea.insert(&engine).await?;
/// let mut dearer = Product { id: Auto::Unset, price_cents: 420, ..tea.clone() };
/// replace(&engine, &tea, &mut dearer).await?;
/// assert_eq!(engine.fetch_one(columns(Product::PRICE_CENTS)).await?, 420);
/// # Ok(()) }
/// ```
pub trait WritableRecord: Writable {
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
            let mapper = mapper::<Self>()?;
            mapper.fill_shared(self)?;
            mapper.fit(self, None, &[], &mut BytesMut::new())?;
            let writing = insert(self)?;
            let reply = executor.run(writing.statement.clone()).await.map_err(explain::<Self>)?;
            writing.settle(self, &reply)
        }
    }

    /// Writes all columns but the key to the row; what the database computes comes back into the object.
    ///
    /// A row with a version is written when it still has that of the object, which then gets the next one. Columns with
    /// `onupdate` get what that says, whatever they hold.
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
    /// [`StaleData`](ErrorKind::StaleData) when the row is not there, or has another version; the server's.
    fn update(&mut self, executor: impl Executor) -> impl Future<Output = Result<()>> + Send {
        async move {
            mapper::<Self>()?.fit(self, None, &[], &mut BytesMut::new())?;
            let writing = update(self)?;
            let reply = executor.run(writing.statement.clone()).await.map_err(explain::<Self>)?;
            if reply.affected == 0 { Err(absent(self)) } else { writing.settle(self, &reply) }
        }
    }

    /// Deletes the row, one with a version when it still has that of the object.
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
    /// [`StaleData`](ErrorKind::StaleData) when the row is not there, or has another version; the server's.
    fn delete(&self, executor: impl Executor) -> impl Future<Output = Result<()>> + Send {
        async move {
            let reply = executor.run(delete(self)?).await.map_err(explain::<Self>)?;
            if reply.affected == 0 { Err(absent(self)) } else { Ok(()) }
        }
    }
}

impl<T: Writable> WritableRecord for T {}

/// The query for one row.
pub(crate) fn by_key<T: Model>(key: &T::Key) -> Select<T> {
    select::<T>().with_key(key_is::<T>(key))
}

/// Whether a row has the key.
pub(crate) fn key_is<T: Model>(key: &T::Key) -> Expr {
    let parts = T::def().primary_key().enumerate().map(|(part, column)| Expr::Binary {
        op: "=",
        left: Box::new(Expr::Column(T::def().columns[column].name)),
        right: Box::new(Expr::Bind(Param::of(key.part(part)))),
    });
    Expr::And(parts.collect())
}

fn mapper<T: Model>() -> Result<&'static Mapper> {
    T::Base::registry()?.mapper(T::def())
}

/// What an INSERT gives a column.
fn inserted<T: Model>(object: &T, column: usize) -> ColumnValue<'_> {
    T::def().columns[column].inserted(object.column(column))
}

fn param<T: Model>(value: ColumnValue<'_>, column: usize) -> Result<Param> {
    let def = &T::def().columns[column];
    match value {
        ColumnValue::Unset | ColumnValue::Pending | ColumnValue::NotLoaded => {
            let why = format!("`{}` of a `{}` has no value", def.field, T::def().name);
            let columns = vec![def.name.to_owned()];
            Err(Error::new(ErrorKind::Unset, why).with_model(T::def().name).with_columns(columns))
        }
        value => def.sendable(T::def().name, Param::of_column(value, def.sql_type)),
    }
}

/// A statement that writes a row.
struct Writing {
    statement: Statement,
    /// What it writes beside the values of the object.
    stamps: Vec<(usize, Param)>,
    /// The columns that come back.
    returned: Vec<usize>,
}

impl Writing {
    /// Takes over into the object what was written and what came back.
    fn settle<T: Model>(&self, object: &mut T, reply: &Reply) -> Result<()> {
        for (column, stamp) in &self.stamps {
            let raw =
                stamp.raw().map_err(|why| Error::encode(format_args!("`{}`", T::def().name), why.into()))?;
            Model::set_generated(object, *column, &stamp.ty(), raw)?;
        }
        let Some(row) = reply.rows.first() else { return Ok(()) };
        for (at, column) in self.returned.iter().enumerate() {
            let raw = crate::load::raw_column(row, at)?;
            Model::set_generated(object, *column, row.columns()[at].type_(), raw)?;
        }
        Ok(())
    }
}

/// The values of some columns, but for those that are written in their place.
fn params<'a, T: Model>(
    value: impl Fn(usize) -> ColumnValue<'a>,
    columns: &[usize],
    stamps: &[(usize, Param)],
) -> Result<Vec<Param>> {
    let value = |column: &usize| match stamps.iter().find(|(stamped, _)| stamped == column) {
        Some((_, stamp)) => Ok(stamp.clone()),
        None => param::<T>(value(*column), *column),
    };
    columns.iter().map(value).collect()
}

fn insert<T: Model>(object: &T) -> Result<Writing> {
    let mapper = mapper::<T>()?;
    refuse_written(object, None)?;
    mapper.check_shared(object)?;
    let version = mapper.written_version();
    let stamps: Vec<(usize, Param)> = version
        .map(|column| (column, first_version(T::def().columns[column].sql_type)))
        .into_iter()
        .collect();
    let is_left = |i: &usize| {
        let def = &T::def().columns[*i];
        !def.is_given()
            || (def.auto && version != Some(*i) && matches!(inserted(object, *i), ColumnValue::Unset))
    };
    let (returned, given): (Vec<usize>, Vec<usize>) = (0..T::def().columns.len()).partition(is_left);
    let text = Insert {
        table: T::def().table,
        columns: &mapper.typed(&given),
        defaults: &[],
        keys: InsertKeys::Given,
        returning: &names::<T>(&returned),
        skip_existing: false,
    }
    .one();
    let value = |column| inserted(object, column);
    let params = params::<T>(value, &given, &stamps)?;
    Ok(Writing { statement: Statement { text: text.into(), params }, stamps, returned })
}

fn update<T: Model>(object: &T) -> Result<Writing> {
    let mapper = mapper::<T>()?;
    let key = &mapper.primary_key;
    mapper.check_shared(object)?;
    let mut stamps = Vec::new();
    if let Some(column) = mapper.written_version() {
        let sql_type = T::def().columns[column].sql_type;
        stamps.push((column, next_version(sql_type, object.column(column))?));
    }
    let on_update = mapper.on_update.iter().filter_map(|i| Some((*i, T::def().columns[*i].on_update?)));
    for (column, make) in on_update {
        stamps.push((column, T::def().columns[column].fit(T::def().name, make())?));
    }
    let is_set = |i: &usize| {
        let def = &T::def().columns[*i];
        let unset = def.auto && matches!(object.column(*i), ColumnValue::Unset);
        let is_read = !matches!(object.column(*i), ColumnValue::NotLoaded);
        !key.contains(i)
            && def.is_given()
            && ((!unset && is_read) || stamps.iter().any(|(stamped, _)| stamped == i))
    };
    let set: Vec<usize> = (0..T::def().columns.len()).filter(is_set).collect();
    if set.is_empty() {
        let why = format!("`{}` has no column beside its key that could be updated", T::def().name);
        return Err(Error::new(ErrorKind::Unset, why).with_model(T::def().name));
    }
    let text = Update {
        table: T::def().table,
        key: &mapper.typed(key),
        version: mapper.version.map(|column| mapper.typed(&[column])[0]),
        columns: &mapper.typed(&set),
        computed: &[],
        restriction: "",
        returning: &names::<T>(&mapper.generated),
        guarded: false,
    }
    .one();
    let mut all = compared(object, mapper)?;
    all.extend(params::<T>(|column| object.column(column), &set, &stamps)?);
    let statement = Statement { text: text.into(), params: all };
    Ok(Writing { statement, stamps, returned: mapper.generated.clone() })
}

fn delete<T: Model>(object: &T) -> Result<Statement> {
    let mapper = mapper::<T>()?;
    let version = mapper.version.map(|column| mapper.typed(&[column])[0]);
    let key = mapper.typed(&mapper.primary_key);
    let text = Delete { table: T::def().table, key: &key, version, guarded: false }.one();
    Ok(Statement { text: text.into(), params: compared(object, mapper)? })
}

/// The key of an object, and the version that it was read with.
fn compared<T: Model>(object: &T, mapper: &Mapper) -> Result<Vec<Param>> {
    let columns = mapper.primary_key.iter().copied().chain(mapper.version);
    columns.map(|column| param::<T>(object.column(column), column)).collect()
}

fn names<T: Model>(columns: &[usize]) -> Vec<&'static str> {
    columns.iter().map(|i| T::def().columns[*i].name).collect()
}

/// Adds what the models know to an error of the server.
fn explain<T: Model>(error: Error) -> Error {
    match T::Base::registry() {
        Ok(registry) => registry.explain(error),
        Err(_) => error,
    }
}

/// The error of a row that is not there, or has another version.
fn absent<T: Model>(object: &T) -> Error {
    let Ok(mapper) = mapper::<T>() else { return Error::new(ErrorKind::StaleData, "the row is not there") };
    stale_rows(mapper, &shown_key(mapper, object))
}
