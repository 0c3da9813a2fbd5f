//! How far vectors are from each other.

use super::{WithTaken, call, pairs};
use crate::mapper::{Column, Source};
use crate::query::{Aggregate, Is, Operand, Scoped, SqlExpr, Takes};
use crate::sql::Expr;
use crate::types::{ColumnType, ScalarType};
use pgvector::{HalfVector, SparseVector, Vector};

/// Types whose values are vectors in the database: `Vector`, `HalfVector` and `SparseVector` of the crate `pgvector`.
///
/// Of two vectors that differ in their number of dimensions the server makes an error.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// use pgvector::Vector;
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Item {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     #[model(length = 3)]
///     pub embedding: Vector, // vector(3)
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::TestDatabase::create().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # if Base::create_all(&engine).await.is_err() {
/// #     return Ok(()); // the server has no extension `vector`
/// # }
/// let mut session = engine.session();
/// for numbers in [[1.0, 0.0, 0.0], [0.0, 2.0, 0.0], [3.0, 3.0, 0.0]] {
///     session.add(Item::builder().embedding(Vector::from(numbers.to_vec())));
/// }
/// session.commit().await?;
///
/// let wanted = Vector::from(vec![2.0, 2.1, 0.0]);
/// let distance = || Item::EMBEDDING.cosine_distance(&wanted);
/// let nearest = session.query::<Item>().order_by(distance().asc()).limit(2).all().await?;
/// assert_eq!(session[nearest[0]].embedding.as_slice(), [3.0, 3.0, 0.0]);
/// let near = columns(Item::EMBEDDING.l2_distance(&wanted)).filter(distance().lt(0.1)).fetch_one(&engine).await?;
/// assert!((1.3..1.4).contains(&near));
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no vector in the database",
    label = "no vector",
    note = "vectors are `Vector`, `HalfVector` and `SparseVector` of the crate `pgvector`"
)]
pub trait VectorScalar: ScalarType {
    /// The function that gives their length.
    #[doc(hidden)]
    const NORM: &str;
}

impl VectorScalar for Vector {
    const NORM: &str = "vector_norm";
}

impl VectorScalar for HalfVector {
    const NORM: &str = "l2_norm";
}

impl VectorScalar for SparseVector {
    const NORM: &str = "l2_norm";
}

pairs! {
    VectorScalar;
    /// The Euclidean distance (`<->`), which an index with `vector_l2_ops` is for; also of rows of one table to each other.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # orm_core::declarative_base!(pub Base);
    /// # use pgvector::Vector;
    /// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
    /// # pub struct Item { #[model(primary_key)] pub id: Auto<i64>, pub now: Vector, pub before: Vector }
    /// let moved = select::<Item>().order_by(Item::NOW.l2_distance(Item::BEFORE).desc()).limit(5);
    /// assert!(moved.to_string().ends_with(r#"ORDER BY "now" <-> "before" DESC LIMIT $1"#));
    /// let near = select::<Item>().filter(Item::NOW.l1_distance(Vector::from(vec![1.0, 2.0])).le(0.5));
    /// assert!(near.to_string().ends_with(r#"WHERE ("now" <+> $1::vector) <= $2"#));
    /// ```
    pub fn l2_distance(this, other: V) -> f64 {
        Expr::binary("<->", this, other)
    }

    /// The distance by the angle between both (`<=>`), from 0 to 2, which an index with `vector_cosine_ops` is for. A vector of zeros
    /// has no angle: `NaN`.
    pub fn cosine_distance(this, other: V) -> f64 {
        Expr::binary("<=>", this, other)
    }

    /// The sum of the distances in each dimension (`<+>`), which an index with `vector_l1_ops` is for.
    pub fn l1_distance(this, other: V) -> f64 {
        Expr::binary("<+>", this, other)
    }

    /// The inner product with its sign turned (`<#>`): the smallest value is the nearest vector, as of a distance, which an index
    /// with `vector_ip_ops` is for. [`inner_product`](Self::inner_product) is the product itself.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # orm_core::declarative_base!(pub Base);
    /// # use pgvector::HalfVector;
    /// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
    /// # pub struct Item { #[model(primary_key)] pub id: Auto<i64>, pub taste: HalfVector }
    /// let wanted = || HalfVector::from_f32_slice(&[0.5, 1.0]);
    /// let best = select::<Item>().order_by(Item::TASTE.negative_inner_product(wanted())).limit(5);
    /// assert!(best.to_string().ends_with(r#"ORDER BY "taste" <#> $1::halfvec LIMIT $2"#));
    /// let good = select::<Item>().filter(Item::TASTE.inner_product(wanted()).gt(0.8));
    /// assert!(good.to_string().ends_with(r#"WHERE inner_product("taste", $1::halfvec) > $2"#));
    /// ```
    pub fn negative_inner_product(this, other: V) -> f64 {
        Expr::binary("<#>", this, other)
    }

    /// The inner product: the largest value is the nearest vector. No index is for it, but for
    /// [`negative_inner_product`](Self::negative_inner_product).
    pub fn inner_product(this, other: V) -> f64 {
        call("inner_product", vec![this, other])
    }
}

