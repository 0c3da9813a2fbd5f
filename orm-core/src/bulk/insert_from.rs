//! INSERT of what a query finds.

use super::{Insert, mapper};
use crate::error::{Error, ErrorKind, Result};
use crate::mapper::{Column, Mapper, Model, Writable, read_only};
use crate::query::{Anchored, Scope, Select};
use crate::sql::{self, InsertInto, InsertSource};
use crate::types::{ColumnType, ScalarType, each_tuple};

/// Inserts what a query finds into columns of a model, whose types have to be those of the query.
///
/// What the columns leave out gets the defaults of the model, or what the database fills in. It is an [`Insert`] like others: rows that are
/// there already can be left alone or updated, and what was written comes back where that is asked.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # session.add(Customer::builder().name("Ann").email("ann@example.org").age(41));
/// # session.add(Customer::builder().name("Bea").email("bea@example.org"));
/// # session.commit().await?;
/// use orm_core::bulk::insert_from;
/// // A cart for each customer who is old enough.
/// let adults = select::<Customer>().filter(Customer::AGE.ge(18)).columns(Customer::ID);
/// let carts = insert_from(Cart::CUSTOMER_ID, adults);
/// assert_eq!(carts.returning((Cart::ID, Cart::CUSTOMER_ID)).fetch_all(&engine).await?, [(1, 1)]);
///
/// let presents = columns((Customer::EMAIL, Customer::NAME, Customer::ID));
/// let upsert = insert_from((Product::SKU, Product::TITLE, Product::PRICE_CENTS), presents)
///     .on_conflict(Product::SKU)
///     .do_update(Product::TITLE);
/// assert_eq!(upsert.execute(&engine).await?, 2);
/// # Ok(()) }
/// ```
///
/// A text does not go into a number:
///
/// ```compile_fail
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Customer, Product};
/// # use orm_core::bulk::insert_from;
/// let wrong = insert_from(Product::PRICE_CENTS, columns(Customer::NAME));
/// ```
pub fn insert_from<C: TargetColumns<R, Anchor: Writable>, S: Scope, R>(
    columns: C,
    query: Select<S, R>,
) -> Insert<C::Anchor> {
    let mut positions = Vec::new();
    columns.push_to(&mut positions);
    Insert::of(statement(mapper::<C::Anchor>(), positions, query))
}

/// Columns of a model that take the rows `R` of a query: one, or a tuple of up to twelve.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Customer, Product};
/// use orm_core::bulk::{Insert, TargetColumns, insert_from};
/// fn named<C: TargetColumns<(String, String), Anchor: orm_core::mapper::Writable>>(columns: C) -> Insert<C::Anchor> {
///     insert_from(columns, select::<Customer>().columns((Customer::EMAIL, Customer::NAME)))
/// }
/// let text = named((Product::SKU, Product::TITLE)).to_string();
/// assert_eq!(text, "<`price_cents` of a `Product` has no value: an INSERT from a query has to give it>");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not take the rows of this query",
    label = "the query gives a `{R}` a row",
    note = "expected as many columns as the query gives, with the same types: one, or a tuple of up to twelve"
)]
pub trait TargetColumns<R>: Anchored {
    /// Appends their positions.
    #[doc(hidden)]
    fn push_to(self, all: &mut Vec<usize>);
}

/// A value of a query that goes into a column whose field is an `F`.
///
/// ```
/// use orm_core::bulk::GoesInto;
/// use orm_core::types::Auto;
/// fn goes<V: GoesInto<F>, F>() {}
/// goes::<i64, Auto<i64>>();
/// goes::<i64, Option<i64>>();
/// goes::<Option<i64>, Option<i64>>(); // an `Option` goes into no other
/// ```
#[diagnostic::on_unimplemented(
    message = "a `{Self}` of a query does not go into a column whose field is a `{F}`",
    label = "the query gives a `{Self}` for it"
)]
pub trait GoesInto<F> {}

#[diagnostic::do_not_recommend]
impl<T: ScalarType, F: ColumnType<Scalar = T>> GoesInto<F> for T {}

#[diagnostic::do_not_recommend]
impl<T: ScalarType, F: ColumnType<Scalar = T, Fetched = Self>> GoesInto<F> for Option<T> {}

impl<M: Model, F: ColumnType, V: GoesInto<F>> TargetColumns<V> for Column<M, F> {
    fn push_to(self, all: &mut Vec<usize>) {
        all.push(self.index());
    }
}

macro_rules! tuples {
    ($($field:ident $value:ident)+) => {
        impl<M: Model, $($field: ColumnType, $value: GoesInto<$field>),+> TargetColumns<($($value,)+)>
            for ($(Column<M, $field>,)+)
        {
            fn push_to(self, all: &mut Vec<usize>) {
                #[expect(non_snake_case, reason = "the names of the type parameters")]
                let ($($field,)+) = self;
                $(all.push($field.index());)+
            }
        }
    };
}
each_tuple!(tuples: A VA, B VB, C VC, D VD, E VE, F VF, G VG, H VH, J VJ, K VK, L VL, N VN);

fn statement<S: Scope, R>(
    mapper: Result<&'static Mapper>,
    mut columns: Vec<usize>,
    query: Select<S, R>,
) -> Result<InsertInto> {
    let (mapper, defs) = mapper.map(|mapper| (mapper, mapper.def.columns))?;
    let of_column = |kind, index: usize, why: &str| {
        let (name, model) = (defs[index].name, mapper.def.name);
        let error = Error::new(kind, format!("`{name}` of a `{model}` {why}"));
        error.with_model(model).with_columns(vec![name.to_owned()])
    };
    let mut constants = Vec::new();
    for (position, index) in columns.iter().enumerate() {
        if !defs[*index].is_given() || defs[*index].version.is_some() {
            return Err(read_only(mapper.def, &defs[*index]));
        }
        if columns[..position].contains(index) {
            return Err(of_column(ErrorKind::Contradiction, *index, "is given twice"));
        }
    }
    for (index, def) in defs.iter().enumerate() {
        if columns.contains(&index) || def.auto || def.version.is_some() || !def.is_given() {
            continue;
        }
        match def.default {
            Some(make) => {
                columns.push(index);
                constants.push(make());
            }
            None if def.nullable => {}
            None => {
                let why = "has no value: an INSERT from a query has to give it";
                return Err(of_column(ErrorKind::Unset, index, why));
            }
        }
    }
    let unrestricted = query.is_unrestricted;
    let rows = sql::Select { unrestricted, ..query.into_rows()? };
    let source = InsertSource::Query(Box::new(rows), constants);
    let columns = mapper.typed(&columns);
    Ok(InsertInto { table: mapper.def.table, columns, source, conflict: None, returning: Vec::new() })
}
