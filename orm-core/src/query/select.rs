//! SELECT as a value.

use super::{Filter, Nullable, OrderBy, Paths, Selected, SqlExpr, Steps};
use crate::error::{Error, ErrorKind, Result};
use crate::mapper::{Column, Criteria, DeclarativeBase, Layout, Model, ModelRow};
use crate::sql::{self, Expr, Statement};
use crate::types::{ColumnType, ScalarType};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use tokio_postgres::Row;

/// A query of model `M` that gives an `R` a row: the model itself, or values of columns.
///
/// It is a value: build it step by step, then run it with [`Engine::fetch_all`](crate::Engine::fetch_all), or let the
/// session run it with [`Session::all`](crate::Session::all).
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # for (sku, price) in [("T-1", 390), ("T-2", 450), ("C-1", 890)] {
/// #     session.add(Product::builder().sku(sku).title("…").price_cents(price));
/// # }
/// # session.commit().await?;
/// let dear = select::<Product>().filter(Product::PRICE_CENTS.gt(400));
/// let page = dear.clone().order_by(Product::PRICE_CENTS.desc()).offset(1).limit(1);
/// assert_eq!(page.fetch_one(&engine).await?.sku, "T-2");
/// assert_eq!(dear.clone().count(&engine).await?, 2);
/// assert_eq!(dear.fetch_all(&engine).await?.len(), 2);
/// let title = columns((Product::SKU, Product::TITLE)).filter(Product::SKU.eq("X-9"));
/// assert_eq!(title.fetch_optional(&engine).await?, None);
///
/// let mut session = engine.session();
/// let products = session.all(select::<Product>().with(Product::CARTS)).await?; // with objects, and their relations
/// assert_eq!(session.at(products[0]).related(Product::CARTS)?.len(), 0);
/// # Ok(()) }
/// ```
#[must_use = "a query does nothing before it is fetched"]
pub struct Select<M, R = M> {
    pub(crate) ast: Result<sql::Select, String>,
    pub(crate) paths: Vec<Steps>,
    pub(crate) is_unrestricted: bool,
    /// Where the columns of the model stand in a row; of no use when values are selected.
    pub(crate) layout: Cow<'static, Layout>,
    decode: fn(&Row, &Layout) -> Result<R>,
    model: PhantomData<fn() -> M>,
}

/// All rows of a model.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
/// # pub struct Customer { #[model(primary_key)] pub id: Auto<i64>, pub name: String, pub age: Option<i32> }
/// let adults = select::<Customer>().filter(Customer::AGE.ge(18)).order_by(Customer::NAME).limit(20);
/// assert_eq!(
///     adults.to_string(),
///     r#"SELECT "id", "name", "age" FROM "customer" WHERE "age" >= $1 ORDER BY "name" LIMIT $2"#
/// );
/// ```
pub fn select<M: Model>() -> Select<M> {
    let decode = |row: &Row, layout: &Layout| M::from_row(ModelRow::new(row, layout, 0));
    match M::Base::registry().and_then(|registry| registry.mapper(M::def())) {
        Ok(mapper) => Select::new(Ok(mapper.select_list.clone()), Cow::Borrowed(&mapper.layout), decode),
        Err(error) => Select::new(Err(error.to_string()), Cow::Owned(Layout::default()), decode),
    }
}

/// Values of some columns of a model, or computed of them: one, or a tuple of up to eight.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
/// # pub struct Customer { #[model(primary_key)] pub id: Auto<i64>, pub name: String }
/// let names = columns((Customer::ID, Customer::NAME)); // a `(i64, String)` a row
/// assert_eq!(names.to_string(), r#"SELECT "id", "name" FROM "customer""#);
/// ```
pub fn columns<C: Columns>(columns: C) -> Select<C::Model, C::Row> {
    let mut values = Vec::new();
    columns.selected(&mut values);
    let select = Select::new(Ok(String::new()), Cow::Owned(Layout::default()), |row, _| C::read(row));
    select.change(|ast| ast.values = values)
}

