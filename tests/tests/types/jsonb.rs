//! Types of a program as JSON: every number and text comes back, and changes inside are noticed.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde::{Deserialize, Serialize};

orm_core::declarative_base!(pub(crate) Base);

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(tag = "kind")]
pub(crate) enum Shape {
    Point,
    Circle { radius: f64 },
    Named { text: String, big: u64, small: i64, tags: Vec<Option<String>> },
}

#[derive(Model, Clone, Debug, PartialEq)]
#[model(base = Base)]
pub(crate) struct Drawing {
    #[model(primary_key)]
    pub(crate) id: Auto<i64>,
    pub(crate) shape: Jsonb<Shape>,
    pub(crate) before: Option<Jsonb<Shape>>,
    pub(crate) list: Jsonb<Vec<i32>>,
}

fn drawing((shape, before): (Shape, Option<Shape>)) -> Drawing {
    let list = vec![i32::MIN, 0, i32::MAX];
    let drawing = Drawing::builder().shape(Jsonb(shape)).list(Jsonb(list)).build();
    Drawing { before: before.map(Jsonb), ..drawing }
}

fn circle(radius: f64) -> Shape {
    Shape::Circle { radius }
}

/// Texts without NUL, which PostgreSQL has no JSON for.
fn any_text() -> impl Strategy<Value = String> {
    any::<String>().prop_map(|text| text.replace('\0', ""))
}

fn any_shape() -> impl Strategy<Value = Shape> {
    // JSON has no negative zero.
    let radius = (prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL).prop_map(circle);
    let tags = prop::collection::vec(prop::option::of(any_text()), 0..3);
    let named = (any_text(), any::<u64>(), any::<i64>(), tags)
        .prop_map(|(text, big, small, tags)| Shape::Named { text, big, small, tags });
    prop_oneof![Just(Shape::Point), radius, named]
}

fn edges() -> Vec<Shape> {
    let text = "\u{202e}\"\\'{}\u{1f980}\u{1}".to_owned();
    let named = Shape::Named { text, big: u64::MAX, small: i64::MIN, tags: vec![None, Some(String::new())] };
    let numbers = [0.0, 0.1, f64::MAX, f64::MIN, f64::MIN_POSITIVE, 5e-324, 2.225_073_858_507_201e-308];
    numbers.into_iter().map(circle).chain([named, Shape::Point]).collect()
}

#[orm_testkit::test(base = Base)]
async fn alone_and_in_batches(engine: Engine) {
    let mut runner = TestRunner::deterministic();
    let mut given: Vec<(Shape, Option<Shape>)> =
        edges().into_iter().map(|shape| (shape.clone(), Some(shape))).collect();
    for _ in 0..200 {
        let tree = (any_shape(), prop::option::of(any_shape())).new_tree(&mut runner).unwrap();
        given.push(proptest::strategy::ValueTree::current(&tree));
    }
    for pair in &given {
        let mut alone = drawing(pair.clone());
        alone.insert(&engine).await.unwrap();
    }
    let mut session = engine.session();
    session.add_all(given.iter().cloned().map(drawing));
    session.commit().await.unwrap();
    let rows = engine.fetch_all(select::<Drawing>().order_by(Drawing::ID)).await.unwrap();
    assert_eq!(rows.len(), 2 * given.len());
    for (row, pair) in rows.into_iter().zip(given.iter().chain(&given)) {
        assert_eq!(Drawing { id: Auto::Unset, ..row }, drawing(pair.clone()));
    }
}

#[orm_testkit::test(base = Base)]
async fn a_change_inside_is_written_and_no_change_is_not(engine: Engine) {
    let mut session = engine.session();
    let one = session.add(drawing((circle(1.0), None)));
    session.commit().await.unwrap();
    session[one].list[1] = 0;
    assert!(!session.is_modified(one).unwrap());
    session[one].list.push(7);
    *session[one].shape = circle(2.0);
    assert!(session.is_modified(one).unwrap());
    session.commit().await.unwrap();
    let row = engine.fetch_one(select::<Drawing>()).await.unwrap();
    assert_eq!((row.list.0, row.shape.0), (vec![i32::MIN, 0, i32::MAX, 7], circle(2.0)));
    assert_eq!(
        engine.count(select::<Drawing>().filter(Drawing::SHAPE.eq(Jsonb(circle(2.0))))).await.unwrap(),
        1
    );
}

#[orm_testkit::test(base = Base)]
async fn what_does_not_fit_is_a_typed_error(engine: Engine) {
    let nul = Shape::Named { text: "a\0b".into(), big: 0, small: 0, tags: Vec::new() };
    let error = drawing((nul, None)).insert(&engine).await.unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::Encode, Some("shape")));
    assert!(error.to_string().ends_with("a NUL character in a text, which no `jsonb` can have"), "{error}");
    drawing((Shape::Point, None)).insert(&engine).await.unwrap();
    engine.execute_script(r#"UPDATE drawing SET shape = '{"kind": "Square"}'"#).await.unwrap();
    let error = engine.fetch_all(select::<Drawing>()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("drawing.shape"), "{error}");
}
