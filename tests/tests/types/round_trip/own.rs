//! The types of PostgreSQL that have no crate.

use super::cases;
use super::plain::{any_moment, any_time, edge_texts};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use orm_core::types::{
    Bits, ByteChar, Cidr, Circle, Hstore, Interval, JsonPath, JsonText, Lexeme, Line, Lsn, Ltree, MacAddr,
    MacAddr8, Money, Multirange, Numeric, Oid, OrInfinity, Path, Point, Polygon, Range, Rectangle, Segment,
    Snapshot, TimeTz, TsQuery, TsVector, Weight, Xid8, Xml,
};
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Bound;

cases! {
    intervals: Interval, any_interval(), edge_intervals();
    numerics: Numeric, any_numeric(), edge_numerics();
    bits: Bits, any::<Vec<bool>>().prop_map(Bits), ["", "0", "1", "010000001"].map(|bits| bits.parse().unwrap());
    oids: Oid, any::<u32>().prop_map(Oid), [Oid(0), Oid(u32::MAX)];
    chars: ByteChar, (0..128_u8).prop_map(ByteChar), [ByteChar(b'"'), ByteChar(b'\\'), ByteChar(b' ')];
    points: Point, any_point(), [Point { x: -0.0, y: f64::INFINITY }, Point { x: f64::NAN, y: 5e-324 }], no_equality;
    lines: Line, (any_point(), prop::num::f64::ANY).prop_map(|(Point { x, y }, c)| Line { a: x, b: y, c }), [Line::default(), Line { a: 1.0, b: -0.0, c: f64::NAN }], no_equality, refuses &[0], refuses_some;
    segments: Segment, (any_point(), any_point()).prop_map(|(from, to)| Segment { from, to }), [Segment::default()], no_equality;
    rectangles: Rectangle, (any_point(), any_point()).prop_map(|(one, other)| Rectangle::between(one, other)), [Rectangle::between(Point { x: f64::NAN, y: -0.0 }, Point::default())], no_equality;
    paths: Path, (prop::collection::vec(any_point(), 1..5), any::<bool>()).prop_map(|(points, is_closed)| Path { points, is_closed }), [Path::default(), Path { points: vec![Point::default()], is_closed: true }], no_equality, refuses &[0];
    polygons: Polygon, prop::collection::vec(any_point(), 1..5).prop_map(Polygon), [Polygon::default(), Polygon(vec![Point::default()])], no_equality, refuses &[0];
    circles: Circle, (any_point(), prop::num::f64::POSITIVE).prop_map(|(center, radius)| Circle { center, radius }), [-1.0, 0.0, f64::INFINITY, f64::NAN].map(|radius| Circle { center: Point::default(), radius }), no_equality, refuses &[0];
    long_xids: Xid8, any::<u64>().prop_map(Xid8), [Xid8(0), Xid8(u64::MAX)];
    lsns: Lsn, any::<u64>().prop_map(Lsn), [Lsn(0), Lsn(u64::MAX), Lsn(u64::from(u32::MAX)), Lsn(1 << 32)];
    snapshots: Snapshot, any_snapshot(), edge_snapshots(), no_equality, refuses &[1, 2, 3, 4, 5, 6];
    json_paths: JsonPath, any_json_path(), edge_json_paths(), no_equality, refuses &[7];
    amounts: Money, any::<i64>().prop_map(Money), [i64::MIN, -1, 0, 1, i64::MAX].map(Money), no_text;
    xmls: Xml, ("[a-z]{1,6}", "[^<>&\\x00]{0,9}").prop_map(|(tag, text)| Xml(format!("<{tag}>{text}</{tag}>"))), edge_xmls(), no_equality, needs_xml, refuses &[3, 4, 7, 8, 9], refuses_some;
    hosts: IpAddr, any::<IpAddr>(), [Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::LOCALHOST.into(), Ipv4Addr::BROADCAST.into()];
    networks: Cidr, any_network(), [Cidr { address: [10, 0, 0, 1].into(), prefix: 8 }, Cidr { address: [10, 0, 0, 0].into(), prefix: 200 }], refuses &[0, 1];
    devices: MacAddr, any::<[u8; 6]>().prop_map(MacAddr), [MacAddr([0; 6]), MacAddr([255; 6])];
    long_devices: MacAddr8, any::<[u8; 8]>().prop_map(MacAddr8), [MacAddr8([0; 8]), MacAddr8([255; 8])];
    timetzs: TimeTz<NaiveTime>, any_timetz(), edge_timetzs(), refuses &[5, 6, 7, 8];
    json_texts: JsonText, any_json_text(), ["null", " { \"b\" : 1, \"a\": \"\\\\\" } ", "{", ""].map(|text| JsonText(text.to_owned())), no_equality, refuses &[2, 3];
    tsvectors: TsVector, any_tsvector(), edge_tsvectors(), refuses &[1, 2, 3, 4];
    tsqueries: TsQuery, any_tsquery(), edge_tsqueries(), refuses &[0, 1, 2];
    int4ranges: Range<i32>, any_range(any::<i32>()), [Range::from(i32::MIN..=i32::MAX), Range::from(5..=5), Range::from(5..5), Range::Between(Bound::Included(2), Bound::Excluded(1))], refuses &[0, 3];
    int8ranges: Range<i64>, any_range(any::<i64>()), [Range::from(i64::MIN..i64::MAX), Range::from((Bound::Excluded(1), Bound::Excluded(2)))];
    numranges: Range<Numeric>, any_range(any_numeric()), [Range::from(Numeric::NEG_INFINITY..=Numeric::NAN), Range::from(Numeric::from(1)..=Numeric::from(1))];
    dateranges: Range<NaiveDate>, any_range(any_moment().prop_map(|moment| moment.date())), [Range::Empty, Range::from(..)];
    tsranges: Range<NaiveDateTime>, any_range(any_moment()), [Range::Empty, Range::from(..)];
    tstzranges: Range<DateTime<Utc>>, any_range(any_moment().prop_map(|moment| moment.and_utc())), [Range::Empty, Range::from(..)];
    open_dateranges: Range<OrInfinity<NaiveDate>>, any_range(any_moment().prop_map(|moment| OrInfinity::Finite(moment.date()))), edge_open_ranges();
    int4multiranges: Multirange<i32>, any_multirange(any::<i32>()), [Multirange::default(), [1..=3, 4..=5, 3..=3].map(Range::from).into_iter().collect()];
    int8multiranges: Multirange<i64>, any_multirange(any::<i64>()), [Multirange(vec![Range::Empty, Range::from(..)])];
    nummultiranges: Multirange<Numeric>, any_multirange(any_numeric()), [];
    tsmultiranges: Multirange<NaiveDateTime>, any_multirange(any_moment()), [];
    tstzmultiranges: Multirange<DateTime<Utc>>, any_multirange(any_moment().prop_map(|moment| moment.and_utc())), [];
    datemultiranges: Multirange<NaiveDate>, any_multirange(any_moment().prop_map(|moment| moment.date())), [];
    hstores: Hstore, any_hstore(), edge_texts().into_iter().map(|text| Hstore([(text.clone(), Some(text))].into())), needs "hstore", refuses &[1];
    ltrees: Ltree, "[A-Za-z0-9_]{1,8}([.][A-Za-z0-9_]{1,8}){0,4}".prop_map(Ltree), ["", "a", "a..b", "a b", "a\0"].map(|text| Ltree(text.to_owned())), needs "ltree", refuses &[2, 3, 4];
}

