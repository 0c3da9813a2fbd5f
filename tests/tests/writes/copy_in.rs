//! Rows of the program and text into a table, and what ends a COPY.

use futures_util::{FutureExt, StreamExt, stream};
use orm_core::ErrorKind;
use orm_core::bulk::{CopyFormat, CopyProgress, Values, copy_in, copy_in_stream, copy_in_text};
use orm_core::prelude::*;
use orm_tests::models::{values, versions};
use shop_models::models::{Base, Cart, Customer, Product};
use std::future::{pending, poll_fn};
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, ReadBuf};

fn products(rows: std::ops::Range<i64>) -> impl Iterator<Item = Values<Product>> + Send {
    rows.map(|n| {
        let row = Values::new().set(Product::SKU, n.to_string()).set(Product::TITLE, "Tea");
        row.set(Product::PRICE_CENTS, n)
    })
}

async fn count(engine: &Engine) -> i64 {
    engine.count(select::<Product>()).await.unwrap()
}

/// Polls a future that does not end so often, and drops it.
async fn drop_after<F: Future<Output: std::fmt::Debug>>(polls: usize, future: F) {
    let mut future = pin!(future);
    for _ in 0..polls {
        let polled = poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await;
        assert!(polled.is_pending(), "{polled:?}");
        tokio::task::yield_now().await;
    }
}

#[orm_testkit::test(base = Base)]
async fn any_number_of_rows_in_chunks(engine: Engine) {
    let told = Arc::new(Mutex::new(Vec::<CopyProgress>::new()));
    let listener = told.clone();
    let copy = copy_in::<Product>(products(0..30_000))
        .on_progress(move |so_far| listener.lock().unwrap().push(so_far));
    let before = engine.statistics();
    assert_eq!(copy.execute(&engine).await.unwrap(), 30_000);
    assert_eq!(engine.statistics().statements - before.statements, 1);
    let told = told.lock().unwrap().clone();
    assert!(told.len() > 10 && told.is_sorted_by_key(|so_far| (so_far.rows, so_far.bytes)));
    assert_eq!(told.last().unwrap().rows, 30_000);
    assert_eq!(
        engine.fetch_one(columns(Product::PRICE_CENTS).filter(Product::SKU.eq("29999"))).await.unwrap(),
        29_999
    );
    assert_eq!(copy_in::<Product>(products(0..0)).execute(&engine).await.unwrap(), 0);
    let builders = stream::iter(0..3).map(|n| Customer::builder().name("Ann").email(format!("{n}")).age(n));
    assert_eq!(copy_in_stream::<Customer>(builders).execute(&engine).await.unwrap(), 3);
    assert_eq!(
        engine.fetch_all(columns(Customer::AGE).order_by(Customer::ID)).await.unwrap(),
        [Some(0), Some(1), Some(2)]
    );
}

#[orm_testkit::test(base = values::Base)]
async fn values_of_every_type_arrive_as_they_are(engine: Engine) {
    let all: Vec<values::Values> =
        (0..9).map(|n| values::values(&format!("it's\t\\{n}"), n % 2 == 0)).collect();
    assert_eq!(copy_in::<values::Values>(all.clone()).execute(&engine).await.unwrap(), 9);
    let back = engine.fetch_all(select::<values::Values>().order_by(values::Values::ID)).await.unwrap();
    for (n, (sent, found)) in (1..).zip(all.into_iter().zip(back)) {
        assert_eq!(values::Values { id: Auto::Set(n), ..sent }, found);
    }
}

#[orm_testkit::test(base = versions::Base)]
async fn defaults_versions_and_generated_columns_are_as_in_an_insert(engine: Engine) {
    use versions::{Account, Item};
    let items = (1..=3).map(|n| Values::<Item>::new().set(Item::PRICE, n));
    assert_eq!(copy_in::<Item>(items).execute(&engine).await.unwrap(), 3);
    let item = engine.fetch_one(select::<Item>().filter(Item::PRICE.eq(3))).await.unwrap();
    assert_eq!((item.count, &item.label[..], item.total, item.number), (1, "item 2", Auto::Set(6), None));
    let accounts = (1..=3).map(|n| Account { id: Auto::Set(n), balance: n, owner: None, version: 7 });
    assert_eq!(copy_in::<Account>(accounts).execute(&engine).await.unwrap(), 3);
    assert_eq!(engine.fetch_all(columns(Account::VERSION)).await.unwrap(), [1, 1, 1]);
    let wrong = [Values::<Item>::new().set(Item::PRICE, 1).set(Item::TOTAL, 1)];
    let error = copy_in::<Item>(wrong).execute(&engine).await.unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::ReadOnly, Some("total")));
}

