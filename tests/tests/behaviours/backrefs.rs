//! What one side of a relation says, the other side shows: with the flush, or at once.

use orm_core::ErrorKind;
use orm_core::mapper::{Relation, arity};
use orm_core::prelude::*;
use orm_tests::models::articles::{self, Article, Tag};
use orm_tests::models::books::{Author, Base, Book};
use orm_tests::models::desks::{self, Desk, Worker};

type Books = Relation<Author, Book, arity::Many>;

/// Ann and Bea; Ann wrote two books, and edits both.
async fn start(engine: &Engine) -> (Session, [Handle<Author>; 2], Vec<Handle<Book>>) {
    let mut session = engine.session();
    let both = ["Ann", "Bea"].map(|name| session.add(Author::builder().name(name)));
    let books = ["x", "y"].map(|title| Book::builder().title(title).author(both[0]).editor(both[0]));
    let books = session.add_all(books);
    session.commit().await.unwrap();
    (session, both, books)
}

fn titles(session: &Session, of: Handle<Author>, relation: Books) -> String {
    session.at(of).related(relation).unwrap().map(|book| book.title.clone()).collect()
}

fn edited(session: &Session, both: [Handle<Author>; 2]) -> [String; 2] {
    both.map(|who| titles(session, who, Author::EDITED))
}

