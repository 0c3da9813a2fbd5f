//! Rows in batches, from a cursor of the server.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::sql::text;
use shop_models::models::{Base, Product};

async fn products(engine: &Engine, count: i64) -> orm_core::Result<Session> {
    let mut session = engine.session();
    let fill = "INSERT INTO product (sku, title, price_cents) SELECT n::text, 'x', n FROM generate_series(1, $1) AS n";
    session.execute(text(fill).bind(count)).await?;
    session.commit().await?;
    Ok(session)
}

#[orm_testkit::test(base = Base)]
async fn every_row_comes_once_and_in_order(engine: Engine) -> orm_core::Result<()> {
    let mut session = products(&engine, 1_000).await?;
    for batch in [1_000, 999, 7, 5_000] {
        let mut rows =
            session.stream(columns(Product::PRICE_CENTS).order_by(Product::PRICE_CENTS), batch).await?;
        let (mut all, mut most) = (Vec::new(), 0);
        while let Some(some) = rows.next().await? {
            most = most.max(some.len());
            all.extend(some);
        }
        assert_eq!(all, (1..=1_000).collect::<Vec<i64>>());
        assert!(most <= batch as usize);
        assert!(rows.next().await?.is_none(), "it stays at its end");
    }
    session.commit().await
}

#[orm_testkit::test(base = Base)]
async fn models_come_as_owned_values_that_the_session_does_not_know(engine: Engine) -> orm_core::Result<()> {
    let mut session = products(&engine, 10).await?;
    let mut rows = session.stream(select::<Product>().filter(Product::PRICE_CENTS.le(3)), 2).await?;
    let mut titles = Vec::new();
    while let Some(some) = rows.next().await? {
        titles.extend(some.into_iter().map(|product: Product| product.title));
    }
    assert_eq!(titles, ["x"; 3]);
    drop(rows);
    assert!(session.is_empty());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_stream_sees_what_was_flushed_before_it(engine: Engine) -> orm_core::Result<()> {
    let mut session = products(&engine, 1).await?;
    session.add(Product::builder().sku("new").title("y").price_cents(2));
    let mut rows = session.stream(columns(Product::TITLE).order_by(Product::ID), 10).await?;
    assert_eq!(rows.next().await?, Some(vec!["x".to_owned(), "y".to_owned()]));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_stream_that_is_dropped_leaves_no_cursor(engine: Engine) -> orm_core::Result<()> {
    let mut session = products(&engine, 100).await?;
    for _ in 0..3 {
        let mut rows = session.stream(columns(Product::ID), 10).await?;
        rows.next().await?;
    }
    let open = text("SELECT count(*) FROM pg_cursors WHERE name LIKE 'orm%'");
    assert_eq!(session.scalar::<i64>(open).await?, Some(0));
    session.commit().await?;
    assert!(!session.in_transaction());
    Ok(())
}

#[tokio::test]
async fn a_stream_without_a_session_gives_its_connection_back_at_its_end() -> orm_core::Result<()> {
    let database = orm_testkit::database_of::<Base>().await.unwrap();
    let only = Engine::builder(database.url()).pool_size(1).connect().await?;
    drop(products(&only, 100).await?);
    let backend = text("SELECT pg_backend_pid()");
    let before = backend.clone().scalar::<i32>(&only).await?;
    let mut rows = only.stream(select::<Product>().order_by(Product::ID), 40).await?;
    let mut lengths = Vec::new();
    while let Some(some) = rows.next().await? {
        lengths.push(some.len());
    }
    assert_eq!(lengths, [40, 40, 20]);
    assert_eq!(backend.clone().scalar::<i32>(&only).await?, before, "the same connection");
    let mut rows = only.stream(columns(Product::ID), 10).await?;
    rows.next().await?;
    drop(rows);
    assert_ne!(backend.scalar::<i32>(&only).await?, before, "that one had an open transaction");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_failure_in_the_middle_is_typed_and_needs_a_rollback(engine: Engine) -> orm_core::Result<()> {
    let mut session = products(&engine, 10).await?;
    engine
        .execute_script(
            "CREATE VIEW wrong AS SELECT id, sku, title, 1 / (5 - price_cents) AS price_cents FROM product",
        )
        .await?;
    let mut rows = session.stream(columns(wrong::Wrong::PRICE_CENTS), 3).await?;
    assert_eq!(rows.next().await?.map(|some| some.len()), Some(3));
    let error = rows.next().await.unwrap_err();
    assert_eq!(error.code(), Some(&orm_core::error::SqlState::DIVISION_BY_ZERO));
    drop(rows);
    assert_eq!(session.flush().await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    session.rollback().await?;
    assert_eq!(session.query::<Product>().count().await?, 10);
    Ok(())
}

/// A view that divides by zero at one row.
mod wrong {
    use orm_core::prelude::*;

    orm_core::declarative_base!(pub(super) WrongBase);

    #[derive(Model, Clone, Debug)]
    #[model(base = WrongBase, table = "wrong")]
    pub(super) struct Wrong {
        #[model(primary_key)]
        pub(super) id: Auto<i64>,
        pub(super) price_cents: i64,
    }
}
