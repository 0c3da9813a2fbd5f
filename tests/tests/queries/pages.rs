//! Pages by cursors: joined together they are the whole list, whatever comes and goes in between.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::query::{Ordering, Page, Select, count, value, window};
use orm_tests::models::drawers::{self, Note};
use std::collections::BTreeSet;

mod models {
    use orm_core::prelude::*;

    orm_core::declarative_base!(pub(super) Base);

    #[derive(DbEnum, Clone, Copy, Debug, PartialEq, Eq)]
    #[db_enum(name = "page_grade")]
    pub(super) enum Grade {
        Low,
        High,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base, table = "page_shelf")]
    pub(super) struct Shelf {
        #[model(primary_key)]
        pub(super) id: Auto<i64>,
        pub(super) room: Option<String>,
        #[has_many(back_populates = "shelf")]
        pub(super) items: HasMany<Item>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base, table = "page_item")]
    pub(super) struct Item {
        #[model(primary_key)]
        pub(super) id: Auto<i64>,
        pub(super) kind: i32,
        pub(super) weight: Option<i32>,
        pub(super) name: Option<String>,
        pub(super) score: f64,
        pub(super) at: Option<DateTime<Utc>>,
        pub(super) grade: Option<Grade>,
        #[belongs_to]
        pub(super) shelf: Option<BelongsTo<Shelf>>,
    }
}
use models::{Base, Grade, Item, Shelf};

/// Numbers that look random, and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn some<T>(&mut self, value: T) -> Option<T> {
        (self.below(3) > 0).then_some(value)
    }

    /// An item with few different values, so that many are equal, and with many `NULL`s.
    fn item(&mut self) -> Item {
        let score = [0.0, -0.0, 1.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY][self.below(6) as usize];
        let (weight, name) = (self.below(4) as i32, ["", "a", "b", "ä\u{1F375}"][self.below(4) as usize]);
        let at = DateTime::from_timestamp(self.below(3) as i64, 1000).unwrap();
        let grade = [Grade::Low, Grade::High][self.below(2) as usize];
        Item {
            id: Auto::Unset,
            kind: self.below(3) as i32,
            weight: self.some(weight),
            name: self.some(name.to_owned()),
            score,
            at: self.some(at),
            grade: self.some(grade),
            shelf: None,
        }
    }
}

async fn fill(engine: &Engine, dice: &mut Dice, rows: usize) {
    let mut session = engine.session();
    for _ in 0..rows {
        session.add(dice.item());
    }
    session.commit().await.unwrap();
}

type Items = Select<Item>;

/// Orders, and the same with the primary key, which goes where the last of them goes.
fn orders() -> Vec<(Items, Items)> {
    let query = select::<Item>;
    let id = || Item::ID;
    vec![
        (query(), query().order_by(id())),
        (query().order_by(id().desc()), query().order_by(id().desc())),
        (query().order_by(Item::KIND), query().order_by((Item::KIND, id()))),
        (query().order_by(Item::KIND.desc()), query().order_by((Item::KIND.desc(), id().desc()))),
        (query().order_by((Item::KIND.desc(), id())), query().order_by((Item::KIND.desc(), id()))),
        (query().order_by(Item::WEIGHT), query().order_by((Item::WEIGHT, id()))),
        (query().order_by(Item::WEIGHT.desc()), query().order_by((Item::WEIGHT.desc(), id().desc()))),
        (
            query().order_by((Item::WEIGHT.asc().nulls_first(), Item::NAME.desc().nulls_last())),
            query().order_by((Item::WEIGHT.asc().nulls_first(), Item::NAME.desc().nulls_last(), id().desc())),
        ),
        (
            query().order_by((Item::GRADE.desc(), Item::AT, Item::SCORE.desc())),
            query().order_by((Item::GRADE.desc(), Item::AT, Item::SCORE.desc(), id().desc())),
        ),
        (query().order_by(Item::SCORE), query().order_by((Item::SCORE, id()))),
        (
            query().order_by(((Item::WEIGHT * 3).desc(), value(Item::KIND) - 1)),
            query().order_by(((Item::WEIGHT * 3).desc(), value(Item::KIND) - 1, id())),
        ),
        (
            query().order_by(Ordering::by_name("-name").unwrap()),
            query().order_by((Item::NAME.desc(), id().desc())),
        ),
    ]
}

fn ids(items: &[Item]) -> Vec<i64> {
    items.iter().map(|item| *item.id.get().unwrap()).collect()
}

