//! Indexes and EXCLUDE constraints: from what the derive says to plain data of the schema.

use super::{ConstraintDef, ModelDef};
use crate::schema::{
    Deferrable, Exclusion, ExclusionKey, Index, IndexKey, IndexOf, IndexParameter, ParameterValue,
    constraint_name,
};

/// An index with more than columns: `index("name desc", unique, where = "…")`.
#[derive(Clone, Copy, Debug)]
pub struct IndexDef {
    /// The last part of its name, where it is said.
    pub name: Option<&'static str>,
    /// What it is made of.
    pub keys: &'static [IndexKeyDef],
    /// Whether no two rows have the same keys.
    pub unique: bool,
    /// Whether two `NULL`s are the same.
    pub nulls_not_distinct: bool,
    /// As in `USING …`, where it is said.
    pub method: Option<&'static str>,
    /// The columns that it holds beside its keys.
    pub include: &'static [&'static str],
    /// How it is built and kept.
    pub parameters: &'static [(&'static str, ParameterValue)],
    /// The condition on its rows.
    pub filter: Option<&'static str>,
}

/// A key of an index.
#[derive(Clone, Copy, Debug)]
pub struct IndexKeyDef {
    /// The column, or the expression.
    pub of: &'static str,
    /// Which of the two it is.
    pub is_expression: bool,
    /// How its values are compared, where it is said.
    pub operator_class: Option<&'static str>,
    /// Whether large values come first.
    pub descending: bool,
    /// Whether `NULL` comes first, where it is said.
    pub nulls_first: Option<bool>,
}

/// What two rows may not have at once: `exclude("room" = "=", "during" = "&&")`.
#[derive(Clone, Copy, Debug)]
pub struct ExcludeDef {
    /// The last part of its name, where it is said.
    pub name: Option<&'static str>,
    /// What is compared, and by which operator.
    pub keys: &'static [(IndexKeyDef, &'static str)],
    /// As in `USING …`, where it is said.
    pub method: Option<&'static str>,
    /// The condition on the rows that are compared.
    pub filter: Option<&'static str>,
    /// When it is checked.
    pub deferrable: Deferrable,
}

impl IndexDef {
    /// The columns that no two rows have alike; `None` where it is not unique, not of all rows, or not of columns alone.
    pub(crate) fn unique_columns(&self) -> Option<Vec<&'static str>> {
        let of_columns = self.keys.iter().all(|key| !key.is_expression);
        let names_rows = self.unique && self.filter.is_none() && of_columns;
        names_rows.then(|| self.keys.iter().map(|key| key.of).collect())
    }
}

/// The indexes of a model.
pub(super) fn indexes(def: &ModelDef) -> Vec<Index> {
    let single =
        def.columns.iter().filter(|c| c.index && !c.unique).map(|c| Index::of(def.table.name, [c.name]));
    let several = def.constraints.iter().filter_map(|c| match c {
        ConstraintDef::Index(columns) => Some(Index::of(def.table.name, columns.iter().copied())),
        ConstraintDef::IndexWith(index) => Some(index_with(def.table.name, index)),
        _ => None,
    });
    single.chain(several).collect()
}

/// The EXCLUDE constraints of a model.
pub(super) fn exclusions(def: &ModelDef) -> Vec<Exclusion> {
    let excludes = def.constraints.iter().filter_map(|c| match c {
        ConstraintDef::Exclude(exclude) => Some(exclude),
        _ => None,
    });
    let exclusion = |exclude: &ExcludeDef| Exclusion {
        name: name("ex", def.table.name, exclude.name, exclude.keys.iter().map(|(key, _)| key)),
        method: exclude.method.unwrap_or("gist").to_owned(),
        keys: exclude
            .keys
            .iter()
            .map(|(key, operator)| ExclusionKey { key: key_of(key), operator: (*operator).to_owned() })
            .collect(),
        filter: exclude.filter.map(str::to_owned),
        deferrable: exclude.deferrable,
    };
    excludes.map(exclusion).collect()
}

fn index_with(table: &str, index: &IndexDef) -> Index {
    Index {
        name: name(if index.unique { "uq" } else { "ix" }, table, index.name, index.keys.iter()),
        is_unique: index.unique,
        nulls_not_distinct: index.nulls_not_distinct,
        method: index.method.unwrap_or(Index::DEFAULT_METHOD).to_owned(),
        keys: index.keys.iter().map(key_of).collect(),
        include: index.include.iter().map(|column| (*column).to_owned()).collect(),
        parameters: index
            .parameters
            .iter()
            .map(|(name, value)| IndexParameter { name: (*name).to_owned(), value: *value })
            .collect(),
        filter: index.filter.map(str::to_owned),
    }
}

fn key_of(key: &IndexKeyDef) -> IndexKey {
    let of = key.of.to_owned();
    IndexKey {
        of: if key.is_expression { IndexOf::Expression(of) } else { IndexOf::Column(of) },
        operator_class: key.operator_class.map(str::to_owned),
        descending: key.descending,
        nulls_first: key.nulls_first,
    }
}

/// By the convention: of an expression only what a name usually has.
fn name<'a>(
    prefix: &str,
    table: &str,
    said: Option<&str>,
    keys: impl Iterator<Item = &'a IndexKeyDef>,
) -> String {
    if let Some(said) = said {
        return constraint_name(prefix, table, &[said]);
    }
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let part = |key: &IndexKeyDef| match key.is_expression {
        true => key.of.split(|c| !word(c)).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_"),
        false => key.of.to_owned(),
    };
    let parts: Vec<String> = keys.map(part).collect();
    constraint_name(prefix, table, &parts.iter().map(String::as_str).collect::<Vec<_>>())
}
