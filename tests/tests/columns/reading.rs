//! Deferred columns where a row is more than a list of plain fields, and expressions where rows are hidden.

use orm_core::prelude::*;
use orm_tests::models::offers::{self, Offer, Shop};
use orm_tests::models::volumes::{Base, Chapter, Page, Seen, Volume};

async fn pages(engine: &Engine) -> orm_core::Result<Session> {
    let mut session = engine.session();
    let book = session.add(Volume::builder().title("Tea").blurb("Short"));
    for number in 1..=2 {
        let seen = Seen { by: "Ann".into(), remark: Deferred::Loaded(Some(format!("page {number}"))) };
        session.add(Page::builder().volume(book).number(number).text(format!("Page {number}")).seen(seen));
    }
    session.commit().await?;
    Ok(engine.session())
}

#[orm_testkit::test(base = Base)]
async fn columns_of_rows_with_composite_keys_are_loaded(engine: Engine) -> orm_core::Result<()> {
    let mut session = pages(&engine).await?;
    let pages = session.query::<Page>().order_by(Page::NUMBER).all().await?;
    orm_testkit::assert_queries!(session, 1, { session.load_columns(&pages, Page::TEXT).await? });
    assert_eq!(Page::TEXT.of(&session[pages[1]])?, "Page 2");
    session[pages[0]].text.set("Changed");
    session.commit().await?;
    let texts = engine.fetch_all(columns(Page::TEXT).order_by(Page::NUMBER)).await?;
    assert_eq!(texts, ["Changed", "Page 2"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_embedded_value_may_have_deferred_columns(engine: Engine) -> orm_core::Result<()> {
    let mut session = pages(&engine).await?;
    let remark = Page::SEEN.then(Seen::REMARK);
    let pages = session.query::<Page>().order_by(Page::NUMBER).all().await?;
    let seen = session[pages[0]].seen.clone();
    assert_eq!((seen.by.as_str(), seen.remark.is_loaded()), ("Ann", false));
    session[pages[0]].seen.by = "Bea".into();
    session.commit().await?;
    session.load_columns(pages[0], remark).await?;
    assert_eq!(remark.of(&session[pages[0]])?.map(String::as_str), Some("page 1"));
    let all = engine.fetch_all(columns((Page::SEEN.then(Seen::BY), remark)).order_by(Page::NUMBER)).await?;
    assert_eq!(all[0], ("Bea".to_owned(), Some("page 1".to_owned())));
    Ok(())
}

#[orm_testkit::test(base = offers::Base)]
async fn members_that_criteria_hide_are_not_counted(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let offers = [(1, true), (2, false), (3, true)];
    let offers =
        offers.map(|(price, active)| Offer::builder().title("Tea").price_cents(price).active(active));
    session.add(Shop::builder().name("Corner").parcel(0).offers(offers));
    session.commit().await?;
    session.restrict::<Offer>(Offer::ACTIVE.eq(true));
    let with = async |session: &mut Session, count: i64, sum: i64| {
        let offers = Shop::OFFERS;
        let filter = offers.count().eq(count) & offers.sum(Offer::PRICE_CENTS).eq(sum);
        session.query::<Shop>().filter(filter).order_by(offers.count()).count().await
    };
    assert_eq!(with(&mut session, 2, 4).await?, 1);
    assert_eq!(with(&mut session, 3, 6).await?, 0);
    Ok(())
}

#[orm_testkit::test(base = offers::Base)]
async fn members_are_ordered_by_what_is_computed_of_them(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let offers = [(9, 1), (4, 5), (3, 2)];
    let offers = offers.map(|(price, pieces)| {
        Offer::builder().title(price.to_string()).price_cents(price).pieces(pieces).active(true)
    });
    session.add(Shop::builder().name("Corner").parcel(0).offers(offers));
    session.commit().await?;
    let mut session = engine.session();
    let path = Shop::OFFERS.order_by(Offer::total_expr().desc()).limit(2);
    let shop = session.query::<Shop>().with(path).one().await?;
    let titles: Vec<&str> =
        session.at(shop).related(Shop::OFFERS)?.map(|offer| offer.get().title.as_str()).collect();
    assert_eq!(titles, ["4", "9"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn every_strategy_reads_members_without_their_deferred_columns(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let chapters = ["One", "Two"].map(|text| Chapter::builder().text(text));
    session.add(Volume::builder().title("Tea").blurb("Short").chapters(chapters));
    session.commit().await?;
    let chapters = Volume::CHAPTERS;
    for path in [chapters.select_in(), chapters.joined(), chapters.contains_eager(), chapters.subquery()] {
        let mut session = engine.session();
        let book = session.query::<Volume>().undefer(Volume::BLURB).with(path.clone()).one().await?;
        assert_eq!(Volume::BLURB.of(&session[book])?, "Short", "{path:?}");
        let members = session.at(book).related(chapters)?;
        let known: Vec<(bool, Option<&i64>)> =
            members.map(|chapter| (chapter.text.is_loaded(), chapter.get().volume.key())).collect();
        assert_eq!(known, [(false, Some(&1)), (false, Some(&1))], "{path:?}");
    }
    Ok(())
}
