//! Many to many of a model with itself, and through tables that refer to one model twice.

use orm_core::prelude::*;
use orm_core::{ErrorKind, mapper::DeclarativeBase};
use orm_tests::models::network::{Base, Club, Follow, Membership, Person, Place};

fn person(name: &str) -> Person {
    Person::builder().name(name).build()
}

fn names<T: Model>(
    session: &Session,
    of: Handle<T>,
    relation: orm_core::mapper::Relation<T, Person, orm_core::mapper::arity::Many>,
) -> Vec<String> {
    session.at(of).related(relation).unwrap().map(|person| person.name.clone()).collect()
}

#[orm_testkit::test(base = Base)]
async fn friends_are_seen_from_both_ends(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [ann, bea, cem] = ["Ann", "Bea", "Cem"].map(|name| session.add(person(name)));
    session[ann].friends.extend([bea, cem]);
    session[cem].friend_of.push(bea);
    session[bea].friend_of.push(ann); // the same row from its other end
    assert_eq!(
        session.flush_plan()?.to_string(),
        "reserve 3 keys of person\ninsert 3 rows into person (id, name)\nlink 3 rows of friendship"
    );
    session.commit().await?;
    assert_eq!(names(&session, cem, Person::FRIEND_OF), ["Bea", "Ann"], "as they came");
    assert_eq!(names(&session, bea, Person::FRIENDS), ["Cem"]);

    let mut other = engine.session();
    let all = other
        .query::<Person>()
        .order_by(Person::ID)
        .with(Person::FRIENDS)
        .with(Person::FRIEND_OF)
        .all()
        .await?;
    let seen = |relation| all.iter().map(|one| names(&other, *one, relation)).collect::<Vec<_>>();
    assert_eq!(seen(Person::FRIENDS), [vec!["Bea", "Cem"], vec!["Cem"], vec![]]);
    assert_eq!(seen(Person::FRIEND_OF), [vec![], vec!["Ann"], vec!["Ann", "Bea"]]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn friends_of_friends_are_a_path_and_a_condition(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [ann, bea, cem, dan] = ["Ann", "Bea", "Cem", "Dan"].map(|name| session.add(person(name)));
    session[ann].friends.push(bea);
    session[bea].friends.extend([cem, ann]);
    session[cem].friends.push(dan);
    session.commit().await?;

    let mut session = engine.session();
    let ann = session.get_one::<Person>(1).await?;
    let found = session.load(ann, Person::FRIENDS.then(Person::FRIENDS)).await?;
    let mut found: Vec<&str> = found.iter().map(|handle| &session[*handle].name[..]).collect();
    found.sort_unstable();
    assert_eq!(found, ["Ann", "Cem"]);
    let knows_dan = Person::FRIENDS.any(Person::FRIENDS.any(Person::NAME.eq("Dan")));
    let who = engine.fetch_all(columns(Person::NAME).filter(knows_dan)).await?;
    assert_eq!(who, ["Bea"]);
    let lonely = columns(Person::NAME).filter(Person::FRIENDS.is_empty());
    assert_eq!(engine.fetch_all(lonely).await?, ["Dan"]);
    let of_bea = Person::FRIENDS.of(&Person::find(&engine, 2).await?.unwrap());
    assert_eq!(engine.count(of_bea).await?, 2);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_friend_of_oneself_and_a_new_friend_are_written_once(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let ann = session.add(Person::builder().name("Ann").friends([person("Bea")]));
    session[ann].friends.push(ann);
    session.commit().await?;
    assert_eq!(names(&session, ann, Person::FRIEND_OF), ["Ann"]);
    session[ann].friend_of.remove(ann);
    assert_eq!(session.flush_plan()?.to_string(), "unlink 1 row of friendship");
    session.commit().await?;
    assert_eq!(names(&session, ann, Person::FRIENDS), ["Bea"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_end_that_goes_takes_its_rows_with_it_in_both_roles(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [ann, bea, cem] = ["Ann", "Bea", "Cem"].map(|name| session.add(person(name)));
    session[ann].friends.push(bea);
    session[bea].friends.push(cem);
    session[bea].following.push(ann);
    session[cem].following.push(bea);
    session.commit().await?;
    session.delete(bea)?;
    session.commit().await?;
    assert_eq!(names(&session, ann, Person::FRIENDS), Vec::<String>::new());
    assert_eq!(names(&session, cem, Person::FRIEND_OF), Vec::<String>::new());
    assert_eq!(names(&session, cem, Person::FOLLOWING), Vec::<String>::new());
    assert_eq!(engine.count(select::<Follow>()).await?, 0);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_association_model_may_refer_to_one_model_twice(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [ann, bea] = ["Ann", "Bea"].map(|name| session.add(person(name)));
    session[ann].following.push(bea);
    session.commit().await?;
    assert_eq!(names(&session, bea, Person::FOLLOWERS), ["Ann"]);
    let follow = session.query::<Follow>().one().await?;
    assert_eq!((session[follow].follower.key(), session[follow].followed.key()), (Some(&1), Some(&2)));
    session[follow].level = Auto::Set(3);
    session[bea].followers.remove(ann);
    session[bea].followers.push(ann);
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns(Follow::LEVEL)).await?, [3], "the row stayed");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn two_relations_through_one_table_write_rows_of_their_own(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [ann, bea] = ["Ann", "Bea"].map(|name| session.add(person(name)));
    let chess = session.add(Club::builder().name("Chess"));
    session[chess].members.push(ann);
    session[bea].sponsored.push(chess);
    session.commit().await?;
    let mut session = engine.session();
    let chess = session.query::<Club>().with(Club::MEMBERS).with(Club::SPONSORS).one().await?;
    assert_eq!(names(&session, chess, Club::MEMBERS), ["Ann"]);
    assert_eq!(names(&session, chess, Club::SPONSORS), ["Bea"]);
    let both = engine
        .fetch_all(columns((Membership::PERSON_ID, Membership::SPONSOR_ID)).order_by(Membership::ID))
        .await?;
    assert_eq!(both, [(Some(1), None), (None, Some(2))]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn keys_of_several_columns_relate_to_themselves(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [hall, stairs, roof] =
        [(1, 1), (1, 2), (2, 1)].map(|(b, n)| session.add(Place::builder().building(b).number(n)));
    session[hall].next.push(stairs);
    session[stairs].next.extend([hall, roof]);
    session.commit().await?;
    let mut session = engine.session();
    let all =
        session.query::<Place>().order_by((Place::BUILDING, Place::NUMBER)).with(Place::NEXT).all().await?;
    let next: Vec<Vec<(i32, i32)>> = all
        .iter()
        .map(|at| session.at(*at).related(Place::NEXT).unwrap().map(|to| (to.building, to.number)).collect())
        .collect();
    assert_eq!(next, [vec![(1, 2)], vec![(1, 1), (2, 1)], vec![]]);
    let to_roof = Place::NEXT.any(Place::BUILDING.eq(2));
    assert_eq!(engine.fetch_all(columns(Place::NUMBER).filter(to_roof)).await?, [2]);
    Ok(())
}

/// Bases whose relations leave a side open, each with the message that says so.
mod wrong {
    macro_rules! base_with {
        ($module:ident: $($item:item)*) => {
            pub(crate) mod $module {
                use orm_core::prelude::*;
                orm_core::declarative_base!(pub(crate) Base);
                $(#[derive(Model, Clone, Debug)] #[model(base = Base)] $item)*
            }
        };
    }

    base_with!(unnamed:
        pub(crate) struct Person {
            #[model(primary_key)] id: Auto<i64>,
            #[many_to_many(secondary = "friendship")] friends: ManyToMany<Person>,
        }
    );
    base_with!(either:
        pub(crate) struct Person {
            #[model(primary_key)] id: Auto<i64>,
            #[many_to_many(secondary = Follow)] following: ManyToMany<Person>,
        }
        pub(crate) struct Follow {
            #[model(primary_key)] #[belongs_to] follower: BelongsTo<Person>,
            #[model(primary_key)] #[belongs_to] followed: BelongsTo<Person>,
        }
    );
    base_with!(misspelt:
        pub(crate) struct Person {
            #[model(primary_key)] id: Auto<i64>,
            #[many_to_many(secondary = Follow, owner_column = "folower_id")] following: ManyToMany<Person>,
        }
        pub(crate) struct Follow {
            #[model(primary_key)] #[belongs_to] follower: BelongsTo<Person>,
            #[model(primary_key)] #[belongs_to] followed: BelongsTo<Person>,
        }
    );
    base_with!(once:
        pub(crate) struct Person {
            #[model(primary_key)] id: Auto<i64>,
            #[many_to_many(secondary = Note)] about: ManyToMany<Person>,
        }
        pub(crate) struct Note { #[model(primary_key)] #[belongs_to] person: BelongsTo<Person> }
    );
    base_with!(differing:
        pub(crate) struct Article {
            #[model(primary_key)] id: Auto<i64>,
            #[many_to_many(secondary = "article_tag", target_column = "word")] tags: ManyToMany<Tag>,
        }
        pub(crate) struct Tag {
            #[model(primary_key)] id: Auto<i64>,
            #[many_to_many(secondary = "article_tag")] articles: ManyToMany<Article>,
        }
    );
    base_with!(too_few:
        pub(crate) struct Place {
            #[model(primary_key)] building: i32,
            #[model(primary_key)] number: i32,
            #[many_to_many(secondary = "way", owner_column = "from_place", target_column = "to_place")]
            next: ManyToMany<Place>,
        }
    );
}

#[test]
fn a_side_that_is_left_open_is_a_message_that_says_how_to_name_it() {
    fn check<B: DeclarativeBase>(parts: &[&str]) {
        let error = B::metadata().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Mapping);
        for part in parts {
            assert!(error.to_string().contains(part), "{error}");
        }
    }
    check::<wrong::unnamed::Base>(&["`Person::friends`", "\"person_id\"", "target_column = \"…\""]);
    check::<wrong::either::Base>(&["`Person::following`", "owner_column", "`follower_id`, `followed_id`"]);
    check::<wrong::misspelt::Base>(&["`Person::following`", "\"folower_id\"", "candidates: `follower_id`"]);
    check::<wrong::once::Base>(&["`Person::about`", "once", "foreign key of their own"]);
    check::<wrong::differing::Base>(&["`Tag::articles`", "article_id, word", "target_column"]);
    check::<wrong::too_few::Base>(&["`Place::next`", "1 column(s)", "has 2: building, number"]);
}
