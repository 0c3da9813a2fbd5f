//! Documents and questions of full text search.

use crate::types::array::Reader;
use crate::types::nul::without_nul;
use crate::types::{ScalarType, SqlType, WireError, text_form};
use bytes::{BufMut, BytesMut};
use postgres_types::Type;
use std::collections::BTreeMap;
use std::fmt;

/// How much a place in a document counts.
///
/// ```
/// use orm_core::types::Weight;
/// assert!(Weight::A > Weight::D);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Weight {
    /// The least, and the usual one.
    #[default]
    D,
    /// More.
    C,
    /// Even more.
    B,
    /// The most.
    A,
}

impl Weight {
    const ALL: [Self; 4] = [Self::D, Self::C, Self::B, Self::A];
}

/// A `tsvector`: the lexemes of a document, with the places where they stand. The database makes it of a text by `to_tsvector`.
///
/// Places are numbers from 1 to 16,383, rising; a lexeme has up to 255 of them. Others are refused when it is written.
///
/// ```
/// use orm_core::types::{TsVector, Weight};
/// let document = TsVector([("tea".to_owned(), vec![(1, Weight::A), (7, Weight::D)])].into());
/// assert_eq!(document.to_string(), "'tea':1A,7");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TsVector(pub BTreeMap<String, Vec<(u16, Weight)>>);

/// The last place that a document has, and how many a lexeme can have.
const LAST_PLACE: u16 = 0x3FFF;
const MOST_PLACES: usize = 255;

impl ScalarType for TsVector {
    const SQL: SqlType = SqlType::TsVector;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        out.put_i32(i32::try_from(self.0.len())?);
        for (lexeme, places) in &self.0 {
            put_lexeme(lexeme, out)?;
            let rise = places.windows(2).all(|pair| pair[0].0 < pair[1].0);
            let fit = places.iter().all(|(place, _)| (1..=LAST_PLACE).contains(place));
            if !rise || !fit || places.len() > MOST_PLACES {
                return Err(format!(
                    "the places of `{lexeme}` are not up to 255 rising numbers from 1 to 16383"
                )
                .into());
            }
            out.put_u16(u16::try_from(places.len())?);
            places.iter().for_each(|(place, weight)| out.put_u16((*weight as u16) << 14 | place));
        }
        Ok(())
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let mut raw = Reader(raw);
        let count = raw.int()?;
        let place = |word: u16| (word & LAST_PLACE, Weight::ALL[usize::from(word >> 14)]);
        let lexeme = |_| {
            let lexeme = raw.text()?.to_owned();
            let count = raw.short()?;
            let places = (0..count).map(|_| raw.short().map(place)).collect::<Result<_, _>>()?;
            Ok::<_, WireError>((lexeme, places))
        };
        (0..count).map(lexeme).collect::<Result<_, _>>().map(Self)
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn to_json(&self) -> serde_json::Value {
        self.to_string().into()
    }
}

impl fmt::Display for TsVector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        shown(self, text_form::push_tsvector, f)
    }
}

fn put_lexeme(lexeme: &str, out: &mut BytesMut) -> Result<(), WireError> {
    out.extend_from_slice(without_nul(lexeme)?);
    out.put_u8(0);
    Ok(())
}

fn shown<T: ScalarType>(
    value: &T,
    push: fn(Reader<'_>, &mut String) -> Result<(), WireError>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let (mut raw, mut text) = (BytesMut::new(), String::new());
    value.to_wire(&mut raw).and_then(|()| push(Reader(&raw), &mut text)).map_err(|_| fmt::Error)?;
    f.write_str(&text)
}

/// A `tsquery`: what a document has to have. The database makes it of a text by `to_tsquery` and its like.
///
/// ```
/// use orm_core::types::TsQuery;
/// let question = TsQuery::lexeme("tea").and(TsQuery::lexeme("sug").prefix().not());
/// assert_eq!(question.to_string(), "('tea' & !('sug':*))");
/// let either = TsQuery::lexeme("green").followed_by(TsQuery::lexeme("tea"), 1).or(question);
/// assert!(matches!(either, TsQuery::Or(..)));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum TsQuery {
    /// Nothing, which no document has.
    #[default]
    Nothing,
    /// A lexeme.
    Lexeme(Lexeme),
    /// What must not be there.
    Not(Box<TsQuery>),
    /// Both.
    And(Box<TsQuery>, Box<TsQuery>),
    /// One of them, or both.
    Or(Box<TsQuery>, Box<TsQuery>),
    /// The second one so many places behind the first.
    Phrase(Box<TsQuery>, Box<TsQuery>, u16),
}

/// A lexeme of a question.
///
/// ```
/// use orm_core::types::{Lexeme, TsQuery, Weight};
/// let titled = Lexeme { text: "tea".into(), is_prefix: false, weights: vec![Weight::A] };
/// assert_eq!(TsQuery::Lexeme(titled).to_string(), "'tea':A");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Lexeme {
    /// Its text.
    pub text: String,
    /// Whether a lexeme that begins so is meant as well.
    pub is_prefix: bool,
    /// The places that count; none are all.
    pub weights: Vec<Weight>,
}

