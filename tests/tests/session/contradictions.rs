//! One member, two owners: what is a move and what is a contradiction.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_tests::models::books::{self, Author, Book};
use orm_tests::models::people::{self, Profile, User};
use shop_models::models::{Base, Cart, Customer};

fn customer(email: &str) -> Customer {
    Customer::builder().name("Ann").email(email).build()
}

/// Two customers, the first with a cart.
async fn start(engine: &Engine) -> (Session, [Handle<Customer>; 2], Handle<Cart>) {
    let mut session = engine.session();
    let both = ["a@x", "b@x"].map(|email| session.add(customer(email)));
    let cart = session.add(Cart::builder().customer(both[0]));
    session.commit().await.unwrap();
    (session, both, cart)
}

#[orm_testkit::test(base = Base)]
async fn two_collections_cannot_take_one_member(engine: Engine) {
    let (mut session, [a, b], cart) = start(&engine).await;
    let c = session.add(customer("c@x"));
    session.commit().await.unwrap();
    session[b].carts.push(cart);
    session[c].carts.push(cart);
    let error = session.flush().await.unwrap_err();
    assert_eq!((error.kind(), error.model()), (ErrorKind::Contradiction, Some("Cart")));
    assert_eq!(
        error.to_string(),
        "`Customer::carts` of Customer(2) and `Customer::carts` of Customer(3) both take Cart(1), which can belong to one \
         only: say it once, or take it out of the other collection"
    );
    assert!(session.is_active(), "nothing was sent");
    session[c].carts.remove(cart);
    session.commit().await.unwrap();
    assert_eq!(session[cart].customer.handle(), Some(b));
    assert_eq!(session.load(a, Customer::CARTS).await.unwrap().len(), 0);
}

#[orm_testkit::test(base = Base)]
async fn a_foreign_key_and_a_collection_cannot_say_different_things(engine: Engine) {
    let (mut session, [_, b], cart) = start(&engine).await;
    let c = session.add(customer("c@x"));
    session.commit().await.unwrap();
    session[cart].customer.set(b);
    session[c].carts.push(cart);
    let error = session.flush().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Contradiction);
    assert!(
        error.to_string().starts_with(
            "`Cart::customer` was set to Customer(2), and `Customer::carts` of Customer(3) takes Cart(1)"
        ),
        "{error}"
    );
    session[cart].customer.set(c);
    session.commit().await.unwrap();
    // Of a new member, too.
    session.add(customer("d@x").clone());
    let new = session.add(Cart::builder().customer(b));
    session[c].carts.push(new);
    assert_eq!(session.flush().await.unwrap_err().kind(), ErrorKind::Contradiction);
}

#[orm_testkit::test(base = Base)]
async fn moves_are_moves(engine: Engine) {
    let (mut session, [a, b], cart) = start(&engine).await;
    let owner = |session: &Session| session[cart].customer.handle();
    // Into the other collection.
    session[b].carts.push(cart);
    session.flush().await.unwrap();
    assert_eq!(owner(&session), Some(b));
    // Out of the one and into the other, and looked at in between.
    session[b].carts.remove(cart);
    session[a].carts.push(cart);
    session.flush_plan().unwrap();
    session.flush_plan().unwrap();
    session.flush().await.unwrap();
    assert_eq!(owner(&session), Some(a));
    // There and back again before a flush.
    session[b].carts.push(cart);
    session[b].carts.remove(cart);
    session[a].carts.push(cart);
    session.flush().await.unwrap();
    assert_eq!(owner(&session), Some(a));
    // Through the foreign key, as often as one likes, and both sides saying the same.
    session[cart].customer.set(a);
    session[cart].customer.set(b);
    session[b].carts.push(cart);
    session.commit().await.unwrap();
    assert_eq!(owner(&session), Some(b));
    // From an owner that goes.
    session.delete(b).unwrap();
    session[a].carts.push(cart);
    session.commit().await.unwrap();
    assert_eq!(owner(&session), Some(a));
    let shown = session.load(a, Customer::CARTS).await.unwrap();
    assert_eq!(shown, [cart]);
}

#[orm_testkit::test(base = books::Base)]
async fn two_relations_to_one_model_are_two_things(engine: Engine) {
    let mut session = engine.session();
    let [a, b] = ["a", "b"].map(|name| session.add(Author::builder().name(name)));
    let book = session.add(Book::builder().title("t"));
    session[a].books.push(book);
    session[b].edited.push(book);
    session.commit().await.unwrap();
    assert_eq!(
        (session[book].author.handle(), session[book].editor.as_ref().unwrap().handle()),
        (Some(a), Some(b))
    );
}

#[orm_testkit::test(base = people::Base)]
async fn the_one_member_has_one_owner(engine: Engine) {
    let mut session = engine.session();
    let [a, b] = ["a", "b"].map(|login| session.add(User::builder().login(login)));
    let profile = session.add(Profile::builder().text("p"));
    session[a].profile.set(profile);
    session[b].profile.set(profile);
    assert_eq!(session.flush().await.unwrap_err().kind(), ErrorKind::Contradiction);
    session[a].profile.clear();
    session.commit().await.unwrap();
    assert_eq!(session[profile].user.handle(), Some(b));
    session[b].profile.clear();
    session[a].profile.set(profile);
    session.commit().await.unwrap();
    assert_eq!(session[profile].user.handle(), Some(a));
}
