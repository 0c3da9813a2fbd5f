//! Errors name constants that a program can write.

use orm_core::ErrorKind;
use orm_core::prelude::*;

orm_core::declarative_base!(pub(crate) Base);

/// A product with a name that is not in the style of Rust.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
#[expect(non_snake_case, reason = "such names are what the test is about")]
pub(crate) struct Product {
    /// Given by the database.
    #[model(primary_key)]
    pub(crate) id: Auto<i64>,
    /// Read only when it is asked for.
    pub(crate) longText: Deferred<String>,
    /// What more there is to say.
    #[model(embed)]
    pub(crate) moreText: Texts,
    /// What it is part of.
    #[belongs_to]
    pub(crate) wholeSet: Option<BelongsTo<Product>>,
}

/// Texts that are read only when they are asked for, and what they are about.
#[derive(Embedded, Clone, Debug)]
pub(crate) struct Texts {
    /// Details.
    pub(crate) detail: Deferred<String>,
    /// Where it comes from.
    #[belongs_to]
    pub(crate) source: Option<BelongsTo<Product>>,
}

#[orm_testkit::test(base = Base)]
async fn errors_name_the_constants_of_the_model(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let text = |detail: &str| Texts { detail: Deferred::Loaded(detail.to_owned()), source: None };
    let set = session.add(Product::builder().longText("a set").moreText(text("large")));
    let tea = Texts { source: set.into(), ..text("green") };
    session.add(Product::builder().longText("tea").moreText(tea).wholeSet(set));
    session.commit().await?;

    let mut session = engine.session();
    let tea = session.query::<Product>().filter(Product::WHOLE_SET_ID.is_not_null()).one().await?;
    let messages = [
        session.at(tea).related(Product::WHOLE_SET).unwrap_err(),
        session.at(tea).related(Product::MORE_TEXT.then(Texts::SOURCE)).unwrap_err(),
        Product::LONG_TEXT.of(&session[tea]).unwrap_err(),
        Product::MORE_TEXT.then(Texts::DETAIL).of(&session[tea]).unwrap_err(),
    ];
    let calls = [
        "session.load(handle, Product::WHOLE_SET)",
        "session.load(handle, Product::MORE_TEXT.then(Texts::SOURCE))",
        "session.load_columns(handle, Product::LONG_TEXT)",
        "session.load_columns(handle, Product::MORE_TEXT.then(Texts::DETAIL))",
    ];
    for (error, call) in messages.iter().zip(calls) {
        assert_eq!(error.kind(), ErrorKind::NotLoaded);
        assert!(error.to_string().contains(call), "{error}");
    }
    // The calls are what they say.
    session.load(tea, Product::WHOLE_SET).await?;
    session.load(tea, Product::MORE_TEXT.then(Texts::SOURCE)).await?;
    session.load_columns(tea, Product::LONG_TEXT).await?;
    session.load_columns(tea, Product::MORE_TEXT.then(Texts::DETAIL)).await?;
    assert_eq!(session[tea].moreText.detail, Deferred::Loaded("green".to_owned()));
    Ok(())
}
