//! From models to tables: plain data of the schema.

use super::indexes::{exclusions, indexes};
use super::suggest::Suggest;
use super::{ColumnDef, ConstraintDef, Link, ModelDef, ReferentialAction, RelationKind, VersionDef};
use crate::schema::{
    self, Check, ColumnDefault, Deferrable, ForeignKey, Index, KeyConstraint, Table, TableName,
    constraint_name,
};
use crate::types::SqlType;

type Resolved<T> = Result<T, String>;

/// The model of the table that a model names: without a schema, one in its own schema, or else one that has none.
pub(super) fn meant(
    name: TableName<'static>,
    by: &ModelDef,
    defs: &[&'static ModelDef],
) -> Option<&'static ModelDef> {
    let find = |name| defs.iter().copied().find(|def| def.table == name);
    find(TableName { schema: name.schema.or(by.table.schema), ..name }).or_else(|| find(name))
}

/// `; did you mean …?` when there is a table of nearly this name, or of this name in a schema that is not said.
pub(super) fn near(name: TableName<'_>, defs: &[&'static ModelDef]) -> String {
    let elsewhere = defs.iter().find(|def| name.schema.is_none() && def.table.name == name.name);
    if let Some(def) = elsewhere {
        return format!("; did you mean `{}`?", def.table);
    }
    let known: Vec<String> = defs.iter().map(|def| def.table.to_string()).collect();
    Suggest(&name.to_string(), known.iter().map(String::as_str)).to_string()
}

/// The table of a model.
pub(super) fn table(def: &'static ModelDef, defs: &[&'static ModelDef], links: &[Link]) -> Resolved<Table> {
    let foreign = def.relations.iter().zip(links).filter_map(|(relation, link)| {
        let RelationKind::BelongsTo { columns, on_delete, on_update, deferrable, .. } = relation.kind else {
            return None;
        };
        let target = defs[link.target];
        let key = target.primary_key().map(|i| target.columns[i].name);
        let names = columns.iter().map(|i| def.columns[*i].name);
        let sets = matches!(on_delete, ReferentialAction::SetNull | ReferentialAction::SetDefault);
        let own = link.kind.own_columns();
        let set = own.iter().filter(|_| sets && own.len() < columns.len());
        Some(ForeignKey {
            set_columns: set.map(|i| def.columns[*i].name.to_owned()).collect(),
            deferrable,
            ..foreign_key(def.table, names, (target.table, key), on_delete, on_update)
        })
    });
    let plain = def.columns.iter().filter_map(|column| {
        let to = column.references?;
        let (columns, key) = ([column.name].into_iter(), [to.column].into_iter());
        Some(ForeignKey {
            deferrable: to.deferrable,
            ..foreign_key(
                def.table,
                columns,
                (meant(to.table, def, defs)?.table, key),
                to.on_delete,
                to.on_update,
            )
        })
    });
    Ok(Table {
        schema: def.table.schema.map(str::to_owned),
        name: def.table.name.to_owned(),
        columns: columns(def)?,
        primary_key: KeyConstraint {
            name: constraint_name("pk", def.table.name, &[]),
            columns: def.primary_key().map(|i| def.columns[i].name.to_owned()).collect(),
        },
        uniques: uniques(def),
        checks: checks(def),
        exclusions: exclusions(def),
        foreign_keys: foreign.chain(plain).collect(),
        indexes: indexes(def),
        comment: def.comment.map(str::to_owned),
    })
}

/// `customer_id` for a model with table `customer` and key `id`.
pub(super) fn derived_columns(def: &ModelDef) -> Vec<String> {
    def.primary_key().map(|i| format!("{}_{}", def.table.name, def.columns[i].name)).collect()
}

/// One end of a derived association table: a model, and the columns that refer to its key.
pub(super) type End<'a> = (&'static ModelDef, &'a [String]);

pub(super) fn derived_table(name: TableName<'_>, one: End<'_>, two: End<'_>) -> Table {
    let side = |(def, columns): End<'_>| {
        let keys = def.primary_key().map(move |i| &def.columns[i]);
        columns.iter().cloned().zip(keys).collect::<Vec<_>>()
    };
    let columns: Vec<schema::Column> = side(one)
        .into_iter()
        .chain(side(two))
        .map(|(name, key)| schema::Column {
            name,
            sql_type: key.sql_type,
            modifier: key.modifier,
            collation: key.collation.map(str::to_owned),
            nullable: false,
            default: None,
            comment: None,
        })
        .collect();
    let reference = |(def, columns): End<'_>| {
        let key = def.primary_key().map(|i| def.columns[i].name);
        let cascade = ReferentialAction::Cascade;
        foreign_key(name, columns.iter().map(String::as_str), (def.table, key), cascade, cascade)
    };
    Table {
        schema: name.schema.map(str::to_owned),
        name: name.name.to_owned(),
        primary_key: KeyConstraint {
            name: constraint_name("pk", name.name, &[]),
            columns: columns.iter().map(|c| c.name.clone()).collect(),
        },
        columns,
        uniques: Vec::new(),
        checks: Vec::new(),
        exclusions: Vec::new(),
        foreign_keys: vec![reference(one), reference(two)],
        indexes: vec![Index::of(name.name, two.1.iter().map(String::as_str))],
        comment: None,
    }
}

