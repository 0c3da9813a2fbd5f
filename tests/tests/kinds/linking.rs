//! Both sides of a relation change at once, and contradictions are errors.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_tests::models::articles::{self, Article, Tag};
use orm_tests::models::books::{self, Author, Book};
use orm_tests::models::desks::{self, Desk, Worker};
use orm_tests::models::folders::{self, Folder};
use orm_tests::models::network::{self, Person};
use shop_models::models::{Base, Cart, Customer};

/// An article and two tags that are written and loaded on both sides.
async fn tagged(engine: &Engine) -> (Session, Handle<Article>, [Handle<Tag>; 2]) {
    let mut session = engine.session();
    let tags = ["x", "y"].map(|word| session.add(Tag::builder().word(word)));
    let article = session.add(Article::builder().title("a").tags([tags[0]]));
    session.commit().await.unwrap();
    (session, article, tags)
}

fn words(session: &Session, article: Handle<Article>) -> Vec<String> {
    session.at(article).related(Article::TAGS).unwrap().map(|tag| tag.word.clone()).collect()
}

fn has_article(session: &Session, tag: Handle<Tag>) -> bool {
    session.at(tag).related(Tag::ARTICLES).unwrap().len() > 0
}

async fn rows(engine: &Engine) -> Vec<String> {
    engine.fetch_all(columns(Tag::WORD).filter(!Tag::ARTICLES.is_empty()).order_by(Tag::WORD)).await.unwrap()
}

#[orm_testkit::test(base = articles::Base)]
async fn both_sides_of_an_association_agree_at_once(engine: Engine) -> orm_core::Result<()> {
    let (mut session, article, [x, y]) = tagged(&engine).await;
    session.link(y, Tag::ARTICLES, article)?;
    session.unlink(article, Article::TAGS, x)?;
    assert_eq!(words(&session, article), ["y"]);
    assert_eq!([x, y].map(|tag| has_article(&session, tag)), [false, true]);
    assert_eq!(session.flush_plan()?.to_string(), "unlink 1 row of article_tag\nlink 1 row of article_tag");
    session.commit().await?;
    assert_eq!(rows(&engine).await, ["y"]);
    session.link(article, Article::TAGS, y)?;
    assert!(session.flush_plan()?.is_empty(), "linked already");
    Ok(())
}

#[orm_testkit::test(base = articles::Base)]
async fn a_rollback_takes_both_sides_back(engine: Engine) -> orm_core::Result<()> {
    let (mut session, article, [x, y]) = tagged(&engine).await;
    for flushes in [false, true] {
        session.link(article, Article::TAGS, y)?;
        session.unlink(article, Article::TAGS, x)?;
        if flushes {
            session.flush().await?;
        }
        session.rollback().await?;
        assert_eq!(words(&session, article), ["x"], "flushed: {flushes}");
        assert_eq!([x, y].map(|tag| has_article(&session, tag)), [true, false]);
        assert!(session.flush_plan()?.is_empty());
    }
    Ok(())
}

#[orm_testkit::test(base = articles::Base)]
async fn the_last_word_counts_on_whichever_side_it_is_said(engine: Engine) -> orm_core::Result<()> {
    let (mut session, article, [x, y]) = tagged(&engine).await;
    session.link(article, Article::TAGS, y)?;
    session[y].articles.remove(article);
    session.unlink(article, Article::TAGS, x)?;
    session[article].tags.push(x);
    assert!(session.flush_plan()?.is_empty(), "both were taken back");
    session.commit().await?;
    assert_eq!(rows(&engine).await, ["x"]);
    assert_eq!([x, y].map(|tag| has_article(&session, tag)), [true, false]);
    assert_eq!(words(&session, article), ["x"]);
    Ok(())
}

