//! Settings of each transaction: row-level security sees them everywhere, and nobody else does.

use orm_core::ErrorKind;
use orm_core::error::SqlState;
use orm_core::prelude::*;
use orm_core::session::{SessionMaker, TransactionOptions};
use orm_core::sql::TrustedSql;
use orm_core::sql::text;
use orm_testkit::TestDatabase;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

mod models {
    use orm_core::prelude::*;

    orm_core::declarative_base!(pub(super) Base);

    #[derive(Model, Clone, Debug)]
    #[model(base = Base, table = "safe_folder")]
    pub(super) struct Folder {
        #[model(primary_key)]
        pub(super) id: Auto<i64>,
        pub(super) tenant: i32,
        pub(super) name: String,
        #[has_many(back_populates = "folder", cascade = "all, delete-orphan")]
        pub(super) papers: HasMany<Paper>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base, table = "safe_paper")]
    pub(super) struct Paper {
        #[model(primary_key)]
        pub(super) id: Auto<i64>,
        pub(super) tenant: i32,
        #[belongs_to(on_delete = "cascade")]
        pub(super) folder: BelongsTo<Folder>,
    }
}
use models::{Base, Folder, Paper};

/// A role that owns nothing, and so sees what the policies say.
fn role() -> String {
    format!("tenant_clerk_{}", std::process::id())
}

/// The database, and an engine of the role with one connection, so that everybody gets the same.
async fn secured() -> (TestDatabase, Engine, Engine) {
    let database = orm_testkit::database_of::<Base>().await.unwrap();
    let engine = Engine::connect(database.url()).await.unwrap();
    let role = role();
    let policy = "tenant = nullif(current_setting('app.tenant', true), '')::int";
    let mut script = format!(
        "DO $$ BEGIN CREATE ROLE {role} LOGIN PASSWORD 'pw';
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
         GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role};"
    );
    for table in ["safe_folder", "safe_paper"] {
        script += &format!(
            "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
             CREATE POLICY own ON {table} USING ({policy}) WITH CHECK ({policy});"
        );
    }
    engine.execute_script(TrustedSql::new(script.clone())).await.unwrap();
    let (start, rest) = database.url().split_once("//").unwrap();
    let host = rest.split_once('@').unwrap().1;
    let clerk = Engine::builder(&format!("{start}//{role}:pw@{host}")).pool_size(1).connect().await.unwrap();
    (database, engine, clerk)
}

fn of_tenant(engine: &Engine, tenant: i32) -> Session {
    let mut session = engine.session();
    session.set_local("app.tenant", tenant).unwrap();
    session
}

fn folder(tenant: i32, papers: usize) -> impl orm_core::mapper::IntoModel<Model = Folder> {
    let papers = (0..papers).map(|_| Paper::builder().tenant(tenant));
    Folder::builder().tenant(tenant).name(format!("of {tenant}")).papers(papers)
}

async fn two_tenants() -> (TestDatabase, Engine, Engine) {
    let all = secured().await;
    for tenant in [1, 2] {
        let mut session = of_tenant(&all.2, tenant);
        session.add(folder(tenant, 2));
        session.commit().await.unwrap();
    }
    assert_eq!(all.1.count(select::<Folder>()).await.unwrap(), 2, "the owner sees all");
    all
}

