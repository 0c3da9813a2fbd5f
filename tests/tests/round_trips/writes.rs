//! Commits that change and delete, and longer transactions.

use crate::count::{check, check_fresh, cost};
use crate::graphs::{customer, product};
use orm_core::prelude::*;
use orm_tests::models::{articles, keys, tree};
use shop_models::models::{Base, Cart, Customer, Product};

/// Customers in the database, loaded into the session.
async fn customers(
    direct: &Engine,
    session: &mut Session,
    round: usize,
    count: usize,
) -> Vec<Handle<Customer>> {
    let mut seed = direct.session();
    seed.add_all((0..count).map(|n| customer(round, n)));
    seed.commit().await.unwrap();
    let mine = Customer::EMAIL.like(format!("{round}.%"));
    session.query::<Customer>().filter(mine).order_by(Customer::ID).all().await.unwrap()
}

#[tokio::test]
async fn updates_of_the_same_columns() {
    for count in [1, 2, 1_000] {
        let prepare = async |direct: &Engine, session: &mut Session, round| {
            customers(direct, session, round, count).await
        };
        check::<Base, _>(cost(1, 1), prepare, async |session, all| {
            assert_eq!(all.len(), count);
            for (n, handle) in all.into_iter().enumerate() {
                session[handle].age = Some(n as i32);
                session[handle].name.push('x');
            }
            session.commit().await.unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn updates_of_different_columns() {
    for count in [3, 300] {
        let prepare = async |direct: &Engine, session: &mut Session, round| {
            customers(direct, session, round, count).await
        };
        check::<Base, _>(cost(1, 5), prepare, async |session, all| {
            for (n, handle) in all.into_iter().enumerate() {
                match n % 3 {
                    0 => session[handle].age = Some(1),
                    1 => session[handle].name = "x".into(),
                    _ => (session[handle].age, session[handle].name) = (Some(2), "y".into()),
                }
            }
            session.commit().await.unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn deletes() {
    for count in [1, 2, 1_000] {
        let prepare = async |direct: &Engine, session: &mut Session, round| {
            customers(direct, session, round, count).await
        };
        check::<Base, _>(cost(1, 1), prepare, async |session, all| {
            for handle in all {
                session.delete(handle).unwrap();
            }
            session.commit().await.unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn deletes_by_a_key_of_two_columns() {
    for count in [1, 50] {
        let prepare = async |direct: &Engine, session: &mut Session, round| {
            let mut seed = direct.session();
            let student = seed.add(keys::Student::builder().name("s"));
            for n in 0..count {
                let course = seed.add(keys::Course::builder().code(format!("{round}.{n}")).title("t"));
                seed.add(keys::Enrollment::builder().student(student).course(course));
            }
            seed.commit().await.unwrap();
            session.query::<keys::Enrollment>().with(keys::Enrollment::REMARKS).all().await.unwrap()
        };
        check::<keys::Base, _>(cost(1, 1), prepare, async |session, all| {
            for handle in all {
                session.delete(handle).unwrap();
            }
            session.commit().await.unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn insert_update_and_delete_at_once() {
    for count in [1, 50] {
        let prepare = async |direct: &Engine, session: &mut Session, round| {
            let all = customers(direct, session, round, 2 * count).await;
            (all, round)
        };
        check::<Base, _>(cost(1, 5), prepare, async |session, (all, round)| {
            let (first, second) = all.split_at(count);
            for (gone, changed) in first.iter().zip(second) {
                session.delete(*gone).unwrap();
                session[*changed].age = Some(9);
            }
            session.add_all((0..count).map(|n| product(round, n)));
            session.commit().await.unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn links_and_unlinks() {
    for count in [1, 50] {
        let prepare = async |direct: &Engine, session: &mut Session, round| {
            let mut seed = direct.session();
            let linked = seed.add_all((0..count).map(|n| product(round, n)));
            let free = seed.add_all((count..2 * count).map(|n| product(round, n)));
            let ann = seed.add(customer(round, 0));
            let cart = seed.add(Cart::builder().customer(ann).products(linked));
            seed.commit().await.unwrap();
            let id = seed[cart].id.unwrap();
            let cart = session.get_one::<Cart>(id).await.unwrap();
            let linked = session.load(cart, Cart::PRODUCTS).await.unwrap();
            let mut found = Vec::new();
            for free in free {
                found.push(session.get_one::<Product>(seed[free].id.unwrap()).await.unwrap());
            }
            (cart, linked, found)
        };
        check::<Base, _>(cost(1, 1), prepare, async |session, (cart, _, free)| {
            session[cart].products.extend(free);
            session.commit().await.unwrap();
        })
        .await;
        check::<Base, _>(cost(1, 1), prepare, async |session, (cart, linked, _)| {
            for product in linked {
                session[product].carts.remove(cart);
            }
            session.commit().await.unwrap();
        })
        .await;
        check::<Base, _>(cost(1, 4), prepare, async |session, (cart, linked, free)| {
            session[cart].products.extend(free);
            for product in linked {
                session[cart].products.remove(product);
            }
            session.commit().await.unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn links_of_a_derived_table() {
    let prepare = async |direct: &Engine, session: &mut Session, round| {
        let mut tag = articles::Tag::builder().word(format!("w{round}")).build();
        tag.insert(direct).await.unwrap();
        let mut article = articles::Article::builder().title("a").build();
        article.insert(direct).await.unwrap();
        let article = session.get_one::<articles::Article>(article.id.unwrap()).await.unwrap();
        (article, session.get_one::<articles::Tag>(format!("w{round}")).await.unwrap())
    };
    check::<articles::Base, _>(cost(1, 1), prepare, async |session, (article, tag)| {
        session[tag].articles.push(article);
        session.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn moves_of_children() {
    let prepare = async |direct: &Engine, session: &mut Session, _| {
        let mut seed = direct.session();
        let from = seed.add(tree::tree("from", 2, 20));
        let to = seed.add(tree::tree("to", 1, 0));
        seed.commit().await.unwrap();
        let from = session.get_one::<tree::Node>(seed[from].id.unwrap()).await.unwrap();
        let to = session.get_one::<tree::Node>(seed[to].id.unwrap()).await.unwrap();
        (session.load(from, tree::Node::CHILDREN).await.unwrap(), to)
    };
    check::<tree::Base, _>(cost(1, 1), prepare, async |session, (children, to)| {
        session[to].children.extend(children);
        session.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn longer_transactions() {
    check_fresh::<Base>(cost(2, 3), async |session, round| {
        session.add(customer(round, 0));
        session.flush().await.unwrap();
        session.commit().await.unwrap();
    })
    .await;
    check_fresh::<Base>(cost(3, 4), async |session, round| {
        let ann = session.add(customer(round, 0));
        session.flush().await.unwrap();
        session[ann].age = Some(3);
        session.flush().await.unwrap();
        session.commit().await.unwrap();
    })
    .await;
    // What is written last travels with COMMIT.
    check_fresh::<Base>(cost(2, 4), async |session, round| {
        let ann = session.add(customer(round, 0));
        session.flush().await.unwrap();
        session[ann].age = Some(3);
        session.commit().await.unwrap();
    })
    .await;
    check_fresh::<Base>(cost(3, 3), async |session, _| {
        session.begin().await.unwrap();
        session.query::<Customer>().count().await.unwrap();
        session.commit().await.unwrap();
    })
    .await;
    check_fresh::<Base>(cost(2, 3), async |session, round| {
        session.add(customer(round, 0));
        session.flush().await.unwrap();
        session.rollback().await.unwrap();
    })
    .await;
}