/// All pages in one direction, and the order in which their rows came.
async fn walk(engine: &Engine, query: &Items, size: u32, forward: bool) -> Vec<i64> {
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let from = cursor.as_deref();
        let page = match forward {
            true => query.clone().page_after(from, size),
            false => query.clone().page_before(from, size),
        };
        let Page { rows, next, previous } = page.fetch_page(engine).await.unwrap();
        assert!(rows.len() <= size as usize);
        let rows = ids(&rows);
        all = if forward { [all, rows].concat() } else { [rows, all].concat() };
        cursor = if forward { next } else { previous };
        if cursor.is_none() {
            return all;
        }
    }
}

#[orm_testkit::test(base = Base)]
async fn pages_of_any_order_are_the_whole_list(engine: Engine) {
    let mut dice = Dice(0x5eed);
    fill(&engine, &mut dice, 61).await;
    for (number, (query, whole)) in orders().into_iter().enumerate() {
        let whole = ids(&whole.fetch_all(&engine).await.unwrap());
        assert_eq!(whole.len(), 61);
        for size in [1, 2, 7, 60, 61, 62] {
            assert_eq!(walk(&engine, &query, size, true).await, whole, "order {number}, {size} a page");
            assert_eq!(
                walk(&engine, &query, size, false).await,
                whole,
                "order {number} backwards, {size} a page"
            );
        }
    }
}

#[orm_testkit::test(base = Base)]
async fn rows_that_stay_come_once_while_others_come_and_go(engine: Engine) {
    let mut dice = Dice(0xd1ce);
    for (number, (query, whole)) in orders().into_iter().enumerate() {
        for forward in [true, false] {
            fill(&engine, &mut dice, 12).await;
            let there = ids(&whole.clone().fetch_all(&engine).await.unwrap());
            let mut stay: BTreeSet<i64> = there.into_iter().collect();
            let (mut seen, mut cursor) = (Vec::new(), None);
            loop {
                let from = cursor.as_deref();
                let page = match forward {
                    true => query.clone().page_after(from, 5),
                    false => query.clone().page_before(from, 5),
                };
                let page = page.fetch_page(&engine).await.unwrap();
                let rows = ids(&page.rows);
                // Some go, among them what cursors were made of.
                let gone: Vec<i64> =
                    rows.iter().chain(&stay).copied().filter(|_| dice.below(6) == 0).collect();
                stay.retain(|id| !gone.contains(id));
                let mut session = engine.session();
                session.query::<Item>().filter(Item::ID.in_any(gone)).delete().await.unwrap();
                session.commit().await.unwrap();
                fill(&engine, &mut dice, 2).await;
                seen.extend(rows);
                cursor = if forward { page.next } else { page.previous };
                if cursor.is_none() {
                    break;
                }
            }
            let once: BTreeSet<i64> = seen.iter().copied().collect();
            assert_eq!(once.len(), seen.len(), "order {number}: a row came twice");
            assert!(stay.is_subset(&once), "order {number}: a row was left out");
        }
    }
}

