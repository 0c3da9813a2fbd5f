use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Pet {
    #[model(primary_key)]
    pub id: Auto<i64>,
    pub kind: String,
    pub age: i32,
}

#[derive(Polymorphic, Clone, Copy, Debug)]
#[polymorphic(base = Pet)]
pub enum NoField {
    Pet(Handle<Pet>),
    Id(i64),
}

#[derive(Polymorphic, Clone, Copy, Debug)]
#[polymorphic(base = Pet, on = "knid")]
pub enum WrongField {
    Pet(Handle<Pet>),
}

#[derive(Polymorphic, Clone, Copy, Debug)]
#[polymorphic(base = Pet, on = "age")]
pub enum NoText {
    Pet(Handle<Pet>),
}

#[derive(Polymorphic, Clone, Copy, Debug)]
pub enum NoBase {
    #[polymorphic(base, tag = "x")]
    Pet(Handle<Pet>),
    #[polymorphic(base)]
    Other(Handle<Pet>),
}

#[derive(Polymorphic, Clone, Copy, Debug)]
pub struct NoEnum;

fn main() {}
