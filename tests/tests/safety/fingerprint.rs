//! Everything that a database has, as one text.

use orm_core::prelude::*;
use orm_core::sql;
use orm_core::sql::TrustedSql;

/// What is in the catalogue of the database and in all of its tables, and who may use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    /// Tables, views, indexes, sequences and types, with their columns.
    catalogue: String,
    /// Functions, roles, and who may do what.
    rights: String,
    /// Each table with the number and a checksum of its rows.
    rows: Vec<(String, i64, String)>,
}

const CATALOGUE: &str = "
    SELECT md5(string_agg(line, E'\\n' ORDER BY line)) FROM (
        SELECT format('%s %s %s %s', c.oid, relname, relkind, relacl) AS line FROM pg_class c
            WHERE relnamespace NOT IN ('pg_toast'::regnamespace, 'pg_catalog'::regnamespace)
        UNION ALL SELECT format('%s %s %s', attrelid, attname, atttypid) FROM pg_attribute WHERE attrelid > 16000
        UNION ALL SELECT format('%s %s', oid, typname) FROM pg_type WHERE oid > 16000
        UNION ALL SELECT format('%s %s', conrelid, pg_get_constraintdef(oid)) FROM pg_constraint WHERE oid > 16000
    ) lines";

const RIGHTS: &str = "
    SELECT md5(string_agg(line, E'\\n' ORDER BY line)) FROM (
        SELECT format('%s %s %s', oid, proname, prosrc) AS line FROM pg_proc WHERE oid > 16000
        UNION ALL SELECT format('%s %s %s %s', rolname, rolsuper, rolcreaterole, rolcanlogin) FROM pg_roles
        UNION ALL SELECT format('%s %s', nspname, nspacl) FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp'
        UNION ALL SELECT format('%s %s', extname, extversion) FROM pg_extension
    ) lines";

const TABLES: &str = "SELECT oid::regclass::text FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1";

/// Looks at all of it.
pub(crate) async fn fingerprint(engine: &Engine) -> Fingerprint {
    let catalogue = sql::text(CATALOGUE).scalar(engine).await.unwrap().unwrap();
    let rights = sql::text(RIGHTS).scalar(engine).await.unwrap().unwrap();
    let mut rows = Vec::new();
    for table in sql::text(TABLES).scalars::<String>(engine).await.unwrap() {
        // The server quoted the name itself.
        let of_rows = "SELECT coalesce(md5(string_agg(t::text, E'\\n' ORDER BY t::text)), 'none') FROM ";
        let count = engine.run_text(format!("SELECT count(*)::text FROM {table}")).await;
        let sum = engine.run_text(format!("{of_rows}{table} t")).await;
        rows.push((table, count.parse().unwrap(), sum));
    }
    assert!(!rows.is_empty(), "a database without tables has nothing to lose");
    Fingerprint { catalogue, rights, rows }
}

/// Text that a test made itself.
trait RunText {
    async fn run_text(&self, text: String) -> String;
}

impl RunText for Engine {
    async fn run_text(&self, text: String) -> String {
        use orm_core::{Executor, sql::Statement};
        self.run(Statement::plain(TrustedSql::new(text))).await.unwrap().rows[0].get(0)
    }
}
