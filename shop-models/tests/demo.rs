//! The demo tells what happens, in a database without tables.

use orm_core::prelude::*;
use shop_models::demo::{Colour, run};

async fn told(engine: &Engine, colour: Colour) -> String {
    let mut out = Vec::new();
    run(engine, &mut out, colour).await.unwrap();
    String::from_utf8(out).unwrap()
}

#[orm_testkit::test]
async fn the_demo_tells_every_step(engine: Engine) {
    let text = told(&engine, Colour::Plain).await;
    for line in [
        "→ customer, cart, product, cart_product, in the order of their foreign keys",
        "link 4 rows of cart_product",
        "→ 2 round trips; Ann has the id 1",
        "→ Ann's cart 1: 132.90",
        "→ Ann's cart 2: 3.90",
        "`carts` of Product(2) is not loaded",
        "→ bought by Ann and Bob",
        "→ update 1 row of customer (age): 1 round trip",
        "→ 1 customer and 2 carts are left",
        "→ Ann is called Ann again; Cid's id is unset",
        "constraint() = \"uq_customer_email\", table() = \"customer\", column() = \"email\"",
        "Ann is still 41",
        "│ A graph in one commit ",
    ] {
        let unwrapped = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(unwrapped.contains(line.trim()), "{line}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 100), "fits a terminal of 100 columns");
    assert!(!text.contains('\x1b'));
}

#[orm_testkit::test]
async fn colours_are_all_that_a_terminal_adds(engine: Engine) {
    let coloured = told(&engine, Colour::Ansi).await;
    assert!(coloured.contains("\x1b[1m── 1. The tables"));
    assert_eq!(
        coloured.matches("\x1b[0m").count() * 2,
        coloured.matches('\x1b').count(),
        "every colour ends"
    );
}
