use orm_core::prelude::*;

#[derive(Clone, Debug)]
struct Street;

#[derive(Composite, Clone, Debug)]
struct Address {
    number: i32,
    street: Street,
}

fn main() {}
