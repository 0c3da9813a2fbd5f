//! The texts of INSERT, UPDATE and DELETE.
//!
//! One row travels as a plain statement. More travel as one array a column, taken apart by `UNNEST`: one
//! text for every number of rows, so one prepared statement, and never more parameters than columns.

use super::ident::{push_list, push_quoted};
use crate::types::SqlType;
use std::fmt::Write;

/// A column with its type, as the statements need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TypedColumn<'a> {
    /// The name.
    pub name: &'a str,
    /// The type.
    pub sql_type: SqlType,
}

/// `UNNEST($1::a[], $2::b[])`, counted from parameter `first`.
fn push_unnest(out: &mut String, columns: &[TypedColumn<'_>], first: usize) {
    out.push_str("UNNEST(");
    for (i, column) in columns.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        let _ = write!(out, "${}::{}[]", first + i, column.sql_type);
    }
    out.push(')');
}

fn push_returning(out: &mut String, columns: &[&str]) {
    if !columns.is_empty() {
        out.push_str(" RETURNING ");
        push_list(out, "", columns.iter().copied());
    }
}

/// Who makes the primary key of inserted rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InsertKeys<'a> {
    /// It is among the columns.
    Given,
    /// The statement draws it: column and expression. Each row comes back with the ordinal of its values,
    /// so that keys are matched by number and never by the order of rows.
    Drawn(&'a str, &'a str),
}

/// INSERT of one row or many.
#[derive(Clone, Copy, Debug)]
pub struct Insert<'a> {
    /// The table.
    pub table: &'a str,
    /// The columns that are given.
    pub columns: &'a [TypedColumn<'a>],
    /// What stands for `NULL` in a column that some rows leave to the database: an expression a column, or none at all
    /// where every row gives every column.
    pub defaults: &'a [Option<&'a str>],
    /// Where the key comes from.
    pub keys: InsertKeys<'a>,
    /// The columns that come back.
    pub returning: &'a [&'a str],
    /// Whether rows that are there already are left alone.
    pub skip_existing: bool,
}

impl Insert<'_> {
    /// The text for one row: a value a column.
    pub fn one(&self) -> String {
        let mut out = self.head(None);
        if self.columns.is_empty() {
            out.push_str(" DEFAULT VALUES");
        } else {
            out.push_str(" VALUES (");
            for i in 1..=self.columns.len() {
                let _ = write!(out, "{}${i}", if i > 1 { ", " } else { "" });
            }
            out.push(')');
        }
        self.tail(&mut out);
        out
    }

    /// The text for any number of rows: an array a column. Without any column the only parameter is the
    /// number of rows.
    ///
    /// With [`InsertKeys::Drawn`] the first column that comes back is the ordinal, from 1.
    pub fn many(&self) -> String {
        let InsertKeys::Drawn(key, expression) = self.keys else {
            let mut out = self.head(None);
            out.push_str(" SELECT ");
            self.push_values(&mut out);
            out.push_str(" FROM ");
            push_unnest(&mut out, self.columns, 1);
            if self.has_defaults() {
                out.push_str(" AS v(");
                push_list(&mut out, "", self.columns.iter().map(|c| c.name));
                out.push(')');
            }
            self.tail(&mut out);
            return out;
        };
        let mut out = String::from("WITH given AS (SELECT ");
        let _ = write!(out, "{expression} AS ");
        push_quoted(&mut out, key);
        out.push_str(", v.* FROM ");
        if self.columns.is_empty() {
            out.push_str("generate_series(1, $1::bigint) AS v(\"#\")");
        } else {
            push_unnest(&mut out, self.columns, 1);
            out.push_str(" WITH ORDINALITY AS v(");
            push_list(&mut out, "", self.columns.iter().map(|c| c.name));
            out.push_str(", \"#\")");
        }
        out.push_str("), made AS (");
        out.push_str(&self.head(Some(key)));
        out.push_str(" SELECT ");
        push_list(&mut out, "", self.columns.iter().map(|c| c.name).chain([key]));
        out.push_str(" FROM given");
        self.tail(&mut out);
        out.push_str(") SELECT given.\"#\", ");
        push_list(&mut out, "made.", self.returning.iter().copied());
        out.push_str(" FROM made JOIN given USING (");
        push_quoted(&mut out, key);
        out.push(')');
        out
    }

    fn has_defaults(&self) -> bool {
        self.defaults.iter().any(Option::is_some)
    }

    /// `*`, or the columns with what stands for `NULL`.
    fn push_values(&self, out: &mut String) {
        if !self.has_defaults() {
            out.push('*');
            return;
        }
        for (i, (column, default)) in self.columns.iter().zip(self.defaults).enumerate() {
            out.push_str(if i > 0 { ", " } else { "" });
            match default {
                None => push_quoted(out, column.name),
                Some(default) => {
                    out.push_str("COALESCE(");
                    push_quoted(out, column.name);
                    let _ = write!(out, ", {default})");
                }
            }
        }
    }

    fn head(&self, key: Option<&str>) -> String {
        let mut out = String::from("INSERT INTO ");
        push_quoted(&mut out, self.table);
        if !self.columns.is_empty() || key.is_some() {
            out.push_str(" (");
            push_list(&mut out, "", self.columns.iter().map(|c| c.name).chain(key));
            out.push(')');
        }
        out
    }

    fn tail(&self, out: &mut String) {
        if self.skip_existing {
            out.push_str(" ON CONFLICT DO NOTHING");
        }
        push_returning(out, self.returning);
    }
}

