//! Geometries: their columns, and what the database has that a shape cannot say.

use geo_types::{Geometry as Any, Point, Polygon};
use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::types::{Geography, Geometry};
use orm_tests::has_extension;

orm_core::declarative_base!(pub(crate) Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base, index("place", method = "gist"))]
pub(crate) struct Spot {
    #[model(primary_key)]
    pub(crate) id: Auto<i64>,
    pub(crate) place: Geometry<Point>,
    pub(crate) area: Option<Geometry<Polygon, 25832>>,
    pub(crate) any: Option<Geometry>,
    pub(crate) plain: Option<Geometry<Any, 0>>,
    pub(crate) earth: Vec<Geography<Point>>,
}

#[test]
fn shape_and_srid_stand_in_the_table() {
    let metadata = Base::metadata().unwrap();
    let statement =
        orm_core::sql::create_table_statements(metadata.table("spot").unwrap(), metadata).remove(0);
    for column in [
        r#""place" geometry(Point,4326) NOT NULL"#,
        r#""area" geometry(Polygon,25832),"#,
        r#""any" geometry(Geometry,4326),"#,
        r#""plain" geometry(Geometry),"#,
        r#""earth" geography(Point,4326)[] NOT NULL"#,
    ] {
        assert!(statement.contains(column), "{column} in {statement}");
    }
}

/// An error with its sources.
fn chain(error: &dyn std::error::Error) -> String {
    error.source().map_or(error.to_string(), |source| format!("{error}: {}", chain(source)))
}

#[orm_testkit::test]
async fn what_a_shape_cannot_say_is_an_error_that_names_the_column(engine: Engine) {
    if !has_extension(&engine, "postgis").await {
        return;
    }
    Base::create_all(&engine).await.unwrap();
    Spot::builder()
        .place(Geometry(Point::new(1.0, 2.0)))
        .earth(vec![])
        .build()
        .insert(&engine)
        .await
        .unwrap();
    engine.execute_script("ALTER TABLE spot ALTER place TYPE geometry").await.unwrap();
    for (value, why) in [
        ("SRID=3857;POINT(1 2)", "its SRID is 3857 instead of 4326"),
        ("POINT(1 2)", "its SRID is 0 instead of 4326"),
        ("SRID=4326;POINT EMPTY", "an empty point"),
        ("SRID=4326;POINT(1 2 3)", "with Z or M"),
        ("SRID=4326;POINTM(1 2 3)", "with Z or M"),
        ("SRID=4326;CIRCULARSTRING(0 0, 1 1, 2 0)", "of the kind 8"),
        ("SRID=4326;LINESTRING(0 0, 1 1)", "\"LineString\" instead of a `Point`"),
    ] {
        let update = orm_core::sql::text("UPDATE spot SET place = CAST($1 AS text)::geometry");
        update.bind(value).execute(&engine).await.unwrap();
        let error = engine.fetch_one(select::<Spot>()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{value}: {error:?}");
        let text = chain(&error);
        assert!(text.contains("spot.place") && text.contains(why), "{value}: {text}");
    }
}

#[orm_testkit::test]
async fn what_postgis_would_change_is_refused_with_its_column(engine: Engine) {
    if !has_extension(&engine, "postgis").await {
        return;
    }
    Base::create_all(&engine).await.unwrap();
    let spot = || Spot::builder().place(Geometry(Point::new(1.0, 2.0))).earth(vec![]).build();
    let nowhere = Spot { place: Geometry(Point::new(f64::NAN, f64::NAN)), ..spot() };
    let moved = Spot { earth: vec![Geography(Point::new(10.0, 91.0))], ..spot() };
    for (wrong, column) in [(nowhere, "place"), (moved, "earth")] {
        let mut session = engine.session();
        session.add_all([spot(), wrong.clone()]);
        let batch = session.commit().await.unwrap_err();
        let alone = wrong.clone().insert(&engine).await.unwrap_err();
        for error in [batch, alone] {
            assert_eq!((error.kind(), error.column()), (ErrorKind::Encode, Some(column)), "{error:?}");
        }
    }
    assert_eq!(engine.count(select::<Spot>()).await.unwrap(), 0);
}
