//! Reading and writing relations through either side.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use shop_models::models::{Base, Cart, CartProduct, Customer, Product};

fn customer(email: &str) -> Customer {
    Customer::builder().name("Ann").email(email).build()
}

fn product(n: i64) -> Product {
    Product::builder().sku(format!("P-{n:03}")).title("Tea").price_cents(n).build()
}

#[orm_testkit::test(base = Base)]
async fn what_is_not_loaded_says_how_to_load_it(engine: Engine) {
    let mut session = engine.session();
    session.add(Customer::builder().name("Ann").email("a@x").carts([Cart::builder()]));
    session.commit().await.unwrap();
    let mut other = engine.session();
    let ann = other.query::<Customer>().one().await.unwrap();
    let error = other.at(ann).related(Customer::CARTS).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotLoaded);
    assert_eq!(
        error.to_string(),
        "`carts` of Customer(1) is not loaded: call `session.load(handle, Customer::CARTS).await?`, or \
         `.with(Customer::CARTS)` on the query"
    );
    let carts = other.load(ann, Customer::CARTS).await.unwrap();
    assert_eq!(carts.len(), 1);
    assert_eq!(other.at(carts[0]).related(Cart::CUSTOMER).unwrap().name, "Ann", "known by identity");

    let mut third = engine.session();
    let cart = third.query::<Cart>().one().await.unwrap();
    assert_eq!(third.at(cart).related(Cart::CUSTOMER).unwrap_err().kind(), ErrorKind::NotLoaded);
    assert_eq!(third.load(cart, Cart::CUSTOMER).await.unwrap().len(), 1);
    assert_eq!(third.at(cart).related(Cart::CUSTOMER).unwrap().name, "Ann");
}

#[orm_testkit::test(base = Base)]
async fn members_are_added_and_removed_without_loading(engine: Engine) {
    let mut session = engine.session();
    let products = session.add_all((0..5).map(product));
    session.add(Customer::builder().name("Ann").email("a@x").carts([Cart::builder().products(products)]));
    session.commit().await.unwrap();

    let mut other = engine.session();
    let cart = other.get_one::<Cart>(1).await.unwrap();
    let two = other.get_one::<Product>(2).await.unwrap();
    let new = other.add(product(9));
    other[cart].products.remove(two);
    other[cart].products.push(new);
    other[cart].products.push(new);
    assert_eq!(
        other.flush_plan().unwrap().to_string(),
        "reserve 1 key of product\n\
         unlink 1 row of cart_product\n\
         insert 1 row into product (id, sku, title, price_cents)\n\
         link 1 row of cart_product"
    );
    other.commit().await.unwrap();
    other.load(cart, Cart::PRODUCTS).await.unwrap();
    let skus: Vec<_> = other.at(cart).related(Cart::PRODUCTS).unwrap().map(|p| p.sku.clone()).collect();
    assert_eq!(skus, ["P-000", "P-002", "P-003", "P-004", "P-009"], "in the order of the relation");
}

#[orm_testkit::test(base = Base)]
async fn linking_what_is_linked_already_changes_nothing(engine: Engine) {
    let mut session = engine.session();
    let tea = session.add(product(1));
    session.add(Customer::builder().name("Ann").email("a@x").carts([Cart::builder().products([tea])]));
    session.commit().await.unwrap();
    let mut other = engine.session();
    let (cart, tea) = (other.get_one::<Cart>(1).await.unwrap(), other.get_one::<Product>(1).await.unwrap());
    other[cart].products.push(tea);
    other[tea].carts.push(cart);
    assert_eq!(
        other.flush_plan().unwrap().to_string(),
        "link 1 row of cart_product",
        "once, from both sides"
    );
    other.commit().await.unwrap();
    assert_eq!(select::<CartProduct>().count(&engine).await.unwrap(), 1);
}

#[orm_testkit::test(base = Base)]
async fn loading_keeps_unsaved_changes_of_a_collection(engine: Engine) {
    let mut session = engine.session();
    let products = session.add_all((0..3).map(product));
    session.add(Customer::builder().name("Ann").email("a@x").carts([Cart::builder().products(products)]));
    session.commit().await.unwrap();
    let mut other = engine.session();
    let cart = other.get_one::<Cart>(1).await.unwrap();
    let first = other.get_one::<Product>(1).await.unwrap();
    let new = other.add(product(7));
    other[cart].products.remove(first);
    other[cart].products.push(new);
    other.no_autoflush().load(cart, Cart::PRODUCTS).await.unwrap();
    let skus: Vec<_> = other.at(cart).related(Cart::PRODUCTS).unwrap().map(|p| p.sku.clone()).collect();
    assert_eq!(skus, ["P-001", "P-002", "P-007"]);
    other.rollback().await.unwrap();
    let skus: Vec<_> = other.at(cart).related(Cart::PRODUCTS).unwrap().map(|p| p.sku.clone()).collect();
    assert_eq!(skus, ["P-000", "P-001", "P-002"], "a rollback leaves what the database has");
}

