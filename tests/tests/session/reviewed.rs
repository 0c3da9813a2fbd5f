//! Behaviour at the seams: transactions with earlier flushes, plain references, circles, counts, rollbacks of deletions.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use shop_models::models::{Base, Cart, Customer, Product};
use std::time::Duration;

mod models {
    use orm_core::prelude::*;

    orm_core::declarative_base!(pub(crate) Base);

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct Student {
        #[model(primary_key)]
        pub(crate) id: Auto<i64>,
        #[belongs_to]
        pub(crate) mentor: Option<BelongsTo<Student>>,
        #[model(server_default = "'2026-01-01'")]
        pub(crate) since: Auto<NaiveDate>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct Log {
        #[model(primary_key)]
        pub(crate) id: Auto<i64>,
        #[model(references = "student.id")]
        pub(crate) student_id: i64,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct Note {
        #[model(primary_key)]
        pub(crate) id: Auto<i64>,
        #[model(references = "student.id", on_delete = "cascade")]
        pub(crate) student_id: i64,
    }

    /// Its table sorts after that of the model it refers to in a circle.
    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct Team {
        #[model(primary_key)]
        pub(crate) id: Auto<i64>,
        #[belongs_to]
        pub(crate) lead: Option<BelongsTo<Person>>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct Person {
        #[model(primary_key)]
        pub(crate) id: Auto<i64>,
        #[belongs_to]
        pub(crate) team: BelongsTo<Team>,
    }
}
use models::{Log, Note, Person, Student, Team};

fn customer(email: &str) -> Customer {
    Customer::builder().name("Ann").email(email).build()
}

#[orm_testkit::test(base = Base)]
async fn a_stale_row_takes_an_earlier_flush_with_it(engine: Engine) {
    let mut session = engine.session();
    let ann = session.add(customer("a@x"));
    session.commit().await.unwrap();
    session.add(customer("b@x"));
    session.flush().await.unwrap();
    customer("c@x").insert(&engine).await.unwrap();
    Customer::find(&engine, 1).await.unwrap().unwrap().delete(&engine).await.unwrap();
    session[ann].age = Some(1);
    assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::StaleData);
    session.rollback().await.unwrap();
    assert_eq!(engine.fetch_all(columns(Customer::EMAIL)).await.unwrap(), ["c@x"], "b went with it");
}

#[orm_testkit::test(base = models::Base)]
async fn plain_references_are_moved_before_their_target_goes(engine: Engine) {
    let mut session = engine.session();
    let (a, b) = (session.add(Student::builder()), session.add(Student::builder()));
    session.commit().await.unwrap();
    let (a_id, b_id) = (session[a].id.unwrap(), session[b].id.unwrap());
    let log = session.add(Log::builder().student_id(a_id));
    let note = session.add(Note::builder().student_id(a_id));
    session.commit().await.unwrap();
    session[log].student_id = b_id;
    session.delete(a).unwrap();
    session.commit().await.unwrap();
    assert_eq!(engine.fetch_all(columns(Log::STUDENT_ID)).await.unwrap(), [b_id]);
    assert_eq!(session.try_get(note).unwrap_err().kind(), ErrorKind::Gone, "the database cascades");
    assert_eq!(engine.count(select::<Note>()).await.unwrap(), 0);
}

#[orm_testkit::test(base = models::Base)]
async fn a_circle_goes_whatever_its_tables_are_called(engine: Engine) {
    let mut session = engine.session();
    let team = session.add(Team::builder());
    let people = session.add_all((0..3).map(|_| Person::builder().team(team)));
    session[team].lead = Some(people[0].into());
    session.commit().await.unwrap();
    session.delete(team).unwrap();
    for person in people {
        session.delete(person).unwrap();
    }
    session.commit().await.unwrap();
    assert_eq!(
        engine.count(select::<Person>()).await.unwrap() + engine.count(select::<Team>()).await.unwrap(),
        0
    );
}

#[orm_testkit::test(base = models::Base)]
async fn a_row_that_refers_to_itself(engine: Engine) {
    for always in [false, true] {
        if always {
            engine.execute_script("ALTER TABLE student ALTER id SET GENERATED ALWAYS").await.unwrap();
        }
        let mut session = engine.session();
        let student = session.add(Student::builder());
        session[student].mentor = Some(student.into());
        session.commit().await.unwrap();
        let row = Student::find(&engine, session[student].id.unwrap()).await.unwrap().unwrap();
        assert_eq!(row.mentor.unwrap().key(), row.id.get());
    }
}

#[orm_testkit::test(base = Base)]
async fn a_count_respects_limit_and_offset(engine: Engine) {
    let mut session = engine.session();
    session.add_all((0..5).map(|n| customer(&format!("{n}@x"))));
    session.commit().await.unwrap();
    assert_eq!(session.query::<Customer>().limit(2).count().await.unwrap(), 2);
    assert_eq!(session.query::<Customer>().offset(1).order_by(Customer::ID).count().await.unwrap(), 4);
    assert_eq!(engine.count(select::<Customer>().filter(Customer::EMAIL.eq("1@x"))).await.unwrap(), 1);
}

#[orm_testkit::test(base = Base)]
async fn what_is_written_to_a_deleted_object_is_rolled_back_too(engine: Engine) {
    let mut session = engine.session();
    let ann = session.add(customer("a@x"));
    session.commit().await.unwrap();
    session.delete(ann).unwrap();
    session[ann].name = "changed".into();
    session.rollback().await.unwrap();
    assert_eq!(session[ann].name, "Ann");
}

#[orm_testkit::test(base = Base)]
async fn a_member_of_two_collections_belongs_to_the_one_that_it_was_left_in(engine: Engine) {
    let mut session = engine.session();
    let (a, b) = (session.add(customer("a@x")), session.add(customer("b@x")));
    let cart = session.add(Cart::builder());
    session[a].carts.push(cart);
    session[b].carts.push(cart);
    assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::Contradiction);
    session[a].carts.remove(cart);
    session.commit().await.unwrap();
    let shown = [a, b].map(|owner| session.at(owner).related(Customer::CARTS).unwrap().len());
    let owner = session[cart].customer.handle().unwrap();
    assert_eq!((shown, owner), ([0, 1], b));
}

#[orm_testkit::test(base = Base)]
async fn a_value_of_the_database_cannot_be_unset(engine: Engine) {
    let mut session = engine.session();
    let ann = session.add(customer("a@x"));
    session.commit().await.unwrap();
    session[ann].created_at = Auto::Unset;
    let error = session.commit().await.unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::Unset, Some("created_at")));
}

