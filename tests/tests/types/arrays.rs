//! Arrays of several dimensions, and what is no array of the type.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::sql::TrustedSql;

orm_core::declarative_base!(pub(crate) Base);

#[derive(Model, Clone, Debug, PartialEq)]
#[model(base = Base)]
pub(crate) struct Chart {
    #[model(primary_key)]
    pub(crate) id: Auto<i64>,
    pub(crate) map: Vec<Vec<i32>>,
    pub(crate) texts: Option<Vec<Vec<Vec<Option<String>>>>>,
}

/// An error with its sources.
fn chain(error: &dyn std::error::Error) -> String {
    error.source().map_or(error.to_string(), |source| format!("{error}: {}", chain(source)))
}

fn chart(map: Vec<Vec<i32>>, texts: Option<Vec<Vec<Vec<Option<String>>>>>) -> Chart {
    Chart { id: Auto::Unset, map, texts }
}

fn charts() -> Vec<Chart> {
    let text = |text: &str| Some(text.to_owned());
    let cube = vec![vec![vec![text("a,\"}"), None]], vec![vec![text("NULL"), text("")]]];
    vec![
        chart(vec![], None),
        chart(vec![vec![1]], Some(vec![])),
        chart(vec![vec![1, 2, 3], vec![4, 5, 6]], Some(cube)),
    ]
}

#[orm_testkit::test(base = Base)]
async fn rectangles_alone_and_in_batches(engine: Engine) {
    for mut chart in charts() {
        chart.insert(&engine).await.unwrap();
    }
    let mut session = engine.session();
    session.add_all(charts());
    session.commit().await.unwrap();
    session.bulk_save_objects(charts()).await.unwrap();
    session.commit().await.unwrap();
    let rows = engine.fetch_all(select::<Chart>().order_by(Chart::ID)).await.unwrap();
    let rows: Vec<Chart> = rows.into_iter().map(|row| Chart { id: Auto::Unset, ..row }).collect();
    assert_eq!(rows, [charts(), charts(), charts()].concat());
    let found = select::<Chart>().filter(Chart::MAP.in_any([vec![vec![1]], vec![]]));
    assert_eq!(engine.count(found).await.unwrap(), 6);
}

#[orm_testkit::test(base = Base)]
async fn what_is_no_rectangle_is_refused(engine: Engine) {
    for map in [vec![vec![1], vec![2, 3]], vec![vec![]], vec![vec![1], vec![]]] {
        for count in [1, 2] {
            let mut session = engine.session();
            session.add_all((0..count).map(|_| chart(map.clone(), None)));
            let error = session.commit().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Encode, "{error}");
        }
    }
    assert_eq!(engine.count(select::<Chart>()).await.unwrap(), 0);
}

