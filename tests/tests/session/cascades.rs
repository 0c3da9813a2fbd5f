//! What spreads along relations: save-update, delete, delete-orphan, and what is left to the database.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::sql::TrustedSql;
use orm_core::state::ObjectState;

mod models {
    use orm_core::prelude::*;

    orm_core::declarative_base!(pub(crate) Base);

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct Owner {
        #[model(primary_key)]
        pub(crate) id: Auto<i64>,
        /// Adds nothing.
        #[has_many(back_populates = "owner", cascade = "merge")]
        pub(crate) plain: HasMany<Plain>,
        /// Goes with its owner.
        #[has_one(back_populates = "owner", cascade = "all, delete-orphan")]
        pub(crate) one: HasOne<One>,
        /// Goes with its owner, but may be without one.
        #[has_one(back_populates = "owner", cascade = "all")]
        pub(crate) kept: HasOne<Kept>,
        /// The database has an action that the model does not know.
        #[has_many(back_populates = "owner", cascade = "all, delete-orphan", passive_deletes = true)]
        pub(crate) passive: HasMany<Passive>,
        /// As before, and the session does nothing at all.
        #[has_many(back_populates = "owner", passive_deletes = "all")]
        pub(crate) left: HasMany<Left>,
        #[many_to_many(secondary = "owner_label", cascade = "none")]
        pub(crate) labels: ManyToMany<Label>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct Plain {
        #[model(primary_key)]
        pub(crate) id: Auto<i64>,
        #[belongs_to(back_populates = "plain", cascade = "none")]
        pub(crate) owner: Option<BelongsTo<Owner>>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct One {
        #[model(primary_key)]
        pub(crate) id: Auto<i64>,
        #[belongs_to(back_populates = "one", unique)]
        pub(crate) owner: BelongsTo<Owner>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct Kept {
        #[model(primary_key)]
        pub(crate) id: Auto<i64>,
        #[belongs_to(back_populates = "kept", unique)]
        pub(crate) owner: Option<BelongsTo<Owner>>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct Passive {
        #[model(primary_key)]
        pub(crate) id: Auto<i64>,
        pub(crate) name: String,
        #[belongs_to(back_populates = "passive")]
        pub(crate) owner: BelongsTo<Owner>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct Left {
        #[model(primary_key)]
        pub(crate) id: Auto<i64>,
        pub(crate) name: String,
        #[belongs_to(back_populates = "left")]
        pub(crate) owner: Option<BelongsTo<Owner>>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct Label {
        #[model(primary_key)]
        pub(crate) word: String,
    }
}
use models::{Base, Kept, Label, Left, One, Owner, Passive, Plain};

/// Gives the database the actions that a migration made elsewhere would have given it.
async fn migrate(engine: &Engine, action: &str) {
    for table in ["passive", "left"] {
        let sql = format!(
            "ALTER TABLE \"{table}\" DROP CONSTRAINT \"fk_{table}_owner_id_owner\", \
             ADD CONSTRAINT \"fk_{table}_owner_id_owner\" FOREIGN KEY (owner_id) REFERENCES owner ON DELETE {action}"
        );
        engine.execute_script(TrustedSql::new(sql.clone())).await.unwrap();
    }
}

#[orm_testkit::test(base = Base)]
async fn without_save_update_new_values_are_not_added(engine: Engine) {
    let mut session = engine.session();
    let owner = session.add(Owner::builder().plain([Plain::builder()]));
    let error = session.commit().await.unwrap_err();
    assert_eq!((error.kind(), error.model()), (ErrorKind::NotAdded, Some("Owner")));
    assert_eq!(
        error.to_string(),
        "`Owner::plain` leads to a new `Plain` that was not added, and does not cascade save-update: add it with \
         `session.add(…)` and put its handle there, or declare the cascade"
    );
    assert!(session.is_active(), "nothing was sent");
    let member = session.add(Plain::builder());
    session[owner].plain = HasMany::new();
    session[owner].plain.push(member);
    session.commit().await.unwrap();
    assert_eq!(session[member].owner.as_ref().unwrap().handle(), Some(owner));
    assert_eq!(engine.count(select::<Plain>()).await.unwrap(), 1);
}

#[orm_testkit::test(base = Base)]
async fn nor_on_the_side_of_the_foreign_key_or_of_an_association(engine: Engine) {
    let mut session = engine.session();
    session.add(Plain::builder().owner(Owner::builder()));
    let error = session.flush().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotAdded);
    assert!(error.to_string().starts_with("`Plain::owner` leads to a new `Owner`"), "{error}");

    let mut session = engine.session();
    session.add(Owner::builder().labels([Label::builder().word("a")]));
    let error = session.flush().await.unwrap_err();
    assert!(error.to_string().starts_with("`Owner::labels` leads to a new `Label`"), "{error}");

    let label = Label { word: "b".into() };
    let mut session = engine.session();
    let label = session.add(label);
    session.add(Owner::builder().labels([label]));
    session.commit().await.unwrap();
    assert_eq!(engine.count(select::<Label>()).await.unwrap(), 1);
}

#[orm_testkit::test(base = Base)]
async fn a_transient_object_is_not_added_either(engine: Engine) {
    let mut session = engine.session();
    let owner = session.add(Owner::builder());
    session.commit().await.unwrap();
    let member = session.add(Plain::builder());
    session.rollback().await.unwrap();
    session[owner].plain.push(member);
    assert_eq!(session.flush().await.unwrap_err().kind(), ErrorKind::NotAdded);
    assert_eq!(session.state(member).unwrap(), ObjectState::Transient);
    session.add_again(member).unwrap();
    session.commit().await.unwrap();
    assert_eq!(session[member].owner.as_ref().unwrap().handle(), Some(owner));
}

#[orm_testkit::test(base = Base)]
async fn the_one_member_goes_with_its_owner_and_as_an_orphan(engine: Engine) {
    for load in [false, true] {
        let mut session = engine.session();
        session.add(Owner::builder().one(One::builder()).kept(Kept::builder()));
        session.commit().await.unwrap();
        let mut session = engine.session();
        let owner = session.query::<Owner>().one().await.unwrap();
        if load {
            session.load(owner, Owner::ONE).await.unwrap();
            session.load(owner, Owner::KEPT).await.unwrap();
        }
        session.delete(owner).unwrap();
        session.commit().await.unwrap();
        for left in [engine.count(select::<One>()).await, engine.count(select::<Kept>()).await] {
            assert_eq!(left.unwrap(), 0);
        }
    }
    let mut session = engine.session();
    let owner = session.add(Owner::builder().one(One::builder()).kept(Kept::builder()));
    session.commit().await.unwrap();
    let (one, kept) =
        (session[owner].one.handle().flatten().unwrap(), session[owner].kept.handle().flatten().unwrap());
    session[owner].one.clear();
    session[owner].kept.clear();
    session.commit().await.unwrap();
    assert_eq!(session.state(one).unwrap(), ObjectState::Deleted, "delete-orphan");
    assert!(session[kept].owner.is_none(), "delete alone says nothing of a member that leaves");
    assert_eq!(engine.count(select::<Kept>()).await.unwrap(), 1);
}

#[orm_testkit::test(base = Base)]
async fn passive_deletes_leave_what_is_not_loaded_to_the_database(engine: Engine) {
    migrate(&engine, "CASCADE").await;
    let passive = |n: usize| (0..n).map(|n| Passive::builder().name(n.to_string()));
    let mut session = engine.session();
    session.add(Owner::builder().passive(passive(3)));
    session.commit().await.unwrap();
    let mut other = engine.session();
    let owner = other.query::<Owner>().one().await.unwrap();
    let known = other.query::<Passive>().filter(Passive::NAME.eq("1")).one().await.unwrap();
    other.delete(owner).unwrap();
    let plan = other.flush_plan().unwrap().to_string();
    assert_eq!(plan, "delete 1 row of passive\ndelete 1 row of owner");
    other.commit().await.unwrap();
    assert_eq!(other.state(known).unwrap(), ObjectState::Deleted, "what is loaded is handled");
    assert_eq!(engine.count(select::<Passive>()).await.unwrap(), 0);
}

#[orm_testkit::test(base = Base)]
async fn passive_deletes_of_all_leave_even_loaded_members_alone(engine: Engine) {
    migrate(&engine, "SET NULL").await;
    let mut session = engine.session();
    let left = || (0..2).map(|n| Left::builder().name(n.to_string()));
    let owner = session.add(Owner::builder().left(left()));
    session.commit().await.unwrap();
    let members: Vec<_> = session.at(owner).related(Owner::LEFT).unwrap().map(|m| m.handle()).collect();
    session[members[0]].name = "changed".into();
    session.delete(owner).unwrap();
    let plan = session.flush_plan().unwrap().to_string();
    assert!(!plan.contains("owner_id") && !plan.contains("delete 1 row of left"), "{plan}");
    session.commit().await.unwrap();
    let rows = engine.fetch_all(select::<Left>()).await.unwrap();
    assert_eq!(
        (rows.len(), rows.iter().all(|row| row.owner.is_none())),
        (2, true),
        "the database cleared them"
    );
    assert_eq!(session.state(members[1]).unwrap(), ObjectState::Persistent);
}

#[orm_testkit::test(base = Base)]
async fn without_an_action_in_the_database_passive_deletes_are_refused_there(engine: Engine) {
    let mut session = engine.session();
    session.add(Owner::builder().passive([Passive::builder().name("a")]));
    session.commit().await.unwrap();
    let mut other = engine.session();
    let owner = other.query::<Owner>().one().await.unwrap();
    other.delete(owner).unwrap();
    assert!(other.commit().await.unwrap_err().is_foreign_key_violation());
}
