//! What spreads from owners to members, and which members are orphans.

use super::common::{customer, shop};
use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use orm_tests::models::houses::{Base, Guest, House, Letter, Room, Thing};
use orm_tests::models::{articles, books, keys};
use shop_models::models::{self, Cart, Customer};

fn house(name: &str) -> House {
    House::builder().name(name).build()
}

fn room(name: &str) -> Room {
    Room::builder().name(name).things([Thing::builder().name(format!("{name}'s"))]).build()
}

/// A house with two rooms, a thing in each, and a guest; and a session that knows none of it.
async fn start(engine: &Engine) -> orm_core::Result<Session> {
    let mut session = engine.session();
    session
        .add(House::builder().name("h").rooms([room("a"), room("b")]).guests([Guest::builder().name("g")]));
    session.commit().await?;
    Ok(engine.session())
}

/// The house with everything below it loaded, and its rooms.
async fn loaded(session: &mut Session) -> orm_core::Result<(Handle<House>, [Handle<Room>; 2])> {
    let house = session.get_one::<House>(1).await?;
    session.load(house, House::ROOMS.then(Room::THINGS)).await?;
    session.load(house, House::GUESTS).await?;
    let rooms: Vec<Handle<Room>> = session[house].rooms.handles().unwrap().collect();
    Ok((house, [rooms[0], rooms[1]]))
}

/// How many houses, rooms, things and guests there are.
async fn counts(engine: &Engine) -> orm_core::Result<[i64; 4]> {
    Ok([
        engine.count(select::<House>()).await?,
        engine.count(select::<Room>()).await?,
        engine.count(select::<Thing>()).await?,
        engine.count(select::<Guest>()).await?,
    ])
}

