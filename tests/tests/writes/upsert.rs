//! What becomes of rows that are there already, and of the objects of a session.

use crate::insert::counted;
use orm_core::ErrorKind;
use orm_core::bulk::{Values, insert, update};
use orm_core::error::SqlState;
use orm_core::prelude::*;
use orm_core::query::{excluded, was_inserted};
use orm_tests::models::{drawers, versions};
use shop_models::models::{Base, Cart, CartProduct, Customer, Product};

fn product(sku: &str, cents: i64) -> Values<Product> {
    Values::new().set(Product::SKU, sku).set(Product::TITLE, "Tea").set(Product::PRICE_CENTS, cents)
}

async fn prices(engine: &Engine) -> Vec<(String, i64)> {
    let prices = columns((Product::SKU, Product::PRICE_CENTS)).order_by(Product::SKU);
    engine.fetch_all(prices).await.unwrap()
}

#[orm_testkit::test(base = Base)]
async fn existing_rows_are_updated_by_both_rows(engine: Engine) {
    insert([product("a", 100), product("b", 200)]).execute(&engine).await.unwrap();
    let rows = (0..30_000).map(|n| product(&format!("{n}"), n)).chain([product("a", 7), product("b", 8)]);
    let price = Product::PRICE_CENTS * 2 + excluded(Product::PRICE_CENTS) - 1;
    let upsert = insert(rows)
        .on_conflict(Product::SKU)
        .when(Product::PRICE_CENTS.lt(150) & excluded(Product::TITLE).eq(Product::TITLE))
        .do_update((Product::PRICE_CENTS.set_to(price), Product::TITLE));
    let (written, statements, trips) = counted(&engine, upsert.execute(&engine)).await;
    assert_eq!((written.unwrap(), statements, trips), (30_001, 1, 1));
    let all = prices(&engine).await;
    assert_eq!(all[all.len() - 2..], [("a".to_owned(), 206), ("b".to_owned(), 200)]);
}

#[orm_testkit::test(base = Base)]
async fn existing_rows_are_left_alone(engine: Engine) {
    for (n, rows) in [(1, 1), (2, 1)] {
        let some = (0..n).map(|n| product(&format!("{n}"), 1));
        assert_eq!(insert(some).skip_existing().execute(&engine).await.unwrap(), rows);
    }
    // Also twice in one batch.
    let twice = [product("x", 1), product("x", 2), product("0", 3)];
    let skus = insert(twice).on_conflict(Product::SKU).do_nothing().returning(Product::SKU);
    assert_eq!(skus.fetch_all(&engine).await.unwrap(), ["x"]);
    assert_eq!(prices(&engine).await, [("0".to_owned(), 1), ("1".to_owned(), 1), ("x".to_owned(), 1)]);
}

#[orm_testkit::test(base = Base)]
async fn the_same_key_twice_in_a_batch_is_named(engine: Engine) {
    let twice = [product("a", 1), product("b", 2), product("a", 3)];
    let error =
        insert(twice).on_conflict(Product::SKU).do_update(Product::TITLE).execute(&engine).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "rows 1 and 3 of an insert into `Product` have the same (sku) = ('a'), and a row can be updated once by a \
         statement"
    );
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Contradiction, Some(&SqlState::CARDINALITY_VIOLATION))
    );
    assert_eq!((error.model(), error.column()), (Some("Product"), Some("sku")));
    assert!(prices(&engine).await.is_empty());

    let error =
        insert([product("a", 1)]).on_conflict((Product::TITLE, Product::SKU)).do_update(Product::TITLE);
    let error = error.execute(&engine).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "no primary key, unique constraint or unique index of `Product` is that of (title, sku)"
    );
    let mut session = engine.session();
    let upsert =
        insert([product("a", 1), product("a", 3)]).on_conflict(Product::SKU).do_update(Product::TITLE);
    assert_eq!(upsert.execute(&mut session).await.unwrap_err().kind(), ErrorKind::Contradiction);
    assert!(!session.is_active());
}

