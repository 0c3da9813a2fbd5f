//! Conditions, and the one walker that turns them into text and bound values.

use super::common::Written;
use super::ident::{push_quoted, push_table};
use super::literals::literal_of;
use super::placeholders::placeholders;
use super::{Call, Nulls, Param, Select};
use crate::schema::TableName;
use std::fmt::Write;

/// A condition or value in SQL.
///
/// Columns carry no table: they belong to the scope in which they stand, the outermost table or the table
/// of the nearest [`Exists`], so that the same condition works at any depth.
#[derive(Clone, Debug)]
pub enum Expr {
    /// A column of the scope.
    Column(&'static str),
    /// A bound value.
    Bind(Param),
    /// `left op right`
    Binary {
        /// The operator, written by this crate.
        op: &'static str,
        /// The left side.
        left: Box<Self>,
        /// The right side.
        right: Box<Self>,
    },
    /// `value IN (SELECT unnest(array))`
    ///
    /// Not `value = ANY(array)`: a plan that PostgreSQL made for any array while the table was small compares each row with
    /// each element for as long as it is cached.
    Any {
        /// The value.
        value: Box<Self>,
        /// The array.
        array: Param,
        /// The type, written by this crate, as which its texts are read.
        read_as: Option<&'static str>,
    },
    /// `(a, b) IN` the rows that the arrays make together.
    InRows {
        /// The columns.
        columns: Vec<&'static str>,
        /// An array a column.
        arrays: Vec<Param>,
    },
    /// `(a, b) IN (SELECT …)`
    InSelect {
        /// The columns.
        columns: Vec<&'static str>,
        /// The rows; its columns belong to its own table.
        select: Box<Select>,
    },
    /// `(a, b)`, compared with another row.
    Row(Vec<Self>),
    /// `value IS NULL`
    IsNull(Box<Self>),
    /// `NOT condition`
    Not(Box<Self>),
    /// All of them; none at all is true.
    And(Vec<Self>),
    /// One of them; none at all is false.
    Or(Vec<Self>),
    /// `EXISTS (…)` along a relation.
    Exists(Box<Exists>),
    /// `(SELECT count(*) …)` along a relation.
    Aggregate(Box<Aggregate>),
    /// `name(a, b)`
    Call {
        /// The function, written by this crate.
        name: &'static str,
        /// What it is given.
        arguments: Vec<Self>,
    },
    /// `array[at]`
    Element {
        /// The array.
        array: Box<Self>,
        /// The place, from 1.
        at: Param,
    },
    /// `array[from:to]`
    Slice {
        /// The array.
        array: Box<Self>,
        /// The first place, where it is not the beginning.
        from: Option<Param>,
        /// The last place, where it is not the end.
        to: Option<Param>,
    },
    /// `CAST(value AS type)`
    Cast {
        /// The value.
        value: Box<Self>,
        /// The type, written by this crate.
        to: &'static str,
    },
    /// `CASE WHEN condition THEN then ELSE otherwise END`
    Case {
        /// The condition.
        condition: Box<Self>,
        /// The value where it is met.
        then: Box<Self>,
        /// The value where it is not.
        otherwise: Box<Self>,
    },
    /// `CASE WHEN condition THEN value … ELSE otherwise END`
    When {
        /// The conditions and their values.
        arms: Vec<(Self, Self)>,
        /// The value where none is met.
        otherwise: Option<Box<Self>>,
    },
    /// `(SELECT …)`, a query that gives one value.
    Subquery(Box<Select>),
    /// `EXISTS (SELECT …)`, of any query.
    ExistsQuery(Box<Select>),
    /// `value IN (SELECT …)`
    InQuery {
        /// The value.
        value: Box<Self>,
        /// The query, of one column.
        select: Box<Select>,
    },
    /// `count(DISTINCT a) FILTER (WHERE …) OVER (…)`
    Over(Box<Call>),
    /// SQL text of the program's own, with its values.
    Text {
        /// The text; `$1` is the first of these values.
        text: &'static str,
        /// The values.
        params: Vec<Param>,
    },
    /// A mistake in the models, told when the query runs.
    Invalid(String),
    /// What is asked of a row of one source of a query.
    At {
        /// How many queries further out the source stands, and its number there.
        place: (usize, usize),
        /// What is asked; its columns are those of the source.
        expr: Box<Self>,
    },
}

/// Rows of a table that belong to the row of the scope.
#[derive(Clone, Debug)]
pub struct Exists {
    /// The table.
    pub table: TableName<'static>,
    /// An association table between the two.
    pub through: Option<Through>,
    /// Pairs of columns that are equal: of `table`, and of the scope, or of the association table.
    pub on: Vec<(String, String)>,
    /// A condition on the rows of `table`.
    pub filter: Option<Expr>,
    /// The most of them that count, where it is asked whether there are any.
    pub limit: Option<i64>,
    /// How many of them do not count.
    pub offset: Option<i64>,
}

/// One value made of all rows that belong to the row of the scope.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// The function, written by this crate.
    pub function: &'static str,
    /// What of each row goes into it; all of the row when it is `None`.
    pub value: Option<Expr>,
    /// The type that the result gets, written by this crate.
    pub cast: Option<&'static str>,
    /// The rows.
    pub rows: Exists,
}

