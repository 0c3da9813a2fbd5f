//! SELECT.

use super::{Derived, Expr, JoinedTable, Lock, Renderer, Statement};
use crate::schema::TableName;
use crate::types::SqlType;
use std::any::Any;
use std::borrow::Cow;

/// What the models of a query belong to, for the layers that know it.
pub type Base = &'static (dyn Any + Send + Sync);

/// A SELECT from a table, and from those that are joined to it.
#[derive(Clone, Debug)]
pub struct Select {
    /// The table; of rows that stand in none, what they are called.
    pub table: TableName<'static>,
    /// The rows, when they stand in no table.
    pub derived: Option<Derived>,
    /// The name under which it is known, when it is another one.
    pub alias: Option<&'static str>,
    /// Conditions on the rows of the table that stand below the joins, because a join may bring a row without one of them.
    pub below: Vec<Expr>,
    /// What is joined to it.
    pub joins: Vec<JoinedTable>,
    /// Whether equal rows come once.
    pub distinct: bool,
    /// What rows have in common of which only the first comes; the order begins with it.
    pub distinct_on: Vec<Expr>,
    /// The columns of the table that are selected.
    pub list: Cow<'static, [&'static str]>,
    /// What is selected in place of these, when there is any.
    pub values: Vec<Expr>,
    /// What is selected behind all that, under names of our own.
    pub beside: Vec<Expr>,
    /// Conditions, all of which hold.
    pub filter: Vec<Expr>,
    /// Whether the first condition says the primary key of the row.
    pub by_key: bool,
    /// What the rows of one group have in common; `Some` makes one row of each group, and one of all where it is empty.
    pub group: Option<Vec<Expr>>,
    /// Which of these the groups have in common.
    pub grouping: Grouping,
    /// Conditions on the groups.
    pub having: Vec<Expr>,
    /// The order.
    pub order: Vec<Order>,
    /// The order when nothing else is said.
    pub default_order: Vec<Order>,
    /// The most rows.
    pub limit: Option<i64>,
    /// How many rows are skipped.
    pub offset: Option<i64>,
    /// The lock on the rows of the table.
    pub lock: Option<Lock>,
    /// Whether only the number of rows is asked for.
    pub count: bool,
    /// Whether criteria leave it alone.
    pub unrestricted: bool,
    /// What its models belong to.
    pub base: Option<Base>,
}

/// A query whose text does not depend on what is asked for.
#[derive(Clone, Copy, Debug)]
pub enum Constant<'q> {
    /// That of all rows.
    WholeTable,
    /// That of the row with a primary key, which this condition says.
    ByKey(&'q Expr),
}

/// Which groups rows are put into.
#[derive(Clone, Debug)]
pub enum Grouping {
    /// One for all values of the keys.
    Keys,
    /// Also for those of the first keys, down to none.
    Rollup,
    /// Also for those of any of the keys.
    Cube,
    /// For those of each of some sets of keys.
    Sets(Vec<Vec<Expr>>),
}

/// One part of ORDER BY.
#[derive(Clone, Debug)]
pub struct Order {
    /// A column, or what is computed of the row.
    pub key: Expr,
    /// Whether large values come first.
    pub descending: bool,
    /// Where `NULL` comes; as the largest value, when it is not said.
    pub nulls: Option<Nulls>,
    /// The type of what is computed; that of a column is known elsewhere.
    pub sql_type: Option<SqlType>,
}

/// The name of a value that is selected [beside](Select::beside) what the program asked for.
pub(super) fn beside(number: usize) -> String {
    format!("#{}", number + 1)
}

/// Where `NULL` stands in an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nulls {
    /// Before all values.
    First,
    /// Behind all values.
    Last,
}

impl Order {
    /// By a column.
    pub const fn of(column: &'static str, descending: bool) -> Self {
        Self { key: Expr::Column(column), descending, nulls: None, sql_type: None }
    }
}