impl<M: Model, R> Select<M, R> {
    fn new(
        list: Result<String, String>,
        layout: Cow<'static, Layout>,
        decode: fn(&Row, &Layout) -> Result<R>,
    ) -> Self {
        let ast = list.map(|list| sql::Select::new(M::def().table, list));
        Self { ast, paths: Vec::new(), is_unrestricted: false, layout, decode, model: PhantomData }
    }

    fn change(mut self, change: impl FnOnce(&mut sql::Select)) -> Self {
        if let Ok(ast) = &mut self.ast {
            change(ast);
        }
        self
    }

    /// Only rows that meet the condition; several filters must all be met.
    pub fn filter(self, filter: impl Filter<M>) -> Self {
        self.change(|ast| ast.filter.push(filter.into_predicate().expr))
    }

    /// The order of the rows; several orders follow each other.
    pub fn order_by(self, order: impl OrderBy<M>) -> Self {
        self.change(|ast| order.push_to(&mut ast.order))
    }

    /// At most this many rows.
    pub fn limit(self, rows: u32) -> Self {
        self.change(|ast| ast.limit = Some(rows.into()))
    }

    /// Without the first rows.
    pub fn offset(self, rows: u32) -> Self {
        self.change(|ast| ast.offset = Some(rows.into()))
    }

    /// Loads relations together with the rows, in a session: those of a path, or of a tuple of paths.
    pub fn with(mut self, paths: impl Paths<M>) -> Self {
        paths.push_to(&mut self.paths);
        self
    }

    /// Without the [criteria](macro@crate::Model) of models and sessions: hidden rows are rows, too. Relations of
    /// [`with`](Self::with) keep theirs.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # orm_core::declarative_base!(pub Base);
    /// #[derive(Model, Clone, Debug)]
    /// #[model(base = Base, criteria = not_deleted)]
    /// pub struct Note {
    ///     #[model(primary_key)]
    ///     pub id: Auto<i64>,
    ///     pub deleted: bool,
    /// }
    ///
    /// fn not_deleted() -> Predicate<Note> {
    ///     Note::DELETED.eq(false)
    /// }
    /// assert!(select::<Note>().to_string().ends_with(r#"FROM "note" WHERE "deleted" = $1"#));
    /// assert!(select::<Note>().unrestricted().to_string().ends_with(r#"FROM "note""#));
    /// ```
    pub fn unrestricted(mut self) -> Self {
        self.is_unrestricted = true;
        self
    }

    /// What a row says.
    pub(crate) fn read(&self, row: &Row) -> Result<R> {
        (self.decode)(row, &self.layout)
    }

    /// The same conditions, asking for the number of rows.
    pub(crate) fn into_count(self) -> Self {
        self.change(|ast| ast.count = true)
    }

    /// The order of a relation, where the query says none.
    pub(crate) fn in_order_of(self, order: &[(&'static str, bool)]) -> Self {
        let order = order.iter().map(|(column, descending)| sql::Order::of(column, *descending));
        self.change(|ast| ast.default_order.extend(order))
    }

    /// Only rows that meet these conditions as well.
    pub(crate) fn require(self, conditions: Vec<sql::Expr>) -> Self {
        self.change(|ast| ast.filter.extend(conditions))
    }

    /// The statement without a session: models have their criteria.
    pub(crate) fn statement(&self) -> Result<Statement> {
        self.statement_under(&Criteria::default())
    }

    /// The statement in a session with these criteria.
    pub(crate) fn statement_under(&self, criteria: &Criteria) -> Result<Statement> {
        self.restricted(criteria)?.render().map_err(|why| Error::new(ErrorKind::Mapping, why))
    }

    /// The query with all conditions that its rows have to meet.
    pub(crate) fn restricted(&self, criteria: &Criteria) -> Result<sql::Select> {
        let mut ast = self.ast.clone().map_err(|why| Error::new(ErrorKind::Mapping, why))?;
        if !self.is_unrestricted {
            criteria.restrict(M::Base::registry()?, &mut ast);
        }
        Ok(ast)
    }

    /// Values beside the query, with all conditions that the rows have to meet from which they are made.
    pub(crate) fn restrict_values<'e>(
        &self,
        criteria: &Criteria,
        values: impl Iterator<Item = &'e mut Expr>,
    ) -> Result<()> {
        if !self.is_unrestricted {
            criteria.restrict_all(M::Base::registry()?, values);
        }
        Ok(())
    }
}

impl<M, R> Clone for Select<M, R> {
    fn clone(&self) -> Self {
        let (ast, paths, layout) = (self.ast.clone(), self.paths.clone(), self.layout.clone());
        let (is_unrestricted, decode) = (self.is_unrestricted, self.decode);
        Self { ast, paths, is_unrestricted, layout, decode, model: PhantomData }
    }
}

/// Shows the SQL text.
impl<M: Model, R> fmt::Display for Select<M, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.statement() {
            Ok(statement) => f.write_str(&statement.text),
            Err(error) => write!(f, "<{error}>"),
        }
    }
}