#[orm_testkit::test(base = Base)]
async fn a_new_object_brings_three_levels_along(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let house = session.add(House::builder().name("h").rooms([room("a"), room("b")]));
    assert_eq!(session.pending().count(), 5, "they are in the session at once");
    session.commit().await?;
    let names: Vec<String> = session
        .at(house)
        .related(House::ROOMS)?
        .flat_map(|room| room.related(Room::THINGS).unwrap().map(|thing| thing.name.clone()))
        .collect();
    assert_eq!(names, ["a's", "b's"]);
    assert_eq!(counts(&engine).await?, [1, 2, 2, 0]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_new_object_arrives_through_an_old_one(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let (_, rooms) = loaded(&mut session).await?;
    session[rooms[0]].things.push(Thing::builder().name("new"));
    session.commit().await?;
    assert_eq!(session.at(rooms[0]).related(Room::THINGS)?.len(), 2);
    assert_eq!(counts(&engine).await?, [1, 2, 3, 1]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn from_the_foreign_key_up_and_down_again(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let owner =
        Room::builder().name("r").house(House::builder().name("h").guests([Guest::builder().name("g")]));
    session.add(Thing::builder().name("t").room(owner));
    session.commit().await?;
    assert_eq!(counts(&engine).await?, [1, 1, 1, 1]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_deletion_reaches_three_levels_that_are_loaded(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let (house, _) = loaded(&mut session).await?;
    session.delete(house)?;
    assert_eq!(
        session.flush_plan()?.to_string(),
        "delete 2 rows of thing\ndelete 2 rows of room\ndelete 1 row of guest\ndelete 1 row of house"
    );
    session.commit().await?;
    assert_eq!(counts(&engine).await?, [0; 4]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_deletion_loads_the_levels_that_it_has_to_know(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let house = session.get_one::<House>(1).await?;
    session.delete(house)?;
    session.commit().await?;
    assert_eq!(counts(&engine).await?, [0; 4]);
    assert!(session.objects::<Thing>().next().is_none());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_orphan_takes_its_own_members_along(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let (house, rooms) = loaded(&mut session).await?;
    session[house].rooms.remove(rooms[0]);
    assert_eq!(session.flush_plan()?.to_string(), "delete 1 row of thing\ndelete 1 row of room");
    session.commit().await?;
    assert_eq!(counts(&engine).await?, [1, 1, 1, 1]);
    assert_eq!(session[house].rooms.handles().unwrap().collect::<Vec<_>>(), [rooms[1]]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_orphan_of_a_collection_that_is_not_loaded_goes_too(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let house = session.get_one::<House>(1).await?;
    let room = session.get_one::<Room>(2).await?;
    session[house].rooms.remove(room);
    session.commit().await?;
    assert_eq!(session.state(room)?, ObjectState::Deleted);
    assert_eq!(counts(&engine).await?, [1, 1, 1, 1]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn orphans_and_the_owner_that_they_left_go_together(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let (house, rooms) = loaded(&mut session).await?;
    session[house].rooms.remove(rooms[0]);
    session.delete(house)?;
    session.commit().await?;
    assert_eq!(counts(&engine).await?, [0; 4]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_member_without_delete_orphan_stays_without_its_owner(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let (house, _) = loaded(&mut session).await?;
    let guest = session[house].guests.handles().unwrap().next().unwrap();
    session[house].guests.remove(guest);
    assert_eq!(session.flush_plan()?.to_string(), "update 1 row of guest (house_id)");
    session.commit().await?;
    assert!(session[guest].house.is_none());
    session.delete(house)?;
    session.commit().await?;
    assert_eq!(counts(&engine).await?, [0, 0, 0, 1], "it left in time");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_member_that_is_taken_out_and_put_back_is_no_orphan(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let (house, rooms) = loaded(&mut session).await?;
    session[house].rooms.remove(rooms[0]);
    session[house].rooms.push(rooms[0]);
    assert!(session.flush_plan()?.is_empty());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_new_member_that_is_taken_out_again_is_not_inserted(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let h = session.add(House::builder().name("h").rooms([room("a")]));
    let room = session[h].rooms.handles().unwrap().next().unwrap();
    session[h].rooms.remove(room);
    session.commit().await?;
    assert_eq!(counts(&engine).await?, [1, 0, 0, 0]);
    assert_eq!(session.at(h).related(House::ROOMS)?.len(), 0);
    // Another owner may take it up in time.
    let [one, two] = [0, 1].map(|_| session.add(Room::builder().name("r")));
    session[h].rooms.extend([one, two]);
    session[h].rooms.remove(one);
    session[h].rooms.remove(two);
    session.add(House::builder().name("other").rooms([one]));
    session.commit().await?;
    assert_eq!((session.state(one)?, session.contains(two)), (ObjectState::Persistent, false));
    assert_eq!(counts(&engine).await?, [2, 1, 0, 0]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_member_that_never_had_an_owner_is_no_orphan(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let room = session.add(room("a"));
    session.commit().await?;
    assert_eq!(session.state(room)?, ObjectState::Persistent);
    assert_eq!(counts(&engine).await?, [0, 1, 1, 0]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_orphan_moves_to_another_owner_instead(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let (old, rooms) = loaded(&mut session).await?;
    let new = session.add(house("new"));
    session[old].rooms.remove(rooms[0]);
    session[new].rooms.push(rooms[0]);
    session.commit().await?;
    assert_eq!(session[rooms[0]].house.as_ref().and_then(BelongsTo::handle), Some(new));
    assert_eq!(counts(&engine).await?, [2, 2, 2, 1]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_whole_branch_moves_under_a_new_owner(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let (old, rooms) = loaded(&mut session).await?;
    session[old].rooms.remove(rooms[0]);
    session[old].rooms.remove(rooms[1]);
    let new = session.add(House::builder().name("new").rooms(rooms));
    session.delete(old)?;
    session.commit().await?;
    assert_eq!(session.at(new).related(House::ROOMS)?.len(), 2);
    assert_eq!(counts(&engine).await?, [1, 2, 2, 0]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_collection_that_is_replaced_orphans_what_is_not_in_the_new_one(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let (house, rooms) = loaded(&mut session).await?;
    session[house].rooms = [rooms[1]].into_iter().collect();
    session[house].rooms.push(room("c"));
    session.commit().await?;
    assert_eq!(session.state(rooms[0])?, ObjectState::Deleted);
    let names: Vec<String> = engine.fetch_all(columns(Room::NAME).order_by(Room::ID)).await?;
    assert_eq!(names, ["b", "c"]);
    assert_eq!(counts(&engine).await?, [1, 2, 2, 1]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_collection_that_is_replaced_unloaded_finds_its_old_members(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let house = session.get_one::<House>(1).await?;
    let kept = session.get_one::<Room>(2).await?;
    session[house].rooms = [kept].into_iter().collect();
    session[house].guests = HasMany::new();
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns(Room::NAME)).await?, ["b"]);
    assert_eq!(engine.fetch_all(columns(Guest::HOUSE_ID)).await?, [None], "guests may leave");
    assert_eq!(session.at(house).related(House::ROOMS)?.len(), 1);
    assert_eq!(counts(&engine).await?, [1, 1, 1, 1]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_replaced_collection_is_back_after_a_rollback(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let (house, rooms) = loaded(&mut session).await?;
    for flush in [false, true] {
        session[house].rooms = HasMany::new();
        if flush {
            session.flush().await?;
            assert_eq!(session.state(rooms[0])?, ObjectState::Deleted);
        }
        session.rollback().await?;
        assert_eq!(session[house].rooms.handles().unwrap().collect::<Vec<_>>(), rooms);
        assert!(session.flush_plan()?.is_empty());
    }
    // The same members, given anew, are no change.
    session[house].rooms = rooms.into_iter().collect();
    assert!(session.flush_plan()?.is_empty());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_deletion_takes_new_members_with_it(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let (house, rooms) = loaded(&mut session).await?;
    session[house].rooms.push(room("never"));
    session[rooms[0]].name = "never".into();
    session.delete(house)?;
    session.commit().await?;
    assert_eq!(counts(&engine).await?, [0; 4]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn of_two_owners_one_that_lets_go_makes_an_orphan(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [a, b] = ["a", "b"].map(|name| session.add(house(name)));
    let letters = ["1", "2"].map(|text| session.add(Letter::builder().text(text).sender(a).receiver(b)));
    session.commit().await?;
    session[a].sent.remove(letters[0]);
    session.commit().await?;
    assert_eq!(session.state(letters[0])?, ObjectState::Deleted);
    assert_eq!(session.at(b).related(House::RECEIVED)?.len(), 1, "the other owner knows");
    // Changing hands is not letting go.
    session[b].received.remove(letters[1]);
    session[a].received.push(letters[1]);
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns(Letter::RECEIVER_ID)).await?, [Some(1)]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn of_two_owners_one_is_enough_for_a_new_member(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let a = session.add(House::builder().name("a").sent([Letter::builder().text("1")]));
    session.commit().await?;
    let letter = session.at(a).related(House::SENT)?.next().unwrap().handle();
    assert!(session[letter].receiver.is_none());
    session.delete(a)?;
    session.commit().await?;
    assert_eq!(engine.count(select::<Letter>()).await?, 0);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn one_deletion_of_either_owner_takes_the_member(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [a, b] = ["a", "b"].map(|name| session.add(house(name)));
    session.add(Letter::builder().text("1").sender(a).receiver(b));
    session.commit().await?;
    let mut session = engine.session();
    let b = session.get_one::<House>(2).await?;
    session.delete(b)?;
    session.commit().await?;
    assert_eq!(engine.count(select::<Letter>()).await?, 0);
    assert_eq!(engine.fetch_all(columns(House::NAME)).await?, ["a"]);
    Ok(())
}

#[orm_testkit::test(base = books::Base)]
async fn a_foreign_key_that_is_pointed_elsewhere_leaves_its_old_target(
    engine: Engine,
) -> orm_core::Result<()> {
    use books::{Author, Book};
    let mut session = engine.session();
    let book = session.add(Book::builder().title("b").author(Author::builder().name("old")));
    session.commit().await?;
    session[book].author.set(Author::builder().name("new"));
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns(Author::NAME).order_by(Author::ID)).await?, ["old", "new"]);
    session.delete(book)?;
    session.commit().await?;
    assert_eq!(engine.count(select::<Author>()).await?, 2, "members do not delete their owners");
    Ok(())
}

#[orm_testkit::test(base = articles::Base)]
async fn association_cascades_add_and_never_delete(engine: Engine) -> orm_core::Result<()> {
    use articles::{Article, Tag};
    let mut session = engine.session();
    let article = session.add(
        Article::builder()
            .title("a")
            .tags([Tag::builder().word("x").articles([Article::builder().title("b")])]),
    );
    session.commit().await?;
    assert_eq!(engine.count(select::<Article>()).await?, 2, "through the tag to the other article");
    session.delete(article)?;
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns(Tag::WORD)).await?, ["x"]);
    assert_eq!(engine.fetch_all(columns(Article::TITLE)).await?, ["b"]);
    Ok(())
}

#[orm_testkit::test(base = keys::Base)]
async fn a_cascade_of_the_database_goes_through_keys_of_several_columns(
    engine: Engine,
) -> orm_core::Result<()> {
    use keys::{Course, Enrollment, Remark, Student};
    let mut session = engine.session();
    let course = session.add(Course::builder().code("c").title("t"));
    let enrollment = Enrollment::builder().course(course).remarks([Remark::builder().text("r")]);
    let student = session.add(Student::builder().name("s").enrollments([enrollment]));
    session.commit().await?;
    session.delete(student)?;
    session.commit().await?;
    assert_eq!(engine.count(select::<Remark>()).await?, 0);
    assert!(session.objects::<Remark>().next().is_none() && session.objects::<Enrollment>().next().is_none());
    assert!(session.contains(course));
    Ok(())
}

#[orm_testkit::test(base = models::Base)]
async fn members_that_the_database_deleted_are_gone_from_the_session(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let cart = session.get_one::<Cart>(2).await?;
    let ann = session.get_one::<Customer>(1).await?;
    session.delete(ann)?;
    session.commit().await?;
    assert_eq!(session.try_get(cart).unwrap_err().kind(), ErrorKind::Gone);
    assert_eq!(session.get::<Cart>(2).await?, None);
    Ok(())
}

#[orm_testkit::test(base = models::Base)]
async fn a_member_that_needs_an_owner_cannot_be_put_under_a_deleted_one(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [a, b] = ["a", "b"].map(|name| session.add(customer(name)));
    let cart = session.add(Cart::builder().customer(a));
    session.commit().await?;
    session.delete(b)?;
    session.commit().await?;
    session[cart].customer.set(b);
    let error = session.flush().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Gone, "{error}");
    session[cart].customer.set(a);
    session.commit().await?;
    assert_eq!(engine.count(select::<Cart>()).await?, 1);
    Ok(())
}
