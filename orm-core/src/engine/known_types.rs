//! Types with names of their own, which a connection has to know before it reads rows of them.
//!
//! The driver asks the server for a type that it meets for the first time when it is told what the rows of a statement are, and takes
//! none of the rows before it has the answer, which comes behind them. Where they are more than it keeps, both wait for ever. So a statement that
//! may read such a type is described first, without being run: one more round trip, once a connection.
//!
//! Which statements may, their text tells: the models say which columns have such types, and every other text is sent at once.

use super::wire::{Request, Wire, prepared_as};
use crate::schema::TableName;
use crate::sql::{Param, Statement};
use crate::types::{NamedType, SqlType, TypeKind};
use futures_util::future::join4;
use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, RwLock};

/// What the models of all bases say.
static NAMED: RwLock<Vec<Named>> = RwLock::new(Vec::new());

/// What rows of such types are made of.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Named {
    /// A column of a table.
    Column { table: String, column: String },
    /// A type, which a value is cast to.
    Type(&'static str),
}

/// Takes note of a column of a table, if its type is one.
pub(crate) fn note_column(table: TableName<'_>, column: &str, ty: SqlType) {
    if of_driver(ty).is_some() {
        note(Named::Column { table: table.name.to_owned(), column: column.to_owned() });
    }
}

/// Takes note of a type.
pub(crate) fn note_type(ty: &NamedType) {
    note(Named::Type(ty.quoted()));
}

fn note(new: Named) {
    let mut all = NAMED.write().unwrap_or_else(PoisonError::into_inner);
    if !all.contains(&new) {
        all.push(new);
    }
}

/// The type that the driver has to ask for; of a domain it is told what it is made of.
fn of_driver(ty: SqlType) -> Option<&'static NamedType> {
    let SqlType::Named(named) = ty.item() else { return None };
    match (named.kind(), ty) {
        (TypeKind::Domain(domain), SqlType::Named(_)) => of_driver(domain.base),
        _ => Some(named),
    }
}

/// What of such types the rows of a statement may have.
fn named_in(text: &str) -> Vec<Named> {
    let all = NAMED.read().unwrap_or_else(PoisonError::into_inner);
    if all.is_empty() {
        return Vec::new();
    }
    let output = output_of(text);
    let reads_all = output.replace("count(*)", "").contains('*');
    let is_read = |named: &&Named| match named {
        Named::Column { table, column } => {
            text.contains(&**table) && (reads_all || output.contains(&**column))
        }
        Named::Type(name) => output.contains(name),
    };
    all.iter().filter(is_read).cloned().collect()
}

/// The part of a statement that says what its rows are; all of it where several parts do.
fn output_of(text: &str) -> &str {
    if ["INSERT ", "UPDATE ", "DELETE ", "MERGE "].iter().any(|verb| text.starts_with(verb)) {
        return text.rfind(" RETURNING ").map_or("", |at| &text[at..]);
    }
    let has_parts =
        text.matches("SELECT ").count() != 1 || text.contains("unnest(") || text.contains("VALUES");
    match text.rfind(" FROM ") {
        Some(end) if !has_parts => &text[..end],
        _ => text,
    }
}

/// The query of a cursor, whose rows come with statements that say nothing of them; any other text is its own.
fn query_of(text: &Arc<str>) -> Arc<str> {
    let declared = text.strip_prefix("DECLARE ").and_then(|cursor| cursor.split_once(" CURSOR FOR "));
    declared.map_or_else(|| text.clone(), |(_, query)| query.into())
}

/// What one connection knows.
#[derive(Debug, Default)]
pub(super) struct KnownTypes {
    /// Columns that were described, by the search path.
    columns: HashSet<(Option<Arc<str>>, String)>,
    /// Texts whose rows are of types that are known.
    texts: HashSet<Arc<str>>,
    /// How many scripts had run by then: each may have made types anew.
    scripts: u64,
}

/// The most texts that a connection remembers.
const MAX_TEXTS: usize = 1024;

impl KnownTypes {
    /// Forgets all when there were scripts since.
    fn as_of(&mut self, scripts: u64) {
        if self.scripts != scripts {
            *self = Self { scripts, ..Self::default() };
        }
    }

    /// Whether the rows of a text are of types that are known; takes note of it when they are.
    fn knows(&mut self, path: &Option<Arc<str>>, text: &Arc<str>) -> bool {
        if self.texts.contains(&prepared_as(path, text)) {
            return true;
        }
        let is_known = |named: &Named| match named {
            Named::Column { table: _, column } => self.columns.contains(&(path.clone(), column.clone())),
            Named::Type(_) => false,
        };
        let knows = named_in(text).iter().all(is_known);
        if knows {
            self.note(path, text);
        }
        knows
    }

    fn note(&mut self, path: &Option<Arc<str>>, text: &Arc<str>) {
        if self.texts.len() >= MAX_TEXTS {
            self.texts.clear();
        }
        self.texts.insert(prepared_as(path, text));
    }

    fn learn(
        &mut self,
        path: &Option<Arc<str>>,
        text: &Arc<str>,
        described: Option<&tokio_postgres::Statement>,
    ) {
        self.note(path, text);
        let columns = described.into_iter().flat_map(tokio_postgres::Statement::columns);
        self.columns.extend(columns.map(|column| (path.clone(), column.name().to_owned())));
    }
}

