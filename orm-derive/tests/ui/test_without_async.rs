#[orm_testkit::test]
fn customers_are_counted(engine: orm_core::Engine) {}

fn main() {}
