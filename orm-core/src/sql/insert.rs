//! INSERT of values or of what a query finds, and what becomes of rows that are there already.

use super::write::{Given, TypedColumn};
use super::{Expr, Param, Renderer, Select, Statement, quote};
use crate::schema::TableName;
use std::fmt::Write;

/// INSERT into a table.
#[derive(Clone, Debug)]
pub struct InsertInto {
    /// The table.
    pub table: TableName<'static>,
    /// The columns that are given.
    pub columns: Vec<TypedColumn<'static>>,
    /// Where their values come from.
    pub source: InsertSource,
    /// What becomes of rows that are there already.
    pub conflict: Option<Conflict>,
    /// What comes back of each row that was written.
    pub returning: Vec<Expr>,
}

/// Where the values of inserted rows come from.
#[derive(Clone, Debug)]
pub enum InsertSource {
    /// One row: a value a column.
    Row(Vec<Param>),
    /// Any number of rows: an array a column, and what stands for `NULL` in columns that some rows leave to the database.
    Rows {
        /// The arrays.
        arrays: Vec<Param>,
        /// An expression a column, where there is one.
        defaults: Vec<Option<String>>,
    },
    /// So many rows that give nothing, of the only column, whose values an expression makes.
    Made(String, i64),
    /// The rows of a query, and the values of columns that it does not give.
    Query(Box<Select>, Vec<Param>),
}

/// What becomes of rows that are there already.
#[derive(Clone, Debug)]
pub struct Conflict {
    /// The columns by which rows are the same; any unique ones where there are none.
    pub target: Vec<&'static str>,
    /// Which rows have to be different in them: the condition of a partial index.
    pub among: Vec<Expr>,
    /// What is done with the row that is there.
    pub action: ConflictAction,
}

/// What is done with a row that is there already.
#[derive(Clone, Debug)]
pub enum ConflictAction {
    /// `DO NOTHING`
    Nothing,
    /// `DO UPDATE`
    Update {
        /// The columns, and what they are set to.
        set: Vec<(&'static str, Expr)>,
        /// Which rows are updated.
        filter: Vec<Expr>,
    },
}

/// The name under which PostgreSQL knows the row that was to be inserted.
const EXCLUDED: &str = "excluded";

impl InsertInto {
    /// The statement.
    ///
    /// # Errors
    /// Why a part of it cannot be written.
    pub fn render(&self) -> Result<Statement, String> {
        let mut out = Renderer::new(self.table.name);
        out.push("INSERT INTO ").table_name(self.table);
        if !self.columns.is_empty() {
            let names: Vec<&str> = self.columns.iter().map(|column| column.name).collect();
            out.push(" (").names(&names).push(")");
        }
        self.source.render_into(&mut out, &self.columns);
        if let Some(conflict) = &self.conflict {
            conflict.render_into(&mut out, self.table.name);
        }
        out.returning_values(&self.returning);
        out.finish()
    }

