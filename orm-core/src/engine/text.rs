//! Running the program's own SQL, and reading what comes back.

use super::{Executor, Reply};
use crate::error::{Error, ErrorKind, Result};
use crate::sql::Text;
use crate::types::{ColumnType, ScalarType, read_column};
use tokio_postgres::Row;

/// What a row of a [`Text`] can be read into: a tuple of column types, a struct with `#[derive(Row)]`, or the [`Row`] itself.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::{engine::FromRow, sql::text};
/// async fn first<R: FromRow>(engine: &Engine) -> orm_core::Result<R> {
///     let rows = text("SELECT 7::bigint AS n, 'Tea' AS title, NULL::int AS age").fetch(engine).await?;
///     Ok(rows.into_iter().next().expect("one row"))
/// }
/// assert_eq!(first::<(i64, String, Option<i32>)>(&engine).await?, (7, "Tea".to_owned(), None));
/// assert_eq!(first::<tokio_postgres::Row>(&engine).await?.get::<_, &str>("title"), "Tea");
/// let error = first::<(i64, String)>(&engine).await.unwrap_err();
/// assert!(error.to_string().contains("the row has 3 columns, 2 were asked for"));
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "a row cannot be read into `{Self}`",
    label = "expected a tuple of one to eight column types, such as `(i64, Option<String>)`, a struct with `#[derive(Row)]`, or `tokio_postgres::Row`"
)]
pub trait FromRow: Sized {
    /// Reads a row.
    ///
    /// # Errors
    /// [`Decode`](ErrorKind::Decode) for a row of other columns.
    fn from_row(row: Row) -> Result<Self>;
}

impl FromRow for Row {
    fn from_row(row: Row) -> Result<Self> {
        Ok(row)
    }
}

fn column<F: ColumnType>(row: &Row, at: usize) -> Result<F> {
    read_column(row, at).map_err(|source| {
        let name = row.columns().get(at).map_or("?", tokio_postgres::Column::name);
        Error::decode(format_args!("the column `{name}`"), source).with_columns(vec![name.to_owned()])
    })
}

fn has_columns(row: &Row, expected: usize) -> Result<()> {
    if row.len() == expected {
        return Ok(());
    }
    let why = format!("the row has {} columns, {expected} were asked for", row.len());
    Err(Error::new(ErrorKind::Decode, why))
}

macro_rules! tuples {
    ($count:literal: $($ty:ident $index:tt)+) => {
        impl<$($ty: ColumnType),+> FromRow for ($($ty,)+) {
            fn from_row(row: Row) -> Result<Self> {
                has_columns(&row, $count)?;
                Ok(($(column::<$ty>(&row, $index)?,)+))
            }
        }
    };
}
tuples!(1: A 0);
tuples!(2: A 0 B 1);
tuples!(3: A 0 B 1 C 2);
tuples!(4: A 0 B 1 C 2 D 3);
tuples!(5: A 0 B 1 C 2 D 3 E 4);
tuples!(6: A 0 B 1 C 2 D 3 E 4 F 5);
tuples!(7: A 0 B 1 C 2 D 3 E 4 F 5 G 6);
tuples!(8: A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7);

/// All rows of an answer.
pub(crate) fn rows<R: FromRow>(reply: Reply) -> Result<Vec<R>> {
    reply.rows.into_iter().map(R::from_row).collect()
}

/// The first column of the first row.
pub(crate) fn scalar<T: ScalarType>(reply: &Reply) -> Result<Option<T>> {
    match reply.rows.first() {
        Some(row) => column::<Option<T>>(row, 0),
        None => Ok(None),
    }
}

/// The first column of all rows.
pub(crate) fn scalars<T: ColumnType>(reply: &Reply) -> Result<Vec<T>> {
    reply.rows.iter().map(|row| column(row, 0)).collect()
}

/// The same four verbs as of a session; here each is a transaction by itself, or a part of the connection's.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::sql::text;
/// let mut connection = engine.connection().await?;
/// connection.begin().await?;
/// let sql = text("INSERT INTO product (sku, title, price_cents) VALUES ('T-1', 'Tea', 390), ('T-2', 'Tea', 450)");
/// assert_eq!(sql.execute(&mut connection).await?, 2);
/// let skus = text("SELECT sku FROM product ORDER BY sku").scalars::<String>(&mut connection).await?;
/// assert_eq!(skus, ["T-1", "T-2"]);
/// connection.commit().await?;
///
/// let dear = text("SELECT sku, price_cents FROM product WHERE price_cents > $1").bind(400_i64);
/// assert_eq!(dear.fetch::<(String, i64)>(&engine).await?, [("T-2".to_owned(), 450)]);
/// assert_eq!(text("SELECT count(*) FROM product").scalar::<i64>(&engine).await?, Some(2));
/// # Ok(()) }
/// ```
impl Text {
    /// Runs the text; gives the number of rows that it changed or selected.
    ///
    /// # Errors
    /// [`Binds`](ErrorKind::Binds) for another number of values than placeholders; the server's.
    pub async fn execute(self, executor: impl Executor) -> Result<u64> {
        Ok(executor.run(self.into_statement()?).await?.affected)
    }

    /// All rows.
    ///
    /// # Errors
    /// As [`execute`](Self::execute); [`Decode`](ErrorKind::Decode) for a row that does not fit.
    pub async fn fetch<R: FromRow>(self, executor: impl Executor) -> Result<Vec<R>> {
        rows(executor.run(self.into_statement()?).await?)
    }

    /// The first column of the first row; `None` when there is no row, or `NULL` in it.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch).
    pub async fn scalar<T: ScalarType>(self, executor: impl Executor) -> Result<Option<T>> {
        scalar(&executor.run(self.into_statement()?).await?)
    }

    /// The first column of all rows.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch).
    pub async fn scalars<T: ColumnType>(self, executor: impl Executor) -> Result<Vec<T>> {
        scalars(&executor.run(self.into_statement()?).await?)
    }
}
