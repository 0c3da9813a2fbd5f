//! SELECT as a value.

use crate::error::{Error, ErrorKind, Result};
use crate::mapper::{
    Criteria, DeclarativeBase, Layout, Model, ModelRow, Registry, Source, Table, statement_of,
};
use crate::query::scope::Is;
use crate::query::{Anchored, Filter, Given, Groups, GroupsBy, OrderBy, Paths, Scope, Selects, Steps};
use crate::sql::{self, Base, Expr, Grouping, Restrict, Statement};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use tokio_postgres::Row;

/// A query with the [scope](Scope) `S`, a model or a join, that gives an `R` a row: the first model itself, or values of columns.
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
pub struct Select<S, R = S> {
    pub(crate) ast: Result<sql::Select, String>,
    pub(crate) paths: Vec<Steps>,
    pub(crate) is_unrestricted: bool,
    /// Where the columns of the model stand in a row; of no use when values are selected.
    pub(crate) layout: Cow<'static, Layout>,
    decode: fn(&Row, &Layout) -> Result<R>,
    scope: PhantomData<fn() -> S>,
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
        Ok(mapper) => {
            Select::new(Ok(Cow::Borrowed(&mapper.select_list)), Cow::Borrowed(&mapper.layout), decode)
        }
        Err(error) => Select::new(Err(error.to_string()), Cow::Owned(Layout::default()), decode),
    }
}

/// Values of some columns of a model, or computed of them: one, or a tuple of up to twelve.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
/// # pub struct Customer { #[model(primary_key)] pub id: Auto<i64>, pub name: String }
/// let names = columns((Customer::ID, Customer::NAME)); // a `(i64, String)` a row
/// assert_eq!(names.to_string(), r#"SELECT "id", "name" FROM "customer""#);
/// ```
pub fn columns<C: Anchored<Anchor = M>, M: Table + Selects<C, I>, I>(columns: C) -> Select<M, M::Row> {
    let list = M::registry().map(|_| Cow::Borrowed(&[][..])).map_err(|error| error.to_string());
    Select::new(list, Cow::Owned(Layout::default()), |_, _| Ok(())).columns(columns)
}

impl<S, R> Select<S, R> {
    /// How a row is read.
    pub(in crate::query) const fn decode(&self) -> fn(&Row, &Layout) -> Result<R> {
        self.decode
    }
}

