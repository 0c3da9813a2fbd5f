//! The clock of the database.

use super::{DateField, DateScalar, WithOperand, bound, call};
use crate::query::expressions::operand::{Bound, Compared, Exact};
use crate::query::scope::Presence;
use crate::query::{Assign, Operand, Scoped};
use crate::sql::Expr;
use crate::types::{ColumnType, Day, Interval, Moment};

/// When the transaction began, by the clock of the database.
///
/// It is of the type of what it is compared with, of whatever crate; [`Now::typed`] says a type where nothing else does.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::{current_date, now};
/// use orm_core::types::Interval;
/// let last_year = Customer::CREATED_AT.lt(now().minus(Interval::from_months(12)));
/// let old = select::<Customer>().filter(last_year & Customer::CREATED_AT.date().lt(current_date()));
/// assert!(old.to_string().ends_with(r#"WHERE "created_at" < (now() - $1) AND CAST("created_at" AS date) < CAST(now() AS date)"#));
/// ```
pub fn now() -> Now {
    Now(call("now", Vec::new()))
}

/// The day of [`now`], in the time zone of the connection; of the type of what it is compared with.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::current_date;
/// let new = select::<Customer>().filter(Customer::CREATED_AT.date().eq(current_date()));
/// assert!(new.to_string().ends_with(r#"WHERE CAST("created_at" AS date) = CAST(now() AS date)"#));
/// ```
pub fn current_date() -> CurrentDate {
    CurrentDate(Expr::Cast { value: Box::new(now().0), to: "date" })
}

/// A point in time by the clock of the database: what [`now`] gives.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Customer};
/// use orm_core::query::{DateField, Now, now};
/// use orm_core::types::Interval;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # Customer::builder().name("Ann").email("ann@example.org").build().insert(&engine).await?;
/// let next_week: Now = now().truncated(DateField::Week).plus(Interval::from_days(7));
/// assert_eq!(engine.count(select::<Customer>().filter(Customer::CREATED_AT.lt(next_week))).await?, 1);
/// let new = now().since(Customer::CREATED_AT).lt(Interval::from_days(1));
/// assert_eq!(engine.count(select::<Customer>().filter(new)).await?, 1);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "an expression does nothing before it is selected or compared"]
pub struct Now(Expr);

impl Now {
    /// As a value of a type, which can be selected and has all the methods of points in time.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Customer};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # Customer::builder().name("Ann").email("ann@example.org").build().insert(&engine).await?;
    /// use orm_core::query::now;
    /// let rows = select::<Customer>().columns((Customer::NAME, now().typed::<_, DateTime<Utc>>()));
    /// let (_, there) = engine.fetch_one(rows).await?;
    /// assert!((there - Utc::now()).num_hours().abs() < 1);
    /// # Ok(()) }
    /// ```
    pub fn typed<S, T: Moment>(self) -> Scoped<S, T> {
        Scoped::new(self.0)
    }

    /// An interval later, by the calendar.
    pub fn plus(self, interval: Interval) -> Self {
        Self(Expr::binary("+", self.0, bound(&interval)))
    }

    /// An interval earlier, by the calendar.
    pub fn minus(self, interval: Interval) -> Self {
        Self(Expr::binary("-", self.0, bound(&interval)))
    }

    /// When the hour, the day, the year, … began, in the time zone of the connection.
    pub fn truncated(self, to: DateField) -> Self {
        Self(call("date_trunc", vec![bound(&to.name().to_owned()), self.0]))
    }

    /// The time since an earlier point in time: days and the rest. See [`age`](crate::query::age) for years and months.
    pub fn since<S, T: Moment + DateScalar, I, O: Operand<S, T, I>>(
        self,
        earlier: O,
    ) -> Scoped<S, WithOperand<S, T, I, O, T::Difference>> {
        Scoped::new(Expr::binary("-", self.0, earlier.into_expr()))
    }
}

/// The day by the clock of the database: what [`current_date`] gives.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
/// # pub struct Loan { #[model(primary_key)] pub id: Auto<i64>, pub due: NaiveDate }
/// use orm_core::query::current_date;
/// let late = columns((Loan::ID, current_date().typed::<_, NaiveDate>().since(Loan::DUE))); // days
/// assert!(late.to_string().starts_with(r#"SELECT "id", CAST(now() AS date) - "due""#));
/// ```
#[derive(Clone, Debug)]
#[must_use = "an expression does nothing before it is selected or compared"]
pub struct CurrentDate(Expr);

impl CurrentDate {
    /// As a value of a type, which can be selected and has all the methods of days.
    pub fn typed<S, T: Day>(self) -> Scoped<S, T> {
        Scoped::new(self.0)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Moment> Compared<T, Bound> for Now {
    type In<P: Presence> = T;

    fn expression(self) -> Expr {
        self.0
    }
}

#[diagnostic::do_not_recommend]
impl<T: Day> Compared<T, Bound> for CurrentDate {
    type In<P: Presence> = T;

    fn expression(self) -> Expr {
        self.0
    }
}

#[diagnostic::do_not_recommend]
impl<S, F: ColumnType<Scalar: Moment>> Assign<S, F, Exact> for Now {
    fn into_assigned(self) -> Expr {
        self.0
    }
}

#[diagnostic::do_not_recommend]
impl<S, F: ColumnType<Scalar: Day>> Assign<S, F, Exact> for CurrentDate {
    fn into_assigned(self) -> Expr {
        self.0
    }
}