#[orm_testkit::test(base = Base)]
async fn what_is_wrong_with_a_row_names_it_and_nothing_is_written(engine: Engine) {
    let rows = |last: Values<Product>| products(0..20_000).chain([last]);
    let short = Values::<Product>::new().set(Product::SKU, "x").set(Product::PRICE_CENTS, 1);
    let error = copy_in::<Product>(rows(short)).execute(&engine).await.unwrap_err();
    assert_eq!(error.to_string(), "`title` of row 20001 (of a bulk call with `Product`) has no value");
    assert_eq!((error.kind(), error.column()), (ErrorKind::Unset, Some("title")));

    let with_id = products(20_000..20_001).next().unwrap().set(Product::ID, 7);
    let error = copy_in::<Product>(rows(with_id)).execute(&engine).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "`id` of row 20001 (of a bulk call with `Product`) is given, and the first row leaves it to the database: the rows \
         of a COPY give the same columns"
    );
    assert_eq!((error.kind(), error.column()), (ErrorKind::Contradiction, Some("id")));

    let twice = products(7..8).next().unwrap();
    let error = copy_in::<Product>(rows(twice)).execute(&engine).await.unwrap_err();
    assert!(
        error.is_unique_violation() && error.to_string().starts_with("row 20001 of a COPY into `Product`: "),
        "{error}"
    );
    assert_eq!((error.model(), error.column()), (Some("Product"), Some("sku")));

    let dear = products(20_000..20_001).next().unwrap().set(Product::PRICE_CENTS, -1);
    let error = copy_in::<Product>(rows(dear)).execute(&engine).await.unwrap_err();
    assert!(error.is_check_violation() && error.to_string().starts_with("row 20001 of a COPY"), "{error}");

    let cart = Cart::builder().customer_key(7);
    let error = copy_in::<Cart>([cart]).execute(&engine).await.unwrap_err();
    assert!(error.is_foreign_key_violation());
    assert_eq!(count(&engine).await, 0);
}

#[orm_testkit::test(base = Base)]
async fn an_error_or_a_panic_of_the_rows_ends_it(engine: Engine) {
    let rows = products(0..10_000).map(Ok).chain([Err(std::io::Error::other("the file is cut"))]);
    let error = copy_in::<Product>(rows).execute(&engine).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Ended);
    assert_eq!(
        error.to_string(),
        "row 10001 could not be made for a COPY into `Product`, and nothing was written"
    );
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "the file is cut");
    let first = [Err::<Values<Product>, _>("no row at all")];
    assert_eq!(copy_in::<Product>(first).execute(&engine).await.unwrap_err().kind(), ErrorKind::Ended);

    let rows =
        products(0..10_000).inspect(|row| assert!(!format!("{row:?}").contains("\"9999\""), "the last one"));
    let panicked = AssertUnwindSafe(copy_in::<Product>(rows).execute(&engine)).catch_unwind().await;
    assert!(panicked.is_err());
    assert_eq!(count(&engine).await, 0);
    assert_eq!(copy_in::<Product>(products(0..3)).execute(&engine).await.unwrap(), 3);
}

#[tokio::test]
async fn a_copy_that_is_dropped_leaves_nothing_behind() {
    let database = orm_testkit::database_of::<Base>().await.unwrap();
    // One connection alone: nothing could go on if that were lost, or not clean.
    let narrow = Engine::builder(database.url()).pool_size(1).connect().await.unwrap();
    // Rows that come, and then none for ever.
    let endless = || stream::iter(products(0..10_000)).chain(stream::once(pending()));
    for _ in 0..3 {
        drop_after(2_000, copy_in_stream::<Product>(endless()).execute(&narrow)).await;
        assert_eq!(count(&narrow).await, 0, "the pool has a connection, and that no rows");
    }
    let mut connection = narrow.connection().await.unwrap();
    connection.begin().await.unwrap();
    copy_in::<Product>(products(0..3)).execute(&mut connection).await.unwrap();
    drop(connection);
    assert_eq!(count(&narrow).await, 0);
}

