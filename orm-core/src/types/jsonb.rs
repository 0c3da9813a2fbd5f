//! Values of a program's own type in a `jsonb` column.

use super::finite::write_json;
use super::json::{VERSION, check_numbers, no_nul_in_json, text_of};
use super::scalar::WireError;
use super::{ScalarType, SqlType};
use bytes::{BufMut, BytesMut};
use postgres_types::Type;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use std::any::TypeId;
use std::fmt::Debug;
use std::ops::{Deref, DerefMut};

/// A value that serde writes and reads, in a `jsonb` column.
///
/// It is used as the value in it is. A flush compares it with what was loaded, so a change anywhere inside is written. A row
/// whose JSON does not fit the type is a [`Decode`](crate::ErrorKind::Decode) error that names the column.
///
/// JSON has neither `NaN` nor infinities: a value with one is an [`Encode`](crate::ErrorKind::Encode) error that names the column, and
/// nothing is sent. Its numbers have no negative zero. Those of the database have any number of digits; a field that is an `f32` or `f64`
/// takes the nearest one, and so does JSON without a shape inside of the type. JSON without a shape as a whole
/// ([`Json`](serde_json::Value)) rounds nothing: there such a number is an error, and `.cast::<JsonText>()` of the column reads its text.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// use orm_core::types::Jsonb;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
/// pub struct Settings {
///     pub theme: String,
///     pub tags: Vec<String>,
/// }
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Account {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     pub settings: Jsonb<Settings>,
///     pub draft: Option<Jsonb<Settings>>,
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut session = engine.session();
/// let dark = Settings { theme: "dark".into(), tags: Vec::new() };
/// let account = session.add(Account::builder().settings(Jsonb(dark)));
/// session.commit().await?;
/// session[account].settings.tags.push("new".into());
/// session.commit().await?; // UPDATE "account" SET "settings" = …
/// let found = engine.fetch_one(select::<Account>()).await?;
/// assert_eq!((&found.settings.theme[..], &found.settings.tags[..]), ("dark", &["new".to_owned()][..]));
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Jsonb<T>(pub T);

impl<T> Deref for Jsonb<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Jsonb<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> From<T> for Jsonb<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

#[diagnostic::do_not_recommend]
impl<T> ScalarType for Jsonb<T>
where
    T: Serialize + DeserializeOwned + PartialEq + Clone + Debug + Send + Sync + 'static,
{
    const SQL: SqlType = SqlType::Jsonb;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        let start = out.len();
        out.put_u8(VERSION);
        write_json(&self.0, out.writer())?;
        no_nul_in_json(&out[start..])
    }

    fn from_wire(ty: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let text = text_of(ty, raw)?;
        if TypeId::of::<T>() == TypeId::of::<Json>() {
            check_numbers(text)?;
        }
        Ok(serde_json::from_slice(text).map(Self)?)
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn to_json(&self) -> Json {
        serde_json::to_value(&self.0).unwrap_or_default()
    }
}
