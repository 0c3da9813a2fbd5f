//! Tenants with a schema each: the same models, tables and types of the same names.

use orm_core::prelude::*;
use orm_core::sql::TrustedSql;
use orm_core::sql::{quote, text};
use orm_testkit::TestDatabase;

mod models {
    use orm_core::prelude::*;

    orm_core::declarative_base!(pub(super) Base);

    #[derive(DbEnum, Clone, Copy, Debug, PartialEq, Eq)]
    #[db_enum(name = "room_state")]
    pub(super) enum State {
        Free,
        Taken,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base, table = "room")]
    pub(super) struct Room {
        #[model(primary_key)]
        pub(super) id: Auto<i64>,
        pub(super) name: String,
        pub(super) state: State,
        #[has_many(back_populates = "room")]
        pub(super) chairs: HasMany<Chair>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base, table = "chair")]
    pub(super) struct Chair {
        #[model(primary_key)]
        pub(super) id: Auto<i64>,
        pub(super) state: State,
        #[belongs_to]
        pub(super) room: BelongsTo<Room>,
    }
}
use models::{Base, Chair, Room, State};

const TENANTS: [&str; 2] = ["tenant 1", "x\"; DROP SCHEMA public; --"];

/// A database with a schema a tenant, and nothing in `public`.
async fn tenants() -> (TestDatabase, Engine) {
    let database = TestDatabase::create().await.unwrap();
    let engine = Engine::builder(database.url()).pool_size(2).connect().await.unwrap();
    for tenant in TENANTS {
        let schema = quote(tenant);
        // Other types come in between, so that the same name is another number in each schema.
        engine
            .execute_script(TrustedSql::new(format!(
                "CREATE SCHEMA {schema}; CREATE TYPE {schema}.other AS ENUM ()"
            )))
            .await
            .unwrap();
        let path = format!("-c search_path={}", schema.replace('\\', "\\\\").replace(' ', "\\ "));
        let options: String = path.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let joint = if database.url().contains('?') { '&' } else { '?' };
        let inside = Engine::connect(&format!("{}{joint}options={options}", database.url())).await.unwrap();
        Base::create_all(&inside).await.unwrap();
    }
    (database, engine)
}

fn of(engine: &Engine, tenant: &str) -> Session {
    let mut session = engine.session();
    session.search_path([tenant]).unwrap();
    session
}

async fn work(engine: Engine, tenant: &'static str) -> orm_core::Result<()> {
    for round in 0..30_usize {
        let mut session = of(&engine, tenant);
        let chairs = (0..3).map(|_| Chair::builder().state(State::Free));
        let room = session.add(Room::builder().name(tenant).state(State::Taken).chairs(chairs));
        session.commit().await?;
        assert_eq!(session[room].id, Auto::Set(round as i64 + 1), "each tenant has sequences of its own");
        let mut session = of(&engine, tenant);
        let rooms =
            session.query::<Room>().filter(Room::STATE.eq(State::Taken)).with(Room::CHAIRS).all().await?;
        assert_eq!(rooms.len(), round + 1);
        for room in rooms {
            assert_eq!(session[room].name, tenant);
            assert_eq!(session.at(room).related(Room::CHAIRS)?.len(), 3);
        }
        let free = session.query::<Chair>().filter(Chair::STATE.eq(State::Free));
        assert_eq!(free.set(Chair::STATE, State::Taken).update().await?, 3);
        session.commit().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tenants_share_connections_and_their_prepared_statements_are_kept_apart() {
    let (_database, engine) = tenants().await;
    let tasks: Vec<_> =
        TENANTS.map(|tenant| tokio::spawn(work(engine.clone(), tenant))).into_iter().collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    // Outside of a tenant's session there is no such table.
    let error = engine.count(select::<Room>()).await.unwrap_err();
    assert_eq!(error.code(), Some(&orm_core::error::SqlState::UNDEFINED_TABLE));
}

#[tokio::test]
async fn a_session_with_objects_keeps_its_schema() -> orm_core::Result<()> {
    let (_database, engine) = tenants().await;
    let mut session = of(&engine, TENANTS[0]);
    session.begin().await?;
    session.execute(text("INSERT INTO room (name, state) VALUES ('here', 'free')")).await?;
    session.search_path([TENANTS[1]])?;
    assert_eq!(session.query::<Room>().count().await?, 0);
    session.search_path([TENANTS[0]])?;
    let here = session.query::<Room>().one().await?;
    let error = session.search_path([TENANTS[1]]).unwrap_err();
    assert_eq!(error.kind(), orm_core::ErrorKind::WrongState);
    assert_eq!(
        error.to_string(),
        "the objects of this session are rows of another schema: take a new session, or `expunge_all()` first"
    );
    session.search_path([TENANTS[0]])?; // the same one is no change
    session.expunge(here)?;
    session.commit().await
}
