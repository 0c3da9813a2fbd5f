//! Whatever tokens the derive is given, it answers with code, never with a panic.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use std::str::FromStr;

const INPUTS: &[&str] = &[
    include_str!("expansions/customer.rs"),
    include_str!("expansions/cart.rs"),
    include_str!("expansions/association_model.rs"),
    include_str!("expansions/composite_key.rs"),
    include_str!("expansions/self_reference.rs"),
    include_str!("expansions/every_attribute.rs"),
    include_str!("expansions/many_mistakes.rs"),
    include_str!("expansions/no_struct.rs"),
    include_str!("expansions/with_embedded.rs"),
];

/// Tokens that have a meaning somewhere, and some that have none.
const VOCABULARY: &str = r##"
    base table unique index check comment criteria primary_key column columns length fixed precision scale default server_default
    references on_delete on_update back_populates cascade order_by secondary name expression
    model embed prefix tag polymorphic on belongs_to has_many has_one many_to_many struct enum union pub crate r#type r#fn self Self
    Option Auto Vec BelongsTo HasMany HasOne ManyToMany String u8 i64 dyn where
    = , ; : :: < > # ! & * ? . -> 'a ' _ | ..
    0 1 254 99999999999999999999 1.5 "x" "" "a.b" ".b" "set null" "all, delete-orphan" "id desc" "m²" "\0" b"x"
    "äöü" "🦀" "select" "9" "a name that is much longer than sixty-three bytes, which is all that is kept"
    () [] {} (a) [a] {a: b} #[model] #[belongs_to] #[model(primary_key)] #[has_many(cascade = "none")] größe
"##;

/// Xorshift: the same sequence in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (limit.max(1) as u64)).expect("below the limit")
    }

    fn token(&mut self, vocabulary: &[TokenTree]) -> TokenTree {
        vocabulary[self.below(vocabulary.len())].clone()
    }

    /// Another token of the same kind.
    fn like(&mut self, token: &TokenTree, vocabulary: &[TokenTree]) -> TokenTree {
        let kind = std::mem::discriminant(token);
        let alike: Vec<&TokenTree> =
            vocabulary.iter().filter(|other| std::mem::discriminant(*other) == kind).collect();
        alike.get(self.below(alike.len())).map_or_else(|| token.clone(), |token| (*token).clone())
    }
}

/// Changes one place, mostly deep inside: there most results still have the syntax of a struct.
fn mutate(tokens: TokenStream, random: &mut Random, vocabulary: &[TokenTree]) -> TokenStream {
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_group = |token: &TokenTree| matches!(token, TokenTree::Group(_));
    let groups: Vec<usize> = (0..tokens.len()).filter(|at| is_group(&tokens[*at])).collect();
    if random.below(12) > 0
        && let Some(at) = groups.get(random.below(groups.len()))
        && let TokenTree::Group(group) = &mut tokens[*at]
    {
        let inner = mutate(group.stream(), random, vocabulary);
        *group = Group::new(delimiter(group.delimiter(), random), inner);
    } else {
        change(&mut tokens, random, vocabulary);
    }
    tokens.into_iter().collect()
}

fn change(tokens: &mut Vec<TokenTree>, random: &mut Random, vocabulary: &[TokenTree]) {
    let at = random.below(tokens.len());
    match (random.below(8), tokens.get(at).cloned()) {
        (0, Some(_)) => drop(tokens.remove(at)),
        (1, Some(token)) => tokens.insert(at, token),
        (2, Some(_)) => {
            let other = random.below(tokens.len());
            tokens.swap(at, other);
        }
        (3, Some(_)) => tokens.insert(at, random.token(vocabulary)),
        (_, Some(token)) => tokens[at] = random.like(&token, vocabulary),
        (_, None) => tokens.push(random.token(vocabulary)),
    }
}

fn delimiter(usual: Delimiter, random: &mut Random) -> Delimiter {
    match random.below(40) {
        0 => Delimiter::Brace,
        1 => Delimiter::None,
        _ => usual,
    }
}

/// Changes inputs by chance; whatever comes out is given to the derive. Gives how many of them it still took for what it is
/// about.
fn mutated(rounds: usize, inputs: &[&str], derive: fn(TokenStream) -> TokenStream) -> usize {
    let stream = |text: &str| TokenStream::from_str(text).expect("the input is made of tokens");
    let vocabulary: Vec<TokenTree> =
        VOCABULARY.split_whitespace().filter_map(|text| TokenStream::from_str(text).ok()).flatten().collect();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut taken = 0;
    for round in 0..rounds {
        let mut tokens = stream(inputs[round % inputs.len()]);
        for _ in 0..=random.below(3) {
            tokens = mutate(tokens, &mut random, &vocabulary);
        }
        let text = tokens.to_string();
        let code = derive(tokens);
        let file = syn::parse2::<syn::File>(code);
        let file = file.unwrap_or_else(|error| panic!("{error}: the code for {text}"));
        taken += usize::from(file.items.iter().any(|item| matches!(item, syn::Item::Const(_))));
    }
    taken
}

