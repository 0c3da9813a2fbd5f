//! The pieces of work that are dropped.

use crate::bench::{Bench, roll_back};
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use shop_models::models::{Cart, Customer, Product};

/// A piece of work that a commit writes, which is in the database wholly or not at all.
pub(crate) trait Case {
    /// What the work is done on.
    type Handles;
    /// Number `n` of this work, up to where it would be committed.
    async fn prepare(&self, bench: &Bench, session: &mut Session, n: usize) -> Self::Handles;
    /// What is dropped.
    async fn act(&self, session: &mut Session) -> orm_core::Result<()> {
        session.commit().await
    }
    /// After a rollback: says the work again.
    fn again(&self, session: &mut Session, handles: &Self::Handles);
    /// Whether the work is in the database.
    ///
    /// # Panics
    /// When a part of it is.
    async fn is_done(&self, bench: &Bench, n: usize) -> bool;
}

/// How a drop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Ended {
    /// Nothing was sent, and the session goes on.
    Untouched,
    /// The session was rolled back, and so was the database.
    Unchanged,
    /// The session was rolled back, but the server had committed.
    Changed,
}

/// What must hold after the future was dropped, or failed.
pub(crate) async fn check_after<C: Case>(
    case: &C,
    bench: &Bench,
    session: &mut Session,
    handles: &C::Handles,
    n: usize,
) -> Ended {
    let ended = if session.is_active() {
        bench.drip.end();
        assert!(!case.is_done(bench, n).await, "{n}: nobody knows of it");
        case.act(session).await.unwrap();
        assert!(case.is_done(bench, n).await, "{n}: the session goes on as if nothing had been");
        Ended::Untouched
    } else {
        bench.drip.end();
        roll_back(session).await;
        bench.settled().await;
        if case.is_done(bench, n).await { Ended::Changed } else { Ended::Unchanged }
    };
    bench.settled().await;
    // The session works, and sends nothing of what was rolled back.
    let before = case.is_done(bench, n).await;
    let other = session.add(Product::builder().sku(format!("after {n}")).title("x").price_cents(0));
    session.commit().await.unwrap();
    assert_eq!(session.state(other).unwrap(), ObjectState::Persistent);
    assert_eq!(case.is_done(bench, n).await, before, "{n}");
    if ended == Ended::Unchanged {
        case.again(session, handles);
        session.commit().await.unwrap();
        assert!(case.is_done(bench, n).await, "{n}: said again, it is done");
    }
    ended
}

fn customer(n: usize, name: &str) -> Customer {
    Customer::builder().name(format!("{n} {name}")).email(format!("{n}.{name}@x")).build()
}

/// All or nothing of some counts.
fn all_or_nothing(n: usize, found: &[i64], whole: &[i64]) -> bool {
    if found == whole {
        return true;
    }
    assert!(found.iter().all(|count| *count == 0), "{n}: {found:?} of {whole:?} is neither all nor nothing");
    false
}

/// One INSERT, without BEGIN and COMMIT.
pub(crate) struct One;

impl Case for One {
    type Handles = Handle<Customer>;

    async fn prepare(&self, _: &Bench, session: &mut Session, n: usize) -> Self::Handles {
        session.add(customer(n, "ann"))
    }

    fn again(&self, session: &mut Session, ann: &Self::Handles) {
        assert_eq!(session.state(*ann).unwrap(), ObjectState::Transient);
        assert!(!session[*ann].id.is_set());
        session.add_again(*ann).unwrap();
    }

    async fn is_done(&self, bench: &Bench, n: usize) -> bool {
        let sql = format!("SELECT count(*) FROM customer WHERE name LIKE '{n} %'");
        all_or_nothing(n, &[bench.number(&sql).await], &[1])
    }
}

/// Four tables in two flights.
pub(crate) struct Graph;

impl Graph {
    pub(crate) fn say(&self, session: &mut Session, n: usize) -> Vec<Handle<Customer>> {
        let products = ["tea", "jam"].map(|name| {
            session.add(Product::builder().sku(format!("{n}.{name}")).title(format!("{n} x")).price_cents(1))
        });
        let owners = ["ann", "bea"].map(|name| {
            let mut owner = customer(n, name);
            owner.carts.extend([Cart::builder().products(products), Cart::builder()]);
            session.add(owner)
        });
        owners.to_vec()
    }
}

impl Case for Graph {
    type Handles = Vec<Handle<Customer>>;

    async fn prepare(&self, _: &Bench, session: &mut Session, n: usize) -> Self::Handles {
        self.say(session, n)
    }

