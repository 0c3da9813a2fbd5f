//! Loaded graphs, serialised.

use orm_core::prelude::*;
use orm_tests::models::guild::{self, Badge, Comment, Member, Subject, Task};
use orm_tests::models::volumes;
use shop_models::models::{Base, Cart, Customer, Product};

/// Ann with a cart that has two products, and Bea with an empty one.
async fn shop(engine: &Engine) -> orm_core::Result<Session> {
    let mut session = engine.session();
    let products = ["T-1", "T-2"].map(|sku| Product::builder().sku(sku).title("Tea").price_cents(390));
    let cart = Cart::builder().invoice("1").products(products);
    session.add(Customer::builder().name("Ann").email("ann@example.org").carts([cart]));
    session.add(Customer::builder().name("Bea").email("bea@example.org").carts([Cart::builder()]));
    session.commit().await?;
    Ok(engine.session())
}

fn json(value: impl serde::Serialize) -> Json {
    serde_json::to_value(value).unwrap()
}

#[orm_testkit::test(base = Base)]
async fn a_tree_has_columns_and_the_relations_of_its_paths(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let path = || Customer::CARTS.then(Cart::PRODUCTS);
    let customers = session.query::<Customer>().order_by(Customer::ID).with(path()).all().await?;
    let trees = json(session.trees(&customers, (path(), Customer::CARTS.then(Cart::CUSTOMER))));
    assert_eq!((&trees[0]["name"], &trees[0]["age"]), (&"Ann".into(), &Json::Null));
    assert_eq!(trees[0]["carts"][0]["products"][1]["sku"], "T-2");
    assert_eq!(trees[0]["carts"][0]["customer"]["name"], "Ann", "two paths that begin alike are one branch");
    assert_eq!(trees[1]["carts"][0]["products"], serde_json::json!([]));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_is_not_loaded_is_left_out_and_nothing_is_asked(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let ann = session.get_one::<Customer>(1).await?;
    orm_testkit::assert_queries!(session, 0, {
        let tree = json(session.at(ann).tree(Customer::CARTS));
        assert!(tree.get("carts").is_none() && tree["name"] == "Ann");
    });
    session.load(ann, Customer::CARTS).await?;
    let tree = json(session.at(ann).tree((Customer::CARTS.then(Cart::PRODUCTS),)));
    assert!(tree["carts"][0].get("products").is_none() && tree["carts"][0]["invoice"] == "1");
    assert_eq!(json(session.at(ann).tree(())).get("carts"), None, "only what the paths name");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_circle_ends_with_its_path(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let round = || Customer::CARTS.then(Cart::CUSTOMER).then(Customer::CARTS);
    let ann = session.query::<Customer>().filter(Customer::NAME.eq("Ann")).with(round()).one().await?;
    let tree = json(session.at(ann).tree(round()));
    let inner = &tree["carts"][0]["customer"]["carts"][0];
    assert!(inner["invoice"] == "1" && inner.get("customer").is_none());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn unsaved_members_are_shown_and_deleted_ones_are_not(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let ann = session.get_one::<Customer>(1).await?;
    let carts = session.load(ann, Customer::CARTS).await?;
    let new = session.add(Cart::builder().invoice("2"));
    session[ann].carts.push(new);
    let tree = json(session.at(ann).tree(Customer::CARTS));
    let invoices: Vec<&Json> =
        tree["carts"].as_array().unwrap().iter().map(|cart| &cart["invoice"]).collect();
    assert_eq!(invoices, ["1", "2"]);
    session.commit().await?;
    session.delete(carts[0])?;
    session.commit().await?;
    assert_eq!(json(session.at(ann).tree(Customer::CARTS))["carts"].as_array().unwrap().len(), 1);
    Ok(())
}

#[orm_testkit::test(base = volumes::Base)]
async fn columns_that_are_not_loaded_are_left_out(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let chapters = [volumes::Chapter::builder().text("One")];
    session.add(volumes::Volume::builder().title("Tea").blurb("Short").chapters(chapters));
    session.commit().await?;
    let mut session = engine.session();
    let book = session.query::<volumes::Volume>().with(volumes::Volume::CHAPTERS).one().await?;
    let text = serde_json::to_string(&session.at(book).tree(volumes::Volume::CHAPTERS)).unwrap();
    assert_eq!(text, r#"{"id":1,"title":"Tea","note":null,"chapters":[{"id":1,"volume_id":1}]}"#);
    Ok(())
}

#[orm_testkit::test(base = guild::Base)]
async fn relations_of_one_are_a_value_or_null(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [ann, _] = ["Ann", "Bea"].map(|name| session.add(Member::builder().name(name)));
    session.add(Badge::builder().name("gold").holder(ann));
    let task = session.add(Task::builder().name("wash"));
    let about = |name: &str, subject| Comment::builder().name(name).subject(subject);
    session.add(about("a", Subject::Member(BelongsTo::to(ann))));
    session.add(about("b", Subject::Task(BelongsTo::to(task))));
    session.commit().await?;
    let mut session = engine.session();
    let members = session.query::<Member>().order_by(Member::ID).with(Member::BADGE).all().await?;
    let trees = json(session.trees(&members, Member::BADGE));
    assert_eq!((&trees[0]["badge"]["name"], &trees[1]["badge"]), (&"gold".into(), &Json::Null));
    let comments = session.query::<Comment>().order_by(Comment::ID).all().await?;
    let paths = || (Comment::SUBJECT.then(Subject::MEMBER), Comment::SUBJECT.then(Subject::TASK));
    session.load(&comments, paths()).await?;
    let trees = json(session.trees(&comments, paths()));
    assert_eq!(
        (&trees[0]["subject.member"]["name"], &trees[0]["subject.task"]),
        (&"Ann".into(), &Json::Null)
    );
    assert_eq!(
        (&trees[1]["subject.member"], &trees[1]["subject.task"]["name"]),
        (&Json::Null, &"wash".into())
    );
    Ok(())
}
