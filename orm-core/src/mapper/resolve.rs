//! Resolving the models of a base against each other.

use super::{
    Association, ColumnDef, ConstraintDef, GeneratedKey, Link, LinkKind, Mapper, ModelDef, ReferentialAction,
    RelationDef, RelationKind, Secondary,
};
use crate::schema::{
    self, Check, ColumnDefault, ForeignKey, Index, KeyConstraint, Table, components, constraint_name,
};
use crate::types::SqlType;
use std::any::TypeId;
use std::collections::{BTreeMap, HashMap};
use std::fmt;

type Resolved<T> = Result<T, String>;

/// Works on the definitions, sorted by dependency.
pub(super) struct Resolver {
    defs: Vec<&'static ModelDef>,
    by_type: HashMap<TypeId, usize>,
    circles: Vec<usize>,
    derived: BTreeMap<String, Table>,
}

impl Resolver {
    pub(super) fn new(mut defs: Vec<&'static ModelDef>) -> Resolved<Self> {
        defs.sort_by_key(|def| def.table);
        if let Some(pair) = defs.windows(2).find(|pair| pair[0].table == pair[1].table) {
            return Err(format!(
                "the models `{}` and `{}` have the same table `{}`",
                pair[0].name, pair[1].name, pair[0].table
            ));
        }
        let index = index_by_type(&defs);
        let edges = defs.iter().map(|def| dependencies(def, &defs, &index)).collect::<Resolved<Vec<_>>>()?;
        let (mut sorted, mut circles) = (Vec::new(), Vec::new());
        for (circle, mut component) in components(&edges).into_iter().enumerate() {
            component.sort_unstable();
            for node in component {
                sorted.push(defs[node]);
                circles.push(circle);
            }
        }
        let by_type = index_by_type(&sorted);
        Ok(Self { defs: sorted, by_type, circles, derived: BTreeMap::new() })
    }

    pub(super) fn resolve(mut self) -> Resolved<(Vec<Mapper>, Vec<Table>)> {
        let mut mappers = Vec::new();
        let mut tables = Vec::new();
        for (index, def) in self.defs.clone().into_iter().enumerate() {
            check_columns(def)?;
            let links: Vec<Link> =
                def.relations.iter().map(|relation| self.link(def, relation)).collect::<Resolved<_>>()?;
            tables.push(self.table(def, &links)?);
            mappers.push(self.mapper(index, def, links));
        }
        for index in 0..mappers.len() {
            for relation in 0..mappers[index].relations.len() {
                let inverse = self.inverse(&mappers, index, relation)?;
                mappers[index].relations[relation].inverse = inverse;
            }
        }
        tables.extend(self.derived.into_values());
        Ok((mappers, tables))
    }

    fn mapper(&self, index: usize, def: &'static ModelDef, links: Vec<Link>) -> Mapper {
        let primary_key: Vec<usize> = def.primary_key().collect();
        let generated_key = match primary_key[..] {
            [column] if def.columns[column].auto => {
                Some(GeneratedKey { column, expression: key_expression(def, &def.columns[column]) })
            }
            _ => None,
        };
        let self_referential =
            links.iter().any(|link| link.target == index && matches!(link.kind, LinkKind::ToOne { .. }));
        let quoted: Vec<String> = def.columns.iter().map(|c| quote(c.name)).collect();
        Mapper {
            def,
            index,
            relations: links,
            primary_key,
            generated_key,
            circle: self.circles[index],
            self_referential,
            select_list: quoted.join(", "),
        }
    }

    fn position(&self, def: &ModelDef) -> Resolved<usize> {
        self.by_type.get(&(def.type_id)()).copied().ok_or_else(|| {
            format!(
                "`{}` belongs to another base{}",
                def.name,
                Suggest(def.name, self.defs.iter().map(|d| d.name))
            )
        })
    }

    fn link(&mut self, owner: &'static ModelDef, relation: &'static RelationDef) -> Resolved<Link> {
        let target_def = (relation.target)();
        let target =
            self.position(target_def).map_err(|why| format!("`{}::{}`: {why}", owner.name, relation.name))?;
        let kind = match relation.kind {
            RelationKind::BelongsTo { columns, nullable, on_delete, .. } => {
                check_foreign_key(owner, relation, target_def, columns)?;
                LinkKind::ToOne { columns, nullable, on_delete }
            }
            RelationKind::HasOne | RelationKind::HasMany => {
                LinkKind::ToMany { foreign_key: foreign_key_of(owner, relation, target_def)? }
            }
            RelationKind::ManyToMany(secondary) => {
                LinkKind::ManyToMany(self.association(owner, relation, target_def, secondary)?)
            }
        };
        Ok(Link { target, inverse: None, kind })
    }

