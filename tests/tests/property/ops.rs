//! The operations.

use proptest::prelude::*;

/// The side of a relation through which it is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    /// The foreign key; of many to many the cart.
    One,
    /// The collection; of many to many the product.
    Many,
    /// The collections of the old and of the new owner.
    BothMany,
    /// Both sides at once.
    Link,
}

/// One operation. A number is an object: the one at that place of the living ones, modulo their count.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    AddCustomer {
        carts: usize,
    },
    AddCart {
        owner: usize,
        side: Side,
    },
    AddProduct,
    AddNode {
        parent: Option<usize>,
        side: Side,
    },
    Age {
        customer: usize,
        age: Option<i32>,
    },
    Price {
        product: usize,
        price: i64,
    },
    DeleteCustomer(usize),
    DeleteCart(usize),
    /// By taking it out of its collection.
    OrphanCart(usize),
    DeleteProduct(usize),
    DeleteNode(usize),
    Link {
        cart: usize,
        product: usize,
        side: Side,
    },
    Unlink {
        cart: usize,
        product: usize,
        side: Side,
    },
    /// The whole collection of a cart is made anew.
    Fill {
        cart: usize,
        products: Vec<usize>,
    },
    /// The whole collection of a customer is made anew: the carts that are left out are orphans.
    Own {
        customer: usize,
        carts: Vec<usize>,
    },
    MoveCart {
        cart: usize,
        owner: usize,
        side: Side,
    },
    MoveNode {
        node: usize,
        parent: Option<usize>,
        side: Side,
    },
    /// Loads one relation of one object, over unsaved changes or after a flush of them.
    Load {
        relation: usize,
        object: usize,
        flushes: bool,
    },
    Flush,
    /// A savepoint begins.
    Begin,
    /// The innermost one ends.
    Release,
    /// The innermost one is taken back.
    Undo,
    /// Everything is stale.
    Expire,
    /// One object is read again, with its unsaved changes saved before.
    Refresh {
        relation: usize,
        object: usize,
    },
    /// One object leaves the session, with those that leave with it, and comes back.
    Remerge {
        customer: usize,
    },
    Commit,
    Rollback,
    /// Drops the session, with everything that is not committed, and loads the rows into a new one.
    Reopen {
        loaded: bool,
    },
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::One), Just(Side::Many), Just(Side::BothMany), Just(Side::Link)]
}

fn op() -> impl Strategy<Value = Op> {
    let n = || 0..64_usize;
    let few = || prop::collection::vec(n(), 0..4);
    prop_oneof![
        3 => (0..3_usize).prop_map(|carts| Op::AddCustomer { carts }),
        3 => (n(), side()).prop_map(|(owner, side)| Op::AddCart { owner, side }),
        3 => Just(Op::AddProduct),
        4 => (prop::option::of(n()), side()).prop_map(|(parent, side)| Op::AddNode { parent, side }),
        2 => (n(), prop::option::of(0..9)).prop_map(|(customer, age)| Op::Age { customer, age }),
        2 => (n(), 0..9_i64).prop_map(|(product, price)| Op::Price { product, price }),
        1 => n().prop_map(Op::DeleteCustomer),
        1 => n().prop_map(Op::DeleteCart),
        1 => n().prop_map(Op::OrphanCart),
        1 => n().prop_map(Op::DeleteProduct),
        2 => n().prop_map(Op::DeleteNode),
        5 => (n(), n(), side()).prop_map(|(cart, product, side)| Op::Link { cart, product, side }),
        3 => (n(), n(), side()).prop_map(|(cart, product, side)| Op::Unlink { cart, product, side }),
        1 => (n(), few()).prop_map(|(cart, products)| Op::Fill { cart, products }),
        1 => (n(), few()).prop_map(|(customer, carts)| Op::Own { customer, carts }),
        3 => (n(), n(), side()).prop_map(|(cart, owner, side)| Op::MoveCart { cart, owner, side }),
        3 => (n(), prop::option::of(n()), side())
            .prop_map(|(node, parent, side)| Op::MoveNode { node, parent, side }),
        3 => (0..6_usize, n(), any::<bool>())
            .prop_map(|(relation, object, flushes)| Op::Load { relation, object, flushes }),
        2 => Just(Op::Flush),
        2 => Just(Op::Begin),
        1 => Just(Op::Release),
        1 => Just(Op::Undo),
        1 => Just(Op::Expire),
        1 => (0..4_usize, n()).prop_map(|(relation, object)| Op::Refresh { relation, object }),
        1 => n().prop_map(|customer| Op::Remerge { customer }),
        4 => Just(Op::Commit),
        1 => Just(Op::Rollback),
        1 => any::<bool>().prop_map(|loaded| Op::Reopen { loaded }),
    ]
}

/// A list of up to `length` operations.
pub(crate) fn ops(length: usize) -> impl Strategy<Value = Vec<Op>> {
    prop::collection::vec(op(), 1..=length)
}
