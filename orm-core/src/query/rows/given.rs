//! Selecting from rows that stand in no table.

use super::Row;
use crate::error::Result;
use crate::mapper::{Alias, Computed, DeclarativeBase, Layout, Model, ModelRow, Source, Stored};
use crate::query::{Select, Standalone};
use crate::sql::{self, ArrayParam, Base, Derived, Query, Rows};
use crate::types::SqlType;
use std::borrow::Cow;
use std::marker::PhantomData;

/// A type whose values are rows with names of columns, a model or a [`Row`]: what a query can select from when another one gives it.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::{RowType, Select, Standalone, select_from};
/// /// The first rows of any query, as rows to select from.
/// fn first<S: Standalone, R: RowType>(query: Select<S, R>, rows: u32) -> Select<R, R> {
///     select_from(query.limit(rows))
/// }
/// assert!(first(select::<Customer>(), 3).to_string().contains("LIMIT $1) AS \"customer\"(\"id\", \"name\""));
/// ```
#[diagnostic::on_unimplemented(
    message = "a query cannot select from rows of type `{Self}`",
    label = "neither a model nor a `Row`",
    note = "columns need names: put `#[derive(Row)]` on a struct, and select its `…Columns {{ … }}`"
)]
pub trait RowType: Source {
    /// The names of the columns, and where they stand.
    #[doc(hidden)]
    fn columns(layout: Cow<'static, Layout>) -> Result<(Names, Cow<'static, Layout>)>;

    /// The types of the columns, where they are known.
    #[doc(hidden)]
    fn types() -> &'static [SqlType];

    /// Reads a row.
    ///
    /// # Errors
    /// [`Decode`](crate::ErrorKind::Decode)
    #[doc(hidden)]
    fn read(row: &tokio_postgres::Row, layout: &Layout) -> Result<Self>;
}

/// Names of columns.
type Names = Cow<'static, [&'static str]>;

/// A query, the columns that it gives, and where they stand in a row.
pub(super) type Parts = (Query, Names, Cow<'static, Layout>);

#[diagnostic::do_not_recommend]
impl<S: Source> RowType for S
where
    S::Kind: RowKind<S>,
{
    fn columns(layout: Cow<'static, Layout>) -> Result<(Names, Cow<'static, Layout>)> {
        <S::Kind as RowKind<S>>::columns(layout)
    }

    fn types() -> &'static [SqlType] {
        <S::Kind as RowKind<S>>::types()
    }

    fn read(row: &tokio_postgres::Row, layout: &Layout) -> Result<Self> {
        <S::Kind as RowKind<S>>::read(row, layout)
    }
}

/// How rows of a kind are read.
#[doc(hidden)]
pub trait RowKind<R> {
    fn columns(layout: Cow<'static, Layout>) -> Result<(Names, Cow<'static, Layout>)>;
    fn types() -> &'static [SqlType];
    fn read(row: &tokio_postgres::Row, layout: &Layout) -> Result<R>;
}

impl<M: Model> RowKind<M> for Stored {
    fn columns(layout: Cow<'static, Layout>) -> Result<(Names, Cow<'static, Layout>)> {
        let mapper = M::Base::registry()?.mapper(M::def())?;
        // A whole model among values says nothing of its columns: it has those of the mapper.
        let layout = if *layout == Layout::default() { Cow::Borrowed(&mapper.layout) } else { layout };
        Ok((layout.select_list(M::def()).into(), layout))
    }

    fn types() -> &'static [SqlType] {
        &[]
    }

    fn read(row: &tokio_postgres::Row, layout: &Layout) -> Result<M> {
        M::from_row(ModelRow::new(row, layout, 0))
    }
}

impl<R: Row> RowKind<R> for Computed {
    fn columns(layout: Cow<'static, Layout>) -> Result<(Names, Cow<'static, Layout>)> {
        Ok((R::COLUMNS.into(), layout))
    }

    fn types() -> &'static [SqlType] {
        R::TYPES
    }

    fn read(row: &tokio_postgres::Row, _: &Layout) -> Result<R> {
        R::read(row, |column| column)
    }
}

