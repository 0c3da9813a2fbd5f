//! Every mistake has its own kind of error that names the place.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use shop_models::models::{Base, Cart, Customer, Product};

fn customer(email: &str) -> Customer {
    Customer::builder().name("Ann").email(email).build()
}

#[orm_testkit::test(base = Base)]
async fn a_unique_violation_names_constraint_table_and_column(engine: Engine) {
    let mut session = engine.session();
    session.add(customer("a@x"));
    session.commit().await.unwrap();
    let second = session.add(customer("a@x"));
    let third = session.add(customer("b@x"));
    let error = session.commit().await.unwrap_err();
    assert!(error.is_unique_violation());
    assert_eq!(error.constraint(), Some("uq_customer_email"));
    assert_eq!((error.table(), error.column()), (Some("customer"), Some("email")));
    assert!(error.to_string().contains("(email)=(a@x)"), "{error}");

    let refused = session.commit().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NeedsRollback);
    session.rollback().await.unwrap();
    assert!(!session[second].id.is_set(), "as it was before the flush");
    session[second].email = "c@x".into();
    session.add_again(third).unwrap();
    session.commit().await.unwrap();
    let emails: Vec<String> =
        engine.fetch_all(columns(Customer::EMAIL).order_by(Customer::EMAIL)).await.unwrap();
    assert_eq!(emails, ["a@x", "b@x", "c@x"]);
}

#[orm_testkit::test(base = Base)]
async fn an_unset_foreign_key_is_told_before_anything_is_sent(engine: Engine) {
    let mut session = engine.session();
    let ann = session.add(customer("a@x"));
    let cart = session.add(Cart::builder());
    let error = orm_testkit::assert_queries!(session, 0, { session.commit().await.unwrap_err() });
    assert_eq!(error.kind(), ErrorKind::Unset);
    assert_eq!((error.model(), error.column()), (Some("Cart"), Some("customer_id")));
    session[cart].customer.set(ann);
    session.commit().await.unwrap();
}

#[orm_testkit::test(base = Base)]
async fn a_handle_of_another_session_is_refused(engine: Engine) {
    let (mut one, mut two) = (engine.session(), engine.session());
    let ann = one.add(customer("a@x"));
    assert_eq!(two.try_get(ann).unwrap_err().kind(), ErrorKind::ForeignHandle);
    assert_eq!(two.delete(ann).unwrap_err().kind(), ErrorKind::ForeignHandle);
    let cart = two.add(Cart::builder().customer(ann));
    let error = two.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ForeignHandle);
    assert!(error.to_string().contains("`Cart::customer`"), "{error}");
    let bea = two.add(customer("b@x"));
    two[cart].customer.set(bea);
    two.commit().await.unwrap();
}

#[orm_testkit::test(base = Base)]
async fn a_deleted_handle_is_refused(engine: Engine) {
    let mut session = engine.session();
    let ann = session.add(customer("a@x"));
    session.commit().await.unwrap();
    session.delete(ann).unwrap();
    assert_eq!(session[ann].name, "Ann", "readable until the flush");
    session.commit().await.unwrap();
    assert_eq!(session.try_get(ann).unwrap_err().kind(), ErrorKind::Gone);
    let cart = session.add(Cart::builder().customer(ann));
    let error = session.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Gone);
    session.delete(cart).unwrap();
    session.commit().await.unwrap();
}

#[orm_testkit::test(base = Base)]
#[should_panic(expected = "was deleted")]
async fn indexing_a_deleted_handle_panics_with_the_reason(engine: Engine) {
    let mut session = engine.session();
    let ann = session.add(customer("a@x"));
    session.commit().await.unwrap();
    session.delete(ann).unwrap();
    session.commit().await.unwrap();
    let _ = &session[ann];
}

#[orm_testkit::test(base = Base)]
async fn a_row_that_is_gone_is_stale(engine: Engine) {
    let mut session = engine.session();
    let handles = session.add_all((0..5).map(|n| customer(&format!("{n}@x"))));
    session.commit().await.unwrap();
    for id in [2, 4] {
        Customer::find(&engine, id).await.unwrap().unwrap().delete(&engine).await.unwrap();
    }
    for handle in &handles {
        session[*handle].age = Some(7);
    }
    let error = session.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StaleData);
    assert!(error.to_string().contains("2 4"), "{error}");
    session.rollback().await.unwrap();
    let ages: Vec<Option<i32>> = engine.fetch_all(columns(Customer::AGE)).await.unwrap();
    assert_eq!(ages, [None, None, None], "all or nothing");

    session[handles[1]].age = Some(8);
    assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::StaleData, "a single row as well");
    session.rollback().await.unwrap();
    session[handles[1]].age = Some(8);
    assert_eq!(session.flush().await.unwrap_err().kind(), ErrorKind::StaleData, "and without commit");
    assert!(!session.is_active());
}

#[orm_testkit::test(base = Base)]
async fn checks_foreign_keys_and_missing_rows_are_told_apart(engine: Engine) {
    let mut session = engine.session();
    session.add(Product::builder().sku("T").title("Tea").price_cents(-1));
    let error = session.commit().await.unwrap_err();
    assert!(error.is_check_violation());
    assert_eq!(error.constraint(), Some("ck_product_price_cents"));
    session.rollback().await.unwrap();

    session.add(Cart::builder().customer_key(99));
    let error = session.commit().await.unwrap_err();
    assert!(error.is_foreign_key_violation());
    assert_eq!(error.columns(), ["customer_id"]);
    session.rollback().await.unwrap();

    let none = session.query::<Customer>().one().await.unwrap_err();
    assert_eq!((none.kind(), none.model()), (ErrorKind::NotFound, Some("Customer")));
    session.add_all([customer("a@x"), customer("b@x")]);
    session.commit().await.unwrap();
    let many = session.query::<Customer>().one_or_none().await.unwrap_err();
    assert_eq!(many.kind(), ErrorKind::MultipleFound);
}

#[orm_testkit::test(base = Base)]
async fn a_value_that_the_server_refuses_leaves_the_session_repairable(engine: Engine) {
    let mut session = engine.session();
    session.add(customer("ann@x"));
    session.commit().await.unwrap();
    let ann = session.add(customer("ann@x"));
    let error = session.commit().await.unwrap_err();
    assert!(error.is_unique_violation(), "{error}");
    session.rollback().await.unwrap();
    session[ann].email = "nul\0@x".into();
    let error = session.commit().await.unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::Encode, Some("email")));
    session[ann].email = "anne@x".into(); // nothing was sent
    session.commit().await.unwrap();
    let long = session.add(customer(&"x".repeat(300)));
    let error = session.commit().await.unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::Encode, Some("email")));
    session[long].email.truncate(254); // nothing was sent
    session.commit().await.unwrap();
}
