//! Parts of JSON, and what it contains.

use super::{bound, call};
use crate::mapper::{Column, Source};
use crate::query::scope::{Contains, placed};
use crate::query::{Predicate, Scoped, SqlExpr};
use crate::sql::{Expr, Param};
use crate::types::{ColumnType, Jsonb, ScalarType};
use serde_json::Value as Json;

/// Types whose values are JSON in the database: [`Json`](serde_json::Value) and [`Jsonb`].
///
/// A type of your own in a `jsonb` column becomes one with `impl JsonScalar for Settings {}`.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// use orm_core::query::JsonScalar;
/// use orm_core::mapper::{Column, Source};
/// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
/// # pub struct Account { #[model(primary_key)] pub id: Auto<i64>, pub data: Json }
/// /// Rows whose JSON has a name.
/// fn named<M: Model, T: JsonScalar>(column: Column<M, T>) -> Predicate<M> {
///     column.has_key("name")
/// }
/// assert!(select::<Account>().filter(named(Account::DATA)).to_string().ends_with(r#"WHERE "data" ? $1"#));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not JSON in the database",
    label = "no JSON",
    note = "JSON columns are `Json` and `Jsonb<T>`"
)]
pub trait JsonScalar: ScalarType {}

impl JsonScalar for Json {}
impl<T> JsonScalar for Jsonb<T> where Self: ScalarType {}

/// One step into JSON: the name of a member, or the number of an element, from the end where it is negative.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
/// # pub struct Account { #[model(primary_key)] pub id: Auto<i64>, pub data: Json }
/// use orm_core::query::{JsonStep, SqlExpr};
/// fn within(json: SqlExpr<Account, Json>, step: impl JsonStep) -> SqlExpr<Account, Option<Json>> {
///     json.at("shop").at(step)
/// }
/// assert_eq!(within(Account::DATA.into(), -1).to_string(), r#"("data" -> $1) -> $2"#);
/// assert_eq!(within(Account::DATA.into(), "name").to_string(), r#"("data" -> $1) -> $2"#);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no step into JSON",
    label = "expected the name of a member or the number of an element"
)]
pub trait JsonStep {
    /// The step as a value.
    #[doc(hidden)]
    fn into_step(self) -> Expr;
}

impl JsonStep for &str {
    fn into_step(self) -> Expr {
        bound(&self.to_owned())
    }
}

impl JsonStep for &String {
    fn into_step(self) -> Expr {
        bound(self)
    }
}

impl JsonStep for String {
    fn into_step(self) -> Expr {
        bound(&self)
    }
}

impl JsonStep for i32 {
    fn into_step(self) -> Expr {
        bound(&self)
    }
}

/// A text as a JSON path of the SQL standard.
fn path(text: &str) -> Expr {
    Expr::Cast { value: Box::new(bound(&text.to_owned())), to: "jsonpath" }
}

/// Texts as an array.
fn texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> Expr {
    let params: Vec<Param> = texts.into_iter().map(|text| Param::of(&text.to_owned())).collect();
    Expr::Bind(Param::array_of(params.iter()))
}