impl Select {
    /// All rows of a table.
    pub fn new(table: impl Into<TableName<'static>>, list: impl Into<Cow<'static, [&'static str]>>) -> Self {
        Self {
            table: table.into(),
            derived: None,
            alias: None,
            below: Vec::new(),
            joins: Vec::new(),
            distinct: false,
            distinct_on: Vec::new(),
            list: list.into(),
            values: Vec::new(),
            beside: Vec::new(),
            filter: Vec::new(),
            by_key: false,
            group: None,
            grouping: Grouping::Keys,
            having: Vec::new(),
            order: Vec::new(),
            default_order: Vec::new(),
            limit: None,
            offset: None,
            lock: None,
            count: false,
            unrestricted: false,
            base: None,
        }
    }

    /// Whether it gives the rows of its source as they are.
    pub(super) const fn is_bare(&self) -> bool {
        let Self { joins, distinct_on, values, beside, filter, having, order, default_order, .. } = self;
        let is_whole = self.limit.is_none() && self.offset.is_none() && self.lock.is_none() && !self.distinct;
        let is_read = self.group.is_none() && !self.count && !self.unrestricted;
        let selects_all =
            joins.is_empty() && filter.is_empty() && having.is_empty() && distinct_on.is_empty();
        let selects_columns = values.is_empty() && beside.is_empty();
        is_whole && is_read && selects_all && selects_columns && order.is_empty() && default_order.is_empty()
    }

    /// The name by which its source is known in it.
    pub(super) fn known_as(&self) -> &'static str {
        self.alias.unwrap_or(self.table.name)
    }

    /// The text and its values.
    ///
    /// # Errors
    /// The mistake of an [`Expr::Invalid`].
    pub fn render(&self) -> Result<Statement, String> {
        let mut out = Renderer::new(self.known_as());
        if self.count {
            out.push("SELECT count(*) FROM (");
        }
        self.render_into(&mut out);
        if self.count {
            out.push(") AS counted");
        }
        out.finish()
    }

    /// The text as the definition of a view, with the values in it.
    ///
    /// # Errors
    /// As [`render`](Self::render); a value that cannot be written as text.
    pub fn render_definition(&self) -> Result<String, String> {
        let mut out = Renderer::of_definition(self.known_as());
        self.render_into(&mut out);
        out.finish().map(|statement| statement.text.to_string())
    }

    /// What its text says, when that is the same whenever these columns of the table are read.
    pub(crate) fn constant(&self) -> Option<Constant<'_>> {
        match &self.filter[..] {
            _ if !self.is_plain() => None,
            [] => Some(Constant::WholeTable),
            [key] if self.by_key => Some(Constant::ByKey(key)),
            _ => None,
        }
    }

    /// Whether it reads just its columns, of the rows that meet its conditions.
    const fn is_plain(&self) -> bool {
        let Self {
            table: _,
            derived,
            alias,
            below,
            joins,
            distinct,
            distinct_on,
            list: _,
            values,
            beside,
            filter: _,
            by_key: _,
            group,
            grouping: _,
            having,
            order,
            default_order,
            limit,
            offset,
            lock,
            count,
            unrestricted: _,
            base: _,
        } = self;
        let is_ordered = !order.is_empty() || !default_order.is_empty();
        let has_conditions = !below.is_empty() || !having.is_empty();
        let is_cut = limit.is_some() || offset.is_some();
        let is_distinct = *distinct || !distinct_on.is_empty() || group.is_some();
        let has_values = !values.is_empty() || !beside.is_empty() || *count;
        let has_sources = derived.is_some() || alias.is_some() || !joins.is_empty();
        let is_other = is_cut || is_distinct || has_values || has_sources || lock.is_some();
        !(is_ordered || has_conditions || is_other)
    }

    /// Writes it; the name of its table stands in the renderer.
    pub(super) fn render_into(&self, out: &mut Renderer) {
        if self.group.is_some() || !self.distinct_on.is_empty() {
            out.group();
        }
        for join in &self.joins {
            let name = out.source(join.table, join.alias);
            out.add_source(name);
        }
        out.push(if self.distinct { "SELECT DISTINCT " } else { "SELECT " });
        if !self.distinct_on.is_empty() {
            out.push("DISTINCT ON (").list(&self.distinct_on).push(") ");
        }
        if self.values.is_empty() {
            for (i, column) in self.list.iter().enumerate() {
                out.push(if i == 0 { "" } else { ", " }).column(column);
            }
        }
        out.list(&self.values);
        for (i, value) in self.beside.iter().enumerate() {
            out.push(", ").expr(value).push(" AS ").name(&beside(i));
        }
        out.push(" FROM ").source_rows((self.table, self.derived.as_ref()), 0, &self.below);
        for (i, join) in self.joins.iter().enumerate() {
            join.render_into(out, i + 1);
        }
        if !self.filter.is_empty() {
            out.push(" WHERE ").all(&self.filter);
        }
        if let Some(group) = self.group.as_ref().filter(|group| !group.is_empty()) {
            out.push(" GROUP BY ").groups(group, &self.grouping);
        }
        if !self.having.is_empty() {
            out.push(" HAVING ").all(&self.having);
        }
        out.order(&self.whole_order()).limit(self.limit, self.offset);
        self.render_lock(out);
    }

    /// The order, behind what rows have in common of which only the first comes.
    fn whole_order(&self) -> Cow<'_, [Order]> {
        let order = if self.order.is_empty() { &self.default_order } else { &self.order };
        if self.distinct_on.is_empty() {
            return Cow::Borrowed(order);
        }
        let key = |key: &Expr| Order { key: key.clone(), descending: false, nulls: None, sql_type: None };
        self.distinct_on.iter().map(key).chain(order.iter().cloned()).collect()
    }
}

