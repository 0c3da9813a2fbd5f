//! Sequences that may not be used: keys come back with the rows then, one round trip a level.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::sql::TrustedSql;
use shop_models::models::{Base, Cart, Customer, Product};

/// An engine of a role that may write the tables, but not use their sequences.
async fn clerk(engine: &Engine, url: &str) -> Engine {
    let role = format!("clerk_{}", std::process::id());
    let script = format!(
        "DO $$ BEGIN CREATE ROLE {role} LOGIN PASSWORD 'pw';
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"
    );
    engine.execute_script(TrustedSql::new(script.clone())).await.unwrap();
    let (start, rest) = url.split_once("//").unwrap();
    let host = rest.split_once('@').unwrap().1;
    Engine::connect(&format!("{start}//{role}:pw@{host}")).await.unwrap()
}

async fn database() -> (orm_testkit::TestDatabase, Engine, Engine) {
    let database = orm_testkit::database_of::<Base>().await.unwrap();
    let engine = Engine::connect(database.url()).await.unwrap();
    let clerk = clerk(&engine, database.url()).await;
    (database, engine, clerk)
}

fn graph(session: &mut Session, n: i64) -> Vec<Handle<Customer>> {
    let products = session
        .add_all((0..5).map(|p| Product::builder().sku(format!("{n}-{p}")).title("Tea").price_cents(p)));
    let customer = |c: i64| {
        let carts = (0..2).map(|_| Cart::builder().products(products.iter().copied().take(3)));
        Customer::builder().name(format!("c{c}")).email(format!("{n}-{c}@x")).carts(carts)
    };
    session.add_all((0..4).map(customer))
}

#[tokio::test]
async fn a_graph_without_rights_to_sequences() {
    let (_database, engine, clerk) = database().await;
    let mut session = clerk.session();
    let first = graph(&mut session, 1);
    session.commit().await.unwrap();
    let second = graph(&mut session, 2);
    let plan = session.flush_plan().unwrap();
    assert_eq!(plan.round_trips(), 4, "customers, carts, products, links: {plan}");
    let before = clerk.statistics().round_trips;
    session.commit().await.unwrap();
    assert_eq!(clerk.statistics().round_trips - before, 4);
    for handle in first.into_iter().chain(second) {
        let mine = &session[handle];
        let row = Customer::find(&engine, mine.id.unwrap()).await.unwrap().unwrap();
        assert_eq!((&row.email, row.created_at), (&mine.email, mine.created_at), "keys found their rows");
        let carts = row.fetch_related(&engine, Customer::CARTS).await.unwrap();
        assert_eq!(carts.len(), 2);
        assert_eq!(carts[1].fetch_related(&engine, Cart::PRODUCTS).await.unwrap().len(), 3);
    }
}

#[tokio::test]
async fn many_rows_of_one_table_are_one_round_trip_all_the_same() {
    let (_database, engine, clerk) = database().await;
    let mut session = clerk.session();
    let add = |session: &mut Session, n: i64| {
        session.add_all((0..20).map(move |c| Customer::builder().name("c").email(format!("{n}-{c}@x"))))
    };
    add(&mut session, 1);
    session.commit().await.unwrap();
    let before = clerk.statistics().round_trips;
    add(&mut session, 2);
    session.commit().await.unwrap();
    assert_eq!(clerk.statistics().round_trips - before, 1);
    assert_eq!(engine.count(select::<Customer>()).await.unwrap(), 40);
}

#[tokio::test]
async fn an_open_transaction_is_the_programs_to_repeat() {
    let (_database, engine, clerk) = database().await;
    let mut session = clerk.session();
    session.begin().await.unwrap();
    let customers = graph(&mut session, 1);
    let error = session.commit().await.unwrap_err();
    assert_eq!(error.code().unwrap().code(), "42501");
    assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    session.rollback().await.unwrap();
    assert_eq!(engine.count(select::<Customer>()).await.unwrap(), 0);
    for handle in customers {
        session.add_again(handle).unwrap();
    }
    session.commit().await.unwrap();
    assert_eq!(engine.count(select::<Customer>()).await.unwrap(), 4, "the engine has learned");
}

#[orm_testkit::test(base = Base)]
async fn keys_that_are_always_generated(engine: Engine) {
    engine
        .execute_script(
            "ALTER TABLE customer ALTER id SET GENERATED ALWAYS; ALTER TABLE cart ALTER id SET GENERATED ALWAYS;
             ALTER TABLE product ALTER id SET GENERATED ALWAYS",
        )
        .await
        .unwrap();
    let mut session = engine.session();
    let customers = graph(&mut session, 1);
    session.commit().await.unwrap();
    for handle in customers {
        let row = Customer::find(&engine, session[handle].id.unwrap()).await.unwrap().unwrap();
        assert_eq!(row.email, session[handle].email);
        assert_eq!(row.fetch_related(&engine, Customer::CARTS).await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn objects_that_are_saved_in_bulk_get_their_keys_without_rights_to_sequences() {
    let (_database, engine, clerk) = database().await;
    let tea = |n: i64| Product::builder().sku(format!("{n}")).title("Tea").price_cents(n).build();
    let mut session = clerk.session();
    let first = session.bulk_save_objects_returning((1..=3).map(tea)).await.unwrap();
    let before = clerk.statistics().round_trips;
    let second = session.bulk_save_objects_returning((4..=6).map(tea)).await.unwrap();
    assert_eq!(clerk.statistics().round_trips - before, 1);
    session.commit().await.unwrap();
    for mine in first.into_iter().chain(second) {
        let row = Product::find(&engine, mine.id.unwrap()).await.unwrap().unwrap();
        assert_eq!(row.sku, mine.sku);
    }
}
