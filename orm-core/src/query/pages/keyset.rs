//! An order that tells all rows apart, and the rows behind a place in it.

use super::cursor::{Place, Side, Values, mark};
use crate::error::{Error, ErrorKind, Result};
use crate::mapper::{Mapper, Registry};
use crate::schema::TableName;
use crate::sql::{self, Expr, Nulls, Order, Param};
use crate::types::SqlType;
use std::borrow::Cow;

/// One part of the order.
#[derive(Clone, Debug)]
struct Key {
    order: Order,
    sql_type: SqlType,
    nullable: bool,
}

/// The order of a query, made whole by the primary keys of all its sources: no two rows are equal in it.
#[derive(Clone, Debug)]
pub(super) struct Keyset(Vec<Key>);

/// A source of a query.
struct Source<'r> {
    mapper: &'r Mapper,
    /// Whether a row may lack it.
    missable: bool,
}

impl Keyset {
    /// The order of a query of `name`.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config) for a query whose rows cannot be told apart.
    pub(super) fn of(ast: &sql::Select, registry: &Registry, name: &'static str) -> Result<Self> {
        let refuse = |why: String| Error::new(ErrorKind::Config, why).with_model(name);
        let sources = sources(ast, registry).map_err(|table| {
            refuse(format!(
                "a query of `{name}` cannot come in pages: nothing tells the rows of \"{table}\" apart"
            ))
        })?;
        let order = if ast.order.is_empty() { &ast.default_order } else { &ast.order };
        let mut keys = Vec::with_capacity(order.len() + sources.len());
        for order in order {
            keys.push(Key::of(order, &sources).ok_or_else(|| {
                refuse(format!("a query of `{name}` cannot come in pages in the order of a window"))
            })?);
        }
        let descending = keys.last().is_some_and(|key| key.order.descending);
        // Where equal rows come once, a row of models is told by the key of the first.
        let telling = if ast.distinct { 1 } else { sources.len() };
        for (number, source) in sources.iter().enumerate().take(telling) {
            for column in &source.mapper.primary_key {
                let column = source.mapper.def.columns[*column].name;
                if !keys.iter().any(|key| column_of(&key.order.key) == Some((number, column))) {
                    let key = placed(number, column, sources.len());
                    let order = Order { key, ..Order::of(column, descending) };
                    keys.extend(Key::of(&order, &sources));
                }
            }
        }
        Ok(Self(keys))
    }

    /// Whether the columns of the first source are all that it needs.
    pub(super) fn is_of_root(&self) -> bool {
        self.0.iter().all(|key| column_of(&key.order.key).is_some_and(|(number, _)| number == 0))
    }

    /// The types of the keys.
    pub(super) fn types(&self) -> Vec<SqlType> {
        self.0.iter().map(|key| key.sql_type).collect()
    }

    /// The keys, to be selected.
    pub(super) fn keys(&self) -> Vec<Expr> {
        self.0.iter().map(|key| key.order.key.clone()).collect()
    }

    /// ORDER BY.
    pub(super) fn order(&self) -> Vec<Order> {
        self.0.iter().map(|key| key.order.clone()).collect()
    }

    /// The same order from its end.
    pub(super) fn reversed(&self) -> Self {
        Self(self.0.iter().map(Key::reversed).collect())
    }

    /// A number that stands for the sources of the query and this order of them, whatever is asked of the rows.
    ///
    /// # Errors
    /// [`Mapping`](ErrorKind::Mapping) for a mistake in an expression.
    pub(super) fn mark(&self, ast: &sql::Select) -> Result<u64> {
        let shape = sql::Select {
            list: Cow::Borrowed(&[]),
            values: Vec::new(),
            filter: Vec::new(),
            lock: None,
            distinct: false,
            order: self.order(),
            ..ast.clone()
        };
        let statement = shape.render().map_err(|why| Error::new(ErrorKind::Mapping, why))?;
        let types: Vec<&str> = self.0.iter().map(|key| key.sql_type.name()).collect();
        let values = statement.params.iter().map(|param| param.raw().ok().flatten().unwrap_or_default());
        Ok(mark(
            [statement.text.as_bytes()].into_iter().chain(types.iter().map(|ty| ty.as_bytes())).chain(values),
        ))
    }

    /// The rows behind a place.
    ///
    /// Keys that go in one direction and are never `NULL` are compared as one row, for which the server has an index; others one by
    /// one, with the first of them once more in front, for the same reason.
    pub(super) fn behind(&self, place: &Place) -> Expr {
        let inclusive = place.side == Side::Before;
        let descending = self.0[0].order.descending;
        if self.0.iter().all(|key| !key.nullable && key.order.descending == descending) {
            return self.behind_row(&place.values, descending, inclusive);
        }
        let pairs = self.0.iter().zip(&place.values).rev();
        let innermost = if inclusive { Expr::And(Vec::new()) } else { Expr::Or(Vec::new()) };
        let behind = pairs.fold(innermost, |inner, (key, value)| {
            let param = value.as_ref().map(|_| key.param(value));
            or(key.behind(param.clone()), and(key.equal(param), inner))
        });
        match (&self.0[0], &place.values[0]) {
            (key, Some(_)) if !key.nullable => {
                let op = if descending { "<=" } else { ">=" };
                let bound = Expr::binary(op, key.order.key.clone(), Expr::Bind(key.param(&place.values[0])));
                Expr::And(vec![bound, behind])
            }
            _ => behind,
        }
    }

