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

/// The most lines that the compiler should need for one mistake.
const MOST_LINES: usize = 24;

#[test]
fn messages_are_short() {
    let mut longer = Vec::new();
    for entry in std::fs::read_dir("tests/ui").expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        if path.extension().is_some_and(|extension| extension == "stderr") {
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

/// How many lines the longest message has.
fn longest(text: &str) -> usize {
    let mut lengths = vec![0];
    for line in text.lines() {
        if line.starts_with("error") || line.starts_with("warning") {
            lengths.push(0);
        }
        if !line.is_empty() {
            *lengths.last_mut().expect("there is one") += 1;
        }
    }
    lengths.into_iter().max().unwrap_or_default()
}
