//! UPDATE and DELETE of the rows that a query finds.

use super::{Along, Expr, JoinSide, JoinedTable, Renderer, Select, Statement};

/// UPDATE of every row of the first source of a query that the query finds.
#[derive(Clone, Debug)]
pub struct UpdateMatching {
    /// The query; what it joins can be asked.
    pub rows: Select,
    /// The columns of the key.
    pub key: Vec<&'static str>,
    /// The columns, and what they are set to.
    pub set: Vec<(&'static str, Expr)>,
    /// What comes back of each row.
    pub returning: Vec<Expr>,
}

/// DELETE of every row of the first source of a query that the query finds.
#[derive(Clone, Debug)]
pub struct DeleteMatching {
    /// The query; what it joins can be asked.
    pub rows: Select,
    /// The columns of the key.
    pub key: Vec<&'static str>,
    /// What comes back of each row.
    pub returning: Vec<Expr>,
}

impl UpdateMatching {
    /// The statement.
    ///
    /// # Errors
    /// Why a part of it cannot be written.
    pub fn render(&self) -> Result<Statement, String> {
        let mut out = Renderer::new(self.rows.table.name);
        out.sources_of(&self.rows).push("UPDATE ").table_name(self.rows.table).push(" SET ");
        for (i, (column, value)) in self.set.iter().enumerate() {
            out.push(if i == 0 { "" } else { ", " }).name(column).push(" = ").expr(value);
        }
        out.joined(" FROM ", &self.rows.joins).found(&self.rows, &self.key)?;
        out.returning_values(&self.returning);
        out.finish()
    }
}

impl DeleteMatching {
    /// The statement.
    ///
    /// # Errors
    /// Why a part of it cannot be written.
    pub fn render(&self) -> Result<Statement, String> {
        let mut out = Renderer::new(self.rows.table.name);
        out.sources_of(&self.rows).push("DELETE FROM ").table_name(self.rows.table);
        out.joined(" USING ", &self.rows.joins).found(&self.rows, &self.key)?;
        out.returning_values(&self.returning);
        out.finish()
    }
}

impl Select {
    /// Whether its rows are those that meet its conditions, and nothing else decides.
    ///
    /// All fields are named here, so that none can come that decides unseen.
    fn is_by_conditions(&self) -> bool {
        let Self {
            table: _,
            derived,
            alias: _,
            below,
            joins: _,
            distinct: _,
            distinct_on,
            list: _,
            values: _,
            beside: _,
            filter: _,
            by_key: _,
            group: _,
            grouping: _,
            having: _,
            order: _,
            default_order: _,
            limit,
            offset,
            lock,
            count: _,
            unrestricted: _,
            base: _,
        } = self;
        derived.is_none()
            && distinct_on.is_empty()
            && below.is_empty()
            && limit.or(*offset).is_none()
            && lock.is_none()
    }
}

impl Renderer {
    /// Gives each source that is joined its name.
    fn sources_of(&mut self, rows: &Select) -> &mut Self {
        for join in &rows.joins {
            let name = self.source(join.table, join.alias);
            self.add_source(name);
        }
        self
    }

    /// ` FROM a, b`, the tables that are joined, with those between them and the others.
    fn joined(&mut self, word: &str, joins: &[JoinedTable]) -> &mut Self {
        for (i, join) in joins.iter().enumerate() {
            let rows = (join.table, join.derived.as_ref());
            self.push(if i == 0 { word } else { ", " }).source_rows(rows, i + 1, &[]);
            if let Some(Along { through: Some(through), .. }) = &join.along {
                self.push(", ").table_name(through.table).push(" AS ").push(&link(i + 1));
            }
        }
        self
    }

