//! Joined inheritance: rows in two tables, and an enum of handles over them.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_tests::models::staff::{
    Architect, Base, Boss, Company, Employee, Engineer, Manager, Staff, contradictory,
};

fn employee(name: &str) -> impl orm_core::mapper::IntoMember<Employee> + use<> {
    Employee::builder().name(name)
}

/// How many round trips something takes, and what it gives.
async fn trips<T>(engine: &Engine, work: impl Future<Output = orm_core::Result<T>>) -> (u64, T) {
    let before = engine.statistics().round_trips;
    let done = work.await.unwrap();
    (engine.statistics().round_trips - before, done)
}

async fn sample(engine: &Engine) {
    let mut session = engine.session();
    let acme = session.add(Company::builder().name("Acme"));
    let of_acme = |name: &str| Employee::builder().name(name).company(acme);
    let ann = session.add(Manager::builder().employee(of_acme("Ann")).budget(700));
    session.add(Engineer::builder().employee(of_acme("Bea")).language("Rust").lead(ann));
    session.add(Employee::builder().name("Cem"));
    let engineer = Engineer::builder().employee(of_acme("Dan")).language("SQL");
    session.add(Architect::builder().engineer(engineer).plans(3));
    session.commit().await.unwrap();
}

#[orm_testkit::test(base = Base)]
async fn the_base_says_the_kind_by_itself(engine: Engine) {
    sample(&engine).await;
    let kinds = columns((Employee::NAME, Employee::KIND)).order_by(Employee::NAME);
    let kinds: Vec<(String, String)> = engine.fetch_all(kinds).await.unwrap();
    let kinds: Vec<(&str, &str)> = kinds.iter().map(|(name, kind)| (&**name, &**kind)).collect();
    assert_eq!(kinds, [("Ann", "manager"), ("Bea", "eng"), ("Cem", "employee"), ("Dan", "architect")]);
}

#[orm_testkit::test(base = Base)]
async fn a_graph_of_all_kinds_is_written_in_two_round_trips(engine: Engine) {
    let mut session = engine.session();
    let ann = session.add(Manager::builder().employee(employee("Ann")).budget(700));
    assert_eq!(trips(&engine, session.commit()).await.0, 2);
    let half = session.at(ann).related(Manager::EMPLOYEE).unwrap();
    assert_eq!((&*half.name, &*half.kind), ("Ann", "manager"));
    session[ann].budget = 800;
    assert_eq!(trips(&engine, session.commit()).await.0, 1);
}

#[orm_testkit::test(base = Base)]
async fn a_query_of_the_base_gives_each_row_as_what_it_is_in_two_round_trips(engine: Engine) {
    sample(&engine).await;
    let mut session = engine.session();
    let all = session.query::<Employee>().order_by(Employee::NAME).polymorphic::<Staff>().all();
    let (count, staff) = trips(&engine, all).await;
    assert_eq!(count, 2);
    let [Staff::Manager(ann), Staff::Engineer(bea), Staff::Other(cem), Staff::Architect(dan)] = staff[..]
    else {
        panic!("{staff:?}")
    };
    assert_eq!((session[ann].budget, &*session[bea].language, &*session[cem].name), (700, "Rust", "Cem"));
    assert_eq!(session[dan].plans, 3);
    assert_eq!(session.at(bea).related(Engineer::EMPLOYEE).unwrap().name, "Bea");
    let all = session.query::<Employee>().order_by(Employee::NAME).polymorphic::<Staff>().all();
    assert_eq!(trips(&engine, all).await, (1, staff), "what the session has is not read again");
}

#[orm_testkit::test(base = Base)]
async fn conditions_go_over_both_tables(engine: Engine) {
    sample(&engine).await;
    let mut session = engine.session();
    let rich = session.query::<Employee>().filter(Employee::MANAGER.has(Manager::BUDGET.gt(500)));
    assert!(matches!(rich.polymorphic::<Staff>().one().await.unwrap(), Staff::Manager(_)));
    let bea = session
        .query::<Engineer>()
        .filter(Engineer::EMPLOYEE.has(Employee::NAME.eq("Bea")))
        .one()
        .await
        .unwrap();
    assert_eq!(session[bea].language, "Rust");
    let of_kind = session.query::<Employee>().filter(Employee::KIND.eq("eng")).polymorphic::<Staff>();
    assert_eq!(of_kind.first().await.unwrap(), Some(Staff::Engineer(bea)));
    let nobody = session.query::<Employee>().filter(Employee::NAME.eq("Eve")).polymorphic::<Staff>();
    assert_eq!(nobody.one_or_none().await.unwrap(), None);
    let several = session.query::<Employee>().polymorphic::<Staff>().one().await.unwrap_err();
    assert_eq!(several.kind(), ErrorKind::MultipleFound);
}

#[orm_testkit::test(base = Base)]
async fn members_of_a_relation_are_told_apart_too(engine: Engine) {
    sample(&engine).await;
    let mut session = engine.session();
    let acme = session.query::<Company>().with(Company::EMPLOYEES).one().await.unwrap();
    let members: Vec<Handle<Employee>> =
        session.at(acme).related(Company::EMPLOYEES).unwrap().map(|member| member.handle()).collect();
    let (count, staff) = trips(&engine, session.polymorphic::<Staff>(&members)).await;
    assert_eq!(count, 1);
    assert!(matches!(staff[..], [Staff::Manager(_), Staff::Engineer(_), Staff::Architect(_)]));
}

