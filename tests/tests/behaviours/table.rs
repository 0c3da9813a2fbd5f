//! The tables of `docs/behaviours` say what is true: tests that exist, all of them, each behaviour once, and the right counts.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Files of the target that hold no behaviours.
const NO_TOPICS: [&str; 3] = ["main", "table", "common"];

/// A topic's rows: behaviours with their tests, and what is left out with the reason.
#[derive(Default)]
struct Topic {
    shown: Vec<(String, Vec<String>)>,
    left_out: Vec<(String, String)>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The names of the files with an extension in a folder, without it.
fn names(folder: &Path, extension: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.extension().is_some_and(|e| e == extension));
    files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

/// The cells of the rows of a table, without its head.
fn rows(text: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| -> Vec<String> {
        line.trim().trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()
    };
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
    lines.iter().skip(2).map(|line| cells(line)).collect()
}

fn topics() -> BTreeMap<String, Topic> {
    let folder = root().join("docs/behaviours");
    let files = names(&folder, "md").into_iter().filter(|name| name != "README");
    files.map(|name| (name.clone(), topic(&folder.join(format!("{name}.md"))))).collect()
}

fn topic(path: &Path) -> Topic {
    let text = fs::read_to_string(path).unwrap();
    let (shown, left_out) = text.split_once("## Left out").unwrap_or((&text, ""));
    let mut topic = Topic::default();
    for row in rows(shown) {
        let [behaviour, tests] = &row[..] else { panic!("{}: not two cells: {row:?}", path.display()) };
        let tests = tests.split(", ").map(|test| test.trim_matches('`').to_owned()).collect();
        topic.shown.push((behaviour.clone(), tests));
    }
    for row in rows(left_out) {
        let [behaviour, why] = &row[..] else { panic!("{}: not two cells: {row:?}", path.display()) };
        topic.left_out.push((behaviour.clone(), why.clone()));
    }
    topic
}

/// The names of the test functions of a file.
fn tests_of(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut is_test = false;
    for line in code.lines().map(str::trim) {
        if line.starts_with("#[") {
            is_test |= line.contains("test");
        } else if let Some((_, rest)) = line.split_once("fn ").filter(|_| is_test) {
            found.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
            is_test = false;
        }
    }
    found
}

/// The file of a path such as `session::events::order`, with what is in it.
fn code_of(module: &str) -> Option<String> {
    let path = root().join("tests/tests").join(module.replace("::", "/"));
    let files = [path.with_extension("rs"), path.join("mod.rs"), path.join("main.rs")];
    files.iter().find_map(|file| fs::read_to_string(file).ok())
}

fn exists(test: &str) -> bool {
    let found = test.rsplit_once("::").and_then(|(module, name)| Some((code_of(module)?, name)));
    found.is_some_and(|(code, name)| tests_of(&code).contains(name))
}

fn nothing_wrong(what: &str, wrong: &[String]) {
    assert!(wrong.is_empty(), "{what}:\n  {}", wrong.join("\n  "));
}

#[test]
fn every_test_of_the_tables_exists() {
    let mut wrong = Vec::new();
    for (name, topic) in topics() {
        let tests = topic.shown.iter().flat_map(|(_, tests)| tests);
        wrong.extend(tests.filter(|test| !exists(test)).map(|test| format!("{name}.md: {test}")));
    }
    nothing_wrong("tests that are not there", &wrong);
}

#[test]
fn every_test_of_this_target_is_in_a_table() {
    let topics = topics();
    let named: BTreeSet<&String> =
        topics.values().flat_map(|t| &t.shown).flat_map(|(_, tests)| tests).collect();
    let mut wrong = Vec::new();
    for module in names(&root().join("tests/tests/behaviours"), "rs") {
        if NO_TOPICS.contains(&module.as_str()) {
            continue;
        }
        let module = format!("behaviours::{module}");
        let tests = tests_of(&code_of(&module).unwrap()).into_iter().map(|test| format!("{module}::{test}"));
        wrong.extend(tests.filter(|test| !named.contains(test)));
    }
    nothing_wrong("tests that no table names", &wrong);
}

#[test]
fn no_row_stands_twice() {
    let (mut seen, mut wrong) = (BTreeMap::new(), Vec::new());
    for (name, topic) in &topics() {
        let shown = topic.shown.iter().map(|(behaviour, _)| behaviour);
        for behaviour in shown.chain(topic.left_out.iter().map(|(behaviour, _)| behaviour)) {
            if let Some(before) = seen.insert(behaviour.to_lowercase(), name) {
                wrong.push(format!("{before}.md and {name}.md: {behaviour}"));
            }
        }
        let empty = topic.left_out.iter().filter(|(_, why)| why.is_empty());
        wrong.extend(empty.map(|(behaviour, _)| format!("{name}.md, no reason: {behaviour}")));
    }
    nothing_wrong("rows that stand twice or say nothing", &wrong);
}

#[test]
fn the_counts_are_right() {
    let topics = topics();
    let line = |name: &str, shown: usize, left_out: usize| format!("| {name} | {shown} | {left_out} |");
    let link = |name: &String| format!("[{name}]({name}.md)");
    let mut right: Vec<String> =
        topics.iter().map(|(name, t)| line(&link(name), t.shown.len(), t.left_out.len())).collect();
    let sum = |count: fn(&Topic) -> usize| topics.values().map(count).sum();
    right.push(line("all", sum(|t| t.shown.len()), sum(|t| t.left_out.len())));
    let readme = fs::read_to_string(root().join("docs/behaviours/README.md")).unwrap();
    let written: Vec<String> = rows(&readme).iter().map(|row| format!("| {} |", row.join(" | "))).collect();
    assert_eq!(written, right, "the rows of docs/behaviours/README.md should be\n{}\n", right.join("\n"));
}
