//! Conditions and values of columns whose names come at run time.

use crate::joins::shop;
use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::query::{Op, Ordering};
use serde_json::json;
use shop_models::models::{Base, Cart, Customer};

orm_core::declarative_base!(pub(crate) ThingBase);

#[derive(DbEnum, Clone, Copy, Debug, PartialEq)]
pub(crate) enum Size {
    Small,
    Large,
}

#[derive(Model, Clone, Debug)]
#[model(base = ThingBase)]
pub(crate) struct Thing {
    #[model(primary_key)]
    id: Uuid,
    flag: bool,
    small: i16,
    large: i64,
    real: f32,
    float: f64,
    day: NaiveDate,
    hour: NaiveTime,
    local: NaiveDateTime,
    at: DateTime<Utc>,
    json: Json,
    size: Size,
    gone: Option<String>,
}

fn thing() -> Thing {
    let at: DateTime<Utc> = "2026-11-30T07:00:00Z".parse().unwrap();
    Thing {
        id: Uuid::from_u128(7),
        flag: true,
        small: 7,
        large: 1 << 40,
        real: 0.5,
        float: 0.25,
        day: at.date_naive(),
        hour: at.time(),
        local: at.naive_utc(),
        at,
        json: json!({"a": [1]}),
        size: Size::Large,
        gone: None,
    }
}

#[orm_testkit::test(base = ThingBase)]
async fn each_type_is_read_from_json(engine: Engine) {
    thing().insert(&engine).await.unwrap();
    let mut session = engine.session();
    for (name, value) in [
        ("id", json!("00000000-0000-0000-0000-000000000007")),
        ("flag", json!(true)),
        ("flag", json!("true")),
        ("small", json!(7)),
        ("small", json!("7")),
        ("large", json!(1_i64 << 40)),
        ("real", json!(0.5)),
        ("float", json!(0.25)),
        ("float", json!("0.25")),
        ("day", json!("2026-11-30")),
        ("hour", json!("07:00:00")),
        ("local", json!("2026-11-30T07:00:00")),
        ("at", json!("2026-11-30T08:00:00+01:00")),
        ("json", json!({"a": [1]})),
        ("size", json!("large")),
        ("gone", json!(null)),
    ] {
        let filter = |op, value: Json| Predicate::<Thing>::by_name(name, op, value).unwrap();
        let found = session.query::<Thing>().filter(filter(Op::Eq, value.clone())).count().await.unwrap();
        assert_eq!(found, 1, "{name} = {value}");
        let found = session.query::<Thing>().filter(filter(Op::Ne, value.clone())).count().await.unwrap();
        assert_eq!(found, 0, "{name} <> {value}");
        if value != Json::Null {
            let found = engine.count(select::<Thing>().filter(filter(Op::In, json!([value])))).await.unwrap();
            assert_eq!(found, 1, "{name} in [{value}]");
        }
    }
}

#[test]
fn what_a_column_cannot_be_is_an_error_that_names_it() {
    for (name, op, value) in [
        ("flag", Op::Eq, json!(1)),
        ("small", Op::Eq, json!(40_000)),
        ("small", Op::Gt, json!(1.5)),
        ("large", Op::In, json!([1, "x"])),
        ("large", Op::In, json!(1)),
        ("large", Op::Like, json!("1%")),
        ("gone", Op::Eq, json!(1)),
        ("gone", Op::Lt, json!(null)),
        ("size", Op::Eq, json!("huge")),
        ("day", Op::Eq, json!("yesterday")),
        ("id", Op::Eq, json!("7")),
    ] {
        let error = Predicate::<Thing>::by_name(name, op, value.clone()).unwrap_err();
        assert_eq!((error.kind(), error.model()), (ErrorKind::Encode, Some("Thing")), "{name} {value}");
        assert!(error.to_string().starts_with(&format!("`{name}` of a `Thing` is of type ")), "{error}");
    }
    for name in ["", "Gone", "gone\" --", "thing.gone", "GONE"] {
        let error = Predicate::<Thing>::by_name(name, Op::Eq, 1).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnknownColumn);
        let error = select::<Thing>().columns_by_name([name]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnknownColumn);
    }
    assert_eq!("EQ".parse::<Op>().unwrap_err().kind(), ErrorKind::Binds);
}

#[orm_testkit::test(base = Base)]
async fn a_request_filters_orders_and_selects(engine: Engine) {
    shop(&engine).await;
    let filter = Predicate::by_name("name", Op::Ilike, "%n%").unwrap()
        | Predicate::by_name("age", Op::Ge, "41").unwrap();
    let query = select::<Customer>().filter(filter).order_by(Ordering::by_name("-name").unwrap());
    let rows = query.columns_by_name(["age", "name"]).unwrap();
    let expected = [json!({"age": 41, "name": "Cem"}), json!({"age": 41, "name": "Ann"})];
    assert_eq!(engine.fetch_all(rows.clone()).await.unwrap(), expected);
    assert_eq!(engine.session().fetch_all(rows).await.unwrap(), expected);
    let hostile = Predicate::by_name("name", Op::Eq, "'; DROP TABLE customer; --").unwrap();
    assert_eq!(select::<Customer>().filter(hostile).count(&engine).await.unwrap(), 0);
}

#[orm_testkit::test(base = ThingBase)]
async fn a_list_of_any_length_is_one_text(engine: Engine) {
    thing().insert(&engine).await.unwrap();
    let query = |name: &str, values: Vec<Json>| {
        select::<Thing>().filter(Predicate::<Thing>::by_name(name, Op::In, values).unwrap())
    };
    for (name, found, other) in [
        ("real", json!(0.5), json!(7)),
        ("size", json!("large"), json!("small")),
        ("large", json!(1_i64 << 40), json!(2)),
        ("day", json!("2026-11-30"), json!("2026-12-01")),
    ] {
        let one = query(name, vec![found.clone()]);
        // More than a statement may have values.
        let many = query(name, std::iter::repeat_n(other, 70_000).chain([found]).collect());
        assert_eq!(one.to_string(), many.to_string(), "{name}");
        assert_eq!((one.count(&engine).await.unwrap(), many.count(&engine).await.unwrap()), (1, 1), "{name}");
        assert_eq!(query(name, Vec::new()).count(&engine).await.unwrap(), 0, "{name}");
    }
    let ids = |count: usize| select::<Thing>().filter(Thing::LARGE.in_any(vec![1_i64; count])).to_string();
    assert_eq!(ids(0), ids(100_000));
}

#[orm_testkit::test(base = Base)]
async fn a_join_is_ordered_by_names_of_a_request(engine: Engine) {
    shop(&engine).await;
    let by = async |names: &[&str]| {
        let order = names.iter().map(|name| Ordering::<Customer>::by_name(name).map(Ordering::within));
        let order: Vec<_> = order.collect::<orm_core::Result<_>>().unwrap();
        let carts = select::<Cart>().join(Cart::CUSTOMER).order_by((order, Cart::ID));
        carts.columns((Customer::NAME, Cart::ID)).fetch_all(&engine).await.unwrap()
    };
    let (up, down) = (by(&["name"]).await, by(&["-name", "age"]).await);
    assert!(up.is_sorted_by_key(|(name, _)| name.clone()) && up.first() != up.last());
    assert!(down.is_sorted_by_key(|(name, _)| std::cmp::Reverse(name.clone())) && down.len() == up.len());
    assert_eq!(by(&[]).await.len(), up.len());
}
