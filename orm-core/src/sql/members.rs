//! SELECT of the members of a relation, of many owners at once.

use super::{Expr, Order, Param, Renderer, Select, Statement};
use crate::schema::TableName;

/// The rows of a table that are members of some owners.
///
/// Its rows are the columns of the list. Of members through an association table, arrays follow with the keys of the owners of
/// that member, one a column of the key: a member comes once, however many owners it has. With a limit it comes once for each.
#[derive(Clone, Debug)]
pub struct SelectMembers {
    /// The table of the members.
    pub table: TableName<'static>,
    /// The columns that are read.
    pub list: Vec<&'static str>,
    /// Whose members.
    pub owners: Owners,
    /// What makes a row a member.
    pub by: MembersBy,
    /// Conditions on the members, all of which must be met.
    pub filter: Vec<Expr>,
    /// The order of the members of one owner.
    pub order: Vec<Order>,
    /// The most members of one owner.
    pub limit: Option<i64>,
    /// How many members of one owner are left out.
    pub offset: Option<i64>,
}

/// The owners, as rows of values that members refer to.
#[derive(Clone, Debug)]
pub enum Owners {
    /// An array a column.
    Keys(Vec<Param>),
    /// What a query gives.
    Query(Box<Select>),
}

/// What makes a row a member of an owner.
#[derive(Clone, Debug)]
pub enum MembersBy {
    /// Columns of its own hold the values of the owner.
    Columns(Vec<&'static str>),
    /// A row of an association table.
    Through {
        /// The association table.
        table: TableName<'static>,
        /// Its columns that hold the values of the owner.
        owner: Vec<&'static str>,
        /// Its columns that refer to the member.
        target: Vec<&'static str>,
        /// The columns of the member that they refer to.
        key: Vec<&'static str>,
        /// Conditions on the rows of the association table.
        filter: Vec<Expr>,
    },
}

impl SelectMembers {
    /// The statement.
    ///
    /// # Errors
    /// Why a part of it is invalid.
    pub fn render(&self) -> Result<Statement, String> {
        match (&self.by, self.limit.or(self.offset)) {
            (MembersBy::Columns(columns), None) => self.of_columns(columns).render(),
            (MembersBy::Columns(_), Some(_)) => self.limited(),
            (MembersBy::Through { .. }, None) => self.through(),
            (MembersBy::Through { .. }, Some(_)) => self.limited(),
        }
    }

