//! The one writer of SQL: text, and the values that it binds.

use super::common::Written;
use super::ident::{push_quoted, push_table};
use super::literals::literal_of;
use super::{Expr, Nulls, Order, Param, Select, Statement};
use crate::schema::TableName;
use std::fmt::Write;

/// Writes SQL text and collects the bound values.
#[derive(Debug, Default)]
pub(crate) struct Renderer {
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
    pub(crate) fn new(name: &str) -> Self {
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
    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Takes equal values for one from here on.
    pub(super) const fn group(&mut self) {
        self.grouped = true;
    }

    /// Appends a quoted name.
    pub(crate) fn name(&mut self, name: &str) -> &mut Self {
        push_quoted(&mut self.text, name);
        self
    }

    /// Appends the quoted name of a table, with its schema.
    pub(crate) fn table_name(&mut self, table: TableName<'_>) -> &mut Self {
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
    pub(crate) fn bind(&mut self, param: Param) -> &mut Self {
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

    /// Notes a mistake, which the statement has as a whole.
    pub(super) fn invalid(&mut self, why: String) -> &mut Self {
        self.invalid.get_or_insert(why);
        self.push("false")
    }

    /// The name of a source: how many queries further out it stands, and its number there.
    pub(super) fn name_at(&self, (out, number): (usize, usize)) -> Option<String> {
        self.frames.iter().rev().nth(out)?.get(number).cloned()
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
    pub(super) fn order(&mut self, order: &[Order]) -> &mut Self {
        if order.is_empty() { self } else { self.push(" ").order_terms(order) }
    }

    /// `ORDER BY …`
    pub(super) fn order_terms(&mut self, order: &[Order]) -> &mut Self {
        for (i, order) in order.iter().enumerate() {
            self.push(if i == 0 { "ORDER BY " } else { ", " }).order_term(order);
        }
        self
    }

    /// `"name" DESC`
    pub(super) fn order_term(&mut self, order: &Order) -> &mut Self {
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
    pub(crate) fn finish(mut self) -> Result<Statement, String> {
        self.put_commons(0, 0);
        match self.invalid {
            Some(why) => Err(why),
            None => Ok(Statement { text: self.text.into(), params: self.params }),
        }
    }
}
