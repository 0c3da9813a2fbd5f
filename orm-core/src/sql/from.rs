//! Tables that a SELECT joins.

use super::{Derived, Expr, Renderer};
use crate::schema::TableName;

/// A table that is joined to those before it.
#[derive(Clone, Debug)]
pub struct JoinedTable {
    /// How.
    pub kind: JoinSide,
    /// The table; of rows that stand in none, what they are called.
    pub table: TableName<'static>,
    /// The rows, when they stand in no table.
    pub derived: Option<Derived>,
    /// The name under which it is known, when it is another one.
    pub alias: Option<&'static str>,
    /// Along which relation.
    pub along: Option<Along>,
    /// Conditions on the rows that are joined.
    pub on: Vec<Expr>,
    /// Conditions on its own rows alone.
    pub filter: Vec<Expr>,
}

/// Which rows of a join come without the other side.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JoinSide {
    /// None.
    Inner,
    /// Those before.
    Left,
    /// Those that are joined.
    Right,
    /// All.
    Full,
}

/// A relation by which a table is joined.
#[derive(Clone, Debug)]
pub struct Along {
    /// The number of the source that it leads from.
    pub from: usize,
    /// Pairs of columns that are equal: of the table, and of the source, or of the association table.
    pub on: Vec<(String, String)>,
    /// An association table between the two.
    pub through: Option<AlongTable>,
}

/// An association table inside of a join.
#[derive(Clone, Debug)]
pub struct AlongTable {
    /// Its name.
    pub table: TableName<'static>,
    /// Pairs of its columns, and of columns of the source that the relation leads from.
    pub on: Vec<(String, String)>,
    /// Conditions on its rows.
    pub filter: Vec<Expr>,
}

impl JoinSide {
    /// Whether rows of the joined table come without those before: conditions on it alone cannot stand in `ON` then.
    pub const fn keeps_added(self) -> bool {
        matches!(self, Self::Right | Self::Full)
    }

    /// Whether rows come without one of the joined table.
    pub const fn keeps_before(self) -> bool {
        matches!(self, Self::Left | Self::Full)
    }

    const fn sql(self) -> &'static str {
        match self {
            Self::Inner => " JOIN ",
            Self::Left => " LEFT JOIN ",
            Self::Right => " RIGHT JOIN ",
            Self::Full => " FULL JOIN ",
        }
    }
}

impl JoinedTable {
    /// Writes the join; `number` is that of its table among the sources.
    pub(super) fn render_into(&self, out: &mut Renderer, number: usize) {
        let (below, beside) = match self.kind.keeps_added() {
            true => (&self.filter[..], &[][..]),
            false => (&[][..], &self.filter[..]),
        };
        let own = out.sources()[number].clone();
        match &self.along {
            Some(Along { from, on, through: Some(through) }) => {
                let (link, from) = (out.alias(), out.sources()[*from].clone());
                match self.kind.keeps_added() {
                    // All rows of the table come, whether an association has them or not.
                    true => {
                        out.push(if self.kind == JoinSide::Full { " LEFT JOIN " } else { " JOIN " });
                        through.render_into(out, &link, &from);
                        out.push(self.kind.sql()).table(self.table, number, below).push(" ON ");
                        out.equal(&own, &link, on);
                    }
                    false => {
                        out.push(self.kind.sql())
                            .push("(")
                            .table_name(through.table)
                            .push(" AS ")
                            .push(&link);
                        out.push(" JOIN ").table(self.table, number, below).push(" ON ");
                        out.equal(&own, &link, on)
                            .and(&own, beside)
                            .and(&link, &through.filter)
                            .push(") ON ");
                        out.equal(&link, &from, &through.on);
                    }
                }
                self.conditions(out);
            }
            Some(Along { from, on, through: None }) => {
                let from = out.sources()[*from].clone();
                out.push(self.kind.sql()).table(self.table, number, below).push(" ON ");
                out.equal(&own, &from, on).and(&own, beside);
                self.conditions(out);
            }
            None => {
                let rows = (self.table, self.derived.as_ref());
                out.push(self.kind.sql()).source_rows(rows, number, below).push(" ON ");
                out.expr(&Expr::And(self.on.clone())).and(&own, beside);
            }
        }
    }

    fn conditions(&self, out: &mut Renderer) {
        for condition in &self.on {
            out.push(" AND (").expr(condition).push(")");
        }
    }
}

impl AlongTable {
    fn render_into(&self, out: &mut Renderer, link: &str, from: &str) {
        out.table_name(self.table).push(" AS ").push(link).push(" ON ").equal(link, from, &self.on);
        out.and(link, &self.filter);
    }
}

impl Renderer {
    /// A table, or rows that stand in none; `number` is that of the source.
    pub(super) fn source_rows(
        &mut self,
        (table, derived): (TableName<'_>, Option<&Derived>),
        number: usize,
        below: &[Expr],
    ) -> &mut Self {
        let Some(derived) = derived else { return self.table(table, number, below) };
        let name = self.sources()[number].clone();
        derived.render_into(self, &name);
        self
    }

    /// `"table" AS name`, or its rows that meet conditions; `number` is that of the source.
    pub(super) fn table(&mut self, table: TableName<'_>, number: usize, below: &[Expr]) -> &mut Self {
        let name = self.sources()[number].clone();
        if below.is_empty() {
            self.table_name(table);
            return if name == super::quote(table.name) { self } else { self.push(" AS ").push(&name) };
        }
        self.push("(SELECT * FROM ").table_name(table).push(" WHERE ").within(&super::quote(table.name));
        self.expr(&Expr::And(below.to_vec())).leave().push(") AS ").push(&name)
    }
}