/// An association table inside [`Exists`].
#[derive(Clone, Debug)]
pub struct Through {
    /// The table.
    pub table: TableName<'static>,
    /// Pairs of columns that are equal: of the association table, and of the scope.
    pub on: Vec<(String, String)>,
    /// A condition on the rows of the association table.
    pub filter: Option<Expr>,
}

impl Expr {
    /// Whether it is about one row alone, and not about rows that belong to it.
    pub fn is_of_row(&self) -> bool {
        let asks_others = matches!(
            self,
            Self::InSelect { .. }
                | Self::Exists(_)
                | Self::Aggregate(_)
                | Self::Over(_)
                | Self::Subquery(_)
                | Self::ExistsQuery(_)
                | Self::InQuery { .. }
                | Self::Text { .. }
        );
        !asks_others && self.parts().into_iter().all(Self::is_of_row)
    }

    /// The values of a condition by which some columns are equal to one each; `None` for any other condition.
    pub(crate) fn equated(&self) -> Option<Vec<Param>> {
        let Self::And(parts) = self else { return None };
        let value = |part: &Self| match part {
            Self::Binary { op: "=", left, right } => match (&**left, &**right) {
                (Self::Column(_), Self::Bind(value)) => Some(value.clone()),
                _ => None,
            },
            _ => None,
        };
        parts.iter().map(value).collect()
    }

    /// The expressions in it that are about the same row.
    pub(super) fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Column(_) | Self::Bind(_) | Self::InRows { .. } | Self::Text { .. } | Self::Invalid(_) => {
                Vec::new()
            }
            Self::InSelect { .. } | Self::Exists(_) | Self::Aggregate(_) => Vec::new(),
            Self::Over(_) | Self::Subquery(_) | Self::ExistsQuery(_) => Vec::new(),
            Self::Binary { op: _, left, right } => vec![left, right],
            Self::Any { value, array: _, read_as: _ }
            | Self::Cast { value, to: _ }
            | Self::Element { array: value, at: _ }
            | Self::Slice { array: value, from: _, to: _ }
            | Self::InQuery { value, select: _ } => {
                vec![value]
            }
            Self::IsNull(inner) | Self::Not(inner) | Self::At { place: _, expr: inner } => vec![inner],
            Self::Row(parts)
            | Self::And(parts)
            | Self::Or(parts)
            | Self::Call { name: _, arguments: parts } => parts.iter().collect(),
            Self::Case { condition, then, otherwise } => vec![condition, then, otherwise],
            Self::When { arms, otherwise } => {
                let arms = arms.iter().flat_map(|(condition, value)| [condition, value]);
                arms.chain(otherwise.as_deref()).collect()
            }
        }
    }
}

/// What is said of a query that asks rows around it, where there are none.
const OUTSIDE: &str = "a query that asks rows of the one around it runs inside of that one alone: as a subquery, or by `join_lateral`";

/// Writes SQL text and collects the bound values.
#[derive(Debug, Default)]
pub struct Renderer {
    pub(super) text: String,
    params: Vec<Param>,
    /// The names of the sources of each query around, innermost last; a column alone belongs to the first of the innermost.
    pub(super) frames: Vec<Vec<String>>,
    aliases: usize,
    /// How many values are bound before.
    bound: usize,
    /// Whether the values of many rows travel as the columns of `v`.
    rows: bool,
    /// Whether equal values are one value: what is grouped by has to be the same expression wherever it stands.
    pub(super) grouped: bool,
    /// What stands in front of the statement.
    pub(super) commons: Vec<Written>,
    /// Whether the text is a part of a statement, which nothing can stand in front of.
    is_part: bool,
    /// Whether values are written as text: they have to be those of an index, which has no values that are bound.
    literal: bool,
    /// Whether values are settings of the transaction: some statements take no others.
    settings: bool,
    /// Whether the text is the definition of a view, where nothing can be bound.
    definition: bool,
    invalid: Option<String>,
}

