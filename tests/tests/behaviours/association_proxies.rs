//! Relations through the objects of an association model.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::query::{Predicate, Proxy};
use orm_core::state::ObjectState;
use orm_tests::models::keywords::{Base, Keyword, Note, User, UserKeyword};

/// Who wrote what about a keyword.
const WRITTEN: Proxy<Keyword, User, Note> = Keyword::USERS.proxy(User::NOTES);
/// Who likes it, through the association objects.
const FANS: Proxy<Keyword, UserKeyword, User> = Keyword::USER_KEYWORDS.proxy(UserKeyword::USER);

/// Ann likes tea and coffee, Bea likes tea, Cem nothing; Ann wrote a note with a title and one without.
async fn start(engine: &Engine) -> Session {
    let mut session = engine.session();
    let [tea, coffee] = ["tea", "coffee"].map(|word| session.add(Keyword::builder().word(word)));
    let notes = [Note::builder().title("t").keywords([tea]), Note::builder()];
    session.add(User::builder().name("Ann").keywords([tea, coffee]).notes(notes));
    session.add(User::builder().name("Bea").keywords([tea]));
    session.add(User::builder().name("Cem"));
    session.commit().await.unwrap();
    engine.session()
}

fn like(what: Handle<Keyword>) -> UserKeyword {
    UserKeyword::builder().keyword(what).build()
}

async fn users(engine: &Engine, filter: Predicate<User>) -> String {
    let names: Vec<String> =
        engine.fetch_all(columns(User::NAME).filter(filter).order_by(User::ID)).await.unwrap();
    names.join(" ")
}

fn words(session: &Session, user: Handle<User>) -> Vec<String> {
    let mut words = session.at(user).values(User::LIKED, Keyword::WORD).unwrap();
    words.sort();
    words
}

async fn rows(engine: &Engine) -> Vec<(i64, i64)> {
    let query = columns((UserKeyword::USER_ID, UserKeyword::KEYWORD_ID));
    engine.fetch_all(query.order_by((UserKeyword::USER_ID, UserKeyword::KEYWORD_ID))).await.unwrap()
}

#[orm_testkit::test(base = Base)]
async fn a_condition_is_on_the_far_end(engine: Engine) {
    start(&engine).await;
    assert_eq!(users(&engine, User::LIKED.any(Keyword::WORD.eq("tea"))).await, "Ann Bea");
    assert_eq!(users(&engine, User::LIKED.any(Keyword::WORD.like("c%"))).await, "Ann");
    assert_eq!(users(&engine, User::LIKED.any(Keyword::WORD.in_any(["milk", "coffee"]))).await, "Ann");
}

#[orm_testkit::test(base = Base)]
async fn a_condition_is_negated_and_combined(engine: Engine) {
    start(&engine).await;
    let coffee = || User::LIKED.any(Keyword::WORD.eq("coffee"));
    assert_eq!(users(&engine, !coffee()).await, "Bea Cem");
    assert_eq!(users(&engine, !coffee() & !User::LIKED.is_empty()).await, "Bea");
    assert_eq!(users(&engine, coffee() | User::LIKED.is_empty()).await, "Ann Cem");
}

#[orm_testkit::test(base = Base)]
async fn an_object_is_among_them_by_its_key(engine: Engine) {
    let mut session = start(&engine).await;
    let coffee = session.query::<Keyword>().filter(Keyword::WORD.eq("coffee")).one().await.unwrap();
    let id = session[coffee].id.unwrap();
    assert_eq!(users(&engine, User::LIKED.any(Keyword::ID.eq(id))).await, "Ann");
    assert_eq!(users(&engine, !User::LIKED.any(Keyword::ID.eq(id))).await, "Bea Cem");
}

#[orm_testkit::test(base = Base)]
async fn conditions_are_chained_through_several_proxies(engine: Engine) {
    start(&engine).await;
    let with_bea = User::LIKED.any(FANS.any(User::NAME.eq("Bea")));
    assert_eq!(users(&engine, with_bea).await, "Ann Bea");
    let noted = User::LIKED.any(WRITTEN.any(Note::TITLE.eq("t")));
    assert_eq!(users(&engine, noted).await, "Ann Bea");
    let deep =
        User::LIKED.any(FANS.any(User::LIKED.any(Keyword::WORD.eq("coffee"))) & Keyword::WORD.eq("tea"));
    assert_eq!(users(&engine, deep).await, "Ann Bea");
}