#[orm_testkit::test(base = Base)]
async fn a_page_leads_to_its_neighbours(engine: Engine) -> orm_core::Result<()> {
    fill(&engine, &mut Dice(7), 5).await;
    let items = || columns(Item::ID).order_by(Item::ID);
    let first = engine.fetch_page(items().page_after(None, 2)).await?;
    assert_eq!((&first.rows[..], &first.previous), (&[1, 2][..], &None));
    let second = engine.fetch_page(items().page_after(first.next.as_deref(), 2)).await?;
    assert_eq!(second.rows, [3, 4]);
    assert_eq!(engine.fetch_page(items().page_before(second.previous.as_deref(), 2)).await?, first);
    // A place is between two rows: the other direction gives the other side.
    assert_eq!(engine.fetch_page(items().page_before(first.next.as_deref(), 2)).await?.rows, [1, 2]);
    assert_eq!(engine.fetch_page(items().page_after(second.previous.as_deref(), 2)).await?.rows, [3, 4]);
    let numbered = engine.fetch_page(items().page_number(1, 2)).await?;
    assert_eq!(numbered, second);
    assert!(engine.fetch_page(items().page_number(7, 2)).await?.rows.is_empty());
    // A page that became empty still leads back.
    engine.execute_script("DELETE FROM page_item WHERE id >= 3").await?;
    let empty = engine.fetch_page(items().page_after(first.next.as_deref(), 2)).await?;
    assert_eq!((empty.rows.len(), &empty.next), (0, &None));
    assert_eq!(engine.fetch_page(items().page_before(empty.previous.as_deref(), 2)).await?.rows, [1, 2]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_page_is_one_round_trip_and_keys_of_one_direction_are_one_comparison(
    engine: Engine,
) -> orm_core::Result<()> {
    fill(&engine, &mut Dice(7), 5).await;
    let items = || select::<Item>().order_by(Item::KIND.desc());
    let first = engine.fetch_page(items().page_after(None, 2)).await?;
    let (before, texts) = (engine.statistics(), std::sync::Arc::new(std::sync::Mutex::new(Vec::new())));
    let log = std::sync::Arc::clone(&texts);
    let watcher = engine.on_send(move |text| log.lock().unwrap().push(text.to_owned()));
    engine.fetch_page(items().page_after(first.next.as_deref(), 2)).await?;
    drop(watcher);
    assert_eq!(engine.statistics().round_trips - before.round_trips, 1);
    let text = texts.lock().unwrap().pop().unwrap();
    let end = "WHERE (\"kind\", \"id\") < ($1, $2) ORDER BY \"kind\" DESC, \"id\" DESC LIMIT $3";
    assert!(text.ends_with(end), "{text}");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn joins_have_pages_with_what_is_missing_too(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let mut dice = Dice(0xcafe);
    for number in 0..12_usize {
        let items: Vec<Item> = (0..number % 4).map(|_| dice.item()).collect();
        session.add(Shelf::builder().room(["hall", "loft"][number % 2]).items(items));
        session.add(dice.item());
    }
    session.commit().await?;
    let left = || {
        let query = select::<Shelf>().left_join(Shelf::ITEMS).columns((Shelf::ID, Item::ID, Item::NAME));
        query.order_by((Item::NAME.desc(), Shelf::ROOM))
    };
    let full = || {
        let query = select::<Shelf>().full_join(Shelf::ITEMS).columns((Shelf::ID, Item::ID, Item::NAME));
        query.order_by((Item::NAME.desc(), Shelf::ROOM))
    };
    let whole = left().order_by((Shelf::ID, Item::ID)).fetch_all(&engine).await?;
    assert_eq!(whole.len(), 18 + 3);
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let page = session.fetch_page(left().page_after(cursor.as_deref(), 4)).await?;
        all.extend(page.rows);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(all, whole);
    let whole = full().order_by((Shelf::ID, Item::ID)).fetch_all(&engine).await?;
    assert_eq!(whole.len(), 18 + 3 + 12);
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let page = session.fetch_page(full().page_before(cursor.as_deref(), 4)).await?;
        all.splice(0..0, page.rows);
        cursor = page.previous;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(all, whole);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn objects_come_with_their_relations_however_these_are_loaded(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let mut dice = Dice(0xbeef);
    for number in 0..9_usize {
        let items: Vec<Item> = (0..number % 4).map(|_| dice.item()).collect();
        session.add(Shelf::builder().room(format!("{}", number % 3)).items(items));
    }
    session.commit().await?;
    for how in 0..3 {
        let mut session = engine.session();
        let shelves = || {
            let query = select::<Shelf>().order_by(Shelf::ROOM.desc());
            match how {
                0 => query.with(Shelf::ITEMS),
                1 => query.with(Shelf::ITEMS.joined()),
                _ => query.with(Shelf::ITEMS.subquery()),
            }
        };
        let whole = session.all(shelves()).await?.len();
        session.expunge_all();
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let page = session.page(shelves().page_before(cursor.as_deref(), 2)).await?;
            for shelf in &page.rows {
                let id = *session[*shelf].id.get().unwrap() - 1;
                assert_eq!(session.at(*shelf).related(Shelf::ITEMS)?.len() as i64, id % 4);
                all.push((session[*shelf].room.clone(), id));
            }
            assert!(
                page.rows.len() <= 2 && session.objects::<Shelf>().count() == all.len(),
                "one row more was made an object"
            );
            cursor = page.previous;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(all.len(), whole);
        assert!(all.chunks(2).all(|pair| pair[0] >= *pair.last().unwrap()));
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_is_no_cursor_is_a_typed_error_and_reaches_no_sql(engine: Engine) -> orm_core::Result<()> {
    fill(&engine, &mut Dice(7), 5).await;
    let by_kind = || select::<Item>().order_by(Item::KIND);
    let cursor = engine.fetch_page(by_kind().page_after(None, 2)).await?.next.unwrap();
    let sent = engine.statistics().statements;
    let mut refused = Vec::new();
    for text in ["", "x", "'; DROP TABLE page_item; --", &format!("{}A", &*cursor), &cursor[..20]] {
        refused.push(by_kind().page_after(Some(text), 2));
        refused.push(by_kind().page_before(Some(text), 2));
    }
    let other = [
        by_kind().order_by(Item::NAME),
        select().order_by(Item::KIND.desc()),
        select().order_by(Item::KIND.asc().nulls_first()),
        select().order_by(Item::KIND + 1),
        select(),
    ];
    refused.extend(other.map(|query| query.page_after(Some(&cursor), 2)));
    for query in refused {
        let error = engine.session().page(query.clone()).await.unwrap_err();
        assert_eq!((error.kind(), error.model()), (ErrorKind::Cursor, Some("Item")), "{query:?}");
    }
    let sum = |by: i32| select::<Item>().order_by(Item::KIND + by);
    let of_one = engine.fetch_page(sum(1).page_after(None, 2)).await?.next.unwrap();
    let error = engine.fetch_page(sum(2).page_after(Some(&of_one), 2)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cursor, "a value of the order belongs to it");
    assert_eq!(engine.statistics().statements - sent, 1);
    // What is asked of the rows may change: the place is the same.
    let filtered = by_kind().filter(Item::WEIGHT.is_null()).page_after(Some(&cursor), 2);
    engine.fetch_page(filtered).await?;
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn rows_without_a_place_are_refused(engine: Engine) -> orm_core::Result<()> {
    let config = async |page: orm_core::Result<()>| {
        let error = page.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        error.to_string()
    };
    let none = |_: Page<i32>| ();
    let page = |query: Select<Item, i32>| query.page_after(None, 2);
    let distinct = engine.fetch_page(page(columns(Item::KIND).distinct())).await.map(none);
    assert!(config(distinct).await.contains("equal rows come once"));
    let limited = engine.fetch_page(page(columns(Item::KIND).limit(3))).await.map(none);
    assert!(config(limited).await.contains("a limit or an offset of its own"));
    let empty = engine.fetch_page(columns(Item::KIND).page_after(None, 0)).await.map(none);
    assert!(config(empty).await.contains("at least one row a page"));
    let groups = select::<Item>().group_by(Item::KIND).columns(|kind| (kind, count())).page_after(None, 2);
    assert!(config(engine.fetch_page(groups).await.map(|_| ())).await.contains("its rows are groups"));
    let rank = orm_core::query::row_number().over(window().order_by(Item::KIND));
    let ranked = engine.fetch_page(page(columns(Item::KIND).order_by(rank))).await.map(none);
    assert!(config(ranked).await.contains("in the order of a window"));
    // Models differ by their keys, so that they may be distinct.
    engine.fetch_page(select::<Item>().distinct().order_by(Item::KIND).page_after(None, 2)).await?;
    Ok(())
}

#[orm_testkit::test(base = drawers::Base)]
async fn members_of_one_object_have_pages_in_the_order_of_their_relation(
    engine: Engine,
) -> orm_core::Result<()> {
    use drawers::Drawer;
    let mut session = engine.session();
    let notes = (0..5).map(|n| Note::builder().text(format!("{n}")).deleted(n == 2));
    let ours = session.add(Drawer::builder().tenant(7).name("ours").notes(notes));
    session.add(Drawer::builder().tenant(7).name("others").notes([Note::builder().text("9").deleted(false)]));
    session.commit().await?;
    let first = session.related(ours, Drawer::NOTES).page_after(None, 3).await?;
    let second = session.related(ours, Drawer::NOTES).page_after(first.next.as_deref(), 3).await?;
    let texts: Vec<&str> = first.rows.iter().chain(&second.rows).map(|note| &*session[*note].text).collect();
    assert_eq!(texts, ["0", "1", "3", "4"], "the deleted note is on no page");
    assert_eq!(second.next, None);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn rows_that_stand_in_no_table_come_in_no_pages(engine: Engine) {
    let twice = select::<Item>().union_all(select::<Item>());
    let first = select::<Item>().distinct_on(Item::ID);
    for (query, why) in [
        (twice, "a query of `Item` cannot come in pages: nothing tells the rows of \"page_item\" apart"),
        (
            first,
            "a query of `Item` cannot come in pages: it takes the first of some rows; use `limit` and `offset`",
        ),
    ] {
        let error = engine.fetch_page(query.page_after(None, 2)).await.unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Config, why));
    }
}