#[orm_testkit::test(base = Base)]
async fn relations_of_one_kind_are_relations_like_all(engine: Engine) {
    sample(&engine).await;
    let mut session = engine.session();
    let query =
        session.query::<Manager>().with(Manager::REPORTS.then(Engineer::EMPLOYEE)).with(Manager::EMPLOYEE);
    let ann = query.one().await.unwrap();
    let reports: Vec<String> = session
        .at(ann)
        .related(Manager::REPORTS)
        .unwrap()
        .map(|report| report.related(Engineer::EMPLOYEE).unwrap().name.clone())
        .collect();
    assert_eq!(reports, ["Bea"]);
}

#[orm_testkit::test(base = Base)]
async fn deleting_either_half_deletes_both(engine: Engine) {
    sample(&engine).await;
    let mut session = engine.session();
    let staff =
        session.query::<Employee>().order_by(Employee::NAME).polymorphic::<Staff>().all().await.unwrap();
    let (Staff::Engineer(bea), Staff::Architect(dan)) = (staff[1], staff[3]) else { panic!("{staff:?}") };
    session.delete(bea).unwrap();
    session.delete(dan).unwrap();
    session.commit().await.unwrap();
    assert_eq!(
        engine.fetch_all(columns(Employee::NAME).order_by(Employee::NAME)).await.unwrap(),
        ["Ann", "Cem"]
    );
    assert_eq!(select::<Engineer>().count(&engine).await.unwrap(), 0);
    let mut other = engine.session();
    let ann = other.query::<Employee>().filter(Employee::NAME.eq("Ann")).one().await.unwrap();
    other.delete(ann).unwrap();
    other.commit().await.unwrap();
    assert_eq!(select::<Manager>().count(&engine).await.unwrap(), 0);
}

#[orm_testkit::test(base = Base)]
async fn a_half_that_is_not_loaded_is_found_for_the_deletion(engine: Engine) {
    sample(&engine).await;
    let mut session = engine.session();
    let dan = session.query::<Architect>().one().await.unwrap();
    session.delete(dan).unwrap();
    session.commit().await.unwrap();
    assert_eq!(select::<Employee>().filter(Employee::NAME.eq("Dan")).count(&engine).await.unwrap(), 0);
    assert_eq!(select::<Engineer>().count(&engine).await.unwrap(), 1);
}

#[orm_testkit::test(base = Base)]
async fn a_deletion_that_is_taken_back_is_so_for_both(engine: Engine) {
    sample(&engine).await;
    let mut session = engine.session();
    let staff =
        session.query::<Employee>().order_by(Employee::NAME).polymorphic::<Staff>().all().await.unwrap();
    let Staff::Manager(ann) = staff[0] else { panic!("{staff:?}") };
    session.delete(ann).unwrap();
    session.flush().await.unwrap();
    session.rollback().await.unwrap();
    assert!(session.flush_plan().unwrap().is_empty());
    assert_eq!(session.at(ann).related(Manager::EMPLOYEE).unwrap().name, "Ann");
    assert_eq!(select::<Employee>().count(&engine).await.unwrap(), 4);
}

#[orm_testkit::test(base = Base)]
async fn an_object_of_the_base_becomes_of_a_kind_when_the_other_half_is_added(engine: Engine) {
    let mut session = engine.session();
    let ann = session.add(Employee::builder().name("Ann"));
    session.commit().await.unwrap();
    let manager = session.add(Manager::builder().employee(ann).budget(1));
    session.commit().await.unwrap();
    assert_eq!(session[ann].kind, "manager");
    assert_eq!(session.polymorphic::<Staff>(ann).await.unwrap(), [Staff::Manager(manager)]);
}

#[orm_testkit::test(base = Base)]
async fn a_kind_that_the_enum_does_not_have_is_an_error_that_names_it(engine: Engine) {
    sample(&engine).await;
    let mut session = engine.session();
    let error = session.query::<Employee>().polymorphic::<Boss>().all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("`Boss` has no such variant"), "{error}");
    let managers = session.query::<Employee>().filter(Employee::KIND.eq("manager")).polymorphic::<Boss>();
    assert!(matches!(managers.all().await.unwrap()[..], [Boss::Manager(_)]));
    engine.execute_script("UPDATE engineer SET lead_id = NULL; DELETE FROM manager").await.unwrap();
    let mut other = engine.session();
    let error = other.query::<Employee>().polymorphic::<Staff>().all().await.unwrap_err();
    assert!(
        error.to_string().contains("says that it is a `Manager`, and there is no row of that"),
        "{error}"
    );
}

#[test]
fn a_model_whose_key_is_not_the_other_half_is_a_mapping_error() {
    let error = contradictory::Base::metadata().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mapping);
    assert!(error.to_string().contains("the primary key of `Dog` has to be its `BelongsTo<Pet>`"), "{error}");
}

#[orm_testkit::test(base = Base)]
async fn the_members_of_one_owner_are_told_apart_by_query(engine: Engine) {
    sample(&engine).await;
    let mut session = engine.session();
    let acme = session.query::<Company>().one().await.unwrap();
    let of_acme = session.related(acme, Company::EMPLOYEES).polymorphic::<Staff>().all().await.unwrap();
    assert_eq!(of_acme.len(), 3, "Cem is of no company");
    let named = session.related(acme, Company::EMPLOYEES).filter(Employee::NAME.eq("Ann"));
    assert!(matches!(named.polymorphic::<Staff>().one().await.unwrap(), Staff::Manager(_)));
}
