//! What comes back of inserted rows.

use crate::mapper::Model;
use crate::query::Scoped;
use crate::query::scope::{Contains, Itself, Present, Rows, Scope};
use crate::sql::{Expr, Param};
use std::marker::PhantomData;

/// The scope of what an INSERT gives back: the columns of `M`, and [`was_inserted`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// use orm_core::{bulk::insert, query::{Inserted, Selects}};
/// /// One product, put in or found to be there; what a row says of it.
/// fn put<C, I>(columns: C) -> orm_core::bulk::Returning<Product, <Inserted<Product> as Selects<C, I>>::Row>
/// where
///     Inserted<Product>: Selects<C, I>,
/// {
///     let tea = Product::builder().sku("T-1").title("Tea").price_cents(390);
///     insert::<Product>([tea]).on_conflict(Product::SKU).do_update(Product::TITLE).returning(columns)
/// }
/// assert!(put((Product::ID, Product::TITLE)).to_string().ends_with(r#"RETURNING "id", "title""#));
/// ```
#[derive(Debug)]
pub struct Inserted<M>(PhantomData<fn() -> M>);

impl<M: Model> Scope for Inserted<M> {
    type Root = M;
    type Of = Rows;
    const WIDTH: usize = 1;
}

#[diagnostic::do_not_recommend]
impl<M: Model> Contains<M, Itself, Rows> for Inserted<M> {
    const PLACE: (usize, usize) = (0, 0);
    const IS_ALONE: bool = true;
    type Presence = Present;
}

/// Whether a row that an INSERT gives back is new; one that was there already was updated.
///
/// PostgreSQL locks a row before it updates it on a conflict, which leaves a mark in the updated row (`xmax`), and an inserted row
/// has none. (Rows of a partitioned table do not tell.)
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::{bulk::insert, query::was_inserted};
/// let put = async |skus: &[&str]| {
///     let teas = skus.iter().map(|sku| Product::builder().sku(*sku).title("Tea").price_cents(390));
///     let upsert = insert::<Product>(teas).on_conflict(Product::SKU).do_update(Product::TITLE);
///     upsert.returning((Product::SKU, was_inserted())).fetch_all(&engine).await
/// };
/// assert_eq!(put(&["T-1"]).await?, [("T-1".to_owned(), true)]);
/// let mut both = put(&["T-1", "T-2"]).await?;
/// both.sort(); // rows come in any order
/// assert_eq!(both, [("T-1".to_owned(), false), ("T-2".to_owned(), true)]);
/// # Ok(()) }
/// ```
pub fn was_inserted<M: Model>() -> Scoped<Inserted<M>, bool> {
    let is_new = Expr::Binary {
        op: "=",
        left: Box::new(Expr::Column("xmax")),
        right: Box::new(Expr::Cast { value: Box::new(Expr::Bind(Param::int8(0))), to: "int" }),
    };
    Scoped::new(is_new)
}
