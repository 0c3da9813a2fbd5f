//! Relations that are loaded when the program says so, by handle.

use super::common::{customer, product, shop};
use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_testkit::assert_queries;
use orm_tests::models::articles::{self, Article, Tag};
use orm_tests::models::houses::{self, House, Room};
use orm_tests::models::keys::{self, Course, Enrollment, Remark, Student};
use orm_tests::models::people::{self, Profile, User};
use orm_tests::models::tree::{self, Node, tree};
use shop_models::models::{Base, Cart, Customer, Product};

/// What is said of a relation that is not loaded.
fn told<T>(related: orm_core::Result<T>) -> String {
    let Err(error) = related else { panic!("it is loaded") };
    assert_eq!(error.kind(), ErrorKind::NotLoaded);
    error.to_string()
}

#[orm_testkit::test(base = Base)]
async fn a_collection_that_is_not_loaded_names_object_relation_and_call(
    engine: Engine,
) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let ann = session.get_one::<Customer>(1).await?;
    assert_eq!(
        told(session.at(ann).related(Customer::CARTS)),
        "`carts` of Customer(1) is not loaded: call `session.load(handle, Customer::CARTS).await?`, or \
         `.with(Customer::CARTS)` on the query"
    );
    let cart = session.get_one::<Cart>(1).await?;
    let products = told(session.at(cart).related(Cart::PRODUCTS));
    assert!(
        products
            .starts_with("`products` of Cart(1) is not loaded: call `session.load(handle, Cart::PRODUCTS)")
    );
    assert!(
        told(session.at(ann).to_json(Customer::CARTS)).starts_with("`carts` of Customer(1) is not loaded")
    );
    Ok(())
}

#[orm_testkit::test(base = people::Base)]
async fn a_reference_that_is_not_loaded_names_object_relation_and_call(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(User::builder().login("ann").profile(Profile::builder().text("hello")));
    session.commit().await?;
    let mut session = engine.session();
    let profile = session.query::<Profile>().one().await?;
    assert_eq!(
        told(session.at(profile).related(Profile::USER)),
        "`user` of Profile(1) is not loaded: call `session.load(handle, Profile::USER).await?`, or \
         `.with(Profile::USER)` on the query"
    );
    let user = session.load(profile, Profile::USER).await?[0];
    let one = told(session.at(user).related(User::PROFILE));
    assert!(
        one.starts_with("`profile` of User(1) is not loaded: call `session.load(handle, User::PROFILE)"),
        "{one}"
    );
    Ok(())
}