#[tokio::test]
async fn no_way_sees_rows_of_another_tenant() -> orm_core::Result<()> {
    let (_database, _, clerk) = two_tenants().await;
    let mut session = of_tenant(&clerk, 1);
    let own = session.query::<Folder>().with(Folder::PAPERS).one().await?;
    assert_eq!((session[own].tenant, session.at(own).related(Folder::PAPERS)?.len()), (1, 2));
    assert!(!session.in_transaction(), "reading leaves no transaction open");
    let theirs = || select::<Folder>().filter(Folder::TENANT.eq(2));
    assert!(session.all(theirs()).await?.is_empty());
    assert!(session.fetch_all(theirs()).await?.is_empty());
    assert!(session.page(theirs().page_after(None, 5)).await?.rows.is_empty());
    assert!(session.get::<Folder>(2).await?.is_none());
    assert_eq!(session.query::<Paper>().filter(Paper::FOLDER_ID.eq(2)).count().await?, 0);
    assert_eq!(
        session.scalar::<i64>(text("SELECT count(*) FROM safe_folder WHERE tenant = 2")).await?,
        Some(0)
    );
    session.refresh(own).await?;
    let papers = session.load(own, Folder::PAPERS.populate_existing()).await?;
    assert_eq!(papers.len(), 2);
    let mut rows = session.stream(select::<Paper>(), 10).await?;
    assert_eq!(rows.next().await?.map(|rows| rows.len()), Some(2));
    drop(rows);
    session.commit().await?;
    // Who says nothing, sees nothing: also on the connection that said something before.
    assert_eq!(clerk.count(select::<Folder>()).await?, 0);
    assert_eq!(clerk.session().query::<Folder>().count().await?, 0);
    Ok(())
}

#[tokio::test]
async fn no_way_writes_rows_of_another_tenant() -> orm_core::Result<()> {
    let (_database, engine, clerk) = two_tenants().await;
    let mut session = of_tenant(&clerk, 1);
    let theirs = || Folder::TENANT.eq(2);
    assert_eq!(session.query::<Folder>().filter(theirs()).set(Folder::NAME, "mine").update().await?, 0);
    assert_eq!(session.query::<Folder>().filter(theirs()).delete().await?, 0);
    session.rollback().await?;
    for papers in [0, 2] {
        session.add(folder(2, papers)); // one statement, or a graph
        let error = session.commit().await.unwrap_err();
        assert_eq!(error.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE));
        session.rollback().await?;
        session.expunge_all();
        assert_eq!(clerk.count(select::<Folder>()).await?, 0, "the connection has forgotten the tenant");
        assert_eq!(session.query::<Folder>().all().await?.len(), 1, "and the session has not");
    }
    let own = session.query::<Folder>().one().await?;
    session[own].tenant = 2;
    assert_eq!(session.commit().await.unwrap_err().code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE));
    session.rollback().await?;
    session[own].name = "renamed".into();
    session.commit().await?;
    let names = columns(Folder::NAME).order_by(Folder::ID);
    assert_eq!(engine.fetch_all(names).await?, ["renamed", "of 2"]);
    let before = clerk.statistics().round_trips;
    session.add(folder(1, 2));
    session.commit().await?;
    assert_eq!(
        clerk.statistics().round_trips - before,
        2,
        "what a policy refuses says nothing about sequences"
    );
    Ok(())
}

#[tokio::test]
async fn a_dropped_session_leaves_no_tenant_behind() -> orm_core::Result<()> {
    let (_database, _, clerk) = two_tenants().await;
    for dropped in 0..3 {
        let mut session = of_tenant(&clerk, 1);
        match dropped {
            0 => drop(session.query::<Folder>().all().await?),
            1 => session.begin().await?,
            _ => {
                session.add(folder(1, 0));
                session.flush().await?;
            }
        }
        drop(session);
        assert_eq!(clerk.count(select::<Folder>()).await?, 0);
    }
    Ok(())
}

#[tokio::test]
async fn settings_cost_no_round_trip_and_are_bound() -> orm_core::Result<()> {
    let (_database, _, clerk) = two_tenants().await;
    let sent = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&sent);
    let _watcher = clerk.on_send(move |text| log.lock().unwrap().push(text.to_owned()));
    let trips = async |work: &mut dyn FnMut() -> u64| clerk.statistics().round_trips - work();
    let before = clerk.statistics().round_trips;
    let mut session = of_tenant(&clerk, 1);
    session.set_local("app.note", "'); DROP TABLE safe_folder; --")?;
    session.query::<Folder>().all().await?;
    assert_eq!(trips(&mut || before).await, 1);
    let texts = std::mem::take(&mut *sent.lock().unwrap());
    let local = "SELECT set_config($1, $2, true), set_config($3, $4, true)";
    let select = "SELECT \"id\", \"tenant\", \"name\" FROM \"safe_folder\"";
    assert_eq!(texts, ["BEGIN", local, select, "COMMIT"]);
    let before = clerk.statistics().round_trips;
    session.add(folder(1, 0));
    session.commit().await?;
    assert_eq!(trips(&mut || before).await, 1, "one statement, with what belongs to it");
    let before = clerk.statistics().round_trips;
    session.add(folder(1, 3));
    session.commit().await?;
    assert_eq!(trips(&mut || before).await, 2, "a graph: keys, and all of it");
    Ok(())
}

