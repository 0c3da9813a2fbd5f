//! The report adds up rightly, in pages of any size.

use orm_core::prelude::*;
use shop_models::import::{Options, import_file};
use shop_models::models::*;
use shop_models::report::{self, Report, report};
use std::path::Path;

async fn sell(name: &str, invoice: &str, goods: &[(Handle<Product>, i32)], session: &mut Session) {
    let email = format!("{name}@x");
    let known = session.query::<Customer>().filter(Customer::EMAIL.eq(&email)).one_or_none().await.unwrap();
    let customer = known.unwrap_or_else(|| session.add(Customer::builder().name(name).email(email)));
    let cart = session.add(Cart::builder().invoice(invoice.to_owned()).customer(customer));
    for (product, quantity) in goods {
        session.add(CartProduct::builder().cart(cart).product(*product).quantity(*quantity));
    }
    session.commit().await.unwrap();
}

async fn shop(engine: &Engine) {
    let mut session = engine.session();
    let mut product = |sku: &str, cents| {
        session.add(Product::builder().sku(sku).title(sku.to_lowercase()).price_cents(cents))
    };
    let (tea, pot, cup) = (product("TEA", 400), product("POT", 9000), product("CUP", 1000));
    product("UNSOLD", 1);
    sell("ann", "1", &[(tea, 10), (cup, 1)], &mut session).await;
    sell("bob", "2", &[(pot, 1)], &mut session).await;
    sell("ann", "3", &[(tea, 3)], &mut session).await;
    sell("cid", "4", &[(cup, 9)], &mut session).await;
    session.add(Customer::builder().name("dee").email("dee@x"));
    session.commit().await.unwrap();
}

fn names(report: &Report) -> [Vec<String>; 3] {
    let customer = |c: &report::BestCustomer| format!("{} {} {}", c.name, c.carts, c.revenue_cents);
    let product = |p: &report::BestProduct| format!("{} {} {}", p.sku, p.quantity, p.revenue_cents);
    [
        report.customers.iter().map(customer).collect(),
        report.by_quantity.iter().map(product).collect(),
        report.by_revenue.iter().map(product).collect(),
    ]
}

#[orm_testkit::test(base = Base)]
async fn the_best_are_found_in_pages_of_any_size(engine: Engine) {
    shop(&engine).await;
    for page in [1, 2, 3, 100] {
        let report = report(&engine, report::Options { top: 3, page }).await.unwrap();
        let [customers, by_quantity, by_revenue] = names(&report);
        assert_eq!(customers, ["bob 1 9000", "cid 1 9000", "ann 2 6200"], "pages of {page}");
        assert_eq!(by_quantity, ["TEA 13 5200", "CUP 10 10000", "POT 1 9000"], "pages of {page}");
        assert_eq!(by_revenue, ["CUP 10 10000", "POT 1 9000", "TEA 13 5200"], "pages of {page}");
        assert_eq!(report.revenue_cents, 24_200);
        let top = self::report(&engine, report::Options { top: 1, page }).await.unwrap();
        assert_eq!(names(&top).map(|names| names.len()), [1, 1, 1]);
    }
}

#[orm_testkit::test(base = Base)]
async fn the_tables_are_for_people(engine: Engine) {
    assert_eq!(
        report(&engine, report::Options::default()).await.unwrap().to_string(),
        "Nothing was sold yet."
    );
    shop(&engine).await;
    let text = report(&engine, report::Options::default()).await.unwrap().to_string();
    for part in
        ["Best customers by revenue", "│ 1   bob        bob@x        1     90.00 │", "13", "100.00", "242.00"]
    {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[orm_testkit::test(base = Base)]
async fn queries_grow_with_pages_not_with_rows(engine: Engine) {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sample.csv");
    import_file(&engine, &sample, &Options::default(), |_| {}).await.unwrap();
    let before = engine.statistics().statements;
    let report = report(&engine, report::Options::default()).await.unwrap();
    let statements = engine.statistics().statements - before;
    assert!(statements <= 10, "{statements} for one page of customers and one of products");
    assert_eq!(report.customers.len(), 5);
    let by_products: i128 = {
        let all = self::report(&engine, report::Options { top: 1000, page: 7 }).await.unwrap();
        all.by_revenue.iter().map(|product| product.revenue_cents).sum()
    };
    assert_eq!(report.revenue_cents, by_products, "customers and products give the same sum");
}
