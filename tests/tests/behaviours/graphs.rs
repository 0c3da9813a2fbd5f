//! Many to many of a model with itself, two relations through one table, and collections as maps.

use orm_core::ErrorKind;
use orm_core::mapper::{Relation, arity};
use orm_core::prelude::*;
use orm_tests::models::network::{Base, Club, Follow, Membership, Person};

type People = Relation<Person, Person, arity::Many>;

/// Ann knows Bea, Bea knows Cem, Cem knows Ann.
async fn round(engine: &Engine) -> (Session, [Handle<Person>; 3]) {
    let mut session = engine.session();
    let all = ["Ann", "Bea", "Cem"].map(|name| session.add(Person::builder().name(name)));
    for (n, person) in all.iter().enumerate() {
        session[*person].friends.push(all[(n + 1) % 3]);
    }
    session.commit().await.unwrap();
    (session, all)
}

fn names(session: &Session, of: Handle<Person>) -> [String; 2] {
    let join = |relation: People| {
        session.at(of).related(relation).unwrap().map(|person| person.name.clone()).collect()
    };
    [join(Person::FRIENDS), join(Person::FRIEND_OF)]
}

async fn pairs(engine: &Engine) -> i64 {
    let sql = orm_core::sql::text("SELECT count(*) FROM friendship");
    engine.session().scalar::<i64>(sql).await.unwrap().unwrap()
}

