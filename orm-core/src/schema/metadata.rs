//! All tables and views of a base, in the order in which they can be created.

use super::{Table, TableName, View};
use crate::types::{NamedType, SqlType};
use std::collections::BTreeSet;

/// The tables of one declarative base, each after those it refers to.
///
/// Where tables refer to each other in a circle no such order exists; then a foreign key that points
/// forward is created after all tables.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Base;
/// let metadata = Base::metadata()?;
/// let names: Vec<&str> = metadata.tables().iter().map(|table| table.name.as_str()).collect();
/// assert_eq!(names, ["customer", "cart", "product", "cart_product"]);
/// assert!(metadata.table("invoice").is_none());
/// assert!(metadata.types().is_empty() && metadata.views().is_empty());
/// # Ok::<_, orm_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Metadata {
    tables: Vec<Table>,
    types: Vec<&'static NamedType>,
    views: Vec<View>,
}

impl Metadata {
    pub(crate) fn new(tables: Vec<Table>) -> Self {
        let mut types = Vec::new();
        for column in tables.iter().flat_map(|table| &table.columns) {
            add_types(column.sql_type, &mut types);
        }
        Self { tables, types, views: Vec::new() }
    }

    /// The same tables, and views that read them: each after those that it reads.
    pub(crate) fn with_views(&self, views: Vec<View>) -> Self {
        Self { views, ..self.clone() }
    }

    /// The tables, each after those it refers to where that is possible.
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// The types with names of their own that columns of the tables have, each after those that it is made of.
    pub fn types(&self) -> &[&'static NamedType] {
        &self.types
    }

    /// The table of this name.
    pub fn table<'a>(&self, name: impl Into<TableName<'a>>) -> Option<&Table> {
        let name = name.into();
        self.tables.iter().find(|table| table.full_name() == name)
    }

    /// The views, each after those that it reads.
    pub fn views(&self) -> &[View] {
        &self.views
    }

    /// The view of this name.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::Base;
    /// assert!(Base::metadata()?.view("customer").is_none()); // a table
    /// # Ok::<_, orm_core::Error>(())
    /// ```
    pub fn view<'a>(&self, name: impl Into<TableName<'a>>) -> Option<&View> {
        let name = name.into();
        self.views.iter().find(|view| view.full_name() == name)
    }

    /// The schemas that models and types name, those left out that somebody else's views are in.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # orm_core::declarative_base!(pub Base);
    /// #[derive(Model, Clone, Debug)]
    /// #[model(base = Base, schema = "audit")]
    /// pub struct Entry {
    ///     #[model(primary_key)]
    ///     pub id: Auto<i64>,
    /// }
    /// assert!(Base::metadata()?.schemas().eq(["audit"]));
    /// # Ok::<_, orm_core::Error>(())
    /// ```
    pub fn schemas(&self) -> impl DoubleEndedIterator<Item = &str> {
        let tables = self.tables.iter().filter_map(|table| table.schema.as_deref());
        let views = self.views.iter().filter(|view| view.definition.is_some());
        let views = views.filter_map(|view| view.schema.as_deref());
        let types = self.types.iter().filter_map(|ty| ty.schema());
        tables.chain(views).chain(types).collect::<BTreeSet<_>>().into_iter()
    }
}

/// Adds the named types that a type is made of, and it itself.
fn add_types(ty: SqlType, types: &mut Vec<&'static NamedType>) {
    let SqlType::Named(named) = ty.item() else { return };
    named.parts().into_iter().for_each(|part| add_types(part, types));
    if !types.contains(&named) {
        types.push(named);
    }
}

/// The strongly connected components of a graph in which `edges[n]` are the nodes that `n` depends on;
/// each component comes after those it depends on (Tarjan 1972, without recursion).
pub(crate) fn components(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    const UNSEEN: usize = usize::MAX;
    let n = edges.len();
    let (mut index, mut low) = (vec![UNSEEN; n], vec![0; n]);
    let (mut on_stack, mut stack) = (vec![false; n], Vec::new());
    let (mut next, mut found) = (0, Vec::new());
    for root in 0..n {
        if index[root] != UNSEEN {
            continue;
        }
        let mut work = vec![(root, 0)];
        while let Some(&mut (node, ref mut edge)) = work.last_mut() {
            if *edge == 0 {
                index[node] = next;
                low[node] = next;
                next += 1;
                stack.push(node);
                on_stack[node] = true;
            }
            if let Some(&to) = edges[node].get(*edge) {
                *edge += 1;
                if index[to] == UNSEEN {
                    work.push((to, 0));
                } else if on_stack[to] {
                    low[node] = low[node].min(index[to]);
                }
                continue;
            }
            work.pop();
            if let Some(&(parent, _)) = work.last() {
                low[parent] = low[parent].min(low[node]);
            }
            if low[node] == index[node] {
                let start = stack.iter().rposition(|s| *s == node).expect("on the stack");
                let component: Vec<usize> = stack.split_off(start);
                for member in &component {
                    on_stack[*member] = false;
                }
                found.push(component);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dependency_order(edges: &[Vec<usize>]) -> Vec<usize> {
        components(edges).into_iter().flatten().collect()
    }

    #[test]
    fn dependencies_come_first() {
        // 0 → 1 → 2, 3 alone, 4 → 0
        let order = dependency_order(&[vec![1], vec![2], vec![], vec![], vec![0]]);
        let at = |n| order.iter().position(|x| *x == n).unwrap();
        assert!(at(2) < at(1) && at(1) < at(0) && at(0) < at(4));
        assert_eq!(order.len(), 5);
    }

    #[test]
    fn circles_are_one_component() {
        let parts = components(&[vec![1], vec![2], vec![0], vec![0], vec![4]]);
        let mut sizes: Vec<usize> = parts.iter().map(Vec::len).collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [1, 1, 3]);
        assert!(parts.iter().position(|p| p.len() == 3) < parts.iter().position(|p| p == &[3]));
    }

    #[test]
    fn a_node_that_is_seen_twice_while_open_is_one() {
        // Two children that both lead back: the counter must not re-enter the node.
        let parts = components(&[vec![1, 2], vec![0], vec![0]]);
        assert_eq!(parts.len(), 1);
        let parts = components(&[vec![0, 1], vec![]]);
        assert_eq!(parts.len(), 2);
    }

    #[test]
    fn ten_thousand_in_a_row_do_not_overflow_the_stack() {
        let edges: Vec<Vec<usize>> = (0..10_000).map(|n| if n == 0 { vec![] } else { vec![n - 1] }).collect();
        assert_eq!(dependency_order(&edges), (0..10_000).collect::<Vec<_>>());
    }
}
