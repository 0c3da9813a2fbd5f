use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Product {
    #[model(primary_key)]
    id: i64,
    title: String,
    pieces: i32,
}

#[orm_core::hybrid]
impl Product {
    fn first(&self) -> i64 {
        match self.id {
            1 => 1,
            _ => 0,
        }
    }

    fn letters(&self) -> bool {
        self.title.chars().count() > 3
    }

    fn wide(&self) -> i64 {
        self.pieces as i64
    }

    fn nothing(&self) {}
}

#[orm_core::hybrid]
struct NoImpl;

fn main() {}