fn any_point() -> impl Strategy<Value = Point> {
    (prop::num::f64::ANY, prop::num::f64::ANY).prop_map(|(x, y)| Point { x, y })
}

fn any_snapshot() -> impl Strategy<Value = Snapshot> {
    (3..1_u64 << 40, prop::collection::btree_set(0..50_u64, 0..6)).prop_map(|(first, running)| Snapshot {
        first_running: Xid8(first),
        next: Xid8(first + 50),
        running: running.into_iter().map(|at| Xid8(first + at)).collect(),
    })
}

/// All but the first have something that no snapshot has.
fn edge_snapshots() -> Vec<Snapshot> {
    let of = |first: u64, next: u64, running: &[u64]| Snapshot {
        first_running: Xid8(first),
        next: Xid8(next),
        running: running.iter().copied().map(Xid8).collect(),
    };
    vec![
        of(7, 7, &[]),
        of(0, 0, &[]),
        of(9, 8, &[]),
        of(3, 9, &[5, 5]),
        of(3, 9, &[6, 5]),
        of(3, 9, &[2]),
        of(3, 9, &[9]),
    ]
}

fn any_json_path() -> impl Strategy<Value = JsonPath> {
    let step = prop_oneof![
        "[a-zA-Zß\"\\\\ .$@*\n\t\x01\x7f]{0,5}".prop_map(Some).prop_map(Ok),
        any::<u32>().prop_map(Err),
        Just(Ok(None)),
    ];
    (prop::collection::vec(step, 0..5), any::<bool>()).prop_map(|(steps, is_strict)| {
        let path =
            steps.into_iter().fold(JsonPath::root(), |path, step: Result<Option<String>, u32>| match step {
                Ok(Some(name)) => path.member(&name),
                Ok(None) => path.elements().members(),
                Err(at) => path.element(at),
            });
        if is_strict { path.strict() } else { path }
    })
}

