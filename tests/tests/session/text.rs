//! The program's own SQL inside a session, and on engine and connection.

use orm_core::prelude::*;
use orm_core::sql::text;
use orm_core::{ErrorKind, Executor};
use shop_models::models::{Base, Customer, Product};

fn product(n: i64) -> Product {
    Product::builder().sku(format!("T-{n}")).title("Tea").price_cents(n).build()
}

#[orm_testkit::test(base = Base)]
async fn execute_belongs_to_the_transaction_of_the_session(engine: Engine) {
    let mut session = engine.session();
    session.add_all((1..=3).map(product));
    let raise = text("UPDATE product SET price_cents = price_cents + $1 WHERE price_cents >= $2");
    // The flush, and the text with its BEGIN: rows that were pending are changed.
    assert_eq!(session.execute(raise.clone().bind(10_i64).bind(2_i64)).await.unwrap(), 2);
    assert!(session.in_transaction());
    assert_eq!(engine.count(select::<Product>()).await.unwrap(), 0);
    session.rollback().await.unwrap();
    assert_eq!(engine.count(select::<Product>()).await.unwrap(), 0);

    let insert = text("INSERT INTO product (sku, title, price_cents) VALUES ($1, $2, $3)");
    orm_testkit::assert_queries!(session, 2, {
        session.execute(insert.bind("X").bind("Tea".to_owned()).bind(7_i64)).await.unwrap()
    });
    session.commit().await.unwrap();
    assert_eq!(engine.fetch_all(columns(Product::SKU)).await.unwrap(), ["X"]);
}

#[orm_testkit::test(base = Base)]
async fn values_have_types_and_none_is_null(engine: Engine) {
    let mut session = engine.session();
    let insert = text("INSERT INTO customer (name, email, age) VALUES ($1, $2, $3)");
    session.execute(insert.clone().bind("Ann").bind("a@x").bind(Some(41))).await.unwrap();
    session.execute(insert.bind("Bea").bind(Some("b@x")).bind(None::<i32>)).await.unwrap();
    let rows: Vec<(String, Option<i32>)> =
        session.fetch(text("SELECT name, age FROM customer ORDER BY name")).await.unwrap();
    assert_eq!(rows, [("Ann".to_owned(), Some(41)), ("Bea".to_owned(), None)]);
    let ages: Vec<Option<i32>> =
        session.scalars(text("SELECT age FROM customer ORDER BY name")).await.unwrap();
    assert_eq!(ages, [Some(41), None]);
    let error = session.scalars::<i32>(text("SELECT age FROM customer")).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string()),
        (
            ErrorKind::Decode,
            "cannot read the column `age` from the row: NULL in a column that cannot be NULL".into()
        )
    );
    assert!(session.is_active(), "reading it wrong is no failure of the transaction");
    let none = text("SELECT age FROM customer WHERE name = ANY($1)").bind_array([Some("Bea"), None]);
    assert_eq!(session.scalar::<i32>(none).await.unwrap(), None);
    let row = session.fetch::<tokio_postgres::Row>(text("SELECT 1 AS n")).await.unwrap();
    assert_eq!(row[0].get::<_, i32>("n"), 1);
    assert_eq!(session.query::<Customer>().count().await.unwrap(), 2);
}

#[orm_testkit::test(base = Base)]
async fn a_wrong_number_of_values_is_told_before_anything_is_sent(engine: Engine) {
    let mut session = engine.session();
    session.add(product(1));
    orm_testkit::assert_queries!(session, 0, {
        for (wrong, part) in [
            (text("SELECT $1::int").bind(1).bind(2), "has 1 placeholder, and 2 values were bound"),
            (text("SELECT $1::int"), "has 1 placeholder, and 0 values were bound"),
            (text("SELECT '$1'").bind("x"), "has 0 placeholders, and 1 value was bound"),
        ] {
            let error = session.scalar::<i32>(wrong).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Binds);
            assert!(error.to_string().contains(part), "{error}");
        }
    });
    assert!(session.is_active());
}