    /// The association table of a many-to-many relation: that of a model, or a derived one.
    fn association(
        &mut self,
        owner: &'static ModelDef,
        relation: &'static RelationDef,
        target: &'static ModelDef,
        secondary: Secondary,
    ) -> Resolved<Association> {
        let model = match secondary {
            Secondary::Model(model) => Some(model()),
            Secondary::Table(name) => self.defs.iter().copied().find(|def| def.table == name),
        };
        if let Some(model) = model {
            return Ok(Association {
                table: model.table.to_owned(),
                owner_columns: side_of(model, owner, owner, relation)?,
                target_columns: side_of(model, target, owner, relation)?,
            });
        }
        let Secondary::Table(table) = secondary else { unreachable!("a model was given") };
        let near = Suggest(table, self.defs.iter().map(|d| d.table)).to_string();
        if !near.is_empty() {
            return Err(format!(
                "`{}::{}`: no model has the table \"{table}\"{near}",
                owner.name, relation.name
            ));
        }
        if (owner.type_id)() == (target.type_id)() {
            return Err(format!(
                "`{}::{}` relates the model to itself, so the columns of \"{table}\" need names: \
                 declare an association model for that table",
                owner.name, relation.name
            ));
        }
        let association = Association {
            table: table.to_owned(),
            owner_columns: derived_columns(owner),
            target_columns: derived_columns(target),
        };
        let (one, two) = if owner.table < target.table { (owner, target) } else { (target, owner) };
        let table_of_both = derived_table(table, one, two);
        match self.derived.get(table) {
            Some(known) if *known != table_of_both => Err(format!(
                "`{}::{}`: the association table \"{table}\" connects two other models already",
                owner.name, relation.name
            )),
            _ => {
                self.derived.insert(table.to_owned(), table_of_both);
                Ok(association)
            }
        }
    }

    /// The relation of the target that mirrors relation `at` of model `index`.
    fn inverse(&self, mappers: &[Mapper], index: usize, at: usize) -> Resolved<Option<usize>> {
        let (mapper, link) = (&mappers[index], &mappers[index].relations[at]);
        let relation = &mapper.def.relations[at];
        let target = &mappers[link.target];
        let mirrors = |(other_at, other): (usize, &Link)| {
            let fits = other.target == index
                && !(index == link.target && other_at == at)
                && match (&link.kind, &other.kind) {
                    (LinkKind::ToMany { foreign_key }, LinkKind::ToOne { .. }) => *foreign_key == other_at,
                    (LinkKind::ToOne { .. }, LinkKind::ToMany { foreign_key }) => *foreign_key == at,
                    (LinkKind::ManyToMany(a), LinkKind::ManyToMany(b)) => {
                        a.table == b.table && a.owner_columns == b.target_columns
                    }
                    _ => false,
                };
            fits.then_some(other_at)
        };
        let mut found = target.relations.iter().enumerate().filter_map(mirrors);
        let Some(name) = relation.back_populates else { return Ok(found.next()) };
        let named = target.def.relations.iter().position(|r| r.name == name);
        match named {
            Some(named) if found.any(|f| f == named) => Ok(Some(named)),
            Some(_) => Err(format!(
                "`{}::{}` says back_populates = \"{name}\", but `{}::{name}` is not its other side",
                mapper.def.name, relation.name, target.def.name
            )),
            None => Err(format!(
                "`{}::{}` says back_populates = \"{name}\", but `{}` has no such relation{}",
                mapper.def.name,
                relation.name,
                target.def.name,
                Candidates(target.def.relations.iter().map(|r| r.name)),
            )),
        }
    }

