//! How the server runs a query, as EXPLAIN tells it.

use crate::error::{Error, ErrorKind, Result};
use crate::sql::quote;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// The plan of a query: what `explain()` and `explain_analyze()` give.
///
/// It is a tree for programs and tests, and shows itself in lines like those of `EXPLAIN`, with the same names of steps.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # Product::builder().sku("T-1").title("Tea").price_cents(390).build().insert(&engine).await?;
/// let by_key = select::<Product>().filter(Product::ID.eq(1)).explain(&engine).await?;
/// assert_eq!(by_key.root.index.as_deref(), Some("pk_product"));
///
/// let plan = select::<Product>().order_by(Product::PRICE_CENTS).explain_analyze(&engine).await?;
/// assert_eq!((&*plan.root.kind, &*plan.root.children[0].kind), ("Sort", "Seq Scan"));
/// assert_eq!(plan.root.actual.as_ref().unwrap().rows, 1.0);
/// assert!(plan.execution_time.is_some());
/// assert!(plan.nodes().any(|node| node.relation.as_deref() == Some("product")));
/// assert!(plan.to_string().contains("\n  ->  Seq Scan on product  (cost="));
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Plan {
    /// The last step, which gives the rows of the query.
    pub root: PlanNode,
    /// How long the server thought about it; only of `explain_analyze`.
    pub planning_time: Option<Duration>,
    /// How long it ran; only of `explain_analyze`.
    pub execution_time: Option<Duration>,
}

/// One step of a [`Plan`], with those that it takes its rows from.
///
/// ```
/// use orm_core::engine::PlanNode;
/// /// All tables that are read from their first row to their last.
/// fn scanned<'p>(node: &'p PlanNode, all: &mut Vec<&'p str>) {
///     all.extend(node.relation.as_deref().filter(|_| node.kind == "Seq Scan"));
///     node.children.iter().for_each(|child| scanned(child, all));
/// }
/// ```
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct PlanNode {
    /// What it does: `Seq Scan`, `Index Scan`, `Hash Join`, `Sort`, …
    pub kind: String,
    /// The kind of a join: `Inner`, `Left`, `Semi`, …
    pub join: Option<String>,
    /// The table that it reads.
    pub relation: Option<String>,
    /// The name of the table in the query.
    pub alias: Option<String>,
    /// The index that it uses.
    pub index: Option<String>,
    /// What the planner thinks that it takes, in units of its own.
    pub cost: Cost,
    /// How many rows the planner expects.
    pub rows: f64,
    /// How many bytes it expects of a row.
    pub width: f64,
    /// What happened; only of `explain_analyze`, and only of steps that were run.
    pub actual: Option<Actual>,
    /// All that the server said of the step, under its names, such as `Filter` or `Rows Removed by Filter`.
    pub details: Map<String, Value>,
    /// The steps that it takes its rows from.
    pub children: Vec<PlanNode>,
}

/// What the planner thinks that a step takes.
///
/// ```
/// use orm_core::engine::Cost;
/// fn is_dear(cost: Cost) -> bool {
///     cost.total - cost.startup > 10_000.0
/// }
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
#[non_exhaustive]
pub struct Cost {
    /// Until the first row.
    pub startup: f64,
    /// Until the last one.
    pub total: f64,
}

/// What a step took; each value is that of one run, where there were several.
///
/// ```
/// use orm_core::engine::PlanNode;
/// /// How far the planner was off.
/// fn error(node: &PlanNode) -> Option<f64> {
///     node.actual.as_ref().map(|actual| actual.rows / node.rows)
/// }
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
#[non_exhaustive]
pub struct Actual {
    /// Until the first row.
    pub startup: Duration,
    /// Until the last one.
    pub total: Duration,
    /// How many rows there were.
    pub rows: f64,
    /// How often it was run.
    pub loops: f64,
}

impl Plan {
    /// Reads what `EXPLAIN (FORMAT JSON)` said.
    ///
    /// # Errors
    /// [`Decode`](ErrorKind::Decode)
    pub(crate) fn read(said: &Value) -> Result<Self> {
        let plan = said.get(0).and_then(Value::as_object);
        let root = plan.and_then(|plan| plan.get("Plan")).and_then(PlanNode::read);
        let (Some(plan), Some(root)) = (plan, root) else {
            return Err(Error::new(ErrorKind::Decode, "the server's EXPLAIN is none that can be read"));
        };
        let (planning_time, execution_time) = (time(plan, "Planning Time"), time(plan, "Execution Time"));
        Ok(Self { root, planning_time, execution_time })
    }

    /// All steps, each before those that it takes its rows from.
    pub fn nodes(&self) -> impl Iterator<Item = &PlanNode> {
        let mut rest = vec![&self.root];
        std::iter::from_fn(move || {
            let node = rest.pop()?;
            rest.extend(node.children.iter().rev());
            Some(node)
        })
    }
}

impl PlanNode {
    fn read(said: &Value) -> Option<Self> {
        let said = said.as_object()?;
        let children = said.get("Plans").and_then(Value::as_array).into_iter().flatten();
        let actual = || {
            let (startup, total) = (time(said, "Actual Startup Time")?, time(said, "Actual Total Time")?);
            let (rows, loops) = (number(said, "Actual Rows")?, number(said, "Actual Loops")?);
            Some(Actual { startup, total, rows, loops })
        };
        let cost = Cost { startup: number(said, "Startup Cost")?, total: number(said, "Total Cost")? };
        Some(Self {
            kind: text(said, "Node Type")?,
            join: text(said, "Join Type"),
            relation: text(said, "Relation Name"),
            alias: text(said, "Alias"),
            index: text(said, "Index Name"),
            cost,
            rows: number(said, "Plan Rows")?,
            width: number(said, "Plan Width")?,
            actual: actual().filter(|actual| actual.loops > 0.0),
            details: said.iter().filter(|(name, _)| *name != "Plans").map(owned).collect(),
            children: children.map(Self::read).collect::<Option<_>>()?,
        })
    }

