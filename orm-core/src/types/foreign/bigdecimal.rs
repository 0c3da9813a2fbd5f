//! `BigDecimal` of the crate `bigdecimal`: every number that a `numeric` can be, without `NaN` and the infinities.

use crate::types::own::range_element;
use crate::types::{Numeric, ScalarType, SqlType, WireError};
use bigdecimal::BigDecimal;
use bytes::BytesMut;
use postgres_types::Type;

impl ScalarType for BigDecimal {
    const SQL: SqlType = SqlType::Numeric;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        let (digits, scale) = self.as_bigint_and_exponent();
        format!("{digits}e{}", -i128::from(scale)).parse::<Numeric>()?.to_wire(out)
    }

    fn from_wire(ty: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let exact = Numeric::from_wire(ty, raw)?;
        if !exact.is_finite() {
            return Err(format!("{exact}, which `BigDecimal` cannot say; `Numeric` can").into());
        }
        Ok(exact.to_string().parse()?)
    }

    fn same(&self, other: &Self) -> bool {
        let scale = |value: &Self| value.fractional_digit_count().max(0);
        self == other && scale(self) == scale(other)
    }

    /// A text, because numbers of JSON are floats for many who read them.
    fn to_json(&self) -> serde_json::Value {
        self.to_string().into()
    }
}

range_element! {
    BigDecimal = NumRange, NumMultiRange;
}
