//! What the compiler says to mistakes, one file per mistake; and what must compile without a word.
//!
//! `TRYBUILD=overwrite cargo test -p orm-derive --test ui` writes the messages anew; read them before you keep
//! them: short, at the right place, naming the fix.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
    cases.pass("tests/ui/pass/*.rs");
}
