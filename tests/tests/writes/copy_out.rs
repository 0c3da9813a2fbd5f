//! What a query finds, as text and row by row.

use futures_util::{StreamExt, TryStreamExt};
use orm_core::ErrorKind;
use orm_core::bulk::{CopyFormat, CopyProgress, copy_in, copy_in_text, copy_out};
use orm_core::prelude::*;
use orm_core::query::count;
use orm_tests::models::{drawers, values};
use shop_models::models::{Base, Product};
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use tokio::io::AsyncWrite;

async fn products(engine: &Engine, rows: i64) {
    let all = (0..rows).map(|n| Product::builder().sku(n.to_string()).title("it's \"Tea\"").price_cents(n));
    copy_in::<Product>(all).execute(engine).await.unwrap();
}

async fn csv<S: orm_core::query::Scope, R>(query: orm_core::query::Select<S, R>, engine: &Engine) -> String {
    let mut text = Vec::new();
    copy_out(query).write(CopyFormat::Csv, &mut text, engine).await.unwrap();
    String::from_utf8(text).unwrap()
}

#[orm_testkit::test(base = Base)]
async fn values_of_conditions_are_bound(engine: Engine) {
    products(&engine, 9).await;
    let skus = || columns(Product::SKU).order_by(Product::ID);
    assert_eq!(csv(skus().filter(Product::PRICE_CENTS.ge(7)), &engine).await, "7\n8\n");
    assert_eq!(
        csv(skus().filter(Product::TITLE.eq("it's \"Tea\"")).limit(2).offset(1), &engine).await,
        "1\n2\n"
    );
    assert_eq!(
        csv(skus().filter(Product::SKU.in_any(["3", "5", "'; DROP TABLE product; --"])), &engine).await,
        "3\n5\n"
    );
    let next =
        select::<Product>().filter(Product::ID.eq(1)).columns((Product::PRICE_CENTS + 5, Product::TITLE));
    assert_eq!(csv(next, &engine).await, "5,\"it's \"\"Tea\"\"\"\n");
    let groups = select::<Product>().group_by(Product::PRICE_CENTS / 4).columns(|class| (class, count()));
    assert_eq!(csv(groups, &engine).await.lines().count(), 3);
    assert_eq!(csv(skus(), &engine).await.lines().count(), 9, "nothing is bound");
    // Nothing is left on the connection, and a session's transaction goes on.
    let mut connection = engine.connection().await.unwrap();
    let some = || skus().filter(Product::PRICE_CENTS.lt(2));
    for _ in 0..3 {
        let rows = copy_out(some()).write(CopyFormat::Text, Vec::new(), &mut connection).await.unwrap();
        assert_eq!((rows, connection.in_transaction()), (2, false));
    }
    let mut session = engine.session();
    session.add(Product::builder().sku("x").title("new").price_cents(1));
    let rows = copy_out(some()).write(CopyFormat::CsvWithHeader, Vec::new(), &mut session).await.unwrap();
    assert!(rows == 3 && session.is_active() && session.in_transaction());
    session.rollback().await.unwrap();
}

#[orm_testkit::test(base = values::Base)]
async fn values_of_every_type_come_back_from_text(engine: Engine) {
    use values::Values;
    let all: Vec<Values> = (0..4).map(|n| values::values(&format!("a,\"{n}\"\n"), n % 2 == 0)).collect();
    copy_in::<Values>(all).execute(&engine).await.unwrap();
    let before = engine.fetch_all(select::<Values>().order_by(Values::ID)).await.unwrap();
    // Bound values of many types.
    let first = &before[0];
    let same = Values::UUID.eq(first.uuid)
        & Values::TIMESTAMPTZ.eq(first.timestamptz)
        & Values::BYTES.eq(&first.bytes)
        & Values::DOUBLE.eq(first.double)
        & Values::BOOLEAN.eq(true)
        & Values::DATE.eq(first.date);
    assert_eq!(csv(select::<Values>().filter(same), &engine).await.matches("t,-32768").count(), 4);
    let text = csv(
        columns((Values::TEXT, Values::JSON, Values::BYTES, Values::TIMESTAMP)).order_by(Values::ID),
        &engine,
    )
    .await;
    let columns = (Values::TEXT, Values::JSON, Values::BYTES, Values::TIMESTAMP);
    let script = "CREATE TABLE copied (LIKE value); ALTER TABLE copied DROP id; DELETE FROM value; \
         ALTER TABLE value ALTER boolean SET DEFAULT true, ALTER small SET DEFAULT 1, ALTER int SET DEFAULT 1, \
         ALTER big SET DEFAULT 1, ALTER real SET DEFAULT 1, ALTER double SET DEFAULT 1, ALTER date SET DEFAULT now(), \
         ALTER time SET DEFAULT now(), ALTER timestamptz SET DEFAULT now(), ALTER uuid SET DEFAULT gen_random_uuid()";
    engine.execute_script(script).await.unwrap();
    assert_eq!(
        copy_in_text::<Values>(columns, CopyFormat::Csv, text.as_bytes()).execute(&engine).await.unwrap(),
        4
    );
    let after = engine.fetch_all(select::<Values>().order_by(Values::ID)).await.unwrap();
    for (before, after) in before.iter().zip(&after) {
        assert_eq!((&before.text, &before.json, &before.bytes), (&after.text, &after.json, &after.bytes));
        assert_eq!(before.timestamp, after.timestamp);
    }
}

