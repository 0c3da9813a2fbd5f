//! Kinds of one base, each with the other half of its rows in a schema of its own.

use orm_core::prelude::*;

mod models {
    use orm_core::prelude::*;

    orm_core::declarative_base!(pub(super) Base);

    /// What all have; only what is not closed is seen.
    #[derive(Model, Clone, Debug)]
    #[model(base = Base, schema = "desk", table = "case", criteria = open)]
    pub(super) struct Case {
        #[model(primary_key)]
        pub(super) id: Auto<i64>,
        #[model(default = "case")]
        pub(super) kind: String,
        #[model(default = false)]
        pub(super) closed: bool,
    }

    fn open() -> Predicate<Case> {
        Case::CLOSED.eq(false)
    }

    /// A kind whose table has the same name elsewhere.
    #[derive(Model, Clone, Debug)]
    #[model(base = Base, schema = "law", table = "case")]
    pub(super) struct Suit {
        #[model(primary_key)]
        #[belongs_to(on_delete = "cascade")]
        pub(super) case: BelongsTo<Case>,
        pub(super) court: String,
    }

    /// And one that is where the connection looks first.
    #[derive(Model, Clone, Debug)]
    #[model(base = Base, table = "case")]
    pub(super) struct Bag {
        #[model(primary_key)]
        #[belongs_to(on_delete = "cascade")]
        pub(super) case: BelongsTo<Case>,
        pub(super) litres: i32,
    }

    #[derive(Polymorphic, Clone, Copy, Debug, PartialEq)]
    #[polymorphic(base = Case, on = "kind")]
    pub(super) enum Kind {
        Suit(Handle<Suit>),
        Bag(Handle<Bag>),
        #[polymorphic(base)]
        Other(Handle<Case>),
    }
}
use models::{Bag, Base, Case, Kind, Suit};

#[orm_testkit::test(base = Base)]
async fn kinds_are_read_and_hidden_across_schemas(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(Suit::builder().case(Case::builder()).court("Here"));
    session.add(Bag::builder().case(Case::builder()).litres(40));
    session.add(Bag::builder().case(Case::builder().closed(true)).litres(20));
    session.add(Case::builder());
    session.commit().await?;
    let kinds = columns(Case::KIND).order_by(Case::ID).unrestricted();
    let mut kinds = engine.fetch_all(kinds).await?;
    kinds.sort_unstable();
    assert_eq!(kinds, ["bag", "bag", "case", "suit"], "the flush says what they are");

    let mut other = engine.session();
    let all = other.query::<Case>().order_by(Case::ID).all().await?;
    assert_eq!(all.len(), 3);
    let mut found = [0; 3];
    for case in other.query::<Case>().polymorphic::<Kind>().all().await? {
        match case {
            Kind::Suit(suit) => found[0] += other[suit].court.len(),
            Kind::Bag(bag) => found[1] += other[bag].litres as usize,
            Kind::Other(_) => found[2] += 1,
        }
    }
    assert_eq!(found, [4, 40, 1]);
    assert_eq!(other.query::<Bag>().count().await?, 1, "the other half of one is hidden");
    let bag = other.query::<Bag>().one().await?;
    other.delete(bag)?;
    other.commit().await?;
    assert_eq!(engine.count(select::<Case>().unrestricted()).await?, 3);
    Ok(())
}
