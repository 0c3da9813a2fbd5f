//! The models of one base, resolved against each other.

use super::database_view::with_views;
use super::named_types::check_types;
use super::polymorphic::inherit;
use super::resolve::Resolver;
use super::suggest::Suggest;
use super::{Mapper, ModelDef, Registration};
use crate::engine::{note_column, note_type};
use crate::error::{Error, ErrorKind, Result};
use crate::schema::{Metadata, Table, TableName, View};
use std::any::TypeId;
use std::collections::HashMap;
use std::sync::OnceLock;
use tokio_postgres::error::DbError;

/// The models of one base.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Base;
/// let registry = Base::registry()?;
/// let names: Vec<&str> = registry.mappers().iter().map(|mapper| mapper.def.name).collect();
/// assert_eq!(names, ["Customer", "Cart", "Product", "CartProduct"]);
/// assert_eq!(registry.metadata()?, Base::metadata()?);
/// # Ok::<_, orm_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Registry {
    mappers: Vec<Mapper>,
    by_type: HashMap<TypeId, usize>,
    /// Without views, which may be defined by queries over these models.
    tables: Metadata,
    views: Vec<View>,
    metadata: OnceLock<Result<Metadata, String>>,
    has_criteria: bool,
}

impl Registry {
    /// Resolves a list of models.
    ///
    /// # Errors
    /// [`Mapping`](crate::ErrorKind::Mapping), naming the model, the relation and the candidates.
    pub(crate) fn build(defs: Vec<&'static ModelDef>, base: TypeId) -> Result<Self, String> {
        let resolver = Resolver::new(defs)?;
        let (mut mappers, tables, views) = resolver.resolve()?;
        inherit(&mut mappers, base)?;
        let by_type = mappers.iter().enumerate().map(|(i, m)| ((m.def.type_id)(), i)).collect();
        let has_criteria = mappers.iter().any(|m| !m.def.criteria.is_empty());
        let tables = Metadata::new(tables);
        check_types(&tables)?;
        tables.types().iter().for_each(|ty| note_type(ty));
        for def in mappers.iter().map(|mapper| mapper.def) {
            def.columns.iter().for_each(|column| note_column(def.table, column.name, column.sql_type));
        }
        Ok(Self { mappers, by_type, tables, views, metadata: OnceLock::new(), has_criteria })
    }

    /// The tables of the models and of derived association tables, and the views, in dependency order.
    ///
    /// # Errors
    /// [`Mapping`](crate::ErrorKind::Mapping) when a view cannot be defined as its model says.
    pub fn metadata(&self) -> Result<&Metadata> {
        let metadata = self.metadata.get_or_init(|| with_views(&self.tables, &self.views, &self.mappers));
        metadata.as_ref().map_err(|message| Error::new(ErrorKind::Mapping, message.clone()))
    }

    /// The table that the server names: that of its schema, or the one for which the connection chooses a schema.
    pub(crate) fn told(&self, told: &DbError) -> Option<&Table> {
        let name = TableName { schema: told.schema(), name: told.table()? };
        self.table(name).or_else(|| self.table(TableName::new(name.name)))
    }

    /// The table of this name.
    pub(crate) fn table(&self, name: TableName<'_>) -> Option<&Table> {
        self.tables.table(name)
    }

    /// Adds to an error of the server which model and columns its constraint is about.
    pub(crate) fn explain(&self, error: Error) -> Error {
        let Some(database) = error.database() else { return error };
        let Some(table) = self.told(database) else { return error };
        let model = self.mapper_of(table.full_name()).map(|mapper| mapper.def.name);
        let columns = match (database.constraint(), database.column()) {
            (Some(constraint), _) => {
                let columns = table.constraint_columns(constraint).unwrap_or_default();
                columns.into_iter().map(str::to_owned).collect()
            }
            (None, Some(column)) => vec![column.to_owned()],
            (None, None) => Vec::new(),
        };
        let error = error.with_columns(columns);
        match model {
            Some(model) => error.with_model(model),
            None => error,
        }
    }

    /// The models, each after those it refers to where that is possible.
    pub fn mappers(&self) -> &[Mapper] {
        &self.mappers
    }

    /// Whether a model says what its rows have to meet to be seen.
    pub(crate) const fn has_criteria(&self) -> bool {
        self.has_criteria
    }

    /// The model of a table.
    pub(crate) fn mapper_of(&self, table: TableName<'_>) -> Option<&Mapper> {
        self.mappers.iter().find(|mapper| mapper.def.table == table)
    }

    /// The mapper of a model.
    ///
    /// # Errors
    /// [`Mapping`](crate::ErrorKind::Mapping) when the model belongs to another base.
    pub(crate) fn mapper(&self, def: &ModelDef) -> Result<&Mapper> {
        let index = self.by_type.get(&(def.type_id)());
        index.map(|i| &self.mappers[*i]).ok_or_else(|| {
            let known = self.mappers.iter().map(|m| m.def.name);
            Error::new(
                ErrorKind::Mapping,
                format!("`{}` is no model of this base{}", def.name, Suggest(def.name, known)),
            )
        })
    }
}

/// Where a base keeps its registry; made by [`declarative_base!`](crate::declarative_base).
#[derive(Debug)]
pub struct RegistryCell(OnceLock<Result<Registry, String>>);

impl RegistryCell {
    /// An empty cell.
    #[expect(clippy::new_without_default, reason = "only `declarative_base!` makes one")]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// The registry of the base, resolved once.
    ///
    /// # Errors
    /// [`Mapping`](crate::ErrorKind::Mapping) when the models contradict each other.
    pub fn get(&'static self, base: TypeId) -> Result<&'static Registry> {
        let registry = self.0.get_or_init(|| {
            let all = inventory::iter::<Registration>.into_iter().map(|r| (r.0)());
            Registry::build(all.filter(|def| (def.base)() == base).collect(), base)
        });
        registry.as_ref().map_err(|message| Error::new(ErrorKind::Mapping, message.clone()))
    }
}
