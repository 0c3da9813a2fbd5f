//! Arrays of several dimensions, and what is no array of the type.

use orm_core::ErrorKind;
use orm_core::prelude::*;

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
        engine.execute_script(&format!("UPDATE chart SET map = {array}")).await.unwrap();
        let error = engine.fetch_all(select::<Chart>()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        let text = chain(&error);
        assert!(text.contains("chart.map") && text.contains(what), "{text}");
    }
}
