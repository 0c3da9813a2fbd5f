//! A narrated run through the ORM, against a real server.

mod changes;
mod colour;
mod echo;
mod mistakes;
mod narrator;
mod reading;
mod wrap;

pub use colour::Colour;
pub use echo::echo;

use crate::models::{Base, Cart, Customer, Product};
use narrator::Narrator;
use orm_core::prelude::*;
use std::io::{self, Write};

/// The demo ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The narration cannot be written.
    #[error("cannot write")]
    Write(#[from] io::Error),
    /// The database refused something that the demo does not expect to be refused.
    #[error("the database refused")]
    Database(#[from] orm_core::Error),
    /// Something that the narration says did not happen.
    #[error("the demo expected {0}")]
    Unexpected(&'static str),
}

/// The result of a part of the demo.
type Result<T = ()> = std::result::Result<T, Error>;

/// Runs the demo on an empty database, and tells it to `out`.
///
/// # Errors
/// [`Error`]: nothing can be written, the database refuses, or something does not happen as told.
pub async fn run(engine: &Engine, out: &mut impl Write, colour: Colour) -> std::result::Result<(), Error> {
    let mut narrator = Narrator::new(engine, out, colour);
    tables(&mut narrator, engine).await?;
    let mut session = engine.session();
    let ann = graph(&mut narrator, &mut session).await?;
    reading::query(&mut narrator, engine).await?;
    reading::load(&mut narrator, engine).await?;
    changes::update(&mut narrator, &mut session, ann).await?;
    changes::delete(&mut narrator, &mut session).await?;
    mistakes::rollback(&mut narrator, &mut session, ann).await?;
    mistakes::unique(&mut narrator, &mut session, ann).await?;
    Ok(narrator.summary()?)
}

async fn tables<W: Write>(narrator: &mut Narrator<'_, W>, engine: &Engine) -> Result {
    narrator
        .step("The tables", "Every model that names `Base` is in its metadata; none can be forgotten.")?;
    narrator.code("Base::create_all(&engine).await?;")?;
    Base::create_all(engine).await?;
    let names: Vec<&str> = Base::metadata()?.tables().iter().map(|table| table.name.as_ref()).collect();
    narrator.result(format!("{}, in the order of their foreign keys", names.join(", ")))?;
    Ok(())
}

async fn graph<W: Write>(narrator: &mut Narrator<'_, W>, session: &mut Session) -> Result<Handle<Customer>> {
    narrator.step("A graph in one commit", "Customers, their carts and what lies in them, in any order.")?;
    narrator.code(
        "let tea = session.add(Product::builder().sku(\"T-1\").title(\"Tea\").price_cents(390));\n\
         let pot = session.add(Product::builder().sku(\"P-1\").title(\"Teapot\").price_cents(12_900));\n\
         let ann = session.add(Customer::builder().name(\"Ann\").email(\"ann@example.org\").age(40)\n    \
         .carts([Cart::builder().products([tea, pot]), Cart::builder().products([tea])]));\n\
         session.add(Customer::builder().name(\"Bob\").email(\"bob@example.org\").age(17)\n    \
         .carts([Cart::builder().products([pot])]));\n\
         println!(\"{}\", session.flush_plan()?);",
    )?;
    let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    let pot = session.add(Product::builder().sku("P-1").title("Teapot").price_cents(12_900));
    let carts = [Cart::builder().products([tea, pot]), Cart::builder().products([tea])];
    let ann = session.add(Customer::builder().name("Ann").email("ann@example.org").age(40).carts(carts));
    let carts = [Cart::builder().products([pot])];
    session.add(Customer::builder().name("Bob").email("bob@example.org").age(17).carts(carts));
    let plan = session.flush_plan()?;
    narrator.result(&plan)?;
    narrator.code("session.commit().await?;")?;
    session.commit().await?;
    let trips = narrator.sent().round_trips;
    narrator.result(format!("{trips} round trips; Ann has the id {}", session[ann].id))?;
    if trips != plan.round_trips() as u64 {
        return Err(Error::Unexpected("as many round trips as planned"));
    }
    Ok(ann)
}
