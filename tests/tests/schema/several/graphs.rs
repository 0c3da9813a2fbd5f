//! The unit of work across schemas.

use super::{Alarm, Audit, Base, Entry, Label, Link, Tag, fill, role, with_guest};
use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::sql::TrustedSql;

#[orm_testkit::test(base = Base)]
async fn a_graph_across_schemas_is_written_in_two_round_trips(engine: Engine) -> orm_core::Result<()> {
    let before = engine.statistics().round_trips;
    fill(&engine).await?;
    assert_eq!(engine.statistics().round_trips - before, 2);
    assert_eq!(engine.count(select::<Entry>()).await?, 2);
    assert_eq!(engine.count(select::<Audit>()).await?, 4);
    assert_eq!(engine.count(select::<Link>()).await?, 2);
    let labelled = columns(Label::WORD).filter(Label::ENTRIES.any(Entry::TEXT.eq("second")));
    assert_eq!(engine.fetch_all(labelled).await?, ["blue"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_plan_names_schemas(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let label = session.add(Label::builder().word("red"));
    session
        .add(Entry::builder().text("x").audits([Audit::builder().note("y").labels([label])]).labels([label]));
    let plan = session.flush_plan()?.to_string();
    let steps: Vec<&str> = plan.lines().collect();
    for step in [
        "insert 1 row into audit.label (id, word)",
        "insert 1 row into entry (id, text)",
        "link 1 row of audit.entry_label",
        "link 1 row of third.entry_label",
    ] {
        assert!(steps.contains(&step), "{plan}");
    }
    session.rollback().await
}

#[orm_testkit::test(base = Base)]
async fn batches_are_updated_and_deleted(engine: Engine) -> orm_core::Result<()> {
    fill(&engine).await?;
    let mut session = engine.session();
    let audits = session.query::<Audit>().order_by(Audit::ID).all().await?;
    let red = session.query::<Label>().filter(Label::WORD.eq("red")).one().await?;
    for pair in audits.windows(2) {
        session[pair[1]].before = Some(pair[0].into());
    }
    audits.iter().for_each(|audit| session[*audit].note.push('!'));
    session.load(audits[0], Audit::LABELS).await?;
    session[audits[0]].labels.remove(red);
    session.commit().await?;
    let changed = columns((Audit::NOTE, Audit::VERSION)).order_by(Audit::ID);
    assert_eq!(engine.fetch_all(changed).await?[1], ("first read!".to_owned(), 2));
    assert_eq!(
        engine.fetch_all(columns(Audit::ID).filter(Audit::LABELS.any(Label::WORD.eq("red")))).await?.len(),
        2
    );
    // The self-reference, the association rows in both schemas, and the audits of the entry go along.
    let second = session.query::<Entry>().filter(Entry::TEXT.eq("second")).one().await?;
    session.delete(second)?;
    session.delete(red)?;
    session.commit().await?;
    assert_eq!(
        engine.fetch_all(columns(Audit::NOTE).order_by(Audit::ID)).await?,
        ["first made!", "first read!"]
    );
    assert_eq!(engine.count(select::<Link>()).await?, 1);
    let mut again = engine.session();
    let audits = again.query::<Audit>().all().await?;
    audits.into_iter().try_for_each(|audit| again.delete(audit))?;
    again.commit().await?;
    assert_eq!(engine.count(select::<Audit>().unrestricted()).await?, 0);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn plain_foreign_keys_across_schemas_order_the_flush(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let red = session.add(Label::builder().word("red"));
    session.flush().await?;
    let label = session[red].id.unwrap();
    session.add(Tag::builder().name("below").above("top").label_id(label));
    session.add(Tag::builder().name("top"));
    session.commit().await?;
    let tags = session.query::<Tag>().order_by(Tag::NAME).all().await?;
    assert_eq!(session[tags[0]].label_id, Some(label));
    session.delete(red)?;
    session.commit().await?;
    assert_eq!(session.state(tags[0])?, orm_core::state::ObjectState::Deleted, "the foreign key cascades");
    assert_eq!(engine.fetch_all(columns(Tag::NAME)).await?, ["top"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_object_has_its_other_half_in_another_schema(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let entry = session.add(Entry::builder().text("x"));
    let alarm = session.add(Alarm::builder().audit(Audit::builder().note("loud").about(entry)).level(3));
    session.commit().await?;
    let mut other = engine.session();
    let found = other
        .query::<Alarm>()
        .filter(Alarm::AUDIT.has(Audit::NOTE.eq("loud")))
        .with(Alarm::AUDIT)
        .one()
        .await?;
    assert_eq!(other.at(found).related(Alarm::AUDIT)?.note, "loud");
    let audit = session.at(alarm).related(Alarm::AUDIT)?.handle();
    session[audit].hidden = true;
    session.commit().await?;
    assert_eq!(engine.count(select::<Alarm>()).await?, 1);
    assert_eq!(engine.count(select::<Alarm>().join(Alarm::AUDIT)).await?, 0);
    assert_eq!(engine.count(select::<Alarm>().filter(Alarm::AUDIT.has(Audit::NOTE.eq("loud")))).await?, 0);
    session.delete(audit)?;
    session.commit().await?;
    assert_eq!(engine.count(select::<Alarm>()).await?, 0);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn errors_name_the_model_of_the_right_schema(engine: Engine) -> orm_core::Result<()> {
    fill(&engine).await?;
    let mut session = engine.session();
    let first = session.query::<Entry>().order_by(Entry::ID).first().await?.unwrap();
    session.add(Audit::builder().note("first made").about(first));
    let error = session.commit().await.unwrap_err();
    assert!(error.is_unique_violation());
    assert_eq!((error.model(), error.column()), (Some("Audit"), Some("note")));
    session.rollback().await?;
    session.expunge_all();
    session.add(Entry::builder().text("first"));
    let error = session.commit().await.unwrap_err();
    assert_eq!((error.model(), error.column()), (Some("Entry"), Some("text")));
    session.rollback().await?;
    let error = Audit::builder().note("").about_key(1_i64).build().insert(&engine).await.unwrap_err();
    assert_eq!((error.model(), error.constraint()), (Some("Audit"), Some("ck_entry_not_empty")));
    assert_eq!((error.schema(), error.table()), (Some("audit"), Some("entry")));

    let mut session = engine.session();
    let audits = session.query::<Audit>().all().await?;
    engine.execute_script("UPDATE audit.entry SET version = 9").await?;
    audits.iter().for_each(|audit| session[*audit].hidden = true);
    let error = session.commit().await.unwrap_err();
    assert_eq!((error.kind(), error.model()), (ErrorKind::StaleData, Some("Audit")));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn exchanged_values_are_told_for_the_table_that_has_them(engine: Engine) -> orm_core::Result<()> {
    fill(&engine).await?;
    let mut session = engine.session();
    let audits = session.query::<Audit>().order_by(Audit::ID).limit(2).all().await?;
    let notes = audits.iter().map(|audit| session[*audit].note.clone()).collect::<Vec<_>>();
    session[audits[0]].note.clone_from(&notes[1]);
    session[audits[1]].note.clone_from(&notes[0]);
    let error = session.commit().await.unwrap_err();
    assert_eq!((error.kind(), error.model()), (ErrorKind::ValueTaken, Some("Audit")), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_sequence_that_may_not_be_used_is_that_of_one_schema() -> orm_core::Result<()> {
    let (_database, engine, guest) = with_guest().await;
    Base::create_all(&engine).await?;
    let role = role();
    engine
        .execute_script(TrustedSql::new(format!(
            "GRANT USAGE ON SCHEMA audit, third TO {role}; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}; \
             GRANT ALL ON ALL TABLES IN SCHEMA audit, third, public TO {role}"
        )))
        .await?;
    Entry::builder().text("first").build().insert(&engine).await?;
    let mut session = guest.session();
    let audit = |label, note| Audit::builder().note(note).labels([label]);
    let label = session.add(Label::builder().word("red"));
    session.add(audit(label, "first made").about_key(1_i64));
    session.commit().await?; // learns that two sequences are closed
    let audit = audit(label, "third made");
    session.add(Entry::builder().text("third").audits([audit]));
    let plan = session.flush_plan()?.to_string();
    assert!(plan.contains("reserve 1 key of entry") && !plan.contains("key of audit"), "{plan}");
    session.commit().await?;
    assert_eq!(engine.count(select::<Audit>()).await?, 2);
    Ok(())
}
