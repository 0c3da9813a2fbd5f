//! Where tables, indexes, sequences and views are made, and what is dropped.

use super::{Base, role, with_guest};
use orm_core::error::SqlState;
use orm_core::prelude::*;
use orm_core::schema::TableName;
use orm_core::sql::TrustedSql;
use orm_core::sql::text;

const RELATIONS: &str = "SELECT n.nspname || '.' || c.relname || ' ' || c.relkind::text FROM pg_class AS c \
     JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname IN ('public', 'audit', 'third') ORDER BY 1";

async fn relations(engine: &Engine) -> Vec<String> {
    text(RELATIONS).scalars::<String>(engine).await.unwrap()
}

async fn schemas(engine: &Engine) -> Vec<String> {
    let own = "SELECT nspname::text FROM pg_namespace WHERE nspname !~ '^pg_|^information_schema' ORDER BY 1";
    text(own).scalars::<String>(engine).await.unwrap()
}

#[orm_testkit::test(base = Base)]
async fn everything_is_where_the_models_say(engine: Engine) {
    let expected = [
        "audit.count v",
        "audit.entry r",
        "audit.entry_id_seq S",
        "audit.entry_label r",
        "audit.ix_entry_before_id i",
        "audit.ix_entry_label_label_id i",
        "audit.ix_entry_note_hidden i",
        "audit.label r",
        "audit.label_id_seq S",
        "audit.link r",
        "audit.link_id_seq S",
        "audit.pk_entry i",
        "audit.pk_entry_label i",
        "audit.pk_label i",
        "audit.pk_link i",
        "audit.uq_entry_note i",
        "audit.uq_link_entry_id_tag_id i",
        "public.entry r",
        "public.entry_id_seq S",
        "public.pk_entry i",
        "public.uq_entry_text i",
        "third.alarm r",
        "third.count m",
        "third.entry_label r",
        "third.ex_shift_overlap i",
        "third.ix_count_audits i",
        "third.ix_entry_label_label_id i",
        "third.pk_alarm i",
        "third.pk_entry_label i",
        "third.pk_shift i",
        "third.pk_tag i",
        "third.shift r",
        "third.shift_id_seq S",
        "third.tag r",
        "third.uq_count_entry_id i",
    ];
    assert_eq!(relations(&engine).await, expected);
    let foreign_keys = "SELECT conrelid::regclass::text || ' ' || pg_get_constraintdef(oid) FROM pg_constraint \
         WHERE contype = 'f' AND conrelid = 'third.tag'::regclass ORDER BY conname";
    assert_eq!(
        text(foreign_keys).scalars::<String>(&engine).await.unwrap(),
        [
            "third.tag FOREIGN KEY (above) REFERENCES third.tag(name) ON UPDATE CASCADE ON DELETE CASCADE",
            "third.tag FOREIGN KEY (label_id) REFERENCES audit.label(id) ON DELETE CASCADE"
        ]
    );
    let comments = "SELECT obj_description('audit.entry'::regclass) || ', ' || col_description('audit.entry'::regclass, 4) \
         || ', ' || obj_description('audit.count'::regclass)";
    assert_eq!(
        text(comments).scalar::<String>(&engine).await.unwrap().unwrap(),
        "it's a log, of soft deletion, audits of entries"
    );
}

#[orm_testkit::test]
async fn what_is_there_stays_and_what_is_not_is_made(engine: Engine) {
    Base::create_all(&engine).await.unwrap();
    let all = relations(&engine).await;
    Base::create_all(&engine).await.unwrap();
    assert_eq!(relations(&engine).await, all);
    // One of two tables of a name is not there.
    engine.execute_script("DROP TABLE third.entry_label; DROP MATERIALIZED VIEW third.count").await.unwrap();
    Base::create_all(&engine).await.unwrap();
    assert_eq!(relations(&engine).await, all);
    engine.execute_script("DROP SCHEMA third CASCADE").await.unwrap();
    Base::create_all(&engine).await.unwrap();
    let without_links = relations(&engine).await;
    assert_eq!(without_links, all);
}

#[orm_testkit::test]
async fn schemas_are_dropped_when_nothing_else_is_in_them(engine: Engine) {
    Base::create_all(&engine).await.unwrap();
    assert_eq!(schemas(&engine).await, ["audit", "public", "third"]);
    Base::drop_all(&engine).await.unwrap();
    assert_eq!((schemas(&engine).await, relations(&engine).await), (vec!["public".to_owned()], Vec::new()));
    Base::drop_all(&engine).await.unwrap();

    engine.execute_script("CREATE SCHEMA third; CREATE TABLE third.other ()").await.unwrap();
    Base::create_all(&engine).await.unwrap();
    Base::drop_all(&engine).await.unwrap();
    assert_eq!(schemas(&engine).await, ["public", "third"]);
    assert_eq!(relations(&engine).await, ["third.other r"], "it is not ours");
    Base::create_all(&engine).await.unwrap();
    Base::drop_all(&engine).await.unwrap();
}

#[tokio::test]
async fn who_may_not_make_schemas_uses_those_that_are_there() {
    let (_database, engine, guest) = with_guest().await;
    let error = Base::create_all(&guest).await.unwrap_err();
    assert_eq!(error.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE));
    let granted = format!(
        "CREATE SCHEMA audit; CREATE SCHEMA third; GRANT USAGE, CREATE ON SCHEMA audit, third, public TO {}",
        role()
    );
    engine.execute_script(TrustedSql::new(granted.clone())).await.unwrap();
    Base::create_all(&guest).await.unwrap();
    assert_eq!(relations(&guest).await.len(), 35);
    Base::drop_all(&guest).await.unwrap();
    assert!(relations(&engine).await.is_empty());
    assert_eq!(schemas(&engine).await, ["audit", "public", "third"], "they belong to somebody else");
}

#[test]
fn the_metadata_knows_schemas() {
    let metadata = Base::metadata().unwrap();
    assert!(metadata.schemas().eq(["audit", "third"]), "that of a view that is there is nobody's");
    let audit = metadata.table(TableName::in_schema("audit", "entry")).unwrap();
    assert_eq!((audit.schema.as_deref(), &audit.name[..]), (Some("audit"), "entry"));
    assert!(audit.column("note").is_some());
    assert!(metadata.table("entry").unwrap().column("text").is_some());
    assert!(metadata.table("label").is_none() && metadata.table("audit.label").is_none());
    let to_entry = audit.foreign_keys.iter().find(|key| key.columns == ["about_id"]).unwrap();
    assert_eq!((to_entry.target(), to_entry.target_schema.as_deref()), ("entry".into(), None));
    let views: Vec<String> = metadata.views().iter().map(|view| view.full_name().to_string()).collect();
    assert_eq!(views, ["audit.count", "information_schema.schemata", "third.count"]);
    assert_eq!(
        metadata.view(TableName::in_schema("audit", "count")).unwrap().definition.as_deref(),
        Some(
            r#"SELECT "entry"."id", count(*) FROM "entry" JOIN "audit"."entry" AS t1 ON t1."about_id" = "entry"."id" AND (t1."hidden" = 'f'::boolean) GROUP BY "entry"."id""#
        )
    );
}
