//! Makers of sessions, and sessions of scopes.

use super::common::{customer, names, product, shop};
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use orm_core::{ErrorKind, ScopedSession, SessionMaker};
use shop_models::models::{Base, Cart, Customer, Product};

#[orm_testkit::test(base = Base)]
async fn a_maker_learns_its_engine_later(engine: Engine) -> orm_core::Result<()> {
    let nowhere = Engine::builder("postgresql://nobody@127.0.0.1:1/nothing").build()?;
    let maker = SessionMaker::new(&nowhere);
    let early = maker.session();
    maker.configure(|options| options.bind(&engine));
    assert_eq!(maker.get_bind().to_string(), engine.to_string());
    assert_eq!(early.get_bind().to_string(), nowhere.to_string(), "it was made before");
    let mut session = maker.session();
    session.add(customer("Ann"));
    session.commit().await?;
    assert_eq!(names(&engine).await?, ["Ann"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn the_sessions_of_a_maker_share_nothing_but_settings(engine: Engine) -> orm_core::Result<()> {
    let maker = SessionMaker::new(&engine);
    let (mut one, mut two) = (maker.session(), maker.session());
    let ann = one.add(customer("Ann"));
    assert!(!two.contains(ann));
    one.flush().await?;
    two.add(customer("Bea"));
    two.commit().await?;
    one.rollback().await?;
    assert_eq!(names(&engine).await?, ["Bea"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_block_gives_its_value_and_commits_what_was_not_flushed(engine: Engine) -> orm_core::Result<()> {
    let maker = SessionMaker::new(&engine);
    let name = maker.begin(async |mut session| {
        let ann = session.add(customer("Ann"));
        Ok::<_, orm_core::Error>(session[ann].name.clone())
    });
    assert_eq!(name.await?, "Ann");
    assert_eq!(names(&engine).await?, ["Ann"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn savepoints_inside_of_a_block_belong_to_it(engine: Engine) -> orm_core::Result<()> {
    let maker = SessionMaker::new(&engine);
    let block = maker.begin(async |mut session| {
        session.add(customer("Ann"));
        let mut nested = session.begin_nested().await?;
        nested.add(customer("Bea"));
        nested.rollback().await?;
        let mut nested = session.begin_nested().await?;
        nested.add(customer("Cleo"));
        nested.commit().await
    });
    block.await?;
    assert_eq!(names(&engine).await?, ["Ann", "Cleo"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_block_may_commit_by_itself_and_go_on(engine: Engine) -> orm_core::Result<()> {
    let maker = SessionMaker::new(&engine);
    let block = maker.begin(async |mut session| {
        session.add(customer("Ann"));
        session.commit().await?;
        session.add(customer("Bea"));
        session.flush().await?;
        session.rollback().await?;
        session.add(customer("Cleo"));
        Ok::<_, orm_core::Error>(())
    });
    block.await?;
    assert_eq!(names(&engine).await?, ["Ann", "Cleo"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn everybody_in_a_scope_has_one_session(engine: Engine) -> orm_core::Result<()> {
    async fn somewhere_else(scoped: &ScopedSession) -> orm_core::Result<Handle<Customer>> {
        scoped.add(customer("Ann"))
    }
    let scoped = ScopedSession::new(SessionMaker::new(&engine));
    let work = scoped.scope(async {
        let ann = somewhere_else(&scoped).await?;
        assert_eq!(scoped.session()?.state(ann)?, ObjectState::Pending);
        scoped.commit().await?;
        assert_eq!(scoped.get::<Customer>(1).await?, Some(ann));
        assert_eq!(scoped.query::<Customer>()?.one().await?, ann);
        scoped.session()?[ann].name = "Anna".into();
        scoped.commit().await
    });
    work.await?;
    assert_eq!(names(&engine).await?, ["Anna"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_scope_that_is_removed_drops_what_was_not_committed(engine: Engine) -> orm_core::Result<()> {
    let scoped = ScopedSession::new(SessionMaker::new(&engine));
    let work = scoped.scope(async {
        let ann = scoped.add(customer("Ann"))?;
        scoped.flush().await?;
        scoped.remove().await?;
        assert_eq!(scoped.session()?.try_get(ann).unwrap_err().kind(), ErrorKind::ForeignHandle);
        scoped.add(customer("Bea"))?;
        scoped.commit().await
    });
    work.await?;
    assert_eq!(names(&engine).await?, ["Bea"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn removing_a_scope_without_a_session_is_no_error(engine: Engine) -> orm_core::Result<()> {
    let scoped = ScopedSession::new(SessionMaker::new(&engine));
    let work = scoped.scope(async {
        assert!(!scoped.registry().has());
        scoped.remove().await?;
        scoped.remove().await
    });
    work.await
}

#[orm_testkit::test(base = Base)]
async fn the_members_of_a_scope_are_those_of_its_session(engine: Engine) -> orm_core::Result<()> {
    drop(shop(&engine).await?);
    let scoped = ScopedSession::new(SessionMaker::new(&engine));
    let work = scoped.scope(async {
        let ann = scoped.get_one::<Customer>(1).await?;
        assert_eq!(scoped.load(ann, Customer::CARTS).await?.len(), 2);
        scoped.session()?[ann].age = Some(41);
        assert!(scoped.is_modified(ann)?);
        scoped.expire(ann)?;
        scoped.refresh(ann).await?;
        assert_eq!(scoped.session()?[ann].age, None);
        let mut nested = scoped.begin_nested().await?;
        nested.delete(ann)?;
        nested.rollback().await?;
        let merged = scoped.merge(Product { id: Auto::Set(1), ..product(1) }).await?;
        assert_eq!(scoped.expunge(merged)?.sku, "P-1");
        scoped.expunge_all()?;
        assert!(scoped.identity_map()?.is_empty());
        scoped.rollback().await
    });
    work.await?;
    assert_eq!(engine.count(select::<Cart>()).await?, 2);
    Ok(())
}
