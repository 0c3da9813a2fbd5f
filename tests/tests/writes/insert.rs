//! Rows of any shape in one statement.

use orm_core::ErrorKind;
use orm_core::bulk::{Values, insert};
use orm_core::prelude::*;
use orm_core::query::whole;
use orm_tests::models::{values, versions};
use shop_models::models::{Base, Cart, CartProduct, Customer, Product};

/// The numbers of statements and of round trips that a future takes.
pub(crate) async fn counted<T>(engine: &Engine, future: impl Future<Output = T>) -> (T, u64, u64) {
    let before = engine.statistics();
    let done = future.await;
    let after = engine.statistics();
    (done, after.statements - before.statements, after.round_trips - before.round_trips)
}

#[orm_testkit::test(base = Base)]
async fn any_number_of_rows_is_one_statement(engine: Engine) {
    let customers = |n: i64| Customer::builder().name("Ann").email(format!("{n}"));
    for (from, rows) in [(0, 1), (1, 2), (3, 30_000)] {
        let all = insert::<Customer>((from..from + rows).map(customers)).execute(&engine);
        let (written, statements, trips) = counted(&engine, all).await;
        assert_eq!((written.unwrap(), statements, trips), (rows.unsigned_abs(), 1, 1));
    }
    let none: [Customer; 0] = [];
    let (written, statements, _) = counted(&engine, insert(none).execute(&engine)).await;
    assert_eq!((written.unwrap(), statements), (0, 0));
    assert_eq!(engine.count(select::<Customer>()).await.unwrap(), 30_003);
}

#[orm_testkit::test(base = Base)]
async fn rows_of_different_shapes_are_one_statement(engine: Engine) {
    let row = || Values::<Customer>::new().set(Customer::NAME, "Ann");
    let day = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap().and_time(NaiveTime::MIN).and_utc();
    let rows = [
        row().set(Customer::EMAIL, "1").set(Customer::AGE, 41),
        row().set(Customer::EMAIL, "2").set(Customer::ID, 700),
        row().set(Customer::EMAIL, "3").set(Customer::CREATED_AT, day),
    ];
    let statement =
        insert(rows).returning((Customer::EMAIL, Customer::ID, Customer::AGE, Customer::CREATED_AT));
    let (all, statements, _) = counted(&engine, statement.fetch_all(&engine)).await;
    let mut all = all.unwrap();
    all.sort();
    assert_eq!(statements, 1);
    assert_eq!((all[0].1, all[0].2, all[1].1, all[1].2), (1, Some(41), 700, None));
    assert!(all[2].3 == day && all[0].3 > day && all[1].3 > day);
}

#[orm_testkit::test(base = versions::Base)]
async fn defaults_versions_and_generated_columns_are_as_in_a_flush(engine: Engine) {
    use versions::{Account, Item, Word};
    let item = insert([Values::<Item>::new().set(Item::PRICE, 5)]);
    let item: Item = item.returning(whole()).fetch_one(&engine).await.unwrap();
    assert_eq!((item.count, item.weight, &item.label[..]), (1, 0.5, "item 2"));
    assert_eq!((item.total, &item.written_by[..], item.number), (Auto::Set(10), "maker", None));

    let accounts = (1..=3).map(|n| Account { id: Auto::Unset, balance: n, owner: None, version: 7 });
    let versions = insert(accounts).returning(Account::VERSION).fetch_all(&engine).await.unwrap();
    assert_eq!(versions, [1, 1, 1]);

    let wrong = Values::<Word>::new().set(Word::TEXT, "a").set(Word::SEEN, 1).set(Word::LENGTH, 7);
    let error = insert([wrong]).execute(&engine).await.unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::ReadOnly, Some("length")));
}

#[orm_testkit::test(base = values::Base)]
async fn a_row_without_a_required_value_names_itself(engine: Engine) {
    use orm_tests::models::values::Values as Row;
    let error = insert([Values::<Row>::new()]).execute(&engine).await.unwrap_err();
    assert_eq!(error.to_string(), "`boolean` of row 1 (of a bulk call with `Values`) has no value");
    assert_eq!(
        (error.kind(), error.model(), error.column()),
        (ErrorKind::Unset, Some("Values"), Some("boolean"))
    );
}

#[orm_testkit::test(base = Base)]
async fn what_is_wrong_with_a_row_is_told_before_anything_is_sent(engine: Engine) {
    let ann = Customer::builder().name("Ann").email("ann@example.org");
    let cart = Cart::builder().customer(ann).build();
    let (error, statements, _) = counted(&engine, insert([cart]).execute(&engine)).await;
    let error = error.unwrap_err();
    assert_eq!((error.kind(), error.column(), statements), (ErrorKind::Unset, Some("customer_id"), 0));
    let nul = Product::builder().sku("a\0b").title("").price_cents(1);
    let error = insert([nul]).execute(&engine).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Database | ErrorKind::Encode), "{error:?}");
    let link = Values::<CartProduct>::new().set(CartProduct::CART_ID, 1).set(CartProduct::PRODUCT_ID, 2);
    assert!(insert([link]).execute(&engine).await.unwrap_err().is_foreign_key_violation());
}

#[orm_testkit::test(base = values::Base)]
async fn values_of_every_type_arrive_as_they_are(engine: Engine) {
    use values::Values;
    for rows in [1, 3] {
        let all: Vec<Values> = (0..rows).map(|n| values::values(&format!("it's {n}"), n % 2 == 0)).collect();
        let back: Vec<Values> = insert(all.clone()).returning(whole()).fetch_all(&engine).await.unwrap();
        for sent in all {
            let found = back.iter().find(|row| row.text == sent.text).unwrap();
            assert_eq!(Values { id: found.id, ..sent }, *found);
        }
    }
}

#[orm_testkit::test(base = Base)]
async fn it_runs_inside_of_transactions(engine: Engine) {
    let tea = || insert([Product::builder().sku("T-1").title("Tea").price_cents(390)]);
    let mut connection = engine.connection().await.unwrap();
    connection.begin().await.unwrap();
    assert_eq!(tea().execute(&mut connection).await.unwrap(), 1);
    connection.rollback().await.unwrap();
    let mut session = engine.session();
    assert_eq!(tea().execute(&mut session).await.unwrap(), 1);
    assert!(session.in_transaction());
    assert_eq!(engine.count(select::<Product>()).await.unwrap(), 0);
    assert!(tea().execute(&mut session).await.unwrap_err().is_unique_violation());
    assert_eq!(tea().execute(&mut session).await.unwrap_err().kind(), ErrorKind::NeedsRollback);
    session.rollback().await.unwrap();
    assert_eq!(tea().execute(&mut session).await.unwrap(), 1);
    session.commit().await.unwrap();
    assert_eq!(engine.count(select::<Product>()).await.unwrap(), 1);
}