/// The text that makes `$1` keys at once; they come back as one array.
pub fn reserve_keys(expression: &str) -> String {
    format!("SELECT array_agg({expression}) FROM generate_series(1, $1::bigint)")
}

/// UPDATE of some columns of one row or many; the key is bound first, then the columns.
#[derive(Clone, Copy, Debug)]
pub struct Update<'a> {
    /// The table.
    pub table: &'a str,
    /// The key.
    pub key: &'a [TypedColumn<'a>],
    /// The columns that change.
    pub columns: &'a [TypedColumn<'a>],
    /// Whether the statement itself fails when a row is not there. Needed where COMMIT is under way before
    /// the number of updated rows is known.
    pub guarded: bool,
}

/// Stands at the start of the message of a guard that found rows missing.
pub(crate) const STALE_MARK: &str = "stale rows: ";

impl Update<'_> {
    /// The text for one row: a value a column.
    pub fn one(&self) -> String {
        let mut update = String::from("UPDATE ");
        push_quoted(&mut update, self.table);
        update.push_str(" SET ");
        for (i, column) in self.columns.iter().enumerate() {
            if i > 0 {
                update.push_str(", ");
            }
            push_quoted(&mut update, column.name);
            let _ = write!(update, " = ${}", self.key.len() + i + 1);
        }
        update.push_str(" WHERE ");
        for (i, column) in self.key.iter().enumerate() {
            if i > 0 {
                update.push_str(" AND ");
            }
            push_quoted(&mut update, column.name);
            let _ = write!(update, " = ${}", i + 1);
        }
        if !self.guarded {
            return update;
        }
        let shown: Vec<String> = (1..=self.key.len()).map(|i| format!("${i}::text")).collect();
        format!(
            "WITH done AS ({update} RETURNING 1) SELECT CASE WHEN count(*) = 1 THEN 0 \
             ELSE ('{STALE_MARK}' || concat_ws(',', {}))::int END FROM done",
            shown.join(", ")
        )
    }

    /// The text for any number of rows: an array a column.
    pub fn many(&self) -> String {
        let all: Vec<TypedColumn<'_>> = self.key.iter().chain(self.columns).copied().collect();
        let mut given = String::new();
        push_unnest(&mut given, &all, 1);
        given.push_str(" AS v(");
        let names: Vec<String> = (0..all.len()).map(|i| format!("c{i}")).collect();
        given.push_str(&names.join(", "));
        given.push(')');

        let mut update = String::from("UPDATE ");
        push_quoted(&mut update, self.table);
        update.push_str(" AS t SET ");
        for (i, column) in self.columns.iter().enumerate() {
            if i > 0 {
                update.push_str(", ");
            }
            push_quoted(&mut update, column.name);
            let _ = write!(update, " = v.c{}", self.key.len() + i);
        }
        let on = on_key(self.key, "t");
        if !self.guarded {
            return format!("{update} FROM {given} WHERE {on}");
        }
        let shown: Vec<String> = (0..self.key.len()).map(|i| format!("v.c{i}")).collect();
        let mut returned = String::new();
        push_list(&mut returned, "t.", self.key.iter().map(|c| c.name));
        format!(
            "WITH v AS (SELECT * FROM {given}), done AS ({update} FROM v WHERE {on} RETURNING {returned}) \
             SELECT CASE WHEN (SELECT count(*) FROM done) = (SELECT count(*) FROM v) THEN 0 \
             ELSE ('{STALE_MARK}' || (SELECT string_agg(concat_ws(',', {}), ' ') FROM v \
             WHERE NOT EXISTS (SELECT FROM done WHERE {})))::int END",
            shown.join(", "),
            on_key(self.key, "done"),
        )
    }
}