/// The last one is none, because no text of the database has a NUL.
fn edge_json_paths() -> Vec<JsonPath> {
    let root = JsonPath::root;
    let names = ["\u{8}\u{c}\r", "\u{1f980}", "a/b", "\0"].map(|name| root().member(name));
    [root(), root().strict(), root().anywhere().member("a"), root().members().element(u32::MAX)]
        .into_iter()
        .chain(names)
        .collect()
}

/// Most of them are no XML, or are not kept as they are.
fn edge_xmls() -> Vec<Xml> {
    let declared = r#"<?xml version="1.0" encoding="latin1" standalone="yes"?><a/>"#;
    let texts = [
        "<a/>",
        "a text",
        "<a/><b/>",
        "<a",
        "&",
        "<?xml-stylesheet a?><a/>",
        "<a b=\"'\" c='\"'/>",
        "<a>\0</a>",
        declared,
    ];
    let marked = format!("\u{feff}{declared}");
    texts.map(str::to_owned).into_iter().chain([marked]).map(Xml).collect()
}

fn any_interval() -> impl Strategy<Value = Interval> {
    (any::<i32>(), any::<i32>(), any::<i64>()).prop_map(|(months, days, micros)| Interval {
        months,
        days,
        micros,
    })
}

/// Not those whose three parts are all at one edge: newer servers take them for infinite.
fn edge_intervals() -> Vec<Interval> {
    let mut edges = vec![Interval::default()];
    for sign in [-1, 1] {
        edges.push(Interval { months: sign, days: -sign, micros: i64::from(sign) });
        edges.push(Interval { months: 0, days: sign, micros: i64::from(-sign) });
    }
    edges.extend([i32::MIN, i32::MAX].map(Interval::from_months));
    edges.extend([i32::MIN, i32::MAX].map(Interval::from_days));
    edges.extend([i64::MIN, i64::MAX].map(Interval::from_micros));
    edges
}

pub(super) fn any_numeric() -> impl Strategy<Value = Numeric> {
    let text = "-?[0-9]{1,40}([.][0-9]{1,40})?";
    text.prop_map(|text| text.parse().unwrap())
}

pub(super) fn edge_numerics() -> Vec<Numeric> {
    let nines = "9".repeat(78);
    let long = [
        nines.clone(),
        format!("-{nines}.{nines}"),
        format!("0.{}1", "0".repeat(200)),
        format!("1{}", "0".repeat(1_000)),
    ];
    let short = [
        "0",
        "0.00",
        "-0.0",
        "1.10",
        "9999.9999",
        "10000",
        "0.0001",
        "0.00001",
        "NaN",
        "Infinity",
        "-Infinity",
    ];
    long.iter().map(String::as_str).chain(short).map(|text| text.parse().unwrap()).collect()
}

/// Some have bits behind their prefix, which the database refuses.
fn any_network() -> impl Strategy<Value = Cidr> {
    (any::<u32>(), 0..=32_u8).prop_map(|(bits, prefix)| {
        let network = bits & u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
        Cidr { address: Ipv4Addr::from(network).into(), prefix }
    })
}

fn any_timetz() -> impl Strategy<Value = TimeTz<NaiveTime>> {
    (any_time(), -57_599..=57_599_i32).prop_map(|(time, offset)| TimeTz { time, offset })
}

