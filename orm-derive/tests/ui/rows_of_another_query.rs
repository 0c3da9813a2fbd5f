//! Queries of queries: a column of rows that are not given, branches of other types, rows without names, a query that needs another one.

use orm_core::prelude::*;
use orm_core::query::{recursive, select_from};

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Cart {
    #[model(primary_key)]
    pub id: Auto<i64>,
    pub total: i64,
    pub customer: i64,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Customer {
    #[model(primary_key)]
    pub id: Auto<i64>,
}

#[derive(Row, Clone, Debug)]
pub struct Sum {
    pub total: i64,
}

#[derive(Row, Clone, Debug)]
pub struct Other {
    pub total: i64,
}

fn main() {
    let sums = || columns(SumColumns { total: Cart::TOTAL });
    let _ = select_from(sums()).filter(Other::TOTAL.gt(1));
    let _ = sums().union(columns(OtherColumns { total: Cart::TOTAL }));
    let _ = select_from(columns((Cart::ID, Cart::TOTAL)));
    let _ = recursive(sums(), |before| select_from(before).columns(Sum::TOTAL));
    let of_customer = || select::<Cart>().correlate::<Customer>().filter(Cart::CUSTOMER.eq(Customer::ID));
    let _ = select::<Customer>().join_rows(of_customer(), Cart::CUSTOMER.eq(Customer::ID));
    let _ = select::<Cart>().join_lateral(of_customer());
}