/// A text of up to so many bytes is written without being moved.
const USUAL: usize = 256;

impl Renderer {
    /// A renderer whose columns belong to a table that is known by this name.
    pub fn new(name: &str) -> Self {
        let text = String::with_capacity(USUAL);
        Self { text, frames: vec![vec![super::quote(name)]], ..Self::default() }
    }

    /// A renderer that writes values into the text.
    pub(super) fn of_definition(name: &str) -> Self {
        Self { definition: true, ..Self::new(name) }
    }

    /// A renderer of expressions over the one row of an UPDATE that binds some values already.
    pub(super) fn of_row(bound: usize) -> Self {
        Self { frames: vec![vec![String::new()]], bound, is_part: true, ..Self::default() }
    }

    /// A renderer of expressions over the rows `t` of an UPDATE that takes its values from `v`.
    pub(super) fn of_rows(bound: usize) -> Self {
        let frames = vec![vec![String::new()], vec!["t".to_owned()]];
        Self { frames, bound, rows: true, is_part: true, ..Self::default() }
    }

    /// The same, behind values that are bound already; columns belong to this alias of the table, when it has one.
    pub(super) fn behind(mut self, bound: usize, alias: Option<&str>) -> Self {
        self.frames.extend(alias.map(|alias| vec![alias.to_owned()]));
        Self { bound, is_part: true, ..self }
    }

    /// The text of one expression, and its values.
    pub(super) fn expr_of_row(mut self, expr: &Expr) -> (String, Vec<Param>) {
        self.expr(expr);
        (self.text, self.params)
    }

    /// Appends text that this crate wrote.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Takes equal values for one from here on.
    pub(super) const fn group(&mut self) {
        self.grouped = true;
    }

    /// Appends a quoted name.
    pub fn name(&mut self, name: &str) -> &mut Self {
        push_quoted(&mut self.text, name);
        self
    }

    /// Appends the quoted name of a table, with its schema.
    pub fn table_name(&mut self, table: TableName<'_>) -> &mut Self {
        push_table(&mut self.text, table);
        self
    }

    /// The same, whose values are settings of the transaction.
    pub(super) fn with_settings(self) -> Self {
        Self { settings: true, ..self }
    }

    /// Writes values as text in what `write` appends; see [`Param::literal`].
    pub(super) fn literally(&mut self, write: impl FnOnce(&mut Self) -> &mut Self) -> &mut Self {
        self.literal = true;
        write(self).literal = false;
        self
    }

    /// Takes values over that stand in the text already.
    pub(super) fn bound(&mut self, params: &[Param]) -> &mut Self {
        self.params.extend_from_slice(params);
        self
    }

    fn literal(&mut self, param: &Param) -> &mut Self {
        match param.literal() {
            Ok(text) => self.push(&text),
            Err(why) => self.invalid(why),
        }
    }

    /// Appends `$n` for a value, with a cast where only that says its type, or `v.cn` where it is one of many rows.
    pub fn bind(&mut self, param: Param) -> &mut Self {
        if self.literal {
            return self.literal(&param);
        }
        if self.definition {
            match literal_of(&param) {
                Ok(literal) => self.text.push_str(&literal),
                Err(why) => self.invalid = Some(why),
            }
            return self;
        }
        let known = if self.grouped { self.params.iter().position(|known| *known == param) } else { None };
        let before = self.bound + known.unwrap_or(self.params.len());
        if self.settings {
            self.setting(before, &param);
        }
        let _ = match (self.rows, param.cast()) {
            _ if self.settings => Ok(()),
            (true, _) => write!(self.text, "v.c{before}"),
            (false, Some(ty)) => write!(self.text, "${}::{ty}", before + 1),
            (false, None) => write!(self.text, "${}", before + 1),
        };
        if known.is_none() {
            self.params.push(param);
        }
        self
    }

