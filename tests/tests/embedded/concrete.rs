//! Concrete inheritance: a mixin in several tables, and an enum of handles over them.

use orm_core::prelude::*;
use orm_tests::models::staff::{Base, Boat, Car, Employee, Registered, Vehicle};

fn registered(plate: &str) -> Registered {
    Registered { plate: plate.into(), weight: 900 }
}

#[test]
fn each_table_has_the_columns_and_constraints_of_the_mixin() {
    for name in ["car", "boat"] {
        let table = Base::metadata().unwrap().table(name).unwrap();
        assert!(table.columns.iter().any(|column| column.name == "plate" && !column.nullable));
        assert_eq!(table.uniques[0].name, format!("uq_{name}_plate"));
        assert_eq!(table.checks[0].name, format!("ck_{name}_weight"));
    }
}

#[orm_testkit::test(base = Base)]
async fn rows_of_all_tables_are_found_in_one_round_trip(engine: Engine) {
    let mut session = engine.session();
    let ann = session.add(Employee::builder().name("Ann"));
    session.add(Car::builder().registered(registered("A")).doors(5).driver(ann));
    session.add(Car::builder().registered(registered("B")).doors(2));
    session.add(Boat::builder().registered(registered("C")));
    session.commit().await.unwrap();
    let mut session = engine.session();
    let before = engine.statistics().round_trips;
    let found = session.all_kinds::<Vehicle>((select().order_by(Car::DOORS), select())).await.unwrap();
    assert_eq!(engine.statistics().round_trips, before + 1);
    let plates: Vec<&str> = found
        .iter()
        .map(|vehicle| match *vehicle {
            Vehicle::Car(car) => &*session[car].registered.plate,
            Vehicle::Boat(boat) => &*session[boat].registered.plate,
        })
        .collect();
    assert_eq!(plates, ["B", "A", "C"]);
}

#[orm_testkit::test(base = Base)]
async fn each_query_has_its_own_conditions_and_paths(engine: Engine) {
    let mut session = engine.session();
    let ann = Employee::builder().name("Ann");
    session.add(Car::builder().registered(registered("A")).doors(5).driver(ann));
    session.add(Car::builder().registered(registered("B")).doors(2));
    session.add(Boat::builder().registered(registered("C")));
    session.commit().await.unwrap();
    let mut session = engine.session();
    let plate = Car::REGISTERED.then(Registered::PLATE);
    let cars = select::<Car>().filter(plate.eq("A")).with(Car::DRIVER);
    let boats = select::<Boat>().filter(Boat::REGISTERED.then(Registered::WEIGHT).gt(1000));
    let found = session.all_kinds::<Vehicle>((cars, boats)).await.unwrap();
    let [Vehicle::Car(car)] = found[..] else { panic!("{found:?}") };
    assert_eq!(session.at(car).related(Car::DRIVER).unwrap().unwrap().name, "Ann");
}
