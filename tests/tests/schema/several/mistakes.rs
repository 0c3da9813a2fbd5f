//! Contradictions between models in schemas, told when a base is used first.

use orm_core::ErrorKind;
use orm_core::prelude::*;

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
