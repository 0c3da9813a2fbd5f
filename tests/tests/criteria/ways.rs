//! Every public way to read or change rows: a hidden row stays hidden, or there is a reason why the way looks for no rows.

use super::common::fill;
use futures_util::StreamExt;
use orm_core::bulk::{self, CopyFormat, Values, copy_out, insert_from};
use orm_core::prelude::*;
use orm_core::query::Select;
use orm_core::session::Query;
use orm_tests::models::drawers::{Base, Drawer, Note, Paper, Remark};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Ways that look for rows; [`finds`] tries each.
const LOOK: &[&str] = &[
    "all",
    "all_kinds",
    "all_written",
    "bulk_save_objects",
    "bulk_save_objects_returning",
    "bulk_update_mappings",
    "count",
    "delete",
    "execute",
    "exists",
    "explain",
    "explain_analyze",
    "fetch_all",
    "fetch_first",
    "fetch_one",
    "fetch_optional",
    "fetch_page",
    "fetch_related",
    "find",
    "first",
    "get",
    "get_one",
    "load",
    "load_columns",
    "merge",
    "merge_all",
    "next",
    "one",
    "one_or_none",
    "page",
    "page_after",
    "page_before",
    "page_number",
    "refresh",
    "rows",
    "stream",
    "update",
    "write",
];

/// Ways that look for none, and why.
const OTHERS: &[(&str, &[&str])] = &[
    (
        "they begin and end transactions, connections and sessions",
        &[
            "begin",
            "begin_nested",
            "begin_with",
            "close",
            "commit",
            "commit_nested",
            "commit_prepared",
            "connect",
            "connection",
            "prepare",
            "prepared_transactions",
            "remove",
            "reset",
            "rollback",
            "rollback_nested",
            "rollback_prepared",
            "scope",
            "transaction",
            "transaction_with",
        ],
    ),
    (
        "they send SQL text of the program's own",
        &["execute_script", "fetch", "models", "run", "scalar", "scalars"],
    ),
    ("they carry out what `execute` and its like ask for", &["change", "lend"]),
    ("it writes what the program has, by keys", &["flush"]),
    ("it writes new rows", &["bulk_insert_mappings"]),
    (
        "it reads the other halves of objects, and what is hidden of those the topic of inheritance tries",
        &["polymorphic"],
    ),
    ("it writes one row that the program has", &["insert"]),
];

fn rust_files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|entry| rust_files(&entry)).collect()
}

/// The names of all public functions that ask the database.
fn asking() -> BTreeSet<String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../orm-core/src");
    let mut found = BTreeSet::new();
    for file in ["session", "query", "engine", "bulk", "record.rs"].map(|name| source.join(name)) {
        for code in rust_files(&file).iter().map(|file| fs::read_to_string(file).unwrap()) {
            // In `record.rs` the future is written out; elsewhere it may be boxed.
            let gives_future = |item: &&str| {
                let head = item.split(['{', ';']).next().unwrap();
                ["-> impl Future<", "-> Pin<Box<dyn Future<"].iter().any(|future| head.contains(future))
            };
            let of_trait = code.split("\n    fn ").skip(1).filter(gives_future);
            let written_out = code.split("pub fn ").skip(1).filter(gives_future);
            let names = code.split("pub async fn ").skip(1).chain(of_trait).chain(written_out);
            let word = |item: &str| item.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            found.extend(names.map(word).filter(|name: &String| !name.is_empty()));
        }
    }
    found
}

#[test]
fn every_way_is_known() {
    let others = OTHERS.iter().flat_map(|(_, names)| names.iter());
    let known: BTreeSet<String> = LOOK.iter().chain(others).map(|name| (*name).to_owned()).collect();
    let new: Vec<String> = asking().difference(&known).cloned().collect();
    assert!(new.is_empty(), "does it look for rows? {new:?}: try it in `finds`, or say why not");
    let gone: Vec<String> = known.difference(&asking()).cloned().collect();
    assert!(gone.is_empty(), "no such function: {gone:?}");
}

/// Only the note that is deleted, and in the same place one that is not.
fn wanted(lifted: bool) -> Select<Note> {
    let query = select::<Note>().filter(Note::ID.eq(2));
    if lifted { query.unrestricted() } else { query }
}