    /// What it is called in a plan of text, where strategy, join and direction are a part of the name.
    fn title(&self) -> String {
        let said = |name| self.details.get(name).and_then(Value::as_str);
        let kind = match (self.kind.as_str(), said("Strategy")) {
            ("Aggregate", Some("Hashed")) => "HashAggregate",
            ("Aggregate", Some("Sorted")) => "GroupAggregate",
            ("Aggregate", Some("Mixed")) => "MixedAggregate",
            ("SetOp", Some("Hashed")) => "HashSetOp",
            ("ModifyTable", _) => said("Operation").unwrap_or("ModifyTable"),
            (kind, _) => kind,
        };
        let before = match said("Partial Mode") {
            Some(mode @ ("Partial" | "Finalize")) => format!("{mode} "),
            _ if self.details.get("Parallel Aware") == Some(&Value::Bool(true)) => "Parallel ".to_owned(),
            _ => String::new(),
        };
        let kind = match self.join.as_deref() {
            None | Some("Inner") => kind.to_owned(),
            // `Hash Join` and `Nested Loop`: `Hash Left Join`, `Nested Loop Left Join`.
            Some(join) => format!("{} {join} Join", kind.strip_suffix(" Join").unwrap_or(kind)),
        };
        match (said("Scan Direction"), said("Command")) {
            (Some("Backward"), _) => format!("{before}{kind} Backward"),
            (_, Some(command)) => format!("{before}{kind} {command}"),
            _ => before + &kind,
        }
    }

    fn show(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        let margin = " ".repeat((6 * depth).saturating_sub(4));
        write!(f, "{margin}{}{self}", if depth == 0 { "" } else { "->  " })?;
        let margin = " ".repeat(6 * depth + 2);
        for (name, value) in &self.details {
            match value {
                _ if IN_THE_LINE.contains(&name.as_str()) => {}
                Value::String(text) => write!(f, "\n{margin}{name}: {text}")?,
                Value::Array(all) => {
                    let all: Vec<&str> = all.iter().filter_map(Value::as_str).collect();
                    write!(f, "\n{margin}{name}: {}", all.join(", "))?;
                }
                Value::Number(removed) if name.starts_with("Rows Removed") => {
                    write!(f, "\n{margin}{name}: {removed}")?;
                }
                _ => {}
            }
        }
        self.children.iter().try_for_each(|child| {
            writeln!(f)?;
            child.show(f, depth + 1)
        })
    }
}

/// Details that stand in the line of the step, or that say nothing to people.
const IN_THE_LINE: [&str; 15] = [
    "Alias",
    "CTE Name",
    "Command",
    "Function Name",
    "Index Name",
    "Join Type",
    "Node Type",
    "Operation",
    "Parent Relationship",
    "Partial Mode",
    "Relation Name",
    "Scan Direction",
    "Schema",
    "Sort Space Type",
    "Strategy",
];

/// A name as SQL has it: in quotes where it needs them.
fn named(name: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
    match name.bytes().all(is_plain) && !name.starts_with(|first: char| first.is_ascii_digit()) {
        true => name.into(),
        false => quote(name).into(),
    }
}

fn owned((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

fn text(said: &Map<String, Value>, name: &str) -> Option<String> {
    Some(said.get(name)?.as_str()?.to_owned())
}

fn number(said: &Map<String, Value>, name: &str) -> Option<f64> {
    said.get(name)?.as_f64()
}

fn time(said: &Map<String, Value>, name: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(number(said, name)? / 1000.0).ok()
}

/// Shows the step alone, in one line.
impl fmt::Display for PlanNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title())?;
        if let Some(index) = self.index.as_deref().filter(|_| self.relation.is_some()) {
            write!(f, " using {}", named(index))?;
        }
        // An index that is read for its bits alone stands where a table does.
        let said = |name| self.details.get(name).and_then(Value::as_str);
        let read = self.relation.as_deref().or(self.index.as_deref());
        let read = read.or_else(|| said("Function Name")).or_else(|| said("CTE Name"));
        let alias = self.alias.as_deref().filter(|alias| Some(*alias) != read);
        let all: Vec<_> = read.into_iter().chain(alias).map(named).collect();
        if !all.is_empty() {
            write!(f, " on {}", all.join(" "))?;
        }
        let (Self { cost, rows, width, .. }, ms) = (self, |time: Duration| time.as_secs_f64() * 1000.0);
        write!(f, "  (cost={:.2}..{:.2} rows={rows} width={width})", cost.startup, cost.total)?;
        match &self.actual {
            Some(Actual { startup, total, rows, loops }) => {
                write!(f, " (actual time={:.3}..{:.3} rows={rows} loops={loops})", ms(*startup), ms(*total))
            }
            None => Ok(()),
        }
    }
}

/// Shows the tree in lines, like those of `EXPLAIN`.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.show(f, 0)?;
        for (name, time) in [("Planning", self.planning_time), ("Execution", self.execution_time)] {
            if let Some(time) = time {
                write!(f, "\n{name} Time: {:.3} ms", time.as_secs_f64() * 1000.0)?;
            }
        }
        Ok(())
    }
}