    fn again(&self, session: &mut Session, owners: &Self::Handles) {
        for owner in owners {
            session.add_again(*owner).unwrap();
        }
    }

    async fn is_done(&self, bench: &Bench, n: usize) -> bool {
        let customers = format!("customer c WHERE c.name LIKE '{n} %'");
        let of = format!("JOIN customer c ON c.id = customer_id AND c.name LIKE '{n} %'");
        let mut found = Vec::new();
        for from in [
            customers,
            format!("cart {of}"),
            format!("product WHERE title = '{n} x'"),
            format!("cart_product JOIN cart ON cart.id = cart_id {of}"),
        ] {
            found.push(bench.number(&format!("SELECT count(*) FROM {from}")).await);
        }
        all_or_nothing(n, &found, &[2, 4, 2, 4])
    }
}

/// Two UPDATEs, of one table each, and a DELETE.
pub(crate) struct Changes;

impl Case for Changes {
    type Handles = (Vec<Handle<Customer>>, Handle<Product>);

    async fn prepare(&self, bench: &Bench, session: &mut Session, n: usize) -> Self::Handles {
        let sql = format!(
            "INSERT INTO customer (name, email) SELECT '{n} ' || i, '{n}.' || i || '@x' FROM generate_series(1, 3) i; \
             INSERT INTO product (sku, title, price_cents) VALUES ('{n}', '{n} x', 1)"
        );
        bench.run(&sql).await;
        let mine = Customer::NAME.like(format!("{n} %"));
        let customers =
            session.query::<Customer>().filter(mine).order_by(Customer::NAME).all().await.unwrap();
        let product = session.query::<Product>().filter(Product::SKU.eq(n.to_string())).one().await.unwrap();
        let handles = (customers, product);
        self.say(session, &handles);
        handles
    }

    fn again(&self, session: &mut Session, handles: &Self::Handles) {
        assert_eq!(session[handles.1].price_cents, 1);
        assert!(handles.0.iter().all(|c| session[*c].age.is_none()));
        self.say(session, handles);
    }

    async fn is_done(&self, bench: &Bench, n: usize) -> bool {
        let updated = format!("SELECT count(*) FROM customer WHERE name LIKE '{n} %' AND age = 7");
        let deleted = format!("SELECT 3 - count(*) FROM customer WHERE name LIKE '{n} %'");
        let price = format!("SELECT price_cents - 1 FROM product WHERE sku = '{n}'");
        let found = [bench.number(&updated).await, bench.number(&deleted).await, bench.number(&price).await];
        all_or_nothing(n, &found, &[2, 1, 8])
    }
}

impl Changes {
    fn say(&self, session: &mut Session, (customers, product): &<Self as Case>::Handles) {
        session.delete(customers[0]).unwrap();
        session[customers[1]].age = Some(7);
        session[customers[2]].age = Some(7);
        session[*product].price_cents = 9;
    }
}

/// One DELETE.
pub(crate) struct Delete;

impl Case for Delete {
    type Handles = Handle<Customer>;

    async fn prepare(&self, bench: &Bench, session: &mut Session, n: usize) -> Self::Handles {
        bench.run(&format!("INSERT INTO customer (name, email) VALUES ('{n} x', '{n}@x')")).await;
        let ann =
            session.query::<Customer>().filter(Customer::EMAIL.eq(format!("{n}@x"))).one().await.unwrap();
        session.delete(ann).unwrap();
        ann
    }

    fn again(&self, session: &mut Session, ann: &Self::Handles) {
        assert_eq!(session.state(*ann).unwrap(), ObjectState::Persistent);
        session.delete(*ann).unwrap();
    }

    async fn is_done(&self, bench: &Bench, n: usize) -> bool {
        bench.number(&format!("SELECT count(*) FROM customer WHERE email = '{n}@x'")).await == 0
    }
}

/// A graph that is flushed and then committed.
pub(crate) struct FlushThenCommit;

impl Case for FlushThenCommit {
    type Handles = Vec<Handle<Customer>>;

    async fn prepare(&self, bench: &Bench, session: &mut Session, n: usize) -> Self::Handles {
        Graph.prepare(bench, session, n).await
    }

    async fn act(&self, session: &mut Session) -> orm_core::Result<()> {
        session.flush().await?;
        session.commit().await
    }

    fn again(&self, session: &mut Session, handles: &Self::Handles) {
        Graph.again(session, handles);
    }

    async fn is_done(&self, bench: &Bench, n: usize) -> bool {
        Graph.is_done(bench, n).await
    }
}