#[orm_testkit::test(base = Base)]
async fn a_circle_of_friends_is_one_statement(engine: Engine) -> orm_core::Result<()> {
    let (session, [ann, bea, cem]) = round(&engine).await;
    assert_eq!(names(&session, ann), ["Bea", "Cem"]);
    assert_eq!(names(&session, bea), ["Cem", "Ann"]);
    assert_eq!(names(&session, cem), ["Ann", "Bea"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn one_direction_is_taken_out_and_the_other_stays(engine: Engine) -> orm_core::Result<()> {
    let (mut session, [ann, bea, _]) = round(&engine).await;
    session[bea].friends.push(ann);
    session.commit().await?;
    session[ann].friends.remove(bea);
    session.commit().await?;
    assert_eq!(names(&session, ann), ["", "CemBea"]);
    assert_eq!(names(&session, bea), ["CemAnn", ""]);
    assert_eq!(pairs(&engine).await, 3);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn both_directions_change_in_one_flush(engine: Engine) -> orm_core::Result<()> {
    let (mut session, [ann, bea, cem]) = round(&engine).await;
    session[ann].friends.remove(bea);
    session[ann].friend_of.push(bea);
    session[cem].friend_of.remove(bea);
    session[cem].friends.push(bea);
    assert_eq!(session.flush_plan()?.to_string(), "unlink 2 rows of friendship\nlink 2 rows of friendship");
    session.commit().await?;
    assert_eq!(names(&session, bea), ["Ann", "Cem"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn the_sides_of_one_pair_may_not_contradict(engine: Engine) -> orm_core::Result<()> {
    round(&engine).await;
    let mut session = engine.session();
    let [ann, cem] = [session.get_one::<Person>(1).await?, session.get_one::<Person>(3).await?];
    session[ann].friends.push(cem);
    session[cem].friend_of.remove(ann);
    let error = session.flush().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Contradiction);
    assert!(error.to_string().contains("Person(3) and Person(1) by \"friendship\""), "{error}");
    session[cem].friend_of.push(ann);
    session.commit().await?;
    assert_eq!(pairs(&engine).await, 4);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_graph_is_loaded_three_steps_deep(engine: Engine) -> orm_core::Result<()> {
    round(&engine).await;
    let mut session = engine.session();
    let path = Person::FRIENDS.then(Person::FRIENDS).then(Person::FRIENDS);
    let query = session.query::<Person>().filter(Person::NAME.eq("Ann")).with(path);
    let ann = query.one().await?;
    let mut at = session.at(ann);
    for name in ["Bea", "Cem", "Ann"] {
        at = at.related(Person::FRIENDS)?.next().unwrap();
        assert_eq!(at.name, name);
    }
    assert_eq!(at.handle(), ann, "one object a row");
    assert_eq!(session.objects::<Person>().count(), 3);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn conditions_follow_each_direction(engine: Engine) -> orm_core::Result<()> {
    round(&engine).await;
    let by = async |filter| engine.fetch_all(columns(Person::NAME).filter(filter)).await;
    assert_eq!(by(Person::FRIENDS.any(Person::NAME.eq("Bea"))).await?, ["Ann"]);
    assert_eq!(by(Person::FRIEND_OF.any(Person::NAME.eq("Bea"))).await?, ["Cem"]);
    let two_steps = Person::FRIEND_OF.any(Person::FRIEND_OF.any(Person::NAME.eq("Bea")));
    assert_eq!(by(two_steps).await?, ["Ann"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_rollback_restores_both_directions(engine: Engine) -> orm_core::Result<()> {
    let (mut session, [ann, bea, cem]) = round(&engine).await;
    session[ann].friends = [cem].into_iter().collect();
    session.flush().await?;
    assert_eq!(
        (names(&session, ann), names(&session, bea)),
        (["Cem", "Cem"].map(str::to_owned), ["Cem".into(), String::new()])
    );
    session.rollback().await?;
    assert_eq!(
        (names(&session, ann), names(&session, bea)),
        (["Bea", "Cem"].map(str::to_owned), ["Cem", "Ann"].map(str::to_owned))
    );
    assert_eq!(pairs(&engine).await, 3);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn all_of_a_circle_go_at_once(engine: Engine) -> orm_core::Result<()> {
    let (mut session, all) = round(&engine).await;
    for person in all {
        session.delete(person)?;
    }
    assert_eq!(session.flush_plan()?.to_string(), "delete 3 rows of person");
    session.commit().await?;
    assert_eq!(pairs(&engine).await, 0);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_association_object_shows_in_the_relations_through_its_table(
    engine: Engine,
) -> orm_core::Result<()> {
    let (mut session, [ann, bea, _]) = round(&engine).await;
    let follow = session.add(Follow::builder().follower(ann).followed(bea));
    session.commit().await?;
    let of = |session: &Session, who: Handle<Person>, relation: People| {
        session.at(who).related(relation).unwrap().len()
    };
    assert_eq!((of(&session, ann, Person::FOLLOWING), of(&session, bea, Person::FOLLOWERS)), (1, 1));
    assert_eq!((of(&session, bea, Person::FOLLOWING), of(&session, ann, Person::FOLLOWERS)), (0, 0));
    session.delete(follow)?;
    session.commit().await?;
    assert_eq!((of(&session, ann, Person::FOLLOWING), of(&session, bea, Person::FOLLOWERS)), (0, 0));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn two_relations_of_one_pair_are_two_things(engine: Engine) -> orm_core::Result<()> {
    let (mut session, [ann, bea, _]) = round(&engine).await;
    let chess = session.add(Club::builder().name("Chess").members([ann]).sponsors([ann, bea]));
    session.commit().await?;
    session[chess].sponsors.remove(ann);
    session.commit().await?;
    assert_eq!(session.at(ann).related(Person::CLUBS)?.len(), 1, "still a member");
    let rows = columns((Membership::PERSON_ID, Membership::SPONSOR_ID)).order_by(Membership::ID);
    assert_eq!(engine.fetch_all(rows).await?, [(Some(1), None), (None, Some(2))]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_map_is_made_of_what_its_members_hold_now(engine: Engine) -> orm_core::Result<()> {
    let (mut session, [ann, bea, _]) = round(&engine).await;
    session.add(Club::builder().name("Chess").members([ann, bea]));
    session.commit().await?;
    let chess = session.query::<Club>().with(Club::MEMBERS).one().await?;
    let members = session.at(chess).keyed(Club::MEMBERS, Person::NAME)?;
    assert!(members.keys().eq(["Ann", "Bea"]));
    session[bea].name = "Zoe".into();
    let members = session.at(chess).keyed(Club::MEMBERS, Person::NAME)?;
    assert_eq!(members["Zoe"].handle(), bea, "the key is what the member has now");
    let by_id = session.at(chess).keyed(Club::MEMBERS, Person::ID)?;
    assert_eq!(by_id[&1].name, "Ann");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_map_of_unwritten_members_lacks_their_generated_keys(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(Person::builder().name("Ann").friends([Person::builder().name("Bea")]));
    let error = session.at(ann).keyed(Person::FRIENDS, Person::ID).unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::Unset, Some("id")));
    session.flush().await?;
    assert_eq!(session.at(ann).keyed(Person::FRIENDS, Person::ID)?.len(), 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_replaced_key_is_written_and_taken_back(engine: Engine) -> orm_core::Result<()> {
    let (mut session, [ann, bea, _]) = round(&engine).await;
    let (new, old) =
        session.insert_keyed(ann, Person::FRIENDS, Person::NAME, Person::builder().name("Bea"))?;
    assert_eq!(old, Some(bea));
    assert_eq!(session.at(ann).keyed(Person::FRIENDS, Person::NAME)?["Bea"].handle(), new);
    assert_eq!(session.at(bea).related(Person::FRIEND_OF)?.len(), 0, "the other side knows");
    session.flush().await?;
    session.rollback().await?;
    assert_eq!(session.at(ann).keyed(Person::FRIENDS, Person::NAME)?["Bea"].handle(), bea);
    Ok(())
}
