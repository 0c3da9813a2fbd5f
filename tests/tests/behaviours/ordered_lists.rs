//! Lists that number their members.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_tests::models::playlists::{Base, Playlist, Song};

fn song(title: &str) -> Song {
    Song::builder().title(title).build()
}

/// A list with a song a letter, loaded.
async fn list_of(engine: &Engine, titles: &str) -> (Session, Handle<Playlist>, Vec<Handle<Song>>) {
    let mut session = engine.session();
    let songs = titles.chars().map(|title| song(&title.to_string()));
    let list = session.add(Playlist::builder().name("p").songs(songs));
    session.commit().await.unwrap();
    let songs = session[list].songs.handles().unwrap().collect();
    (session, list, songs)
}

async fn stored(engine: &Engine) -> String {
    let query =
        columns((Song::TITLE, Song::POSITION)).order_by((Song::PLAYLIST_ID, Song::POSITION, Song::TITLE));
    let all: Vec<(String, i32)> = engine.fetch_all(query).await.unwrap();
    all.into_iter().map(|(title, at)| format!("{title}{at}")).collect::<Vec<_>>().join(" ")
}

#[orm_testkit::test(base = Base)]
async fn a_member_in_front_moves_all_others(engine: Engine) -> orm_core::Result<()> {
    let (mut session, list, _) = list_of(&engine, "abc").await;
    session[list].songs.insert_at(0, song("x"));
    session.commit().await?;
    assert_eq!(stored(&engine).await, "x0 a1 b2 c3");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn members_at_the_end_move_nobody(engine: Engine) -> orm_core::Result<()> {
    let (mut session, list, _) = list_of(&engine, "ab").await;
    session[list].songs.extend([song("c"), song("d")]);
    assert_eq!(
        session.flush_plan()?.to_string(),
        "insert 2 rows into song (title, position, encore, playlist_id, encore_of_id)"
    );
    session.commit().await?;
    assert_eq!(stored(&engine).await, "a0 b1 c2 d3");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn the_last_member_leaves_without_touching_others(engine: Engine) -> orm_core::Result<()> {
    let (mut session, list, songs) = list_of(&engine, "abc").await;
    session[list].songs.remove(songs[2]);
    assert_eq!(session.flush_plan()?.to_string(), "delete 1 row of song");
    session[list].songs.remove(songs[0]);
    assert_eq!(session.flush_plan()?.to_string(), "delete 2 rows of song\nupdate 1 row of song (position)");
    session.commit().await?;
    assert_eq!(stored(&engine).await, "b0");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_part_of_the_list_is_replaced(engine: Engine) -> orm_core::Result<()> {
    let (mut session, list, songs) = list_of(&engine, "abcd").await;
    session[list].songs.remove(songs[1]);
    session[list].songs.remove(songs[2]);
    session[list].songs.insert_at(1, song("x"));
    session[list].songs.insert_at(2, song("y"));
    session.commit().await?;
    assert_eq!(stored(&engine).await, "a0 x1 y2 d3");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_list_is_turned_round_by_one_update(engine: Engine) -> orm_core::Result<()> {
    let (mut session, list, songs) = list_of(&engine, "abcde").await;
    session[list].songs = songs.iter().rev().copied().collect();
    assert_eq!(session.flush_plan()?.to_string(), "update 4 rows of song (position)", "the middle stays");
    orm_testkit::assert_queries!(session, 1, { session.commit().await? });
    assert_eq!(stored(&engine).await, "e0 d1 c2 b3 a4");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_list_is_sorted_by_the_program(engine: Engine) -> orm_core::Result<()> {
    let (mut session, list, mut songs) = list_of(&engine, "cab").await;
    songs.sort_by_key(|song| session[*song].title.clone());
    for (place, song) in songs.iter().enumerate() {
        session[list].songs.move_to(place, *song);
    }
    session.commit().await?;
    assert_eq!(stored(&engine).await, "a0 b1 c2");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_member_that_is_there_already_stays_where_it_is(engine: Engine) -> orm_core::Result<()> {
    let (mut session, list, songs) = list_of(&engine, "abc").await;
    session[list].songs.push(songs[0]);
    assert!(session.flush_plan()?.is_empty());
    session[list].songs.remove(songs[0]);
    session[list].songs.push(songs[0]);
    session.commit().await?;
    assert_eq!(stored(&engine).await, "b0 c1 a2", "taken out and put in again it is the last");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_member_goes_from_one_list_to_another(engine: Engine) -> orm_core::Result<()> {
    let (mut session, first, songs) = list_of(&engine, "abc").await;
    let second = session.add(Playlist::builder().name("q").songs([song("x"), song("y")]));
    session.commit().await?;
    session.link(second, Playlist::SONGS, songs[0])?;
    session[second].songs.move_to(1, songs[0]);
    session.commit().await?;
    assert_eq!(stored(&engine).await, "b0 c1 x0 a1 y2");
    assert_eq!(session.at(first).related(Playlist::SONGS)?.len(), 2);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_foreign_key_alone_gives_no_place(engine: Engine) -> orm_core::Result<()> {
    let (mut session, list, _) = list_of(&engine, "ab").await;
    session.add(Song::builder().title("x").playlist(list));
    session.commit().await?;
    assert_eq!(stored(&engine).await, "x-1 a0 b1", "its place is what it says itself");
    session[list].songs.reorder();
    session.commit().await?;
    assert_eq!(stored(&engine).await, "a0 b1 x2");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn numbers_of_others_are_kept_until_the_list_changes(engine: Engine) -> orm_core::Result<()> {
    list_of(&engine, "abc").await;
    engine.execute_script("UPDATE song SET position = position * 10 + 5").await?;
    let mut session = engine.session();
    let list = session.query::<Playlist>().with(Playlist::SONGS).one().await?;
    session[list].name = "q".into();
    session.commit().await?;
    assert_eq!(stored(&engine).await, "a5 b15 c25");
    session[list].songs.insert_at(1, song("x"));
    session.commit().await?;
    assert_eq!(stored(&engine).await, "a0 x1 b2 c3");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_savepoint_takes_an_order_back(engine: Engine) -> orm_core::Result<()> {
    let (mut session, list, songs) = list_of(&engine, "abc").await;
    let mut nested = session.begin_nested().await?;
    nested[list].songs.move_to(0, songs[2]);
    nested.flush().await?;
    assert_eq!(nested[songs[2]].position, 0);
    nested.rollback().await?;
    assert_eq!(session[songs[2]].position, 2);
    assert!(session[list].songs.handles().unwrap().eq(songs.iter().copied()));
    session.commit().await?;
    assert_eq!(stored(&engine).await, "a0 b1 c2");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn lists_of_many_owners_are_numbered_by_one_statement(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let lists = session.add_all(
        (0..20)
            .map(|n| Playlist::builder().name("p").songs((0..3).map(move |m| song(&format!("{n:02}{m}"))))),
    );
    session.commit().await?;
    for list in &lists {
        let last = session[*list].songs.handles().unwrap().last().unwrap();
        session[*list].songs.move_to(0, last);
    }
    assert_eq!(session.flush_plan()?.to_string(), "update 60 rows of song (position)");
    orm_testkit::assert_queries!(session, 1, { session.commit().await? });
    let mut other = engine.session();
    let list = other.query::<Playlist>().order_by(Playlist::ID).limit(1).with(Playlist::SONGS).one().await?;
    let titles: Vec<&str> =
        other.at(list).related(Playlist::SONGS)?.map(|song| &song.get().title[..]).collect();
    assert_eq!(titles, ["002", "000", "001"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_list_goes_with_its_owner_unnumbered(engine: Engine) -> orm_core::Result<()> {
    let (mut session, list, songs) = list_of(&engine, "abc").await;
    session[list].songs.move_to(0, songs[2]);
    session.delete(list)?;
    let plan = session.flush_plan()?.to_string();
    assert!(!plan.contains("update"), "{plan}");
    session.commit().await?;
    assert_eq!(stored(&engine).await, "");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_member_that_is_deleted_closes_the_gap(engine: Engine) -> orm_core::Result<()> {
    let (mut session, list, songs) = list_of(&engine, "abcd").await;
    session.delete(songs[1])?;
    assert_eq!(session.flush_plan()?.to_string(), "delete 1 row of song\nupdate 2 rows of song (position)");
    session.commit().await?;
    assert_eq!(stored(&engine).await, "a0 c1 d2");
    session.delete(songs[3])?;
    assert_eq!(session.flush_plan()?.to_string(), "delete 1 row of song", "the last one moves nobody");
    session.commit().await?;
    assert!(session.flush_plan()?.is_empty());
    assert_eq!(session.load(list, Playlist::SONGS).await?, [songs[0], songs[2]]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_member_that_is_deleted_leaves_all_lists_in_which_it_stands(
    engine: Engine,
) -> orm_core::Result<()> {
    let (mut session, _, songs) = list_of(&engine, "abc").await;
    let encores = session.add(Playlist::builder().name("e"));
    session[encores].encores.extend([songs[0], songs[2]]);
    session.commit().await?;
    // Moved elsewhere and deleted all the same: its row was in the first list.
    session[songs[0]].playlist.set(encores);
    session.delete(songs[0])?;
    session.commit().await?;
    assert_eq!(stored(&engine).await, "b0 c1");
    assert_eq!(engine.fetch_all(columns(Song::ENCORE).order_by(Song::TITLE)).await?, [None, Some(0)]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_list_that_is_not_loaded_keeps_the_gap_until_it_changes(engine: Engine) -> orm_core::Result<()> {
    list_of(&engine, "abcd").await;
    let mut session = engine.session();
    let list = session.get_one::<Playlist>(1).await?;
    let b = session.get_one::<Song>("b").await?;
    session.delete(b)?;
    orm_testkit::assert_queries!(session, 1, { session.commit().await? });
    assert_eq!(stored(&engine).await, "a0 c2 d3");
    session[list].songs.push(song("e"));
    session.commit().await?;
    assert_eq!(stored(&engine).await, "a0 c1 d2 e3");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_deletion_that_is_taken_back_leaves_the_numbers(engine: Engine) -> orm_core::Result<()> {
    let (mut session, _, songs) = list_of(&engine, "abc").await;
    session.delete(songs[0])?;
    session.flush().await?;
    assert_eq!(session[songs[1]].position, 0);
    session.rollback().await?;
    assert_eq!(session[songs[1]].position, 1);
    // A flush that was refused numbered the others; after that the member is back.
    session.delete(songs[0])?;
    let lost = session.add(song("z"));
    assert_eq!(session.flush().await.unwrap_err().kind(), ErrorKind::Unset, "it has no list");
    session.expunge(lost)?;
    session.add_again(songs[0])?;
    session.commit().await?;
    assert_eq!(stored(&engine).await, "a0 b1 c2");
    let positions: Vec<i32> = songs.iter().map(|song| session[*song].position).collect();
    assert_eq!(positions, [0, 1, 2]);
    Ok(())
}
