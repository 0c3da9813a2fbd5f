//! What only shows where embedded values have taken their place in a model.

use super::super::suggest::Suggest;
use super::super::{ConstraintDef, IndexKeyDef, ModelDef, RelationDef};

/// The columns of a model have different names, constraints are about them, and the database is not asked to fill in what may not
/// be there.
pub(in super::super) fn check_embedded(def: &ModelDef) -> Result<(), String> {
    for (at, column) in def.columns.iter().enumerate() {
        if let Some(first) = def.columns[..at].iter().find(|other| other.name == column.name) {
            return Err(format!(
                "`{}::{}` and `{}::{}` have the same column \"{}\": say `prefix = \"…\"` or `column = \"…\"`",
                def.name, first.field, def.name, column.field, column.name
            ));
        }
        if column.auto && column.nullable {
            return Err(format!(
                "`{}::{}` is an `Auto` in an `Option`: the database would fill it in where there is nothing",
                def.name, column.field
            ));
        }
    }
    for constraint in def.constraints {
        let names: Vec<&str> = match constraint {
            ConstraintDef::Unique(names) | ConstraintDef::Index(names) => names.to_vec(),
            ConstraintDef::IndexWith(index) => {
                columns_of(index.keys.iter()).chain(index.include.iter().copied()).collect()
            }
            ConstraintDef::Exclude(exclude) => columns_of(exclude.keys.iter().map(|(key, _)| key)).collect(),
            ConstraintDef::Check { .. } => continue,
        };
        for name in names {
            if def.columns.iter().all(|column| column.name != name) {
                return Err(format!(
                    "`{}` has a constraint on \"{name}\", but no such column{}",
                    def.name,
                    Suggest(name, def.columns.iter().map(|column| column.name))
                ));
            }
        }
    }
    Ok(())
}

fn columns_of<'a>(keys: impl Iterator<Item = &'a IndexKeyDef>) -> impl Iterator<Item = &'static str> {
    keys.filter(|key| !key.is_expression).map(|key| key.of)
}

/// The relation of this name, or the one to `other` inside of the embedded value of this name.
pub(in super::super) fn named(def: &ModelDef, name: &str, other: &ModelDef) -> Option<usize> {
    let inside = |relation: &RelationDef| {
        let rest = relation.name.strip_prefix(name).and_then(|rest| rest.strip_prefix('.'));
        rest.is_some() && *(relation.target)() == *other
    };
    let exact = def.relations.iter().position(|relation| relation.name == name);
    exact.or_else(|| def.relations.iter().position(inside))
}
