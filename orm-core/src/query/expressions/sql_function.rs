//! Functions of the database by declaration.

use crate::query::Scoped;
use crate::sql::Expr;
use crate::types::ColumnType;

/// Declares functions of the database, to be called with columns, values and expressions.
///
/// The types are those of the arguments and of the result; an `Option` says that it can be `NULL`. The name is that in the database;
/// `as` gives another one, with a schema or without, in quotes where it is no name of Rust. All of them are quoted in SQL.
/// [`sql_aggregate!`](crate::sql_aggregate) declares what is made of many rows.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// orm_core::sql_function! {
///     /// The text in small letters.
///     pub fn lower(text: String) -> String;
///     pub fn length(text: String) -> i32;
///     fn nullif(value: i64, other: i64) -> Option<i64>;
///     fn capitals(text: String) -> String as pg_catalog.upper;
///     fn of_the_shop(text: String) -> String as "the shop"."in capitals";
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # Product::builder().sku("T-1").title("Tea").price_cents(390).build().insert(&engine).await?;
/// let query = select::<Product>().columns((lower(Product::SKU), length(lower(Product::TITLE))));
/// let rows = query.filter(lower(Product::TITLE).eq("tea")).fetch_all(&engine).await?;
/// assert_eq!(rows, [("t-1".to_owned(), 3)]);
/// let query = select::<Product>().columns(capitals(Product::TITLE));
/// assert_eq!(query.to_string(), r#"SELECT "pg_catalog"."upper"("title") FROM "product""#);
/// assert_eq!(query.fetch_one(&engine).await?, "TEA");
/// let query = select::<Product>().columns(of_the_shop(Product::TITLE));
/// assert_eq!(query.to_string(), r#"SELECT "the shop"."in capitals"("title") FROM "product""#);
/// # Ok(()) }
/// ```
///
/// Arguments of another type do not compile:
///
/// ```compile_fail
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// orm_core::sql_function! {
///     fn lower(text: String) -> String;
/// }
/// let query = select::<Product>().columns(lower(Product::PRICE_CENTS));
/// ```
///
/// Neither does a name that the database cannot have: an empty one, one of more than 63 bytes, or one with a NUL character.
///
/// ```compile_fail
/// orm_core::sql_function! {
///     fn lower(text: String) -> String as "shop"."";
/// }
/// ```
#[macro_export]
macro_rules! sql_function {
    ($(
        $(#[$meta:meta])*
        $visibility:vis fn $name:ident($($argument:ident: $ty:ty),* $(,)?) -> $result:ty $(as $($part:tt).+)?;
    )*) => {$(
        $(#[$meta])*
        #[allow(non_camel_case_types, dead_code)]
        $visibility fn $name<S, $($argument),*>(
            $($argument: impl $crate::query::Operand<S, $ty, $argument>),*
        ) -> $crate::query::Scoped<S, $result> {
            $crate::query::function_call(
                $crate::sql_name!($name $(as $($part).+)?),
                ::std::vec![$($crate::query::Compared::<S, $ty, $argument>::into_expr($argument)),*],
            )
        }
    )*};
}

/// The quoted name of a declared function: that behind `as`, or its own.
#[doc(hidden)]
#[macro_export]
macro_rules! sql_name {
    (@part $name:ident) => {
        $crate::sql::plain_name(::core::stringify!($name))
    };
    (@part $name:literal) => {
        $crate::sql::checked_name($name)
    };
    ($name:ident as $($part:tt).+) => {{
        const NAMES: &[&::core::primitive::str] = &[$($crate::sql_name!(@part $part)),+];
        const QUOTED: [::core::primitive::u8; $crate::sql::quoted_len(NAMES)] = $crate::sql::quoted_bytes(NAMES);
        const NAME: &::core::primitive::str = $crate::sql::as_text(&QUOTED);
        NAME
    }};
    ($name:ident) => {
        $crate::sql_name!($name as $name)
    };
}

/// What [`sql_function!`](crate::sql_function) writes calls of; the name is quoted.
#[doc(hidden)]
pub fn function_call<S, F: ColumnType>(name: &'static str, arguments: Vec<Expr>) -> Scoped<S, F> {
    Scoped::new(Expr::Call { name, arguments }, F::NULLABLE)
}