impl Wire {
    /// Has the driver ask for the types that statements may read, and leaves everything else as it is.
    pub(super) async fn learn_types(&mut self, requests: &[Request]) {
        let unknown = self.of_unknown_types(requests);
        if !unknown.is_empty() {
            // On the heap: few flights have to ask, and the others carry nothing of it.
            Box::pin(self.ask_for_types(requests, unknown)).await;
        }
    }

    /// The statements that may read types which the connection does not know.
    fn of_unknown_types(&mut self, requests: &[Request]) -> Vec<Statement> {
        let path = self.search_path.clone();
        self.known.as_of(self.counters.scripts.load(Ordering::Relaxed));
        requests
            .iter()
            .filter_map(|request| match request {
                Request::Run(Statement { text, params }) => Some((query_of(text), params)),
                _ => None,
            })
            .filter(|(text, _)| !self.known.knows(&path, text))
            .map(|(text, params)| Statement { text, params: params.clone() })
            .collect()
    }

    async fn ask_for_types(&mut self, requests: &[Request], unknown: Vec<Statement>) {
        let path = self.search_path.clone();
        let begins = requests.iter().any(|request| matches!(request, Request::Begin(_)));
        let local = requests.iter().find_map(|request| match request {
            Request::Local(local) => Some(&local.statement),
            _ => None,
        });
        let is_open = self.in_transaction && !begins;
        let around = Around::of(is_open, local.is_some());
        for statement in unknown {
            let described = self.describe(&statement, local, around).await;
            self.known.learn(&path, &statement.text, described.as_ref());
        }
    }

    /// What a statement would give. One that is wrong says so when it runs.
    async fn describe(
        &self,
        statement: &Statement,
        local: Option<&Statement>,
        around: Option<Around>,
    ) -> Option<tokio_postgres::Statement> {
        let client = &self.client;
        let types: Vec<_> = statement.params.iter().map(Param::ty).collect();
        let script = async |text: Option<&'static str>| match text {
            Some(text) => client.batch_execute(text).await.is_ok(),
            None => true,
        };
        let set = async || {
            let Some(local) = local else { return };
            let params = local.params.iter().map(|param| (param, param.ty()));
            let _ = client.query_typed_raw(&local.text, params).await;
        };
        // The first poll of each sends, in this order.
        let (begin, end) = (around.map(Around::begin), around.map(Around::end));
        let (_, (), described, _) =
            join4(script(begin), set(), client.prepare_typed(&statement.text, &types), script(end)).await;
        described.ok()
    }
}

/// What keeps a description from changing anything.
#[derive(Clone, Copy, Debug)]
enum Around {
    Transaction,
    Savepoint,
}

impl Around {
    /// Outside of a transaction a description needs nothing around it, unless settings go with it.
    const fn of(is_open: bool, has_settings: bool) -> Option<Self> {
        match (is_open, has_settings) {
            (true, _) => Some(Self::Savepoint),
            (false, true) => Some(Self::Transaction),
            (false, false) => None,
        }
    }

    const fn begin(self) -> &'static str {
        match self {
            Self::Transaction => "BEGIN",
            Self::Savepoint => "SAVEPOINT described",
        }
    }

    const fn end(self) -> &'static str {
        match self {
            Self::Transaction => "ROLLBACK",
            Self::Savepoint => "ROLLBACK TO SAVEPOINT described; RELEASE SAVEPOINT described",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{Hstore, ScalarType};

    #[test]
    fn a_cursor_is_its_query() {
        assert_eq!(&*query_of(&"DECLARE c NO SCROLL CURSOR FOR SELECT 1".into()), "SELECT 1");
        assert_eq!(&*query_of(&"SELECT ' CURSOR FOR '".into()), "SELECT ' CURSOR FOR '");
    }

    #[test]
    fn only_texts_that_may_read_such_a_column_are_described() {
        note_column("a table of types".into(), "mood", Hstore::SQL);
        note_column("a table of types".into(), "number", SqlType::BigInt);
        note_type(match Hstore::SQL {
            SqlType::Named(named) => named,
            _ => unreachable!("it is a type of an extension"),
        });
        for (text, is_read) in [
            (r#"SELECT "mood" FROM "a table of types""#, true),
            (r#"SELECT * FROM "a table of types""#, true),
            (r#"SELECT count(*) FROM "a table of types""#, false),
            (r#"SELECT "number" FROM "a table of types""#, false),
            (r#"SELECT "mood" FROM "another table""#, false),
            ("SELECT $1::hstore", true),
            (r#"SELECT "number" FROM "a table of types" WHERE "mood" = $1::hstore"#, false),
            (r#"SELECT "n" FROM (SELECT "mood" FROM "a table of types") AS "x"("n")"#, true),
            (r#"SELECT EXTRACT(year FROM "number"), "mood" FROM "a table of types""#, true),
            (r#"INSERT INTO "a table of types" ("mood") VALUES ($1::hstore)"#, false),
            (r#"INSERT INTO "a table of types" ("mood") VALUES ($1) RETURNING "number""#, false),
            (r#"INSERT INTO "a table of types" ("number") VALUES ($1) RETURNING "number", "mood""#, true),
        ] {
            assert_eq!(!named_in(text).is_empty(), is_read, "{text}");
        }
    }
}