operators! {
    VectorScalar;
    values {
        /// The length of the vector.
        pub fn l2_norm(this) -> f64 {
            call(V::NORM, vec![this])
        }

        /// The vector of length 1 in the same direction; one of zeros stays as it is.
        ///
        /// ```
        /// # use orm_core::prelude::*;
        /// # orm_core::declarative_base!(pub Base);
        /// # use pgvector::Vector;
        /// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
        /// # pub struct Item { #[model(primary_key)] pub id: Auto<i64>, pub taste: Vector }
        /// let short = columns((Item::TASTE.l2_normalize(), Item::TASTE.vector_dims())).filter(Item::TASTE.l2_norm().lt(1.0));
        /// assert_eq!(
        ///     short.to_string(),
        ///     r#"SELECT l2_normalize("taste"), vector_dims("taste") FROM "item" WHERE vector_norm("taste") < $1"#
        /// );
        /// ```
        pub fn l2_normalize(this) -> V {
            call("l2_normalize", vec![this])
        }
    }
    conditions {}
    comparisons {}
}

/// Vectors that hold each of their numbers: `Vector` and `HalfVector`.
///
/// ```
/// # use orm_core::prelude::*;
/// use orm_core::query::DenseVector;
/// fn is_dense<T: DenseVector>() {}
/// is_dense::<pgvector::HalfVector>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no vector that holds each of its numbers",
    label = "neither a `Vector` nor a `HalfVector`"
)]
pub trait DenseVector: VectorScalar {}

impl DenseVector for Vector {}
impl DenseVector for HalfVector {}

operators! {
    DenseVector;
    values {
        /// How many numbers it has.
        pub fn vector_dims(this) -> i32 {
            call("vector_dims", vec![this])
        }
    }
    conditions {}
    comparisons {}
}

/// The mean of the vectors, dimension by dimension; `None` without any.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # use pgvector::Vector;
/// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
/// # pub struct Item { #[model(primary_key)] pub id: Auto<i64>, pub kind: String, pub taste: Vector }
/// use orm_core::query::vector_avg;
/// let kinds = select::<Item>().group_by(Item::KIND).columns(|kind| (kind, vector_avg(Item::TASTE))); // `Option<Vector>`
/// assert_eq!(kinds.to_string(), r#"SELECT "kind", avg("taste") FROM "item" GROUP BY "kind""#);
/// ```
pub fn vector_avg<S, V: DenseVector, I>(vector: impl Operand<S, V, I>) -> Aggregate<S, Option<V>> {
    Aggregate::new("avg", vec![vector.into_expr()])
}

/// The sum of the vectors, dimension by dimension; `None` without any.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # use pgvector::Vector;
/// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
/// # pub struct Item { #[model(primary_key)] pub id: Auto<i64>, pub taste: Vector }
/// use orm_core::query::vector_sum;
/// let all = select::<Item>().aggregate(vector_sum(Item::TASTE));
/// assert_eq!(all.to_string(), r#"SELECT sum("taste") FROM "item""#);
/// ```
pub fn vector_sum<S, V: DenseVector, I>(vector: impl Operand<S, V, I>) -> Aggregate<S, Option<V>> {
    Aggregate::new("sum", vec![vector.into_expr()])
}