#[orm_testkit::test(base = Base)]
async fn an_array_of_another_form_is_an_error_that_names_the_column(engine: Engine) {
    chart(vec![vec![1]], None).insert(&engine).await.unwrap();
    for (array, what) in [("'{1,2}'", "one dimension"), ("'{{1,NULL}}'", "NULL")] {
        engine.execute_script(TrustedSql::new(format!("UPDATE chart SET map = {array}"))).await.unwrap();
        let error = engine.fetch_all(select::<Chart>()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        let text = chain(&error);
        assert!(text.contains("chart.map") && text.contains(what), "{text}");
    }
}

mod shelf {
    use orm_core::prelude::*;

    orm_core::declarative_base!(pub(super) Base);

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(super) struct Shelf {
        #[model(primary_key)]
        pub(super) id: i64,
        pub(super) sizes: Vec<i64>,
        pub(super) names: Option<Vec<Option<String>>>,
    }
}

#[orm_testkit::test(base = shelf::Base)]
async fn elements_and_slices_count_from_one_and_end_with_the_array(engine: Engine) {
    use shelf::Shelf;
    let names = Some(vec![Some("a".to_owned()), None]);
    let mut session = engine.session();
    session.add(Shelf { id: 1, sizes: vec![10, 20, 30], names });
    session.add(Shelf { id: 2, sizes: vec![], names: None });
    session.commit().await.unwrap();
    for (at, expected) in [(0, None), (1, Some(10)), (3, Some(30)), (4, None), (-1, None), (i32::MAX, None)] {
        let query = columns(Shelf::SIZES.element(at)).filter(Shelf::ID.eq(1));
        assert_eq!(query.fetch_one(&engine).await.unwrap(), expected, "{at}");
    }
    let row = columns((Shelf::NAMES.element(1), Shelf::NAMES.element(2))).order_by(Shelf::ID);
    assert_eq!(row.fetch_all(&engine).await.unwrap(), [(Some("a".to_owned()), None), (None, None)]);

    let sizes = Shelf::SIZES;
    let slices = (sizes.slice(2..), sizes.slice(..2), sizes.slice(2..=9), sizes.slice(3..3), sizes.slice(..));
    let slices = columns(slices).filter(Shelf::ID.eq(1)).fetch_one(&engine).await.unwrap();
    assert_eq!(slices, (vec![20, 30], vec![10], vec![20, 30], vec![], vec![10, 20, 30]));
    let first = Shelf::SIZES.slice(..=2).element(2).gt(15) & (Shelf::SIZES.element(1) + 5).eq(15);
    let found = select::<Shelf>().filter(first).order_by(Shelf::SIZES.element(3).desc());
    assert_eq!(engine.count(found).await.unwrap(), 1);
    let changed = session.query::<Shelf>().set(Shelf::SIZES, Shelf::SIZES.slice(2..)).update().await.unwrap();
    assert_eq!(changed, 2);
    session.commit().await.unwrap();
    let sizes: Vec<Vec<i64>> = columns(Shelf::SIZES).order_by(Shelf::ID).fetch_all(&engine).await.unwrap();
    assert_eq!(sizes, [vec![20, 30], vec![]]);
}

#[orm_testkit::test(base = Base)]
async fn an_array_of_arrays_has_slices_and_no_elements(engine: Engine) {
    chart(vec![vec![1, 2], vec![3, 4]], None).insert(&engine).await.unwrap();
    let last = columns(Chart::MAP.slice(2..)).fetch_one(&engine).await.unwrap();
    assert_eq!(last, [[3, 4]]);
    let error = columns(Chart::MAP.element(1)).fetch_one(&engine).await.unwrap_err();
    assert!(error.to_string().contains("take a `slice`"), "{error}");
}

mod keys {
    use orm_core::prelude::*;
    use orm_core::types::KeyScalar;

    orm_core::declarative_base!(pub(super) Base);

    #[derive(ScalarType, Clone, Debug, PartialEq, Eq, Hash)]
    pub(super) struct Place(pub(super) Vec<i32>);

    impl KeyScalar for Place {}

    /// A node of a tree, under the way to it.
    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(super) struct Node {
        #[model(primary_key)]
        pub(super) place: Place,
        pub(super) name: String,
        #[has_many(back_populates = "node", cascade = "all, delete-orphan")]
        pub(super) notes: HasMany<Note>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(super) struct Note {
        #[model(primary_key)]
        #[belongs_to]
        pub(super) node: BelongsTo<Node>,
        #[model(primary_key)]
        pub(super) number: i32,
        pub(super) text: String,
    }
}

#[orm_testkit::test(base = keys::Base)]
async fn arrays_in_a_type_of_the_program_are_keys(engine: Engine) {
    use keys::{Node, Note, Place};
    let mut session = engine.session();
    let node = |place: &[i32]| {
        let notes = [1, 2].map(|number| Note::builder().number(number).text("-"));
        Node::builder().place(Place(place.to_vec())).name("-").notes(notes)
    };
    session.add_all([node(&[]), node(&[1]), node(&[1, 2])]);
    session.commit().await.unwrap();

    let mut session = engine.session();
    let nodes = session.query::<Node>().order_by(Node::PLACE).with(Node::NOTES).all().await.unwrap();
    assert_eq!(session.get::<Node>(Place(vec![1])).await.unwrap(), Some(nodes[1]), "the row is known");
    for handle in &nodes {
        session[*handle].name.push('!');
        assert_eq!(session.at(*handle).related(Node::NOTES).unwrap().count(), 2);
    }
    session.commit().await.unwrap();
    let notes = session.query::<Note>().all().await.unwrap();
    notes.iter().for_each(|note| session[*note].text.push('!'));
    session.commit().await.unwrap();
    assert_eq!(engine.count(select::<Note>().filter(Note::TEXT.eq("-!"))).await.unwrap(), 6);
    session.delete(notes[0]).unwrap();
    session.delete(notes[5]).unwrap();
    session.commit().await.unwrap();
    nodes.iter().for_each(|node| session.delete(*node).unwrap());
    session.commit().await.unwrap();
    assert_eq!(engine.count(select::<Note>()).await.unwrap(), 0);
}

mod no_key {
    use orm_core::prelude::*;
    use orm_core::types::KeyScalar;

    orm_core::declarative_base!(pub(super) Base);

    #[derive(Composite, Clone, Debug, PartialEq, Eq, Hash)]
    pub(super) struct Pair {
        pub(super) one: i32,
        pub(super) two: i32,
    }

    impl KeyScalar for Pair {}

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(super) struct Cell {
        #[model(primary_key)]
        pub(super) at: Pair,
    }
}

#[test]
fn a_composite_is_no_key() {
    let cell = no_key::Cell { at: no_key::Pair { one: 1, two: 2 } };
    let error = no_key::Base::metadata().unwrap_err().to_string();
    assert!(
        error.contains("`Cell::at` cannot be a primary key"),
        "{error} of {cell:?}: {}",
        cell.at.one + cell.at.two
    );
}
