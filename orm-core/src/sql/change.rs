//! The texts of UPDATE and DELETE, and the guard that makes them fail when a row is missed.

use super::ident::{literal, push_list, push_quoted, push_table};
use super::write::{Given, TypedColumn};
use super::{Expr, Param, Renderer, Statement};
use crate::schema::TableName;
use crate::types::SqlType;
use std::fmt::Write;

/// UPDATE of some columns of one row or many.
///
/// Bound are the key, the version, the columns, the values inside the computed columns, and those of the condition, in this order.
#[derive(Clone, Copy, Debug)]
pub struct Update<'a> {
    /// The table.
    pub table: TableName<'a>,
    /// The key.
    pub key: &'a [TypedColumn<'a>],
    /// The version that the row must have as well.
    pub version: Option<TypedColumn<'a>>,
    /// The columns that change.
    pub columns: &'a [TypedColumn<'a>],
    /// The columns that the database computes.
    pub computed: &'a [(&'a str, &'a Expr)],
    /// What the rows must meet as well: a text of [`restriction`], or nothing.
    pub restriction: &'a str,
    /// The columns that come back; of many rows the key stands before them.
    pub returning: &'a [&'a str],
    /// Whether the statement itself fails when a row is not there. Needed where COMMIT is under way before
    /// the number of updated rows is known.
    pub guarded: bool,
}

/// DELETE by key, of one row or many; the key is bound first, then the version.
#[derive(Clone, Copy, Debug)]
pub struct Delete<'a> {
    /// The table.
    pub table: TableName<'a>,
    /// The columns that are compared: a key, or the side of an association table.
    pub key: &'a [TypedColumn<'a>],
    /// The version that the row must have as well.
    pub version: Option<TypedColumn<'a>>,
    /// As in [`Update`].
    pub guarded: bool,
}

/// Stands at the start of the message of a guard that found rows missing.
const STALE_MARK: &str = "stale rows of ";

/// The keys that a guard on `table` reported, when `message` is its message.
pub(crate) fn stale_keys<'a>(message: &'a str, table: TableName<'_>) -> Option<&'a str> {
    let (_, after) = message.split_once(STALE_MARK)?;
    Some(after.strip_prefix(&table.to_string())?.strip_prefix(": ")?.trim_end_matches('"'))
}

/// The text of an expression over a row, and the values inside it.
pub fn computed(expr: &Expr) -> (String, Vec<Param>) {
    Renderer::of_row(0).expr_of_row(expr)
}

/// What rows of a table must meet to be updated, behind so many bound values, for one row or many; and its values.
///
/// # Errors
/// Why it cannot be written.
pub fn restriction(
    condition: &Expr,
    table: TableName<'_>,
    bound: usize,
    many: bool,
) -> Result<(String, Vec<Param>), String> {
    let mut out = Renderer::new(table.name).behind(bound, many.then_some("t"));
    out.push(" AND (").expr(condition).push(")");
    let Statement { text, params } = out.finish()?;
    Ok((text.to_string(), params))
}

