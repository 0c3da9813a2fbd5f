//! Conditions, orders and limits along a path; paths that meet.

use super::*;
use orm_core::ErrorKind;
use orm_core::query::Path;
use orm_testkit::assert_queries;

fn skus(session: &Session, cart: Handle<Cart>) -> Vec<String> {
    let products = session.at(cart).related(Cart::PRODUCTS).expect("the products are loaded");
    products.map(|product| product.sku.clone()).collect()
}

#[orm_testkit::test(base = Base)]
async fn a_condition_holds_for_the_members(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let odd = Customer::CARTS.filter(!invoice(2)).filter(Cart::ID.gt(3));
    let all = session.query::<Customer>().order_by(Customer::ID).with(odd).all().await?;
    assert!(invoices(&session, all[0]).is_empty(), "an owner without such members is there, too");
    assert_eq!(invoices(&session, all[1]), ["1", "3"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn limits_count_for_each_owner(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let all = assert_queries!(session, 2, {
        let newest = Customer::CARTS.order_by(Cart::INVOICE.desc()).limit(2);
        session.query::<Customer>().with(newest).all().await?
    });
    assert!(all.iter().all(|customer| invoices(&session, *customer) == ["3", "2"]));
    session.load(&all, Customer::CARTS.order_by(Cart::INVOICE.desc()).offset(1).limit(5)).await?;
    assert!(all.iter().all(|customer| invoices(&session, *customer) == ["2", "1"]));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn conditions_and_limits_hold_through_an_association_table(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let carts = session.query::<Cart>().order_by(Cart::ID).all().await?;
    session.load(&carts, Cart::PRODUCTS.filter(Product::PRICE_CENTS.gt(100))).await?;
    assert!(carts.iter().all(|cart| skus(&session, *cart) == ["P-2", "P-3"]));
    session.load(&carts, Cart::PRODUCTS.order_by(Product::SKU.desc()).limit(2)).await?;
    assert!(carts.iter().all(|cart| skus(&session, *cart) == ["P-3", "P-2"]));
    let dear = Cart::PRODUCTS.filter(Product::PRICE_CENTS.lt(300)).order_by(Product::SKU.desc()).limit(1);
    session.load(&carts, dear).await?;
    assert!(carts.iter().all(|cart| skus(&session, *cart) == ["P-2"]));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn conditions_of_each_relation_of_a_path_hold(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let path = Customer::CARTS
        .filter(invoice(2))
        .then(Cart::PRODUCTS.filter(Product::SKU.ne("P-1")).order_by(Product::SKU.desc()));
    let ann = session.query::<Customer>().filter(Customer::ID.eq(4)).with(path).one().await?;
    let cart = session.at(ann).related(Customer::CARTS)?.next().unwrap().handle();
    assert_eq!(invoices(&session, ann), ["2"]);
    assert_eq!(skus(&session, cart), ["P-3", "P-2"]);
    assert_eq!((session.objects::<Cart>().count(), session.objects::<Product>().count()), (1, 2));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_condition_may_be_about_relations_of_the_members(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let cart = session.get_one::<Cart>(2).await?;
    let rare = Product::builder().sku("rare").title("rare").price_cents(1);
    session[cart].products.push(rare);
    session.commit().await?;
    let mut session = engine.session();
    let with_rare = Customer::CARTS.filter(Cart::PRODUCTS.any(Product::SKU.eq("rare")));
    let ann =
        session.query::<Customer>().order_by(Customer::ID).with(with_rare.clone()).first().await?.unwrap();
    assert_eq!(invoices(&session, ann), ["2"]);
    session.load(ann, with_rare.limit(1)).await?;
    assert_eq!(invoices(&session, ann), ["2"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn paths_with_a_common_beginning_go_there_once(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    assert_queries!(session, 3, {
        let query = session.query::<Customer>().with(Customer::CARTS.then(Cart::PRODUCTS));
        query.with(Customer::CARTS.then(Cart::CUSTOMER)).with(Customer::CARTS).all().await?
    });
    let mut session = engine.session();
    let query = session.query::<Customer>().with(Customer::CARTS.filter(invoice(1)));
    let ann = query.with(Customer::CARTS.then(Cart::PRODUCTS)).first().await?.unwrap();
    assert_eq!(invoices(&session, ann), ["1"], "a path that says nothing of the members adds nothing");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn paths_that_meet_show_the_same_objects(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let round = Customer::CARTS.then(Cart::PRODUCTS).then(Product::CARTS).then(Cart::CUSTOMER);
    let all = session.query::<Customer>().with(round).all().await?;
    assert_eq!(session.objects::<Customer>().count(), 10);
    assert_eq!(session.objects::<Cart>().count(), 30);
    for customer in session.each(&all) {
        for cart in customer.related(Customer::CARTS)? {
            assert_eq!(cart.related(Cart::CUSTOMER)?.handle(), customer.handle());
            for product in cart.related(Cart::PRODUCTS)? {
                assert!(product.related(Product::CARTS)?.any(|other| other.handle() == cart.handle()));
            }
        }
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn loading_never_overwrites_what_was_not_saved(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let mut quiet = session.no_autoflush();
    let cart = quiet.get_one::<Cart>(1).await?;
    quiet[cart].invoice = Some("mine".into());
    let ann = quiet.query::<Customer>().with(Customer::CARTS).order_by(Customer::ID).first().await?.unwrap();
    assert_eq!(invoices(&quiet, ann), ["mine", "2", "3"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn populate_existing_takes_members_along_the_path_over(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let ann =
        session.query::<Customer>().with(Customer::CARTS).order_by(Customer::ID).first().await?.unwrap();
    let mut other = engine.session();
    let cart = other.get_one::<Cart>(1).await?;
    other[cart].invoice = Some("theirs".into());
    other.commit().await?;
    let query = session.query::<Customer>().with(Customer::CARTS).order_by(Customer::ID).limit(1);
    query.populate_existing().all().await?;
    assert_eq!(invoices(&session, ann), ["theirs", "2", "3"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn two_paths_that_want_different_members_are_refused(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let carts = |id: i64| Customer::CARTS.filter(Cart::ID.gt(id));
    assert_queries!(engine, 0, {
        let error =
            session.query::<Customer>().with(carts(10)).with(carts(20).limit(3)).all().await.unwrap_err();
        assert_eq!((error.kind(), error.model()), (ErrorKind::LoadRefused, Some("Customer")));
        assert_eq!(
            error.to_string(),
            "`Customer::CARTS` stands in two paths that differ in what they want of it: `WHERE \"id\" > 10` and \
             `WHERE \"id\" > 20 LIMIT 3`. Say it once, or load one of them by itself with `session.load(…)`"
        );
        let below = |path: Path<Customer, Cart>| Cart::CUSTOMER.then(path);
        let query = session.query::<Cart>().with(below(carts(1))).with(below(carts(2)).then(Cart::PRODUCTS));
        let error = query.count().await.unwrap_err();
        assert!(error.to_string().starts_with("`Customer::CARTS` stands in two paths"), "{error}");
        let query = session.query::<Customer>().with(carts(1).contains_eager());
        let error = query.with(Customer::CARTS.joined().then(Cart::PRODUCTS)).all().await.unwrap_err();
        let both = "`WHERE \"id\" > 1` by `contains_eager()` and all members by `joined()`";
        assert!(error.to_string().contains(both), "{error}");
    });
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn two_paths_that_want_the_same_members_are_one(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let second = || Customer::CARTS.filter(invoice(2)).order_by(Cart::ID.desc());
    let query = session.query::<Customer>().with(second().then(Cart::PRODUCTS));
    let query = query.with(second().then(Cart::CUSTOMER)).with(Customer::CARTS.then(Cart::PRODUCTS));
    let ann = query.first().await?.unwrap();
    assert_eq!(invoices(&session, ann), ["2"]);
    let cart = session.at(ann).related(Customer::CARTS)?.next().unwrap();
    assert!(cart.related(Cart::PRODUCTS)?.len() == 3 && cart.related(Cart::CUSTOMER)?.handle() == ann);
    let query = session.query::<Customer>().with(Customer::CARTS.then(Cart::PRODUCTS));
    let ann = query.with(second().then(Cart::CUSTOMER)).first().await?.unwrap();
    assert_eq!(invoices(&session, ann), ["2"], "in either order");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn several_paths_are_one_tuple(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let both = || (Cart::CUSTOMER.then(Customer::CARTS), Cart::PRODUCTS);
    let query = session.query::<Cart>().order_by(Cart::ID).limit(4).with(both());
    let carts = assert_queries!(engine, 4, { query.all().await? });
    assert_eq!(session.at(carts[3]).related(Cart::PRODUCTS)?.len(), 3);
    assert_eq!(session.at(carts[3]).to_json(both())?["customer"]["carts"][2]["invoice"], "2/3");
    assert_eq!(session.at(carts[3]).to_json((both(), ()))?["products"][0]["sku"], "P-1");
    let error = session.at(carts[0]).to_json((both(), Cart::PRODUCTS.then(Product::CARTS))).unwrap_err();
    assert!(
        error.kind() == ErrorKind::NotLoaded && error.to_string().contains("`carts` of Product(1)"),
        "{error}"
    );

    let mut session = engine.session();
    let carts = session.query::<Cart>().filter(Cart::ID.le(4)).all().await?;
    // Customers and products leave together; the carts of the customers come after them.
    let before = engine.statistics().round_trips;
    let ((all, ()), products) =
        assert_queries!(session, 3, { session.load(&carts, ((both().0, ()), both().1)).await? });
    assert_eq!((engine.statistics().round_trips - before, all.len(), products.len()), (2, 6, 3));
    assert_queries!(session, 0, {
        assert_eq!(session.load(&[carts[0], carts[3]], Cart::CUSTOMER).await?.len(), 2);
        assert_eq!(session.load(vec![carts[0], carts[1]], Cart::CUSTOMER).await?.len(), 1);
    });
    Ok(())
}