/// Rows that a query can select from, besides those of tables: those of another query, of a [`Cte`](super::Cte), or of the program, as a
/// `Vec` of [`Row`]s, which travel as an array a column.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// use orm_core::query::{IntoRows, select_from};
/// #[derive(Row, Clone, Debug)]
/// struct Price {
///     sku: String,
///     cents: i64,
/// }
/// fn number_of<G: IntoRows<Source = Price>>(rows: G) -> String {
///     select_from(rows).columns(orm_core::query::value(Price::CENTS)).to_string()
/// }
/// let stored = columns(PriceColumns { sku: Product::SKU, cents: Product::PRICE_CENTS });
/// assert!(number_of(stored).ends_with(r#"FROM (SELECT "product"."sku", "product"."price_cents" FROM "product") AS "price"("sku", "cents")"#));
/// let given = vec![Price { sku: "T-1".into(), cents: 390 }];
/// assert_eq!(number_of(given), r#"SELECT "cents" FROM UNNEST($1, $2) AS "price"("sku", "cents")"#);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` gives no rows that a query can select from",
    label = "expected a query of a model or of a `Row`, a `Cte`, or a `Vec` of `Row`s"
)]
pub trait IntoRows {
    /// What the rows are for the query that selects from them.
    type Source: Source;
    /// What a row is read into.
    type Row;

    #[doc(hidden)]
    fn into_rows(self) -> Given<Self::Row>;
}

/// Rows, and how they are read.
#[doc(hidden)]
#[derive(Debug)]
pub struct Given<R> {
    pub(in crate::query) derived: Result<Derived, String>,
    pub(in crate::query) layout: Cow<'static, Layout>,
    pub(in crate::query) base: Option<Base>,
    pub(in crate::query) decode: fn(&tokio_postgres::Row, &Layout) -> Result<R>,
}

impl<R: RowType> Given<R> {
    /// The rows of a query.
    pub(in crate::query) fn of<S>(select: Select<S, R>, lateral: bool) -> Self {
        let base = select.base();
        let (query, columns, layout) = match parts(select) {
            Ok(parts) => parts,
            Err(why) => return Self::wrong(R::read, why),
        };
        let derived = Ok(Derived { rows: Rows::Query(query), columns, lateral });
        Self { derived, layout, base, decode: R::read }
    }
}

impl<R> Given<R> {
    pub(in crate::query) fn wrong(
        decode: fn(&tokio_postgres::Row, &Layout) -> Result<R>,
        why: String,
    ) -> Self {
        Self { derived: Err(why), layout: Cow::Owned(Layout::default()), base: None, decode }
    }
}

/// A query as one inside of another, with the columns that it gives.
pub(super) fn parts<S, R: RowType>(select: Select<S, R>) -> Result<Parts, String> {
    let layout = select.layout.clone();
    let select = inner::<S, R, R>(select)?;
    let (columns, layout) = R::columns(layout).map_err(|error| error.to_string())?;
    Ok((Query::of(select), columns, layout))
}

/// The statement of a query that another one reads as rows of `T`.
pub(super) fn inner<S, R, T: Source>(select: Select<S, R>) -> Result<sql::Select, String> {
    match select.paths.is_empty() {
        true => select.nested(),
        false => Err(format!(
            "`with(…)` loads relations of what a query gives: it belongs to the one that selects from these rows of `{}`",
            T::name()
        )),
    }
}

impl<S: Standalone, R: RowType> IntoRows for Select<S, R> {
    type Source = R;
    type Row = R;

    fn into_rows(self) -> Given<R> {
        Given::of(self, false)
    }
}

/// The rows of the program.
impl<R: Row> IntoRows for Vec<R> {
    type Source = R;
    type Row = R;

    fn into_rows(self) -> Given<R> {
        let array = |(column, ty): (usize, &SqlType)| {
            let mut array = ArrayParam::with_capacity(*ty, self.len());
            self.iter().for_each(|row| array.push(row.value(column)));
            array.finish()
        };
        let rows = Rows::Values(R::TYPES.iter().enumerate().map(array).collect());
        let derived = Ok(Derived { rows, columns: R::COLUMNS.into(), lateral: false });
        let decode = |row: &tokio_postgres::Row, _: &Layout| R::read(row, |column| column);
        Given { derived, layout: Cow::Owned(Layout::default()), base: None, decode }
    }
}

