//! An object that goes and one that comes with its key, in one flush.

use super::common::{customer, product};
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use orm_tests::models::articles::{self, Article, Tag};
use orm_tests::models::books::{self, Author, Book};
use orm_tests::models::houses::{self, House, Room, Thing};
use orm_tests::models::people::{self, Profile, User};
use orm_tests::models::tree::{self, Node};
use shop_models::models::{Base, Customer, Product};

#[orm_testkit::test(base = houses::Base)]
async fn members_of_the_old_object_go_and_those_of_the_new_one_come(engine: Engine) -> orm_core::Result<()> {
    let room = |name: &str| Room::builder().name(name).things([Thing::builder().name("t")]);
    let mut session = engine.session();
    session.add(House::builder().id(1).name("old").rooms([room("a"), room("b")]));
    session.commit().await?;
    let mut session = engine.session();
    let old = session.get_one::<House>(1).await?;
    session.delete(old)?;
    let new = session.add(House::builder().id(1).name("new").rooms([room("c")]));
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns((House::ID, House::NAME))).await?, [(1, "new".to_owned())]);
    assert_eq!(engine.fetch_all(columns((Room::NAME, Room::HOUSE_ID))).await?, [("c".to_owned(), Some(1))]);
    assert_eq!(engine.count(select::<Thing>()).await?, 1);
    assert_eq!(session.at(new).related(House::ROOMS)?.len(), 1);
    Ok(())
}

#[orm_testkit::test(base = articles::Base)]
async fn links_of_the_old_object_go_and_those_of_the_new_one_come(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let tags = ["x", "y", "z"].map(|word| session.add(Tag::builder().word(word)));
    let old = session.add(Article::builder().id(1).title("old").tags([tags[0], tags[1]]));
    session.commit().await?;
    session.delete(old)?;
    let new = session.add(Article::builder().id(1).title("new").tags([tags[1], tags[2]]));
    session.commit().await?;
    let words: Vec<&str> = session.at(new).related(Article::TAGS)?.map(|tag| &tag.get().word[..]).collect();
    assert_eq!(words, ["y", "z"]);
    let mut other = engine.session();
    let new = other.get_one::<Article>(1).await?;
    assert_eq!(other.load(new, Article::TAGS).await?.len(), 2);
    assert_eq!(session.load(tags[0], Tag::ARTICLES).await?.len(), 0);
    Ok(())
}

#[orm_testkit::test(base = books::Base)]
async fn the_new_object_names_another_owner(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [a, b] = ["a", "b"].map(|name| session.add(Author::builder().name(name)));
    let old = session.add(Book::builder().id(1).title("t").author(a).editor(a));
    session.commit().await?;
    session.delete(old)?;
    let new = session.add(Book::builder().id(1).title("t").author(b));
    assert_eq!(session.flush_plan()?.to_string(), "update 1 row of book (author_id, editor_id)");
    session.commit().await?;
    let found = engine.fetch_one(columns((Book::AUTHOR_ID, Book::EDITOR_ID))).await?;
    assert_eq!(found, (2, None), "what the new object does not have is NULL");
    assert_eq!(session.at(b).related(Author::BOOKS)?.map(|book| book.handle()).collect::<Vec<_>>(), [new]);
    assert_eq!(session.at(a).related(Author::BOOKS)?.len(), 0);
    Ok(())
}

#[orm_testkit::test(base = tree::Base)]
async fn in_a_tree_the_members_of_the_row_are_let_go(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let below = [Node::builder().id(2).name("b")];
    let old = session.add(Node::builder().id(1).name("old").children(below));
    session.commit().await?;
    session.delete(old)?;
    let new = session.add(Node::builder().id(1).name("new").children([Node::builder().id(3).name("c")]));
    session.commit().await?;
    let rows = engine.fetch_all(columns((Node::NAME, Node::PARENT_ID)).order_by(Node::ID)).await?;
    let expected: [(String, Option<i64>); 3] =
        [("new".into(), None), ("b".into(), None), ("c".into(), Some(1))];
    assert_eq!(rows, expected);
    assert_eq!(session.at(new).related(Node::CHILDREN)?.len(), 1);
    Ok(())
}

#[orm_testkit::test(base = people::Base)]
async fn the_one_member_is_switched_with_its_owner(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(User::builder().id(1).login("a").profile(Profile::builder().id(1).text("old")));
    session.commit().await?;
    let old = session.get_one::<User>(1).await?;
    session.delete(old)?;
    session.add(User::builder().id(1).login("a").profile(Profile::builder().id(1).text("new")));
    assert_eq!(session.flush_plan()?.to_string(), "update 1 row of profile (text)");
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns(Profile::TEXT)).await?, ["new"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_chain_of_objects_with_one_key_ends_with_the_last(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let mut last = session.add(Product { id: Auto::Set(1), ..product(1) });
    session.commit().await?;
    for n in 2..5 {
        session.delete(last)?;
        last = session.add(Product { id: Auto::Set(1), title: n.to_string(), ..product(1) });
        session.flush().await?;
    }
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns((Product::ID, Product::TITLE))).await?, [(1, "4".to_owned())]);
    assert_eq!(session.get::<Product>(1).await?, Some(last));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_second_new_object_with_the_key_is_refused(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let old = session.add(Customer { id: Auto::Set(1), ..customer("old") });
    session.commit().await?;
    session.delete(old)?;
    session.add(Customer { id: Auto::Set(1), ..customer("one") });
    session.add(Customer { id: Auto::Set(1), ..customer("two") });
    assert!(session.commit().await.unwrap_err().is_unique_violation());
    session.rollback().await?;
    assert_eq!(session.state(old)?, ObjectState::Persistent);
    assert_eq!(engine.fetch_all(columns(Customer::NAME)).await?, ["old"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_savepoint_takes_the_switch_back(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let old = session.add(Customer { id: Auto::Set(1), ..customer("old") });
    session.commit().await?;
    session.begin_nested().await?.detach();
    session.delete(old)?;
    let new = session.add(Customer { id: Auto::Set(1), ..customer("new") });
    session.flush().await?;
    assert_eq!(session.get::<Customer>(1).await?, Some(new));
    session.rollback_nested().await?;
    assert_eq!(session.get::<Customer>(1).await?, Some(old));
    session[old].age = Some(1);
    session.commit().await?;
    let found = engine.fetch_all(columns((Customer::NAME, Customer::AGE))).await?;
    assert_eq!(found, [("old".to_owned(), Some(1))]);
    Ok(())
}
