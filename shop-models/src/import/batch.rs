//! Some lines, written in one transaction by a session of their own.

use super::row::Row;
use super::run::Run;
use super::{Counts, Reason, Rejected};
use crate::models::{Cart, CartProduct, Customer, Product};
use orm_core::flush::{FlushPlan, StepKind};
use orm_core::prelude::*;
use std::collections::{BTreeSet, HashMap, HashSet};

/// A line that is right by itself.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) original: Vec<u8>,
    pub(super) row: Row,
}

/// How often a batch is tried that lost against another program which made the same rows.
const ATTEMPTS: u32 = 3;

/// Writes the lines; gives what was written, and appends the lines that contradict what is there.
pub(super) async fn write(
    engine: &Engine,
    lines: &[Line],
    run: &mut Run,
    rejected: &mut Vec<Rejected>,
) -> Result<Counts, super::Error> {
    let mut attempt = 1;
    loop {
        let mut batch = Batch::load(engine.session(), lines, run).await?;
        let refused = batch.take_all(lines);
        let counts = counts(&batch.session.flush_plan()?);
        match batch.session.commit().await {
            Err(error) if attempt < ATTEMPTS && is_lost_race(&error) => attempt += 1,
            result => {
                result?;
                let written = batch.written();
                run.remember(written)?;
                rejected.extend(refused);
                return Ok(counts);
            }
        }
    }
}

fn is_lost_race(error: &orm_core::Error) -> bool {
    error.is_unique_violation() || error.is_serialization_failure()
}

/// What the database has of a batch's lines, and what the lines make of it.
struct Batch<'r> {
    session: Session,
    run: &'r Run,
    customers: HashMap<String, Handle<Customer>>,
    products: HashMap<String, Handle<Product>>,
    carts: HashMap<String, (Handle<Cart>, String)>,
    /// The positions that are in the database, by the keys of cart and product.
    known: HashMap<(i64, i64), Handle<CartProduct>>,
    /// The positions that a line of this batch named.
    touched: HashMap<(Handle<Cart>, Handle<Product>), Handle<CartProduct>>,
}

