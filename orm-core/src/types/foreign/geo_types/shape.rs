//! What a geometry can be.

use super::ewkb::{self, Writer};
use crate::types::WireError;
use geo_types::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point,
    Polygon,
};
use serde_json::{Value as Json, json};
use std::fmt::Debug;

/// The types of the crate `geo-types` that are geometries in the database, of `f64`: `Point`, `LineString`, `Polygon`, the `Multi…` of them,
/// `GeometryCollection`, and `Geometry`, which is any of them.
///
/// A `Line`, a `Rect` and a `Triangle` inside of a `Geometry` are refused: they would come back as something else. They become a
/// `LineString` or a `Polygon` by `into()` or `to_polygon()`.
///
/// ```
/// use orm_core::types::Shape;
/// assert_eq!(<geo_types::MultiPoint as Shape>::NAME, "MultiPoint");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no geometry in the database",
    label = "no geometry",
    note = "geometries are `Point`, `LineString`, `Polygon`, the `Multi…` of them, `GeometryCollection` and `Geometry` of the crate `geo-types`, of `f64`"
)]
pub trait Shape: Written {
    /// Its name in the database.
    const NAME: &'static str;
}

/// How a [`Shape`] is written and read.
#[doc(hidden)]
pub trait Written: Clone + Debug + PartialEq + Send + Sync + Sized + 'static {
    fn put(&self, writer: &mut Writer<'_>) -> Result<(), WireError>;
    fn taken(geometry: Geometry<f64>) -> Result<Self, WireError>;
    /// As GeoJSON.
    fn json(&self) -> Json;
}

/// Name, number in EWKB, what is written behind it, and the name and value of what it has in GeoJSON.
macro_rules! shapes {
    ($($ty:ident = $kind:ident, ($shape:ident, $writer:ident) => $put:expr, $member:literal: $json:expr;)*) => {$(
        impl Shape for $ty<f64> {
            const NAME: &'static str = stringify!($ty);
        }

        impl Written for $ty<f64> {
            fn put(&self, $writer: &mut Writer<'_>) -> Result<(), WireError> {
                let $shape = self;
                $writer.begin(ewkb::$kind);
                $put
            }

            fn taken(geometry: Geometry<f64>) -> Result<Self, WireError> {
                match geometry {
                    Geometry::$ty(shape) => Ok(shape),
                    other => Err(format!("{} instead of a `{}`", other.json()["type"], Self::NAME).into()),
                }
            }

            fn json(&self) -> Json {
                let $shape = self;
                json!({ "type": stringify!($ty), $member: $json })
            }
        }
    )*};
}

shapes! {
    Point = POINT, (shape, writer) => writer.coord(shape.0), "coordinates": coord(&shape.0);
    LineString = LINE_STRING, (shape, writer) => writer.line(shape), "coordinates": line(shape);
    Polygon = POLYGON, (shape, writer) => writer.rings(shape), "coordinates": rings(shape);
    MultiPoint = MULTI_POINT, (shape, writer) => members(&shape.0, writer), "coordinates": shape.0.iter().map(|point| coord(&point.0)).collect::<Json>();
    MultiLineString = MULTI_LINE_STRING, (shape, writer) => members(&shape.0, writer), "coordinates": shape.0.iter().map(line).collect::<Json>();
    MultiPolygon = MULTI_POLYGON, (shape, writer) => members(&shape.0, writer), "coordinates": shape.0.iter().map(rings).collect::<Json>();
    GeometryCollection = COLLECTION, (shape, writer) => members(&shape.0, writer), "geometries": shape.0.iter().map(Written::json).collect::<Json>();
}

impl Shape for Geometry<f64> {
    const NAME: &'static str = "Geometry";
}

impl Written for Geometry<f64> {
    fn put(&self, writer: &mut Writer<'_>) -> Result<(), WireError> {
        match self {
            Self::Point(shape) => shape.put(writer),
            Self::LineString(shape) => shape.put(writer),
            Self::Polygon(shape) => shape.put(writer),
            Self::MultiPoint(shape) => shape.put(writer),
            Self::MultiLineString(shape) => shape.put(writer),
            Self::MultiPolygon(shape) => shape.put(writer),
            Self::GeometryCollection(shape) => shape.put(writer),
            Self::Line(_) => Err("a `Line`, which would come back as a `LineString`".into()),
            Self::Rect(_) => Err("a `Rect`, which would come back as a `Polygon`".into()),
            Self::Triangle(_) => Err("a `Triangle`, which would come back as a `Polygon`".into()),
        }
    }

    fn taken(geometry: Self) -> Result<Self, WireError> {
        Ok(geometry)
    }

    fn json(&self) -> Json {
        match self {
            Self::Point(shape) => shape.json(),
            Self::LineString(shape) => shape.json(),
            Self::Polygon(shape) => shape.json(),
            Self::MultiPoint(shape) => shape.json(),
            Self::MultiLineString(shape) => shape.json(),
            Self::MultiPolygon(shape) => shape.json(),
            Self::GeometryCollection(shape) => shape.json(),
            Self::Line(shape) => LineString::from(*shape).json(),
            Self::Rect(shape) => shape.to_polygon().json(),
            Self::Triangle(shape) => shape.to_polygon().json(),
        }
    }
}

fn members<G: Written>(members: &[G], writer: &mut Writer<'_>) -> Result<(), WireError> {
    writer.count(members.len())?;
    members.iter().try_for_each(|member| member.put(writer))
}

fn coord(coord: &Coord<f64>) -> Json {
    json!([coord.x, coord.y])
}

fn line(line: &LineString<f64>) -> Json {
    line.0.iter().map(coord).collect()
}

fn rings(polygon: &Polygon<f64>) -> Json {
    let outer = Some(polygon.exterior()).filter(|ring| !ring.0.is_empty());
    outer.into_iter().chain(polygon.interiors()).map(line).collect()
}
