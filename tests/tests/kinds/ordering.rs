//! Lists whose order a column of their members holds.

use orm_core::ErrorKind;
use orm_core::mapper::DeclarativeBase;
use orm_core::prelude::*;
use orm_tests::models::playlists::{Base, Playlist, Song};

fn song(title: &str) -> Song {
    Song::builder().title(title).build()
}

/// A list of the songs a, b, c and d, and a session that knows nothing of it.
async fn start(engine: &Engine) -> (Session, Handle<Playlist>) {
    let mut session = engine.session();
    session.add(Playlist::builder().name("p").songs(["a", "b", "c", "d"].map(song)));
    session.commit().await.unwrap();
    let mut session = engine.session();
    let list = session.get_one::<Playlist>(1).await.unwrap();
    (session, list)
}

async fn stored(engine: &Engine) -> String {
    let query = columns((Song::TITLE, Song::POSITION)).order_by((Song::POSITION, Song::TITLE));
    let all: Vec<(String, i32)> = engine.fetch_all(query).await.unwrap();
    all.into_iter().map(|(title, at)| format!("{title}{at}")).collect::<Vec<_>>().join(" ")
}

fn shown(session: &Session, list: Handle<Playlist>) -> String {
    session.at(list).related(Playlist::SONGS).unwrap().map(|song| song.title.clone()).collect()
}

#[orm_testkit::test(base = Base)]
async fn members_are_numbered_as_they_stand(engine: Engine) {
    let (mut session, list) = start(&engine).await;
    assert_eq!(stored(&engine).await, "a0 b1 c2 d3");
    session.load(list, Playlist::SONGS).await.unwrap();
    assert_eq!(shown(&session, list), "abcd", "the order of the column is that of the list");
    let c = session.get_one::<Song>("c").await.unwrap();
    session[list].songs.move_to(0, c);
    assert_eq!(shown(&session, list), "cabd", "at once");
    assert_eq!(session.flush_plan().unwrap().to_string(), "update 3 rows of song (position)");
    session.commit().await.unwrap();
    assert_eq!(stored(&engine).await, "c0 a1 b2 d3");
}

#[orm_testkit::test(base = Base)]
async fn new_members_stand_where_they_are_put(engine: Engine) {
    let (mut session, list) = start(&engine).await;
    session.load(list, Playlist::SONGS).await.unwrap();
    let d = session.get_one::<Song>("d").await.unwrap();
    session[list].songs.insert_at(0, song("x"));
    session[list].songs.insert_at(1, d); // after x, which has no slot yet
    session[list].songs.push(song("y"));
    session[list].songs.insert_at(100, song("z"));
    session.commit().await.unwrap();
    assert_eq!(shown(&session, list), "xdabcyz");
    assert_eq!(stored(&engine).await, "x0 d1 a2 b3 c4 y5 z6");
    let mut new = Playlist::builder().name("q").songs([song("1"), song("2")]).build();
    new.songs.insert_at(0, song("0"));
    let new = session.add(new);
    assert_eq!(shown(&session, new), "012");
    session.commit().await.unwrap();
    assert_eq!(session.load(new, Playlist::SONGS).await.unwrap().len(), 3);
}

#[orm_testkit::test(base = Base)]
async fn a_member_that_leaves_or_is_replaced_closes_the_gap(engine: Engine) {
    let (mut session, list) = start(&engine).await;
    let songs = session.load(list, Playlist::SONGS).await.unwrap();
    session[list].songs.remove(songs[0]);
    session.commit().await.unwrap();
    assert_eq!(stored(&engine).await, "b0 c1 d2");
    session[list].songs = [songs[3], songs[1]].into_iter().collect();
    session.commit().await.unwrap();
    assert_eq!(stored(&engine).await, "d0 b1");
    session[list].songs = [songs[1], songs[3]].into_iter().collect(); // the same ones
    session.commit().await.unwrap();
    assert_eq!(stored(&engine).await, "b0 d1");
}

#[orm_testkit::test(base = Base)]
async fn what_is_not_loaded_is_loaded_by_the_flush(engine: Engine) {
    let (mut session, list) = start(&engine).await;
    let d = session.get_one::<Song>("d").await.unwrap();
    session[list].songs.insert_at(1, song("x"));
    session[list].songs.move_to(0, d);
    // SELECT, BEGIN, INSERT, one UPDATE, COMMIT
    orm_testkit::assert_queries!(session, 5, { session.commit().await.unwrap() });
    assert_eq!(stored(&engine).await, "d0 a1 x2 b3 c4");
    let mut other = engine.session();
    let list = other.get_one::<Playlist>(1).await.unwrap();
    other[list].songs = [song("only")].into_iter().collect();
    other.commit().await.unwrap();
    assert_eq!(stored(&engine).await, "only0");
}

