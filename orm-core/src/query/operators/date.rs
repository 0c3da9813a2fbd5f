//! Parts of dates and times.

use super::{WithOperand, bound, call};
use crate::mapper::{Column, Source};
use crate::query::{Operand, Scoped, SqlExpr};
use crate::sql::Expr;
use crate::types::{ColumnType, Day, HasInfinity, Interval, OrInfinity, ScalarType};

/// Types whose values are dates or points in time in the database.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::mapper::{Column, Source};
/// use orm_core::query::{DateField, DateScalar, SqlExpr};
/// fn year<M: Source, T: DateScalar<Part = f64>>(column: Column<M, Auto<T>>) -> SqlExpr<M, f64> {
///     column.part(DateField::Year)
/// }
/// assert_eq!(year(Customer::CREATED_AT).to_string(), r#"date_part($1, "created_at")"#);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no date or time in the database",
    label = "no date or time"
)]
pub trait DateScalar: ScalarType {
    /// The day of it.
    type Day: Day;
    /// What a part of it is: a number, or an `Option` of one where the value may be infinite, which has no months and days.
    type Part: ColumnType<Scalar = f64>;
    /// What it is when it is cut to a unit of time.
    type Truncated: ScalarType;
    /// What it is with an interval added.
    type Moved: ScalarType;
    /// What lies between two of them: days between dates, an interval between points in time.
    type Difference: ScalarType;
}

macro_rules! dates {
    ($($(#[$condition:meta])* $date:ty => $day:ty, $moved:ty, $difference:ty;)*) => {$(
        $(#[$condition])*
        impl DateScalar for $date {
            type Day = $day;
            type Part = f64;
            type Truncated = Self;
            type Moved = $moved;
            type Difference = $difference;
        }
    )*};
}
dates! {
    #[cfg(feature = "chrono")]
    chrono::NaiveDate => Self, chrono::NaiveDateTime, i32;
    #[cfg(feature = "chrono")]
    chrono::NaiveDateTime => chrono::NaiveDate, Self, Interval;
    #[cfg(feature = "chrono")]
    chrono::DateTime<chrono::Utc> => chrono::NaiveDate, Self, Interval;
    #[cfg(feature = "jiff")]
    jiff::civil::Date => Self, jiff::civil::DateTime, i32;
    #[cfg(feature = "jiff")]
    jiff::civil::DateTime => jiff::civil::Date, Self, Interval;
    #[cfg(feature = "jiff")]
    jiff::Timestamp => jiff::civil::Date, Self, Interval;
    #[cfg(feature = "time")]
    time::Date => Self, time::PrimitiveDateTime, i32;
    #[cfg(feature = "time")]
    time::PrimitiveDateTime => time::Date, Self, Interval;
    #[cfg(feature = "time")]
    time::OffsetDateTime => time::Date, Self, Interval;
}

impl<T: HasInfinity + DateScalar<Day: HasInfinity, Moved: HasInfinity>> DateScalar for OrInfinity<T> {
    type Day = OrInfinity<T::Day>;
    type Part = Option<f64>;
    type Truncated = Self;
    type Moved = OrInfinity<T::Moved>;
    type Difference = T::Difference;
}

/// A part of a date or time.
///
/// ```
/// use orm_core::query::DateField;
/// assert_eq!(DateField::IsoDayOfWeek.name(), "isodow");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum DateField {
    /// The thousands of years.
    Millennium,
    /// The hundreds of years.
    Century,
    /// The tens of years.
    Decade,
    /// The year.
    Year,
    /// The quarter, from 1 to 4.
    Quarter,
    /// The month, from 1 to 12.
    Month,
    /// The week of the year by ISO 8601, from 1 to 53.
    Week,
    /// The day of the month.
    Day,
    /// The day of the year, from 1.
    DayOfYear,
    /// The day of the week, from 0, a Sunday.
    DayOfWeek,
    /// The day of the week by ISO 8601, from 1, a Monday, to 7.
    IsoDayOfWeek,
    /// The hour.
    Hour,
    /// The minute.
    Minute,
    /// The second, with its fraction.
    Second,
    /// The second and its fraction, in milliseconds.
    Milliseconds,
    /// The second and its fraction, in microseconds.
    Microseconds,
    /// Seconds since 1970-01-01 00:00 UTC.
    Epoch,
}

impl DateField {
    /// The name that PostgreSQL has for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Millennium => "millennium",
            Self::Century => "century",
            Self::Decade => "decade",
            Self::Year => "year",
            Self::Quarter => "quarter",
            Self::Month => "month",
            Self::Week => "week",
            Self::Day => "day",
            Self::DayOfYear => "doy",
            Self::DayOfWeek => "dow",
            Self::IsoDayOfWeek => "isodow",
            Self::Hour => "hour",
            Self::Minute => "minute",
            Self::Second => "second",
            Self::Milliseconds => "milliseconds",
            Self::Microseconds => "microseconds",
            Self::Epoch => "epoch",
        }
    }
}

