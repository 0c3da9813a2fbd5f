//! Hostile texts as parts of values: steps into JSON, elements of arrays, words of questions.

use super::places::{meets, only, settled};
use orm_core::prelude::*;
use orm_core::query::value;
use orm_core::types::{JsonPath, TsQuery, TsVector};
use orm_tests::models::odd::Witness;
use serde_json::json;

/// What `tried` tries.
pub(crate) const PARTS: [&str; 14] = [
    "appended",
    "at",
    "contained_in",
    "contains",
    "has",
    "in_any",
    "lexeme",
    "member",
    "not_in",
    "overlaps",
    "position",
    "prepended",
    "removed",
    "text_at",
];

pub(crate) async fn tried(place: &str, payload: &str, engine: &Engine) {
    match place {
        "at" | "text_at" | "member" => in_json(place, payload, engine).await,
        "appended" | "prepended" | "removed" | "position" => in_arrays(place, payload, engine).await,
        _ => in_conditions(place, payload, engine).await,
    }
}

async fn in_json(place: &str, payload: &str, engine: &Engine) {
    let json = || value(json!({ "other": 1, payload: { payload: payload } }));
    match place {
        "at" => {
            let inner = only!(engine, place, payload, json().at(payload).at(payload.to_owned()));
            assert_eq!(inner, Some(Some(Json::from(payload))));
        }
        "text_at" => {
            let step = payload.to_owned();
            let text = only!(engine, place, payload, json().at(payload).text_at(&step));
            assert_eq!(text, Some(Some(payload.to_owned())));
        }
        _ => {
            let path = JsonPath::root().member(payload).member(payload);
            assert_eq!(only!(engine, place, payload, value(path.clone())), Some(path.clone()));
            let found = only!(engine, place, payload, json().query_path(path.as_str()));
            assert_eq!(found, Some(json!([payload])));
        }
    }
}

async fn in_arrays(place: &str, payload: &str, engine: &Engine) {
    let (owned, other) = (payload.to_owned(), "something else".to_owned());
    let list = || value(vec![other.clone(), owned.clone()]);
    if place == "position" {
        assert_eq!(only!(engine, place, payload, list().position(owned)), Some(Some(2)));
        return;
    }
    let (changed, expected) = match place {
        "appended" => (list().appended(owned.clone()), vec![&other, &owned, &owned]),
        "prepended" => (list().prepended(owned.clone()), vec![&owned, &other, &owned]),
        _ => (list().removed(owned.clone()), vec![&other]),
    };
    let changed = only!(engine, place, payload, changed).unwrap();
    assert!(changed.iter().eq(expected), "{place} of {payload:?}: {changed:?}");
}

/// Each is true of the text itself, and its opposite is not.
async fn in_conditions(place: &str, payload: &str, engine: &Engine) {
    let owned = payload.to_owned();
    let (one, two) = (|| vec![owned.clone()], || value(vec!["something else".to_owned(), owned.clone()]));
    let condition = match place {
        "has" => two().has(payload),
        "contains" => two().contains(one()) & value(json!({ payload: 1 })).contains(json!({ payload: 1 })),
        "contained_in" => value(one()).contained_in(two()),
        "overlaps" => two().overlaps(one()),
        "in_any" => value(payload).in_any([payload, "something else"]),
        "not_in" => !value(payload).not_in(["something else", payload]),
        "lexeme" => {
            let words = TsVector([(owned.clone(), Vec::new())].into());
            value(words).answers(TsQuery::lexeme(payload))
        }
        other => panic!("`{other}` is not tried"),
    };
    assert_eq!(meets(engine, place, payload, condition.clone()).await, Some(true), "{place} of {payload:?}");
    assert_eq!(meets(engine, place, payload, !condition).await, Some(false), "{place} of {payload:?}");
}