    /// Two rows, by their numbers, that are the same in some columns, and what they have there.
    pub fn repeated(&self, columns: &[&str]) -> Option<(usize, usize, String)> {
        let InsertSource::Rows { arrays, .. } = &self.source else { return None };
        let position = |name: &&str| self.columns.iter().position(|column| column.name == *name);
        let arrays: Option<Vec<&Param>> = columns.iter().map(|name| arrays.get(position(name)?)).collect();
        Param::repeated(&arrays?)
    }
}

impl InsertSource {
    fn render_into(&self, out: &mut Renderer, columns: &[TypedColumn<'_>]) {
        match self {
            Self::Row(values) if values.is_empty() => {
                out.push(" DEFAULT VALUES");
            }
            Self::Row(values) => {
                for (i, value) in values.iter().enumerate() {
                    out.push(if i == 0 { " VALUES (" } else { ", " }).bind(value.clone());
                }
                out.push(")");
            }
            Self::Rows { arrays, defaults } => {
                out.push(" SELECT ").given(columns, defaults).push(" FROM ");
                let mut unnest = String::new();
                let given = Given::of(columns);
                match defaults.iter().any(Option::is_some) || given.has_casts() {
                    true => given.push_as_v(false, &mut unnest),
                    false => given.push_unnest(&mut unnest),
                }
                out.push(&unnest).bound(arrays);
            }
            Self::Made(expression, rows) => {
                out.push(" SELECT ").push(expression).push(" FROM generate_series(1, ");
                out.bind(Param::int8(*rows)).push(")");
            }
            Self::Query(select, constants) if constants.is_empty() => {
                out.push(" (").chosen(select).push(")");
            }
            Self::Query(select, constants) => {
                out.push(" SELECT q.*");
                for constant in constants {
                    out.push(", ").bind(constant.clone());
                }
                out.push(" FROM (").chosen(select).push(") AS q");
            }
        }
    }
}

impl Conflict {
    fn render_into(&self, out: &mut Renderer, table: &str) {
        out.push(" ON CONFLICT");
        if !self.target.is_empty() {
            out.push(" (").names(&self.target).push(")");
        }
        for (i, condition) in self.among.iter().enumerate() {
            out.push(if i == 0 { " WHERE (" } else { " AND (" });
            out.literally(|out| out.expr(condition)).push(")");
        }
        let ConflictAction::Update { set, filter } = &self.action else {
            out.push(" DO NOTHING");
            return;
        };
        // Both rows have the same columns, so each is named with its row.
        out.within(&quote(table)).add_source(EXCLUDED.to_owned());
        for (i, (column, value)) in set.iter().enumerate() {
            out.push(if i == 0 { " DO UPDATE SET " } else { ", " }).name(column).push(" = ").expr(value);
        }
        for (i, condition) in filter.iter().enumerate() {
            out.push(if i == 0 { " WHERE (" } else { " AND (" }).expr(condition).push(")");
        }
        out.leave();
    }
}

impl Renderer {
    /// `"a", "b"`
    pub(super) fn names(&mut self, names: &[&str]) -> &mut Self {
        for (i, name) in names.iter().enumerate() {
            self.push(if i == 0 { "" } else { ", " }).name(name);
        }
        self
    }

