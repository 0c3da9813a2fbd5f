//! Rows that stand in no table: of queries, asked once or for each row, and of the program.

use crate::by_name::{Size, ThingBase};
use crate::joins::shop;
use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::query::{count, exists, max, named, select_from, sum, value};
use shop_models::models::{Base, Cart, Customer, Product};

#[derive(Row, Clone, Debug, PartialEq)]
struct Spent {
    name: String,
    total: i64,
}

#[derive(Row, Clone, Debug, PartialEq)]
struct Wanted {
    sku: String,
    pieces: Option<i32>,
    limits: Json,
}

orm_core::alias!(Buyer = Customer);
orm_core::alias!(Other = Spent);

/// What each customer with products paid for all: Ann 1670.
fn spent() -> orm_core::query::Select<orm_core::query::Groups<impl orm_core::query::Standalone>, Spent> {
    select::<Customer>()
        .join(Customer::CARTS)
        .join(Cart::PRODUCTS)
        .group_by(Customer::NAME)
        .columns(|name| SpentColumns { name, total: sum(Product::PRICE_CENTS) })
}

#[orm_testkit::test(base = Base)]
async fn rows_of_a_query_are_filtered_ordered_joined_and_grouped(engine: Engine) {
    shop(&engine).await;
    let all = || select_from(spent());
    assert_eq!(
        all().filter(Spent::TOTAL.gt(500)).order_by(Spent::NAME.desc()).to_string(),
        "SELECT \"name\", \"total\" FROM (SELECT \"customer\".\"name\", COALESCE(CAST(sum(\"product\".\"price_cents\") AS bigint), $1) \
         FROM \"customer\" JOIN \"cart\" ON \"cart\".\"customer_id\" = \"customer\".\"id\" JOIN (\"cart_product\" AS t1 JOIN \"product\" \
         ON \"product\".\"id\" = t1.\"product_id\") ON t1.\"cart_id\" = \"cart\".\"id\" GROUP BY \"customer\".\"name\") \
         AS \"spent\"(\"name\", \"total\") WHERE \"total\" > $2 ORDER BY \"name\" DESC"
    );
    let ann = [Spent { name: "Ann".to_owned(), total: 1670 }];
    assert_eq!(all().filter(Spent::TOTAL.gt(500)).fetch_all(&engine).await.unwrap(), ann);
    assert_eq!(all().count(&engine).await.unwrap(), 1);
    assert_eq!(
        all().aggregate((count(), max(Spent::TOTAL))).fetch_one(&engine).await.unwrap(),
        (1, Some(1670))
    );
    let joined = select::<Customer>()
        .left_join_rows(spent(), Customer::NAME.eq(Spent::NAME))
        .order_by(Customer::ID)
        .columns((Customer::NAME, Spent::TOTAL));
    let rows =
        [("Ann", Some(1670)), ("Bea", None), ("Cem", None)].map(|(name, total)| (name.to_owned(), total));
    assert_eq!(joined.fetch_all(&engine).await.unwrap(), rows);
    // In a session, also through a cursor, and inside of other queries.
    let mut session = engine.session();
    assert_eq!(session.fetch_all(all()).await.unwrap(), ann);
    let mut stream = session.stream(all(), 9).await.unwrap();
    assert_eq!(stream.next().await.unwrap(), Some(ann.to_vec()));
    drop(stream);
    assert!(session.explain(all()).await.unwrap().to_string().contains("cart"));
    let names = columns(Customer::NAME).filter(Customer::NAME.in_query(all().columns(Spent::NAME)));
    assert_eq!(session.fetch_all(names).await.unwrap(), ["Ann"]);
    let same = all().correlate::<Customer>().filter(Spent::NAME.eq(Customer::NAME));
    assert_eq!(session.query::<Customer>().filter(!exists(same)).count().await.unwrap(), 2);
}

#[orm_testkit::test(base = Base)]
async fn one_row_type_is_read_twice_under_two_names(engine: Engine) {
    shop(&engine).await;
    let pairs = select_from(spent())
        .join_rows(named(spent(), Other), Spent::TOTAL.from(Other).le(Spent::TOTAL))
        .columns((
            Spent::NAME,
            Spent::NAME.from(Other),
            value(Spent::TOTAL) - value(Spent::TOTAL.from(Other)),
        ));
    assert_eq!(pairs.fetch_all(&engine).await.unwrap(), [("Ann".to_owned(), "Ann".to_owned(), 0)]);
}

