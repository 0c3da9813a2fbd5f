//! Points in time and intervals of columns, added and subtracted.

use orm_core::prelude::*;
use orm_core::query::{now, value};
use orm_core::types::Interval;

orm_core::declarative_base!(pub(crate) Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub(crate) struct Plan {
    #[model(primary_key)]
    id: Auto<i64>,
    #[model(length = 20)]
    name: String,
    period: Interval,
    grace: Option<Interval>,
    #[has_many(back_populates = "plan")]
    contracts: HasMany<Contract>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub(crate) struct Contract {
    #[model(primary_key)]
    id: Auto<i64>,
    begun: NaiveDate,
    ended: Option<NaiveDate>,
    signed: NaiveDateTime,
    seen: DateTime<Utc>,
    #[belongs_to(back_populates = "contracts")]
    plan: BelongsTo<Plan>,
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn time(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

async fn contracts(engine: &Engine) {
    let mut session = engine.session();
    let contract = |ended: Option<&str>| {
        let mut new = Contract::builder().begun(day("2024-01-31"));
        if let Some(ended) = ended {
            new = new.ended(day(ended));
        }
        new.signed(time("2024-01-30T18:00:00")).seen("2024-02-01T06:00:00Z".parse::<DateTime<Utc>>().unwrap())
    };
    let monthly =
        Plan::builder().name("monthly").period(Interval::from_months(1)).grace(Interval::from_days(3));
    session.add(monthly.contracts([contract(Some("2024-03-15"))]));
    session.add(Plan::builder().name("weekly").period(Interval::from_days(7)).contracts([contract(None)]));
    session.commit().await.unwrap();
}

#[orm_testkit::test(base = Base)]
async fn each_row_moves_by_its_own_interval(engine: Engine) {
    contracts(&engine).await;
    let next = || value(Contract::BEGUN).plus(Plan::PERIOD);
    let query = select::<Contract>().join(Contract::PLAN).order_by(Plan::NAME);
    let rows = engine.fetch_all(query.clone().columns((Plan::NAME, next()))).await.unwrap();
    let monthly = ("monthly".to_owned(), time("2024-02-29T00:00:00"));
    assert_eq!(rows, [monthly, ("weekly".to_owned(), time("2024-02-07T00:00:00"))]);
    let late = query.clone().filter(next().gt(time("2024-02-10T00:00:00"))).columns(Plan::NAME);
    assert_eq!(engine.fetch_all(late).await.unwrap(), ["monthly"]);
    // Intervals add, and what is missing makes the sum `NULL`.
    let sums = columns((Plan::PERIOD.plus(Plan::GRACE), Plan::PERIOD.minus(Interval::from_days(1))));
    let rows = engine.fetch_all(sums.order_by(Plan::NAME)).await.unwrap();
    let mixed = |months, days| Interval { months, days, micros: 0 };
    assert_eq!(rows, [(Some(mixed(1, 3)), mixed(1, -1)), (None, mixed(0, 6))]);
    let both = query.columns(value(Contract::SIGNED).minus(value(Plan::PERIOD).plus(Plan::PERIOD)));
    let expected = [time("2023-11-30T18:00:00"), time("2024-01-16T18:00:00")];
    assert_eq!(engine.fetch_all(both).await.unwrap(), expected);
}

#[orm_testkit::test(base = Base)]
async fn differences_are_days_and_intervals(engine: Engine) {
    contracts(&engine).await;
    let query = columns((
        Contract::ENDED.since(Contract::BEGUN),
        Contract::SIGNED.since(time("2024-01-29T17:00:00")),
        Contract::BEGUN.since(day("2024-02-01")),
    ));
    let rows = engine.fetch_all(query.order_by(Contract::ID)).await.unwrap();
    let passed = Interval { months: 0, days: 1, micros: 3_600_000_000 };
    assert_eq!(rows, [(Some(44), passed, -1), (None, passed, -1)]);
    let old = select::<Contract>().filter(now().since(Contract::SEEN).gt(Interval::from_days(300)));
    assert_eq!(engine.count(old).await.unwrap(), 2);
    let long = select::<Contract>().filter(Contract::ENDED.since(Contract::BEGUN).ge(44));
    assert_eq!(engine.count(long).await.unwrap(), 1);
}
