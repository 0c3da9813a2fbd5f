//! Points in time and intervals, added and subtracted.

use super::{WithTaken, pairs};
use crate::mapper::{Column, Source};
use crate::query::{DateScalar, Is, Scoped, SqlExpr, Takes};
use crate::sql::Expr;
use crate::types::{ColumnType, Interval, ScalarType};

/// Types to whose values an interval can be added: dates, points in time, intervals.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::mapper::{Column, Source};
/// use orm_core::query::{Shift, SqlExpr};
/// use orm_core::types::Interval;
/// fn next_day<M: Source, T: Shift>(column: Column<M, Auto<T>>) -> SqlExpr<M, T::Shifted> {
///     column.plus(Interval::from_days(1))
/// }
/// assert_eq!(next_day(Customer::CREATED_AT).to_string(), r#""created_at" + $1"#);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing to which the database adds an interval",
    label = "no date, time or interval"
)]
pub trait Shift: ScalarType {
    /// What it is with an interval added.
    type Shifted: ScalarType;
}

#[diagnostic::do_not_recommend]
impl<T: DateScalar> Shift for T {
    type Shifted = T::Moved;
}

impl Shift for Interval {
    type Shifted = Self;
}

pairs! {
    Shift;
    /// The point in time an interval later, by the calendar: a month behind the 31st of January is the last of February. Of an interval,
    /// the sum of both.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # orm_core::declarative_base!(pub Base);
    /// # use orm_core::types::Interval;
    /// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
    /// # pub struct Visit { #[model(primary_key)] pub id: Auto<i64>, pub at: NaiveDateTime, pub day: NaiveDate, pub stay: Interval }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let at: NaiveDateTime = "2024-01-31T12:00:00".parse()?;
    /// # let day: NaiveDate = "2024-03-01".parse()?;
    /// # Visit::builder().at(at).day(day).stay(Interval::from_days(2)).build().insert(&engine).await?;
    /// let moved = columns((Visit::AT.plus(Interval::from_months(1)), Visit::DAY.minus(Interval::from_days(1))));
    /// assert_eq!(moved.fetch_one(&engine).await?, ("2024-02-29T12:00:00".parse()?, "2024-02-29T00:00:00".parse()?));
    /// let left = columns(Visit::AT.plus(Visit::STAY.plus(Interval::from_days(1)))); // an interval of each row
    /// assert_eq!(left.fetch_one(&engine).await?, "2024-02-03T12:00:00".parse()?);
    /// # Ok(()) }
    /// ```
    pub fn plus(this, interval: Interval) -> V::Shifted {
        Expr::binary("+", this, interval)
    }

    /// The point in time an interval earlier, by the calendar. Of an interval, what is left.
    pub fn minus(this, interval: Interval) -> V::Shifted {
        Expr::binary("-", this, interval)
    }
}

pairs! {
    DateScalar;
    /// The time since an earlier point in time: an interval of days and the rest, of dates the number of days. See
    /// [`age`](crate::query::age) for years and months.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # orm_core::declarative_base!(pub Base);
    /// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
    /// # pub struct Loan { #[model(primary_key)] pub id: Auto<i64>, pub lent: NaiveDate, pub due: NaiveDate }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let (lent, due): (NaiveDate, NaiveDate) = ("2024-02-01".parse()?, "2024-03-01".parse()?);
    /// # Loan::builder().lent(lent).due(due).build().insert(&engine).await?;
    /// let days = columns(Loan::DUE.since(Loan::LENT)).filter(Loan::DUE.since(Loan::LENT).gt(14));
    /// assert_eq!(days.fetch_one(&engine).await?, 29);
    /// # Ok(()) }
    /// ```
    pub fn since(this, earlier: V) -> V::Difference {
        Expr::binary("-", this, earlier)
    }
}