#[orm_testkit::test(base = Base)]
async fn a_key_of_several_columns_and_of_references(engine: Engine) {
    let mut session = engine.session();
    let tea = session.add(Product::builder().sku("a").title("Tea").price_cents(1));
    session.add(Customer::builder().name("Ann").email("x").carts([Cart::builder().products([tea])]));
    session.commit().await.unwrap();
    let more = |quantity| {
        let row = Values::<CartProduct>::new().set(CartProduct::CART_ID, 1).set(CartProduct::PRODUCT_ID, 1);
        insert([row.set(CartProduct::QUANTITY, quantity)])
            .on_conflict((CartProduct::CART_ID, CartProduct::PRODUCT_ID))
            .do_update(CartProduct::QUANTITY.set_to(CartProduct::QUANTITY + excluded(CartProduct::QUANTITY)))
            .returning((CartProduct::QUANTITY, was_inserted()))
    };
    assert_eq!(more(4).fetch_one(&engine).await.unwrap(), (5, false));
    assert_eq!(more(2).fetch_one(&engine).await.unwrap(), (7, false));
}

#[orm_testkit::test(base = versions::Base)]
async fn versions_grow_and_read_only_columns_are_refused(engine: Engine) {
    use versions::{Item, Word};
    let word = || Values::<Word>::new().set(Word::TEXT, "tea").set(Word::SEEN, 1);
    let seen = || {
        let seen = Word::SEEN.set_to(Word::SEEN + excluded(Word::SEEN));
        insert([word()]).on_conflict(Word::TEXT).do_update(seen).returning((
            Word::SEEN,
            Word::VERSION,
            Word::LENGTH,
        ))
    };
    assert_eq!(seen().fetch_one(&engine).await.unwrap(), (1, 1, 3));
    assert_eq!(seen().fetch_one(&engine).await.unwrap(), (2, 2, 3));
    for (error, column) in [
        (insert([word()]).on_conflict(Word::TEXT).do_update(Word::LENGTH).execute(&engine).await, "length"),
        (insert([word()]).on_conflict(Word::TEXT).do_update(Word::VERSION).execute(&engine).await, "version"),
        (insert([word()]).on_conflict(Word::TEXT).do_update(Word::TEXT).execute(&engine).await, "text"),
    ] {
        let error = error.unwrap_err();
        assert_eq!((error.kind(), error.column()), (ErrorKind::ReadOnly, Some(column)));
    }
    // Nothing but the key: there is nothing to update.
    let item = |id| Values::<Item>::new().set(Item::ID, id).set(Item::PRICE, id);
    let all = insert([item(1), item(2)]).on_conflict(Item::ID).do_update_given();
    assert_eq!(all.execute(&engine).await.unwrap(), 2);
}

#[orm_testkit::test(base = Base)]
async fn objects_of_a_session_have_what_the_database_has(engine: Engine) {
    let mut session = engine.session();
    let [a, b] = ["a", "b"].map(|sku| session.add(Product::builder().sku(sku).title("Tea").price_cents(1)));
    session.commit().await.unwrap();
    session[a].title = "mine".to_owned();
    let c = session.add(Product::builder().sku("c").title("new").price_cents(1)); // flushed before
    let upsert = insert([product("a", 10), product("b", 20), product("c", 30), product("d", 40)])
        .on_conflict(Product::SKU)
        .do_update(Product::PRICE_CENTS.set_to(Product::PRICE_CENTS + excluded(Product::PRICE_CENTS)));
    let mut written = upsert.returning((Product::SKU, was_inserted())).fetch_all(&mut session).await.unwrap();
    written.sort();
    assert_eq!(written.iter().map(|(_, new)| *new).collect::<Vec<_>>(), [false, false, false, true]);
    assert_eq!((session[a].price_cents, &session[a].title[..]), (11, "mine"));
    assert_eq!((session[b].price_cents, session[c].price_cents), (21, 31));
    assert_eq!(session.objects::<Product>().count(), 3);
    assert!(session.flush_plan().unwrap().is_empty(), "nothing of it is a change of the program");

    session.rollback().await.unwrap();
    assert_eq!((session[a].price_cents, &session[a].title[..], session[b].price_cents), (1, "Tea", 1));
    assert_eq!(engine.count(select::<Product>()).await.unwrap(), 2);
}

