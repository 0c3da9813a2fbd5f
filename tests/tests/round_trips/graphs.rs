//! Commits of new objects.

use crate::count::{check, check_fresh, cost};
use orm_core::prelude::*;
use orm_tests::models::{articles, circle, keys, tree, values};
use shop_models::models::{Base, Cart, Customer, Product};

pub(crate) fn customer(round: usize, n: usize) -> Customer {
    Customer::builder().name(format!("c{n}")).email(format!("{round}.{n}@x")).build()
}

pub(crate) fn product(round: usize, n: usize) -> Product {
    Product::builder().sku(format!("{round}.{n}")).title("Tea").price_cents(1).build()
}

#[tokio::test]
async fn nothing() {
    check_fresh::<Base>(cost(0, 0), async |session, _| session.commit().await.unwrap()).await;
    check_fresh::<Base>(cost(0, 0), async |session, _| {
        session.flush().await.unwrap();
        session.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn one_object_or_a_thousand() {
    for count in [1, 2, 1_000] {
        check_fresh::<Base>(cost(1, 1), async |session, round| {
            let all = session.add_all((0..count).map(|n| customer(round, n)));
            session.commit().await.unwrap();
            assert!(all.iter().all(|c| session[*c].id.is_set() && session[*c].created_at.is_set()));
        })
        .await;
    }
}

#[tokio::test]
async fn every_type_of_column() {
    check_fresh::<values::Base>(cost(1, 1), async |session, _| {
        session.add_all((0..10).map(|n| values::values("x", n % 2 == 0)));
        session.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn two_tables_that_do_not_refer_to_each_other() {
    for count in [1, 100] {
        check_fresh::<Base>(cost(1, 4), async |session, round| {
            session.add_all((0..count).map(|n| customer(round, n)));
            session.add_all((0..count).map(|n| product(round, n)));
            session.commit().await.unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn children_of_a_parent_that_is_there() {
    for count in [1, 100] {
        let prepare = async |direct: &Engine, session: &mut Session, round| {
            let mut ann = customer(round, 0);
            ann.insert(direct).await.unwrap();
            session.get_one::<Customer>(ann.id.unwrap()).await.unwrap()
        };
        check::<Base, _>(cost(1, 1), prepare, async |session, ann| {
            session.add_all((0..count).map(|_| Cart::builder().customer(ann)));
            session.commit().await.unwrap();
        })
        .await;
        check::<Base, _>(cost(1, 1), prepare, async |session, ann| {
            session[ann].carts.extend((0..count).map(|_| Cart::builder()));
            session.commit().await.unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn parents_with_children() {
    for count in [1, 50] {
        check_fresh::<Base>(cost(2, 5), async |session, round| {
            for n in 0..count {
                let mut owner = customer(round, n);
                owner.carts.extend([Cart::builder(), Cart::builder()]);
                session.add(owner);
            }
            session.commit().await.unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn the_whole_shop() {
    for count in [1, 50] {
        // BEGIN, the keys of three tables, three inserts, the links, COMMIT.
        check_fresh::<Base>(cost(2, 9), async |session, round| {
            let products = session.add_all((0..count).map(|n| product(round, n)));
            for n in 0..count {
                let mut owner = customer(round, n);
                owner.carts.push(Cart::builder().products(products.iter().copied()));
                session.add(owner);
            }
            session.commit().await.unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn a_tree_of_any_depth() {
    for (depth, width) in [(2, 1), (5, 1), (5, 3), (40, 1)] {
        check_fresh::<tree::Base>(cost(2, 2), async |session, _| {
            let root = session.add(tree::tree("root", depth, width));
            session.commit().await.unwrap();
            assert_eq!(session.at(root).related(tree::Node::CHILDREN).unwrap().len(), width);
        })
        .await;
    }
}

#[tokio::test]
async fn keys_of_the_program() {
    for count in [1, 50] {
        check_fresh::<keys::Base>(cost(1, 4), async |session, _| {
            for _ in 0..count {
                let pages = (1..4).map(|number| keys::Page::builder().id(Uuid::new_v4()).number(number));
                session.add(keys::Document::builder().id(Uuid::new_v4()).title("d").pages(pages));
            }
            session.commit().await.unwrap();
        })
        .await;
        check_fresh::<keys::Base>(cost(1, 4), async |session, _| {
            for _ in 0..count {
                let comment = keys::Comment::builder().id(Uuid::new_v4()).text("yes");
                session.add(keys::Ticket::builder().id(Uuid::new_v4()).subject("s").comments([comment]));
            }
            session.commit().await.unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn uuids_of_the_database() {
    for count in [1, 50] {
        check_fresh::<keys::Base>(cost(2, 5), async |session, _| {
            for n in 0..count {
                let comment = keys::Comment::builder().text("yes");
                session.add(keys::Ticket::builder().subject(format!("{n}")).comments([comment]));
            }
            session.commit().await.unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn natural_keys() {
    for count in [1, 50] {
        check_fresh::<keys::Base>(cost(1, 4), async |session, round| {
            for n in 0..count {
                let city = keys::City::builder().name(format!("city {round}.{n}"));
                session.add(keys::Country::builder().code(format!("{round}.{n}")).name("c").cities([city]));
            }
            session.commit().await.unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn natural_and_derived_keys_in_a_link_table() {
    for count in [1, 50] {
        // BEGIN, the key of the articles, two inserts, the links, COMMIT.
        check_fresh::<articles::Base>(cost(2, 6), async |session, round| {
            for n in 0..count {
                let tag = articles::Tag::builder().word(format!("{round}.{n}"));
                session.add(articles::Article::builder().title("a").tags([tag]));
            }
            session.commit().await.unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn a_key_of_two_foreign_keys() {
    for count in [1, 50] {
        let prepare = async |direct: &Engine, session: &mut Session, round| {
            let mut student = keys::Student::builder().name("s").build();
            student.insert(direct).await.unwrap();
            for n in 0..count {
                let mut course = keys::Course::builder().code(format!("{round}.{n}")).title("t").build();
                course.insert(direct).await.unwrap();
            }
            (session.get_one::<keys::Student>(student.id.unwrap()).await.unwrap(), round)
        };
        // BEGIN, the rows of the association, the key of nobody, their remarks, COMMIT.
        check::<keys::Base, _>(cost(1, 4), prepare, async |session, (student, round)| {
            for n in 0..count {
                let remark = keys::Remark::builder().text("good");
                let enrollment = keys::Enrollment::builder().student(student);
                session.add(enrollment.course_key(format!("{round}.{n}")).remarks([remark]));
            }
            session.commit().await.unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn tables_in_a_circle() {
    use circle::{Base, Department, Employee};
    for count in [1, 20] {
        check_fresh::<Base>(cost(2, 5), async |session, _| {
            for _ in 0..count {
                let employees = [Employee::builder().name("a"), Employee::builder().name("b")];
                session.add(Department::builder().name("d").employees(employees));
            }
            session.commit().await.unwrap();
        })
        .await;
        // The rows close the circle: the heads are set at the end.
        check_fresh::<Base>(cost(2, 7), async |session, _| {
            for _ in 0..count {
                let department = session.add(Department::builder().name("d"));
                let head = session.add(Employee::builder().name("a").department(department));
                session[department].head = head.into();
            }
            session.commit().await.unwrap();
        })
        .await;
    }
}
