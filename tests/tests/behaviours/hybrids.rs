//! Methods of models that are expressions, too.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::query::SqlExpr;
use orm_tests::models::offers::{Base, Offer, Shop};

/// Offers of every shape that the methods tell apart, in a database.
async fn offers(engine: &Engine) -> orm_core::Result<Vec<Offer>> {
    let mut session = engine.session();
    let shop = session.add(Shop::builder().name("Corner").parcel(500));
    let mut n = 0;
    for title in ["Tea", "50%_off!", ""] {
        for kind in [None, Some("leaf".to_owned())] {
            for price in [1, 390, 20_000, -3] {
                for (pieces, active) in [(None, true), (Some(3), false), (Some(0), true)] {
                    n += 1;
                    let offer = Offer::builder().title(title).maybe_kind(kind.clone()).price_cents(price);
                    let offer = offer.maybe_pieces(pieces).active(active);
                    match n % 5 {
                        0 | 1 => session.add(offer.shop(shop)),
                        _ => session.add(offer),
                    };
                }
            }
        }
    }
    session.commit().await?;
    engine.fetch_all(select::<Offer>().order_by(Offer::ID)).await
}

/// Whether Rust and the database say the same of every row.
async fn agree<T>(
    engine: &Engine,
    expr: SqlExpr<Offer, T>,
    rust: impl Fn(&Offer) -> T,
) -> orm_core::Result<()>
where
    T: orm_core::types::ScalarType + PartialEq,
{
    let all = offers(engine).await?;
    let said = engine.fetch_all(columns((Offer::ID, expr.clone())).order_by(Offer::ID)).await?;
    for (offer, (id, said)) in all.iter().zip(said) {
        assert_eq!(offer.id, id);
        assert_eq!(rust(offer), said, "{expr} of {offer:?}");
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn comparisons_and_logic_mean_the_same_in_sql(engine: Engine) -> orm_core::Result<()> {
    agree(&engine, Offer::is_dear_expr(), Offer::is_dear).await
}

#[orm_testkit::test(base = Base)]
async fn parameters_are_values_in_sql(engine: Engine) -> orm_core::Result<()> {
    agree(&engine, Offer::discounted_expr(15), |offer| offer.discounted(15)).await
}

#[orm_testkit::test(base = Base)]
async fn options_with_a_fallback_and_casts_mean_the_same_in_sql(engine: Engine) -> orm_core::Result<()> {
    agree(&engine, Offer::total_expr(), Offer::total).await
}

#[orm_testkit::test(base = Base)]
async fn if_and_else_become_case(engine: Engine) -> orm_core::Result<()> {
    assert!(Offer::class_expr().to_string().starts_with("CASE WHEN "));
    agree(&engine, Offer::class_expr(), |offer| offer.class().to_owned()).await
}

#[orm_testkit::test(base = Base)]
async fn options_are_compared_as_in_rust(engine: Engine) -> orm_core::Result<()> {
    agree(&engine, Offer::is_of_expr(SqlExpr::from(Offer::KIND)), |offer| offer.is_of(offer.kind.as_deref()))
        .await?;
    let not_leaf = !Offer::is_of_expr("leaf");
    let found = engine.fetch_all(select::<Offer>().filter(not_leaf)).await?;
    assert!(found.iter().all(|offer| offer.kind.is_none()) && found.len() == 36, "NULL is not lost");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_closure_of_an_option_never_meets_null(engine: Engine) -> orm_core::Result<()> {
    agree(&engine, Offer::has_more_than_expr(2), |offer| offer.has_more_than(2)).await
}

#[orm_testkit::test(base = Base)]
async fn texts_are_joined_in_sql(engine: Engine) -> orm_core::Result<()> {
    agree(&engine, Offer::label_expr(), Offer::label).await
}

#[orm_testkit::test(base = Base)]
async fn functions_of_texts_and_numbers_mean_the_same_in_sql(engine: Engine) -> orm_core::Result<()> {
    agree(&engine, Offer::is_odd_expr("ea"), |offer| offer.is_odd("ea")).await
}

#[orm_testkit::test(base = Base)]
async fn an_expression_can_be_written_by_hand(engine: Engine) -> orm_core::Result<()> {
    agree(&engine, Offer::is_loud_expr(), Offer::is_loud).await
}

#[orm_testkit::test(base = Base)]
async fn methods_that_change_an_object_are_left_as_they_are(engine: Engine) -> orm_core::Result<()> {
    let mut offer = offers(&engine).await?.remove(0);
    offer.raise(9);
    assert_eq!(offer.price_cents, 10);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_hybrid_filters_and_orders_a_query(engine: Engine) -> orm_core::Result<()> {
    let all = offers(&engine).await?;
    let mut session = engine.session();
    let query = session
        .query::<Offer>()
        .filter(Offer::ID.gt(0) & Offer::is_dear_expr() & Offer::has_more_than_expr(-1));
    let found = query.order_by((Offer::total_expr().desc(), Offer::ID)).all().await?;
    let dear = all.iter().filter(|offer| offer.is_dear() && offer.has_more_than(-1)).count();
    assert!(found.len() == dear && dear > 0);
    let odd = Offer::class_expr().eq("odd") | Offer::total_expr().in_any([0, 390]);
    let counted = session.query::<Offer>().filter(odd).count().await?;
    let expected = all.iter().filter(|offer| offer.class() == "odd" || [0, 390].contains(&offer.total()));
    assert_eq!(usize::try_from(counted).unwrap(), expected.count());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_hybrid_of_members_filters_their_owners(engine: Engine) -> orm_core::Result<()> {
    offers(&engine).await?;
    let mut session = engine.session();
    session.add(Shop::builder().name("Empty").parcel(0));
    session.commit().await?;
    let shops = session.query::<Shop>().filter(Shop::OFFERS.any(Offer::is_dear_expr())).all().await?;
    assert_eq!(session[shops[0]].name, "Corner");
    assert_eq!(shops.len(), 1);
    let counted = columns((Shop::NAME, Shop::OFFERS.count_of(Offer::is_dear_expr()))).order_by(Shop::NAME);
    let counted = engine.fetch_all(counted).await?;
    assert!(counted[0].1 > 0 && counted[1] == ("Empty".to_owned(), 0));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_hybrid_is_a_value_in_an_update(engine: Engine) -> orm_core::Result<()> {
    let all = offers(&engine).await?;
    let mut session = engine.session();
    let first = session.get_one::<Offer>(all[0].id.unwrap()).await?;
    let query = session.query::<Offer>().filter(Offer::has_more_than_expr(2));
    query
        .set(Offer::PRICE_CENTS, Offer::total_expr())
        .set(Offer::TITLE, Offer::label_expr())
        .update()
        .await?;
    session.set(first, Offer::PRICE_CENTS, Offer::discounted_expr(Offer::PRICE_CENTS))?;
    session.commit().await?;
    let now = engine.fetch_all(select::<Offer>().order_by(Offer::ID)).await?;
    assert_eq!((now[1].price_cents, now[1].title.as_str()), (all[1].total(), all[1].label().as_str()));
    assert_eq!(session[first].price_cents, all[0].discounted(all[0].price_cents));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_hybrid_finds_the_rows_of_a_deletion(engine: Engine) -> orm_core::Result<()> {
    let all = offers(&engine).await?;
    let mut session = engine.session();
    let gone = session.query::<Offer>().filter(Offer::is_dear_expr()).delete().await?;
    assert_eq!(gone, u64::try_from(all.iter().filter(|offer| offer.is_dear()).count()).unwrap());
    session.commit().await?;
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn members_are_counted_and_summed_without_loading(engine: Engine) -> orm_core::Result<()> {
    let all = offers(&engine).await?;
    let mut session = engine.session();
    session.add(Shop::builder().name("Empty").parcel(0));
    session.commit().await?;
    let of_shop: Vec<&Offer> = all.iter().filter(|offer| offer.shop.is_some()).collect();
    let prices = of_shop.iter().map(|offer| offer.price_cents);
    let (price, offers) = (Offer::PRICE_CENTS, Shop::OFFERS);
    let query = columns((
        offers.count(),
        offers.sum(price),
        offers.min(price),
        offers.max(price),
        offers.avg(Offer::PIECES),
    ));
    let found = engine.fetch_all(query.order_by((offers.count().desc(), Shop::NAME))).await?;
    let known: Vec<f64> = of_shop.iter().filter_map(|offer| offer.pieces).map(f64::from).collect();
    let count = i64::try_from(of_shop.len()).unwrap();
    assert_eq!(found[0].0, count);
    assert_eq!(
        (found[0].1, found[0].2, found[0].3),
        (prices.clone().sum(), prices.clone().min(), prices.max())
    );
    let mean = known.iter().sum::<f64>() / f64::from(u32::try_from(known.len()).unwrap());
    assert!((found[0].4.unwrap() - mean).abs() < 1e-9);
    assert_eq!(found[1], (0, 0, None, None, None));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_expression_of_members_is_compared_with_a_column_and_computed_with(
    engine: Engine,
) -> orm_core::Result<()> {
    offers(&engine).await?;
    let parcels = Shop::OFFERS.count() * Shop::PARCEL;
    let shops = engine.fetch_all(select::<Shop>().filter(parcels.clone().gt(Shop::PARCEL))).await?;
    assert_eq!(shops.len(), 1);
    let mut session = engine.session();
    let shop = session.get_one::<Shop>("Corner").await?;
    let error = session.set(shop, Shop::PARCEL, parcels.clone()).unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::WrongState, Some("parcel")));
    session.query::<Shop>().set(Shop::PARCEL, parcels).update().await?;
    assert_eq!(session[shop].parcel, 29 * 500);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_expression_that_is_null_is_selected_as_an_option(engine: Engine) -> orm_core::Result<()> {
    offers(&engine).await?;
    let next = Offer::PIECES + 1;
    let found = engine.fetch_all(columns(next.clone()).order_by(Offer::ID).limit(2)).await?;
    assert_eq!(found, [None, Some(4)]);
    let error = engine.fetch_all(columns(next.clone().assume_not_null())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode, "an assumption is checked");
    let known = columns(next.clone().assume_not_null()).filter(Offer::PIECES.is_not_null()).limit(1);
    assert_eq!(engine.fetch_one(known.order_by(Offer::ID)).await?, 4);
    assert_eq!(engine.fetch_all(columns(next.or(7)).order_by(Offer::ID).limit(2)).await?, [7, 4]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_condition_is_a_value_and_a_truth_is_a_condition(engine: Engine) -> orm_core::Result<()> {
    let all = offers(&engine).await?;
    let cheap: SqlExpr<Offer, bool> = SqlExpr::from(Offer::PRICE_CENTS.lt(10)).assume_not_null();
    let few: SqlExpr<Offer, Option<bool>> = Offer::PIECES.lt(3).into();
    assert_eq!(engine.fetch_all(columns(few).order_by(Offer::ID).limit(2)).await?, [None, Some(false)]);
    let said = engine.fetch_all(columns(cheap.clone()).order_by(Offer::ID)).await?;
    assert!(said.iter().zip(&all).all(|(said, offer)| *said == (offer.price_cents < 10)));
    let active = engine.count(select::<Offer>().filter(Offer::ACTIVE).filter(!cheap)).await?;
    let expected = all.iter().filter(|offer| offer.active && offer.price_cents >= 10).count();
    assert_eq!(usize::try_from(active).unwrap(), expected);
    Ok(())
}
