//! Vectors: which are near, and what is made of many.

use orm_core::ErrorKind;
use orm_core::mapper::Column;
use orm_core::prelude::*;
use orm_core::query::{DenseVector, SqlExpr, VectorScalar, value, vector_avg, vector_sum};
use orm_tests::has_extension;
use pgvector::{HalfVector, SparseVector, Vector};

orm_core::declarative_base!(pub(crate) Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub(crate) struct Item {
    #[model(primary_key)]
    pub(crate) id: Auto<i64>,
    pub(crate) name: String,
    pub(crate) dense: Vector,
    pub(crate) half: HalfVector,
    pub(crate) sparse: SparseVector,
    pub(crate) other: Option<Vector>,
}

const NUMBERS: [(&str, [f32; 3]); 4] = [
    ("right", [2.0, 0.0, 0.0]),
    ("up", [0.0, 4.0, 0.0]),
    ("left", [-1.0, 0.0, 0.0]),
    ("slope", [3.0, 4.0, 0.0]),
];

/// Makes the tables and four items; `false` where the server has no vectors.
async fn items(engine: &Engine) -> bool {
    if !has_extension(engine, "vector").await {
        return false;
    }
    Base::create_all(engine).await.unwrap();
    let mut session = engine.session();
    for (name, numbers) in NUMBERS {
        let item = Item::builder().name(name).dense(numbers.to_vec().into());
        let item = item.half(HalfVector::from_f32_slice(&numbers)).sparse(SparseVector::from_dense(&numbers));
        let item = session.add(item);
        session[item].other = (name != "left").then(|| vec![0.0, 0.0, 1.0].into());
    }
    session.commit().await.unwrap();
    true
}

/// What is measured of each item, in the order of `NUMBERS`.
async fn measured(engine: &Engine, measure: SqlExpr<Item, f64>) -> Vec<f64> {
    columns(measure).order_by(Item::ID).fetch_all(engine).await.unwrap()
}

#[track_caller]
fn near(found: &[f64], expected: [f64; 4]) {
    let is_near = found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-3);
    assert!(found.len() == 4 && is_near, "{found:?} is not {expected:?}");
}

/// All measures of one kind of vectors, from one vector to those of all items.
async fn measures_of<V: VectorScalar>(engine: &Engine, column: Column<Item, V>, wanted: &V) {
    near(&measured(engine, column.l2_distance(wanted)).await, [20_f64.sqrt(), 0.0, 17_f64.sqrt(), 3.0]);
    near(&measured(engine, column.l1_distance(wanted)).await, [6.0, 0.0, 5.0, 3.0]);
    near(&measured(engine, column.cosine_distance(wanted)).await, [1.0, 0.0, 1.0, 0.2]);
    near(&measured(engine, column.inner_product(wanted)).await, [0.0, 16.0, 0.0, 16.0]);
    near(&measured(engine, column.negative_inner_product(wanted)).await, [0.0, -16.0, 0.0, -16.0]);
    near(&measured(engine, column.l2_norm()).await, [2.0, 4.0, 1.0, 5.0]);
    near(&measured(engine, column.l2_normalize().l2_norm()).await, [1.0; 4]);
    near(&measured(engine, column.l2_distance(column)).await, [0.0; 4]);
}

#[orm_testkit::test]
async fn all_kinds_of_vectors_are_measured(engine: Engine) {
    if !items(&engine).await {
        return;
    }
    let wanted = [0.0, 4.0, 0.0];
    measures_of(&engine, Item::DENSE, &Vector::from(wanted.to_vec())).await;
    measures_of(&engine, Item::HALF, &HalfVector::from_f32_slice(&wanted)).await;
    measures_of(&engine, Item::SPARSE, &SparseVector::from_dense(&wanted)).await;
}

#[orm_testkit::test]
async fn the_nearest_come_first(engine: Engine) {
    if !items(&engine).await {
        return;
    }
    let wanted = || Vector::from(vec![1.0, 1.0, 0.0]);
    let mut session = engine.session();
    let distance = || Item::DENSE.cosine_distance(wanted());
    let nearest =
        session.query::<Item>().order_by((distance().asc(), Item::ID)).limit(2).all().await.unwrap();
    let names: Vec<&str> = nearest.iter().map(|item| &*session[*item].name).collect();
    assert_eq!(names, ["slope", "right"]);
    let near = columns(Item::NAME).filter(distance().lt(0.5)).order_by(distance().desc());
    assert_eq!(near.fetch_all(&engine).await.unwrap().last().unwrap(), "slope");
    let by_product = Item::DENSE.negative_inner_product(wanted());
    assert_eq!(columns(Item::NAME).order_by(by_product).fetch_all(&engine).await.unwrap()[0], "slope");
}

#[orm_testkit::test]
async fn what_is_not_there_has_no_distance(engine: Engine) {
    if !items(&engine).await {
        return;
    }
    let of_missing = columns(Item::OTHER.l2_distance(Item::DENSE)).order_by(Item::ID);
    let found = of_missing.fetch_all(&engine).await.unwrap();
    assert_eq!(found.iter().map(Option::is_none).collect::<Vec<_>>(), [false, false, true, false]);
    let to_missing = columns(Item::DENSE.l2_distance(Item::OTHER)).order_by(Item::ID);
    assert_eq!(to_missing.fetch_all(&engine).await.unwrap(), found);
    let zeros = Vector::from(vec![0.0; 3]);
    let angle = columns(Item::DENSE.cosine_distance(&zeros)).limit(1).fetch_one(&engine).await.unwrap();
    assert!(angle.is_nan());
    let length = value(Item::DENSE).l2_normalize().l2_distance(&zeros);
    let same = select::<Item>().columns(length).order_by(Item::ID).limit(1);
    assert_eq!(same.fetch_one(&engine).await.unwrap(), 1.0);
    let other_dimensions = columns(Item::DENSE.l2_distance(Vector::from(vec![1.0])));
    let error = other_dimensions.fetch_all(&engine).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Database, "{error}");
}

async fn made_of_many<V: DenseVector>(engine: &Engine, column: Column<Item, V>, numbers: fn([f32; 3]) -> V) {
    let all = select::<Item>().aggregate((vector_avg(column), vector_sum(column)));
    let (mean, sum) = all.fetch_one(engine).await.unwrap();
    assert!(mean.unwrap().same(&numbers([1.0, 2.0, 0.0])));
    assert!(sum.unwrap().same(&numbers([4.0, 8.0, 0.0])));
    let dimensions = columns(column.vector_dims()).limit(1).fetch_one(engine).await.unwrap();
    assert_eq!(dimensions, 3);
    let none = select::<Item>().filter(Item::NAME.eq("none")).aggregate(vector_avg(column));
    assert!(none.fetch_one(engine).await.unwrap().is_none());
}

#[orm_testkit::test]
async fn many_vectors_are_one(engine: Engine) {
    if !items(&engine).await {
        return;
    }
    made_of_many(&engine, Item::DENSE, |numbers| numbers.to_vec().into()).await;
    made_of_many(&engine, Item::HALF, |numbers| HalfVector::from_f32_slice(&numbers)).await;
}
