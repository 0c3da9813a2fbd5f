//! A plan for people.

use super::plan::{Plan, Rows, Step};
use crate::schema::TableName;
use crate::state::Arena;
use std::fmt;

/// What a flush would send, in order: [`Session::flush_plan`](crate::Session::flush_plan).
///
/// No database is needed to look at it, so the writes of a program can be tested without one:
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let mut session = Engine::builder("postgresql://nobody@127.0.0.1:1/none").build()?.session();
/// assert!(session.flush_plan()?.is_empty());
/// let tea = Product::builder().sku("T-1").title("Tea").price_cents(390);
/// let cart = Cart::builder().products([tea]);
/// session.add(Customer::builder().name("Ann").email("ann@example.org").carts([cart]));
/// let plan = session.flush_plan()?;
/// assert_eq!(plan.round_trips(), 2);
/// assert_eq!(plan.steps().len(), 7);
/// assert!(plan.to_string().ends_with("link 1 row of cart_product"));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlushPlan {
    steps: Vec<PlannedStep>,
    round_trips: usize,
}

/// One statement of a flush, of any number of rows of one table.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let mut session = Engine::builder("postgresql://nobody@127.0.0.1:1/none").build()?.session();
/// session.add_all(["T-1", "T-2"].map(|sku| Product::builder().sku(sku).title("Tea").price_cents(390)));
/// let plan = session.flush_plan()?;
/// let [insert] = plan.steps() else { panic!("one statement for both rows") };
/// assert_eq!((&insert.table[..], insert.rows), ("product", 2));
/// assert_eq!(insert.columns, ["sku", "title", "price_cents"]);
/// assert_eq!(insert.to_string(), "insert 2 rows into product (sku, title, price_cents)");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedStep {
    /// What it does.
    pub kind: StepKind,
    /// The table.
    pub table: String,
    /// The columns that are given or set; one that the database computes with its expression.
    pub columns: Vec<String>,
    /// The number of rows.
    pub rows: usize,
}

/// What a statement of a flush does.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// use orm_core::flush::StepKind;
/// # let mut session = Engine::builder("postgresql://nobody@127.0.0.1:1/none").build()?.session();
/// session.add(Customer::builder().name("Ann").email("ann@example.org").carts([Cart::builder()]));
/// let plan = session.flush_plan()?;
/// let kinds: Vec<StepKind> = plan.steps().iter().map(|step| step.kind).collect();
/// assert_eq!(kinds, [StepKind::Reserve, StepKind::Insert, StepKind::Insert]);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepKind {
    /// Draws keys for rows that others refer to; travels first.
    Reserve,
    /// Inserts rows.
    Insert,
    /// Updates rows.
    Update,
    /// Deletes rows of an association table.
    Unlink,
    /// Inserts rows of an association table.
    Link,
    /// Deletes rows.
    Delete,
}

impl FlushPlan {
    /// The statements, in order.
    pub fn steps(&self) -> &[PlannedStep] {
        &self.steps
    }

    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// How many round trips a commit takes, BEGIN and COMMIT included.
    pub fn round_trips(&self) -> usize {
        self.round_trips
    }
}

impl fmt::Display for FlushPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("nothing to flush");
        }
        for (i, step) in self.steps.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{step}")?;
        }
        Ok(())
    }
}

impl fmt::Display for PlannedStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = if self.rows == 1 { "1 row".to_owned() } else { format!("{} rows", self.rows) };
        let keys = if self.rows == 1 { "1 key".to_owned() } else { format!("{} keys", self.rows) };
        let (table, columns) = (&self.table, self.columns.join(", "));
        match self.kind {
            StepKind::Reserve => write!(f, "reserve {keys} of {table}"),
            StepKind::Insert => write!(f, "insert {rows} into {table} ({columns})"),
            StepKind::Update => write!(f, "update {rows} of {table} ({columns})"),
            StepKind::Unlink => write!(f, "unlink {rows} of {table}"),
            StepKind::Link => write!(f, "link {rows} of {table}"),
            StepKind::Delete => write!(f, "delete {rows} of {table}"),
        }
    }
}

/// `price = "price" * $1`
fn expressions(arena: &Arena, rows: &Rows, columns: &[usize]) -> Vec<String> {
    let store = &arena.stores[rows.store];
    let Some(slot) = rows.slots.first() else { return Vec::new() };
    let all = store.expressions.of(*slot, store.slot(*slot).get());
    let of_step = all.filter(|(column, _)| columns.contains(column));
    let name = |column: usize| store.mapper.def.columns[column].name;
    of_step.map(|(column, computed)| format!("{} = {}", name(column), computed.shape)).collect()
}

/// Shows a plan.
pub(crate) fn show(arena: &Arena, plan: &Plan) -> FlushPlan {
    let step = |kind, rows: &Rows, columns: &[usize]| {
        let def = arena.stores[rows.store].mapper.def;
        PlannedStep {
            kind,
            table: def.table.to_string(),
            columns: columns.iter().map(|i| def.columns[*i].name.to_owned()).collect(),
            rows: rows.slots.len(),
        }
    };
    let association = |kind, table: TableName<'_>, rows| PlannedStep {
        kind,
        table: table.to_string(),
        columns: Vec::new(),
        rows,
    };
    let reserved = plan.reserved.iter().map(|rows| step(StepKind::Reserve, rows, &[]));
    let steps = plan.steps.iter().map(|planned| match planned {
        Step::Insert { rows, columns, .. } => step(StepKind::Insert, rows, columns),
        Step::Update { rows, columns, computed, .. } => {
            let mut step = step(StepKind::Update, rows, columns);
            step.columns.extend(expressions(arena, rows, computed));
            step
        }
        Step::Clear { rows, columns } => step(StepKind::Update, rows, columns),
        Step::Unlink { association: a, pairs } => association(StepKind::Unlink, a.table, pairs.len()),
        Step::UnlinkAll { association: a, rows } => association(StepKind::Unlink, a.table, rows.slots.len()),
        Step::Link { association: a, pairs } => association(StepKind::Link, a.table, pairs.len()),
        Step::Delete { rows, .. } => step(StepKind::Delete, rows, &[]),
    });
    let round_trips = plan.flights().len() + usize::from(!plan.reserved.is_empty());
    FlushPlan { steps: reserved.chain(steps).collect(), round_trips }
}
