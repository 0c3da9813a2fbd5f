//! Values that the database fills unless they are set.

use std::fmt;

/// A column that the database fills unless the program sets it: an identity, a server default.
///
/// ```
/// use orm_core::types::Auto;
/// let id: Auto<i64> = Auto::Unset;
/// assert!(!id.is_set());
/// assert_eq!(Auto::Set(7).get(), Some(&7));
/// assert_eq!(Auto::Set(7).into_option(), Some(7));
/// assert_eq!(Auto::Set(7).unwrap(), 7);
/// assert_eq!(Auto::from(7), Auto::Set(7));
/// assert_eq!(Auto::Set(7), 7);
/// assert_eq!(Auto::<i64>::Unset.to_string(), "unset");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Auto<T> {
    /// The database fills it with the next flush.
    #[default]
    Unset,
    /// A value, given by the program or come back from the database.
    Set(T),
}

impl<T> Auto<T> {
    /// Whether there is a value.
    pub const fn is_set(&self) -> bool {
        matches!(self, Self::Set(_))
    }

    /// The value, if there is one.
    pub const fn get(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Unset => None,
        }
    }

    /// The value, if there is one, by value.
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Unset => None,
        }
    }

    /// The value.
    ///
    /// # Panics
    /// When it is unset, that is before the first flush of its object.
    pub fn unwrap(self) -> T {
        self.into_option().expect("an `Auto` is unset until its object was flushed")
    }
}

impl<T> From<T> for Auto<T> {
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}

impl<T: PartialEq> PartialEq<T> for Auto<T> {
    fn eq(&self, other: &T) -> bool {
        self.get() == Some(other)
    }
}

impl<T: fmt::Display> fmt::Display for Auto<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set(value) => value.fmt(f),
            Self::Unset => f.pad("unset"),
        }
    }
}