#[orm_testkit::test(base = Base)]
async fn records_name_model_and_column_too(engine: Engine) {
    customer("a@x").insert(&engine).await.unwrap();
    let error = customer("a@x").insert(&engine).await.unwrap_err();
    assert_eq!((error.model(), error.column()), (Some("Customer"), Some("email")));
    let mut product = Product::builder().sku("1").title("Tea").price_cents(1).build();
    product.insert(&engine).await.unwrap();
    product.price_cents = -1;
    assert_eq!(product.update(&engine).await.unwrap_err().model(), Some("Product"));
}

#[orm_testkit::test(base = Base)]
async fn everything_that_a_rollback_took_back_is_added_again(engine: Engine) {
    let mut session = engine.session();
    let all = session.add_all((0..4).map(|n| customer(&format!("{}@x", n / 3))));
    assert!(session.commit().await.unwrap_err().is_unique_violation());
    session.rollback().await.unwrap();
    for (n, handle) in all.into_iter().enumerate() {
        session[handle].email = format!("{n}@x");
    }
    session.add_all_again();
    session.commit().await.unwrap();
    assert_eq!(engine.count(select::<Customer>()).await.unwrap(), 4);
}

#[orm_testkit::test]
async fn settings_of_nothing_are_refused(engine: Engine) {
    drop(engine);
    let url = "postgresql://ann@localhost/shop";
    for builder in [
        Engine::builder(url).checkout_timeout(Duration::ZERO),
        Engine::builder(url).idle_timeout(Duration::ZERO),
        Engine::builder(url).pool_size(0),
    ] {
        assert_eq!(builder.build().unwrap_err().kind(), ErrorKind::Config);
    }
    let outside = std::thread::spawn(move || Engine::builder(url).build().unwrap_err().kind());
    assert_eq!(outside.join().unwrap(), ErrorKind::Config);
}

#[orm_testkit::test(base = models::Base)]
async fn a_chain_of_rows_of_different_shapes_is_one_statement(engine: Engine) {
    let mut session = engine.session();
    let own: NaiveDate = "2020-02-02".parse().unwrap();
    let mut chain: Vec<Handle<Student>> = Vec::new();
    for n in 0..100 {
        let student = match n % 2 {
            0 => session.add(Student::builder()),
            _ => session.add(Student::builder().since(own)),
        };
        session[student].mentor = chain.last().map(|mentor| (*mentor).into());
        chain.push(student);
    }
    orm_testkit::assert_queries!(session, 2, { session.commit().await.unwrap() });
    for (n, student) in chain.iter().enumerate() {
        let mine = &session[*student];
        let row = Student::find(&engine, mine.id.unwrap()).await.unwrap().unwrap();
        assert_eq!((row.since == own, row.since), (n % 2 == 1, mine.since));
        assert_eq!(row.mentor.is_some(), n > 0);
    }
}
