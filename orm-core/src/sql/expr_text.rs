//! How expressions are written.

use super::placeholders::placeholders;
use super::{Aggregate, Exists, Expr, Param, Renderer};

/// What is said of a query that asks rows around it, where there are none.
const OUTSIDE: &str = "a query that asks rows of the one around it runs inside of that one alone: as a subquery, or by `join_lateral`";

impl Renderer {
    /// Appends a condition.
    pub(crate) fn expr(&mut self, expr: &Expr) -> &mut Self {
        match expr {
            Expr::Column(name) => self.column(name),
            Expr::Bind(param) => self.bind(param.clone()),
            Expr::Binary { op, left, right } => {
                self.beside(left, right).push(" ").push(op).push(" ").beside(right, left)
            }
            Expr::Any { value, array, read_as: None } => {
                let array = named(array, value);
                self.operand(value).push(" IN (").unnest(std::slice::from_ref(&array)).push(")")
            }
            Expr::Any { value, array, read_as: Some(ty) } => {
                self.operand(value).push(" IN (SELECT CAST(unnest(").bind(named(array, value));
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

    /// Conditions that all hold.
    pub(super) fn all(&mut self, conditions: &[Expr]) -> &mut Self {
        self.chain(conditions, " AND ", "true")
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

    /// An array that a place in it follows.
    fn array(&mut self, array: &Expr) -> &mut Self {
        match array {
            Expr::Column(name) => self.column(name),
            other => self.push("(").expr(other).push(")"),
        }
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

    /// An operand of a comparison with another one: a value that cannot be sent is told of the column that it stands beside.
    fn beside(&mut self, expr: &Expr, other: &Expr) -> &mut Self {
        match expr {
            Expr::Bind(value) => self.bind(named(value, other)),
            expr => self.operand(expr),
        }
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
}

/// A value, which knows the column of the other operand when it cannot be sent.
fn named(value: &Param, other: &Expr) -> Param {
    match other {
        Expr::Column(name) => value.clone().beside(name),
        Expr::At { place: _, expr } => named(value, expr),
        _ => value.clone(),
    }
}
