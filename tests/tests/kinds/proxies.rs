//! Relations through the objects of an association model, and one table that two relations write.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use orm_tests::models::keywords::{Base, Keyword, Note, User, UserKeyword};

fn keyword(word: &str) -> Keyword {
    Keyword::builder().word(word).build()
}

/// Ann, who likes tea very much and coffee a bit; and a session that knows nothing of it.
async fn start(engine: &Engine) -> (Session, Handle<User>) {
    let mut session = engine.session();
    let [tea, coffee] = ["tea", "coffee"].map(|word| session.add(keyword(word)));
    let likes =
        [(tea, 9), (coffee, 2)].map(|(what, weight)| UserKeyword::builder().keyword(what).weight(weight));
    session.add(User::builder().name("Ann").user_keywords(likes));
    session.commit().await.unwrap();
    let mut session = engine.session();
    let ann = session.query::<User>().with(User::LIKED).one().await.unwrap();
    (session, ann)
}

fn liked(session: &Session, user: Handle<User>) -> Vec<String> {
    session.at(user).values(User::LIKED, Keyword::WORD).unwrap()
}

async fn rows(engine: &Engine) -> Vec<(i64, i32)> {
    let query = columns((UserKeyword::KEYWORD_ID, UserKeyword::WEIGHT)).order_by(UserKeyword::KEYWORD_ID);
    engine.fetch_all(query).await.unwrap()
}