#[orm_testkit::test(base = Base)]
async fn null_at_the_far_end_is_asked_for(engine: Engine) {
    start(&engine).await;
    let untitled = columns(Keyword::WORD).filter(WRITTEN.any(Note::TITLE.is_null())).order_by(Keyword::WORD);
    assert_eq!(engine.fetch_all(untitled).await.unwrap(), ["coffee", "tea"]);
    let titled = columns(Keyword::WORD).filter(WRITTEN.any(Note::TITLE.ne("t")));
    assert_eq!(engine.fetch_all(titled).await.unwrap(), [""; 0], "NULL is neither");
}

#[orm_testkit::test(base = Base)]
async fn values_leave_null_out(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await;
    let coffee = session.query::<Keyword>().filter(Keyword::WORD.eq("coffee")).with(WRITTEN).one().await?;
    assert_eq!(session.at(coffee).through(WRITTEN)?.len(), 2);
    assert_eq!(session.at(coffee).values(WRITTEN, Note::TITLE)?, ["t"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_query_loads_a_proxy_in_one_statement_a_relation(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await;
    let all = orm_testkit::assert_queries!(session, 3, {
        session.query::<User>().order_by(User::ID).with(User::LIKED).all().await?
    });
    let found: Vec<Vec<String>> = all.iter().map(|user| words(&session, *user)).collect();
    assert_eq!(found, [vec!["coffee", "tea"], vec!["tea"], vec![]]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_proxy_is_loaded_later_for_all_that_came_together(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await;
    let all = session.query::<User>().order_by(User::ID).all().await?;
    orm_testkit::assert_queries!(session, 2, {
        for user in &all {
            session.load(*user, User::LIKED).await?;
        }
    });
    assert_eq!(words(&session, all[1]), ["tea"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn the_far_end_is_walked_and_cut_like_any_iterator(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await;
    let ann = session.query::<User>().filter(User::NAME.eq("Ann")).with(User::LIKED).one().await?;
    let entity = session.at(ann);
    let mut all = entity.through(User::LIKED)?;
    assert_eq!(all.len(), 2);
    let first = all.next().unwrap();
    assert!(all.next().unwrap().word != first.word && all.next().is_none());
    assert_eq!(entity.through(User::LIKED)?.skip(1).count(), 1);
    let json = entity.to_json(User::LIKED)?;
    assert_eq!(json["user_keywords"].as_array().unwrap().len(), 2);
    assert!(json["user_keywords"][0]["keyword"]["word"].is_string());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_proxy_that_is_not_loaded_names_the_call(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await;
    let ann = session.get_one::<User>(1).await?;
    let known = session.get_one::<Keyword>(1).await?;
    let errors = [
        session.at(ann).values(User::LIKED, Keyword::WORD).map(drop).unwrap_err(),
        session.link_through(ann, User::LIKED, known, like).map(drop).unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::NotLoaded);
        assert!(error.to_string().contains("User::USER_KEYWORDS"), "{error}");
    }
    assert_eq!(session.pending().count(), 0, "nothing was added");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn both_ends_and_what_is_between_are_new(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(User::builder().name("Ann"));
    for word in ["a", "b", "c"] {
        session.link_through(ann, User::LIKED, Keyword::builder().word(word), like)?;
    }
    assert_eq!(words(&session, ann), ["a", "b", "c"], "before anything is written");
    session.commit().await?;
    assert_eq!(rows(&engine).await, [(1, 1), (1, 2), (1, 3)]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn the_far_end_knows_what_is_between(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(User::builder().name("Ann"));
    let tea = session.add(Keyword::builder().word("tea"));
    session.link_through(tea, FANS, ann, |who| UserKeyword::builder().user(who))?;
    assert_eq!(session.at(tea).values(FANS, User::NAME)?, ["Ann"]);
    session.commit().await?;
    assert_eq!(words(&session, ann), ["tea"]);
    assert_eq!(rows(&engine).await, [(1, 1)]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn all_are_replaced_and_those_that_stay_keep_their_row(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await;
    let ann = session.query::<User>().filter(User::NAME.eq("Ann")).with(User::LIKED).one().await?;
    engine.execute_script("UPDATE user_keyword SET weight = 9").await?;
    let wanted = [session.get_one::<Keyword>(1).await?, session.add(Keyword::builder().word("milk"))];
    let present: Vec<Handle<Keyword>> =
        session.at(ann).through(User::LIKED)?.map(|far| far.handle()).collect();
    for gone in present.iter().filter(|far| !wanted.contains(far)) {
        session.unlink_through(ann, User::LIKED, *gone)?;
    }
    for far in wanted {
        session.link_through(ann, User::LIKED, far, like)?;
    }
    session.commit().await?;
    let query = columns((UserKeyword::KEYWORD_ID, UserKeyword::WEIGHT)).filter(UserKeyword::USER_ID.eq(1));
    assert_eq!(engine.fetch_all(query.order_by(UserKeyword::KEYWORD_ID)).await?, [(1, 9), (3, 1)]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_is_taken_out_and_put_back_is_one_row(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await;
    let ann = session.query::<User>().filter(User::NAME.eq("Ann")).with(User::LIKED).one().await?;
    let tea = session.get_one::<Keyword>(1).await?;
    let old = session.unlink_through(ann, User::LIKED, tea)?.unwrap();
    let new = session.link_through(ann, User::LIKED, tea, like)?;
    session.commit().await?;
    assert_eq!((session.state(old)?, session.state(new)?), (ObjectState::Deleted, ObjectState::Persistent));
    assert_eq!(rows(&engine).await, [(1, 1), (1, 2), (2, 1)]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_is_between_stays_without_an_orphan_cascade(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await;
    let ann = session.query::<User>().filter(User::NAME.eq("Ann")).with(User::NOTED).one().await?;
    let tea = session.get_one::<Keyword>(1).await?;
    let note = session.unlink_through(ann, User::NOTED, tea)?.unwrap();
    assert!(session[note].user.is_none());
    session.commit().await?;
    assert_eq!(session.state(note)?, ObjectState::Persistent);
    assert_eq!(session.at(ann).through(User::NOTED)?.len(), 0);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_rollback_takes_back_what_was_written_through(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await;
    let ann = session.query::<User>().filter(User::NAME.eq("Ann")).with(User::LIKED).one().await?;
    let tea = session.get_one::<Keyword>(1).await?;
    for flushes in [false, true] {
        session.unlink_through(ann, User::LIKED, tea)?;
        session.link_through(ann, User::LIKED, Keyword::builder().word("milk"), like)?;
        assert_eq!(words(&session, ann), ["coffee", "milk"]);
        if flushes {
            session.flush().await?;
        }
        session.rollback().await?;
        assert_eq!(words(&session, ann), ["coffee", "tea"], "flushed: {flushes}");
    }
    assert_eq!(rows(&engine).await.len(), 3);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_far_end_that_is_deleted_is_left_out(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await;
    let ann = session.query::<User>().filter(User::NAME.eq("Ann")).with(User::LIKED).one().await?;
    let tea = session.get_one::<Keyword>(1).await?;
    session.delete(tea)?;
    session.commit().await?;
    assert_eq!(words(&session, ann), ["coffee"]);
    assert_eq!(rows(&engine).await, [(1, 2)], "its associations went with it");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_proxy_goes_through_a_relation_without_association_objects(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await;
    let ann = session.query::<User>().filter(User::NAME.eq("Ann")).with(User::ALIKE).one().await?;
    let mut names = session.at(ann).values(User::ALIKE, User::NAME)?;
    names.sort();
    assert_eq!(names, ["Ann", "Ann", "Bea"]);
    let bea = session.query::<User>().filter(User::NAME.eq("Bea")).one().await?;
    let cocoa =
        session.link_through(ann, Proxy::clone(&User::ALIKE), bea, |_| Keyword::builder().word("cocoa"))?;
    assert_ne!(session[cocoa].word, "cocoa", "tea connects them already");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn one_function_takes_any_proxy(engine: Engine) -> orm_core::Result<()> {
    fn count<M: Model, A: Model, T: Model>(entity: Entity<'_, M>, proxy: Proxy<M, A, T>) -> usize {
        entity.through(proxy).map_or(0, |all| all.len())
    }
    let mut session = start(&engine).await;
    let query = session.query::<User>().order_by(User::ID).with(User::LIKED).with(User::NOTED);
    let ann = query.limit(1).one().await?;
    assert_eq!((count(session.at(ann), User::LIKED), count(session.at(ann), User::NOTED)), (2, 1));
    Ok(())
}
