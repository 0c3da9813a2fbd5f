//! Rows that a statement makes once, and rows that are made of each other.

use crate::joins::shop;
use orm_core::prelude::*;
use orm_core::query::{avg, count, exists, named, recursive, select_from, value};
use shop_models::models::{Base, Cart, Customer, Product};

orm_core::declarative_base!(pub(crate) TreeBase);

#[derive(Model, Clone, Debug)]
#[model(base = TreeBase, criteria = is_open)]
pub(crate) struct Category {
    #[model(primary_key)]
    id: Auto<i64>,
    #[model(length = 20)]
    name: String,
    #[model(default = false)]
    closed: bool,
    #[belongs_to]
    parent: Option<BelongsTo<Category>>,
}

fn is_open() -> Predicate<Category> {
    Category::CLOSED.eq(false)
}

#[derive(Row, Clone, Debug, PartialEq)]
struct Branch {
    id: i64,
    depth: i32,
    path: String,
}

#[derive(Row, Clone, Debug, PartialEq)]
struct Number {
    n: i64,
}

orm_core::alias!(Above = Category);
orm_core::alias!(Upper = Number);
orm_core::sql_function! {
    fn concat(a: String, b: String, c: String) -> String;
}

/// Drinks > (Tea > Green, Coffee), Shoes, and a closed one: Drinks > Wine > Red.
async fn shelves(engine: &Engine) {
    let mut session = engine.session();
    let mut add = |name: &str, parent: Option<Handle<Category>>, closed| {
        let new = Category::builder().name(name).closed(closed);
        match parent {
            Some(parent) => session.add(new.parent(parent)),
            None => session.add(new),
        }
    };
    let drinks = add("Drinks", None, false);
    let tea = add("Tea", Some(drinks), false);
    add("Green", Some(tea), false);
    add("Coffee", Some(drinks), false);
    add("Shoes", None, false);
    let wine = add("Wine", Some(drinks), true);
    add("Red", Some(wine), false);
    session.commit().await.unwrap();
}

fn tree() -> orm_core::query::Cte<Branch> {
    let roots = select::<Category>().filter(Category::PARENT_ID.is_null());
    recursive(
        roots.columns(BranchColumns { id: Category::ID, depth: value(0), path: Category::NAME }),
        |above| {
            select::<Category>().join_rows(above, Category::PARENT_ID.eq(Branch::ID)).columns(BranchColumns {
                id: Category::ID,
                depth: value(Branch::DEPTH) + 1,
                path: concat(Branch::PATH, " > ", Category::NAME),
            })
        },
    )
}

#[orm_testkit::test(base = TreeBase)]
async fn a_tree_has_depths_and_paths_of_what_is_seen(engine: Engine) {
    shelves(&engine).await;
    let all = select_from(tree()).order_by(Branch::PATH).columns((Branch::DEPTH, Branch::PATH));
    let expected = [
        (0, "Drinks"),
        (1, "Drinks > Coffee"),
        (1, "Drinks > Tea"),
        (2, "Drinks > Tea > Green"),
        (0, "Shoes"),
    ];
    let expected = expected.map(|(depth, path)| (depth, path.to_owned()));
    assert_eq!(engine.fetch_all(all.clone()).await.unwrap(), expected);
    assert_eq!(engine.session().fetch_all(all.clone()).await.unwrap(), expected);
    assert_eq!(engine.fetch_all(all.clone().unrestricted()).await.unwrap().len(), 7);
    assert_eq!(engine.session().without_criteria().fetch_all(all).await.unwrap().len(), 7);
    // The tree of a tree: the leaves.
    let tree = tree();
    let has_below = select::<Category>().correlate::<Branch>().filter(Category::PARENT_ID.eq(Branch::ID));
    let leaves = select_from(&tree).filter(!exists(has_below)).order_by(Branch::PATH).columns(Branch::PATH);
    assert_eq!(engine.fetch_all(leaves).await.unwrap(), ["Drinks > Coffee", "Drinks > Tea > Green", "Shoes"]);
    let shelf =
        select::<Category>().join_rows(&tree, Branch::ID.eq(Category::ID)).filter(Branch::DEPTH.eq(2));
    let mut session = engine.session();
    let green = session.all(shelf).await.unwrap();
    assert_eq!(session[green[0]].name, "Green");
}

