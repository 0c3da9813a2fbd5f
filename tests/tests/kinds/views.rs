//! Relations that are only looked at.

use orm_core::ErrorKind;
use orm_core::mapper::{DeclarativeBase, Relation, arity};
use orm_core::prelude::*;
use orm_tests::models::mailbox::{Base, Mail, Member, Topic};

fn mail(subject: &str) -> Mail {
    Mail::builder().subject(subject).build()
}

/// Ann with three mails of which one is read, and Bea with the same address but in another city.
async fn start(engine: &Engine) -> (Session, [Handle<Member>; 2]) {
    let mut session = engine.session();
    let mails = [mail("a"), Mail { read: true, ..mail("b") }, mail("c")];
    let sent =
        |to: &str, from: &str, read| Mail { sent_to: to.into(), sent_from: from.into(), read, ..mail(from) };
    let topics = ["tea", "coffee"].map(|word| Topic::builder().word(word));
    session.add(Member::builder().address("x@y").city("Bonn").mails(mails).topics(topics));
    session.add(Member::builder().address("x@y").city("Köln"));
    session.add(Member::builder().city("Bonn"));
    session.add_all([sent("x@y", "Bonn", false), sent("x@y", "Bonn", true), sent("x@y", "Köln", false)]);
    session.commit().await.unwrap();
    let mut session = engine.session();
    let [ann, bea] = [1, 2];
    let both = [session.get_one::<Member>(ann).await.unwrap(), session.get_one::<Member>(bea).await.unwrap()];
    (session, both)
}

fn subjects(session: &Session, of: Handle<Member>, view: Relation<Member, Mail, arity::Many>) -> Vec<i64> {
    session.at(of).related(view).unwrap().map(|mail| mail.id.unwrap()).collect()
}

