//! Embedded values take their place in a model.

use super::super::{
    ColumnDef, ConstraintDef, ExcludeDef, IndexDef, IndexKeyDef, ModelDef, RelationAccess, RelationDef,
    RelationKind,
};
use super::access::EmbeddedAccess;
use super::{Embedded, EmbeddedField};
use crate::sql::{literal, quote};

/// What a type that is embedded consists of. Names and positions begin at its own; the column without a name is called as the
/// field that holds the value.
///
/// SQL expressions name columns in braces: `{city}`, and `{}` for the one without a name.
#[derive(Clone, Debug, Default)]
pub struct EmbeddedDef {
    /// The columns.
    pub columns: Vec<ColumnDef>,
    /// The relations.
    pub relations: Vec<RelationDef>,
    /// CHECK constraints: the last part of the name, and the expression.
    pub checks: Vec<(String, String)>,
    /// Whether it is an enum: one relation is all that there is of a variant.
    pub is_enum: bool,
}

/// An embedded value in a field.
#[derive(Debug)]
pub struct EmbeddedPart {
    field: &'static str,
    def: EmbeddedDef,
}

fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

/// Replaces names in braces; what is in braces and is no column stays.
fn renamed(template: &str, columns: &[ColumnDef], to: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        match after.split_once('}') {
            Some((name, after)) if columns.iter().any(|column| column.name == name) => {
                out.push_str(&to(name));
                rest = after;
            }
            _ => {
                out.push('{');
                rest = after;
            }
        }
    }
    out + rest
}

/// The value in field `field` of `M`; `constant` is how a program names it, with its own type, `prefix` begins the names of its
/// columns, `column` is the name of the one without.
pub fn part<M: 'static, F: EmbeddedField>(
    field: &'static str,
    constant: (&str, &str),
    prefix: &str,
    column: &str,
    get: fn(&M) -> &F,
    get_mut: fn(&mut M) -> &mut F,
) -> EmbeddedPart {
    let mut def = F::Value::def();
    let is_whole = def.is_enum;
    for (relation, inner) in def.relations.iter_mut().enumerate() {
        let access = EmbeddedAccess { get, get_mut, relation, is_whole, inner: inner.access };
        let access: &'static dyn RelationAccess = Box::leak(Box::new(access));
        inner.access = access;
        inner.name = leak(format!("{field}.{}", inner.name));
        inner.constant = inside(constant, inner.constant);
        if let RelationKind::BelongsTo { nullable, .. } = &mut inner.kind {
            *nullable |= is_whole && F::NULLABLE;
        }
    }
    EmbeddedPart { field, def: placed(def, (field, constant), prefix, column, F::NULLABLE) }
}

/// The value in field `field` of a variant: it is there only where the variant is.
pub fn part_of_variant<F: EmbeddedField>(
    field: &'static str,
    constant: (&str, &str),
    prefix: &str,
    column: &str,
) -> EmbeddedPart {
    EmbeddedPart { field, def: placed(F::Value::def(), (field, constant), prefix, column, true) }
}

/// `SUBJECT.then(Subject::PRODUCT)`
fn inside((constant, of): (&str, &str), part: &str) -> &'static str {
    leak(format!("{constant}.then({of}::{part})"))
}

/// Gives the columns their names outside of the value.
fn placed(
    mut def: EmbeddedDef,
    (field, constant): (&str, (&str, &str)),
    prefix: &str,
    column: &str,
    nullable: bool,
) -> EmbeddedDef {
    let outer = |name: &str| match name {
        "" => column.to_owned(),
        name => format!("{prefix}{name}"),
    };
    if nullable {
        make_optional(&mut def);
    }
    let in_braces = |name: &str| format!("{{{}}}", outer(name));
    let own = def.columns.clone();
    for (name, expression) in &mut def.checks {
        *expression = renamed(expression, &own, in_braces);
        *name = match &**name {
            "" => column.to_owned(),
            inner => format!("{prefix}{inner}"),
        };
    }
    for at in &mut def.columns {
        let rename = |text: &'static str| leak(renamed(text, &own, in_braces));
        at.check = at.check.map(rename);
        at.generated = at.generated.map(rename);
        at.field = leak(if at.field.is_empty() { field.to_owned() } else { format!("{field}.{}", at.field) });
        at.name = leak(outer(at.name));
        at.constant = inside(constant, at.constant);
    }
    def
}

/// All columns are `NULL`, or the value is as it has to be.
fn make_optional(def: &mut EmbeddedDef) {
    let names: Vec<String> = def.columns.iter().map(|column| format!("{{{}}}", column.name)).collect();
    let none = format!("num_nonnulls({}) = 0", names.join(", "));
    for (_, expression) in &mut def.checks {
        *expression = format!("{none} OR ({expression})");
    }
    let required = def.columns.iter().zip(&names).filter(|(column, _)| !column.nullable);
    let required: Vec<String> = required.map(|(_, name)| format!("{name} IS NOT NULL")).collect();
    if !required.is_empty() && names.len() > 1 {
        add_check(def, String::new(), format!("{none} OR ({})", required.join(" AND ")));
    }
    for column in &mut def.columns {
        // Without the value, a part of it has none either.
        (column.nullable, column.default) = (true, None);
    }
}

/// Adds a constraint; two of one name become one.
fn add_check(to: &mut EmbeddedDef, name: String, expression: String) {
    match to.checks.iter_mut().find(|(other, _)| *other == name) {
        Some((_, other)) => *other = format!("({other}) AND ({expression})"),
        None => to.checks.push((name, expression)),
    }
}

