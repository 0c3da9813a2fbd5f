//! Creating and dropping all tables and views of a base.

use crate::engine::{Engine, Isolation, Request};
use crate::error::Result;
use crate::schema::Metadata;
use crate::sql::{
    ArrayParam, Statement, create_table_statements, create_type_statements, create_view_statements,
    deferred_foreign_keys, drop_tables_statement, drop_type_statements, drop_view_statements,
};
use crate::types::{ColumnValue, SqlType};
use std::collections::HashSet;

/// Two programs that create the same tables at once wait for each other ("orm" in ASCII).
const LOCK: &str = "SELECT pg_advisory_xact_lock(7303789)";

const EXISTING: &str = "SELECT relname::text FROM pg_class \
     WHERE relnamespace = quote_ident(current_schema())::regnamespace AND relkind IN ('r', 'p', 'c', 'v', 'm') AND relname::text = ANY($1) \
     UNION ALL SELECT typname::text FROM pg_type \
     WHERE typnamespace = quote_ident(current_schema())::regnamespace AND typtype IN ('e', 'd') AND typname::text = ANY($1)";

pub(super) async fn create_all(engine: &Engine, metadata: &Metadata) -> Result<()> {
    let mut connection = engine.connection().await?;
    let mut names = ArrayParam::with_capacity(SqlType::Text, metadata.tables().len());
    metadata.tables().iter().for_each(|table| names.push(ColumnValue::Value(&table.name)));
    metadata.views().iter().for_each(|view| names.push(ColumnValue::Value(&view.name)));
    let types: Vec<String> = metadata.types().iter().map(|ty| ty.name().to_owned()).collect();
    types.iter().for_each(|name| names.push(ColumnValue::Value(name)));
    let existing = Statement { text: EXISTING.into(), params: vec![names.finish()] };
    let wire = connection.wire();
    let asked = vec![
        Request::Begin(Isolation::default()),
        Request::Run(Statement::plain(LOCK)),
        Request::Run(existing),
    ];
    let replies = wire.fly(asked).await?;
    let rows = replies.last().map_or(&[][..], |reply| &reply.rows);
    let existing: HashSet<String> = rows.iter().filter_map(|row| row.try_get(0).ok()).collect();
    let missing = || metadata.tables().iter().filter(|table| !existing.contains(&table.name));
    let types = metadata.types().iter().copied().filter(|ty| !existing.contains(ty.name()));
    let mut script = create_type_statements(types);
    script.extend(missing().flat_map(|table| create_table_statements(table, metadata)));
    script.extend(missing().flat_map(|table| deferred_foreign_keys(table, metadata)));
    let views = metadata.views().iter().filter(|view| !existing.contains(&view.name));
    script.extend(views.flat_map(create_view_statements));
    let mut requests: Vec<Request> = script.into_iter().map(Request::Script).collect();
    requests.push(Request::Commit);
    wire.fly(requests).await.map(|_| ())
}

pub(super) async fn drop_all(engine: &Engine, metadata: &Metadata) -> Result<()> {
    let mut script = drop_view_statements(metadata.views());
    if !metadata.tables().is_empty() {
        script.push(drop_tables_statement(metadata.tables().iter().rev()));
    }
    script.extend(drop_type_statements(metadata.types().iter().copied()));
    if script.is_empty() {
        return Ok(());
    }
    engine.execute_script(&script.join("; ")).await
}