#[test]
fn mutated_embedded_types_never_make_the_derive_panic() {
    let inputs = [
        include_str!("expansions/embedded_struct.rs"),
        include_str!("expansions/embedded_enum.rs"),
        include_str!("expansions/embedded_subject.rs"),
    ];
    let taken = mutated(600, &inputs, crate::expand::derive_embedded);
    assert!(taken > 150, "only {taken} inputs could still be embedded: the mutations say little");
}

#[test]
fn mutated_enums_of_handles_never_make_the_derive_panic() {
    let inputs = [include_str!("expansions/polymorphic.rs"), include_str!("expansions/concrete.rs")];
    let taken = mutated(400, &inputs, crate::polymorphic::derive);
    assert!(taken > 20, "only {taken} inputs were still polymorphic: the mutations say little");
}

#[test]
fn mutated_models_never_make_the_derive_panic() {
    let taken = mutated(1_200, INPUTS, crate::expand::derive);
    assert!(taken > 300, "only {taken} inputs were still models: the mutations say little");
}

#[test]
fn mutated_tests_never_make_the_attribute_panic() {
    let stream = |text: &str| TokenStream::from_str(text).expect("the input is made of tokens");
    let vocabulary: Vec<TokenTree> =
        stream("async fn base = Base ( ) , r#fn -> { } < > 'a : Engine const").into_iter().collect();
    let mut random = Random(7);
    for _ in 0..1_000 {
        let mut arguments = stream("base = models::Base");
        let mut item = stream("#[ignore] async fn name(engine: Engine) -> Result<()> { Ok(()) }");
        for _ in 0..=random.below(3) {
            arguments = mutate(arguments, &mut random, &vocabulary);
            item = mutate(item, &mut random, &vocabulary);
        }
        let _ = crate::test_attr::expand(arguments, item);
    }
}

/// An enum of labels, a type with one field.
const SCALARS: [&str; 2] = [
    r#"#[db_enum(name = "order status")] pub enum Status { New, #[db_enum(rename = "it's \"out\"")] Sent }"#,
    "#[derive(Clone)] pub(crate) struct Cents { pub amount: i64 }",
];

#[test]
fn mutated_scalar_types_never_make_the_derives_panic() {
    let taken = mutated(600, &SCALARS[..1], crate::scalar::derive_enum);
    assert!(taken > 25, "only {taken} inputs were still enums: the mutations say little");
    let taken = mutated(400, &SCALARS[1..], crate::scalar::derive_newtype);
    assert!(taken > 100, "only {taken} inputs were still types with one field: the mutations say little");
}

/// Methods with most of what has a translation.
const HYBRID: &str = r#"
    impl Product {
        pub fn dear(&self, limit: i64) -> bool { self.price_cents > limit && !(self.title == "x") }
        fn price(&self) -> i64 { if self.reduced { self.price_cents / 2 } else { self.price_cents } }
        fn known(&self) -> bool { self.note.is_some() || self.title.starts_with("a") }
    }"#;

#[test]
fn mutated_hybrids_never_make_the_attribute_panic() {
    let taken = mutated(800, &[HYBRID], |item| {
        let code = crate::hybrid::expand(TokenStream::new(), item);
        // An error stands beside the item itself, which may be no Rust any more.
        let said = code.to_string();
        if said.contains("compile_error") { TokenStream::new() } else { code }
    });
    assert_eq!(taken, 0, "a hybrid writes methods, no constants");
}

#[test]
fn mutated_sql_never_makes_the_macro_panic() {
    let inputs = [
        r#""SELECT {} FROM product WHERE sku = {sku} AND id = ANY({ids..})", 7, "#,
        r##"r#"SELECT '{{}}', {a}, {b..}, "{" "#, a + 1"##,
        r#""", ,"#,
    ];
    let vocabulary: Vec<TokenTree> = TokenStream::from_str(
        r#""{}" "{" "}" "{a b}" "{..}" "{1}" "{}{}" "'" b"{}" '{' , a 1 1.5 () [x] {y} + . & r"{self}""#,
    )
    .unwrap()
    .into_iter()
    .collect();
    let mut random = Random(11);
    let mut taken = 0;
    for round in 0..1_500 {
        let mut tokens = TokenStream::from_str(inputs[round % inputs.len()]).unwrap();
        for _ in 0..=random.below(3) {
            tokens = mutate(tokens, &mut random, &vocabulary);
        }
        let said = tokens.to_string();
        let code = crate::sql_text::expand(tokens);
        let expression = syn::parse2::<syn::Expr>(code.clone());
        assert!(expression.is_ok(), "no expression of {said}: {code}");
        taken += usize::from(!code.to_string().contains("compile_error"));
    }
    assert!(taken > 80, "only {taken} inputs were still SQL: the mutations say little");
}