/// `t."id" = v.c0 AND …`
fn on_key(key: &[TypedColumn<'_>], alias: &str) -> String {
    let mut on = String::new();
    for (i, column) in key.iter().enumerate() {
        if i > 0 {
            on.push_str(" AND ");
        }
        let _ = write!(on, "{alias}.");
        push_quoted(&mut on, column.name);
        let _ = write!(on, " = v.c{i}");
    }
    on
}

/// DELETE by key, of one row or many.
#[derive(Clone, Copy, Debug)]
pub struct Delete<'a> {
    /// The table.
    pub table: &'a str,
    /// The columns that are compared: a key, or the side of an association table.
    pub key: &'a [TypedColumn<'a>],
}

impl Delete<'_> {
    /// The text for one row: a value a column.
    pub fn one(&self) -> String {
        let mut out = String::from("DELETE FROM ");
        push_quoted(&mut out, self.table);
        for (i, column) in self.key.iter().enumerate() {
            out.push_str(if i == 0 { " WHERE " } else { " AND " });
            push_quoted(&mut out, column.name);
            let _ = write!(out, " = ${}", i + 1);
        }
        out
    }

    /// The text for any number of rows.
    pub fn many(&self) -> String {
        let mut out = String::from("DELETE FROM ");
        push_quoted(&mut out, self.table);
        if let [key] = self.key {
            out.push_str(" WHERE ");
            push_quoted(&mut out, key.name);
            let _ = write!(out, " IN (SELECT unnest($1::{}[]))", key.sql_type);
            return out;
        }
        out.push_str(" AS t USING ");
        push_unnest(&mut out, self.key, 1);
        let names: Vec<String> = (0..self.key.len()).map(|i| format!("c{i}")).collect();
        let _ = write!(out, " AS v({}) WHERE {}", names.join(", "), on_key(self.key, "t"));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: TypedColumn<'_> = TypedColumn { name: "id", sql_type: SqlType::BigInt };
    const NAME: TypedColumn<'_> = TypedColumn { name: "name", sql_type: SqlType::Text };

    #[test]
    fn texts_of_inserts() {
        let insert = Insert {
            table: "customer",
            columns: &[ID, NAME],
            defaults: &[],
            keys: InsertKeys::Given,
            returning: &["id", "at"],
            skip_existing: false,
        };
        assert_eq!(
            insert.one(),
            "INSERT INTO \"customer\" (\"id\", \"name\") VALUES ($1, $2) RETURNING \"id\", \"at\""
        );
        assert_eq!(
            insert.many(),
            "INSERT INTO \"customer\" (\"id\", \"name\") SELECT * FROM UNNEST($1::bigint[], $2::text[]) \
             RETURNING \"id\", \"at\""
        );
        let mixed = Insert { defaults: &[None, Some("'nobody'")], returning: &[], ..insert };
        assert_eq!(
            mixed.many(),
            "INSERT INTO \"customer\" (\"id\", \"name\") SELECT \"id\", COALESCE(\"name\", 'nobody') \
             FROM UNNEST($1::bigint[], $2::text[]) AS v(\"id\", \"name\")"
        );
        let drawn = Insert { columns: &[NAME], keys: InsertKeys::Drawn("id", "nextval('s')"), ..insert };
        assert_eq!(
            drawn.many(),
            "WITH given AS (SELECT nextval('s') AS \"id\", v.* FROM UNNEST($1::text[]) WITH ORDINALITY \
             AS v(\"name\", \"#\")), made AS (INSERT INTO \"customer\" (\"name\", \"id\") \
             SELECT \"name\", \"id\" FROM given RETURNING \"id\", \"at\") \
             SELECT given.\"#\", made.\"id\", made.\"at\" FROM made JOIN given USING (\"id\")"
        );
    }

    #[test]
    fn texts_of_updates_and_deletes() {
        let update = Update { table: "customer", key: &[ID], columns: &[NAME], guarded: false };
        assert_eq!(update.one(), "UPDATE \"customer\" SET \"name\" = $2 WHERE \"id\" = $1");
        assert_eq!(
            update.many(),
            "UPDATE \"customer\" AS t SET \"name\" = v.c1 FROM UNNEST($1::bigint[], $2::text[]) \
             AS v(c0, c1) WHERE t.\"id\" = v.c0"
        );
        let delete = Delete { table: "customer", key: &[ID] };
        assert_eq!(delete.many(), "DELETE FROM \"customer\" WHERE \"id\" IN (SELECT unnest($1::bigint[]))");
        let delete = Delete { table: "t", key: &[ID, NAME] };
        assert_eq!(
            delete.many(),
            "DELETE FROM \"t\" AS t USING UNNEST($1::bigint[], $2::text[]) AS v(c0, c1) \
             WHERE t.\"id\" = v.c0 AND t.\"name\" = v.c1"
        );
    }
}
