//! A session beside the maps.

use crate::check::{check_database, check_session};
use crate::ops::{Op, Side};
use crate::shadow::{Id, Shadow, pick};
use orm_core::prelude::*;
use orm_tests::models::tree::Node;
use shop_models::models::{Cart, Customer, Product};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The handles of the living objects in the present session.
#[derive(Debug, Default)]
pub(crate) struct Handles {
    pub(crate) customers: BTreeMap<Id, Handle<Customer>>,
    pub(crate) carts: BTreeMap<Id, Handle<Cart>>,
    pub(crate) products: BTreeMap<Id, Handle<Product>>,
    pub(crate) nodes: BTreeMap<Id, Handle<Node>>,
}

#[derive(Debug)]
pub(crate) struct World {
    engine: Engine,
    pub(crate) session: Session,
    pub(crate) now: Shadow,
    pub(crate) committed: Shadow,
    /// What there was when each savepoint began.
    savepoints: Vec<Shadow>,
    pub(crate) handles: Handles,
    next: Id,
    /// What changed since the last flush, and through which side: saying the opposite through the other side before the
    /// flush would contradict, so that the flush comes first.
    moved: HashMap<(&'static str, Id), Side>,
    linked: HashMap<(Id, Id), Side>,
}

type Done = Result<(), String>;

fn told(error: orm_core::Error) -> String {
    format!("{error:?}")
}

impl World {
    pub(crate) async fn new(engine: &Engine) -> Self {
        let mut connection = engine.connection().await.unwrap();
        connection.execute_script("TRUNCATE customer, product, cart, cart_product, node").await.unwrap();
        Self {
            engine: engine.clone(),
            session: engine.session(),
            now: Shadow::default(),
            committed: Shadow::default(),
            savepoints: Vec::new(),
            handles: Handles::default(),
            next: 0,
            moved: HashMap::new(),
            linked: HashMap::new(),
        }
    }