    /// Text of the program's own, whose placeholders get the numbers that they have here.
    fn text(&mut self, text: &str, params: &[Param]) -> &mut Self {
        let mut end = 0;
        for (place, number) in placeholders(text) {
            self.push(&text[end..place.start]);
            match number.checked_sub(1).and_then(|at| params.get(at)) {
                Some(param) => self.bind(param.clone()),
                None => self.push(&text[place.clone()]),
            };
            end = place.end;
        }
        self.push(&text[end..])
    }

    /// Appends a condition.
    pub fn expr(&mut self, expr: &Expr) -> &mut Self {
        match expr {
            Expr::Column(name) => self.column(name),
            Expr::Bind(param) => self.bind(param.clone()),
            Expr::Binary { op, left, right } => {
                self.operand(left).push(" ").push(op).push(" ").operand(right)
            }
            Expr::Any { value, array, read_as: None } => {
                self.operand(value).push(" IN (").unnest(std::slice::from_ref(array)).push(")")
            }
            Expr::Any { value, array, read_as: Some(ty) } => {
                self.operand(value).push(" IN (SELECT CAST(unnest(").bind(array.clone());
                self.push(") AS ").push(ty).push("))")
            }
            Expr::Text { text, params } => self.push("(").text(text, params).push(")"),
            Expr::InRows { columns, arrays } => self.in_rows(columns, arrays),
            Expr::InSelect { columns, select } => self.row(columns).push(" IN (").chosen(select).push(")"),
            Expr::Row(parts) => self.push("(").list(parts).push(")"),
            Expr::IsNull(value) => self.operand(value).push(" IS NULL"),
            Expr::Not(inner) => match &**inner {
                Expr::IsNull(value) => self.operand(value).push(" IS NOT NULL"),
                inner => self.push("NOT (").expr(inner).push(")"),
            },
            Expr::And(parts) => self.all(parts),
            Expr::Or(parts) => self.chain(parts, " OR ", "false"),
            Expr::Exists(exists) => self.exists(exists),
            Expr::Aggregate(aggregate) => self.aggregate(aggregate),
            Expr::Over(call) => self.call(call),
            Expr::When { arms, otherwise } => {
                self.push("CASE");
                for (condition, value) in arms {
                    self.push(" WHEN ").expr(condition).push(" THEN ").expr(value);
                }
                if let Some(otherwise) = otherwise {
                    self.push(" ELSE ").expr(otherwise);
                }
                self.push(" END")
            }
            Expr::Subquery(select) => self.push("(").select(select).push(")"),
            Expr::ExistsQuery(select) => self.push("EXISTS (").select(select).push(")"),
            Expr::InQuery { value, select } => self.operand(value).push(" IN (").select(select).push(")"),
            Expr::Call { name, arguments } => {
                self.push(name).push("(");
                for (i, argument) in arguments.iter().enumerate() {
                    self.push(if i == 0 { "" } else { ", " }).expr(argument);
                }
                self.push(")")
            }
            Expr::Element { array, at } => self.array(array).push("[").bind(at.clone()).push("]"),
            Expr::Slice { array, from, to } => {
                self.array(array).push("[");
                if let Some(from) = from {
                    self.bind(from.clone());
                }
                self.push(":");
                if let Some(to) = to {
                    self.bind(to.clone());
                }
                self.push("]")
            }
            Expr::Cast { value, to } => self.push("CAST(").expr(value).push(" AS ").push(to).push(")"),
            Expr::Case { condition, then, otherwise } => {
                self.push("CASE WHEN ").expr(condition).push(" THEN ").expr(then);
                self.push(" ELSE ").expr(otherwise).push(" END")
            }
            Expr::Invalid(why) => self.invalid(why.clone()),
            Expr::At { place, expr } => match self.name_at(*place) {
                Some(name) => self.within(&name).expr(expr).leave(),
                None => self.invalid(OUTSIDE.to_owned()),
            },
        }
    }

    /// An array that a place in it follows.
    fn array(&mut self, array: &Expr) -> &mut Self {
        match array {
            Expr::Column(name) => self.column(name),
            other => self.push("(").expr(other).push(")"),
        }
    }

    /// Notes a mistake, which the statement has as a whole.
    pub(super) fn invalid(&mut self, why: String) -> &mut Self {
        self.invalid.get_or_insert(why);
        self.push("false")
    }

    /// The name of a source: how many queries further out it stands, and its number there.
    fn name_at(&self, (out, number): (usize, usize)) -> Option<String> {
        self.frames.iter().rev().nth(out)?.get(number).cloned()
    }