/// Whether a way finds the deleted note.
async fn finds(way: &str, engine: &Engine, session: &mut Session, lifted: bool) -> bool {
    let is_two = |note: &Note| note.id == 2;
    let wanted = wanted(lifted);
    match way {
        "all" => {
            !session.all(wanted).await.unwrap().is_empty()
                | note_two(session).columns(Note::ID).all().await.unwrap().contains(&2)
                | !note_two(session).group_by(Note::ID).columns(|id| id).all().await.unwrap().is_empty()
        }
        "all_kinds" => {
            let drawers = Remark::NOTE.then(Note::DRAWER).then(Drawer::NOTES);
            session.all_kinds::<Paper>((select(), select().with(drawers))).await.unwrap();
            session.objects::<Note>().any(|note| is_two(&session[note]))
        }
        "all_written" => {
            let update = bulk::update(wanted).set(Note::TEXT.set_to("x"));
            !session.all_written(update).await.unwrap().is_empty()
        }
        "bulk_save_objects" => session.bulk_save_objects([hidden(engine).await]).await.is_ok(),
        "bulk_save_objects_returning" => {
            session.bulk_save_objects_returning([hidden(engine).await]).await.is_ok()
        }
        "bulk_update_mappings" => {
            let row = Values::<Note>::new().set(Note::ID, 2).set(Note::TEXT, "x");
            session.bulk_update_mappings([row]).await.is_ok()
        }
        "count" => {
            let values = note_two(session).columns(Note::TEXT).count().await.unwrap()
                + session.count(wanted.clone()).await.unwrap();
            engine.count(wanted).await.unwrap() + count(session).await + values > 0
        }
        "delete" => session.query::<Note>().filter(Note::ID.eq(5)).delete().await.unwrap() > 0,
        "execute" => written(engine, session, &wanted).await > 0,
        "exists" => {
            engine.exists(wanted.clone()).await.unwrap()
                | session.exists(wanted).await.unwrap()
                | note_two(session).exists().await.unwrap()
        }
        "explain" => {
            let plan = session.explain(wanted.clone()).await.unwrap().to_string();
            assert_eq!(engine.explain(wanted).await.unwrap().to_string(), plan);
            !plan.contains("deleted")
        }
        "explain_analyze" => {
            let plan = session.explain_analyze(wanted.clone()).await.unwrap();
            plan.root.actual.is_some_and(|actual| actual.rows > 0.0)
                || wanted.explain_analyze(engine).await.unwrap().root.actual.unwrap().rows > 0.0
        }
        "fetch_all" => {
            let update = bulk::update(wanted.clone()).set(Note::TEXT.set_to("x")).returning(Note::ID);
            let updated = update.fetch_all(engine).await.unwrap().contains(&2);
            updated
                | engine.fetch_all(wanted.clone()).await.unwrap().iter().any(is_two)
                | session.fetch_all(wanted).await.unwrap().iter().any(is_two)
        }
        "fetch_first" => {
            engine.fetch_first(wanted.clone()).await.unwrap().is_some()
                | session.fetch_first(wanted).await.unwrap().is_some()
        }
        "fetch_one" => {
            engine.fetch_one(wanted.clone()).await.is_ok() | session.fetch_one(wanted).await.is_ok()
        }
        "fetch_optional" => {
            engine.fetch_optional(wanted.clone()).await.unwrap().is_some()
                | session.fetch_optional(wanted).await.unwrap().is_some()
        }
        "fetch_page" => {
            engine.fetch_page(wanted.clone().page_after(None, 9)).await.unwrap().rows.iter().any(is_two)
                | session.fetch_page(wanted.page_after(None, 9)).await.unwrap().rows.iter().any(is_two)
        }
        "fetch_related" => {
            let drawer = Drawer::find(engine, 1).await.unwrap().unwrap();
            let notes = match lifted {
                false => drawer.fetch_related(engine, Drawer::NOTES).await.unwrap(),
                true => Drawer::NOTES.of(&drawer).unrestricted().fetch_all(engine).await.unwrap(),
            };
            notes.iter().any(is_two)
        }
        "find" => lifted || Note::find(engine, 2).await.unwrap().is_some(),
        "first" => session.query::<Note>().filter(Note::ID.eq(2)).first().await.unwrap().is_some(),
        "get" => session.get::<Note>(2).await.unwrap().is_some(),
        "get_one" => session.get_one::<Note>(2).await.is_ok(),
        "load" => {
            let drawer = session.get_one::<Drawer>(1).await.unwrap();
            let notes = session.load(drawer, Drawer::NOTES).await.unwrap();
            notes.iter().any(|note| is_two(&session[*note]))
        }
        "load_columns" => {
            let note = session.without_criteria().get_one::<Note>(2).await.unwrap();
            session.load_columns(note, Note::SCRIBBLE).await.is_ok()
        }
        "merge" => merged(session).await,
        "merge_all" => {
            let note = Note::builder().id(2).text("merged");
            let merged = session.merge_all([note]).await.unwrap();
            session.state(merged[0]).unwrap() == orm_core::state::ObjectState::Persistent
        }
        "next" | "stream" => {
            let mut rows = engine.stream(wanted, 9).await.unwrap();
            let of_engine = rows.next().await.unwrap().is_some();
            let mut rows = note_two(session).columns(Note::TEXT).stream(9).await.unwrap();
            let of_builder = rows.next().await.unwrap().is_some();
            drop(rows);
            let mut rows = session.stream(select::<Note>(), 9).await.unwrap();
            rows.next().await.unwrap().unwrap().iter().any(is_two) | of_engine | of_builder
        }
        "one" => session.query::<Note>().filter(Note::ID.eq(2)).one().await.is_ok(),
        "one_or_none" => {
            session.query::<Note>().filter(Note::ID.eq(2)).one_or_none().await.unwrap().is_some()
        }
        "page" => !session.page(wanted.page_before(None, 9)).await.unwrap().rows.is_empty(),
        "page_after" => {
            !note_two(session).page_after(None, 9).await.unwrap().rows.is_empty()
                | !note_two(session).columns(Note::ID).page_after(None, 9).await.unwrap().rows.is_empty()
        }
        "page_before" => {
            !note_two(session).page_before(None, 9).await.unwrap().rows.is_empty()
                | !note_two(session).columns(Note::ID).page_before(None, 9).await.unwrap().rows.is_empty()
        }
        "page_number" => {
            !note_two(session).page_number(0, 9).await.unwrap().rows.is_empty()
                | !note_two(session).columns(Note::ID).page_number(0, 9).await.unwrap().rows.is_empty()
        }
        "refresh" => {
            let note = session.without_criteria().get_one::<Note>(2).await.unwrap();
            session.refresh(note).await.is_ok()
        }
        "update" => {
            session.query::<Note>().filter(Note::ID.eq(2)).set(Note::TEXT, "x").update().await.unwrap() > 0
        }
        "rows" => {
            let of_engine = copy_out(wanted.clone()).rows(engine).await.unwrap().count().await;
            of_engine + copy_out(wanted).rows(session).await.unwrap().count().await > 0
        }
        "write" => {
            let of_engine =
                copy_out(wanted.clone()).write(CopyFormat::Csv, Vec::new(), engine).await.unwrap();
            of_engine + copy_out(wanted).write(CopyFormat::Csv, Vec::new(), session).await.unwrap() > 0
        }
        other => panic!("`{other}` is not tried"),
    }
}

