//! Criteria in queries that other queries select from.

use super::common::{fill, ours};
use orm_core::ErrorKind;
use orm_core::bulk::Values;
use orm_core::prelude::*;
use orm_core::query::{Select, Standalone, exists, recursive, select_from, value};
use orm_tests::models::drawers::{Base, Drawer, Note};

#[derive(Row, Clone, Debug, PartialEq)]
struct Found {
    id: i64,
}

fn found() -> Select<Note, Found> {
    columns(FoundColumns { id: Note::ID })
}

/// The queries that read all notes in each way, by name.
fn ways() -> Vec<(&'static str, Select<Found>)> {
    let ids = || select_from((1..=5).map(|id| Found { id }).collect::<Vec<_>>());
    let of_drawers = found().correlate::<Drawer>().filter(Note::DRAWER_ID.eq(Drawer::ID));
    let of_ids = select::<Note>().correlate::<Found>().filter(Note::ID.eq(Found::ID));
    let common = found().cte();
    let start = found().filter(Note::ID.eq(1));
    let next = recursive(start, |before| {
        select::<Note>().join_rows(before, Note::ID.gt(Found::ID)).columns(FoundColumns { id: Note::ID })
    });
    let drawers = columns(FoundColumns { id: Drawer::ID });
    vec![
        ("derived", select_from(found())),
        ("derived twice", select_from(select_from(found()))),
        ("common", select_from(&common)),
        ("common of common", select_from(select_from(&common).cte())),
        ("recursive", select_from(next.distinct())),
        ("left of a union", found().union_all(found().filter(Note::ID.lt(0)))),
        ("right of a union", found().filter(Note::ID.lt(0)).union_all(found())),
        ("except", ids().except(ids().except(found()))),
        (
            "lateral",
            select_from(
                drawers
                    .join_lateral(of_drawers.columns(orm_core::query::whole::<Note>()))
                    .columns(FoundColumns { id: Note::ID }),
            ),
        ),
        (
            "values joined",
            ids().join_on::<Note>(Note::ID.eq(Found::ID)).columns(FoundColumns { id: Found::ID }).in_found(),
        ),
        ("values and a condition", ids().filter(exists(of_ids))),
        ("values in a query", ids().filter(Found::ID.in_query(columns(Note::ID)))),
        ("model rows", select_from(select_from(select::<Note>()).columns(FoundColumns { id: Note::ID }))),
        ("a value", select_from(select::<Note>().columns(FoundColumns { id: value(Note::ID) }))),
    ]
}

/// A query of any scope as one of its rows.
trait InFound {
    fn in_found(self) -> Select<Found>;
}

impl<S: Standalone> InFound for Select<S, Found> {
    fn in_found(self) -> Select<Found> {
        select_from(self)
    }
}

#[orm_testkit::test(base = Base)]
async fn they_reach_into_every_query_inside(engine: Engine) {
    fill(&engine).await;
    for (way, query) in ways() {
        let query = query.order_by(Found::ID).columns(Found::ID);
        let seen = engine.fetch_all(query.clone()).await.unwrap_or_else(|error| panic!("{way}: {error}"));
        assert_eq!(seen, [1, 3, 4], "{way}");
        let seen = ours(&engine).fetch_all(query.clone()).await.unwrap();
        assert_eq!(seen, [1, 4], "{way}, in a session of ours");
        let all = engine.fetch_all(query.clone().unrestricted()).await.unwrap();
        assert_eq!(all, [1, 2, 3, 4, 5], "{way}, unrestricted");
        let all = ours(&engine).without_criteria().fetch_all(query).await.unwrap();
        assert_eq!(all, [1, 2, 3, 4, 5], "{way}, without criteria");
    }
}

#[orm_testkit::test(base = Base)]
async fn a_part_that_is_unrestricted_is_so_alone(engine: Engine) {
    fill(&engine).await;
    let ids = async |query: Select<Found>| {
        engine.fetch_all(query.order_by(Found::ID).columns(Found::ID)).await.unwrap()
    };
    let both = found().filter(Note::ID.eq(2)).unrestricted().union_all(found().filter(Note::ID.lt(4)));
    assert_eq!(ids(both).await, [1, 2, 3]);
    // The same common rows, read by one that sees all and by one that does not.
    let common = found().cte();
    let all = select_from(&common).unrestricted();
    let both = select_from(&common).union_all(all.filter(Found::ID.eq(5)));
    assert_eq!(ids(both).await, [1, 3, 4, 5]);
    let all = select_from(found().unrestricted().cte());
    assert_eq!(ids(all).await, [1, 2, 3, 4, 5]);
}

#[orm_testkit::test(base = Base)]
async fn objects_of_rows_inside_are_those_that_are_seen(engine: Engine) {
    fill(&engine).await;
    let mut session = ours(&engine);
    let notes = session.all(select_from(select::<Note>().order_by(Note::ID).limit(9).cte())).await.unwrap();
    assert_eq!(notes.len(), 2);
    let left = select::<Drawer>().left_join_rows(select::<Note>(), Note::DRAWER_ID.eq(Drawer::ID));
    assert_eq!(
        session.fetch_all(left.columns(Note::ID).order_by(Note::ID)).await.unwrap(),
        [Some(1), Some(4)]
    );
}

orm_core::declarative_base!(pub(crate) ListBase);

#[derive(Model, Clone, Debug)]
#[model(base = ListBase, criteria = is_listed)]
pub(crate) struct Thing {
    #[model(primary_key)]
    id: i64,
    text: String,
}

#[derive(Model, Clone, Debug)]
#[model(base = ListBase)]
pub(crate) struct Listed {
    #[model(primary_key)]
    thing: i64,
}

fn is_listed() -> Predicate<Thing> {
    let listed = columns(FoundColumns { id: Listed::THING }).cte().materialized();
    Thing::ID.in_query(select_from(listed).columns(Found::ID))
}

#[orm_testkit::test(base = ListBase)]
async fn a_criterion_may_read_common_rows(engine: Engine) {
    let mut session = engine.session();
    session.add_all([1, 2, 3].map(|id| Thing::builder().id(id).text("old")));
    session.add_all([1, 3].map(|thing| Listed::builder().thing(thing)));
    session.commit().await.unwrap();
    let both = select::<Thing>().union_all(select::<Thing>());
    assert_eq!(engine.fetch_all(both.order_by(Thing::ID).columns(Thing::ID)).await.unwrap(), [1, 1, 3, 3]);
    // In an update of a row by its key, and of several, it is a part of the statement.
    let new = |id| Values::<Thing>::new().set(Thing::ID, id).set(Thing::TEXT, "new");
    assert_eq!(session.bulk_update_mappings([new(1)]).await.unwrap(), 1);
    assert_eq!(session.bulk_update_mappings([new(1), new(3)]).await.unwrap(), 2);
    let error = session.bulk_update_mappings([new(2), new(3)]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StaleData);
}
