//! Models inside functions, in nested modules with all visibilities, and made by macros.
#![deny(warnings)]

use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

mod outer {
    use crate::Base;
    use orm_core::prelude::*;

    pub(crate) mod inner {
        use crate::Base;
        use orm_core::prelude::*;

        #[derive(Model, Clone, Debug)]
        #[model(base = crate::Base)]
        pub(crate) struct Near {
            #[model(primary_key)]
            pub(crate) id: Auto<i64>,
            #[has_many(back_populates = "near")]
            pub(crate) far: HasMany<super::super::Far>,
        }

        #[derive(Model, Clone, Debug)]
        #[model(base = Base)]
        pub(in crate::outer) struct Super {
            #[model(primary_key)]
            pub(super) id: Auto<i64>,
        }
    }

    pub(crate) fn use_them() -> String {
        let _ = inner::Super::builder().id(1).build().id;
        let near = inner::Near::builder().id(5).build();
        assert!(near.far.is_loaded());
        format!("{:?} {:?}", inner::Near::ID, near.id)
    }

    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub(crate) struct Middle {
        #[model(primary_key)]
        pub(crate) id: Auto<i64>,
    }
    pub(crate) type Target = inner::Near;
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Far {
    #[model(primary_key)]
    id: Auto<i64>,
    #[belongs_to(back_populates = "far")]
    near: BelongsTo<outer::Target>,
}

macro_rules! make_model {
    ($name:ident, $table:literal, $field:ident: $ty:ty = $default:expr) => {
        #[derive(Model, Clone, Debug)]
        #[model(base = Base, table = $table)]
        struct $name {
            #[model(primary_key)]
            id: Auto<i64>,
            #[model(default = $default)]
            $field: $ty,
            other: $ty,
        }
    };
}
make_model!(Made, "made_by_macro", title: Option<String> = Some("x".to_owned()));

fn main() {
    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    struct Local {
        #[model(primary_key)]
        id: Auto<i64>,
        name: String,
    }

    let local = Local::builder().name("x").build();
    assert_eq!((local.name.as_str(), local.id.is_set()), ("x", false));
    assert_eq!(outer::use_them(), "near.id Set(5)");
    assert_eq!(outer::Middle::builder().id(3).build().id, 3);
    let far = Far::builder().near_key(1).build();
    assert_eq!((far.near.key(), far.id.is_set()), (Some(&1), false));
    let made = Made::builder().build();
    assert_eq!((made.title.as_deref(), made.other, made.id.is_set()), (Some("x"), None, false));
    assert_eq!(Made::def().table.name, "made_by_macro");
    assert_eq!(Base::metadata().expect("the models fit each other").tables().len(), 6);
}
