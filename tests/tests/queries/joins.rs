//! Joins along relations and free ones, and what they give.

use orm_core::prelude::*;
use orm_core::query::{value, whole};
use orm_tests::models::drawers;
use orm_tests::models::network::Person;
use shop_models::models::{Base, Cart, Customer, Product};

orm_core::alias!(Other = Customer);

/// Ann (41) has a cart with tea and one with tea and coffee, Bea (no age) an empty one, Cem (41) none; nobody bought cocoa.
pub(crate) async fn shop(engine: &Engine) {
    let mut session = engine.session();
    let mut products = Vec::new();
    for (sku, price) in [("tea", 390), ("coffee", 890), ("cocoa", 590)] {
        products.push(session.add(Product::builder().sku(sku).title(sku).price_cents(price)));
    }
    let carts = [
        Cart::builder().invoice("A-1").products([products[0]]),
        Cart::builder().invoice("A-2").products([products[0], products[1]]),
    ];
    session.add(Customer::builder().name("Ann").email("ann@example.org").age(41).carts(carts));
    session.add(Customer::builder().name("Bea").email("bea@example.org").carts([Cart::builder()]));
    session.add(Customer::builder().name("Cem").email("cem@example.org").age(41));
    session.commit().await.unwrap();
}

fn owned<const N: usize>(names: [(&str, &str); N]) -> Vec<(String, String)> {
    names.map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec()
}

#[orm_testkit::test(base = Base)]
async fn a_join_gives_a_row_a_pair_and_a_left_join_keeps_what_has_none(engine: Engine) {
    shop(&engine).await;
    let inner = select::<Customer>().join(Customer::CARTS).columns((Customer::NAME, Cart::INVOICE));
    let rows = inner.order_by((Customer::NAME, Cart::ID)).fetch_all(&engine).await.unwrap();
    let some = |text: &str| Some(text.to_owned());
    let expected = [("Ann", some("A-1")), ("Ann", some("A-2")), ("Bea", None)];
    assert_eq!(rows, expected.clone().map(|(name, invoice)| (name.to_owned(), invoice)));

    let left = select::<Customer>().left_join(Customer::CARTS).columns((Customer::NAME, Cart::ID));
    let rows: Vec<(String, Option<i64>)> =
        left.order_by((Customer::NAME, Cart::ID)).fetch_all(&engine).await.unwrap();
    let found: Vec<(&str, bool)> = rows.iter().map(|(name, id)| (name.as_str(), id.is_some())).collect();
    assert_eq!(found, [("Ann", true), ("Ann", true), ("Bea", true), ("Cem", false)]);
}

#[orm_testkit::test(base = Base)]
async fn an_association_table_is_joined_with_its_members(engine: Engine) {
    shop(&engine).await;
    let bought = select::<Customer>().join(Customer::CARTS).join(Cart::PRODUCTS);
    let dear = bought.filter(Product::PRICE_CENTS.gt(500)).columns((Customer::NAME, Product::SKU));
    assert_eq!(dear.fetch_all(&engine).await.unwrap(), owned([("Ann", "coffee")]));

    // A cart without products stays, once, with nothing.
    let all =
        select::<Cart>().left_join(Cart::PRODUCTS).columns((Cart::ID, Product::SKU, whole::<Product>()));
    let rows = all.order_by((Cart::ID, Product::SKU)).fetch_all(&engine).await.unwrap();
    assert_eq!(rows.len(), 4);
    assert_eq!(rows.iter().filter(|(_, sku, product)| sku.is_none() && product.is_none()).count(), 1);
    assert_eq!(rows[1].2.as_ref().map(|product| product.price_cents), Some(890));
}

#[orm_testkit::test(base = Base)]
async fn right_and_full_joins_have_rows_without_the_first_model(engine: Engine) {
    shop(&engine).await;
    let right = select::<Cart>().right_join(Cart::PRODUCTS).columns((Product::SKU, whole::<Cart>()));
    let rows = right.order_by((Product::SKU, Cart::ID)).fetch_all(&engine).await.unwrap();
    let found: Vec<(&str, bool)> = rows.iter().map(|(sku, cart)| (sku.as_str(), cart.is_some())).collect();
    assert_eq!(found, [("cocoa", false), ("coffee", true), ("tea", true), ("tea", true)]);

    let full = select::<Cart>().full_join(Cart::PRODUCTS).columns((Cart::ID, Product::SKU));
    let rows: Vec<(Option<i64>, Option<String>)> = full.fetch_all(&engine).await.unwrap();
    let count = |with: (bool, bool)| rows.iter().filter(|(c, p)| (c.is_some(), p.is_some()) == with).count();
    assert_eq!((count((true, true)), count((true, false)), count((false, true))), (3, 1, 1));

    let on = Customer::NAME.eq(Product::TITLE);
    let nobody = select::<Customer>().full_join_on::<Product>(on).columns((Customer::NAME, Product::SKU));
    assert_eq!(nobody.fetch_all(&engine).await.unwrap().len(), 6);
    let on = Customer::NAME.eq(Product::TITLE);
    let nobody = select::<Customer>().right_join_on::<Product>(on).columns((Customer::AGE, Product::SKU));
    assert!(nobody.fetch_all(&engine).await.unwrap().iter().all(|(age, _)| age.is_none()));
}

