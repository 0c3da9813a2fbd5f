//! Collections as maps.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use orm_tests::models::keywords::{Base, Keyword, Note, User};
use orm_tests::models::playlists::{self, Playlist, Song};

fn song(title: &str) -> Song {
    Song::builder().title(title).build()
}

#[orm_testkit::test(base = playlists::Base)]
async fn members_are_found_under_the_value_of_a_column(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let list = session.add(Playlist::builder().name("p").songs(["b", "a"].map(song)));
    session.commit().await?;
    let by_title = session.at(list).keyed(Playlist::SONGS, Song::TITLE)?;
    assert!(by_title.keys().eq(["a", "b"]));
    assert_eq!((by_title["a"].position, by_title.get("c").map(|song| song.position)), (1, None));
    let by_position = session.at(list).keyed(Playlist::SONGS, Song::POSITION)?;
    assert_eq!(by_position[&0].title, "b");
    let mut other = engine.session();
    let list = other.get_one::<Playlist>(1).await?;
    let error = other.at(list).keyed(Playlist::SONGS, Song::TITLE).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotLoaded);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn two_members_of_one_key_and_one_without_are_errors(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let notes = [Note::builder().title("a"), Note::builder().title("a"), Note::builder()];
    let ann = session.add(User::builder().name("Ann").notes(notes));
    session.commit().await?;
    let error = session.at(ann).keyed(User::NOTES, Note::TITLE).unwrap_err();
    assert_eq!(
        (error.kind(), error.model(), error.column()),
        (ErrorKind::Contradiction, Some("Note"), Some("title"))
    );
    assert_eq!(
        error.to_string(),
        "Note(1) and Note(2) in `User::notes` of User(1) both have the `title` \"a\""
    );
    let second = session.get_one::<Note>(2).await?;
    session[second].title = Some("b".into());
    let error = session.at(ann).keyed(User::NOTES, Note::TITLE).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unset);
    assert_eq!(
        error.to_string(),
        "Note(3) in `User::notes` of User(1) has no `title` under which it could be found"
    );
    let third = session.get_one::<Note>(3).await?;
    session.unlink(ann, User::NOTES, third)?;
    assert_eq!(session.at(ann).keyed(User::NOTES, Note::TITLE)?.len(), 2);
    let error = session.insert_keyed(ann, User::NOTES, Note::TITLE, Note::builder()).unwrap_err();
    assert_eq!(error.to_string(), "a new `Note` has no `title` under which it could be put");
    assert_eq!(session.pending().count(), 0);
    Ok(())
}

#[orm_testkit::test(base = playlists::Base)]
async fn a_member_takes_the_place_of_one_with_its_key(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let list = session.add(Playlist::builder().name("p").songs(["a", "b"].map(song)));
    session.commit().await?;
    let at = |position| Song { position, ..song("c") };
    let (new, old) = session.insert_keyed(list, Playlist::SONGS, Song::POSITION, at(0))?;
    assert_eq!(session.at(list).keyed(Playlist::SONGS, Song::POSITION)?[&0].handle(), new);
    session.commit().await?;
    assert_eq!(session.state(old.unwrap())?, ObjectState::Deleted, "an orphan");
    let (same, none) = session.insert_keyed(list, Playlist::SONGS, Song::TITLE, new)?;
    assert_eq!((same, none), (new, None), "it is there");
    assert_eq!(session.remove_keyed(list, Playlist::SONGS, Song::TITLE, &"c".to_owned())?, Some(new));
    assert_eq!(session.remove_keyed(list, Playlist::SONGS, Song::TITLE, &"c".to_owned())?, None);
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns(Song::TITLE)).await?, ["b"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn associations_are_maps_as_well(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [tea, other_tea] = ["tea", "tea"].map(|word| session.add(Keyword::builder().word(word)));
    let ann = session.add(User::builder().name("Ann").keywords([tea]));
    session.commit().await?;
    let (new, old) = session.insert_keyed(ann, User::KEYWORDS, Keyword::WORD, other_tea)?;
    assert_eq!((new, old), (other_tea, Some(tea)));
    session.commit().await?;
    assert_eq!(session.load(ann, User::KEYWORDS).await?, [other_tea]);
    assert_eq!(session.state(tea)?, ObjectState::Persistent);
    Ok(())
}

#[orm_testkit::test(base = playlists::Base)]
async fn a_collection_that_is_not_loaded_names_the_call_and_takes_nothing(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(Playlist::builder().name("p").songs([song("a")]));
    session.commit().await?;
    let mut session = engine.session();
    let list = session.get_one::<Playlist>(1).await?;
    let error = session.insert_keyed(list, Playlist::SONGS, Song::TITLE, song("b")).unwrap_err();
    assert_eq!((error.kind(), session.pending().count()), (ErrorKind::NotLoaded, 0));
    assert!(error.to_string().contains("`session.load(handle, Playlist::SONGS).await?`"), "{error}");
    // One that is going to be deleted takes nobody's place.
    session.load(list, Playlist::SONGS).await?;
    let a = session[list].songs.handles().unwrap().next().unwrap();
    let free = session.add(Playlist::builder().name("q").songs([song("z")]));
    session.flush().await?;
    let goes = session[free].songs.handles().unwrap().next().unwrap();
    session.delete(goes)?;
    let error = session.insert_keyed(list, Playlist::SONGS, Song::POSITION, goes).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Gone);
    assert_eq!(session.load(list, Playlist::SONGS).await?, [a]);
    Ok(())
}
