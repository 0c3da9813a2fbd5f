//! INSERT of what a query finds.

use orm_core::ErrorKind;
use orm_core::bulk::{Values, insert, insert_from};
use orm_core::prelude::*;
use orm_core::query::{count, excluded, value, was_inserted};
use orm_tests::models::{drawers, versions};
use shop_models::models::{Base, Cart, Customer, Product};

async fn customers(engine: &Engine) {
    let all = [("Ann", Some(41)), ("Bea", None), ("Cem", Some(7))].map(|(name, age)| {
        let row = Values::<Customer>::new().set(Customer::NAME, name).set(Customer::EMAIL, name);
        row.set(Customer::AGE, age)
    });
    insert(all).execute(engine).await.unwrap();
}

#[orm_testkit::test(base = Base)]
async fn what_a_query_finds_is_inserted(engine: Engine) {
    customers(&engine).await;
    let adults = select::<Customer>().filter(Customer::AGE.ge(18)).columns(Customer::ID);
    let carts = insert_from(Cart::CUSTOMER_ID, adults).returning((Cart::ID, Cart::CUSTOMER_ID));
    assert_eq!(carts.fetch_all(&engine).await.unwrap(), [(1, 1)]);

    // Groups, limits and expressions; conflicts by what both rows say.
    let by_name = || {
        let query =
            select::<Customer>().group_by(Customer::NAME).columns(|name| (name.clone(), name, count()));
        insert_from((Product::SKU, Product::TITLE, Product::PRICE_CENTS), query)
            .on_conflict(Product::SKU)
            .do_update(
                Product::PRICE_CENTS.set_to(Product::PRICE_CENTS + excluded(Product::PRICE_CENTS) * 10),
            )
            .returning((Product::SKU, Product::PRICE_CENTS, was_inserted()))
    };
    let mut first = by_name().fetch_all(&engine).await.unwrap();
    first.sort();
    assert_eq!(first[0], ("Ann".to_owned(), 1, true));
    let mut session = engine.session();
    let ann = session.query::<Product>().filter(Product::SKU.eq("Ann")).one().await.unwrap();
    assert_eq!(by_name().fetch_all(&mut session).await.unwrap().len(), 3);
    assert_eq!(session[ann].price_cents, 11);
    session.commit().await.unwrap();

    // Rows of the table itself.
    let again = select::<Product>().filter(Product::SKU.eq("Ann"));
    let again = again.columns((value(Product::TITLE), Product::TITLE, Product::PRICE_CENTS));
    let copied = insert_from((Product::SKU, Product::TITLE, Product::PRICE_CENTS), again).skip_existing();
    assert_eq!(copied.execute(&engine).await.unwrap(), 0);
}

#[orm_testkit::test(base = versions::Base)]
async fn defaults_stand_for_columns_that_the_query_does_not_give(engine: Engine) {
    use versions::{Account, Item, Word};
    insert([Account { id: Auto::Unset, balance: 5, owner: None, version: 1 }])
        .execute(&engine)
        .await
        .unwrap();
    let items = insert_from(Item::PRICE, columns(Account::BALANCE));
    let items = items.returning((Item::PRICE, Item::COUNT, Item::LABEL, Item::TOTAL, Item::WRITTEN_BY));
    assert_eq!(items.fetch_one(&engine).await.unwrap(), (5, 1, "item 2".into(), 10, "maker".into()));

    let twice =
        insert_from((Account::BALANCE, Account::BALANCE), columns((Account::BALANCE, Account::BALANCE)));
    let error = twice.execute(&engine).await.unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::Contradiction, Some("balance")));
    let wrong = insert_from(Account::VERSION, columns(Account::VERSION)).execute(&engine).await.unwrap_err();
    assert_eq!((wrong.kind(), wrong.column()), (ErrorKind::ReadOnly, Some("version")));
    let missing = insert_from(Word::TEXT, columns(Item::LABEL)).execute(&engine).await.unwrap_err();
    assert_eq!((missing.kind(), missing.column()), (ErrorKind::Unset, Some("seen")));
}

#[orm_testkit::test(base = drawers::Base)]
async fn criteria_hold_for_what_is_read(engine: Engine) {
    use drawers::{Drawer, Note};
    let mut session = engine.session();
    let drawer = session.add(Drawer::builder().tenant(7).name("x"));
    session.add_all([false, true].map(|deleted| Note::builder().text("x").deleted(deleted).drawer(drawer)));
    session.commit().await.unwrap();
    let copy = || {
        let notes = columns((Note::TEXT, Note::DRAWER_ID));
        (notes.clone(), notes.unrestricted())
    };
    let columns = (Note::TEXT, Note::DRAWER_ID);
    assert_eq!(insert_from(columns, copy().0).execute(&engine).await.unwrap(), 1);
    assert_eq!(insert_from(columns, copy().1).execute(&engine).await.unwrap(), 3);
    let mut session = engine.session();
    session.restrict::<Note>(Note::ID.lt(1));
    assert_eq!(insert_from(columns, copy().0).execute(&mut session).await.unwrap(), 0);
}
