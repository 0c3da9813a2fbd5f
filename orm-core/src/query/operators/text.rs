//! Texts made of texts.

use super::{bound, call};
use crate::mapper::{Column, Source};
use crate::query::scope::{Contains, placed};
use crate::query::{Operand, Predicate, Scoped, SqlExpr};
use crate::sql::Expr;
use crate::types::{ColumnType, ScalarType, TsVector};

/// Types whose values are text in the database: `String`, and each `#[derive(ScalarType)]` over one, a domain or not. A pattern is a
/// `String` for all of them.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::mapper::{Column, Source};
/// use orm_core::query::{SqlExpr, TextScalar};
/// fn initial<M: Source, T: TextScalar>(column: Column<M, T>) -> SqlExpr<M, String> {
///     column.first_chars(1).upper()
/// }
/// assert_eq!(initial(Customer::NAME).to_string(), r#"upper(left("name", $1))"#);
///
/// # orm_core::declarative_base!(pub Base);
/// #[derive(ScalarType, Clone, Debug, PartialEq)]
/// pub struct Sku(String);
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Tea {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     pub sku: Sku,
/// }
/// let green = select::<Tea>().filter(Tea::SKU.starts_with("G-") | Tea::SKU.lower().like("%green%"));
/// assert!(green.to_string().ends_with(r#"WHERE "sku" ^@ $1 OR lower("sku") LIKE $2"#));
/// ```
#[diagnostic::on_unimplemented(message = "`{Self}` is not text in the database", label = "no text")]
pub trait TextScalar: ScalarType {}

impl TextScalar for String {}

operators! {
    TextScalar;
    values {
        /// The text in small letters.
        ///
        /// ```
        /// # use orm_core::prelude::*;
        /// # use shop_models::models::{Base, Product};
        /// # #[tokio::main(flavor = "current_thread")]
        /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        /// # let database = orm_testkit::database_of::<Base>().await?;
        /// # let engine = Engine::connect(database.url()).await?;
        /// Product::builder().sku("T-1").title(" Green Tea ").price_cents(390).build().insert(&engine).await?;
        /// let name = || Product::TITLE.trimmed();
        /// let texts = columns((name().lower(), name().upper(), name().chars(), name().replaced("Tea", "tea"), name().first_chars(3)));
        /// let row = texts.filter(name().lower().eq("green tea")).fetch_one(&engine).await?;
        /// assert_eq!(row, ("green tea".into(), "GREEN TEA".into(), 9, "Green tea".into(), "Gre".into()));
        /// let place = columns((name().position_of("Tea"), name().substring(7, 3), name().last_chars(2), Product::SKU.split_at("-", 2)));
        /// assert_eq!(place.fetch_one(&engine).await?, (7, "Tea".into(), "ea".into(), "1".into()));
        /// let words = columns(Product::TITLE.to_tsvector("english").cast::<String>()).fetch_one(&engine).await?;
        /// assert_eq!(words, "'green':1 'tea':2");
        /// let green = select::<Product>().filter(Product::TITLE.contains_text("Green") & Product::TITLE.bytes().eq(11));
        /// assert_eq!(green.count(&engine).await?, 1);
        /// # Ok(()) }
        /// ```
        pub fn lower(this) -> String {
            call("lower", vec![this])
        }

        /// The text in capital letters.
        pub fn upper(this) -> String {
            call("upper", vec![this])
        }

        /// The text without spaces at both ends.
        pub fn trimmed(this) -> String {
            call("btrim", vec![this])
        }

        /// The number of characters.
        pub fn chars(this) -> i32 {
            call("char_length", vec![this])
        }

        /// The number of bytes.
        pub fn bytes(this) -> i32 {
            call("octet_length", vec![this])
        }

        /// The text with all places where one text stands replaced by another.
        pub fn replaced(this, from: &str, to: &str) -> String {
            call("replace", vec![this, bound(&from.to_owned()), bound(&to.to_owned())])
        }

        /// The first characters.
        pub fn first_chars(this, count: i32) -> String {
            call("left", vec![this, bound(&count)])
        }

        /// The last characters.
        pub fn last_chars(this, count: i32) -> String {
            call("right", vec![this, bound(&count)])
        }

        /// So many characters from a place on, which is counted from 1.
        pub fn substring(this, from: i32, count: i32) -> String {
            call("substr", vec![this, bound(&from), bound(&count)])
        }

        /// The place where a text begins in this one, counted from 1; 0 where it does not.
        pub fn position_of(this, text: &str) -> i32 {
            call("strpos", vec![this, bound(&text.to_owned())])
        }

        /// The part with this number, from 1, of the text divided at each delimiter; empty where there is none.
        pub fn split_at(this, delimiter: &str, part: i32) -> String {
            call("split_part", vec![this, bound(&delimiter.to_owned()), bound(&part)])
        }

        /// The text as a document of the full text search, by a configuration such as `english` or `simple`: see
        /// [`websearch_to_tsquery`](crate::query::websearch_to_tsquery).
        pub fn to_tsvector(this, configuration: &str) -> TsVector {
            call("to_tsvector", vec![super::search::configuration(configuration), this])
        }
    }
    conditions {}
    comparisons {
        /// Whether a text stands anywhere in this one; no character has a meaning of its own.
        pub fn contains_text(this, text: [impl Operand<S, String, J>]) {
            Expr::binary(">", call("strpos", vec![this, text]), bound(&0_i32))
        }
    }
}
