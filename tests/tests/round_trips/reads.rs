//! Queries and loads.

use crate::count::{Cost, check, cost};
use crate::graphs::{customer, product};
use orm_core::prelude::*;
use shop_models::models::{Base, Cart, Customer};

/// Runs a piece of reading on a database with `count` customers, each with two carts of three products.
async fn check_read(expected: Cost, count: usize, act: impl AsyncFn(&mut Session, Vec<i64>)) {
    let prepare = async |direct: &Engine, _: &mut Session, round: usize| {
        let mut seed = direct.session();
        if round == 0 {
            let products = seed.add_all((0..3).map(|n| product(round, n)));
            for n in 0..count {
                let mut owner = customer(round, n);
                owner.carts.extend((0..2).map(|_| Cart::builder().products(products.iter().copied())));
                seed.add(owner);
            }
            seed.commit().await.unwrap();
        }
        direct.fetch_all(columns(Customer::ID).order_by(Customer::ID)).await.unwrap()
    };
    check::<Base, _>(expected, prepare, act).await;
}

#[tokio::test]
async fn one_row() {
    check_read(cost(1, 1), 2, async |session, ids| {
        session.get_one::<Customer>(ids[1]).await.unwrap();
    })
    .await;
    check_read(cost(1, 1), 2, async |session, ids| {
        let ann = session.get_one::<Customer>(ids[0]).await.unwrap();
        assert_eq!(session.get_one::<Customer>(ids[0]).await.unwrap(), ann, "the session has it");
    })
    .await;
    check_read(cost(1, 1), 2, async |session, _| {
        assert!(session.query::<Customer>().first().await.unwrap().is_some());
    })
    .await;
    check_read(cost(1, 1), 2, async |session, _| {
        assert_eq!(session.query::<Customer>().count().await.unwrap(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_path_is_a_trip_a_relation() {
    for count in [1, 100] {
        check_read(cost(3, 3), count, async |session, ids| {
            let path = Customer::CARTS.then(Cart::PRODUCTS);
            let all = session.query::<Customer>().with(path).all().await.unwrap();
            assert_eq!(all.len(), ids.len());
            for customer in session.each(&all) {
                for cart in customer.related(Customer::CARTS).unwrap() {
                    assert_eq!(cart.related(Cart::PRODUCTS).unwrap().len(), 3);
                }
            }
        })
        .await;
    }
}

#[tokio::test]
async fn a_relation_of_many_objects_is_one_trip() {
    check_read(cost(2, 2), 100, async |session, ids| {
        let all = session.query::<Customer>().all().await.unwrap();
        let carts = session.load(&all, Customer::CARTS).await.unwrap();
        assert_eq!(carts.len(), 2 * ids.len());
    })
    .await;
    // The other side of what is loaded is known.
    check_read(cost(2, 2), 100, async |session, ids| {
        let all = session.query::<Customer>().all().await.unwrap();
        let carts = session.load(&all, Customer::CARTS).await.unwrap();
        assert_eq!(session.load(&carts, Cart::CUSTOMER).await.unwrap().len(), ids.len());
    })
    .await;
}

#[tokio::test]
async fn nothing_to_load_for_costs_nothing() {
    check_read(cost(1, 1), 1, async |session, _| {
        let none = session.query::<Customer>().filter(Customer::NAME.eq("nobody"));
        assert!(none.with(Customer::CARTS.then(Cart::PRODUCTS)).all().await.unwrap().is_empty());
    })
    .await;
}
