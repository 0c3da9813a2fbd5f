//! Settings that hold in every transaction of a session, such as the tenant that row-level security asks for.

use super::{Session, SessionMaker, SessionOptions, TransactionOptions};
use crate::engine::{Local, Request};
use crate::error::{Error, ErrorKind, Result};
use crate::sql::{Param, Statement, quote};
use std::fmt::{Display, Write};
use std::sync::Arc;

/// The setting that says in which schemas tables are looked for.
const SEARCH_PATH: &str = "search_path";

/// Settings of the server and their values, in the order in which they were made.
#[derive(Clone, Debug, Default)]
pub(super) struct Context {
    settings: Vec<(String, String)>,
}

impl Context {
    pub(super) const fn is_empty(&self) -> bool {
        self.settings.is_empty()
    }

    fn set(&mut self, name: String, value: String) {
        self.settings.retain(|(known, _)| *known != name);
        self.settings.push((name, value));
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.settings.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// What makes the settings in a transaction that is open; a name or value that none can have is an error before it is sent.
    pub(super) fn request(&self) -> Option<Request> {
        if self.is_empty() {
            return None;
        }
        let (mut text, mut params) = (String::from("SELECT "), Vec::with_capacity(2 * self.settings.len()));
        for (i, (name, value)) in self.settings.iter().enumerate() {
            let (before, number) = (if i == 0 { "" } else { ", " }, 2 * i + 1);
            let _ = write!(text, "{before}set_config(${number}, ${}, true)", number + 1);
            let [name_of, value_of] = [name, value].map(|text| Param::of(text));
            params.extend(match refusal(name, value) {
                Some(why) => [Param::refused(why), value_of],
                None => [name_of, value_of],
            });
        }
        let search_path = self.value(SEARCH_PATH).map(Arc::from);
        Some(Request::Local(Arc::new(Local {
            statement: Statement { text: text.into(), params },
            search_path,
        })))
    }
}

/// Why a setting cannot have this name, or this value.
fn refusal(name: &str, value: &str) -> Option<String> {
    let is_part = |part: &str| {
        let mut chars = part.chars();
        chars.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
            && chars.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$')
    };
    if !name.split('.').all(is_part) {
        return Some(format!(
            "{name:?} is no name of a setting: expected letters, digits and `_`, such as `app.tenant`"
        ));
    }
    value.contains('\0').then(|| format!("the value of the setting `{name}` has a NUL character"))
}

/// The schemas as the server reads them.
fn path(schemas: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let quoted: Vec<String> = schemas.into_iter().map(|schema| quote(schema.as_ref())).collect();
    quoted.join(", ")
}

impl Session {
    /// Makes a setting in every transaction of the session from here on, as `SET LOCAL` does: for row-level security, and for what the server
    /// itself is set to.
    ///
    /// It travels with BEGIN and costs no round trip. The value is bound. In a transaction that is open the setting travels with the next
    /// statement; it belongs to the session, so that rollbacks, also to a savepoint, leave it as it is. When a transaction ends, the connection
    /// forgets it, so that nobody who gets the connection next has it.
    ///
    /// The server knows such settings in transactions only. So the reads of a session that has some, which run outside of one otherwise, run in one
    /// of their own, that begins and ends with them, in one round trip.
    ///
    /// A policy asks with `current_setting('app.tenant', true)`, which is `NULL` or empty where nobody said anything: it should let nothing be
    /// seen then. Owners of a table and superusers see all of it, unless it has `FORCE ROW LEVEL SECURITY`; `set_local("role", …)` takes a role
    /// for the transaction.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::sql::text;
    /// let tenant = || text("SELECT current_setting('app.tenant', true)");
    /// let mut session = engine.session();
    /// session.set_local("app.tenant", 7)?;
    /// assert_eq!(session.scalar::<String>(tenant()).await?.as_deref(), Some("7"));
    /// session.begin().await?;
    /// session.set_local("app.tenant", 8)?; // also in the middle of a transaction
    /// assert_eq!(session.scalar::<String>(tenant()).await?.as_deref(), Some("8"));
    /// session.commit().await?;
    /// assert_ne!(tenant().scalar::<String>(&engine).await?.as_deref(), Some("8")); // the connection has forgotten it
    /// let error = session.set_local("app tenant", 7).unwrap_err();
    /// assert!(error.to_string().starts_with("\"app tenant\" is no name of a setting"));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config) for a name that no setting can have, and for a value with a NUL character.
    /// [`WrongState`](ErrorKind::WrongState) for another `search_path` than the session's objects came from: it knows them by their keys.
    pub fn set_local(&mut self, name: impl Into<String>, value: impl Display) -> Result<()> {
        let (name, value) = (name.into(), value.to_string());
        if let Some(why) = refusal(&name, &value) {
            return Err(Error::new(ErrorKind::Config, why));
        }
        if name == SEARCH_PATH && !self.is_empty() && self.context.value(&name) != Some(value.as_str()) {
            let why = "the objects of this session are rows of another schema: take a new session, or `expunge_all()` first";
            return Err(Error::new(ErrorKind::WrongState, why));
        }
        self.context.set(name, value);
        self.queue_context();
        Ok(())
    }

