//! Which rows of a window count.

use super::window::Window;
use crate::sql::{Frame, FrameEnd, Param};
use crate::types::ScalarType;
use std::fmt;

/// Where the rows of a [`Window`] begin or end; `D` is how far away: a number of rows, or what the order's key differs by.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// use orm_core::query::{Bound, sum, window};
/// let three = window().order_by(Product::ID).rows(Bound::Before(1), Bound::After(1));
/// let query = select::<Product>().columns(sum(Product::PRICE_CENTS).over(three)).to_string();
/// assert!(query.contains("ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bound<D = u32> {
    /// The first row.
    Start,
    /// So many rows before the own one.
    Before(D),
    /// The own row; of a range and of groups, all that are equal to it in the order.
    Current,
    /// So many rows after the own one.
    After(D),
    /// The last row.
    End,
}

impl<D: fmt::Display> fmt::Display for Bound<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("UNBOUNDED PRECEDING"),
            Self::Before(rows) => write!(f, "{rows} PRECEDING"),
            Self::Current => f.write_str("CURRENT ROW"),
            Self::After(rows) => write!(f, "{rows} FOLLOWING"),
            Self::End => f.write_str("UNBOUNDED FOLLOWING"),
        }
    }
}

impl<D: ScalarType> Bound<D> {
    /// The end of a frame, with the distance as a value.
    fn bound(&self) -> FrameEnd {
        match self {
            Self::Before(distance) => FrameEnd::Distance(Param::of(distance), "PRECEDING"),
            Self::After(distance) => FrameEnd::Distance(Param::of(distance), "FOLLOWING"),
            Self::Start => Bound::Start.written(),
            Self::Current => Bound::Current.written(),
            Self::End => Bound::End.written(),
        }
    }
}

/// Rows of a [`Window`] that do not count.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// use orm_core::query::{Bound, Exclude, avg, window};
/// let others = window().rows(Bound::Start, Bound::End).exclude(Exclude::CurrentRow);
/// let query = columns((Product::SKU, avg(Product::PRICE_CENTS).over(others)));
/// assert!(query.to_string().contains("UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW)"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exclude {
    /// The own row.
    CurrentRow,
    /// The own row, and all that are equal to it in the order.
    Group,
    /// All that are equal to the own row in the order, but not itself.
    Ties,
}

impl Bound {
    fn written(self) -> FrameEnd {
        FrameEnd::Written(self.to_string())
    }
}

impl<S> Window<S> {
    fn framed(mut self, unit: &'static str, ends: [FrameEnd; 2]) -> Self {
        let exclude = self.rows.frame.take().and_then(|frame| frame.exclude);
        self.rows.frame = Some(Frame { unit, ends, exclude });
        self
    }

    /// From which row to which.
    pub fn rows(self, from: Bound, to: Bound) -> Self {
        self.framed("ROWS", [from, to].map(Bound::written))
    }

    /// From which row to which, with all rows that are equal to these in the order.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::Product;
    /// use orm_core::query::{Bound, count, window};
    /// let up_to = window().order_by(Product::PRICE_CENTS).range(Bound::Start, Bound::Current);
    /// let query = columns((Product::SKU, count().over(up_to))); // products that cost as much at most
    /// assert!(query.to_string().contains("RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"));
    /// ```
    pub fn range(self, from: Bound, to: Bound) -> Self {
        self.framed("RANGE", [from, to].map(Bound::written))
    }

    /// The rows whose key in the order is so far away at most: an interval from a point in time, a number from a number of its type.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::Customer;
    /// use orm_core::query::{Bound, count, window};
    /// use orm_core::types::Interval;
    /// let week = window().order_by(Customer::CREATED_AT).range_of(Bound::Before(Interval::from_days(7)), Bound::Current);
    /// let query = columns((Customer::NAME, count().over(week))); // who came in the week before
    /// assert!(query.to_string().contains(r#"(ORDER BY "created_at" RANGE BETWEEN $1 PRECEDING AND CURRENT ROW)"#));
    /// ```
    pub fn range_of<D: ScalarType>(self, from: Bound<D>, to: Bound<D>) -> Self {
        self.framed("RANGE", [from.bound(), to.bound()])
    }

    /// From which row to which, where rows that are equal in the order count as one.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::Product;
    /// use orm_core::query::{Bound, count, window};
    /// let near = window().order_by(Product::PRICE_CENTS).groups(Bound::Before(1), Bound::Current);
    /// let query = columns((Product::SKU, count().over(near))); // products of its price and of the next lower one
    /// assert!(query.to_string().contains("GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW"));
    /// ```
    pub fn groups(self, from: Bound, to: Bound) -> Self {
        self.framed("GROUPS", [from, to].map(Bound::written))
    }

    /// Without some rows around the own one.
    pub fn exclude(mut self, rows: Exclude) -> Self {
        // What a window has that says nothing.
        let frame = self.rows.frame.take().unwrap_or_else(|| Frame {
            unit: "RANGE",
            ends: [Bound::Start, Bound::Current].map(Bound::written),
            exclude: None,
        });
        let exclude = Some(match rows {
            Exclude::CurrentRow => "CURRENT ROW",
            Exclude::Group => "GROUP",
            Exclude::Ties => "TIES",
        });
        self.rows.frame = Some(Frame { exclude, ..frame });
        self
    }
}
