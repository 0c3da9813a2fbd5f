//! Where geometries lie, and how far from each other.

use super::{bound, call};
use crate::mapper::{Column, Source};
use crate::query::scope::{Contains, placed};
use crate::query::{Operand, Predicate, Scoped, SqlExpr};
use crate::sql::Expr;
use crate::types::{ColumnType, Geography, Geometry, ScalarType, Shape};
use std::marker::PhantomData;

/// Types whose values lie somewhere: [`Geometry`] on a plane, [`Geography`] on the earth.
///
/// Distances and lengths on a plane are in the units of its reference system, which are degrees with 4326; those on the earth are
/// metres. What two of them are asked takes values, columns and expressions of the same kind and SRID, and shapes as they are.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// use geo_types::{Point, Polygon, polygon};
/// use orm_core::types::Geography;
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base, index("place", method = "gist"))]
/// pub struct City {
///     #[model(primary_key)]
///     pub name: String,
///     pub place: Geography<Point>,
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::TestDatabase::create().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # if Base::create_all(&engine).await.is_err() {
/// #     return Ok(()); // the server has no PostGIS
/// # }
/// for (name, x, y) in [("Ulm", 9.99, 48.40), ("Augsburg", 10.89, 48.37), ("Berlin", 13.40, 52.52)] {
///     City::builder().name(name).place(Geography(Point::new(x, y))).build().insert(&engine).await?;
/// }
/// let here = Point::new(10.0, 48.0);
/// let nearest = columns(City::NAME).order_by(City::PLACE.knn_distance(here).asc()).limit(2);
/// assert_eq!(engine.fetch_all(nearest).await?, ["Ulm", "Augsburg"]);
/// let near = columns(City::NAME).filter(City::PLACE.st_dwithin(here, 50_000.0)); // metres
/// assert_eq!(engine.fetch_all(near).await?, ["Ulm"]);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` lies nowhere in the database",
    label = "neither a `Geometry` nor a `Geography`"
)]
pub trait SpatialScalar: ScalarType {
    /// Where its values lie: those of two such places have nothing to do with each other.
    type Space: Space;
}

/// Where values of a [`SpatialScalar`] lie.
#[doc(hidden)]
pub trait Space {
    /// A point of it.
    type Point: ScalarType;
    /// A shape of the program in it.
    fn bound<G: Shape>(shape: &G) -> Expr;
    /// The value as one on a plane.
    fn plane(value: Expr) -> Expr;
}

/// A plane with the reference system of this SRID.
///
/// ```
/// use orm_core::query::{Plane, SpatialScalar};
/// fn is_on_the_plane<T: SpatialScalar<Space = Plane<3857>>>() {}
/// is_on_the_plane::<orm_core::types::Geometry<geo_types::Point, 3857>>();
/// ```
#[derive(Debug)]
pub enum Plane<const SRID: i32> {}

/// The earth as the reference system of this SRID has it.
///
/// ```
/// use orm_core::query::{Earth, SpatialScalar};
/// fn is_on_the_earth<T: SpatialScalar<Space = Earth<4326>>>() {}
/// is_on_the_earth::<orm_core::types::Geography<geo_types::Point>>();
/// ```
#[derive(Debug)]
pub enum Earth<const SRID: i32> {}

impl<const SRID: i32> Space for Plane<SRID> {
    type Point = Geometry<geo_types::Point, SRID>;

    fn bound<G: Shape>(shape: &G) -> Expr {
        bound(&Geometry::<G, SRID>(shape.clone()))
    }

    fn plane(value: Expr) -> Expr {
        value
    }
}

impl<const SRID: i32> Space for Earth<SRID> {
    type Point = Geography<geo_types::Point, SRID>;

    fn bound<G: Shape>(shape: &G) -> Expr {
        bound(&Geography::<G, SRID>(shape.clone()))
    }

    fn plane(value: Expr) -> Expr {
        Expr::Cast { value: Box::new(value), to: "geometry" }
    }
}

impl<G: Shape, const SRID: i32> SpatialScalar for Geometry<G, SRID> {
    type Space = Plane<SRID>;
}

impl<G: Shape, const SRID: i32> SpatialScalar for Geography<G, SRID> {
    type Space = Earth<SRID>;
}