    fn table(&self, def: &'static ModelDef, links: &[Link]) -> Resolved<Table> {
        let foreign = def.relations.iter().zip(links).filter_map(|(relation, link)| {
            let RelationKind::BelongsTo { columns, on_delete, on_update, .. } = relation.kind else {
                return None;
            };
            let target = self.defs[link.target];
            let key = target.primary_key().map(|i| target.columns[i].name);
            let columns = columns.iter().map(|i| def.columns[*i].name);
            Some(foreign_key(def.table, columns, target.table, key, on_delete, on_update))
        });
        let plain = def.columns.iter().filter_map(|column| {
            let to = column.references?;
            let (columns, key) = ([column.name].into_iter(), [to.column].into_iter());
            Some(foreign_key(def.table, columns, to.table, key, to.on_delete, to.on_update))
        });
        Ok(Table {
            name: def.table.to_owned(),
            columns: def.columns.iter().map(|column| schema_column(def, column)).collect::<Resolved<_>>()?,
            primary_key: KeyConstraint {
                name: constraint_name("pk", def.table, &[]),
                columns: def.primary_key().map(|i| def.columns[i].name.to_owned()).collect(),
            },
            uniques: uniques(def),
            checks: checks(def),
            foreign_keys: foreign.chain(plain).collect(),
            indexes: indexes(def),
            comment: def.comment.map(str::to_owned),
        })
    }
}

