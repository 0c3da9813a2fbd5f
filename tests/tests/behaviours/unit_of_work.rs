//! What a flush writes, in which order, and what it does not write.

use super::common::{customer, product, shop};
use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use orm_tests::models::books::{self, Author, Book};
use orm_tests::models::circle::{self, Department, Employee};
use orm_tests::models::keys::{self, City, Country, Course, Enrollment, Student};
use orm_tests::models::values::{self, Values, values};
use shop_models::models::{Base, Cart, CartProduct, Customer, Product};

mod models {
    use orm_core::prelude::*;

    orm_core::declarative_base!(pub(crate) Base);

    #[derive(Model, Clone, Debug)]
    #[model(base = Base, table = "größe")]
    pub(crate) struct Size {
        #[model(primary_key, column = "schlüssel")]
        pub(crate) key: String,
        #[model(column = "länge in \"Zoll\"")]
        pub(crate) inches: i32,
        #[has_many(back_populates = "size", order_by = "id")]
        pub(crate) things: HasMany<Thing>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base, table = "Ding")]
    pub(crate) struct Thing {
        #[model(primary_key)]
        pub(crate) id: Auto<i64>,
        #[belongs_to(back_populates = "things", column = "größe")]
        pub(crate) size: BelongsTo<Size>,
    }
}
use models::{Size, Thing};

fn author(name: &str) -> Author {
    Author::builder().name(name).build()
}

/// An author of two books, one of which another author edited; and a session that knows them all.
async fn library(engine: &Engine) -> orm_core::Result<(Session, [Handle<Author>; 2], [Handle<Book>; 2])> {
    let mut session = engine.session();
    let authors = ["a", "b"].map(|name| session.add(author(name)));
    let books = ["1", "2"].map(|title| session.add(Book::builder().title(title).author(authors[0])));
    session[books[0]].editor = authors[1].into();
    session.commit().await?;
    Ok((session, authors, books))
}

#[orm_testkit::test(base = Base)]
async fn rows_are_inserted_in_the_order_of_adding(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let all = session.add_all(["c", "a", "b"].map(customer));
    session.commit().await?;
    let keys: Vec<i64> = all.iter().map(|handle| session[*handle].id.unwrap()).collect();
    assert_eq!(keys, [1, 2, 3]);
    Ok(())
}

#[orm_testkit::test(base = books::Base)]
async fn members_of_several_owners_are_one_statement(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    for name in ["a", "b"] {
        let books = ["1", "2"].map(|title| Book::builder().title(format!("{name}{title}")));
        session.add(Author::builder().name(name).books(books));
    }
    assert_eq!(
        session.flush_plan()?.to_string(),
        "reserve 2 keys of author\ninsert 2 rows into author (id, name)\n\
         insert 4 rows into book (title, author_id, editor_id)"
    );
    session.commit().await?;
    let titles: Vec<String> =
        engine.fetch_all(columns(Book::TITLE).filter(Book::AUTHOR_ID.eq(2)).order_by(Book::ID)).await?;
    assert_eq!(titles, ["b1", "b2"]);
    Ok(())
}

#[orm_testkit::test(base = books::Base)]
async fn changes_of_owner_and_member_are_an_update_each(engine: Engine) -> orm_core::Result<()> {
    let (mut session, authors, books) = library(&engine).await?;
    session[authors[0]].name = "A".into();
    session[books[1]].title = "two".into();
    assert_eq!(
        session.flush_plan()?.to_string(),
        "update 1 row of author (name)\nupdate 1 row of book (title)"
    );
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns(Book::TITLE).order_by(Book::ID)).await?, ["1", "two"]);
    Ok(())
}

#[orm_testkit::test(base = books::Base)]
async fn a_member_that_moves_takes_its_other_changes_along(engine: Engine) -> orm_core::Result<()> {
    let (mut session, authors, books) = library(&engine).await?;
    session[authors[1]].books.push(books[1]);
    session[books[1]].title = "moved".into();
    assert_eq!(session.flush_plan()?.to_string(), "update 1 row of book (title, author_id)");
    session.commit().await?;
    assert_eq!(session.load(authors[0], Author::BOOKS).await?, [books[0]]);
    assert_eq!(session.load(authors[1], Author::BOOKS).await?, [books[1]]);
    Ok(())
}

