//! The builder of a session asks for columns of a table that it does not join, and of groups for what is none of theirs.

use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Customer {
    #[model(primary_key)]
    pub id: Auto<i64>,
    pub name: String,
    #[has_many]
    pub carts: HasMany<Cart>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Cart {
    #[model(primary_key)]
    pub id: Auto<i64>,
    pub note: String,
    #[belongs_to]
    pub customer: BelongsTo<Customer>,
}

fn main() {}

async fn find(session: &mut Session) {
    let _ = session.query::<Customer>().filter(Cart::NOTE.eq("gift")).all().await;
    let carts = session.query::<Customer>().join(Customer::CARTS).group_by(Customer::NAME);
    let _ = carts.columns(|_| Cart::NOTE).all().await;
}