impl<M: Model, R> fmt::Debug for Select<M, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.statement() {
            Ok(statement) => statement.fmt(f),
            Err(error) => write!(f, "<{error}>"),
        }
    }
}

/// What [`columns`] accepts.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # session.add(Customer::builder().name("Ann").email("ann@example.org"));
/// # session.commit().await?;
/// let names: Vec<String> = engine.fetch_all(columns(Customer::NAME)).await?;
/// let rows: Vec<(i64, String, Option<i32>)> =
///     engine.fetch_all(columns((Customer::ID, Customer::NAME, Customer::AGE))).await?;
/// assert_eq!((names, rows), (vec!["Ann".to_owned()], vec![(1, "Ann".to_owned(), None)]));
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of columns of one model",
    label = "expected a column or an expression, or a tuple of up to eight of one model"
)]
pub trait Columns {
    /// The model.
    type Model: Model;
    /// The values of one row.
    type Row;
    /// Appends what is selected.
    #[doc(hidden)]
    fn selected(self, all: &mut Vec<Expr>);
    /// Reads one row.
    ///
    /// # Errors
    /// [`Decode`](ErrorKind::Decode).
    #[doc(hidden)]
    fn read(row: &Row) -> Result<Self::Row>;
}

macro_rules! single {
    ([$($generics:tt)*] $ty:ty) => {
        impl<$($generics)*> Columns for $ty {
            type Model = <Self as Selected>::Model;
            type Row = <Self as Selected>::Value;

            fn selected(self, all: &mut Vec<Expr>) {
                all.push(Selected::selected(self));
            }

            fn read(row: &Row) -> Result<Self::Row> {
                <Self as Selected>::read(row, 0)
            }
        }
    };
}
single!([M: Model, F: ColumnType] Column<M, F>);
single!([M: Model, T: ScalarType] SqlExpr<M, T>);
single!([M: Model, T: ScalarType] Nullable<SqlExpr<M, T>>);

macro_rules! tuples {
    ($first:ident 0 $($ty:ident $index:tt)*) => {
        impl<$first: Selected, $($ty: Selected<Model = $first::Model>),*> Columns for ($first, $($ty,)*) {
            type Model = $first::Model;
            type Row = ($first::Value, $($ty::Value,)*);

            fn selected(self, all: &mut Vec<Expr>) {
                all.push(self.0.selected());
                $(all.push(self.$index.selected());)*
            }

            fn read(row: &Row) -> Result<Self::Row> {
                Ok(($first::read(row, 0)?, $($ty::read(row, $index)?,)*))
            }
        }
    };
}
tuples!(A 0);
tuples!(A 0 B 1);
tuples!(A 0 B 1 C 2);
tuples!(A 0 B 1 C 2 D 3);
tuples!(A 0 B 1 C 2 D 3 E 4);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7);
