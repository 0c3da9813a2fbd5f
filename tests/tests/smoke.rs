use orm_core::prelude::*;
use shop_models::models::*;

#[orm_testkit::test(base = Base)]
async fn a_graph_in_two_round_trips(engine: Engine) {
    let mut session = engine.session();
    let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    let ann = session.add(
        Customer::builder()
            .name("Ann")
            .email("ann@example.org")
            .carts([Cart::builder().products([tea]), Cart::builder()]),
    );
    println!("{}", session.flush_plan().unwrap());
    let before = engine.statistics();
    session.commit().await.unwrap();
    let after = engine.statistics();
    assert_eq!(after.round_trips - before.round_trips, 2);
    assert!(session[ann].id.is_set());
    assert!(session[ann].created_at.is_set());
    session[ann].age = Some(41);
    println!("{}", session.flush_plan().unwrap());
    session.commit().await.unwrap();
    assert_eq!(engine.statistics().round_trips - after.round_trips, 1);

    let mut other = engine.session();
    let best = other
        .query::<Customer>()
        .filter(Customer::AGE.ge(18) & Customer::CARTS.any(Cart::PRODUCTS.any(Product::PRICE_CENTS.gt(100))))
        .order_by((Customer::NAME, Customer::ID.desc()))
        .with(Customer::CARTS.then(Cart::PRODUCTS))
        .limit(20)
        .all()
        .await
        .unwrap();
    let mut totals = vec![];
    for customer in other.each(&best) {
        for cart in customer.related(Customer::CARTS).unwrap() {
            let total: i64 = cart.related(Cart::PRODUCTS).unwrap().map(|p| p.price_cents).sum();
            totals.push(total);
        }
    }
    assert_eq!(totals, [390, 0]);
    println!("{}", other.at(best[0]).to_json(Customer::CARTS.then(Cart::PRODUCTS)).unwrap());
}
