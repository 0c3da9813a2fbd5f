//! SQL text that is no part of the program, by the word of who wrote the call.

use std::borrow::Cow;
use std::sync::Arc;

/// SQL text that runs as it stands: a text of the program, or any other by an explicit [`new`](Self::new).
///
/// A `&'static str` becomes one by itself. A `String` does not, because values may have been pasted into it: values are
/// bound, as [`sql!`](crate::sql!) and [`text`](crate::sql::text) do.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::sql::TrustedSql;
/// engine.execute_script("CREATE EXTENSION IF NOT EXISTS plpgsql; ANALYZE").await?;
/// let partitions: Vec<String> = (1..=3).map(|n| format!("CREATE TABLE part_{n} (n bigint)")).collect();
/// let script = TrustedSql::new(partitions.join("; "));
/// assert!(script.as_str().starts_with("CREATE TABLE part_1"));
/// engine.execute_script(script).await?;
/// # Ok(()) }
/// ```
///
/// ```compile_fail
/// # async fn find(engine: orm_core::Engine, name: String) -> orm_core::Result<()> {
/// engine.execute_script(format!("DELETE FROM customer WHERE name = '{name}'")).await
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct TrustedSql(Cow<'static, str>);

impl TrustedSql {
    /// Any text: who calls this says that no value of a user stands in it.
    pub fn new(text: impl Into<Cow<'static, str>>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What runs as it stands: a text of the program, or a [`TrustedSql`].
///
/// ```
/// use orm_core::sql::{IntoTrustedSql, Statement, TrustedSql};
/// /// A statement that notes when it was asked.
/// fn noted(sql: impl IntoTrustedSql) -> Statement {
///     Statement::plain(TrustedSql::new(format!("/* noted */ {}", sql.into_trusted_sql().as_str())))
/// }
/// assert_eq!(noted("SELECT 1").text(), "/* noted */ SELECT 1");
/// ```
#[diagnostic::on_unimplemented(
    message = "a `{Self}` is no SQL that runs as it stands: values may have been pasted into it",
    label = "expected a text of the program, a `&'static str`",
    note = "`sql!(\"… {{}} …\", value)` binds values; `TrustedSql::new(text)` says that there are none in the text"
)]
pub trait IntoTrustedSql {
    /// The text.
    fn into_trusted_sql(self) -> TrustedSql;
}

impl IntoTrustedSql for &'static str {
    fn into_trusted_sql(self) -> TrustedSql {
        TrustedSql(Cow::Borrowed(self))
    }
}

impl IntoTrustedSql for TrustedSql {
    fn into_trusted_sql(self) -> TrustedSql {
        self
    }
}

impl From<TrustedSql> for Arc<str> {
    fn from(TrustedSql(text): TrustedSql) -> Self {
        text.into()
    }
}
