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
const MOST_LINES: usize = 25;

/// Messages that are longer, and why they are.
const LONGER: &[(&str, usize, &str)] = &[
    (
        "belongs_to_no_model",
        34,
        "the type of the field asks for a model, and so does everything that is derived for a struct with it",
    ),
    ("column_of_a_table_that_is_not_joined", 29, "the compiler lists what a join has"),
    ("float_as_primary_key", 30, "the compiler lists what else is a key"),
    ("forgotten_column_of_a_member", 33, "the compiler tells the whole way from the member to the builder"),
    ("forgotten_column_of_the_target", 33, "as that of a member"),
    ("aggregate_without_group", 34, "the compiler lists the bounds of an error about groups"),
    ("row_of_other_values", 32, "the compiler lists what a join has"),
    ("sql_values", 28, "the compiler lists what else is a value"),
];

#[test]
fn messages_are_short() {
    let mut seen = Vec::new();
    for entry in std::fs::read_dir("tests/ui").expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        if path.extension().is_none_or(|extension| extension != "stderr") {
            continue;
        }
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
        let text = std::fs::read_to_string(&path).expect("it can be read");
        let longest = longest(&text);
        let exception = LONGER.iter().find(|(file, ..)| *file == name);
        let most = exception.map_or(MOST_LINES, |(_, most, _)| *most);
        assert!(
            longest <= most,
            "{name}.stderr needs {longest} lines for one mistake, and {most} are enough"
        );
        if let Some((_, most, _)) = exception {
            assert!(longest == *most && longest > MOST_LINES, "{name} became shorter: {longest} lines");
            seen.push(name);
        }
    }
    assert_eq!(seen.len(), LONGER.len(), "each exception is one: {seen:?}");
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
