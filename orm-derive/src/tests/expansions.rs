//! The code that is written for models, as snapshots beside the models.
//!
//! `INSTA_UPDATE=always cargo test -p orm-derive` writes them anew.

use proc_macro2::TokenStream;

fn pretty(tokens: TokenStream) -> String {
    let text = tokens.to_string();
    let file = syn::parse2(tokens).unwrap_or_else(|error| panic!("{error} in {text}"));
    prettyplease::unparse(&file)
}

fn check(name: &str, expansion: TokenStream) {
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path("expansions");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, pretty(expansion)));
}

macro_rules! expansions {
    ($($name:ident),* $(,)?) => {$(
        #[test]
        fn $name() {
            let input = include_str!(concat!("expansions/", stringify!($name), ".rs"));
            let input = input.parse().expect("the input is made of tokens");
            check(stringify!($name), crate::expand::derive(input));
        }
    )*};
}

expansions! {
    customer,
    cart,
    association_model,
    composite_key,
    self_reference,
    every_attribute,
    with_embedded,
    many_mistakes,
    no_struct,
}

macro_rules! embedded {
    ($($name:ident),* $(,)?) => {$(
        #[test]
        fn $name() {
            let input = include_str!(concat!("expansions/", stringify!($name), ".rs"));
            let input = input.parse().expect("the input is made of tokens");
            check(stringify!($name), crate::expand::derive_embedded(input));
        }
    )*};
}

embedded! {
    embedded_struct,
    embedded_enum,
    embedded_subject,
}

#[test]
fn polymorphic() {
    let input = include_str!("expansions/polymorphic.rs").parse().expect("the input is made of tokens");
    check("polymorphic", crate::polymorphic::derive(input));
}

#[test]
fn row() {
    let input = include_str!("expansions/row.rs").parse().expect("the input is made of tokens");
    check("row", crate::row::derive(input));
}

#[test]
fn concrete() {
    let input = include_str!("expansions/concrete.rs").parse().expect("the input is made of tokens");
    check("concrete", crate::polymorphic::derive(input));
}

fn test_attribute(name: &str, arguments: &str, item: &str) {
    let tokens = |text: &str| text.parse::<TokenStream>().expect("the input is made of tokens");
    check(name, crate::test_attr::expand(tokens(arguments), tokens(item)));
}

#[test]
fn test_with_base() {
    let item = "#[should_panic] async fn r#match(engine: Engine) -> Result<(), Error> { Ok(()) }";
    test_attribute("test_with_base", "base = crate::Base", item);
}

#[test]
fn test_without_base() {
    test_attribute("test_without_base", "", "async fn empty(engine: Engine) {}");
}

#[test]
fn test_mistakes() {
    test_attribute("test_mistakes", "bse = Base", "fn empty() {}");
}
