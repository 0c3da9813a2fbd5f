//! Points of a plane, and what is made of them.
//!
//! The database compares most of them by their sizes, or not at all; here they are equal when all of their numbers are.

use crate::types::array::Reader;
use crate::types::{ScalarType, SqlType, WireError};
use bytes::{BufMut, BytesMut};
use postgres_types::Type;
use serde_json::{Value as Json, json};

/// A `point` of a plane.
///
/// ```
/// use orm_core::types::{Point, ScalarType};
/// assert_eq!(Point { x: 1.5, y: -2.0 }.to_json(), serde_json::json!([1.5, -2.0]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Up.
    pub y: f64,
}

/// A `line` that has no ends: all points where `a·x + b·y + c = 0`. The database refuses one with `a` and `b` of 0.
///
/// ```
/// use orm_core::types::{Line, ScalarType};
/// let rising = Line { a: 1.0, b: -1.0, c: 0.0 };
/// assert_eq!(rising.to_json(), serde_json::json!([1.0, -1.0, 0.0]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Line {
    /// What `x` counts.
    pub a: f64,
    /// What `y` counts.
    pub b: f64,
    /// What is added.
    pub c: f64,
}

/// An `lseg`: a line from one point to another.
///
/// ```
/// use orm_core::types::{Point, ScalarType, Segment};
/// let up = Segment { from: Point::default(), to: Point { x: 0.0, y: 1.0 } };
/// assert_eq!(up.to_json(), serde_json::json!([[0.0, 0.0], [0.0, 1.0]]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Segment {
    /// Where it begins.
    pub from: Point,
    /// Where it ends.
    pub to: Point,
}

/// A `box`: a rectangle with horizontal and vertical sides.
///
/// ```
/// use orm_core::types::{Point, Rectangle};
/// let corners = [Point { x: 0.0, y: 2.0 }, Point { x: 1.0, y: 0.0 }];
/// let sheet = Rectangle::between(corners[0], corners[1]);
/// assert_eq!(sheet.upper_right(), Point { x: 1.0, y: 2.0 });
/// assert_eq!(sheet.lower_left(), Point::default());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rectangle {
    upper_right: Point,
    lower_left: Point,
}

impl Rectangle {
    /// That between two opposite corners, whichever they are.
    pub fn between(one: Point, other: Point) -> Self {
        let sorted = |a: f64, b: f64| if is_less(a, b) { (a, b) } else { (b, a) };
        let ((left, right), (low, high)) = (sorted(one.x, other.x), sorted(one.y, other.y));
        Self { upper_right: Point { x: right, y: high }, lower_left: Point { x: left, y: low } }
    }

    /// The corner with the greater numbers.
    pub const fn upper_right(&self) -> Point {
        self.upper_right
    }

    /// The corner with the lesser numbers.
    pub const fn lower_left(&self) -> Point {
        self.lower_left
    }
}

/// As the database orders them: `NaN` is the greatest.
fn is_less(a: f64, b: f64) -> bool {
    !a.is_nan() && (b.is_nan() || a < b)
}

/// A `path` of lines from point to point; the database refuses one without points.
///
/// ```
/// use orm_core::types::{Path, Point, ScalarType};
/// let there_and_back = Path { points: vec![Point::default(), Point { x: 3.0, y: 0.0 }], is_closed: true };
/// assert_eq!(there_and_back.to_json()["closed"], true);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Path {
    /// Its points, one after the other.
    pub points: Vec<Point>,
    /// Whether a line leads from the last point to the first.
    pub is_closed: bool,
}

/// A `polygon`, by its corners; the database refuses one without corners.
///
/// ```
/// use orm_core::types::{Point, Polygon, ScalarType};
/// let corners = [(0.0, 0.0), (4.0, 0.0), (0.0, 3.0)].map(|(x, y)| Point { x, y });
/// assert_eq!(Polygon(corners.to_vec()).to_json()[1], serde_json::json!([4.0, 0.0]));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Polygon(pub Vec<Point>);