impl Update<'_> {
    /// The text for one row: a value a column.
    pub fn one(&self) -> String {
        let mut update = String::from("UPDATE ");
        push_table(&mut update, self.table);
        update.push_str(" SET ");
        let compared = self.key.len() + usize::from(self.version.is_some());
        for (i, column) in self.columns.iter().enumerate() {
            push_separator(&mut update, i);
            push_quoted(&mut update, column.name);
            let _ = write!(update, " = ${}", compared + i + 1);
        }
        let mut bound = compared + self.columns.len();
        for (i, (name, expr)) in self.computed.iter().enumerate() {
            push_separator(&mut update, self.columns.len() + i);
            push_quoted(&mut update, name);
            let (text, params) = Renderer::of_row(bound).expr_of_row(expr);
            let _ = write!(update, " = {text}");
            bound += params.len();
        }
        push_where_one(&mut update, self.key, self.version);
        update.push_str(self.restriction);
        let guard = Guard { table: self.table, keys: self.key.len(), returning: self.returning };
        match self.guarded {
            true => guard.one(&update),
            false => guard.bare(&update, ""),
        }
    }

    /// The text for any number of rows: an array a column.
    pub fn many(&self) -> String {
        let compared: Vec<TypedColumn<'_>> = self.key.iter().copied().chain(self.version).collect();
        let mut update = String::from("UPDATE ");
        push_table(&mut update, self.table);
        update.push_str(" AS t SET ");
        for (i, column) in self.columns.iter().enumerate() {
            push_separator(&mut update, i);
            push_quoted(&mut update, column.name);
            let _ = write!(update, " = v.c{}", compared.len() + i);
        }
        let mut bound = compared.len() + self.columns.len();
        let mut values = Vec::new();
        for (i, (name, expr)) in self.computed.iter().enumerate() {
            push_separator(&mut update, self.columns.len() + i);
            push_quoted(&mut update, name);
            let (text, params) = Renderer::of_rows(bound).expr_of_row(expr);
            let _ = write!(update, " = {text}");
            bound += params.len();
            values.extend(params);
        }
        let columns = compared.iter().chain(self.columns).map(|column| column.sql_type);
        let types = columns.chain(values.iter().map(Param::sql_type));
        let given = given(types);
        let on = on_key(&compared, "t") + self.restriction;
        let guard = Guard { table: self.table, keys: self.key.len(), returning: self.returning };
        match self.guarded {
            true => guard.many(&format!("{update} FROM v WHERE {on}"), &given),
            false => guard.bare(&format!("{update} FROM {given} WHERE {on}"), "t."),
        }
    }
}

impl Delete<'_> {
    /// The text for one row: a value a column.
    pub fn one(&self) -> String {
        let mut delete = String::from("DELETE FROM ");
        push_table(&mut delete, self.table);
        push_where_one(&mut delete, self.key, self.version);
        let guard = Guard { table: self.table, keys: self.key.len(), returning: &[] };
        if self.guarded { guard.one(&delete) } else { delete }
    }

    /// The text for any number of rows.
    pub fn many(&self) -> String {
        let mut delete = String::from("DELETE FROM ");
        push_table(&mut delete, self.table);
        if let ([key], None, false) = (self.key, self.version, self.guarded) {
            delete.push_str(" WHERE ");
            push_quoted(&mut delete, key.name);
            let _ = write!(delete, " IN (SELECT unnest($1::{}[])", key.sql_type.batch_name());
            if let Some(cast) = key.sql_type.batch_cast() {
                let _ = write!(delete, "::{cast}");
            }
            return delete + ")";
        }
        let compared: Vec<TypedColumn<'_>> = self.key.iter().copied().chain(self.version).collect();
        let given = given(compared.iter().map(|column| column.sql_type));
        let on = on_key(&compared, "t");
        let guard = Guard { table: self.table, keys: self.key.len(), returning: &[] };
        match self.guarded {
            true => guard.many(&format!("{delete} AS t USING v WHERE {on}"), &given),
            false => format!("{delete} AS t USING {given} WHERE {on}"),
        }
    }
}

/// Makes a statement fail by itself when it misses a row: it casts a text with the missing keys to an integer.
struct Guard<'a> {
    table: TableName<'a>,
    /// How many columns the key has; they are bound first.
    keys: usize,
    returning: &'a [&'a str],
}

