//! Reading by hand.

use crate::Raw;
use futures_util::future::join;
use futures_util::{StreamExt, pin_mut};
use orm_core::prelude::{DateTime, Utc};
use std::collections::HashMap;
use tokio_postgres::{Client, Row, RowStream, Statement};

/// The statements of the reading workloads.
///
/// `IN (SELECT unnest($1))` and not `= ANY($1)`, whose plan for any array compares every row with every element.
#[derive(Debug)]
pub(crate) struct Reads {
    customers: Statement,
    carts: Statement,
    links: Statement,
    products: Statement,
    products_with_carts: Statement,
}

impl Reads {
    pub(crate) async fn prepare(client: &Client) -> Self {
        let prepare = async |sql: &str| client.prepare(sql).await.expect("a statement");
        let owned = |column: &str| format!("{column} IN (SELECT unnest($1::bigint[]))");
        let (of_customers, of_carts) = (owned("customer_id"), owned("cart_id"));
        Self {
            customers: prepare("SELECT id, name, email, age, created_at FROM customer ORDER BY id").await,
            carts: prepare(&format!(
                "SELECT id, invoice, customer_id FROM cart WHERE {of_customers} ORDER BY id"
            ))
            .await,
            links: prepare(&format!("SELECT cart_id, product_id FROM cart_product WHERE {of_carts}")).await,
            products: prepare(&format!(
                "SELECT id, sku, title, price_cents FROM product \
                 WHERE id IN (SELECT product_id FROM cart_product WHERE {of_carts}) ORDER BY sku"
            ))
            .await,
            products_with_carts: prepare(&format!(
                "SELECT p.id, p.sku, p.title, p.price_cents, l.carts FROM product p JOIN \
                 (SELECT product_id, array_agg(cart_id) AS carts FROM cart_product WHERE {of_carts} \
                 GROUP BY product_id) l ON l.product_id = p.id ORDER BY p.sku"
            ))
            .await,
        }
    }
}

/// A loaded shop graph; carts name products by position.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The customers with their carts.
    pub customers: Vec<LoadedCustomer>,
    /// The products, each once.
    pub products: Vec<LoadedProduct>,
    /// Where each customer is.
    pub customers_by_id: HashMap<i64, usize>,
    /// Where each product is.
    pub products_by_id: HashMap<i64, usize>,
    /// Where each cart is: its customer, and its place there.
    pub carts_by_id: HashMap<i64, (usize, usize)>,
}

/// A loaded customer.
#[derive(Debug)]
pub struct LoadedCustomer {
    /// The key.
    pub id: i64,
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// In years.
    pub age: Option<i32>,
    /// When the row was made.
    pub created_at: DateTime<Utc>,
    /// The carts.
    pub carts: Vec<LoadedCart>,
}

/// A loaded cart.
#[derive(Debug)]
pub struct LoadedCart {
    /// The key.
    pub id: i64,
    /// The number of the invoice.
    pub invoice: Option<String>,
    /// The products, as positions.
    pub products: Vec<usize>,
}

/// A loaded product.
#[derive(Debug)]
pub struct LoadedProduct {
    /// The key.
    pub id: i64,
    /// The number in the catalogue.
    pub sku: String,
    /// The title.
    pub title: String,
    /// The price.
    pub price_cents: i64,
}

impl Raw {
    /// All customers into structs, one round trip.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn load_customers(&self) -> Vec<LoadedCustomer> {
        let rows = self.client.query_raw(&self.reads.customers, Vec::<i64>::new()).await.expect("rows");
        let mut customers = Vec::new();
        each(rows, |row| customers.push(customer(row))).await;
        customers
    }

    /// A shop graph into structs by four statements in three round trips: products and links travel together.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn load_graph(&self) -> Loaded {
        let (mut loaded, carts) = self.load_carts().await;
        let c = &self.client;
        let links = async {
            let mut pairs: Vec<(i64, i64)> = Vec::new();
            let rows = c.query_raw(&self.reads.links, [&carts]).await.expect("rows");
            each(rows, |row| pairs.push((row.get(0), row.get(1)))).await;
            pairs
        };
        let products = async {
            let rows = c.query_raw(&self.reads.products, [&carts]).await.expect("rows");
            each(rows, |row| {
                loaded.product(row);
            })
            .await;
        };
        let (pairs, ()) = join(links, products).await;
        for (cart, product) in pairs {
            let product = loaded.products_by_id[&product];
            loaded.link(cart, product);
        }
        loaded
    }

    /// [`load_graph`](Self::load_graph) by three statements: each product tells its carts.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn load_graph_by_arrays(&self) -> Loaded {
        let (mut loaded, carts) = self.load_carts().await;
        let products = self.client.query_raw(&self.reads.products_with_carts, [&carts]).await;
        each(products.expect("rows"), |row| {
            let product = loaded.product(row);
            for cart in row.get::<_, Vec<i64>>(4) {
                loaded.link(cart, product);
            }
        })
        .await;
        loaded
    }

    /// Customers and their carts; gives the keys of the carts.
    async fn load_carts(&self) -> (Loaded, Vec<i64>) {
        let customers = self.load_customers().await;
        let ids: Vec<i64> = customers.iter().map(|customer| customer.id).collect();
        let by_id = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        let mut loaded = Loaded { customers, customers_by_id: by_id, ..Loaded::default() };
        let rows = self.client.query_raw(&self.reads.carts, [&ids]).await.expect("rows");
        let mut carts = Vec::new();
        each(rows, |row| carts.push(loaded.cart(row))).await;
        (loaded, carts)
    }
}

impl Loaded {
    fn cart(&mut self, row: &Row) -> i64 {
        let (id, owner) = (row.get(0), self.customers_by_id[&row.get(2)]);
        let carts = &mut self.customers[owner].carts;
        carts.push(LoadedCart { id, invoice: row.get(1), products: Vec::new() });
        self.carts_by_id.insert(id, (owner, carts.len() - 1));
        id
    }

    fn product(&mut self, row: &Row) -> usize {
        let id = row.get(0);
        let at = self.products.len();
        self.products.push(LoadedProduct { id, sku: row.get(1), title: row.get(2), price_cents: row.get(3) });
        self.products_by_id.insert(id, at);
        at
    }

    fn link(&mut self, cart: i64, product: usize) {
        let (owner, cart) = self.carts_by_id[&cart];
        self.customers[owner].carts[cart].products.push(product);
    }

    /// How many customers, carts and links there are, and the sum of the prices in all carts.
    pub fn figures(&self) -> (usize, usize, usize, i64) {
        let carts = || self.customers.iter().flat_map(|customer| &customer.carts);
        let products = || carts().flat_map(|cart| &cart.products);
        let price = products().map(|product| self.products[*product].price_cents).sum();
        (self.customers.len(), carts().count(), products().count(), price)
    }
}

async fn each(rows: RowStream, mut take: impl FnMut(&Row)) {
    pin_mut!(rows);
    while let Some(row) = rows.next().await {
        take(&row.expect("a row"));
    }
}

fn customer(row: &Row) -> LoadedCustomer {
    LoadedCustomer {
        id: row.get(0),
        name: row.get(1),
        email: row.get(2),
        age: row.get(3),
        created_at: row.get(4),
        carts: Vec::new(),
    }
}
