//! Where the columns of a model stand in a row.

use super::{ColumnDef, ModelDef};
use crate::error::{Error, ErrorKind, Result};
use crate::sql::{Constant, Select, Statement};
use std::fmt;
use std::sync::{Arc, OnceLock};
use tokio_postgres::Row;

/// Which columns of a model a SELECT reads, always in the order of the definition, and where each of them stands in a row.
#[derive(Clone, Default)]
pub struct Layout {
    /// By column; `None` is a column that the rows do not have.
    positions: Vec<Option<usize>>,
    texts: Texts,
}

/// The texts of queries that never change, each made with the first one.
#[derive(Clone, Default)]
struct Texts {
    /// That of all rows.
    whole_table: OnceLock<Arc<str>>,
    /// That of the row with a primary key.
    by_key: OnceLock<Arc<str>>,
}

impl Layout {
    /// The columns for which `is_read` says so.
    pub(crate) fn new(columns: usize, is_read: impl Fn(usize) -> bool) -> Self {
        let mut width = 0;
        let position = |column| {
            let position = is_read(column).then_some(width);
            width += usize::from(position.is_some());
            position
        };
        let positions = (0..columns).map(position).collect();
        Self { positions, texts: Texts::default() }
    }

    /// What a SELECT reads when it does not say otherwise.
    pub(crate) fn of(def: &ModelDef) -> Self {
        Self::new(def.columns.len(), |column| {
            def.columns[column].deferred.is_none_or(|deferred| deferred.is_read)
        })
    }

    /// That of rows that somebody else selected, found by the names of their columns: `positions` gives those of a name. Only deferred columns
    /// may be left out.
    ///
    /// # Errors
    /// [`Decode`](ErrorKind::Decode) for a column that is missing, or that is there more than once.
    pub(crate) fn named(def: &ModelDef, positions: impl Fn(&str) -> Vec<usize>) -> Result<Self> {
        let position = |column: &ColumnDef| match positions(column.name)[..] {
            [position] => Ok(Some(position)),
            [] if column.deferred.is_some() => Ok(None),
            ref found => {
                let (model, name) = (def.name, column.name);
                let why = match found.len() {
                    0 => format!("the rows have no column `{name}`, which a `{model}` needs: select it"),
                    _ => format!(
                        "the rows have several columns `{name}`, of which a `{model}` needs one: select its own"
                    ),
                };
                Err(Error::new(ErrorKind::Decode, why).with_model(model).with_columns(vec![name.to_owned()]))
            }
        };
        let positions = def.columns.iter().map(position).collect::<Result<_>>()?;
        Ok(Self { positions, texts: Texts::default() })
    }

    /// The same, with or without some columns.
    pub(crate) fn with(&self, columns: &[usize], is_read: bool) -> Self {
        let reads = |column| self.position(column).is_some();
        Self::new(
            self.positions.len(),
            |column| if columns.contains(&column) { is_read } else { reads(column) },
        )
    }

    /// Where a column stands, when rows have it.
    #[inline]
    pub(crate) fn position(&self, column: usize) -> Option<usize> {
        self.positions[column]
    }

    /// Where some columns stand that every row has: keys are never left out.
    pub(crate) fn positions(&self, columns: &[usize]) -> Vec<usize> {
        columns.iter().filter_map(|column| self.position(*column)).collect()
    }

    /// The columns that are read, in their order.
    pub(crate) fn columns(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.positions.len()).filter(|column| self.positions[*column].is_some())
    }

    /// The names of the columns that are read.
    pub(crate) fn select_list(&self, def: &ModelDef) -> Vec<&'static str> {
        let read = def.columns.iter().zip(&self.positions).filter(|(_, position)| position.is_some());
        read.map(|(column, _)| column.name).collect()
    }
}

/// The statement of a query that reads such rows. The layout keeps the texts that never change: of the query of all rows of its
/// table, and of that of the row with a primary key.
///
/// # Errors
/// As [`Select::render`].
pub(crate) fn statement_of(layout: &Layout, query: &Select) -> Result<Statement, String> {
    let (text, params) = match query.constant() {
        Some(Constant::WholeTable) => (&layout.texts.whole_table, Some(Vec::new())),
        Some(Constant::ByKey(key)) => (&layout.texts.by_key, key.equated()),
        None => return query.render(),
    };
    if let (Some(text), Some(params)) = (text.get(), params) {
        return Ok(Statement { text: Arc::clone(text), params });
    }
    let statement = query.render()?;
    Ok(Statement { text: Arc::clone(text.get_or_init(|| statement.text)), ..statement })
}

/// The text follows from the columns.
impl PartialEq for Layout {
    fn eq(&self, other: &Self) -> bool {
        self.positions == other.positions
    }
}

impl Eq for Layout {}

impl fmt::Debug for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Layout({:?})", self.positions)
    }
}

/// The part of a row that is one object.
#[derive(Clone, Copy, Debug)]
pub struct ModelRow<'a> {
    row: &'a Row,
    layout: &'a Layout,
    first: usize,
    /// The column of the model that is column 0 here.
    column: usize,
}

impl<'a> ModelRow<'a> {
    /// The columns of `row` that begin at `first`.
    pub(crate) const fn new(row: &'a Row, layout: &'a Layout, first: usize) -> Self {
        Self { row, layout, first, column: 0 }
    }

    /// The columns of an embedded value that begin at `column`.
    pub const fn inside(self, column: usize) -> Self {
        Self { column: self.column + column, ..self }
    }

    /// The whole row.
    pub const fn row(self) -> &'a Row {
        self.row
    }

    /// Where a column stands in the whole row, when the row has it.
    #[inline]
    pub fn position(self, column: usize) -> Option<usize> {
        Some(self.first + self.layout.position(self.column + column)?)
    }

    /// Where a column stands that every row has.
    ///
    /// # Panics
    /// When the row does not have it; only deferred columns are left out.
    pub fn at(self, column: usize) -> usize {
        self.position(column).expect("only deferred columns are left out")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_are_left_out_move_the_others() {
        let layout = Layout::new(4, |column| column != 1);
        assert_eq!(
            (0..4).map(|column| layout.position(column)).collect::<Vec<_>>(),
            [Some(0), None, Some(1), Some(2)]
        );
        assert_eq!(layout.positions(&[0, 3]), [0, 2]);
    }
}
