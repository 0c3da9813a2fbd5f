//! Conditions and values, as data.

use super::{Call, Param, Select};
use crate::schema::TableName;

/// A condition or value in SQL.
///
/// Columns carry no table: they belong to the scope in which they stand, the outermost table or the table
/// of the nearest [`Exists`], so that the same condition works at any depth.
#[derive(Clone, Debug)]
pub enum Expr {
    /// A column of the scope.
    Column(&'static str),
    /// A bound value.
    Bind(Param),
    /// `left op right`
    Binary {
        /// The operator, written by this crate.
        op: &'static str,
        /// The left side.
        left: Box<Self>,
        /// The right side.
        right: Box<Self>,
    },
    /// `value IN (SELECT unnest(array))`
    ///
    /// Not `value = ANY(array)`: a plan that PostgreSQL made for any array while the table was small compares each row with
    /// each element for as long as it is cached.
    Any {
        /// The value.
        value: Box<Self>,
        /// The array.
        array: Param,
        /// The type, written by this crate, as which its texts are read.
        read_as: Option<&'static str>,
    },
    /// `(a, b) IN` the rows that the arrays make together.
    InRows {
        /// The columns.
        columns: Vec<&'static str>,
        /// An array a column.
        arrays: Vec<Param>,
    },
    /// `(a, b) IN (SELECT …)`
    InSelect {
        /// The columns.
        columns: Vec<&'static str>,
        /// The rows; its columns belong to its own table.
        select: Box<Select>,
    },
    /// `(a, b)`, compared with another row.
    Row(Vec<Self>),
    /// `value IS NULL`
    IsNull(Box<Self>),
    /// `NOT condition`
    Not(Box<Self>),
    /// All of them; none at all is true.
    And(Vec<Self>),
    /// One of them; none at all is false.
    Or(Vec<Self>),
    /// `EXISTS (…)` along a relation.
    Exists(Box<Exists>),
    /// `(SELECT count(*) …)` along a relation.
    Aggregate(Box<Aggregate>),
    /// `name(a, b)`
    Call {
        /// The function, written by this crate.
        name: &'static str,
        /// What it is given.
        arguments: Vec<Self>,
    },
    /// `array[at]`
    Element {
        /// The array.
        array: Box<Self>,
        /// The place, from 1.
        at: Param,
    },
    /// `array[from:to]`
    Slice {
        /// The array.
        array: Box<Self>,
        /// The first place, where it is not the beginning.
        from: Option<Param>,
        /// The last place, where it is not the end.
        to: Option<Param>,
    },
    /// `CAST(value AS type)`
    Cast {
        /// The value.
        value: Box<Self>,
        /// The type, written by this crate.
        to: &'static str,
    },
    /// `CASE WHEN condition THEN then ELSE otherwise END`
    Case {
        /// The condition.
        condition: Box<Self>,
        /// The value where it is met.
        then: Box<Self>,
        /// The value where it is not.
        otherwise: Box<Self>,
    },
    /// `CASE WHEN condition THEN value … ELSE otherwise END`
    When {
        /// The conditions and their values.
        arms: Vec<(Self, Self)>,
        /// The value where none is met.
        otherwise: Option<Box<Self>>,
    },
    /// `(SELECT …)`, a query that gives one value.
    Subquery(Box<Select>),
    /// `EXISTS (SELECT …)`, of any query.
    ExistsQuery(Box<Select>),
    /// `value IN (SELECT …)`
    InQuery {
        /// The value.
        value: Box<Self>,
        /// The query, of one column.
        select: Box<Select>,
    },
    /// `count(DISTINCT a) FILTER (WHERE …) OVER (…)`
    Over(Box<Call>),
    /// SQL text of the program's own, with its values.
    Text {
        /// The text; `$1` is the first of these values.
        text: &'static str,
        /// The values.
        params: Vec<Param>,
    },
    /// A mistake in the models, told when the query runs.
    Invalid(String),
    /// What is asked of a row of one source of a query.
    At {
        /// How many queries further out the source stands, and its number there.
        place: (usize, usize),
        /// What is asked; its columns are those of the source.
        expr: Box<Self>,
    },
}

/// Rows of a table that belong to the row of the scope.
#[derive(Clone, Debug)]
pub struct Exists {
    /// The table.
    pub table: TableName<'static>,
    /// An association table between the two.
    pub through: Option<Through>,
    /// Pairs of columns that are equal: of `table`, and of the scope, or of the association table.
    pub on: Vec<(String, String)>,
    /// A condition on the rows of `table`.
    pub filter: Option<Expr>,
    /// The most of them that count, where it is asked whether there are any.
    pub limit: Option<i64>,
    /// How many of them do not count.
    pub offset: Option<i64>,
}

/// One value made of all rows that belong to the row of the scope.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// The function, written by this crate.
    pub function: &'static str,
    /// What of each row goes into it; all of the row when it is `None`.
    pub value: Option<Expr>,
    /// The type that the result gets, written by this crate.
    pub cast: Option<&'static str>,
    /// The rows.
    pub rows: Exists,
}

