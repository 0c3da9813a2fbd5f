//! JSON of values whose floats are all numbers.
//!
//! JSON has no word for `NaN` and the infinities, and `serde_json` writes `null` for them, as for what is not there. Only a value with
//! a `null` in its JSON is looked through for them.

use super::scalar::WireError;
use serde::Serialize;
use serde::ser::{self, Serializer};
use serde_json::Error;
use serde_json::ser::Formatter;
use std::cell::Cell;
use std::fmt::Display;
use std::io::{self, Write};

/// Writes a value as JSON.
///
/// # Errors
/// A float that is no number, and what the value itself refuses.
pub(super) fn write_json(value: &impl Serialize, out: impl Write) -> Result<(), WireError> {
    let has_null = Cell::new(false);
    value.serialize(&mut serde_json::Serializer::with_formatter(out, Nulls(&has_null)))?;
    if has_null.get() {
        value.serialize(Floats)?;
    }
    Ok(())
}

/// Notes that there is a `null`.
struct Nulls<'a>(&'a Cell<bool>);

impl Formatter for Nulls<'_> {
    fn write_null<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.set(true);
        writer.write_all(b"null")
    }
}

/// Goes through a value, and refuses floats that are no numbers.
struct Floats;

fn check(is_finite: bool) -> Result<(), Error> {
    match is_finite {
        true => Ok(()),
        false => Err(ser::Error::custom("a float that is NaN or infinite, which JSON has no number for")),
    }
}

/// Methods that are given nothing that could be a float.
macro_rules! no_floats {
    ($($method:ident($($ty:ty),*);)*) => {$(
        fn $method(self, $(_: $ty),*) -> Result<(), Error> {
            Ok(())
        }
    )*};
}

/// Methods that are given a number of parts, which follow.
macro_rules! parts_follow {
    ($($method:ident($($ty:ty),*);)*) => {$(
        fn $method(self, $(_: $ty),*) -> Result<Self, Error> {
            Ok(self)
        }
    )*};
}

impl Serializer for Floats {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        check(value.is_finite())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        check(value.is_finite())
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn collect_str<T: ?Sized + Display>(self, _: &T) -> Result<(), Error> {
        Ok(())
    }

    no_floats! {
        serialize_bool(bool);
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_i128(i128);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_u128(u128);
        serialize_char(char);
        serialize_str(&str);
        serialize_bytes(&[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(&'static str);
        serialize_unit_variant(&'static str, u32, &'static str);
    }

    parts_follow! {
        serialize_seq(Option<usize>);
        serialize_tuple(usize);
        serialize_tuple_struct(&'static str, usize);
        serialize_tuple_variant(&'static str, u32, &'static str, usize);
        serialize_map(Option<usize>);
        serialize_struct(&'static str, usize);
        serialize_struct_variant(&'static str, u32, &'static str, usize);
    }
}

/// Values with parts, and the methods that are given them, some of them with a name.
macro_rules! parts {
    ($($ty:ident: $($method:ident($($name:ty)?)),+;)*) => {$(
        impl ser::$ty for Floats {
            type Ok = ();
            type Error = Error;

            $(fn $method<T: ?Sized + Serialize>(&mut self, $(_: $name,)? part: &T) -> Result<(), Error> {
                part.serialize(Floats)
            })+

            fn end(self) -> Result<(), Error> {
                Ok(())
            }
        }
    )*};
}

parts! {
    SerializeSeq: serialize_element();
    SerializeTuple: serialize_element();
    SerializeTupleStruct: serialize_field();
    SerializeTupleVariant: serialize_field();
    SerializeMap: serialize_key(), serialize_value();
    SerializeStruct: serialize_field(&'static str);
    SerializeStructVariant: serialize_field(&'static str);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[derive(Serialize, Clone, Copy)]
    enum Shape {
        Point,
        New(f64),
        Tuple(u8, f32),
        Struct { radius: Option<f64> },
    }

    fn written(value: impl Serialize) -> Option<String> {
        let mut out = Vec::new();
        write_json(&value, &mut out).ok().map(|()| String::from_utf8(out).unwrap())
    }

    #[test]
    fn no_number_is_refused_wherever_it_stands() {
        for float in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(written(float), None);
            assert_eq!(written((1, Some(float))), None);
            assert_eq!(written([[Some(0.0), None], [None, Some(float)]]), None);
            assert_eq!(written(BTreeMap::from([("a", None), ("b", Some(float))])), None);
            #[allow(clippy::cast_possible_truncation, reason = "it is no number in either type")]
            let shapes =
                [Shape::New(float), Shape::Tuple(1, float as f32), Shape::Struct { radius: Some(float) }];
            for shape in shapes {
                assert_eq!(written(shape), None);
                assert_eq!(written([Shape::Point, shape]), None);
            }
        }
    }

    #[test]
    fn everything_else_is_what_serde_writes() {
        let shapes =
            [Shape::Point, Shape::New(f64::MAX), Shape::Tuple(7, 0.5), Shape::Struct { radius: None }];
        let value = (shapes, Some(()), None::<f64>, [u128::MAX], b"\x00", 'ß', BTreeMap::from([(1, "\"")]));
        assert_eq!(written(&value), Some(serde_json::to_string(&value).unwrap()));
    }
}