#[orm_testkit::test(base = articles::Base)]
async fn links_of_what_is_not_loaded_are_written_once(engine: Engine) -> orm_core::Result<()> {
    tagged(&engine).await;
    let mut session = engine.session();
    let article = session.get_one::<Article>(1).await?;
    let [x, y] = [session.get_one::<Tag>("x").await?, session.get_one::<Tag>("y").await?];
    session.link(article, Article::TAGS, y)?;
    session.unlink(x, Tag::ARTICLES, article)?;
    let new = session.link(article, Article::TAGS, Tag::builder().word("z"))?;
    session.commit().await?;
    assert_eq!(rows(&engine).await, ["y", "z"]);
    assert!(has_article(&session, new));
    assert_eq!(session.load(article, Article::TAGS).await?, [y, new]);
    Ok(())
}

#[orm_testkit::test(base = articles::Base)]
async fn one_side_that_says_the_opposite_of_the_other_is_an_error(engine: Engine) -> orm_core::Result<()> {
    let (mut session, article, [x, y]) = tagged(&engine).await;
    session[article].tags.push(y);
    session[y].articles.push(article);
    session[article].tags.remove(x);
    session[x].articles.push(article); // it shows the article already: nothing is said
    session.flush_plan()?;
    session.load(article, Article::TAGS).await?;
    let z = session.add(Tag::builder().word("z"));
    session.flush().await?;
    session[article].tags.push(z);
    session[z].articles.remove(article); // it does not know yet, and says nothing
    session.commit().await?;
    let mut other = engine.session();
    let (article, z) = (other.get_one::<Article>(1).await?, other.get_one::<Tag>("z").await?);
    other[article].tags.push(z);
    other[z].articles.remove(article);
    let error = other.flush().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Contradiction);
    assert!(error.to_string().contains("Article(1) and Tag(\"z\") by \"article_tag\""), "{error}");
    Ok(())
}

#[orm_testkit::test(base = books::Base)]
async fn a_member_leaves_the_owner_that_it_had(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [ann, bea] = ["Ann", "Bea"].map(|name| session.add(Author::builder().name(name)));
    let book = session.add(Book::builder().title("b").author(ann).editor(ann));
    session.commit().await?;
    session.link(bea, Author::BOOKS, book)?;
    session.link(book, Book::EDITOR, bea)?;
    type Books = orm_core::mapper::Relation<Author, Book, orm_core::mapper::arity::Many>;
    let of = |session: &Session, who: Handle<Author>, relation: Books| {
        session.at(who).related(relation).unwrap().len()
    };
    for relation in [Author::BOOKS, Author::EDITED] {
        assert_eq!((of(&session, ann, relation), of(&session, bea, relation)), (0, 1));
    }
    assert_eq!(session[book].author.handle(), Some(bea));
    assert_eq!(session.flush_plan()?.to_string(), "update 1 row of book (author_id, editor_id)");
    session.commit().await?;
    session.unlink(bea, Author::EDITED, book)?;
    assert!(session[book].editor.is_none());
    session.commit().await?;
    session.unlink(book, Book::AUTHOR, bea)?;
    let error = session.commit().await.unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::Unset, Some("author")), "a book needs one");
    session.link(book, Book::AUTHOR, ann)?;
    session.commit().await?;
    assert_eq!((of(&session, ann, Author::BOOKS), of(&session, bea, Author::BOOKS)), (1, 0));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_orphan_goes_with_the_flush_and_an_adopted_one_stays(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [ann, bea] = ["a@x", "b@x"].map(|mail| session.add(Customer::builder().name("n").email(mail)));
    let carts = session.add_all([Cart::builder().customer(ann), Cart::builder().customer(ann)]);
    session.commit().await?;
    for cart in &carts {
        session.unlink(*cart, Cart::CUSTOMER, ann)?;
    }
    assert_eq!(session.at(ann).related(Customer::CARTS)?.len(), 0);
    session.link(carts[1], Cart::CUSTOMER, bea)?;
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns((Cart::ID, Cart::CUSTOMER_ID))).await?, [(2, 2)]);
    Ok(())
}

