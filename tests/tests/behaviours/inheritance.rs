//! Rows in two tables, as objects of a session.

use orm_core::ErrorKind;
use orm_core::bulk::Values;
use orm_core::prelude::*;
use orm_tests::models::staff::{Architect, Base, Boss, Company, Employee, Engineer, Manager, Staff};

async fn ann(engine: &Engine) -> orm_core::Result<(Session, Handle<Manager>, Handle<Employee>)> {
    let mut session = engine.session();
    let half = session.add(Employee::builder().name("Ann"));
    let ann = session.add(Manager::builder().employee(half).budget(700));
    session.commit().await?;
    Ok((session, ann, half))
}

async fn staff(session: &mut Session) -> orm_core::Result<Vec<Staff>> {
    session.query::<Employee>().order_by(Employee::ID).polymorphic::<Staff>().all().await
}

#[orm_testkit::test(base = Base)]
async fn a_flush_updates_each_table_whose_half_changed(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann, half) = ann(&engine).await?;
    session[ann].budget = 1;
    assert_eq!(session.flush_plan()?.to_string(), "update 1 row of manager (budget)");
    session[half].name = "Anna".into();
    let before = engine.statistics().round_trips;
    session.commit().await?;
    assert_eq!(engine.statistics().round_trips, before + 1);
    let found =
        select::<Employee>().filter(Employee::MANAGER.has(Manager::BUDGET.eq(1))).fetch_one(&engine).await?;
    assert_eq!((&*found.name, &*found.kind), ("Anna", "manager"));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn both_halves_have_one_key(engine: Engine) -> orm_core::Result<()> {
    let (session, ann, half) = ann(&engine).await?;
    assert_eq!(session[ann].employee.key(), session[half].key().as_ref());
    assert_eq!(session[ann].key(), session[half].key());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn get_finds_a_kind_by_the_key_of_the_base(engine: Engine) -> orm_core::Result<()> {
    let (_, _, _) = ann(&engine).await?;
    let mut session = engine.session();
    let ann = session.get_one::<Manager>(1).await?;
    assert_eq!(session[ann].budget, 700);
    assert!(session.get::<Engineer>(1).await?.is_none(), "she is of another kind");
    let half = session.get_one::<Employee>(1).await?;
    assert_eq!(session.at(ann).related(Manager::EMPLOYEE)?.handle(), half);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_the_session_has_is_the_same_object_in_every_view(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann, half) = ann(&engine).await?;
    assert_eq!(staff(&mut session).await?, [Staff::Manager(ann)]);
    assert_eq!(session.polymorphic::<Staff>(half).await?, [Staff::Manager(ann)]);
    assert_eq!(session.query::<Manager>().one().await?, ann);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_polymorphic_query_writes_what_changed_first(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(Manager::builder().employee(Employee::builder().name("Ann")).budget(1));
    assert_eq!(staff(&mut session).await?, [Staff::Manager(ann)]);
    session.delete(ann)?;
    assert!(staff(&mut session).await?.is_empty());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn unsaved_changes_of_a_half_stay(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann, _) = ann(&engine).await?;
    session[ann].budget = 1;
    let mut session = session.no_autoflush();
    staff(&mut session).await?;
    assert_eq!(session[ann].budget, 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_stale_half_is_read_again(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann, _) = ann(&engine).await?;
    engine.execute_script("UPDATE manager SET budget = 3").await?;
    staff(&mut session).await?;
    assert_eq!(session[ann].budget, 700, "what was read stays");
    session.expire_all();
    assert_eq!(staff(&mut session).await?, [Staff::Manager(ann)]);
    assert_eq!(session[ann].budget, 3);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn paths_of_the_base_are_loaded_with_a_polymorphic_query(engine: Engine) -> orm_core::Result<()> {
    let (mut session, _, half) = ann(&engine).await?;
    session[half].company = Some(BelongsTo::to(Company::builder().name("Acme")));
    session.commit().await?;
    let mut session = engine.session();
    let query = session.query::<Employee>().with(Employee::COMPANY).limit(1).offset(0);
    let Staff::Manager(ann) = query.polymorphic::<Staff>().one().await? else { panic!("she is a manager") };
    let half = session.at(ann).related(Manager::EMPLOYEE)?;
    assert_eq!(half.related(Employee::COMPANY)?.unwrap().name, "Acme");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn nothing_found_is_one_round_trip(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let before = engine.statistics().round_trips;
    assert!(staff(&mut session).await?.is_empty());
    assert_eq!(engine.statistics().round_trips, before + 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn many_of_one_kind_are_one_statement_a_table(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add_all(
        (0..50).map(|n| {
            Engineer::builder().employee(Employee::builder().name(format!("E{n}"))).language("Rust")
        }),
    );
    let before = engine.statistics();
    session.commit().await?;
    assert_eq!(engine.statistics().round_trips, before.round_trips + 2);
    let mut session = engine.session();
    let before = engine.statistics();
    assert_eq!(staff(&mut session).await?.len(), 50);
    let after = engine.statistics();
    assert_eq!((after.round_trips - before.round_trips, after.statements - before.statements), (2, 2));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_rollback_takes_both_halves_back(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann, half) = ann(&engine).await?;
    session[ann].budget = 1;
    session[half].name = "Anna".into();
    let bea = session.add(Engineer::builder().employee(Employee::builder().name("Bea")).language("Rust"));
    session.flush().await?;
    session.rollback().await?;
    assert_eq!((session[ann].budget, &*session[half].name), (700, "Ann"));
    assert!(!session.contains(bea));
    assert_eq!(select::<Employee>().count(&engine).await?, 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_savepoint_takes_a_new_kind_back(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let half = session.add(Employee::builder().name("Ann"));
    session.flush().await?;
    let mut nested = session.begin_nested().await?;
    nested.add(Manager::builder().employee(half).budget(1));
    nested.flush().await?;
    assert_eq!(nested[half].kind, "manager");
    nested.rollback().await?;
    assert_eq!(session[half].kind, "employee");
    session.commit().await?;
    assert_eq!(select::<Manager>().count(&engine).await?, 0);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn the_half_of_what_was_deleted_is_gone_too(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann, half) = ann(&engine).await?;
    session.delete(ann)?;
    session.commit().await?;
    assert!(!session.contains(half) && !session.contains(ann));
    assert!(session.get::<Employee>(1).await?.is_none());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_deletion_that_is_not_flushed_can_be_taken_back(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann, half) = ann(&engine).await?;
    session.delete(ann)?;
    session.flush_plan()?;
    session.add_again(ann)?;
    session.commit().await?;
    assert!(session.contains(ann) && session.contains(half));
    assert_eq!(select::<Manager>().count(&engine).await?, 1);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn members_of_one_kind_come_and_go_by_their_own_relations(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann, _) = ann(&engine).await?;
    let bea = Engineer::builder().employee(Employee::builder().name("Bea")).language("Rust");
    let bea = session.add(bea);
    session[ann].reports.push(bea);
    session.commit().await?;
    let led =
        select::<Engineer>().filter(Engineer::LEAD.has(Manager::EMPLOYEE.has(Employee::NAME.eq("Ann"))));
    assert_eq!(led.count(&engine).await?, 1);
    session.delete(ann)?;
    session.commit().await?;
    assert!(session[bea].lead.is_none());
    assert_eq!(engine.fetch_all(columns(Employee::NAME)).await?, ["Bea"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn both_halves_are_merged_by_their_key(engine: Engine) -> orm_core::Result<()> {
    let (mut session, ann, half) = ann(&engine).await?;
    let given = Employee { id: Auto::Set(1), ..Employee::builder().name("Anna").kind("manager").build() };
    assert_eq!(session.merge(given).await?, half);
    assert_eq!(session.merge(Manager::builder().employee_key(1).budget(9)).await?, ann);
    session.commit().await?;
    let found =
        select::<Employee>().filter(Employee::MANAGER.has(Manager::BUDGET.eq(9))).fetch_one(&engine).await?;
    assert_eq!((&*found.name, &*found.kind), ("Anna", "manager"));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn the_database_refuses_a_half_without_its_other(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(Manager::builder().employee_key(7).budget(1));
    let error = session.commit().await.unwrap_err();
    assert!(error.is_foreign_key_violation());
    session.rollback().await?;
    session.add(Manager::builder().budget(1));
    assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::Unset);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn kinds_are_counted_and_asked_for_by_the_column_of_the_base(engine: Engine) -> orm_core::Result<()> {
    let (mut session, _, _) = ann(&engine).await?;
    session.add(Employee::builder().name("Bea"));
    session.commit().await?;
    for (kind, count) in [("manager", 1), ("employee", 1), ("eng", 0)] {
        assert_eq!(select::<Employee>().filter(Employee::KIND.eq(kind)).count(&engine).await?, count);
    }
    Ok(())
}

/// Managers with budgets from 0, engineers, and one employee of no kind, in turns; and a session that has none of them.
async fn of_kinds(engine: &Engine) -> orm_core::Result<Session> {
    let mut session = engine.session();
    for n in 0..4 {
        let half = |kind: &str| Employee::builder().name(format!("{kind} {n}"));
        session.add(Manager::builder().employee(half("M")).budget(n));
        session.add(Engineer::builder().employee(half("E")).language("Rust"));
    }
    session.add(Employee::builder().name("O"));
    session.commit().await?;
    Ok(engine.session())
}

fn budgets(session: &Session, staff: &[Staff]) -> Vec<i64> {
    let managers = staff.iter().filter_map(|one| match one {
        Staff::Manager(manager) => Some(session[*manager].budget),
        _ => None,
    });
    managers.collect()
}

#[orm_testkit::test(base = Base)]
async fn a_loop_that_tells_kinds_asks_once(engine: Engine) -> orm_core::Result<()> {
    let mut session = of_kinds(&engine).await?;
    let before = engine.statistics();
    let mut seen = Vec::new();
    for one in session.query::<Employee>().order_by(Employee::ID).all().await? {
        seen.extend(session.polymorphic::<Staff>(one).await?);
    }
    let after = engine.statistics();
    assert_eq!(seen.len(), 9);
    assert_eq!(budgets(&session, &seen), [0, 1, 2, 3]);
    // The base; managers and engineers in one flight.
    assert_eq!((after.round_trips - before.round_trips, after.statements - before.statements), (2, 3));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_list_of_handles_is_told_apart_without_its_siblings(engine: Engine) -> orm_core::Result<()> {
    let mut session = of_kinds(&engine).await?;
    let all = session.query::<Employee>().order_by(Employee::ID).all().await?;
    session.polymorphic::<Staff>(&all[..1]).await?;
    assert_eq!((session.objects::<Manager>().count(), session.objects::<Engineer>().count()), (1, 0));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_sibling_of_an_unknown_kind_is_in_nobodys_way(engine: Engine) -> orm_core::Result<()> {
    let mut session = of_kinds(&engine).await?;
    let all = session.query::<Employee>().order_by(Employee::ID).all().await?;
    assert!(matches!(session.polymorphic::<Boss>(all[0]).await?[..], [Boss::Manager(_)]));
    assert_eq!(session.polymorphic::<Boss>(all[1]).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(session.objects::<Manager>().count(), 4);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn kinds_that_are_hidden_are_left_out(engine: Engine) -> orm_core::Result<()> {
    let mut session = of_kinds(&engine).await?;
    session.restrict::<Manager>(Manager::BUDGET.ge(2));
    let seen = staff(&mut session).await?;
    assert_eq!((seen.len(), budgets(&session, &seen)), (7, vec![2, 3]));
    let is_manager = || Employee::KIND.eq("manager");
    assert_eq!(session.query().filter(is_manager()).count().await?, 4, "the rows of the base are seen");
    // A limit counts what is seen.
    let query = session.query().filter(is_manager()).order_by(Employee::ID).limit(1);
    let two = query.polymorphic::<Staff>().one().await?;
    let query = session.query().filter(is_manager()).order_by(Employee::ID);
    assert_eq!(query.polymorphic::<Staff>().first().await?, Some(two));
    assert_eq!(budgets(&session, &[two]), [2]);
    let query = session.query::<Employee>().unrestricted().order_by(Employee::ID);
    let all = query.polymorphic::<Staff>().all().await?;
    assert_eq!((all.len(), budgets(&session, &all)), (9, vec![0, 1, 2, 3]));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn hidden_kinds_of_a_loop_are_asked_for_once(engine: Engine) -> orm_core::Result<()> {
    let mut session = of_kinds(&engine).await?;
    session.restrict::<Manager>(Manager::BUDGET.ge(2));
    let all = session.query::<Employee>().order_by(Employee::ID).all().await?;
    let (before, mut seen) = (engine.statistics().round_trips, Vec::new());
    for one in &all {
        seen.extend(session.polymorphic::<Staff>(*one).await?);
    }
    assert_eq!((seen.len(), engine.statistics().round_trips), (7, before + 1));
    // The way out asks for them, and so does a query.
    assert_eq!(session.without_criteria().polymorphic::<Staff>(all[0]).await?.len(), 1);
    let mut session = engine.session();
    session.restrict::<Manager>(Manager::BUDGET.ge(2));
    let bases = session.query::<Employee>().order_by(Employee::ID).all().await?;
    assert!(session.polymorphic::<Staff>(bases[0]).await?.is_empty());
    engine.execute_script("UPDATE manager SET budget = 7 WHERE employee_id = 1").await?;
    let seen = staff(&mut session).await?;
    assert_eq!(budgets(&session, &seen), [7, 2, 3]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_kind_whose_row_is_gone_is_an_error_that_says_so(engine: Engine) -> orm_core::Result<()> {
    let mut session = of_kinds(&engine).await?;
    engine.execute_script("DELETE FROM manager WHERE employee_id = 1").await?;
    let error = staff(&mut session).await.unwrap_err();
    assert_eq!(error.to_string(), "Employee(1) says that it is a `Manager`, and there is no row of that");
    Ok(())
}

/// Ann leads Bea; Dan is an architect, a row in three tables. Ann and Dan are gone.
async fn gone(engine: &Engine) -> orm_core::Result<Session> {
    let mut session = engine.session();
    let half = |name: &str| Employee::builder().name(name);
    let ann = session.add(Manager::builder().employee(half("Ann (gone)")).budget(1));
    session.add(Manager::builder().employee(half("Eve")).budget(2));
    session.add(Engineer::builder().employee(half("Bea")).language("Rust").lead(ann));
    let dan = Engineer::builder().employee(half("Dan (gone)")).language("SQL");
    session.add(Architect::builder().engineer(dan).plans(3));
    session.commit().await?;
    let mut session = engine.session();
    session.restrict::<Employee>(!Employee::NAME.like("%gone%"));
    Ok(session)
}

#[orm_testkit::test(base = Base)]
async fn criteria_of_the_base_hide_all_kinds(engine: Engine) -> orm_core::Result<()> {
    let mut session = gone(&engine).await?;
    let seen = session.query::<Manager>().all().await?;
    assert_eq!((seen.len(), session[seen[0]].budget), (1, 2));
    assert_eq!(session.query::<Manager>().count().await?, 1);
    assert_eq!(session.query::<Engineer>().count().await?, 1);
    assert_eq!(session.query::<Architect>().count().await?, 0, "over two levels");
    assert!(session.get::<Manager>(1).await?.is_none());
    // Along relations, in conditions and loads.
    assert_eq!(
        session.query::<Employee>().filter(Employee::MANAGER.has(Manager::BUDGET.ge(0))).count().await?,
        1
    );
    assert_eq!(
        session.query::<Engineer>().filter(Engineer::LEAD.has(Manager::BUDGET.ge(0))).count().await?,
        0
    );
    let bea = session.query::<Engineer>().with(Engineer::LEAD).one().await?;
    assert!(session.at(bea).related(Engineer::LEAD)?.is_none());
    // Both halves as one, also with criteria of a kind.
    assert_eq!(staff(&mut session).await?.len(), 2);
    session.restrict::<Manager>(Manager::BUDGET.ge(3));
    let seen = staff(&mut session).await?;
    assert!(matches!(seen[..], [Staff::Engineer(_)]), "{seen:?}");
    // The way out.
    let mut all = session.without_criteria();
    assert_eq!((all.query::<Manager>().count().await?, all.query::<Architect>().count().await?), (2, 1));
    assert_eq!(staff(&mut all).await?.len(), 4);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn criteria_of_the_base_hold_for_writing_kinds(engine: Engine) -> orm_core::Result<()> {
    let mut session = gone(&engine).await?;
    assert_eq!(session.query::<Manager>().set(Manager::BUDGET, 9).update().await?, 1);
    let error = session.bulk_update_mappings([Values::<Manager>::new()
        .set(Manager::EMPLOYEE_ID, 1)
        .set(Manager::BUDGET, 7)]);
    assert_eq!(error.await.unwrap_err().kind(), ErrorKind::StaleData);
    session.rollback().await?;
    assert_eq!(session.query::<Architect>().delete().await?, 0);
    assert_eq!(session.query::<Manager>().delete().await?, 1);
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns(Manager::BUDGET)).await?, [1]);
    assert_eq!(engine.fetch_all(columns(Architect::PLANS)).await?, [3]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn criteria_of_the_base_that_ask_for_a_kind_come_to_an_end(engine: Engine) -> orm_core::Result<()> {
    gone(&engine).await?;
    let mut session = engine.session();
    session.restrict::<Employee>(Employee::MANAGER.has(Manager::BUDGET.ge(2)));
    assert_eq!(session.query::<Employee>().count().await?, 1);
    assert_eq!(session.query::<Manager>().count().await?, 1);
    assert_eq!(session.query::<Engineer>().count().await?, 0);
    session.restrict::<Manager>(Manager::EMPLOYEE.has(Employee::NAME.eq("Eve")));
    assert_eq!(staff(&mut session).await?.len(), 1);
    session.restrict::<Manager>(Manager::EMPLOYEE.has(Employee::NAME.eq("Ann")));
    assert!(staff(&mut session).await?.is_empty());
    Ok(())
}
