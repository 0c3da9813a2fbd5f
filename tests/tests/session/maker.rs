//! A factory of sessions: settings, transactions, closing them all.

use orm_core::prelude::*;
use orm_core::session::SessionMaker;
use orm_core::{ErrorKind, Isolation};
use shop_models::models::{Base, Customer, Product};
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

fn product(n: i64) -> Product {
    Product::builder().sku(format!("T-{n}")).title("Tea").price_cents(n).build()
}

#[derive(Clone, Debug, PartialEq)]
struct Tenant(i64);

#[orm_testkit::test(base = Base)]
async fn settings_reach_every_session_and_clones_share_them(engine: Engine) {
    let maker = SessionMaker::new(&engine).autoflush(false).info(Tenant(7)).info("a note");
    let clone = maker.clone();
    let mut session = clone.session();
    assert!(!session.autoflush());
    assert_eq!((session.info().get(), session.info().get()), (Some(&Tenant(7)), Some(&"a note")));
    assert!(format!("{:?}", session.info()).contains("Tenant"));
    session.info_mut().insert(Tenant(8));
    assert_eq!(clone.session().info().get(), Some(&Tenant(7)), "each session has its own copy");
    session.add(product(1));
    assert_eq!(session.query::<Product>().count().await.unwrap(), 0);

    maker.configure(|options| options.autoflush(true).info(Tenant(9)));
    assert!(clone.session().autoflush() && !session.autoflush(), "from now on");
    assert_eq!(clone.session().info().len(), 2);
    assert_eq!(clone.session().info().get(), Some(&Tenant(9)));
    assert!(!clone.session_with(|options| options.autoflush(false)).autoflush());
    assert_ne!(clone.session().id(), clone.session().id());
}

#[orm_testkit::test(base = Base)]
async fn transactions_begin_with_its_isolation(engine: Engine) {
    use orm_core::sql::text;
    let maker = SessionMaker::new(&engine).isolation(Isolation::RepeatableRead);
    let mut session = maker.session();
    session.begin().await.unwrap();
    let shown: Option<String> =
        session.scalar(text("SELECT current_setting('transaction_isolation')")).await.unwrap();
    assert_eq!(shown.as_deref(), Some("repeatable read"));
    let inside = maker
        .begin(async |mut session| {
            session.scalar::<String>(text("SELECT current_setting('transaction_isolation')")).await
        })
        .await;
    assert_eq!(inside.unwrap().as_deref(), Some("repeatable read"));
}

#[orm_testkit::test(base = Base)]
async fn it_is_shown_without_its_password(engine: Engine) {
    let secret = Engine::builder("postgresql://ann:secret@localhost/shop").build().unwrap();
    let maker = SessionMaker::new(&engine).expire_on_commit(true);
    maker.configure(|options| options.bind(&secret));
    let shown = "SessionMaker(bind=Engine(postgresql://ann:***@localhost/shop), autoflush=true, expire_on_commit=true)";
    assert_eq!((maker.to_string(), format!("{maker:?}")), (shown.to_owned(), shown.to_owned()));
}

#[derive(Debug)]
enum Refused {
    Orm(orm_core::Error),
    TooDear,
}

impl From<orm_core::Error> for Refused {
    fn from(error: orm_core::Error) -> Self {
        Self::Orm(error)
    }
}

#[orm_testkit::test(base = Base)]
async fn begin_commits_and_rolls_back(engine: Engine) {
    let maker = SessionMaker::new(&engine);
    let title = String::from("borrowed");
    let before = engine.statistics();
    let id = maker
        .begin(|mut session| {
            let title = &title;
            async move {
                let tea = session.add(Product { title: title.clone(), ..product(1) });
                session.flush().await?;
                Ok::<_, Refused>(session[tea].id)
            }
        })
        .await
        .unwrap();
    assert_eq!(id, Auto::Set(1));
    assert_eq!(engine.statistics().round_trips - before.round_trips, 2, "the flush, and COMMIT");

    let refused = maker
        .begin(async |mut session| {
            session.add(product(2));
            session.flush().await?;
            Err::<(), _>(Refused::TooDear)
        })
        .await;
    assert!(matches!(refused, Err(Refused::TooDear)));
    let refused = maker
        .begin(async |mut session| {
            session.add(product(1));
            Ok::<_, Refused>(())
        })
        .await;
    assert!(matches!(refused, Err(Refused::Orm(error)) if error.is_unique_violation()));
    assert_eq!(engine.fetch_all(columns(Product::TITLE)).await.unwrap(), ["borrowed"]);
}

#[orm_testkit::test(base = Base)]
async fn begin_rolls_back_after_a_panic_and_when_it_is_dropped(engine: Engine) {
    let maker = SessionMaker::new(&engine);
    let spawned = maker.clone();
    let panicked = tokio::spawn(async move {
        spawned
            .begin(async |mut session| {
                session.add(product(1));
                session.flush().await?;
                assert_eq!(session.query::<Product>().count().await?, 7, "panics");
                Ok::<_, orm_core::Error>(())
            })
            .await
    });
    assert!(panicked.await.unwrap_err().is_panic());
    {
        let mut dropped = pin!(maker.begin(async |mut session| {
            session.add(product(2));
            session.flush().await?;
            std::future::pending::<orm_core::Result<()>>().await
        }));
        // Polls until the row is written and the closure waits for nothing.
        while engine.statistics().statements == 0 || waiting(&engine).await == 0 {
            poll_fn(|cx| Poll::Ready(dropped.as_mut().poll(cx).is_ready())).await;
        }
    }
    assert_eq!(engine.count(select::<Product>()).await.unwrap(), 0);
    while waiting(&engine).await > 0 {
        tokio::task::yield_now().await;
    }
}

/// How many connections are idle in a transaction.
async fn waiting(engine: &Engine) -> i64 {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'";
    orm_core::sql::text(sql).scalar(engine).await.unwrap().unwrap()
}

#[orm_testkit::test(base = Base)]
async fn closed_sessions_roll_back_and_say_so(engine: Engine) {
    let maker = SessionMaker::new(&engine);
    let (mut writing, mut fresh, mut foreign) = (maker.session(), maker.clone().session(), engine.session());
    writing.add(product(1));
    writing.flush().await.unwrap();
    maker.close_all();
    for session in [&mut writing, &mut fresh] {
        assert!(!session.is_active());
        for _ in 0..2 {
            assert_eq!(session.query::<Product>().all().await.unwrap_err().kind(), ErrorKind::Closed);
        }
        session.add(product(2));
        assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::Closed);
        assert_eq!(session.begin().await.unwrap_err().kind(), ErrorKind::Closed);
        assert_eq!(session.connection().await.unwrap_err().kind(), ErrorKind::Closed);
        assert!(!session.in_transaction());
        session.rollback().await.unwrap();
    }
    assert_eq!(engine.count(select::<Product>()).await.unwrap(), 0);
    foreign.add(product(3));
    foreign.commit().await.unwrap();
    assert_eq!(maker.session().query::<Product>().count().await.unwrap(), 1, "new ones are open");
    assert_eq!(foreign.query::<Customer>().count().await.unwrap(), 0);
}
