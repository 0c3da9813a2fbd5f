//! Joined, by subquery, or not at all: what is sent, and that all of them load the same.

use super::*;
use orm_core::query::Path;
use orm_testkit::assert_queries;

/// An invoice, and the products of its cart.
type Bought = (String, Vec<String>);

/// What a session shows of the shop: customers, carts and products.
type Shop = Vec<(String, Vec<Bought>)>;

fn shown(session: &Session, customers: &[Handle<Customer>]) -> Shop {
    let cart = |cart: Entity<'_, Cart>| {
        let products = cart.related(Cart::PRODUCTS).expect("the products are loaded");
        (cart.invoice.clone().unwrap_or_default(), products.map(|product| product.sku.clone()).collect())
    };
    let all = session.each(customers).map(|customer| {
        let carts = customer.related(Customer::CARTS).expect("the carts are loaded");
        (customer.name.clone(), carts.map(cart).collect())
    });
    all.collect()
}

/// Customers in descending order along a path, with the statements and round trips that it takes.
async fn load(engine: &Engine, path: Path<Customer, Product>) -> orm_core::Result<(Shop, u64, u64)> {
    let mut session = engine.session();
    let before = engine.statistics();
    let query = session.query::<Customer>().filter(Customer::ID.gt(2)).order_by(Customer::NAME.desc());
    let customers = query.with(path).all().await?;
    let after = engine.statistics();
    let sent = (after.statements - before.statements, after.round_trips - before.round_trips);
    Ok((shown(&session, &customers), sent.0, sent.1))
}

