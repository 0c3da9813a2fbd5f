//! Writing associations from either side, through a table of their own or a model.

use super::common::{customer, product};
use orm_core::prelude::*;
use orm_core::sql::text;
use orm_core::state::ObjectState;
use orm_tests::models::articles::{Article, Base, Tag};
use orm_tests::models::keys::{self, Course, Enrollment, Student};
use shop_models::models::{self, Cart, CartProduct, Customer, Product};

fn article(title: &str) -> Article {
    Article::builder().title(title).build()
}

fn tag(word: &str) -> Tag {
    Tag::builder().word(word).build()
}

/// Two articles, the first with the tags x and y, the second with y; and a session that knows none of it.
async fn start(engine: &Engine) -> orm_core::Result<Session> {
    let mut session = engine.session();
    let [x, y] = ["x", "y"].map(|word| session.add(tag(word)));
    session.add(Article::builder().title("a").tags([x, y]));
    session.add(Article::builder().title("b").tags([y]));
    session.commit().await?;
    Ok(engine.session())
}

/// The pairs that are in the table.
async fn pairs(engine: &Engine) -> orm_core::Result<Vec<(i64, String)>> {
    let mut session = engine.session();
    let all = session.query::<Article>().order_by(Article::ID).with(Article::TAGS).all().await?;
    let mut found = Vec::new();
    for article in session.each(&all) {
        found.extend(article.related(Article::TAGS)?.map(|tag| (article.id.unwrap(), tag.word.clone())));
    }
    Ok(found)
}

fn pair(article: i64, word: &str) -> (i64, String) {
    (article, word.to_owned())
}