/// An association table inside [`Exists`].
#[derive(Clone, Debug)]
pub struct Through {
    /// The table.
    pub table: TableName<'static>,
    /// Pairs of columns that are equal: of the association table, and of the scope.
    pub on: Vec<(String, String)>,
    /// A condition on the rows of the association table.
    pub filter: Option<Expr>,
}

impl Expr {
    /// `left op right`
    pub(crate) fn binary(op: &'static str, left: Self, right: Self) -> Self {
        Self::Binary { op, left: Box::new(left), right: Box::new(right) }
    }

    /// Whether it is about one row alone, and not about rows that belong to it.
    pub fn is_of_row(&self) -> bool {
        let asks_others = matches!(
            self,
            Self::InSelect { .. }
                | Self::Exists(_)
                | Self::Aggregate(_)
                | Self::Over(_)
                | Self::Subquery(_)
                | Self::ExistsQuery(_)
                | Self::InQuery { .. }
                | Self::Text { .. }
        );
        !asks_others && self.parts().into_iter().all(Self::is_of_row)
    }

    /// The values of a condition by which some columns are equal to one each; `None` for any other condition.
    pub(crate) fn equated(&self) -> Option<Vec<Param>> {
        let Self::And(parts) = self else { return None };
        let value = |part: &Self| match part {
            Self::Binary { op: "=", left, right } => match (&**left, &**right) {
                (Self::Column(_), Self::Bind(value)) => Some(value.clone()),
                _ => None,
            },
            _ => None,
        };
        parts.iter().map(value).collect()
    }

    /// The expressions in it that are about the same row.
    pub(super) fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Column(_) | Self::Bind(_) | Self::InRows { .. } | Self::Text { .. } | Self::Invalid(_) => {
                Vec::new()
            }
            Self::InSelect { .. } | Self::Exists(_) | Self::Aggregate(_) => Vec::new(),
            Self::Over(_) | Self::Subquery(_) | Self::ExistsQuery(_) => Vec::new(),
            Self::Binary { op: _, left, right } => vec![left, right],
            Self::Any { value, array: _, read_as: _ }
            | Self::Cast { value, to: _ }
            | Self::Element { array: value, at: _ }
            | Self::Slice { array: value, from: _, to: _ }
            | Self::InQuery { value, select: _ } => {
                vec![value]
            }
            Self::IsNull(inner) | Self::Not(inner) | Self::At { place: _, expr: inner } => vec![inner],
            Self::Row(parts)
            | Self::And(parts)
            | Self::Or(parts)
            | Self::Call { name: _, arguments: parts } => parts.iter().collect(),
            Self::Case { condition, then, otherwise } => vec![condition, then, otherwise],
            Self::When { arms, otherwise } => {
                let arms = arms.iter().flat_map(|(condition, value)| [condition, value]);
                arms.chain(otherwise.as_deref()).collect()
            }
        }
    }
}
