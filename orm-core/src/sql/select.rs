//! SELECT from one table.

use super::{Expr, Renderer, Statement};

/// A SELECT from one table; what belongs to other tables stands in its conditions.
#[derive(Clone, Debug)]
pub struct Select {
    /// The table.
    pub table: &'static str,
    /// What is selected, as text that the mapper wrote: quoted column names or an aggregate.
    pub list: String,
    /// What is selected in place of the list, when there is any.
    pub values: Vec<Expr>,
    /// Conditions, all of which hold.
    pub filter: Vec<Expr>,
    /// The order.
    pub order: Vec<Order>,
    /// The order when nothing else is said.
    pub default_order: Vec<Order>,
    /// The most rows.
    pub limit: Option<i64>,
    /// How many rows are skipped.
    pub offset: Option<i64>,
    /// Whether only the number of rows is asked for.
    pub count: bool,
}

/// One part of ORDER BY.
#[derive(Clone, Debug)]
pub struct Order {
    /// A column, or what is computed of the row.
    pub key: Expr,
    /// Whether large values come first.
    pub descending: bool,
}

impl Order {
    /// By a column.
    pub const fn of(column: &'static str, descending: bool) -> Self {
        Self { key: Expr::Column(column), descending }
    }
}

impl Select {
    /// All rows of a table.
    pub fn new(table: &'static str, list: impl Into<String>) -> Self {
        Self {
            table,
            list: list.into(),
            values: Vec::new(),
            filter: Vec::new(),
            order: Vec::new(),
            default_order: Vec::new(),
            limit: None,
            offset: None,
            count: false,
        }
    }

    /// The text and its values.
    ///
    /// # Errors
    /// The mistake of an [`Expr::Invalid`].
    pub fn render(&self) -> Result<Statement, String> {
        let mut out = Renderer::new(self.table);
        if self.count {
            out.push("SELECT count(*) FROM (");
        }
        self.render_into(&mut out);
        if self.count {
            out.push(") AS counted");
        }
        out.finish()
    }

    pub(super) fn render_into(&self, out: &mut Renderer) {
        out.push("SELECT ").push(if self.values.is_empty() { &self.list } else { "" });
        for (i, value) in self.values.iter().enumerate() {
            out.push(if i == 0 { "" } else { ", " }).expr(value);
        }
        out.push(" FROM ").name(self.table);
        if !self.filter.is_empty() {
            out.push(" WHERE ").expr(&Expr::And(self.filter.clone()));
        }
        let order = if self.order.is_empty() { &self.default_order } else { &self.order };
        out.order(order).limit(self.limit, self.offset);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Exists, Param, Through};
    use super::*;

    fn column(name: &'static str, op: &'static str, value: i64) -> Expr {
        let (left, right) = (Expr::Column(name), Expr::Bind(Param::int8(value)));
        Expr::Binary { op, left: Box::new(left), right: Box::new(right) }
    }

    #[test]
    fn everything_is_quoted_and_bound() {
        let mut select = Select::new("order", "\"id\"");
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
            table: "product".into(),
            through: Some(Through {
                table: "cart_product".into(),
                on: vec![("cart_id".into(), "id".into())],
                filter: None,
            }),
            on: vec![("id".into(), "product_id".into())],
            filter: Some(column("price", ">", 10)),
            limit: None,
            offset: None,
        };
        let cart = Exists {
            table: "cart".into(),
            through: None,
            on: vec![("customer_id".into(), "id".into())],
            filter: Some(Expr::Exists(Box::new(product))),
            limit: None,
            offset: None,
        };
        let mut select = Select::new("customer", "\"id\"");
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
        let mut select = Select::new("t", "1");
        select.filter.push(Expr::Not(Box::new(Expr::Invalid("why".into()))));
        assert_eq!(select.render().unwrap_err(), "why");
    }
}
