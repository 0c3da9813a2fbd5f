//! Records, bulk statements and COPY of tables in schemas.

use super::{Audit, Base, Entry, Label, Shift, fill};
use orm_core::bulk::{
    CopyFormat, Values, copy_in, copy_in_text, copy_out, delete, insert, insert_from, update,
};
use orm_core::prelude::*;
use orm_core::query::excluded;

#[orm_testkit::test(base = Base)]
async fn single_records(engine: Engine) -> orm_core::Result<()> {
    let mut entry = Entry::builder().text("plain").build();
    entry.insert(&engine).await?;
    let mut audit = Audit::builder().note("by hand").about_key(entry.id.unwrap()).build();
    audit.insert(&engine).await?;
    audit.note = "changed".into();
    audit.update(&engine).await?;
    let found = Audit::find(&engine, audit.id.unwrap()).await?.unwrap();
    assert_eq!((&found.note[..], found.version), ("changed", Auto::Set(2)));
    found.delete(&engine).await?;
    assert_eq!(engine.count(select::<Audit>()).await?, 0);
    assert_eq!(engine.count(select::<Entry>()).await?, 1);
    Ok(())
}

fn audit(note: &str, about: i64) -> Values<Audit> {
    Values::new().set(Audit::NOTE, note).set(Audit::ABOUT_ID, about)
}

#[orm_testkit::test(base = Base)]
async fn many_rows_are_inserted_updated_and_deleted(engine: Engine) -> orm_core::Result<()> {
    insert([Values::new().set(Entry::TEXT, "one")]).execute(&engine).await?;
    let rows = (0..50).map(|n| audit(&format!("n{n}"), 1));
    let ids = insert(rows).returning(Audit::ID).fetch_all(&engine).await?;
    assert_eq!(ids.len(), 50);
    let both = insert([audit("n0", 1), audit("new", 1)])
        .on_conflict(Audit::NOTE)
        .when(Audit::HIDDEN.eq(false) & excluded(Audit::NOTE).eq(Audit::NOTE))
        .do_update(Audit::HIDDEN.set_to(true));
    assert_eq!(both.execute(&engine).await?, 2);
    assert_eq!(engine.count(select::<Audit>()).await?, 50, "one is new, and one is hidden");
    let again = insert([audit("n1", 1)]).skip_existing();
    assert_eq!(again.execute(&engine).await?, 0);

    let of_one = || select::<Audit>().join(Audit::ABOUT).filter(Entry::TEXT.eq("one"));
    let named = update(of_one().filter(Audit::NOTE.eq("n1"))).set(Audit::NOTE.set_to(Entry::TEXT));
    let named = named.returning((Audit::NOTE, Entry::ID)).fetch_all(&engine).await?;
    assert_eq!(named, [("one".to_owned(), 1)]);
    let mut session = engine.session();
    let audits = session.query::<Audit>().order_by(Audit::ID).all().await?;
    audits.iter().take(40).try_for_each(|audit| session.delete(*audit))?;
    session.commit().await?;
    assert_eq!(delete(of_one()).execute(&engine).await?, 10);
    assert_eq!(engine.count(select::<Audit>().unrestricted()).await?, 1);
    let overlap =
        [(1, 5), (4, 9)].map(|(first, last)| Values::new().set(Shift::FIRST, first).set(Shift::LAST, last));
    let error = insert(overlap).execute(&engine).await.unwrap_err();
    assert_eq!((error.model(), error.constraint()), (Some("Shift"), Some("ex_shift_overlap")));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn rows_of_a_query_are_inserted_into_the_table_of_the_same_name(
    engine: Engine,
) -> orm_core::Result<()> {
    fill(&engine).await?;
    let texts = select::<Entry>().columns((Entry::TEXT, Entry::ID));
    let copied = insert_from((Audit::NOTE, Audit::ABOUT_ID), texts).returning((Audit::ID, Audit::NOTE));
    assert_eq!(copied.fetch_all(&engine).await?.len(), 2);
    let back = insert_from(Entry::TEXT, columns(Audit::NOTE).filter(Audit::NOTE.like("%made")));
    assert_eq!(back.on_conflict(Entry::TEXT).do_nothing().execute(&engine).await?, 2);
    let mut session = engine.session();
    let more = session.query::<Entry>().filter(Entry::AUDITS.is_empty()).delete().await?;
    assert_eq!(more, 2);
    session.commit().await
}

#[orm_testkit::test(base = Base)]
async fn rows_are_copied_in_and_out(engine: Engine) -> orm_core::Result<()> {
    let words = |from: i64| (from..from + 3).map(|n| Label::builder().word(format!("w{n}")));
    assert_eq!(copy_in::<Label>(words(0)).execute(&engine).await?, 3);
    let csv = "word\nw3\nw4\n".as_bytes();
    let text = copy_in_text::<Label>(Label::WORD, CopyFormat::CsvWithHeader, csv);
    assert_eq!(text.execute(&engine).await?, 2);
    let mut out = Vec::new();
    let query = columns(Label::WORD).filter(Label::ID.gt(2)).order_by(Label::ID);
    copy_out(query).write(CopyFormat::Csv, &mut out, &engine).await?;
    assert_eq!(String::from_utf8(out).unwrap(), "w2\nw3\nw4\n");
    Ok(())
}
