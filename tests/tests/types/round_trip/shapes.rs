//! Geometries and geographies of PostGIS, which the feature `geo-types` brings.

use super::cases;
use geo_types::{
    Coord, GeometryCollection, Line, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon,
    Rect, Triangle, point, polygon,
};
use orm_core::types::{Geography, Geometry, Shape};
use proptest::prelude::*;
use std::fmt::Debug;

type Any = geo_types::Geometry<f64>;

cases! {
    points: Geometry<Point>, on_plane(any_point()), edge_points(), needs "postgis", refuses &[2, 3];
    plain_points: Geometry<Point, 0>, any_point().prop_map(Geometry), [], needs "postgis";
    lines: Geometry<LineString, 3857>, any_line().prop_map(Geometry), edge_lines(), needs "postgis", refuses &[3, 4];
    polygons: Geometry<Polygon>, on_plane(any_polygon()), edge_polygons(), needs "postgis", refuses &[2, 3, 4];
    multi_points: Geometry<MultiPoint>, on_plane(several(any_point()).prop_map(MultiPoint)), [Geometry(MultiPoint(vec![point!(x: f64::NAN, y: f64::NAN)]))], needs "postgis", refuses &[0];
    multi_lines: Geometry<MultiLineString>, on_plane(several(any_line()).prop_map(MultiLineString)), [Geometry(MultiLineString(vec![LineString(Vec::new())]))], needs "postgis";
    multi_polygons: Geometry<MultiPolygon>, on_plane(several(any_polygon()).prop_map(MultiPolygon)), [], needs "postgis";
    collections: Geometry<GeometryCollection>, on_plane(several(any_shape()).prop_map(GeometryCollection)), [], needs "postgis";
    geometries: Geometry<Any>, on_plane(any_shape()), edge_shapes(), needs "postgis", refuses &[1, 2, 3];
    places: Geography<Point>, any_place().prop_map(|place| Geography(Point(place))), edge_places(), needs "postgis", refuses &[3, 4, 5, 6];
    ways: Geography<LineString>, prop::collection::vec(any_place(), 2..5).prop_map(|way| Geography(LineString(way))), [], needs "postgis";
}

fn on_plane<G: Shape + Debug>(shape: impl Strategy<Value = G>) -> impl Strategy<Value = Geometry<G>> {
    shape.prop_map(Geometry)
}

fn any_coord() -> impl Strategy<Value = Coord> {
    let number = || prop::num::f64::NORMAL | prop::num::f64::ZERO | prop::num::f64::SUBNORMAL;
    (number(), number()).prop_map(|(x, y)| Coord { x, y })
}

fn any_point() -> impl Strategy<Value = Point> {
    any_coord().prop_map(Point)
}

fn any_line() -> impl Strategy<Value = LineString> {
    prop::collection::vec(any_coord(), 2..5).prop_map(LineString)
}

fn any_ring() -> impl Strategy<Value = LineString> {
    prop::collection::vec(any_coord(), 3..6).prop_map(LineString)
}

fn any_polygon() -> impl Strategy<Value = Polygon> {
    let rings = (any_ring(), prop::collection::vec(any_ring(), 0..3));
    rings.prop_map(|(outer, inner)| Polygon::new(outer, inner))
}

fn several<G: Debug>(shape: impl Strategy<Value = G>) -> impl Strategy<Value = Vec<G>> {
    prop::collection::vec(shape, 0..4)
}

/// Of every kind, and collections of them.
fn any_shape() -> impl Strategy<Value = Any> {
    let single = prop_oneof![
        any_point().prop_map(Any::from),
        any_line().prop_map(Any::from),
        any_polygon().prop_map(Any::from),
        several(any_point()).prop_map(|points| MultiPoint(points).into()),
        several(any_line()).prop_map(|lines| MultiLineString(lines).into()),
        several(any_polygon()).prop_map(|polygons| MultiPolygon(polygons).into()),
    ];
    single.prop_recursive(3, 8, 3, |inner| {
        several(inner).prop_map(|all| Any::GeometryCollection(GeometryCollection(all)))
    })
}

fn any_place() -> impl Strategy<Value = Coord> {
    (-180.0..=180.0, -90.0..=90.0).prop_map(|(x, y)| Coord { x, y })
}

/// What has a coordinate that is no number is refused: two of them would be an empty point.
fn edge_points() -> Vec<Geometry<Point>> {
    let of = |(x, y)| Geometry(point!(x: x, y: y));
    [(0.0, -0.0), (f64::INFINITY, f64::MIN), (f64::NAN, f64::NAN), (f64::NAN, 1.0)].map(of).to_vec()
}

/// The last two are refused: a line of one point, and a coordinate that is no number.
fn edge_lines() -> Vec<Geometry<LineString, 3857>> {
    let of = |coords: &[(f64, f64)]| Geometry(LineString::from(coords.to_vec()));
    vec![
        of(&[]),
        of(&[(1.0, 1.0), (1.0, 1.0)]),
        of(&[(0.0, f64::NEG_INFINITY), (1.0, 1.0)]),
        of(&[(1.0, 1.0)]),
        of(&[(0.0, 0.0), (f64::NAN, 1.0)]),
    ]
}

/// The last three are refused: a hole in nothing, a ring of two points, a ring that begins nowhere.
fn edge_polygons() -> Vec<Geometry<Polygon>> {
    let ring = LineString::from(vec![(0.0, 0.0), (4.0, 0.0), (4.0, 4.0)]);
    let nothing = LineString(Vec::new());
    let nowhere = LineString::from(vec![(f64::NAN, 0.0), (4.0, 0.0), (4.0, 4.0)]);
    vec![
        Geometry(Polygon::new(nothing.clone(), Vec::new())),
        Geometry(
            polygon!(exterior: [(x: 0.0, y: 0.0), (x: 9.0, y: 0.0), (x: 9.0, y: 9.0)], interiors: [[(x: 3.0, y: 1.0), (x: 5.0, y: 1.0), (x: 5.0, y: 2.0)]]),
        ),
        Geometry(Polygon::new(nothing, vec![ring])),
        Geometry(Polygon::new(LineString::from(vec![(0.0, 0.0), (1.0, 1.0)]), Vec::new())),
        Geometry(Polygon::new(nowhere, Vec::new())),
    ]
}

/// The last three would come back as something else.
fn edge_shapes() -> Vec<Geometry<Any>> {
    let (from, to) = (Coord { x: 0.0, y: 1.0 }, Coord { x: 2.0, y: 3.0 });
    let collection = |all| Any::GeometryCollection(GeometryCollection(all));
    let nested = collection(vec![collection(vec![]), Point(from).into()]);
    [nested, Line::new(from, to).into(), Rect::new(from, to).into(), Triangle(from, to, from).into()]
        .map(Geometry)
        .to_vec()
}

/// The last four are nowhere on the earth.
fn edge_places() -> Vec<Geography<Point>> {
    let of = |(x, y)| Geography(point!(x: x, y: y));
    [
        (-180.0, 90.0),
        (180.0, -90.0),
        (-0.0, 0.0),
        (180.1, 0.0),
        (0.0, -91.0),
        (f64::INFINITY, 0.0),
        (0.0, f64::NAN),
    ]
    .map(of)
    .to_vec()
}
