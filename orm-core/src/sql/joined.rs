//! A SELECT whose rows bring the members of relations along.

use super::select::beside;
use super::{Expr, Order, Renderer, Select, Statement, quote};
use crate::schema::TableName;

/// The rows of a query, each with members of relations: columns of the query first, then those of each join.
///
/// A row of the query comes once for each combination of its members, in the order of the query.
#[derive(Clone, Debug)]
pub struct SelectJoined {
    /// The query.
    pub root: Select,
    /// The columns that it reads.
    pub list: Vec<&'static str>,
    /// What is joined to it, each to the query or to one before.
    pub joins: Vec<Join>,
}

/// Members of a relation.
#[derive(Clone, Debug)]
pub struct Join {
    /// What it is joined to: the query (0), or a join by its number (the first is 1).
    pub to: usize,
    /// Whether rows without a member are left out.
    pub inner: bool,
    /// The table of the members.
    pub table: TableName<'static>,
    /// The columns that are read of them.
    pub list: Vec<&'static str>,
    /// Pairs of columns that are equal: of the member, and of what it is joined to. Through a table, of the member and of that.
    pub on: Vec<(&'static str, &'static str)>,
    /// The association table.
    pub through: Option<JoinThrough>,
    /// Conditions on the members.
    pub filter: Vec<Expr>,
    /// Their order.
    pub order: Vec<Order>,
    /// The most members of one row.
    pub limit: Option<i64>,
    /// How many members of one row are left out.
    pub offset: Option<i64>,
}

/// An association table inside of a join.
#[derive(Clone, Debug)]
pub struct JoinThrough {
    /// Its name.
    pub table: TableName<'static>,
    /// Pairs of its columns, and of columns of what the members are joined to.
    pub on: Vec<(&'static str, &'static str)>,
    /// Conditions on its rows.
    pub filter: Vec<Expr>,
}

/// The number of a row of the query; no column of a model is called so.
const RANK: &str = "#";

impl SelectJoined {
    /// The statement.
    ///
    /// # Errors
    /// Why a part of it is invalid.
    pub fn render(&self) -> Result<Statement, String> {
        let mut out = Renderer::new("j0");
        let lists = [&self.list].into_iter().chain(self.joins.iter().map(|join| &join.list));
        let all = lists.enumerate().flat_map(|(i, list)| list.iter().map(move |column| (i, column)));
        for (position, (i, column)) in all.enumerate() {
            out.push(if position == 0 { "SELECT " } else { ", " }).numbered("j", i).push(".").name(column);
        }
        for i in 0..self.root.beside.len() {
            out.push(", j0.").name(&beside(i));
        }
        out.push(" FROM (SELECT q.*, row_number() OVER () AS ").push(&quote(RANK)).push(" FROM (");
        out.select(&self.root).push(") AS q) AS j0");
        for (i, join) in self.joins.iter().enumerate() {
            join.render_into(&mut out, i + 1);
        }
        out.push(" ORDER BY j0.").push(&quote(RANK));
        for (i, join) in self.joins.iter().enumerate() {
            for order in &join.order {
                out.push(", ").within(&format!("j{}", i + 1)).order_term(order).leave();
            }
        }
        out.finish()
    }
}

impl Join {
    fn render_into(&self, out: &mut Renderer, number: usize) {
        out.push(if self.inner { " JOIN " } else { " LEFT JOIN " });
        let (own, other) = (format!("j{number}"), format!("j{}", self.to));
        match (self.limit.or(self.offset), &self.through) {
            (Some(_), _) => self.limited(out, &own, &other),
            (None, None) => {
                out.table_name(self.table).push(" AS ").push(&own).push(" ON ").equal(&own, &other, &self.on);
                out.and(&own, &self.filter);
            }
            (None, Some(through)) => {
                let link = format!("l{number}");
                out.push("(")
                    .table_name(through.table)
                    .push(" AS ")
                    .push(&link)
                    .push(" JOIN ")
                    .table_name(self.table);
                out.push(" AS ").push(&own).push(" ON ").equal(&own, &link, &self.on);
                out.and(&own, &self.filter).and(&link, &through.filter);
                out.push(") ON ").equal(&link, &other, &through.on);
            }
        }
    }

