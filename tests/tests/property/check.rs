//! Comparing the session, and the database, with the maps.

use crate::shadow::{Id, Shadow};
use crate::world::World;
use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::session::{Entity, Related};
use orm_tests::models::tree::Node;
use shop_models::models::{Cart, CartProduct, Customer, Product};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

fn same<T: PartialEq + Debug>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}: found {found:?}, expected {expected:?}")) }
}

/// What stands at the other end of a relation, when that is loaded.
fn loaded<'s, T: Model, U: Model, A: Related>(
    of: &Entity<'s, T>,
    relation: orm_core::mapper::Relation<T, U, A>,
) -> Result<Option<A::Of<'s, U>>, String> {
    match of.related(relation) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotLoaded => Ok(None),
        Err(error) => Err(format!("{error:?}")),
    }
}

fn number(text: &str) -> Id {
    text.parse().unwrap()
}

/// Every object, and every relation that is loaded, is as the maps say.
pub(crate) fn check_session(world: &World) -> Result<(), String> {
    let (session, now, handles) = (&world.session, &world.now, &world.handles);
    let keys: BTreeSet<&Id> = handles.customers.keys().collect();
    same("customers", &keys, &now.customers.keys().collect())?;
    let keys: BTreeSet<&Id> = handles.carts.keys().collect();
    same("carts", &keys, &now.carts.keys().collect())?;
    let keys: BTreeSet<&Id> = handles.products.keys().collect();
    same("products", &keys, &now.products.keys().collect())?;
    let keys: BTreeSet<&Id> = handles.nodes.keys().collect();
    same("nodes", &keys, &now.nodes.keys().collect())?;

    for (id, handle) in &handles.customers {
        let customer = session.try_at(*handle).map_err(|e| e.to_string())?;
        same("email", &number(&customer.email), id)?;
        same("age", &customer.age, &now.customers[id])?;
        if let Some(carts) = loaded(&customer, Customer::CARTS)? {
            let carts = carts.map(|cart| number(cart.invoice.as_deref().unwrap())).collect();
            same(&format!("carts of {id} in the session"), &carts, &now.carts_of(*id))?;
        }
    }
    for (id, handle) in &handles.carts {
        let cart = session.try_at(*handle).map_err(|e| e.to_string())?;
        same("invoice", &number(cart.invoice.as_deref().unwrap()), id)?;
        if let Some(customer) = loaded(&cart, Cart::CUSTOMER)? {
            same(&format!("customer of {id} in the session"), &number(&customer.email), &now.carts[id])?;
        }
        if let Some(products) = loaded(&cart, Cart::PRODUCTS)? {
            let products = products.map(|product| number(&product.sku)).collect();
            same(&format!("products of {id} in the session"), &products, &now.products_of(*id))?;
        }
    }
    for (id, handle) in &handles.products {
        let product = session.try_at(*handle).map_err(|e| e.to_string())?;
        same("price", &product.price_cents, &now.products[id])?;
        if let Some(carts) = loaded(&product, Product::CARTS)? {
            let carts = carts.map(|cart| number(cart.invoice.as_deref().unwrap())).collect();
            same(&format!("carts with {id} in the session"), &carts, &now.carts_with(*id))?;
        }
    }
    for (id, handle) in &handles.nodes {
        let node = session.try_at(*handle).map_err(|e| e.to_string())?;
        if let Some(parent) = loaded(&node, Node::PARENT)? {
            let parent = parent.map(|parent| number(&parent.name));
            same(&format!("parent of {id} in the session"), &parent, &now.nodes[id])?;
        }
        if let Some(children) = loaded(&node, Node::CHILDREN)? {
            let children = children.map(|child| number(&child.name)).collect();
            same(&format!("children of {id} in the session"), &children, &now.children_of(*id))?;
        }
    }
    Ok(())
}

/// The rows are as the maps say.
pub(crate) async fn check_database(engine: &Engine, expected: &Shadow) -> Result<(), String> {
    same("rows of the database", &read(engine).await.map_err(|error| format!("{error:?}"))?, expected)
}

async fn read(engine: &Engine) -> orm_core::Result<Shadow> {
    let mut found = Shadow::default();
    let customers = engine.fetch_all(columns((Customer::ID, Customer::EMAIL, Customer::AGE))).await?;
    let customers: BTreeMap<i64, (Id, Option<i32>)> =
        customers.into_iter().map(|(id, email, age)| (id, (number(&email), age))).collect();
    let carts = engine.fetch_all(columns((Cart::ID, Cart::INVOICE, Cart::CUSTOMER_ID))).await?;
    let carts: BTreeMap<i64, (Id, Id)> = carts
        .into_iter()
        .map(|(id, invoice, owner)| (id, (number(invoice.as_deref().unwrap()), customers[&owner].0)))
        .collect();
    let products = engine.fetch_all(columns((Product::ID, Product::SKU, Product::PRICE_CENTS))).await?;
    let products: BTreeMap<i64, (Id, i64)> =
        products.into_iter().map(|(id, sku, price)| (id, (number(&sku), price))).collect();
    let links = engine.fetch_all(columns((CartProduct::CART_ID, CartProduct::PRODUCT_ID))).await?;
    found.links = links.iter().map(|(cart, product)| (carts[cart].0, products[product].0)).collect();
    found.customers = customers.into_values().collect();
    found.carts = carts.into_values().collect();
    found.products = products.into_values().collect();
    let nodes = engine.fetch_all(columns((Node::ID, Node::NAME, Node::PARENT_ID))).await?;
    let names: BTreeMap<i64, Id> = nodes.iter().map(|(id, name, _)| (*id, number(name))).collect();
    found.nodes =
        nodes.iter().map(|(id, _, parent)| (names[id], parent.map(|parent| names[&parent]))).collect();
    Ok(found)
}
