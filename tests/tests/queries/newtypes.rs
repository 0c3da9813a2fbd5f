//! Types of the program's own over text: what text can be asked, and lists of values that are not wanted.

use orm_core::prelude::*;

orm_core::declarative_base!(pub(crate) Base);

#[derive(ScalarType, Clone, Debug, PartialEq)]
pub(crate) struct Sku(String);

impl From<&str> for Sku {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// One over another, which is a domain in the database.
#[derive(ScalarType, Clone, Debug, PartialEq)]
#[scalar(domain = "label", check = "VALUE <> ''")]
pub(crate) struct Label(Sku);

/// What is no text: there is nothing of text to ask, and the derive compiles.
#[derive(ScalarType, Clone, Copy, Debug, PartialEq)]
pub(crate) struct Grams(i32);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub(crate) struct Tea {
    #[model(primary_key)]
    pub(crate) id: Auto<i64>,
    pub(crate) sku: Sku,
    pub(crate) label: Option<Label>,
    pub(crate) weight: Grams,
}

async fn teas(engine: &Engine) {
    let mut session = engine.session();
    for (sku, label) in [("G-1", Some("Grün 100%")), ("G-2", None), ("B-1", Some("Black_\u{1f375}"))] {
        let mut new = Tea::builder().sku(Sku::from(sku)).weight(Grams(100));
        if let Some(label) = label {
            new = new.label(Label(Sku::from(label)));
        }
        session.add(new);
    }
    session.commit().await.unwrap();
}

async fn found(engine: &Engine, filter: Predicate<Tea>) -> Vec<String> {
    let query = columns(Tea::SKU).filter(filter).order_by(Tea::SKU);
    engine.fetch_all(query).await.unwrap().into_iter().map(|sku| sku.0).collect()
}

#[orm_testkit::test(base = Base)]
async fn text_under_another_name_is_asked_as_text(engine: Engine) {
    teas(&engine).await;
    let filters: [(Predicate<Tea>, &[&str]); 10] = [
        (Tea::SKU.like("G-_"), &["G-1", "G-2"]),
        (Tea::SKU.ilike("g-1"), &["G-1"]),
        (Tea::SKU.matches("1$"), &["B-1", "G-1"]),
        (Tea::SKU.starts_with("G-"), &["G-1", "G-2"]),
        (Tea::SKU.ends_with("-1"), &["B-1", "G-1"]),
        (Tea::LABEL.imatches("^gr.n"), &["G-1"]),
        (Tea::LABEL.ends_with("%"), &["G-1"]),
        (Tea::LABEL.ends_with("\u{1f375}"), &["B-1"]),
        (Tea::LABEL.ends_with(""), &["B-1", "G-1"]),
        (Tea::LABEL.lower().contains_text("black_") & Tea::LABEL.chars().eq(7), &["B-1"]),
    ];
    for (filter, expected) in filters {
        let text = format!("{filter:?}");
        assert_eq!(found(&engine, filter).await, expected, "{text}");
    }
    let weights = columns(Tea::WEIGHT).filter(Tea::WEIGHT.not_in([Grams(5)]));
    assert_eq!(engine.fetch_all(weights).await.unwrap(), [Grams(100); 3]);
}

#[orm_testkit::test(base = Base)]
async fn not_in_knows_nothing_of_null(engine: Engine) {
    teas(&engine).await;
    assert_eq!(found(&engine, Tea::SKU.not_in(["G-1", "B-1"].map(Sku::from))).await, ["G-2"]);
    let green = Label(Sku::from("Grün 100%"));
    assert_eq!(found(&engine, Tea::LABEL.not_in([green])).await, ["B-1"]);
    assert_eq!(found(&engine, Tea::LABEL.not_in(Vec::<Label>::new())).await, ["B-1", "G-1", "G-2"]);
}
