//! A declared function with types that no column has.

pub struct Opaque;

orm_core::sql_function! {
    fn weighed(thing: Opaque) -> i64;
    fn counted(text: String) -> usize;
}

fn main() {}