#[orm_testkit::test(base = desks::Base)]
async fn the_one_object_gives_way_to_another(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [a, b] = ["a", "b"].map(|name| session.add(Desk::builder().name(name)));
    let ann = session.add(Worker::builder().name("Ann").desk(a));
    session.commit().await?;
    session.link(b, Desk::WORKER, ann)?;
    assert_eq!(session.at(ann).related(Worker::DESK)?.unwrap().handle(), b);
    assert!(session.at(a).related(Desk::WORKER)?.is_none());
    session.commit().await?;
    session.unlink(ann, Worker::DESK, b)?;
    assert!(session[b].worker.is_none() && session.at(ann).related(Worker::DESK)?.is_none());
    session.commit().await?;
    let mut other = engine.session();
    let (ann, a) = (other.get_one::<Worker>(1).await?, other.get_one::<Desk>(1).await?);
    other.link(ann, Worker::DESK, a)?; // what stands there is not known
    other.commit().await?;
    assert_eq!(engine.fetch_all(columns(Desk::WORKER_ID).order_by(Desk::ID)).await?, [Some(1), None]);
    Ok(())
}

#[orm_testkit::test(base = folders::Base)]
async fn trees_and_graphs_are_linked_within_one_model(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [root, leaf] = ["root", "leaf"].map(|name| session.add(Folder::builder().name(name)));
    session.link(leaf, Folder::PARENT, root)?;
    session.link(root, Folder::TWIN, leaf)?; // a relation of one side only
    assert_eq!(session.at(root).related(Folder::CHILDREN)?.next().unwrap().handle(), leaf);
    session.commit().await?;
    session.unlink(root, Folder::TWIN, leaf)?;
    session.commit().await?;
    assert_eq!(
        engine.fetch_all(columns((Folder::PARENT_ID, Folder::TWIN_ID)).order_by(Folder::ID)).await?,
        [(None, None), (Some(1), None)]
    );
    Ok(())
}

#[orm_testkit::test(base = network::Base)]
async fn friends_are_linked_in_both_directions(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [ann, bea] = ["Ann", "Bea"].map(|name| session.add(Person::builder().name(name)));
    session.link(ann, Person::FRIENDS, bea)?;
    session.link(ann, Person::FRIENDS, ann)?;
    assert_eq!(session.at(bea).related(Person::FRIEND_OF)?.len(), 1);
    assert_eq!(session.at(ann).related(Person::FRIEND_OF)?.len(), 1);
    assert_eq!(session.at(bea).related(Person::FRIENDS)?.len(), 0);
    session.unlink(ann, Person::FRIEND_OF, ann)?;
    session.commit().await?;
    assert_eq!(session.at(ann).related(Person::FRIENDS)?.len(), 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_is_not_there_cannot_be_linked_or_unlinked(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [ann, bea] = ["a@x", "b@x"].map(|mail| session.add(Customer::builder().name("n").email(mail)));
    let cart = session.add(Cart::builder().customer(ann));
    session.commit().await?;
    let error = session.unlink(bea, Customer::CARTS, cart).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Contradiction);
    assert_eq!(error.to_string(), "Cart(1) is not in `Customer::carts` of Customer(2)");
    session.delete(bea)?;
    let error = session.link(bea, Customer::CARTS, cart).unwrap_err();
    assert_eq!((error.kind(), error.model()), (ErrorKind::Gone, Some("Customer")));
    session.commit().await?;
    assert_eq!(session.link(cart, Cart::CUSTOMER, bea).unwrap_err().kind(), ErrorKind::Gone);
    let theirs = engine.session().add(Cart::builder());
    assert_eq!(session.link(ann, Customer::CARTS, theirs).unwrap_err().kind(), ErrorKind::ForeignHandle);
    assert!(session.flush_plan()?.is_empty(), "nothing was changed by errors");
    Ok(())
}
