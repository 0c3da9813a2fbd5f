//! Lists of operations that went wrong once, as the random search found and shrank them.

use crate::case;
use crate::ops::{Op, Side};
use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_tests::models::tree;
use shop_models::models::{Base, Cart, Customer, Product};

#[track_caller]
fn check(name: &str, ops: &[Op]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let result = runtime.block_on(async {
        let database = orm_testkit::database_of::<Base>().await.unwrap();
        let engine = Engine::connect(database.url()).await.unwrap();
        tree::Base::create_all(&engine).await.unwrap();
        case(&engine, ops).await
    });
    assert_eq!(result, Ok(()), "{name}");
}

#[test]
fn a_member_that_goes_from_one_collection_to_another_is_no_orphan() {
    let (one, two) = (Op::AddCustomer { carts: 1 }, Op::AddCustomer { carts: 0 });
    for owner in [0, 1] {
        let moved = Op::MoveCart { cart: 0, owner, side: Side::BothMany };
        check("new owner last", &[one.clone(), two.clone(), moved.clone()]);
        check("new owner first", &[two.clone(), one.clone(), moved.clone()]);
        check("committed before", &[one.clone(), two.clone(), Op::Commit, moved]);
    }
}

#[test]
fn a_deleted_owner_gets_its_members_back_with_the_rollback() {
    let root = Op::AddNode { parent: None, side: Side::One };
    let child = Op::AddNode { parent: Some(0), side: Side::One };
    check("", &[root, child, Op::Commit, Op::DeleteNode(0), Op::Flush, Op::Rollback]);
}

#[test]
fn a_member_that_was_written_goes_with_its_owner() {
    let moved = Op::MoveCart { cart: 0, owner: 0, side: Side::One };
    check("", &[Op::AddCustomer { carts: 1 }, Op::Commit, moved, Op::DeleteCustomer(0)]);
}

#[test]
fn a_collection_loaded_after_a_flush_is_forgotten_by_the_rollback() {
    let node = Op::AddNode { parent: None, side: Side::One };
    let reopen = Op::Reopen { loaded: false };
    let own_parent = Op::MoveNode { node: 0, parent: Some(0), side: Side::Many };
    check(
        "",
        &[node.clone(), Op::Commit, reopen.clone(), own_parent, Op::DeleteNode(0), Op::Flush, Op::Rollback],
    );
    let load = Op::Load { relation: 4, object: 0, flushes: false };
    let moved = Op::MoveNode { node: 1, parent: Some(0), side: Side::One };
    check("", &[node.clone(), node, Op::Commit, reopen, moved, Op::Flush, load, Op::Rollback]);
}

/// The session refuses a new object that refers to a deleted one: the operations flush before such a deletion.
#[test]
fn a_new_node_that_was_moved_below_another_outlives_its_deletion() {
    let node = Op::AddNode { parent: None, side: Side::One };
    let moved = Op::MoveNode { node: 1, parent: Some(0), side: Side::One };
    check("", &[node.clone(), node, moved, Op::DeleteNode(0)]);
}

#[test]
fn a_link_that_is_taken_and_put_again_without_loading_is_there() {
    let add = [Op::AddProduct, Op::AddCustomer { carts: 1 }, Op::Commit, Op::Reopen { loaded: false }];
    for side in [Side::One, Side::Many] {
        let (link, unlink) =
            (Op::Link { cart: 0, product: 0, side }, Op::Unlink { cart: 0, product: 0, side });
        let both = [add.as_slice(), &[unlink.clone(), link.clone()]].concat();
        check("was not there", &both);
        let reopened = [both.as_slice(), &[Op::Commit, Op::Reopen { loaded: false }]].concat();
        check("was there", &[reopened.as_slice(), &[unlink.clone(), link.clone()]].concat());
        check("the other way round", &[reopened.as_slice(), &[link.clone(), unlink.clone()]].concat());
    }
}

/// A slot of another session must never be taken for one of this session.
#[orm_testkit::test(base = Base)]
async fn members_of_two_sessions_are_refused(engine: Engine) {
    let product = |n: i64| Product::builder().sku(format!("{n}")).title("x").price_cents(n);
    let (mut one, mut two) = (engine.session(), engine.session());
    let foreign = two.add(product(1));
    let own = one.add_all([product(2), product(3)]);
    let ann = one.add(Customer::builder().name("Ann").email("a@x"));
    let cart = one.add(Cart::builder().customer(ann).products([foreign]));
    one[cart].products.push(own[1]);
    let error = one.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ForeignHandle);
    assert!(error.to_string().contains("`Cart::products` holds an object of another session"), "{error}");
    let other = one.add(Cart::builder().customer(ann));
    one[other].products.remove(foreign);
    assert_eq!(one.commit().await.unwrap_err().kind(), ErrorKind::ForeignHandle);
}
