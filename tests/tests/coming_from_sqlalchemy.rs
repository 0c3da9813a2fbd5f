//! Every member of SQLAlchemy's `sessionmaker` and `scoped_session` has its line on the page "Coming from SQLAlchemy", and what
//! stands there exists.
//!
//! That the links of the page are right is what `cargo doc` checks, and that each member has an example `documented`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The members that `dir(session_factory)` prints.
const SESSIONMAKER: &str = "__call__ __class__ __delattr__ __dict__ __dir__ __doc__ __eq__ __format__ __ge__ \
    __getattribute__ __gt__ __hash__ __init__ __init_subclass__ __le__ __lt__ __module__ __ne__ __new__ __reduce__ \
    __reduce_ex__ __repr__ __setattr__ __sizeof__ __str__ __subclasshook__ __weakref__ begin class_ close_all \
    configure identity_key kw object_session";

/// The members that `dir(Session)` prints for a `scoped_session`.
const SCOPED_SESSION: &str = "__call__ __class__ __contains__ __delattr__ __dict__ __dir__ __doc__ __eq__ __format__ \
    __ge__ __getattribute__ __gt__ __hash__ __init__ __init_subclass__ __iter__ __le__ __lt__ __module__ __ne__ __new__ \
    __reduce__ __reduce_ex__ __repr__ __setattr__ __sizeof__ __str__ __subclasshook__ __weakref__ _proxied add add_all \
    autocommit autoflush begin begin_nested bind bulk_insert_mappings bulk_save_objects bulk_update_mappings close \
    close_all commit configure connection delete deleted dirty execute expire expire_all expunge expunge_all flush get \
    get_bind identity_key identity_map info is_active is_modified merge new no_autoflush object_session query \
    query_property refresh registry remove rollback scalar session_factory";

/// A line of a table: the names in the first column, and the rest.
struct Row {
    names: Vec<String>,
    rest: String,
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The rows of the table below a heading.
fn rows(page: &str, heading: &str) -> Vec<Row> {
    let (_, section) = page.split_once(&format!("\n# {heading}\n")).expect("the page has the heading");
    let section = section.split("\n# ").next().unwrap_or(section);
    let lines = section.lines().filter(|line| line.starts_with("| `"));
    let row = |line: &str| {
        let (names, rest) = line.trim_start_matches('|').split_once('|').expect("a table has columns");
        let names = names.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        Row { names, rest: rest.to_owned() }
    };
    lines.map(row).collect()
}

/// `Session::add` and the like, as the links of a line name them.
fn links(row: &Row) -> Vec<(String, String)> {
    let targets = row.rest.split("](crate::").skip(1).filter_map(|rest| rest.split(')').next());
    let parts = targets.map(|target| target.rsplit("::").map(str::to_owned).collect::<Vec<_>>());
    parts.filter(|parts| parts.len() > 1).map(|parts| (parts[1].clone(), parts[0].clone())).collect()
}

/// Every file of a folder.
fn sources(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, text);
        } else {
            text.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_member_has_its_line() {
    let page = read("orm-core/docs/coming_from_sqlalchemy.md");
    let python = rows(&page, "What every Python object has");
    let mut wrong = Vec::new();
    for (heading, members) in [("`sessionmaker`", SESSIONMAKER), ("`scoped_session`", SCOPED_SESSION)] {
        let own = rows(&page, heading);
        let known: Vec<&String> = own.iter().chain(&python).flat_map(|row| &row.names).collect();
        let expected: BTreeSet<&str> = members.split_whitespace().collect();
        for member in &expected {
            match known.iter().filter(|name| name == &member).count() {
                1 => {}
                n => wrong.push(format!("{member} of {heading} has {n} lines")),
            }
        }
        let unknown = own.iter().flat_map(|row| &row.names).filter(|name| !expected.contains(name.as_str()));
        wrong.extend(unknown.map(|name| format!("{heading} has no {name}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_a_line_names_exists_on_sessions_and_on_scopes() {
    let page = read("orm-core/docs/coming_from_sqlalchemy.md");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../orm-core/src");
    let mut text = String::new();
    sources(&folder, &mut text);
    let scope = read("orm-core/src/session/scoped/members.rs") + &read("orm-core/src/session/scoped/mod.rs");
    let has = |text: &str, name: &str| {
        let ends = ["(", "<"];
        ends.iter().any(|end| {
            text.contains(&format!("fn {name}{end}")) || text.contains(&format!("fn {name} {end}"))
        })
    };
    let mut wrong = Vec::new();
    for heading in ["`sessionmaker`", "`scoped_session`"] {
        for row in rows(&page, heading) {
            let links = links(&row);
            if row
                .rest
                .trim_end()
                .trim_end_matches('|')
                .rsplit('|')
                .next()
                .is_none_or(|last| last.trim().is_empty())
            {
                wrong.push(format!("{:?} does not say what differs", row.names));
            }
            if links.is_empty() && !row.rest.contains("](crate::") {
                wrong.push(format!("{:?} names nothing", row.names));
            }
            for (_, member) in links.iter().filter(|(of, member)| is_type(of) && !is_type(member)) {
                if !has(&text, member) {
                    wrong.push(format!("{:?} names `{member}`, which does not exist", row.names));
                }
            }
            // What keeps its name has it on a scope, too.
            let own = links.first().filter(|(of, member)| of == "Session" && row.names.contains(member));
            if let Some((_, member)) = own
                && !has(&scope, member)
            {
                wrong.push(format!("`ScopedSession` has no `{member}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn is_type(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
}