#[orm_testkit::test(base = keys::Base)]
async fn an_object_is_named_by_all_columns_of_its_key(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(Student::builder().name("Ann"));
    let art = session.add(Course::builder().code("A").title("Art"));
    session.add(Enrollment::builder().student(ann).course(art));
    session.commit().await?;
    let mut session = engine.session();
    let enrollment = session.query::<Enrollment>().one().await?;
    let why = told(session.at(enrollment).related(Enrollment::REMARKS));
    assert!(why.starts_with("`remarks` of Enrollment(1, \"A\") is not loaded"), "{why}");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_reference_to_an_object_of_the_session_asks_nothing(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let ann = session.get_one::<Customer>(1).await?;
    let carts = session.query::<Cart>().all().await?;
    assert_queries!(session, 0, {
        assert_eq!(session.at(carts[0]).related(Cart::CUSTOMER)?.handle(), ann); // it need not even be said
        assert_eq!(session.load(carts[0], Cart::CUSTOMER).await?, [ann]);
    });
    Ok(())
}

#[orm_testkit::test(base = keys::Base)]
async fn a_reference_by_several_columns_to_an_object_of_the_session_asks_nothing(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(Student::builder().name("Ann"));
    let art = session.add(Course::builder().code("A").title("Art"));
    session.add(Enrollment::builder().student(ann).course(art).remarks([Remark::builder().text("good")]));
    session.commit().await?;
    let mut session = engine.session();
    let enrollment = session.query::<Enrollment>().one().await?;
    let remark = session.query::<Remark>().one().await?;
    assert_queries!(session, 0, {
        assert_eq!(session.load(remark, Remark::ENROLLMENT).await?, [enrollment]);
    });
    Ok(())
}

#[orm_testkit::test(base = tree::Base)]
async fn an_empty_reference_asks_nothing(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(tree("a", 1, 0));
    session.commit().await?;
    let mut session = engine.session();
    let root = session.query::<Node>().one().await?;
    assert_queries!(session, 0, { assert!(session.load(root, Node::PARENT).await?.is_empty()) });
    assert!(session.at(root).related(Node::PARENT)?.is_none());
    Ok(())
}

#[orm_testkit::test(base = tree::Base)]
async fn a_tree_is_walked_down_with_one_statement_a_level(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(tree("a", 4, 3));
    session.commit().await?;
    let mut session = engine.session();
    let mut level = session.query::<Node>().filter(Node::PARENT_ID.is_null()).all().await?;
    let mut sizes = Vec::new();
    assert_queries!(session, 4, {
        while !level.is_empty() {
            sizes.push(level.len());
            level = session.load(&level, Node::CHILDREN).await?;
        }
    });
    assert_eq!(sizes, [1, 3, 9, 27]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn members_come_in_the_order_of_the_relation_whatever_that_of_the_owners(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [b, c, a] =
        ["b", "c", "a"].map(|sku| session.add(Product::builder().sku(sku).title("x").price_cents(1)));
    session.add(customer("Ann"));
    let ann = session.add(customer("Bea"));
    session[ann].carts.push(Cart::builder().products([c, a, b]));
    session.commit().await?;
    let mut session = engine.session();
    let cart = session.query::<Cart>().one().await?;
    let products = session.load(cart, Cart::PRODUCTS).await?;
    assert_eq!(products.iter().map(|one| &*session[*one].sku).collect::<Vec<_>>(), ["a", "b", "c"]);
    Ok(())
}

#[orm_testkit::test(base = articles::Base)]
async fn both_sides_of_an_association_are_loaded_on_their_own(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let tag = session.add(Tag::builder().word("x"));
    session.add_all(["a", "b"].map(|title| Article::builder().title(title).tags([tag])));
    session.commit().await?;
    let mut session = engine.session();
    let articles = session.query::<Article>().order_by(Article::ID).all().await?;
    let tags = session.load(articles[0], Article::TAGS).await?;
    let of_tag = assert_queries!(session, 1, { session.load(tags[0], Tag::ARTICLES).await? });
    assert_eq!(of_tag, articles);
    Ok(())
}

#[orm_testkit::test(base = people::Base)]
async fn the_one_object_of_the_other_side_is_loaded_once(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(User::builder().login("ann").profile(Profile::builder().text("hello")));
    session.add(User::builder().login("bea"));
    session.commit().await?;
    let mut session = engine.session();
    let users = session.query::<User>().order_by(User::ID).all().await?;
    assert_queries!(session, 1, {
        for user in &users {
            session.load(*user, User::PROFILE).await?;
        }
        session.load(&users, User::PROFILE).await?;
    });
    assert!(session.at(users[0]).related(User::PROFILE)?.is_some());
    assert!(session.at(users[1]).related(User::PROFILE)?.is_none());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_new_object_knows_its_members_without_asking(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(Customer::builder().name("Ann").email("a").carts([Cart::builder()]));
    let mut quiet = session.no_autoflush();
    assert_queries!(engine, 0, { quiet.load(ann, Customer::CARTS).await? });
    drop(quiet);
    session.commit().await?;
    assert_queries!(session, 0, { assert_eq!(session.load(ann, Customer::CARTS).await?.len(), 1) });
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn changing_one_side_does_not_load_the_other(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let ann = session.get_one::<Customer>(1).await?;
    let cart = session.get_one::<Cart>(1).await?;
    let bea = session.add(customer("Bea"));
    assert_queries!(session, 0, {
        session[ann].carts.push(Cart::builder());
        session[cart].customer.set(bea);
    });
    session.commit().await?;
    assert!(!session[ann].carts.is_loaded());
    assert_eq!(session.load(ann, Customer::CARTS).await?.len(), 2);
    Ok(())
}

#[orm_testkit::test(base = houses::Base)]
async fn a_reference_that_was_changed_leads_to_the_new_object(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session
        .add_all(["red", "blue"].map(|name| House::builder().name(name).rooms([Room::builder().name(name)])));
    session.commit().await?;
    let mut session = engine.session();
    let room = session.query::<Room>().order_by(Room::ID).first().await?.unwrap();
    session.load(room, Room::HOUSE).await?;
    session[room].house = Some(BelongsTo::key_of(2));
    let house = session.load(room, Room::HOUSE).await?;
    assert_eq!(session[house[0]].name, "blue");
    assert_eq!(session.at(room).related(Room::HOUSE)?.unwrap().name, "blue");
    session.rollback().await?;
    assert_eq!(session.at(room).related(Room::HOUSE)?.unwrap().name, "red");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn objects_that_left_the_session_load_nothing(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let ann = session.get_one::<Customer>(1).await?;
    session.expunge(ann)?;
    assert_eq!(session.load(ann, Customer::CARTS).await.unwrap_err().kind(), ErrorKind::Gone);
    let stranger = engine.session().get_one::<Customer>(1).await?;
    assert_eq!(session.load(stranger, Customer::CARTS).await.unwrap_err().kind(), ErrorKind::ForeignHandle);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_owner_whose_row_is_gone_has_no_members(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let ann = session.get_one::<Customer>(1).await?;
    engine.execute_script("DELETE FROM customer").await?;
    assert!(session.load(ann, Customer::CARTS).await?.is_empty());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_is_loaded_in_a_savepoint_that_is_taken_back_is_asked_for_again(
    engine: Engine,
) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let ann = session.get_one::<Customer>(1).await?;
    let mut nested = session.begin_nested().await?;
    nested.add(Cart::builder().customer(ann));
    assert_eq!(nested.load(ann, Customer::CARTS).await?.len(), 3);
    nested.rollback().await?;
    assert_eq!(session.load(ann, Customer::CARTS).await?.len(), 2);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_load_gives_each_object_once_in_the_order_of_owners(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let tea = session.add(product(1));
    let milk = session.add(product(2));
    let carts = [Cart::builder().products([tea, milk]), Cart::builder().products([tea])];
    session.add(Customer::builder().name("Ann").email("a").carts(carts));
    session.commit().await?;
    let mut session = engine.session();
    let carts = session.query::<Cart>().order_by(Cart::ID.desc()).all().await?;
    let products = session.load(&carts, Cart::PRODUCTS).await?;
    assert_eq!(products.iter().map(|one| session[*one].price_cents).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(session.load(&carts, Cart::CUSTOMER).await?.len(), 1);
    Ok(())
}