impl TsQuery {
    /// The question for a lexeme, wherever it stands.
    pub fn lexeme(text: impl Into<String>) -> Self {
        Self::Lexeme(Lexeme { text: text.into(), ..Lexeme::default() })
    }

    /// The question for lexemes that begin so; other questions stay as they are.
    #[must_use]
    pub fn prefix(self) -> Self {
        match self {
            Self::Lexeme(lexeme) => Self::Lexeme(Lexeme { is_prefix: true, ..lexeme }),
            other => other,
        }
    }

    /// The opposite.
    #[must_use]
    #[expect(
        clippy::should_implement_trait,
        reason = "beside `and` and `or`, which have no operators either"
    )]
    pub fn not(self) -> Self {
        Self::Not(Box::new(self))
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::And(Box::new(self), Box::new(other))
    }

    /// One of them, or both.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self::Or(Box::new(self), Box::new(other))
    }

    /// `other` so many places behind it.
    #[must_use]
    pub fn followed_by(self, other: Self, places: u16) -> Self {
        Self::Phrase(Box::new(self), Box::new(other), places)
    }

    fn count(&self) -> i32 {
        match self {
            Self::Nothing => 0,
            Self::Lexeme(_) => 1,
            Self::Not(inner) => 1 + inner.count(),
            Self::And(a, b) | Self::Or(a, b) | Self::Phrase(a, b, _) => 1 + a.count() + b.count(),
        }
    }

    fn put(&self, out: &mut BytesMut) -> Result<(), WireError> {
        let mut both = |sign, left: &Self, right: &Self, distance: Option<u16>| {
            out.extend_from_slice(&[OPERATOR, sign]);
            distance.into_iter().for_each(|distance| out.put_u16(distance));
            right.put(out)?;
            left.put(out)
        };
        match self {
            Self::Nothing => Err("an empty question inside of a question".into()),
            Self::And(left, right) => both(AND, left, right, None),
            Self::Or(left, right) => both(OR, left, right, None),
            Self::Phrase(left, right, distance) => both(PHRASE, left, right, Some(*distance)),
            Self::Not(inner) => {
                out.extend_from_slice(&[OPERATOR, NOT]);
                inner.put(out)
            }
            Self::Lexeme(lexeme) => {
                let weights = lexeme.weights.iter().fold(0, |all, weight| all | 1 << *weight as u8);
                out.extend_from_slice(&[VALUE, weights, u8::from(lexeme.is_prefix)]);
                put_lexeme(&lexeme.text, out)
            }
        }
    }

    fn read(raw: &mut Reader<'_>, depth: usize) -> Result<Self, WireError> {
        if depth > DEEPEST {
            return Err("a question that is nested too deeply".into());
        }
        let both = |raw: &mut Reader<'_>| {
            let right = Box::new(Self::read(raw, depth + 1)?);
            Ok::<_, WireError>((Box::new(Self::read(raw, depth + 1)?), right))
        };
        match *raw.take(2)? {
            [VALUE, weights] => {
                let is_prefix = raw.take(1)? != [0];
                let weights =
                    Weight::ALL.into_iter().filter(|weight| weights & 1 << *weight as u8 != 0).collect();
                Ok(Self::Lexeme(Lexeme { text: raw.text()?.to_owned(), is_prefix, weights }))
            }
            [OPERATOR, NOT] => Ok(Self::Not(Box::new(Self::read(raw, depth + 1)?))),
            [OPERATOR, AND] => both(raw).map(|(left, right)| Self::And(left, right)),
            [OPERATOR, OR] => both(raw).map(|(left, right)| Self::Or(left, right)),
            [OPERATOR, PHRASE] => {
                let distance = raw.short()?;
                both(raw).map(|(left, right)| Self::Phrase(left, right, distance))
            }
            _ => Err("an unknown item of a question".into()),
        }
    }
}

const VALUE: u8 = 1;
const OPERATOR: u8 = 2;
const NOT: u8 = 1;
const AND: u8 = 2;
const OR: u8 = 3;
const PHRASE: u8 = 4;

/// How deep questions may stand inside of each other.
const DEEPEST: usize = 1_000;

impl ScalarType for TsQuery {
    const SQL: SqlType = SqlType::TsQuery;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        out.put_i32(self.count());
        match self {
            Self::Nothing => Ok(()),
            question => question.put(out),
        }
    }

    fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
        let mut raw = Reader(raw);
        match raw.int()? {
            0 => Ok(Self::Nothing),
            _ => Self::read(&mut raw, 0),
        }
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn to_json(&self) -> serde_json::Value {
        self.to_string().into()
    }
}

impl fmt::Display for TsQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        shown(self, text_form::push_tsquery, f)
    }
}
