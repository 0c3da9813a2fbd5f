//! How many numbers the vectors of a column have, and the indexes that find the nearest ones.

use orm_core::ErrorKind;
use orm_core::bulk::{copy_in, insert};
use orm_core::prelude::*;
use orm_tests::has_extension;
use pgvector::{HalfVector, SparseVector, Vector};

orm_core::declarative_base!(pub(crate) Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base, index("dense vector_cosine_ops", method = "hnsw", with(m = 8, ef_construction = 32)))]
#[model(index("half halfvec_l2_ops", method = "ivfflat", with(lists = 4)))]
pub(crate) struct Item {
    #[model(primary_key)]
    pub(crate) id: Auto<i64>,
    #[model(length = 3)]
    pub(crate) dense: Vector,
    #[model(length = 2)]
    pub(crate) half: Option<HalfVector>,
    #[model(length = 1_000_000)]
    pub(crate) sparse: Option<SparseVector>,
    #[model(length = 2)]
    pub(crate) many: Vec<Vector>,
}

fn item(numbers: [f32; 3]) -> Item {
    let (half, sparse) = (HalfVector::from_f32_slice(&numbers[..2]), [(999_999, 0.5)]);
    Item {
        id: Auto::Unset,
        dense: numbers.to_vec().into(),
        half: Some(half),
        sparse: Some(SparseVector::from_map(sparse.iter().map(|(at, number)| (at, number)), 1_000_000)),
        many: vec![vec![1.0, 2.0].into()],
    }
}

/// Makes the table; `false` where the server has no vectors.
async fn is_there(engine: &Engine) -> bool {
    let is_there = has_extension(engine, "vector").await;
    if is_there {
        Base::create_all(engine).await.unwrap();
    }
    is_there
}

/// What does not fit, with its column and the reason.
fn misfits() -> Vec<(Item, &'static str, &'static str)> {
    let good = || item([1.0, 2.0, 3.0]);
    let sparse = SparseVector::from_dense(&[1.0]);
    vec![
        (
            Item { dense: vec![1.0; 4].into(), ..good() },
            "dense",
            "4 dimensions instead of the 3 of `vector(3)`",
        ),
        (Item { dense: vec![].into(), ..good() }, "dense", "0 dimensions instead of the 3"),
        (
            Item { half: Some(HalfVector::from_f32_slice(&[1.0])), ..good() },
            "half",
            "1 dimensions instead of the 2 of `halfvec(2)`",
        ),
        (Item { sparse: Some(sparse), ..good() }, "sparse", "1 dimensions instead of the 1000000 of"),
        (Item { many: vec![vec![1.0].into()], ..good() }, "many", "1 dimensions instead of the 2"),
    ]
}

#[track_caller]
fn assert_refused(error: &orm_core::Error, column: &str, why: &str) {
    assert_eq!((error.kind(), error.model()), (ErrorKind::Encode, Some("Item")), "{error:?}");
    assert_eq!(error.column(), Some(column), "{error:?}");
    assert!(format!("{error:?}").contains(why), "{why} in {error:?}");
}

#[orm_testkit::test]
async fn vectors_of_other_lengths_are_refused_by_every_way_to_write(engine: Engine) {
    if !is_there(&engine).await {
        return;
    }
    for (misfit, column, why) in misfits() {
        let both = || [item([1.0, 2.0, 3.0]), misfit.clone()];
        let mut session = engine.session();
        session.add_all(both());
        assert_refused(&session.commit().await.unwrap_err(), column, why);
        assert_refused(&misfit.clone().insert(&engine).await.unwrap_err(), column, why);
        assert_refused(&insert(both()).execute(&engine).await.unwrap_err(), column, why);
        assert_refused(&copy_in(both()).execute(&engine).await.unwrap_err(), column, why);
    }
    assert_eq!(engine.count(select::<Item>()).await.unwrap(), 0);
    for numbers in [[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]] {
        let mut session = engine.session();
        session.add_all([item(numbers), item(numbers)]);
        session.commit().await.unwrap();
    }
    assert_eq!(engine.count(select::<Item>()).await.unwrap(), 4);
}

#[orm_testkit::test]
async fn the_server_has_the_indexes_and_uses_them(engine: Engine) {
    if !is_there(&engine).await {
        return;
    }
    let known = "SELECT replace(pg_get_indexdef(indexrelid), ' public.', ' ') FROM pg_index \
                 WHERE indrelid = 'item'::regclass AND NOT indisprimary ORDER BY 1";
    let known: Vec<String> = orm_core::sql::text(known).scalars(&engine).await.unwrap();
    assert_eq!(
        known,
        [
            "CREATE INDEX ix_item_dense ON item USING hnsw (dense vector_cosine_ops) \
             WITH (m='8', ef_construction='32')",
            "CREATE INDEX ix_item_half ON item USING ivfflat (half halfvec_l2_ops) WITH (lists='4')",
        ]
    );
    let mut session = engine.session();
    session.add_all((0..50_u8).map(|n| item([f32::from(n), 1.0, 0.0])));
    session.commit().await.unwrap();
    session.begin().await.unwrap();
    session.set_local("enable_seqscan", "off").unwrap();
    let nearest = || {
        let distance = Item::DENSE.cosine_distance(Vector::from(vec![1.0, 1.0, 0.0]));
        select::<Item>().order_by(distance.asc()).limit(3)
    };
    let plan = session.explain(nearest()).await.unwrap();
    assert!(plan.nodes().any(|node| node.index.as_deref() == Some("ix_item_dense")), "{plan}");
    let by_other_distance =
        select::<Item>().order_by(Item::HALF.l2_distance(HalfVector::from_f32_slice(&[1.0, 1.0])));
    let plan = session.explain(by_other_distance.limit(3)).await.unwrap();
    assert!(plan.nodes().any(|node| node.index.as_deref() == Some("ix_item_half")), "{plan}");
}
