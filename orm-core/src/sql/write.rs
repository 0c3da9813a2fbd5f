//! The texts of INSERT.
//!
//! One row travels as a plain statement. More travel as one array a column, taken apart by `UNNEST`: one
//! text for every number of rows, so one prepared statement, and never more parameters than columns.

use super::ident::{push_list, push_quoted, push_table, quote};
use crate::schema::TableName;
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

/// Rows that are bound as one array a column: names as SQL text, and types.
///
/// Arrays of arrays are bound as their texts, so such columns are cast behind `UNNEST`.
#[derive(Debug)]
pub(super) struct Given(pub(super) Vec<(String, SqlType)>);

impl Given {
    pub(super) fn of(columns: &[TypedColumn<'_>]) -> Self {
        Self(columns.iter().map(|column| (quote(column.name), column.sql_type)).collect())
    }

    pub(super) fn has_casts(&self) -> bool {
        self.0.iter().any(|(_, ty)| ty.batch_cast().is_some())
    }

    /// `UNNEST($1::a[], $2::b[])`
    pub(super) fn push_unnest(&self, out: &mut String) {
        out.push_str("UNNEST(");
        for (i, (_, ty)) in self.0.iter().enumerate() {
            let separator = if i > 0 { ", " } else { "" };
            let _ = write!(out, "{separator}${}::{}[]", i + 1, ty.batch_name());
        }
        out.push(')');
    }

    /// `UNNEST($1::a[], $2::b[]) AS v("a", "b")`, or a subquery around it; with a column `#` that numbers the rows, if asked for.
    pub(super) fn push_as_v(&self, numbered: bool, out: &mut String) {
        let more = if numbered { ", \"#\"" } else { "" };
        let names: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(", ") + more;
        if self.has_casts() {
            out.push_str("(SELECT ");
            for (i, (name, ty)) in self.0.iter().enumerate() {
                let _ = write!(out, "{}{name}", if i > 0 { ", " } else { "" });
                if let Some(cast) = ty.batch_cast() {
                    let _ = write!(out, "::{cast} AS {name}");
                }
            }
            let _ = write!(out, "{more} FROM ");
        }
        self.push_unnest(out);
        let _ = write!(out, "{} AS v({names})", if numbered { " WITH ORDINALITY" } else { "" });
        if self.has_casts() {
            out.push_str(") AS v");
        }
    }
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
    pub table: TableName<'a>,
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
            let given = Given::of(self.columns);
            match self.has_defaults() || given.has_casts() {
                true => given.push_as_v(false, &mut out),
                false => given.push_unnest(&mut out),
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
            Given::of(self.columns).push_as_v(true, &mut out);
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
        push_table(&mut out, self.table);
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

#[cfg(test)]
mod tests {
    use super::*;

    const ID: TypedColumn<'_> = TypedColumn { name: "id", sql_type: SqlType::BigInt };
    const NAME: TypedColumn<'_> = TypedColumn { name: "name", sql_type: SqlType::Text };

    #[test]
    fn texts_of_inserts() {
        let insert = Insert {
            table: TableName::new("customer"),
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
    fn arrays_are_bound_as_texts_and_cast_one_by_one() {
        let tags = TypedColumn { name: "tags", sql_type: SqlType::Array(&SqlType::BigInt) };
        let insert = Insert {
            table: TableName::new("customer"),
            columns: &[ID, tags],
            defaults: &[],
            keys: InsertKeys::Given,
            returning: &[],
            skip_existing: false,
        };
        assert_eq!(
            insert.many(),
            "INSERT INTO \"customer\" (\"id\", \"tags\") SELECT * FROM (SELECT \"id\", \"tags\"::bigint[] AS \"tags\" \
             FROM UNNEST($1::bigint[], $2::text[]) AS v(\"id\", \"tags\")) AS v"
        );
        let drawn = Insert { columns: &[tags], keys: InsertKeys::Drawn("id", "nextval('s')"), ..insert };
        assert!(drawn.many().starts_with(
            "WITH given AS (SELECT nextval('s') AS \"id\", v.* FROM (SELECT \"tags\"::bigint[] AS \"tags\", \"#\" \
             FROM UNNEST($1::text[]) WITH ORDINALITY AS v(\"tags\", \"#\")) AS v), made AS ("
        ));
    }
}
