//! UPDATE and DELETE of what a query finds, also of a join.

use orm_core::ErrorKind;
use orm_core::bulk::{CopyFormat, copy_out, delete, insert_from, update};
use orm_core::prelude::*;
use orm_core::query::{max, select_from, value};
use orm_tests::models::drawers::{self, Drawer, Note};
use orm_tests::models::versions::{self, Account, Word};
use shop_models::models::{Base, Cart, CartProduct, Customer, Product};

/// Ann with two carts, the first with both products; Bea with one, empty.
async fn shop(engine: &Engine) {
    let mut session = engine.session();
    let [tea, coffee] = [("tea", 390), ("coffee", 890)]
        .map(|(sku, cents)| session.add(Product::builder().sku(sku).title(sku).price_cents(cents)));
    let carts = [Cart::builder().products([tea, coffee]), Cart::builder()];
    session.add(Customer::builder().name("Ann").email("ann@example.org").age(41).carts(carts));
    session.add(Customer::builder().name("Bea").email("bea@example.org").carts([Cart::builder()]));
    session.commit().await.unwrap();
}

orm_core::alias!(Other = Product);

#[orm_testkit::test(base = Base)]
async fn what_is_joined_can_be_asked_and_set_to(engine: Engine) {
    shop(&engine).await;
    let of_ann =
        select::<Cart>().join(Cart::CUSTOMER).filter(Customer::NAME.eq("Ann") | Customer::AGE.gt(90));
    let billed =
        update(of_ann).set(Cart::INVOICE.set_to(Customer::NAME)).returning((Cart::ID, Customer::AGE));
    let mut session = engine.session();
    // Its unique invoice does not allow two.
    assert!(billed.fetch_all(&mut session).await.unwrap_err().is_unique_violation());
    session.rollback().await.unwrap();
    let dear = select::<Cart>().join(Cart::PRODUCTS).filter(Product::PRICE_CENTS.gt(500));
    let billed =
        update(dear).set(Cart::INVOICE.set_to(Product::SKU)).returning((Cart::ID, Product::PRICE_CENTS));
    assert_eq!(billed.fetch_all(&engine).await.unwrap(), [(1, 890)]);
    assert_eq!(
        columns(Cart::INVOICE).filter(Cart::ID.eq(1)).fetch_one(&engine).await.unwrap(),
        Some("coffee".into())
    );

    // Of two sources, and computed with both; the table itself under another name.
    let links =
        select::<CartProduct>().join(CartProduct::PRODUCT).join(CartProduct::CART).join(Cart::CUSTOMER);
    let of_ann = links.filter(Customer::NAME.eq("Ann") & Product::SKU.eq("tea"));
    let more = CartProduct::QUANTITY.set_to(value(CartProduct::QUANTITY) + 1);
    assert_eq!(update(of_ann).set(more).execute(&engine).await.unwrap(), 1);
    let dearer =
        select::<Product>().join_on::<Other>(Product::PRICE_CENTS.lt(Product::PRICE_CENTS.from(Other)));
    let same =
        Product::PRICE_CENTS.set_to(value(Product::PRICE_CENTS) + value(Product::PRICE_CENTS.from(Other)));
    assert_eq!(
        update(dearer).set(same).returning(Product::PRICE_CENTS).fetch_all(&engine).await.unwrap(),
        [1280]
    );
}

#[orm_testkit::test(base = Base)]
async fn rows_of_a_join_are_deleted(engine: Engine) {
    shop(&engine).await;
    let mut session = engine.session();
    let carts = session.all(select::<Cart>().order_by(Cart::ID)).await.unwrap();
    let of_bea = select::<Cart>().join(Cart::CUSTOMER).filter(Customer::NAME.eq("Bea"));
    assert_eq!(
        delete(of_bea).returning((Cart::ID, Customer::NAME)).fetch_all(&mut session).await.unwrap(),
        [(3, "Bea".into())]
    );
    assert_eq!(session.state(carts[2]).unwrap(), orm_core::state::ObjectState::Deleted);
    session.commit().await.unwrap();
    let full = select::<Cart>().join(Cart::PRODUCTS);
    assert_eq!(delete(full).execute(&engine).await.unwrap(), 1, "once, however often it is joined");
    assert_eq!(engine.fetch_all(columns(Cart::ID)).await.unwrap(), [2]);
}

#[orm_testkit::test(base = Base)]
async fn a_limit_an_order_and_a_lock_choose(engine: Engine) {
    shop(&engine).await;
    let newest = select::<Cart>().order_by(Cart::ID.desc()).limit(1);
    let billed = update(newest).set(Cart::INVOICE.set_to("A-1")).returning(Cart::ID);
    assert_eq!(billed.fetch_all(&engine).await.unwrap(), [3]);
    let next = select::<Cart>()
        .filter(Cart::INVOICE.is_null())
        .order_by(Cart::ID)
        .limit(1)
        .for_update()
        .skip_locked();
    assert_eq!(delete(next).returning(Cart::ID).fetch_all(&engine).await.unwrap(), [1]);
    let joined = select::<Cart>().join(Cart::CUSTOMER).limit(1);
    assert_eq!(delete(joined).execute(&engine).await.unwrap_err().kind(), ErrorKind::Mapping);
    let with = select::<Cart>().with(Cart::CUSTOMER);
    assert_eq!(delete(with).execute(&engine).await.unwrap_err().kind(), ErrorKind::Config);
}

