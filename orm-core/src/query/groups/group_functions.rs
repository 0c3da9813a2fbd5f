//! Functions over the rows of a group.

use crate::query::expressions::operand::{Compared, OfRows};
use crate::query::scope::Presence;
use crate::query::{Filter, Groups, Operand, OrderBy, Scoped, Window, Windowed};
use crate::sql::{Call, Expr, Order, Param};
use crate::types::{ColumnType, Interval, ScalarType, SqlType};
use std::fmt;
use std::marker::PhantomData;

/// A value made of all rows of a group of `S`, which gives an `F`.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// use orm_core::query::{avg, bool_and, bool_or, count, count_of, max, min, string_agg, sum};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # for (name, age) in [("Ann", Some(40)), ("Bea", Some(20)), ("Cem", None), ("Dan", Some(20))] {
/// #     let new = session.add(Customer::builder().name(name).email(format!("{name}@example.org")));
/// #     session[new].age = age;
/// # }
/// # session.commit().await?;
/// let all = select::<Customer>();
/// let numbers = all.clone().aggregate((count(), count_of(Customer::AGE), count_of(Customer::AGE).distinct()));
/// assert_eq!(engine.fetch_one(numbers).await?, (4, 3, 2));
/// let ages = all.clone().aggregate((sum(Customer::AGE), min(Customer::AGE), max(Customer::AGE), avg(Customer::AGE)));
/// assert_eq!(engine.fetch_one(ages).await?, (80, Some(20), Some(40), Some(80.0 / 3.0)));
/// let young = all.clone().aggregate((count().filter(Customer::AGE.lt(30)), max(Customer::NAME).filter(Customer::AGE.lt(9))));
/// assert_eq!(engine.fetch_one(young).await?, (2, None));
/// let names = string_agg(Customer::NAME, " & ").filter(Customer::AGE.is_not_null()).order_by(Customer::NAME.desc());
/// assert_eq!(engine.fetch_one(all.clone().aggregate(names)).await?.as_deref(), Some("Dan & Bea & Ann"));
/// let truths = all.aggregate((bool_and(Customer::AGE.gt(30)), bool_or(Customer::AGE.gt(30))));
/// assert_eq!(engine.fetch_one(truths).await?, (Some(false), Some(true)));
/// # Ok(()) }
/// ```
#[must_use = "an aggregate does nothing before it is selected or compared"]
pub struct Aggregate<S, F> {
    call: Call,
    /// The type that the result gets, written by this crate.
    cast: Option<&'static str>,
    /// The value in place of `NULL`.
    or: Option<Param>,
    marker: PhantomData<fn() -> (S, F)>,
}

impl<S, F> Aggregate<S, F> {
    pub(in crate::query) fn new(name: &'static str, arguments: Vec<Expr>) -> Self {
        Self { call: Call::new(name, arguments), cast: None, or: None, marker: PhantomData }
    }

    /// A call whose result gets a type.
    pub(super) fn cast(name: &'static str, arguments: Vec<Expr>, to: SqlType) -> Self {
        Self { cast: Some(to.name()), ..Self::new(name, arguments) }
    }

    /// A call of values in their order: `name(…) WITHIN GROUP (ORDER BY …)`
    pub(super) fn within(name: &'static str, arguments: Vec<Expr>, order: Order) -> Self {
        Self::new(name, arguments).change(|call| (call.is_ordered_set, call.order) = (true, vec![order]))
    }

    fn change(mut self, change: impl FnOnce(&mut Call)) -> Self {
        change(&mut self.call);
        self
    }

    pub(in crate::query) fn into_expr(self) -> Expr {
        if let Some(why) = self.call.refused() {
            return Expr::Invalid(why);
        }
        let mut expr = Expr::Over(Box::new(self.call));
        if let Some(to) = self.cast {
            expr = Expr::Cast { value: Box::new(expr), to };
        }
        match self.or {
            Some(value) => Expr::Call { name: "COALESCE", arguments: vec![expr, Expr::Bind(value)] },
            None => expr,
        }
    }

    /// Made of the rows that meet the condition alone.
    pub fn filter(self, filter: impl Filter<S>) -> Self {
        let filter = filter.into_predicate().expr;
        self.change(|call| {
            call.filter = Some(match call.filter.take() {
                Some(before) => Expr::And(vec![before, filter]),
                None => filter,
            });
        })
    }

    /// Equal values count once.
    pub fn distinct(self) -> Self {
        self.change(|call| call.distinct = true)
    }

