//! Owned values that come into the session and leave it: merge and expunge.

use super::common::{customer, names, product, shop};
use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use orm_tests::models::keys::{self, Country, Course, Enrollment, Student};
use orm_tests::models::people::{self, Profile, User};
use orm_tests::models::tree::{self, Node};
use shop_models::models::{Base, Cart, Customer, Product};

#[orm_testkit::test(base = Base)]
async fn a_value_without_a_key_is_added_without_asking(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = orm_testkit::assert_queries!(session, 0, { session.merge(customer("Ann")).await? });
    assert_eq!(session.state(ann)?, ObjectState::Pending);
    session.commit().await?;
    assert_eq!(names(&engine).await?, ["Ann"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn merging_a_value_that_is_new_twice_adds_it_twice(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let (one, two) = (session.merge(product(1)).await?, session.merge(product(1)).await?);
    assert_ne!(one, two);
    assert!(session.commit().await.unwrap_err().is_unique_violation());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_graph_of_new_values_is_added_whole(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let carts = [Cart::builder().invoice("1").products([product(1)]), Cart::builder().invoice("2")];
    let ann = session.merge(Customer::builder().name("Ann").email("ann").carts(carts)).await?;
    assert_eq!(session.pending().count(), 4);
    session.commit().await?;
    let mut other = engine.session();
    let found = other.query::<Customer>().with(Customer::CARTS.then(Cart::PRODUCTS)).one().await?;
    assert_eq!((other.at(found).related(Customer::CARTS)?.len(), other.len()), (2, 4));
    assert_eq!(session.at(ann).related(Customer::CARTS)?.len(), 2);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn new_members_are_added_beside_those_that_are_given(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let given = Customer::builder()
        .id(1)
        .name("Anna")
        .email("Ann@example.org")
        .carts([Cart::builder().id(2).invoice("2"), Cart::builder().invoice("3")]);
    session.merge(given).await?;
    session.commit().await?;
    let invoices = engine.fetch_all(columns(Cart::INVOICE).order_by(Cart::ID)).await?;
    assert_eq!(invoices, [Some("2".to_owned()), Some("3".to_owned())], "the first is an orphan");
    assert_eq!(names(&engine).await?, ["Anna"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_changed_member_is_updated_and_nothing_else(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let given = Customer::builder()
        .id(1)
        .name("Ann")
        .email("Ann@example.org")
        .carts([Cart::builder().id(1).invoice("1"), Cart::builder().id(2).invoice("2b")]);
    session.merge(given).await?;
    assert_eq!(session.flush_plan()?.to_string(), "update 1 row of cart (invoice)");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_changed_member_of_many_to_many_is_updated_and_its_link_stays(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = Product::builder().id(1).sku("P-1").title("Green tea").price_cents(1);
    session.merge(Cart::builder().id(1).invoice("1").customer_key(1).products([tea])).await?;
    assert_eq!(session.flush_plan()?.to_string(), "update 1 row of product (title)");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_reference_is_merged_with_its_owner(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let anna = Customer::builder().id(1).name("Anna").email("Ann@example.org");
    let cart = session.merge(Cart::builder().id(1).invoice("1").customer(anna)).await?;
    assert_eq!(session.flush_plan()?.to_string(), "update 1 row of customer (name)");
    assert_eq!(session.at(cart).related(Cart::CUSTOMER)?.name, "Anna");
    let bea = Customer::builder().name("Bea").email("bea");
    session.merge(Cart::builder().id(1).invoice("1").customer(bea)).await?;
    session.commit().await?;
    assert_eq!(engine.fetch_one(columns(Cart::CUSTOMER_ID).filter(Cart::ID.eq(1))).await?, 2);
    Ok(())
}

#[orm_testkit::test(base = people::Base)]
async fn the_one_object_of_a_relation_is_merged_or_replaced(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(User::builder().login("ann").profile(Profile::builder().text("first")));
    session.commit().await?;
    let mut session = engine.session();
    let same = Profile::builder().id(1).text("changed");
    session.merge(User::builder().id(1).login("ann").profile(same)).await?;
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns(Profile::TEXT)).await?, ["changed"]);
    let mut session = engine.session();
    session.merge(User::builder().id(1).login("ann").profile(Profile::builder().text("new"))).await?;
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns(Profile::TEXT)).await?, ["new"], "the first is an orphan");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn null_is_a_value_that_is_taken_over(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let cart = session.merge(Cart::builder().id(1).customer_key(1)).await?;
    assert_eq!(session[cart].invoice, None);
    session.commit().await?;
    assert_eq!(engine.fetch_one(columns(Cart::INVOICE).filter(Cart::ID.eq(1))).await?, None);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_change_in_the_session_that_the_value_does_not_have_is_overwritten(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let ann = session.get_one::<Customer>(1).await?;
    session[ann].age = Some(41);
    session[ann].name = "changed".into();
    session.merge(Customer::builder().id(1).name("Ann").email("Ann@example.org").age(42)).await?;
    assert_eq!((&session[ann].name[..], session[ann].age), ("Ann", Some(42)));
    session.commit().await?;
    assert_eq!(
        engine.fetch_one(columns((Customer::NAME, Customer::AGE))).await?,
        ("Ann".to_owned(), Some(42))
    );
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn merging_flushes_before_it_asks_and_not_what_it_merges(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let given = |id| Customer::builder().id(id).name("C").email(id.to_string()).carts([Cart::builder()]);
    let bea = session.add(customer("Bea"));
    let seven = session.no_autoflush().merge(given(7)).await?;
    assert_eq!(session.state(bea)?, ObjectState::Pending, "put off");
    let eight = session.merge(given(8)).await?;
    assert_eq!(
        (session.state(bea)?, session.state(seven)?),
        (ObjectState::Persistent, ObjectState::Persistent)
    );
    assert_eq!(
        session.state(eight)?,
        ObjectState::Pending,
        "what is merged is no part of the flush before it"
    );
    assert!(session.autoflush());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn merging_two_values_of_one_key_after_each_other_gives_one_object(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = engine.session();
    let given = |name: &str| Customer::builder().id(7).name(name).email("x");
    let one = session.merge(given("Ann")).await?;
    let cart = session.add(Cart::builder().customer(one));
    session.flush().await?;
    let two = session.merge(given("Jack")).await?;
    assert_eq!(one, two);
    assert_eq!(session.at(cart).related(Cart::CUSTOMER)?.name, "Jack");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn one_key_several_times_in_a_graph_that_is_there_already_is_one_update(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = |title: &str| Product::builder().id(1).sku("P-1").title(title).price_cents(1);
    let carts = ["a", "b", "c"].map(|title| Cart::builder().products([tea(title)]));
    session.merge(Customer::builder().name("Bea").email("bea").carts(carts)).await?;
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns(Product::TITLE)).await?, ["c"], "the last one counts");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn many_values_are_merged_in_one_round_trip(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let before = engine.statistics().round_trips;
    let given = (1..=50).map(|n| Product { id: Auto::Set(n), ..product(n) });
    let merged = session.merge_all(given).await?;
    assert_eq!(engine.statistics().round_trips - before, 1);
    assert_eq!(session.state(merged[0])?, ObjectState::Persistent);
    assert_eq!(session.pending().count(), 49);
    session.commit().await?;
    assert_eq!(engine.count(select::<Product>()).await?, 50);
    Ok(())
}

#[orm_testkit::test(base = keys::Base)]
async fn a_natural_key_finds_its_row(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(Course::builder().code("1").title("Rust"));
    session.commit().await?;
    let mut session = engine.session();
    let course = session.merge(Course::builder().code("1").title("SQL")).await?;
    assert_eq!(session.state(course)?, ObjectState::Persistent);
    session.merge(Course::builder().code("2").title("Tea")).await?;
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns(Course::TITLE).order_by(Course::CODE)).await?, ["SQL", "Tea"]);
    Ok(())
}

#[orm_testkit::test(base = keys::Base)]
async fn a_key_of_two_foreign_keys_finds_its_row(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let student = session.add(Student::builder().name("Ann"));
    let course = session.add(Course::builder().code("1").title("Rust"));
    session.add(Enrollment::builder().student(student).course(course));
    session.commit().await?;
    let mut session = engine.session();
    let given = Enrollment::builder().student_key(1).course_key("1").grade(5_i16);
    let merged = session.merge(given).await?;
    assert_eq!(session.state(merged)?, ObjectState::Persistent);
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns(Enrollment::GRADE)).await?, [Some(5)]);
    Ok(())
}

#[orm_testkit::test(base = keys::Base)]
async fn a_member_leaves_a_collection_that_is_given_without_it(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let cities = ["Bern", "Basel"].map(|name| keys::City::builder().name(name));
    session.add(Country::builder().code("CH").name("Schweiz").cities(cities));
    session.add(Country::builder().code("DE").name("Deutschland"));
    session.commit().await?;
    let mut session = engine.session();
    let basel = keys::City::builder().name("Basel");
    let germany = session.merge(Country::builder().code("DE").name("Deutschland").cities([basel])).await?;
    session.commit().await?;
    assert_eq!(session.at(germany).related(Country::CITIES)?.len(), 1);
    let of_switzerland = select::<keys::City>().filter(keys::City::COUNTRY_ID.eq("CH"));
    assert_eq!(engine.count(of_switzerland).await?, 1, "it moved");
    Ok(())
}

#[orm_testkit::test(base = tree::Base)]
async fn a_tree_is_merged_to_any_depth(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(tree::tree("r", 4, 2));
    session.commit().await?;
    let mut session = engine.session();
    let leaf = Node::builder().id(8).name("leaf");
    let node = Node::builder().id(4).name("node").children([leaf, Node::builder().name("new")]);
    session.merge(node).await?;
    session.commit().await?;
    let below =
        engine.fetch_all(columns(Node::NAME).filter(Node::PARENT_ID.eq(4)).order_by(Node::ID)).await?;
    assert_eq!(below, ["leaf", "new"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_was_changed_outside_is_written_after_merging(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let ann = session.query::<Customer>().one().await?;
    let mut value = session.expunge(ann)?;
    value.name = "Fred".into();
    let ann = session.merge(value).await?;
    assert_eq!(session.dirty().collect::<Vec<_>>(), [ann.into()]);
    session.commit().await?;
    assert_eq!(names(&engine).await?, ["Fred"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_value_moves_from_one_session_to_another(engine: Engine) -> orm_core::Result<()> {
    let (mut one, mut two) = (shop(&engine).await?, engine.session());
    let tea = one.get_one::<Product>(1).await?;
    one[tea].title = "Green tea".into();
    let value = one.expunge(tea)?;
    let tea = two.merge(value).await?;
    assert!(two.is_modified(tea)?);
    two.commit().await?;
    one.commit().await?;
    assert_eq!(engine.fetch_one(columns(Product::TITLE)).await?, "Green tea");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn merging_a_row_that_is_gone_inserts_it_again(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    let value = session.expunge(tea)?;
    engine.execute_script("DELETE FROM product").await?;
    let tea = session.merge(value).await?;
    assert_eq!(session.state(tea)?, ObjectState::Pending);
    session.commit().await?;
    assert_eq!(engine.fetch_one(columns(Product::ID)).await?, 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn merging_what_the_session_deleted_inserts_it_again(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    let value = session[tea].clone();
    session.delete(tea)?;
    session.flush().await?;
    let again = session.merge(value).await?;
    assert_ne!(again, tea);
    assert_eq!(session.state(again)?, ObjectState::Pending);
    session.commit().await?;
    assert_eq!(engine.count(select::<Product>()).await?, 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn expunging_a_new_object_forgets_its_members_too(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let carts = [Cart::builder(), Cart::builder()];
    let ann = session.add(Customer::builder().name("Ann").email("a").carts(carts));
    assert_eq!(session.pending().count(), 3);
    let value = session.expunge(ann)?;
    assert_eq!((session.pending().count(), value.carts.values().len()), (0, 2));
    session.commit().await?;
    assert_eq!(names(&engine).await?, [""; 0]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn expunging_what_a_flush_deleted_is_refused(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    session.delete(tea)?;
    session.flush().await?;
    assert_eq!(session.expunge(tea).unwrap_err().kind(), ErrorKind::Gone);
    session.rollback().await?;
    assert_eq!(session.expunge(tea)?.title, "Tea", "it is back");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn expunging_twice_is_refused(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let tea = session.get_one::<Product>(1).await?;
    session.expunge(tea)?;
    assert_eq!(session.expunge(tea).unwrap_err().kind(), ErrorKind::Gone);
    assert_eq!(engine.session().expunge(tea).unwrap_err().kind(), ErrorKind::ForeignHandle);
    Ok(())
}
