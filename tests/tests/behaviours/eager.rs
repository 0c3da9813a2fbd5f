//! Relations that come with a query: by the keys of the owners, joined, and by their query. Each behaviour holds for all three.

use super::common::{customer, product, shop};
use orm_core::ErrorKind;
use orm_core::mapper::{Relation, arity};
use orm_core::prelude::*;
use orm_core::query::Path;
use orm_core::sql::TrustedSql;
use orm_testkit::assert_queries;
use orm_tests::models::articles::{self, Article, Tag};
use orm_tests::models::books::{self, Author, Book};
use orm_tests::models::houses::{self, House, Room, Thing};
use orm_tests::models::keys::{self, Course, Enrollment, Remark, Student};
use orm_tests::models::people::{self, Profile, User};
use orm_tests::models::tree::{self, Node, tree};
use shop_models::models::{Base, Cart, Customer};

/// The ways to load a relation together with its owners.
fn ways<M: Model, T: Model, A>(relation: Relation<M, T, A>) -> [Path<M, T>; 3] {
    [relation.select_in(), relation.joined(), relation.subquery()]
}

/// The invoices of the carts that a customer shows.
fn invoices(session: &Session, customer: Handle<Customer>) -> Vec<String> {
    let carts = session.at(customer).related(Customer::CARTS).unwrap();
    carts.map(|cart| cart.invoice.clone().unwrap_or_default()).collect()
}

#[orm_testkit::test(base = Base)]
async fn an_owner_without_members_is_known_to_have_none(engine: Engine) -> orm_core::Result<()> {
    customer("Ann").insert(&engine).await?;
    for way in ways(Customer::CARTS) {
        let mut session = engine.session();
        let ann = session.query::<Customer>().with(way).one().await?;
        assert!(invoices(&session, ann).is_empty());
        assert_queries!(session, 0, { assert!(session.load(ann, Customer::CARTS).await?.is_empty()) });
    }
    Ok(())
}

