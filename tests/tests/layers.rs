//! The layers of `orm-core`: a module imports only what is below it.
//!
//! Rust allows circles of modules, so something has to forbid them.

use std::fs;
use std::path::{Path, PathBuf};

/// Lowest first. `lib.rs`, `prelude.rs` and `__private` see everything; nothing may see them.
const LAYERS: [&str; 14] = [
    "error", "types", "schema", "sql", "events", "engine", "mapper", "state", "query", "load", "flush",
    "record", "bulk", "session",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}

/// The modules that a piece of code names with `crate::…`, comments left out.
fn imported(code: &str) -> Vec<String> {
    let code: String =
        code.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        // `$crate::` in a macro is written into users' crates.
        if code[..at].ends_with('$') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        let group = rest.strip_prefix('{').map(|g| &g[..g.find('}').unwrap_or(g.len())]);
        for item in group.unwrap_or(rest).split(',') {
            let name: String =
                item.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            found.push(name);
            if group.is_none() {
                break;
            }
        }
    }
    found
}

/// Upward imports: the module, and what it imports from above.
fn upward(layer: &str, code: &str) -> Vec<String> {
    let own = LAYERS.iter().position(|l| *l == layer).unwrap_or_else(|| panic!("`{layer}` is in no layer"));
    let is_upward = |name: &String| match LAYERS.iter().position(|l| l == name) {
        Some(other) => other > own,
        // What the root re-exports comes from all layers.
        None => name != "self" && !name.is_empty(),
    };
    imported(code).into_iter().filter(is_upward).collect()
}

#[test]
fn no_module_imports_from_above() {
    let source = root().join("orm-core/src");
    let mut wrong = Vec::new();
    for file in rust_files(&source) {
        let relative = file.strip_prefix(&source).unwrap();
        let first = relative.components().next().unwrap().as_os_str().to_str().unwrap();
        let layer = first.trim_end_matches(".rs");
        // These see everything, or are a page of the documentation.
        if matches!(layer, "lib" | "prelude" | "__private" | "coming_from_sqlalchemy") {
            continue;
        }
        let names = upward(layer, &fs::read_to_string(&file).unwrap());
        wrong.extend(names.iter().map(|name| format!("{} imports `crate::{name}`", relative.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_layer_exists_and_the_page_lists_them_in_order() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let mut from = 0;
    for layer in LAYERS {
        let source = root().join("orm-core/src");
        assert!(source.join(layer).is_dir() || source.join(format!("{layer}.rs")).is_file(), "{layer}");
        let row = format!("| `{layer}` |");
        let at = page[from..].find(&row).unwrap_or_else(|| panic!("`{layer}` is missing or out of order"));
        from += at;
    }
}

#[test]
fn every_path_that_the_pages_name_exists() {
    for page in ["ARCHITECTURE.md", "README.md", "CONTRIBUTING.md"] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        for name in text.split('`').skip(1).step_by(2) {
            let is_path = (name.contains('/') || name.ends_with(".md") || name.ends_with(".toml"))
                && name.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c))
                && !name.starts_with('/');
            assert!(!is_path || root().join(name).exists(), "{page} names `{name}`, which does not exist");
        }
    }
}

#[test]
fn the_check_sees_what_it_should_see() {
    assert_eq!(upward("types", "use crate::session::Session;"), ["session"]);
    assert_eq!(upward("flush", "use crate::{error::Error, session::Session};"), ["session"]);
    assert_eq!(upward("sql", "use crate::Engine;"), ["Engine"]);
    assert!(upward("sql", "/// [`x`](crate::Session)\nuse crate::types::Key;").is_empty());
}
