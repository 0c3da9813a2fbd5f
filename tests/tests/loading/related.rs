//! Queries of the members of one object.

use super::*;
use orm_testkit::assert_queries;

#[orm_testkit::test(base = Base)]
async fn members_are_counted_without_loading_them(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let ann = session.get_one::<Customer>(1).await?;
    let cart = session.get_one::<Cart>(1).await?;
    assert_queries!(session, 4, {
        assert_eq!(session.related(ann, Customer::CARTS).count().await?, 3);
        assert_eq!(session.related(cart, Cart::PRODUCTS).count().await?, 3);
        assert_eq!(session.related(cart, Cart::CUSTOMER).count().await?, 1);
        assert!(!session.related(ann, Customer::CARTS).filter(invoice(7)).exists().await?);
    });
    assert!(!session[ann].carts.is_loaded());
    assert_eq!(session.objects::<Product>().count(), 0);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn members_come_in_pages(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let cart = session.get_one::<Cart>(1).await?;
    let mut skus = Vec::new();
    for page in 0..2 {
        let query = session.related(cart, Cart::PRODUCTS).order_by(Product::SKU.desc());
        for product in query.offset(page * 2).limit(2).all().await? {
            skus.push(session[product].sku.clone());
        }
    }
    assert_eq!(skus, ["P-3", "P-2", "P-1"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_owner_that_was_just_added_is_flushed_first(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let bea =
        session.add(Customer::builder().name("Bea").email("b@x").carts([Cart::builder().invoice("new")]));
    assert_eq!(
        session.related(bea, Customer::CARTS).one().await.map(|cart| session[cart].invoice.clone())?,
        Some("new".into())
    );
    let mut quiet = session.no_autoflush();
    let cem = quiet.add(Customer::builder().name("Cem").email("c@x").carts([Cart::builder()]));
    assert_eq!(quiet.related(cem, Customer::CARTS).count().await?, 0, "no row refers to it yet");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn members_are_changed_and_deleted_by_query(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let ann = session.get_one::<Customer>(1).await?;
    let first = session.related(ann, Customer::CARTS).order_by(Cart::ID).first().await?.unwrap();
    assert_eq!(
        session.related(ann, Customer::CARTS).filter(invoice(1)).set(Cart::INVOICE, "x").update().await?,
        1
    );
    assert_eq!(session[first].invoice.as_deref(), Some("x"));
    session.commit().await?;
    assert_eq!(engine.count(select::<Cart>().filter(Cart::INVOICE.eq("x"))).await?, 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_a_query_of_members_finds_are_the_objects_of_the_session(
    engine: Engine,
) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let ann = session.get_one::<Customer>(1).await?;
    let all = session.load(ann, Customer::CARTS).await?;
    let found = session.related(ann, Customer::CARTS).with(Cart::PRODUCTS).all().await?;
    assert_eq!(found, all);
    assert_eq!(session.at(found[0]).related(Cart::PRODUCTS)?.len(), 3);
    Ok(())
}
