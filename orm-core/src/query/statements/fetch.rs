//! Running a SELECT without a session: owned rows.

use crate::engine::{Connection, Engine, Executor, ReadRows};
use crate::error::{Error, ErrorKind, Result};
use crate::mapper::Source;
use crate::query::{Scope, Select};
use crate::types::read_column;
use tokio_postgres::Row;

impl<S: Scope, R> Select<S, R> {
    /// All rows, as owned values.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # for (sku, price) in [("T-1", 390), ("T-2", 450)] {
    /// #     Product::builder().sku(sku).title("Tea").price_cents(price).build().insert(&engine).await?;
    /// # }
    /// let teas: Vec<Product> = select::<Product>().order_by(Product::SKU).fetch_all(&engine).await?;
    /// assert_eq!(teas[1].price_cents, 450);
    /// let mut connection = engine.connection().await?;
    /// assert_eq!(columns(Product::SKU).order_by(Product::SKU).fetch_all(&mut connection).await?, ["T-1", "T-2"]);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The server's; [`Decode`](ErrorKind::Decode) for a row that does not fit.
    pub async fn fetch_all(self, executor: impl Executor) -> Result<Vec<R>>
    where
        R: Send,
    {
        self.no_paths()?;
        let mut rows = ReadRows::new(|row: &Row| self.read(row));
        executor.run_into(self.statement()?, &mut rows).await?;
        rows.finish()
    }

    /// The only row.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # for (sku, price) in [("T-1", 390), ("T-2", 450)] {
    /// #     Product::builder().sku(sku).title("Tea").price_cents(price).build().insert(&engine).await?;
    /// # }
    /// let tea = select::<Product>().filter(Product::SKU.eq("T-1")).fetch_one(&engine).await?;
    /// assert_eq!(tea.price_cents, 390);
    /// let error = select::<Product>().fetch_one(&engine).await.unwrap_err();
    /// assert_eq!(error.kind(), orm_core::ErrorKind::MultipleFound);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound), [`MultipleFound`](ErrorKind::MultipleFound), or as
    /// [`fetch_all`](Self::fetch_all).
    pub async fn fetch_one(self, executor: impl Executor) -> Result<R>
    where
        R: Send,
    {
        let row = self.fetch_optional(executor).await?;
        row.ok_or_else(not_found::<S::Root>)
    }

    /// The only row, or `None`.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let tea = select::<Product>().filter(Product::SKU.eq("T-1")).fetch_optional(&engine).await?;
    /// assert!(tea.is_none());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`MultipleFound`](ErrorKind::MultipleFound), or as [`fetch_all`](Self::fetch_all).
    pub async fn fetch_optional(self, executor: impl Executor) -> Result<Option<R>>
    where
        R: Send,
    {
        let mut rows = self.at_most_two().fetch_all(executor).await?;
        let first = rows.pop();
        if rows.is_empty() { Ok(first) } else { Err(multiple_found::<S::Root>()) }
    }

    /// The first row, or `None`.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # for (sku, price) in [("T-1", 390), ("T-2", 450)] {
    /// #     Product::builder().sku(sku).title("Tea").price_cents(price).build().insert(&engine).await?;
    /// # }
    /// let dearest = columns(Product::SKU).order_by(Product::PRICE_CENTS.desc());
    /// assert_eq!(dearest.fetch_first(&engine).await?.as_deref(), Some("T-2"));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn fetch_first(self, executor: impl Executor) -> Result<Option<R>>
    where
        R: Send,
    {
        Ok(self.at_most_one().fetch_all(executor).await?.pop())
    }

    /// Whether there is a row.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// assert!(!select::<Product>().filter(Product::SKU.eq("T-1")).exists(&engine).await?);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`count`](Self::count).
    pub async fn exists(self, executor: impl Executor) -> Result<bool> {
        Ok(self.at_most_one().count(executor).await? > 0)
    }

    /// How many rows there are.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # for (sku, price) in [("T-1", 390), ("T-2", 450)] {
    /// #     Product::builder().sku(sku).title("Tea").price_cents(price).build().insert(&engine).await?;
    /// # }
    /// assert_eq!(select::<Product>().filter(Product::PRICE_CENTS.gt(400)).count(&engine).await?, 1);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The server's; [`Config`](ErrorKind::Config) for a query with paths, which need a session.
    pub async fn count(self, executor: impl Executor) -> Result<i64> {
        self.no_paths()?;
        let reply = executor.run(self.into_count().statement()?).await?;
        let row = reply.rows.first().ok_or_else(not_found::<S::Root>)?;
        read_column(row, 0).map_err(|source| Error::decode("the count", source))
    }

    /// The first row, if the limit allows one.
    pub(crate) fn at_most_one(self) -> Self {
        self.change(|ast| ast.limit = Some(ast.limit.map_or(1, |limit| limit.min(1))))
    }

    /// Enough rows to tell one from several, unless a limit says how many, or a key which one.
    pub(crate) fn at_most_two(self) -> Self {
        match &self.ast {
            Ok(ast) if ast.limit.is_none() && !ast.by_key => self.limit(2),
            _ => self,
        }
    }

    pub(crate) fn no_paths(&self) -> Result<()> {
        if self.paths.is_empty() {
            return Ok(());
        }
        let why =
            format!("`with(…)` on a query of `{}` needs a session: relations have handles", S::Root::name());
        Err(Error::new(ErrorKind::Config, why).with_model(S::Root::name()))
    }
}

pub(crate) fn not_found<M: Source>() -> Error {
    let name = M::name();
    Error::new(ErrorKind::NotFound, format!("no `{name}` was found")).with_model(name)
}

pub(crate) fn multiple_found<M: Source>() -> Error {
    let name = M::name();
    Error::new(ErrorKind::MultipleFound, format!("more than one `{name}` was found")).with_model(name)
}

macro_rules! fetches {
    ($ty:ty, $self:ident, $($receiver:tt)+) => {
        impl $ty {
            /// All rows of a query, as owned values.
            ///
            /// # Errors
            /// As [`Select::fetch_all`].
            pub async fn fetch_all<S: Scope, R: Send>($($receiver)+, select: Select<S, R>) -> Result<Vec<R>> {
                select.fetch_all($self).await
            }

            /// The only row of a query.
            ///
            /// # Errors
            /// As [`Select::fetch_one`].
            pub async fn fetch_one<S: Scope, R: Send>($($receiver)+, select: Select<S, R>) -> Result<R> {
                select.fetch_one($self).await
            }

            /// The only row of a query, or `None`.
            ///
            /// # Errors
            /// As [`Select::fetch_optional`].
            pub async fn fetch_optional<S: Scope, R: Send>($($receiver)+, select: Select<S, R>) -> Result<Option<R>> {
                select.fetch_optional($self).await
            }

            /// The first row of a query, or `None`.
            ///
            /// # Errors
            /// As [`Select::fetch_first`].
            pub async fn fetch_first<S: Scope, R: Send>($($receiver)+, select: Select<S, R>) -> Result<Option<R>> {
                select.fetch_first($self).await
            }

            /// Whether a query has a row.
            ///
            /// # Errors
            /// As [`Select::exists`].
            pub async fn exists<S: Scope, R>($($receiver)+, select: Select<S, R>) -> Result<bool> {
                select.exists($self).await
            }

            /// How many rows a query has.
            ///
            /// # Errors
            /// The server's.
            pub async fn count<S: Scope, R>($($receiver)+, select: Select<S, R>) -> Result<i64> {
                select.count($self).await
            }
        }
    };
}
fetches!(Engine, self, &self);
fetches!(Connection, self, &mut self);