fn index_by_type(defs: &[&'static ModelDef]) -> HashMap<TypeId, usize> {
    defs.iter().enumerate().map(|(i, def)| ((def.type_id)(), i)).collect()
}

/// The models that `def` has foreign keys to, itself left out.
fn dependencies(
    def: &ModelDef,
    defs: &[&'static ModelDef],
    index: &HashMap<TypeId, usize>,
) -> Resolved<Vec<usize>> {
    let mut found = Vec::new();
    for relation in def.relations {
        if let RelationKind::BelongsTo { .. } = relation.kind
            && let Some(target) = index.get(&((relation.target)().type_id)())
        {
            found.push(*target);
        }
    }
    for column in def.columns {
        let Some(to) = column.references else { continue };
        let target = defs.iter().position(|d| d.table == to.table).ok_or_else(|| {
            format!(
                "`{}::{}` references the table \"{}\", which no model has{}",
                def.name,
                column.field,
                to.table,
                Suggest(to.table, defs.iter().map(|d| d.table))
            )
        })?;
        if !defs[target].columns.iter().any(|c| c.name == to.column) {
            return Err(format!(
                "`{}::{}` references \"{}.{}\", but `{}` has no such column{}",
                def.name,
                column.field,
                to.table,
                to.column,
                defs[target].name,
                Candidates(defs[target].columns.iter().map(|c| c.name))
            ));
        }
        found.push(target);
    }
    found.retain(|target| defs[*target] != def);
    Ok(found)
}

fn check_columns(def: &ModelDef) -> Resolved<()> {
    for column in def.columns {
        let fills_itself =
            column.primary_key && (column.sql_type.is_integer() || column.sql_type == SqlType::Uuid);
        if column.auto && column.server_default.is_none() && !fills_itself {
            return Err(format!(
                "`{}::{}` is an `Auto` without `server_default`: nothing says what the database fills in",
                def.name, column.field
            ));
        }
    }
    let mut key = def.columns.iter().filter(|c| c.primary_key);
    if def.columns.iter().filter(|c| c.primary_key).count() > 1
        && let Some(column) = key.find(|c| c.auto)
    {
        return Err(format!(
            "`{}::{}` is an `Auto` in a key of several columns: only a key of one column can be made by the database",
            def.name, column.field
        ));
    }
    Ok(())
}

fn check_foreign_key(
    owner: &ModelDef,
    relation: &RelationDef,
    target: &ModelDef,
    columns: &[usize],
) -> Resolved<()> {
    let key: Vec<&ColumnDef> = target.primary_key().map(|i| &target.columns[i]).collect();
    if key.len() == columns.len() {
        return Ok(());
    }
    Err(format!(
        "`{}::{}` has {} column(s), but the key of `{}` has {}: {}; name them with `columns(…)`",
        owner.name,
        relation.name,
        columns.len(),
        target.name,
        key.len(),
        key.iter().map(|c| c.name).collect::<Vec<_>>().join(", ")
    ))
}

/// The relation of `target` that is the foreign key of a `HasMany` or `HasOne` of `owner`.
fn foreign_key_of(owner: &ModelDef, relation: &RelationDef, target: &ModelDef) -> Resolved<usize> {
    let place = format!("`{}::{}`", owner.name, relation.name);
    let fits = |r: &RelationDef| matches!(r.kind, RelationKind::BelongsTo { .. }) && *(r.target)() == *owner;
    if let Some(name) = relation.back_populates {
        return match target.relations.iter().position(|r| r.name == name) {
            Some(at) if fits(&target.relations[at]) => Ok(at),
            Some(_) => Err(format!(
                "{place} says back_populates = \"{name}\", but `{}::{name}` is no `BelongsTo<{}>`",
                target.name, owner.name
            )),
            None => Err(format!(
                "{place} says back_populates = \"{name}\", but `{}` has no such relation{}",
                target.name,
                Candidates(target.relations.iter().filter(|r| fits(r)).map(|r| r.name))
            )),
        };
    }
    let found: Vec<usize> = (0..target.relations.len()).filter(|at| fits(&target.relations[*at])).collect();
    match found[..] {
        [at] => Ok(at),
        [] => Err(format!(
            "{place}: `{}` has no `BelongsTo<{}>` that the collection could be made of",
            target.name, owner.name
        )),
        _ => Err(format!(
            "{place}: `{}` refers to `{}` more than once; say which with back_populates{}",
            target.name,
            owner.name,
            Candidates(found.iter().map(|at| target.relations[*at].name))
        )),
    }
}

/// The columns of an association model that refer to `side`.
fn side_of(
    association: &ModelDef,
    side: &ModelDef,
    owner: &ModelDef,
    relation: &RelationDef,
) -> Resolved<Vec<String>> {
    let mut found = association.relations.iter().filter_map(|r| match r.kind {
        RelationKind::BelongsTo { columns, .. } if *(r.target)() == *side => Some(columns),
        _ => None,
    });
    let place = format!("`{}::{}`", owner.name, relation.name);
    match (found.next(), found.next()) {
        (Some(columns), None) => {
            Ok(columns.iter().map(|i| association.columns[*i].name.to_owned()).collect())
        }
        (None, _) => Err(format!(
            "{place}: `{}` is no model that \"{}\" refers to{}",
            side.name,
            association.table,
            Candidates(
                association
                    .relations
                    .iter()
                    .filter(|r| matches!(r.kind, RelationKind::BelongsTo { .. }))
                    .map(|r| (r.target)().name)
            )
        )),
        (Some(_), Some(_)) => Err(format!(
            "{place}: \"{}\" refers to `{}` more than once, so its side is ambiguous",
            association.table, side.name
        )),
    }
}

/// `customer_id` for a model with table `customer` and key `id`.
fn derived_columns(def: &ModelDef) -> Vec<String> {
    def.primary_key().map(|i| format!("{}_{}", def.table, def.columns[i].name)).collect()
}

fn derived_table(name: &str, one: &'static ModelDef, two: &'static ModelDef) -> Table {
    let side = |def: &'static ModelDef| {
        derived_columns(def).into_iter().zip(def.primary_key().map(|i| &def.columns[i]))
    };
    let columns: Vec<schema::Column> = side(one)
        .chain(side(two))
        .map(|(name, key)| schema::Column {
            name,
            sql_type: key.sql_type,
            length: key.length,
            nullable: false,
            default: None,
            comment: None,
        })
        .collect();
    let reference = |def: &'static ModelDef| {
        let columns = derived_columns(def);
        let key = def.primary_key().map(|i| def.columns[i].name);
        let cascade = ReferentialAction::Cascade;
        foreign_key(name, columns.iter().map(String::as_str), def.table, key, cascade, cascade)
    };
    let second = derived_columns(two);
    Table {
        name: name.to_owned(),
        primary_key: KeyConstraint {
            name: constraint_name("pk", name, &[]),
            columns: columns.iter().map(|c| c.name.clone()).collect(),
        },
        columns,
        uniques: Vec::new(),
        checks: Vec::new(),
        foreign_keys: vec![reference(one), reference(two)],
        indexes: vec![index(name, second.iter().map(String::as_str))],
        comment: None,
    }
}

fn foreign_key<'a>(
    table: &str,
    columns: impl Iterator<Item = &'a str>,
    target: &str,
    key: impl Iterator<Item = &'a str>,
    on_delete: ReferentialAction,
    on_update: ReferentialAction,
) -> ForeignKey {
    let columns: Vec<&str> = columns.collect();
    let mut parts = columns.clone();
    parts.push(target);
    ForeignKey {
        name: constraint_name("fk", table, &parts),
        columns: columns.into_iter().map(str::to_owned).collect(),
        target_table: target.to_owned(),
        target_columns: key.map(str::to_owned).collect(),
        on_delete: on_delete.sql().to_owned(),
        on_update: on_update.sql().to_owned(),
    }
}