    pub(crate) async fn apply(&mut self, op: &Op) -> Done {
        match *op {
            Op::AddCustomer { .. } | Op::AddCart { .. } | Op::AddProduct | Op::AddNode { .. } => {
                self.add(op)?;
            }
            Op::Age { customer, age } => {
                if let Some(id) = pick(&self.now.customers, customer) {
                    self.session[self.handles.customers[&id]].age = age;
                    self.now.customers.insert(id, age);
                }
            }
            Op::Price { product, price } => {
                if let Some(id) = pick(&self.now.products, product) {
                    self.session[self.handles.products[&id]].price_cents = price;
                    self.now.products.insert(id, price);
                }
            }
            Op::DeleteCustomer(_)
            | Op::DeleteCart(_)
            | Op::OrphanCart(_)
            | Op::DeleteProduct(_)
            | Op::DeleteNode(_) => {
                // A collection shows what a foreign key says after the flush, and can be left only then.
                // A new object that refers to a deleted one is refused.
                let orphan = matches!(op, Op::OrphanCart(_));
                let contradicts = |((what, _), side): (&(&'static str, Id), &Side)| {
                    orphan || *side != Side::One || what.starts_with("new")
                };
                if !self.linked.is_empty() || self.moved.iter().any(contradicts) {
                    self.flush().await?;
                }
                self.delete(op)?;
            }
            Op::Link { cart, product, side } => self.link(cart, product, side, true).await?,
            Op::Unlink { cart, product, side } => self.link(cart, product, side, false).await?,
            Op::Fill { cart, ref products } => self.fill(cart, products).await?,
            Op::Own { customer, ref carts } => self.own(customer, carts).await?,
            Op::MoveCart { cart, owner, side } => self.move_cart(cart, owner, side).await?,
            Op::MoveNode { node, parent, side } => self.move_node(node, parent, side).await?,
            Op::Load { relation, object, flushes: true } => {
                load(&mut self.session, &self.handles, &self.now, relation, object).await?;
            }
            Op::Load { relation, object, flushes: false } => {
                let mut quiet = self.session.no_autoflush();
                load(&mut quiet, &self.handles, &self.now, relation, object).await?;
            }
            Op::Flush => self.flush().await?,
            Op::Commit => {
                self.session.commit().await.map_err(told)?;
                self.settled();
                self.savepoints.clear();
                self.committed = self.now.clone();
                check_session(self)?;
                check_database(&self.engine, &self.committed).await?;
            }
            Op::Rollback => {
                self.session.rollback().await.map_err(told)?;
                self.settled();
                self.savepoints.clear();
                self.now = self.committed.clone();
                self.rolled_back().await?;
                check_session(self)?;
            }
            Op::Begin | Op::Release | Op::Undo => self.nest(op).await?,
            Op::Expire => {
                self.flush().await?;
                self.session.expire_all();
                check_session(self)?;
            }
            Op::Refresh { relation, object } => self.refresh(relation, object).await?,
            Op::Remerge { customer } => self.remerge(customer).await?,
            Op::Reopen { loaded } => self.reopen(loaded).await?,
        }
        Ok(())
    }

    fn settled(&mut self) {
        self.moved.clear();
        self.linked.clear();
    }

    async fn flush(&mut self) -> Done {
        self.session.flush().await.map_err(told)?;
        self.settled();
        check_session(self)
    }

    fn id(&mut self) -> Id {
        self.next += 1;
        self.next
    }

    fn add(&mut self, op: &Op) -> Done {
        match *op {
            Op::AddCustomer { carts } => {
                let id = self.id();
                let carts: Vec<Id> = (0..carts).map(|_| self.id()).collect();
                let members = carts.iter().map(|cart| Cart::builder().invoice(cart.to_string()));
                let customer = Customer::builder().name("c").email(id.to_string()).carts(members);
                let handle = self.session.add(customer);
                self.now.customers.insert(id, None);
                self.handles.customers.insert(id, handle);
                let members = self.session.at(handle).related(Customer::CARTS).unwrap();
                for (cart, member) in carts.into_iter().zip(members) {
                    self.now.carts.insert(cart, id);
                    self.handles.carts.insert(cart, member.handle());
                    self.moved.insert(("cart", cart), Side::Many);
                }
            }
            Op::AddCart { owner, side } => {
                let Some(owner) = pick(&self.now.customers, owner) else { return Ok(()) };
                let (id, to) = (self.id(), self.handles.customers[&owner]);
                let cart = Cart::builder().invoice(id.to_string());
                let handle = match side {
                    Side::One => {
                        self.moved.insert(("new cart", id), Side::One);
                        self.moved.insert(("cart", id), Side::One);
                        self.session.add(cart.customer(to))
                    }
                    Side::Many | Side::BothMany => {
                        let handle = self.session.add(cart);
                        self.session[to].carts.push(handle);
                        self.moved.insert(("cart", id), Side::Many);
                        handle
                    }
                    Side::Link => {
                        let handle = self.session.add(cart);
                        self.session.link(to, Customer::CARTS, handle).map_err(told)?;
                        self.moved.insert(("cart", id), Side::Link);
                        handle
                    }
                };
                self.now.carts.insert(id, owner);
                self.handles.carts.insert(id, handle);
            }
            Op::AddProduct => {
                let id = self.id();
                let product = Product::builder().sku(id.to_string()).title("p").price_cents(0);
                self.handles.products.insert(id, self.session.add(product));
                self.now.products.insert(id, 0);
            }
            Op::AddNode { parent, side } => {
                let parent = parent.and_then(|n| pick(&self.now.nodes, n));
                let id = self.id();
                let handle = self.session.add(Node::builder().name(id.to_string()));
                if let Some(to) = parent.map(|parent| self.handles.nodes[&parent]) {
                    match side {
                        Side::One => self.session[handle].parent = to.into(),
                        Side::Many | Side::BothMany => self.session[to].children.push(handle),
                        Side::Link => {
                            self.session.link(handle, Node::PARENT, to).map_err(told)?;
                        }
                    }
                    self.moved.insert(("node", id), side);
                }
                // It may come to refer to another one later.
                self.moved.insert(("new node", id), side);
                self.now.nodes.insert(id, parent);
                self.handles.nodes.insert(id, handle);
            }
            _ => unreachable!("not an addition: {op:?}"),
        }
        Ok(())
    }

    fn delete(&mut self, op: &Op) -> Done {
        match *op {
            Op::DeleteCustomer(n) => {
                let Some(id) = pick(&self.now.customers, n) else { return Ok(()) };
                self.session.delete(self.handles.customers[&id]).map_err(told)?;
                self.now.delete_customer(id);
            }
            Op::DeleteCart(n) | Op::OrphanCart(n) => {
                let Some(id) = pick(&self.now.carts, n) else { return Ok(()) };
                let (owner, cart) = (self.handles.customers[&self.now.carts[&id]], self.handles.carts[&id]);
                // A collection that is not loaded knows only of members that are in the session.
                if matches!(op, Op::OrphanCart(_)) {
                    self.session[owner].carts.remove(cart);
                } else {
                    self.session.delete(cart).map_err(told)?;
                }
                self.now.delete_cart(id);
            }
            Op::DeleteProduct(n) => {
                let Some(id) = pick(&self.now.products, n) else { return Ok(()) };
                self.session.delete(self.handles.products[&id]).map_err(told)?;
                self.now.delete_product(id);
            }
            Op::DeleteNode(n) => {
                let Some(id) = pick(&self.now.nodes, n) else { return Ok(()) };
                self.session.delete(self.handles.nodes[&id]).map_err(told)?;
                self.now.delete_node(id);
            }
            _ => unreachable!("not a deletion: {op:?}"),
        }
        let (now, handles) = (&self.now, &mut self.handles);
        handles.customers.retain(|id, _| now.customers.contains_key(id));
        handles.carts.retain(|id, _| now.carts.contains_key(id));
        handles.products.retain(|id, _| now.products.contains_key(id));
        handles.nodes.retain(|id, _| now.nodes.contains_key(id));
        Ok(())
    }

    async fn link(&mut self, cart: usize, product: usize, side: Side, add: bool) -> Done {
        let pair = pick(&self.now.carts, cart).zip(pick(&self.now.products, product));
        let Some(pair @ (cart, product)) = pair else { return Ok(()) };
        let side = match side {
            Side::BothMany => Side::Many,
            // What is not linked cannot be unlinked.
            Side::Link if !add && !self.now.links.contains(&pair) => return Ok(()),
            side => side,
        };
        if self.linked.get(&pair).is_some_and(|known| *known != side) {
            self.flush().await?;
        }
        self.linked.insert(pair, side);
        let (cart, product) = (self.handles.carts[&cart], self.handles.products[&product]);
        match (side, add) {
            (Side::One, true) => self.session[cart].products.push(product),
            (Side::One, false) => self.session[cart].products.remove(product),
            (Side::Link, true) => {
                self.session.link(cart, Cart::PRODUCTS, product).map_err(told)?;
            }
            (Side::Link, false) => self.session.unlink(cart, Cart::PRODUCTS, product).map_err(told)?,
            (_, true) => self.session[product].carts.push(cart),
            (_, false) => self.session[product].carts.remove(cart),
        }
        if add {
            self.now.links.insert(pair)
        } else {
            self.now.links.remove(&pair)
        };
        Ok(())
    }

    /// Puts a new collection in place of the products of a cart.
    async fn fill(&mut self, cart: usize, products: &[usize]) -> Done {
        let Some(cart) = pick(&self.now.carts, cart) else { return Ok(()) };
        // A product that was given the cart before would contradict.
        if self.linked.keys().any(|(other, _)| *other == cart) {
            self.flush().await?;
        }
        let products: BTreeSet<Id> = products.iter().filter_map(|n| pick(&self.now.products, *n)).collect();
        let handles = products.iter().map(|product| self.handles.products[product]);
        self.session[self.handles.carts[&cart]].products = handles.collect();
        self.now.links.retain(|(other, _)| *other != cart);
        self.now.links.extend(products.into_iter().map(|product| (cart, product)));
        self.flush().await
    }

    /// Puts a new collection in place of the carts of a customer.
    async fn own(&mut self, customer: usize, carts: &[usize]) -> Done {
        let Some(customer) = pick(&self.now.customers, customer) else { return Ok(()) };
        self.flush().await?;
        let carts: BTreeSet<Id> = carts.iter().filter_map(|n| pick(&self.now.carts, *n)).collect();
        let handles = carts.iter().map(|cart| self.handles.carts[cart]);
        self.session[self.handles.customers[&customer]].carts = handles.collect();
        let orphans: Vec<Id> =
            self.now.carts.iter().filter(|(_, owner)| **owner == customer).map(|(cart, _)| *cart).collect();
        for orphan in orphans.into_iter().filter(|cart| !carts.contains(cart)) {
            self.now.delete_cart(orphan);
            self.handles.carts.remove(&orphan);
        }
        self.now.carts.extend(carts.into_iter().map(|cart| (cart, customer)));
        self.flush().await
    }

    async fn move_cart(&mut self, cart: usize, owner: usize, side: Side) -> Done {
        let pair = pick(&self.now.carts, cart).zip(pick(&self.now.customers, owner));
        let Some((cart, owner)) = pair else { return Ok(()) };
        self.only(("cart", cart), side).await?;
        let old = self.handles.customers[&self.now.carts[&cart]];
        let (handle, to) = (self.handles.carts[&cart], self.handles.customers[&owner]);
        match side {
            Side::One => self.session[handle].customer.set(to),
            Side::Many => self.session[to].carts.push(handle),
            Side::BothMany => {
                self.session[old].carts.remove(handle);
                self.session[to].carts.push(handle);
            }
            Side::Link => {
                self.session.link(handle, Cart::CUSTOMER, to).map_err(told)?;
            }
        }
        self.now.carts.insert(cart, owner);
        Ok(())
    }

    async fn move_node(&mut self, node: usize, parent: Option<usize>, side: Side) -> Done {
        let Some(node) = pick(&self.now.nodes, node) else { return Ok(()) };
        let parent = parent.and_then(|n| pick(&self.now.nodes, n));
        self.only(("node", node), side).await?;
        let handle = self.handles.nodes[&node];
        let to = parent.map(|parent| self.handles.nodes[&parent]);
        let old = self.now.nodes[&node].map(|old| self.handles.nodes[&old]);
        if side == Side::One {
            self.session[handle].parent = to.map(BelongsTo::to);
        } else if side == Side::Link {
            match (old, to) {
                (_, Some(to)) => {
                    self.session.link(handle, Node::PARENT, to).map_err(told)?;
                }
                (Some(old), None) => self.session.unlink(handle, Node::PARENT, old).map_err(told)?,
                (None, None) => {}
            }
        } else {
            if let Some(old) = old
                && (side == Side::BothMany || to.is_none())
            {
                self.session[old].children.remove(handle);
            }
            if let Some(to) = to {
                self.session[to].children.push(handle);
            }
        }
        self.now.nodes.insert(node, parent);
        Ok(())
    }

    /// Flushes first when the owner of this object was changed before: two collections that both want it would
    /// contradict.
    async fn only(&mut self, what: (&'static str, Id), side: Side) -> Done {
        let again = self.moved.get(&what).is_some_and(|known| *known != Side::One || side != Side::One);
        if again {
            self.flush().await?;
        }
        self.moved.insert(what, side);
        Ok(())
    }

    /// The objects that were not committed are out; those that were deleted are back, under their old handles.
    async fn rolled_back(&mut self) -> Done {
        let session = &mut self.session;
        let mut handles = Handles::default();
        for customer in session.query::<Customer>().all().await.map_err(told)? {
            handles.customers.insert(session[customer].email.parse().unwrap(), customer);
        }
        for cart in session.query::<Cart>().all().await.map_err(told)? {
            handles.carts.insert(session[cart].invoice.as_ref().unwrap().parse().unwrap(), cart);
        }
        for product in session.query::<Product>().all().await.map_err(told)? {
            handles.products.insert(session[product].sku.parse().unwrap(), product);
        }
        for node in session.query::<Node>().all().await.map_err(told)? {
            handles.nodes.insert(session[node].name.parse().unwrap(), node);
        }
        self.handles = handles;
        Ok(())
    }

    async fn nest(&mut self, op: &Op) -> Done {
        match op {
            Op::Begin => {
                self.session.begin_nested().await.map_err(told)?.detach();
                self.savepoints.push(self.now.clone());
            }
            Op::Release if !self.savepoints.is_empty() => {
                self.session.commit_nested().await.map_err(told)?;
                self.savepoints.pop();
            }
            Op::Undo if !self.savepoints.is_empty() => {
                self.session.rollback_nested().await.map_err(told)?;
                self.now = self.savepoints.pop().expect("there is one");
                self.settled();
                self.rolled_back().await?;
            }
            _ => return Ok(()),
        }
        self.settled();
        check_session(self)
    }

    async fn refresh(&mut self, model: usize, object: usize) -> Done {
        self.flush().await?;
        let (session, handles, now) = (&mut self.session, &self.handles, &self.now);
        macro_rules! refresh {
            ($of:ident) => {
                match pick(&now.$of, object) {
                    Some(id) => session.refresh(handles.$of[&id]).await,
                    None => Ok(()),
                }
            };
        }
        let done = match model {
            0 => refresh!(customers),
            1 => refresh!(carts),
            2 => refresh!(products),
            _ => refresh!(nodes),
        };
        done.map_err(told)?;
        check_session(self)
    }

    /// Its carts leave with a customer where they are loaded; what of them is in no row is lost.
    async fn remerge(&mut self, customer: usize) -> Done {
        self.flush().await?;
        let Some(id) = pick(&self.now.customers, customer) else { return Ok(()) };
        let value = self.session.expunge(self.handles.customers[&id]).map_err(told)?;
        let handle = self.session.merge(value).await.map_err(told)?;
        self.handles.customers.insert(id, handle);
        let session = &mut self.session;
        for cart in session.query::<Cart>().all().await.map_err(told)? {
            let id = session[cart].invoice.as_ref().unwrap().parse().unwrap();
            self.handles.carts.insert(id, cart);
        }
        check_session(self)
    }

    async fn reopen(&mut self, loaded: bool) -> Done {
        self.session = self.engine.session();
        self.savepoints.clear();
        self.settled();
        self.now = self.committed.clone();
        self.rolled_back().await?;
        if loaded {
            let session = &mut self.session;
            let paths = (Customer::CARTS.then(Cart::PRODUCTS).then(Product::CARTS), Node::CHILDREN);
            session.query::<Customer>().with(paths.0).all().await.map_err(told)?;
            session.query::<Product>().with(Product::CARTS).all().await.map_err(told)?;
            session.query::<Node>().with(paths.1).all().await.map_err(told)?;
        }
        check_session(self)
    }
}

async fn load(
    session: &mut Session,
    handles: &Handles,
    now: &Shadow,
    relation: usize,
    object: usize,
) -> Done {
    macro_rules! load {
        ($of:ident, $relation:expr) => {
            match pick(&now.$of, object) {
                Some(id) => session.load(handles.$of[&id], $relation).await.map(|_| ()),
                None => Ok(()),
            }
        };
    }
    let done = match relation {
        0 => load!(customers, Customer::CARTS),
        1 => load!(carts, Cart::CUSTOMER),
        2 => load!(carts, Cart::PRODUCTS),
        3 => load!(products, Product::CARTS),
        4 => load!(nodes, Node::CHILDREN),
        _ => load!(nodes, Node::PARENT),
    };
    done.map_err(told)
}
