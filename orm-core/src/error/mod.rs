//! The one error type of the crate.
//!
//! An [`Error`] is opaque: its [`kind`](Error::kind) says what went wrong, the accessors name the
//! place, [`Display`](std::fmt::Display) tells this level only, and
//! [`source`](std::error::Error::source) carries what lies below.

mod database;

use std::error::Error as StdError;
use std::fmt;
pub use tokio_postgres::error::SqlState;

/// The result of every fallible call of the crate.
///
/// ```
/// fn port(url: &str) -> orm_core::Result<()> {
///     orm_core::Engine::builder(url).build()?;
///     Ok(())
/// }
/// assert!(port("postgresql://localhost:no/shop").unwrap_err().to_string().contains("the port `no`"));
/// ```
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::ErrorKind;
/// let status = match engine.session().get_one::<Customer>(7).await {
///     Ok(_) => 200,
///     Err(error) if error.kind() == ErrorKind::NotFound => 404,
///     Err(error) if matches!(error.kind(), ErrorKind::PoolTimeout | ErrorKind::ConnectionLost) => 503,
///     Err(_) => 500,
/// };
/// assert_eq!(status, 404);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A URL or a setting of the engine is wrong.
    Config,
    /// The server cannot be reached, or it refused the connection.
    Connect,
    /// No connection became free in time.
    PoolTimeout,
    /// A statement took longer than the engine allows, and was cancelled; or a lock was not free in time
    /// ([`is_lock_not_available`](Error::is_lock_not_available)), as with `nowait()`, which waits for none.
    Timeout,
    /// The server answered a statement with an error; [`Error::code`] tells which.
    Database,
    /// The connection broke before the answer of a statement came, or the server ended it: then [`Error::code`] tells why
    /// (57P01, 25P03). What the transaction wrote is rolled back.
    ConnectionLost,
    /// The connection broke, or time ran out, after COMMIT was sent: the transaction may have been committed or not.
    CommitOutcomeUnknown,
    /// The connection broke, or time ran out, after PREPARE TRANSACTION was sent: the transaction may be prepared or not.
    PrepareOutcomeUnknown,
    /// The session's transaction is prepared: `commit()` or `rollback()` comes first.
    Prepared,
    /// A row does not fit the type it was read into.
    Decode,
    /// A value has no form in the database.
    Encode,
    /// SQL text has another number of placeholders than values were bound.
    Binds,
    /// The models of a base contradict each other.
    Mapping,
    /// A query for one row found none.
    NotFound,
    /// A query for one row found more.
    MultipleFound,
    /// A name that came at run time is that of no column.
    UnknownColumn,
    /// A relation was read that is not loaded.
    NotLoaded,
    /// A relation is not loaded in this way, because its model says so (`#[has_many(load = "…")]`).
    LoadRefused,
    /// The rows of a query cannot be locked: it gives groups, or something else that is no row of its first source.
    LockRefused,
    /// A text that is no cursor, or one of another query or order, was to say where a page begins.
    Cursor,
    /// A handle belongs to another session.
    ForeignHandle,
    /// The object of a handle was deleted, or is not in the session any more.
    Gone,
    /// The object of a handle is not in the database, and the call needs one that is.
    NotPersistent,
    /// A required column or foreign key has no value.
    Unset,
    /// A unique value goes from one row to another in a flush in a way that PostgreSQL does not allow, because it checks row by row.
    ValueTaken,
    /// Two statements of the program about one object exclude each other, and none came after a flush.
    Contradiction,
    /// A relation without the save-update cascade leads to a new object that was not added.
    NotAdded,
    /// A row that was to be updated is not there, or has another version than the one that was read; of one that was to be
    /// deleted and has no version only [`WritableRecord::delete`](crate::WritableRecord::delete) says so, a flush has what it wanted.
    StaleData,
    /// A column was written that only the database or the flush may write: a generated one, or a version.
    ReadOnly,
    /// The object is in a state in which this cannot be done: a new one has no row that the database could compute from.
    WrongState,
    /// An earlier statement of the transaction failed: `rollback()` comes first.
    NeedsRollback,
    /// A scoped session was used outside a scope.
    NoScope,
    /// The session of a scope is used by somebody else in the scope.
    InUse,
    /// The maker of the session closed it: a new session is needed.
    Closed,
    /// A listener refused a flush or a commit; its own error is the source. Nothing was written.
    Vetoed,
    /// The program ended a COPY: its rows, or what reads or writes their text, gave an error, which is the source.
    Ended,
}

