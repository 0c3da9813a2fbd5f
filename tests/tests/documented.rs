//! Every public item of `orm-core` is shown by an example.
//!
//! The rule, read from the text of the sources:
//!
//! 1. What a `mod.rs` or `lib.rs` gives out with `pub use` (not `#[doc(hidden)]`), and what stands as `pub` in such a
//!    file itself, is public. Each of these types, traits, macros, functions and modules has a code block in
//!    its own documentation.
//! 2. The name of each `pub` method occurs in a visible line of some code block of its file; so do the methods of the
//!    public traits that users call.
//!
//! Lines of an example that begin with `# ` are hidden from readers and do not count. Whether the examples are
//! right is not asked here: `cargo test --doc` runs them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Traits whose methods users call. Those of the others are called by the crate, or written by a derive: they only say
/// what an argument can be.
const CALLED: [&str; 4] = ["Record", "DeclarativeBase", "Executor", "AnyScalar"];

/// Declarations that need an example; constants and type aliases do not.
const KINDS: [&str; 6] = ["struct ", "enum ", "trait ", "fn ", "macro_rules! ", "mod "];

/// One line of code with the documentation above it.
struct Item<'a> {
    line: &'a str,
    number: usize,
    /// How deep it is indented: 0 is an item of the module.
    depth: usize,
    docs: Vec<&'a str>,
    attributes: Vec<&'a str>,
}

impl Item<'_> {
    fn is_hidden(&self) -> bool {
        self.attributes.iter().any(|attribute| attribute.contains("doc(hidden)"))
    }

    /// The name that the line declares with one of these words.
    fn declares(&self, kinds: &[&str]) -> Option<String> {
        let mut code = self.line;
        for word in ["pub ", "const ", "async "] {
            code = code.strip_prefix(word).unwrap_or(code);
        }
        kinds.iter().find_map(|kind| code.strip_prefix(kind)).map(word)
    }

    fn is_public(&self) -> bool {
        self.line.starts_with("pub ") || self.attributes.contains(&"#[macro_export]")
    }
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
}

/// The lines of a file that are code, each with what stands above it; unit tests left out.
fn items(code: &str) -> Vec<Item<'_>> {
    let (mut found, mut docs, mut attributes) = (Vec::new(), Vec::new(), Vec::new());
    let code = code.split("\n#[cfg(test)]\n").next().unwrap_or_default();
    let mut open = false;
    for (number, line) in (1..).zip(code.lines()) {
        let text = line.trim_start();
        if let Some(doc) = text.strip_prefix("///") {
            docs.push(doc.strip_prefix(' ').unwrap_or(doc));
        } else if open || text.starts_with("#[") {
            // An attribute may go over several lines.
            attributes.push(text);
            open = !text.ends_with(']');
        } else if !text.is_empty() && !text.starts_with("//") {
            let depth = line.len() - text.len();
            let (docs, attributes) = (std::mem::take(&mut docs), std::mem::take(&mut attributes));
            found.push(Item { line: text, number, depth, docs, attributes });
        }
    }
    found
}

/// The visible lines inside the code blocks of some documentation.
fn examples<'a>(docs: &[&'a str]) -> Vec<&'a str> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in docs {
        if line.starts_with("```") {
            inside = !inside;
        } else if inside && !line.starts_with("# ") && *line != "#" {
            found.push(*line);
        }
    }
    found
}

/// What the `pub use` of a `mod.rs` gives out: the modules on the way, and the name.
fn exports(code: &str) -> Vec<(Vec<String>, String)> {
    let code: String = items(code)
        .iter()
        .filter(|item| !(item.line.starts_with("pub use ") && item.is_hidden()))
        .map(|item| format!("{}\n", item.line))
        .collect();
    let mut found = Vec::new();
    for uses in code.split("pub use ").skip(1) {
        let uses = uses.split(';').next().unwrap_or_default();
        let (path, names) = match uses.split_once('{') {
            Some((path, names)) => (path, names.trim_end().trim_end_matches('}')),
            None => uses.rsplit_once("::").map_or(("", uses), |(path, name)| (path, name)),
        };
        let path: Vec<String> = path.split("::").filter(|p| !p.is_empty()).map(str::to_owned).collect();
        let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
        found.extend(names.map(|name| (path.clone(), name.to_owned())));
    }
    found
}

fn is_folder_module(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "mod.rs" || name == "lib.rs")
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    let is_rust = |path: &PathBuf| path.extension().is_some_and(|e| e == "rs");
    entries
        .into_iter()
        .flat_map(|p| if p.is_dir() { rust_files(&p) } else { vec![p] })
        .filter(is_rust)
        .collect()
}

/// All public names, each with the file that declares it.
fn public_names(source: &Path, files: &[PathBuf]) -> BTreeSet<(PathBuf, String)> {
    let mut found = BTreeSet::new();
    for file in files.iter().filter(|file| is_folder_module(file)) {
        let folder = file.parent().unwrap();
        let code = fs::read_to_string(file).unwrap();
        for (path, name) in exports(&code) {
            let module = path.iter().fold(folder.to_owned(), |folder, part| folder.join(part));
            let candidates = [module.with_extension("rs"), module.join("mod.rs")];
            // What comes from another crate is documented there.
            found.extend(candidates.into_iter().find(|file| file.is_file()).map(|file| (file, name)));
        }
    }
    for file in files {
        let code = fs::read_to_string(file).unwrap();
        let of_file = items(&code);
        let top = of_file.iter().filter(|item| item.depth == 0 && item.is_public() && !item.is_hidden());
        let named = top.filter(|item| item.attributes.contains(&"#[macro_export]") || is_folder_module(file));
        // `pub mod x;` is a file, and its own page.
        let named = named.filter(|item| !item.line.ends_with(';') || item.line.contains("struct "));
        found.extend(named.filter_map(|item| Some((file.clone(), item.declares(&KINDS)?))));
    }
    assert!(found.iter().all(|(file, _)| file.starts_with(source)));
    found
}

