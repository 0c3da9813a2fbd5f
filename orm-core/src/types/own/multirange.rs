//! Sets of ranges.

use super::range::{Range, RangeElement};
use crate::types::array::Reader;
use crate::types::{ScalarType, SqlType, WireError};
use bytes::{BufMut, BytesMut};
use postgres_types::Type;
use std::cmp::Ordering;
use std::ops::Bound;

/// A multirange: a set of ranges (PostgreSQL 14 and later).
///
/// Two of them are equal when the same values are in them: the database sorts the ranges, joins those that meet, and leaves empty ones out.
///
/// ```
/// use orm_core::types::{Multirange, Range};
/// let open: Multirange<i64> = [8..12, 14..18].map(Range::from).into_iter().collect();
/// assert!(open.contains(&9) && !open.contains(&13));
/// assert_eq!(open, [14..16, 8..12, 16..18, 5..5].map(Range::from).into_iter().collect());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Multirange<T>(pub Vec<Range<T>>);

impl<T> FromIterator<Range<T>> for Multirange<T> {
    fn from_iter<I: IntoIterator<Item = Range<T>>>(ranges: I) -> Self {
        Self(ranges.into_iter().collect())
    }
}

impl<T: RangeElement> Multirange<T> {
    /// Whether a value is in one of the ranges.
    pub fn contains(&self, value: &T) -> bool {
        self.0.iter().any(|range| range.contains(value))
    }

    /// The bounds of the ranges as the database keeps them.
    fn canonical(&self) -> Vec<(Bound<T>, Bound<T>)> {
        let bounds = self.0.iter().filter_map(|range| match range.canonical() {
            Range::Between(lower, upper) => Some((lower, upper)),
            Range::Empty => None,
        });
        let mut ranges: Vec<(Bound<T>, Bound<T>)> = bounds.collect();
        ranges.sort_by(|(a, _), (b, _)| lower(a, b));
        let mut joined: Vec<(Bound<T>, Bound<T>)> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match joined.last_mut() {
                Some(last) if meet(&last.1, &range.0) => {
                    if upper(&last.1, &range.1).is_lt() {
                        last.1 = range.1;
                    }
                }
                _ => joined.push(range),
            }
        }
        joined
    }
}

fn compare<T: PartialOrd>(a: &T, b: &T) -> Ordering {
    a.partial_cmp(b).unwrap_or(Ordering::Equal)
}

/// The order of lower bounds.
fn lower<T: PartialOrd>(a: &Bound<T>, b: &Bound<T>) -> Ordering {
    match (a, b) {
        (Bound::Unbounded, Bound::Unbounded) => Ordering::Equal,
        (Bound::Unbounded, _) => Ordering::Less,
        (_, Bound::Unbounded) => Ordering::Greater,
        (Bound::Included(a), Bound::Excluded(b)) => compare(a, b).then(Ordering::Less),
        (Bound::Excluded(a), Bound::Included(b)) => compare(a, b).then(Ordering::Greater),
        (Bound::Included(a), Bound::Included(b)) | (Bound::Excluded(a), Bound::Excluded(b)) => compare(a, b),
    }
}

/// The order of upper bounds.
fn upper<T: PartialOrd>(a: &Bound<T>, b: &Bound<T>) -> Ordering {
    match (a, b) {
        (Bound::Unbounded, Bound::Unbounded) => Ordering::Equal,
        (Bound::Unbounded, _) => Ordering::Greater,
        (_, Bound::Unbounded) => Ordering::Less,
        (Bound::Included(a), Bound::Excluded(b)) => compare(a, b).then(Ordering::Greater),
        (Bound::Excluded(a), Bound::Included(b)) => compare(a, b).then(Ordering::Less),
        (Bound::Included(a), Bound::Included(b)) | (Bound::Excluded(a), Bound::Excluded(b)) => compare(a, b),
    }
}

/// Whether nothing lies between the end of one range and the beginning of a later one.
fn meet<T: PartialOrd>(end: &Bound<T>, begin: &Bound<T>) -> bool {
    match (end, begin) {
        (Bound::Unbounded, _) | (_, Bound::Unbounded) => true,
        (Bound::Excluded(end), Bound::Excluded(begin)) => end > begin,
        (Bound::Included(end) | Bound::Excluded(end), Bound::Included(begin) | Bound::Excluded(begin)) => {
            end >= begin
        }
    }
}

impl<T: RangeElement> PartialEq for Multirange<T> {
    fn eq(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.canonical(), other.canonical());
        let mut pairs = ours.iter().zip(&theirs);
        ours.len() == theirs.len() && pairs.all(|(a, b)| Range::from(a.clone()) == Range::from(b.clone()))
    }
}

impl<T: RangeElement> ScalarType for Multirange<T> {
    const SQL: SqlType = T::MULTIRANGE;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        out.put_i32(i32::try_from(self.0.len())?);
        for range in &self.0 {
            let at = out.len();
            out.put_i32(0);
            range.to_wire(out)?;
            let len = i32::try_from(out.len() - at - 4)?;
            out[at..at + 4].copy_from_slice(&len.to_be_bytes());
        }
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let mut raw = Reader(raw);
        let range = T::RANGE.element();
        let count = raw.int()?;
        (0..count).map(|_| Range::from_wire(&range, raw.value()?.ok_or("NULL as a range")?)).collect()
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn to_json(&self) -> serde_json::Value {
        self.0.iter().map(Range::to_json).collect()
    }
}
