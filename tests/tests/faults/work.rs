//! A piece of work over four tables that a commit writes wholly or not at all.

use crate::world::World;
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use orm_core::{ErrorKind, Result};
use shop_models::models::{Cart, Customer, Product};

/// One row changed, and a new customer with two carts of two new products.
pub(crate) struct Work {
    tag: String,
    changed: Handle<Customer>,
    new: Handle<Customer>,
}

impl Work {
    /// Number `n` of this work, up to where it would be committed.
    pub(crate) async fn prepare(world: &World, session: &mut Session, n: usize) -> Self {
        let tag = format!("w{n}");
        let sql = format!("INSERT INTO customer (name, email, age) VALUES ('{tag}', '{tag}.old@x', 1)");
        world.run(&sql).await;
        let old = Customer::EMAIL.eq(format!("{tag}.old@x"));
        let changed = session.query::<Customer>().filter(old).one().await.unwrap();
        session[changed].age = Some(2);
        let products = ["tea", "jam"].map(|name| {
            session.add(Product::builder().sku(format!("{tag}.{name}")).title(&*tag).price_cents(1))
        });
        let carts = [Cart::builder().products(products), Cart::builder()];
        let email = format!("{tag}.new@x");
        let new = session.add(Customer::builder().name(&*tag).email(email).age(2).carts(carts));
        Self { tag, changed, new }
    }

    /// After a rollback: says the work again.
    pub(crate) fn again(&self, session: &mut Session) {
        session[self.changed].age = Some(2);
        session.add_again(self.new).unwrap();
    }

    /// I1: whether the work is in the database.
    ///
    /// # Panics
    /// When a part of it is.
    pub(crate) async fn is_done(&self, world: &World) -> bool {
        let tag = &self.tag;
        let carts = format!("cart JOIN customer c ON c.id = customer_id AND c.name = '{tag}'");
        let mut found = Vec::new();
        for from in [
            format!("customer WHERE name = '{tag}' AND age = 2"),
            carts.clone(),
            format!("product WHERE title = '{tag}'"),
            format!("cart_product JOIN {carts} ON cart.id = cart_id"),
        ] {
            found.push(world.number(&format!("SELECT count(*) FROM {from}")).await);
        }
        assert!(
            found == [2, 2, 2, 2] || found == [0, 0, 0, 0],
            "{tag}: {found:?} is neither all nor nothing"
        );
        found[0] > 0
    }

    /// I2: what was said about the commit is true.
    pub(crate) async fn check_outcome(&self, world: &World, outcome: &Result<()>) -> bool {
        let done = self.is_done(world).await;
        match outcome {
            Ok(()) => assert!(done, "{}: acknowledged", self.tag),
            Err(error) if error.kind() == ErrorKind::CommitOutcomeUnknown => {}
            Err(error) => assert!(!done, "{}: done, and yet {error:?}", self.tag),
        }
        done
    }

    /// I5: the objects are as the database has them, at once or where that is not known, after a refresh.
    pub(crate) async fn check_objects(&self, session: &mut Session, world: &World, committed: bool) {
        if session.is_expired(self.changed).unwrap() {
            session.refresh(self.changed).await.unwrap();
        }
        let sql = format!("SELECT age::bigint FROM customer WHERE email = '{}.old@x'", self.tag);
        let age = session[self.changed].age.map(i64::from);
        assert_eq!(age, Some(world.number(&sql).await), "{}", self.tag);
        assert_eq!(session.state(self.changed).unwrap(), ObjectState::Persistent);
        let state = if committed { ObjectState::Persistent } else { ObjectState::Transient };
        assert_eq!((session.state(self.new).unwrap(), session[self.new].id.is_set()), (state, committed));
    }
}