/// A `circle`; the database refuses one with a radius below 0.
///
/// ```
/// use orm_core::types::{Circle, Point, ScalarType};
/// let unit = Circle { center: Point::default(), radius: 1.0 };
/// assert_eq!(unit.to_json(), serde_json::json!({ "center": [0.0, 0.0], "radius": 1.0 }));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Circle {
    /// Its middle.
    pub center: Point,
    /// From there to the line.
    pub radius: f64,
}

/// What a type is on the wire, how two are the same, and its JSON.
macro_rules! geometric {
    ($($ty:ident = $sql:ident, $v:ident, $raw:ident: [$($number:expr),*], $read:expr, $json:expr;)*) => {$(
        impl ScalarType for $ty {
            const SQL: SqlType = SqlType::$sql;

            fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
                let $v = self;
                [$($number),*].into_iter().for_each(|number: f64| out.put_f64(number));
                Ok(())
            }

            fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
                let $raw = &mut Reader(raw);
                Ok($read)
            }

            fn same(&self, other: &Self) -> bool {
                let numbers = |$v: &Self| [$($number),*];
                numbers(self).iter().zip(numbers(other)).all(|(a, b)| a.same(&b))
            }

            fn to_json(&self) -> Json {
                let $v = self;
                $json
            }
        }
    )*};
}

geometric! {
    Point = Point, v, raw: [v.x, v.y], point(raw)?, json!([v.x, v.y]);
    Line = Line, v, raw: [v.a, v.b, v.c], Self { a: raw.double()?, b: raw.double()?, c: raw.double()? }, json!([v.a, v.b, v.c]);
    Segment = Lseg, v, raw: [v.from.x, v.from.y, v.to.x, v.to.y], Self { from: point(raw)?, to: point(raw)? },
        json!([v.from.to_json(), v.to.to_json()]);
    Rectangle = Box, v, raw: [v.upper_right.x, v.upper_right.y, v.lower_left.x, v.lower_left.y],
        Self { upper_right: point(raw)?, lower_left: point(raw)? }, json!([v.upper_right.to_json(), v.lower_left.to_json()]);
    Circle = Circle, v, raw: [v.center.x, v.center.y, v.radius], Self { center: point(raw)?, radius: raw.double()? },
        json!({ "center": v.center.to_json(), "radius": v.radius });
}

fn point(raw: &mut Reader<'_>) -> Result<Point, WireError> {
    Ok(Point { x: raw.double()?, y: raw.double()? })
}

fn put_points(points: &[Point], out: &mut BytesMut) -> Result<(), WireError> {
    out.put_i32(i32::try_from(points.len())?);
    points.iter().try_for_each(|point| point.to_wire(out))
}

fn read_points(raw: &mut Reader<'_>) -> Result<Vec<Point>, WireError> {
    (0..raw.int()?).map(|_| point(raw)).collect()
}

impl ScalarType for Path {
    const SQL: SqlType = SqlType::Path;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        out.put_u8(self.is_closed.into());
        put_points(&self.points, out)
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let mut raw = Reader(raw);
        Ok(Self { is_closed: raw.take(1)? != [0], points: read_points(&mut raw)? })
    }

    fn same(&self, other: &Self) -> bool {
        self.is_closed == other.is_closed && self.points.same(&other.points)
    }

    fn to_json(&self) -> Json {
        json!({ "points": self.points.to_json(), "closed": self.is_closed })
    }
}

impl ScalarType for Polygon {
    const SQL: SqlType = SqlType::Polygon;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        put_points(&self.0, out)
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        read_points(&mut Reader(raw)).map(Self)
    }

    fn same(&self, other: &Self) -> bool {
        self.0.same(&other.0)
    }

    fn to_json(&self) -> Json {
        self.0.to_json()
    }
}