    /// Conditions that all hold.
    pub(super) fn all(&mut self, conditions: &[Expr]) -> &mut Self {
        self.chain(conditions, " AND ", "true")
    }

    /// `"a"`, or `("a", "b")`
    fn row(&mut self, columns: &[&str]) -> &mut Self {
        if let [column] = columns {
            return self.column(column);
        }
        for (i, column) in columns.iter().enumerate() {
            self.push(if i == 0 { "(" } else { ", " }).column(column);
        }
        self.push(")")
    }

    fn in_rows(&mut self, columns: &[&str], arrays: &[Param]) -> &mut Self {
        self.row(columns).push(" IN (").unnest(arrays).push(")")
    }

    /// A whole SELECT, with names of its own.
    pub(super) fn select(&mut self, select: &Select) -> &mut Self {
        let (commons, start) = (self.commons.len(), self.text.len());
        let is_part = std::mem::replace(&mut self.is_part, false);
        self.frames.push(Vec::new());
        let root = self.source(select.table, select.alias);
        self.frames.last_mut().expect("it was pushed").push(root);
        select.render_into(self);
        self.is_part = is_part;
        if is_part {
            self.put_commons(commons, start);
        }
        self.leave()
    }

    /// What follows is about the table with this alias, until [`leave`](Self::leave).
    pub(super) fn within(&mut self, alias: &str) -> &mut Self {
        self.frames.push(vec![alias.to_owned()]);
        self
    }

    /// Ends [`within`](Self::within).
    pub(super) fn leave(&mut self) -> &mut Self {
        self.frames.pop();
        self
    }

    /// ` AND (…)` for each condition on the table with this alias.
    pub(super) fn and(&mut self, alias: &str, conditions: &[Expr]) -> &mut Self {
        self.within(alias);
        for condition in conditions {
            self.push(" AND (").expr(condition).push(")");
        }
        self.leave()
    }

    /// A name made by us: letters and a number.
    pub(super) fn numbered(&mut self, letters: &str, number: usize) -> &mut Self {
        let _ = write!(self.text, "{letters}{number}");
        self
    }

    /// ` RETURNING a, b`, of any values.
    pub(super) fn returning_values(&mut self, values: &[Expr]) -> &mut Self {
        if values.is_empty() { self } else { self.push(" RETURNING ").list(values) }
    }

    /// ` ORDER BY …`
    pub(super) fn order(&mut self, order: &[super::Order]) -> &mut Self {
        if order.is_empty() { self } else { self.push(" ").order_terms(order) }
    }

    /// `ORDER BY …`
    pub(super) fn order_terms(&mut self, order: &[super::Order]) -> &mut Self {
        for (i, order) in order.iter().enumerate() {
            self.push(if i == 0 { "ORDER BY " } else { ", " }).order_term(order);
        }
        self
    }

    /// `"name" DESC`
    pub(super) fn order_term(&mut self, order: &super::Order) -> &mut Self {
        self.expr(&order.key).push(if order.descending { " DESC" } else { "" });
        self.push(match order.nulls {
            None => "",
            Some(Nulls::First) => " NULLS FIRST",
            Some(Nulls::Last) => " NULLS LAST",
        })
    }

    /// ` LIMIT … OFFSET …`
    pub(super) fn limit(&mut self, limit: Option<i64>, offset: Option<i64>) -> &mut Self {
        if let Some(limit) = limit {
            self.push(" LIMIT ").bind(Param::int8(limit));
        }
        if let Some(offset) = offset {
            self.push(" OFFSET ").bind(Param::int8(offset));
        }
        self
    }

    pub(super) fn column(&mut self, name: &str) -> &mut Self {
        let frame = &self.frames[self.frames.len() - 1];
        if self.frames.len() > 1 || frame.len() > 1 {
            self.text.push_str(&frame[0]);
            self.text.push('.');
        }
        self.name(name)
    }

    fn operand(&mut self, expr: &Expr) -> &mut Self {
        match expr {
            Expr::At { place, expr } => match self.name_at(*place) {
                Some(name) => self.within(&name).operand(expr).leave(),
                None => self.invalid(OUTSIDE.to_owned()),
            },
            Expr::Binary { .. }
            | Expr::And(_)
            | Expr::Or(_)
            | Expr::Not(_)
            | Expr::IsNull(_)
            | Expr::Any { .. }
            | Expr::InRows { .. }
            | Expr::InQuery { .. }
            | Expr::InSelect { .. } => self.push("(").expr(expr).push(")"),
            expr => self.expr(expr),
        }
    }

