//! What goes wrong, and how the session goes on.

use super::{Error, Narrator, Result};
use crate::models::Customer;
use orm_core::prelude::*;
use std::io::Write;

pub(super) async fn rollback<W: Write>(
    narrator: &mut Narrator<'_, W>,
    session: &mut Session,
    ann: Handle<Customer>,
) -> Result {
    narrator.step("A rollback", "It takes the objects back, too, not only the rows.")?;
    narrator.code(
        "session[ann].name = \"Anna\".into();\n\
         let cid = session.add(Customer::builder().name(\"Cid\").email(\"cid@example.org\"));\n\
         session.flush().await?;",
    )?;
    session[ann].name = "Anna".into();
    let cid = session.add(Customer::builder().name("Cid").email("cid@example.org"));
    session.flush().await?;
    narrator.result(format!("written: {} has the id {}", session[cid].name, session[cid].id))?;
    narrator.code("session.rollback().await?;")?;
    session.rollback().await?;
    let (name, id, state) = (&session[ann].name, session[cid].id, session.state(cid)?);
    narrator.result(format!("Ann is called {name} again; Cid's id is {id}, and the object is {state:?}"))?;
    if name != "Ann" || id.is_set() || session.query::<Customer>().count().await? != 1 {
        return Err(Error::Unexpected("everything to be as before"));
    }
    Ok(())
}

pub(super) async fn unique<W: Write>(
    narrator: &mut Narrator<'_, W>,
    session: &mut Session,
    ann: Handle<Customer>,
) -> Result {
    narrator.step("A mistake, and how to go on", "Errors are typed: no text has to be searched.")?;
    narrator.code(
        "let twin = session.add(Customer::builder().name(\"Ann's twin\").email(\"ann@example.org\"));\n\
         let error = session.commit().await.unwrap_err();",
    )?;
    let twin = session.add(Customer::builder().name("Ann's twin").email("ann@example.org"));
    let Err(error) = session.commit().await else {
        return Err(Error::Unexpected("a second customer with Ann's address to be refused"));
    };
    if !error.is_unique_violation() {
        return Err(error.into());
    }
    narrator.result(format!(
        "{error}\nis_unique_violation() = {}, constraint() = {:?}, table() = {:?}, column() = {:?}",
        error.is_unique_violation(),
        error.constraint().unwrap_or_default(),
        error.table().unwrap_or_default(),
        error.column().unwrap_or_default(),
    ))?;
    narrator.code(
        "session.rollback().await?;\n\
         session[twin].email = \"twin@example.org\".into();  // written again: it will be inserted\n\
         session.commit().await?;",
    )?;
    session.rollback().await?;
    session[twin].email = "twin@example.org".into();
    session.commit().await?;
    let (id, age) = (session[twin].id, session[ann].age);
    narrator.result(format!("the twin has the id {id}; Ann is still {}", age.unwrap_or_default()))?;
    Ok(())
}
