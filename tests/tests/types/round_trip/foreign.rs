//! The types of crates, which features of `orm-core` bring.

use super::cases;
use super::own::{any_multirange, any_numeric, any_range, edge_numerics};
use super::plain::or_infinity;
use bigdecimal::BigDecimal;
use bit_vec::BitVec;
use ipnetwork::IpNetwork;
use orm_core::types::{Multirange, Numeric, OrInfinity, Range, TimeTz};
use pgvector::{HalfVector, SparseVector, Vector};
use proptest::prelude::*;
use rust_decimal::Decimal;
use url::Url;

cases! {
    decimals: Decimal, any_decimal(), [Decimal::MAX, Decimal::MIN, Decimal::ZERO, Decimal::new(-0, 3), Decimal::new(1, 28), Decimal::new(100, 2)];
    big_decimals: BigDecimal, any_numeric().prop_map(|exact| big(&exact)), edge_numerics().iter().filter(|exact| exact.is_finite()).map(big).chain(edge_big_decimals()), refuses &[15, 16, 17];
    inets: IpNetwork, (any::<std::net::Ipv6Addr>(), 0..=128_u8).prop_map(|(ip, prefix)| IpNetwork::new(ip.into(), prefix).unwrap()), ["0.0.0.0/0", "10.1.2.3/8", "10.1.2.3/32", "::1/128"].map(|text| text.parse().unwrap());
    bit_vecs: BitVec, any::<Vec<bool>>().prop_map(|bits| bits.into_iter().collect()), [BitVec::new(), BitVec::from_elem(17, true)];
    urls: Url, "https://[a-z]{1,9}[.]example/[a-zA-Z0-9\"'{},?#=&]{0,9}".prop_map(|text| text.parse().unwrap()), ["data:,a%00b", "file:///tea%20time?x={\"a\",\\}"].map(|text| text.parse().unwrap());
    vectors: Vector, prop::collection::vec(prop::num::f32::NORMAL | prop::num::f32::ZERO, 1..9).prop_map(Vector::from), edge_vectors(), needs "vector", refuses &[2, 3, 4];
    half_vectors: HalfVector, prop::collection::vec((0..0x7C00_u16, any::<bool>()).prop_map(half), 1..9).prop_map(HalfVector::from), edge_half_vectors(), needs "vector", refuses &[2, 3, 4];
    sparse_vectors: SparseVector, prop::collection::btree_map(0..1_000, prop::num::f32::NORMAL, 0..9).prop_map(|numbers| SparseVector::from_map(&numbers, 1_000)), edge_sparse_vectors(), needs "vector", refuses &[3, 4, 5, 6, 7, 8, 9];
    time_dates: time::Date, any_time_date(), [time::Date::MIN, time::Date::MAX], refuses &[0], refuses_some;
    time_times: time::Time, any_time_time(), [time::Time::MIDNIGHT, time::Time::MAX];
    time_datetimes: time::PrimitiveDateTime, any_time_datetime(), [time::PrimitiveDateTime::MIN, time::PrimitiveDateTime::MAX], refuses &[0], refuses_some;
    time_moments: time::OffsetDateTime, any_time_moment(), edge_time_moments();
    time_ranges: Range<time::OffsetDateTime>, (any_time_moment(), any_time_moment()).prop_map(|(a, b)| Range::from(a.min(b)..=a.max(b))), [];
    jiff_dates: jiff::civil::Date, any_jiff_date(), [jiff::civil::Date::MIN, jiff::civil::Date::MAX, jiff::civil::date(0, 2, 29)], refuses &[0];
    jiff_times: jiff::civil::Time, any_jiff_time(), [jiff::civil::Time::MIN, jiff::civil::Time::MAX];
    jiff_datetimes: jiff::civil::DateTime, any_jiff_datetime(), [jiff::civil::DateTime::MIN, jiff::civil::DateTime::MAX], refuses &[0];
    jiff_moments: jiff::Timestamp, any_jiff_moment(), [jiff::Timestamp::MIN, jiff::Timestamp::MAX, jiff::Timestamp::new(-1, -1).unwrap()], refuses &[0];
    jiff_open: OrInfinity<jiff::Timestamp>, or_infinity(any_jiff_moment()), [];
    jiff_ranges: Range<jiff::civil::Date>, any_range(any_jiff_date()), [Range::Empty, Range::from(..)];
    jiff_datetime_ranges: Range<jiff::civil::DateTime>, any_range(any_jiff_datetime()), [];
    jiff_moment_ranges: Range<jiff::Timestamp>, any_range(any_jiff_moment()), [];
    jiff_multiranges: Multirange<jiff::civil::Date>, any_multirange(any_jiff_date()), [];
    jiff_moment_multiranges: Multirange<jiff::Timestamp>, any_multirange(any_jiff_moment()), [Multirange::default()];
    time_open: OrInfinity<time::OffsetDateTime>, or_infinity(any_time_moment()), edge_time_moments().into_iter().map(OrInfinity::Finite);
    time_moment_multiranges: Multirange<time::OffsetDateTime>, any_multirange(any_time_moment()), [];
    decimal_ranges: Range<Decimal>, any_range(any_decimal()), [Range::from(Decimal::MIN..=Decimal::MAX)];
    decimal_multiranges: Multirange<Decimal>, any_multirange(any_decimal()), [];
    jiff_datetime_multiranges: Multirange<jiff::civil::DateTime>, any_multirange(any_jiff_datetime()), [];
    jiff_open_dates: OrInfinity<jiff::civil::Date>, or_infinity(any_jiff_date()), [];
    jiff_open_datetimes: OrInfinity<jiff::civil::DateTime>, or_infinity(any_jiff_datetime()), [];
    jiff_timetzs: TimeTz<jiff::civil::Time>, (any_jiff_time(), any_offset()).prop_map(|(time, offset)| TimeTz { time, offset }), [];
    time_open_dates: OrInfinity<time::Date>, or_infinity(any_time_date()), [], refuses_some;
    time_open_datetimes: OrInfinity<time::PrimitiveDateTime>, or_infinity(any_time_datetime()), [], refuses_some;
    time_date_ranges: Range<time::Date>, any_range(any_time_date()), [], refuses_some;
    time_datetime_ranges: Range<time::PrimitiveDateTime>, any_range(any_time_datetime()), [], refuses_some;
    time_timetzs: TimeTz<time::Time>, (any_time_time(), any_offset()).prop_map(|(time, offset)| TimeTz { time, offset }), [];
    big_decimal_multiranges: Multirange<BigDecimal>, any_multirange(any_numeric().prop_map(|exact| big(&exact))), [];
    big_decimal_ranges: Range<BigDecimal>, any_range(any_numeric().prop_map(|exact| big(&exact))), [];
}