operators! {
    JsonScalar;
    values {
        /// The part of the JSON at a step; `NULL` where there is none.
        ///
        /// ```
        /// # use orm_core::prelude::*;
        /// # orm_core::declarative_base!(pub Base);
        /// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
        /// # pub struct Account { #[model(primary_key)] pub id: Auto<i64>, pub data: Json }
        /// # #[tokio::main(flavor = "current_thread")]
        /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        /// # let database = orm_testkit::database_of::<Base>().await?;
        /// # let engine = Engine::connect(database.url()).await?;
        /// use serde_json::json;
        /// let data = json!({ "name": "Ann", "tags": ["new", "dear"], "visits": 7 });
        /// Account::builder().data(data).build().insert(&engine).await?;
        /// let first_tag = || Account::DATA.at("tags").at(0);
        /// let visits = Account::DATA.text_at("visits").cast::<i64>();
        /// let row = columns((first_tag(), visits, Account::DATA.at("age")));
        /// assert_eq!(row.fetch_one(&engine).await?, (Some(json!("new")), Some(7), None));
        ///
        /// let new = Account::DATA.contains(json!({ "tags": ["new"] })) & Account::DATA.text_at("name").eq("Ann");
        /// assert_eq!(select::<Account>().filter(new).count(&engine).await?, 1);
        /// let keys = Account::DATA.has_key("name") & Account::DATA.has_any_key(["age", "tags"]) & !Account::DATA.has_all_keys(["age", "tags"]);
        /// let said = Account::DATA.at("tags").json_len();
        /// let row = columns((said, Account::DATA.json_type(), first_tag().as_text())).filter(keys);
        /// assert_eq!(row.fetch_one(&engine).await?, (Some(2), "object".to_owned(), Some("new".to_owned())));
        /// # Ok(()) }
        /// ```
        pub fn at(this, step: impl JsonStep) -> Option<Json> {
            Expr::binary("->", this, step.into_step())
        }

        /// The part of the JSON at a step as text, without the quotes; `NULL` where there is none, or `null`.
        pub fn text_at(this, step: impl JsonStep) -> Option<String> {
            Expr::binary("->>", this, step.into_step())
        }

        /// The JSON as text: of a text itself, without the quotes; `NULL` for `null`.
        pub fn as_text(this) -> Option<String> {
            Expr::binary("#>>", this, texts([]))
        }

        /// What the JSON is: `object`, `array`, `string`, `number`, `boolean` or `null`.
        pub fn json_type(this) -> String {
            call("jsonb_typeof", vec![this])
        }

        /// The number of elements. The database refuses what is no array.
        pub fn json_len(this) -> i32 {
            call("jsonb_array_length", vec![this])
        }

        /// Everything that a JSON path of the SQL standard finds, as an array: `$.items[*] ? (@.price > 10)`. The database refuses
        /// what is no path.
        ///
        /// ```
        /// # use orm_core::prelude::*;
        /// # orm_core::declarative_base!(pub Base);
        /// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
        /// # pub struct Account { #[model(primary_key)] pub id: Auto<i64>, pub data: Json }
        /// # #[tokio::main(flavor = "current_thread")]
        /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        /// # let database = orm_testkit::database_of::<Base>().await?;
        /// # let engine = Engine::connect(database.url()).await?;
        /// use serde_json::json;
        /// Account::builder().data(json!({ "prices": [3, 12, 15] })).build().insert(&engine).await?;
        /// let dear = columns(Account::DATA.query_path("$.prices[*] ? (@ > 10)"));
        /// assert_eq!(dear.fetch_one(&engine).await?, json!([12, 15]));
        /// let some = Account::DATA.path_exists("$.prices[*] ? (@ > 10)") & Account::DATA.path_matches("$.prices[0] == 3");
        /// assert_eq!(select::<Account>().filter(some).count(&engine).await?, 1);
        /// # Ok(()) }
        /// ```
        pub fn query_path(this, jsonpath: &str) -> Json {
            call("jsonb_path_query_array", vec![this, path(jsonpath)])
        }

        /// The JSON with another value at a place, which is put in where it is missing.
        ///
        /// ```
        /// # use orm_core::prelude::*;
        /// # orm_core::declarative_base!(pub Base);
        /// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
        /// # pub struct Account { #[model(primary_key)] pub id: Auto<i64>, pub data: Json }
        /// # #[tokio::main(flavor = "current_thread")]
        /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        /// # let database = orm_testkit::database_of::<Base>().await?;
        /// # let engine = Engine::connect(database.url()).await?;
        /// use serde_json::json;
        /// let mut session = engine.session();
        /// let ann = session.add(Account::builder().data(json!({ "name": "Ann", "tags": ["a", "b"] })));
        /// session.commit().await?;
        /// let changed = Account::DATA.with_at(["tags", "1"], json!("c")).without("name").merged(json!({ "age": 41 }));
        /// session.set(ann, Account::DATA, changed)?; // the database computes it in the flush
        /// session.commit().await?;
        /// assert_eq!(session[ann].data, json!({ "tags": ["a", "c"], "age": 41 }));
        /// # Ok(()) }
        /// ```
        pub fn with_at(this, place: impl IntoIterator<Item = impl AsRef<str>>, value: Json) -> Json {
            let place: Vec<String> = place.into_iter().map(|step| step.as_ref().to_owned()).collect();
            call("jsonb_set", vec![this, texts(place.iter().map(String::as_str)), bound(&value)])
        }

        /// The JSON without a member, or without the texts of an array that are equal to it.
        pub fn without(this, name: &str) -> Json {
            Expr::binary("-", this, bound(&name.to_owned()))
        }

        /// The members of both objects, those of the other one where both have one; of arrays all elements.
        pub fn merged(this, other: Json) -> Json {
            Expr::binary("||", this, bound(&other))
        }
    }
    conditions {
        /// Whether the object has such a member, or the array such a text.
        pub fn has_key(this, key: &str) {
            Expr::binary("?", this, bound(&key.to_owned()))
        }

        /// Whether the object has one of these members.
        pub fn has_any_key(this, keys: impl IntoIterator<Item = impl AsRef<str>>) {
            let keys: Vec<String> = keys.into_iter().map(|key| key.as_ref().to_owned()).collect();
            Expr::binary("?|", this, texts(keys.iter().map(String::as_str)))
        }

        /// Whether the object has all of these members.
        pub fn has_all_keys(this, keys: impl IntoIterator<Item = impl AsRef<str>>) {
            let keys: Vec<String> = keys.into_iter().map(|key| key.as_ref().to_owned()).collect();
            Expr::binary("?&", this, texts(keys.iter().map(String::as_str)))
        }

        /// Whether a JSON path finds anything. The database refuses what is no path.
        pub fn path_exists(this, jsonpath: &str) {
            Expr::binary("@?", this, path(jsonpath))
        }

        /// Whether a JSON path that is a condition, such as `$.price > 10`, is true. The database refuses what is no path.
        pub fn path_matches(this, jsonpath: &str) {
            Expr::binary("@@", this, path(jsonpath))
        }
    }
    comparisons {}
}
