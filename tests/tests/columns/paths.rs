//! Which deferred columns the members of a relation are read with.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::query::{Group, Path};
use orm_testkit::assert_queries;
use orm_tests::models::volumes::{Base, Chapter, Reader, Volume};

/// Two readers of both of two books, of three chapters each.
async fn library(engine: &Engine) -> orm_core::Result<Session> {
    let mut session = engine.session();
    let books = ["Tea", "Coffee"].map(|title| {
        let chapters = ["One", "Two", "Three"].map(|text| Chapter::builder().text(text));
        let book = Volume::builder().title(title).blurb(format!("About {title}")).cover(vec![1]).note("lent");
        session.add(book.chapters(chapters))
    });
    session.add_all(["Ann", "Bea"].map(|name| Reader::builder().name(name).volumes(books)));
    session.commit().await?;
    Ok(engine.session())
}

/// The ways in which a query brings members along.
fn ways<M: Model, T: Model>(path: impl Fn() -> Path<M, T>) -> [Path<M, T>; 5] {
    [path(), path().select_in(), path().joined(), path().subquery(), path().contains_eager()]
}

#[orm_testkit::test(base = Base)]
async fn every_strategy_reads_the_columns_of_many_members(engine: Engine) -> orm_core::Result<()> {
    library(&engine).await?;
    for (n, way) in ways(|| Volume::CHAPTERS.undefer(Chapter::TEXT)).into_iter().enumerate() {
        let mut session = engine.session();
        let sent = if matches!(n, 2 | 4) { 1 } else { 2 };
        let books =
            assert_queries!(session, sent, { session.query::<Volume>().with(way.clone()).all().await? });
        for book in session.each(&books) {
            let texts =
                book.related(Volume::CHAPTERS)?.map(|chapter| Chapter::TEXT.of(chapter.get()).cloned());
            assert_eq!(texts.collect::<orm_core::Result<Vec<_>>>()?, ["One", "Two", "Three"], "{way:?}");
        }
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn every_strategy_reads_the_columns_of_a_reference(engine: Engine) -> orm_core::Result<()> {
    library(&engine).await?;
    for way in ways(|| Chapter::VOLUME.undefer(Volume::BLURB).undefer_group("media").defer(Volume::NOTE)) {
        let mut session = engine.session();
        let query = session.query::<Chapter>().order_by(Chapter::ID).offset(2).limit(2);
        let chapters = assert_queries!(engine, ..=2, { query.with(way.clone()).all().await? });
        let books = chapters.iter().map(|chapter| session.at(*chapter).related(Chapter::VOLUME));
        let books = books.collect::<orm_core::Result<Vec<_>>>()?;
        let blurbs = books.iter().map(|book| Volume::BLURB.of(book).map(|text| &text[..]));
        assert_eq!(blurbs.collect::<orm_core::Result<Vec<_>>>()?, ["About Tea", "About Coffee"], "{way:?}");
        assert!(books.iter().all(|book| Volume::COVER.of(book).unwrap().is_some() && book.sound.is_loaded()));
        assert!(books.iter().all(|book| !book.note.is_loaded() && !book.bought_at.is_loaded()));
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn every_strategy_reads_the_columns_of_the_last_step(engine: Engine) -> orm_core::Result<()> {
    library(&engine).await?;
    let volumes = [
        Reader::VOLUMES.select_in(),
        Reader::VOLUMES.joined(),
        Reader::VOLUMES.subquery(),
        Reader::VOLUMES.order_by(Volume::ID.desc()).limit(1),
        Reader::VOLUMES.order_by(Volume::ID.desc()).limit(1).joined(),
        Reader::VOLUMES.order_by(Volume::ID.desc()).limit(1).subquery(),
    ];
    for first in volumes {
        for last in ways(|| Volume::CHAPTERS.load_only(Chapter::TEXT).order_by(Chapter::ID.desc()).limit(1)) {
            let mut session = engine.session();
            let path = first.clone().then(last);
            let readers = session.query::<Reader>().with(path.clone()).all().await?;
            assert_eq!(readers.len(), 2);
            for reader in session.each(&readers) {
                let book = reader.related(Reader::VOLUMES)?.next_back().unwrap();
                assert!(!book.blurb.is_loaded() && book.note.is_loaded(), "{path:?}");
                let chapter = book.related(Volume::CHAPTERS)?.next().unwrap();
                assert_eq!(Chapter::TEXT.of(&chapter)?, "Three", "{path:?}");
            }
        }
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn members_that_were_read_without_columns_get_them_in_one_statement(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let books = session.query::<Volume>().with(Volume::CHAPTERS).all().await?;
    for book in &books {
        // The first round reads the texts of all chapters that came with these.
        let sent = u64::from(book == &books[0]);
        let path = Volume::CHAPTERS.undefer(Chapter::TEXT);
        let chapters = assert_queries!(session, sent, { session.load(*book, path).await? });
        assert_eq!(Chapter::TEXT.of(&session[chapters[1]])?, "Two");
    }
    let path = || Volume::CHAPTERS.undefer(Chapter::TEXT);
    assert_queries!(session, 1, { session.query::<Volume>().with(path()).all().await? });

    let mut session = engine.session();
    let books = session.query::<Volume>().with(Volume::CHAPTERS).all().await?;
    let chapters = assert_queries!(session, 1, { session.load([books[0]], path()).await? });
    assert!(chapters.iter().all(|chapter| session[*chapter].text.is_loaded()));
    let others = session.load([books[1]], Volume::CHAPTERS).await?;
    assert!(
        others.iter().all(|chapter| !session[*chapter].text.is_loaded()),
        "a list is about its objects alone"
    );
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_target_that_the_session_has_gets_the_columns_of_a_path(engine: Engine) -> orm_core::Result<()> {
    for way in ways(|| Chapter::VOLUME.undefer(Volume::BLURB)) {
        let mut session = match engine.count(select::<Volume>()).await? {
            0 => library(&engine).await?,
            _ => engine.session(),
        };
        let book = session.get_one::<Volume>(1).await?;
        session[book].note = Some("mine".to_owned()).into();
        let mut quiet = session.no_autoflush();
        quiet.query::<Chapter>().with(way.clone()).all().await?;
        assert_eq!(Volume::BLURB.of(&quiet[book])?, "About Tea", "{way:?}");
        assert_eq!(Volume::NOTE.of(&quiet[book])?, Some(&"mine".to_owned()), "what was set stays");
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn two_paths_along_a_relation_read_what_either_says(engine: Engine) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let query = session.query::<Chapter>().with(Chapter::VOLUME.load_only(Volume::BLURB));
    let chapter = query.with(Chapter::VOLUME.load_only(Group("media"))).first().await?.unwrap();
    let book = session.at(chapter).related(Chapter::VOLUME)?;
    assert!(book.blurb.is_loaded() && book.cover.is_loaded() && !book.note.is_loaded());

    let mut session = engine.session();
    let query = session.query::<Chapter>().with(Chapter::VOLUME.undefer(Volume::BLURB));
    let chapter = query.with(Chapter::VOLUME.then(Volume::CHAPTERS)).first().await?.unwrap();
    let book = session.at(chapter).related(Chapter::VOLUME)?;
    assert!(book.blurb.is_loaded() && book.related(Volume::CHAPTERS)?.len() == 3);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_unknown_group_of_a_path_is_told_and_nothing_is_sent(engine: Engine) -> orm_core::Result<()> {
    let mut session = library(&engine).await?;
    let path = || Chapter::VOLUME.undefer_group("meida");
    assert_queries!(engine, 0, {
        let error = session.query::<Chapter>().with(path()).all().await.unwrap_err();
        assert_eq!((error.kind(), error.model()), (ErrorKind::Mapping, Some("Volume")));
        assert_eq!(error.to_string(), "`Volume` has no group \"meida\" of deferred columns; it has: media");
        let error = session.query::<Chapter>().with(path()).count().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Mapping);
    });
    Ok(())
}