fn any_time_datetime() -> impl Strategy<Value = time::PrimitiveDateTime> {
    (any_time_date(), any_time_time()).prop_map(|(date, time)| time::PrimitiveDateTime::new(date, time))
}

fn any_jiff_datetime() -> impl Strategy<Value = jiff::civil::DateTime> {
    (any_jiff_date(), any_jiff_time()).prop_map(|(date, time)| date.to_datetime(time))
}

/// The offset of a `timetz`, in seconds.
fn any_offset() -> impl Strategy<Value = i32> {
    -57_599..=57_599_i32
}

fn any_decimal() -> impl Strategy<Value = Decimal> {
    (-(1_i128 << 96) + 1..1_i128 << 96, 0..=28_u32)
        .prop_map(|(digits, scale)| Decimal::from_i128_with_scale(digits, scale))
}

fn big(exact: &Numeric) -> BigDecimal {
    exact.to_string().parse().unwrap()
}

/// The last ones are longer than PostgreSQL has them.
fn edge_big_decimals() -> Vec<BigDecimal> {
    [(1, -5), (-25, -1_000), (7, 16_383), (7, 16_384), (1, -200_000), (1, i64::MAX)]
        .map(|(digits, scale)| BigDecimal::new(digits.into(), scale))
        .to_vec()
}

