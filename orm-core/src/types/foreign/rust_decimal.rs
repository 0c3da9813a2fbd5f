//! `Decimal` of the crate `rust_decimal`: numbers of up to 28 digits. A longer one in the database, `NaN` and the infinities are errors
//! when they are read; none is rounded.

use crate::types::own::range_element;
use crate::types::{Numeric, ScalarType, SqlType, WireError};
use bytes::BytesMut;
use postgres_types::Type;
use rust_decimal::Decimal;

impl ScalarType for Decimal {
    const SQL: SqlType = SqlType::Numeric;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        self.to_string().parse::<Numeric>()?.to_wire(out)
    }

    fn from_wire(ty: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let text = Numeric::from_wire(ty, raw)?.to_string();
        let value = Self::from_str_exact(&text);
        value.map_err(|_| format!("{text}, which `Decimal` cannot say; `Numeric` can").into())
    }

    fn same(&self, other: &Self) -> bool {
        self == other && self.scale() == other.scale()
    }

    /// A text, because numbers of JSON are floats for many who read them.
    fn to_json(&self) -> serde_json::Value {
        self.to_string().into()
    }
}

range_element! {
    Decimal = NumRange, NumMultiRange;
}
