//! Plans: what the server says about queries.

use crate::joins::shop;
use orm_core::bulk::{insert, update};
use orm_core::prelude::*;
use orm_core::query::{count, sum};
use orm_core::{ErrorKind, engine::Plan, sql};
use shop_models::models::{Base, Cart, Customer, Product};

fn kinds(plan: &Plan) -> Vec<&str> {
    plan.nodes().map(|node| node.kind.as_str()).collect()
}

#[orm_testkit::test(base = Base)]
async fn a_plan_is_a_tree_and_a_text(engine: Engine) {
    shop(&engine).await;
    let mut connection = engine.connection().await.unwrap();
    let dear = select::<Product>().filter(Product::PRICE_CENTS.gt(500)).order_by(Product::PRICE_CENTS.desc());
    let plan = connection.explain(dear.clone()).await.unwrap();
    assert_eq!(kinds(&plan), ["Sort", "Seq Scan"]);
    let scan = &plan.root.children[0];
    assert_eq!((scan.relation.as_deref(), &scan.index, &scan.actual), (Some("product"), &None, &None));
    assert!(scan.cost.total > 0.0 && scan.rows >= 1.0 && scan.width > 0.0);
    assert!(scan.details["Filter"].as_str().unwrap().contains("price_cents > "));
    assert_eq!((plan.planning_time, plan.execution_time), (None, None));
    let text = plan.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("Sort  (cost="), "{text}");
    assert!(lines[1].starts_with("  Sort Key: ") && lines[1].contains("price_cents DESC"), "{text}");
    assert!(lines[2].starts_with("  ->  Seq Scan on product  (cost="), "{text}");
    assert!(lines[3].starts_with("        Filter: (price_cents > "), "{text}");

    let plan = dear.explain_analyze(&mut connection).await.unwrap();
    let scan = &plan.root.children[0];
    let actual = scan.actual.unwrap();
    assert_eq!((actual.rows, actual.loops), (2.0, 1.0));
    assert_eq!(scan.details["Rows Removed by Filter"], 1);
    assert!(plan.execution_time.unwrap() >= actual.total);
    let text = plan.to_string();
    assert!(
        text.contains("rows=2 loops=1)\n") && text.contains("\n        Rows Removed by Filter: 1"),
        "{text}"
    );
    assert!(text.lines().last().unwrap().starts_with("Execution Time: "));
}

#[orm_testkit::test(base = Base)]
async fn any_query_has_a_plan(engine: Engine) {
    shop(&engine).await;
    let bought = select::<Customer>().join(Customer::CARTS).join(Cart::PRODUCTS);
    let spent = bought.group_by(Customer::NAME).columns(|name| (name, count(), sum(Product::PRICE_CENTS)));
    let plan = engine.explain_analyze(spent).await.unwrap();
    let tables: Vec<&str> = plan.nodes().filter_map(|node| node.relation.as_deref()).collect();
    for table in ["customer", "cart", "cart_product", "product"] {
        assert!(tables.contains(&table), "{plan}");
    }
    assert_eq!(plan.root.actual.unwrap().rows, 1.0);
    assert!(plan.nodes().any(|node| node.join.is_some()));

    // What is locked was there.
    let locked = engine.explain(select::<Product>().limit(1).for_update().skip_locked()).await.unwrap();
    assert_eq!(kinds(&locked), ["Limit", "LockRows", "Seq Scan"]);

    // A step that never ran has no figures.
    let none = select::<Product>().filter(Product::ID.eq(1)).limit(0).explain_analyze(&engine).await.unwrap();
    let (root, below) = (&none.root, &none.root.children[0]);
    assert_eq!((root.actual.unwrap().rows, below.actual), (0.0, None), "{none}");

    // Text, pages, and statements that write.
    let text = orm_core::sql!("SELECT * FROM product WHERE price_cents > {}", 500_i64);
    assert_eq!(text.clone().explain_analyze(&engine).await.unwrap().root.actual.unwrap().rows, 2.0);
    assert_eq!(kinds(&text.explain(&engine).await.unwrap()), ["Seq Scan"]);
    let page = || select::<Product>().order_by(Product::PRICE_CENTS).page_after(None, 2);
    assert_eq!(page().explain(&engine).await.unwrap().root.kind, "Limit");
    assert_eq!(page().explain_analyze(&engine).await.unwrap().root.actual.unwrap().rows, 3.0, "one more");
    let row = || Product::builder().sku("new").title("new").price_cents(1);
    assert_eq!(kinds(&insert([row()]).explain(&engine).await.unwrap())[0], "ModifyTable");
    let dearer = update(select::<Product>()).set(Product::PRICE_CENTS.set_to(7));
    assert_eq!(kinds(&dearer.explain(&engine).await.unwrap())[0], "ModifyTable");
    assert_eq!(select::<Product>().filter(Product::PRICE_CENTS.eq(7)).count(&engine).await.unwrap(), 0);

    let error = select::<Product>().with(Product::CARTS).explain(&engine).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[orm_testkit::test(base = Base)]
async fn a_session_explains_what_it_would_ask(engine: Engine) {
    shop(&engine).await;
    let mut session = engine.session();
    session.restrict::<Product>(Product::PRICE_CENTS.lt(500));
    session.add(Product::builder().sku("mint").title("mint").price_cents(100));
    let plan = session.query::<Product>().explain().await.unwrap();
    assert!(!session.in_transaction()); // nothing was written
    assert!(plan.root.details["Filter"].as_str().unwrap().contains("price_cents < "));
    let plan = session.query::<Product>().with(Product::CARTS).explain_analyze().await.unwrap();
    assert_eq!(plan.root.actual.unwrap().rows, 2.0);
    let all = session.explain_analyze(select::<Product>().unrestricted().for_share()).await.unwrap();
    assert_eq!(all.root.actual.unwrap().rows, 4.0);
    session.commit().await.unwrap();
}

#[orm_testkit::test(base = Base)]
async fn a_statement_that_writes_is_explained_in_a_session(engine: Engine) {
    shop(&engine).await;
    let mut session = engine.session();
    let products = session.query::<Product>().order_by(Product::ID).all().await.unwrap();
    let dearer = || update(select::<Product>()).set(Product::PRICE_CENTS.set_to(Product::PRICE_CENTS + 1));
    let before = session[products[0]].price_cents;
    dearer().explain(&mut session).await.unwrap();
    assert!(!session.is_expired(products[0]).unwrap());
    let plan = dearer().explain_analyze(&mut session).await.unwrap();
    let written = plan.nodes().map(|node| node.actual.unwrap().rows).fold(0.0, f64::max);
    assert_eq!(written, products.len() as f64, "{plan}");
    assert!(session.is_expired(products[0]).unwrap(), "it wrote");
    session.refresh(products[0]).await.unwrap();
    assert_eq!(session[products[0]].price_cents, before + 1);
    session.rollback().await.unwrap();
    session.refresh(products[0]).await.unwrap();
    assert_eq!(session[products[0]].price_cents, before);
    let named = session.query::<Product>().columns(Product::SKU).filter(Product::ID.eq(1));
    assert_eq!(named.explain().await.unwrap().root.index.as_deref(), Some("pk_product"));
    let named = session.query::<Product>().columns(Product::SKU);
    assert_eq!(named.explain_analyze().await.unwrap().root.actual.unwrap().rows, products.len() as f64);
}

/// What the steps of a plan are called in its text, line by line.
fn titles(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.split_once("  (cost=")).map(|(title, _)| title).collect()
}

