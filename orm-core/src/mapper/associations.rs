//! Association tables of many-to-many relations: which columns refer to which end.

use super::suggest::Candidates;
use super::tables::{derived_columns, derived_table, is_unique, meant, near};
use super::{Association, AssociationDef, ModelDef, RelationDef, RelationKind, Secondary};
use crate::schema::{Table, TableName};
use std::collections::BTreeMap;
use std::fmt;

type Resolved<T> = Result<T, String>;

/// A many-to-many relation with the models at its ends.
pub(super) struct Ends {
    pub(super) owner: &'static ModelDef,
    pub(super) relation: &'static RelationDef,
    pub(super) target: &'static ModelDef,
}

impl fmt::Display for Ends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}::{}`", self.owner.name, self.relation.name)
    }
}

/// The association table of a many-to-many relation: that of a model, or a derived one, which is noted.
pub(super) fn association(
    ends: &Ends,
    through: &AssociationDef,
    defs: &[&'static ModelDef],
    derived: &mut BTreeMap<TableName<'static>, Table>,
) -> Resolved<Association> {
    let model = match through.secondary {
        Secondary::Model(model) => Some(model()),
        Secondary::Table(name) => meant(name, ends.owner, defs),
    };
    match (model, through.secondary) {
        (Some(model), _) => of_model(ends, through, model),
        (None, Secondary::Table(table)) => {
            let table = derived_name(ends, table);
            let near = near(table, defs);
            if !near.is_empty() {
                return Err(format!("{ends}: no model has the table \"{table}\"{near}"));
            }
            of_table(ends, through, table, derived)
        }
        (None, Secondary::Model(_)) => unreachable!("a model was given"),
    }
}

/// Of a name without a schema: both ends have the table in the schema that they share.
fn derived_name(ends: &Ends, said: TableName<'static>) -> TableName<'static> {
    let shared = ends.owner.table.schema.filter(|schema| ends.target.table.schema == Some(*schema));
    TableName { schema: said.schema.or(shared), ..said }
}

fn of_model(ends: &Ends, through: &AssociationDef, model: &'static ModelDef) -> Resolved<Association> {
    if model.view.is_some() {
        return Err(format!("{ends}: `{}` is a view, and an association table is written", model.name));
    }
    let (owner, target) = sides(ends, through, model)?;
    let pair: Vec<&str> = owner.iter().chain(&target).map(String::as_str).collect();
    if !is_unique(model, &pair) {
        return Err(format!(
            "{ends}: `{}` does not say that a pair is in it once only; make {} its primary key, or add \
             #[model(unique(…))] with them",
            model.name,
            pair.join(" and ")
        ));
    }
    Ok(Association { table: model.table, owner_columns: owner, target_columns: target })
}

/// A foreign key of an association model: its relation, and the names of its columns.
type ForeignKey = (&'static str, Vec<String>);

/// The columns of an association model that refer to the owner, and those that refer to the target.
///
/// Where it refers to both ends once, nothing has to be said; of two foreign keys to one model, naming one side is enough.
fn sides(
    ends: &Ends,
    through: &AssociationDef,
    model: &'static ModelDef,
) -> Resolved<(Vec<String>, Vec<String>)> {
    let to_owner = candidates(ends, model, ends.owner, through.owner_columns, "owner")?;
    let to_target = candidates(ends, model, ends.target, through.target_columns, "target")?;
    let other = |all: Vec<ForeignKey>, taken: &[ForeignKey]| match taken {
        [one] => all.into_iter().filter(|fk| fk != one).collect(),
        _ => all,
    };
    let (to_owner, to_target) = match (&to_owner[..], &to_target[..]) {
        ([_], _) => (to_owner.clone(), other(to_target, &to_owner)),
        _ => (other(to_owner, &to_target), to_target),
    };
    let only = |found: Vec<ForeignKey>, side: &'static ModelDef, what: &str| match <[ForeignKey; 1]>::try_from(
        found,
    ) {
        Ok([(_, columns)]) => Ok(columns),
        Err(found) if found.is_empty() => Err(format!(
            "{ends}: \"{}\" refers to `{}` once, and both ends need a foreign key of their own",
            model.table, side.name
        )),
        Err(found) => Err(format!(
            "{ends}: \"{}\" refers to `{}` more than once; say with {what}_column = \"…\" which is meant{}",
            model.table,
            side.name,
            Candidates(
                found
                    .iter()
                    .map(|(_, columns)| columns.join(", "))
                    .collect::<Vec<_>>()
                    .iter()
                    .map(String::as_str)
            )
        )),
    };
    Ok((only(to_owner, ends.owner, "owner")?, only(to_target, ends.target, "target")?))
}

/// The foreign keys of an association model that may be those of one side.
fn candidates(
    ends: &Ends,
    model: &'static ModelDef,
    side: &'static ModelDef,
    named: &[&str],
    what: &str,
) -> Resolved<Vec<ForeignKey>> {
    let foreign_keys = || {
        model.relations.iter().filter_map(|r| match r.kind {
            RelationKind::BelongsTo { columns, .. } => {
                let names = columns.iter().map(|i| model.columns[*i].name.to_owned()).collect();
                Some(((r.target)(), (r.name, names)))
            }
            _ => None,
        })
    };
    let all: Vec<ForeignKey> = foreign_keys().filter(|(to, _)| **to == *side).map(|(_, fk)| fk).collect();
    if all.is_empty() {
        return Err(format!(
            "{ends}: `{}` is no model that \"{}\" refers to{}",
            side.name,
            model.table,
            Candidates(foreign_keys().map(|(to, _)| to.name))
        ));
    }
    if named.is_empty() {
        return Ok(all);
    }
    let lists: Vec<String> = all.iter().map(|(_, columns)| columns.join(", ")).collect();
    let meant: Vec<ForeignKey> = all.into_iter().filter(|(_, columns)| *columns == *named).collect();
    if meant.is_empty() {
        return Err(format!(
            "{ends} says {what}_column = \"{}\", by which \"{}\" does not refer to `{}`{}",
            named.join(", "),
            model.table,
            side.name,
            Candidates(lists.iter().map(String::as_str))
        ));
    }
    Ok(meant)
}

fn of_table(
    ends: &Ends,
    through: &AssociationDef,
    table: TableName<'static>,
    derived: &mut BTreeMap<TableName<'static>, Table>,
) -> Resolved<Association> {
    let owner_columns = columns_of(ends, ends.owner, through.owner_columns, "owner")?;
    let target_columns = columns_of(ends, ends.target, through.target_columns, "target")?;
    if let Some(both) = owner_columns.iter().find(|column| target_columns.contains(column)) {
        return Err(format!(
            "{ends}: both ends would have the column \"{both}\" of \"{table}\"; name them apart with \
             owner_column = \"…\" and target_column = \"…\""
        ));
    }
    let (owner, target) = ((ends.owner, &owner_columns[..]), (ends.target, &target_columns[..]));
    let turned = (target.0.table, target.1) < (owner.0.table, owner.1);
    let (one, two) = if turned { (target, owner) } else { (owner, target) };
    let table_of_both = derived_table(table, one, two);
    match derived.get(&table) {
        Some(known)
            if *known != table_of_both
                && known.foreign_keys.iter().all(|fk| is_end(fk, one) || is_end(fk, two)) =>
        {
            Err(format!(
                "{ends}: the other side of the association table \"{table}\" names its columns {}; name the same ones \
                 with owner_column = \"…\" and target_column = \"…\"",
                known.columns.iter().map(|c| c.name.as_str()).collect::<Vec<_>>().join(", ")
            ))
        }
        Some(known) if *known != table_of_both => {
            Err(format!("{ends}: the association table \"{table}\" connects two other models already"))
        }
        _ => {
            derived.insert(table, table_of_both);
            Ok(Association { table, owner_columns, target_columns })
        }
    }
}

fn is_end(key: &crate::schema::ForeignKey, (def, _): super::tables::End<'_>) -> bool {
    key.target() == def.table
}

/// The columns of a derived table for one of its ends: as they are named, or after the key.
fn columns_of(ends: &Ends, side: &ModelDef, named: &[&str], what: &str) -> Resolved<Vec<String>> {
    let usual = derived_columns(side);
    if named.is_empty() {
        return Ok(usual);
    }
    if named.len() != usual.len() {
        let key: Vec<&str> = side.primary_key().map(|i| side.columns[i].name).collect();
        return Err(format!(
            "{ends} names {} column(s) for its {what}, but the key of `{}` has {}: {}",
            named.len(),
            side.name,
            key.len(),
            key.join(", ")
        ));
    }
    Ok(named.iter().map(|name| (*name).to_owned()).collect())
}
