//! Where geometries and geographies lie.

use geo_types::{LineString, Point, Polygon, Rect, coord, line_string, polygon};
use orm_core::prelude::*;
use orm_core::query::value;
use orm_core::types::{Geography, Geometry};
use orm_tests::has_extension;

orm_core::declarative_base!(pub(crate) Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base, index("place", method = "gist"))]
pub(crate) struct Shop {
    #[model(primary_key)]
    pub(crate) name: String,
    pub(crate) place: Geometry<Point>,
    pub(crate) earth: Geography<Point>,
    pub(crate) way: Option<Geometry<LineString>>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub(crate) struct District {
    #[model(primary_key)]
    pub(crate) name: String,
    pub(crate) area: Geometry<Polygon>,
}

/// Three shops and two districts; `false` where the server has no PostGIS.
async fn town(engine: &Engine) -> bool {
    if !has_extension(engine, "postgis").await {
        return false;
    }
    Base::create_all(engine).await.unwrap();
    let mut session = engine.session();
    for (name, x, y) in [("centre", 0.0, 0.0), ("east", 3.0, 0.0), ("north", 0.0, 4.0)] {
        let place = Point::new(x, y);
        let shop = session.add(Shop::builder().name(name).place(Geometry(place)).earth(Geography(place)));
        session[shop].way = match name {
            "centre" => None,
            "east" => Some(line_string![(x: 0.0, y: 0.0), (x: 3.0, y: 4.0)].into()),
            _ => Some(LineString(Vec::new()).into()),
        };
    }
    for (name, from) in [("old", 0.0), ("new", 2.0)] {
        let square = Rect::new(coord! { x: from - 1.0, y: -1.0 }, coord! { x: from + 2.0, y: 1.0 });
        session.add(District::builder().name(name).area(Geometry(square.to_polygon())));
    }
    session.commit().await.unwrap();
    true
}

/// The names of the shops that meet a condition.
async fn shops(engine: &Engine, filter: Predicate<Shop>) -> String {
    let names = columns(Shop::NAME).filter(filter).order_by(Shop::NAME).fetch_all(engine).await.unwrap();
    names.join(" ")
}

#[orm_testkit::test]
async fn shops_are_found_by_where_they_are(engine: Engine) {
    if !town(&engine).await {
        return;
    }
    let here = Point::new(1.0, 0.0);
    let nearest = columns(Shop::NAME).order_by(Shop::PLACE.knn_distance(here).asc()).limit(2);
    assert_eq!(nearest.fetch_all(&engine).await.unwrap(), ["centre", "east"]);
    assert_eq!(shops(&engine, Shop::PLACE.st_dwithin(here, 2.0)).await, "centre east");
    assert_eq!(shops(&engine, Shop::EARTH.st_dwithin(&here, 112_000.0)).await, "centre", "metres");
    assert_eq!(shops(&engine, Shop::EARTH.st_dwithin(Shop::EARTH, 0.0)).await, "centre east north");
    let corner = polygon![(x: -1.0, y: -1.0), (x: 3.5, y: -1.0), (x: -1.0, y: 3.5)];
    assert_eq!(shops(&engine, Shop::PLACE.boxes_overlap(&corner)).await, "centre east");
    assert_eq!(shops(&engine, Shop::PLACE.st_within(Geometry::<_, 4326>(corner.clone()))).await, "centre");
    assert_eq!(shops(&engine, Shop::PLACE.st_intersects(corner)).await, "centre");
    assert_eq!(shops(&engine, Shop::WAY.st_intersects(Shop::PLACE)).await, "");
    assert_eq!(shops(&engine, Shop::WAY.st_covers(Point::new(1.5, 2.0))).await, "east");
    assert_eq!(shops(&engine, Shop::WAY.st_touches(Point::new(3.0, 4.0))).await, "east");
    assert_eq!(shops(&engine, Shop::WAY.st_length().gt(4.9)).await, "east");
}

#[orm_testkit::test]
async fn conditions_are_about_several_tables(engine: Engine) {
    if !town(&engine).await {
        return;
    }
    let inside = select::<District>()
        .join_on::<Shop>(District::AREA.st_contains(Shop::PLACE))
        .columns((District::NAME, Shop::NAME, value(Shop::PLACE).st_distance(District::AREA.st_centroid())))
        .order_by((District::NAME, Shop::NAME));
    let found = inside.fetch_all(&engine).await.unwrap();
    let of = |district: &str, shop: &str, distance| (district.to_owned(), shop.to_owned(), Some(distance));
    assert_eq!(found, [of("new", "east", 0.5), of("old", "centre", 0.5)]);
}

#[orm_testkit::test]
async fn what_is_empty_or_missing_has_no_distance(engine: Engine) {
    if !town(&engine).await {
        return;
    }
    let here = Point::new(3.0, 0.0);
    let distances =
        columns((Shop::NAME, Shop::WAY.st_distance(here), Shop::WAY.st_centroid(), Shop::WAY.st_length()));
    let found = distances.order_by(Shop::NAME).fetch_all(&engine).await.unwrap();
    let middle = Some(Geometry::<Point>(Point::new(1.5, 2.0)));
    assert_eq!(
        found,
        [
            ("centre".to_owned(), None, None, None),
            ("east".to_owned(), Some(2.4), middle, Some(5.0)),
            ("north".to_owned(), None, None, Some(0.0)),
        ]
    );
}

#[orm_testkit::test]
async fn areas_are_measured_and_written(engine: Engine) {
    if !town(&engine).await {
        return;
    }
    let of_old = columns((
        District::AREA.st_area(),
        District::AREA.st_perimeter(),
        District::AREA.st_centroid(),
        District::AREA.st_as_geojson(),
        District::AREA.st_as_text(),
    ));
    let old = of_old.filter(District::NAME.eq("old")).fetch_one(&engine).await.unwrap();
    let stored = engine.fetch_one(select::<District>().filter(District::NAME.eq("old"))).await.unwrap();
    assert_eq!((old.0, old.1), (6.0, 10.0));
    assert_eq!(old.2, Some(Geometry(Point::new(0.5, 0.0))));
    assert_eq!(old.3["type"], "Polygon");
    assert_eq!(old.3["coordinates"][0].as_array().unwrap().len(), stored.area.exterior().0.len());
    assert!(old.4.starts_with("POLYGON(("), "{}", old.4);
    let moved = columns(Shop::PLACE.st_transform::<3857>()).filter(Shop::NAME.eq("east"));
    let moved: Geometry<Point, 3857> = moved.fetch_one(&engine).await.unwrap();
    assert!((moved.x() - 333_958.47).abs() < 0.01 && moved.y().abs() < 0.01, "{moved:?}");
    let metres = columns(Shop::EARTH.st_distance(Point::new(0.0, 0.0))).filter(Shop::NAME.eq("east"));
    let metres = metres.fetch_one(&engine).await.unwrap().unwrap();
    assert!((metres - 333_958.47).abs() < 0.01, "{metres}");
    let centre = columns(Shop::EARTH.st_centroid()).filter(Shop::NAME.eq("north"));
    let centre = centre.fetch_one(&engine).await.unwrap().unwrap();
    assert!((centre.y() - 4.0).abs() < 1e-9, "{centre:?}");
}

#[orm_testkit::test]
async fn the_nearest_come_from_the_index(engine: Engine) {
    if !town(&engine).await {
        return;
    }
    let mut session = engine.session();
    session.begin().await.unwrap();
    session.set_local("enable_seqscan", "off").unwrap();
    let nearest = select::<Shop>().order_by(Shop::PLACE.knn_distance(Point::new(1.0, 0.0)).asc()).limit(2);
    let near = select::<Shop>().filter(Shop::PLACE.st_dwithin(Point::new(1.0, 0.0), 2.0));
    for query in [nearest, near] {
        let plan = session.explain(query).await.unwrap();
        assert!(plan.nodes().any(|node| node.index.as_deref() == Some("ix_shop_place")), "{plan}");
    }
}