#[orm_testkit::test(base = Base)]
async fn members_that_keep_their_places_are_not_written(engine: Engine) {
    let (mut session, list) = start(&engine).await;
    let songs = session.load(list, Playlist::SONGS).await.unwrap();
    session[list].songs.push(song("e"));
    assert_eq!(
        session.flush_plan().unwrap().to_string(),
        "insert 1 row into song (title, position, encore, playlist_id, encore_of_id)"
    );
    session.commit().await.unwrap();
    session[list].songs.move_to(2, songs[2]);
    session[list].songs.reorder();
    assert!(session.flush_plan().unwrap().is_empty());
    session.flush().await.unwrap();
    session[list].name = "q".into();
    session.commit().await.unwrap();
    assert_eq!(stored(&engine).await, "a0 b1 c2 d3 e4");
    engine.execute_script("UPDATE song SET position = position + 1").await.unwrap();
    session.expire_all();
    session.load(list, Playlist::SONGS).await.unwrap();
    session[list].songs.reorder();
    session.commit().await.unwrap();
    assert_eq!(stored(&engine).await, "a0 b1 c2 d3 e4");
}

#[orm_testkit::test(base = Base)]
async fn a_rollback_restores_order_and_numbers(engine: Engine) {
    let (mut session, list) = start(&engine).await;
    let songs = session.load(list, Playlist::SONGS).await.unwrap();
    for flushes in [false, true] {
        session[list].songs.move_to(0, songs[3]);
        if flushes {
            session.flush().await.unwrap();
        }
        session.rollback().await.unwrap();
        assert_eq!(shown(&session, list), "abcd", "flushed: {flushes}");
        assert_eq!(session[songs[3]].position, 3);
    }
    assert!(session.flush_plan().unwrap().is_empty());
}

#[orm_testkit::test(base = Base)]
async fn a_number_may_be_missing_and_of_another_width(engine: Engine) {
    let (mut session, list) = start(&engine).await;
    let songs = session.load(list, Playlist::SONGS).await.unwrap();
    session.load(list, Playlist::ENCORES).await.unwrap();
    session[list].encores.extend([songs[2], songs[0]]);
    session.link(songs[1], Song::ENCORE_OF, list).unwrap();
    session.commit().await.unwrap();
    let query =
        || columns((Song::TITLE, Song::ENCORE)).filter(Song::ENCORE.is_not_null()).order_by(Song::ENCORE);
    let found: Vec<(String, Option<i16>)> = engine.fetch_all(query()).await.unwrap();
    assert_eq!(found, [("c".into(), Some(0)), ("a".into(), Some(1)), ("b".into(), Some(2))]);
    session[list].encores.remove(songs[2]);
    session.commit().await.unwrap();
    assert_eq!(session[songs[2]].encore, Some(0), "what left keeps its number");
    assert_eq!(session[songs[1]].encore, Some(1));
}

/// Columns that cannot hold places.
mod wrong {
    macro_rules! base_with {
        ($module:ident: $column:literal) => {
            pub(crate) mod $module {
                use orm_core::prelude::*;
                orm_core::declarative_base!(pub(crate) Base);
                #[derive(Model, Clone, Debug)]
                #[model(base = Base)]
                pub(crate) struct List {
                    #[model(primary_key)]
                    id: Auto<i64>,
                    #[has_many(position = $column)]
                    items: HasMany<Item>,
                }
                #[derive(Model, Clone, Debug)]
                #[model(base = Base)]
                pub(crate) struct Item {
                    #[model(primary_key)]
                    id: Auto<i64>,
                    #[model(default = 0)]
                    position: i32,
                    name: String,
                    #[belongs_to]
                    list: BelongsTo<List>,
                }
            }
        };
    }
    base_with!(misspelt: "positoin");
    base_with!(text: "name");
    base_with!(key: "id");
}

#[test]
fn places_need_an_integer_column_of_the_members() {
    fn message<B: DeclarativeBase>() -> String {
        let error = B::metadata().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Mapping);
        error.to_string()
    }
    assert!(message::<wrong::misspelt::Base>().contains("\"positoin\""));
    for error in [message::<wrong::text::Base>(), message::<wrong::key::Base>()] {
        assert!(error.contains("`List::items`") && error.contains("no integer column of its own"), "{error}");
    }
}