fn schema_column(def: &ModelDef, column: &ColumnDef) -> Resolved<schema::Column> {
    let default = match column.server_default {
        Some(expression) => Some(ColumnDefault::Expression(expression.to_owned())),
        None if !column.auto => None,
        None if column.sql_type.is_integer() => Some(ColumnDefault::Identity),
        None => Some(ColumnDefault::Expression("gen_random_uuid()".to_owned())),
    };
    if column.length.is_some() && column.sql_type != SqlType::Text {
        return Err(format!("`{}::{}` has a length, but is no text", def.name, column.field));
    }
    Ok(schema::Column {
        name: column.name.to_owned(),
        sql_type: column.sql_type,
        length: column.length,
        nullable: column.nullable,
        default,
        comment: column.comment.map(str::to_owned),
    })
}

fn uniques(def: &ModelDef) -> Vec<KeyConstraint> {
    let single = def.columns.iter().filter(|c| c.unique).map(|c| vec![c.name]);
    let several = def.constraints.iter().filter_map(|c| match c {
        ConstraintDef::Unique(columns) => Some(columns.to_vec()),
        _ => None,
    });
    single
        .chain(several)
        .map(|columns| KeyConstraint {
            name: constraint_name("uq", def.table, &columns),
            columns: columns.into_iter().map(str::to_owned).collect(),
        })
        .collect()
}

fn checks(def: &ModelDef) -> Vec<Check> {
    let single = def.columns.iter().filter_map(|c| Some((c.name, c.check?)));
    let named = def.constraints.iter().filter_map(|c| match c {
        ConstraintDef::Check { name, expression } => Some((*name, *expression)),
        _ => None,
    });
    single
        .chain(named)
        .map(|(name, expression)| Check {
            name: constraint_name("ck", def.table, &[name]),
            expression: expression.to_owned(),
        })
        .collect()
}

fn indexes(def: &ModelDef) -> Vec<Index> {
    let single = def.columns.iter().filter(|c| c.index && !c.unique).map(|c| vec![c.name]);
    let several = def.constraints.iter().filter_map(|c| match c {
        ConstraintDef::Index(columns) => Some(columns.to_vec()),
        _ => None,
    });
    single.chain(several).map(|columns| index(def.table, columns.into_iter())).collect()
}

fn index<'a>(table: &str, columns: impl Iterator<Item = &'a str>) -> Index {
    let columns: Vec<&str> = columns.collect();
    Index {
        name: constraint_name("ix", table, &columns),
        columns: columns.into_iter().map(str::to_owned).collect(),
    }
}

/// The expression that makes one value of a generated key, of the type of its column.
fn key_expression(def: &ModelDef, column: &ColumnDef) -> String {
    let expression = match column.server_default {
        Some(expression) => format!("({expression})"),
        None if column.sql_type.is_integer() => format!(
            "nextval(pg_get_serial_sequence({}, {}))",
            literal(&quote(def.table)),
            literal(column.name)
        ),
        None => "gen_random_uuid()".to_owned(),
    };
    format!("{expression}::{}", column.sql_type)
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// `; did you mean …?` when a known name is near.
pub(super) struct Suggest<'a, I>(pub(super) &'a str, pub(super) I);

impl<'n, I: Iterator<Item = &'n str> + Clone> fmt::Display for Suggest<'_, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let near = self
            .1
            .clone()
            .map(|name| (distance(self.0, name), name))
            .filter(|(distance, name)| *distance > 0 && *distance <= 2 && name.len() > 3)
            .min();
        match near {
            Some((_, name)) => write!(f, "; did you mean `{name}`?"),
            None => Ok(()),
        }
    }
}

/// `; candidates: …`
struct Candidates<I>(I);

impl<'n, I: Iterator<Item = &'n str> + Clone> fmt::Display for Candidates<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.0.clone().map(|name| format!("`{name}`")).collect();
        if names.is_empty() {
            return f.write_str("; there are no candidates");
        }
        write!(f, "; candidates: {}", names.join(", "))
    }
}

/// Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let substitution = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = substitution.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}
