//! SQL of the program's own: what is bound, and what its rows become.

use crate::joins::shop;
use orm_core::prelude::*;
use orm_core::sql::text;
use orm_core::{ErrorKind, sql};
use orm_tests::models::drawers;
use shop_models::models::{Base, Cart, Customer, Product};

#[orm_testkit::test(base = Base)]
async fn values_are_bound_wherever_they_stand(engine: Engine) {
    shop(&engine).await;
    let hostile = "'; DROP TABLE product; --";
    let owned = hostile.to_owned();
    let same = sql!("SELECT {owned}, '{}', {owned} || {}, {}::int", "$1", None::<i32>);
    let rows: Vec<(String, String, String, Option<i32>)> = same.fetch(&engine).await.unwrap();
    assert_eq!(rows, [(hostile.to_owned(), "{}".to_owned(), format!("{hostile}$1"), None)]);

    let skus = vec!["tea".to_owned(), hostile.to_owned()];
    let mut session = engine.session();
    let found = sql!("SELECT count(*) FROM product WHERE sku = ANY({skus..}) OR price_cents = {}", 890_i64,);
    assert_eq!(session.scalar::<i64>(found).await.unwrap(), Some(2));
    let none: [Option<i64>; 0] = [];
    let none = sql!("SELECT id FROM product WHERE id = ANY({..})", none);
    assert!(session.scalars::<i64>(none).await.unwrap().is_empty());
    assert_eq!(session.scalar::<i32>(sql!("SELECT 7")).await.unwrap(), Some(7));
}

#[orm_testkit::test(base = Base)]
async fn rows_become_objects_that_the_session_knows(engine: Engine) {
    shop(&engine).await;
    let mut session = engine.session();
    let tea = session.query::<Product>().filter(Product::SKU.eq("tea")).one().await.unwrap();
    session[tea].title = "mine".to_owned();
    // Another order of columns, others beside them, and a row more than once.
    let text = sql!(
        "SELECT cart_id, price_cents, title, sku, product.id FROM product JOIN cart_product ON product_id = product.id
         ORDER BY product.id, cart_id"
    );
    let products = session.models::<Product>(text).await.unwrap();
    assert_eq!(products.len(), 3);
    assert_eq!((products[0], products[1]), (tea, tea));
    assert_eq!((&*session[tea].title, &*session[products[2]].sku), ("mine", "coffee"));
    session[products[2]].price_cents += 1;
    session.commit().await.unwrap();
    // What the rows became can be loaded and walked.
    let text = sql!("SELECT * FROM customer WHERE age > {}", 40_i32);
    let adults = session.models::<Customer>(text.clone()).await.unwrap();
    session.load(&adults, Customer::CARTS).await.unwrap();
    assert_eq!(session.at(adults[0]).related(Customer::CARTS).unwrap().len(), 2);
    let owned: Vec<Customer> = text.models(&engine).await.unwrap();
    assert_eq!(owned.iter().map(|customer| &*customer.name).collect::<Vec<_>>(), ["Ann", "Cem"]);
    let changed = sql!("UPDATE product SET price_cents = 1 WHERE sku = {} RETURNING *", "cocoa");
    let cocoa = session.models::<Product>(changed).await.unwrap()[0];
    assert!(session.in_transaction() && session[cocoa].price_cents == 1);
}

#[orm_testkit::test(base = Base)]
async fn rows_that_are_no_model_say_why(engine: Engine) {
    shop(&engine).await;
    let mut session = engine.session();
    let error = session.models::<Cart>(sql!("SELECT id, customer_id FROM cart")).await.unwrap_err();
    assert_eq!(error.to_string(), "the rows have no column `invoice`, which a `Cart` needs: select it");
    assert_eq!((error.kind(), error.model()), (ErrorKind::Decode, Some("Cart")));
    assert_eq!(error.column(), Some("invoice"));
    let twice = sql!("SELECT * FROM cart JOIN customer ON customer.id = customer_id");
    let error = session.models::<Cart>(twice).await.unwrap_err();
    let why = "the rows have several columns `id`, of which a `Cart` needs one: select its own";
    assert_eq!(error.to_string(), why);
    let wrong = sql!("SELECT id, sku, title, price_cents::text FROM product");
    let error = session.models::<Product>(wrong).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    let nobody = sql!("SELECT NULL::bigint AS id, sku, title, price_cents FROM product");
    assert_eq!(session.models::<Product>(nobody).await.unwrap_err().kind(), ErrorKind::Decode);
    assert_eq!(session.models::<Cart>(sql!("SELECT WHERE false")).await.unwrap(), []);
}

