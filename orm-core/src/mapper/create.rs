//! Creating and dropping all schemas, types, tables and views of a base.

use crate::engine::{Engine, Isolation, Request};
use crate::error::Result;
use crate::schema::{Metadata, TableName};
use crate::sql::TrustedSql;
use crate::sql::{
    ArrayParam, Statement, create_schema_statement, create_table_statements, create_type_statements,
    create_view_statements, deferred_foreign_keys, drop_schema_statement, drop_tables_statement,
    drop_type_statements, drop_view_statements,
};
use crate::types::{ColumnValue, NamedType, SqlType};
use std::collections::HashSet;
use tokio_postgres::Row;

/// Two programs that create the same tables at once wait for each other ("orm" in ASCII).
const LOCK: &str = "SELECT pg_advisory_xact_lock(7303789)";

/// Which of some tables, views and types are there: schemas and names, as they were asked for; and schemas alone.
const EXISTING: &str = "SELECT asked.schema, asked.name FROM UNNEST($1::text[], $2::text[]) AS asked(schema, name) \
     JOIN pg_namespace AS n ON n.nspname = COALESCE(asked.schema, current_schema()) WHERE asked.name IS NULL OR \
     EXISTS (SELECT FROM pg_class AS c WHERE c.relnamespace = n.oid AND c.relname = asked.name \
     AND c.relkind IN ('r', 'p', 'f', 'c', 'v', 'm')) OR \
     EXISTS (SELECT FROM pg_type AS t WHERE t.typnamespace = n.oid AND t.typname = asked.name AND t.typtype IN ('e', 'd'))";

pub(super) async fn create_all(engine: &Engine, metadata: &Metadata) -> Result<()> {
    let mut connection = engine.connection().await?;
    let wire = connection.wire();
    let asked = vec![
        Request::Begin(Isolation::default()),
        Request::Run(Statement::plain(LOCK)),
        Request::Run(Existing::asked(metadata)),
    ];
    let replies = wire.fly(asked).await?;
    let existing = Existing::told(replies.last().map_or(&[][..], |reply| &reply.rows));
    let mut requests: Vec<Request> = missing(metadata, &existing).into_iter().map(Request::Script).collect();
    requests.push(Request::Commit);
    wire.fly(requests).await.map(|_| ())
}

pub(super) async fn drop_all(engine: &Engine, metadata: &Metadata) -> Result<()> {
    let mut script = drop_view_statements(metadata.views());
    if !metadata.tables().is_empty() {
        script.push(drop_tables_statement(metadata.tables().iter().rev()));
    }
    script.extend(drop_type_statements(metadata.types().iter().copied()));
    script.extend(metadata.schemas().filter(|schema| *schema != PUBLIC).map(drop_schema_statement));
    if script.is_empty() {
        return Ok(());
    }
    engine.execute_script(TrustedSql::new(script.join("; "))).await
}

/// The schema that every new database has, which is nobody's to drop.
const PUBLIC: &str = "public";

/// What is there of all that a base has.
struct Existing {
    schemas: HashSet<String>,
    names: HashSet<(Option<String>, String)>,
}

impl Existing {
    fn asked(metadata: &Metadata) -> Statement {
        let (mut schemas, mut names) =
            (ArrayParam::with_capacity(SqlType::Text, 8), ArrayParam::with_capacity(SqlType::Text, 8));
        let mut ask = |schema: Option<&str>, name: Option<&str>| {
            for (array, value) in [(&mut schemas, schema), (&mut names, name)] {
                match value.map(str::to_owned) {
                    Some(value) => array.push(ColumnValue::Value(&value)),
                    None => array.push(ColumnValue::Null),
                }
            }
        };
        let tables = metadata.tables().iter().map(|table| table.full_name());
        let views = metadata.views().iter().map(|view| view.full_name());
        let types = metadata.types().iter().map(|ty| type_name(ty));
        tables.chain(views).chain(types).for_each(|name| ask(name.schema, Some(name.name)));
        metadata.schemas().for_each(|schema| ask(Some(schema), None));
        Statement { text: EXISTING.into(), params: vec![schemas.finish(), names.finish()] }
    }

    fn told(rows: &[Row]) -> Self {
        let told = rows.iter().filter_map(|row| row.try_get(0).and_then(|at| Ok((at, row.try_get(1)?))).ok());
        let (mut schemas, mut names) = (HashSet::new(), HashSet::new());
        for (schema, name) in told {
            match (schema, name) {
                (schema, Some(name)) => drop(names.insert((schema, name))),
                (Some(schema), None) => drop(schemas.insert(schema)),
                (None, None) => {}
            }
        }
        Self { schemas, names }
    }

    fn lacks(&self, name: TableName<'_>) -> bool {
        !self.names.contains(&(name.schema.map(str::to_owned), name.name.to_owned()))
    }
}

/// The statements that make what is not there.
fn missing(metadata: &Metadata, existing: &Existing) -> Vec<String> {
    let tables = || metadata.tables().iter().filter(|table| existing.lacks(table.full_name()));
    let views = metadata.views().iter().filter(|view| existing.lacks(view.full_name()));
    let types = metadata.types().iter().copied().filter(|ty| existing.lacks(type_name(ty)));
    let schemas = metadata.schemas().filter(|schema| !existing.schemas.contains(*schema));
    let mut script: Vec<String> = schemas.map(create_schema_statement).collect();
    script.extend(create_type_statements(types));
    script.extend(tables().flat_map(|table| create_table_statements(table, metadata)));
    script.extend(tables().flat_map(|table| deferred_foreign_keys(table, metadata)));
    script.extend(views.flat_map(create_view_statements));
    script
}

/// Types and tables have their names in one place.
const fn type_name(ty: &NamedType) -> TableName<'static> {
    TableName { schema: ty.schema(), name: ty.name() }
}