#[orm_testkit::test(base = tree::Base)]
async fn a_reference_to_nothing_is_known_to_be_nothing(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(tree("a", 2, 1));
    session.commit().await?;
    for way in ways(Node::PARENT) {
        let mut session = engine.session();
        let nodes = session.query::<Node>().order_by(Node::ID).with(way).all().await?;
        assert!(session.at(nodes[0]).related(Node::PARENT)?.is_none());
        assert_eq!(session.at(nodes[1]).related(Node::PARENT)?.unwrap().handle(), nodes[0]);
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn many_owners_share_the_object_that_they_refer_to(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    for way in ways(Cart::CUSTOMER) {
        let mut session = engine.session();
        let carts = session.query::<Cart>().with(way).all().await?;
        let owners: Vec<Handle<Customer>> =
            session.each(&carts).map(|cart| cart.related(Cart::CUSTOMER).unwrap().handle()).collect();
        assert_eq!((owners.len(), owners[0]), (2, owners[1]));
        assert_eq!(session.objects::<Customer>().count(), 1);
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn the_orders_of_owners_and_of_members_are_both_kept(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    for name in ["Ann", "Cem", "Bea"] {
        let carts = ["1", "3", "2"].map(|n| Cart::builder().invoice(format!("{name} {n}")));
        session.add(Customer::builder().name(name).email(name).carts(carts));
    }
    session.commit().await?;
    for way in ways(Customer::CARTS) {
        let mut session = engine.session();
        let query = session.query::<Customer>().order_by(Customer::NAME.desc());
        let customers = query.with(way.order_by(Cart::INVOICE.desc())).all().await?;
        let shown: Vec<String> = customers.iter().flat_map(|one| invoices(&session, *one)).collect();
        let expected = ["Cem", "Bea", "Ann"].map(|name| [3, 2, 1].map(|n| format!("{name} {n}")));
        assert_eq!(shown, expected.concat());
    }
    Ok(())
}

#[orm_testkit::test(base = articles::Base)]
async fn members_of_several_owners_are_one_object_in_each_of_them(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [y, x] = ["y", "x"].map(|word| session.add(Tag::builder().word(word)));
    session.add(Article::builder().title("a").tags([y, x]));
    session.add(Article::builder().title("b").tags([y]));
    session.add(Article::builder().title("c"));
    session.commit().await?;
    for way in ways(Article::TAGS) {
        let mut session = engine.session();
        let articles = session.query::<Article>().order_by(Article::ID).with(way).all().await?;
        let tags: Vec<Vec<Handle<Tag>>> = session
            .each(&articles)
            .map(|article| article.related(Article::TAGS).unwrap().map(|tag| tag.handle()).collect())
            .collect();
        assert_eq!(tags.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1, 0]);
        assert_eq!((tags[0][1], &*session[tags[0][0]].word), (tags[1][0], "x"));
        assert_eq!(session.objects::<Tag>().count(), 2);
    }
    Ok(())
}

#[orm_testkit::test(base = people::Base)]
async fn the_one_object_of_the_other_side_is_there_or_known_to_be_none(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(User::builder().login("ann").profile(Profile::builder().text("hello")));
    session.add(User::builder().login("bea"));
    session.commit().await?;
    for way in ways(User::PROFILE) {
        let mut session = engine.session();
        let users = session.query::<User>().order_by(User::ID).with(way).all().await?;
        assert_eq!(session.at(users[0]).related(User::PROFILE)?.unwrap().text, "hello");
        assert!(session.at(users[1]).related(User::PROFILE)?.is_none());
    }
    Ok(())
}

#[orm_testkit::test(base = books::Base)]
async fn two_relations_to_one_model_are_loaded_beside_each_other(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [ann, bea] = ["Ann", "Bea"].map(|name| session.add(Author::builder().name(name)));
    session.add(Book::builder().title("one").author(ann).editor(bea));
    session.add(Book::builder().title("two").author(ann).editor(bea));
    session.add(Book::builder().title("three").author(bea));
    session.commit().await?;
    for (written, edited) in ways(Author::BOOKS).into_iter().zip(ways(Author::EDITED)) {
        let mut session = engine.session();
        let query = session.query::<Author>().order_by(Author::ID).with(written).with(edited);
        let authors = query.all().await?;
        let titles = |author: Handle<Author>, relation: Relation<Author, Book, arity::Many>| -> Vec<String> {
            session.at(author).related(relation).unwrap().map(|book| book.title.clone()).collect()
        };
        assert_eq!(titles(authors[0], Author::BOOKS), ["one", "two"]);
        assert!(titles(authors[0], Author::EDITED).is_empty());
        assert_eq!(titles(authors[1], Author::BOOKS), ["three"]);
        assert_eq!(titles(authors[1], Author::EDITED), ["one", "two"]);
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_path_that_comes_back_meets_the_same_objects(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    for (there, back) in ways(Customer::CARTS).into_iter().zip(ways(Cart::CUSTOMER)) {
        let mut session = engine.session();
        let ann = session.query::<Customer>().with(there.then(back)).one().await?;
        for cart in session.at(ann).related(Customer::CARTS)? {
            assert_eq!(cart.related(Cart::CUSTOMER)?.handle(), ann);
        }
    }
    Ok(())
}

#[orm_testkit::test(base = tree::Base)]
async fn a_tree_is_loaded_as_deep_as_the_path_and_no_deeper(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(tree("a", 4, 2));
    session.commit().await?;
    for (first, second) in ways(Node::CHILDREN).into_iter().zip(ways(Node::CHILDREN)) {
        let mut session = engine.session();
        let roots = session.query::<Node>().filter(Node::PARENT_ID.is_null());
        let root = roots.with(first.then(second)).one().await?;
        let mut names = Vec::new();
        for child in session.at(root).related(Node::CHILDREN)? {
            for below in child.related(Node::CHILDREN)? {
                names.push(below.name.clone());
                assert_eq!(below.related(Node::CHILDREN).unwrap_err().kind(), ErrorKind::NotLoaded);
            }
        }
        assert_eq!(names, ["a.0.0", "a.0.1", "a.1.0", "a.1.1"]);
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn one_object_is_one_whatever_number_of_members_comes_with_it(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    for way in ways(Customer::CARTS) {
        let mut session = engine.session();
        let query = select::<Customer>().with(way);
        assert_eq!(session.all(query.clone()).await?.len(), 1);
        let found = session.query::<Customer>().with(Customer::CARTS.joined()).one_or_none().await?;
        assert_eq!(invoices(&session, found.unwrap()), ["1", "2"]);
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_condition_on_members_chooses_owners_and_not_what_they_show(
    engine: Engine,
) -> orm_core::Result<()> {
    shop(&engine).await?;
    for way in ways(Customer::CARTS) {
        let mut session = engine.session();
        let with_first = session.query::<Customer>().filter(Customer::CARTS.any(Cart::INVOICE.eq("1")));
        let ann = with_first.with(way).one().await?;
        assert_eq!(invoices(&session, ann), ["1", "2"]);
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_object_that_is_there_already_gets_the_relation_too(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    for way in ways(Customer::CARTS) {
        let mut session = engine.session();
        let ann = session.get_one::<Customer>(1).await?;
        session[ann].name.push('!');
        let found = session.no_autoflush().query::<Customer>().with(way).one().await?;
        assert_eq!((found, &*session[ann].name), (ann, "Ann!"));
        assert_eq!(invoices(&session, ann), ["1", "2"]);
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_is_loaded_stays_as_it_was_read_until_somebody_asks_for_the_rows(
    engine: Engine,
) -> orm_core::Result<()> {
    shop(&engine).await?;
    for (n, way) in ways(Customer::CARTS).into_iter().enumerate() {
        let mut session = engine.session();
        let ann = session.query::<Customer>().with(way.clone()).one().await?;
        let before = invoices(&session, ann).len();
        engine
            .execute_script(TrustedSql::new(format!(
                "INSERT INTO cart (invoice, customer_id) VALUES ('new {n}', 1)"
            )))
            .await?;
        session.query::<Customer>().with(way.clone()).one().await?;
        assert_eq!(invoices(&session, ann).len(), before);
        session.query::<Customer>().with(way).populate_existing().one().await?;
        assert_eq!(invoices(&session, ann).len(), before + 1);
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn the_second_relation_of_a_path_is_loaded_though_the_first_is_there(
    engine: Engine,
) -> orm_core::Result<()> {
    shop(&engine).await?;
    for (carts, products) in ways(Customer::CARTS).into_iter().zip(ways(Cart::PRODUCTS)) {
        let mut session = engine.session();
        let ann = session.query::<Customer>().with(Customer::CARTS).one().await?;
        session.query::<Customer>().with(carts.then(products)).one().await?;
        let first = session.at(ann).related(Customer::CARTS)?.next().unwrap();
        assert_eq!(first.related(Cart::PRODUCTS)?.len(), 1);
    }
    Ok(())
}

#[orm_testkit::test(base = keys::Base)]
async fn keys_of_several_columns_pair_owners_and_members(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [ann, bea] = ["Ann", "Bea"].map(|name| session.add(Student::builder().name(name)));
    let [art, law] = ["A", "L"].map(|code| session.add(Course::builder().code(code).title(code)));
    for (student, course, text) in [(ann, art, "good"), (ann, law, "late"), (bea, art, "new")] {
        let remarks = [Remark::builder().text(text)];
        session.add(Enrollment::builder().student(student).course(course).remarks(remarks));
    }
    session.commit().await?;
    for (down, up) in ways(Enrollment::REMARKS).into_iter().zip(ways(Remark::ENROLLMENT)) {
        let mut session = engine.session();
        let order = (Enrollment::STUDENT_ID, Enrollment::COURSE_CODE);
        let all = session.query::<Enrollment>().order_by(order).with(down).all().await?;
        let texts: Vec<String> = session
            .each(&all)
            .flat_map(|one| {
                one.related(Enrollment::REMARKS)
                    .unwrap()
                    .map(|remark| remark.text.clone())
                    .collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(texts, ["good", "late", "new"]);
        let mut session = engine.session();
        let remarks = session.query::<Remark>().order_by(Remark::ID).with(up).all().await?;
        let late = session.at(remarks[1]).related(Remark::ENROLLMENT)?;
        assert_eq!(late.course.key().map(String::as_str), Some("L"));
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn any_number_of_owners_is_one_statement(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add_all((0..3000).map(|n| {
        Customer::builder().name("c").email(n.to_string()).carts([Cart::builder().invoice(n.to_string())])
    }));
    session.commit().await?;
    for (way, statements) in ways(Customer::CARTS).into_iter().zip([2, 1, 2]) {
        let mut session = engine.session();
        let all =
            assert_queries!(session, ..=statements, { session.query::<Customer>().with(way).all().await? });
        assert!(session.each(&all).all(|one| one.related(Customer::CARTS).unwrap().len() == 1));
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn references_that_the_session_has_are_not_asked_for(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    session.query::<Customer>().all().await?;
    let carts = assert_queries!(session, 1, { session.query::<Cart>().with(Cart::CUSTOMER).all().await? });
    assert_eq!(session.at(carts[0]).related(Cart::CUSTOMER)?.name, "Ann");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_query_that_finds_nothing_asks_for_no_members(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let path = Customer::CARTS.then(Cart::PRODUCTS);
    assert_queries!(session, 1, { assert!(session.query::<Customer>().with(path).all().await?.is_empty()) });
    Ok(())
}

#[orm_testkit::test(base = houses::Base)]
async fn a_path_mixes_ways_and_directions(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let room =
        |name: &str| Room::builder().name(name).things([Thing::builder().name(format!("{name} lamp"))]);
    session.add(House::builder().name("red").rooms([room("hall"), room("attic")]));
    session.commit().await?;
    for (up, down) in ways(Room::HOUSE).into_iter().zip(ways(House::ROOMS)) {
        let mut session = engine.session();
        let path = Thing::ROOM.select_in().then(up).then(down).then(Room::THINGS);
        let lamp = session.query::<Thing>().filter(Thing::NAME.eq("attic lamp")).with(path).one().await?;
        let house = session.at(lamp).related(Thing::ROOM)?.unwrap().related(Room::HOUSE)?.unwrap();
        let things: Vec<String> = house
            .related(House::ROOMS)?
            .flat_map(|room| {
                room.related(Room::THINGS).unwrap().map(|thing| thing.name.clone()).collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(things, ["hall lamp", "attic lamp"]);
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn objects_of_an_open_transaction_come_with_their_members(engine: Engine) -> orm_core::Result<()> {
    for way in ways(Customer::CARTS) {
        let mut session = engine.session();
        session.add(Customer::builder().name("Ann").email("a").carts([Cart::builder().invoice("1")]));
        session.flush().await?;
        session.expunge_all();
        let ann = session.query::<Customer>().with(way).one().await?;
        assert_eq!(invoices(&session, ann), ["1"]);
        session.rollback().await?;
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn deleted_members_are_not_shown(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    for way in ways(Customer::CARTS) {
        let mut session = engine.session();
        let cart = session.query::<Cart>().filter(Cart::INVOICE.eq("1")).one().await?;
        session.delete(cart)?;
        let ann = session.query::<Customer>().with(way).one().await?;
        assert_eq!(invoices(&session, ann), ["2"]);
        session.rollback().await?;
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_count_of_a_query_takes_no_notice_of_its_paths(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    for way in ways(Customer::CARTS) {
        let mut session = engine.session();
        let counted = assert_queries!(session, 1, { session.query::<Customer>().with(way).count().await? });
        assert_eq!(counted, 1);
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn new_members_that_wait_stay_beside_those_that_come(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    for way in ways(Cart::PRODUCTS) {
        let mut session = engine.session();
        let cart = session.query::<Cart>().filter(Cart::INVOICE.eq("1")).one().await?;
        let new = session.add(product(2));
        session[cart].products.push(new);
        session.no_autoflush().query::<Cart>().with(way).all().await?;
        let products = session.at(cart).related(Cart::PRODUCTS)?;
        assert_eq!(products.map(|product| product.sku.clone()).collect::<Vec<_>>(), ["P-1", "P-2"]);
    }
    Ok(())
}