#[orm_testkit::test(base = Base)]
async fn rows_come_one_by_one(engine: Engine) {
    products(&engine, 20_000).await;
    let dear = select::<Product>().filter(Product::PRICE_CENTS.ge(5)).order_by(Product::ID);
    let mut told = CopyProgress::default();
    let (mut found, mut sum) = (0, 0);
    {
        let copy = copy_out(dear.clone()).on_progress(|so_far| told = so_far);
        let mut rows = pin!(copy.rows(&engine).await.unwrap());
        while let Some(product) = rows.try_next().await.unwrap() {
            found += 1;
            sum += product.price_cents;
        }
    }
    assert!(told.rows == 19_995 && told.bytes > 400_000);
    assert_eq!((found, sum), (19_995, (5..20_000).sum::<i64>()));
    // The stream owns its connection until the end; then that is free again.
    let prices = copy_out(dear.columns(Product::PRICE_CENTS).limit(3)).rows(&engine).await.unwrap();
    assert_eq!(prices.try_collect::<Vec<i64>>().await.unwrap(), [5, 6, 7]);
    let wrong = copy_out(columns(Product::PRICE_CENTS / 0)).rows(&engine).await.unwrap();
    let error = pin!(wrong).try_next().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Database);
    let mut session = engine.session();
    let some = copy_out(columns(Product::SKU).limit(2)).rows(&mut session).await.unwrap();
    assert_eq!(some.count().await, 2);
    session.commit().await.unwrap();
}

#[orm_testkit::test(base = Base)]
async fn what_is_dropped_in_the_middle_leaves_a_clean_pool(engine: Engine) {
    products(&engine, 20_000).await;
    for _ in 0..20 {
        let mut rows = pin!(copy_out(select::<Product>()).rows(&engine).await.unwrap());
        assert!(rows.try_next().await.unwrap().is_some());
    }
    for _ in 0..20 {
        let mut full = Full(1_000);
        let error =
            copy_out(select::<Product>()).write(CopyFormat::Csv, &mut full, &engine).await.unwrap_err();
        assert_eq!((error.kind(), error.model()), (ErrorKind::Ended, Some("Product")));
    }
    let mut session = engine.session();
    {
        let mut rows = pin!(copy_out(select::<Product>()).rows(&mut session).await.unwrap());
        assert!(rows.try_next().await.unwrap().is_some());
    }
    assert!(!session.is_active());
    session.rollback().await.unwrap();
    assert_eq!(session.query::<Product>().count().await.unwrap(), 20_000);
}

/// A disk with room for so many bytes.
struct Full(usize);

impl AsyncWrite for Full {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.0.checked_sub(bytes.len()) {
            Some(left) => self.0 = left,
            None => return Poll::Ready(Err(io::Error::other("the disk is full"))),
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[orm_testkit::test(base = drawers::Base)]
async fn criteria_hold(engine: Engine) {
    use drawers::{Drawer, Note};
    let mut session = engine.session();
    let drawer = session.add(Drawer::builder().tenant(7).name("x"));
    session.add_all([false, true].map(|deleted| Note::builder().text("x").deleted(deleted).drawer(drawer)));
    session.commit().await.unwrap();
    let ids = || columns(Note::ID);
    assert_eq!(csv(ids(), &engine).await, "1\n");
    assert_eq!(csv(ids().unrestricted(), &engine).await, "1\n2\n");
    let found = copy_out(ids()).rows(&engine).await.unwrap().try_collect::<Vec<i64>>().await.unwrap();
    assert_eq!(found, [1]);
    session.restrict::<Note>(Note::ID.gt(7));
    assert_eq!(copy_out(ids()).write(CopyFormat::Csv, Vec::new(), &mut session).await.unwrap(), 0);
    assert_eq!(copy_out(ids()).rows(&mut session).await.unwrap().count().await, 0);
}
