//! What a column says of its type beyond the type: lengths, digits.
//!
//! PostgreSQL rounds a `numeric(10, 2)`, pads a `char(3)` and cuts spaces off for a `varchar(3)` without a word. So values are looked at
//! before they are sent: what would come back as another one is refused, and of times what is finer is cut off here.

use super::array::Reader;
use super::scalar::WireError;
use super::{SqlType, text_form};

/// Microseconds of a second.
const SECOND: i64 = 1_000_000;

/// What a column says of its type beyond the type: `length`, `fixed`, `precision` and `scale` of `#[model(…)]`.
///
/// A value that does not fit is an [`Encode`](crate::ErrorKind::Encode) error that names the column, before anything is sent. Digits behind
/// the point are filled up with zeros, and those of a second that are finer are cut off, so that after the flush the object holds what
/// the database holds.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// use orm_core::types::Numeric;
/// use chrono::{DateTime, Utc};
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Price {
///     #[model(primary_key, length = 3, fixed)]
///     pub currency: String,                   // char(3)
///     #[model(precision = 10, scale = 2)]
///     pub amount: Numeric,                    // numeric(10, 2)
///     #[model(precision = 0)]
///     pub since: DateTime<Utc>,               // timestamptz(0)
///     #[model(length = 20)]
///     pub notes: Vec<String>,                 // varchar(20)[]
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut session = engine.session();
/// let new = Price::builder().currency("EUR").amount("7.5".parse::<Numeric>()?).since(Utc::now()).notes(vec![]);
/// let euro = session.add(new);
/// session.commit().await?;
/// assert_eq!(session[euro].amount.to_string(), "7.50");
/// assert_eq!(session[euro].since.timestamp_subsec_nanos(), 0);
///
/// session[euro].amount = "7.505".parse()?;
/// let error = session.commit().await.unwrap_err();
/// assert_eq!((error.kind(), error.column()), (orm_core::ErrorKind::Encode, Some("amount")));
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TypeModifier {
    /// At most so many: characters of a text, bits; and the numbers of a vector, of which there are exactly so many.
    Length(u32),
    /// Exactly so many characters or bits. The last character is no space, because a `char(3)` does not tell `a` from `a `.
    Fixed(u32),
    /// So many digits of a `numeric`, none of them behind the point; or so many digits of a second, behind the point.
    Precision(u16),
    /// So many digits of a `numeric`, and how many of them stand behind the point.
    Digits {
        /// All digits.
        precision: u16,
        /// Those behind the point.
        scale: u16,
    },
}

impl TypeModifier {
    /// Whether columns of a type can have it; arrays have that of their elements.
    ///
    /// ```
    /// use orm_core::types::{SqlType, TypeModifier};
    /// assert!(TypeModifier::Length(80).is_of(SqlType::Text) && !TypeModifier::Length(80).is_of(SqlType::Numeric));
    /// assert!(TypeModifier::Precision(6).is_of(SqlType::Time) && !TypeModifier::Precision(7).is_of(SqlType::Time));
    /// ```
    pub const fn is_of(self, ty: SqlType) -> bool {
        match (self, ty.item()) {
            (Self::Length(_) | Self::Fixed(_), SqlType::Text | SqlType::VarBit) => true,
            (Self::Length(_), SqlType::Named(named)) => is_vector(named.name()),
            (Self::Precision(digits), SqlType::Numeric) => digits > 0 && digits <= 1_000,
            (Self::Digits { precision, scale }, SqlType::Numeric) => precision <= 1_000 && scale <= precision,
            (
                Self::Precision(digits),
                SqlType::Time
                | SqlType::TimeTz
                | SqlType::Timestamp
                | SqlType::TimestampTz
                | SqlType::Interval,
            ) => digits <= 6,
            _ => false,
        }
    }

    /// The name of the type in DDL.
    ///
    /// ```
    /// use orm_core::types::{SqlType, TypeModifier};
    /// assert_eq!(TypeModifier::Digits { precision: 10, scale: 2 }.name(SqlType::Numeric), "numeric(10,2)");
    /// assert_eq!(TypeModifier::Fixed(3).name(SqlType::Array(&SqlType::Text)), "char(3)[]");
    /// ```
    pub fn name(self, ty: SqlType) -> String {
        let item = ty.item();
        let one = match (self, item) {
            (Self::Length(length), SqlType::Text) => format!("varchar({length})"),
            (Self::Fixed(length), SqlType::Text) => format!("char({length})"),
            (Self::Fixed(length), SqlType::VarBit) => format!("bit({length})"),
            (Self::Length(length) | Self::Fixed(length), item) => format!("{item}({length})"),
            (Self::Precision(digits), item) => format!("{item}({digits})"),
            (Self::Digits { precision, scale }, item) => format!("{item}({precision},{scale})"),
        };
        if matches!(ty, SqlType::Array(_)) { one + "[]" } else { one }
    }

    /// The binary form of a value as the database keeps it, where that is another one than `raw`.
    ///
    /// # Errors
    /// Why the value does not fit.
    pub(crate) fn fit(self, ty: SqlType, raw: &[u8]) -> Result<Option<Vec<u8>>, WireError> {
        match (self, ty) {
            (_, SqlType::Array(_)) => self.fit_array(ty.item(), raw),
            (_, SqlType::Text) => self.fit_text(std::str::from_utf8(raw)?).map(|()| None),
            (_, SqlType::VarBit) => {
                self.fit_length(Reader(raw).int()?.cast_unsigned(), ty, "bits").map(|()| None)
            }
            (Self::Length(_), SqlType::Named(_)) => self.fit_vector(ty, raw).map(|()| None),
            (Self::Precision(precision), SqlType::Numeric) => fit_numeric(precision, 0, raw),
            (Self::Digits { precision, scale }, SqlType::Numeric) => fit_numeric(precision, scale, raw),
            (Self::Precision(digits), _) => fit_moment(digits, ty, raw),
            _ => Ok(None),
        }
    }

    fn fit_text(self, text: &str) -> Result<(), WireError> {
        let (Self::Length(most) | Self::Fixed(most)) = self else { return Ok(()) };
        if matches!(self, Self::Length(_)) && text.len() as u64 <= u64::from(most) {
            return Ok(());
        }
        self.fit_length(u32::try_from(text.chars().count())?, SqlType::Text, "characters")?;
        if matches!(self, Self::Fixed(_)) && text.ends_with(' ') {
            let name = self.name(SqlType::Text);
            return Err(format!("a space at the end is not kept by `{name}`").into());
        }
        Ok(())
    }

    fn fit_length(self, length: u32, ty: SqlType, what: &str) -> Result<(), WireError> {
        let is_fit = match self {
            Self::Length(most) => length <= most,
            Self::Fixed(exact) => length == exact,
            Self::Precision(_) | Self::Digits { .. } => true,
        };
        let name = self.name(ty);
        if is_fit { Ok(()) } else { Err(format!("{length} {what} do not fit `{name}`").into()) }
    }

    /// Vectors begin with how many numbers they have.
    fn fit_vector(self, ty: SqlType, raw: &[u8]) -> Result<(), WireError> {
        let mut raw = Reader(raw);
        let found = match ty.name() {
            "sparsevec" => raw.int()?.cast_unsigned(),
            _ => raw.short()?.into(),
        };
        match self {
            Self::Length(exact) if found != exact => {
                Err(format!("{found} dimensions instead of the {exact} of `{}`", self.name(ty)).into())
            }
            _ => Ok(()),
        }
    }

    /// The header stays as it is, and each value is put behind its length.
    fn fit_array(self, item: SqlType, raw: &[u8]) -> Result<Option<Vec<u8>>, WireError> {
        let mut rest = Reader(raw);
        let dimensions = usize::try_from(rest.int()?)?;
        rest.take(8 + 8 * dimensions)?;
        let (mut fitted, mut is_other) = (raw[..raw.len() - rest.0.len()].to_vec(), false);
        while !rest.0.is_empty() {
            let Some(value) = rest.value()? else {
                fitted.extend((-1_i32).to_be_bytes());
                continue;
            };
            let other = self.fit(item, value)?;
            is_other |= other.is_some();
            let value = other.as_deref().unwrap_or(value);
            fitted.extend(i32::try_from(value.len())?.to_be_bytes());
            fitted.extend(value);
        }
        Ok(is_other.then_some(fitted))
    }
}

/// Whether it is a type of vectors, whose length is how many numbers they have.
const fn is_vector(name: &str) -> bool {
    matches!(name.as_bytes(), b"vector" | b"halfvec" | b"sparsevec")
}

/// With as many digits behind the point as the column has.
fn fit_numeric(precision: u16, scale: u16, raw: &[u8]) -> Result<Option<Vec<u8>>, WireError> {
    let mut rest = Reader(raw);
    let (count, weight, sign) = (rest.short()?, rest.short()?.cast_signed(), rest.short()?);
    let shown = rest.short()?;
    let refused = |why: String| {
        let mut text = String::new();
        text_form::push_numeric(Reader(raw), &mut text)?;
        Err(format!("{text} does not fit `numeric({precision},{scale})`{why}").into())
    };
    match sign {
        NAN => return Ok(None),
        0 | NEGATIVE => {}
        _ => return refused(String::new()),
    }
    let groups: Vec<u16> = (0..count).map(|_| rest.short()).collect::<Result<_, _>>()?;
    let place = |at: usize| Ok::<_, WireError>(i32::from(weight) - i32::try_from(at)?);
    if let (Some(first), Some(last)) =
        (groups.iter().position(|g| *g > 0), groups.iter().rposition(|g| *g > 0))
    {
        let before = place(first)? * 4 + i32::try_from(groups[first].ilog10())? + 1;
        let zeros = (1..4_u32).take_while(|n| groups[last].is_multiple_of(10_u16.pow(*n))).count();
        let behind = -4 * place(last)? - i32::try_from(zeros)?;
        if behind > i32::from(scale) {
            return refused(format!(": it has {behind} digits behind the point"));
        }
        if before > i32::from(precision - scale) {
            return refused(format!(": it has {before} digits before the point"));
        }
    }
    Ok((shown != scale).then(|| [&raw[..6], &scale.to_be_bytes(), &raw[8..]].concat()))
}

/// The signs of a numeric on the wire that are no infinity.
const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xC000;

/// Without what is finer: downwards, and an interval towards 0.
fn fit_moment(digits: u16, ty: SqlType, raw: &[u8]) -> Result<Option<Vec<u8>>, WireError> {
    let micros = Reader(raw).long()?;
    let unit = SECOND / 10_i64.pow(digits.into());
    let finer = match (micros, ty) {
        (i64::MIN | i64::MAX, _) => 0,
        (_, SqlType::Interval) => micros % unit,
        _ => micros.rem_euclid(unit),
    };
    Ok((finer != 0).then(|| [&(micros - finer).to_be_bytes()[..], &raw[8..]].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{Bits, Interval, Numeric, ScalarType};
    use bytes::BytesMut;

    fn fitted<T: ScalarType>(modifier: TypeModifier, value: &T) -> Result<T, String> {
        let mut raw = BytesMut::new();
        value.to_wire(&mut raw).unwrap();
        let other = modifier.fit(T::SQL, &raw).map_err(|why| why.to_string())?;
        Ok(T::from_wire(&T::SQL.element(), other.as_deref().unwrap_or(&raw)).unwrap())
    }

    #[test]
    fn numbers_get_the_digits_of_their_column() {
        let number = |text: &str| text.parse::<Numeric>().unwrap();
        let digits = TypeModifier::Digits { precision: 6, scale: 2 };
        for (given, kept) in [
            ("0", "0.00"),
            ("1.5", "1.50"),
            ("-9999.99", "-9999.99"),
            ("1.5000000000", "1.50"),
            ("0.01", "0.01"),
            ("NaN", "NaN"),
        ] {
            assert_eq!(fitted(digits, &number(given)).unwrap().to_string(), kept);
        }
        for wrong in ["0.001", "10000", "1e30", "-0.00000000001", "9999.999", "Infinity", "-Infinity"] {
            assert!(
                fitted(digits, &number(wrong)).unwrap_err().contains("does not fit `numeric(6,2)`"),
                "{wrong}"
            );
        }
        let whole = TypeModifier::Precision(3);
        assert_eq!(fitted(whole, &number("120")).unwrap().to_string(), "120");
        assert!(fitted(whole, &number("0.5")).is_err() && fitted(whole, &number("1000")).is_err());
        let behind = TypeModifier::Digits { precision: 3, scale: 3 };
        assert_eq!(fitted(behind, &number("0.125")).unwrap(), number("0.125"));
        assert!(fitted(behind, &number("1")).is_err());
    }

    #[test]
    fn texts_and_bits_are_measured() {
        let text = str::to_owned;
        let (most, exact) = (TypeModifier::Length(3), TypeModifier::Fixed(3));
        assert_eq!(fitted(most, &text("öäü")), Ok(text("öäü")));
        assert_eq!(fitted(most, &text("ab  ")).unwrap_err(), "4 characters do not fit `varchar(3)`");
        assert_eq!(fitted(exact, &text("EUR")), Ok(text("EUR")));
        assert!(fitted(exact, &text("EU")).is_err() && fitted(exact, &text("EU ")).is_err());
        let bits = |text: &str| text.parse::<Bits>().unwrap();
        assert!(fitted(most, &bits("01")).is_ok() && fitted(exact, &bits("01")).is_err());
        assert_eq!(fitted(most, &bits("0101")).unwrap_err(), "4 bits do not fit `varbit(3)`");
    }

    #[cfg(feature = "chrono")]
    #[test]
    fn times_are_cut_downwards_and_intervals_towards_zero() {
        let second = TypeModifier::Precision(1);
        let moment = |micros: i64| chrono::DateTime::from_timestamp_micros(micros).unwrap();
        assert_eq!(fitted(second, &moment(1_990_000)), Ok(moment(1_900_000)));
        assert_eq!(fitted(second, &moment(-1)), Ok(moment(-100_000)));
        let interval = |micros| Interval { months: 1, days: -1, micros };
        assert_eq!(fitted(second, &interval(-1_990_000)), Ok(interval(-1_900_000)));
    }

    #[test]
    fn arrays_are_looked_at_value_by_value() {
        let digits = TypeModifier::Digits { precision: 4, scale: 1 };
        let all = |texts: [&str; 2]| texts.map(|text| Some(text.parse::<Numeric>().unwrap())).to_vec();
        let mut given = all(["1", "22.5"]);
        given.insert(1, None);
        let kept = fitted(digits, &given).unwrap();
        let shown: Vec<String> = kept.iter().flatten().map(Numeric::to_string).collect();
        assert_eq!((shown, kept[1].is_none()), (vec!["1.0".to_owned(), "22.5".to_owned()], true));
        assert!(fitted(digits, &all(["1", "0.05"])).is_err());
        assert_eq!(fitted(digits, &Vec::<Numeric>::new()), Ok(vec![]));
        assert_eq!(
            fitted(TypeModifier::Length(1), &vec![vec!["a".to_owned()]]),
            Ok(vec![vec!["a".to_owned()]])
        );
    }
}
