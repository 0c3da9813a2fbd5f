//! Rows that stand in no table: those of queries, of several queries as one, and of the program.

use super::{Common, Param, Renderer, Select};
use std::borrow::Cow;

/// The rows of a source that is no table.
#[derive(Clone, Debug)]
pub struct Derived {
    /// Where they come from.
    pub rows: Rows,
    /// The names of their columns.
    pub columns: Cow<'static, [&'static str]>,
    /// Whether they are asked again for each row of the sources before.
    pub lateral: bool,
}

/// Where rows come from that stand in no table.
#[derive(Clone, Debug)]
pub enum Rows {
    /// From a query.
    Query(Query),
    /// From the program: an array a column.
    Values(Vec<Param>),
    /// From a query that the statement makes once.
    Common(Common),
}

/// A query, or several whose rows are one result.
#[derive(Clone, Debug)]
pub enum Query {
    /// One.
    Select(Box<Select>),
    /// Two.
    Set {
        /// What becomes of their rows.
        op: SetOperator,
        /// The first.
        left: Box<Self>,
        /// The second.
        right: Box<Self>,
    },
}

/// What two queries give together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SetOperator {
    /// The rows of both, equal ones once.
    Union,
    /// The rows of both.
    UnionAll,
    /// The rows that both have, once.
    Intersect,
    /// The rows that both have, as often as the one that has them less often.
    IntersectAll,
    /// The rows of the first that the second does not have, once.
    Except,
    /// The rows of the first without those of the second.
    ExceptAll,
}

impl SetOperator {
    const fn sql(self) -> &'static str {
        match self {
            Self::Union => ") UNION (",
            Self::UnionAll => ") UNION ALL (",
            Self::Intersect => ") INTERSECT (",
            Self::IntersectAll => ") INTERSECT ALL (",
            Self::Except => ") EXCEPT (",
            Self::ExceptAll => ") EXCEPT ALL (",
        }
    }
}

impl Query {
    /// A query; one that gives the rows of several as they are is those.
    pub fn of(select: Select) -> Self {
        match select.derived {
            Some(Derived { rows: Rows::Query(query @ Self::Set { .. }), .. }) if select.is_bare() => query,
            derived => Self::Select(Box::new(Select { derived, ..select })),
        }
    }
}

impl Derived {
    /// `(SELECT …) AS name("a", "b")`
    pub(super) fn render_into(&self, out: &mut Renderer, name: &str) {
        match &self.rows {
            Rows::Query(query) => {
                out.push(if self.lateral { "LATERAL (" } else { "(" }).query(query).push(") AS ").push(name);
            }
            Rows::Values(arrays) => {
                out.unnested(arrays).push(" AS ").push(name);
            }
            // Its columns have their names already.
            Rows::Common(common) => {
                out.common(common).push(" AS ").push(name);
                return;
            }
        }
        out.columns(&self.columns);
    }
}

impl Renderer {
    /// A row for each position of the arrays.
    pub(super) fn unnest(&mut self, arrays: &[Param]) -> &mut Self {
        if let [array] = arrays {
            self.push("SELECT unnest(").bind(array.clone()).push(")");
            return match array.element_cast() {
                Some(ty) => self.push("::").push(ty),
                None => self,
            };
        }
        self.push("SELECT * FROM ").unnested(arrays).push(" AS v")
    }

    /// `UNNEST($1, $2)`, or where batches are texts `(SELECT c0, c1::bigint[] FROM UNNEST($1, $2) AS v(c0, c1))`.
    pub(super) fn unnested(&mut self, arrays: &[Param]) -> &mut Self {
        let has_casts = arrays.iter().any(|array| array.element_cast().is_some());
        let columns: Vec<String> = (0..arrays.len()).map(|i| format!("c{i}")).collect();
        if has_casts {
            for (i, (array, column)) in arrays.iter().zip(&columns).enumerate() {
                self.push(if i == 0 { "(SELECT " } else { ", " }).push(column);
                if let Some(cast) = array.element_cast() {
                    self.push("::").push(cast);
                }
            }
            self.push(" FROM ");
        }
        self.push("UNNEST(");
        for (i, array) in arrays.iter().enumerate() {
            self.push(if i == 0 { "" } else { ", " }).bind(array.clone());
        }
        self.push(")");
        if has_casts {
            self.push(" AS v(").push(&columns.join(", ")).push("))");
        }
        self
    }

    /// A whole query, with names of its own.
    pub(super) fn query(&mut self, query: &Query) -> &mut Self {
        match query {
            Query::Select(select) => self.select(select),
            Query::Set { op, left, right } => {
                self.push("(").query(left).push(op.sql()).query(right).push(")")
            }
        }
    }

    /// `("a", "b")`
    pub(super) fn columns(&mut self, names: &[&str]) -> &mut Self {
        for (i, name) in names.iter().enumerate() {
            self.push(if i == 0 { "(" } else { ", " }).name(name);
        }
        self.push(")")
    }
}
