//! What listeners hear, beyond `session::events`.

use super::common::{customer, names, product, shop};
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use orm_core::{Listeners, ScopedSession, SessionMaker};
use shop_models::models::{Base, Cart, Customer, Product};
use std::sync::{Arc, Mutex};

/// What listeners heard.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    fn put(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    /// What was heard since the last call.
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// Listeners that write down which states customers take.
    fn states(&self) -> Listeners {
        let heard = self.clone();
        Listeners::new().on_state(move |_: Handle<Customer>, from: ObjectState, to: ObjectState| {
            heard.put(format!("{from:?} → {to:?}"));
        })
    }

    /// Listeners that write down which products come from rows.
    fn rows(&self) -> Listeners {
        let (loaded, refreshed) = (self.clone(), self.clone());
        Listeners::new()
            .on_load(move |product: &mut Product| loaded.put(format!("loaded {}", product.sku)))
            .on_refresh(move |product: &mut Product| refreshed.put(format!("refreshed {}", product.sku)))
    }
}

#[orm_testkit::test(base = Base)]
async fn a_new_object_that_a_rollback_takes_back_is_transient(engine: Engine) -> orm_core::Result<()> {
    let heard = Heard::default();
    let mut session = engine.session();
    session.listen(&heard.states());
    session.add(customer("Ann"));
    session.rollback().await?;
    assert_eq!(heard.take(), ["Transient → Pending", "Pending → Transient"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_object_that_leaves_is_detached_whether_it_was_new_or_not(engine: Engine) -> orm_core::Result<()> {
    let heard = Heard::default();
    let mut session = shop(&engine).await?;
    session.listen(&heard.states());
    let (ann, bea) = (session.get_one::<Customer>(1).await?, session.add(customer("Bea")));
    session.expunge(bea)?;
    session.expunge(ann)?;
    assert_eq!(heard.take(), ["Transient → Pending", "Pending → Detached", "Persistent → Detached"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_update_changes_no_state(engine: Engine) -> orm_core::Result<()> {
    let heard = Heard::default();
    let mut session = engine.session();
    session.listen(&heard.states());
    let ann = session.add(customer("Ann"));
    session.flush().await?;
    assert_eq!(heard.take(), ["Transient → Pending", "Pending → Persistent"]);
    session[ann].age = Some(41);
    session.commit().await?;
    assert!(heard.take().is_empty());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_commit_tells_nothing_of_what_was_deleted_before_it(engine: Engine) -> orm_core::Result<()> {
    let heard = Heard::default();
    let mut session = shop(&engine).await?;
    let ann = session.get_one::<Customer>(1).await?;
    session.listen(&heard.states());
    session.delete(ann)?;
    session.flush().await?;
    assert_eq!(heard.take(), ["Persistent → Deleting", "Deleting → Deleted"]);
    session.commit().await?;
    assert!(heard.take().is_empty());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_deletion_that_is_taken_back_is_heard(engine: Engine) -> orm_core::Result<()> {
    let heard = Heard::default();
    let mut session = shop(&engine).await?;
    let ann = session.get_one::<Customer>(1).await?;
    session.listen(&heard.states());
    session.delete(ann)?;
    session.add_again(ann)?;
    assert_eq!(heard.take(), ["Persistent → Deleting", "Deleting → Persistent"]);
    session.delete(ann)?;
    session.flush().await?;
    session.rollback().await?;
    assert_eq!(heard.take(), ["Persistent → Deleting", "Deleting → Deleted", "Deleted → Persistent"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn the_handle_of_an_event_is_that_of_the_program(engine: Engine) -> orm_core::Result<()> {
    let told: Arc<Mutex<Vec<Handle<Customer>>>> = Arc::default();
    let (attached, stated) = (told.clone(), told.clone());
    let mut session = engine.session();
    session.listen(
        &Listeners::new()
            .after_attach(move |handle: Handle<Customer>, _| attached.lock().unwrap().push(handle))
            .on_state(move |handle: Handle<Customer>, _, _| stated.lock().unwrap().push(handle)),
    );
    let ann = session.add(customer("Ann"));
    session.commit().await?;
    assert_eq!(*told.lock().unwrap(), [ann, ann, ann]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_the_session_wrote_is_not_loaded(engine: Engine) -> orm_core::Result<()> {
    let heard = Heard::default();
    let mut session = engine.session();
    session.listen(&heard.rows());
    session.add(product(1));
    session.flush().await?;
    session.query::<Product>().one().await?;
    assert!(heard.take().is_empty());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn every_way_to_read_a_row_again_is_heard(engine: Engine) -> orm_core::Result<()> {
    let heard = Heard::default();
    shop(&engine).await?;
    let maker = SessionMaker::new(&engine).expire_on_commit(true).listen(&heard.rows());
    let mut session = maker.session();
    let tea = session.get_one::<Product>(1).await?;
    assert_eq!(heard.take(), ["loaded P-1"]);
    session.query::<Product>().one().await?;
    assert!(heard.take().is_empty(), "nothing was stale");
    session.query::<Product>().populate_existing().one().await?;
    assert_eq!(heard.take(), ["refreshed P-1"]);
    session.expire(tea)?;
    session.query::<Product>().one().await?;
    assert_eq!(heard.take(), ["refreshed P-1"]);
    session.commit().await?;
    session.get::<Product>(1).await?;
    assert_eq!(heard.take(), ["refreshed P-1"]);
    session.refresh(tea).await?;
    assert_eq!(heard.take(), ["refreshed P-1"]);
    session.merge(Product { id: Auto::Set(1), ..product(1) }).await?;
    assert!(heard.take().is_empty(), "a merge into what is here reads nothing");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn before_a_flush_the_session_tells_what_it_is_going_to_write(engine: Engine) -> orm_core::Result<()> {
    let heard = Heard::default();
    let told = heard.clone();
    let mut session = shop(&engine).await?;
    session.listen(&Listeners::new().before_flush(move |session| {
        let counts = (session.pending().count(), session.dirty().count(), session.deleted().count());
        told.put(format!("{counts:?}"));
        Ok(())
    }));
    let (ann, tea) = (session.get_one::<Customer>(1).await?, session.get_one::<Product>(1).await?);
    session[ann].age = Some(41);
    session.delete(tea)?;
    session.add_all(["Bea", "Cleo"].map(customer));
    session.commit().await?;
    assert_eq!(heard.take(), ["(2, 1, 1)"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn after_a_flush_keys_are_there_and_nothing_is_pending(engine: Engine) -> orm_core::Result<()> {
    let heard = Heard::default();
    let told = heard.clone();
    let mut session = engine.session();
    session.listen(&Listeners::new().after_flush(move |session, plan| {
        let ids = session.objects::<Customer>().filter(|ann| session[*ann].id.is_set()).count();
        told.put(format!(
            "{} pending, {ids} with a key, nothing: {}",
            session.pending().count(),
            plan.is_empty()
        ));
    }));
    session.add_all(["Ann", "Bea"].map(customer));
    session.flush().await?;
    assert_eq!(heard.take(), ["0 pending, 2 with a key, nothing: false"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn after_commit_and_rollback_the_values_are_those_of_then(engine: Engine) -> orm_core::Result<()> {
    let heard = Heard::default();
    let (committed, back) = (heard.clone(), heard.clone());
    let name = |session: &Session| session.objects::<Customer>().next().map(|ann| session[ann].name.clone());
    let mut session = engine.session();
    session.listen(
        &Listeners::new()
            .after_commit(move |session| committed.put(format!("committed {:?}", name(session))))
            .after_rollback(move |session| back.put(format!("back to {:?}", name(session)))),
    );
    let ann = session.add(customer("Ann"));
    session.commit().await?;
    session[ann].name = "Anna".into();
    session.flush().await?;
    session.rollback().await?;
    assert_eq!(heard.take(), ["committed Some(\"Ann\")", "back to Some(\"Ann\")"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_after_commit_adds_belongs_to_the_next_transaction(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.listen(&Listeners::new().after_commit(|session| {
        if session.len() == 1 {
            session.add(customer("Bea"));
        }
    }));
    session.add(customer("Ann"));
    session.commit().await?;
    assert_eq!((names(&engine).await?, session.pending().count()), (vec!["Ann".to_owned()], 1));
    session.commit().await?;
    assert_eq!(names(&engine).await?, ["Ann", "Bea"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn after_rollback_may_add_again_what_failed(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(customer("Ann"));
    session.commit().await?;
    session.listen(&Listeners::new().after_rollback(Session::add_all_again));
    let twin = session.add(customer("Ann"));
    assert!(session.commit().await.is_err());
    assert_eq!(session.state(twin)?, ObjectState::Pending, "the rollback comes with `rollback`");
    session.rollback().await?;
    assert_eq!(session.state(twin)?, ObjectState::Pending, "the listener added it again");
    session[twin].email = "other".into();
    session.commit().await?;
    assert_eq!(names(&engine).await?, ["Ann", "Ann"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn the_flush_of_a_commit_is_inside_of_its_transaction(engine: Engine) -> orm_core::Result<()> {
    let heard = Heard::default();
    let l: [Heard; 4] = std::array::from_fn(|_| heard.clone());
    let [begun, flush, flushed, committed] = l;
    let mut session = engine.session();
    session.listen(
        &Listeners::new()
            .after_begin(move |session| begun.put(format!("begun {}", session.in_transaction())))
            .before_flush(move |session| {
                flush.put(format!("flush {}", session.in_transaction()));
                Ok(())
            })
            .after_flush(move |_, _| flushed.put("flushed"))
            .after_commit(move |session| committed.put(format!("committed {}", session.in_transaction()))),
    );
    let ann = session.add(customer("Ann"));
    session.flush().await?;
    assert_eq!(heard.take(), ["flush false", "begun true", "flushed"]);
    session[ann].age = Some(41);
    session.commit().await?;
    assert_eq!(heard.take(), ["flush true", "flushed", "committed false"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn lending_the_connection_tells_of_the_transaction(engine: Engine) -> orm_core::Result<()> {
    let heard = Heard::default();
    let begun = heard.clone();
    let mut session = engine.session();
    session.listen(&Listeners::new().after_begin(move |_| begun.put("begun")));
    session.connection().await?;
    session.connection().await?;
    assert_eq!(heard.take(), ["begun"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_owner_whose_collection_alone_changed_is_not_updated(engine: Engine) -> orm_core::Result<()> {
    let heard = Heard::default();
    let (owner, member) = (heard.clone(), heard.clone());
    let mut session = shop(&engine).await?;
    session.listen(
        &Listeners::new()
            .before_update(move |_: &mut Customer| {
                owner.put("owner");
                Ok(())
            })
            .after_insert(move |_: &Cart| member.put("member")),
    );
    let ann = session.get_one::<Customer>(1).await?;
    session[ann].carts.push(Cart::builder());
    session.commit().await?;
    assert_eq!(heard.take(), ["member"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn members_that_go_with_their_owner_are_heard(engine: Engine) -> orm_core::Result<()> {
    let heard = Heard::default();
    let (before, after) = (heard.clone(), heard.clone());
    let mut session = shop(&engine).await?;
    session.listen(
        &Listeners::new()
            .before_delete(move |cart: &Cart| {
                before.put(format!("before {}", cart.id));
                Ok(())
            })
            .after_delete(move |cart: &Cart| after.put(format!("after {}", cart.id))),
    );
    let ann = session.query::<Customer>().with(Customer::CARTS).one().await?;
    session.delete(ann)?;
    session.commit().await?;
    let mut told = heard.take();
    told[..2].sort();
    told[2..].sort();
    assert_eq!(told, ["before 1", "before 2", "after 1", "after 2"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn the_sessions_of_scopes_are_heard(engine: Engine) -> orm_core::Result<()> {
    let heard = Heard::default();
    let committed = heard.clone();
    let listeners = Listeners::new().after_commit(move |session| committed.put(format!("{}", session.len())));
    let scoped = ScopedSession::new(SessionMaker::new(&engine).listen(&listeners));
    for count in 1..=2 {
        let work = scoped.scope(async {
            (0..count).for_each(|n| drop(scoped.add(product(10 * count + n))));
            scoped.commit().await
        });
        work.await?;
    }
    assert_eq!(heard.take(), ["1", "2"]);
    Ok(())
}
