//! Arrays: their elements, and arrays made of them.

use super::{bound, call};
use crate::mapper::{Column, Source};
use crate::query::scope::{Contains, placed};
use crate::query::{Operand, Predicate, Scoped, SqlExpr};
use crate::sql::{Expr, Param};
use crate::types::{ColumnType, ScalarType, SqlType};
use std::ops::{Bound, RangeBounds};

/// What is said of one element of an array of arrays.
const NO_ELEMENT: &str =
    "an array of arrays has no elements by one place: take a `slice`, or the whole array";

/// Types whose values are arrays in the database: `Vec<T>` and `Vec<Option<T>>`.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
/// # pub struct Post { #[model(primary_key)] pub id: Auto<i64>, pub tags: Vec<String> }
/// use orm_core::mapper::{Column, Source};
/// use orm_core::query::{ArrayScalar, SqlExpr};
/// fn size<M: Source, T: ArrayScalar>(column: Column<M, T>) -> SqlExpr<M, i32> {
///     column.cardinality()
/// }
/// assert_eq!(size(Post::TAGS).to_string(), r#"cardinality("tags")"#);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no array in the database",
    label = "no array",
    note = "arrays are `Vec<T>` and `Vec<Option<T>>` of another column type"
)]
pub trait ArrayScalar: ScalarType {
    /// What stands in it.
    type Element: ScalarType;
}

impl<T: ScalarType> ArrayScalar for Vec<T> {
    type Element = T;
}

impl<T: ScalarType> ArrayScalar for Vec<Option<T>> {
    type Element = T;
}

operators! {
    ArrayScalar;
    values {
        /// The number of elements, of all dimensions.
        ///
        /// ```
        /// # use orm_core::prelude::*;
        /// # orm_core::declarative_base!(pub Base);
        /// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
        /// # pub struct Post { #[model(primary_key)] pub id: Auto<i64>, pub tags: Vec<String> }
        /// # #[tokio::main(flavor = "current_thread")]
        /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        /// # let database = orm_testkit::database_of::<Base>().await?;
        /// # let engine = Engine::connect(database.url()).await?;
        /// let mut session = engine.session();
        /// let post = session.add(Post::builder().tags(vec!["rust".to_owned(), "sql".to_owned()]));
        /// session.commit().await?;
        /// let found = Post::TAGS.has("sql") & Post::TAGS.contains(vec!["rust".to_owned()]) & Post::TAGS.cardinality().eq(2);
        /// let row = columns((Post::TAGS.joined(", "), Post::TAGS.position("sql".to_owned()))).filter(found);
        /// assert_eq!(row.fetch_one(&engine).await?, ("rust, sql".to_owned(), Some(2)));
        ///
        /// let tags = Post::TAGS.appended("orm".to_owned()).removed("sql".to_owned()).prepended("new".to_owned());
        /// session.set(post, Post::TAGS, tags)?; // the database computes it in the flush
        /// session.commit().await?;
        /// assert_eq!(session[post].tags, ["new", "rust", "orm"]);
        /// # Ok(()) }
        /// ```
        pub fn cardinality(this) -> i32 {
            call("cardinality", vec![this])
        }

        /// The elements as text, with a separator between them; what is `NULL` is left out.
        pub fn joined(this, separator: &str) -> String {
            call("array_to_string", vec![this, bound(&separator.to_owned())])
        }

        /// Where an element stands first, counted from 1; `NULL` where it does not.
        pub fn position(this, element: V::Element) -> Option<i32> {
            call("array_position", vec![this, bound(&element)])
        }

        /// The element at a place, counted from 1; `NULL` where there is none. Of arrays of arrays there is none, but a [`slice`](Self::slice).
        ///
        /// ```
        /// # use orm_core::prelude::*;
        /// # orm_core::declarative_base!(pub Base);
        /// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
        /// # pub struct Post { #[model(primary_key)] pub id: Auto<i64>, pub tags: Vec<String> }
        /// # #[tokio::main(flavor = "current_thread")]
        /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        /// # let database = orm_testkit::database_of::<Base>().await?;
        /// # let engine = Engine::connect(database.url()).await?;
        /// let tags = ["new", "rust", "sql"].map(str::to_owned).to_vec();
        /// Post::builder().tags(tags).build().insert(&engine).await?;
        /// let new = columns((Post::TAGS.element(2), Post::TAGS.slice(2..))).filter(Post::TAGS.element(1).eq("new"));
        /// assert_eq!(new.fetch_one(&engine).await?, (Some("rust".to_owned()), vec!["rust".to_owned(), "sql".to_owned()]));
        /// # Ok(()) }
        /// ```
        pub fn element(this, at: i32) -> Option<V::Element> {
            match <V::Element as ScalarType>::SQL {
                SqlType::Array(_) => Expr::Invalid(NO_ELEMENT.to_owned()),
                _ => Expr::Element { array: Box::new(this), at: Param::of(&at) },
            }
        }

        /// The elements from one place to another, counted from 1; those that are there.
        pub fn slice(this, places: impl RangeBounds<i32>) -> V {
            let from = match places.start_bound() {
                Bound::Included(from) => Some(*from),
                Bound::Excluded(before) => Some(before.saturating_add(1)),
                Bound::Unbounded => None,
            };
            let to = match places.end_bound() {
                Bound::Included(to) => Some(*to),
                Bound::Excluded(behind) => Some(behind.saturating_sub(1)),
                Bound::Unbounded => None,
            };
            let place = |place: Option<i32>| place.map(|place| Param::of(&place));
            Expr::Slice { array: Box::new(this), from: place(from), to: place(to) }
        }

        /// The array with one more element at its end.
        pub fn appended(this, element: V::Element) -> V {
            call("array_append", vec![this, bound(&element)])
        }

        /// The array with one more element in front.
        pub fn prepended(this, element: V::Element) -> V {
            call("array_prepend", vec![bound(&element), this])
        }

        /// The array without the elements that are equal to this one.
        pub fn removed(this, element: V::Element) -> V {
            call("array_remove", vec![this, bound(&element)])
        }
    }
    conditions {}
    comparisons {
        /// Whether an element is equal to a value.
        pub fn has(this, element: [impl Operand<S, V::Element, J>]) {
            Expr::binary("=", element, call("ANY", vec![this]))
        }
    }
}
