#[orm_testkit::test(database = "shop")]
async fn customers_are_counted(engine: orm_core::Engine) {}

fn main() {}
