//! Polymorphic associations: an enum whose variants are foreign keys.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_testkit::assert_queries;
use orm_tests::models::subjects::{Base, Comment, Customer, Payer, Payment, Product, Subject};

#[test]
fn each_variant_is_a_real_foreign_key_and_exactly_one_is_set() {
    let table = Base::metadata().unwrap().table("comment").unwrap();
    let columns: Vec<(&str, bool)> = table.columns.iter().map(|c| (&*c.name, c.nullable)).collect();
    assert_eq!(columns[2..], [("subject_product_id", true), ("subject_customer_id", true)]);
    let targets: Vec<&str> = table.foreign_keys.iter().map(|key| &*key.target_table).collect();
    assert_eq!(targets, ["product", "customer"]);
    assert_eq!(
        table.checks[0].expression,
        r#"num_nonnulls("subject_product_id", "subject_customer_id") = 1"#
    );
    assert_eq!(table.foreign_keys[0].on_delete, "CASCADE");
    assert_eq!(table.indexes[0].columns(), ["subject_product_id"]);
}

async fn sample(engine: &Engine) {
    let mut session = engine.session();
    let tea = session.add(Product::builder().sku("T-1"));
    let ann = session.add(Customer::builder().name("Ann"));
    session.add(Comment::builder().text("good").subject(Subject::Product(tea.into())));
    session.add(Comment::builder().text("nice").subject(Subject::Customer(ann.into())));
    let bea = BelongsTo::to(Customer::builder().name("Bea"));
    session.add(Comment::builder().text("new").subject(Subject::Customer(bea)));
    session.commit().await.unwrap();
}

#[orm_testkit::test(base = Base)]
async fn handles_and_new_values_are_written_in_one_graph(engine: Engine) {
    sample(&engine).await;
    let session = engine.session();
    let found = select::<Comment>().order_by(Comment::ID).fetch_all(&engine).await.unwrap();
    let keys: Vec<String> = found
        .iter()
        .map(|comment| match &comment.subject {
            Subject::Product(to) => to.key().unwrap().clone(),
            Subject::Customer(to) => to.key().unwrap().to_string(),
        })
        .collect();
    assert_eq!(keys, ["T-1", "1", "2"]);
    drop(session);
}

#[orm_testkit::test(base = Base)]
async fn queries_ask_for_variants_and_for_what_they_refer_to(engine: Engine) {
    sample(&engine).await;
    let by = async |filter| {
        engine.fetch_all(columns(Comment::TEXT).filter(filter).order_by(Comment::ID)).await.unwrap()
    };
    assert_eq!(by(Comment::SUBJECT.is(Subject::PRODUCT)).await, ["good"]);
    assert_eq!(by(Comment::SUBJECT.is(Subject::CUSTOMER)).await, ["nice", "new"]);
    assert_eq!(by(Comment::SUBJECT.then(Subject::CUSTOMER).has(Customer::NAME.eq("Bea"))).await, ["new"]);
    assert_eq!(by(Comment::SUBJECT.then(Subject::PRODUCT_ID).eq("T-1")).await, ["good"]);
    let loud = select::<Customer>().filter(Customer::COMMENTS.any(Comment::TEXT.eq("new")));
    assert_eq!(loud.fetch_one(&engine).await.unwrap().name, "Bea");
}

#[orm_testkit::test(base = Base)]
async fn both_sides_load_and_walk(engine: Engine) {
    sample(&engine).await;
    let mut session = engine.session();
    let product = Comment::SUBJECT.then(Subject::PRODUCT);
    let customer = Comment::SUBJECT.then(Subject::CUSTOMER);
    let comments = assert_queries!(session, 3, {
        let query = session.query::<Comment>().with(product).with(customer);
        query.order_by(Comment::ID).all().await.unwrap()
    });
    let about: Vec<String> = session
        .each(&comments)
        .map(|comment| match &comment.subject {
            Subject::Product(_) => comment.related(product).unwrap().unwrap().sku.clone(),
            Subject::Customer(_) => comment.related(customer).unwrap().unwrap().name.clone(),
        })
        .collect();
    assert_eq!(about, ["T-1", "Ann", "Bea"]);
    assert!(session.at(comments[0]).related(customer).unwrap().is_none(), "another variant has none");

    let mut other = engine.session();
    let ann = other
        .query::<Customer>()
        .filter(Customer::NAME.eq("Ann"))
        .with(Customer::COMMENTS)
        .one()
        .await
        .unwrap();
    let texts: Vec<String> =
        other.at(ann).related(Customer::COMMENTS).unwrap().map(|c| c.text.clone()).collect();
    assert_eq!(texts, ["nice"]);
}

