//! User code that takes the names of the standard library for itself.
#![deny(warnings)]
#![allow(non_camel_case_types, dead_code, unused_macros)]

mod core {}
mod std {}

mod models {
    use orm_core::mapper::BelongsTo as Belongs;
    use orm_core::types::Auto;

    orm_core::declarative_base!(pub Base);

    pub struct Result;
    pub struct Option;
    pub struct Vec;
    pub struct Box;
    pub struct Some;
    pub struct None;
    pub struct Ok;
    pub struct Err;
    pub struct Row;
    pub struct Column;
    pub struct Relation;
    pub struct Member;
    pub struct Missing;
    pub struct usize;
    pub struct bool;
    pub struct u8;
    pub trait Into {}
    pub trait From {}
    pub trait Default {}
    pub trait Clone {}
    pub trait Debug {}
    pub trait Fn {}
    pub trait IntoIterator {}
    pub trait Iterator {}
    pub trait Model {}
    pub trait ColumnType {}

    macro_rules! assert {
        () => {};
    }
    macro_rules! unreachable {
        () => {};
    }

    #[derive(orm_core::Model, ::core::clone::Clone, ::core::fmt::Debug)]
    #[model(base = Base, index("text", "note"))]
    pub struct String {
        #[model(primary_key)]
        pub id: Auto<i64>,
        pub text: ::std::string::String,
        pub note: ::core::option::Option<i32>,
        #[model(default = "plain")]
        pub style: ::std::string::String,
        pub bytes: ::std::vec::Vec<::core::primitive::u8>,
        #[belongs_to(back_populates = "parts")]
        pub whole: ::core::option::Option<orm_core::mapper::BelongsTo<String>>,
        #[has_many(back_populates = "whole")]
        pub parts: orm_core::mapper::HasMany<String>,
    }

    pub type Whole = Belongs<String>;
}

fn main() {
    let part = models::String::builder().text("part").bytes([1].to_vec());
    let whole = models::String::builder().text("whole").bytes([].to_vec()).note(3).parts([part]).build();
    assert_eq!(whole.text, "whole");
    assert_eq!(whole.style, "plain");
}
