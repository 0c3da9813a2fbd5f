#[orm_testkit::test]
async fn customers_are_counted() {}

fn main() {}
