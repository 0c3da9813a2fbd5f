//! What `#[orm_testkit::test]` expands to.

use crate::TestDatabase;
use crate::database::DROP_LIMIT;
use orm_core::mapper::DeclarativeBase;
use orm_core::{Engine, sql};
use std::any::type_name;

/// Runs a test on a database that has the tables of base `B`.
///
/// # Panics
/// When the database cannot be made, with the reason; and as the test does.
pub fn run<B: DeclarativeBase, F: AsyncFnOnce(Engine) -> R, R>(name: &str, test: F) -> R {
    block_on(async {
        let database = with_tables::<B>().await;
        finish(name, database, test).await
    })
}

/// Runs a test on an empty database.
///
/// # Panics
/// When the database cannot be made, with the reason; and as the test does.
pub fn run_bare<F: AsyncFnOnce(Engine) -> R, R>(name: &str, test: F) -> R {
    block_on(async {
        let database = TestDatabase::create().await.unwrap_or_else(|error| panic!("{}", chain(&error)));
        finish(name, database, test).await
    })
}

/// A database with the tables of base `B`, copied from a template that is made once.
///
/// For a demo, an example or a test harness of your own; in tests `#[orm_testkit::test(base = Base)]` calls it:
///
/// ```
/// # orm_core::declarative_base!(pub Base);
/// use orm_core::prelude::*;
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Note {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     pub text: String,
/// }
///
/// #[tokio::main]
/// async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
///     let database = orm_testkit::database_of::<Base>().await?; // gone at the end of the scope
///     let engine = Engine::connect(database.url()).await?;
///     Note::builder().text("Buy tea").build().insert(&engine).await?;
///     assert_eq!(engine.fetch_all(columns(Note::TEXT)).await?, ["Buy tea"]);
///     Ok(())
/// }
/// ```
///
/// # Errors
/// [`Error`](crate::Error) when no server can be had, or the tables cannot be made.
pub async fn database_of<B: DeclarativeBase>()
-> Result<TestDatabase, Box<dyn std::error::Error + Send + Sync>> {
    let metadata = B::metadata()?;
    let mut ddl = sql::create_type_statements(metadata.types().iter().copied()).join("\n");
    for table in metadata.tables() {
        for statement in sql::create_table_statements(table, metadata) {
            ddl.push_str(&statement);
            ddl.push('\n');
        }
    }
    for statement in metadata.views().iter().flat_map(sql::create_view_statements) {
        ddl.push_str(&statement);
        ddl.push('\n');
    }
    // The template belongs to these very tables: a changed model is another template.
    let key = format!("{} {ddl}", type_name::<B>());
    let fill = async |url: String| B::create_all(&Engine::connect(&url).await?).await;
    Ok(TestDatabase::from_template(&key, fill).await?)
}

async fn with_tables<B: DeclarativeBase>() -> TestDatabase {
    database_of::<B>().await.unwrap_or_else(|error| panic!("{}", chain(error.as_ref())))
}

async fn finish<F: AsyncFnOnce(Engine) -> R, R>(name: &str, database: TestDatabase, test: F) -> R {
    let engine = Engine::builder(database.url()).application_name(name).connect().await;
    let engine = engine.unwrap_or_else(|error| panic!("{}", chain(&error)));
    let result = test(engine).await;
    // Not by dropping it: connections that are still signing in need this runtime to get on.
    let _ = tokio::time::timeout(DROP_LIMIT, database.close()).await;
    result
}

fn block_on<R>(future: impl Future<Output = R>) -> R {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a tokio runtime can be made").block_on(future)
}

/// An error with everything below it, as one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