#[orm_testkit::test(base = Base)]
async fn written_rows_become_objects(engine: Engine) {
    let mut session = engine.session();
    let a = session.add(Product::builder().sku("a").title("Tea").price_cents(1));
    session.commit().await.unwrap();
    let upsert = insert([product("a", 10), product("b", 20)]).on_conflict(Product::SKU).do_update_given();
    let (written, statements, _) = counted(&engine, session.all_written(upsert)).await;
    let written = written.unwrap();
    assert_eq!((written.len(), statements), (2, 2), "BEGIN and the INSERT");
    assert!(written.contains(&a));
    let mut all: Vec<i64> = written.iter().map(|handle| session[*handle].price_cents).collect();
    all.sort_unstable();
    assert_eq!(all, [10, 20]);
    let b = *written.iter().find(|handle| **handle != a).unwrap();
    session[b].price_cents = 21;
    session.commit().await.unwrap();
    assert_eq!(prices(&engine).await, [("a".to_owned(), 10), ("b".to_owned(), 21)]);
}

#[orm_testkit::test(base = Base)]
async fn an_object_whose_reference_was_set_is_stale(engine: Engine) {
    let mut session = engine.session();
    let [ann, bea] = ["ann", "bea"].map(|name| session.add(Customer::builder().name(name).email(name)));
    let cart = session.add(Cart::builder().customer(ann).invoice("A-1"));
    session.commit().await.unwrap();
    let row = Values::<Cart>::new().set(Cart::INVOICE, "A-1").set(Cart::CUSTOMER_ID, 2);
    let moved = insert([row]).on_conflict(Cart::INVOICE).do_update(Cart::CUSTOMER_ID).execute(&mut session);
    assert_eq!(moved.await.unwrap(), 1);
    assert!(session.is_expired(cart).unwrap());
    session.refresh(cart).await.unwrap();
    session.load(cart, Cart::CUSTOMER).await.unwrap();
    assert_eq!(session.at(cart).related(Cart::CUSTOMER).unwrap().id, session[bea].id);
}

#[orm_testkit::test(base = Base)]
async fn collections_agree_with_references_that_statements_set(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [ann, bea] = ["ann", "bea"].map(|name| session.add(Customer::builder().name(name).email(name)));
    let cart = session.add(Cart::builder().customer(ann).invoice("A-1"));
    session.commit().await?;
    session.load(&[ann, bea], Customer::CARTS).await?;
    // What an UPDATE of another column cannot have changed stays.
    let renamed = update(select::<Cart>()).set(Cart::INVOICE.set_to("B-1"));
    assert_eq!(renamed.execute(&mut session).await?, 1);
    assert_eq!(session.at(ann).related(Customer::CARTS)?.len(), 1);

    let moved = update(select::<Cart>()).set(Cart::CUSTOMER_ID.set_to(2));
    assert_eq!(moved.execute(&mut session).await?, 1);
    assert_eq!(session.at(ann).related(Customer::CARTS).unwrap_err().kind(), ErrorKind::NotLoaded);
    session.load(&[ann, bea], Customer::CARTS).await?;
    assert!(session.at(ann).related(Customer::CARTS)?.next().is_none());
    assert_eq!(
        session.at(bea).related(Customer::CARTS)?.map(|cart| cart.handle()).collect::<Vec<_>>(),
        [cart]
    );

    // A new row may be a member of anybody.
    let row = Values::<Cart>::new().set(Cart::CUSTOMER_ID, 1);
    assert_eq!(insert([row]).execute(&mut session).await?, 1);
    session.load(&[ann, bea], Customer::CARTS).await?;
    assert_eq!(
        session
            .each(&[ann, bea])
            .map(|owner| owner.related(Customer::CARTS).unwrap().len())
            .collect::<Vec<_>>(),
        [1, 1]
    );

    // Those that were deleted are not shown, and the others are known.
    assert_eq!(session.query::<Cart>().filter(Cart::INVOICE.eq("B-1")).delete().await?, 1);
    assert!(session.at(bea).related(Customer::CARTS)?.next().is_none());
    assert_eq!(session.at(ann).related(Customer::CARTS)?.len(), 1);
    session.rollback().await?;
    session.load(&[ann, bea], Customer::CARTS).await?;
    assert_eq!(
        session.at(ann).related(Customer::CARTS)?.map(|cart| cart.handle()).collect::<Vec<_>>(),
        [cart]
    );
    Ok(())
}

