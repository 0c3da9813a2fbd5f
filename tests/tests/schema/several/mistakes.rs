//! Contradictions between models in schemas, told when a base is used first; and what is none.

use orm_core::ErrorKind;
use orm_core::prelude::*;

mod facade {
    use orm_core::prelude::*;

    orm_core::declarative_base!(pub(super) Base);

    #[derive(Model, Clone, Debug)]
    #[model(base = Base, schema = "store")]
    pub(super) struct Entry {
        #[model(primary_key)]
        pub(super) id: Auto<i64>,
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base, schema = "store", view = "SELECT id FROM store . \"entry\"")]
    pub(super) struct Latest {
        #[model(primary_key)]
        pub(super) id: i64,
    }

    /// Is called like the table that the view below it reads.
    #[derive(Model, Clone, Debug)]
    #[model(base = Base, table = "entry", view = "SELECT id FROM store.latest")]
    pub(super) struct Facade {
        #[model(primary_key)]
        pub(super) id: i64,
    }

    /// Comes before what it reads in every order of names, and says where that is.
    #[derive(Model, Clone, Debug)]
    #[model(base = Base, table = "a_view", view = "SELECT id FROM public.entry")]
    pub(super) struct First {
        #[model(primary_key)]
        pub(super) id: i64,
    }
}

#[orm_testkit::test(base = facade::Base)]
async fn names_of_two_schemas_are_no_circle_of_views(engine: Engine) {
    let views: Vec<String> =
        facade::Base::metadata().unwrap().views().iter().map(|view| view.full_name().to_string()).collect();
    assert_eq!(views, ["store.latest", "entry", "a_view"]);
    facade::Entry::builder().build().insert(&engine).await.unwrap();
    let all = (select::<facade::First>(), select::<facade::Facade>(), select::<facade::Latest>());
    assert_eq!(engine.count(all.0).await.unwrap(), 1);
    assert_eq!(engine.count(all.1).await.unwrap() + engine.count(all.2).await.unwrap(), 2);
}

macro_rules! base {
    ($($model:item)*) => {{
        orm_core::declarative_base!(Base);
        $($model)*
        let error = Base::metadata().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Mapping);
        error.to_string()
    }};
}

#[test]
fn two_models_of_one_table() {
    let error = base! {
        #[derive(Model, Clone, Debug)]
        #[model(base = Base, schema = "audit", table = "entry")]
        struct One { #[model(primary_key)] id: Auto<i64> }
        #[derive(Model, Clone, Debug)]
        #[model(base = Base, schema = "audit", table = "entry")]
        struct Two { #[model(primary_key)] id: Auto<i64> }
    };
    assert!(error.contains("have the same table `audit.entry`"), "{error}");
}

#[test]
fn a_table_and_a_type_of_one_name_in_one_schema() {
    let error = base! {
        #[derive(DbEnum, Clone, Copy, Debug)]
        #[db_enum(schema = "audit")]
        enum Entry { Made }
        #[derive(Model, Clone, Debug)]
        #[model(base = Base, schema = "audit", table = "entry")]
        struct Audit { #[model(primary_key)] id: Auto<i64>, entry: Entry }
    };
    assert_eq!(
        error,
        "a table and an enum of the database are called `audit.entry`; name the latter with `#[db_enum(name = \"…\")]`"
    );
    mod apart {
        use orm_core::prelude::*;
        orm_core::declarative_base!(pub(super) Base);
        #[derive(DbEnum, Clone, Copy, Debug)]
        pub(super) enum Entry {
            Made,
        }
        #[derive(Model, Clone, Debug)]
        #[model(base = Base, schema = "audit", table = "entry")]
        pub(super) struct Audit {
            #[model(primary_key)]
            pub(super) id: Auto<i64>,
            pub(super) entry: Entry,
        }
    }
    assert_eq!(apart::Base::metadata().unwrap().types(), [apart::Entry::TYPE]);
}

#[test]
fn a_reference_without_the_schema_of_its_table() {
    let error = base! {
        #[derive(Model, Clone, Debug)]
        #[model(base = Base, schema = "audit")]
        struct Label { #[model(primary_key)] id: Auto<i64> }
        #[derive(Model, Clone, Debug)]
        #[model(base = Base)]
        struct Use { #[model(primary_key)] id: Auto<i64>, #[model(references = "label.id")] label_id: i64 }
    };
    assert_eq!(
        error,
        "`Use::label_id` references the table \"label\", which no model has; did you mean `audit.label`?"
    );
}

#[test]
fn an_association_table_without_its_schema() {
    let error = base! {
        #[derive(Model, Clone, Debug)]
        #[model(base = Base)]
        struct Cart { #[model(primary_key)] id: Auto<i64>, #[many_to_many(secondary = "link")] tags: ManyToMany<Tag> }
        #[derive(Model, Clone, Debug)]
        #[model(base = Base)]
        struct Tag { #[model(primary_key)] id: Auto<i64> }
        #[derive(Model, Clone, Debug)]
        #[model(base = Base, schema = "audit")]
        struct Link {
            #[model(primary_key)] #[belongs_to] cart: BelongsTo<Cart>,
            #[model(primary_key)] #[belongs_to] tag: BelongsTo<Tag>,
        }
    };
    assert_eq!(error, "`Cart::tags`: no model has the table \"link\"; did you mean `audit.link`?");
}