impl<S: Scope, R> Select<S, R> {
    fn new(
        list: Result<Cow<'static, [&'static str]>, String>,
        layout: Cow<'static, Layout>,
        decode: fn(&Row, &Layout) -> Result<R>,
    ) -> Self {
        let base = S::Root::registry().ok().map(|registry| registry as Base);
        let ast = list.map(|list| sql::Select {
            alias: S::Root::ALIAS,
            base,
            ..sql::Select::new(S::Root::table(), list)
        });
        Self { ast, paths: Vec::new(), is_unrestricted: false, layout, decode, scope: PhantomData }
    }

    /// All rows of a source that is no table.
    pub(in crate::query) fn of_rows(given: Given<R>) -> Self {
        let Given { derived, layout, base, decode } = given;
        let ast = derived.map(|derived| sql::Select {
            alias: S::Root::ALIAS,
            base,
            list: derived.columns.clone(),
            derived: Some(derived),
            ..sql::Select::new(S::Root::table(), &[][..])
        });
        Self { ast, paths: Vec::new(), is_unrestricted: false, layout, decode, scope: PhantomData }
    }

    /// The same query, of models of this base where it had none.
    pub(in crate::query) fn of_base(self, base: Option<Base>) -> Self {
        self.change(|ast| ast.base = ast.base.or(base))
    }

    /// The same query, whose columns may belong to another scope.
    pub(in crate::query) fn in_scope<T>(self) -> Select<T, R> {
        let Self { ast, paths, is_unrestricted, layout, decode, scope: _ } = self;
        Select { ast, paths, is_unrestricted, layout, decode, scope: PhantomData }
    }

    /// The same rows, of which nothing is selected.
    pub(crate) fn without_values(self) -> Select<S, ()> {
        let Self { ast, paths, is_unrestricted, scope, .. } = self;
        let layout = Cow::Owned(Layout::default());
        Select { ast, paths, is_unrestricted, layout, decode: |_, _| Ok(()), scope }
    }

    /// The statement, whose rows are going to be written.
    ///
    /// # Errors
    /// Why it cannot be run.
    pub(crate) fn into_rows(self) -> Result<sql::Select> {
        self.restricted(&Criteria::without())
    }

    /// The same query of groups.
    pub(in crate::query) fn grouped(self, group: Vec<Expr>, grouping: Grouping) -> Select<Groups<S>, ()> {
        let Self { ast, paths, is_unrestricted, .. } = self;
        let ast = ast.and_then(|ast| match ast.distinct_on.is_empty() {
            true => Ok(sql::Select { group: Some(group), grouping, values: Vec::new(), order: Vec::new(), ..ast }),
            false => Err("`distinct_on(…)` chooses among rows and not among groups: group what `select_from(…)` gives of it".to_owned()),
        });
        let layout = Cow::Owned(Layout::default());
        Select { ast, paths, is_unrestricted, layout, decode: |_, _| Ok(()), scope: PhantomData }
    }

    /// The same query with one more source.
    pub(in crate::query) fn join_table<T>(self, table: Result<sql::JoinedTable, String>) -> Select<T, R> {
        let Self { ast, paths, is_unrestricted, layout, decode, scope: _ } = self;
        let ast = ast.and_then(|mut ast| {
            ast.joins.push(table?);
            Ok(ast)
        });
        Select { ast, paths, is_unrestricted, layout, decode, scope: PhantomData }
    }

    /// Values of the row in place of what was selected before: columns, expressions, [whole models](crate::query::whole), or a tuple of up
    /// to twelve.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Cart, Customer};
    /// let names = select::<Cart>().join(Cart::CUSTOMER).columns((Cart::ID, Customer::NAME)); // an `(i64, String)` a row
    /// assert!(names.to_string().starts_with(r#"SELECT "cart"."id", "customer"."name" FROM "cart" JOIN "customer" ON"#));
    /// ```
    pub fn columns<C, I, Q: Selects<C, I>>(self, columns: C) -> Select<S, Q::Row>
    where
        S: Is<Q>,
    {
        let Self { ast, paths, is_unrestricted, layout: _, decode: _, scope } = self;
        let mut values = Vec::new();
        Q::push_to(columns, &mut values);
        let ast = ast.map(|ast| sql::Select { values, ..ast });
        let layout = Cow::Owned(Layout::default());
        Select { ast, paths, is_unrestricted, layout, decode: |row, _| Q::read_row(row), scope }
    }

    /// Equal rows come once.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::Customer;
    /// assert_eq!(columns(Customer::AGE).distinct().to_string(), r#"SELECT DISTINCT "age" FROM "customer""#);
    /// ```
    pub fn distinct(self) -> Self {
        self.change(|ast| ast.distinct = true)
    }

    /// Of rows with the same values of the keys the first one alone. The order begins with the keys; what [`order_by`](Self::order_by) says
    /// decides which row is the first, and [`select_from`](crate::query::select_from) orders the rows that are left.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::Cart;
    /// let newest = select::<Cart>().distinct_on(Cart::CUSTOMER_ID).order_by(Cart::ID.desc()).columns(Cart::INVOICE);
    /// assert_eq!(
    ///     newest.to_string(),
    ///     r#"SELECT DISTINCT ON ("customer_id") "invoice" FROM "cart" ORDER BY "customer_id", "id" DESC"#
    /// );
    /// ```
    pub fn distinct_on<K, I, Q: GroupsBy<K, I>>(self, keys: K) -> Self
    where
        S: Is<Q>,
    {
        let mut all = Vec::new();
        Q::keys(keys, &mut all);
        self.change(|ast| ast.distinct_on = all)
    }

    pub(in crate::query) fn change(mut self, change: impl FnOnce(&mut sql::Select)) -> Self {
        if let Ok(ast) = &mut self.ast {
            change(ast);
        }
        self
    }

    /// Only rows that meet the condition; several filters must all be met. (Of a query of groups: only groups, `HAVING`.)
    pub fn filter(self, filter: impl Filter<S>) -> Self {
        self.change(|ast| {
            let conditions = if ast.group.is_some() { &mut ast.having } else { &mut ast.filter };
            match filter.into_predicate().expr {
                Expr::And(parts) if parts.is_empty() => {}
                condition => conditions.push(condition),
            }
        })
    }

    /// The order of the rows; several orders follow each other.
    pub fn order_by<I>(self, order: impl OrderBy<S, I>) -> Self {
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
    pub fn with(mut self, paths: impl Paths<S::Root>) -> Self {
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

    /// Only the row whose primary key is what a condition says.
    pub(crate) fn with_key(self, is_key: sql::Expr) -> Self {
        self.change(|ast| {
            ast.by_key = ast.filter.is_empty();
            ast.filter.push(is_key);
        })
    }

    /// The statement without a session: models have their criteria.
    pub(crate) fn statement(&self) -> Result<Statement> {
        self.statement_under(&Criteria::default())
    }

    /// The statement in a session with these criteria.
    pub(crate) fn statement_under(&self, criteria: &Criteria) -> Result<Statement> {
        let query = self.restricted(criteria)?;
        statement_of(&self.layout, &query).map_err(|why| Error::new(ErrorKind::Mapping, why))
    }

    /// The query with all conditions that its rows have to meet.
    pub(crate) fn restricted(&self, criteria: &Criteria) -> Result<sql::Select> {
        let mut ast = self.ast.clone().map_err(|why| Error::new(ErrorKind::Mapping, why))?;
        self.check_lock(&ast)?;
        if let Some(registry) = self.registry().filter(|_| !self.is_unrestricted) {
            criteria.restrict(registry, &mut ast);
        }
        Ok(ast)
    }
}

impl<S, R> Select<S, R> {
    /// Whether criteria leave it alone.
    pub(in crate::query) const fn is_unrestricted(&self) -> bool {
        self.is_unrestricted
    }

    /// What its models belong to; nothing where it reads no table.
    pub(in crate::query) fn base(&self) -> Option<Base> {
        Restrict::base_of(self.ast.as_ref().ok()?)
    }

    /// The models beside those that it reads.
    pub(crate) fn registry(&self) -> Option<&'static Registry> {
        self.base()?.downcast_ref()
    }
}

impl<S, R> Clone for Select<S, R> {
    fn clone(&self) -> Self {
        let (ast, paths, layout) = (self.ast.clone(), self.paths.clone(), self.layout.clone());
        let (is_unrestricted, decode) = (self.is_unrestricted, self.decode);
        Self { ast, paths, is_unrestricted, layout, decode, scope: PhantomData }
    }
}

/// Shows the SQL text.
impl<S: Scope, R> fmt::Display for Select<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.statement() {
            Ok(statement) => f.write_str(&statement.text),
            Err(error) => write!(f, "<{error}>"),
        }
    }
}

impl<S: Scope, R> fmt::Debug for Select<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.statement() {
            Ok(statement) => statement.fmt(f),
            Err(error) => write!(f, "<{error}>"),
        }
    }
}
