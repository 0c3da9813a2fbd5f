//! Resolving the models of a base against each other.

use super::associations::{Ends, association};
use super::database_view;
use super::embedded::{check_embedded, named};
use super::suggest::{Candidates, Suggest};
use super::tables::{is_unique, meant, near, table};
use super::view::view;
use super::{
    Associates, ColumnDef, Fitted, GeneratedKey, Layout, Link, LinkKind, Mapper, ModelDef, RelationDef,
    RelationKind, Shared,
};
use crate::schema::{Table, TableName, View, components, distinct_names};
use crate::sql::{literal, quote_table};
use crate::types::SqlType;
use std::any::TypeId;
use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

type Resolved<T> = Result<T, String>;

/// Works on the definitions, sorted by dependency.
pub(super) struct Resolver {
    defs: Vec<&'static ModelDef>,
    by_type: HashMap<TypeId, usize>,
    circles: Vec<usize>,
    derived: BTreeMap<TableName<'static>, Table>,
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

    pub(super) fn resolve(mut self) -> Resolved<(Vec<Mapper>, Vec<Table>, Vec<View>)> {
        let mut mappers = Vec::new();
        let (mut tables, mut views) = (Vec::new(), Vec::new());
        for (index, def) in self.defs.clone().into_iter().enumerate() {
            check_columns(def)?;
            check_embedded(def)?;
            let links: Vec<Link> =
                def.relations.iter().map(|relation| self.link(def, relation)).collect::<Resolved<_>>()?;
            match &def.view {
                Some(of) => views.push(database_view::view(def, of)?),
                None => tables.push(table(def, &self.defs, &links)?),
            }
            mappers.push(self.mapper(index, def, links));
        }
        for index in 0..mappers.len() {
            for relation in 0..mappers[index].relations.len() {
                let inverse = self.inverse(&mappers, index, relation)?;
                mappers[index].relations[relation].inverse = inverse;
            }
        }
        associate(&mut mappers);
        tables.extend(self.derived.into_values());
        distinct_names(&mut tables, &mut views);
        Ok((mappers, tables, views))
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
        let columns = |is: fn(&ColumnDef) -> bool| {
            let all = def.columns.iter().enumerate();
            all.filter(|(_, column)| is(column)).map(|(index, _)| index).collect::<Vec<usize>>()
        };
        let layout = Layout::of(def);
        Mapper {
            def,
            index,
            primary_key,
            generated_key,
            version: columns(|column| column.version.is_some()).first().copied(),
            generated: columns(|column| !column.is_given()),
            on_update: columns(|column| column.on_update.is_some()),
            references: self.references(def),
            associates: Vec::new(),
            fitted: Fitted::of(def, &links),
            shared: Shared::of(&links),
            inherits: None,
            circle: self.circles[index],
            self_referential,
            relations: links,
            select_list: layout.select_list(def),
            layout,
        }
    }

    /// The plain foreign keys of a model.
    fn references(&self, def: &ModelDef) -> Vec<(usize, TableName<'static>)> {
        let of_column = |(at, column): (usize, &ColumnDef)| {
            Some((at, meant(column.references?.table, def, &self.defs)?.table))
        };
        def.columns.iter().enumerate().filter_map(of_column).collect()
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
        check_order(owner, relation, target_def)?;
        let target =
            self.position(target_def).map_err(|why| format!("`{}::{}`: {why}", owner.name, relation.name))?;
        let mut order_by = relation.order_by;
        let kind = match relation.kind {
            RelationKind::BelongsTo { columns, nullable, on_delete, .. } => {
                check_foreign_key(owner, relation, target_def, columns)?;
                let is_own = |at: &usize| owner.columns[*at].field == relation.name;
                let own = columns.iter().copied().filter(is_own).collect();
                LinkKind::ToOne { columns, own, nullable, on_delete }
            }
            RelationKind::HasOne | RelationKind::HasMany => {
                let foreign_key = foreign_key_of(owner, relation, target_def)?;
                check_has_one(owner, relation, target_def, foreign_key)?;
                LinkKind::ToMany { foreign_key }
            }
            RelationKind::ManyToMany(through) => {
                let ends = Ends { owner, relation, target: target_def };
                LinkKind::ManyToMany(association(&ends, &through, &self.defs, &mut self.derived)?)
            }
            RelationKind::View(def) => {
                let base = def.of.map(|of| viewed(owner, relation, of)).transpose()?;
                if let (Some(base), []) = (base, order_by) {
                    order_by = base.order_by;
                }
                let base = base.map(|base| self.link(owner, base)).transpose()?;
                let ends = Ends { owner, relation, target: target_def };
                LinkKind::View(view(&ends, &def, base.map(|base| base.kind))?)
            }
        };
        let position = position_of(owner, relation, target_def)?;
        Ok(Link { target, inverse: None, position, order_by, kind, text: OnceLock::new() })
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
                    (LinkKind::ManyToMany(a), LinkKind::ManyToMany(b)) => *a == b.turned(),
                    _ => false,
                };
            fits.then_some(other_at)
        };
        let mut found = target.relations.iter().enumerate().filter_map(mirrors);
        let Some(name) = relation.back_populates else { return Ok(found.next()) };
        let named = named(target.def, name, mapper.def);
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
}