#[orm_testkit::test(base = drawers::Base)]
async fn rows_that_criteria_hide_are_left_alone(engine: Engine) {
    use drawers::{Drawer, Note};
    engine.execute_script("CREATE UNIQUE INDEX ON note (text)").await.unwrap();
    let mut session = engine.session();
    let drawer = session.add(Drawer::builder().tenant(1).name("x"));
    session.add_all(
        [("seen", false), ("hidden", true)]
            .map(|(text, deleted)| Note::builder().text(text).deleted(deleted).drawer(drawer)),
    );
    session.commit().await.unwrap();
    let note = |text: &str| {
        let row =
            Values::<Note>::new().set(Note::TEXT, text).set(Note::DRAWER_ID, 1).set(Note::SCRIBBLE, "new");
        row.set(Note::DELETED, false)
    };
    let upsert = || insert([note("seen"), note("hidden")]).on_conflict(Note::TEXT).do_update(Note::SCRIBBLE);
    assert_eq!(upsert().returning(Note::TEXT).fetch_all(&engine).await.unwrap(), ["seen"]);
    assert_eq!(upsert().returning(Note::TEXT).fetch_all(&mut session).await.unwrap(), ["seen"]);
    session.commit().await.unwrap();
    let all = upsert().unrestricted().returning(Note::TEXT).fetch_all(&engine).await.unwrap();
    assert_eq!(all.len(), 2);
}

#[orm_testkit::test(base = Base)]
async fn a_partial_index_is_found_by_its_condition(engine: Engine) {
    engine.execute_script("CREATE UNIQUE INDEX ON product (title) WHERE price_cents = 0").await.unwrap();
    let free = |sku: &str, cents| {
        insert([product(sku, cents)])
            .on_conflict(Product::TITLE)
            .among(Product::PRICE_CENTS.eq(0))
            .do_update(Product::SKU)
            .returning(was_inserted())
    };
    let mut connection = engine.connection().await.unwrap();
    let mut all = Vec::new();
    // More often than it takes the server to plan for any values.
    for n in 0..8 {
        all.push(free(&n.to_string(), i64::from(n == 0)).fetch_one(&mut connection).await.unwrap());
    }
    assert_eq!(all, [true, true, false, false, false, false, false, false]);
    let wrong =
        insert([product("x", 0)]).on_conflict(Product::TITLE).among(Product::PRICE_CENTS.eq(1)).do_nothing();
    let error = wrong.execute(&engine).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "no unique index of `Product` is that of (title) with the condition of `among`"
    );
    let text =
        insert([product("x", 0)]).on_conflict(Product::SKU).among(Product::TITLE.eq("it's")).do_nothing();
    assert_eq!(text.execute(&engine).await.unwrap_err().kind(), ErrorKind::Mapping);
}

#[orm_testkit::test(base = Base)]
async fn whether_a_row_is_new_is_right_wherever_it_comes_from(engine: Engine) {
    let put = |cents: i64| {
        let upsert = insert([product("a", cents)]).on_conflict(Product::SKU).do_update(Product::PRICE_CENTS);
        upsert.returning(was_inserted())
    };
    let mut connection = engine.connection().await.unwrap();
    connection.begin().await.unwrap();
    assert!(put(1).fetch_one(&mut connection).await.unwrap());
    assert!(!put(2).fetch_one(&mut connection).await.unwrap(), "of the same transaction");
    connection.execute_script("SAVEPOINT s").await.unwrap();
    assert!(!put(3).fetch_one(&mut connection).await.unwrap(), "in a savepoint");
    connection.execute_script("SELECT FROM product FOR KEY SHARE").await.unwrap();
    assert!(!put(4).fetch_one(&mut connection).await.unwrap(), "locked before");
    connection.execute_script("DELETE FROM product").await.unwrap();
    assert!(put(5).fetch_one(&mut connection).await.unwrap(), "deleted before");
    connection.commit().await.unwrap();
    assert!(!put(6).fetch_one(&engine).await.unwrap(), "of another transaction");
    let trigger = "CREATE FUNCTION raise() RETURNS trigger LANGUAGE plpgsql AS \
         'BEGIN NEW.price_cents := NEW.price_cents + 1; RETURN NEW; END'; \
         CREATE TRIGGER raise BEFORE INSERT OR UPDATE ON product FOR EACH ROW EXECUTE FUNCTION raise()";
    engine.execute_script(trigger).await.unwrap();
    assert!(!put(7).fetch_one(&engine).await.unwrap(), "with a trigger");
    engine.execute_script("DELETE FROM product").await.unwrap();
    assert!(put(8).fetch_one(&engine).await.unwrap(), "with a trigger");
}
