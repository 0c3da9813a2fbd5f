//! Collections that are too large to be loaded: written as any other, and asked by queries of their members.

use super::common::{customer, product, shop};
use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_testkit::assert_queries;
use orm_tests::models::articles::{self, Article, Tag};
use orm_tests::models::library::{self, Library, Visit};
use orm_tests::models::people::{self, Profile, User};
use orm_tests::models::tree::{self, Node, tree};
use shop_models::models::{Base, Cart, Customer, Product};

/// A library with so many visits, of 1, 2, 3 … minutes; and a session that knows the library only.
async fn library(engine: &Engine, visits: i32) -> orm_core::Result<(Session, Handle<Library>)> {
    let mut session = engine.session();
    let visits = (1..=visits).map(|minutes| Visit::builder().minutes(minutes));
    session.add(Library::builder().name("north").visits(visits));
    session.commit().await?;
    let mut session = engine.session();
    let north = session.query::<Library>().one().await?;
    Ok((session, north))
}

/// The minutes of all visits in the database.
async fn minutes(engine: &Engine) -> orm_core::Result<Vec<i32>> {
    engine.fetch_all(columns(Visit::MINUTES).order_by(Visit::MINUTES)).await
}

#[orm_testkit::test(base = library::Base)]
async fn a_slice_of_the_members_is_read_alone(engine: Engine) -> orm_core::Result<()> {
    let (mut session, north) = library(&engine, 100).await?;
    let visits = session.related(north, Library::VISITS).order_by(Visit::MINUTES.desc());
    let slice = visits.offset(10).limit(3).all().await?;
    assert_eq!(slice.iter().map(|one| session[*one].minutes).collect::<Vec<_>>(), [90, 89, 88]);
    assert_eq!(session.objects::<Visit>().count(), 3);
    Ok(())
}

