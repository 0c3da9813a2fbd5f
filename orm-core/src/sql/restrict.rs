//! Conditions that rows of some tables have to meet, put in wherever such a table is read.

use super::{
    Aggregate, Along, AlongTable, Base, Common, CommonQuery, Derived, Exists, Expr, Grouping, JoinedTable,
    Query, Rows, Select,
};
use crate::schema::TableName;
use std::sync::Arc;

/// One pass over a statement: behind it, each table in it has its conditions.
///
/// The conditions themselves may read other tables, which get theirs in turn; only those of a table inside its own are left
/// out, or there would be no end.
pub struct Restrict<'a> {
    /// The conditions on the rows of a table.
    conditions: &'a dyn Fn(TableName<'static>) -> Vec<Expr>,
    /// The tables whose conditions are being put in.
    inside: Vec<TableName<'static>>,
    /// Common queries, inside of which tables they were found, and what became of them: what was one query stays one.
    commons: Vec<(Arc<CommonQuery>, Vec<TableName<'static>>, Arc<CommonQuery>)>,
    /// What the models of the first query that has some belong to.
    base: Option<Base>,
}

impl<'a> Restrict<'a> {
    /// A pass that puts in what `conditions` gives for the name of a table.
    pub fn new(conditions: &'a dyn Fn(TableName<'static>) -> Vec<Expr>) -> Self {
        Self { conditions, inside: Vec::new(), commons: Vec::new(), base: None }
    }

    /// What the models of a query, or of one inside of it, belong to.
    pub fn base_of(select: &Select) -> Option<Base> {
        let mut pass = Self::new(&|_| Vec::new());
        select.base.or_else(|| {
            pass.select(&mut Select { unrestricted: false, ..select.clone() });
            pass.base
        })
    }

    /// A query and all that stands inside of it.
    ///
    /// All fields are named here, so that none can come that reads a table unseen.
    pub fn select(&mut self, select: &mut Select) {
        let Select {
            table,
            derived,
            alias: _,
            below,
            joins,
            distinct: _,
            distinct_on,
            list: _,
            values,
            beside,
            filter,
            by_key: _,
            group,
            grouping,
            having,
            order,
            default_order: _,
            limit: _,
            offset: _,
            lock: _,
            count: _,
            unrestricted,
            base,
        } = select;
        self.base = self.base.or(*base);
        if *unrestricted {
            return;
        }
        values
            .iter_mut()
            .chain(beside)
            .chain(order.iter_mut().map(|order| &mut order.key))
            .for_each(|expr| self.expr(expr));
        let sets = match grouping {
            Grouping::Sets(sets) => &mut sets[..],
            Grouping::Keys | Grouping::Rollup | Grouping::Cube => &mut [][..],
        };
        distinct_on.iter_mut().chain(sets.iter_mut().flatten()).for_each(|expr| self.expr(expr));
        let grouped = group.iter_mut().flatten().chain(having);
        filter.iter_mut().chain(below.iter_mut()).chain(grouped).for_each(|expr| self.expr(expr));
        let may_lack_root = joins.iter().any(|join| join.kind.keeps_added());
        let conditions = self.conditions_of_source(*table, derived.as_mut());
        (if may_lack_root { below } else { filter }).extend(conditions);
        joins.iter_mut().for_each(|join| self.join(join));
    }

    fn join(&mut self, join: &mut JoinedTable) {
        let JoinedTable { kind: _, table, derived, alias: _, along, on, filter } = join;
        on.iter_mut().chain(filter.iter_mut()).for_each(|expr| self.expr(expr));
        filter.extend(self.conditions_of_source(*table, derived.as_mut()));
        if let Some(Along { from: _, on: _, through: Some(through) }) = along {
            let AlongTable { table, on: _, filter } = through;
            filter.iter_mut().for_each(|expr| self.expr(expr));
            filter.extend(self.conditions_of(*table));
        }
    }

    /// The conditions on the rows of a source. Rows that stand in no table have none of their own, and what they are made of has its.
    fn conditions_of_source(
        &mut self,
        table: TableName<'static>,
        derived: Option<&mut Derived>,
    ) -> Vec<Expr> {
        let Some(Derived { rows, columns: _, lateral: _ }) = derived else {
            return self.conditions_of(table);
        };
        match rows {
            Rows::Query(query) => self.query(query),
            Rows::Common(common) => self.common(common),
            Rows::Values(_) => {}
        }
        Vec::new()
    }

    fn query(&mut self, query: &mut Query) {
        match query {
            Query::Select(select) => self.select(select),
            Query::Set { op: _, left, right } => {
                self.query(left);
                self.query(right);
            }
        }
    }

    fn common(&mut self, common: &mut Common) {
        let Common { name: _, id: _, body } = common;
        let Some(body) = body else { return };
        let is_known =
            |(before, inside, _): &&(Arc<CommonQuery>, Vec<TableName<'static>>, Arc<CommonQuery>)| {
                Arc::ptr_eq(before, body) && *inside == self.inside
            };
        if let Some((_, _, restricted)) = self.commons.iter().find(is_known) {
            *body = restricted.clone();
            return;
        }
        let mut restricted = CommonQuery::clone(body);
        let CommonQuery { query, columns: _, recursive: _, materialized: _ } = &mut restricted;
        self.query(query);
        let before = std::mem::replace(body, Arc::new(restricted));
        self.commons.push((before, self.inside.clone(), body.clone()));
    }

    /// An expression and all that stands inside of it.
    pub fn expr(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Column(_) | Expr::Bind(_) | Expr::InRows { .. } | Expr::Text { .. } | Expr::Invalid(_) => {}
            Expr::Binary { op: _, left, right } => {
                self.expr(left);
                self.expr(right);
            }
            Expr::Any { value: inner, array: _, read_as: _ }
            | Expr::IsNull(inner)
            | Expr::Not(inner)
            | Expr::At { place: _, expr: inner } => self.expr(inner),
            Expr::InSelect { columns: _, select } => self.select(select),
            Expr::Cast { value, to: _ }
            | Expr::Element { array: value, at: _ }
            | Expr::Slice { array: value, from: _, to: _ } => self.expr(value),
            Expr::Case { condition, then, otherwise } => {
                [condition, then, otherwise].into_iter().for_each(|part| self.expr(part));
            }
            Expr::Aggregate(aggregate) => {
                let Aggregate { function: _, value, cast: _, rows } = &mut **aggregate;
                if let Some(value) = value {
                    self.expr(value);
                }
                self.exists(rows);
            }
            Expr::Call { name: _, arguments: parts }
            | Expr::Row(parts)
            | Expr::And(parts)
            | Expr::Or(parts) => {
                parts.iter_mut().for_each(|part| self.expr(part));
            }
            Expr::Exists(exists) => self.exists(exists),
            Expr::When { arms, otherwise } => {
                let arms = arms.iter_mut().flat_map(|(condition, value)| [condition, value]);
                arms.chain(otherwise.as_deref_mut()).for_each(|part| self.expr(part));
            }
            Expr::Subquery(select) | Expr::ExistsQuery(select) => self.select(select),
            Expr::InQuery { value, select } => {
                self.expr(value);
                self.select(select);
            }
            Expr::Over(call) => call.parts_mut().for_each(|part| self.expr(part)),
        }
    }

    fn exists(&mut self, exists: &mut Exists) {
        let Exists { table, through, on: _, filter, limit: _, offset: _ } = exists;
        self.filter(*table, filter);
        if let Some(through) = through {
            self.filter(through.table, &mut through.filter);
        }
    }

    /// The condition on the rows of a table inside a statement.
    fn filter(&mut self, table: TableName<'static>, filter: &mut Option<Expr>) {
        if let Some(filter) = filter {
            self.expr(filter);
        }
        let added = self.conditions_of(table);
        if !added.is_empty() {
            *filter = Some(Expr::And(filter.take().into_iter().chain(added).collect()));
        }
    }

    /// The conditions on the rows of a table, with those of the tables inside of them.
    pub fn conditions_of(&mut self, table: TableName<'static>) -> Vec<Expr> {
        if self.inside.contains(&table) {
            return Vec::new();
        }
        let mut found = (self.conditions)(table);
        self.inside.push(table);
        found.iter_mut().for_each(|expr| self.expr(expr));
        self.inside.pop();
        found
    }
}