#[orm_testkit::test(base = books::Base)]
async fn an_owner_that_goes_clears_optional_keys_first(engine: Engine) -> orm_core::Result<()> {
    library(&engine).await?;
    let mut session = engine.session();
    let editor = session.get_one::<Author>(2).await?;
    session.delete(editor)?;
    session.flush().await?;
    let book = session.get_one::<Book>(1).await?;
    assert!(session[book].editor.is_none());
    session.commit().await?;
    assert_eq!(engine.count(select::<Book>().filter(Book::EDITOR_ID.is_null())).await?, 2);
    Ok(())
}

#[orm_testkit::test(base = books::Base)]
async fn an_owner_whose_members_need_it_is_refused_by_the_server(engine: Engine) -> orm_core::Result<()> {
    library(&engine).await?;
    let mut session = engine.session();
    let author = session.get_one::<Author>(1).await?;
    session.delete(author)?;
    assert!(session.commit().await.unwrap_err().is_foreign_key_violation());
    session.rollback().await?;
    assert_eq!(session.state(author)?, ObjectState::Persistent);
    Ok(())
}

#[orm_testkit::test(base = books::Base)]
async fn owner_and_members_are_deleted_without_an_update(engine: Engine) -> orm_core::Result<()> {
    let (mut session, authors, books) = library(&engine).await?;
    // In an order that the tables would not allow.
    session.delete(authors[0])?;
    session.delete(authors[1])?;
    books.iter().try_for_each(|book| session.delete(*book))?;
    assert_eq!(session.flush_plan()?.to_string(), "delete 2 rows of book\ndelete 2 rows of author");
    session.commit().await?;
    assert_eq!(engine.count(select::<Author>()).await?, 0);
    Ok(())
}

#[orm_testkit::test(base = books::Base)]
async fn a_deletion_reads_nothing_when_both_sides_go(engine: Engine) -> orm_core::Result<()> {
    library(&engine).await?;
    let mut session = engine.session();
    let book = session.get_one::<Book>(2).await?;
    orm_testkit::assert_queries!(session, 1, {
        session.delete(book)?;
        session.commit().await?;
    });
    Ok(())
}

#[orm_testkit::test(base = circle::Base)]
async fn a_reference_without_another_side_is_cleared_where_it_is_loaded(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = engine.session();
    let one = session.add(Department::builder().name("one"));
    let two = session.add(Department::builder().name("two"));
    let head = session.add(Employee::builder().name("head").department(two));
    session[one].head = head.into();
    session.commit().await?;
    session.delete(head)?;
    assert_eq!(
        session.flush_plan()?.to_string(),
        "update 1 row of department (head_id)\ndelete 1 row of employee"
    );
    session.commit().await?;
    assert!(session[one].head.is_none());
    Ok(())
}

#[orm_testkit::test(base = books::Base)]
async fn a_foreign_key_is_set_changed_and_cleared(engine: Engine) -> orm_core::Result<()> {
    let (mut session, authors, books) = library(&engine).await?;
    let editors = columns(Book::EDITOR_ID).order_by(Book::ID);
    session[books[0]].editor = authors[0].into();
    session[books[1]].editor = authors[1].into();
    assert_eq!(session.flush_plan()?.to_string(), "update 2 rows of book (editor_id)");
    session.commit().await?;
    assert_eq!(engine.fetch_all(editors.clone()).await?, [Some(1), Some(2)]);
    session[books[0]].editor = None;
    session.commit().await?;
    assert_eq!(engine.fetch_all(editors).await?, [None, Some(2)]);
    Ok(())
}

#[orm_testkit::test(base = books::Base)]
async fn a_foreign_key_that_points_where_it_did_is_no_change(engine: Engine) -> orm_core::Result<()> {
    let (mut session, authors, books) = library(&engine).await?;
    session[books[0]].author.set(authors[1]);
    session[books[0]].author.set(authors[0]);
    session[books[0]].editor = None;
    session[books[0]].editor = Some(BelongsTo::key_of(2));
    assert!(session.flush_plan()?.is_empty());
    Ok(())
}