#[orm_testkit::test(base = Base)]
async fn a_collection_takes_a_comment_over_from_another_kind_of_thing(engine: Engine) {
    sample(&engine).await;
    let mut session = engine.session();
    let comment = session.query::<Comment>().filter(Comment::TEXT.eq("good")).one().await.unwrap();
    let ann = session.query::<Customer>().filter(Customer::NAME.eq("Ann")).one().await.unwrap();
    session[ann].comments.push(comment);
    session.commit().await.unwrap();
    assert!(matches!(&session[comment].subject, Subject::Customer(to) if to.handle() == Some(ann)));
    let found =
        select::<Comment>().filter(Comment::SUBJECT.is(Subject::PRODUCT)).count(&engine).await.unwrap();
    assert_eq!(found, 0);
    session[comment].subject = Subject::Product(BelongsTo::key_of("T-1".to_owned()));
    session.commit().await.unwrap();
    let found =
        select::<Comment>().filter(Comment::SUBJECT.is(Subject::PRODUCT)).count(&engine).await.unwrap();
    assert_eq!(found, 1);
}

#[orm_testkit::test(base = Base)]
async fn comments_go_with_their_subject(engine: Engine) {
    sample(&engine).await;
    let mut session = engine.session();
    let ann = session.query::<Customer>().filter(Customer::NAME.eq("Ann")).one().await.unwrap();
    session.delete(ann).unwrap();
    let tea = session.get_one::<Product>("T-1").await.unwrap();
    session.delete(tea).unwrap();
    session.commit().await.unwrap();
    assert_eq!(engine.fetch_all(columns(Comment::TEXT)).await.unwrap(), ["new"]);
}

#[orm_testkit::test(base = Base)]
async fn an_orphan_is_deleted(engine: Engine) {
    sample(&engine).await;
    let mut session = engine.session();
    let ann = session
        .query::<Customer>()
        .filter(Customer::NAME.eq("Ann"))
        .with(Customer::COMMENTS)
        .one()
        .await
        .unwrap();
    let comment = session.at(ann).related(Customer::COMMENTS).unwrap().next().unwrap().handle();
    session[ann].comments.remove(comment);
    session.commit().await.unwrap();
    assert_eq!(select::<Comment>().count(&engine).await.unwrap(), 2);
}

#[orm_testkit::test(base = Base)]
async fn new_comments_may_come_with_their_subject(engine: Engine) {
    let mut session = engine.session();
    let text = |text: &str| Comment::builder().text(text).subject(Subject::Product(BelongsTo::unset()));
    let ann = session.add(Customer::builder().name("Ann").comments([text("a"), text("b")]));
    session.commit().await.unwrap();
    let of_ann = Comment::SUBJECT.then(Subject::CUSTOMER).has(Customer::NAME.eq("Ann"));
    assert_eq!(select::<Comment>().filter(of_ann).count(&engine).await.unwrap(), 2);
    assert!(session[ann].id.is_set());
}

#[orm_testkit::test(base = Base)]
async fn a_subject_that_points_nowhere_is_an_error_before_anything_is_sent(engine: Engine) {
    let mut session = engine.session();
    session.add(Comment::builder().text("x").subject(Subject::Customer(BelongsTo::unset())));
    let error = session.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unset);
    assert_eq!(error.column(), Some("subject_customer_id"));
    let error = engine.execute_script("INSERT INTO comment (text) VALUES ('x')").await.unwrap_err();
    assert_eq!(error.constraint(), Some("ck_comment_subject"));
}

#[orm_testkit::test(base = Base)]
async fn an_option_may_be_none_and_a_variant_may_stand_beside_data(engine: Engine) {
    let mut session = engine.session();
    let ann = session.add(Customer::builder().name("Ann"));
    session.add(Payment::builder());
    let second = session
        .add(Payment::builder().payer(Payer::Customer(ann.into())).about(Subject::Customer(ann.into())));
    session.add(Payment::builder().payer(Payer::Stranger("Z".into())));
    session.commit().await.unwrap();
    let by = async |filter| {
        engine.fetch_all(columns(Payment::ID).filter(filter).order_by(Payment::ID)).await.unwrap()
    };
    assert_eq!(by(Payment::PAYER.is_null()).await, [1]);
    assert_eq!(by(Payment::PAYER.is(Payer::STRANGER)).await, [3]);
    assert_eq!(by(Payment::PAYER.then(Payer::CUSTOMER).has(Customer::NAME.eq("Ann"))).await, [2]);
    assert_eq!(by(Payment::ABOUT.is_not_null()).await, [2]);
    session[second].about = None;
    session[second].payer = Some(Payer::Stranger("Y".into()));
    session.commit().await.unwrap();
    assert_eq!(by(Payment::ABOUT.is_not_null()).await, Vec::<i64>::new());
    let error = engine.execute_script("UPDATE payment SET payer = 'customer'").await.unwrap_err();
    assert!(error.is_check_violation());
}