#[orm_testkit::test(base = TreeBase)]
async fn models_are_found_through_each_other(engine: Engine) {
    shelves(&engine).await;
    let below = recursive(select::<Category>().filter(Category::NAME.eq("Drinks")), |above| {
        let on = Category::PARENT_ID.eq(Category::ID.from(Above));
        select::<Category>().join_rows(named(above, Above), on)
    });
    let mut session = engine.session();
    let found = session.all(select_from(&below).order_by(Category::NAME)).await.unwrap();
    let names: Vec<&str> = found.iter().map(|category| session[*category].name.as_str()).collect();
    assert_eq!(names, ["Coffee", "Drinks", "Green", "Tea"]);
    let red =
        session.query::<Category>().filter(Category::ID.in_query(select_from(below).columns(Category::ID)));
    assert_eq!(red.filter(Category::NAME.like("Re%")).count().await.unwrap(), 0);
}

#[orm_testkit::test(base = Base)]
async fn common_rows_are_made_once_and_stand_in_front(engine: Engine) {
    shop(&engine).await;
    let dear = select::<Product>().filter(Product::PRICE_CENTS.gt(400)).cte();
    let mean = || select_from(&dear).aggregate(avg(Product::PRICE_CENTS)).scalar_subquery();
    let above = select_from(&dear).filter(mean().gt(1.0)).filter(mean().lt(900.0));
    let text = above.to_string();
    assert_eq!(text.matches("WITH ").count(), 1, "{text}");
    assert_eq!(
        text.matches("SELECT \"product\".\"id\"").count() + text.matches("SELECT \"id\"").count(),
        2,
        "{text}"
    );
    assert_eq!(above.clone().count(&engine).await.unwrap(), 2);
    let mut session = engine.session();
    assert_eq!(session.all(above.with(Product::CARTS.joined())).await.unwrap().len(), 2);
    // One that reads another one stands behind it, whoever is named first.
    let dearest = select_from(&dear).order_by(Product::PRICE_CENTS.desc()).limit(1).cte().materialized();
    let both =
        select_from(&dearest).join_rows(named(&dear, Second), Product::ID.from(Second).ne(Product::ID));
    let both = both.columns((Product::SKU, Product::SKU.from(Second)));
    assert_eq!(engine.fetch_all(both).await.unwrap(), [("coffee".to_owned(), "cocoa".to_owned())]);
    // In UPDATE and DELETE by query.
    let some = || select_from(&dearest).columns(Product::ID);
    let updated =
        session.query::<Product>().filter(Product::ID.in_query(some())).set(Product::TITLE, "dear").update();
    assert_eq!(updated.await.unwrap(), 1);
    let carts = session
        .query::<Cart>()
        .filter(Cart::ID.in_query(select_from(select::<Cart>().cte()).columns(Cart::ID)));
    assert_eq!(carts.filter(Cart::PRODUCTS.is_empty()).delete().await.unwrap(), 1);
    let title = columns(Product::TITLE).filter(Product::SKU.eq("coffee"));
    assert_eq!(session.fetch_one(title).await.unwrap(), "dear");
}

orm_core::alias!(Second = Product);

#[orm_testkit::test(base = Base)]
async fn tables_are_not_hidden_by_common_rows_of_their_name(engine: Engine) {
    shop(&engine).await;
    // Recursive or not, `customer` is the table wherever a query of customers stands.
    let ann = select::<Customer>().filter(Customer::NAME.eq("Ann")).cte();
    let all = select::<Customer>().aggregate(count()).scalar_subquery();
    let row = select_from(&ann).columns((Customer::NAME, all)).fetch_one(&engine).await.unwrap();
    assert_eq!(row, ("Ann".to_owned(), Some(3)));
}

#[orm_testkit::test(base = Base)]
async fn numbers_are_counted_up_and_circles_end(engine: Engine) {
    let one = vec![Number { n: 1 }];
    let up = recursive(select_from(one.clone()), |before| {
        select_from(before).filter(Number::N.lt(5)).columns(NumberColumns { n: value(Number::N) + 1 })
    });
    let pairs = select_from(&up).join_rows(named(&up, Upper), Number::N.lt(Number::N.from(Upper)));
    assert_eq!(pairs.count(&engine).await.unwrap(), 10);
    let circle = recursive(select_from(one), |before| {
        select_from(before).columns(NumberColumns { n: value(3_i64) - value(Number::N) })
    });
    let rows = engine.fetch_all(select_from(circle.distinct()).order_by(Number::N)).await.unwrap();
    assert_eq!(rows, [Number { n: 1 }, Number { n: 2 }]);
}

#[orm_testkit::test(base = Base)]
async fn rows_of_a_recursive_query_stay_inside_of_it(engine: Engine) {
    let mut kept = None;
    let cte = recursive(select_from(vec![Number { n: 1 }]), |before| {
        kept = Some(before.clone());
        select_from(before)
    });
    drop(cte);
    let error = engine.fetch_all(select_from(kept.unwrap())).await.unwrap_err();
    assert!(
        error.to_string().starts_with("the rows of `number` are read outside of the recursive query"),
        "{error}"
    );
}