impl std::fmt::Debug for Restrict<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Restrict").field("inside", &self.inside).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Through;
    use super::*;

    fn is_null(column: &'static str) -> Expr {
        Expr::IsNull(Box::new(Expr::Column(column)))
    }

    /// Rows of `table` whose `column` is the `id` of the scope.
    fn exists(table: &'static str, column: &str, filter: Option<Expr>) -> Exists {
        let on = vec![(column.into(), "id".into())];
        Exists { table: table.into(), through: None, on, filter, limit: None, offset: None }
    }

    /// Carts are hidden with their customer, customers that are gone and customers without carts.
    fn conditions(table: TableName<'static>) -> Vec<Expr> {
        match table.name {
            "customer" => {
                vec![is_null("gone"), Expr::Exists(Box::new(exists("cart", "customer_id", None)))]
            }
            "cart" => vec![Expr::Exists(Box::new(exists("customer", "id", None)))],
            "cart_product" => vec![is_null("removed")],
            _ => Vec::new(),
        }
    }

    fn restricted(mut select: Select) -> String {
        Restrict::new(&conditions).select(&mut select);
        select.render().unwrap().text.to_string()
    }

    #[test]
    fn conditions_of_a_table_do_not_come_back_inside_its_own() {
        assert_eq!(
            restricted(Select::new("customer", &["id"][..])),
            "SELECT \"id\" FROM \"customer\" WHERE \"gone\" IS NULL AND EXISTS (SELECT FROM \"cart\" AS t1 \
             WHERE t1.\"customer_id\" = \"customer\".\"id\" AND (EXISTS (SELECT FROM \"customer\" AS t2 \
             WHERE t2.\"id\" = t1.\"id\")))"
        );
    }

    #[test]
    fn tables_inside_of_conditions_get_theirs() {
        let mut product = exists("product", "id", Some(is_null("title")));
        product.on = vec![("id".into(), "product_id".into())];
        let on = vec![("cart_id".into(), "id".into())];
        product.through = Some(Through { table: TableName::new("cart_product"), on, filter: None });
        let mut select = Select::new("shelf", &["id"][..]);
        select
            .filter
            .push(Expr::Or(vec![Expr::Not(Box::new(Expr::Exists(Box::new(product)))), is_null("a")]));
        assert_eq!(
            restricted(select),
            "SELECT \"id\" FROM \"shelf\" WHERE NOT (EXISTS (SELECT FROM \"product\" AS t1 \
             JOIN \"cart_product\" AS t2 ON t1.\"id\" = t2.\"product_id\" WHERE t2.\"cart_id\" = \"shelf\".\"id\" \
             AND (t2.\"removed\" IS NULL) AND (t1.\"title\" IS NULL))) OR \"a\" IS NULL"
        );
    }

    #[test]
    fn a_query_inside_a_query_gets_its_own() {
        let rows = Select::new("cart_product", &["cart_id"][..]);
        let mut select = Select::new("shelf", &["id"][..]);
        select.filter.push(Expr::InSelect { columns: vec!["id"], select: Box::new(rows) });
        assert_eq!(
            restricted(select),
            "SELECT \"id\" FROM \"shelf\" WHERE \"id\" IN (SELECT \"cart_product\".\"cart_id\" \
             FROM \"cart_product\" WHERE \"cart_product\".\"removed\" IS NULL)"
        );
    }
}
