//! Tables that are called by the names which statements give to tables, columns and rows of their own.

use orm_core::bulk::update;
use orm_core::prelude::*;

mod models {
    use orm_core::prelude::*;

    orm_core::declarative_base!(pub(super) Base);

    #[derive(Model, Clone, Debug)]
    #[model(base = Base, table = "t1")]
    pub(super) struct Owner {
        #[model(primary_key)]
        pub(super) id: Auto<i64>,
        pub(super) c1: i32,
        #[has_many(back_populates = "owner")]
        pub(super) parts: HasMany<Part>,
        #[many_to_many(secondary = "l", back_populates = "owners")]
        pub(super) marks: ManyToMany<Mark>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base, table = "t2")]
    pub(super) struct Part {
        #[model(primary_key)]
        pub(super) id: Auto<i64>,
        #[belongs_to]
        pub(super) owner: BelongsTo<Owner>,
        #[belongs_to]
        pub(super) next: Option<BelongsTo<Part>>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base, table = "t")]
    pub(super) struct Mark {
        #[model(primary_key)]
        pub(super) id: Auto<i64>,
        pub(super) v: String,
        #[many_to_many(secondary = "l", back_populates = "marks")]
        pub(super) owners: ManyToMany<Owner>,
    }
}
use models::{Base, Mark, Owner, Part};

async fn fill(engine: &Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let marks = session.add_all(["a", "b"].map(|v| Mark::builder().v(v)));
    for (c1, mark) in marks.into_iter().enumerate() {
        let parts = (0..=c1).map(|_| Part::builder()).collect::<Vec<_>>();
        session.add(Owner::builder().c1(c1 as i32).parts(parts).marks([mark]));
    }
    session.add(Owner::builder().c1(9)); // without anything
    session.commit().await
}

#[orm_testkit::test(base = Base)]
async fn rows_of_another_table_are_told_from_those_around_them(engine: Engine) -> orm_core::Result<()> {
    fill(&engine).await?;
    let found = async |filter: Predicate<Owner>| {
        engine.fetch_all(columns(Owner::C1).filter(filter).order_by(Owner::ID)).await.unwrap()
    };
    assert_eq!(found(Owner::PARTS.any(Part::ID.gt(1))).await, [1]);
    assert_eq!(found(!Owner::PARTS.is_empty()).await, [0, 1]);
    assert_eq!(found(Owner::MARKS.any(Mark::V.eq("b") & Mark::OWNERS.any(Owner::C1.eq(1)))).await, [1]);
    assert_eq!(found(Owner::PARTS.any(Part::OWNER.has(Owner::PARTS.any(Part::ID.eq(1))))).await, [0]);
    let in_query =
        Owner::ID.in_query(select::<Part>().filter(Part::OWNER.has(Owner::C1.eq(1))).columns(Part::OWNER_ID));
    assert_eq!(found(in_query).await, [1]);
    let joined = select::<Part>().join(Part::OWNER).filter(Owner::MARKS.any(Mark::V.eq("b")));
    assert_eq!(engine.count(joined).await?, 2);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn relations_are_loaded_and_changes_written(engine: Engine) -> orm_core::Result<()> {
    fill(&engine).await?;
    for how in 0..3 {
        let mut session = engine.session();
        let parts = match how {
            0 => Owner::PARTS.filter(Part::OWNER.has(Owner::MARKS.any(Mark::V.eq("b")))),
            1 => Owner::PARTS.joined().filter(Part::OWNER.has(Owner::MARKS.any(Mark::V.eq("b")))),
            _ => Owner::PARTS.order_by(Part::ID.desc()).limit(5).filter(Part::OWNER.has(Owner::C1.eq(1))),
        };
        let marks = Owner::MARKS.filter(Mark::OWNERS.any(Owner::PARTS.any(Part::ID.lt(99))));
        let owners = session.query::<Owner>().order_by(Owner::ID).with((parts, marks)).all().await?;
        let sizes: Vec<(usize, usize)> = session
            .each(&owners)
            .map(|owner| Ok((owner.related(Owner::PARTS)?.len(), owner.related(Owner::MARKS)?.len())))
            .collect::<orm_core::Result<_>>()?;
        assert_eq!(sizes, [(0, 1), (2, 1), (0, 0)]);
    }
    let mut session = engine.session();
    let owners = session.query::<Owner>().all().await?;
    owners.iter().for_each(|owner| session[*owner].c1 += 10);
    session.commit().await?;
    let of_b = select::<Part>().join(Part::OWNER).filter(Owner::MARKS.any(Mark::V.eq("b")));
    assert_eq!(update(of_b).set(Part::NEXT_ID.set_to(Part::ID)).execute(&engine).await?, 2);
    assert_eq!(
        session.query::<Part>().filter(Part::NEXT.has(Part::OWNER.has(Owner::C1.eq(11)))).count().await?,
        2
    );
    Ok(())
}
