//! One base whose tables are in several schemas, some of them with the same name.
//!
//! | file | what it is about |
//! |---|---|
//! | `ddl` | where tables, indexes, sequences and views are made, and what is dropped |
//! | `graphs` | the unit of work: batches, relations and association tables across schemas, errors |
//! | `queries` | joins of two tables of one name, loading, pages, streams, criteria |
//! | `writes` | records, bulk statements, COPY |
//! | `inheritance` | kinds whose other halves are in other schemas |
//! | `tenants` | tables that name no schema are those of the search path |
//! | `types` | enums, domains and composites of schemas |
//! | `mistakes` | contradictions between models |

mod ddl;
mod graphs;
mod inheritance;
mod mistakes;
mod queries;
mod tenants;
mod types;
mod writes;

use orm_core::prelude::*;
use orm_core::query::{Defines, count};
use orm_core::sql::TrustedSql;
use orm_testkit::TestDatabase;

orm_core::declarative_base!(Base);

/// Where the connection looks first.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Entry {
    #[model(primary_key)]
    id: Auto<i64>,
    #[model(unique)]
    text: String,
    #[has_many(back_populates = "about", cascade = "all, delete-orphan", order_by = "id")]
    audits: HasMany<Audit>,
    #[many_to_many(secondary = "audit.link", back_populates = "entries")]
    tags: ManyToMany<Tag>,
    #[many_to_many(secondary = "third.entry_label", back_populates = "entries")]
    labels: ManyToMany<Label>,
}

/// The same name elsewhere.
#[derive(Model, Clone, Debug)]
#[model(base = Base, schema = "audit", table = "entry", criteria = not_hidden, index("note", "hidden"))]
#[model(comment = "it's a log", check(name = "not_empty", expression = "note <> ''"))]
struct Audit {
    #[model(primary_key)]
    id: Auto<i64>,
    #[model(unique)]
    note: String,
    #[model(version)]
    version: Auto<i32>,
    #[model(default = false, comment = "of soft deletion")]
    hidden: bool,
    #[belongs_to(on_delete = "cascade")]
    about: BelongsTo<Entry>,
    #[belongs_to(index)]
    before: Option<BelongsTo<Audit>>,
    #[many_to_many(secondary = "entry_label", back_populates = "audits")]
    labels: ManyToMany<Label>,
}

fn not_hidden() -> Predicate<Audit> {
    Audit::HIDDEN.eq(false)
}

#[derive(Model, Clone, Debug)]
#[model(base = Base, schema = "audit")]
struct Label {
    #[model(primary_key)]
    id: Auto<i64>,
    word: String,
    #[many_to_many(secondary = "entry_label", back_populates = "labels")]
    audits: ManyToMany<Audit>,
    #[many_to_many(secondary = "third.entry_label", back_populates = "labels", target_column = "entry_id")]
    entries: ManyToMany<Entry>,
}

/// The association model of entries and tags, in a schema of neither.
#[derive(Model, Clone, Debug)]
#[model(base = Base, schema = "audit", unique("entry_id", "tag_id"))]
struct Link {
    #[model(primary_key)]
    id: Auto<i64>,
    #[belongs_to(on_delete = "cascade")]
    entry: BelongsTo<Entry>,
    #[belongs_to(on_delete = "cascade")]
    tag: BelongsTo<Tag>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base, schema = "third")]
struct Tag {
    #[model(primary_key)]
    name: String,
    #[many_to_many(secondary = "audit.link", back_populates = "tags")]
    entries: ManyToMany<Entry>,
    /// A plain foreign key into another schema.
    #[model(references = "audit.label.id", on_delete = "cascade")]
    label_id: Option<i64>,
    /// And one that does not say that it stays in its own.
    #[model(references = "tag.name", on_delete = "cascade", on_update = "cascade")]
    above: Option<String>,
}

/// Has the other half of its rows in another schema.
#[derive(Model, Clone, Debug)]
#[model(base = Base, schema = "third")]
struct Alarm {
    #[model(primary_key)]
    #[belongs_to(on_delete = "cascade")]
    audit: BelongsTo<Audit>,
    #[model(check = "level > 0")]
    level: i32,
}

/// A span of days, of which no two may overlap.
#[derive(Model, Clone, Debug)]
#[model(base = Base, schema = "third", exclude("(int8range(first, last, '[]'))" = "&&", name = "overlap"))]
struct Shift {
    #[model(primary_key)]
    id: Auto<i64>,
    first: i64,
    last: i64,
}

/// How many audits an entry has: a view of the schema whose table it reads.
#[derive(Model, Clone, Debug)]
#[model(base = Base, schema = "audit", table = "count", view = counts, comment = "audits of entries")]
struct Counted {
    #[model(primary_key)]
    entry_id: i64,
    audits: i64,
}

fn counts() -> impl Defines<(i64, i64)> {
    select::<Entry>().join(Entry::AUDITS).group_by(Entry::ID).columns(|entry| (entry, count()))
}

/// A view of the same name that reads it, and keeps its rows.
#[derive(Model, Clone, Debug)]
#[model(base = Base, schema = "third", table = "count", view = busy, materialized, index("audits"))]
struct Busy {
    #[model(primary_key)]
    entry_id: i64,
    audits: i64,
}

fn busy() -> impl Defines<(i64, i64)> {
    columns((Counted::ENTRY_ID, Counted::AUDITS)).filter(Counted::AUDITS.gt(1))
}

/// A view of the server itself, which nobody makes or drops.
#[derive(Model, Clone, Debug)]
#[model(base = Base, schema = "information_schema", table = "schemata", view)]
struct Schemata {
    #[model(primary_key)]
    schema_name: String,
}

fn role() -> String {
    format!("guest_of_schemas_{}", std::process::id())
}

/// An empty database, and an engine of a role that has no rights in it.
async fn with_guest() -> (TestDatabase, Engine, Engine) {
    let database = TestDatabase::create().await.unwrap();
    let engine = Engine::connect(database.url()).await.unwrap();
    let script = format!(
        "DO $$ BEGIN CREATE ROLE {} LOGIN PASSWORD 'pw';
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$",
        role()
    );
    engine.execute_script(TrustedSql::new(script.clone())).await.unwrap();
    let (start, rest) = database.url().split_once("//").unwrap();
    let url = format!("{start}//{}:pw@{}", role(), rest.split_once('@').unwrap().1);
    let guest = Engine::connect(&url).await.unwrap();
    (database, engine, guest)
}

/// Two entries with two audits each, which have three labels together.
async fn fill(engine: &Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let labels = session.add_all(["red", "blue"].map(|word| Label::builder().word(word)));
    for (number, text) in ["first", "second"].into_iter().enumerate() {
        let note = |what: &str| Audit::builder().note(format!("{text} {what}"));
        let audits = [note("made").labels(labels.clone()), note("read").labels([labels[number]])];
        let tags = [Tag::builder().name(format!("{text} tag"))];
        session.add(Entry::builder().text(text).audits(audits).tags(tags).labels([labels[number]]));
    }
    session.commit().await
}