#[orm_testkit::test(base = Base)]
async fn a_member_that_is_put_elsewhere_leaves_with_the_flush(engine: Engine) -> orm_core::Result<()> {
    let (mut session, both, books) = start(&engine).await;
    session[both[1]].edited.push(books[0]);
    assert_eq!(edited(&session, both), ["xy", "x"], "the other side does not know yet");
    session.flush().await?;
    assert_eq!(edited(&session, both), ["y", "x"]);
    assert_eq!(session[books[0]].editor.as_ref().unwrap().handle(), Some(both[1]));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_member_that_is_linked_elsewhere_leaves_at_once(engine: Engine) -> orm_core::Result<()> {
    let (mut session, both, books) = start(&engine).await;
    session.link(both[1], Author::EDITED, books[0])?;
    assert_eq!(edited(&session, both), ["y", "x"]);
    assert_eq!(session[books[0]].editor.as_ref().unwrap().handle(), Some(both[1]));
    session.commit().await?;
    assert_eq!(edited(&session, both), ["y", "x"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_foreign_key_that_is_set_moves_the_member_with_the_flush(engine: Engine) -> orm_core::Result<()> {
    let (mut session, both, books) = start(&engine).await;
    session[books[1]].editor = Some(both[1].into());
    assert_eq!(edited(&session, both), ["xy", ""]);
    session.flush().await?;
    assert_eq!(edited(&session, both), ["x", "y"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_foreign_key_that_is_cleared_takes_the_member_out(engine: Engine) -> orm_core::Result<()> {
    let (mut session, both, books) = start(&engine).await;
    session[books[1]].editor = None;
    session.flush().await?;
    assert_eq!(edited(&session, both), ["x", ""]);
    session.unlink(books[0], Book::EDITOR, both[0])?;
    assert_eq!(edited(&session, both), ["", ""]);
    assert_eq!(titles(&session, both[0], Author::BOOKS), "xy", "another relation of the same models");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_is_moved_without_being_loaded_is_loaded_where_it_is(engine: Engine) -> orm_core::Result<()> {
    start(&engine).await;
    let mut session = engine.session();
    let both = [session.get_one::<Author>(1).await?, session.get_one::<Author>(2).await?];
    let x = session.get_one::<Book>(1).await?;
    session.link(x, Book::EDITOR, both[1])?;
    assert_eq!(session.flush_plan()?.to_string(), "update 1 row of book (editor_id)");
    session.load(&both[..], Author::EDITED).await?;
    assert_eq!(edited(&session, both), ["y", "x"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_load_before_the_flush_keeps_what_was_linked(engine: Engine) -> orm_core::Result<()> {
    start(&engine).await;
    let mut session = engine.session();
    let both = [session.get_one::<Author>(1).await?, session.get_one::<Author>(2).await?];
    let x = session.get_one::<Book>(1).await?;
    session.link(both[1], Author::EDITED, x)?;
    let mut session = session.no_autoflush();
    session.load(&both[..], Author::EDITED).await?;
    assert_eq!(edited(&session, both), ["y", "x"], "not written yet");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_new_collection_of_one_owner_takes_members_from_another(engine: Engine) -> orm_core::Result<()> {
    let (mut session, both, books) = start(&engine).await;
    session[both[1]].edited = [books[0]].into_iter().collect();
    session.flush().await?;
    assert_eq!(edited(&session, both), ["y", "x"]);
    session[both[1]].edited = HasMany::new();
    session.flush().await?;
    assert_eq!(edited(&session, both), ["y", ""]);
    assert!(session[books[0]].editor.is_none());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_collection_is_replaced_by_one_that_shares_members_with_it(engine: Engine) -> orm_core::Result<()> {
    let (mut session, both, books) = start(&engine).await;
    let z = session.add(Book::builder().title("z").author(both[1]));
    session[both[0]].edited = [books[1], z].into_iter().collect();
    session.commit().await?;
    assert!(session[books[0]].editor.is_none());
    assert_eq!(session[z].editor.as_ref().unwrap().key(), Some(&1));
    assert_eq!(edited(&session, both), ["yz", ""]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_is_put_in_and_taken_out_again_is_no_change(engine: Engine) -> orm_core::Result<()> {
    let (mut session, both, books) = start(&engine).await;
    session.link(both[1], Author::EDITED, books[0])?;
    session.link(both[0], Author::EDITED, books[0])?;
    session.unlink(both[0], Author::EDITED, books[1])?;
    session.link(books[1], Book::EDITOR, both[0])?;
    assert!(session.flush_plan()?.is_empty());
    assert_eq!(edited(&session, both), ["xy", ""]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_push_is_taken_back_by_an_unlink(engine: Engine) -> orm_core::Result<()> {
    let (mut session, both, books) = start(&engine).await;
    session[books[0]].editor = None;
    session.flush().await?;
    session[both[1]].edited.push(books[0]);
    session.unlink(both[1], Author::EDITED, books[0])?;
    session.commit().await?;
    assert_eq!(edited(&session, both), ["y", ""]);
    assert!(session[books[0]].editor.is_none());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn new_objects_are_linked_before_they_are_written(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(Author::builder().name("Ann"));
    let book = session.link(ann, Author::BOOKS, Book::builder().title("b"))?;
    assert_eq!(session.at(book).related(Book::AUTHOR)?.name, "Ann");
    session.link(book, Book::EDITOR, ann)?;
    session.rollback().await?;
    session.add_all_again();
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns((Book::AUTHOR_ID, Book::EDITOR_ID))).await?, [(1, Some(1))]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_savepoint_takes_both_sides_back(engine: Engine) -> orm_core::Result<()> {
    let (mut session, both, books) = start(&engine).await;
    session.link(both[1], Author::EDITED, books[1])?;
    let mut nested = session.begin_nested().await?;
    nested.link(both[1], Author::EDITED, books[0])?;
    nested.flush().await?;
    assert_eq!(edited(&nested, both), ["", "yx"]);
    nested.rollback().await?;
    assert_eq!(edited(&session, both), ["x", "y"]);
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns(Book::EDITOR_ID).order_by(Book::ID)).await?, [Some(1), Some(2)]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_owner_that_is_gone_is_linked_to_nothing(engine: Engine) -> orm_core::Result<()> {
    let (mut session, [ann, bea], books) = start(&engine).await;
    session.link(bea, Author::EDITED, books[0])?;
    session.delete(bea)?;
    session.commit().await?;
    assert!(session[books[0]].editor.is_none(), "the foreign key was cleared");
    for error in [
        session.link(books[0], Book::EDITOR, bea).map(drop).unwrap_err(),
        session.unlink(bea, Author::EDITED, books[0]).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Gone);
    }
    assert_eq!(titles(&session, ann, Author::EDITED), "y");
    Ok(())
}

#[orm_testkit::test(base = desks::Base)]
async fn one_to_one_moves_at_once_from_either_side(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [a, b] = ["a", "b"].map(|name| session.add(Desk::builder().name(name)));
    let ann = session.add(Worker::builder().name("Ann").desk(a));
    let bea = session.add(Worker::builder().name("Bea").desk(b));
    session.commit().await?;
    let desk = |session: &Session, who: Handle<Worker>| {
        session.at(who).related(Worker::DESK).unwrap().map(|desk| desk.handle())
    };
    session.link(bea, Worker::DESK, a)?;
    assert_eq!((desk(&session, ann), desk(&session, bea)), (None, Some(a)));
    assert!(session.at(b).related(Desk::WORKER)?.is_none(), "it gave way");
    session.link(b, Desk::WORKER, ann)?;
    assert_eq!((desk(&session, ann), desk(&session, bea)), (Some(b), Some(a)));
    session.commit().await?; // the unique keys go round
    assert_eq!(engine.fetch_all(columns(Desk::WORKER_ID).order_by(Desk::ID)).await?, [Some(2), Some(1)]);
    Ok(())
}

async fn tagged(engine: &Engine) -> (Session, Handle<Article>, [Handle<Tag>; 2]) {
    let mut session = engine.session();
    let tags = ["x", "y"].map(|word| session.add(Tag::builder().word(word)));
    let article = session.add(Article::builder().title("a").tags([tags[0]]));
    session.commit().await.unwrap();
    (session, article, tags)
}

fn counts(session: &Session, article: Handle<Article>, tags: [Handle<Tag>; 2]) -> (usize, [usize; 2]) {
    let of = |tag: Handle<Tag>| session.at(tag).related(Tag::ARTICLES).unwrap().len();
    (session.at(article).related(Article::TAGS).unwrap().len(), tags.map(of))
}

#[orm_testkit::test(base = articles::Base)]
async fn links_that_are_taken_back_are_not_written(engine: Engine) -> orm_core::Result<()> {
    let (mut session, article, tags) = tagged(&engine).await;
    session.link(article, Article::TAGS, tags[1])?;
    session.unlink(tags[1], Tag::ARTICLES, article)?;
    session.unlink(article, Article::TAGS, tags[0])?;
    session.link(tags[0], Tag::ARTICLES, article)?;
    assert_eq!(counts(&session, article, tags), (1, [1, 0]));
    assert!(session.flush_plan()?.is_empty());
    Ok(())
}

#[orm_testkit::test(base = articles::Base)]
async fn a_link_that_is_said_twice_is_one_row(engine: Engine) -> orm_core::Result<()> {
    let (mut session, article, tags) = tagged(&engine).await;
    session.link(article, Article::TAGS, tags[1])?;
    session.link(tags[1], Tag::ARTICLES, article)?;
    session[article].tags.push(tags[1]);
    assert_eq!(counts(&session, article, tags), (2, [1, 1]));
    assert_eq!(session.flush_plan()?.to_string(), "link 1 row of article_tag");
    session.commit().await?;
    assert_eq!(counts(&session, article, tags), (2, [1, 1]));
    Ok(())
}

#[orm_testkit::test(base = articles::Base)]
async fn a_new_collection_of_links_reaches_the_other_side(engine: Engine) -> orm_core::Result<()> {
    let (mut session, article, tags) = tagged(&engine).await;
    session[article].tags = [tags[1]].into_iter().collect();
    session.flush().await?;
    assert_eq!(counts(&session, article, tags), (1, [0, 1]));
    session.rollback().await?;
    assert_eq!(counts(&session, article, tags), (1, [1, 0]));
    Ok(())
}

#[orm_testkit::test(base = articles::Base)]
async fn a_side_that_is_expired_leaves_the_word_to_the_other(engine: Engine) -> orm_core::Result<()> {
    let (mut session, article, tags) = tagged(&engine).await;
    session.link(article, Article::TAGS, tags[1])?;
    session.expire(article)?;
    session.commit().await?;
    session.refresh(article).await?;
    session.load(article, Article::TAGS).await?;
    session.expire_relation(tags[1], Tag::ARTICLES)?;
    session.load(tags[1], Tag::ARTICLES).await?;
    let linked = counts(&session, article, tags);
    assert_eq!((linked.0, linked.1[1]), (2, 1), "the other side still says it");
    Ok(())
}

#[orm_testkit::test(base = articles::Base)]
async fn links_of_pending_and_written_objects_mix(engine: Engine) -> orm_core::Result<()> {
    let (mut session, article, tags) = tagged(&engine).await;
    let new = session.link(article, Article::TAGS, Tag::builder().word("z"))?;
    let other = session.link(new, Tag::ARTICLES, Article::builder().title("b"))?;
    session.link(other, Article::TAGS, tags[0])?;
    session.commit().await?;
    let tags_of = |session: &Session, article: Handle<Article>| {
        session.at(article).related(Article::TAGS).unwrap().len()
    };
    assert_eq!((tags_of(&session, article), tags_of(&session, other)), (2, 2));
    assert_eq!(session.at(tags[0]).related(Tag::ARTICLES)?.len(), 2);
    Ok(())
}