impl Guard<'_> {
    /// No guard: what comes back is all that is added.
    fn bare(&self, statement: &str, prefix: &str) -> String {
        let mut out = String::from(statement);
        if !self.returning.is_empty() {
            out.push_str(" RETURNING ");
            push_list(&mut out, prefix, self.returning.iter().copied());
        }
        out
    }

    fn one(&self, statement: &str) -> String {
        let shown: Vec<String> = (1..=self.keys).map(|i| format!("${i}::text")).collect();
        let mark = self.mark();
        let check = format!(
            "CASE WHEN count(*) = 1 THEN 0 ELSE ({mark} || concat_ws(',', {}))::int END",
            shown.join(", ")
        );
        if self.returning.is_empty() {
            return format!("WITH done AS ({statement} RETURNING 1) SELECT {check} FROM done");
        }
        let statement = self.bare(statement, "");
        let back = self.back();
        format!(
            "WITH done AS ({statement}) SELECT {back}, checked.ok \
             FROM (SELECT {check} AS ok FROM done) AS checked LEFT JOIN done ON true"
        )
    }

    /// Around a statement on `v`, which holds what is bound.
    fn many(&self, statement: &str, given: &str) -> String {
        let shown: Vec<String> = (0..self.keys).map(|i| format!("v.c{i}")).collect();
        let marked: Vec<String> = shown.iter().map(|key| format!("{key} AS \"#{}\"", &key[3..])).collect();
        let pairs: Vec<String> = (0..self.keys).map(|i| format!("done.\"#{i}\" = v.c{i}")).collect();
        let mut marked = marked.join(", ");
        if !self.returning.is_empty() {
            marked.push_str(", ");
            push_list(&mut marked, "t.", self.returning.iter().copied());
        }
        let with = format!("WITH v AS (SELECT * FROM {given}), done AS ({statement} RETURNING {marked})");
        let mark = self.mark();
        let check = format!(
            "CASE WHEN (SELECT count(*) FROM done) = (SELECT count(*) FROM v) THEN 0 \
             ELSE ({mark} || (SELECT string_agg(concat_ws(',', {}), ' ') FROM v \
             WHERE NOT EXISTS (SELECT FROM done WHERE {})))::int END",
            shown.join(", "),
            pairs.join(" AND ")
        );
        match self.returning {
            [] => format!("{with} SELECT {check}"),
            _ => format!(
                "{with} SELECT {}, checked.ok FROM (SELECT {check} AS ok) AS checked LEFT JOIN done ON true",
                self.back()
            ),
        }
    }

    fn mark(&self) -> String {
        literal(&format!("{STALE_MARK}{}: ", self.table))
    }

    /// `done."a", done."b"`
    fn back(&self) -> String {
        let mut back = String::new();
        push_list(&mut back, "done.", self.returning.iter().copied());
        back
    }
}

fn push_separator(out: &mut String, index: usize) {
    if index > 0 {
        out.push_str(", ");
    }
}

