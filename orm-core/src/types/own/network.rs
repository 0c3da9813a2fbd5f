//! Addresses of hosts, networks and devices.

use crate::types::array::Reader;
use crate::types::moment::read;
use crate::types::{KeyScalar, ScalarType, SqlType, WireError};
use bytes::{BufMut, BytesMut};
use postgres_types::Type;
use std::fmt;
use std::net::IpAddr;

/// The families of addresses on the wire.
const V4: u8 = 2;
const V6: u8 = 3;

/// Writes an `inet`, or a `cidr`.
pub(in crate::types) fn put_address(address: IpAddr, prefix: u8, is_cidr: bool, out: &mut BytesMut) {
    let head = |family, len| [family, prefix, u8::from(is_cidr), len];
    match address {
        IpAddr::V4(address) => {
            out.extend_from_slice(&head(V4, 4));
            out.extend_from_slice(&address.octets());
        }
        IpAddr::V6(address) => {
            out.extend_from_slice(&head(V6, 16));
            out.extend_from_slice(&address.octets());
        }
    }
}

/// Reads an `inet` or a `cidr`: address and length of the prefix.
pub(in crate::types) fn read_address(raw: &[u8]) -> Result<(IpAddr, u8), WireError> {
    let mut raw = Reader(raw);
    let [family, prefix, _is_cidr, _len] = read(raw.take(4)?)?;
    let address: IpAddr = match family {
        V4 => read::<4>(raw.0)?.into(),
        V6 => read::<16>(raw.0)?.into(),
        other => return Err(format!("an address of the family {other}").into()),
    };
    Ok((address, prefix))
}

const fn whole(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

/// An `inet` of one host. One with a network beside the host is an error when it is read; the feature `ipnetwork` has a type for it.
impl ScalarType for IpAddr {
    const SQL: SqlType = SqlType::Inet;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        put_address(*self, whole(*self), false, out);
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        match read_address(raw)? {
            (address, prefix) if prefix == whole(address) => Ok(address),
            (address, prefix) => Err(format!("{address}/{prefix} is no host, but a network").into()),
        }
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn to_json(&self) -> serde_json::Value {
        self.to_string().into()
    }
}

/// A `cidr`: a network. Behind the prefix all bits of the address are 0; the database refuses others.
///
/// ```
/// use orm_core::types::Cidr;
/// let private = Cidr { address: [10, 0, 0, 0].into(), prefix: 8 };
/// assert_eq!(private.to_string(), "10.0.0.0/8");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cidr {
    /// The address of the network.
    pub address: IpAddr,
    /// How many bits of it count.
    pub prefix: u8,
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl ScalarType for Cidr {
    const SQL: SqlType = SqlType::Cidr;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        put_address(self.address, self.prefix, true, out);
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        read_address(raw).map(|(address, prefix)| Self { address, prefix })
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn to_json(&self) -> serde_json::Value {
        self.to_string().into()
    }
}

/// A `macaddr`: the address of a device, of 6 bytes.
///
/// ```
/// use orm_core::types::MacAddr;
/// assert_eq!(MacAddr([8, 0, 0x2b, 1, 2, 3]).to_string(), "08:00:2b:01:02:03");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MacAddr(pub [u8; 6]);

/// A `macaddr8`: the address of a device, of 8 bytes.
///
/// ```
/// use orm_core::types::MacAddr8;
/// assert_eq!(MacAddr8([8, 0, 0x2b, 1, 2, 3, 4, 5]).to_string(), "08:00:2b:01:02:03:04:05");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MacAddr8(pub [u8; 8]);

macro_rules! device {
    ($($ty:ident = $sql:ident;)*) => {$(
        impl fmt::Display for $ty {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let bytes = self.0.iter().enumerate();
                bytes.into_iter().try_for_each(|(at, byte)| write!(f, "{}{byte:02x}", if at == 0 { "" } else { ":" }))
            }
        }

        impl ScalarType for $ty {
            const SQL: SqlType = SqlType::$sql;

            fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
                out.put_slice(&self.0);
                Ok(())
            }

            fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
                read(raw).map(Self)
            }

            fn same(&self, other: &Self) -> bool {
                self == other
            }

            fn to_json(&self) -> serde_json::Value {
                self.to_string().into()
            }
        }

        impl KeyScalar for $ty {}
    )*};
}

device! {
    MacAddr = MacAddr;
    MacAddr8 = MacAddr8;
}

impl KeyScalar for IpAddr {}
impl KeyScalar for Cidr {}
