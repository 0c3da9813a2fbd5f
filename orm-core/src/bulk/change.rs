//! A statement that writes rows, before it is known where it runs.

use crate::error::{Error, ErrorKind, Result, SqlState};
use crate::mapper::{Criteria, DeclarativeBase, Layout, LinkKind, Mapper, Model, Registry};
use crate::query::{Explain, Steps};
use crate::sql::{
    Conflict, ConflictAction, DeleteMatching, Expr, InsertInto, InsertSource, Statement, UpdateMatching,
};

/// A statement that writes rows of one model.
#[derive(Debug)]
#[doc(hidden)]
pub struct Change {
    pub(crate) written: Written,
    pub(crate) mapper: &'static Mapper,
    pub(crate) registry: &'static Registry,
    /// Whether criteria leave it alone.
    pub(crate) is_unrestricted: bool,
    /// Whether there is nothing to write.
    pub(crate) is_empty: bool,
    /// The paths of the query that finds the rows.
    pub(crate) paths: Vec<Steps>,
    /// When it is only asked how the server runs it, or also.
    pub(crate) explained: Option<Explain>,
}

/// What is written.
#[derive(Debug)]
pub(crate) enum Written {
    Insert(Box<InsertInto>),
    Update(Box<UpdateMatching>),
    Delete(Box<DeleteMatching>),
}

impl Change {
    pub(super) fn new<M: Model>(written: Written) -> Result<Self> {
        let registry = M::Base::registry()?;
        let mapper = registry.mapper(M::def())?;
        Ok(Self {
            written,
            mapper,
            registry,
            is_unrestricted: false,
            is_empty: false,
            paths: Vec::new(),
            explained: None,
        })
    }

    /// What comes back of each row.
    pub(crate) const fn returning(&mut self) -> &mut Vec<Expr> {
        match &mut self.written {
            Written::Insert(insert) => &mut insert.returning,
            Written::Update(update) => &mut update.returning,
            Written::Delete(delete) => &mut delete.returning,
        }
    }

    /// Has columns of the model come back behind what the program asked for; gives the position of the first.
    pub(crate) fn bring_back(&mut self, layout: &Layout) -> usize {
        let columns = layout.select_list(self.mapper.def);
        let returning = self.returning();
        let first = returning.len();
        returning.extend(columns.into_iter().map(Expr::Column));
        first
    }

    /// The columns that it sets in rows that are there.
    pub(crate) fn set(&self) -> Vec<usize> {
        let set = match &self.written {
            Written::Insert(insert) => match &insert.conflict {
                Some(Conflict { action: ConflictAction::Update { set, .. }, .. }) => &set[..],
                _ => &[],
            },
            Written::Update(update) => &update.set,
            Written::Delete(_) => &[],
        };
        let columns = self.mapper.def.columns;
        set.iter().filter_map(|(name, _)| columns.iter().position(|column| column.name == *name)).collect()
    }

    /// Whether a foreign key of a relation is among the columns that it [sets](Self::set).
    pub(crate) fn sets_reference(&self, set: &[usize]) -> bool {
        let is_set = |kind: &LinkKind| kind.own_columns().iter().any(|column| set.contains(column));
        self.mapper.relations.iter().any(|link| is_set(&link.kind))
    }

    /// Puts the conditions in that rows have to meet to be seen.
    pub(crate) fn restrict(&mut self, criteria: &Criteria) {
        if self.is_unrestricted {
            return;
        }
        let registry = self.registry;
        match &mut self.written {
            Written::Insert(insert) => restrict_insert(insert, criteria, registry),
            Written::Update(update) => {
                criteria.restrict(registry, &mut update.rows);
                let set = update.set.iter_mut().map(|(_, value)| value);
                criteria.restrict_all(registry, set.chain(&mut update.returning));
            }
            Written::Delete(delete) => {
                criteria.restrict(registry, &mut delete.rows);
                criteria.restrict_all(registry, &mut delete.returning);
            }
        }
    }

    /// Refuses paths, which need a session.
    pub(super) fn no_paths(&self) -> Result<()> {
        if self.paths.is_empty() {
            return Ok(());
        }
        let name = self.mapper.def.name;
        let why = format!("`with(…)` on a query of `{name}` needs a session: relations have handles");
        Err(Error::new(ErrorKind::Config, why).with_model(name))
    }

    /// The statement.
    pub(crate) fn render(&self) -> Result<Statement> {
        let rendered = match &self.written {
            Written::Insert(insert) => insert.render(),
            Written::Update(update) => update.render(),
            Written::Delete(delete) => delete.render(),
        };
        let statement =
            rendered.map_err(|why| Error::new(ErrorKind::Mapping, why).with_model(self.mapper.def.name))?;
        Ok(match self.explained {
            Some(how) => how.about(&statement),
            None => statement,
        })
    }

    /// Adds what the models and the statement know to an error of the server.
    pub(crate) fn explain(&self, error: Error) -> Error {
        let error = self.registry.explain(error);
        let Written::Insert(insert) = &self.written else { return error };
        let Some(conflict) = insert.conflict.as_ref().filter(|conflict| !conflict.target.is_empty()) else {
            return error;
        };
        match error.code() {
            Some(&SqlState::CARDINALITY_VIOLATION) => self.repeated(insert, conflict, error),
            Some(&SqlState::INVALID_COLUMN_REFERENCE) => self.no_such_key(conflict, error),
            _ => error,
        }
    }

    /// A key was given twice.
    fn repeated(&self, insert: &InsertInto, conflict: &Conflict, error: Error) -> Error {
        let (model, target) = (self.mapper.def.name, conflict.target.join(", "));
        let which = match insert.repeated(&conflict.target) {
            Some((first, second, key)) => {
                format!(
                    "rows {} and {} of an insert into `{model}` have the same ({target}) = ({key})",
                    first + 1,
                    second + 1
                )
            }
            None => format!("two rows of an insert into `{model}` have the same ({target})"),
        };
        let columns = conflict.target.iter().map(|&name| name.to_owned()).collect();
        let why = format!("{which}, and a row can be updated once by a statement");
        error.retold(ErrorKind::Contradiction, why).with_model(model).with_columns(columns)
    }

    /// The columns of the conflict are not unique.
    fn no_such_key(&self, conflict: &Conflict, error: Error) -> Error {
        let (model, target) = (self.mapper.def.name, conflict.target.join(", "));
        let why = match conflict.among.is_empty() {
            true => format!(
                "no primary key, unique constraint or unique index of `{model}` is that of ({target})"
            ),
            false => {
                format!("no unique index of `{model}` is that of ({target}) with the condition of `among`")
            }
        };
        let columns = conflict.target.iter().map(|&name| name.to_owned()).collect();
        error.retold(ErrorKind::Database, why).with_model(model).with_columns(columns)
    }
}

fn restrict_insert(insert: &mut InsertInto, criteria: &Criteria, registry: &'static Registry) {
    let InsertInto { table, columns: _, source, conflict, returning } = insert;
    criteria.restrict_all(registry, returning);
    if let InsertSource::Query(select, _) = source {
        criteria.restrict(registry, select);
    }
    let Some(Conflict { target: _, among: _, action }) = conflict else { return };
    if let ConflictAction::Update { set, filter } = action {
        criteria.restrict_all(registry, set.iter_mut().map(|(_, value)| value).chain(&mut *filter));
        filter.extend(criteria.on(registry, *table).unwrap_or_default());
    }
}
