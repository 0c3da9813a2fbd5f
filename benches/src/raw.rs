//! Writing by hand.

use crate::Graph;
use crate::read::Reads;
use futures_util::future::{join, join3, try_join_all};
use tokio_postgres::{Client, NoTls, Statement};

/// A customer as hand-written code has it.
#[derive(Clone, Debug)]
pub struct Customer {
    /// Given by the database.
    pub id: i64,
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// In years.
    pub age: Option<i32>,
}

/// New customers with addresses that nobody has.
pub fn customers(count: usize, round: u64) -> Vec<Customer> {
    let customer = |n| Customer {
        id: 0,
        name: format!("Customer {n}"),
        email: format!("{round}.{n}@example.org"),
        age: (n % 3 == 0).then_some(30),
    };
    (0..count).map(customer).collect()
}

/// A connection with the statements that the workloads need.
#[derive(Debug)]
pub struct Raw {
    pub(crate) client: Client,
    one: Statement,
    many: Statement,
    reserve: [Statement; 3],
    insert: [Statement; 4],
    pub(crate) reads: Reads,
}

impl Raw {
    pub(crate) async fn connect(url: &str) -> Self {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("a connection");
        tokio::spawn(connection);
        let prepare = async |sql: &str| client.prepare(sql).await.expect("a statement");
        let reserve = async |table: &str| {
            let sql = format!(
                "SELECT array_agg(nextval(pg_get_serial_sequence('{table}', 'id'))) FROM generate_series(1, $1::bigint)"
            );
            client.prepare(&sql).await.expect("a statement")
        };
        let many = "INSERT INTO customer (name, email, age) SELECT * FROM UNNEST($1::text[], $2::text[], $3::int[]) \
                    RETURNING id, created_at";
        let insert = [
            "INSERT INTO customer (id, name, email, age) \
             SELECT * FROM UNNEST($1::bigint[], $2::text[], $3::text[], $4::int[]) RETURNING id, created_at",
            "INSERT INTO cart (id, customer_id) SELECT * FROM UNNEST($1::bigint[], $2::bigint[])",
            "INSERT INTO product (id, sku, title, price_cents) \
             SELECT * FROM UNNEST($1::bigint[], $2::text[], $3::text[], $4::bigint[])",
            "INSERT INTO cart_product (cart_id, product_id) SELECT * FROM UNNEST($1::bigint[], $2::bigint[])",
        ];
        Self {
            one: prepare(
                "INSERT INTO customer (name, email, age) VALUES ($1, $2, $3) RETURNING id, created_at",
            )
            .await,
            many: prepare(many).await,
            reserve: [reserve("customer").await, reserve("cart").await, reserve("product").await],
            insert: [
                prepare(insert[0]).await,
                prepare(insert[1]).await,
                prepare(insert[2]).await,
                prepare(insert[3]).await,
            ],
            reads: Reads::prepare(&client).await,
            client,
        }
    }

    pub(crate) async fn script(&self, sql: &str) {
        self.client.batch_execute(sql).await.expect("a script");
    }

    /// One new row, one round trip.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn insert_one(&self, mut customer: Customer) -> i64 {
        let row = self.client.query_one(&self.one, &[&customer.name, &customer.email, &customer.age]).await;
        customer.id = row.expect("a row").get(0);
        customer.id
    }

    /// Many new rows, one round trip; keys by the order of rows, which PostgreSQL does not promise.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn insert_many(&self, mut customers: Vec<Customer>) -> Vec<Customer> {
        let names: Vec<&str> = customers.iter().map(|c| c.name.as_str()).collect();
        let emails: Vec<&str> = customers.iter().map(|c| c.email.as_str()).collect();
        let ages: Vec<Option<i32>> = customers.iter().map(|c| c.age).collect();
        let rows = self.client.query(&self.many, &[&names, &emails, &ages]).await.expect("rows");
        for (customer, row) in customers.iter_mut().zip(&rows) {
            customer.id = row.get(0);
        }
        customers
    }

    /// A shop graph in two round trips: keys first, then everything.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn insert_graph(&self, graph: Graph, round: u64) -> usize {
        let customers = customers(graph.customers, round);
        let counts = [graph.customers, graph.customers * 2, graph.products];
        let counts = counts.map(|n| i64::try_from(n).expect("a small graph"));
        let keys = self.reserve.iter().zip(&counts).map(async |(statement, count)| {
            let row = self.client.query_one(statement, &[count]).await?;
            Ok::<Vec<i64>, tokio_postgres::Error>(row.get(0))
        });
        let keys = try_join_all(keys).await.expect("keys");
        let [customer_ids, cart_ids, product_ids] = &keys[..] else { panic!("three kinds of keys") };

        let names: Vec<&str> = customers.iter().map(|c| c.name.as_str()).collect();
        let emails: Vec<&str> = customers.iter().map(|c| c.email.as_str()).collect();
        let ages: Vec<Option<i32>> = customers.iter().map(|c| c.age).collect();
        let owners: Vec<i64> = (0..cart_ids.len()).map(|cart| customer_ids[cart / 2]).collect();
        let skus: Vec<String> = (0..graph.products).map(|n| format!("{round}.{n}")).collect();
        let titles: Vec<String> = (0..graph.products).map(|n| format!("Product {n}")).collect();
        let prices: Vec<i64> = (0..graph.products).map(|n| i64::try_from(n).expect("small")).collect();
        let links = || (0..cart_ids.len()).flat_map(|cart| graph.products_of(cart).map(move |p| (cart, p)));
        let link_carts: Vec<i64> = links().map(|(cart, _)| cart_ids[cart]).collect();
        let link_products: Vec<i64> = links().map(|(_, product)| product_ids[product]).collect();

        let c = &self.client;
        let answers = join3(
            join(c.batch_execute("BEGIN"), c.query(&self.insert[0], &[customer_ids, &names, &emails, &ages])),
            join(
                c.query(&self.insert[1], &[cart_ids, &owners]),
                c.query(&self.insert[2], &[product_ids, &skus, &titles, &prices]),
            ),
            join(c.query(&self.insert[3], &[&link_carts, &link_products]), c.batch_execute("COMMIT")),
        )
        .await;
        let ((begun, inserted), (carts, products), (linked, committed)) = answers;
        begun.and(committed).expect("a transaction");
        carts.and(products).and(linked).expect("rows");
        inserted.expect("rows").len()
    }
}