impl<'r> Batch<'r> {
    /// Looks everything up that the lines name, with one query a table.
    async fn load(mut session: Session, lines: &[Line], run: &'r Run) -> orm_core::Result<Self> {
        let names = |of: fn(&Row) -> &str| lines.iter().map(|line| of(&line.row)).collect::<BTreeSet<_>>();
        let emails = Customer::EMAIL.in_any(names(|row| &row.email));
        let customers = session.query::<Customer>().filter(emails).all().await?;
        let skus = Product::SKU.in_any(names(|row| &row.sku));
        let products = session.query::<Product>().filter(skus).all().await?;
        let invoices = Cart::INVOICE.in_any(names(|row| &row.invoice));
        let carts = session.query::<Cart>().filter(invoices).with(Cart::CUSTOMER).all().await?;
        let positions = match carts.is_empty() || products.is_empty() {
            true => Vec::new(),
            false => {
                let of_carts = CartProduct::CART_ID.in_any(session.each(&carts).map(|cart| cart.id.unwrap()));
                let of_products = session.each(&products).map(|product| product.id.unwrap());
                let filter = of_carts & CartProduct::PRODUCT_ID.in_any(of_products);
                session.query::<CartProduct>().filter(filter).all().await?
            }
        };
        let owner = |cart: orm_core::session::Entity<'_, Cart>| {
            let owner = cart.related(Cart::CUSTOMER)?.email.clone();
            Ok((cart.invoice.clone().unwrap_or_default(), (cart.handle(), owner)))
        };
        Ok(Self {
            customers: session.each(&customers).map(|c| (c.email.clone(), c.handle())).collect(),
            products: session.each(&products).map(|p| (p.sku.clone(), p.handle())).collect(),
            carts: session.each(&carts).map(owner).collect::<orm_core::Result<_>>()?,
            known: session.each(&positions).filter_map(|p| Some((keys(&p)?, p.handle()))).collect(),
            touched: HashMap::new(),
            session,
            run,
        })
    }

    fn take_all(&mut self, lines: &[Line]) -> Vec<Rejected> {
        let refusal =
            |line: &Line, reason| Rejected { line: line.number, reason, original: line.original.clone() };
        lines.iter().filter_map(|line| Some(refusal(line, self.take(&line.row).err()?))).collect()
    }

    /// Takes one line over. One that is refused leaves nothing behind, not even its customer.
    fn take(&mut self, row: &Row) -> Result<(), Reason> {
        if let Some((_, owner)) = self.carts.get(&row.invoice)
            && *owner != row.email
        {
            let (invoice, owner, found) = (row.invoice.clone(), owner.clone(), row.email.clone());
            return Err(Reason::OtherCustomer { invoice, owner, found });
        }
        let quantity = self.quantity(row)?;
        let customer = self.customer(row);
        let cart = self.cart(row, customer);
        let product = self.product(row);
        let position = match self.position(cart, product) {
            Some(position) => {
                if self.session[position].quantity != quantity {
                    self.session[position].quantity = Auto::Set(quantity);
                }
                position
            }
            None => self.session.add(CartProduct::builder().cart(cart).product(product).quantity(quantity)),
        };
        self.touched.insert((cart, product), position);
        Ok(())
    }

    /// The quantity that the position has after this line: added to what this run has written, instead of what was
    /// there before it.
    fn quantity(&self, row: &Row) -> Result<i32, Reason> {
        let so_far = self.so_far(row).unwrap_or(0);
        so_far.checked_add(row.quantity).ok_or_else(|| {
            let (invoice, sku) = (row.invoice.clone(), row.sku.clone());
            Reason::TooMany { invoice, sku }
        })
    }

    fn so_far(&self, row: &Row) -> Option<i32> {
        let (cart, product) = (self.carts.get(&row.invoice)?.0, *self.products.get(&row.sku)?);
        let is_ours = self.touched.contains_key(&(cart, product))
            || self.keys_of(cart, product).is_some_and(|(cart, product)| self.run.wrote(cart, product));
        let position = self.position(cart, product)?;
        is_ours.then(|| self.session[position].quantity.into_option()).flatten()
    }

    fn position(&self, cart: Handle<Cart>, product: Handle<Product>) -> Option<Handle<CartProduct>> {
        let touched = self.touched.get(&(cart, product));
        touched.or_else(|| self.known.get(&self.keys_of(cart, product)?)).copied()
    }

    fn keys_of(&self, cart: Handle<Cart>, product: Handle<Product>) -> Option<(i64, i64)> {
        Some((*self.session[cart].id.get()?, *self.session[product].id.get()?))
    }

    fn customer(&mut self, row: &Row) -> Handle<Customer> {
        if let Some(&customer) = self.customers.get(&row.email) {
            if self.session[customer].name != row.name {
                self.session[customer].name.clone_from(&row.name);
            }
            return customer;
        }
        let customer = self.session.add(Customer::builder().name(&row.name).email(&row.email));
        self.customers.insert(row.email.clone(), customer);
        customer
    }

    fn product(&mut self, row: &Row) -> Handle<Product> {
        if let Some(&product) = self.products.get(&row.sku) {
            let known = &self.session[product];
            if known.title != row.title || known.price_cents != row.price_cents {
                let known = &mut self.session[product];
                known.title.clone_from(&row.title);
                known.price_cents = row.price_cents;
            }
            return product;
        }
        let new = Product::builder().sku(&row.sku).title(&row.title).price_cents(row.price_cents);
        let product = self.session.add(new);
        self.products.insert(row.sku.clone(), product);
        product
    }

    fn cart(&mut self, row: &Row, customer: Handle<Customer>) -> Handle<Cart> {
        if let Some(&(cart, _)) = self.carts.get(&row.invoice) {
            return cart;
        }
        let cart = self.session.add(Cart::builder().invoice(row.invoice.clone()).customer(customer));
        self.carts.insert(row.invoice.clone(), (cart, row.email.clone()));
        cart
    }

    /// The keys of the positions that the lines named, once they are committed.
    fn written(self) -> HashSet<(i64, i64)> {
        self.touched.keys().filter_map(|(cart, product)| self.keys_of(*cart, *product)).collect()
    }
}

fn keys(position: &CartProduct) -> Option<(i64, i64)> {
    Some((*position.cart.key()?, *position.product.key()?))
}

/// What a flush is about to write, by tables.
fn counts(plan: &FlushPlan) -> Counts {
    let mut counts = Counts::default();
    for step in plan.steps() {
        let rows = step.rows as u64;
        match (step.kind, step.table.as_str()) {
            (StepKind::Insert, "customer") => counts.customers += rows,
            (StepKind::Insert, "product") => counts.products += rows,
            (StepKind::Insert, "cart") => counts.carts += rows,
            (StepKind::Insert, _) => counts.positions += rows,
            (StepKind::Update, _) => counts.changed += rows,
            _ => {}
        }
    }
    counts
}
