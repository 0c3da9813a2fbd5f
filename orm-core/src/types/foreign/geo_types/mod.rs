//! Geometries of PostGIS, with the shapes of the crate `geo-types`. The extension `postgis` has to be there; `create_all` asks for it.

mod ewkb;
mod names;
mod shape;

pub use shape::Shape;

use crate::types::named::{Extension, NamedType, WireTypes};
use crate::types::{IntoScalar, ScalarType, SqlType, WireError};
use bytes::BytesMut;
use ewkb::{Bounds, Writer};
use names::Name;
use postgres_types::Type;
use serde_json::Value as Json;
use std::fmt::Write;
use std::ops::{Deref, DerefMut};
use std::sync::LazyLock;

/// A type of PostGIS: its name, where its coordinates lie, and the smallest SRID that it has.
macro_rules! spatial {
    ($(#[$doc:meta])+ $ty:ident = $name:literal, $bounds:ident, $wire:ident, $least:literal;) => {
        static $wire: LazyLock<WireTypes> = LazyLock::new(|| WireTypes::of($name));

        $(#[$doc])+
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        pub struct $ty<G = geo_types::Geometry<f64>, const SRID: i32 = 4326>(pub G);

        impl<G: Shape, const SRID: i32> $ty<G, SRID> {
            const NAME: &'static Name = &Name::of($name, G::NAME, SRID, "");
            const ARRAY: &'static Name = &Name::of($name, G::NAME, SRID, "[]");
            const TYPE: NamedType = {
                assert!(SRID >= $least, "a `Geography` has an SRID: 4326, where nothing else is said");
                let from = Extension { name: Some("postgis"), to_text };
                NamedType::extension($name, [Self::NAME.text(), Self::ARRAY.text()], from, || &$wire).separated_by(':')
            };

            fn written(&self) -> Option<BytesMut> {
                let mut out = BytesMut::new();
                self.to_wire(&mut out).ok().map(|()| out)
            }
        }

        impl<G: Shape, const SRID: i32> ScalarType for $ty<G, SRID> {
            const SQL: SqlType = SqlType::Named(&Self::TYPE);

            fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
                self.0.put(&mut Writer::new(out, Bounds::$bounds, SRID))
            }

            fn from_wire(_: &Type, raw: &[u8]) -> Result<Self, WireError> {
                ewkb::read(raw, SRID).and_then(G::taken).map(Self)
            }

            /// Bit by bit: `-0.0` is not `0.0`.
            fn same(&self, other: &Self) -> bool {
                self.written() == other.written()
            }

            fn to_json(&self) -> Json {
                self.0.json()
            }
        }

        impl<G, const SRID: i32> Deref for $ty<G, SRID> {
            type Target = G;

            fn deref(&self) -> &G {
                &self.0
            }
        }

        impl<G, const SRID: i32> DerefMut for $ty<G, SRID> {
            fn deref_mut(&mut self) -> &mut G {
                &mut self.0
            }
        }

        impl<G: Shape, const SRID: i32> From<G> for $ty<G, SRID> {
            fn from(shape: G) -> Self {
                Self(shape)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<G: Shape, const SRID: i32> IntoScalar<$ty<G, SRID>> for G {
            fn into_scalar(self) -> Option<$ty<G, SRID>> {
                Some($ty(self))
            }
        }
    };
}

spatial! {
    /// A `geometry` of PostGIS: a shape on a plane, with the number of its reference system (4326 where none is said; 0 is none).
    ///
    /// Shape and SRID are those of the column, `geometry(Point,4326)`, so that the compiler keeps systems apart. What the database has and
    /// the shape cannot say is an error when it is read: empty points, Z and M, curves, another SRID; and a coordinate that is
    /// no number when it is written.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # orm_core::declarative_base!(pub Base);
    /// use geo_types::{Point, Polygon, polygon};
    /// use orm_core::types::Geometry;
    ///
    /// #[derive(Model, Clone, Debug)]
    /// #[model(base = Base, index("place", method = "gist"))]
    /// pub struct Shop {
    ///     #[model(primary_key)]
    ///     pub id: Auto<i64>,
    ///     pub place: Geometry<Point>,               // geometry(Point,4326) NOT NULL
    ///     pub area: Option<Geometry<Polygon, 3857>>, // geometry(Polygon,3857)
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::TestDatabase::create().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # if Base::create_all(&engine).await.is_err() {
    /// #     return Ok(()); // the server has no PostGIS
    /// # }
    /// let mut session = engine.session();
    /// let area = polygon![(x: 0.0, y: 0.0), (x: 4.0, y: 0.0), (x: 4.0, y: 3.0)];
    /// let shop = session.add(Shop::builder().place(Geometry(Point::new(9.99, 48.4))).area(Geometry(area)));
    /// session.commit().await?;
    /// session[shop].place.set_x(10.0);
    /// session.commit().await?;
    /// let near = session.query::<Shop>().filter(Shop::PLACE.st_dwithin(Point::new(10.0, 48.0), 0.5)).one().await?;
    /// assert_eq!(near, shop);
    /// # Ok(()) }
    /// ```
    Geometry = "geometry", Plane, GEOMETRY_WIRE, 0;
}

spatial! {
    /// A `geography` of PostGIS: a shape on the earth, of longitudes and latitudes, whose distances are metres.
    ///
    /// A coordinate that is none, such as a latitude of 91, is refused: PostGIS would move it to where it might have been meant. All else is as
    /// with [`Geometry`].
    ///
    /// ```
    /// use geo_types::Point;
    /// use orm_core::types::{Geography, ScalarType};
    /// let ulm = Geography::<Point>(Point::new(9.99, 48.4));
    /// assert_eq!(ulm.to_json(), serde_json::json!({ "type": "Point", "coordinates": [9.99, 48.4] }));
    /// assert_eq!(<Geography<Point>>::SQL.name(), "geography(Point,4326)");
    /// ```
    Geography = "geography", Earth, GEOGRAPHY_WIRE, 1;
}

/// The digits of the binary form.
fn to_text(raw: &[u8], out: &mut String) -> Result<(), WireError> {
    raw.iter().try_for_each(|byte| write!(out, "{byte:02X}"))?;
    Ok(())
}
