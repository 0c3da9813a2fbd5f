//! Everything that a database has, as one text.

use orm_core::prelude::*;
use orm_core::sql;
use orm_core::sql::TrustedSql;
use orm_tests::models::odd::{Base, Odd};

/// What is in the catalogue of the database and in all of its tables, and who may use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    /// Tables, views, indexes, sequences and types, with their columns.
    catalogue: String,
    /// Functions, and who may do what; of the roles, which all databases of a server share, those that may do more than others, and the
    /// one of the hostile texts.
    rights: String,
    /// Each table of every schema with the number and a checksum of its rows.
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
            WHERE rolsuper OR rolcreaterole OR rolname = 'pwned'
        UNION ALL SELECT format('%s %s', nspname, nspacl) FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp'
        UNION ALL SELECT format('%s %s', extname, extversion) FROM pg_extension
    ) lines";

const TABLES: &str = "SELECT c.oid::regclass::text FROM pg_class c
    JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind = 'r' AND nspname <> 'information_schema' AND NOT starts_with(nspname, 'pg_') ORDER BY 1";

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

#[orm_testkit::test(base = Base)]
async fn a_row_in_any_schema_changes_it(engine: Engine) {
    let empty = fingerprint(&engine).await;
    assert_eq!(empty, fingerprint(&engine).await);
    Odd::builder().keyword("elsewhere").build().insert(&engine).await.unwrap();
    let one = fingerprint(&engine).await;
    assert_ne!(one.rows, empty.rows);
    assert_eq!((one.catalogue, one.rights), (empty.catalogue, empty.rights));
}