/// Tells the models of association tables which relations are made of their rows.
fn associate(mappers: &mut [Mapper]) {
    for mapper in 0..mappers.len() {
        for relation in 0..mappers[mapper].relations.len() {
            let LinkKind::ManyToMany(association) = &mappers[mapper].relations[relation].kind else {
                continue;
            };
            let Some(of_rows) = mappers.iter().position(|m| m.def.table == association.table) else {
                continue;
            };
            let columns = |names: &[String]| {
                let all = mappers[of_rows].def.columns;
                names.iter().filter_map(|name| all.iter().position(|column| column.name == name)).collect()
            };
            let (owner_columns, target_columns) =
                (columns(&association.owner_columns), columns(&association.target_columns));
            let associates = Associates { mapper, relation, owner_columns, target_columns };
            mappers[of_rows].associates.push(associates);
        }
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
        let meant = meant(to.table, def, defs);
        let target = defs.iter().position(|other| Some(*other) == meant).ok_or_else(|| {
            format!(
                "`{}::{}` references the table \"{}\", which no model has{}",
                def.name,
                column.field,
                to.table,
                near(to.table, defs)
            )
        })?;
        if defs[target].view.is_some() {
            let (name, field, view) = (def.name, column.field, defs[target].name);
            return Err(format!("`{name}::{field}` references `{view}`, but `{view}` is a view"));
        }
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
        let is_needed = column.primary_key || column.version.is_some() || column.generated.is_some();
        if column.deferred.is_some() && is_needed {
            return Err(format!(
                "`{}::{}` is `Deferred`, and it is part of every row that is read or written",
                def.name, column.field
            ));
        }
        let fills_itself =
            column.primary_key && (column.sql_type.is_integer() || column.sql_type == SqlType::Uuid);
        let made = column.server_default.is_some() || column.generated.is_some() || column.version.is_some();
        if column.auto && !made && !fills_itself {
            return Err(format!(
                "`{}::{}` is an `Auto` without `server_default` or `generated`: nothing says what the database fills in",
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

fn check_order(owner: &ModelDef, relation: &RelationDef, target: &ModelDef) -> Resolved<()> {
    let known = |name: &str| target.columns.iter().any(|column| column.name == name);
    match relation.order_by.iter().find(|(name, _)| !known(name)) {
        None => Ok(()),
        Some((name, _)) => Err(format!(
            "`{}::{}` is ordered by \"{name}\", but `{}` has no such column{}",
            owner.name,
            relation.name,
            target.name,
            Candidates(target.columns.iter().map(|c| c.name))
        )),
    }
}

/// The relation that a view shows members of.
fn viewed(owner: &'static ModelDef, view: &RelationDef, of: &str) -> Resolved<&'static RelationDef> {
    let place = format!("`{}::{}`", owner.name, view.name);
    let Some(base) = owner.relations.iter().find(|relation| relation.name == of) else {
        return Err(format!(
            "{place} is a view of `{of}`, but `{}` has no such relation{}",
            owner.name,
            Candidates(owner.relations.iter().map(|relation| relation.name))
        ));
    };
    match (base.target)() == (view.target)() && !matches!(base.kind, RelationKind::View(_)) {
        true => Ok(base),
        false => {
            Err(format!("{place} is a view of `{of}`, which has no members of `{}`", (view.target)().name))
        }
    }
}

/// The column that holds the places of the members.
fn position_of(owner: &ModelDef, relation: &RelationDef, target: &ModelDef) -> Resolved<Option<usize>> {
    let Some(name) = relation.position else { return Ok(None) };
    let place = format!("`{}::{}`", owner.name, relation.name);
    let Some(at) = target.columns.iter().position(|column| column.name == name) else {
        return Err(format!(
            "{place} keeps places in \"{name}\", but `{}` has no such column{}",
            target.name,
            Candidates(target.columns.iter().map(|c| c.name))
        ));
    };
    let column = &target.columns[at];
    if !column.sql_type.is_integer() || column.primary_key || !column.is_given() || column.version.is_some() {
        return Err(format!(
            "{place} keeps places in \"{name}\" of `{}`, which is no integer column of its own",
            target.name
        ));
    }
    Ok(Some(at))
}

fn check_has_one(
    owner: &ModelDef,
    relation: &RelationDef,
    target: &ModelDef,
    foreign_key: usize,
) -> Resolved<()> {
    let RelationKind::BelongsTo { columns, .. } = target.relations[foreign_key].kind else { return Ok(()) };
    let names: Vec<&str> = columns.iter().map(|i| target.columns[*i].name).collect();
    if !matches!(relation.kind, RelationKind::HasOne) || is_unique(target, &names) {
        return Ok(());
    }
    Err(format!(
        "`{}::{}` is a `HasOne`, but several `{}` can refer to one `{}`: add `unique` to #[belongs_to] of `{}::{}`",
        owner.name, relation.name, target.name, owner.name, target.name, target.relations[foreign_key].name
    ))
}

/// The relation of `target` that is the foreign key of a `HasMany` or `HasOne` of `owner`.
fn foreign_key_of(owner: &ModelDef, relation: &RelationDef, target: &ModelDef) -> Resolved<usize> {
    let place = format!("`{}::{}`", owner.name, relation.name);
    let fits = |r: &RelationDef| matches!(r.kind, RelationKind::BelongsTo { .. }) && *(r.target)() == *owner;
    if let Some(name) = relation.back_populates {
        return match named(target, name, owner) {
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

/// The expression that makes one value of a generated key, of the type of its column.
fn key_expression(def: &ModelDef, column: &ColumnDef) -> String {
    let expression = match column.server_default {
        Some(expression) => format!("({expression})"),
        None if column.sql_type.is_integer() => format!(
            // The subquery is looked up once a statement, not once a row.
            "nextval((SELECT pg_get_serial_sequence({}, {}))::regclass)",
            literal(&quote_table(def.table)),
            literal(column.name)
        ),
        None => "gen_random_uuid()".to_owned(),
    };
    format!("{expression}::{}", column.sql_type)
}
