//! Inner joins choose the owners: in all calls of a query, and by the members that are shown.

use super::*;
use orm_core::ErrorKind;
use orm_core::query::Path;
use orm_core::sql::text;
use orm_testkit::assert_queries;

/// The shop, and a customer without a cart.
async fn with_nobody(engine: &Engine) -> orm_core::Result<Session> {
    shop(engine).await?;
    let mut session = engine.session();
    session.add(Customer::builder().name("nobody's").email("n@x"));
    session.commit().await?;
    Ok(engine.session())
}

/// The third carts of customers 4 to 10.
fn third() -> Path<Customer, Cart> {
    Customer::CARTS.filter(invoice(3) & Cart::ID.gt(10)).contains_eager()
}

#[orm_testkit::test(base = Base)]
async fn counts_and_existence_are_those_of_the_rows(engine: Engine) -> orm_core::Result<()> {
    let mut session = with_nobody(&engine).await?;
    for (path, expected) in [
        (third().then(Cart::PRODUCTS), 7),
        (Customer::CARTS.contains_eager().then(Cart::PRODUCTS.joined()), 10),
        (Customer::CARTS.joined().then(Cart::PRODUCTS), 11),
        (Customer::CARTS.joined().then(Cart::PRODUCTS.filter(Product::ID.lt(0)).contains_eager()), 11),
        (Customer::CARTS.contains_eager().then(Cart::PRODUCTS.filter(Product::ID.lt(0)).contains_eager()), 0),
    ] {
        let all = session.query::<Customer>().with(path.clone()).all().await?.len() as i64;
        let query = session.query::<Customer>().with(path.clone());
        let counted = assert_queries!(engine, 1, { query.count().await? });
        assert_eq!((all, counted), (expected, expected), "{path:?}");
        assert_eq!(session.query::<Customer>().with(path).exists().await?, expected > 0);
    }
    assert_eq!(session.query::<Customer>().with(third()).limit(3).count().await?, 3);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn updates_and_deletions_touch_the_rows_of_the_query_alone(engine: Engine) -> orm_core::Result<()> {
    let mut session = with_nobody(&engine).await?;
    let query = session.query::<Customer>().with(third()).set(Customer::AGE, Some(40));
    assert_eq!(query.update().await?, 7);
    let query = session.query::<Customer>().order_by(Customer::ID).limit(2).with(third());
    assert_eq!(query.set(Customer::AGE, Some(41)).update().await?, 2);
    let aged = session.query::<Customer>().filter(Customer::AGE.eq(41)).order_by(Customer::ID).all().await?;
    assert_eq!(aged.iter().map(|one| session[*one].id.unwrap()).collect::<Vec<_>>(), [4, 5]);

    session.execute(text("DELETE FROM cart_product")).await?;
    let of = |name: &str| Cart::CUSTOMER.filter(Customer::NAME.eq(name)).contains_eager();
    assert_eq!(session.query::<Cart>().with(of("nobody's")).delete().await?, 0);
    assert_eq!(session.query::<Cart>().with(of("c04")).delete().await?, 3);
    assert_eq!(session.query::<Cart>().filter(Cart::ID.le(15)).count().await?, 12);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_stream_gives_the_rows_that_have_members(engine: Engine) -> orm_core::Result<()> {
    let mut session = with_nobody(&engine).await?;
    let query = select::<Customer>().order_by(Customer::ID).with(third());
    let mut rows = session.stream(query, 100).await?;
    let first = rows.next().await?.unwrap();
    assert_eq!(first.iter().map(|one| one.id.unwrap()).collect::<Vec<_>>(), [4, 5, 6, 7, 8, 9, 10]);
    drop(rows);
    let error = engine.count(select::<Customer>().with(third())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "without a session there are no paths");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn members_that_an_offset_leaves_out_do_not_keep_their_owners(engine: Engine) -> orm_core::Result<()> {
    let mut session = with_nobody(&engine).await?;
    let ann = session.get_one::<Customer>(7).await?;
    session[ann].carts.push(Cart::builder().invoice("7/4"));
    session.commit().await?;
    let owners = async |path: Path<Customer, Cart>| {
        let mut session = engine.session();
        let found =
            session.query::<Customer>().order_by(Customer::ID).limit(3).with(path.clone()).all().await?;
        let counted = session.query::<Customer>().with(path).count().await?;
        assert!(found.iter().all(|owner| !invoices(&session, *owner).is_empty()));
        Ok::<_, orm_core::Error>((found.iter().map(|one| session[*one].id.unwrap()).collect(), counted))
    };
    let carts = || Customer::CARTS.order_by(Cart::ID).contains_eager();
    assert_eq!(owners(carts().offset(3)).await?, (vec![7], 1));
    assert_eq!(owners(carts().offset(2).limit(1)).await?, (vec![1, 2, 3], 10));
    assert_eq!(owners(carts().limit(0)).await?, (vec![], 0));
    assert_eq!(owners(carts().offset(4)).await?, (vec![], 0));

    let last = Cart::PRODUCTS.offset(2).contains_eager();
    let carts = engine.session().query::<Cart>().with(last.filter(Product::ID.gt(1))).all().await?;
    assert!(carts.is_empty(), "each has two of them");
    Ok(())
}
