//! Flush plans are data: they are compared here without any database.

use orm_core::prelude::*;
use orm_core::{ErrorKind, FlushPlan};
use shop_models::models::{Cart, Customer};

mod models {
    use orm_core::prelude::*;

    orm_core::declarative_base!(pub(crate) Base);

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct Author {
        #[model(primary_key)]
        pub(crate) id: Auto<i64>,
        pub(crate) name: String,
        #[has_many(back_populates = "author")]
        pub(crate) books: HasMany<Book>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct Book {
        #[model(primary_key)]
        pub(crate) isbn: String,
        pub(crate) title: String,
        #[model(server_default = "now()")]
        pub(crate) added: Auto<DateTime<Utc>>,
        #[belongs_to]
        pub(crate) author: BelongsTo<Author>,
        #[belongs_to]
        pub(crate) sequel_of: Option<BelongsTo<Book>>,
        #[many_to_many(secondary = "book_tag", back_populates = "books")]
        pub(crate) tags: ManyToMany<Tag>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct Tag {
        #[model(primary_key)]
        pub(crate) name: String,
        #[many_to_many(secondary = "book_tag", back_populates = "tags")]
        pub(crate) books: ManyToMany<Book>,
    }
}
use models::{Author, Book, Tag};

/// A session whose server does not exist.
fn session() -> Session {
    Engine::builder("postgresql://nobody@127.0.0.1:1/nothing").build().unwrap().session()
}

fn check(plan: &FlushPlan, round_trips: usize, expected: &[&str]) {
    assert_eq!(plan.to_string(), expected.join("\n"));
    assert_eq!(plan.round_trips(), round_trips);
}

fn book(isbn: &str) -> Book {
    Book::builder().isbn(isbn).title("A book").build()
}

#[tokio::test]
async fn nothing_is_nothing() {
    check(&session().flush_plan().unwrap(), 0, &["nothing to flush"]);
}

#[tokio::test]
async fn rows_with_known_keys_are_one_round_trip() {
    let mut session = session();
    let author = session.add(Author::builder().id(7).name("Ann"));
    let tag = session.add(Tag::builder().name("novel"));
    let first = session.add(book("1"));
    session[first].author.set(author);
    session[first].tags.push(tag);
    let expected = [
        "insert 1 row into author (id, name)",
        "insert 1 row into book (isbn, title, author_id, sequel_of_id)",
        "insert 1 row into tag (name)",
        "link 1 row of book_tag",
    ];
    check(&session.flush_plan().unwrap(), 1, &expected);
    check(&session.flush_plan().unwrap(), 1, &expected);
}

#[tokio::test]
async fn generated_keys_that_others_need_are_reserved() {
    let mut session = session();
    session.add_all((0..3).map(|n| Author::builder().name(format!("{n}"))));
    check(&session.flush_plan().unwrap(), 1, &["insert 3 rows into author (name)"]);
    session.add(Author::builder().name("with a book").books([book("1")]));
    check(
        &session.flush_plan().unwrap(),
        2,
        &[
            "reserve 4 keys of author",
            "insert 4 rows into author (id, name)",
            "insert 1 row into book (isbn, title, author_id, sequel_of_id)",
        ],
    );
}

#[tokio::test]
async fn a_chain_in_one_table_is_one_statement() {
    let mut session = session();
    let author = session.add(Author::builder().id(1).name("Ann"));
    let mut last = None;
    // The last of the chain is added first.
    for n in (0..5).rev() {
        let handle = session.add(book(&n.to_string()));
        session[handle].author.set(author);
        if let Some(last) = last.replace(handle) {
            let sequel: Handle<Book> = last;
            session[sequel].sequel_of = Some(handle.into());
        }
    }
    let expected = [
        "insert 1 row into author (id, name)",
        "insert 5 rows into book (isbn, title, author_id, sequel_of_id)",
    ];
    check(&session.flush_plan().unwrap(), 1, &expected);
}

#[tokio::test]
async fn a_circle_of_rows_is_closed_by_an_update() {
    let mut session = session();
    let author = session.add(Author::builder().id(1).name("Ann"));
    let (one, two) = (session.add(book("1")), session.add(book("2")));
    session[one].author.set(author);
    session[two].author.set(author);
    session[one].sequel_of = Some(two.into());
    session[two].sequel_of = Some(one.into());
    let plan = session.flush_plan().unwrap();
    assert!(plan.to_string().ends_with("update 1 row of book (sequel_of_id)"), "{plan}");
}

#[tokio::test]
async fn a_new_object_that_is_deleted_is_forgotten_without_its_members() {
    let mut session = session();
    let lonely = session.add(Author::builder().name("Bea"));
    session.delete(lonely).unwrap();
    check(&session.flush_plan().unwrap(), 0, &["nothing to flush"]);
    let author = session.add(Author::builder().name("Ann").books([book("1")]));
    session.delete(author).unwrap();
    let error = session.flush_plan().unwrap_err();
    assert_eq!((error.kind(), error.model()), (ErrorKind::Unset, Some("Book")), "its book is still there");
}

#[tokio::test]
async fn what_cannot_be_planned_says_why() {
    let mut session = session();
    session.add(book("1"));
    let error = session.flush_plan().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unset);
    assert_eq!(error.to_string(), "`author` of a new `Book` is not set: `author_id` needs a value");
}

/// A flush plan looks ahead and changes nothing: what is said after it is as if nobody had looked.
#[tokio::test]
async fn looking_ahead_changes_nothing() {
    let mut session = session();
    let ann = session.add(Customer::builder().name("Ann").email("a"));
    let bea = session.add(Customer::builder().name("Bea").email("b"));
    let cart = session.add(Cart::builder());
    session[bea].carts.push(cart);
    session[ann].carts.push(Cart::builder().invoice("new"));
    let first = session.flush_plan().unwrap();
    assert_eq!(session.flush_plan().unwrap(), first);
    assert_eq!(session.len(), 3, "the new cart has no handle yet");
    assert_eq!(session[ann].carts.values().len(), 1);
    assert_eq!(session[cart].customer.handle(), None, "the flush says it");
    session[bea].carts.remove(cart);
    session[ann].carts.push(cart);
    assert_eq!(session.flush_plan().unwrap(), first, "it moved, and is no orphan");
}