/// The name of a part, as a value.
fn named(field: DateField) -> Expr {
    bound(&field.name().to_owned())
}

operators! {
    DateScalar;
    values {
        /// A part of the date or time, as a number. Of times with a zone, as they are in that of the connection.
        ///
        /// ```
        /// # use orm_core::prelude::*;
        /// # orm_core::declarative_base!(pub Base);
        /// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
        /// # pub struct Visit { #[model(primary_key)] pub id: Auto<i64>, pub at: NaiveDateTime }
        /// # #[tokio::main(flavor = "current_thread")]
        /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        /// # let database = orm_testkit::database_of::<Base>().await?;
        /// # let engine = Engine::connect(database.url()).await?;
        /// use orm_core::query::DateField;
        /// let at: NaiveDateTime = "2024-02-29T13:14:15.5".parse()?;
        /// Visit::builder().at(at).build().insert(&engine).await?;
        /// let parts = columns((Visit::AT.part(DateField::Year), Visit::AT.part(DateField::Second), Visit::AT.truncated(DateField::Hour)));
        /// assert_eq!(parts.fetch_one(&engine).await?, (2024.0, 15.5, "2024-02-29T13:00:00".parse()?));
        /// assert_eq!(columns(Visit::AT.date()).fetch_one(&engine).await?, "2024-02-29".parse()?);
        /// assert_eq!(columns(Visit::AT.formatted("DD.MM.YYYY")).fetch_one(&engine).await?, "29.02.2024");
        /// # Ok(()) }
        /// ```
        pub fn part(this, field: DateField) -> V::Part {
            call("date_part", vec![named(field), this])
        }

        /// The point in time at which the hour, the day, the year, … began in which it lies.
        pub fn truncated(this, to: DateField) -> V::Truncated {
            let value = Box::new(call("date_trunc", vec![named(to), this]));
            Expr::Cast { value, to: <V::Truncated as ScalarType>::SQL.name() }
        }

        /// The day of it.
        pub fn date(this) -> V::Day {
            Expr::Cast { value: Box::new(this), to: "date" }
        }

        /// The point in time as text, by a pattern of PostgreSQL's `to_char`: `YYYY-MM-DD`; an infinite one is `infinity` by any pattern.
        pub fn formatted(this, pattern: &str) -> String {
            // The server has no text for infinity and for the pattern that is empty, and `""` is a text of no characters.
            let pattern = if pattern.is_empty() { "\"\"" } else { pattern };
            let infinite = Expr::Cast { value: Box::new(this.clone()), to: "text" };
            let formatted = call("to_char", vec![this, bound(&pattern.to_owned())]);
            call("COALESCE", vec![formatted, infinite])
        }
    }
    conditions {}
    comparisons {}
}

/// The time between two points in time, the first one minus the second one, in years, months, days and the rest.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::{age, now};
/// use orm_core::types::Interval;
/// let old = select::<Customer>().filter(age(now(), Customer::CREATED_AT).gt(Interval::from_months(12)));
/// assert!(old.to_string().ends_with(r#"WHERE age(now(), "created_at") > $1"#));
/// ```
#[expect(clippy::type_complexity, reason = "the types of both operands say whether it can be `NULL`")]
pub fn age<S, T: DateScalar, I, J, L: Operand<S, T, I>, E: Operand<S, T, J>>(
    later: L,
    earlier: E,
) -> Scoped<S, WithOperand<S, T, I, L, WithOperand<S, T, J, E, Interval>>> {
    Scoped::new(call("age", vec![later.into_expr(), earlier.into_expr()]))
}