#[orm_testkit::test(base = Base)]
async fn a_proxy_is_read_in_the_order_of_what_is_between(engine: Engine) -> orm_core::Result<()> {
    let (session, ann) = start(&engine).await;
    let words: Vec<&str> =
        session.at(ann).through(User::LIKED)?.map(|keyword| &keyword.get().word[..]).collect();
    assert_eq!(words, ["coffee", "tea"], "by weight");
    assert_eq!(liked(&session, ann), ["coffee", "tea"]);
    let mut other = engine.session();
    let ann = other.get_one::<User>(1).await?;
    let error = other.at(ann).through(User::LIKED).map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotLoaded);
    other.load(ann, User::USER_KEYWORDS).await?;
    assert_eq!(other.at(ann).through(User::LIKED).map(drop).unwrap_err().kind(), ErrorKind::NotLoaded);
    assert_eq!(other.load(ann, User::LIKED).await?.len(), 2);
    assert_eq!(format!("{:?}", User::LIKED), "User::user_keywords → UserKeyword::keyword");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_proxy_is_asked_like_a_relation(engine: Engine) -> orm_core::Result<()> {
    let (mut session, _) = start(&engine).await;
    session.add(User::builder().name("Bea"));
    session.commit().await?;
    let by = async |filter| engine.fetch_all(columns(User::NAME).filter(filter).order_by(User::ID)).await;
    assert_eq!(by(User::LIKED.any(Keyword::WORD.eq("tea"))).await?, ["Ann"]);
    assert_eq!(by(User::LIKED.any(Keyword::WORD.eq("milk"))).await?, [""; 0]);
    assert_eq!(by(User::LIKED.is_empty()).await?, ["Bea"]);
    assert_eq!(by(User::ALIKE.any(User::NAME.eq("Ann"))).await?, ["Ann"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn relations_to_many_go_through_relations_to_many(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [tea, milk] = ["tea", "milk"].map(|word| session.add(keyword(word)));
    let notes = [Note::builder().keywords([tea, milk]), Note::builder().keywords([tea])];
    session.add(User::builder().name("Ann").notes(notes));
    session.commit().await?;
    let mut session = engine.session();
    let ann = session.query::<User>().with(User::NOTED).one().await?;
    let words = session.at(ann).values(User::NOTED, Keyword::WORD)?;
    assert_eq!(words, ["milk", "tea", "tea"], "as often as it is there");
    assert_eq!(session.query::<User>().filter(User::NOTED.any(Keyword::WORD.eq("milk"))).count().await?, 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_proxy_is_written_by_a_function_that_makes_what_is_between(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann) = start(&engine).await;
    let like = |weight| move |what: Handle<Keyword>| UserKeyword::builder().keyword(what).weight(weight);
    let milk = session.link_through(ann, User::LIKED, keyword("milk"), like(5))?;
    assert_eq!(liked(&session, ann), ["coffee", "tea", "milk"], "at once");
    let what = session[milk].keyword.handle().unwrap();
    assert_eq!(session.link_through(ann, User::LIKED, what, like(7))?, milk, "it is there");
    session.commit().await?;
    assert_eq!(rows(&engine).await, [(1, 9), (2, 2), (3, 5)]);
    let tea = session.get_one::<Keyword>(1).await?;
    let gone = session.unlink_through(ann, User::LIKED, tea)?.unwrap();
    assert_eq!(liked(&session, ann), ["coffee", "milk"]);
    assert_eq!(session.unlink_through(ann, User::LIKED, tea)?, None);
    session.commit().await?;
    assert_eq!(session.state(gone)?, ObjectState::Deleted);
    assert_eq!(rows(&engine).await, [(2, 2), (3, 5)]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn one_table_that_two_relations_write_gets_each_row_once(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann) = start(&engine).await;
    session.load(ann, User::KEYWORDS).await?;
    let milk = session.add(keyword("milk"));
    session[ann].keywords.push(milk);
    session.link_through(ann, User::LIKED, milk, |milk| UserKeyword::builder().keyword(milk).weight(5))?;
    assert!(!session.flush_plan()?.to_string().contains("link"), "the object is the row");
    session.commit().await?;
    assert_eq!(rows(&engine).await, [(1, 9), (2, 2), (3, 5)]);
    assert_eq!(session.at(ann).related(User::KEYWORDS)?.len(), 3);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_member_that_leaves_takes_the_object_of_its_row_with_it(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann) = start(&engine).await;
    session.load(ann, User::KEYWORDS).await?;
    let tea = session.get_one::<Keyword>(1).await?;
    let row = session.get_one::<UserKeyword>((1, 1)).await?;
    session[ann].keywords.remove(tea);
    assert_eq!(session.flush_plan()?.to_string(), "delete 1 row of user_keyword");
    session.flush().await?;
    assert_eq!(session.state(row)?, ObjectState::Deleted);
    assert_eq!(liked(&session, ann), ["coffee"]);
    session.rollback().await?;
    assert_eq!(liked(&session, ann), ["coffee", "tea"]);
    session.unlink_through(ann, User::LIKED, tea)?;
    session[ann].keywords.remove(tea); // both ways
    session.commit().await?;
    assert_eq!(rows(&engine).await, [(2, 2)]);
    assert_eq!(session.at(ann).related(User::KEYWORDS)?.len(), 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_row_without_an_object_has_the_collection_of_objects_read_again(
    engine: Engine,
) -> orm_core::Result<()> {
    let (mut session, ann) = start(&engine).await;
    session[ann].keywords.push(keyword("milk"));
    session.commit().await?;
    assert!(!session[ann].user_keywords.is_loaded(), "nobody knows the object of the new row");
    session.load(ann, User::LIKED).await?;
    assert_eq!(liked(&session, ann), ["milk", "coffee", "tea"], "the weight is 1");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_path_may_begin_or_go_on_with_a_proxy(engine: Engine) -> orm_core::Result<()> {
    start(&engine).await;
    let mut session = engine.session();
    let paths =
        || (User::LIKED, User::LIKED.then(Keyword::USERS), User::USER_KEYWORDS.then(UserKeyword::USER));
    let ann = session.query::<User>().with(paths()).one().await?;
    orm_testkit::assert_queries!(session, 0, {
        let (keywords, users, back) = session.load(ann, paths()).await?;
        assert_eq!((keywords.len(), users, back), (2, vec![ann], vec![ann]));
        let json = session.at(ann).to_json(paths())?;
        assert_eq!(json["user_keywords"][1]["keyword"]["word"], "tea");
        assert_eq!(json["user_keywords"][1]["keyword"]["users"][0]["name"], "Ann");
    });
    let fans = Keyword::USER_KEYWORDS.proxy(UserKeyword::USER).then(User::LIKED);
    let keywords: Vec<Handle<Keyword>> = session.objects().collect();
    assert_eq!(session.load(keywords, fans).await?.len(), 2);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_is_new_is_linked_without_loading(engine: Engine) -> orm_core::Result<()> {
    start(&engine).await;
    let mut session = engine.session();
    let ann = session.get_one::<User>(1).await?;
    let like = |what: Handle<Keyword>| UserKeyword::builder().keyword(what).weight(5);
    let milk = session.link_through(ann, User::LIKED, keyword("milk"), like)?;
    let what = session[milk].keyword.handle().unwrap();
    assert_eq!(session.link_through(ann, User::LIKED, what, like)?, milk, "it is there");
    let gone = session.link_through(ann, User::LIKED, keyword("cocoa"), like)?;
    let cocoa = session[gone].keyword.handle().unwrap();
    assert_eq!(session.unlink_through(ann, User::LIKED, cocoa)?, Some(gone));
    assert!(!session[ann].user_keywords.is_loaded());
    session.commit().await?;
    assert_eq!(rows(&engine).await, [(1, 9), (2, 2), (3, 5)]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_foreign_key_tells_whom_the_object_between_leads_to(engine: Engine) -> orm_core::Result<()> {
    start(&engine).await;
    let mut session = engine.session();
    let ann = session.get_one::<User>(1).await?;
    let tea = session.get_one::<Keyword>(1).await?;
    let like = |what: Handle<Keyword>| UserKeyword::builder().keyword(what).weight(5);
    let error = session.link_through(ann, User::LIKED, tea, like).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotLoaded);
    assert_eq!(
        error.to_string(),
        "`user_keywords` of User(1) is not loaded: call `session.load(handle, User::USER_KEYWORDS).await?`, or \
         `.with(User::USER_KEYWORDS)` on the query"
    );
    assert_eq!(session.unlink_through(ann, User::LIKED, tea).unwrap_err().kind(), ErrorKind::NotLoaded);
    session.load(ann, User::USER_KEYWORDS).await?;
    let between = session.link_through(ann, User::LIKED, tea, like)?;
    assert_eq!((session.pending().count(), session[between].weight), (0, Auto::Set(9)));
    assert_eq!(session.unlink_through(ann, User::LIKED, tea)?, Some(between));
    let notes =
        session.link_through(ann, User::NOTED, tea, |tea| Note::builder().keywords([tea])).unwrap_err();
    assert_eq!((notes.kind(), session.pending().count()), (ErrorKind::NotLoaded, 0));
    Ok(())
}
