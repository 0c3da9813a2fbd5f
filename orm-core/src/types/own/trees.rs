//! Types that extensions bring: maps of texts, and places in a tree.

use crate::types::array::Reader;
use crate::types::named::{Extension, NamedType, WireTypes};
use crate::types::nul::without_nul;
use crate::types::{KeyScalar, ScalarType, SqlType, WireError};
use bytes::{BufMut, BytesMut};
use postgres_types::Type;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::LazyLock;

static HSTORE_WIRE: LazyLock<WireTypes> = LazyLock::new(|| WireTypes::of("hstore"));
const HSTORE: NamedType = NamedType::extension(
    "hstore",
    ["hstore", "hstore[]"],
    Extension { name: Some("hstore"), to_text: hstore_text },
    || &HSTORE_WIRE,
);

/// A `hstore`: a map of texts to texts or nothing. The extension `hstore` has to be there; `create_all` asks for it.
///
/// ```
/// use orm_core::types::{Hstore, ScalarType};
/// let sizes = Hstore([("S".to_owned(), Some("small".to_owned())), ("M".to_owned(), None)].into());
/// assert_eq!(sizes.to_json(), serde_json::json!({"S": "small", "M": null}));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Hstore(pub BTreeMap<String, Option<String>>);

impl ScalarType for Hstore {
    const SQL: SqlType = SqlType::Named(&HSTORE);

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        out.put_i32(i32::try_from(self.0.len())?);
        for (key, value) in &self.0 {
            put_text(key, out)?;
            match value {
                Some(value) => put_text(value, out)?,
                None => out.put_i32(-1),
            }
        }
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let mut raw = Reader(raw);
        let text = |raw: &[u8]| Ok::<_, WireError>(std::str::from_utf8(raw)?.to_owned());
        let count = raw.int()?;
        let pair = |_| {
            let key = text(raw.value()?.ok_or("NULL as a key")?)?;
            Ok::<_, WireError>((key, raw.value()?.map(text).transpose()?))
        };
        (0..count).map(pair).collect::<Result<_, _>>().map(Self)
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn to_json(&self) -> Json {
        self.0
            .iter()
            .map(|(key, value)| (key.clone(), value.clone().into()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }
}

fn put_text(text: &str, out: &mut BytesMut) -> Result<(), WireError> {
    out.put_i32(i32::try_from(text.len())?);
    out.extend_from_slice(without_nul(text)?);
    Ok(())
}

/// `"key"=>"value", "other"=>NULL`
fn hstore_text(raw: &[u8], out: &mut String) -> Result<(), WireError> {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let Hstore(pairs) = Hstore::from_wire(&Type::UNKNOWN, raw)?;
    for (at, (key, value)) in pairs.iter().enumerate() {
        let value = value.as_deref().map_or("NULL".to_owned(), quoted);
        out.extend([if at == 0 { "" } else { ", " }, &quoted(key), "=>", &value]);
    }
    Ok(())
}

static LTREE_WIRE: LazyLock<WireTypes> = LazyLock::new(|| WireTypes::of("ltree"));
const LTREE: NamedType = NamedType::extension(
    "ltree",
    ["ltree", "ltree[]"],
    Extension { name: Some("ltree"), to_text: ltree_text },
    || &LTREE_WIRE,
);

/// The version of the binary form.
const LTREE_VERSION: u8 = 1;

/// A `ltree`: a place in a tree, as labels with points between them. The extension `ltree` has to be there; `create_all` asks for it.
///
/// ```
/// use orm_core::types::{Ltree, ScalarType};
/// assert_eq!(Ltree("drinks.tea.green".to_owned()).to_json(), "drinks.tea.green");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ltree(pub String);

impl KeyScalar for Ltree {}

impl ScalarType for Ltree {
    const SQL: SqlType = SqlType::Named(&LTREE);

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        out.put_u8(LTREE_VERSION);
        out.extend_from_slice(self.0.as_bytes());
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let mut text = String::new();
        ltree_text(raw, &mut text).map(|()| Self(text))
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn to_json(&self) -> Json {
        self.0.as_str().into()
    }
}

fn ltree_text(raw: &[u8], out: &mut String) -> Result<(), WireError> {
    let text = raw.strip_prefix(&[LTREE_VERSION]).ok_or("another version of `ltree`")?;
    out.push_str(std::str::from_utf8(text)?);
    Ok(())
}
