//! SQL text that the program wrote itself.

use super::placeholders::highest_placeholder;
use super::{ArrayParam, Expr, Param, Statement};
use crate::error::{Error, ErrorKind, Result};
use crate::types::{ColumnValue, IntoScalar, ScalarType};

/// SQL text of the program's own, with typed values for its placeholders; made by [`text`].
///
/// It runs in a session ([`Session::execute`](crate::Session::execute), [`Session::fetch`](crate::Session::fetch),
/// [`Session::scalar`](crate::Session::scalar)), or with the methods here on `&engine` and `&mut connection`.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::sql::text;
/// let insert = text("INSERT INTO product (sku, title, price_cents) VALUES ($1, $2, $3)");
/// for (sku, price) in [("T-1", 390_i64), ("T-2", 450)] {
///     assert_eq!(insert.clone().bind(sku).bind("Tea").bind(price).execute(&engine).await?, 1);
/// }
/// let dear = text("SELECT sku FROM product WHERE sku = ANY($1) AND price_cents > $2").bind_array(["T-1", "T-2"]);
/// assert_eq!(dear.bind(400_i64).scalars::<String>(&engine).await?, ["T-2"]);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a text does nothing before it is run"]
pub struct Text {
    text: &'static str,
    params: Vec<Param>,
}

/// SQL text with `$1`, `$2`, … for the values that follow by [`bind`](Text::bind).
///
/// The text is part of the program: a value that comes from elsewhere can only be bound, never written into it.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::sql::text;
/// let cheapest = text("SELECT min(price_cents) FROM product WHERE title = $1").bind("Tea");
/// assert_eq!(cheapest.scalar::<i64>(&engine).await?, None);
/// # Ok(()) }
/// ```
pub const fn text(sql: &'static str) -> Text {
    Text { text: sql, params: Vec::new() }
}

impl Text {
    /// The value of the next placeholder; `None` is `NULL`.
    pub fn bind<T: ScalarType>(mut self, value: impl IntoScalar<T>) -> Self {
        self.params.push(match value.into_scalar() {
            Some(value) => Param::of(&value),
            None => Param::null(T::SQL),
        });
        self
    }

    /// An array as the value of the next placeholder, as for `= ANY($1)`.
    pub fn bind_array<T, V>(mut self, values: impl IntoIterator<Item = V>) -> Self
    where
        T: ScalarType,
        V: IntoScalar<T>,
    {
        let values: Vec<Option<T>> = values.into_iter().map(V::into_scalar).collect();
        let mut array = ArrayParam::with_capacity(T::SQL, values.len());
        for value in &values {
            array.push(value.as_ref().map_or(ColumnValue::Null, |value| ColumnValue::Value(value)));
        }
        self.params.push(array.finish());
        self
    }

    /// Whether the text only reads, as far as its first word tells.
    pub(crate) fn reads(&self) -> bool {
        let first = self.text.trim_start().get(..6);
        first.is_some_and(|word| word.eq_ignore_ascii_case("SELECT"))
    }

    /// The text with its values.
    ///
    /// ```
    /// use orm_core::{ErrorKind, sql::text};
    /// let error = text("SELECT $1 + $2").bind(1_i64).into_statement().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Binds);
    /// assert!(error.to_string().starts_with("`SELECT $1 + $2` has 2 placeholders, and 1 value was bound"));
    /// ```
    ///
    /// # Errors
    /// [`Binds`](ErrorKind::Binds) when there are more placeholders than values, or fewer.
    pub fn into_statement(self) -> Result<Statement> {
        self.check().map_err(|why| Error::new(ErrorKind::Binds, why))?;
        Ok(Statement { text: self.text.into(), params: self.params })
    }

    /// The text as a part of a statement, in brackets; a wrong number of values is told when that runs.
    pub(crate) fn into_expr(self) -> Expr {
        match self.check() {
            Ok(()) => Expr::Text { text: self.text, params: self.params },
            Err(why) => Expr::Invalid(why),
        }
    }

    /// Whether there is a value for each placeholder.
    fn check(&self) -> Result<(), String> {
        let (expected, bound) = (highest_placeholder(self.text), self.params.len());
        if expected == bound {
            return Ok(());
        }
        let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        Err(format!(
            "`{}` has {}, and {} {} bound: call `.bind(…)` once for each of them, in their order",
            self.text,
            count(expected, "placeholder"),
            count(bound, "value"),
            if bound == 1 { "was" } else { "were" },
        ))
    }
}
