//! The builder of a session: joins, groups and values, in its transaction and under its criteria.

use super::joins::shop;
use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::query::{Joined, Scope, count, sum, value};
use orm_core::session::Query;
use shop_models::models::{Base, Cart, Customer, Product};

/// Customers with what they bought.
fn buyers(session: &mut Session) -> Query<'_, Customer, Joined<Joined<Customer, Cart>, Product>> {
    let query = session.query::<Customer>().join(Customer::CARTS).join(Cart::PRODUCTS);
    query.order_by((Customer::NAME, Cart::ID, Product::SKU))
}

fn names(session: &Session, customers: &[Handle<Customer>]) -> Vec<String> {
    customers.iter().map(|customer| session[*customer].name.clone()).collect()
}

#[orm_testkit::test(base = Base)]
async fn objects_come_from_joins_with_conditions_on_every_table(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await;
    let mut session = engine.session();
    let found = buyers(&mut session).filter(Product::SKU.eq("tea")).all().await?;
    assert_eq!(names(&session, &found), ["Ann", "Ann"], "a row of the join is one");
    assert_eq!(found[0], found[1], "and the same object");
    assert_eq!(session.objects::<Cart>().count(), 0);
    assert_eq!(buyers(&mut session).count().await?, 3);
    assert!(buyers(&mut session).filter(Product::PRICE_CENTS.gt(800)).exists().await?);
    assert_eq!(buyers(&mut session).first().await?, Some(found[0]));
    assert_eq!(buyers(&mut session).one().await.unwrap_err().kind(), ErrorKind::MultipleFound);
    let by_value = value(Product::PRICE_CENTS) * value(Cart::ID);
    assert_eq!(buyers(&mut session).filter(by_value.gt(1_000)).one().await?, found[0]);
    let none = session.query::<Customer>().left_join(Customer::CARTS).filter(Cart::ID.is_null());
    let none = none.with(Customer::CARTS).all().await?;
    assert_eq!(names(&session, &none), ["Cem"]);
    assert!(session.at(none[0]).related(Customer::CARTS)?.next().is_none());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn each_object_comes_once_when_it_is_asked_for(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await;
    let mut session = engine.session();
    let owners = session.query::<Customer>().join(Customer::CARTS).distinct().order_by(Customer::NAME);
    let page = owners.page_after(None, 1).await?;
    assert_eq!(names(&session, &page.rows), ["Ann"]);
    let owners = session.query::<Customer>().join(Customer::CARTS).distinct().order_by(Customer::NAME);
    let page = owners.page_after(page.next.as_deref(), 1).await?;
    assert_eq!((names(&session, &page.rows), page.next), (vec!["Bea".to_owned()], None));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn values_are_those_of_the_transaction_and_under_the_criteria(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await;
    let mut session = engine.session();
    let ann = session.query::<Customer>().filter(Customer::NAME.eq("Ann")).one().await?;
    session.add(Cart::builder().invoice("A-3").customer(ann));
    let invoices = session.query::<Customer>().join(Customer::CARTS).columns((Customer::NAME, Cart::INVOICE));
    let last = invoices.order_by(Cart::ID.desc()).first().await?;
    assert_eq!(last, Some(("Ann".to_owned(), Some("A-3".to_owned()))), "it was flushed");
    session.restrict::<Cart>(Cart::INVOICE.ne("A-3"));
    let carts = session.query::<Customer>().join(Customer::CARTS).group_by(Customer::NAME);
    let counted = carts.order_by(|name| name).columns(|name| (name, count())).all().await?;
    assert_eq!(counted, [("Ann".to_owned(), 2)], "the cart without an invoice is unknown, and so hidden");
    let all =
        session.query::<Customer>().join(Customer::CARTS).unrestricted().aggregate(count()).one().await?;
    assert_eq!(all, 4);
    session.rollback().await?;
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn members_of_an_object_are_joined_and_counted(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await;
    let mut session = engine.session();
    let ann = session.query::<Customer>().filter(Customer::NAME.eq("Ann")).one().await?;
    let spent = session.related(ann, Customer::CARTS).join(Cart::PRODUCTS).group_by(Cart::INVOICE);
    let spent = spent
        .order_by(|invoice| invoice)
        .columns(|invoice| (invoice, sum(Product::PRICE_CENTS)))
        .all()
        .await?;
    let expected = [("A-1", 390), ("A-2", 1280)].map(|(invoice, cents)| (Some(invoice.to_owned()), cents));
    assert_eq!(spent, expected);
    assert_eq!(session.related(ann, Customer::CARTS).columns(Cart::INVOICE).count().await?, 2);
    let new =
        session.add(Customer::builder().name("Dora").email("dora@example.org").carts([Cart::builder()]));
    assert_eq!(
        session.related(new, Customer::CARTS).columns(Cart::ID).all().await?.len(),
        1,
        "its owner was flushed"
    );
    Ok(())
}

/// The builder is generic in its scope, for helpers of a program.
fn named<'s, S: Scope<Root = Customer> + orm_core::query::Contains<Customer, I>, I>(
    query: Query<'s, Customer, S>,
    name: &str,
) -> Query<'s, Customer, S> {
    query.filter(Customer::NAME.eq(name))
}

#[orm_testkit::test(base = Base)]
async fn helpers_take_a_builder_of_any_scope(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await;
    let mut session = engine.session();
    assert_eq!(named(session.query(), "Ann").count().await?, 1);
    assert_eq!(named(session.query::<Customer>().join(Customer::CARTS), "Ann").count().await?, 2);
    Ok(())
}
