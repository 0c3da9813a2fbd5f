//! Points in time and days of each crate, in what the library makes of them itself: versions, keys, the clock of the database.

use orm_core::bulk::update;
use orm_core::prelude::*;
use orm_core::query::{DateField, current_date, now};
use orm_core::types::Interval;
use orm_core::{ErrorKind, sql};
use std::time::{SystemTime, UNIX_EPOCH};

fn micros_of_now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros()).unwrap()
}

const MINUTE: i64 = 60_000_000;

/// The same tests for each crate: its types of points in time and of days, what is asked of the former in microseconds since 1970, and
/// a day of May 2026.
macro_rules! crates {
    ($($module:ident: $moment:ty, $day:ty, $micros:expr, $may:expr;)*) => {$(
        mod $module {
            use super::*;

            orm_core::declarative_base!(pub(super) Base);

            #[derive(Model, Clone, Debug)]
            #[model(base = Base, table = "sheet")]
            pub(super) struct Sheet {
                #[model(primary_key)]
                pub(super) day: $day,
                pub(super) text: String,
                pub(super) read_at: Option<$moment>,
                #[model(version)]
                pub(super) written_at: Auto<$moment>,
            }

            fn micros(moment: $moment) -> i64 {
                let micros: fn($moment) -> i64 = $micros;
                micros(moment)
            }

            fn may(day: u8) -> $day {
                let may: fn(u8) -> $day = $may;
                may(day)
            }

            async fn sheets(engine: &Engine) -> (Session, [Handle<Sheet>; 2]) {
                let mut session = engine.session();
                let sheets = [1, 2].map(|day| session.add(Sheet::builder().day(may(day)).text("")));
                session.commit().await.unwrap();
                (session, sheets)
            }

            #[orm_testkit::test(base = Base)]
            async fn versions_only_grow(engine: Engine) {
                let (mut session, sheets) = sheets(&engine).await;
                let version = |session: &Session, at: usize| micros(session[sheets[at]].written_at.unwrap());
                let first = version(&session, 0);
                assert!((first - micros_of_now()).abs() < MINUTE);
                session[sheets[0]].text.push('x');
                session.commit().await.unwrap();
                let second = version(&session, 0);
                assert!(second > first && version(&session, 1) == first);

                // The clock of the writer before us went wrong: ours goes on from there.
                engine.execute_script("UPDATE sheet SET written_at = written_at + interval '1 day'").await.unwrap();
                session.refresh(&sheets).await.unwrap();
                for sheet in sheets {
                    session[sheet].text.push('y');
                }
                session.commit().await.unwrap();
                assert_eq!(version(&session, 0), second + 1_440 * MINUTE + 1);
                assert_eq!(version(&session, 1), first + 1_440 * MINUTE + 1);

                engine.execute_script("UPDATE sheet SET written_at = now() WHERE text = 'y'").await.unwrap();
                session[sheets[1]].text.push('z');
                let error = session.commit().await.unwrap_err();
                assert_eq!((error.kind(), error.model()), (ErrorKind::StaleData, Some("Sheet")));
            }

            #[orm_testkit::test(base = Base)]
            async fn rows_without_a_session_have_versions(engine: Engine) {
                let mut sheet = Sheet::builder().day(may(1)).text("").build();
                sheet.insert(&engine).await.unwrap();
                let mut other = Sheet::find(&engine, may(1)).await.unwrap().unwrap();
                assert_eq!(sheet.written_at, other.written_at);
                sheet.text.push('x');
                sheet.update(&engine).await.unwrap();
                assert!(micros(sheet.written_at.unwrap()) > micros(other.written_at.unwrap()));
                other.text.push('y');
                assert_eq!(other.update(&engine).await.unwrap_err().kind(), ErrorKind::StaleData);
                let query = select::<Sheet>().filter(Sheet::DAY.eq(may(1)));
                update(query).set(Sheet::TEXT.set_to("z")).execute(&engine).await.unwrap();
                sheet.text.push('y');
                assert_eq!(sheet.update(&engine).await.unwrap_err().kind(), ErrorKind::StaleData);
            }

            #[orm_testkit::test(base = Base)]
            async fn days_are_keys(engine: Engine) {
                sheets(&engine).await;
                let mut session = engine.session();
                let second = session.get_one::<Sheet>(may(2)).await.unwrap();
                let all = session.query::<Sheet>().order_by(Sheet::DAY).all().await.unwrap();
                assert_eq!((all[1], all.len()), (second, 2));
                session.delete(second).unwrap();
                session.commit().await.unwrap();
                assert!(Sheet::find(&engine, may(2)).await.unwrap().is_none());
            }

            #[orm_testkit::test(base = Base)]
            async fn the_clock_has_the_type_of_what_it_is_compared_with(engine: Engine) {
                sheets(&engine).await;
                let count = async |condition: Predicate<Sheet>| {
                    engine.count(select::<Sheet>().filter(condition)).await.unwrap()
                };
                let (minute, written) = (Interval::from_micros(MINUTE), Sheet::WRITTEN_AT);
                assert_eq!(count(written.le(now()) & written.gt(now().minus(minute))).await, 2);
                assert_eq!(count(written.gt(now().plus(minute))).await, 0);
                assert_eq!(count(now().since(written).lt(minute)).await, 2);
                assert_eq!(count(written.ge(now().truncated(DateField::Year).minus(minute))).await, 2);
                assert_eq!(count(written.date().ge(current_date())).await, 2);
                assert_eq!(count(Sheet::DAY.eq(current_date())).await, 0);

                let query = select::<Sheet>().filter(Sheet::DAY.eq(may(1)));
                update(query).set(Sheet::READ_AT.set_to(now())).execute(&engine).await.unwrap();
                let read_at = Sheet::find(&engine, may(1)).await.unwrap().unwrap().read_at.unwrap();
                assert!((micros(read_at) - micros_of_now()).abs() < MINUTE);

                let both = (now().typed::<_, $moment>(), current_date().typed::<_, $day>());
                let (moment, day) = select::<Sheet>().limit(1).columns(both).fetch_one(&engine).await.unwrap();
                assert!((micros(moment) - micros_of_now()).abs() < MINUTE);
                let today: Vec<$day> = engine.session().scalars(sql!("SELECT now()::date")).await.unwrap();
                assert_eq!(today, [day]);
            }
        }
    )*};
}

crates! {
    of_chrono: DateTime<Utc>, NaiveDate,
        |moment| moment.timestamp_micros(),
        |day| NaiveDate::from_ymd_opt(2026, 5, day.into()).unwrap();
    of_jiff: jiff::Timestamp, jiff::civil::Date,
        |moment| moment.as_microsecond(),
        |day| jiff::civil::date(2026, 5, i8::try_from(day).unwrap());
    of_time: time::OffsetDateTime, time::Date,
        |moment| i64::try_from(moment.unix_timestamp_nanos() / 1_000).unwrap(),
        |day| time::Date::from_calendar_date(2026, time::Month::May, day).unwrap();
}
