//! States of objects, what counts as a change, and its history.

use super::common::{customer, product, shop};
use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use orm_tests::models::articles::{self, Article, Tag};
use orm_tests::models::books::{self, Author, Book};
use orm_tests::models::values::{self, Values};
use shop_models::models::{Base, Cart, Customer, Product};

#[orm_testkit::test(base = Base)]
async fn a_deleted_object_is_gone_before_and_after_the_commit(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    session.delete(tea)?;
    assert!(session.contains(tea), "only marked");
    session.flush().await?;
    for _ in 0..2 {
        assert_eq!(session.state(tea)?, ObjectState::Deleted);
        assert!(!session.contains(tea));
        assert_eq!(session.try_get_mut(tea).unwrap_err().kind(), ErrorKind::Gone);
        assert_eq!(session.add_again(tea).unwrap_err().kind(), ErrorKind::Gone);
        session.commit().await?;
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_loaded_object_is_persistent_and_unchanged(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let ann = session.query::<Customer>().with(Customer::CARTS.then(Cart::PRODUCTS)).one().await?;
    assert_eq!(session.state(ann)?, ObjectState::Persistent);
    assert_eq!(session.pending().chain(session.dirty()).chain(session.deleted()).count(), 0);
    assert!(session.identity_key(ann)?.is_some() && session.flush_plan()?.is_empty());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_new_object_that_is_changed_is_new_and_not_changed(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(customer("Ann"));
    session[ann].age = Some(41);
    assert_eq!((session.pending().count(), session.dirty().count()), (1, 0));
    assert_eq!(session.history(ann)?.of(Customer::AGE).unwrap().old, None);
    orm_testkit::assert_queries!(session, 1, { session.commit().await? });
    assert_eq!(engine.fetch_one(columns(Customer::AGE)).await?, Some(41));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_changed_object_that_is_deleted_counts_as_deleted_alone(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    session[tea].title = "Green tea".into();
    session.delete(tea)?;
    assert_eq!((session.dirty().count(), session.deleted().count()), (0, 1));
    assert_eq!(session.flush_plan()?.to_string(), "delete 1 row of product");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_column_that_changes_back_is_no_change(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    session[tea].title = "Green tea".into();
    assert!(session.is_modified(tea)?);
    session[tea].title = "Tea".into();
    assert!(!session.is_modified(tea)? && session.dirty().count() == 0);
    assert!(session.history(tea)?.changes().is_empty());
    orm_testkit::assert_queries!(session, 0, { session.commit().await? });
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn looking_for_changes_never_asks_the_database(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let ann = session.get_one::<Customer>(1).await?;
    session.expire(ann)?;
    session[ann].age = Some(41);
    orm_testkit::assert_queries!(session, 0, {
        assert!(session.is_modified(ann)?);
        assert_eq!(session.history(ann)?.changes().len(), 1);
        assert!(session.history(ann)?.added(Customer::CARTS).is_empty());
    });
    Ok(())
}

#[orm_testkit::test(base = values::Base)]
async fn values_that_are_changed_in_place_are_changes(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let row = session.add(values::values("x", true));
    session.commit().await?;
    session[row].text.push('y');
    session[row].bytes.push(7);
    session[row].json["text"] = Json::from(1);
    session[row].opt_bytes.as_mut().unwrap().push(1);
    let changes = session.history(row)?.changes();
    let changed: Vec<&str> = changes.iter().map(|change| change.column).collect();
    assert_eq!(changed, ["text", "bytes", "json", "opt_bytes"]);
    session.commit().await?;
    let mut other = engine.session();
    let found = other.query::<Values>().one().await?;
    assert_eq!(other[found], session[row]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn null_is_a_value_of_the_history(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(Customer { age: Some(41), ..customer("Ann") });
    session.commit().await?;
    session[ann].age = None;
    let history = session.history(ann)?;
    assert_eq!(history.of(Customer::AGE).unwrap().to_string(), "age: 41 → null");
    session.commit().await?;
    session[ann].age = Some(7);
    assert_eq!(session.history(ann)?.of(Customer::AGE).unwrap().to_string(), "age: null → 7");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_changed_reference_is_a_change_of_its_column(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let bea = session.add(customer("Bea"));
    session.flush().await?;
    let cart = session.get_one::<Cart>(1).await?;
    session[cart].customer.set(bea);
    assert!(session.is_modified(cart)?);
    let change = session.history(cart)?.of(Cart::CUSTOMER_ID).unwrap();
    assert_eq!(change.to_string(), "customer_id: 1 → 2");
    assert_eq!(session.flush_plan()?.to_string(), "update 1 row of cart (customer_id)");
    session.commit().await?;
    assert!(!session.is_modified(cart)?);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn pointing_to_the_same_owner_is_no_change(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let (ann, cart) = (session.get_one::<Customer>(1).await?, session.get_one::<Cart>(1).await?);
    session[cart].customer.set(ann);
    assert!(!session.is_modified(cart)? && session.history(cart)?.changes().is_empty());
    session[cart].customer = BelongsTo::key_of(1);
    assert!(!session.is_modified(cart)?);
    session[ann].carts.push(cart);
    assert!(session.flush_plan()?.is_empty(), "{}", session.flush_plan()?);
    Ok(())
}

#[orm_testkit::test(base = books::Base)]
async fn an_optional_reference_is_set_and_cleared(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [ann, bea] = ["Ann", "Bea"].map(|name| session.add(Author::builder().name(name)));
    let book = session.add(Book::builder().title("Rust").author(ann));
    session.commit().await?;
    session[book].editor = bea.into();
    session.commit().await?;
    assert_eq!(engine.fetch_one(columns(Book::EDITOR_ID)).await?, Some(2));
    session[book].editor = None;
    assert_eq!(session.history(book)?.of(Book::EDITOR_ID).unwrap().to_string(), "editor_id: 2 → null");
    session.commit().await?;
    assert_eq!(engine.fetch_one(columns(Book::EDITOR_ID)).await?, None);
    Ok(())
}

#[orm_testkit::test(base = articles::Base)]
async fn a_member_that_leaves_and_returns_is_no_change(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let tag = session.add(Tag::builder().word("rust"));
    let article = session.add(Article::builder().title("A").tags([tag]));
    session.commit().await?;
    session[article].tags.remove(tag);
    assert_eq!(session.history(article)?.removed(Article::TAGS), [tag]);
    session[article].tags.push(tag);
    assert!(session.history(article)?.removed(Article::TAGS).is_empty());
    assert!(!session.is_modified(article)? && session.flush_plan()?.is_empty());
    Ok(())
}

#[orm_testkit::test(base = articles::Base)]
async fn a_member_that_comes_and_leaves_is_no_change(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let tag = session.add(Tag::builder().word("rust"));
    let article = session.add(Article::builder().title("A"));
    session.commit().await?;
    session[article].tags.extend([tag, tag]);
    assert_eq!(session.history(article)?.added(Article::TAGS), [tag], "once");
    session[article].tags.remove(tag);
    assert!(!session.is_modified(article)? && session.flush_plan()?.is_empty());
    Ok(())
}

#[orm_testkit::test(base = articles::Base)]
async fn a_collection_that_is_not_loaded_has_a_history(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(Article::builder().title("A").tags(["x", "y"].map(|word| Tag::builder().word(word))));
    session.commit().await?;
    let mut session = engine.session();
    let (article, x) = (session.get_one::<Article>(1).await?, session.get_one::<Tag>("x").await?);
    let z = session.add(Tag::builder().word("z"));
    session[article].tags.push(z);
    session[article].tags.remove(x);
    assert!(!session[article].tags.is_loaded());
    let history = session.history(article)?;
    assert_eq!((history.added(Article::TAGS), history.removed(Article::TAGS)), (vec![z], vec![x]));
    session.commit().await?;
    let words: Vec<_> = session.load(article, Article::TAGS).await?;
    assert_eq!(words.iter().map(|tag| &session[*tag].word[..]).collect::<Vec<_>>(), ["y", "z"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_history_ends_with_a_flush_a_rollback_and_an_expiry(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    for n in 0..3 {
        session[tea].price_cents += 1;
        assert_eq!(session.history(tea)?.changes().len(), 1);
        match n {
            0 => session.flush().await?,
            1 => session.rollback().await?,
            _ => session.expire(tea)?,
        }
        assert!(session.history(tea)?.changes().is_empty() && !session.is_modified(tea)?);
    }
    assert_eq!(session[tea].price_cents, 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_member_taken_out_of_a_collection_that_is_not_loaded_is_an_orphan(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let (ann, cart) = (session.get_one::<Customer>(1).await?, session.get_one::<Cart>(1).await?);
    session[ann].carts.remove(cart);
    session.commit().await?;
    assert_eq!(session.state(cart)?, ObjectState::Deleted);
    assert_eq!(engine.fetch_all(columns(Cart::ID)).await?, [2]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn taking_a_member_out_of_a_collection_that_is_not_its_own_does_nothing(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let bea = session.add(customer("Bea"));
    session.commit().await?;
    let cart = session.get_one::<Cart>(1).await?;
    session[bea].carts.remove(cart);
    session.commit().await?;
    assert_eq!(session.state(cart)?, ObjectState::Persistent);
    assert_eq!(engine.count(select::<Cart>().filter(Cart::CUSTOMER_ID.eq(1))).await?, 2);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_member_that_moves_is_no_orphan_in_whatever_order(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let ann = session.query::<Customer>().with(Customer::CARTS).one().await?;
    let bea = session.add(customer("Bea"));
    let [first, second] = session.objects::<Cart>().collect::<Vec<_>>()[..] else { panic!("two") };
    session[ann].carts.remove(first);
    session[bea].carts.push(first);
    session[bea].carts.push(second);
    session[ann].carts.remove(second);
    session.commit().await?;
    assert_eq!(engine.count(select::<Cart>().filter(Cart::CUSTOMER_ID.eq(2))).await?, 2);
    assert_eq!(session.at(ann).related(Customer::CARTS)?.len(), 0);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_new_member_that_is_taken_out_again_is_not_inserted(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let ann = session.query::<Customer>().with(Customer::CARTS).one().await?;
    let cart = session.add(Cart::builder().customer(ann));
    session[ann].carts.push(cart);
    session[ann].carts.remove(cart);
    session.commit().await?;
    assert_eq!(engine.count(select::<Cart>()).await?, 2);
    assert!(!session.contains(cart));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_object_that_a_rollback_took_back_keeps_its_values_and_waits(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = engine.session();
    let tea = session.add(product(1));
    session.flush().await?;
    session[tea].title = "Green tea".into();
    session.rollback().await?;
    assert_eq!(session.state(tea)?, ObjectState::Transient);
    assert_eq!(session.pending().count(), 0);
    session[tea].price_cents = 7;
    assert_eq!(session.state(tea)?, ObjectState::Pending, "writing it adds it again");
    session.commit().await?;
    assert_eq!(engine.fetch_one(columns(Product::PRICE_CENTS)).await?, 7);
    Ok(())
}
