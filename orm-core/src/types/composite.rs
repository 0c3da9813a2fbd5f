//! Composite types: several values in one, each with a name.

use super::array::Reader;
use super::scalar::WireError;
use super::{ColumnValue, NamedType, ScalarType, SqlType, without_domain};
use bytes::{BufMut, BytesMut};
use postgres_types::{Kind, Type};

/// A Rust struct that is a composite type of the database: `#[derive(Composite)]`.
///
/// Its fields are scalars, arrays, other composites, and `Option`s of them. `create_all` makes the type before the tables, and what it is
/// made of before that; `drop_all` drops them in the other order. The name of the type is that of the struct in snake case, and
/// those of its fields are theirs; `#[composite(name = "…")]` on the struct and `#[composite(rename = "…")]` on a field say otherwise.
///
/// It is one value of one column. For a struct that is several columns there is [`Embedded`](crate::Embedded).
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// use orm_core::types::Composite;
///
/// #[derive(Composite, Clone, Debug, PartialEq)]
/// pub struct Address {
///     pub street: String,
///     pub number: Option<i32>,
/// }
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Customer {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     pub home: Address,
///     pub earlier: Vec<Address>, // "address"[]
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let home = Address { street: "Tea Road".into(), number: Some(7) };
/// let mut session = engine.session();
/// let ann = session.add(Customer::builder().home(home.clone()).earlier(vec![home.clone()]));
/// session.commit().await?;
/// session[ann].home.number = None;
/// session.commit().await?; // UPDATE "customer" SET "home" = …
/// let found = engine.fetch_one(select::<Customer>().filter(Customer::HOME.ne(home.clone()))).await?;
/// assert_eq!((found.home.number, found.earlier), (None, vec![home]));
/// assert_eq!(Address::TYPE.name(), "address");
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no composite type of the database",
    note = "add `#[derive(Composite)]` to it"
)]
pub trait Composite: ScalarType {
    /// The type in the database.
    const TYPE: &'static NamedType;
}

/// Writes a field: the number of its type, and its value.
#[doc(hidden)]
pub fn put_field(ty: SqlType, value: ColumnValue<'_>, out: &mut BytesMut) -> Result<(), WireError> {
    out.put_u32(ty.element().oid());
    let ColumnValue::Value(value) = value else {
        out.put_i32(-1);
        return Ok(());
    };
    let at = out.len();
    out.put_i32(0);
    value.encode(out)?;
    let len = i32::try_from(out.len() - at - 4)?;
    out[at..at + 4].copy_from_slice(&len.to_be_bytes());
    Ok(())
}

/// The fields of a value, read one after the other.
#[doc(hidden)]
#[derive(Debug)]
pub struct CompositeFields<'a> {
    ty: &'a Type,
    raw: &'a [u8],
    at: usize,
}

impl<'a> CompositeFields<'a> {
    /// Of a value that has so many.
    pub fn of(ty: &'a Type, raw: &'a [u8], expected: usize) -> Result<Self, WireError> {
        let mut raw = Reader(raw);
        let count = usize::try_from(raw.int()?)?;
        if count != expected {
            return Err(format!("`{}` has {count} fields instead of {expected}", ty.name()).into());
        }
        Ok(Self { ty: without_domain(ty), raw: raw.0, at: 0 })
    }

    /// The next one. It takes `ColumnType::from_scalar` as a function, so that a field whose type is no column type is reported once.
    pub fn read<F, S: ScalarType>(
        &mut self,
        name: &str,
        from_scalar: fn(Option<S>) -> Option<F>,
    ) -> Result<F, WireError> {
        let mut raw = Reader(self.raw);
        let (_oid, value) = (raw.int()?, raw.value()?);
        let ty = match self.ty.kind() {
            Kind::Composite(fields) => fields.get(self.at).map(|field| field.type_().clone()),
            _ => None,
        };
        let ty = ty.unwrap_or_else(|| S::SQL.element());
        (self.raw, self.at) = (raw.0, self.at + 1);
        if !S::reads(&ty) {
            return Err(format!("`{name}` is `{ty}` and not `{}`", S::SQL).into());
        }
        let value = value.map(|raw| S::from_wire(without_domain(&ty), raw)).transpose();
        let value = value.map_err(|why| WireError::from(format!("`{name}`: {why}")))?;
        from_scalar(value).ok_or_else(|| format!("NULL in `{name}`, which cannot be NULL").into())
    }
}
