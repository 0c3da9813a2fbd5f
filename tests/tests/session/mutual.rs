//! Two tables that refer to each other: new, changed and deleted rows in one flush.

use orm_core::prelude::*;
use orm_tests::models::circle::{self, Department, Employee};

mod models {
    use orm_core::prelude::*;

    orm_core::declarative_base!(pub(crate) Base);

    /// Both references are optional.
    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct Ball {
        #[model(primary_key)]
        pub(crate) id: Auto<i64>,
        pub(crate) name: String,
        #[belongs_to(back_populates = "balls")]
        pub(crate) person: Option<BelongsTo<Person>>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct Person {
        #[model(primary_key)]
        pub(crate) id: Auto<i64>,
        pub(crate) name: String,
        #[has_many(back_populates = "person", order_by = "id")]
        pub(crate) balls: HasMany<Ball>,
        #[belongs_to]
        pub(crate) favorite: Option<BelongsTo<Ball>>,
    }
}
use models::{Ball, Person};

fn ball(name: &str) -> Ball {
    Ball::builder().name(name).build()
}

/// Names of persons with that of their favorite ball and the number of their balls.
async fn state(engine: &Engine) -> Vec<(String, Option<String>, usize)> {
    let mut session = engine.session();
    let persons = session.query::<Person>().order_by(Person::NAME).all().await.unwrap();
    session.load(&persons, Person::BALLS).await.unwrap();
    session.load(&persons, Person::FAVORITE).await.unwrap();
    let row = |person: &Handle<Person>| {
        let person = session.at(*person);
        let favorite = person.related(Person::FAVORITE).unwrap().map(|ball| ball.name.clone());
        (person.name.clone(), favorite, person.related(Person::BALLS).unwrap().len())
    };
    persons.iter().map(row).collect()
}

#[orm_testkit::test(base = models::Base)]
async fn new_changed_and_deleted_rows(engine: Engine) {
    let mut session = engine.session();
    let people = session.add_all(["ann", "bea"].map(|name| Person::builder().name(name)));
    let balls = session.add_all((0..4).map(|n| ball(&n.to_string())));
    for (person, own) in people.iter().zip(balls.chunks(2)) {
        session[*person].balls.extend(own.iter().copied());
        session[*person].favorite = own[1].into();
    }
    orm_testkit::assert_queries!(session, 7, { session.commit().await.unwrap() }); // 2 reservations, 2 INSERTs, a late UPDATE, BEGIN and COMMIT
    let some = |name: &str| Some(name.to_owned());
    assert_eq!(state(&engine).await, [("ann".into(), some("1"), 2), ("bea".into(), some("3"), 2)]);

    // A new favorite for one, that of another one, and a new person with an old ball, in one flush.
    session[people[0]].favorite = Some(BelongsTo::to(ball("new")));
    session[people[1]].favorite = balls[0].into();
    let cleo = session.add(Person::builder().name("cleo").balls([balls[3]]));
    session[cleo].favorite = balls[3].into();
    session.commit().await.unwrap();
    assert_eq!(
        state(&engine).await,
        [("ann".into(), some("new"), 2), ("bea".into(), some("0"), 1), ("cleo".into(), some("3"), 1)]
    );

    // A ball that is somebody's favorite, and a person with hers, while others change.
    session.delete(balls[0]).unwrap();
    session.delete(cleo).unwrap();
    session.delete(balls[3]).unwrap();
    session[people[0]].name = "anna".into();
    session[people[0]].favorite = balls[1].into();
    session.commit().await.unwrap();
    assert_eq!(state(&engine).await, [("anna".into(), some("1"), 1), ("bea".into(), None, 1)]);

    // Everything.
    for handle in people {
        session.delete(handle).unwrap();
    }
    for handle in session.query::<Ball>().all().await.unwrap() {
        session.delete(handle).unwrap();
    }
    session.commit().await.unwrap();
    assert_eq!(
        engine.count(select::<Ball>()).await.unwrap() + engine.count(select::<Person>()).await.unwrap(),
        0
    );
}

#[orm_testkit::test(base = circle::Base)]
async fn one_of_them_required(engine: Engine) {
    let mut session = engine.session();
    let departments = session.add_all(["a", "b"].map(|name| Department::builder().name(name)));
    let heads = [0, 1].map(|n| session.add(Employee::builder().name("head").department(departments[n])));
    for (department, head) in departments.iter().zip(heads) {
        session[*department].head = head.into();
    }
    session.commit().await.unwrap();
    // The heads change places, one department gets a new one, and its old one goes.
    session[departments[0]].head = heads[1].into();
    session[heads[1]].department.set(departments[0]);
    let new = session.add(Employee::builder().name("new").department(departments[1]));
    session[departments[1]].head = new.into();
    session.delete(heads[0]).unwrap();
    session.commit().await.unwrap();
    let rows = engine.fetch_all(select::<Department>().order_by(Department::ID)).await.unwrap();
    let keys: Vec<_> =
        rows.iter().map(|row| row.head.as_ref().and_then(|head| head.key().copied())).collect();
    assert_eq!(keys, [session[heads[1]].id.get().copied(), session[new].id.get().copied()]);
    // A department goes with everybody in it, and a new one comes with the same head.
    let third = session.add(Department::builder().name("c"));
    session[heads[1]].department.set(third);
    session[third].head = heads[1].into();
    session.delete(departments[0]).unwrap();
    session.commit().await.unwrap();
    assert_eq!(
        engine.fetch_all(columns(Department::NAME).order_by(Department::ID)).await.unwrap(),
        ["b", "c"]
    );
    session.delete(third).unwrap();
    session.delete(heads[1]).unwrap();
    session.delete(departments[1]).unwrap();
    session.delete(new).unwrap();
    session.commit().await.unwrap();
    assert_eq!(engine.count(select::<Employee>()).await.unwrap(), 0);
}