#[orm_testkit::test(base = Base)]
async fn moving_a_member_changes_both_collections(engine: Engine) {
    let mut session = engine.session();
    let ann = session.add(Customer::builder().name("Ann").email("a@x").carts([Cart::builder()]));
    let bea = session.add(customer("b@x"));
    session.commit().await.unwrap();
    let cart = session.at(ann).related(Customer::CARTS).unwrap().next().unwrap().handle();
    session[bea].carts.push(cart);
    assert_eq!(session.flush_plan().unwrap().to_string(), "update 1 row of cart (customer_id)");
    session.commit().await.unwrap();
    assert_eq!(session.at(ann).related(Customer::CARTS).unwrap().len(), 0);
    assert_eq!(session.at(bea).related(Customer::CARTS).unwrap().len(), 1);
    assert_eq!(session.at(cart).related(Cart::CUSTOMER).unwrap().handle(), bea);
    session[cart].customer.set(ann);
    session.commit().await.unwrap();
    assert_eq!(session.at(ann).related(Customer::CARTS).unwrap().len(), 1);
    assert_eq!(session.at(bea).related(Customer::CARTS).unwrap().len(), 0);
}

#[orm_testkit::test(base = Base)]
async fn both_sides_of_many_to_many_agree_after_the_flush(engine: Engine) {
    let mut session = engine.session();
    let tea = session.add(product(1));
    let ann = session.add(Customer::builder().name("Ann").email("a@x").carts([Cart::builder()]));
    session.commit().await.unwrap();
    let cart = session.at(ann).related(Customer::CARTS).unwrap().next().unwrap().handle();
    session[tea].carts.push(cart);
    session.commit().await.unwrap();
    assert_eq!(session.at(cart).related(Cart::PRODUCTS).unwrap().len(), 1);
    session[cart].products.remove(tea);
    session.commit().await.unwrap();
    assert_eq!(session.at(tea).related(Product::CARTS).unwrap().len(), 0);
    assert_eq!(select::<CartProduct>().count(&engine).await.unwrap(), 0);
}

#[orm_testkit::test(base = Base)]
async fn paths_load_one_statement_a_relation(engine: Engine) {
    let mut session = engine.session();
    let products = session.add_all((0..10).map(product));
    for n in 0..20_usize {
        let carts =
            (0..n % 3).map(|c| Cart::builder().products(products.iter().copied().skip(n % 7).take(c + 1)));
        session.add(Customer::builder().name(format!("c{n:02}")).email(format!("{n}@x")).carts(carts));
    }
    session.commit().await.unwrap();
    let mut other = engine.session();
    let before = engine.statistics();
    let all = other
        .query::<Customer>()
        .order_by(Customer::NAME)
        .with(Customer::CARTS.then(Cart::PRODUCTS))
        .all()
        .await
        .unwrap();
    let after = engine.statistics();
    assert_eq!((after.round_trips - before.round_trips, after.statements - before.statements), (3, 3));
    for (n, customer) in other.each(&all).enumerate() {
        let sizes: Vec<usize> = customer
            .related(Customer::CARTS)
            .unwrap()
            .map(|cart| cart.related(Cart::PRODUCTS).unwrap().len())
            .collect();
        assert_eq!(sizes, (0..n % 3).map(|c| c + 1).collect::<Vec<_>>());
    }
}

#[orm_testkit::test(base = Base)]
async fn predicates_reach_along_relations(engine: Engine) {
    let mut session = engine.session();
    let products = session.add_all((0..4).map(product));
    for (n, product) in products.iter().enumerate() {
        let cart = Cart::builder().products([*product]);
        session.add(Customer::builder().name(format!("c{n}")).email(format!("{n}@x")).carts([cart]));
    }
    session.add(customer("none@x"));
    session.commit().await.unwrap();
    let names = async |filter| -> Vec<String> {
        engine.fetch_all(columns(Customer::NAME).filter(filter).order_by(Customer::NAME)).await.unwrap()
    };
    let dear = Cart::PRODUCTS.any(Product::PRICE_CENTS.ge(2));
    assert_eq!(names(Customer::CARTS.any(dear.clone())).await, ["c2", "c3"]);
    assert_eq!(names(Customer::CARTS.is_empty()).await, ["Ann"]);
    assert_eq!(names(!Customer::CARTS.any(dear)).await, ["Ann", "c0", "c1"]);
    assert_eq!(
        names(Customer::NAME.in_any(["c1", "c3"]) | Customer::NAME.like("A%")).await,
        ["Ann", "c1", "c3"]
    );
    let carts: Vec<i64> = engine
        .fetch_all(columns(Cart::ID).filter(Cart::CUSTOMER.has(Customer::NAME.eq("c2"))))
        .await
        .unwrap();
    assert_eq!(carts.len(), 1);
}
