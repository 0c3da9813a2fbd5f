//! Conditions and values of columns whose names come at run time.

use super::order::column_named;
use crate::error::{Error, ErrorKind, Result};
use crate::mapper::{ColumnDef, Model};
use crate::query::Predicate;
#[cfg(feature = "serde_json")]
use crate::query::{Scoped, Select};
use crate::sql::{ArrayParam, Expr, Param};
#[cfg(feature = "serde_json")]
use crate::types::TypeKind;
use crate::types::{AnyScalar, ColumnValue, SqlType};
use serde_json::Value as Json;
use std::str::FromStr;

/// How a column is compared with a value that comes at run time; [`FromStr`] reads the names of the variants in small letters.
///
/// ```
/// use orm_core::query::Op;
/// assert_eq!("ge".parse::<Op>()?, Op::Ge);
/// let error = "drop".parse::<Op>().unwrap_err();
/// assert_eq!(error.to_string(), "\"drop\" is no comparison: there are eq, ne, lt, le, gt, ge, like, ilike and in");
/// # Ok::<(), orm_core::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Op {
    /// `=`; `IS NULL` for `null`
    Eq,
    /// `<>`; `IS NOT NULL` for `null`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `LIKE`, of texts
    Like,
    /// `ILIKE`, of texts
    Ilike,
    /// One of an array.
    In,
}

impl Op {
    const ALL: [(&'static str, Self, &'static str); 9] = [
        ("eq", Self::Eq, "="),
        ("ne", Self::Ne, "<>"),
        ("lt", Self::Lt, "<"),
        ("le", Self::Le, "<="),
        ("gt", Self::Gt, ">"),
        ("ge", Self::Ge, ">="),
        ("like", Self::Like, "LIKE"),
        ("ilike", Self::Ilike, "ILIKE"),
        ("in", Self::In, "IN"),
    ];

    fn sql(self) -> &'static str {
        Self::ALL.iter().find(|(_, op, _)| *op == self).map_or("=", |(_, _, sql)| sql)
    }
}

impl FromStr for Op {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let found = Self::ALL.iter().find(|(known, _, _)| *known == name);
        found.map(|(_, op, _)| *op).ok_or_else(|| {
            let why =
                format!("{name:?} is no comparison: there are eq, ne, lt, le, gt, ge, like, ilike and in");
            Error::new(ErrorKind::Binds, why)
        })
    }
}

impl<M: Model> Predicate<M> {
    /// A condition on a column whose name comes at run time, such as from a request, with a value as JSON has it.
    ///
    /// The name is looked up in the model and never becomes part of the SQL text; the value is bound. Numbers and truths may stand in texts,
    /// as those of a query string do; every other type is read from its usual text.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// use orm_core::query::Op;
    /// use serde_json::json;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # Customer::builder().name("Ann").email("ann@example.org").age(41).build().insert(&engine).await?;
    /// let request = [("age", "ge", json!(18)), ("name", "in", json!(["Ann", "Bea"]))];
    /// let filters = request.into_iter().map(|(column, op, value)| Predicate::by_name(column, op.parse()?, value));
    /// let filters: Vec<Predicate<Customer>> = filters.collect::<orm_core::Result<_>>()?;
    /// assert_eq!(engine.count(select::<Customer>().filter(filters)).await?, 1);
    ///
    /// let error = Predicate::<Customer>::by_name("aeg", Op::Eq, json!(1)).unwrap_err();
    /// assert_eq!(error.to_string(), "`Customer` has no column \"aeg\" to filter by");
    /// let error = Predicate::<Customer>::by_name("age", Op::Eq, json!("old")).unwrap_err();
    /// assert_eq!(error.to_string(), "`age` of a `Customer` is of type integer, which \"old\" is not");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`UnknownColumn`](ErrorKind::UnknownColumn) for a name that is none of the model's columns; [`Encode`](ErrorKind::Encode) for a value
    /// that the column cannot have.
    pub fn by_name(name: &str, op: Op, value: impl Into<Json>) -> Result<Self> {
        let column = definition::<M>(name, "filter by")?;
        let value = value.into();
        let wrong = |value: &Json| {
            let why = format!(
                "`{name}` of a `{}` is of type {}, which {value} is not",
                M::def().name,
                column.sql_type
            );
            Error::new(ErrorKind::Encode, why).with_model(M::def().name).with_columns(vec![name.to_owned()])
        };
        let read = |value: &Json| Given::read(column.sql_type, value).ok_or_else(|| wrong(value));
        let this = || Box::new(Expr::Column(column.name));
        Ok(Self::new(match (op, &value) {
            (Op::Eq, Json::Null) => Expr::IsNull(this()),
            (Op::Ne, Json::Null) => Expr::Not(Box::new(Expr::IsNull(this()))),
            (Op::In, Json::Array(values)) => {
                let values = values.iter().map(read).collect::<Result<Vec<_>>>()?;
                one_of(column, &values)
            }
            (Op::In, value) => return Err(wrong(value)),
            (Op::Like | Op::Ilike, value) if column.sql_type != SqlType::Text => return Err(wrong(value)),
            (op, value) => {
                Expr::Binary { op: op.sql(), left: this(), right: Box::new(read(value)?.into_expr(column)) }
            }
        }))
    }
}

