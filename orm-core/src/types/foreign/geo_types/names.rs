//! Names of types with what they hold, put together by the compiler.

/// Room for the longest: `geography(GeometryCollection,999999)[]`.
const ROOM: usize = 48;

/// `geometry(Point,4326)`
#[derive(Debug)]
pub(super) struct Name {
    bytes: [u8; ROOM],
    len: usize,
}

impl Name {
    /// Of a type that holds such shapes with an SRID, and what stands behind it; an SRID of 0 is not said.
    pub(super) const fn of(ty: &str, shape: &str, srid: i32, behind: &str) -> Self {
        assert!(srid >= 0 && srid <= 999_999, "an SRID is a number from 0 to 999999");
        let mut name = Self { bytes: [0; ROOM], len: 0 }.and(ty).and("(").and(shape);
        if srid > 0 {
            name = name.and(",");
            let mut unit = 100_000;
            while unit > 0 {
                if srid >= unit {
                    let digit = [b'0' + (srid / unit % 10) as u8];
                    name = name.and_bytes(&digit);
                }
                unit /= 10;
            }
        }
        name.and(")").and(behind)
    }

    pub(super) const fn text(&'static self) -> &'static str {
        match std::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => panic!("names are ASCII"),
        }
    }

    const fn and(self, text: &str) -> Self {
        self.and_bytes(text.as_bytes())
    }

    const fn and_bytes(mut self, bytes: &[u8]) -> Self {
        let mut at = 0;
        while at < bytes.len() {
            self.bytes[self.len] = bytes[at];
            self.len += 1;
            at += 1;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::Name;

    #[test]
    fn names_say_shape_and_srid() {
        static POINT: Name = Name::of("geometry", "Point", 4326, "");
        static LONGEST: Name = Name::of("geography", "GeometryCollection", 900_913, "[]");
        static PLAIN: Name = Name::of("geometry", "Geometry", 0, "[]");
        assert_eq!(POINT.text(), "geometry(Point,4326)");
        assert_eq!(LONGEST.text(), "geography(GeometryCollection,900913)[]");
        assert_eq!(PLAIN.text(), "geometry(Geometry)[]");
    }
}
