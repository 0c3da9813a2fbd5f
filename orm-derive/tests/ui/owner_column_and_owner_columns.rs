use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Person {
    #[model(primary_key)]
    id: Auto<i64>,
    #[many_to_many(secondary = "friendship", owner_column = "person_id", owner_columns("a", "b"), target_columns = "c")]
    friends: ManyToMany<Person>,
}

fn main() {}
