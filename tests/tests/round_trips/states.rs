//! Savepoints, refreshing, merging, preparing.

use crate::count::{check, check_fresh, cost};
use crate::graphs::{customer, product};
use orm_core::prelude::*;
use shop_models::models::{Base, Cart, Customer};

/// Customers that are in the database and in the session, with their carts loaded.
async fn loaded(_: &Engine, session: &mut Session, round: usize) -> Vec<Handle<Customer>> {
    for n in 0..10 {
        let mut owner = customer(round, n);
        owner.carts.extend([Cart::builder(), Cart::builder()]);
        session.add(owner);
    }
    session.commit().await.unwrap();
    session.objects::<Customer>().collect()
}

#[tokio::test]
async fn savepoints() {
    // BEGIN and SAVEPOINT; the INSERT; RELEASE travels with COMMIT.
    check_fresh::<Base>(cost(3, 5), async |session, round| {
        let mut nested = session.begin_nested().await.unwrap();
        nested.add(customer(round, 0));
        nested.commit().await.unwrap();
        session.commit().await.unwrap();
    })
    .await;
    // BEGIN and SAVEPOINT; ROLLBACK TO and RELEASE; COMMIT.
    check_fresh::<Base>(cost(3, 4), async |session, round| {
        let mut nested = session.begin_nested().await.unwrap();
        nested.add(customer(round, 0));
        nested.rollback().await.unwrap();
        session.commit().await.unwrap();
    })
    .await;
    // One that is dropped is rolled back with the next flight.
    check_fresh::<Base>(cost(2, 4), async |session, round| {
        let mut nested = session.begin_nested().await.unwrap();
        nested.add(customer(round, 0));
        drop(nested);
        session.commit().await.unwrap();
    })
    .await;
    // Inside of a transaction each costs one trip, its SAVEPOINT.
    check_fresh::<Base>(cost(4, 6), async |session, _| {
        session.begin().await.unwrap();
        for _ in 0..2 {
            session.begin_nested().await.unwrap().commit().await.unwrap();
        }
        session.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn refreshing() {
    // The rows of customers and of carts, the products of the carts, the carts of the customers.
    check::<Base, _>(cost(1, 4), loaded, async |session, customers| {
        session.refresh(&customers).await.unwrap();
    })
    .await;
    check::<Base, _>(cost(1, 1), loaded, async |session, _| {
        session.expire_all();
        session.query::<Customer>().all().await.unwrap();
    })
    .await;
    check::<Base, _>(cost(1, 1), loaded, async |session, customers| {
        let id = session[customers[0]].id.unwrap();
        session.expire(customers[0]).unwrap();
        session.get_one::<Customer>(id).await.unwrap();
        session.get_one::<Customer>(id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn merging() {
    let prepare = async |direct: &Engine, session: &mut Session, round| {
        let customers = loaded(direct, session, round).await;
        let graphs: Vec<Customer> = customers.into_iter().map(|c| session.expunge(c).unwrap()).collect();
        graphs
    };
    // The rows of customers and of carts; then the carts of the customers, which the given ones replace.
    check::<Base, _>(cost(2, 3), prepare, async |session, graphs| {
        session.merge_all(graphs).await.unwrap();
    })
    .await;
    check_fresh::<Base>(cost(0, 0), async |session, round| {
        session.merge(product(round, 0)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn text_and_bulk() {
    use orm_core::sql::text;
    // BEGIN and the text; COMMIT.
    check_fresh::<Base>(cost(2, 3), async |session, _| {
        session.execute(text("UPDATE customer SET age = 7")).await.unwrap();
        session.commit().await.unwrap();
    })
    .await;
    check_fresh::<Base>(cost(2, 3), async |session, _| {
        session.query::<Customer>().set(Customer::AGE, 8).update().await.unwrap();
        session.commit().await.unwrap();
    })
    .await;
    check_fresh::<Base>(cost(2, 3), async |session, round| {
        session.bulk_save_objects((0..100).map(|n| customer(round, n))).await.unwrap();
        session.commit().await.unwrap();
    })
    .await;
}