fn definition<M: Model>(name: &str, to: &str) -> Result<&'static ColumnDef> {
    let name = column_named::<M>(name, to)?;
    let found = M::def().columns.iter().find(|column| column.name == name);
    Ok(found.expect("it was found before"))
}

/// `column IN (…)`: an array of the values, or of the texts from which the server reads them.
fn one_of(column: &'static ColumnDef, values: &[Given]) -> Expr {
    let are_texts = values.iter().any(|value| matches!(value, Given::Text(_)));
    let (ty, read_as) = match are_texts {
        true => (SqlType::Text, Some(column.sql_type.name())),
        false => (column.sql_type, None),
    };
    let mut array = ArrayParam::with_capacity(ty, values.len());
    for value in values {
        array.push(ColumnValue::Value(match value {
            Given::Scalar(value) => &**value,
            Given::Text(text) => text,
        }));
    }
    Expr::Any { value: Box::new(Expr::Column(column.name)), array: array.finish(), read_as }
}

/// A value that came at run time.
enum Given {
    /// With its type.
    Scalar(Box<dyn AnyScalar>),
    /// As the text from which the server reads it.
    Text(String),
}

impl Given {
    /// The value for a column of a type, when it can be one.
    fn read(ty: SqlType, value: &Json) -> Option<Self> {
        Some(Self::Scalar(match ty {
            SqlType::Boolean => Box::new(value.as_bool().or_else(|| parsed(value))?),
            SqlType::SmallInt => Box::new(i16::try_from(integer(value)?).ok()?),
            SqlType::Integer => Box::new(i32::try_from(integer(value)?).ok()?),
            SqlType::BigInt => Box::new(integer(value)?),
            SqlType::DoublePrecision => Box::new(value.as_f64().or_else(|| parsed(value))?),
            SqlType::Text => Box::new(value.as_str()?.to_owned()),
            #[cfg(feature = "uuid")]
            SqlType::Uuid => Box::new(parsed::<uuid::Uuid>(value)?),
            #[cfg(feature = "chrono")]
            SqlType::Date => Box::new(parsed::<chrono::NaiveDate>(value)?),
            #[cfg(feature = "chrono")]
            SqlType::Time => Box::new(parsed::<chrono::NaiveTime>(value)?),
            #[cfg(feature = "chrono")]
            SqlType::Timestamp => Box::new(parsed::<chrono::NaiveDateTime>(value)?),
            #[cfg(feature = "chrono")]
            SqlType::TimestampTz => Box::new(parsed::<chrono::DateTime<chrono::Utc>>(value)?),
            SqlType::Jsonb => return Some(Self::Text(value.to_string())),
            SqlType::Named(ty) if !ty.labels().is_empty() && !ty.labels().contains(&value.as_str()?) => {
                return None;
            }
            _ => return text(value).map(Self::Text),
        }))
    }