#[orm_testkit::test(base = library::Base)]
async fn conditions_counts_and_existence_are_asked_of_the_database(engine: Engine) -> orm_core::Result<()> {
    let (mut session, north) = library(&engine, 10).await?;
    assert_queries!(session, 4, {
        assert_eq!(session.related(north, Library::VISITS).count().await?, 10);
        let long = || Visit::MINUTES.gt(8);
        assert_eq!(session.related(north, Library::VISITS).filter(long()).count().await?, 2);
        assert!(session.related(north, Library::VISITS).filter(long()).exists().await?);
        assert!(!session.related(north, Library::VISITS).filter(Visit::MINUTES.gt(10)).exists().await?);
    });
    assert_eq!(session.objects::<Visit>().count(), 0);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn members_come_in_the_order_of_the_relation_unless_the_query_has_one(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [b, a] = ["b", "a"].map(|sku| session.add(Product::builder().sku(sku).title("x").price_cents(1)));
    let ann = session.add(customer("Ann"));
    let cart = session.add(Cart::builder().customer(ann).products([b, a]));
    session.commit().await?;
    assert_eq!(session.related(cart, Cart::PRODUCTS).all().await?, [a, b]);
    assert_eq!(session.related(cart, Cart::PRODUCTS).order_by(Product::SKU.desc()).all().await?, [b, a]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn asking_for_members_does_not_load_the_relation(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let ann = session.get_one::<Customer>(1).await?;
    let carts = session.related(ann, Customer::CARTS).with(Cart::PRODUCTS).all().await?;
    assert_eq!(session.at(carts[0]).related(Cart::PRODUCTS)?.len(), 1);
    assert_eq!(session.at(ann).related(Customer::CARTS).unwrap_err().kind(), ErrorKind::NotLoaded);
    Ok(())
}

#[orm_testkit::test(base = articles::Base)]
async fn members_through_an_association_are_asked_from_both_sides(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [x, y] = ["x", "y"].map(|word| session.add(Tag::builder().word(word)));
    let [a, b] = ["a", "b"].map(|title| session.add(Article::builder().title(title).tags([x])));
    session[b].tags.push(y);
    session.commit().await?;
    assert_eq!(session.related(b, Article::TAGS).all().await?, [x, y]);
    assert_eq!(session.related(x, Tag::ARTICLES).order_by(Article::ID).all().await?, [a, b]);
    assert_eq!(session.related(b, Article::TAGS).filter(Tag::WORD.gt("x")).one().await?, y);
    Ok(())
}

#[orm_testkit::test(base = people::Base)]
async fn references_can_be_asked_too(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(User::builder().login("ann").profile(Profile::builder().text("hello")));
    let bea = session.add(User::builder().login("bea"));
    session.commit().await?;
    let profile = session.related(ann, User::PROFILE).one().await?;
    assert_eq!(session.related(profile, Profile::USER).one().await?, ann);
    assert_eq!(session.related(bea, User::PROFILE).one_or_none().await?, None);
    Ok(())
}

#[orm_testkit::test(base = tree::Base)]
async fn members_of_a_model_with_itself_are_asked_level_by_level(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let root = session.add(tree("a", 3, 2));
    session.commit().await?;
    let first = session.related(root, Node::CHILDREN).first().await?.unwrap();
    assert_eq!(session[first].name, "a.0");
    assert_eq!(session.related(first, Node::CHILDREN).count().await?, 2);
    assert_eq!(session.related(first, Node::PARENT).one().await?, root);
    assert_eq!(session.related(root, Node::PARENT).count().await?, 0);
    Ok(())
}

#[orm_testkit::test(base = library::Base)]
async fn members_are_added_without_reading_the_others(engine: Engine) -> orm_core::Result<()> {
    let (mut session, north) = library(&engine, 3).await?;
    session[north].visits.push(Visit::builder().minutes(60));
    assert_queries!(session, 1, { session.commit().await? }); // one INSERT
    assert_eq!(minutes(&engine).await?, [1, 2, 3, 60]);
    Ok(())
}

#[orm_testkit::test(base = library::Base)]
async fn queries_of_members_see_what_was_added_and_deleted(engine: Engine) -> orm_core::Result<()> {
    let (mut session, north) = library(&engine, 3).await?;
    session[north].visits.push(Visit::builder().minutes(60));
    let first = session.related(north, Library::VISITS).order_by(Visit::MINUTES).first().await?.unwrap();
    session.delete(first)?;
    let left = session.related(north, Library::VISITS).order_by(Visit::MINUTES).all().await?;
    assert_eq!(left.iter().map(|one| session[*one].minutes).collect::<Vec<_>>(), [2, 3, 60]);
    session.rollback().await?;
    assert_eq!(session.related(north, Library::VISITS).count().await?, 3);
    Ok(())
}

#[orm_testkit::test(base = library::Base)]
async fn members_move_to_another_owner(engine: Engine) -> orm_core::Result<()> {
    let (mut session, north) = library(&engine, 3).await?;
    let south = session.add(Library::builder().name("south"));
    let long = session.related(north, Library::VISITS).filter(Visit::MINUTES.eq(3)).one().await?;
    session[south].visits.push(long);
    session.commit().await?;
    assert_eq!(session.related(north, Library::VISITS).count().await?, 2);
    assert_eq!(session.related(south, Library::VISITS).one().await?, long);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn members_are_updated_and_deleted_by_a_query_of_them(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let mut bea = customer("Bea");
    bea.carts.extend([Cart::builder().invoice("3")]);
    session.add(bea);
    session.commit().await?;
    let ann = session.get_one::<Customer>(1).await?;
    let changed = session.related(ann, Customer::CARTS).filter(Cart::INVOICE.eq("2"));
    assert_eq!(changed.set(Cart::INVOICE, "two").update().await?, 1);
    assert_eq!(session.related(ann, Customer::CARTS).delete().await?, 2);
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns(Cart::INVOICE)).await?, [Some("3".to_owned())]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_owner_that_left_or_is_of_another_session_has_no_members_to_ask_for(
    engine: Engine,
) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let ann = session.get_one::<Customer>(1).await?;
    let mut other = engine.session();
    assert_eq!(other.try_related(ann, Customer::CARTS).unwrap_err().kind(), ErrorKind::ForeignHandle);
    session.expunge(ann)?;
    assert_eq!(session.try_related(ann, Customer::CARTS).unwrap_err().kind(), ErrorKind::Gone);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_a_query_of_members_finds_can_become_members_of_others(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let carts = session.query::<Cart>().order_by(Cart::ID).all().await?;
    let tea = session.related(carts[0], Cart::PRODUCTS).one().await?;
    session[carts[1]].products.push(tea);
    let milk = session.add(product(2));
    session[carts[1]].products.push(milk);
    session.commit().await?;
    assert_eq!(session.related(carts[1], Cart::PRODUCTS).all().await?, [tea, milk]);
    Ok(())
}
