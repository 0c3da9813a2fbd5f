//! Views of tables with row-level security: whose rights they take; and materialised ones without rows.

use orm_core::prelude::*;
use orm_core::sql::{TrustedSql, text};
use orm_core::{ErrorKind, refresh_materialized};

orm_core::declarative_base!(pub(crate) Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub(crate) struct Letter {
    #[model(primary_key)]
    id: Auto<i64>,
    tenant: i64,
    title: String,
}

/// For who reads it: policies of the table hold.
#[derive(Model, Clone, Debug)]
#[model(base = Base, view = "SELECT id, title FROM letter", security_invoker)]
pub(crate) struct Own {
    #[model(primary_key)]
    id: i64,
    title: String,
}

/// For its owner, who sees all of the table.
#[derive(Model, Clone, Debug)]
#[model(base = Base, table = "every", view = all_letters)]
pub(crate) struct Every {
    #[model(primary_key)]
    id: i64,
    title: String,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base, view = all_letters, materialized)]
pub(crate) struct Kept {
    #[model(primary_key)]
    id: i64,
    title: String,
}

fn all_letters() -> impl orm_core::query::Defines<(i64, String)> {
    columns((Letter::ID, Letter::TITLE))
}

const POLICY: &str = "ALTER TABLE letter ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own ON letter USING (tenant = nullif(current_setting('app.tenant', true), '')::bigint)";

async fn fill(engine: &Engine) {
    let mut session = engine.session();
    session.add_all((1..=4).map(|n| Letter::builder().tenant(n % 2).title(format!("letter {n}"))));
    session.commit().await.unwrap();
}

#[orm_testkit::test(base = Base)]
async fn a_view_for_who_reads_it_shows_what_the_policies_let_them_see(engine: Engine) {
    fill(&engine).await;
    engine.execute_script(POLICY).await.unwrap();
    // A role of this database alone: roles belong to the whole server.
    let role =
        text("SELECT 'reader_' || current_database()").scalar::<String>(&engine).await.unwrap().unwrap();
    let create = format!("CREATE ROLE {role}; GRANT SELECT ON letter, own, every TO {role}");
    engine.execute_script(TrustedSql::new(create)).await.unwrap();
    let mut session = engine.session();
    session.set_local("role", &role).unwrap();
    assert_eq!(session.count(select::<Own>()).await.unwrap(), 0, "nobody said who it is");
    session.set_local("app.tenant", 1).unwrap();
    let titles = session.fetch_all(columns(Own::TITLE).order_by(Own::ID)).await.unwrap();
    assert_eq!(titles, ["letter 1", "letter 3"]);
    assert_eq!(session.count(select::<Every>()).await.unwrap(), 4);
    drop(session);
    assert_eq!(engine.count(select::<Own>()).await.unwrap(), 4, "its owner sees all");
    engine.execute_script(TrustedSql::new(format!("DROP OWNED BY {role}; DROP ROLE {role}"))).await.unwrap();
}

#[orm_testkit::test(base = Base)]
async fn a_materialised_view_without_rows_says_so_until_it_is_refreshed(engine: Engine) {
    fill(&engine).await;
    engine.execute_script("REFRESH MATERIALIZED VIEW kept WITH NO DATA").await.unwrap();
    let error = engine.fetch_all(select::<Kept>()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code().map(orm_core::error::SqlState::code)),
        (ErrorKind::Database, Some("55000"))
    );
    let sent = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let log = std::sync::Arc::clone(&sent);
    let watcher = engine.on_send(move |text| log.lock().unwrap().push(text.to_owned()));
    refresh_materialized::<Kept>(&engine).await.unwrap(); // not concurrently: the server refuses that
    assert_eq!(engine.count(select::<Kept>()).await.unwrap(), 4);
    fill(&engine).await;
    refresh_materialized::<Kept>(&engine).await.unwrap(); // by its unique index, while others read
    assert_eq!(engine.count(select::<Kept>()).await.unwrap(), 8);
    drop(watcher);
    let sent = sent.lock().unwrap();
    let refreshed: Vec<&str> =
        sent.iter().map(String::as_str).filter(|text| text.starts_with("REFRESH")).collect();
    assert_eq!(
        refreshed,
        [r#"REFRESH MATERIALIZED VIEW "kept""#, r#"REFRESH MATERIALIZED VIEW CONCURRENTLY "kept""#]
    );
}