#[orm_testkit::test(base = drawers::Base)]
async fn deferred_columns_may_be_left_out(engine: Engine) {
    let mut session = engine.session();
    session.add(drawers::Note::builder().text("a").drawer(drawers::Drawer::builder().tenant(1).name("a")));
    session.commit().await.unwrap();
    let mut other = engine.session();
    let with = other.models::<drawers::Note>(sql!("SELECT * FROM note")).await.unwrap()[0];
    assert!(other[with].scribble.is_loaded());
    let mut other = engine.session();
    let text = sql!("SELECT deleted, answered_id, drawer_id, text, id FROM note");
    let without = other.models::<drawers::Note>(text).await.unwrap()[0];
    assert!(!other[without].scribble.is_loaded());
    other.load_columns(without, drawers::Note::SCRIBBLE).await.unwrap();
    assert!(other[without].scribble.is_loaded());
}

#[orm_testkit::test(base = Base)]
async fn text_is_a_part_of_a_query(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add_all(
        (1..=3_i64).map(|n| Product::builder().sku(format!("T-{n}")).title("Tea").price_cents(100 * n + n)),
    );
    session.commit().await?;
    // Its values are numbered behind those before it, and before those behind it; what stands in quotes is none.
    let rest = || sql!("price_cents % {} + length('$1') - 2", 100_i64).value::<i64, _>();
    let query = select::<Product>()
        .filter(Product::TITLE.eq("Tea"))
        .filter(sql!("sku LIKE {} AND {} < price_cents", "T-%", 102_i64))
        .filter(rest().lt(9))
        .order_by(rest() * -1)
        .columns((Product::SKU, rest()));
    assert!(query.to_string().contains("WHERE \"title\" = $"), "{query}");
    let expected = [("T-3".to_owned(), 3), ("T-2".to_owned(), 2)];
    assert_eq!(query.clone().fetch_all(&engine).await?, expected);
    assert_eq!(session.fetch_all(query).await?, expected);
    // Of two tables it names which one it means.
    let joined = select::<Cart>().join(Cart::PRODUCTS).filter(sql!("product.price_cents > {}", 1_i64));
    assert_eq!(joined.count(&engine).await?, 0);
    // A value that is missing is told before anything is sent.
    let wrong = select::<Product>().filter(text("sku = $1")).fetch_all(&engine).await.unwrap_err();
    assert!(wrong.to_string().contains("`sku = $1` has 1 placeholder, and 0 values were bound"), "{wrong}");
    let hostile = "' OR true --";
    assert_eq!(engine.count(select::<Product>().filter(sql!("sku = {}", hostile))).await?, 0);
    // What the program's own text says of a row, a flush does not know to be of one row alone.
    let tea = session.query::<Product>().first().await?.unwrap();
    let error =
        session.set(tea, Product::PRICE_CENTS, sql!("price_cents * 2").value::<i64, _>()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongState);
    let doubled = session.query::<Product>().filter(Product::SKU.eq("T-1"));
    assert_eq!(
        doubled.set(Product::PRICE_CENTS, sql!("price_cents * 2").value::<i64, _>()).update().await?,
        1
    );
    assert_eq!(
        engine.fetch_all(columns(Product::PRICE_CENTS).filter(Product::SKU.eq("T-1"))).await?,
        [101],
        "not committed"
    );
    assert_eq!(session.fetch_all(columns(Product::PRICE_CENTS).filter(Product::SKU.eq("T-1"))).await?, [202]);
    Ok(())
}
