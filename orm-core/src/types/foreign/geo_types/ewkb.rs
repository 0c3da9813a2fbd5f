//! EWKB, the binary form of geometries: the order of the bytes, what it is, perhaps its SRID, and numbers.
//!
//! What the crate `geo-types` cannot say is an error (empty points, Z and M, curves), and so is what PostGIS would keep as something else.

use crate::types::WireError;
use crate::types::array::Reader;
use bytes::{BufMut, BytesMut};
use geo_types::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point,
    Polygon,
};

const LITTLE_ENDIAN: u8 = 1;

const HAS_Z: u32 = 0x8000_0000;
const HAS_M: u32 = 0x4000_0000;
const HAS_SRID: u32 = 0x2000_0000;

/// How many collections may be inside of each other, as in PostGIS.
const DEEPEST: usize = 200;

pub(super) const POINT: u32 = 1;
pub(super) const LINE_STRING: u32 = 2;
pub(super) const POLYGON: u32 = 3;
pub(super) const MULTI_POINT: u32 = 4;
pub(super) const MULTI_LINE_STRING: u32 = 5;
pub(super) const MULTI_POLYGON: u32 = 6;
pub(super) const COLLECTION: u32 = 7;

/// Where coordinates may lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bounds {
    /// Anywhere on a plane.
    Plane,
    /// Longitudes and latitudes; PostGIS moves others to where they might have been meant.
    Earth,
}

/// Writes one geometry.
#[derive(Debug)]
pub struct Writer<'a> {
    out: &'a mut BytesMut,
    bounds: Bounds,
    /// What the outermost geometry has to say; those inside of it say nothing.
    srid: Option<i32>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(out: &'a mut BytesMut, bounds: Bounds, srid: i32) -> Self {
        Self { out, bounds, srid: Some(srid).filter(|srid| *srid != 0) }
    }

    pub(super) fn begin(&mut self, kind: u32) {
        self.out.put_u8(LITTLE_ENDIAN);
        match self.srid.take() {
            Some(srid) => {
                self.out.put_u32_le(kind | HAS_SRID);
                self.out.put_i32_le(srid);
            }
            None => self.out.put_u32_le(kind),
        }
    }

    /// How many parts follow.
    pub(super) fn count(&mut self, count: usize) -> Result<(), WireError> {
        self.out.put_u32_le(u32::try_from(count)?);
        Ok(())
    }

    pub(super) fn coord(&mut self, Coord { x, y }: Coord<f64>) -> Result<(), WireError> {
        if x.is_nan() || y.is_nan() {
            return Err("a coordinate that is no number".into());
        }
        if self.bounds == Bounds::Earth && (x.abs() > 180.0 || y.abs() > 90.0) {
            return Err(format!("{x} {y} is no place on the earth: a longitude and a latitude").into());
        }
        self.out.put_f64_le(x);
        self.out.put_f64_le(y);
        Ok(())
    }

    /// A line of one point is none; the server says so of the binary form alone.
    pub(super) fn line(&mut self, line: &LineString<f64>) -> Result<(), WireError> {
        if line.0.len() == 1 {
            return Err("a line of one point".into());
        }
        self.coords(line)
    }

    fn ring(&mut self, ring: &LineString<f64>) -> Result<(), WireError> {
        match ring.0.len() {
            0..4 => Err("a ring of fewer than three points".into()),
            _ => self.coords(ring),
        }
    }

    fn coords(&mut self, line: &LineString<f64>) -> Result<(), WireError> {
        self.count(line.0.len())?;
        line.0.iter().try_for_each(|coord| self.coord(*coord))
    }

    pub(super) fn rings(&mut self, polygon: &Polygon<f64>) -> Result<(), WireError> {
        let (outer, inner) = (polygon.exterior(), polygon.interiors());
        match (outer.0.is_empty(), inner.is_empty()) {
            (true, true) => return self.count(0),
            (true, false) => return Err("a polygon with holes and nothing around them".into()),
            (false, _) => self.count(1 + inner.len())?,
        }
        [outer].into_iter().chain(inner).try_for_each(|ring| self.ring(ring))
    }
}

/// Reads one geometry that has to have this SRID; none is 0.
pub(super) fn read(raw: &[u8], srid: i32) -> Result<Geometry<f64>, WireError> {
    let mut source = Source { raw: Reader(raw), is_little: true };
    let (geometry, found) = source.geometry(0)?;
    if !source.raw.0.is_empty() {
        return Err("bytes behind the end of a geometry".into());
    }
    if found != srid {
        return Err(format!("its SRID is {found} instead of {srid}").into());
    }
    Ok(geometry)
}

struct Source<'a> {
    raw: Reader<'a>,
    is_little: bool,
}