    /// Looks for tables in these schemas, in their order, in every transaction from here on: for tenants that have a schema each, with the
    /// same tables. It is [`set_local`](Self::set_local) of `search_path`, with names that are quoted.
    ///
    /// Models and types with a `schema` of their own stay where they are. Types, functions and extensions are looked for there as well: name the schema that has them behind the tenant's. Statements
    /// that a connection has prepared are kept apart by path.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// engine.execute_script("CREATE SCHEMA tenant_7; CREATE TABLE tenant_7.product (LIKE product INCLUDING ALL)").await?;
    /// let mut session = engine.session();
    /// session.search_path(["tenant_7", "public"])?;
    /// session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    /// session.commit().await?;
    /// assert_eq!(session.query::<Product>().count().await?, 1);
    /// assert_eq!(engine.count(select::<Product>()).await?, 0); // in `public` there is none
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`set_local`](Self::set_local).
    pub fn search_path(&mut self, schemas: impl IntoIterator<Item = impl AsRef<str>>) -> Result<()> {
        self.set_local(SEARCH_PATH, path(schemas))
    }

    /// Has the settings made with the next statement of the transaction that is open.
    pub(super) fn queue_context(&mut self) {
        let request = self.context.request();
        if let (Some(request), Some(connection)) = (request, self.open_connection()) {
            connection.wire().queue(request);
        }
    }

    /// What a transaction that is to begin begins with; nothing where one is open.
    pub(super) fn begins(&self) -> Vec<Request> {
        match self.connection.is_some() {
            true => Vec::new(),
            false => self.opening().collect(),
        }
    }

    /// What a transaction begins with.
    pub(super) fn opening(&self) -> impl Iterator<Item = Request> + use<> {
        [Request::Begin(self.options.isolation)].into_iter().chain(self.context.request())
    }
}

impl SessionOptions {
    /// [`Session::set_local`] from the beginning; a wrong name is an error of the first statement.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::session::SessionMaker;
    /// let maker = SessionMaker::new(&engine).set_local("statement_timeout", "3s");
    /// let mut session = maker.session_with(|options| options.set_local("app.tenant", 7).search_path(["public"]));
    /// let shown = orm_core::sql::text("SELECT current_setting('statement_timeout')");
    /// assert_eq!(session.scalar::<String>(shown).await?.as_deref(), Some("3s"));
    /// # Ok(()) }
    /// ```
    pub fn set_local(mut self, name: impl Into<String>, value: impl Display) -> Self {
        self.context.set(name.into(), value.to_string());
        self
    }

    /// [`Session::search_path`] from the beginning.
    pub fn search_path(self, schemas: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.set_local(SEARCH_PATH, path(schemas))
    }
}

impl TransactionOptions {
    /// [`Session::set_local`] of the session of each attempt; a wrong name is an error of its first statement.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::session::TransactionOptions;
    /// let options = TransactionOptions::default().set_local("app.tenant", 7).search_path(["public"]);
    /// let shown = engine.transaction_with(options, async |mut session| {
    ///     session.scalar::<String>(orm_core::sql::text("SELECT current_setting('app.tenant')")).await
    /// });
    /// assert_eq!(shown.await?.as_deref(), Some("7"));
    /// # Ok(()) }
    /// ```
    pub fn set_local(mut self, name: impl Into<String>, value: impl Display) -> Self {
        self.context.set(name.into(), value.to_string());
        self
    }

    /// [`Session::search_path`] of the session of each attempt.
    pub fn search_path(self, schemas: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.set_local(SEARCH_PATH, path(schemas))
    }
}

impl SessionMaker {
    /// [`SessionOptions::set_local`] of all sessions.
    pub fn set_local(self, name: impl Into<String>, value: impl Display) -> Self {
        self.configured(|options| options.set_local(name, value))
    }

    /// [`SessionOptions::search_path`] of all sessions.
    pub fn search_path(self, schemas: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.configured(|options| options.search_path(schemas))
    }
}