#[tokio::test]
async fn a_setting_outlives_savepoints_and_rollbacks() -> orm_core::Result<()> {
    let (_database, _, clerk) = two_tenants().await;
    let mut session = of_tenant(&clerk, 1);
    session.begin().await?;
    let mut nested = session.begin_nested().await?;
    nested.set_local("app.tenant", 2)?;
    assert_eq!(nested.query::<Folder>().filter(Folder::TENANT.eq(2)).count().await?, 1);
    nested.add(folder(1, 0));
    nested.flush().await.unwrap_err();
    nested.rollback().await?;
    // The server took the setting back with the savepoint; the session has it made again.
    assert_eq!(session.query::<Folder>().filter(Folder::TENANT.eq(2)).count().await?, 1);
    assert_eq!(session.query::<Folder>().filter(Folder::TENANT.eq(1)).count().await?, 0);
    session.rollback().await?;
    assert_eq!(session.query::<Folder>().filter(Folder::TENANT.eq(2)).count().await?, 1);
    Ok(())
}

#[tokio::test]
async fn each_attempt_of_a_transaction_has_the_settings() -> orm_core::Result<()> {
    let (_database, _, clerk) = two_tenants().await;
    let tries = AtomicU32::new(0);
    let options = TransactionOptions::default().set_local("app.tenant", 2);
    let tenants = clerk.transaction_with(options, async |mut session| {
        let seen = session.fetch_all(columns(Folder::TENANT)).await?;
        if tries.fetch_add(1, Ordering::Relaxed) < 2 {
            session.execute(text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$")).await?;
        }
        Ok::<_, orm_core::Error>(seen)
    });
    assert_eq!(tenants.await?, [2]);
    assert_eq!(tries.load(Ordering::Relaxed), 3);
    let maker = SessionMaker::new(&clerk).set_local("app.tenant", 1);
    assert_eq!(maker.begin(async |mut session| session.fetch_all(columns(Folder::TENANT)).await).await?, [1]);
    assert_eq!(maker.session().query::<Folder>().count().await?, 1);
    Ok(())
}

#[tokio::test]
async fn an_owner_takes_a_role_for_its_transactions() -> orm_core::Result<()> {
    let (_database, engine, _) = two_tenants().await;
    let mut session = of_tenant(&engine, 2);
    assert_eq!(session.query::<Folder>().count().await?, 2, "an owner sees all");
    session.set_local("role", role())?;
    assert_eq!(session.query::<Folder>().count().await?, 1);
    assert_eq!(session.without_criteria().query::<Folder>().count().await?, 1, "criteria are another thing");
    assert_eq!(engine.count(select::<Folder>()).await?, 2);
    Ok(())
}

#[tokio::test]
async fn a_name_that_no_setting_has_is_told_before_anything_is_sent() -> orm_core::Result<()> {
    let (_database, _, clerk) = secured().await;
    let sent = clerk.statistics().statements;
    let mut session = clerk.session();
    for name in ["", "app tenant", "app.", "7", "a'b", "app.tenant; DROP TABLE safe_folder"] {
        let error = session.set_local(name, 1).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{name}");
        let mut made = SessionMaker::new(&clerk).set_local(name, 1).session();
        let error = made.query::<Folder>().all().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encode);
        assert!(error.to_string().contains("is no name of a setting"), "{error}");
    }
    assert_eq!(session.set_local("app.tenant", "a\0b").unwrap_err().kind(), ErrorKind::Config);
    assert_eq!(clerk.statistics().statements, sent);
    Ok(())
}
