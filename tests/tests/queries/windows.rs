//! Frames of windows, and rows beside a row.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::query::{Bound, Exclude, Window, count, lag, lead, nth_value, sum, value, window};
use orm_core::types::Interval;

orm_core::declarative_base!(pub(crate) Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub(crate) struct Reading {
    #[model(primary_key)]
    id: Auto<i64>,
    level: i64,
    at: NaiveDateTime,
}

/// Two on the same day with the same level, then one after two days and one after a week.
async fn readings(engine: &Engine) {
    for (level, at) in [(1, "01T08:00:00"), (1, "01T08:00:00"), (3, "03T08:00:00"), (7, "10T08:00:00")] {
        let at: NaiveDateTime = format!("2024-05-{at}").parse().unwrap();
        Reading::builder().level(level).at(at).build().insert(engine).await.unwrap();
    }
}

async fn counted(engine: &Engine, window: Window<Reading>) -> orm_core::Result<Vec<i64>> {
    engine.fetch_all(select::<Reading>().columns(count().over(window)).order_by(Reading::ID)).await
}

#[orm_testkit::test(base = Base)]
async fn frames_count_rows_groups_and_distances(engine: Engine) {
    readings(&engine).await;
    let by_level = || window().order_by(Reading::LEVEL);
    let by_time = || window().order_by(Reading::AT);
    let days = |days| Bound::Before(Interval::from_days(days));
    let frames = [
        (by_level().groups(Bound::Before(1), Bound::Current), [2, 2, 3, 2]),
        (by_level().groups(Bound::After(1), Bound::After(2)), [2, 2, 1, 0]),
        (by_time().range_of(days(2), Bound::Current), [2, 2, 3, 1]),
        (by_time().range_of(days(1), Bound::After(Interval::from_days(7))), [3, 3, 2, 1]),
        (by_level().range_of(Bound::Start, Bound::After(2_i64)), [3, 3, 3, 4]),
        (by_level().range(Bound::Before(4), Bound::Current), [2, 2, 3, 2]),
    ];
    for (window, expected) in frames {
        let text = format!("{window:?}");
        assert_eq!(counted(&engine, window).await.unwrap(), expected, "{text}");
    }
    // A distance that the order's key does not have is an error of the server.
    let wrong = by_level().range_of(days(1), Bound::Current);
    assert_eq!(counted(&engine, wrong).await.unwrap_err().kind(), ErrorKind::Database);
}

#[orm_testkit::test(base = Base)]
async fn frames_leave_rows_out(engine: Engine) {
    readings(&engine).await;
    let by_level = || window().order_by(Reading::LEVEL);
    let all = || by_level().rows(Bound::Start, Bound::End);
    let frames = [
        (all().exclude(Exclude::CurrentRow), [3, 3, 3, 3]),
        (all().exclude(Exclude::Group), [2, 2, 3, 3]),
        (all().exclude(Exclude::Ties), [3, 3, 4, 4]),
        (by_level().exclude(Exclude::CurrentRow), [1, 1, 2, 3]), // the frame that a window has by itself
        (by_level().exclude(Exclude::Group).rows(Bound::Start, Bound::End), [2, 2, 3, 3]),
    ];
    for (window, expected) in frames {
        let text = format!("{window:?}");
        assert_eq!(counted(&engine, window).await.unwrap(), expected, "{text}");
    }
}

#[orm_testkit::test(base = Base)]
async fn neighbours_are_further_away_and_have_a_value_outside(engine: Engine) {
    readings(&engine).await;
    let by_id = || window().order_by(Reading::ID);
    let query = select::<Reading>().order_by(Reading::ID).columns((
        lag(Reading::LEVEL).rows_away(2).over(by_id()),
        lead(Reading::LEVEL).outside(-1).over(by_id()),
        lag(Reading::LEVEL).outside(value(Reading::ID) * 100).over(by_id()),
        lead(Reading::LEVEL).rows_away(value(Reading::LEVEL).cast::<i32>()).over(by_id()),
        nth_value(Reading::LEVEL, 3).over(by_id()),
        sum(Reading::LEVEL).over(by_id()),
    ));
    let rows = engine.fetch_all(query).await.unwrap();
    let expected = [
        (None, Some(1), Some(100), Some(1), None, 1),
        (None, Some(3), Some(1), Some(3), None, 2),
        (Some(1), Some(7), Some(1), None, Some(3), 5),
        (Some(1), Some(-1), Some(3), None, Some(3), 12),
    ];
    assert_eq!(rows, expected);
}
