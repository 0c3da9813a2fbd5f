//! Types with one field: one type in Rust, that of the field in the database.

use orm_core::prelude::*;
use orm_core::types::{KeyScalar, ScalarType as _, SqlType};

orm_core::declarative_base!(pub(crate) Base);

#[derive(ScalarType, Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) struct Cents(pub(crate) i64);

#[derive(ScalarType, Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Sku {
    pub(crate) text: String,
}

impl KeyScalar for Sku {}

#[derive(ScalarType, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ProductId(i64);

impl KeyScalar for ProductId {}

/// A newtype of a newtype.
#[derive(ScalarType, Clone, Copy, Debug, PartialEq)]
pub(crate) struct Price(Cents);

#[derive(ScalarType, Clone, Debug)]
pub(crate) struct Weight(f64);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub(crate) struct Product {
    #[model(primary_key)]
    pub(crate) id: Auto<ProductId>,
    #[model(unique)]
    pub(crate) sku: Sku,
    pub(crate) price: Price,
    pub(crate) reduced: Option<Cents>,
    pub(crate) weight: Weight,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub(crate) struct Review {
    #[model(primary_key)]
    pub(crate) id: Auto<i64>,
    #[belongs_to]
    pub(crate) product: BelongsTo<Product>,
}

const AMOUNTS: [i64; 5] = [i64::MIN, -1, 0, 1, i64::MAX];

fn product(n: usize) -> Product {
    let amount = AMOUNTS[n % AMOUNTS.len()];
    let reduced = n.is_multiple_of(2).then_some(Cents(amount));
    let product = Product::builder()
        .sku(Sku { text: format!("T-{n}") })
        .price(Price(Cents(amount)))
        .weight(Weight([f64::NAN, -0.0, f64::INFINITY, f64::MIN_POSITIVE, f64::MAX][n % 5]))
        .build();
    Product { reduced, ..product }
}

#[orm_testkit::test(base = Base)]
async fn alone_and_in_batches(engine: Engine) {
    let column = Base::metadata().unwrap().table("product").unwrap().column("id").unwrap();
    assert_eq!(column.sql_type, SqlType::BigInt);
    for n in 0..5 {
        product(n).insert(&engine).await.unwrap();
    }
    let mut session = engine.session();
    let added = session.add_all((5..15).map(product));
    session.add_all(added.iter().map(|product| Review::builder().product(*product)));
    session.commit().await.unwrap();
    let rows = engine.fetch_all(select::<Product>().order_by(Product::ID)).await.unwrap();
    for (n, row) in rows.iter().enumerate() {
        let given = product(n);
        assert_eq!((&row.sku, row.price, row.reduced), (&given.sku, given.price, given.reduced));
        assert!(row.weight.same(&given.weight), "{:?} {:?}", row.weight, given.weight);
    }
    // What is the same is not written again, `NaN` included.
    for handle in &added {
        session[*handle].weight = session[*handle].weight.clone();
    }
    assert!(session.dirty().next().is_none());
}

#[orm_testkit::test(base = Base)]
async fn keys_and_queries(engine: Engine) {
    let mut session = engine.session();
    let first = session.add(product(0));
    session.add(product(4));
    session.add(Review::builder().product(first));
    session.commit().await.unwrap();
    let id: ProductId = session[first].id.unwrap();
    assert_eq!(session.get::<Product>(id).await.unwrap(), Some(first));
    let dear = Product::PRICE.gt(Price(Cents(0))) & Product::REDUCED.eq(Cents(i64::MAX));
    let skus = engine.fetch_all(select::<Product>().filter(dear).columns(Product::SKU)).await.unwrap();
    assert_eq!(skus, [Sku { text: "T-4".into() }]);
    let ids = [id, ProductId(-1)];
    assert_eq!(engine.count(select::<Review>().filter(Review::PRODUCT_ID.in_any(ids))).await.unwrap(), 1);
}
