//! Structs of values that rows of queries and of SQL become.

use crate::joins::shop;
use orm_core::prelude::*;
use orm_core::query::{max, sum, value};
use orm_core::{ErrorKind, sql};
use shop_models::models::{Base, Cart, Customer, Product};

#[derive(Row, Clone, Debug, PartialEq)]
struct Spent {
    name: String,
    total: i64,
    dearest: Option<i64>,
}

/// Names that are words of Rust and of SQL, and one that is none of either.
#[derive(Row, Debug, PartialEq)]
struct Odd {
    r#type: String,
    #[row(column = "select \"x\"")]
    select: Option<i32>,
}

#[orm_testkit::test(base = Base)]
async fn fields_are_selected_by_their_names(engine: Engine) {
    shop(&engine).await;
    let query = select::<Customer>()
        .join(Customer::CARTS)
        .join(Cart::PRODUCTS)
        .group_by(Customer::NAME)
        .order_by(|name| name)
        .columns(|name| SpentColumns {
            dearest: max(Product::PRICE_CENTS),
            total: sum(Product::PRICE_CENTS),
            name,
        });
    let expected = [Spent { name: "Ann".to_owned(), total: 1670, dearest: Some(890) }];
    assert_eq!(engine.fetch_all(query.clone()).await.unwrap(), expected);
    let mut connection = engine.connection().await.unwrap();
    assert_eq!(query.clone().fetch_all(&mut connection).await.unwrap(), expected);
    let mut session = engine.session();
    assert_eq!(session.fetch_all(query.clone()).await.unwrap(), expected);
    let mut rows = session.stream(query.clone(), 1).await.unwrap();
    assert_eq!(rows.next().await.unwrap().as_deref(), Some(&expected[..1]));
    drop(rows);
    let plan = query.explain(&engine).await.unwrap();
    assert!(plan.to_string().contains("cart"), "{plan}");
}

#[orm_testkit::test(base = Base)]
async fn a_value_that_cannot_be_null_fits_where_null_may_be(engine: Engine) {
    shop(&engine).await;
    let ages =
        SpentColumns { name: Customer::NAME, total: value(Customer::ID) * 1000, dearest: Customer::ID };
    let row =
        select::<Customer>().columns(ages).filter(Customer::NAME.eq("Bea")).fetch_one(&engine).await.unwrap();
    assert_eq!((row.total, row.dearest), (2000, Some(2)));
}

#[orm_testkit::test(base = Base)]
async fn a_row_is_one_value_of_a_tuple(engine: Engine) {
    shop(&engine).await;
    let odd = OddColumns { select: Customer::AGE, r#type: Customer::NAME };
    let query = columns((Customer::ID, odd, Customer::EMAIL)).filter(Customer::NAME.eq("Ann"));
    let (_, odd, email) = engine.fetch_one(query).await.unwrap();
    assert_eq!((odd, &*email), (Odd { r#type: "Ann".into(), select: Some(41) }, "ann@example.org"));
}

#[orm_testkit::test(base = Base)]
async fn rows_of_own_sql_are_found_by_names(engine: Engine) {
    shop(&engine).await;
    let text = || {
        sql!(
            r#"SELECT age AS "select ""x""", 7 AS "more", name AS type FROM customer WHERE name = {}"#,
            "Ann"
        )
    };
    let expected = [Odd { r#type: "Ann".into(), select: Some(41) }];
    assert_eq!(text().fetch::<Odd>(&engine).await.unwrap(), expected);
    assert_eq!(engine.session().fetch::<Odd>(text()).await.unwrap(), expected);
    for (text, why) in [
        (
            sql!("SELECT name AS type FROM customer"),
            "the rows have no column `select \"x\"`, which a `Odd` needs: select it",
        ),
        (
            sql!(r#"SELECT name AS type, 1 AS "select ""x""", 'b' AS type FROM customer"#),
            "the rows have several columns `type`, of which a `Odd` needs one: select its own",
        ),
        (
            sql!(r#"SELECT 1 AS "select ""x""", NULL AS type FROM customer"#),
            "cannot read `Odd.type` from the row",
        ),
    ] {
        let error = text.fetch::<Odd>(&engine).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().starts_with(why), "{error}");
    }
}
