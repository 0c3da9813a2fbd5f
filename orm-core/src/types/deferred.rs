//! Columns that a query leaves out until somebody asks for them.

use super::{ColumnType, ColumnValue};
use std::fmt;

/// A column that queries leave out unless they are told otherwise: a long text, a picture.
///
/// The type of the field says that reading has two outcomes, so nothing is ever read from the database by surprise:
/// [`Column::of`](crate::mapper::Column::of) gives the value or a typed error, which names the call that loads it. A value can be
/// set whether the old one is loaded or not, and a flush never writes one that is not loaded.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Book {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     pub title: String,
///     pub summary: Deferred<String>,
///     #[model(deferred = "media")] // a group, which is loaded together
///     pub cover: Deferred<Option<Vec<u8>>>,
///     #[model(deferred = false)] // read, unless a query leaves it out
///     pub notes: Deferred<Option<String>>,
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// Book::builder().title("Tea").summary("All about it").build().insert(&engine).await?;
/// let mut session = engine.session();
/// let book = session.query::<Book>().one().await?; // SELECT "id", "title", "notes"
/// let error = Book::SUMMARY.of(&session[book]).unwrap_err();
/// assert!(error.to_string().contains("call `session.load_columns(handle, Book::SUMMARY).await?`"));
/// session.load_columns(book, Book::SUMMARY).await?;
/// assert_eq!(Book::SUMMARY.of(&session[book])?, "All about it");
/// session[book].cover.set(vec![1, 2, 3]); // not loaded, and can be set all the same
/// session.commit().await?;
/// # Ok(()) }
/// ```
///
/// It is made of a value, and gives it back:
///
/// ```
/// use orm_core::types::Deferred;
/// let mut text = Deferred::from("Tea");
/// assert_eq!((text.get(), text.is_loaded()), (Some(&"Tea".to_owned()), true));
/// if let Some(text) = text.get_mut() {
///     text.push('s');
/// }
/// assert_eq!(text.clone().into_option().as_deref(), Some("Teas"));
/// assert!(text == "Teas".to_owned() && Deferred::<i32>::NotLoaded != 7);
/// assert_eq!(Deferred::<i32>::NotLoaded.to_string(), "not loaded");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Deferred<T> {
    /// The database has a value that was not read.
    #[default]
    NotLoaded,
    /// A value, read or given by the program.
    Loaded(T),
}

impl<T> Deferred<T> {
    /// Whether there is a value.
    pub const fn is_loaded(&self) -> bool {
        matches!(self, Self::Loaded(_))
    }

    /// The value, if it is loaded.
    pub const fn get(&self) -> Option<&T> {
        match self {
            Self::Loaded(value) => Some(value),
            Self::NotLoaded => None,
        }
    }

    /// The value for writing, if it is loaded.
    pub const fn get_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Loaded(value) => Some(value),
            Self::NotLoaded => None,
        }
    }

    /// The value by value, if it is loaded.
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Loaded(value) => Some(value),
            Self::NotLoaded => None,
        }
    }

    /// Sets a value, whether there was one or not.
    pub fn set(&mut self, value: impl Into<T>) {
        *self = Self::Loaded(value.into());
    }
}

impl<T> From<T> for Deferred<T> {
    fn from(value: T) -> Self {
        Self::Loaded(value)
    }
}

impl From<&str> for Deferred<String> {
    fn from(value: &str) -> Self {
        Self::Loaded(value.to_owned())
    }
}

impl<T> From<T> for Deferred<Option<T>> {
    fn from(value: T) -> Self {
        Self::Loaded(Some(value))
    }
}

impl<T: PartialEq> PartialEq<T> for Deferred<T> {
    fn eq(&self, other: &T) -> bool {
        self.get() == Some(other)
    }
}

impl<T: fmt::Display> fmt::Display for Deferred<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loaded(value) => value.fmt(f),
            Self::NotLoaded => f.pad("not loaded"),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<C: ColumnType> ColumnType for Deferred<C> {
    type Scalar = C::Scalar;
    type Fetched = C::Fetched;
    type With<G: ColumnType> = C::With<G>;
    const NULLABLE: bool = C::NULLABLE;
    const AUTO: bool = C::AUTO;
    const DEFERRED: bool = true;

    fn value(&self) -> ColumnValue<'_> {
        self.get().map_or(ColumnValue::NotLoaded, C::value)
    }

    fn from_scalar(value: Option<C::Scalar>) -> Option<Self> {
        C::from_scalar(value).map(Self::Loaded)
    }

    fn not_loaded() -> Option<Self> {
        Some(Self::NotLoaded)
    }

    fn unset(&mut self) {
        if let Self::Loaded(value) = self {
            value.unset();
        }
    }
}