/// Why a call failed.
///
/// ```
/// use orm_core::{Engine, ErrorKind};
/// let error = Engine::builder("mysql://localhost/shop").build().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Config);
/// assert!(error.to_string().contains("postgresql://"));
/// ```
///
/// What the server refuses carries the place, also where several columns make a constraint:
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # use orm_core::ErrorKind;
/// use orm_core::error::SqlState;
/// let mut session = engine.session();
/// session.add_all(["Ann", "Bea"].map(|name| Customer::builder().name(name).email("one@example.org")));
/// let error = session.commit().await.unwrap_err();
/// assert!(error.is_unique_violation());
/// assert_eq!((error.kind(), error.code()), (ErrorKind::Database, Some(&SqlState::UNIQUE_VIOLATION)));
/// assert_eq!((error.table(), error.column()), (Some("customer"), Some("email")));
/// assert_eq!((error.columns(), error.constraint()), (&["email".to_owned()][..], Some("uq_customer_email")));
/// assert!(error.database().unwrap().message().starts_with("duplicate key"));
/// # Ok(()) }
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    model: Option<&'static str>,
    columns: Vec<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            model: None,
            columns: Vec::new(),
            source: None,
        }))
    }

    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with_model(mut self, model: &'static str) -> Self {
        self.0.model = Some(model);
        self
    }

    pub(crate) fn with_columns(mut self, columns: Vec<String>) -> Self {
        self.0.columns = columns;
        self
    }

    /// Adds to the message where the error comes from.
    pub(crate) fn with_note(mut self, note: &str) -> Self {
        self.0.message.push_str(note);
        self
    }

    /// The same error, told by somebody who knows more.
    pub(crate) fn retold(mut self, kind: ErrorKind, message: impl Into<String>) -> Self {
        (self.0.kind, self.0.message) = (kind, message.into());
        self
    }

    /// What went wrong, for a `match`.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The model that the error is about.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let error = engine.session().get_one::<Customer>(7).await.unwrap_err();
    /// assert_eq!(error.model(), Some("Customer"));
    /// assert_eq!(error.to_string(), "no Customer(7) was found");
    /// # Ok(()) }
    /// ```
    pub fn model(&self) -> Option<&'static str> {
        self.0.model
    }

    /// The columns that the error is about; of a unique violation all columns of the constraint.
    pub fn columns(&self) -> &[String] {
        &self.0.columns
    }

    /// The first of [`columns`](Self::columns).
    pub fn column(&self) -> Option<&str> {
        self.0.columns.first().map(String::as_str).or_else(|| self.database()?.column())
    }

    /// The schema of the table that the server named.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let error = Product::builder().sku("T-1").title("Tea").price_cents(-1).build().insert(&engine).await.unwrap_err();
    /// assert_eq!((error.schema(), error.table()), (Some("public"), Some("product")));
    /// # Ok(()) }
    /// ```
    pub fn schema(&self) -> Option<&str> {
        self.database()?.schema()
    }

    /// The table that the server named.
    pub fn table(&self) -> Option<&str> {
        self.database()?.table()
    }

    /// The constraint that the server named.
    pub fn constraint(&self) -> Option<&str> {
        self.database()?.constraint()
    }

    /// The SQLSTATE of the server's answer.
    pub fn code(&self) -> Option<&SqlState> {
        Some(self.database()?.code())
    }

    /// Whether a unique or primary key was given twice (23505).
    pub fn is_unique_violation(&self) -> bool {
        self.code() == Some(&SqlState::UNIQUE_VIOLATION)
    }

    /// Whether a row points at one that is not there (23503).
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// session.add(Cart::builder().customer_key(7)); // there is no customer 7
    /// assert!(session.commit().await.unwrap_err().is_foreign_key_violation());
    /// # Ok(()) }
    /// ```
    pub fn is_foreign_key_violation(&self) -> bool {
        self.code() == Some(&SqlState::FOREIGN_KEY_VIOLATION)
    }

    /// Whether a CHECK constraint refused a row (23514).
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// session.add(Product::builder().sku("T-1").title("Tea").price_cents(-1));
    /// let error = session.commit().await.unwrap_err();
    /// assert!(error.is_check_violation());
    /// assert_eq!(error.to_string(), "a row of `product` breaks the check `ck_product_price_cents`");
    /// # Ok(()) }
    /// ```
    pub fn is_check_violation(&self) -> bool {
        self.code() == Some(&SqlState::CHECK_VIOLATION)
    }

    /// Whether an EXCLUDE constraint refused a row, because of another one (23P01).
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # orm_core::declarative_base!(pub Base);
    /// #[derive(Model, Clone, Debug)]
    /// #[model(base = Base, exclude("(int8range(first, last))" = "&&", name = "overlap"))]
    /// pub struct Shift {
    ///     #[model(primary_key)]
    ///     pub first: i64,
    ///     pub last: i64,
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// session.add_all([(1, 5), (4, 9)].map(|(first, last)| Shift { first, last }));
    /// let error = session.commit().await.unwrap_err();
    /// assert!(error.is_exclusion_violation());
    /// assert_eq!((error.model(), error.constraint()), (Some("Shift"), Some("ex_shift_overlap")));
    /// # Ok(()) }
    /// ```
    pub fn is_exclusion_violation(&self) -> bool {
        self.code() == Some(&SqlState::EXCLUSION_VIOLATION)
    }

    /// Whether a column was `NULL` that cannot be (23502).
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::Base;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let error = engine.execute_script("INSERT INTO cart DEFAULT VALUES").await.unwrap_err();
    /// assert!(error.is_not_null_violation());
    /// assert_eq!(error.to_string(), "`cart.customer_id` cannot be NULL");
    /// # Ok(()) }
    /// ```
    pub fn is_not_null_violation(&self) -> bool {
        self.code() == Some(&SqlState::NOT_NULL_VIOLATION)
    }

    /// Whether the transaction lost against another one and can be run again (40001, 40P01).
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let sql = "DO $$ BEGIN RAISE serialization_failure; END $$";
    /// let error = engine.execute_script(sql).await.unwrap_err();
    /// assert!(error.is_serialization_failure()); // run the transaction again
    /// # Ok(()) }
    /// ```
    pub fn is_serialization_failure(&self) -> bool {
        matches!(self.code(), Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED))
    }

    /// Whether another transaction holds a lock, and this one was not to wait for it, or not so long (55P03).
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # Product::builder().sku("T-1").title("Tea").price_cents(390).build().insert(&engine).await?;
    /// let mut first = engine.session();
    /// first.all(select::<Product>().for_update()).await?;
    /// let error = select::<Product>().for_share().nowait().fetch_all(&engine).await.unwrap_err();
    /// assert!(error.is_lock_not_available());
    /// # Ok(()) }
    /// ```
    pub fn is_lock_not_available(&self) -> bool {
        self.code() == Some(&SqlState::LOCK_NOT_AVAILABLE)
    }

    /// The server's own answer.
    pub fn database(&self) -> Option<&tokio_postgres::error::DbError> {
        let source = self.0.source.as_ref()?;
        source.downcast_ref::<tokio_postgres::Error>()?.as_db_error()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut s = f.debug_struct("Error");
        s.field("kind", &self.0.kind).field("message", &self.0.message);
        if let Some(db) = self.database() {
            s.field("code", &db.code().code()).field("database", &db.message());
            if let Some(detail) = db.detail() {
                s.field("detail", &detail);
            }
        } else if let Some(source) = &self.0.source {
            s.field("source", &source.to_string());
        }
        s.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(|s| &**s as &(dyn StdError + 'static))
    }
}