#[orm_testkit::test(base = Base)]
async fn only_a_select_goes_without_a_transaction(engine: Engine) {
    let mut session = engine.session();
    assert_eq!(session.scalar::<i32>(text("\n  select 7")).await.unwrap(), Some(7));
    assert!(!session.in_transaction());
    let sql = "WITH new AS (INSERT INTO product (sku, title, price_cents) VALUES ('T', 'Tea', 1) RETURNING id) \
               SELECT id FROM new";
    assert_eq!(session.scalar::<i64>(text(sql)).await.unwrap(), Some(1));
    assert!(session.in_transaction());
    assert_eq!(session.scalar::<i64>(text("SELECT count(*) FROM product")).await.unwrap(), Some(1));
    session.rollback().await.unwrap();
    assert_eq!(session.scalar::<i64>(text("SELECT count(*) FROM product")).await.unwrap(), Some(0));
}

#[orm_testkit::test(base = Base)]
async fn an_error_of_a_text_names_model_and_columns_and_needs_a_rollback(engine: Engine) {
    let mut session = engine.session();
    // What the constraints of a table mean is known once the session works with its base.
    session.query::<Customer>().all().await.unwrap();
    let insert = text("INSERT INTO customer (name, email) VALUES ('Ann', 'a@x')");
    session.execute(insert.clone()).await.unwrap();
    let error = session.execute(insert).await.unwrap_err();
    assert!(error.is_unique_violation());
    assert_eq!((error.model(), error.column()), (Some("Customer"), Some("email")));
    assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    session.rollback().await.unwrap();
    assert_eq!(session.scalar::<i64>(text("SELECT count(*) FROM customer")).await.unwrap(), Some(0));
}

#[orm_testkit::test(base = Base)]
async fn the_connection_is_that_of_the_transaction(engine: Engine) {
    let mut session = engine.session();
    session.add(product(1));
    let connection = session.connection().await.unwrap();
    assert!(connection.in_transaction());
    assert_eq!(connection.count(select::<Product>()).await.unwrap(), 1, "flushed first");
    text("DELETE FROM product").execute(&mut *connection).await.unwrap();
    product(2).insert(&mut *connection).await.unwrap();
    session.commit().await.unwrap();
    assert_eq!(engine.fetch_all(columns(Product::SKU)).await.unwrap(), ["T-2"]);
}

/// The server answers COMMIT of a failed transaction with a ROLLBACK and no error.
#[orm_testkit::test(base = Base)]
async fn a_failure_on_the_connection_is_no_silent_rollback(engine: Engine) {
    let mut session = engine.session();
    session.add(product(1));
    let connection = session.connection().await.unwrap();
    text("SELECT 1 / 0").execute(&mut *connection).await.unwrap_err();
    let error = session.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NeedsRollback);
    session.rollback().await.unwrap();
    session.add_all_again();
    session.commit().await.unwrap();
    assert_eq!(engine.count(select::<Product>()).await.unwrap(), 1);

    let mut connection = engine.connection().await.unwrap();
    connection.begin().await.unwrap();
    text("SAVEPOINT s").execute(&mut connection).await.unwrap();
    text("SELECT 1 / 0").execute(&mut connection).await.unwrap_err();
    assert_eq!(connection.commit().await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    text("ROLLBACK TO s").execute(&mut connection).await.unwrap();
    connection.commit().await.unwrap();
}

#[orm_testkit::test(base = Base)]
async fn one_text_runs_anywhere(engine: Engine) {
    async fn total(executor: impl Executor) -> i64 {
        text("SELECT sum(n) FROM unnest($1) AS n")
            .bind_array([1, 2, 4])
            .scalar(executor)
            .await
            .unwrap()
            .unwrap()
    }
    assert_eq!(total(&engine).await, 7);
    assert_eq!(total(&mut engine.connection().await.unwrap()).await, 7);
    let mut session = engine.session();
    assert_eq!(total(session.connection().await.unwrap()).await, 7);
}

/// What a text wrote cannot be seen in the objects, so what was read after it is doubtful once it is taken back.
#[orm_testkit::test(base = Base)]
async fn what_was_read_after_a_text_is_stale_after_the_rollback(engine: Engine) {
    let mut session = engine.session();
    session.add(product(1));
    session.commit().await.unwrap();
    let mut session = engine.session();
    session.execute(text("UPDATE product SET price_cents = 7")).await.unwrap();
    let tea = session.get_one::<Product>(1).await.unwrap();
    assert_eq!(session[tea].price_cents, 7);
    session.rollback().await.unwrap();
    assert!(session.is_expired(tea).unwrap());
    session.get::<Product>(1).await.unwrap();
    assert_eq!(session[tea].price_cents, 1);
}