/// Appends the columns and relations of values behind those that are there.
fn append(to: &mut EmbeddedDef, parts: Vec<EmbeddedPart>) {
    for EmbeddedPart { def, .. } in parts {
        let at = to.columns.len();
        for mut relation in def.relations {
            if let RelationKind::BelongsTo { columns, .. } = &mut relation.kind {
                *columns = columns.iter().map(|column| column + at).collect::<Vec<usize>>().leak();
            }
            to.relations.push(relation);
        }
        to.columns.extend(def.columns);
        def.checks.into_iter().for_each(|(name, expression)| add_check(to, name, expression));
    }
}

/// An embedded type that holds others.
pub fn nested(mut def: EmbeddedDef, parts: Vec<EmbeddedPart>) -> EmbeddedDef {
    append(&mut def, parts);
    def
}

/// The definition of a model that holds embedded values, made at its first use.
pub fn with_embedded(own: &'static ModelDef, parts: Vec<EmbeddedPart>) -> ModelDef {
    let mut constraints: Vec<ConstraintDef> = Vec::new();
    let ranges: Vec<(&str, Vec<&'static str>)> =
        parts.iter().map(|part| (part.field, part.def.columns.iter().map(|c| c.name).collect())).collect();
    let over = |names: &[&'static str]| -> &'static [&'static str] {
        let columns_of = |name: &&'static str| match ranges.iter().find(|(field, _)| field == name) {
            Some((_, columns)) if own.columns.iter().all(|column| column.name != *name) => columns.clone(),
            _ => vec![*name],
        };
        names.iter().flat_map(columns_of).collect::<Vec<_>>().leak()
    };
    let keys = |key: &IndexKeyDef| -> Vec<IndexKeyDef> {
        if key.is_expression {
            return vec![*key];
        }
        over(&[key.of]).iter().map(|of| IndexKeyDef { of, ..*key }).collect()
    };
    for constraint in own.constraints {
        constraints.push(match constraint {
            ConstraintDef::Unique(names) => ConstraintDef::Unique(over(names)),
            ConstraintDef::Index(names) => ConstraintDef::Index(over(names)),
            ConstraintDef::IndexWith(index) => ConstraintDef::IndexWith(IndexDef {
                keys: index.keys.iter().flat_map(keys).collect::<Vec<_>>().leak(),
                include: over(index.include),
                ..*index
            }),
            ConstraintDef::Exclude(exclude) => {
                let compared = exclude.keys.iter();
                let compared =
                    compared.flat_map(|(key, by)| keys(key).into_iter().map(move |key| (key, *by)));
                ConstraintDef::Exclude(ExcludeDef { keys: compared.collect::<Vec<_>>().leak(), ..*exclude })
            }
            check @ ConstraintDef::Check { .. } => *check,
        });
    }
    let mut all = EmbeddedDef {
        columns: own.columns.to_vec(),
        relations: own.relations.to_vec(),
        ..EmbeddedDef::default()
    };
    append(&mut all, parts);
    let quoted = all.columns.clone();
    let finished = |text: &str| leak(renamed(text, &quoted, quote));
    for column in &mut all.columns[own.columns.len()..] {
        column.check = column.check.map(finished);
        column.generated = column.generated.map(finished);
    }
    let check = |(name, expression): &(String, String)| ConstraintDef::Check {
        name: leak(name.clone()),
        expression: finished(expression),
    };
    constraints.extend(all.checks.iter().map(check));
    ModelDef {
        columns: all.columns.leak(),
        relations: all.relations.leak(),
        constraints: constraints.leak(),
        ..*own
    }
}

/// A variant of an enum.
#[derive(Debug)]
pub struct VariantDef<'a> {
    /// What the first column says; of an enum without such a column, nothing.
    pub tag: Option<&'static str>,
    /// The positions of its columns, and whether each is never `NULL`.
    pub columns: &'a [(usize, bool)],
    /// The positions of the columns of its embedded values.
    pub embedded: &'a [std::ops::Range<usize>],
}

/// An enum: with the constraints that its variants mean.
pub fn with_variants(mut def: EmbeddedDef, variants: &[VariantDef<'_>]) -> EmbeddedDef {
    let names: Vec<String> = def.columns.iter().map(|column| format!("{{{}}}", column.name)).collect();
    let tags: Option<Vec<String>> = variants.iter().map(|variant| variant.tag.map(literal)).collect();
    let Some(tags) = tags else {
        let firsts: Vec<&str> =
            variants.iter().filter_map(|v| v.columns.first()).map(|(first, _)| &*names[*first]).collect();
        def.checks.push((String::new(), format!("num_nonnulls({}) = 1", firsts.join(", "))));
        return def;
    };
    def.checks.push((String::new(), format!("{{}} IN ({})", tags.join(", "))));
    for (variant, tag) in variants.iter().zip(&tags) {
        let is_own = |at: &usize| {
            variant.columns.iter().any(|(own, _)| own == at)
                || variant.embedded.iter().any(|own| own.contains(at))
        };
        let required = variant.columns.iter().filter(|(_, required)| *required);
        let required = required.map(|(at, _)| format!("{} IS NOT NULL", names[*at]));
        let absent = (1..names.len()).filter(|at| !is_own(at)).map(|at| format!("{} IS NULL", names[at]));
        let conditions: Vec<String> = required.chain(absent).collect();
        if !conditions.is_empty() {
            let name = variant.tag.unwrap_or_default().to_owned();
            add_check(&mut def, name, format!("{{}} <> {tag} OR ({})", conditions.join(" AND ")));
        }
    }
    def
}