#[orm_testkit::test(base = Base)]
async fn a_model_is_joined_to_itself_under_another_name(engine: Engine) {
    shop(&engine).await;
    let on = Customer::AGE.from(Other).eq(Customer::AGE) & Customer::ID.lt(Customer::ID.from(Other));
    let pairs =
        select::<Customer>().join_on::<Other>(on).columns((Customer::NAME, Customer::NAME.from(Other)));
    assert_eq!(pairs.fetch_all(&engine).await.unwrap(), owned([("Ann", "Cem")]));

    let on = Customer::AGE.from(Other).eq(Customer::AGE) & Customer::ID.ne(Customer::ID.from(Other));
    let lonely = select::<Customer>().left_join_on::<Other>(on).filter(Customer::ID.from(Other).is_null());
    assert_eq!(lonely.columns(Customer::NAME).fetch_all(&engine).await.unwrap(), ["Bea"]);
}

#[orm_testkit::test(base = orm_tests::models::network::Base)]
async fn a_relation_to_the_same_model_leads_to_and_from_aliases(engine: Engine) {
    orm_core::alias!(Friend = Person);
    orm_core::alias!(FarFriend = Person);
    let mut session = engine.session();
    let cem = session.add(Person::builder().name("Cem"));
    let bea = session.add(Person::builder().name("Bea").friends([cem]));
    session.add(Person::builder().name("Ann").friends([bea]));
    session.commit().await.unwrap();
    let far = select::<Person>()
        .join(Person::FRIENDS.to(Friend))
        .join(Person::FRIENDS.from(Friend).to(FarFriend))
        .columns((Person::NAME, Person::NAME.from(Friend), Person::NAME.from(FarFriend)));
    let rows = far.fetch_all(&engine).await.unwrap();
    assert_eq!(rows, [("Ann".to_owned(), "Bea".to_owned(), "Cem".to_owned())]);
}

#[orm_testkit::test(base = Base)]
async fn conditions_of_several_tables_combine(engine: Engine) {
    shop(&engine).await;
    let query = select::<Customer>().left_join(Customer::CARTS);
    let either = query.clone().filter(Cart::INVOICE.eq("A-2") | Customer::NAME.like("C%"));
    let names = either.columns(Customer::NAME).order_by(Customer::NAME);
    assert_eq!(names.fetch_all(&engine).await.unwrap(), ["Ann", "Cem"]);
    // A condition that was written for one of the models, and one through its relations.
    let adult: Predicate<Customer> = Customer::AGE.ge(18);
    let tea = Cart::PRODUCTS.any(Product::SKU.eq("tea"));
    let both = query.filter(adult.within() & tea & !Customer::NAME.in_any(["Bea"]));
    assert_eq!(both.columns(Cart::INVOICE).distinct().fetch_all(&engine).await.unwrap().len(), 2);
    let computed = select::<Cart>().join(Cart::PRODUCTS).join(Cart::CUSTOMER);
    let sum = value(Product::PRICE_CENTS) + value(Customer::ID) * 1000;
    let rows =
        computed.columns((Product::SKU, sum.clone())).filter(sum.gt(1500)).fetch_all(&engine).await.unwrap();
    assert_eq!(rows, [("coffee".to_owned(), 1890)]);
}

#[orm_testkit::test(base = Base)]
async fn a_session_gets_objects_of_the_first_model_with_paths(engine: Engine) {
    shop(&engine).await;
    let mut session = engine.session();
    let query = select::<Customer>().join(Customer::CARTS).filter(Cart::INVOICE.like("A%")).distinct();
    for path in [Customer::CARTS.select_in(), Customer::CARTS.joined(), Customer::CARTS.subquery()] {
        let found = session.all(query.clone().with(path.populate_existing())).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(session.at(found[0]).related(Customer::CARTS).unwrap().len(), 2);
    }
    assert_eq!(query.clone().count(&engine).await.unwrap(), 1);
    let mut rows = session.stream(query, 10).await.unwrap();
    assert_eq!(rows.next().await.unwrap().unwrap()[0].name, "Ann");
}

#[orm_testkit::test(base = drawers::Base)]
async fn hidden_rows_are_not_joined(engine: Engine) {
    use drawers::{Drawer, Note};
    let mut session = engine.session();
    let drawer = session.add(Drawer::builder().tenant(1).name("ours"));
    session.add(Note::builder().text("seen").drawer(drawer));
    session.add(Note::builder().text("gone").deleted(true).drawer(drawer));
    session.add(Drawer::builder().tenant(2).name("theirs"));
    session.commit().await.unwrap();
    let texts = |query: orm_core::query::Select<_, (String, Option<String>)>| query;
    let left = texts(select::<Drawer>().left_join(Drawer::NOTES).columns((Drawer::NAME, Note::TEXT)));
    let rows = engine.fetch_all(left.clone().order_by(Drawer::NAME)).await.unwrap();
    let seen = Some("seen".to_owned());
    assert_eq!(rows, [("ours".to_owned(), seen.clone()), ("theirs".to_owned(), None)]);
    assert_eq!(engine.fetch_all(left.unrestricted()).await.unwrap().len(), 3);
    // A hidden row of either side of a full join is not there, rather than there without its partner.
    let full = select::<Note>().full_join(Note::DRAWER).columns((Note::TEXT, Drawer::NAME));
    let mut rows = engine.fetch_all(full.clone()).await.unwrap();
    rows.sort();
    assert_eq!(rows, [(None, Some("theirs".to_owned())), (seen, Some("ours".to_owned()))]);
    session.restrict::<Drawer>(Drawer::TENANT.eq(2));
    let right = select::<Note>().right_join(Note::DRAWER).columns((Note::TEXT, Drawer::NAME));
    let mut stream = session.stream(right, 10).await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap(), [(None, "theirs".to_owned())]);
}