/// ` WHERE "id" = $1 AND "version" = $2`
fn push_where_one(out: &mut String, key: &[TypedColumn<'_>], version: Option<TypedColumn<'_>>) {
    for (i, column) in key.iter().copied().chain(version).enumerate() {
        out.push_str(if i == 0 { " WHERE " } else { " AND " });
        push_quoted(out, column.name);
        let _ = write!(out, " = ${}", i + 1);
    }
}

/// `UNNEST($1::a[], $2::b[]) AS v(c0, c1)`
fn given(types: impl Iterator<Item = SqlType>) -> String {
    let mut out = String::new();
    Given(types.enumerate().map(|(i, ty)| (format!("c{i}"), ty)).collect()).push_as_v(false, &mut out);
    out
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

#[cfg(test)]
mod tests {
    use super::super::Exists;
    use super::*;

    const ID: TypedColumn<'_> = TypedColumn { name: "id", sql_type: SqlType::BigInt };
    const NAME: TypedColumn<'_> = TypedColumn { name: "name", sql_type: SqlType::Text };
    const VERSION: TypedColumn<'_> = TypedColumn { name: "version", sql_type: SqlType::Integer };

    const UPDATE: Update<'_> = Update {
        table: TableName::new("customer"),
        key: &[ID],
        version: None,
        columns: &[NAME],
        computed: &[],
        restriction: "",
        returning: &[],
        guarded: false,
    };

    #[test]
    fn texts_of_updates_and_deletes() {
        assert_eq!(UPDATE.one(), "UPDATE \"customer\" SET \"name\" = $2 WHERE \"id\" = $1");
        assert_eq!(
            UPDATE.many(),
            "UPDATE \"customer\" AS t SET \"name\" = v.c1 FROM UNNEST($1::bigint[], $2::text[]) \
             AS v(c0, c1) WHERE t.\"id\" = v.c0"
        );
        let delete = Delete { table: TableName::new("customer"), key: &[ID], version: None, guarded: false };
        assert_eq!(delete.many(), "DELETE FROM \"customer\" WHERE \"id\" IN (SELECT unnest($1::bigint[]))");
        let delete = Delete { table: TableName::new("t"), key: &[ID, NAME], ..delete };
        assert_eq!(
            delete.many(),
            "DELETE FROM \"t\" AS t USING UNNEST($1::bigint[], $2::text[]) AS v(c0, c1) \
             WHERE t.\"id\" = v.c0 AND t.\"name\" = v.c1"
        );
    }

    #[test]
    fn versions_are_compared_beside_the_key() {
        let update = Update { version: Some(VERSION), columns: &[NAME, VERSION], ..UPDATE };
        assert_eq!(
            update.one(),
            "UPDATE \"customer\" SET \"name\" = $3, \"version\" = $4 WHERE \"id\" = $1 AND \"version\" = $2"
        );
        assert_eq!(
            update.many(),
            "UPDATE \"customer\" AS t SET \"name\" = v.c2, \"version\" = v.c3 \
             FROM UNNEST($1::bigint[], $2::integer[], $3::text[], $4::integer[]) AS v(c0, c1, c2, c3) \
             WHERE t.\"id\" = v.c0 AND t.\"version\" = v.c1"
        );
        let delete = Delete { table: TableName::new("t"), key: &[ID], version: Some(VERSION), guarded: true };
        assert_eq!(
            delete.one(),
            "WITH done AS (DELETE FROM \"t\" WHERE \"id\" = $1 AND \"version\" = $2 RETURNING 1) \
             SELECT CASE WHEN count(*) = 1 THEN 0 ELSE ('stale rows of t: ' || concat_ws(',', $1::text))::int END \
             FROM done"
        );
        assert!(
            delete
                .many()
                .contains("AS t USING v WHERE t.\"id\" = v.c0 AND t.\"version\" = v.c1 RETURNING v.c0")
        );
    }

    #[test]
    fn values_inside_expressions_travel_with_the_rows() {
        let expr = Expr::Binary {
            op: "*",
            left: Box::new(Expr::Column("price")),
            right: Box::new(Expr::Bind(Param::int8(2))),
        };
        let update = Update { computed: &[("price", &expr)], returning: &["price"], ..UPDATE };
        assert_eq!(
            update.one(),
            "UPDATE \"customer\" SET \"name\" = $2, \"price\" = \"price\" * $3 WHERE \"id\" = $1 RETURNING \"price\""
        );
        let update = Update { returning: &["id", "price"], ..update };
        assert_eq!(
            update.many(),
            "UPDATE \"customer\" AS t SET \"name\" = v.c1, \"price\" = t.\"price\" * v.c2 \
             FROM UNNEST($1::bigint[], $2::text[], $3::bigint[]) AS v(c0, c1, c2) WHERE t.\"id\" = v.c0 \
             RETURNING t.\"id\", t.\"price\""
        );
    }

    #[test]
    fn a_restriction_stands_behind_everything_that_is_bound() {
        let is_open = Expr::Binary {
            op: "=",
            left: Box::new(Expr::Column("open")),
            right: Box::new(Expr::Bind(Param::int8(1))),
        };
        let rows = Exists {
            table: TableName::new("cart"),
            through: None,
            on: vec![("customer_id".into(), "id".into())],
            filter: Some(is_open),
            limit: None,
            offset: None,
        };
        let is_seen = Expr::Exists(Box::new(rows));
        let exists = |of: &str| {
            format!(
                " AND (EXISTS (SELECT FROM \"cart\" AS t1 WHERE t1.\"customer_id\" = {of}.\"id\" AND (t1.\"open\" = $3)))"
            )
        };
        let (one, _) = restriction(&is_seen, TableName::new("customer"), 2, false).unwrap();
        let (many, params) = restriction(&is_seen, TableName::new("customer"), 2, true).unwrap();
        assert_eq!((&one, &many, params.len()), (&exists("\"customer\""), &exists("t"), 1));
        assert!(Update { restriction: &many, ..UPDATE }.many().ends_with(&format!("t.\"id\" = v.c0{many}")));
    }

    #[test]
    fn a_guard_names_the_table_and_the_keys() {
        let message = "invalid input syntax for type integer: \"stale rows of it's: 2 4\"";
        assert_eq!(stale_keys(message, TableName::new("it's")), Some("2 4"));
        assert_eq!(stale_keys(message, TableName::new("it")), None);
        assert!(
            Update { table: TableName::new("it's"), guarded: true, ..UPDATE }
                .many()
                .contains("'stale rows of it''s: '")
        );
    }
}