#[orm_testkit::test(base = books::Base)]
async fn new_owners_come_with_the_member_that_names_them(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let book = session.add(Book::builder().title("t").author(author("new")).editor(author("other")));
    assert_eq!(
        session.flush_plan()?.to_string(),
        "reserve 2 keys of author\ninsert 2 rows into author (id, name)\n\
         insert 1 row into book (title, author_id, editor_id)"
    );
    session.commit().await?;
    let book = session.at(book);
    assert_eq!(book.related(Book::AUTHOR)?.name, "new");
    assert_eq!(book.related(Book::EDITOR)?.map(|editor| editor.name.clone()), Some("other".to_owned()));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_second_flush_sends_nothing(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(customer("Ann"));
    session.flush().await?;
    orm_testkit::assert_queries!(session, 0, { session.flush().await? });
    session[ann].age = Some(1);
    assert_eq!(session.flush_plan()?.to_string(), "update 1 row of customer (age)");
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns(Customer::AGE)).await?, [Some(1)]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn adding_what_is_there_changes_nothing(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(customer("Ann"));
    session.add_again(ann)?;
    session.commit().await?;
    session.add_again(ann)?;
    assert!(session.flush_plan()?.is_empty());
    assert_eq!(engine.count(select::<Customer>()).await?, 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn one_change_among_many_objects_is_one_row(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let all = session.add_all((0..200).map(product));
    session.commit().await?;
    // A write that leaves the value as it was is none.
    for handle in &all {
        let same = session[*handle].title.clone();
        session[*handle].title = same;
    }
    session[all[150]].price_cents = 7;
    assert_eq!(session.flush_plan()?.to_string(), "update 1 row of product (price_cents)");
    Ok(())
}

#[orm_testkit::test(base = values::Base)]
async fn bytes_json_and_floats_are_compared_by_value(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let row = session.add(values("v", true));
    session.commit().await?;
    let fresh = values("v", true);
    let id = session[row].id;
    session[row] = Values { id, ..fresh };
    assert!(session.flush_plan()?.is_empty(), "equal values in other places of the memory");
    session[row].bytes.push(1);
    session[row].double = f64::NAN;
    assert_eq!(session.flush_plan()?.to_string(), "update 1 row of value (double, bytes)");
    session.commit().await?;
    session[row].double = f64::NAN;
    assert!(session.flush_plan()?.is_empty(), "NaN is what it was");
    Ok(())
}

#[orm_testkit::test(base = values::Base)]
async fn the_null_of_json_and_no_value_are_two_things(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let rows =
        [Some(Json::Null), None].map(|json| session.add(Values { opt_json: json, ..values("v", false) }));
    session.commit().await?;
    assert_eq!(engine.count(select::<Values>().filter(Values::OPT_JSON.is_null())).await?, 1);
    session[rows[0]].opt_json = None;
    session[rows[1]].opt_json = Some(Json::Null);
    assert_eq!(session.flush_plan()?.steps().iter().map(|step| step.rows).sum::<usize>(), 2);
    session.commit().await?;
    let read = engine.fetch_all(columns(Values::OPT_JSON).order_by(Values::ID)).await?;
    assert_eq!(read, [None, Some(Json::Null)]);
    Ok(())
}

#[orm_testkit::test(base = values::Base)]
async fn a_boolean_goes_back_and_forth(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let row = session.add(Values { boolean: false, ..values("v", false) });
    session.commit().await?;
    for value in [true, false] {
        session[row].boolean = value;
        session[row].opt_boolean = Some(!value);
        session.commit().await?;
        let read = engine.fetch_one(columns((Values::BOOLEAN, Values::OPT_BOOLEAN))).await?;
        assert_eq!(read, (value, Some(!value)));
    }
    Ok(())
}

#[orm_testkit::test(base = values::Base)]
async fn optional_columns_that_stay_empty_are_null_and_no_change(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let row = session.add(values("v", false));
    session.commit().await?;
    session[row].opt_text = None;
    assert!(session.flush_plan()?.is_empty());
    session[row].opt_text = Some(String::new());
    assert_eq!(session.flush_plan()?.to_string(), "update 1 row of value (opt_text)", "empty is not NULL");
    Ok(())
}

#[orm_testkit::test(base = models::Base)]
async fn names_and_values_of_any_script_are_written(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(Size::builder().key("größer 大").inches(3).things([Thing::builder(), Thing::builder()]));
    session.commit().await?;
    let mut session = engine.session();
    let size = session.query::<Size>().filter(Size::KEY.eq("größer 大")).with(Size::THINGS).one().await?;
    session[size].inches = 4;
    let thing = session.at(size).related(Size::THINGS)?.next().unwrap().handle();
    session.delete(thing)?;
    session.commit().await?;
    assert_eq!(engine.fetch_one(columns(Size::INCHES)).await?, 4);
    assert_eq!(engine.count(select::<Thing>()).await?, 1);
    Ok(())
}

#[orm_testkit::test(base = keys::Base)]
async fn a_row_is_found_by_a_key_of_two_columns(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let student = session.add(Student::builder().name("s"));
    let course = session.add(Course::builder().code("c").title("t"));
    let both = session.add(Enrollment::builder().student(student).course(course).grade(1));
    session.commit().await?;
    assert_eq!(session.get::<Enrollment>((1, "c".to_owned())).await?, Some(both));
    let mut other = engine.session();
    let found = other.get_one::<Enrollment>((1, "c".to_owned())).await?;
    other[found].grade = Some(2);
    assert_eq!(other.flush_plan()?.to_string(), "update 1 row of enrollment (grade)");
    other.commit().await?;
    assert_eq!(other.get::<Enrollment>((1, "d".to_owned())).await?, None);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_another_session_deleted_may_be_deleted(engine: Engine) -> orm_core::Result<()> {
    let mut one = engine.session();
    let all = one.add_all(["Ann", "Bea"].map(customer));
    one.commit().await?;
    Customer::find(&engine, 1).await?.unwrap().delete(&engine).await?;
    all.iter().try_for_each(|handle| one.delete(*handle))?;
    one.commit().await?;
    assert_eq!(engine.count(select::<Customer>()).await?, 0);
    assert_eq!(one.delete(all[0]).unwrap_err().kind(), ErrorKind::Gone);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn deleting_twice_before_the_flush_is_deleting_once(engine: Engine) -> orm_core::Result<()> {
    let mut session = shop(&engine).await?;
    let cart = session.get_one::<Cart>(2).await?;
    session.delete(cart)?;
    session.delete(cart)?;
    session.flush_plan()?;
    session.flush_plan()?;
    session.commit().await?;
    assert_eq!(engine.count(select::<Cart>()).await?, 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn tables_that_do_not_refer_to_each_other_go_in_one_flight(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(customer("Ann"));
    session.add(product(1));
    session.add(customer("Bea"));
    let plan = session.flush_plan()?;
    assert_eq!(
        plan.to_string(),
        "insert 2 rows into customer (name, email, age)\ninsert 1 row into product (sku, title, price_cents)"
    );
    assert_eq!(plan.round_trips(), 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn deletions_go_the_opposite_way_of_insertions(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let tea = session.add(product(1));
    let ann = session.add(customer("Ann"));
    let cart = session.add(Cart::builder().customer(ann));
    let line = session.add(CartProduct::builder().cart(cart).product(tea).quantity(2));
    let kinds = |plan: orm_core::FlushPlan| -> Vec<String> {
        let steps = plan.steps().iter().filter(|step| step.kind != orm_core::flush::StepKind::Reserve);
        steps.map(|step| step.table.clone()).collect()
    };
    let mut inserted = kinds(session.flush_plan()?);
    session.commit().await?;
    session.delete(ann)?;
    session.delete(tea)?;
    session.delete(cart)?;
    session.delete(line)?;
    let deleted = kinds(session.flush_plan()?);
    assert_eq!(inserted, ["customer", "cart", "product", "cart_product"]);
    inserted.reverse();
    assert_eq!(deleted, inserted);
    session.commit().await?;
    assert_eq!(engine.count(select::<Product>()).await?, 0);
    Ok(())
}

#[orm_testkit::test(base = keys::Base)]
async fn the_key_of_a_row_that_was_deleted_is_free_for_a_later_flush(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let old = session.add(Country::builder().code("de").name("old").cities([City::builder().name("Ulm")]));
    session.commit().await?;
    session.delete(old)?;
    session.flush().await?;
    let new = session.add(Country::builder().code("de").name("new"));
    session.commit().await?;
    assert_eq!(session.get::<Country>("de").await?, Some(new));
    assert_eq!(session.load(new, Country::CITIES).await?.len(), 0);
    Ok(())
}
