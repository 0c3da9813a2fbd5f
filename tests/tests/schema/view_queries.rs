//! Views of queries of every kind: unions, recursive queries, rows of the program, structs of values.

use orm_core::prelude::*;
use orm_core::query::{Cte, Defines, count, recursive, select_from, value};

orm_core::declarative_base!(pub(crate) Base);

/// A shelf of a shop, inside of another one.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub(crate) struct Shelf {
    #[model(primary_key)]
    pub(crate) id: Auto<i64>,
    pub(crate) name: String,
    #[belongs_to]
    pub(crate) parent: Option<BelongsTo<Shelf>>,
}

/// Something that lies on one.
#[derive(Model, Clone, Debug)]
#[model(base = Base, criteria = not_sold)]
pub(crate) struct Article {
    #[model(primary_key)]
    pub(crate) id: Auto<i64>,
    pub(crate) title: String,
    #[model(default = false)]
    pub(crate) sold: bool,
    #[belongs_to]
    pub(crate) shelf: BelongsTo<Shelf>,
}

fn not_sold() -> Predicate<Article> {
    Article::SOLD.eq(false)
}

#[derive(Row, Clone, Debug)]
pub(crate) struct Depth {
    shelf: i64,
    depth: i32,
}

/// How deep each shelf lies.
fn tree() -> Cte<Depth> {
    let roots = select::<Shelf>().filter(Shelf::PARENT_ID.is_null());
    recursive(roots.columns(DepthColumns { shelf: Shelf::ID, depth: value(0) }), |above| {
        select::<Shelf>()
            .join_rows(above, Shelf::PARENT_ID.eq(Depth::SHELF))
            .columns(DepthColumns { shelf: Shelf::ID, depth: value(Depth::DEPTH) + 1 })
    })
}

/// A recursive query, as rows of a struct.
#[derive(Model, Clone, Debug)]
#[model(base = Base, view = depths)]
pub(crate) struct ShelfDepth {
    #[model(primary_key)]
    pub(crate) shelf_id: i64,
    pub(crate) depth: i32,
}

fn depths() -> impl Defines<(i64, i32)> {
    select_from(tree())
}

#[derive(Row, Clone, Debug)]
pub(crate) struct Word {
    text: String,
    of: String,
}

/// A union, and rows of the program in it.
#[derive(Model, Clone, Debug)]
#[model(base = Base, view = words)]
pub(crate) struct Known {
    #[model(primary_key)]
    pub(crate) text: String,
    pub(crate) of: String,
}

fn words() -> impl Defines<(String, String)> {
    let shelves = columns(WordColumns { text: Shelf::NAME, of: value("it's a shelf") });
    let articles = columns(WordColumns { text: Article::TITLE, of: value("article") });
    let given = ["\\'; --", "Ann's"].map(|text| Word { text: text.into(), of: "given".into() }).to_vec();
    shelves.union_all(articles).union(select_from(given))
}

/// Groups of what a recursive query gives, joined to a table: a tuple.
#[derive(Model, Clone, Debug)]
#[model(base = Base, view = levels)]
pub(crate) struct Level {
    #[model(primary_key)]
    pub(crate) depth: i32,
    pub(crate) articles: i64,
}

fn levels() -> impl Defines<(i32, i64)> {
    select::<Article>()
        .join_rows(tree(), Article::SHELF_ID.eq(Depth::SHELF))
        .group_by(Depth::DEPTH)
        .columns(|depth| (depth, count()))
}

#[orm_testkit::test(base = Base)]
async fn they_show_what_their_queries_give(engine: Engine) {
    let mut session = engine.session();
    let drinks = session.add(Shelf::builder().name("Drinks"));
    let tea = session.add(Shelf::builder().name("Tea").parent(drinks));
    session.add(Article::builder().title("Water").shelf(drinks));
    session.add(Article::builder().title("Green").shelf(tea));
    session.add(Article::builder().title("Sold").sold(true).shelf(tea));
    session.commit().await.unwrap();
    let depths = columns((ShelfDepth::SHELF_ID, ShelfDepth::DEPTH)).order_by(ShelfDepth::SHELF_ID);
    assert_eq!(depths.fetch_all(&engine).await.unwrap(), [(1, 0), (2, 1)]);
    let known = columns((Known::TEXT, Known::OF)).order_by(Known::TEXT).fetch_all(&engine).await.unwrap();
    let known: Vec<String> = known.into_iter().map(|(text, of)| format!("{text} {of}")).collect();
    let mut expected = [
        "Ann's given",
        "Drinks it's a shelf",
        "Green article",
        "Tea it's a shelf",
        "Water article",
        "\\'; -- given",
    ];
    expected.sort_unstable();
    let mut sorted = known;
    sorted.sort_unstable();
    assert_eq!(sorted, expected); // what criteria hide is not in a view either
    let levels = columns((Level::DEPTH, Level::ARTICLES)).order_by(Level::DEPTH);
    assert_eq!(levels.fetch_all(&engine).await.unwrap(), [(0, 1), (1, 1)]);
}

/// Criteria of a session are said when a query runs, and a view was defined before: the query of the view itself may be restricted.
#[orm_testkit::test(base = Base)]
async fn criteria_of_a_session_do_not_reach_into_views(engine: Engine) {
    let mut session = engine.session();
    let drinks = session.add(Shelf::builder().name("Drinks"));
    session.add(Article::builder().title("Water").shelf(drinks));
    session.commit().await.unwrap();
    session.restrict::<Article>(Article::TITLE.ne("Water"));
    assert_eq!(session.count(select::<Article>()).await.unwrap(), 0);
    assert_eq!(session.count(select::<Known>().filter(Known::TEXT.eq("Water"))).await.unwrap(), 1);
    session.restrict::<Known>(Known::OF.ne("article"));
    assert_eq!(session.count(select::<Known>().filter(Known::TEXT.eq("Water"))).await.unwrap(), 0);
}