#[orm_testkit::test(base = Base)]
async fn a_part_of_a_relation_is_loaded_beside_it(engine: Engine) -> orm_core::Result<()> {
    let (mut session, [ann, bea]) = start(&engine).await;
    let all = [ann, bea];
    session.load(&all[..], Member::UNREAD).await?;
    session.load(ann, Member::MAILS).await?;
    assert_eq!(subjects(&session, ann, Member::UNREAD), [3, 1], "in the order of the relation");
    assert_eq!(subjects(&session, bea, Member::UNREAD), [0; 0]);
    assert_eq!(subjects(&session, ann, Member::MAILS), [3, 2, 1]);
    session.load(ann, Member::SHORT_TOPICS).await?;
    let words: Vec<_> =
        session.at(ann).related(Member::SHORT_TOPICS)?.map(|topic| topic.word.clone()).collect();
    assert_eq!(words, ["tea"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn columns_of_its_own_join_a_view(engine: Engine) -> orm_core::Result<()> {
    let (_, _) = start(&engine).await;
    let mut session = engine.session();
    let query = session.query::<Member>().order_by(Member::ID).with(Member::RECEIVED);
    let all = query.with(Member::LOCAL).with(Member::NEIGHBOURS).all().await?;
    let of = |view| all.iter().map(|member| subjects(&session, *member, view)).collect::<Vec<_>>();
    assert_eq!(
        of(Member::RECEIVED),
        [vec![6, 5, 4], vec![6, 5, 4], vec![]],
        "two owners share a value, one has none"
    );
    assert_eq!(of(Member::LOCAL), [vec![4], vec![6], vec![]]);
    let neighbours = all.iter().map(|member| session.at(*member).related(Member::NEIGHBOURS).unwrap().len());
    assert_eq!(neighbours.collect::<Vec<_>>(), [2, 1, 2]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn views_are_asked_like_other_relations(engine: Engine) -> orm_core::Result<()> {
    let (mut session, [ann, _]) = start(&engine).await;
    let by = async |filter| engine.fetch_all(columns(Member::ID).filter(filter).order_by(Member::ID)).await;
    assert_eq!(by(Member::UNREAD.any(Mail::SUBJECT.eq("a"))).await?, [1]);
    assert_eq!(by(Member::UNREAD.any(Mail::SUBJECT.eq("b"))).await?, [0; 0], "it is read");
    assert_eq!(by(Member::RECEIVED.is_empty()).await?, [3]);
    assert_eq!(by(Member::LOCAL.any(Mail::ID.gt(4))).await?, [2]);
    assert_eq!(by(Member::SHORT_TOPICS.is_empty()).await?, [2, 3]);
    let owner = Member::find(&engine, 1).await?.unwrap();
    assert_eq!(engine.count(Member::UNREAD.of(&owner)).await?, 2);
    assert_eq!(engine.count(Member::SHORT_TOPICS.of(&owner)).await?, 1);
    let received: Vec<Mail> = engine.fetch_all(Member::RECEIVED.of(&owner)).await?;
    assert_eq!(received.iter().map(|mail| mail.id.unwrap()).collect::<Vec<_>>(), [6, 5, 4]);
    session.load(ann, Member::UNREAD).await?;
    let json = session.at(ann).to_json(Member::UNREAD)?;
    assert_eq!(json["unread"][1]["subject"], "a");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_view_is_forgotten_when_what_it_shows_was_written(engine: Engine) -> orm_core::Result<()> {
    let (mut session, [ann, bea]) = start(&engine).await;
    session.load(&[ann, bea][..], Member::UNREAD).await?;
    session.load(ann, Member::SHORT_TOPICS).await?;
    let first = session.get_one::<Mail>(1).await?;
    session[first].read = true;
    assert_eq!(subjects(&session, ann, Member::UNREAD), [3, 1], "as it was read");
    session.commit().await?;
    assert_eq!(session.at(bea).related(Member::UNREAD).unwrap_err().kind(), ErrorKind::NotLoaded);
    assert!(session[ann].short_topics.is_loaded(), "no topic was written");
    session.load(ann, Member::UNREAD).await?;
    assert_eq!(subjects(&session, ann, Member::UNREAD), [3]);
    session.load(ann, Member::TOPICS).await?;
    session[ann].topics.push(Topic::builder().word("ale"));
    session.load(ann, Member::SHORT_TOPICS).await?; // it is known
    session.commit().await?;
    assert!(!session[ann].short_topics.is_loaded());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn new_objects_and_copies_do_not_know_their_views(engine: Engine) -> orm_core::Result<()> {
    let (mut session, [ann, _]) = start(&engine).await;
    session.load(ann, Member::UNREAD).await?;
    let copy = Member { id: Auto::Unset, ..session[ann].clone() };
    assert!(copy.unread.is_loaded());
    let copy = session.add(copy);
    assert!(!session[copy].unread.is_loaded());
    session.commit().await?;
    session.load(copy, Member::UNREAD).await?;
    assert_eq!(subjects(&session, copy, Member::UNREAD), [0; 0], "mails stay with their owner");
    session.delete(ann)?;
    session.rollback().await?;
    session.commit().await?;
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn nothing_is_linked_to_a_view(engine: Engine) -> orm_core::Result<()> {
    let (mut session, [ann, _]) = start(&engine).await;
    assert!(session.link(ann, Member::UNREAD, mail("e")).is_err());
    let keyed = session.insert_keyed(ann, Member::UNREAD, Mail::SUBJECT, mail("e")).unwrap_err();
    let owners = Member::UNREAD.proxy(Mail::OWNER);
    let city = Member::builder().city("Ulm");
    let through = session.link_through(ann, owners, city, |_| mail("e")).unwrap_err();
    assert_eq!((keyed.kind(), through.kind()), (ErrorKind::ReadOnly, ErrorKind::ReadOnly));
    assert_eq!(session.pending().count(), 0, "what cannot be linked is not added");
    let new = session.add(mail("d"));
    for error in [
        session.link(ann, Member::UNREAD, new).map(drop).unwrap_err(),
        session.unlink(ann, Member::UNREAD, new).unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.model()), (ErrorKind::ReadOnly, Some("Member")));
        assert!(error.to_string().starts_with("`Member::unread` is a view"), "{error}");
    }
    Ok(())
}

/// Views of nothing.
mod wrong {
    macro_rules! base_with {
        ($module:ident: #[$view:meta]) => {
            pub(crate) mod $module {
                use orm_core::prelude::*;
                orm_core::declarative_base!(pub(crate) Base);
                #[derive(Model, Clone, Debug)]
                #[model(base = Base)]
                pub(crate) struct Owner {
                    #[model(primary_key)]
                    id: Auto<i64>,
                    name: String,
                    #[has_many]
                    parts: HasMany<Part>,
                    #[$view]
                    seen: View<Part>,
                }
                #[derive(Model, Clone, Debug)]
                #[model(base = Base)]
                pub(crate) struct Part {
                    #[model(primary_key)]
                    id: Auto<i64>,
                    name: String,
                    #[belongs_to]
                    owner: BelongsTo<Owner>,
                }
            }
        };
    }
    base_with!(misspelt: #[view(of = "prats")]);
    base_with!(column: #[view(on("nmae" = "name"))]);
    base_with!(type_of_column: #[view(on("name" = "id"))]);
}

#[test]
fn views_that_show_nothing_are_refused_by_name() {
    fn check<B: DeclarativeBase>(parts: &[&str]) {
        let error = B::metadata().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Mapping);
        for part in parts {
            assert!(error.to_string().contains(part), "{error}");
        }
    }
    check::<wrong::misspelt::Base>(&["`Owner::seen`", "`prats`", "candidates: `parts`"]);
    check::<wrong::column::Base>(&["`Owner::seen`", "\"nmae\"", "`Owner` has no such column"]);
    check::<wrong::type_of_column::Base>(&["`Owner::seen`", "\"name\" = \"id\"", "text and bigint"]);
}

#[orm_testkit::test(base = Base)]
async fn views_are_loaded_by_every_strategy(engine: Engine) -> orm_core::Result<()> {
    start(&engine).await;
    let received = || [vec![6, 5, 4], vec![6, 5, 4], vec![]];
    let unread = || [vec![3, 1], vec![], vec![]];
    for (view, path, expected) in [
        (Member::RECEIVED, Member::RECEIVED.joined(), received()),
        (Member::RECEIVED, Member::RECEIVED.subquery(), received()),
        (Member::UNREAD, Member::UNREAD.joined(), unread()),
        (Member::UNREAD, Member::UNREAD.subquery(), unread()),
    ] {
        let mut session = engine.session();
        let all = session.query::<Member>().order_by(Member::ID).with(path).all().await?;
        let found: Vec<Vec<i64>> = all.iter().map(|member| subjects(&session, *member, view)).collect();
        assert_eq!(found, expected);
    }
    Ok(())
}