fn foreign_key<'a>(
    table: TableName<'_>,
    columns: impl Iterator<Item = &'a str>,
    (target, key): (TableName<'a>, impl Iterator<Item = &'a str>),
    on_delete: ReferentialAction,
    on_update: ReferentialAction,
) -> ForeignKey {
    let columns: Vec<&str> = columns.collect();
    let mut parts = columns.clone();
    parts.push(target.name);
    ForeignKey {
        name: constraint_name("fk", table.name, &parts),
        columns: columns.into_iter().map(str::to_owned).collect(),
        target_schema: target.schema.map(str::to_owned),
        target_table: target.name.to_owned(),
        target_columns: key.map(str::to_owned).collect(),
        on_delete: on_delete.sql().to_owned(),
        set_columns: Vec::new(),
        on_update: on_update.sql().to_owned(),
        deferrable: Deferrable::Never,
    }
}

/// The columns of the table: without those that every table has.
pub(super) fn columns(def: &ModelDef) -> Resolved<Vec<schema::Column>> {
    let own = def.columns.iter().filter(|column| column.version != Some(VersionDef::System));
    own.map(|column| schema_column(def, column)).collect()
}

fn schema_column(def: &ModelDef, column: &ColumnDef) -> Resolved<schema::Column> {
    let default = match column.server_default.or(column.generated) {
        Some(expression) if column.generated.is_some() => {
            Some(ColumnDefault::Generated(expression.to_owned()))
        }
        // Rows that other programs insert have a version, too.
        _ if column.version.is_some() => {
            let first = if column.sql_type.is_integer() { "1" } else { "now()" };
            Some(ColumnDefault::Expression(first.to_owned()))
        }
        Some(expression) => Some(ColumnDefault::Expression(expression.to_owned())),
        None if !column.auto => None,
        None if column.sql_type.is_integer() => {
            Some(ColumnDefault::Identity(column.identity.unwrap_or_default()))
        }
        None => Some(ColumnDefault::Expression("gen_random_uuid()".to_owned())),
    };
    if column.primary_key && column.sql_type.travels_as_text() {
        return Err(format!(
            "`{}::{}` cannot be a primary key: the form of a `{}` holds numbers that differ from database to database; make its \
             parts columns",
            def.name, column.field, column.sql_type
        ));
    }
    if column.collation.is_some() && column.sql_type != SqlType::Text {
        return Err(format!("`{}::{}` has a collation, but is no text", def.name, column.field));
    }
    if column.identity.is_some() && !matches!(default, Some(ColumnDefault::Identity(_))) {
        return Err(format!("`{}::{}` is no integer that the database could count", def.name, column.field));
    }
    Ok(schema::Column {
        name: column.name.to_owned(),
        sql_type: column.sql_type,
        modifier: column.modifier,
        collation: column.collation.map(str::to_owned),
        nullable: column.nullable,
        default,
        comment: column.comment.map(str::to_owned),
    })
}

pub(super) fn uniques(def: &ModelDef) -> Vec<KeyConstraint> {
    let single = def.columns.iter().filter(|c| c.unique).map(|c| vec![c.name]);
    let several = def.constraints.iter().filter_map(|c| match c {
        ConstraintDef::Unique(columns) => Some(columns.to_vec()),
        _ => None,
    });
    single
        .chain(several)
        .map(|columns| KeyConstraint {
            name: constraint_name("uq", def.table.name, &columns),
            columns: columns.into_iter().map(str::to_owned).collect(),
        })
        .collect()
}

fn checks(def: &ModelDef) -> Vec<Check> {
    let single = def.columns.iter().filter_map(|c| Some((c.name, c.check?, Some(c.name))));
    let named = def.constraints.iter().filter_map(|c| match c {
        ConstraintDef::Check { name, expression } => Some((*name, *expression, None)),
        _ => None,
    });
    single
        .chain(named)
        .map(|(name, expression, column)| Check {
            name: constraint_name("ck", def.table.name, &[name]),
            expression: expression.to_owned(),
            column: column.map(str::to_owned),
        })
        .collect()
}

/// Whether no two rows of a model can have the same values in these columns.
pub(super) fn is_unique(def: &ModelDef, columns: &[&str]) -> bool {
    let within = |names: &[&str]| !names.is_empty() && names.iter().all(|name| columns.contains(name));
    let key: Vec<&str> = def.primary_key().map(|i| def.columns[i].name).collect();
    within(&key)
        || def.columns.iter().any(|c| c.unique && columns.contains(&c.name))
        || def.constraints.iter().any(|c| match c {
            ConstraintDef::Unique(names) => within(names),
            ConstraintDef::IndexWith(index) => index.unique_columns().is_some_and(|names| within(&names)),
            ConstraintDef::Index(_) | ConstraintDef::Exclude(_) | ConstraintDef::Check { .. } => false,
        })
}