    /// The order in which the values come, where it matters.
    pub fn order_by<I>(self, order: impl OrderBy<S, I>) -> Self {
        self.change(|call| order.push_to(&mut call.order))
    }

    /// For each row, made of the rows in its window.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::Product;
    /// use orm_core::query::{sum, window};
    /// let running = sum(Product::PRICE_CENTS).over(window().order_by(Product::ID));
    /// let query = columns((Product::SKU, running)); // a `(String, i64)` a row
    /// assert!(query.to_string().contains(r#"sum("price_cents") OVER (ORDER BY "id")"#));
    /// ```
    pub fn over(self, window: Window<S>) -> Windowed<S, F> {
        Windowed::new(self.change(|call| call.window = Some(window.into_rows())).into_expr())
    }
}

impl<S, F: ColumnType> Aggregate<S, F> {
    /// The aggregate as a value of the group, to compute with.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::Customer;
    /// use orm_core::query::{count, max};
    /// let query = select::<Customer>().aggregate((count().value() * 2, max(Customer::AGE).or(0)));
    /// assert_eq!(query.to_string(), r#"SELECT count(*) * $1, COALESCE(max("age"), $2) FROM "customer""#);
    /// ```
    pub fn value(self) -> Scoped<Groups<S>, F> {
        Scoped::new(self.into_expr())
    }

    /// The value in place of `NULL`.
    pub fn or(self, value: F::Scalar) -> Scoped<Groups<S>, F::Scalar> {
        self.value().or(value)
    }
}

impl<S, T: ScalarType> Aggregate<S, Option<Vec<Option<T>>>> {
    /// Without the values that are `NULL`, as of an [`array_agg`] of a column that has none.
    pub fn not_null(self) -> Aggregate<S, Option<Vec<T>>> {
        let Self { mut call, cast, or, marker: _ } = self;
        let known = call.arguments.iter().map(|value| {
            let is_null = Expr::IsNull(Box::new(value.clone()));
            Expr::Not(Box::new(is_null))
        });
        let conditions: Vec<Expr> = call.filter.take().into_iter().chain(known).collect();
        call.filter = Some(Expr::And(conditions));
        Aggregate { call, cast, or, marker: PhantomData }
    }
}

impl<S, F> Clone for Aggregate<S, F> {
    fn clone(&self) -> Self {
        let (call, cast, or) = (self.call.clone(), self.cast, self.or.clone());
        Self { call, cast, or, marker: PhantomData }
    }
}

impl<S, F> fmt::Debug for Aggregate<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Aggregate({:?})", self.call)
    }
}

#[diagnostic::do_not_recommend]
impl<S, F: ColumnType> Compared<F::Scalar, OfRows<S>> for Aggregate<S, F> {
    type In<P: Presence> = F;

    fn expression(self) -> Expr {
        self.into_expr()
    }
}

/// A scalar with a sum; the sum of small integers is an `i64`, that of intervals an interval.
///
/// ```
/// use orm_core::query::Summed;
/// fn zero<T: Summed>() -> T::Sum {
///     T::Sum::default()
/// }
/// assert_eq!(zero::<i32>(), 0_i64);
/// ```
#[diagnostic::on_unimplemented(
    message = "the database has no sum of `{Self}`",
    label = "neither a number nor an interval",
    note = "for a type of your own implement `Summed`"
)]
pub trait Summed: ScalarType {
    /// The type of the sum.
    type Sum: ScalarType + Default;
}

results! {
    Summed::Sum;
    i16 => i64;
    i32 => i64;
    i64 => i64;
    f32 => f32;
    f64 => f64;
    crate::types::Numeric => crate::types::Numeric;
    Interval => Interval;
}
#[cfg(feature = "rust_decimal")]
results!(Summed::Sum; rust_decimal::Decimal => rust_decimal::Decimal;);
#[cfg(feature = "bigdecimal")]
results!(Summed::Sum; bigdecimal::BigDecimal => bigdecimal::BigDecimal;);

/// The number of rows.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::count;
/// let query = select::<Customer>().aggregate(count());
/// assert_eq!(query.to_string(), r#"SELECT count(*) FROM "customer""#);
/// ```
pub fn count<S>() -> Aggregate<S, i64> {
    Aggregate::new("count", Vec::new()).change(|call| call.of_rows = true)
}

