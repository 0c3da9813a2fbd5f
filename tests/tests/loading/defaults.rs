//! What models say of how they are loaded.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_testkit::assert_queries;
use orm_tests::models::library::{Base, Book, Library, Reader, Shelf, Visit};

/// Two libraries with two shelves of three books each; on each shelf the third book is the volume after the second.
async fn libraries(engine: &Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    for name in ["north", "south"] {
        let library = session.add(Library::builder().name(name));
        session[library].readers.push(Reader::builder().name(format!("{name}er")));
        for _ in 0..2 {
            let shelf = session.add(Shelf::builder().library(library));
            session.add_all(["a", "b"].map(|title| Book::builder().title(title).shelf(shelf)));
            let second = session.add(Book::builder().title("c 1").shelf(shelf));
            session.add(Book::builder().title("c 2").shelf(shelf).previous(second));
        }
    }
    session.commit().await
}

#[orm_testkit::test(base = Base)]
async fn relations_come_as_their_models_say(engine: Engine) -> orm_core::Result<()> {
    libraries(&engine).await?;
    let mut session = engine.session();
    // The libraries with their shelves; the books of those.
    let all = assert_queries!(engine, 2, { session.query::<Library>().order_by(Library::ID).all().await? });
    for library in session.each(&all) {
        for shelf in library.related(Library::SHELVES)? {
            assert_eq!(shelf.related(Shelf::LIBRARY)?.handle(), library.handle());
            let books: Vec<Entity<'_, Book>> = shelf.related(Shelf::BOOKS)?.collect();
            assert_eq!(books.len(), 4);
            assert_eq!(books[3].related(Book::PREVIOUS)?.unwrap().title, "c 1");
        }
        assert_eq!(library.related(Library::READERS).unwrap_err().kind(), ErrorKind::NotLoaded);
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn circles_of_such_relations_end(engine: Engine) -> orm_core::Result<()> {
    libraries(&engine).await?;
    let mut session = engine.session();
    // The shelf, its library, its books; the other shelves of the library, their books.
    let shelf = session.get_one::<Shelf>(1).await?;
    assert_eq!(session.at(shelf).related(Shelf::LIBRARY)?.related(Library::SHELVES)?.len(), 2);
    assert_eq!(session.objects::<Book>().count(), 8);
    assert_eq!(session.objects::<Library>().count(), 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_row_of_references_to_the_same_model_is_followed_to_its_end(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = engine.session();
    let library = session.add(Library::builder().name("north"));
    let shelf = session.add(Shelf::builder().library(library));
    let mut last = session.add(Book::builder().title("0").shelf(shelf));
    for n in 1..5 {
        last = session.add(Book::builder().title(n.to_string()).shelf(shelf).previous(last));
    }
    session.commit().await?;
    let mut session = engine.session();
    let last = session.query::<Book>().filter(Book::TITLE.eq("4")).one().await?;
    let mut book = session.at(last);
    let mut titles = vec![book.title.clone()];
    while let Some(before) = book.related(Book::PREVIOUS)? {
        titles.push(before.title.clone());
        book = before;
    }
    assert_eq!(titles, ["4", "3", "2", "1", "0"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_path_says_otherwise_for_one_query(engine: Engine) -> orm_core::Result<()> {
    libraries(&engine).await?;
    let mut session = engine.session();
    let query = session.query::<Library>().with(Library::SHELVES.raise()).with(Library::READERS);
    let all = assert_queries!(engine, 2, { query.all().await? });
    assert_eq!(session.at(all[0]).related(Library::SHELVES).unwrap_err().kind(), ErrorKind::NotLoaded);
    assert_eq!(session.at(all[0]).related(Library::READERS)?.len(), 1);
    let mut session = engine.session();
    let query = session.query::<Library>().with(Library::SHELVES.select_in().then(Shelf::BOOKS.raise()));
    assert_queries!(engine, 2, { query.all().await? });
    assert_eq!(session.objects::<Book>().count(), 0);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_relation_of_queries_only_is_refused_to_load_by_itself(engine: Engine) -> orm_core::Result<()> {
    libraries(&engine).await?;
    let mut session = engine.session();
    let north = session.get_one::<Library>(1).await?;
    let error = session.load(north, Library::READERS).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LoadRefused);
    assert_eq!(
        error.to_string(),
        "`Library::READERS` is loaded by queries only: say `.with(Library::READERS)` there"
    );
    assert_eq!(session.load(north, Library::READERS.select_in()).await?.len(), 1, "said so, it is meant");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_is_not_loaded_names_a_call_that_is_allowed(engine: Engine) -> orm_core::Result<()> {
    libraries(&engine).await?;
    let mut session = engine.session();
    let query = session.query::<Library>().filter(Library::ID.eq(1)).with(Library::SHELVES.raise());
    let north = query.one().await?;
    let why = |error: orm_core::Error| error.to_string();
    assert_eq!(
        why(session.at(north).related(Library::READERS).unwrap_err()),
        "`readers` of Library(1) is not loaded: say `.with(Library::READERS)` on the query"
    );
    assert_eq!(
        why(session.at(north).related(Library::VISITS).unwrap_err()),
        "`visits` of Library(1) is not loaded: ask for its members with `session.related(handle, Library::VISITS)`"
    );
    session.load(north, Library::READERS.select_in()).await?;
    assert!(
        session.at(north).related(Library::SHELVES).is_err(),
        "only what is named, of objects that are there"
    );
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_write_only_collection_is_written_and_asked(engine: Engine) -> orm_core::Result<()> {
    libraries(&engine).await?;
    let mut session = engine.session();
    let north = session.get_one::<Library>(1).await?;
    session[north].visits.extend((1..=100).map(|minutes| Visit::builder().minutes(minutes)));
    session.commit().await?;
    for refused in [
        session.load(north, Library::VISITS).await.unwrap_err(),
        session.query::<Library>().with(Library::VISITS.joined()).all().await.unwrap_err(),
        session.query::<Shelf>().with(Shelf::LIBRARY.then(Library::VISITS)).all().await.unwrap_err(),
    ] {
        assert_eq!(refused.kind(), ErrorKind::LoadRefused);
        assert!(refused.to_string().contains("session.related(handle, Library::VISITS)"), "{refused}");
    }
    let long = session.related(north, Library::VISITS).filter(Visit::MINUTES.gt(90)).all().await?;
    assert_eq!(long.len(), 10);
    session[north].visits.remove(long[0]);
    assert!(session.commit().await.is_err(), "a visit is always somewhere");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn deleting_the_owner_of_a_write_only_collection_reads_none_of_it(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = engine.session();
    let visits = (1..=100).map(|minutes| Visit::builder().minutes(minutes));
    session.add(Library::builder().name("north").visits(visits));
    session.commit().await?;
    let mut session = engine.session();
    let north = session.get_one::<Library>(1).await?;
    session.delete(north)?;
    session.commit().await?;
    assert_eq!(engine.count(select::<Visit>()).await?, 0, "the database's ON DELETE");
    assert_eq!(session.objects::<Visit>().count(), 0);
    Ok(())
}

/// Models that have nothing in common.
#[derive(Polymorphic, Clone, Copy, Debug)]
enum Place {
    Library(Handle<Library>),
    Shelf(Handle<Shelf>),
}

#[orm_testkit::test(base = Base)]
async fn queries_of_several_models_load_what_their_models_say(engine: Engine) -> orm_core::Result<()> {
    libraries(&engine).await?;
    let mut session = engine.session();
    let before = engine.statistics();
    let libraries = select::<Library>().filter(Library::ID.eq(1)).order_by(Library::ID);
    let shelves = select::<Shelf>().with(Shelf::LIBRARY.joined()).with(Shelf::BOOKS.subquery());
    let found = session.all_kinds::<Place>((libraries, shelves)).await?;
    let [Place::Library(north), Place::Shelf(first), ..] = found[..] else { panic!("{found:?}") };
    assert_eq!(session[first].id, 1);
    // The library with its shelves, the shelves with their libraries, and the books of these: in one flight. Then the books of the
    // first, and the shelves of the other library.
    let after = engine.statistics();
    assert_eq!(
        (found.len(), session.objects::<Book>().count(), session.objects::<Shelf>().count()),
        (5, 16, 4)
    );
    for shelf in session.at(north).related(Library::SHELVES)? {
        assert_eq!(shelf.related(Shelf::BOOKS)?.len(), 4);
        assert_eq!(shelf.related(Shelf::LIBRARY)?.name, "north");
    }
    assert_eq!((after.round_trips - before.round_trips, after.statements - before.statements), (3, 5));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn queries_of_several_models_refuse_what_one_of_their_models_refuses(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = engine.session();
    let libraries = select::<Library>().with(Library::VISITS);
    let refused = session.all_kinds::<Place>((libraries, select())).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::LoadRefused);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_inner_join_of_one_of_several_models_leaves_its_owners_out(
    engine: Engine,
) -> orm_core::Result<()> {
    libraries(&engine).await?;
    let mut session = engine.session();
    session.add(Library::builder().name("empty"));
    let libraries = select::<Library>().with(Library::SHELVES.filter(Shelf::ID.le(2)).contains_eager());
    let found = session.all_kinds::<Place>((libraries, select::<Shelf>().limit(0))).await?;
    let [Place::Library(north)] = found[..] else { panic!("{found:?}") };
    assert_eq!(session.at(north).related(Library::SHELVES)?.len(), 2);
    Ok(())
}