    /// `… WHERE "customer_id" IN (SELECT unnest($1))`
    fn of_columns(&self, columns: &[&'static str]) -> Select {
        let mut select = Select::new(self.table, self.list.clone());
        select.filter.push(self.owners.contain(columns));
        select.filter.extend(self.filter.iter().cloned());
        select.order.clone_from(&self.order);
        select
    }

    /// `… FROM "product" AS m JOIN (SELECT "product_id" AS t0, array_agg("cart_id") AS k0 …) AS l ON m."id" = l.t0`
    fn through(&self) -> Result<Statement, String> {
        let MembersBy::Through { table, owner, target, key, filter } = &self.by else { unreachable!() };
        let mut out = Renderer::new(table.name);
        self.list(&mut out);
        for i in 0..owner.len() {
            out.push(", l.").numbered("k", i);
        }
        out.push(" FROM ").table_name(self.table).push(" AS m JOIN (SELECT ");
        for (i, column) in target.iter().enumerate() {
            out.name(column).push(" AS ").numbered("t", i).push(", ");
        }
        for (i, column) in owner.iter().enumerate() {
            out.push(comma(i)).push("array_agg(").name(column).push(") AS ").numbered("k", i);
        }
        let mut links = vec![self.owners.contain(owner)];
        links.extend(filter.iter().cloned());
        out.push(" FROM ").table_name(*table).push(" WHERE ").all(&links).push(" GROUP BY ");
        for (i, column) in target.iter().enumerate() {
            out.push(comma(i)).name(column);
        }
        out.push(") AS l ON ");
        for (i, column) in key.iter().enumerate() {
            out.push(if i == 0 { "m." } else { " AND m." }).name(column).push(" = l.").numbered("t", i);
        }
        if !self.filter.is_empty() {
            out.push(" WHERE ").within("m").all(&self.filter).leave();
        }
        out.within("m").order(&self.order).leave();
        out.finish()
    }

    /// `… FROM (SELECT unnest($1)) AS o(k0) CROSS JOIN LATERAL (SELECT t.* … WHERE t."customer_id" = o.k0 … LIMIT $2) AS m`
    fn limited(&self) -> Result<Statement, String> {
        let mut out = Renderer::new(self.table.name);
        self.list(&mut out);
        let (columns, scope) = match &self.by {
            MembersBy::Columns(columns) => (columns, "t"),
            MembersBy::Through { owner, .. } => {
                for i in 0..owner.len() {
                    out.push(", ARRAY[o.").numbered("k", i).push("]");
                }
                (owner, "l")
            }
        };
        out.push(" FROM (");
        match &self.owners {
            Owners::Keys(arrays) => out.unnest(arrays),
            Owners::Query(select) => out.select(select),
        };
        out.push(") AS o(");
        for i in 0..columns.len() {
            out.push(comma(i)).numbered("k", i);
        }
        out.push(") CROSS JOIN LATERAL (SELECT t.* FROM ").table_name(self.table).push(" AS t");
        if let MembersBy::Through { table, target, key, .. } = &self.by {
            out.push(" JOIN ").table_name(*table).push(" AS l ON ");
            for (i, (key, target)) in key.iter().zip(target).enumerate() {
                out.push(if i == 0 { "t." } else { " AND t." }).name(key).push(" = l.").name(target);
            }
        }
        for (i, column) in columns.iter().enumerate() {
            let word = if i == 0 { " WHERE " } else { " AND " };
            out.push(word).push(scope).push(".").name(column).push(" = o.").numbered("k", i);
        }
        if let MembersBy::Through { filter, .. } = &self.by {
            out.and("l", filter);
        }
        out.and("t", &self.filter).within("t").order(&self.order).leave();
        out.limit(self.limit, self.offset).push(") AS m").within("m").order(&self.order).leave();
        out.finish()
    }

    fn list(&self, out: &mut Renderer) {
        for (i, column) in self.list.iter().enumerate() {
            out.push(if i == 0 { "SELECT m." } else { ", m." }).name(column);
        }
    }
}

impl Owners {
    /// Whether some columns hold the values of an owner.
    pub fn contain(&self, columns: &[&'static str]) -> Expr {
        let columns = columns.to_vec();
        match self {
            Self::Keys(arrays) => Expr::InRows { columns, arrays: arrays.clone() },
            Self::Query(select) => Expr::InSelect { columns, select: select.clone() },
        }
    }
}

fn comma(position: usize) -> &'static str {
    if position == 0 { "" } else { ", " }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn products(owners: Owners) -> SelectMembers {
        SelectMembers {
            table: TableName::new("product"),
            list: vec!["id", "sku"],
            owners,
            by: MembersBy::Through {
                table: TableName::new("cart_product"),
                owner: vec!["cart_id"],
                target: vec!["product_id"],
                key: vec!["id"],
                filter: Vec::new(),
            },
            filter: vec![Expr::IsNull(Box::new(Expr::Column("gone")))],
            order: vec![Order::of("id", true)],
            limit: None,
            offset: None,
        }
    }

    #[test]
    fn members_through_a_table_come_once_with_all_their_owners() {
        let statement = products(Owners::Keys(vec![Param::int8(7)])).render().unwrap();
        assert_eq!(
            &*statement.text,
            "SELECT m.\"id\", m.\"sku\", l.k0 FROM \"product\" AS m JOIN (SELECT \"product_id\" AS t0, \
             array_agg(\"cart_id\") AS k0 FROM \"cart_product\" WHERE \"cart_id\" IN (SELECT unnest($1)) \
             GROUP BY \"product_id\") AS l ON m.\"id\" = l.t0 WHERE m.\"gone\" IS NULL ORDER BY m.\"id\" DESC"
        );
    }

    #[test]
    fn a_limit_counts_for_each_owner() {
        let carts = Select::new("cart", &["id"][..]);
        let mut members = products(Owners::Query(Box::new(carts)));
        members.limit = Some(3);
        let statement = members.render().unwrap();
        assert_eq!(
            &*statement.text,
            "SELECT m.\"id\", m.\"sku\", ARRAY[o.k0] FROM (SELECT \"cart\".\"id\" FROM \"cart\") AS o(k0) CROSS JOIN LATERAL \
             (SELECT t.* FROM \"product\" AS t JOIN \"cart_product\" AS l ON t.\"id\" = l.\"product_id\" \
             WHERE l.\"cart_id\" = o.k0 AND (t.\"gone\" IS NULL) ORDER BY t.\"id\" DESC LIMIT $1) AS m \
             ORDER BY m.\"id\" DESC"
        );
    }
}
