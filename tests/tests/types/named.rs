//! Types with names of their own: their DDL, and what the database or the program does not know of them.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::types::{Composite, DbEnum, ScalarType};

orm_core::declarative_base!(pub(crate) Base);

#[derive(DbEnum, Clone, Copy, Debug, PartialEq)]
pub(crate) enum Size {
    Small,
    Large,
}

#[derive(ScalarType, Clone, Debug, PartialEq)]
#[scalar(domain = "email", check = "VALUE LIKE '%@%'")]
pub(crate) struct Email(pub(crate) String);

#[derive(Composite, Clone, Debug, PartialEq)]
pub(crate) struct Person {
    pub(crate) email: Email,
    pub(crate) sizes: Vec<Size>,
}

#[derive(Composite, Clone, Debug, PartialEq)]
pub(crate) struct Parcel {
    pub(crate) sender: Person,
    pub(crate) weight: Option<i32>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub(crate) struct Delivery {
    #[model(primary_key)]
    pub(crate) id: Auto<i64>,
    pub(crate) parcels: Vec<Parcel>,
    pub(crate) to: Email,
}

mod lengths {
    use orm_core::prelude::*;
    use orm_core::types::Bits;

    orm_core::declarative_base!(pub(super) Base);

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(super) struct Mask {
        #[model(primary_key)]
        pub(super) id: i64,
        #[model(length = 3)]
        pub(super) bits: Bits,
        #[model(length = 2)]
        pub(super) vector: pgvector::Vector,
    }
}

#[test]
fn lengths_of_bits_and_vectors_stand_in_the_table() {
    let metadata = lengths::Base::metadata().unwrap();
    let table = metadata.table("mask").unwrap();
    let statement = orm_core::sql::create_table_statements(table, metadata).remove(0);
    assert!(statement.contains(r#""bits" varbit(3) NOT NULL"#), "{statement}");
    assert!(statement.contains(r#""vector" vector(2) NOT NULL"#), "{statement}");
    let mask = lengths::Mask { id: 1, bits: "010".parse().unwrap(), vector: vec![0.5, 1.0].into() };
    assert_eq!(mask.bits.to_string(), "010");
    assert_eq!(mask.vector.as_slice().len(), 2);
}

fn delivery() -> Delivery {
    let sender = Person { email: Email("ann@example.org".into()), sizes: vec![Size::Large, Size::Small] };
    let parcels = vec![Parcel { sender, weight: None }];
    Delivery { id: Auto::Unset, parcels, to: Email("bob@example.org".into()) }
}

/// An error with its sources.
fn chain(error: &dyn std::error::Error) -> String {
    error.source().map_or(error.to_string(), |source| format!("{error}: {}", chain(source)))
}

#[orm_testkit::test]
async fn types_come_before_what_is_made_of_them_and_go_after_it(engine: Engine) {
    let names: Vec<&str> = Base::metadata().unwrap().types().iter().map(|ty| ty.name()).collect();
    assert_eq!(names, ["email", "size", "person", "parcel"]);
    let known = "SELECT string_agg(typname, ' ' ORDER BY typname) FROM pg_type \
                 WHERE typname IN ('email', 'size', 'person', 'parcel')";
    let known = async || orm_core::sql::text(known).scalar::<String>(&engine).await.unwrap();
    Base::create_all(&engine).await.unwrap();
    Base::create_all(&engine).await.unwrap();
    assert_eq!(known().await.as_deref(), Some("email parcel person size"));
    delivery().insert(&engine).await.unwrap();
    assert_eq!(engine.fetch_one(select::<Delivery>()).await.unwrap().parcels, delivery().parcels);
    Base::drop_all(&engine).await.unwrap();
    Base::drop_all(&engine).await.unwrap();
    assert_eq!(known().await, None);
}

#[orm_testkit::test(base = Base)]
async fn a_check_of_a_domain_holds_wherever_the_domain_stands(engine: Engine) {
    let mut wrong = [delivery(), delivery()];
    wrong[0].to = Email("nobody".into());
    wrong[1].parcels[0].sender.email = Email("nobody".into());
    for wrong in wrong {
        for batch in [vec![wrong.clone()], vec![delivery(), wrong]] {
            let mut session = engine.session();
            session.add_all(batch);
            let error = session.commit().await.unwrap_err();
            assert_eq!(error.code().map(orm_core::error::SqlState::code), Some("23514"), "{error}");
            assert!(error.to_string().contains("a value of the domain `email` breaks its check"), "{error}");
        }
    }
    assert_eq!(engine.count(select::<Delivery>()).await.unwrap(), 0);
}

#[orm_testkit::test(base = Base)]
async fn fields_that_do_not_fit_are_errors_that_name_them(engine: Engine) {
    delivery().insert(&engine).await.unwrap();
    engine.execute_script(r#"UPDATE delivery SET parcels = '{"(\"(,{})\",7)"}'"#).await.unwrap();
    let error = engine.fetch_all(select::<Delivery>()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    let text = chain(&error);
    assert!(
        text.contains("delivery.parcels") && text.contains("`sender`") && text.contains("`email`"),
        "{text}"
    );
    engine.execute_script("ALTER TYPE parcel ADD ATTRIBUTE more int").await.unwrap();
    let text = chain(&engine.fetch_all(select::<Delivery>()).await.unwrap_err());
    assert!(text.contains("`parcel` has 3 fields instead of 2"), "{text}");
}
