//! Queries over tables of one name, and over views of schemas.

use super::{Audit, Base, Busy, Counted, Entry, Label, Schemata, fill};
use orm_core::prelude::*;
use orm_core::query::whole;
use orm_core::refresh_materialized;

#[orm_testkit::test(base = Base)]
async fn relations_are_loaded_in_every_way(engine: Engine) -> orm_core::Result<()> {
    fill(&engine).await?;
    for how in 0..3 {
        let mut session = engine.session();
        let audits = match how {
            0 => Entry::AUDITS.then(Audit::LABELS),
            1 => Entry::AUDITS.joined().then(Audit::LABELS.joined()),
            _ => Entry::AUDITS.subquery().then(Audit::LABELS.subquery()),
        };
        let entries = session.query::<Entry>().order_by(Entry::ID).with(audits).all().await?;
        assert_eq!(entries.len(), 2);
        for entry in session.each(&entries) {
            let labels =
                entry.related(Entry::AUDITS)?.map(|audit| audit.related(Audit::LABELS).unwrap().len());
            assert_eq!(labels.sum::<usize>(), 3);
        }
    }
    let mut session = engine.session();
    let limited = Entry::AUDITS.order_by(Audit::ID.desc()).limit(1);
    let entries = session.query::<Entry>().with((limited, Entry::TAGS, Entry::LABELS)).all().await?;
    for entry in session.each(&entries) {
        assert!(entry.related(Entry::AUDITS)?.next().unwrap().note.ends_with("read"));
        assert_eq!((entry.related(Entry::TAGS)?.len(), entry.related(Entry::LABELS)?.len()), (1, 1));
    }
    let blue = || Audit::LABELS.any(Label::WORD.eq("blue"));
    assert_eq!(session.query::<Entry>().filter(Entry::AUDITS.any(blue())).count().await?, 2);
    let first = Entry::find(&engine, 1_i64).await?.unwrap();
    assert_eq!(first.fetch_related(&engine, Entry::AUDITS).await?.len(), 2);
    Ok(())
}

orm_core::alias!(Before = Audit);