/// Statements, and what asks for their plan as a text.
macro_rules! explained {
    ($($text:literal)*) => {
        [$(($text, concat!("EXPLAIN ", $text))),*]
    };
}

const STATEMENTS: &[(&str, &str)] = &explained! {
    "SELECT customer.name FROM customer LEFT JOIN cart ON cart.customer_id = customer.id"
    "SELECT customer.name FROM customer RIGHT JOIN cart ON cart.customer_id = customer.id"
    "SELECT customer.name FROM customer FULL JOIN cart ON cart.customer_id = customer.id"
    "SELECT customer.name, sku FROM customer JOIN product ON title = name"
    "SELECT name, count(*) FROM customer GROUP BY name"
    "SELECT count(*) FROM customer"
    "SELECT name, age, count(*) FROM customer GROUP BY ROLLUP (name, age)"
    "SELECT name FROM customer UNION SELECT sku FROM product"
    "SELECT name FROM customer INTERSECT SELECT sku FROM product"
    "SELECT name FROM customer EXCEPT ALL SELECT sku FROM product"
    "SELECT name FROM customer ORDER BY id DESC"
    "SELECT name FROM customer WHERE id IN (SELECT customer_id FROM cart)"
    "SELECT name FROM customer WHERE NOT EXISTS (SELECT FROM cart WHERE customer_id = customer.id)"
    "SELECT row_number() OVER (ORDER BY name) FROM customer LIMIT 3"
    "SELECT name FROM customer WHERE id < 3 OR id > 7"
    "SELECT n FROM generate_series(1, 3) AS n"
    "DELETE FROM cart_product"
    "UPDATE product SET title = sku"
    "INSERT INTO product (sku, title, price_cents) SELECT name, name, 1 FROM customer"
};

/// Plans show themselves with the names that the text of the server has, however the planner decides.
#[orm_testkit::test(base = Base)]
async fn steps_are_called_as_the_server_calls_them(engine: Engine) {
    shop(&engine).await;
    let mut connection = engine.connection().await.unwrap();
    connection.begin().await.unwrap();
    let mut shown = std::collections::BTreeSet::new();
    let settings = [
        "SET LOCAL enable_hashjoin = off",
        "SET LOCAL enable_mergejoin = off",
        "SET LOCAL enable_hashagg = off; SET LOCAL enable_hashjoin = on",
        "SET LOCAL enable_seqscan = off",
        "SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0; \
         SET LOCAL enable_seqscan = on",
    ];
    for setting in settings {
        for (statement, explained) in STATEMENTS {
            let said = sql::text(explained).scalars::<String>(&mut connection).await.unwrap().join("\n");
            let plan = sql::text(statement).explain(&mut connection).await.unwrap().to_string();
            assert_eq!(titles(&plan), titles(&said), "{statement}, before {setting}:\n{plan}\n{said}");
            shown.extend(
                titles(&plan).into_iter().map(|title| title.trim_start_matches([' ', '-', '>']).to_owned()),
            );
        }
        connection.execute_script(setting).await.unwrap();
    }
    let all: Vec<&String> = shown.iter().collect();
    for name in [
        "HashAggregate",
        "GroupAggregate",
        "Hash Right Join",
        "HashSetOp Except All",
        "Delete on cart_product",
    ] {
        assert!(shown.contains(name), "{name} in {all:?}");
    }
}