#[orm_testkit::test(base = Base)]
async fn both_ends_of_new_associations_are_inserted_before(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(Article::builder().title("a").tags([tag("x"), tag("y")]));
    assert_eq!(
        session.flush_plan()?.to_string(),
        "reserve 1 key of article\ninsert 1 row into article (id, title)\ninsert 2 rows into tag (word)\n\
         link 2 rows of article_tag"
    );
    session.commit().await?;
    assert_eq!(pairs(&engine).await?, [pair(1, "x"), pair(1, "y")]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn members_are_replaced_by_a_link_and_an_unlink(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let a = session.get_one::<Article>(1).await?;
    let tags = session.load(a, Article::TAGS).await?;
    session[a].tags.remove(tags[0]);
    session[a].tags.push(tag("z"));
    assert_eq!(
        session.flush_plan()?.to_string(),
        "unlink 1 row of article_tag\ninsert 1 row into tag (word)\nlink 1 row of article_tag"
    );
    session.commit().await?;
    assert_eq!(pairs(&engine).await?, [pair(1, "y"), pair(1, "z"), pair(2, "y")]);
    assert_eq!(session.state(tags[0])?, ObjectState::Persistent, "the tag itself stays");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn links_that_do_not_change_are_not_written(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let a = session.get_one::<Article>(1).await?;
    let tags = session.load(a, Article::TAGS).await?;
    session[a].tags.remove(tags[0]);
    session[a].tags.push(tags[0]);
    session[a].tags.push(tags[1]);
    assert!(session.flush_plan()?.is_empty());
    session[a].title = "changed".into();
    assert_eq!(session.flush_plan()?.to_string(), "update 1 row of article (title)");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn one_link_from_both_sides_is_one_row(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let (a, x) = (session.add(article("a")), session.add(tag("x")));
    session[a].tags.push(x);
    session[x].articles.push(a);
    session.commit().await?;
    assert_eq!(pairs(&engine).await?, [pair(1, "x")]);
    session[a].tags.remove(x);
    session[x].articles.remove(a);
    assert_eq!(session.flush_plan()?.to_string(), "unlink 1 row of article_tag");
    session.commit().await?;
    assert_eq!(pairs(&engine).await?, []);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn the_other_side_shows_what_the_flush_wrote(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let b = session.get_one::<Article>(2).await?;
    let x = session.get_one::<Tag>("x").await?;
    session.load(b, Article::TAGS).await?;
    session.load(x, Tag::ARTICLES).await?;
    session[x].articles.push(b);
    session.flush().await?;
    let words: Vec<&str> = session.at(b).related(Article::TAGS)?.map(|tag| &tag.get().word[..]).collect();
    assert!(words.contains(&"x") && words.len() == 2, "{words:?}");
    session.rollback().await?;
    assert_eq!(session.at(b).related(Article::TAGS)?.len(), 1);
    assert_eq!(session.at(x).related(Tag::ARTICLES)?.len(), 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn deleting_one_end_unlinks_it_and_nothing_else(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let y = session.get_one::<Tag>("y").await?;
    session.delete(y)?;
    assert_eq!(session.flush_plan()?.to_string(), "delete 1 row of tag", "the database unlinks");
    session.commit().await?;
    assert_eq!(pairs(&engine).await?, [pair(1, "x")]);
    assert_eq!(engine.count(select::<Article>()).await?, 2);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn both_ends_go_with_their_link(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    for article in session.query::<Article>().all().await? {
        session.delete(article)?;
    }
    for tag in session.query::<Tag>().all().await? {
        session.delete(tag)?;
    }
    session.commit().await?;
    assert_eq!(engine.count(select::<Article>()).await? + engine.count(select::<Tag>()).await?, 0);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_member_leaves_before_it_is_deleted(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let a = session.get_one::<Article>(1).await?;
    let tags = session.load(a, Article::TAGS).await?;
    session[a].tags.remove(tags[0]);
    session.delete(tags[0])?;
    session.commit().await?;
    assert_eq!(pairs(&engine).await?, [pair(1, "y"), pair(2, "y")]);
    assert_eq!(session.at(a).related(Article::TAGS)?.len(), 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_loaded_collection_loses_a_member_that_is_deleted(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let a = session.get_one::<Article>(1).await?;
    let tags = session.load(a, Article::TAGS).await?;
    session.delete(tags[1])?;
    session.commit().await?;
    let left: Vec<_> = session.at(a).related(Article::TAGS)?.map(|tag| tag.handle()).collect();
    assert_eq!(left, [tags[0]]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_link_that_somebody_else_removed_may_be_removed(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let a = session.get_one::<Article>(1).await?;
    let tags = session.load(a, Article::TAGS).await?;
    session.execute(text("DELETE FROM article_tag WHERE tag_word = 'x'")).await?;
    session[a].tags.remove(tags[0]);
    session.commit().await?;
    assert_eq!(pairs(&engine).await?, [pair(1, "y"), pair(2, "y")]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_link_that_somebody_else_made_may_be_made(engine: Engine) -> orm_core::Result<()> {
    let mut session = start(&engine).await?;
    let b = session.get_one::<Article>(2).await?;
    let x = session.get_one::<Tag>("x").await?;
    session.load(b, Article::TAGS).await?;
    engine.execute_script("INSERT INTO article_tag (article_id, tag_word) VALUES (2, 'x')").await?;
    session[b].tags.push(x);
    session.commit().await?;
    assert_eq!(pairs(&engine).await?.len(), 4);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn many_links_of_many_owners_are_one_statement(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let tags = session.add_all((0..20).map(|n| tag(&n.to_string())));
    let articles = session.add_all((0..50).map(|_| article("a")));
    session.commit().await?;
    for article in &articles {
        session[*article].tags.extend(tags.iter().copied());
    }
    assert_eq!(session.flush_plan()?.to_string(), "link 1000 rows of article_tag");
    orm_testkit::assert_queries!(session, 1, { session.commit().await? });
    assert_eq!(pairs(&engine).await?.len(), 1_000);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_new_member_that_is_taken_out_again_is_added_alone(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let x = session.add(tag("x"));
    let a = session.add(Article::builder().title("a").tags([x]));
    session[a].tags.remove(x);
    session.commit().await?;
    assert_eq!(pairs(&engine).await?, []);
    assert_eq!(session.state(x)?, ObjectState::Persistent, "an association is not ownership");
    Ok(())
}

#[orm_testkit::test(base = models::Base)]
async fn an_association_may_be_written_as_a_model(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let (tea, ann) = (session.add(product(1)), session.add(customer("Ann")));
    let cart = session.add(Cart::builder().customer(ann));
    let line = session.add(CartProduct::builder().cart(cart).product(tea).quantity(3));
    session.commit().await?;
    session[line].quantity = Auto::Set(4);
    assert_eq!(session.flush_plan()?.to_string(), "update 1 row of cart_product (quantity)");
    session.commit().await?;
    assert_eq!(session.load(cart, Cart::PRODUCTS).await?, [tea]);
    session.delete(line)?;
    session.commit().await?;
    assert_eq!(engine.count(select::<CartProduct>()).await?, 0);
    assert_eq!(session.load(tea, Product::CARTS).await?.len(), 0, "what shows the row follows it");
    Ok(())
}

#[orm_testkit::test(base = models::Base)]
async fn what_an_association_holds_beside_its_keys_survives_another_link(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = engine.session();
    let (tea, ann) = (session.add(product(1)), session.add(customer("Ann")));
    let cart = session.add(Cart::builder().customer(ann));
    session.add(CartProduct::builder().cart(cart).product(tea).quantity(3));
    session.commit().await?;
    let mut other = engine.session();
    let (cart, tea) = (other.get_one::<Cart>(1).await?, other.get_one::<Product>(1).await?);
    other[cart].products.push(tea);
    other.commit().await?;
    assert_eq!(engine.fetch_all(columns(CartProduct::QUANTITY)).await?, [3]);
    Ok(())
}

#[orm_testkit::test(base = models::Base)]
async fn links_go_with_an_owner_that_the_database_deletes(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let tea = session.add(product(1));
    let ann =
        session.add(Customer::builder().name("a").email("a@x").carts([Cart::builder().products([tea])]));
    session.commit().await?;
    session.load(tea, Product::CARTS).await?;
    session.delete(ann)?;
    session.commit().await?;
    assert_eq!(engine.count(select::<CartProduct>()).await?, 0);
    assert_eq!(session.at(tea).related(Product::CARTS)?.len(), 0);
    Ok(())
}

#[orm_testkit::test(base = keys::Base)]
async fn association_objects_are_members_of_one_side(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let courses = session.add_all(["c", "d"].map(|code| Course::builder().code(code).title("t")));
    let enrollments = courses.iter().map(|course| Enrollment::builder().course(*course));
    let student = session.add(Student::builder().name("s").enrollments(enrollments));
    session.commit().await?;
    let first = session[student].enrollments.handles().unwrap().next().unwrap();
    session[first].grade = Some(2);
    session.commit().await?;
    session[student].enrollments.remove(first);
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns(Enrollment::COURSE_CODE)).await?, ["d"]);
    assert_eq!(engine.count(select::<Course>()).await?, 2);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_new_collection_replaces_the_links_loaded_or_not(engine: Engine) -> orm_core::Result<()> {
    start(&engine).await?;
    for load in [false, true] {
        let mut session = engine.session();
        let a = session.get_one::<Article>(1).await?;
        if load {
            session.load(a, Article::TAGS).await?;
        }
        let y = session.get_one::<Tag>("y").await?;
        session[a].tags = [y].into_iter().collect();
        session[a].tags.push(tag(if load { "v" } else { "w" }));
        session.commit().await?;
        assert_eq!(session.at(a).related(Article::TAGS)?.len(), 2);
        let expected = [pair(1, if load { "v" } else { "w" }), pair(1, "y"), pair(2, "y")];
        let mut found = pairs(&engine).await?;
        found.sort();
        assert_eq!(found, expected, "loaded: {load}");
    }
    Ok(())
}

/// An association model with columns that the program fills by itself.
mod weighted {
    use orm_core::prelude::*;
    use std::sync::atomic::{AtomicI64, Ordering};

    orm_core::declarative_base!(pub Base);

    static NEXT: AtomicI64 = AtomicI64::new(1);

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(super) struct User {
        #[model(primary_key)]
        pub(super) id: Auto<i64>,
        #[many_to_many(secondary = "liking", back_populates = "users", order_by = "id")]
        pub(super) words: ManyToMany<Word>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(super) struct Word {
        #[model(primary_key)]
        pub(super) id: Auto<i64>,
        #[many_to_many(secondary = "liking", back_populates = "words", order_by = "id")]
        pub(super) users: ManyToMany<User>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(super) struct Liking {
        #[model(primary_key)]
        #[belongs_to]
        pub(super) user: BelongsTo<User>,
        #[model(primary_key)]
        #[belongs_to]
        pub(super) word: BelongsTo<Word>,
        #[model(default = 7)]
        pub(super) weight: i32,
        #[model(default = NEXT.fetch_add(1, Ordering::Relaxed))]
        pub(super) number: i64,
        #[model(default = "new")]
        pub(super) note: String,
        #[model(version)]
        pub(super) version: i32,
    }
}

#[orm_testkit::test(base = weighted::Base)]
async fn a_link_has_the_client_defaults_of_its_model(engine: Engine) -> orm_core::Result<()> {
    use weighted::{Liking, User, Word};
    let mut session = engine.session();
    let words = [(); 3].map(|()| session.add(Word::builder()));
    let user = session.add(User::builder().words([words[0], words[1]]));
    session.commit().await?;
    session.link(words[2], Word::USERS, user)?;
    session.commit().await?;
    let all = engine.fetch_all(select::<Liking>().order_by(Liking::NUMBER)).await?;
    let found: Vec<_> = all.iter().map(|row| (row.weight, &*row.note, row.version)).collect();
    assert_eq!(found, [(7, "new", 1); 3]);
    let numbers: Vec<i64> = all.iter().map(|row| row.number).collect();
    assert_eq!(numbers, [1, 2, 3], "each row has its own");
    // The row is an object like all others.
    let row = session.query::<Liking>().order_by(Liking::NUMBER).first().await?.unwrap();
    session[row].weight = 8;
    session.commit().await?;
    assert_eq!(session[row].version, 2);
    Ok(())
}