#[orm_testkit::test(base = Base)]
async fn two_tables_of_one_name_are_joined(engine: Engine) -> orm_core::Result<()> {
    fill(&engine).await?;
    let joined = select::<Entry>().join(Entry::AUDITS).columns((Entry::ID, Audit::ID)).to_string();
    assert!(
        joined.starts_with(r#"SELECT "entry"."id", t1."id" FROM "entry" JOIN "audit"."entry" AS t1 ON t1."about_id" = "entry"."id""#),
        "{joined}"
    );
    let pairs = || select::<Entry>().join(Entry::AUDITS).join(Audit::LABELS).order_by((Audit::ID, Label::ID));
    let rows = pairs().columns((Entry::TEXT, Audit::NOTE, Label::WORD)).fetch_all(&engine).await?;
    assert_eq!(rows.len(), 6);
    assert_eq!(rows[0], ("first".to_owned(), "first made".to_owned(), "red".to_owned()));
    let back = select::<Audit>().join(Audit::ABOUT).columns((whole::<Audit>(), Entry::TEXT));
    assert_eq!(back.filter(Entry::TEXT.eq("second")).fetch_all(&engine).await?.len(), 2);
    let locked = select::<Audit>().join(Audit::ABOUT).filter(Entry::TEXT.eq("second")).for_update();
    assert_eq!(engine.session().all(locked).await?.len(), 2);
    let full = select::<Entry>().full_join(Entry::AUDITS).columns((Entry::ID, Audit::ID));
    assert_eq!(full.fetch_all(&engine).await?.len(), 4);
    let thrice = select::<Entry>().join(Entry::AUDITS).join_on::<Before>(
        Audit::ID.from(Before).lt(Audit::ID) & Audit::ABOUT_ID.from(Before).eq(Audit::ABOUT_ID),
    );
    let thrice = thrice.columns((Entry::TEXT, Audit::NOTE, Audit::NOTE.from(Before))).order_by(Audit::ID);
    let expected =
        ["first", "second"].map(|text| (text.to_owned(), format!("{text} read"), format!("{text} made")));
    assert_eq!(engine.fetch_all(thrice).await?, expected);
    // A subquery over the other table of the name, which asks for the row around it.
    let newest = Entry::AUDITS.any(Audit::ID.gt(3) & Audit::ABOUT.has(Entry::TEXT.eq("second")));
    assert_eq!(engine.fetch_all(columns(Entry::TEXT).filter(newest)).await?, ["second"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn rows_come_in_pages_and_streams(engine: Engine) -> orm_core::Result<()> {
    fill(&engine).await?;
    let pairs = || select::<Entry>().join(Entry::AUDITS).join(Audit::LABELS).order_by((Audit::ID, Label::ID));
    let page = engine.fetch_page(pairs().columns(Audit::NOTE).page_after(None, 4)).await?;
    let rest = engine.fetch_page(pairs().columns(Audit::NOTE).page_after(page.next.as_deref(), 4)).await?;
    assert_eq!((page.rows.len(), rest.rows.len()), (4, 2));
    let mut session = engine.session();
    let mut rows = session.stream(select::<Audit>().order_by(Audit::ID), 3).await?;
    let mut read = 0;
    while let Some(audits) = rows.next().await? {
        read += audits.len();
    }
    assert_eq!(read, 4);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn criteria_know_a_table_by_its_schema(engine: Engine) -> orm_core::Result<()> {
    fill(&engine).await?;
    let mut session = engine.session();
    let hide = session.query::<Audit>().filter(Audit::NOTE.like("%made")).set(Audit::HIDDEN, true);
    assert_eq!(hide.update().await?, 2);
    assert_eq!(session.query::<Audit>().count().await?, 2);
    assert_eq!(session.query::<Entry>().count().await?, 2, "it has no criteria, whatever it is called");
    let entries = session.query::<Entry>().with(Entry::AUDITS).all().await?;
    assert_eq!(session.at(entries[0]).related(Entry::AUDITS)?.len(), 1);
    assert_eq!(session.query::<Entry>().join(Entry::AUDITS).columns(Audit::NOTE).count().await?, 2);
    assert_eq!(session.query::<Entry>().left_join(Entry::AUDITS).count().await?, 2);
    session.restrict::<Entry>(Entry::TEXT.eq("first"));
    assert_eq!(session.query::<Entry>().count().await?, 1);
    assert_eq!(session.query::<Audit>().count().await?, 2);
    assert_eq!(session.query::<Audit>().join(Audit::ABOUT).count().await?, 1);
    session.commit().await
}

#[orm_testkit::test(base = Base)]
async fn views_of_schemas_are_read_and_refreshed(engine: Engine) -> orm_core::Result<()> {
    fill(&engine).await?;
    let counts =
        engine.fetch_all(columns((Counted::ENTRY_ID, Counted::AUDITS)).order_by(Counted::ENTRY_ID)).await?;
    assert_eq!(counts, [(1, 2), (2, 2)]);
    assert_eq!(engine.count(select::<Busy>()).await?, 0);
    refresh_materialized::<Busy>(&engine).await?;
    let mut session = engine.session();
    let busy = session.query::<Busy>().join_on::<Counted>(Busy::ENTRY_ID.eq(Counted::ENTRY_ID)).all().await?;
    assert_eq!(busy.len(), 2);
    let audit = session.query::<Audit>().order_by(Audit::ID).first().await?.unwrap();
    session[audit].hidden = true;
    session.commit().await?;
    refresh_materialized::<Busy>(&engine).await?;
    assert_eq!(engine.fetch_all(columns(Busy::ENTRY_ID)).await?, [2]);
    let own = select::<Schemata>().filter(Schemata::SCHEMA_NAME.in_any(["audit", "third", "fourth"]));
    assert_eq!(engine.count(own).await?, 2);
    Ok(())
}
