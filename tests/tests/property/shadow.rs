//! What should be: plain maps. Objects are known by a number that is written into their unique column.

use std::collections::{BTreeMap, BTreeSet};

pub(crate) type Id = u32;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shadow {
    /// The age of each.
    pub(crate) customers: BTreeMap<Id, Option<i32>>,
    /// The customer of each.
    pub(crate) carts: BTreeMap<Id, Id>,
    /// The price of each.
    pub(crate) products: BTreeMap<Id, i64>,
    /// Carts and products.
    pub(crate) links: BTreeSet<(Id, Id)>,
    /// The parent of each.
    pub(crate) nodes: BTreeMap<Id, Option<Id>>,
}

/// The `n`th living one.
pub(crate) fn pick<V>(of: &BTreeMap<Id, V>, n: usize) -> Option<Id> {
    of.keys().nth(n % of.len().max(1)).copied()
}

impl Shadow {
    pub(crate) fn delete_customer(&mut self, id: Id) {
        self.customers.remove(&id);
        for cart in self.carts_of(id) {
            self.delete_cart(cart);
        }
    }

    pub(crate) fn delete_cart(&mut self, id: Id) {
        self.carts.remove(&id);
        self.links.retain(|(cart, _)| *cart != id);
    }

    pub(crate) fn delete_product(&mut self, id: Id) {
        self.products.remove(&id);
        self.links.retain(|(_, product)| *product != id);
    }

    pub(crate) fn delete_node(&mut self, id: Id) {
        self.nodes.remove(&id);
        for parent in self.nodes.values_mut() {
            parent.take_if(|parent| *parent == id);
        }
    }

    pub(crate) fn carts_of(&self, customer: Id) -> BTreeSet<Id> {
        self.carts.iter().filter(|(_, owner)| **owner == customer).map(|(cart, _)| *cart).collect()
    }

    pub(crate) fn products_of(&self, cart: Id) -> BTreeSet<Id> {
        self.links.iter().filter(|(c, _)| *c == cart).map(|(_, product)| *product).collect()
    }

    pub(crate) fn carts_with(&self, product: Id) -> BTreeSet<Id> {
        self.links.iter().filter(|(_, p)| *p == product).map(|(cart, _)| *cart).collect()
    }

    pub(crate) fn children_of(&self, node: Id) -> BTreeSet<Id> {
        self.nodes.iter().filter(|(_, parent)| **parent == Some(node)).map(|(child, _)| *child).collect()
    }
}