/// What lies in the same space `P`: a shape, a [`Geometry`] or [`Geography`], a column or an expression of one, with whatever shape. `I` is
/// how it comes into the scope, which the compiler finds.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # use orm_core::types::Geometry;
/// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
/// # pub struct Shop {
/// #     #[model(primary_key)] pub id: Auto<i64>, pub place: Geometry<geo_types::Point>, pub area: Geometry<geo_types::Polygon>,
/// # }
/// use geo_types::{Point, line_string};
/// let inside = select::<Shop>().filter(Shop::AREA.st_contains(Shop::PLACE));
/// assert!(inside.to_string().ends_with(r#"WHERE st_contains("area", "place")"#));
/// let on_the_way = select::<Shop>().filter(Shop::AREA.st_intersects(line_string![(x: 0.0, y: 0.0), (x: 1.0, y: 1.0)]));
/// assert!(on_the_way.to_string().ends_with(r#"WHERE st_intersects("area", $1::geometry)"#));
/// let end = |filter: Predicate<Shop>| select::<Shop>().filter(filter).to_string().split_once("WHERE ").unwrap().1.to_owned();
/// assert_eq!(end(Shop::PLACE.st_within(Shop::AREA)), r#"st_within("place", "area")"#);
/// assert_eq!(end(Shop::AREA.boxes_overlap(Point::new(1.0, 2.0))), r#""area" && $1::geometry"#);
/// assert_eq!(end(Shop::AREA.st_touches(Point::new(1.0, 2.0))), r#"st_touches("area", $1::geometry)"#);
/// assert_eq!(end(Shop::AREA.st_length().gt(0.0)), r#"st_length("area") > $1"#);
/// assert_eq!(Shop::PLACE.st_as_text().to_string(), r#"st_astext("place")"#);
/// assert_eq!(end(Shop::AREA.st_covers(Shop::PLACE)), r#"st_covers("area", "place")"#);
/// assert_eq!(Shop::PLACE.st_distance(Shop::AREA).to_string(), r#"st_distance("place", "area")"#);
/// ```
///
/// What has another SRID, or is on the earth where this is on a plane, does not compile:
///
/// ```compile_fail
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # use orm_core::types::Geometry;
/// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
/// # pub struct Shop { #[model(primary_key)] pub id: Auto<i64>, pub area: Geometry<geo_types::Polygon> }
/// let place = Geometry::<_, 3857>(geo_types::Point::new(1.0, 2.0));
/// let inside = select::<Shop>().filter(Shop::AREA.st_contains(place));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not lie in `{P}`",
    label = "expected a shape, or a column or a value of the same kind and SRID",
    note = "`st_transform` changes the SRID of a geometry"
)]
pub trait SpatialOperand<S, P, I> {
    /// The expression.
    #[doc(hidden)]
    fn into_expr(self) -> Expr;
}

/// A shape of the program.
#[derive(Debug)]
#[doc(hidden)]
pub struct Bare;

/// A borrowed one.
#[derive(Debug)]
#[doc(hidden)]
pub struct Borrowed;

/// A value of the type `T` that comes by `I`.
#[derive(Debug)]
#[doc(hidden)]
pub struct Typed<T, I>(PhantomData<fn() -> (T, I)>);

#[diagnostic::do_not_recommend]
impl<S, P: Space, G: Shape> SpatialOperand<S, P, Bare> for G {
    fn into_expr(self) -> Expr {
        P::bound(&self)
    }
}

#[diagnostic::do_not_recommend]
impl<S, P: Space, G: Shape> SpatialOperand<S, P, Borrowed> for &G {
    fn into_expr(self) -> Expr {
        P::bound(self)
    }
}

#[diagnostic::do_not_recommend]
impl<S, T: SpatialScalar<Space: Space>, I, O: Operand<S, T, I>> SpatialOperand<S, T::Space, Typed<T, I>>
    for O
{
    fn into_expr(self) -> Expr {
        Operand::into_expr(self)
    }
}

