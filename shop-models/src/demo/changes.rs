//! Changing and deleting what is there.

use super::{Error, Narrator, Result};
use crate::models::{Cart, Customer};
use orm_core::prelude::*;
use std::io::Write;

pub(super) async fn update<W: Write>(
    narrator: &mut Narrator<'_, W>,
    session: &mut Session,
    ann: Handle<Customer>,
) -> Result {
    narrator.step("One column in one UPDATE", "The session knows what changed: nothing else is sent.")?;
    narrator.code("session[ann].age = Some(41);\nsession.commit().await?;")?;
    session[ann].age = Some(41);
    let plan = session.flush_plan()?;
    session.commit().await?;
    narrator.result(format!("{plan}: {} round trip", narrator.sent().round_trips))?;
    Ok(())
}

pub(super) async fn delete<W: Write>(narrator: &mut Narrator<'_, W>, session: &mut Session) -> Result {
    let about =
        "`cascade = \"all, delete-orphan\"`: a customer takes the carts along, and they their positions.";
    narrator.step("A delete and its cascade", about)?;
    narrator.code(
        "let bob = session.query::<Customer>().filter(Customer::NAME.eq(\"Bob\")).one().await?;\n\
         session.delete(bob)?;\n\
         session.commit().await?;",
    )?;
    let bob = session.query::<Customer>().filter(Customer::NAME.eq("Bob")).one().await?;
    session.delete(bob)?;
    let plan = session.flush_plan()?;
    session.commit().await?;
    narrator.result(&plan)?;
    let left = session.query::<Customer>().count().await?;
    let carts = session.query::<Cart>().count().await?;
    narrator.result(format!("{left} customer and {carts} carts are left"))?;
    if (left, carts) != (1, 2) {
        return Err(Error::Unexpected("Ann and her two carts to be left"));
    }
    Ok(())
}