    /// `*`, or the columns with what stands for `NULL` in them.
    fn given(&mut self, columns: &[TypedColumn<'_>], defaults: &[Option<String>]) -> &mut Self {
        if defaults.iter().all(Option::is_none) {
            return self.push("*");
        }
        let mut list = String::new();
        for (i, (column, default)) in columns.iter().zip(defaults).enumerate() {
            let (separator, name) = (if i == 0 { "" } else { ", " }, quote(column.name));
            let _ = match default {
                None => write!(list, "{separator}v.{name}"),
                Some(default) => write!(list, "{separator}COALESCE(v.{name}, {default})"),
            };
        }
        self.push(&list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::ArrayParam;
    use crate::types::{ColumnValue, SqlType};

    const SKU: TypedColumn<'static> = TypedColumn { name: "sku", sql_type: SqlType::Text };
    const STOCK: TypedColumn<'static> = TypedColumn { name: "stock", sql_type: SqlType::BigInt };

    fn rows(skus: &[&str]) -> InsertInto {
        let (mut sku, mut stock) =
            (ArrayParam::with_capacity(SqlType::Text, 2), ArrayParam::with_capacity(SqlType::BigInt, 2));
        for text in skus {
            sku.push(ColumnValue::Value(&(*text).to_owned()));
            stock.push(ColumnValue::Value(&7_i64));
        }
        let arrays = vec![sku.finish(), stock.finish()];
        InsertInto {
            table: TableName::new("product"),
            columns: vec![SKU, STOCK],
            source: InsertSource::Rows { arrays, defaults: vec![None, None] },
            conflict: None,
            returning: Vec::new(),
        }
    }

    fn text(insert: &InsertInto) -> String {
        insert.render().unwrap().text.to_string()
    }

    #[test]
    fn what_is_there_already_is_updated() {
        let excluded = |column| Expr::At { place: (0, 1), expr: Box::new(Expr::Column(column)) };
        let set = vec![("stock", Expr::binary("+", Expr::Column("stock"), excluded("stock")))];
        let filter = vec![Expr::binary("<", Expr::Column("stock"), Expr::Bind(Param::int8(100)))];
        let insert = InsertInto {
            conflict: Some(Conflict {
                target: vec!["sku"],
                among: vec![Expr::binary("=", Expr::Column("gone"), Expr::Bind(Param::of(&false)))],
                action: ConflictAction::Update { set, filter },
            }),
            returning: vec![Expr::Column("id")],
            ..rows(&["a"])
        };
        assert_eq!(
            text(&insert),
            "INSERT INTO \"product\" (\"sku\", \"stock\") SELECT * FROM UNNEST($1::text[], $2::bigint[]) \
             ON CONFLICT (\"sku\") WHERE (\"gone\" = false) DO UPDATE SET \"stock\" = \"product\".\"stock\" + \
             excluded.\"stock\" WHERE (\"product\".\"stock\" < $3) RETURNING \"id\""
        );
    }

    #[test]
    fn what_is_there_already_is_left_alone() {
        let nothing = Conflict { target: Vec::new(), among: Vec::new(), action: ConflictAction::Nothing };
        let values = vec![Param::of(&"T-1".to_owned()), Param::int8(3)];
        let insert =
            InsertInto { source: InsertSource::Row(values), conflict: Some(nothing), ..rows(&["a"]) };
        let expected = "INSERT INTO \"product\" (\"sku\", \"stock\") VALUES ($1, $2) ON CONFLICT DO NOTHING";
        assert_eq!(text(&insert), expected);
    }

    #[test]
    fn a_default_stands_in_for_rows_that_leave_a_column_to_the_database() {
        let mut insert = rows(&["a"]);
        let InsertSource::Rows { defaults, .. } = &mut insert.source else { unreachable!() };
        defaults[1] = Some("7".into());
        assert_eq!(
            text(&insert),
            "INSERT INTO \"product\" (\"sku\", \"stock\") SELECT v.\"sku\", COALESCE(v.\"stock\", 7) \
             FROM UNNEST($1::text[], $2::bigint[]) AS v(\"sku\", \"stock\")"
        );
        let made = InsertInto {
            columns: vec![STOCK],
            source: InsertSource::Made("nextval('s')".into(), 3),
            ..rows(&[])
        };
        assert_eq!(
            text(&made),
            "INSERT INTO \"product\" (\"stock\") SELECT nextval('s') FROM generate_series(1, $1)"
        );
    }

    #[test]
    fn rows_of_a_query_may_be_those_of_the_table_itself() {
        let select = Select::new("product", &["sku", "stock"][..]);
        let insert =
            InsertInto { source: InsertSource::Query(Box::new(select.clone()), Vec::new()), ..rows(&[]) };
        assert_eq!(
            text(&insert),
            "INSERT INTO \"product\" (\"sku\", \"stock\") (SELECT t1.\"sku\", t1.\"stock\" FROM \"product\" AS t1)"
        );
        let constants = vec![Param::int8(1)];
        let insert = InsertInto { source: InsertSource::Query(Box::new(select), constants), ..rows(&[]) };
        assert!(
            text(&insert).ends_with(
                "SELECT q.*, $1 FROM (SELECT t1.\"sku\", t1.\"stock\" FROM \"product\" AS t1) AS q"
            )
        );
    }

    #[test]
    fn two_rows_with_one_key_are_found() {
        assert_eq!(rows(&["a", "b", "c"]).repeated(&["sku"]), None);
        assert_eq!(rows(&["a", "b", "a"]).repeated(&["sku"]), Some((0, 2, "'a'".into())));
        assert_eq!(rows(&["a", "b"]).repeated(&["stock"]), Some((0, 1, "7".into())));
        assert_eq!(rows(&["a", "b"]).repeated(&["other"]), None);
    }

    #[test]
    fn the_condition_of_an_index_has_values_that_are_safe_as_text() {
        let among = |value: Param| {
            let among = vec![Expr::binary("=", Expr::Column("state"), Expr::Bind(value))];
            let conflict = Conflict { target: vec!["sku"], among, action: ConflictAction::Nothing };
            InsertInto { conflict: Some(conflict), ..rows(&["a"]) }.render()
        };
        let text = |text: &str| among(Param::of(&text.to_owned()));
        assert!(text("in-work 2").unwrap().text.contains("WHERE (\"state\" = 'in-work 2')"));
        assert!(among(Param::of(&-7_i32)).unwrap().text.contains("WHERE (\"state\" = -7)"));
        assert!(text("it's").unwrap_err().contains("partial index"));
        assert!(among(Param::of(&1.5_f64)).unwrap_err().contains("partial index"));
    }
}