/// A query of rows that stand in no table: those of another query, of a [`Cte`](super::Cte), or of the program.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// use orm_core::query::{avg, select_from, sum};
/// #[derive(Row, Clone, Debug)]
/// struct Spent {
///     name: String,
///     total: i64,
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
/// # let coffee = session.add(Product::builder().sku("C-1").title("Coffee").price_cents(890));
/// # session.add(Customer::builder().name("Ann").email("ann@example.org").carts([Cart::builder().products([tea, coffee])]));
/// # session.add(Customer::builder().name("Bea").email("bea@example.org").carts([Cart::builder().products([tea])]));
/// # session.commit().await?;
/// let spent = select::<Customer>()
///     .join(Customer::CARTS)
///     .join(Cart::PRODUCTS)
///     .group_by(Customer::NAME)
///     .columns(|name| SpentColumns { name, total: sum(Product::PRICE_CENTS) });
/// // A table for whoever selects from it: it is filtered and ordered, joined and grouped.
/// let much = select_from(spent.clone()).filter(Spent::TOTAL.gt(500));
/// assert_eq!(engine.fetch_one(much).await?.name, "Ann");
/// assert_eq!(engine.fetch_one(select_from(spent).aggregate(avg(Spent::TOTAL))).await?, Some(835.0));
///
/// // Rows of the program: one text for any number of them.
/// let wanted = ["T-1", "X-9"].map(|name| Spent { name: name.into(), total: 400 }).to_vec();
/// let offers = select_from(wanted)
///     .left_join_on::<Product>(Product::SKU.eq(Spent::NAME) & Product::PRICE_CENTS.le(Spent::TOTAL))
///     .order_by(Spent::NAME)
///     .columns((Spent::NAME, Product::TITLE));
/// let offers = engine.fetch_all(offers).await?;
/// assert_eq!(offers, [("T-1".to_owned(), Some("Tea".to_owned())), ("X-9".to_owned(), None)]);
///
/// // Whole models stay models: a session gets objects.
/// let newest = select::<Product>().order_by(Product::ID.desc()).limit(1);
/// assert_eq!(session.all(select_from(newest)).await?, [coffee]);
/// # Ok(()) }
/// ```
pub fn select_from<G: IntoRows>(rows: G) -> Select<G::Source, G::Row> {
    Select::of_rows(rows.into_rows())
}

/// Rows under another name, for queries that read them twice: what [`alias!`](crate::alias) makes of a model or a [`Row`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// use orm_core::query::{named, select_from};
/// #[derive(Row, Clone, Debug)]
/// pub struct Price {
///     sku: String,
///     cents: i64,
/// }
/// orm_core::alias!(pub Lower = Price);
/// let prices = columns(PriceColumns { sku: Product::SKU, cents: Product::PRICE_CENTS }).cte();
/// let pairs = select_from(&prices)
///     .join_rows(named(&prices, Lower), Price::CENTS.from(Lower).lt(Price::CENTS))
///     .columns((Price::SKU, Price::SKU.from(Lower)));
/// assert!(pairs.to_string().ends_with(
///     r##"FROM "#price" AS "price" JOIN "#price" AS "Lower" ON "Lower"."cents" < "price"."cents""##
/// ));
/// ```
pub fn named<G: IntoRows, A: Alias<Model = G::Source>>(rows: G, _alias: A) -> Named<G, A> {
    Named { rows, alias: PhantomData }
}

/// Rows under another name: what [`named`] gives.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::{named, select_from};
/// orm_core::alias!(Buyer = Customer);
/// let buyers = select_from(named(select::<Customer>().limit(3), Buyer));
/// assert!(buyers.to_string().contains(r#"AS "Buyer"("id", "#));
/// ```
#[derive(Clone, Debug)]
pub struct Named<G, A> {
    rows: G,
    alias: PhantomData<fn() -> A>,
}

impl<G: IntoRows, A: Alias<Model = G::Source>> IntoRows for Named<G, A> {
    type Source = A;
    type Row = G::Row;

    fn into_rows(self) -> Given<G::Row> {
        self.rows.into_rows()
    }
}