#[orm_testkit::test(base = Base)]
async fn whole_models_stay_models(engine: Engine) {
    shop(&engine).await;
    let mut session = engine.session();
    let ann = session.query::<Customer>().filter(Customer::NAME.eq("Ann")).one().await.unwrap();
    let oldest = || select::<Customer>().filter(Customer::AGE.is_not_null()).order_by(Customer::ID).limit(1);
    // Objects, with conditions along relations, and with relations loaded in each way.
    let buyers = || select_from(oldest()).filter(Customer::CARTS.any(Cart::INVOICE.is_not_null()));
    assert_eq!(session.all(buyers()).await.unwrap(), [ann]);
    for path in [Customer::CARTS.then(Cart::PRODUCTS), Customer::CARTS.joined().then(Cart::PRODUCTS.joined())]
    {
        let mut session = engine.session();
        let found = session.all(buyers().with(path)).await.unwrap();
        let carts = session.at(found[0]).related(Customer::CARTS).unwrap();
        assert_eq!(carts.map(|cart| cart.related(Cart::PRODUCTS).unwrap().len()).sum::<usize>(), 3);
    }
    let other =
        select_from(named(oldest(), Buyer)).join_on::<Customer>(Customer::AGE.eq(Customer::AGE.from(Buyer)));
    let names = other.order_by(Customer::NAME).columns((Customer::NAME.from(Buyer), Customer::NAME));
    let pairs = [("Ann", "Ann"), ("Ann", "Cem")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(names.fetch_all(&engine).await.unwrap(), pairs);
    // A model among the values of another query.
    let carts = select::<Customer>().join(Customer::CARTS).columns(orm_core::query::whole::<Cart>());
    assert_eq!(select_from(carts).filter(Cart::INVOICE.eq("A-2")).count(&engine).await.unwrap(), 1);
}

#[orm_testkit::test(base = Base)]
async fn a_lateral_query_is_asked_for_each_row(engine: Engine) {
    shop(&engine).await;
    let dearest = select::<Product>()
        .correlate::<orm_core::query::Joined<Customer, Cart>>()
        .join(Product::CARTS.to(InCart))
        .filter(Cart::ID.from(InCart).eq(Cart::ID) & Customer::AGE.gt(0))
        .order_by(Product::PRICE_CENTS.desc())
        .limit(1);
    let rows = select::<Customer>()
        .join(Customer::CARTS)
        .left_join_lateral(dearest)
        .order_by(Cart::ID)
        .columns((Customer::NAME, Product::SKU));
    let some = |sku: &str| Some(sku.to_owned());
    let expected = [("Ann", some("tea")), ("Ann", some("coffee")), ("Bea", None)];
    assert_eq!(rows.fetch_all(&engine).await.unwrap(), expected.map(|(name, sku)| (name.to_owned(), sku)));
    let total = select::<Cart>()
        .correlate::<Customer>()
        .join(Cart::PRODUCTS)
        .filter(Cart::CUSTOMER_ID.eq(Customer::ID))
        .aggregate(SpentColumns {
            name: max(Product::SKU).or(String::new()),
            total: sum(Product::PRICE_CENTS),
        });
    let rows = select::<Customer>()
        .join_lateral(total)
        .order_by(Customer::ID)
        .columns((Customer::NAME, Spent::TOTAL));
    let expected = [("Ann", 1670), ("Bea", 0), ("Cem", 0)].map(|(name, total)| (name.to_owned(), total));
    assert_eq!(rows.fetch_all(&engine).await.unwrap(), expected);
}

orm_core::alias!(InCart = Cart);

#[orm_testkit::test(base = Base)]
async fn rows_of_the_program_travel_as_arrays(engine: Engine) {
    shop(&engine).await;
    let wanted =
        |sku: &str, pieces| Wanted { sku: sku.to_owned(), pieces, limits: serde_json::json!({"a": [1]}) };
    let rows = vec![wanted("tea", Some(2)), wanted("'; --", None), wanted("cocoa", None)];
    let query = |rows: Vec<Wanted>| {
        select_from(rows)
            .left_join_on::<Product>(Product::SKU.eq(Wanted::SKU))
            .columns((Wanted::SKU, Product::PRICE_CENTS))
    };
    assert_eq!(
        query(rows.clone()).to_string(),
        "SELECT \"wanted\".\"sku\", \"product\".\"price_cents\" FROM UNNEST($1, $2, $3) AS \"wanted\"(\"sku\", \"pieces\", \"limits\") \
         LEFT JOIN \"product\" ON \"product\".\"sku\" = \"wanted\".\"sku\""
    );
    let prices = [("tea", Some(390)), ("cocoa", Some(590)), ("'; --", None)]
        .map(|(sku, price)| (sku.to_owned(), price));
    let ordered = query(rows.clone()).order_by(Product::PRICE_CENTS);
    assert_eq!(ordered.fetch_all(&engine).await.unwrap(), prices);
    assert_eq!(query(Vec::new()).fetch_all(&engine).await.unwrap(), []);
    assert_eq!(select_from(rows.clone()).fetch_all(&engine).await.unwrap(), rows);
    let mut session = engine.session();
    assert_eq!(
        session.fetch_all(select_from(rows.clone()).filter(Wanted::PIECES.is_null())).await.unwrap().len(),
        2
    );
    let missing = select::<Product>().correlate::<Wanted>().filter(Product::SKU.eq(Wanted::SKU));
    let missing = select_from(rows).filter(!exists(missing)).columns(Wanted::SKU);
    assert_eq!(session.fetch_all(missing).await.unwrap(), ["'; --"]);
}

#[orm_testkit::test(base = Base)]
async fn what_cannot_be_is_said_before_anything_is_sent(engine: Engine) {
    let said = async |query: orm_core::query::Select<Customer>| {
        let error = engine.fetch_all(query).await.unwrap_err();
        (error.kind(), error.to_string())
    };
    let (kind, why) = said(select_from(select::<Customer>().with(Customer::CARTS))).await;
    assert_eq!(kind, ErrorKind::Mapping);
    assert!(why.starts_with("`with(…)` loads relations of what a query gives"), "{why}");
    let (kind, why) = said(select_from(select::<Customer>()).for_update()).await;
    assert_eq!(kind, ErrorKind::LockRefused);
    assert!(why.ends_with("it reads rows of a query, not of a table: lock in there"), "{why}");
    let outside = select::<Cart>().correlate::<Customer>().filter(Cart::CUSTOMER_ID.eq(Customer::ID));
    let error = engine.fetch_all(outside).await.unwrap_err();
    assert!(
        error.to_string().starts_with("a query that asks rows of the one around it runs inside"),
        "{error}"
    );
}

#[derive(Row, Clone, Debug, PartialEq)]
struct Sized {
    size: Size,
    other: Option<Size>,
    at: Option<DateTime<Utc>>,
}

#[orm_testkit::test(base = ThingBase)]
async fn enums_of_the_database_travel_as_arrays_too(engine: Engine) {
    let at = DateTime::from_timestamp(1_800_000_000, 0);
    let rows = vec![
        Sized { size: Size::Small, other: None, at },
        Sized { size: Size::Large, other: Some(Size::Small), at: None },
    ];
    assert_eq!(engine.fetch_all(select_from(rows.clone()).order_by(Sized::SIZE)).await.unwrap(), rows);
    let small = select_from(rows).filter(Sized::OTHER.eq(Size::Small)).columns(Sized::SIZE);
    assert_eq!(engine.fetch_all(small).await.unwrap(), [Size::Large]);
}

#[orm_testkit::test(base = Base)]
async fn given_rows_are_kept_by_right_and_full_joins(engine: Engine) {
    shop(&engine).await;
    let given = || ["Ann", "Zoe"].map(|name| Spent { name: name.into(), total: 1 }).to_vec();
    let asked = || (Spent::NAME, Customer::NAME, Customer::AGE);
    let right = select::<Customer>().right_join_rows(given(), Customer::NAME.eq(Spent::NAME));
    let rows = right.columns(asked()).order_by(Spent::NAME).fetch_all(&engine).await.unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!((rows[1].0.as_str(), rows[1].1.as_deref(), rows[1].2), ("Zoe", None, None));
    let full =
        select::<Customer>().full_join_rows(spent(), Customer::NAME.eq(Spent::NAME) & Spent::TOTAL.gt(9_999));
    let full = full.columns((Customer::NAME, Spent::NAME)).order_by((Customer::ID, Spent::NAME));
    let name = |name: &str| Some(name.to_owned());
    let expected = [(name("Ann"), None), (name("Bea"), None), (name("Cem"), None), (None, name("Ann"))];
    assert_eq!(full.fetch_all(&engine).await.unwrap(), expected);
    // Another name, and a common query.
    let cte = spent().cte();
    let twice = select_from(&cte)
        .right_join_rows(named(&cte, Other), Spent::TOTAL.gt(Spent::TOTAL.from(Other)))
        .columns((Spent::NAME, Spent::NAME.from(Other)));
    assert_eq!(twice.fetch_all(&engine).await.unwrap(), [(None, "Ann".to_owned())]);
}
