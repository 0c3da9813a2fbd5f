//! Times at the edges of PostgreSQL that the database wrote, out of SQL: a type that can say one reads it, any other type is a typed
//! error that names the column.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use orm_core::prelude::*;
use orm_core::sql::TrustedSql;
use orm_core::types::{OrInfinity, Range, ScalarType, TimeTz};
use orm_core::{ErrorKind, Result};
use std::fmt::Debug;

/// A type of column with a model that has it; written by `types!`.
trait Case {
    type Value: ScalarType + PartialEq;

    async fn one(engine: &Engine) -> Result<Self::Value>;
    async fn maybe(engine: &Engine) -> Result<Option<Self::Value>>;
    async fn many(engine: &Engine) -> Result<Vec<Self::Value>>;
    async fn holes(engine: &Engine) -> Result<Option<Vec<Option<Self::Value>>>>;
    async fn rows(engine: &Engine) -> Result<Vec<Self::Value>>;
    async fn loaded(engine: &Engine) -> Result<Vec<Self::Value>>;
}

/// Of each type: a time that it has, and those that the database writes with what the type makes of them; `None` is an error.
macro_rules! types {
    ($($name:ident: $ty:ty, $plain:literal, [$($text:literal => $is:expr),+];)*) => {$(
        mod $name {
            use super::*;

            orm_core::declarative_base!(pub(super) Base);

            #[derive(Model, Clone, Debug)]
            #[model(base = Base, table = "edge")]
            pub(super) struct Edge {
                #[model(primary_key)]
                pub(super) id: Auto<i64>,
                pub(super) one: $ty,
                pub(super) maybe: Option<$ty>,
                pub(super) many: Vec<$ty>,
                pub(super) holes: Option<Vec<Option<$ty>>>,
            }

            pub(super) struct This;

            impl Case for This {
                type Value = $ty;

                async fn one(engine: &Engine) -> Result<$ty> {
                    engine.fetch_one(select::<Edge>().columns(Edge::ONE)).await
                }

                async fn maybe(engine: &Engine) -> Result<Option<$ty>> {
                    engine.fetch_one(select::<Edge>().columns(Edge::MAYBE)).await
                }

                async fn many(engine: &Engine) -> Result<Vec<$ty>> {
                    engine.fetch_one(select::<Edge>().columns(Edge::MANY)).await
                }

                async fn holes(engine: &Engine) -> Result<Option<Vec<Option<$ty>>>> {
                    engine.fetch_one(select::<Edge>().columns(Edge::HOLES)).await
                }

                async fn rows(engine: &Engine) -> Result<Vec<$ty>> {
                    engine.fetch_one(select::<Edge>()).await.map(every)
                }

                async fn loaded(engine: &Engine) -> Result<Vec<$ty>> {
                    let mut session = engine.session();
                    let edge = session.query::<Edge>().one().await?;
                    Ok(every(session[edge].clone()))
                }
            }

            fn every(edge: Edge) -> Vec<$ty> {
                let holes = edge.holes.into_iter().flatten().flatten();
                [edge.one].into_iter().chain(edge.maybe).chain(edge.many).chain(holes).collect()
            }

            #[orm_testkit::test(base = Base)]
            async fn equal_or_an_error(engine: Engine) {
                $(check::<This>(&engine, $plain, $text, $is).await;)+
            }
        }
    )*};
}

