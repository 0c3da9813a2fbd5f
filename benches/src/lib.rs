//! What the benchmarks share: a database, and the best hand-written form of each workload.
//!
//! The hand-written forms send what an expert would send with tokio-postgres: prepared statements, arrays and
//! `UNNEST` instead of rows, statements pipelined, keys reserved before a graph is written, rows taken from the stream.

mod raw;
mod read;
mod session;

pub use raw::{Customer as RawCustomer, Raw, customers};
pub use read::{Loaded, LoadedCart, LoadedCustomer, LoadedProduct};
pub use session::{commit, figures, graph, load_customers, load_graph, objects, owned_customers, round};

use orm_core::Engine;
use orm_testkit::TestDatabase;
use shop_models::models::Base;
use tokio::runtime::Runtime;

/// A runtime, a database with the shop's tables, and both ways to it.
#[derive(Debug)]
pub struct Bench {
    /// Of one thread, like a connection's own work.
    pub runtime: Runtime,
    /// The ORM's way.
    pub engine: Engine,
    /// The hand-written way.
    pub raw: Raw,
    _database: TestDatabase,
}

impl Bench {
    /// A fresh database.
    ///
    /// # Panics
    /// When no server can be had.
    #[expect(clippy::new_without_default, reason = "it starts a server")]
    pub fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (database, engine, raw) = runtime.block_on(async {
            let database = orm_testkit::database_of::<Base>().await.expect("a database");
            let engine = Engine::builder(database.url()).pool_size(1).connect().await.expect("an engine");
            let raw = Raw::connect(database.url()).await;
            (database, engine, raw)
        });
        Self { runtime, engine, raw, _database: database }
    }

    /// A fresh database with so many customers.
    ///
    /// # Panics
    /// When no server can be had.
    pub fn of_customers(count: usize) -> Self {
        let bench = Self::new();
        bench.runtime.block_on(bench.raw.insert_many(customers(count, 0)));
        bench.analyze();
        bench
    }

    /// Tells the planner what is in the tables.
    pub fn analyze(&self) {
        self.runtime.block_on(self.raw.script("ANALYZE"));
    }

    /// Empties all tables, so that no benchmark pays for the rows of another.
    pub fn empty(&self) {
        self.runtime
            .block_on(self.raw.script("TRUNCATE customer, cart, product, cart_product RESTART IDENTITY"));
    }
}

/// The size of a shop graph: customers, two carts each, products, links for each cart.
#[derive(Clone, Copy, Debug)]
pub struct Graph {
    /// Customers.
    pub customers: usize,
    /// Products.
    pub products: usize,
    /// Products in each cart.
    pub links: usize,
}

/// 1,000 customers, 2,000 carts, 500 products, 10,000 links.
pub const SHOP: Graph = Graph { customers: 1_000, products: 500, links: 5 };

impl Graph {
    /// The products of cart `cart`, as positions.
    pub fn products_of(self, cart: usize) -> impl Iterator<Item = usize> {
        (0..self.links).map(move |link| (cart * 7 + link * 13) % self.products)
    }
}
