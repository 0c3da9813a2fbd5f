//! Functions of the database by declaration.

use crate::query::{Operand, Scoped};
use crate::sql::Expr;
use crate::types::{ColumnType, ScalarType, each_tuple};

/// Declares functions of the database, to be called with up to eight columns, values and expressions.
///
/// The types are those of the arguments and of the result. A result that is an `Option` can always be `NULL`; another one is where an
/// argument is, as with most functions of the database. An argument that is an `Option` says that the function takes `NULL` for a
/// value like others. The name is that in the database; `as` gives another one, with a schema or without, in quotes where it is no
/// name of Rust. All of them are quoted in SQL. [`sql_aggregate!`](crate::sql_aggregate) declares what is made of many rows.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// orm_core::sql_function! {
///     /// The text in small letters.
///     pub fn lower(text: String) -> String;
///     pub fn length(text: String) -> i32;
///     fn array_ndims(values: Vec<i64>) -> Option<i32>; // `NULL` of an empty array
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
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// orm_core::sql_function! {
///     fn sqrt(value: f64) -> f64;
///     fn num_nulls(one: Option<i32>, other: Option<i32>) -> i32;
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<shop_models::models::Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # Customer::builder().name("Ann").email("ann@example.org").build().insert(&engine).await?;
/// let root = sqrt(Customer::AGE.cast::<f64>()); // the age can be `NULL`, so its root can
/// let row = select::<Customer>().columns((root, num_nulls(Customer::AGE, 7))).fetch_one(&engine).await?;
/// assert_eq!(row, (None::<f64>, 1));
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
        $crate::declared_function! {
            [$(#[$meta])* #[allow(non_camel_case_types, dead_code)] $visibility] $name [$result] [$crate::sql_name!($name $(as $($part).+)?)]
            [] [$($argument: $ty,)*] [I0 I1 I2 I3 I4 I5 I6 I7]
        }
    )*};
}

/// One function of [`sql_function!`](crate::sql_function): gives each argument a type parameter for how it comes into the scope.
#[doc(hidden)]
#[macro_export]
macro_rules! declared_function {
    ($before:tt $name:ident $result:tt $sql:tt [$($done:tt)*] [$argument:ident: $ty:ty, $($rest:tt)*] [$index:ident $($free:ident)*]) => {
        $crate::declared_function! { $before $name $result $sql [$($done)* [$argument $ty, $index]] [$($rest)*] [$($free)*] }
    };
    ([$($before:tt)*] $name:ident [$result:ty] [$sql:expr] [$([$argument:ident $ty:ty, $index:ident])*] [] [$($free:ident)*]) => {
        $($before)* fn $name<
            S: $crate::query::Calls<($($ty,)*), ($($argument,)*), ($($index,)*), $result>,
            $($index, $argument),*
        >(
            $($argument: $argument),*
        ) -> $crate::query::Scoped<S, S::Given> {
            // A type that no column has is told here, and not of each use of it.
            const _: () = { $($crate::query::column_type::<$ty>();)* $crate::query::column_type::<$result>() };
            $crate::query::function_call($sql, S::arguments(($($argument,)*)))
        }
    };
    ($before:tt $name:ident $result:tt $sql:tt $done:tt $rest:tt []) => {
        ::core::compile_error!(::core::concat!("`", ::core::stringify!($name), "` has more than eight arguments"));
    };
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
    Scoped::new(Expr::Call { name, arguments })
}

/// Asks for a type that a column has.
#[doc(hidden)]
pub const fn column_type<T: ColumnType>() {}

/// A scope that takes the arguments `A`, which come into it as `I` says, for the parameters `P` of a declared function with the result `R`. What
/// is no argument is told of the scope, for the reason of [`Is`](crate::query::Is).
#[diagnostic::on_unimplemented(
    message = "a query of `{Self}` takes no arguments of types `{A}` for parameters of types `{P}`",
    label = "expected values, columns and expressions of these types, of what the query selects from"
)]
#[doc(hidden)]
pub trait Calls<P, A, I, R> {
    /// The type of the result.
    type Given: ColumnType;

    /// The arguments.
    fn arguments(given: A) -> Vec<Expr>;
}

impl<S, R: ColumnType> Calls<(), (), (), R> for S {
    type Given = R::Fetched;

    fn arguments((): ()) -> Vec<Expr> {
        Vec::new()
    }
}

/// The type of a parameter of a declared function: what an argument that is read as `V` says of the result.
#[doc(hidden)]
pub trait Parameter: ColumnType {
    /// `V`, where `NULL` makes the result `NULL`.
    type Passed<V: ColumnType>: ColumnType;
}

impl<T: ScalarType> Parameter for T {
    type Passed<V: ColumnType> = V;
}

impl<T: ScalarType> Parameter for Option<T> {
    type Passed<V: ColumnType> = T;
}

/// What an argument `A` for a parameter `P` makes of a `G`: an `Option` where it can be `NULL`, and makes the result so.
type WithArgument<S, P, A, I, G> = <<P as Parameter>::Passed<
    <A as Operand<S, <P as ColumnType>::Scalar, I>>::Fetched,
> as ColumnType>::With<G>;

macro_rules! tuples {
    (@given $s:ident $r:ident) => { <$r as ColumnType>::Fetched };
    (@given $s:ident $r:ident $p:ident $a:ident $i:ident $($rest:ident)*) => {
        WithArgument<$s, $p, $a, $i, tuples!(@given $s $r $($rest)*)>
    };
    ($($p:ident $a:ident $i:ident)+) => {
        impl<S, R: ColumnType, $($p: Parameter, $a: Operand<S, $p::Scalar, $i>, $i),+>
            Calls<($($p,)+), ($($a,)+), ($($i,)+), R> for S
        {
            type Given = tuples!(@given S R $($p $a $i)+);

            fn arguments(given: ($($a,)+)) -> Vec<Expr> {
                #[expect(non_snake_case, reason = "the names of the type parameters")]
                let ($($a,)+) = given;
                vec![$($a.into_expr()),+]
            }
        }
    };
}
each_tuple!(tuples: P A I, P1 A1 I1, P2 A2 I2, P3 A3 I3, P4 A4 I4, P5 A5 I5, P6 A6 I6, P7 A7 I7);