types! {
    chrono_date: NaiveDate, "2000-01-01", [
        "infinity" => None, "-infinity" => None, "5874897-12-31" => None, "294276-12-31" => None,
        "262142-12-31" => Some(NaiveDate::MAX), "262143-01-01" => None,
        "4713-01-01 BC" => NaiveDate::from_ymd_opt(-4712, 1, 1), "4714-11-24 BC" => NaiveDate::from_ymd_opt(-4713, 11, 24)
    ];
    chrono_time: NaiveTime, "12:00", ["24:00" => None, "23:59:59.999999" => NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999)];
    chrono_timetz: TimeTz<NaiveTime>, "12:00+01", ["24:00+00" => None, "24:00-15:59:59" => None];
    chrono_timestamp: NaiveDateTime, "2000-01-01", [
        "infinity" => None, "-infinity" => None, "294276-12-31 23:59:59.999999" => None, "262143-01-01" => None,
        "262142-12-31 23:59:59.999999" => NaiveDate::MAX.and_hms_micro_opt(23, 59, 59, 999_999),
        "4714-11-24 BC" => NaiveDate::from_ymd_opt(-4713, 11, 24).map(NaiveDateTime::from)
    ];
    chrono_timestamptz: DateTime<Utc>, "2000-01-01Z", [
        "infinity" => None, "-infinity" => None, "294276-12-31 23:59:59.999999Z" => None,
        "4713-01-01 00:00Z BC" => NaiveDate::from_ymd_opt(-4712, 1, 1).map(|day| NaiveDateTime::from(day).and_utc()),
        "4714-11-24 00:00Z BC" => NaiveDate::from_ymd_opt(-4713, 11, 24).map(|day| NaiveDateTime::from(day).and_utc())
    ];
    chrono_range: Range<NaiveDate>, "[2000-01-01,2000-01-02)", [
        "[2000-01-01,infinity)" => None, "[-infinity,2000-01-01)" => None, "[2000-01-01,5874897-12-31)" => None
    ];
    time_date: time::Date, "2000-01-01", [
        "infinity" => None, "-infinity" => None, "5874897-12-31" => None, "10000-01-01" => None,
        "9999-12-31" => Some(time::Date::MAX), "4713-01-01 BC" => time::Date::from_ordinal_date(-4712, 1).ok()
    ];
    time_time: time::Time, "12:00", ["24:00" => None, "23:59:59.999999" => time::Time::from_hms_micro(23, 59, 59, 999_999).ok()];
    time_timestamp: time::PrimitiveDateTime, "2000-01-01", [
        "infinity" => None, "-infinity" => None, "294276-12-31 23:59:59.999999" => None, "10000-01-01" => None,
        "4713-01-01 BC" => time::Date::from_ordinal_date(-4712, 1).ok().map(time::Date::midnight)
    ];
    time_timestamptz: time::OffsetDateTime, "2000-01-01Z", [
        "infinity" => None, "-infinity" => None, "294276-12-31 23:59:59.999999Z" => None, "10000-01-01Z" => None,
        "4713-01-01 00:00Z BC" => time::Date::from_ordinal_date(-4712, 1).ok().map(|day| day.midnight().assume_utc())
    ];
    jiff_date: jiff::civil::Date, "2000-01-01", [
        "infinity" => None, "-infinity" => None, "5874897-12-31" => None, "10000-01-01" => None,
        "9999-12-31" => Some(jiff::civil::Date::MAX), "4713-01-01 BC" => jiff::civil::Date::new(-4712, 1, 1).ok()
    ];
    jiff_time: jiff::civil::Time, "12:00", ["24:00" => None, "23:59:59.999999" => jiff::civil::Time::new(23, 59, 59, 999_999_000).ok()];
    jiff_timestamp: jiff::civil::DateTime, "2000-01-01", [
        "infinity" => None, "-infinity" => None, "294276-12-31 23:59:59.999999" => None, "10000-01-01" => None,
        "4713-01-01 BC" => jiff::civil::DateTime::new(-4712, 1, 1, 0, 0, 0, 0).ok()
    ];
    jiff_timestamptz: jiff::Timestamp, "2000-01-01Z", [
        "infinity" => None, "-infinity" => None, "294276-12-31 23:59:59.999999Z" => None, "10000-01-01Z" => None,
        "4713-01-01 00:00Z BC" => "-004712-01-01T00:00:00Z".parse().ok()
    ];
    open_date: OrInfinity<NaiveDate>, "2000-01-01", [
        "infinity" => Some(OrInfinity::Infinity), "-infinity" => Some(OrInfinity::NegInfinity), "5874897-12-31" => None,
        "4713-01-01 BC" => NaiveDate::from_ymd_opt(-4712, 1, 1).map(OrInfinity::Finite)
    ];
    open_timestamptz: OrInfinity<DateTime<Utc>>, "2000-01-01Z", [
        "infinity" => Some(OrInfinity::Infinity), "-infinity" => Some(OrInfinity::NegInfinity), "294276-12-31 23:59:59.999999Z" => None
    ];
    open_of_time: OrInfinity<time::OffsetDateTime>, "2000-01-01Z", [
        "infinity" => Some(OrInfinity::Infinity), "-infinity" => Some(OrInfinity::NegInfinity), "294276-12-31 23:59:59.999999Z" => None
    ];
    open_of_jiff: OrInfinity<jiff::civil::DateTime>, "2000-01-01", [
        "infinity" => Some(OrInfinity::Infinity), "-infinity" => Some(OrInfinity::NegInfinity), "294276-12-31 23:59:59.999999" => None
    ];
}

/// The columns of a row, in the order in which `every` gives their values.
const COLUMNS: [&str; 4] = ["one", "maybe", "many", "holes"];

/// A row of plain values, and `text` in one column after the other; each is asked for alone, in its row, and as an object.
async fn check<C: Case>(engine: &Engine, plain: &str, text: &str, is: Option<C::Value>) {
    for (at, column) in COLUMNS.into_iter().enumerate() {
        write(engine, plain, text, column).await;
        let (is, place) = (is.clone(), &format!("{text} in {column}"));
        for values in [C::rows(engine).await, C::loaded(engine).await] {
            known(values.map(|mut values| values.swap_remove(at)), is.clone(), column, place);
        }
        match column {
            "one" => known(C::one(engine).await, is, column, place),
            "maybe" => known(C::maybe(engine).await, is.map(Some), column, place),
            "many" => known(C::many(engine).await, is.map(|is| vec![is]), column, place),
            _ => known(C::holes(engine).await, is.map(|is| Some(vec![None, Some(is)])), column, place),
        }
    }
}

/// The database itself makes the values, out of texts.
async fn write(engine: &Engine, plain: &str, text: &str, column: &str) {
    let of = |name| if name == column { text } else { plain };
    let [one, maybe, many, holes] = COLUMNS.map(of);
    let script = format!(
        "TRUNCATE edge; INSERT INTO edge (one, maybe, many, holes)
         VALUES ('{one}', '{maybe}', '{{\"{many}\"}}', '{{NULL,\"{holes}\"}}')"
    );
    engine.execute_script(TrustedSql::new(script)).await.unwrap();
}

fn known<T: PartialEq + Debug>(read: Result<T>, is: Option<T>, column: &str, place: &str) {
    match (read, is) {
        (Ok(read), Some(is)) => assert_eq!(read, is, "{place}"),
        (Err(error), None) => {
            assert_eq!((error.kind(), error.column()), (ErrorKind::Decode, Some(column)), "{place}: {error}");
        }
        (read, is) => panic!("{place}: {read:?} instead of {is:?}"),
    }
}