impl Renderer {
    /// `a, b`, or `ROLLUP (a, b)`
    fn groups(&mut self, keys: &[Expr], grouping: &Grouping) -> &mut Self {
        match grouping {
            Grouping::Keys => self.list(keys),
            Grouping::Rollup => self.push("ROLLUP (").list(keys).push(")"),
            Grouping::Cube => self.push("CUBE (").list(keys).push(")"),
            Grouping::Sets(sets) => {
                self.push("GROUPING SETS (");
                for (i, set) in sets.iter().enumerate() {
                    self.push(if i == 0 { "(" } else { ", (" }).list(set).push(")");
                }
                self.push(")")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Exists, Param, Through};
    use super::*;

    fn column(name: &'static str, op: &'static str, value: i64) -> Expr {
        Expr::binary(op, Expr::Column(name), Expr::Bind(Param::int8(value)))
    }

    #[test]
    fn everything_is_quoted_and_bound() {
        let mut select = Select::new("order", &["id"][..]);
        select.filter.push(Expr::Or(vec![column("from", "<", 3), column("from", ">", 5)]));
        select.filter.push(Expr::Not(Box::new(Expr::IsNull(Box::new(Expr::Column("to"))))));
        select.order.push(Order::of("to", true));
        (select.limit, select.offset) = (Some(7), Some(14));
        let statement = select.render().unwrap();
        assert_eq!(
            &*statement.text,
            "SELECT \"id\" FROM \"order\" WHERE (\"from\" < $1 OR \"from\" > $2) AND \"to\" IS NOT NULL \
             ORDER BY \"to\" DESC LIMIT $3 OFFSET $4"
        );
        assert_eq!(format!("{:?}", statement.params), "[3::int8, 5::int8, 7::int8, 14::int8]");
    }

    #[test]
    fn nested_relations_get_their_own_scopes() {
        let product = Exists {
            table: TableName::new("product"),
            through: Some(Through {
                table: TableName::new("cart_product"),
                on: vec![("cart_id".into(), "id".into())],
                filter: None,
            }),
            on: vec![("id".into(), "product_id".into())],
            filter: Some(column("price", ">", 10)),
            limit: None,
            offset: None,
        };
        let cart = Exists {
            table: TableName::new("cart"),
            through: None,
            on: vec![("customer_id".into(), "id".into())],
            filter: Some(Expr::Exists(Box::new(product))),
            limit: None,
            offset: None,
        };
        let mut select = Select::new("customer", &["id"][..]);
        select.filter.push(Expr::Exists(Box::new(cart)));
        assert_eq!(
            &*select.render().unwrap().text,
            "SELECT \"id\" FROM \"customer\" WHERE EXISTS (SELECT FROM \"cart\" AS t1 \
             WHERE t1.\"customer_id\" = \"customer\".\"id\" AND (EXISTS (SELECT FROM \"product\" AS t2 \
             JOIN \"cart_product\" AS t3 ON t2.\"id\" = t3.\"product_id\" WHERE t3.\"cart_id\" = t1.\"id\" \
             AND (t2.\"price\" > $1))))"
        );
    }

    #[test]
    fn an_invalid_part_is_an_error_of_the_whole() {
        let mut select = Select::new("t", &["id"][..]);
        select.filter.push(Expr::Not(Box::new(Expr::Invalid("why".into()))));
        assert_eq!(select.render().unwrap_err(), "why");
    }
}