impl Source<'_> {
    fn geometry(&mut self, depth: usize) -> Result<(Geometry<f64>, i32), WireError> {
        if depth > DEEPEST {
            return Err("collections too deep inside of each other".into());
        }
        self.is_little = self.raw.take(1)? == [LITTLE_ENDIAN];
        let kind = self.int()?;
        let srid = if kind & HAS_SRID == 0 { 0 } else { self.int()?.cast_signed() };
        if kind & (HAS_Z | HAS_M) != 0 {
            return Err("a geometry with Z or M, which the crate `geo-types` does not have".into());
        }
        let geometry = match kind & !HAS_SRID {
            POINT => Point(self.point()?).into(),
            LINE_STRING => self.line()?.into(),
            POLYGON => self.polygon()?.into(),
            MULTI_POINT => MultiPoint(self.members(depth)?).into(),
            MULTI_LINE_STRING => MultiLineString(self.members(depth)?).into(),
            MULTI_POLYGON => MultiPolygon(self.members(depth)?).into(),
            COLLECTION => Geometry::GeometryCollection(GeometryCollection(self.members(depth)?)),
            other => {
                let why =
                    format!("a geometry of the kind {other}, which the crate `geo-types` does not have");
                return Err(why.into());
            }
        };
        Ok((geometry, srid))
    }

    fn members<G: TryFrom<Geometry<f64>>>(&mut self, depth: usize) -> Result<Vec<G>, WireError> {
        (0..self.int()?)
            .map(|_| {
                let (member, _) = self.geometry(depth + 1)?;
                G::try_from(member).map_err(|_| "a member of another kind".into())
            })
            .collect()
    }

    fn polygon(&mut self) -> Result<Polygon<f64>, WireError> {
        let rings = (0..self.int()?).map(|_| self.line()).collect::<Result<Vec<_>, _>>()?;
        let points: usize = rings.iter().map(|ring| ring.0.len()).sum();
        let mut rings = rings.into_iter();
        let outer = rings.next().unwrap_or_else(|| LineString(Vec::new()));
        let polygon = Polygon::new(outer, rings.collect());
        let closed =
            polygon.exterior().0.len() + polygon.interiors().iter().map(|r| r.0.len()).sum::<usize>();
        if closed == points { Ok(polygon) } else { Err("a ring that is not closed".into()) }
    }

    fn line(&mut self) -> Result<LineString<f64>, WireError> {
        (0..self.int()?).map(|_| self.coord()).collect::<Result<_, _>>().map(LineString)
    }

    /// An empty point is one of two numbers that are none.
    fn point(&mut self) -> Result<Coord<f64>, WireError> {
        match self.coord()? {
            Coord { x, y } if x.is_nan() && y.is_nan() => {
                Err("an empty point, which the crate `geo-types` does not have".into())
            }
            coord => Ok(coord),
        }
    }

    fn coord(&mut self) -> Result<Coord<f64>, WireError> {
        Ok(Coord { x: self.number()?, y: self.number()? })
    }

    fn number(&mut self) -> Result<f64, WireError> {
        let raw = self.raw.take(8)?.try_into()?;
        Ok(if self.is_little { f64::from_le_bytes(raw) } else { f64::from_be_bytes(raw) })
    }

    fn int(&mut self) -> Result<u32, WireError> {
        let raw = self.raw.take(4)?.try_into()?;
        Ok(if self.is_little { u32::from_le_bytes(raw) } else { u32::from_be_bytes(raw) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_hex(text: &str, srid: i32) -> Result<Geometry<f64>, String> {
        let digits = text.replace(' ', "");
        let bytes =
            (0..digits.len() / 2).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap());
        read(&bytes.collect::<Vec<_>>(), srid).map_err(|why| why.to_string())
    }

    const ONE_TWO: &str = "000000000000F03F 0000000000000040";

    #[test]
    fn both_orders_of_bytes_are_read() {
        let point = Geometry::from(Point::new(1.0, 2.0));
        assert_eq!(read_hex(&format!("01 01000000 {ONE_TWO}"), 0), Ok(point.clone()));
        let big = "00 20000001 000010E6 3FF0000000000000 4000000000000000";
        assert_eq!(read_hex(big, 4326), Ok(point.clone()));
        // A member may have another order than what it is in.
        let mixed = "01 04000000 01000000 00 00000001 3FF0000000000000 4000000000000000";
        assert_eq!(read_hex(mixed, 0), Ok(MultiPoint(vec![Point::new(1.0, 2.0)]).into()));
    }

    #[test]
    fn what_cannot_be_said_is_an_error() {
        let nan = "000000000000F87F";
        let deep = "01 07000000 01000000".repeat(300);
        for (text, why) in [
            (format!("01 01000020 110F0000 {ONE_TWO}"), "its SRID is 3857 instead of 0"),
            (format!("01 01000000 {nan} {nan}"), "an empty point"),
            (format!("01 01000080 {ONE_TWO} {nan}"), "with Z or M"),
            (format!("01 01000040 {ONE_TWO} {nan}"), "with Z or M"),
            ("01 08000000 00000000".to_owned(), "of the kind 8"),
            (format!("01 01000000 {ONE_TWO} 00"), "behind the end"),
            (format!("01 03000000 01000000 02000000 {ONE_TWO} {nan} {nan}"), "not closed"),
            ("01 04000000 01000000 01 02000000 00000000".to_owned(), "another kind"),
            ("01 02000000 FFFFFFFF".to_owned(), "cut off"),
            (String::new(), "cut off"),
            (deep, "too deep"),
        ] {
            let found = read_hex(&text, 0).unwrap_err();
            assert!(found.contains(why), "{why}: {found}");
        }
    }
}
