//! Types of PostgreSQL that Rust and the crates around it have no word for: one noun a file.

mod bits;
mod geometry;
mod interval;
mod json_path;
mod multirange;
mod network;
mod numbers;
mod numeric;
mod range;
mod search;
mod snapshot;
mod texts;
mod timetz;
mod trees;

pub use bits::Bits;
pub use geometry::{Circle, Line, Path, Point, Polygon, Rectangle, Segment};
pub use interval::Interval;
pub use json_path::JsonPath;
pub use multirange::Multirange;
pub use network::{Cidr, MacAddr, MacAddr8};
pub use numbers::{ByteChar, Lsn, Money, Oid, Xid, Xid8};
pub use numeric::Numeric;
pub use range::{Range, RangeElement};
pub use search::{Lexeme, TsQuery, TsVector, Weight};
pub use snapshot::Snapshot;
pub use texts::{JsonText, Xml};
pub use timetz::TimeTz;
pub use trees::{Hstore, Ltree};

#[cfg(feature = "ipnetwork")]
pub(super) use network::{put_address, read_address};
#[cfg(any(
    feature = "bigdecimal",
    feature = "chrono",
    feature = "jiff",
    feature = "rust_decimal",
    feature = "time"
))]
pub(super) use range::range_element;
