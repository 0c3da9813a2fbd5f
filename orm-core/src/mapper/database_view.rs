//! Models of views: what they are made of, in which order, and how a materialised one is refreshed.

use super::{Mapper, Materialized, ModelDef, indexes::indexes, tables};
use crate::engine::{Engine, Executor};
use crate::error::Result;
use crate::schema::{Index, Metadata, TableName, View, ViewKind, components, constraint_name};
use crate::sql::{Param, Statement, TrustedSql, names_in, quote, quote_table, refresh_statement};
use std::fmt;

/// The view of a model.
#[derive(Clone, Copy, Debug)]
pub struct DatabaseViewDef {
    /// Whether it keeps its rows.
    pub kind: ViewKind,
    /// Whether its reader needs the rights of what it reads.
    pub security_invoker: bool,
    /// What it shows.
    pub definition: DefinitionDef,
}

/// What a view shows.
#[derive(Clone, Copy)]
pub enum DefinitionDef {
    /// Somebody else makes the view.
    Elsewhere,
    /// SQL text that gives the columns by their names.
    Text(&'static str),
    /// A query that gives the columns in their order, as SQL text.
    Query(fn() -> Result<String>),
}

impl fmt::Debug for DefinitionDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elsewhere => f.write_str("Elsewhere"),
            Self::Text(text) => write!(f, "Text({text:?})"),
            Self::Query(_) => f.write_str("Query"),
        }
    }
}

/// The view of a model, without its definition: that may ask for the models, which are not resolved yet.
pub(super) fn view(def: &'static ModelDef, of: &DatabaseViewDef) -> Result<View, String> {
    let indexes = match of.kind {
        ViewKind::Plain => Vec::new(),
        ViewKind::Materialized => {
            let key = unique(def, def.primary_key().map(|at| def.columns[at].name));
            let declared = tables::uniques(def).into_iter();
            let declared = declared.map(|of| unique(def, of.columns.iter().map(String::as_str)));
            let mut all: Vec<Index> = std::iter::once(key).chain(declared).chain(indexes(def)).collect();
            all.dedup_by(|later, first| later == first);
            all
        }
    };
    Ok(View {
        schema: def.table.schema.map(str::to_owned),
        name: def.table.name.to_owned(),
        kind: of.kind,
        security_invoker: of.security_invoker,
        columns: tables::columns(def)?,
        definition: None,
        indexes,
        comment: def.comment.map(str::to_owned),
    })
}

fn unique<'a>(def: &ModelDef, columns: impl Iterator<Item = &'a str>) -> Index {
    let columns: Vec<&str> = columns.collect();
    let name = constraint_name("uq", def.table.name, &columns);
    Index { name, is_unique: true, ..Index::of(def.table.name, columns) }
}

/// Tables and views, the views with their definitions, each after those that it reads.
pub(super) fn with_views(tables: &Metadata, views: &[View], mappers: &[Mapper]) -> Result<Metadata, String> {
    let views = views.iter().map(|view| {
        let mapper = mappers.iter().find(|mapper| mapper.def.table == view.full_name());
        let of = mapper.and_then(|mapper| Some((mapper.def, mapper.def.view.as_ref()?)));
        let definition = of.map_or(Ok(None), |(def, of)| definition(def, of))?;
        Ok(View { definition, ..view.clone() })
    });
    Ok(tables.with_views(sorted(views.collect::<Result<_, String>>()?, tables)?))
}

fn definition(def: &ModelDef, of: &DatabaseViewDef) -> Result<Option<String>, String> {
    match of.definition {
        DefinitionDef::Elsewhere => Ok(None),
        DefinitionDef::Text(text) => Ok(Some(by_name(def, text))),
        DefinitionDef::Query(query) => {
            query().map(Some).map_err(|why| format!("the definition of the view `{}`: {why}", def.name))
        }
    }
}

/// Takes the columns out of a query by their names, so that it does not matter in which order it gives them.
fn by_name(def: &ModelDef, text: &str) -> String {
    let columns: Vec<String> = def.columns.iter().map(|column| quote(column.name)).collect();
    // The text may end in a comment.
    format!("SELECT {} FROM (\n{text}\n) AS defined", columns.join(", "))
}

/// In such an order that each view comes after those whose names stand in its definition.
fn sorted(views: Vec<View>, tables: &Metadata) -> Result<Vec<View>, String> {
    let is_known = |name: TableName<'_>| {
        tables.table(name).is_some() || views.iter().any(|view| view.full_name() == name)
    };
    let reads = |view: &View| -> Vec<usize> {
        let names = names_in(view.definition.as_deref().unwrap_or_default());
        let means = |(before, name): &(Option<String>, String), other: &View| match (before, &other.schema) {
            (None, schema) => schema.is_none() && *name == other.name,
            (Some(_), Some(_)) => *before == other.schema && *name == other.name,
            // What has no schema is in one all the same, if not in that of a table which is called so.
            (Some(before), None) => *name == other.name && !is_known(TableName::in_schema(before, name)),
        };
        let is_read = |other: &View| other != view && names.iter().any(|name| means(name, other));
        views.iter().enumerate().filter(|(_, other)| is_read(other)).map(|(at, _)| at).collect()
    };
    let edges: Vec<Vec<usize>> = views.iter().map(reads).collect();
    let mut order = Vec::with_capacity(views.len());
    for circle in components(&edges) {
        if let [one, other, ..] = circle[..] {
            let (one, other) = (views[one].full_name(), views[other].full_name());
            return Err(format!("the views \"{one}\" and \"{other}\" are defined by each other"));
        }
        order.extend(circle);
    }
    Ok(order.into_iter().map(|at| views[at].clone()).collect())
}

/// Whether the view has rows, and an index by which the server can tell old and new ones apart.
const CAN_COMPARE: &str = "SELECT c.relispopulated AND EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = c.oid \
     AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL) \
     FROM pg_class AS c WHERE c.oid = to_regclass($1)";

/// Has a materialised view run its query again.
///
/// Where the view has a unique index, and each that a model defines has one of its key, programs go on reading it
/// meanwhile (`CONCURRENTLY`). Sessions that have rows of it keep what they read: [`Session::expire`](crate::Session::expire).
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Sale {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     pub product: String,
///     pub pieces: i64,
/// }
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base, view = best, materialized)]
/// pub struct Best {
///     #[model(primary_key)]
///     pub product: String,
///     pub pieces: i64,
/// }
///
/// fn best() -> impl orm_core::query::Defines<(String, i64)> {
///     columns((Sale::PRODUCT, Sale::PIECES)).filter(Sale::PIECES.gt(100))
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// Sale::builder().product("Tea").pieces(120).build().insert(&engine).await?;
/// assert!(Best::find(&engine, "Tea".to_owned()).await?.is_none());
/// orm_core::refresh_materialized::<Best>(&engine).await?;
/// assert_eq!(Best::find(&engine, "Tea".to_owned()).await?.unwrap().pieces, 120);
/// # Ok(()) }
/// ```
///
/// # Errors
/// The server's: the view is not there, or two of its rows have the same key.
pub async fn refresh_materialized<M: Materialized>(engine: &Engine) -> Result<()> {
    let (mut connection, view) = (engine.connection().await?, M::def().table);
    let asked = Statement { text: CAN_COMPARE.into(), params: vec![Param::of(&quote_table(view))] };
    let reply = (&mut connection).run(asked).await?;
    let concurrently = reply.rows.first().is_some_and(|row| row.try_get(0).unwrap_or(false));
    (&mut connection)
        .run(Statement::plain(TrustedSql::new(refresh_statement(view, concurrently))))
        .await
        .map(|_| ())
}
