//! Enums that carry data: one table for several kinds of rows.

use orm_core::prelude::*;
use orm_core::sql::TrustedSql;
use orm_tests::models::embedded::{Base, Employee, Geo, Role};

#[test]
fn each_variant_has_a_check() {
    let table = Base::metadata().unwrap().table("employee").unwrap();
    let names: Vec<&str> = table.columns.iter().map(|column| &*column.name).collect();
    assert_eq!(
        names[2..9],
        [
            "role",
            "role_budget",
            "role_level",
            "role_language",
            "role_visitor",
            "role_living_lat",
            "role_living_long"
        ]
    );
    assert!(!table.columns[2].nullable && table.columns[3].nullable && table.columns[9].nullable);
    let check =
        |name: &str| table.checks.iter().find(|check| check.name == name).map(|check| &*check.expression);
    assert_eq!(
        check("ck_employee_role"),
        Some(r#""role" IN ('manager', 'eng', 'visitor', 'living', 'intern')"#)
    );
    assert_eq!(
        check("ck_employee_role_eng"),
        Some(
            r#""role" <> 'eng' OR ("role_language" IS NOT NULL AND "role_budget" IS NULL AND "role_visitor" IS NULL AND "role_living_lat" IS NULL AND "role_living_long" IS NULL)"#
        )
    );
}

#[orm_testkit::test(base = Base)]
async fn rows_of_all_variants_are_written_in_one_statement_and_read_back(engine: Engine) {
    let mut session = engine.session();
    let roles = [
        Role::Manager { budget: 7, level: Some(1) },
        Role::Engineer { language: "Rust".into(), level: None },
        Role::Visitor("Ulm".into()),
        Role::Living(Geo { lat: 1, long: 2 }),
        Role::Intern,
    ];
    for (at, role) in roles.iter().enumerate() {
        session.add(Employee::builder().name(format!("E{at}")).role(role.clone()));
    }
    session.commit().await.unwrap();
    let mut other = engine.session();
    let found = other.query::<Employee>().order_by(Employee::ID).all().await.unwrap();
    let read: Vec<Role> = found.iter().map(|at| other[*at].role.clone()).collect();
    assert_eq!(read, roles);
    assert!(found.iter().all(|at| other[*at].former.is_none()));
}

#[orm_testkit::test(base = Base)]
async fn another_variant_is_an_update_of_its_columns(engine: Engine) {
    let mut session = engine.session();
    let ann = session.add(Employee::builder().name("Ann").role(Role::Manager { budget: 7, level: Some(1) }));
    session.commit().await.unwrap();
    if let Role::Manager { budget, .. } = &mut session[ann].role {
        *budget = 8;
    }
    session.commit().await.unwrap();
    session[ann].former = Some(session[ann].role.clone());
    session[ann].role = Role::Engineer { language: "Rust".into(), level: Some(1) };
    session.commit().await.unwrap();
    let found = select::<Employee>().fetch_one(&engine).await.unwrap();
    assert_eq!(found.role, Role::Engineer { language: "Rust".into(), level: Some(1) });
    assert_eq!(found.former, Some(Role::Manager { budget: 8, level: Some(1) }));
}

#[orm_testkit::test(base = Base)]
async fn variants_and_their_columns_can_be_asked_for(engine: Engine) {
    let mut session = engine.session();
    session.add(Employee::builder().name("Ann").role(Role::Manager { budget: 7, level: None }));
    session.add(
        Employee::builder().name("Bea").role(Role::Engineer { language: "Rust".into(), level: Some(2) }),
    );
    session.add(Employee::builder().name("Cem").role(Role::Visitor("Ulm".into())).former(Role::Intern));
    session.commit().await.unwrap();
    let by = async |filter| {
        engine.fetch_all(columns(Employee::NAME).filter(filter).order_by(Employee::ID)).await.unwrap()
    };
    assert_eq!(by(Employee::ROLE.is(Role::MANAGER)).await, ["Ann"]);
    assert_eq!(by(!Employee::ROLE.is(Role::MANAGER)).await, ["Bea", "Cem"]);
    assert_eq!(by(Employee::ROLE.is(Role::ENGINEER) & Employee::ROLE.then(Role::LEVEL).eq(2)).await, ["Bea"]);
    assert_eq!(by(Employee::ROLE.then(Role::VISITOR_VALUE).eq("Ulm")).await, ["Cem"]);
    assert_eq!(by(Employee::ROLE.then(Role::LIVING_VALUE).then(Geo::LAT).is_null()).await.len(), 3);
    assert_eq!(by(Employee::FORMER.is(Role::INTERN)).await, ["Cem"]);
    assert_eq!(by(Employee::FORMER.is_null()).await, ["Ann", "Bea"]);
    assert_eq!(by(Employee::ROLE.eq(&Role::Manager { budget: 7, level: None })).await, ["Ann"]);
    assert_eq!(by(Employee::ROLE.tag().in_any(["eng", "visitor"])).await, ["Bea", "Cem"]);
}

#[orm_testkit::test(base = Base)]
async fn the_database_refuses_what_no_variant_has(engine: Engine) {
    let mut session = engine.session();
    session.add(Employee::builder().name("Ann").role(Role::Intern));
    session.commit().await.unwrap();
    for (set, constraint) in [
        ("role_budget = 1", "ck_employee_role_intern"),
        ("role = 'manager'", "ck_employee_role_manager"),
        ("role = 'boss'", "ck_employee_role"),
        ("former_budget = 1", "ck_employee_former"),
        ("former = 'manager'", "ck_employee_former_manager"),
    ] {
        let error =
            engine.execute_script(TrustedSql::new(format!("UPDATE employee SET {set}"))).await.unwrap_err();
        assert!(error.is_check_violation());
        assert!(error.constraint().unwrap().starts_with(constraint), "{set}: {error}");
    }
}

#[orm_testkit::test(base = Base)]
async fn an_unsaved_change_of_a_variant_survives_that_the_row_becomes_another(engine: Engine) {
    let mut session = engine.session();
    let ann = session.add(Employee::builder().name("Ann").role(Role::Manager { budget: 7, level: None }));
    session.commit().await.unwrap();
    engine.execute_script("UPDATE employee SET role = 'intern', role_budget = NULL").await.unwrap();
    session.expire_all();
    session[ann].role = Role::Manager { budget: 9, level: None };
    let mut session = session.no_autoflush();
    session.query::<Employee>().one().await.unwrap();
    session.commit().await.unwrap();
    let found = select::<Employee>().fetch_one(&engine).await.unwrap();
    assert_eq!((&found.role, &session[ann].role), (&Role::Manager { budget: 9, level: None }, &found.role));
}