#[orm_testkit::test(base = versions::Base)]
async fn versions_grow_and_keys_stay(engine: Engine) {
    let account = Account { id: Auto::Unset, balance: 5, owner: None, version: 1 };
    orm_core::bulk::insert([account]).execute(&engine).await.unwrap();
    let more = || update(select::<Account>()).set(Account::BALANCE.set_to(Account::BALANCE + 1));
    assert_eq!(
        more().returning((Account::BALANCE, Account::VERSION)).fetch_one(&engine).await.unwrap(),
        (6, 2)
    );
    for (error, column) in [
        (update(select::<Account>()).set(Account::ID.set_to(7)).execute(&engine).await, "id"),
        (update(select::<Account>()).set(Account::VERSION.set_to(7)).execute(&engine).await, "version"),
        (update(select::<Word>()).set(Word::LENGTH.set_to(7)).execute(&engine).await, "length"),
    ] {
        let error = error.unwrap_err();
        assert_eq!((error.kind(), error.column()), (ErrorKind::ReadOnly, Some(column)));
    }
    let nothing = update(select::<versions::Page>()).execute(&engine).await.unwrap_err();
    assert_eq!((nothing.kind(), nothing.model()), (ErrorKind::Unset, Some("Page")));
}

#[orm_testkit::test(base = drawers::Base)]
async fn criteria_hold_for_all_sources(engine: Engine) {
    let mut session = engine.session();
    let drawers = [7, 8].map(|tenant| session.add(Drawer::builder().tenant(tenant).name("x")));
    for (drawer, deleted) in [(drawers[0], false), (drawers[0], true), (drawers[1], false)] {
        session.add(Note::builder().text("x").deleted(deleted).drawer(drawer));
    }
    session.commit().await.unwrap();
    let mut session = engine.session();
    session.restrict::<Drawer>(Drawer::TENANT.eq(7));
    let notes = || select::<Note>().join(Note::DRAWER).filter(Drawer::NAME.eq("x"));
    let named = || update(notes()).set(Note::TEXT.set_to(Drawer::NAME)).returning(Note::ID);
    assert_eq!(named().fetch_all(&mut session).await.unwrap(), [1]);
    session.commit().await.unwrap();
    assert_eq!(named().fetch_all(&engine).await.unwrap().len(), 2, "the engine has no tenant");
    // What is set can ask other rows, as far as they are seen.
    let drawer = select::<Drawer>().correlate::<Note>().filter(Drawer::ID.eq(Note::DRAWER_ID));
    let of_drawer =
        Note::TEXT.set_to(value(drawer.columns(Drawer::NAME).scalar_subquery().or("none".into())));
    let all = update(select::<Note>()).set(of_drawer).returning((Note::ID, Note::TEXT));
    let mut all = all.fetch_all(&mut session).await.unwrap();
    all.sort();
    assert_eq!(all, [(1, "x".to_owned()), (3, "none".to_owned())]);
    assert_eq!(delete(notes()).execute(&mut session).await.unwrap(), 1);
    assert_eq!(delete(notes().unrestricted()).execute(&mut session).await.unwrap(), 2);
    session.commit().await.unwrap();
}

/// What the products of a cart cost together.
#[derive(Row, Clone, Debug, PartialEq)]
struct Total {
    /// The cart.
    pub cart: i64,
    /// The sum of the prices.
    pub cents: Option<i64>,
}

#[orm_testkit::test(base = Base)]
async fn rows_of_other_queries_say_what_is_written(engine: Engine) {
    shop(&engine).await;
    let totals = select::<Cart>().join(Cart::PRODUCTS).group_by(Cart::ID);
    let totals = totals.columns(|cart| TotalColumns { cart, cents: max(Product::PRICE_CENTS) });
    let dear = select::<Cart>().join_rows(totals, Total::CART.eq(Cart::ID)).filter(Total::CENTS.gt(500));
    let billed = update(dear).set(Cart::INVOICE.set_to("dear")).returning((Cart::ID, Total::CENTS));
    assert_eq!(billed.fetch_all(&engine).await.unwrap(), [(1, Some(890))]);

    let cheap = select::<Product>().filter(Product::PRICE_CENTS.lt(400)).cte();
    let raised = update(select_from(&cheap)).set(Product::PRICE_CENTS.set_to(Product::PRICE_CENTS + 1));
    assert!(raised.to_string().starts_with("WITH "), "{raised}");
    assert_eq!(raised.returning(Product::PRICE_CENTS).fetch_all(&engine).await.unwrap(), [391]);
    let both =
        select::<Product>().filter(Product::SKU.eq("tea")).union(select().filter(Product::SKU.eq("coffee")));
    let copied = insert_from(
        (Product::SKU, Product::TITLE, Product::PRICE_CENTS),
        select_from(both.clone()).columns((value(Product::TITLE), Product::SKU, Product::PRICE_CENTS)),
    );
    assert_eq!(copied.skip_existing().execute(&engine).await.unwrap(), 0);
    let mut csv = Vec::new();
    let written = copy_out(both).write(CopyFormat::Csv, &mut csv, &engine).await.unwrap();
    assert_eq!((written, csv.iter().filter(|byte| **byte == b'\n').count()), (2, 2));
}
