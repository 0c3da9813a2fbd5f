//! What the compiler says to mistakes, one file per mistake; and what must compile without a word.
//!
//! `TRYBUILD=overwrite cargo test -p orm-derive --test ui` writes the messages anew; read them before you keep
//! them: short, at the right place, naming the fix.

use std::collections::HashMap;

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
    cases.pass("tests/ui/pass/*.rs");
}

/// The most lines that the compiler should need for one mistake, in one message or in several.
const MOST_LINES: usize = 24;

/// The one mistake that takes more: what is not wrong, but ambiguous, the compiler tells of the call and of its result, with all that would do.
const AMBIGUOUS: &str = "model_twice_without_alias.stderr";

#[test]
fn messages_are_short() {
    let mut longer = Vec::new();
    for entry in std::fs::read_dir("tests/ui").expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        if path.extension().is_some_and(|extension| extension == "stderr") && !path.ends_with(AMBIGUOUS) {
            let lines = longest(&std::fs::read_to_string(&path).expect("it can be read"));
            longer.extend((lines > MOST_LINES).then(|| format!("{}: {lines}", path.display())));
        }
    }
    assert!(longer.is_empty(), "{MOST_LINES} lines are enough for one mistake: {longer:?}");
}

#[test]
fn the_page_of_mistakes_shows_what_the_compiler_says() {
    let page = std::fs::read_to_string("../docs/compile_errors.md").expect("the page is there");
    let stderr = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.expect("it can be read").path();
        path.extension()
            .is_some_and(|end| end == "stderr")
            .then(|| std::fs::read_to_string(path).expect("a text"))
    };
    let said: Vec<String> =
        std::fs::read_dir("tests/ui").expect("the folder is there").filter_map(stderr).collect();
    let shown: Vec<&str> =
        page.split("```text\n").skip(1).filter_map(|block| block.split("\n```").next()).collect();
    assert!(shown.len() >= 3, "the page shows messages");
    for block in shown {
        assert!(said.iter().any(|text| text.contains(block)), "no compiler says this any more:\n{block}");
    }
}

/// How many lines the compiler needs at most for what is wrong in one line of a program.
fn longest(text: &str) -> usize {
    let mut lengths: HashMap<Option<&str>, usize> = HashMap::new();
    for message in messages(text) {
        let place = message.iter().find_map(|line| line.trim_start().strip_prefix("--> tests/ui/"));
        let line = place.and_then(|place| place.rsplit_once(':')).map(|(line, _column)| line);
        *lengths.entry(line).or_default() += message.len();
    }
    lengths.into_values().max().unwrap_or_default()
}

/// The lines of each message.
fn messages(text: &str) -> Vec<Vec<&str>> {
    let mut messages: Vec<Vec<&str>> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        match messages.last_mut() {
            Some(message) if !line.starts_with("error") && !line.starts_with("warning") => message.push(line),
            _ => messages.push(vec![line]),
        }
    }
    messages
}