#[orm_testkit::test(base = Base)]
async fn every_strategy_loads_the_same(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let carts = || Customer::CARTS.order_by(Cart::INVOICE.desc());
    let products = || Cart::PRODUCTS.filter(Product::SKU.ne("P-2")).order_by(Product::SKU.desc());
    let (expected, statements, trips) = load(&engine, carts().then(products())).await?;
    assert_eq!((expected.len(), statements, trips), (8, 3, 3));
    assert_eq!(expected[0].0, "c10");
    assert_eq!(expected[0].1[0], ("10/3".to_owned(), vec!["P-3".to_owned(), "P-1".to_owned()]));

    let (joined, statements, trips) = load(&engine, carts().joined().then(products().joined())).await?;
    assert_eq!((&joined, statements, trips), (&expected, 1, 1));
    let (subquery, statements, trips) = load(&engine, carts().subquery().then(products().subquery())).await?;
    assert_eq!((&subquery, statements, trips), (&expected, 3, 1));
    let (mixed, statements, trips) = load(&engine, carts().joined().then(products())).await?;
    assert_eq!((&mixed, statements, trips), (&expected, 2, 2));
    let (mixed, statements, trips) = load(&engine, carts().subquery().then(products().joined())).await?;
    assert_eq!((&mixed, statements, trips), (&expected, 3, 2), "members that are not joined ask by keys");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn every_strategy_keeps_limits_of_each_owner(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let carts = || Customer::CARTS.order_by(Cart::INVOICE.desc()).offset(1).limit(1);
    let products = || Cart::PRODUCTS.order_by(Product::SKU.desc()).limit(2);
    let (expected, ..) = load(&engine, carts().then(products())).await?;
    assert_eq!(expected[0].1, [("10/2".to_owned(), vec!["P-3".to_owned(), "P-2".to_owned()])]);
    let (joined, statements, _) = load(&engine, carts().joined().then(products().joined())).await?;
    assert_eq!((&joined, statements), (&expected, 1));
    let (subquery, statements, _) = load(&engine, carts().subquery().then(products().subquery())).await?;
    assert_eq!((&subquery, statements), (&expected, 3));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_limit_of_the_query_counts_its_own_rows(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    for path in [Customer::CARTS.joined(), Customer::CARTS.subquery(), Customer::CARTS.contains_eager()] {
        let mut session = engine.session();
        let query = session.query::<Customer>().order_by(Customer::NAME).offset(2).limit(3);
        let customers = query.with(path).all().await?;
        let names: Vec<&str> = customers.iter().map(|customer| &*session[*customer].name).collect();
        assert_eq!(names, ["c03", "c04", "c05"]);
        assert!(customers.iter().all(|customer| invoices(&session, *customer).len() == 3));
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn owners_without_members_are_there_but_for_an_inner_join(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    session.add(Customer::builder().name("nobody's").email("n@x"));
    session.commit().await?;
    let third = || Customer::CARTS.filter(invoice(3) & Cart::ID.gt(10));
    let mut session = engine.session();
    let all =
        assert_queries!(session, 1, { session.query::<Customer>().with(third().joined()).all().await? });
    assert_eq!(all.len(), 11);
    assert_eq!(all.iter().filter(|customer| invoices(&session, **customer).is_empty()).count(), 4);
    let mut session = engine.session();
    let query = session.query::<Customer>().order_by(Customer::ID).limit(2);
    let some = assert_queries!(engine, 1, { query.with(third().contains_eager()).all().await? });
    let ids: Vec<i64> = some.iter().map(|customer| session[*customer].id.unwrap()).collect();
    assert_eq!(ids, [4, 5], "those that have such a cart, and so many of them");
    assert!(some.iter().all(|customer| invoices(&session, *customer) == ["3"]));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn inner_joins_reach_along_the_path(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let cart = session.get_one::<Cart>(5).await?;
    session[cart].products.push(Product::builder().sku("rare").title("rare").price_cents(1));
    session.commit().await?;
    let mut session = engine.session();
    let rare = Cart::PRODUCTS.filter(Product::SKU.eq("rare")).contains_eager();
    let query = session.query::<Customer>().with(Customer::CARTS.contains_eager().then(rare));
    let only = assert_queries!(engine, 1, { query.all().await? });
    assert_eq!(shown(&session, &only), [("c02".into(), vec![("2/2".into(), vec!["rare".into()])])]);
    assert!(session[only[0]].carts.is_partial() && !session[only[0]].carts.is_loaded());
    assert_eq!(session.load(only[0], Customer::CARTS).await?.len(), 3, "the others are not forgotten");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_inner_join_below_a_left_join_keeps_the_owners(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let cart = session.get_one::<Cart>(5).await?;
    session[cart].products.push(Product::builder().sku("rare").title("rare").price_cents(1));
    session.commit().await?;
    let mut session = engine.session();
    let rare = Cart::PRODUCTS.filter(Product::SKU.eq("rare")).contains_eager();
    let query = session.query::<Customer>().order_by(Customer::ID).limit(3);
    let some = query.with(Customer::CARTS.joined().then(rare)).all().await?;
    let sizes: Vec<usize> = some.iter().map(|customer| invoices(&session, *customer).len()).collect();
    assert_eq!(sizes, [0, 1, 0]);
    assert!(!session[some[0]].carts.is_loaded());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn references_are_joined(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let query = session.query::<Cart>().order_by(Cart::ID.desc()).with(Cart::CUSTOMER.joined());
    let carts = assert_queries!(engine, 1, { query.limit(4).all().await? });
    let names: Vec<&str> =
        session.each(&carts).map(|cart| &*cart.related(Cart::CUSTOMER).unwrap().get().name).collect();
    assert_eq!(names, ["c10", "c10", "c10", "c09"]);
    let mut session = engine.session();
    let query = session.query::<Cart>().with(Cart::CUSTOMER.subquery());
    let carts = query.filter(Cart::ID.le(2)).all().await?;
    assert_eq!(session.at(carts[0]).related(Cart::CUSTOMER)?.name, "c01");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn joined_rows_neither_duplicate_nor_overwrite_objects(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let mut quiet = session.no_autoflush();
    let cart = quiet.get_one::<Cart>(1).await?;
    quiet[cart].invoice = Some("mine".into());
    let ann = quiet.get_one::<Customer>(1).await?;
    quiet[ann].carts.push(Cart::builder().invoice("new"));
    let path = Customer::CARTS.joined().then(Cart::PRODUCTS.joined());
    let all = quiet.query::<Customer>().order_by(Customer::ID).with(path).all().await?;
    assert_eq!(all[0], ann);
    assert_eq!((quiet.objects::<Customer>().count(), quiet.objects::<Product>().count()), (10, 3));
    let mut found = invoices(&quiet, ann);
    found.sort();
    assert_eq!(found, ["2", "3", "mine"], "what was pushed has no slot before it is flushed");
    drop(quiet);
    session.commit().await?;
    assert_eq!(invoices(&session, ann).len(), 4);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn joined_members_are_siblings_and_are_renewed_once(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let all = session.query::<Customer>().with(Customer::CARTS.joined()).all().await?;
    assert_queries!(session, 1, {
        for customer in &all {
            for cart in session[*customer].carts.handles().unwrap().collect::<Vec<_>>() {
                assert_eq!(session.load(cart, Cart::PRODUCTS).await?.len(), 3);
            }
        }
    });
    engine.execute_script("UPDATE cart SET invoice = 'x' || invoice").await?;
    let query = session.query::<Customer>().with(Customer::CARTS.joined()).populate_existing();
    let all = query.order_by(Customer::ID).all().await?;
    assert!(session.each(&all).all(|c| {
        c.related(Customer::CARTS).unwrap().all(|cart| cart.invoice.as_deref().unwrap().starts_with('x'))
    }));
    assert_eq!(invoices(&session, all[0]).len(), 3);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_is_loaded_by_handle_is_asked_for_by_keys(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let ann = session.get_one::<Customer>(1).await?;
    for path in [Customer::CARTS.joined(), Customer::CARTS.subquery(), Customer::CARTS.select_in()] {
        assert_eq!(session.load(ann, path.populate_existing()).await?.len(), 3);
    }
    Ok(())
}