    fn behind_row(&self, values: &Values, descending: bool, inclusive: bool) -> Expr {
        let op = match (descending, inclusive) {
            (false, false) => ">",
            (false, true) => ">=",
            (true, false) => "<",
            (true, true) => "<=",
        };
        let binds = self.0.iter().zip(values).map(|(key, value)| Expr::Bind(key.param(value)));
        match (&self.keys()[..], &binds.collect::<Vec<_>>()[..]) {
            ([key], [bind]) => Expr::binary(op, key.clone(), bind.clone()),
            (keys, binds) => Expr::binary(op, Expr::Row(keys.to_vec()), Expr::Row(binds.to_vec())),
        }
    }
}

impl Key {
    /// `None` where its type is not known.
    fn of(order: &Order, sources: &[Source<'_>]) -> Option<Self> {
        let column = column_of(&order.key).and_then(|(number, name)| {
            let source = sources.get(number)?;
            let column = source.mapper.def.columns.iter().find(|column| column.name == name)?;
            Some((column.sql_type, column.nullable || source.missable))
        });
        let (sql_type, nullable) = column.or_else(|| Some((order.sql_type?, true)))?;
        Some(Self { order: order.clone(), sql_type, nullable })
    }

    /// Whether `NULL` comes behind all values.
    fn is_null_last(&self) -> bool {
        self.order.nulls.map_or(!self.order.descending, |nulls| nulls == Nulls::Last)
    }

    fn reversed(&self) -> Self {
        let nulls = match (self.order.nulls, self.is_null_last()) {
            (None, _) => None, // where `NULL` is the largest value, it stays that
            (Some(_), true) => Some(Nulls::First),
            (Some(_), false) => Some(Nulls::Last),
        };
        let order = Order { descending: !self.order.descending, nulls, ..self.order.clone() };
        Self { order, ..self.clone() }
    }

    fn param(&self, value: &Option<bytes::Bytes>) -> Param {
        Param::encoded(self.sql_type, value.clone())
    }

    /// The rows whose key comes behind a value.
    fn behind(&self, value: Option<Param>) -> Expr {
        let key = || self.order.key.clone();
        let is_null = Expr::IsNull(Box::new(key()));
        let Some(value) = value else {
            return match self.is_null_last() {
                true => Expr::Or(Vec::new()),
                false => Expr::Not(Box::new(is_null)),
            };
        };
        let op = if self.order.descending { "<" } else { ">" };
        let behind = Expr::binary(op, key(), Expr::Bind(value));
        if self.nullable && self.is_null_last() { Expr::Or(vec![behind, is_null]) } else { behind }
    }

    /// The rows whose key is a value.
    fn equal(&self, value: Option<Param>) -> Expr {
        let key = self.order.key.clone();
        match value {
            Some(value) => Expr::binary("=", key, Expr::Bind(value)),
            None => Expr::IsNull(Box::new(key)),
        }
    }
}

/// The sources of a query, in their order.
///
/// # Errors
/// The name of a table that no model has.
fn sources<'r>(ast: &sql::Select, registry: &'r Registry) -> Result<Vec<Source<'r>>, TableName<'static>> {
    let mut sources = Vec::with_capacity(1 + ast.joins.len());
    // Rows that stand in no table may be there twice, also those of models.
    let source = |table, is_derived: bool, missable| {
        let mapper = registry.mapper_of(table).filter(|_| !is_derived).ok_or(table)?;
        Ok::<_, TableName<'static>>(Source { mapper, missable })
    };
    sources.push(source(ast.table, ast.derived.is_some(), false)?);
    for join in &ast.joins {
        if join.kind.keeps_added() {
            sources.iter_mut().for_each(|before| before.missable = true);
        }
        sources.push(source(join.table, join.derived.is_some(), join.kind.keeps_before())?);
    }
    Ok(sources)
}

/// The number of the source and the name of the column, where an expression is one.
fn column_of(expr: &Expr) -> Option<(usize, &'static str)> {
    match expr {
        Expr::Column(name) => Some((0, name)),
        Expr::At { place: (0, number), expr } => match **expr {
            Expr::Column(name) => Some((*number, name)),
            _ => None,
        },
        _ => None,
    }
}

/// A column of one of several sources.
fn placed(number: usize, column: &'static str, sources: usize) -> Expr {
    match sources {
        1 => Expr::Column(column),
        _ => Expr::At { place: (0, number), expr: Box::new(Expr::Column(column)) },
    }
}

/// `a OR b`, without what is false.
fn or(a: Expr, b: Expr) -> Expr {
    match (a, b) {
        (Expr::Or(none), other) | (other, Expr::Or(none)) if none.is_empty() => other,
        (a, b) => Expr::Or(vec![a, b]),
    }
}

/// `a AND b`, without what is true; false where `b` is.
fn and(a: Expr, b: Expr) -> Expr {
    match b {
        Expr::Or(none) if none.is_empty() => Expr::Or(none),
        Expr::And(all) if all.is_empty() => a,
        b => Expr::And(vec![a, b]),
    }
}