/// What is not shown, as `file:line name`.
///
/// `public` are the names that the file declares, `types` those that the crate has.
fn missing_in(name: &str, code: &str, public: &BTreeSet<String>, types: &BTreeSet<String>) -> Vec<String> {
    let items = items(code);
    let own: BTreeSet<String> = items.iter().filter_map(|item| item.declares(&KINDS)).collect();
    // A hidden type may have the name of a public one elsewhere.
    let is_type = |name: &str| public.contains(name) || types.contains(name) && !own.contains(name);
    let all: Vec<&str> = items.iter().flat_map(|item| examples(&item.docs)).collect();
    let shown: BTreeSet<&str> = all.iter().flat_map(|line| words(line)).collect();
    let mut missing = Vec::new();
    // Whether the methods here are those of a public type (a macro may make them), or of a trait that users call.
    let (mut of_type, mut called) = (false, false);
    for item in &items {
        let declared = item.declares(&KINDS);
        if item.depth == 0 {
            let is_called = |name: &String| CALLED.contains(&&**name);
            called = item.line.starts_with("pub trait ") && declared.as_ref().is_some_and(is_called);
            of_type = item.line.starts_with("macro_rules!")
                || item.line.ends_with("! {")
                || item.line.starts_with("impl") && words(item.line).any(is_type);
        }
        // A macro of the file may be given a name with its documentation, and declare the type.
        let given = public.contains(item.line).then(|| item.line.to_owned());
        let of_module =
            declared.clone().filter(|n| item.depth == 0 && public.contains(n) && item.is_public()).or(given);
        if let Some(of_module) = of_module {
            if examples(&item.docs).is_empty() {
                missing.push(format!("{name}:{} `{of_module}` has no example", item.number));
            }
            continue;
        }
        let method =
            item.declares(&["fn "]).filter(|_| item.depth > 0 && (called || of_type && item.is_public()));
        // A macro is given the names that it writes.
        let Some(method) = method.filter(|name| !name.is_empty() && !item.is_hidden()) else { continue };
        if !shown.contains(&*method) {
            missing.push(format!("{name}:{} `{method}` occurs in no example of its file", item.number));
        }
    }
    missing
}

#[test]
fn every_public_item_is_shown_by_an_example() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../orm-core/src");
    let files = rust_files(&source);
    let public = public_names(&source, &files);
    assert!(public.len() > 70, "only {} public names were found", public.len());
    let types = public.iter().map(|(_, name)| name.clone()).collect();
    let mut missing = Vec::new();
    for file in &files {
        let relative = file.strip_prefix(&source).unwrap().display().to_string();
        let names = public.iter().filter(|(f, _)| f == file).map(|(_, name)| name.clone()).collect();
        missing.extend(missing_in(&relative, &fs::read_to_string(file).unwrap(), &names, &types));
    }
    assert!(
        missing.is_empty(),
        "in orm-core/src, see the rule in tests/tests/documented.rs:\n{}",
        missing.join("\n")
    );
}

#[test]
fn the_check_sees_what_it_should_see() {
    let own = BTreeSet::from(["T".to_owned()]);
    let types = BTreeSet::from(["T".to_owned(), "Query".to_owned()]);
    let check = |code: &str| missing_in("x.rs", code, &own, &types);
    assert_eq!(check("/// A type.\npub struct T;"), ["x.rs:2 `T` has no example"]);
    assert!(check("/// ```\n/// T;\n/// ```\n#[derive(Clone)]\npub struct T;").is_empty());
    assert!(check("/// Not given out.\npub struct Other;").is_empty());
    assert_eq!(check("collection! {\n    /// A type.\n    T\n}"), ["x.rs:3 `T` has no example"]);
    let method = "impl T {\n    /// Runs.\n    pub async fn run(self) {}\n}";
    assert_eq!(check(method), ["x.rs:3 `run` occurs in no example of its file"]);
    assert!(check(&format!("/// ```\n/// T.run();\n/// ```\npub struct T;\n{method}")).is_empty());
    let hidden = format!("/// ```\n/// T;\n/// # T.run();\n/// ```\npub struct T;\n{method}");
    assert_eq!(check(&hidden).len(), 1, "readers do not see hidden lines");
    assert!(
        check("impl T {\n    #[doc(hidden)]\n    pub fn run(self) {}\n    pub(crate) fn own() {}\n}")
            .is_empty()
    );
    assert_eq!(check("pub trait Record {\n    fn find();\n}").len(), 1);
    assert!(check("pub trait Operand {\n    fn into_expr();\n}").is_empty());

    let of_another_file = "impl<T> Query<T> {\n    pub fn run(self) {}\n}";
    assert_eq!(check(of_another_file).len(), 1);
    let second = "impl T {\n    pub(crate) fn new() {}\n\n    pub fn run(self) {}\n}";
    assert_eq!(check(second).len(), 1, "an empty line ends nothing");
    let hidden = "pub struct Query;\nimpl Query {\n    pub fn run(self) {}\n}";
    assert!(check(hidden).is_empty(), "a type of the same name that is not given out");

    let uses = "pub use a::b::{C, D};\n#[doc(hidden)]\npub use {\n    e::{F, G},\n};\npub use h::I;";
    let names: Vec<String> =
        exports(uses).into_iter().map(|(path, name)| format!("{}/{name}", path.join("/"))).collect();
    assert_eq!(names, ["a/b/C", "a/b/D", "h/I"]);
}
