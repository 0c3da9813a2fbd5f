//! The program's own SQL, and the connection itself, inside the session's transaction.

use super::Session;
use crate::engine::{Connection, Engine, FromRow, Reply, Request, rows, scalar, scalars};
use crate::error::Result;
use crate::load::{Known, ObjectRows};
use crate::mapper::{Handle, Model};
use crate::query::layout_of;
use crate::sql::Text;
use crate::types::{ColumnType, ScalarType};
use std::borrow::Cow;

impl Session {
    /// Runs SQL text in the transaction of the session, and begins one when there is none; gives the number of rows that it
    /// changed.
    ///
    /// What changed in the session is flushed first. Objects that the session has do not follow what the text does to
    /// their rows.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::sql::text;
    /// let mut session = engine.session();
    /// session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    /// let raise = text("UPDATE product SET price_cents = price_cents + $1 WHERE sku = $2");
    /// assert_eq!(session.execute(raise.bind(10_i64).bind("T-1")).await?, 1); // the new row is there already
    /// session.commit().await?;
    /// assert_eq!(engine.fetch_one(columns(Product::PRICE_CENTS)).await?, 400);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Binds`](crate::ErrorKind::Binds) for another number of values than placeholders; the server's, after which
    /// [`rollback`](Self::rollback) comes first; what a flush refuses.
    pub async fn execute(&mut self, text: Text) -> Result<u64> {
        Ok(self.run_text(text, false).await?.affected)
    }

    /// The rows of SQL text: tuples of column types, or `tokio_postgres::Row`s.
    ///
    /// What changed in the session is flushed first. A text that begins with `SELECT` is read as queries are: in the open
    /// transaction, or without one. Any other begins one, as in [`execute`](Self::execute).
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::sql::text;
    /// let mut session = engine.session();
    /// let sql = text("INSERT INTO product (sku, title, price_cents) VALUES ($1, 'Tea', 390) RETURNING id, title");
    /// let rows = session.fetch::<(i64, String)>(sql.bind("T-1")).await?;
    /// assert_eq!(rows, [(1, "Tea".to_owned())]);
    /// assert!(session.in_transaction()); // it is for `commit` to keep the row
    /// session.rollback().await?;
    /// assert_eq!(session.fetch::<(String,)>(text("SELECT title FROM product")).await?, []);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`execute`](Self::execute); [`Decode`](crate::ErrorKind::Decode) for a row that does not fit.
    pub async fn fetch<R: FromRow>(&mut self, text: Text) -> Result<Vec<R>> {
        rows(self.run_text(text, true).await?)
    }

    /// The first column of the first row of SQL text; `None` when there is no row, or `NULL` in it. It runs as
    /// [`fetch`](Self::fetch) does.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::sql::text;
    /// let mut session = engine.session();
    /// assert_eq!(session.scalar::<i64>(text("SELECT max(price_cents) FROM product")).await?, None);
    /// session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    /// assert_eq!(session.scalar(text("SELECT max(price_cents) FROM product")).await?, Some(390_i64));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch).
    pub async fn scalar<T: ScalarType>(&mut self, text: Text) -> Result<Option<T>> {
        scalar(&self.run_text(text, true).await?)
    }

    /// The first column of all rows of SQL text. It runs as [`fetch`](Self::fetch) does.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::sql::text;
    /// let mut session = engine.session();
    /// session.add_all(["T-1", "T-2"].map(|sku| Product::builder().sku(sku).title("Tea").price_cents(390)));
    /// let skus: Vec<String> = session.scalars(text("SELECT sku FROM product ORDER BY 1 DESC")).await?;
    /// assert_eq!(skus, ["T-2", "T-1"]);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch).
    pub async fn scalars<T: ColumnType>(&mut self, text: Text) -> Result<Vec<T>> {
        scalars(&self.run_text(text, true).await?)
    }

    /// The rows of SQL text as objects of the session, each once: columns are found by their names, and others may stand beside them. It runs
    /// as [`fetch`](Self::fetch) does. What the session knows already stays as it is, unless it is stale.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::sql;
    /// let mut session = engine.session();
    /// let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    /// let cheap = sql!("SELECT * FROM product TABLESAMPLE SYSTEM (100) WHERE price_cents < {}", 400_i64);
    /// assert_eq!(session.models::<Product>(cheap).await?, [tea]);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch); [`Decode`](crate::ErrorKind::Decode) for a column that is missing, or that is there more than once.
    pub async fn models<M: Model>(&mut self, text: Text) -> Result<Vec<Handle<M>>> {
        let store = self.arena.store_for::<M>()?;
        let reply = self.run_text(text, true).await?;
        if reply.rows.is_empty() {
            return Ok(Vec::new());
        }
        let layout = layout_of::<M>(&reply.rows)?;
        let rows = ObjectRows::of(self.arena.stores[store].mapper, Cow::Owned(layout), 0, &reply.rows);
        let slots = rows.load(&mut self.arena, store, Known::Keep);
        self.tell_notes();
        let id = self.id();
        Ok(slots?.into_iter().map(|slot| Handle::new(id, slot)).collect())
    }

    /// The connection of the session's transaction, which begins when there is none; what changed is flushed first.
    ///
    /// The transaction ends with the session's `commit` or `rollback`, not with the connection's: only those tell the objects.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    /// let connection = session.connection().await?;
    /// connection.execute_script("SET LOCAL lock_timeout = '1s'").await?;
    /// assert_eq!(connection.count(select::<Product>()).await?, 1);
    /// session.commit().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The server's; what a flush refuses; [`NeedsRollback`](crate::ErrorKind::NeedsRollback).
    pub async fn connection(&mut self) -> Result<&mut Connection> {
        self.flush_before_query().await?;
        self.begin().await?;
        self.arena.note_write();
        Ok(self.connection.as_mut().expect("a transaction that is open has its connection"))
    }

    /// The engine that the session runs on; the same as [`engine`](Self::engine).
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let session = engine.session();
    /// assert_eq!(session.get_bind().to_string(), session.engine().to_string());
    /// # Ok(()) }
    /// ```
    pub const fn get_bind(&self) -> &Engine {
        self.engine()
    }

    /// Runs a text in the transaction, which begins with it unless the text may do without.
    async fn run_text(&mut self, text: Text, may_read: bool) -> Result<Reply> {
        let reads = may_read && text.reads();
        let statement = text.into_statement()?;
        self.flush_before_query().await?;
        let replies = if reads {
            self.read(vec![statement]).await
        } else {
            self.arena.note_write();
            self.fly_inside([Request::Run(statement)], &mut []).await
        };
        Ok(replies.map_err(|error| self.retell(error))?.pop().unwrap_or_default())
    }
}