/// The last ones are further from UTC than PostgreSQL has it.
fn edge_timetzs() -> Vec<TimeTz<NaiveTime>> {
    let offsets = [0, 1, -1, 57_599, -57_599, 57_600, -86_399, i32::MAX, i32::MIN];
    let time = NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999).unwrap();
    offsets.map(|offset| TimeTz { time, offset }).to_vec()
}

fn any_json_text() -> impl Strategy<Value = JsonText> {
    super::plain::any_json().prop_map(|json| JsonText(format!(" {json:#} ")))
}

fn any_tsvector() -> impl Strategy<Value = TsVector> {
    let weight = prop::sample::select(vec![Weight::A, Weight::B, Weight::C, Weight::D]);
    let places =
        prop::collection::btree_map(1..=16_383_u16, weight, 0..4).prop_map(|map| map.into_iter().collect());
    prop::collection::btree_map("[a-zß'\\\\\" :,]{1,6}", places, 0..5).prop_map(TsVector)
}

fn edge_tsvectors() -> Vec<TsVector> {
    let of = |lexeme: &str, places: Vec<(u16, Weight)>| TsVector([(lexeme.to_owned(), places)].into());
    let many = (1..=256).map(|place| (place, Weight::D)).collect();
    vec![
        TsVector::default(),
        of("a\0", vec![]),
        of("a", vec![(0, Weight::D)]),
        of("a", vec![(2, Weight::D), (1, Weight::A)]),
        of("a", many),
    ]
}

fn any_tsquery() -> impl Strategy<Value = TsQuery> {
    let weights = prop::sample::subsequence(vec![Weight::D, Weight::C, Weight::B, Weight::A], 0..=4);
    let lexeme = ("[a-zß'\\\\\" :&|!()<>*]{1,6}", any::<bool>(), weights)
        .prop_map(|(text, is_prefix, weights)| TsQuery::Lexeme(Lexeme { text, is_prefix, weights }));
    lexeme.prop_recursive(4, 12, 2, |inner| {
        let two = || (inner.clone(), inner.clone());
        prop_oneof![
            inner.clone().prop_map(TsQuery::not),
            two().prop_map(|(a, b)| a.and(b)),
            two().prop_map(|(a, b)| a.or(b)),
            (two(), 0..100_u16).prop_map(|((a, b), places)| a.followed_by(b, places)),
        ]
    })
}

fn edge_tsqueries() -> Vec<TsQuery> {
    vec![
        TsQuery::Nothing,
        TsQuery::lexeme("a\0"),
        TsQuery::Nothing.not(),
        TsQuery::lexeme("a").followed_by(TsQuery::lexeme("b"), 16_384),
    ]
}

/// Of two values in their order, with each kind of bounds, or without.
pub(super) fn any_range<T: PartialOrd + Clone + std::fmt::Debug>(
    value: impl Strategy<Value = T>,
) -> impl Strategy<Value = Range<T>> {
    let value = std::sync::Arc::new(value);
    (value.clone(), value, 0..3_u8, 0..3_u8).prop_map(|(a, b, lower, upper)| {
        let (least, most) = if a <= b { (a, b) } else { (b, a) };
        let bound = |kind, value| match kind {
            0 => Bound::Included(value),
            1 => Bound::Excluded(value),
            _ => Bound::Unbounded,
        };
        Range::Between(bound(lower, least), bound(upper, most))
    })
}

pub(super) fn any_multirange<T: PartialOrd + Clone + std::fmt::Debug>(
    value: impl Strategy<Value = T>,
) -> impl Strategy<Value = Multirange<T>> {
    prop::collection::vec(any_range(value), 0..4).prop_map(Multirange)
}

fn edge_open_ranges() -> Vec<Range<OrInfinity<NaiveDate>>> {
    let day = OrInfinity::Finite(NaiveDate::from_ymd_opt(2000, 1, 1).unwrap());
    vec![
        Range::from(day..=OrInfinity::Infinity),
        Range::from(OrInfinity::NegInfinity..day),
        Range::from((Bound::Excluded(OrInfinity::NegInfinity), Bound::Excluded(OrInfinity::Infinity))),
        Range::from(OrInfinity::Infinity..=OrInfinity::Infinity),
    ]
}

fn any_hstore() -> impl Strategy<Value = Hstore> {
    let text = || any::<String>().prop_map(|text| text.replace('\0', ""));
    prop::collection::btree_map(text(), prop::option::of(text()), 0..4).prop_map(Hstore)
}