    fn into_expr(self, column: &'static ColumnDef) -> Expr {
        match self {
            Self::Scalar(value) => Expr::Bind(Param::of(&*value)),
            Self::Text(text) => {
                Expr::Cast { value: Box::new(Expr::Bind(Param::of(&text))), to: column.sql_type.name() }
            }
        }
    }
}

fn integer(value: &Json) -> Option<i64> {
    value.as_i64().or_else(|| parsed(value))
}

fn parsed<T: FromStr>(value: &Json) -> Option<T> {
    value.as_str()?.parse().ok()
}

/// The text of a scalar.
fn text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A column as a value of JSON, of which nothing is lost when it is read.
#[cfg(feature = "serde_json")]
fn as_json(column: &'static ColumnDef) -> Expr {
    let value = Expr::Column(column.name);
    let to = match (column.sql_type, base_of(column.sql_type.item())) {
        (SqlType::Array(_), SqlType::Numeric) => "text[]",
        (_, SqlType::Numeric) => "text",
        _ => return value,
    };
    Expr::Cast { value: Box::new(value), to }
}

/// The type that values of a domain have.
#[cfg(feature = "serde_json")]
fn base_of(ty: SqlType) -> SqlType {
    match ty {
        SqlType::Named(named) => match named.kind() {
            TypeKind::Domain(domain) => base_of(domain.base),
            _ => ty,
        },
        ty => ty,
    }
}

/// How many names and values one call of a function takes: the server allows 100 arguments.
#[cfg(feature = "serde_json")]
const PAIRS: usize = 50;

#[cfg(feature = "serde_json")]
impl<M: Model, R> Select<M, R> {
    /// Values of columns whose names come at run time, as one JSON object a row.
    ///
    /// The names are looked up in the model and never become part of the SQL text. The server writes the JSON: each value is what it makes of
    /// it; but decimals come as text, as they do in the JSON of a graph, because a number of JSON is read as a float.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # Customer::builder().name("Ann").email("ann@example.org").age(41).build().insert(&engine).await?;
    /// let wanted = ["name", "age"]; // of a request
    /// let rows: Vec<Json> = engine.fetch_all(select::<Customer>().columns_by_name(wanted)?).await?;
    /// assert_eq!(rows, [serde_json::json!({"name": "Ann", "age": 41})]);
    /// let error = select::<Customer>().columns_by_name(["passwort"]).unwrap_err();
    /// assert_eq!(error.to_string(), "`Customer` has no column \"passwort\" to select");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`UnknownColumn`](ErrorKind::UnknownColumn) for a name that is none of the model's columns.
    pub fn columns_by_name<'n>(self, names: impl IntoIterator<Item = &'n str>) -> Result<Select<M, Json>> {
        let columns = names.into_iter().map(|name| definition::<M>(name, "select"));
        let names = columns.collect::<Result<Vec<&'static ColumnDef>>>()?;
        let object = |columns: &[&'static ColumnDef]| {
            let pair = |column: &&'static ColumnDef| {
                [Expr::Bind(Param::of(&column.name.to_owned())), as_json(column)]
            };
            Expr::Call { name: "jsonb_build_object", arguments: columns.iter().flat_map(pair).collect() }
        };
        let first = object(names.get(..PAIRS).unwrap_or(&names));
        let object = names.chunks(PAIRS).skip(1).fold(first, |object_before, names| Expr::Binary {
            op: "||",
            left: Box::new(object_before),
            right: Box::new(object(names)),
        });
        Ok(self.columns(Scoped::<M, Json>::new(object)))
    }
}