/// The number of rows where the value is not `NULL`.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::count_of;
/// let query = select::<Customer>().aggregate(count_of(Customer::AGE));
/// assert_eq!(query.to_string(), r#"SELECT count("age") FROM "customer""#);
/// ```
pub fn count_of<S, T: ScalarType, I>(value: impl Operand<S, T, I>) -> Aggregate<S, i64> {
    Aggregate::new("count", vec![value.into_expr()])
}

/// The sum of the values; 0 without any.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::sum;
/// let query = select::<Customer>().aggregate(sum(Customer::AGE)); // an `i64`
/// assert_eq!(query.to_string(), r#"SELECT COALESCE(CAST(sum("age") AS bigint), $1) FROM "customer""#);
/// ```
pub fn sum<S, T: Summed, I>(value: impl Operand<S, T, I>) -> Aggregate<S, T::Sum> {
    let sum = Aggregate::new("sum", vec![value.into_expr()]);
    Aggregate {
        cast: Some(<T::Sum as ScalarType>::SQL.name()),
        or: Some(Param::of(&T::Sum::default())),
        ..sum
    }
}

/// The smallest value; `None` without any.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::min;
/// let query = select::<Customer>().aggregate(min(Customer::NAME)); // an `Option<String>`
/// assert_eq!(query.to_string(), r#"SELECT min("name") FROM "customer""#);
/// ```
pub fn min<S, T: ScalarType, I>(value: impl Operand<S, T, I>) -> Aggregate<S, Option<T>> {
    Aggregate::new("min", vec![value.into_expr()])
}

/// The largest value; `None` without any.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::max;
/// let query = select::<Customer>().aggregate(max(Customer::NAME)); // an `Option<String>`
/// assert_eq!(query.to_string(), r#"SELECT max("name") FROM "customer""#);
/// ```
pub fn max<S, T: ScalarType, I>(value: impl Operand<S, T, I>) -> Aggregate<S, Option<T>> {
    Aggregate::new("max", vec![value.into_expr()])
}

/// The texts, one behind the other; `None` without any.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::string_agg;
/// let query = select::<Customer>().aggregate(string_agg(Customer::NAME, ", ").order_by(Customer::NAME));
/// assert_eq!(query.to_string(), r#"SELECT string_agg("name", $1 ORDER BY "name") FROM "customer""#);
/// ```
pub fn string_agg<S, I, J>(
    text: impl Operand<S, String, I>,
    between: impl Operand<S, String, J>,
) -> Aggregate<S, Option<String>> {
    Aggregate::new("string_agg", vec![text.into_expr(), between.into_expr()])
}

/// The values as an array, `NULL` among them; `None` without any row. [`not_null`](Aggregate::not_null) leaves them out.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Customer};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # for (name, age) in [("Ann", Some(40)), ("Bea", None)] {
/// #     let new = session.add(Customer::builder().name(name).email(format!("{name}@example.org")));
/// #     session[new].age = age;
/// # }
/// # session.commit().await?;
/// use orm_core::query::array_agg;
/// let ages = array_agg(Customer::AGE).order_by(Customer::NAME);
/// let names = array_agg(Customer::NAME).order_by(Customer::NAME.desc()).not_null();
/// let (ages, names) = select::<Customer>().aggregate((ages, names)).fetch_one(&engine).await?;
/// assert_eq!(ages, Some(vec![Some(40), None]));
/// assert_eq!(names, Some(vec!["Bea".to_owned(), "Ann".to_owned()]));
/// # Ok(()) }
/// ```
pub fn array_agg<S, T: ScalarType, I>(value: impl Operand<S, T, I>) -> Aggregate<S, Option<Vec<Option<T>>>> {
    Aggregate::new("array_agg", vec![value.into_expr()])
}

/// Whether all rows meet the condition; `None` without any.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::bool_and;
/// let query = select::<Customer>().aggregate(bool_and(Customer::AGE.ge(18)));
/// assert_eq!(query.to_string(), r#"SELECT bool_and("age" >= $1) FROM "customer""#);
/// ```
pub fn bool_and<S>(condition: impl Filter<S>) -> Aggregate<S, Option<bool>> {
    Aggregate::new("bool_and", vec![condition.into_predicate().expr])
}

/// Whether some row meets the condition; `None` without any.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::bool_or;
/// let query = select::<Customer>().aggregate(bool_or(Customer::AGE.ge(18)));
/// assert_eq!(query.to_string(), r#"SELECT bool_or("age" >= $1) FROM "customer""#);
/// ```
pub fn bool_or<S>(condition: impl Filter<S>) -> Aggregate<S, Option<bool>> {
    Aggregate::new("bool_or", vec![condition.into_predicate().expr])
}