    fn chain(&mut self, parts: &[Expr], joint: &str, empty: &str) -> &mut Self {
        match parts {
            [] => self.push(empty),
            [one] => self.expr(one),
            parts => {
                for (i, part) in parts.iter().enumerate() {
                    if i > 0 {
                        self.push(joint);
                    }
                    match part {
                        Expr::And(_) | Expr::Or(_) => self.push("(").expr(part).push(")"),
                        part => self.expr(part),
                    };
                }
                self
            }
        }
    }

    fn exists(&mut self, exists: &Exists) -> &mut Self {
        let inner = self.alias();
        self.push("EXISTS (SELECT").rows_of(exists, &inner).limit(exists.limit, exists.offset).push(")")
    }

    fn aggregate(&mut self, aggregate: &Aggregate) -> &mut Self {
        let inner = self.alias();
        self.push(if aggregate.cast.is_some() { "(SELECT CAST(" } else { "(SELECT " });
        self.push(aggregate.function).push("(");
        match &aggregate.value {
            Some(value) => self.within(&inner).expr(value).leave(),
            None => self.push("*"),
        };
        self.push(")");
        if let Some(to) = aggregate.cast {
            self.push(" AS ").push(to).push(")");
        }
        self.rows_of(&aggregate.rows, &inner).push(")")
    }

    /// ` FROM … WHERE …`, the rows under this alias.
    fn rows_of(&mut self, exists: &Exists, inner: &str) -> &mut Self {
        let outer = self.frames[self.frames.len() - 1][0].clone();
        self.push(" FROM ").table_name(exists.table).push(" AS ").push(inner);
        let parent = match &exists.through {
            None => outer,
            Some(through) => {
                let link = self.alias();
                self.push(" JOIN ").table_name(through.table).push(" AS ").push(&link).push(" ON ");
                self.equal(inner, &link, &exists.on);
                self.push(" WHERE ").equal(&link, &outer, &through.on);
                self.and(&link, through.filter.as_slice());
                link
            }
        };
        if exists.through.is_none() {
            self.push(" WHERE ").equal(inner, &parent, &exists.on);
        }
        self.and(inner, exists.filter.as_slice())
    }

    /// The name by which a source is known here: what was asked for, its table's name, or one of ours where that is taken,
    /// as it is where two schemas have a table of this name.
    pub(super) fn source(&mut self, table: TableName<'_>, alias: Option<&str>) -> String {
        let plain = alias.unwrap_or(table.name);
        let name = super::quote(plain);
        // Names of ours stand there without quotes.
        match self.frames.iter().flatten().any(|known| *known == name || known == plain) {
            true => self.alias(),
            false => name,
        }
    }

    /// The names of the sources of the innermost query.
    pub(super) fn sources(&self) -> &[String] {
        &self.frames[self.frames.len() - 1]
    }

    /// One more source of the innermost query.
    pub(super) fn add_source(&mut self, name: String) {
        if let Some(frame) = self.frames.last_mut() {
            frame.push(name);
        }
    }

    /// A name of ours, which no source around has.
    pub(super) fn alias(&mut self) -> String {
        loop {
            self.aliases += 1;
            let name = format!("t{}", self.aliases);
            if !self.frames.iter().flatten().any(|known| known.trim_matches('"') == name) {
                return name;
            }
        }
    }

    /// `left."a" = right."b" AND …`
    pub(super) fn equal<S: AsRef<str>>(&mut self, left: &str, right: &str, pairs: &[(S, S)]) -> &mut Self {
        for (i, (a, b)) in pairs.iter().enumerate() {
            if i > 0 {
                self.push(" AND ");
            }
            self.push(left).push(".").name(a.as_ref());
            self.push(" = ").push(right).push(".").name(b.as_ref());
        }
        self
    }

    /// The statement.
    ///
    /// # Errors
    /// The mistake of an [`Expr::Invalid`].
    pub fn finish(mut self) -> Result<super::Statement, String> {
        self.put_commons(0, 0);
        match self.invalid {
            Some(why) => Err(why),
            None => Ok(super::Statement { text: self.text.into(), params: self.params }),
        }
    }
}