#[orm_testkit::test(base = Base)]
async fn it_is_a_part_of_a_transaction(engine: Engine) {
    let mut session = engine.session();
    let tea = session.add(Product::builder().sku("0").title("Tea").price_cents(1));
    let error = copy_in::<Product>(products(0..1)).execute(&mut session).await.unwrap_err();
    assert!(error.is_unique_violation(), "the session flushed before");
    assert!(!session.is_active());
    session.rollback().await.unwrap();
    session.add_again(tea).unwrap();
    assert_eq!(copy_in::<Product>(products(1..4)).execute(&mut session).await.unwrap(), 3);
    assert_eq!(session.query::<Product>().count().await.unwrap(), 4);
    assert_eq!(count(&engine).await, 0);

    let endless = stream::iter(products(4..9)).chain(stream::once(pending()));
    drop_after(500, copy_in_stream::<Product>(endless).execute(&mut session)).await;
    assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    session.rollback().await.unwrap();
    copy_in::<Product>(products(0..2)).execute(&mut session).await.unwrap();
    session.commit().await.unwrap();
    assert_eq!(count(&engine).await, 2);

    let mut nested = session.begin_nested().await.unwrap();
    copy_in::<Product>(products(2..4)).execute(&mut *nested).await.unwrap();
    nested.rollback().await.unwrap();
    session.commit().await.unwrap();
    assert_eq!(count(&engine).await, 2);
}

#[orm_testkit::test(base = Base)]
async fn text_is_read_by_the_server(engine: Engine) {
    let columns = (Product::SKU, Product::TITLE, Product::PRICE_CENTS);
    for (format, text) in [
        (CopyFormat::Csv, "1,\"a, \"\"b\"\"\",5\n2,b,6\n"),
        (CopyFormat::CsvWithHeader, "sku,title,price\n3,\"two\nlines\",7\n4,\"\",8\n"),
        (CopyFormat::Text, "5\ta\\tb\t9\n6\t\t10\n"),
    ] {
        let copy = copy_in_text::<Product>(columns, format, text.as_bytes());
        assert_eq!(copy.execute(&engine).await.unwrap(), 2, "{format:?}");
    }
    let titles = engine.fetch_all(columns_of_titles()).await.unwrap();
    assert_eq!(titles, ["a, \"b\"", "b", "two\nlines", "", "a\tb", ""]);
    let mut bytes = 0;
    let long = (10..30_000).map(|n| format!("{n},Tea,{n}\n")).collect::<String>();
    let copy = copy_in_text::<Product>(columns, CopyFormat::Csv, long.as_bytes());
    copy.on_progress(|so_far| bytes = so_far.bytes).execute(&engine).await.unwrap();
    assert_eq!(bytes, long.len() as u64);

    let wrong =
        copy_in_text::<Product>(columns, CopyFormat::Csv, &b"a,b,1\nc,d,many\n"[..]).execute(&engine).await;
    let error = wrong.unwrap_err();
    assert!(error.to_string().starts_with("row 2 of a COPY into `Product`: invalid input syntax"), "{error}");
    let error = copy_in_text::<Product>(columns, CopyFormat::Csv, Cut(b"a,b,1\n"))
        .execute(&engine)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Ended);
    assert_eq!(count(&engine).await, 29_996);
}

fn columns_of_titles() -> orm_core::query::Select<Product, String> {
    columns(Product::TITLE).order_by(Product::ID)
}

/// Some bytes, and then an error.
struct Cut(&'static [u8]);

impl AsyncRead for Cut {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        if self.0.is_empty() {
            return Poll::Ready(Err(std::io::Error::other("cut")));
        }
        out.put_slice(std::mem::take(&mut self.0));
        Poll::Ready(Ok(()))
    }
}
