//! The search path of a session is for tables that name no schema.

use super::{Audit, Base, Entry, Label};
use orm_core::prelude::*;
use orm_core::sql::text;

/// A second place for the tables without a schema.
async fn tenant(engine: &Engine) {
    let tenant = "CREATE SCHEMA tenant; CREATE TABLE tenant.entry (LIKE public.entry INCLUDING ALL); \
         ALTER TABLE tenant.entry ALTER COLUMN id RESTART WITH 100; \
         ALTER INDEX tenant.entry_text_key RENAME TO uq_entry_text; \
         ALTER TABLE audit.entry DROP CONSTRAINT fk_entry_about_id_entry";
    engine.execute_script(tenant).await.unwrap();
}

#[orm_testkit::test(base = Base)]
async fn only_tables_without_a_schema_move(engine: Engine) -> orm_core::Result<()> {
    tenant(&engine).await;
    for (path, id) in [(Some("tenant"), 100), (None, 1)] {
        let mut session = engine.session();
        path.map_or(Ok(()), |path| session.search_path([path]))?;
        let audit = Audit::builder().note(format!("{path:?}")).labels([Label::builder().word("red")]);
        let entry = session.add(Entry::builder().text("same").audits([audit]));
        session.commit().await?;
        assert_eq!(session[entry].id, Auto::Set(id), "the sequence of the tenant");
        let joined = session.query::<Entry>().join(Entry::AUDITS).columns((Entry::ID, Audit::NOTE));
        assert_eq!(joined.all().await?, [(id, format!("{path:?}"))]);
        session[entry].text.push('!');
        session.commit().await?;
    }
    let entries = "SELECT (SELECT string_agg(text, ',') FROM tenant.entry) || (SELECT string_agg(text, ',') FROM public.entry)";
    assert_eq!(text(entries).scalar::<String>(&engine).await?.unwrap(), "same!same!");
    assert_eq!((engine.count(select::<Audit>()).await?, engine.count(select::<Label>()).await?), (2, 2));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn the_table_of_a_tenant_may_have_the_name_of_one_in_a_schema(engine: Engine) -> orm_core::Result<()> {
    tenant(&engine).await;
    let mut session = engine.session();
    session.search_path(["tenant"])?;
    session.add(Entry::builder().text("x"));
    session.commit().await?;
    session.add(Entry::builder().text("x"));
    let error = session.commit().await.unwrap_err();
    assert_eq!(
        (error.model(), error.column()),
        (Some("Entry"), Some("text")),
        "the server says `tenant.entry`"
    );
    Ok(())
}