/// PostgreSQL refuses the last three.
fn edge_vectors() -> Vec<Vector> {
    [vec![0.0], vec![1.5, -2.0, f32::MAX], vec![], vec![f32::NAN], vec![f32::INFINITY]]
        .map(Vector::from)
        .to_vec()
}

/// A number of 16 bits by its bits, of which those below infinity are given, and whether it is negative.
fn half((bits, is_negative): (u16, bool)) -> half::f16 {
    half::f16::from_bits(bits | u16::from(is_negative) << 15)
}

/// PostgreSQL refuses the last three.
fn edge_half_vectors() -> Vec<HalfVector> {
    [vec![-0.0, 65_504.0], vec![5.960_464_5e-8], vec![], vec![f32::NAN], vec![f32::INFINITY]]
        .map(|numbers| HalfVector::from_f32_slice(&numbers))
        .to_vec()
}

/// PostgreSQL refuses all but the first three: no dimension, places outside, one place twice, no numbers.
fn edge_sparse_vectors() -> Vec<SparseVector> {
    let of = |numbers: &[(i32, f32)], dimensions| {
        SparseVector::from_map(numbers.iter().map(|(place, number)| (place, number)), dimensions)
    };
    vec![
        of(&[], 1),
        of(&[(0, f32::MIN_POSITIVE), (999_999_999, f32::MAX)], 1_000_000_000),
        SparseVector::from_dense(&[0.0, -1.5, 0.0]),
        of(&[], 0),
        of(&[(3, 1.0)], 3),
        of(&[(-1, 1.0)], 3),
        of(&[(i32::MAX, 1.0)], i32::MAX),
        of(&[(1, 1.0), (1, 2.0)], 3),
        of(&[(1, f32::NAN)], 3),
        of(&[(1, f32::NEG_INFINITY)], 3),
    ]
}

fn any_time_date() -> impl Strategy<Value = time::Date> {
    (-1_000_000..5_000_000_i32).prop_filter_map("of `time`", |day| time::Date::from_julian_day(day).ok())
}

fn any_time_time() -> impl Strategy<Value = time::Time> {
    (0..24_u8, 0..60_u8, 0..60_u8, 0..1_000_000_000_u32).prop_map(|(hour, minute, second, nano)| {
        time::Time::from_hms_nano(hour, minute, second, nano).unwrap()
    })
}

fn any_time_moment() -> impl Strategy<Value = time::OffsetDateTime> {
    (-200_000_000_000..250_000_000_000_i64, 0..1_000_000_000_i128).prop_map(|(seconds, nanos)| {
        time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(seconds) * 1_000_000_000 + nanos).unwrap()
    })
}

fn edge_time_moments() -> Vec<time::OffsetDateTime> {
    let offset = time::UtcOffset::from_hms(13, 45, 59).unwrap();
    let moment = time::OffsetDateTime::UNIX_EPOCH;
    vec![
        moment,
        moment.to_offset(offset),
        moment - time::Duration::nanoseconds(1),
        time::PrimitiveDateTime::MAX.assume_offset(offset),
    ]
}

fn any_jiff_date() -> impl Strategy<Value = jiff::civil::Date> {
    (-4_712..=9_999_i16, 1..=12_i8, 1..=28_i8)
        .prop_map(|(year, month, day)| jiff::civil::date(year, month, day))
}

fn any_jiff_time() -> impl Strategy<Value = jiff::civil::Time> {
    (0..24_i8, 0..60_i8, 0..60_i8, 0..1_000_000_000_i32)
        .prop_map(|(hour, minute, second, nano)| jiff::civil::time(hour, minute, second, nano))
}

fn any_jiff_moment() -> impl Strategy<Value = jiff::Timestamp> {
    (-200_000_000_000..250_000_000_000_i64, 0..1_000_000_000_i32)
        .prop_map(|(seconds, nanos)| jiff::Timestamp::new(seconds, nanos).unwrap())
}
