//! Collections of which a part is loaded: what is shown, and what the flush takes them for.

use super::*;
use orm_testkit::assert_queries;

/// Customer 1, with the cart of invoice 2 alone.
async fn part(session: &mut Session) -> orm_core::Result<Handle<Customer>> {
    let ann = session.get_one::<Customer>(1).await?;
    session.load(ann, Customer::CARTS.filter(invoice(2))).await?;
    assert_eq!(invoices(session, ann), ["2"]);
    assert!(session[ann].carts.is_partial() && !session[ann].carts.is_loaded());
    Ok(ann)
}

#[orm_testkit::test(base = Base)]
async fn members_are_added_and_removed_as_in_any_collection(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let ann = part(&mut session).await?;
    let second = session[ann].carts.handles().unwrap().next().unwrap();
    session[ann].carts.push(Cart::builder().invoice("4"));
    session[ann].carts.remove(second);
    session.commit().await?;
    assert_eq!(invoices(&session, ann), ["4"]);
    session.load(ann, Customer::CARTS).await?;
    assert_eq!(invoices(&session, ann), ["1", "3", "4"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn deleting_the_owner_reaches_all_members(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let ann = part(&mut session).await?;
    session.delete(ann)?;
    session.commit().await?;
    assert_eq!(engine.count(select::<Cart>()).await?, 27);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn replacing_the_collection_takes_all_members_out(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let ann = part(&mut session).await?;
    session[ann].carts = [Cart::builder().invoice("only")].into_iter().collect();
    session.commit().await?;
    assert_eq!(invoices(&session, ann), ["only"]);
    session.load(ann, Customer::CARTS.populate_existing()).await?;
    assert_eq!(invoices(&session, ann), ["only"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn another_part_takes_the_place_of_the_first_and_all_take_that_of_any(
    engine: Engine,
) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let ann = part(&mut session).await?;
    assert_queries!(session, 0, { session.load(ann, Customer::CARTS.filter(invoice(2))).await? });
    assert_queries!(session, 1, { session.load(ann, Customer::CARTS.filter(invoice(3))).await? });
    assert_eq!(invoices(&session, ann), ["3"]);
    session.load(ann, Customer::CARTS).await?;
    assert_eq!(invoices(&session, ann), ["1", "2", "3"]);
    assert!(!session[ann].carts.is_partial());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn all_members_that_were_known_stay_known_below_a_part(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let ann = session.get_one::<Customer>(1).await?;
    session.load(ann, Customer::CARTS).await?;
    session.load(ann, Customer::CARTS.limit(1)).await?;
    assert_eq!(invoices(&session, ann), ["1"]);
    assert!(session[ann].carts.is_loaded() && session[ann].carts.is_partial());
    assert_queries!(session, 0, { session.load(ann, Customer::CARTS).await? });
    assert_eq!(invoices(&session, ann), ["1", "2", "3"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_rollback_shows_the_part_again(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let ann = part(&mut session).await?;
    session[ann].carts.push(Cart::builder().invoice("4"));
    session.flush().await?;
    assert_eq!(invoices(&session, ann), ["2", "4"]);
    session.rollback().await?;
    assert_eq!(invoices(&session, ann), ["2"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn refreshing_the_owner_forgets_the_part(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let ann = part(&mut session).await?;
    session.refresh(ann).await?;
    let error = session.at(ann).related(Customer::CARTS).unwrap_err();
    assert_eq!(error.kind(), orm_core::ErrorKind::NotLoaded);
    Ok(())
}