/// The deleted note, as the program may have it from elsewhere.
async fn hidden(engine: &Engine) -> Note {
    engine.fetch_one(wanted(true)).await.unwrap()
}

fn note_two(session: &mut Session) -> Query<'_, Note> {
    session.query::<Note>().filter(Note::ID.eq(2))
}

/// How many rows are written that come from the note: updated, copied, deleted.
async fn written(engine: &Engine, session: &mut Session, wanted: &Select<Note>) -> u64 {
    let update = || bulk::update(wanted.clone()).set(Note::TEXT.set_to("x"));
    let copy = || {
        let texts = wanted.clone().columns((Note::TEXT, Note::DRAWER_ID));
        insert_from((Note::TEXT, Note::DRAWER_ID), texts)
    };
    let of_engine = update().execute(engine).await.unwrap() + copy().execute(engine).await.unwrap();
    let of_session =
        update().execute(&mut *session).await.unwrap() + copy().execute(&mut *session).await.unwrap();
    let delete = bulk::delete(select::<Note>().filter(Note::ID.eq(5)));
    of_engine + of_session + delete.execute(session).await.unwrap()
}

async fn count(session: &mut Session) -> i64 {
    note_two(session).count().await.unwrap()
}

async fn merged(session: &mut Session) -> bool {
    let note = session.merge(Note::builder().id(2).text("merged")).await.unwrap();
    session.state(note).unwrap() == orm_core::state::ObjectState::Persistent
}

#[orm_testkit::test(base = Base)]
async fn no_way_finds_what_is_hidden(engine: Engine) {
    fill(&engine).await;
    let (mut found, mut missed) = (Vec::new(), Vec::new());
    for way in LOOK.iter().copied() {
        let mut session = engine.session();
        if finds(way, &engine, &mut session, false).await {
            found.push(way);
        }
        session.rollback().await.unwrap();
        let mut session = engine.session();
        if !finds(way, &engine, &mut session.without_criteria(), true).await {
            missed.push(way);
        }
        session.rollback().await.unwrap();
    }
    assert!(found.is_empty(), "they found a hidden row: {found:?}");
    assert!(missed.is_empty(), "they do not find it without criteria either: {missed:?}");
}