/// The methods that ask a value about another one in the same space.
macro_rules! spatial {
    (
        $kind:ident;
        values { $(
            $(#[$value_doc:meta])*
            pub fn $value:ident($value_this:ident, $value_other:ident) -> $out:ty $value_body:block
        )* }
        conditions { $(
            $(#[$doc:meta])*
            pub fn $name:ident($this:ident, $other:ident $(, $arg:ident: $ty:ty)*) $body:block
        )* }
    ) => {
        impl<M: Source, F: ColumnType<Scalar = V>, V: $kind> Column<M, F> {
            $(
                $(#[$value_doc])*
                pub fn $value<J>(self, $value_other: impl SpatialOperand<M, V::Space, J>) -> SqlExpr<M, Option<$out>> {
                    let ($value_this, $value_other) = (self.expr(), $value_other.into_expr());
                    SqlExpr::new($value_body)
                }
            )*
            $(
                $(#[$doc])*
                pub fn $name<S: Contains<M, I>, I, J>(self, $other: impl SpatialOperand<S, V::Space, J> $(, $arg: $ty)*) -> Predicate<S> {
                    let ($this, $other) = (placed::<S, M, I>(self.expr()), $other.into_expr());
                    Predicate::new($body)
                }
            )*
        }

        impl<M: Source, F: ColumnType<Scalar = V>, V: $kind> SqlExpr<M, F> {
            $(
                $(#[$value_doc])*
                pub fn $value<J>(self, $value_other: impl SpatialOperand<M, V::Space, J>) -> SqlExpr<M, Option<$out>> {
                    let ($value_this, $value_other) = (self.expr, $value_other.into_expr());
                    SqlExpr::new($value_body)
                }
            )*
            $(
                $(#[$doc])*
                pub fn $name<S: Contains<M, I>, I, J>(self, $other: impl SpatialOperand<S, V::Space, J> $(, $arg: $ty)*) -> Predicate<S> {
                    let ($this, $other) = (placed::<S, M, I>(self.expr), $other.into_expr());
                    Predicate::new($body)
                }
            )*
        }

        impl<S, F: ColumnType<Scalar = V>, V: $kind> Scoped<S, F> {
            $(
                $(#[$value_doc])*
                pub fn $value<J>(self, $value_other: impl SpatialOperand<S, V::Space, J>) -> Scoped<S, Option<$out>> {
                    let ($value_this, $value_other) = (self.expr, $value_other.into_expr());
                    Scoped::new($value_body)
                }
            )*
            $(
                $(#[$doc])*
                pub fn $name<J>(self, $other: impl SpatialOperand<S, V::Space, J> $(, $arg: $ty)*) -> Predicate<S> {
                    let ($this, $other) = (self.expr, $other.into_expr());
                    Predicate::new($body)
                }
            )*
        }
    };
}

spatial! {
    SpatialScalar;
    values {
        /// How far both are from each other at least; `NULL` where one of them is empty. For the order of the nearest first there is
        /// [`knn_distance`](Self::knn_distance), for those that are near [`st_dwithin`](Self::st_dwithin): both use an index.
        pub fn st_distance(this, other) -> f64 {
            call("st_distance", vec![this, other])
        }

        /// The distance by which a GiST index gives the nearest first (`<->`): to be ordered by. That of geographies is one on a sphere.
        pub fn knn_distance(this, other) -> f64 {
            Expr::binary("<->", this, other)
        }
    }
    conditions {
        /// Whether both are at most so far from each other.
        pub fn st_dwithin(this, other, distance: f64) {
            call("st_dwithin", vec![this, other, bound(&distance)])
        }

        /// Whether they have a point in common.
        pub fn st_intersects(this, other) {
            call("st_intersects", vec![this, other])
        }

        /// Whether all points of the other one are points of this one, its border included.
        pub fn st_covers(this, other) {
            call("st_covers", vec![this, other])
        }

        /// Whether the boxes around both have a point in common (`&&`), which a GiST index knows.
        pub fn boxes_overlap(this, other) {
            Expr::binary("&&", this, other)
        }
    }
}

operators! {
    SpatialScalar;
    values {
        /// The area, in squares of the unit; 0 of points and lines.
        ///
        /// ```
        /// # use orm_core::prelude::*;
        /// # orm_core::declarative_base!(pub Base);
        /// # use orm_core::types::Geometry;
        /// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
        /// # pub struct Park { #[model(primary_key)] pub id: Auto<i64>, pub area: Geometry<geo_types::Polygon, 25832> }
        /// let large = select::<Park>().filter(Park::AREA.st_area().gt(10_000.0)).columns(Park::AREA.st_perimeter());
        /// assert_eq!(
        ///     large.to_string(),
        ///     r#"SELECT st_perimeter("area") FROM "park" WHERE st_area("area") > $1"#
        /// );
        /// let world = Park::AREA.st_transform::<4326>(); // a `Geometry<Polygon, 4326>`
        /// assert_eq!(world.st_centroid().to_string(), concat!(
        ///     r#"CASE WHEN NOT (st_isempty(st_transform("area", $1))) "#,
        ///     r#"THEN st_centroid(st_transform("area", $2)) END"#
        /// ));
        /// ```
        pub fn st_area(this) -> f64 {
            call("st_area", vec![this])
        }

        /// The length of lines; 0 of points and of areas, whose border is `st_perimeter`.
        pub fn st_length(this) -> f64 {
            call("st_length", vec![this])
        }

        /// The length of the border of areas.
        pub fn st_perimeter(this) -> f64 {
            call("st_perimeter", vec![this])
        }

        /// The centre of its mass; `NULL` of what is empty.
        pub fn st_centroid(this) -> Option<<V::Space as Space>::Point> {
            let is_empty = call("st_isempty", vec![V::Space::plane(this.clone())]);
            let arms = vec![(Expr::Not(Box::new(is_empty)), call("st_centroid", vec![this]))];
            Expr::When { arms, otherwise: None }
        }

        /// As text, such as `POINT(1 2)`.
        pub fn st_as_text(this) -> String {
            call("st_astext", vec![this])
        }
    }
    conditions {}
    comparisons {}
}

#[cfg(feature = "serde_json")]
operators! {
    SpatialScalar;
    values {
        /// As GeoJSON, with 9 digits behind the point.
        ///
        /// ```
        /// # use orm_core::prelude::*;
        /// # orm_core::declarative_base!(pub Base);
        /// # use orm_core::types::Geometry;
        /// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
        /// # pub struct Park { #[model(primary_key)] pub id: Auto<i64>, pub area: Geometry<geo_types::Polygon> }
        /// let shown = columns(Park::AREA.st_as_geojson());
        /// assert_eq!(shown.to_string(), r#"SELECT CAST(st_asgeojson("area") AS jsonb) FROM "park""#);
        /// ```
        pub fn st_as_geojson(this) -> serde_json::Value {
            Expr::Cast { value: Box::new(call("st_asgeojson", vec![this])), to: "jsonb" }
        }
    }
    conditions {}
    comparisons {}
}

/// Types whose values lie on a plane: [`Geometry`].
///
/// ```
/// use orm_core::query::PlanarScalar;
/// use orm_core::types::Geometry;
/// fn is_on_a_plane<T: PlanarScalar>() {}
/// is_on_a_plane::<Geometry<geo_types::Point>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not lie on a plane",
    label = "no `Geometry`",
    note = "a `Geography` has `st_covers` and `st_intersects`"
)]
pub trait PlanarScalar: SpatialScalar {}

impl<G: Shape, const SRID: i32> PlanarScalar for Geometry<G, SRID> {}

spatial! {
    PlanarScalar;
    values {}
    conditions {
        /// Whether no point of the other one is outside of this one, and not all of them are on its border.
        pub fn st_contains(this, other) {
            call("st_contains", vec![this, other])
        }

        /// Whether the other one [contains](Self::st_contains) this one.
        pub fn st_within(this, other) {
            call("st_within", vec![this, other])
        }

        /// Whether they have points in common, but none that are inside of both.
        pub fn st_touches(this, other) {
            call("st_touches", vec![this, other])
        }
    }
}

/// The value in the reference system of another SRID.
fn transformed(value: Expr, srid: i32) -> Expr {
    call("st_transform", vec![value, bound(&srid)])
}

impl<M: Source, F: ColumnType<Scalar = Geometry<G, FROM>>, G: Shape, const FROM: i32> Column<M, F> {
    /// The same place in the reference system of another SRID.
    pub fn st_transform<const SRID: i32>(self) -> SqlExpr<M, F::With<Geometry<G, SRID>>> {
        SqlExpr::new(transformed(self.expr(), SRID))
    }
}

impl<M: Source, F: ColumnType<Scalar = Geometry<G, FROM>>, G: Shape, const FROM: i32> SqlExpr<M, F> {
    /// The same place in the reference system of another SRID.
    pub fn st_transform<const SRID: i32>(self) -> SqlExpr<M, F::With<Geometry<G, SRID>>> {
        SqlExpr::new(transformed(self.expr, SRID))
    }
}

impl<S, F: ColumnType<Scalar = Geometry<G, FROM>>, G: Shape, const FROM: i32> Scoped<S, F> {
    /// The same place in the reference system of another SRID.
    pub fn st_transform<const SRID: i32>(self) -> Scoped<S, F::With<Geometry<G, SRID>>> {
        Scoped::new(transformed(self.expr, SRID))
    }
}