    /// `LATERAL (SELECT t.* … LIMIT $1) AS j1 ON true`
    fn limited(&self, out: &mut Renderer, own: &str, other: &str) {
        out.push("LATERAL (SELECT t.* FROM ").table_name(self.table).push(" AS t");
        match &self.through {
            None => {
                out.push(" WHERE ").equal("t", other, &self.on);
            }
            Some(through) => {
                out.push(" JOIN ").table_name(through.table).push(" AS l ON ").equal("t", "l", &self.on);
                out.push(" WHERE ").equal("l", other, &through.on).and("l", &through.filter);
            }
        }
        out.and("t", &self.filter).within("t").order(&self.order).leave();
        out.limit(self.limit, self.offset).push(") AS ").push(own).push(" ON true");
    }
}

#[cfg(test)]
mod tests {
    use super::super::Param;
    use super::*;

    fn carts() -> Join {
        Join {
            to: 0,
            inner: false,
            table: TableName::new("cart"),
            list: vec!["id"],
            on: vec![("customer_id", "id")],
            through: None,
            filter: vec![Expr::IsNull(Box::new(Expr::Column("invoice")))],
            order: vec![Order::of("id", false)],
            limit: None,
            offset: None,
        }
    }

    fn products() -> Join {
        Join {
            to: 1,
            inner: true,
            table: TableName::new("product"),
            on: vec![("id", "product_id")],
            through: Some(JoinThrough {
                table: TableName::new("cart_product"),
                on: vec![("cart_id", "id")],
                filter: Vec::new(),
            }),
            filter: Vec::new(),
            order: Vec::new(),
            ..carts()
        }
    }

    fn text(joins: Vec<Join>) -> String {
        let mut root = Select::new("customer", &["id"][..]);
        root.filter.push(Expr::Binary {
            op: "=",
            left: Box::new(Expr::Column("name")),
            right: Box::new(Expr::Bind(Param::of(&"Ann".to_owned()))),
        });
        SelectJoined { root, list: vec!["id"], joins }.render().unwrap().text.to_string()
    }

    #[test]
    fn members_are_joined_to_the_numbered_rows_of_the_query() {
        assert_eq!(
            text(vec![carts(), products()]),
            "SELECT j0.\"id\", j1.\"id\", j2.\"id\" FROM (SELECT q.*, row_number() OVER () AS \"#\" FROM (\
             SELECT \"customer\".\"id\" FROM \"customer\" WHERE \"customer\".\"name\" = $1) AS q) AS j0 \
             LEFT JOIN \"cart\" AS j1 ON j1.\"customer_id\" = j0.\"id\" AND (j1.\"invoice\" IS NULL) \
             JOIN (\"cart_product\" AS l2 JOIN \"product\" AS j2 ON j2.\"id\" = l2.\"product_id\") \
             ON l2.\"cart_id\" = j1.\"id\" ORDER BY j0.\"#\", j1.\"id\""
        );
    }

    #[test]
    fn a_limit_counts_for_each_row() {
        let text = text(vec![Join { limit: Some(2), ..carts() }, Join { limit: Some(3), ..products() }]);
        assert!(
            text.contains(
                "LEFT JOIN LATERAL (SELECT t.* FROM \"cart\" AS t WHERE t.\"customer_id\" = j0.\"id\" \
                 AND (t.\"invoice\" IS NULL) ORDER BY t.\"id\" LIMIT $2) AS j1 ON true JOIN LATERAL (SELECT t.* \
                 FROM \"product\" AS t JOIN \"cart_product\" AS l ON t.\"id\" = l.\"product_id\" \
                 WHERE l.\"cart_id\" = j1.\"id\" LIMIT $3) AS j2 ON true"
            ),
            "{text}"
        );
    }
}
