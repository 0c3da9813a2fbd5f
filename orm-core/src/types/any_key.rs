//! A key whose type is not a type parameter.

use super::{AnyScalar, Key};
use std::any::Any;
use std::fmt;
#[cfg(feature = "uuid")]
use uuid::Uuid;

/// A primary key of any type, for fields that should not have one as a type parameter: a struct with such a field needs no bound, so that a
/// relation to something that is no model is one mistake and not one wherever the field is used.
///
/// The usual keys stand in it without an allocation of its own.
#[derive(Clone)]
pub(crate) struct AnyKey(Repr);

#[derive(Clone)]
enum Repr {
    Integer(i32),
    BigInt(i64),
    #[cfg(feature = "uuid")]
    Uuid(Uuid),
    Text(String),
    Other(Box<dyn KeyObject>),
}

/// A key as an object.
trait KeyObject: Send + Sync {
    fn part(&self, index: usize) -> &dyn AnyScalar;
    fn boxed(&self) -> Box<dyn KeyObject>;
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
    fn as_any(&self) -> &dyn Any;
}

impl AnyKey {
    pub(crate) fn of<K: Key>(key: K) -> Self {
        let mut key = Some(key);
        let usual = taken(&mut key).map(Repr::BigInt);
        let usual = usual.or_else(|| taken(&mut key).map(Repr::Integer));
        #[cfg(feature = "uuid")]
        let usual = usual.or_else(|| taken(&mut key).map(Repr::Uuid));
        let usual = usual.or_else(|| taken(&mut key).map(Repr::Text));
        Self(usual.unwrap_or_else(|| Repr::Other(Box::new(key.expect("nobody has taken it")))))
    }

    /// The key; `None` where it has another type.
    pub(crate) fn get<K: Key>(&self) -> Option<&K> {
        let key: &dyn Any = match &self.0 {
            Repr::Integer(key) => key,
            Repr::BigInt(key) => key,
            #[cfg(feature = "uuid")]
            Repr::Uuid(key) => key,
            Repr::Text(key) => key,
            Repr::Other(key) => key.as_any(),
        };
        key.downcast_ref()
    }

    /// [`Key::part`]
    pub(crate) fn part(&self, index: usize) -> &dyn AnyScalar {
        match &self.0 {
            Repr::Integer(key) => Key::part(key, index),
            Repr::BigInt(key) => Key::part(key, index),
            #[cfg(feature = "uuid")]
            Repr::Uuid(key) => Key::part(key, index),
            Repr::Text(key) => Key::part(key, index),
            Repr::Other(key) => key.part(index),
        }
    }
}

/// The key, where it is one of this type.
fn taken<K: Key, T: Key>(key: &mut Option<K>) -> Option<T> {
    (key as &mut dyn Any).downcast_mut::<Option<T>>()?.take()
}

impl<K: Key> KeyObject for K {
    fn part(&self, index: usize) -> &dyn AnyScalar {
        Key::part(self, index)
    }

    fn boxed(&self) -> Box<dyn KeyObject> {
        Box::new(self.clone())
    }

    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Clone for Box<dyn KeyObject> {
    fn clone(&self) -> Self {
        (**self).boxed()
    }
}

/// As the key itself.
impl fmt::Debug for AnyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Integer(key) => fmt::Debug::fmt(key, f),
            Repr::BigInt(key) => fmt::Debug::fmt(key, f),
            #[cfg(feature = "uuid")]
            Repr::Uuid(key) => fmt::Debug::fmt(key, f),
            Repr::Text(key) => fmt::Debug::fmt(key, f),
            Repr::Other(key) => key.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<K: Key>(key: K) {
        let any = AnyKey::of(key.clone());
        assert_eq!(any.get(), Some(&key));
        assert_eq!(any.clone().get(), Some(&key));
        assert_eq!(format!("{any:?}"), format!("{key:?}"));
        for part in 0..K::TYPES.len() {
            assert!(any.part(part).same_as(key.part(part)));
        }
    }

    #[test]
    fn a_key_comes_back() {
        check(7_i32);
        check(i64::MIN);
        check(7_i16);
        check(true);
        check("T-1".to_owned());
        #[cfg(feature = "uuid")]
        check(Uuid::max());
        check(vec![0_u8, 255]);
        check((7_i64, "T-1".to_owned()));
    }

    #[test]
    fn a_key_of_another_type_is_none() {
        assert_eq!(AnyKey::of(7_i32).get::<i64>(), None);
        assert_eq!(AnyKey::of((1_i64, 2_i64)).get::<i64>(), None);
        assert_eq!(AnyKey::of("7".to_owned()).get::<Vec<u8>>(), None);
    }

    #[test]
    fn it_is_as_small_as_a_text() {
        assert_eq!(size_of::<Option<AnyKey>>(), size_of::<String>());
    }
}