    /// ` WHERE …`
    fn found(&mut self, rows: &Select, key: &[&'static str]) -> Result<&mut Self, String> {
        if !rows.is_by_conditions() {
            if !rows.joins.is_empty() {
                return Err(
                    "rows of a join cannot be limited, left out or locked while they are written".into()
                );
            }
            let chosen =
                Select { list: key.to_vec().into(), values: Vec::new(), beside: Vec::new(), ..rows.clone() };
            let chosen = Expr::InSelect { columns: key.to_vec(), select: Box::new(chosen) };
            return Ok(self.push(" WHERE ").expr(&chosen));
        }
        match rows.joins.is_empty() {
            true => self.push(" WHERE ").expr(&Expr::And(rows.filter.clone())),
            false => self.push(" WHERE true").each(&rows.filter),
        };
        for (i, join) in rows.joins.iter().enumerate() {
            self.meets(join, i + 1)?;
        }
        Ok(self)
    }

    /// The conditions of a join.
    fn meets(&mut self, join: &JoinedTable, number: usize) -> Result<&mut Self, String> {
        if join.kind != JoinSide::Inner {
            return Err("rows without the other side of a join cannot be written: use `join`".into());
        }
        if join.derived.as_ref().is_some_and(|derived| derived.lateral) {
            return Err(
                "rows cannot be written by what is asked again for each of them: use `join_rows`".into()
            );
        }
        let own = self.sources()[number].clone();
        if let Some(Along { from, on, through }) = &join.along {
            let from = self.sources()[*from].clone();
            match through {
                None => self.push(" AND ").equal(&own, &from, on),
                Some(through) => {
                    let link = link(number);
                    self.push(" AND ").equal(&own, &link, on).push(" AND ");
                    self.equal(&link, &from, &through.on).and(&link, &through.filter)
                }
            };
        }
        Ok(self.each(&join.on).and(&own, &join.filter))
    }

    /// ` AND (…)` for each condition.
    fn each(&mut self, conditions: &[Expr]) -> &mut Self {
        for condition in conditions {
            self.push(" AND (").expr(condition).push(")");
        }
        self
    }
}

/// The name of the association table by which a source is joined.
fn link(number: usize) -> String {
    format!("l{number}")
}

#[cfg(test)]
mod tests {
    use super::super::{AlongTable, Param};
    use super::*;
    use crate::schema::TableName;

    fn carts() -> Select {
        let mut rows = Select::new("cart", &["id"][..]);
        rows.filter.push(Expr::IsNull(Box::new(Expr::Column("invoice"))));
        rows
    }

    fn join(table: &'static str, along: Option<Along>) -> JoinedTable {
        let (on, filter) = (Vec::new(), Vec::new());
        let (table, kind) = (table.into(), JoinSide::Inner);
        JoinedTable { kind, table, derived: None, alias: None, along, on, filter }
    }

    fn update(rows: Select) -> UpdateMatching {
        let set = vec![("note", Expr::Bind(Param::of(&"x".to_owned())))];
        UpdateMatching { rows, key: vec!["id"], set, returning: vec![Expr::Column("id")] }
    }

    #[test]
    fn rows_of_one_table() {
        assert_eq!(
            &*update(carts()).render().unwrap().text,
            "UPDATE \"cart\" SET \"note\" = $1 WHERE \"invoice\" IS NULL RETURNING \"id\""
        );
        let limited = Select { limit: Some(2), ..carts() };
        let delete = DeleteMatching { rows: limited, key: vec!["id"], returning: Vec::new() };
        assert_eq!(
            &*delete.render().unwrap().text,
            "DELETE FROM \"cart\" WHERE \"id\" IN (SELECT t1.\"id\" FROM \"cart\" AS t1 \
             WHERE t1.\"invoice\" IS NULL LIMIT $1)"
        );
    }

    #[test]
    fn rows_of_a_join() {
        let mut rows = carts();
        let on = vec![("id".into(), "customer_id".into())];
        rows.joins.push(join("customer", Some(Along { from: 0, on, through: None })));
        rows.joins[0].filter.push(Expr::IsNull(Box::new(Expr::Column("gone"))));
        let through = AlongTable {
            table: TableName::new("cart_product"),
            on: vec![("cart_id".into(), "id".into())],
            filter: Vec::new(),
        };
        let on = vec![("id".into(), "product_id".into())];
        rows.joins.push(join("product", Some(Along { from: 0, on, through: Some(through) })));
        assert_eq!(
            &*update(rows.clone()).render().unwrap().text,
            "UPDATE \"cart\" SET \"note\" = $1 FROM \"customer\", \"product\", \"cart_product\" AS l2 \
             WHERE true AND (\"cart\".\"invoice\" IS NULL) AND \"customer\".\"id\" = \"cart\".\"customer_id\" \
             AND (\"customer\".\"gone\" IS NULL) AND \"product\".\"id\" = l2.\"product_id\" \
             AND l2.\"cart_id\" = \"cart\".\"id\" RETURNING \"cart\".\"id\""
        );
        rows.limit = Some(1);
        assert!(update(rows).render().unwrap_err().contains("limited"));
    }

    #[test]
    fn a_free_join_may_name_the_table_again() {
        let mut rows = Select::new("cart", &["id"][..]);
        rows.joins.push(JoinedTable { alias: Some("Other"), ..join("cart", None) });
        let other = Expr::At { place: (0, 1), expr: Box::new(Expr::Column("id")) };
        rows.joins[0].on.push(Expr::binary("<", Expr::Column("id"), other));
        let delete = DeleteMatching { rows, key: vec!["id"], returning: Vec::new() };
        assert_eq!(
            &*delete.render().unwrap().text,
            "DELETE FROM \"cart\" USING \"cart\" AS \"Other\" WHERE true AND (\"cart\".\"id\" < \"Other\".\"id\")"
        );
    }
}
