//! Calls of functions that look at several rows: aggregates and windows.

use super::{Expr, Order, Param, Renderer};

/// A call of an aggregate or of a window function.
#[derive(Clone, Debug)]
pub struct Call {
    /// The function, written by this crate.
    pub name: &'static str,
    /// What of each row goes into it; `*` when there is nothing and it [counts rows](Self::of_rows).
    pub arguments: Vec<Expr>,
    /// Whether it is `count(*)`.
    pub of_rows: bool,
    /// Whether equal values count once.
    pub distinct: bool,
    /// The order in which the values come.
    pub order: Vec<Order>,
    /// Whether the ordered values are what it is made of: `WITHIN GROUP (ORDER BY …)`.
    pub is_ordered_set: bool,
    /// Which rows count.
    pub filter: Option<Expr>,
    /// The rows beside the own one that count, when it is no aggregate of a group.
    pub window: Option<Window>,
}

/// The rows that a window function sees.
#[derive(Clone, Debug, Default)]
pub struct Window {
    /// Rows with the same values of these.
    pub partition: Vec<Expr>,
    /// In this order.
    pub order: Vec<Order>,
    /// Which of them, where it is not up to the own row.
    pub frame: Option<Frame>,
}

/// Which rows of a window count.
#[derive(Clone, Debug)]
pub struct Frame {
    /// `ROWS`, `RANGE` or `GROUPS`.
    pub unit: &'static str,
    /// The first and the last one.
    pub ends: [FrameEnd; 2],
    /// Which of them do not count, written by this crate.
    pub exclude: Option<&'static str>,
}

/// Where a frame begins or ends.
#[derive(Clone, Debug)]
pub enum FrameEnd {
    /// Text that this crate wrote.
    Written(String),
    /// A distance, and whether it is before the row or behind it.
    Distance(Param, &'static str),
}

impl Call {
    /// A call with some arguments.
    pub const fn new(name: &'static str, arguments: Vec<Expr>) -> Self {
        Self {
            name,
            arguments,
            of_rows: false,
            distinct: false,
            order: Vec::new(),
            is_ordered_set: false,
            filter: None,
            window: None,
        }
    }

    /// Why PostgreSQL has no such call.
    pub fn refused(&self) -> Option<String> {
        let what = match (self.is_ordered_set, self.order.len(), &self.window) {
            (false, ..) => return None,
            _ if self.distinct => "counts each value, also equal ones: leave `distinct()` out",
            (_, 2.., _) => "has the order of its value: leave `order_by(…)` out",
            (_, _, Some(_)) => "is made of whole groups and not of windows: leave `over(…)` out",
            _ => return None,
        };
        Some(format!("`{}` {what}", self.name))
    }

    /// All expressions in it.
    pub(super) fn parts_mut(&mut self) -> impl Iterator<Item = &mut Expr> {
        let Self { name: _, arguments, of_rows: _, distinct: _, order, is_ordered_set: _, filter, window } =
            self;
        let (partition, sorted) = match window {
            Some(Window { partition, order, frame: _ }) => (&mut partition[..], &mut order[..]),
            None => (&mut [][..], &mut [][..]),
        };
        let orders = order.iter_mut().chain(sorted).map(|order| &mut order.key);
        arguments.iter_mut().chain(filter).chain(partition).chain(orders)
    }
}

impl Renderer {
    pub(super) fn call(&mut self, call: &Call) -> &mut Self {
        let Call { name, arguments, of_rows, distinct, order, is_ordered_set, filter, window } = call;
        self.push(name).push(if *distinct { "(DISTINCT " } else { "(" }).push(if *of_rows {
            "*"
        } else {
            ""
        });
        self.list(arguments);
        match is_ordered_set {
            true => self.push(") WITHIN GROUP (").order_terms(order).push(")"),
            false => self.order(order).push(")"),
        };
        if let Some(filter) = filter {
            self.push(" FILTER (WHERE ").expr(filter).push(")");
        }
        let Some(Window { partition, order, frame }) = window else { return self };
        self.push(" OVER (");
        if !partition.is_empty() {
            self.push("PARTITION BY ").list(partition);
        }
        if !order.is_empty() {
            self.push(if partition.is_empty() { "" } else { " " }).order_terms(order);
        }
        if let Some(frame) = frame {
            self.push(" ").frame(frame);
        }
        self.push(")")
    }

    /// `ROWS BETWEEN … AND … EXCLUDE …`
    fn frame(&mut self, frame: &Frame) -> &mut Self {
        let Frame { unit, ends: [from, to], exclude } = frame;
        self.push(unit).push(" BETWEEN ").frame_end(from).push(" AND ").frame_end(to);
        match exclude {
            Some(rows) => self.push(" EXCLUDE ").push(rows),
            None => self,
        }
    }

    fn frame_end(&mut self, end: &FrameEnd) -> &mut Self {
        match end {
            FrameEnd::Written(text) => self.push(text),
            FrameEnd::Distance(distance, side) => self.bind(distance.clone()).push(" ").push(side),
        }
    }

    /// `a, b`
    pub(super) fn list(&mut self, all: &[Expr]) -> &mut Self {
        for (i, expr) in all.iter().enumerate() {
            self.push(if i == 0 { "" } else { ", " }).expr(expr);
        }
        self
    }
}
