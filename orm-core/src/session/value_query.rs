//! Values from the builder of a session's queries.

use super::lent::Lent;
use super::query::{Of, settled};
use super::{Query, Rows, Session};
use crate::engine::Plan;
use crate::error::Result;
use crate::mapper::{Model, Table};
use crate::query::fetch::not_found;
use crate::query::{
    Filter, Grouped, Groups, GroupsBy, Inner, Is, Joined, JoinsAlong, Left, OrderBy, Page, Predicate, Scope,
    Select, Selects,
};

/// A query of a session that gives values: what changed is flushed before it runs, the session's criteria hold, and no object is made. Made by
/// [`Query::columns`], and by [`Query::group_by`] and [`Query::aggregate`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut session = engine.session();
/// session.add_all((1..=5).map(|n| Product::builder().sku(format!("T-{n}")).title("Tea").price_cents(100 * (n / 2))));
/// let skus = session.query::<Product>().columns(Product::SKU).order_by(Product::SKU.desc()).limit(2).offset(1);
/// assert_eq!(skus.all().await?, ["T-4", "T-3"]);
/// let prices = session.query::<Product>().columns(Product::PRICE_CENTS).distinct();
/// assert_eq!(prices.filter(Product::PRICE_CENTS.gt(0)).count().await?, 2);
/// use orm_core::session::ValueQuery;
/// fn by_price(session: &mut Session) -> ValueQuery<'_, Product, String> {
///     session.query::<Product>().columns(Product::SKU).order_by(Product::PRICE_CENTS.desc())
/// }
/// assert!(by_price(&mut session).unrestricted().first().await?.is_some());
/// assert!(by_price(&mut session).exists().await?);
/// assert_eq!(by_price(&mut session).filter(Product::SKU.eq("T-1")).one().await?, "T-1");
/// assert_eq!(by_price(&mut session).filter(Product::SKU.eq("X-9")).one_or_none().await?, None);
/// let page = by_price(&mut session).page_after(None, 2).await?;
/// assert_eq!(page.rows, ["T-5", "T-4"]);
/// let next = by_price(&mut session).page_after(page.next.as_deref(), 2).await?;
/// assert_eq!(by_price(&mut session).page_before(next.previous.as_deref(), 2).await?, page);
/// assert_eq!(by_price(&mut session).page_number(0, 2).await?, page);
/// assert_eq!(by_price(&mut session).explain().await?.root.kind, "Sort");
/// let plan = by_price(&mut session).explain_analyze().await?; // it ran
/// assert_eq!(plan.root.actual.map(|actual| actual.rows), Some(5.0));
/// let mut batches = by_price(&mut session).stream(4).await?;
/// assert_eq!(batches.next().await?.map(|batch| batch.len()), Some(4));
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a query does nothing before it is run"]
pub struct ValueQuery<'s, S: Scope, R> {
    session: Lent<'s>,
    select: Select<S, R>,
    of: Of,
}

/// Groups of the rows of a session's query, of which [`columns`](Self::columns) says what to give; made by [`Query::group_by`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::query::count;
/// let mut session = engine.session();
/// session.add(Customer::builder().name("Ann").email("ann@example.org").carts([Cart::builder(), Cart::builder()]));
/// session.add(Customer::builder().name("Bea").email("bea@example.org").carts([Cart::builder()]));
/// let carts = session.query::<Customer>().join(Customer::CARTS).group_by(Customer::NAME);
/// let several = carts.having(|_| count().gt(1)).order_by(|name| name).columns(|name| (name, count()));
/// assert_eq!(several.all().await?, [("Ann".to_owned(), 2)]);
/// # Ok(()) }
/// ```
#[must_use = "a query does nothing before it is run"]
pub struct GroupQuery<'s, S, K> {
    session: Lent<'s>,
    grouped: Grouped<S, K>,
    of: Of,
}

/// Joins, whose columns can be asked from there on. The rows of the first model are the objects, one for each row of the join; with
/// [`distinct`](Self::distinct) each comes once.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::query::count;
/// let mut session = engine.session();
/// let carts = ["A-1", "A-2"].map(|invoice| Cart::builder().invoice(invoice));
/// let ann = session.add(Customer::builder().name("Ann").email("ann@example.org").carts(carts));
/// let bea = session.add(Customer::builder().name("Bea").email("bea@example.org"));
/// let invoiced = session.query::<Customer>().join(Customer::CARTS).filter(Cart::INVOICE.like("A-%"));
/// assert_eq!(invoiced.distinct().all().await?, [ann]);
/// let idle = session.query::<Customer>().left_join(Customer::CARTS).filter(Cart::ID.is_null());
/// assert_eq!(idle.all().await?, [bea]);
///
/// let same = session.query::<Customer>().join_on::<Cart>(Cart::CUSTOMER_ID.eq(Customer::ID));
/// let pairs = same.columns((Customer::NAME, Cart::INVOICE)).order_by(Cart::INVOICE.desc());
/// assert_eq!(pairs.first().await?, Some(("Ann".to_owned(), Some("A-2".to_owned()))));
/// let all = session.query::<Customer>().left_join_on::<Cart>(Cart::CUSTOMER_ID.eq(Customer::ID));
/// assert_eq!(all.aggregate(count()).one().await?, 3);
/// let carts = session.query::<Customer>().left_join(Customer::CARTS).group_by(Customer::NAME);
/// assert_eq!(carts.columns(|name| name).order_by(count().desc()).all().await?, ["Ann", "Bea"]);
/// # Ok(()) }
/// ```
impl<'s, T: Model, S: Scope<Root = T>> Query<'s, T, S> {
    /// As [`Select::join`].
    pub fn join<J, I, Q: JoinsAlong<J, I>>(self, to: J) -> Query<'s, T, Joined<S, Q::Target, Inner>>
    where
        S: Is<Q>,
    {
        self.in_scope(|select| select.join(to))
    }

    /// As [`Select::left_join`].
    pub fn left_join<J, I, Q: JoinsAlong<J, I>>(self, to: J) -> Query<'s, T, Joined<S, Q::Target, Left>>
    where
        S: Is<Q>,
    {
        self.in_scope(|select| select.left_join(to))
    }

    /// As [`Select::join_on`].
    pub fn join_on<U: Table>(self, on: Predicate<Joined<S, U, Inner>>) -> Query<'s, T, Joined<S, U, Inner>> {
        self.in_scope(|select| select.join_on(on))
    }

    /// As [`Select::left_join_on`].
    pub fn left_join_on<U: Table>(
        self,
        on: Predicate<Joined<S, U, Left>>,
    ) -> Query<'s, T, Joined<S, U, Left>> {
        self.in_scope(|select| select.left_join_on(on))
    }

    /// Equal rows come once: each object, whatever is joined to it.
    pub fn distinct(self) -> Self {
        self.change(Select::distinct)
    }

    /// Values of the rows in place of objects: as [`Select::columns`].
    pub fn columns<C, I, Q: Selects<C, I>>(self, columns: C) -> ValueQuery<'s, S, Q::Row>
    where
        S: Is<Q>,
    {
        let (session, select, of) = self.into_select();
        ValueQuery { session, select: select.columns(columns), of }
    }

    /// One row for all rows with the same values of the keys: as [`Select::group_by`].
    pub fn group_by<K, I, Q: GroupsBy<K, I>>(self, keys: K) -> GroupQuery<'s, S, Q::Keys>
    where
        S: Is<Q>,
    {
        let (session, select, of) = self.into_select();
        GroupQuery { session, grouped: select.group_by(keys), of }
    }

    /// One row made of all rows: as [`Select::aggregate`].
    pub fn aggregate<C, I, Q: Selects<C, I>>(self, columns: C) -> ValueQuery<'s, Groups<S>, Q::Row>
    where
        Groups<S>: Is<Q>,
    {
        let (session, select, of) = self.into_select();
        ValueQuery { session, select: select.aggregate(columns), of }
    }
}

impl<'s, S: Scope, K: Clone> GroupQuery<'s, S, K> {
    /// Only groups that meet the condition.
    pub fn having<F: Filter<Groups<S>>>(self, condition: impl FnOnce(K) -> F) -> Self {
        Self { grouped: self.grouped.having(condition), ..self }
    }

    /// The order of the groups; several orders follow each other.
    pub fn order_by<O: OrderBy<Groups<S>, I>, I>(self, order: impl FnOnce(K) -> O) -> Self {
        Self { grouped: self.grouped.order_by(order), ..self }
    }

    /// What to give of each group: keys, aggregates and what is computed of them.
    pub fn columns<C, I, Q: Selects<C, I>>(
        self,
        columns: impl FnOnce(K) -> C,
    ) -> ValueQuery<'s, Groups<S>, Q::Row>
    where
        Groups<S>: Is<Q>,
    {
        ValueQuery { session: self.session, select: self.grouped.columns(columns), of: self.of }
    }
}

impl<S: Scope, K> std::fmt::Debug for GroupQuery<'_, S, K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GroupQuery").field("grouped", &self.grouped).finish_non_exhaustive()
    }
}

impl<'s, S: Scope<Root: Model>, R: Send> ValueQuery<'s, S, R> {
    fn change(self, change: impl FnOnce(Select<S, R>) -> Select<S, R>) -> Self {
        Self { select: change(self.select), ..self }
    }

    async fn settled(self) -> Result<(Lent<'s>, Select<S, R>)> {
        settled(self.session, self.select, self.of).await
    }

    /// Only rows that meet the condition; of groups, `HAVING`.
    pub fn filter(self, filter: impl Filter<S>) -> Self {
        self.change(|select| select.filter(filter))
    }

    /// The order of the rows; several orders follow each other.
    pub fn order_by<I>(self, order: impl OrderBy<S, I>) -> Self {
        self.change(|select| select.order_by(order))
    }

    /// At most this many rows.
    pub fn limit(self, rows: u32) -> Self {
        self.change(|select| select.limit(rows))
    }

    /// Without the first rows.
    pub fn offset(self, rows: u32) -> Self {
        self.change(|select| select.offset(rows))
    }

    /// Equal rows come once.
    pub fn distinct(self) -> Self {
        self.change(Select::distinct)
    }

    /// Without the criteria of the models and of the session: [`Select::unrestricted`].
    pub fn unrestricted(self) -> Self {
        self.change(Select::unrestricted)
    }

    /// All rows.
    ///
    /// # Errors
    /// As [`Session::fetch_all`].
    pub async fn all(self) -> Result<Vec<R>> {
        let (mut session, select) = self.settled().await?;
        session.fetch_all(select).await
    }

    /// The only row.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound), [`MultipleFound`](crate::ErrorKind::MultipleFound), or as
    /// [`Session::fetch_all`].
    pub async fn one(self) -> Result<R> {
        self.one_or_none().await?.ok_or_else(not_found::<S::Root>)
    }

    /// The only row, or `None`.
    ///
    /// # Errors
    /// [`MultipleFound`](crate::ErrorKind::MultipleFound), or as [`Session::fetch_all`].
    pub async fn one_or_none(self) -> Result<Option<R>> {
        let (mut session, select) = self.settled().await?;
        session.fetch_optional(select).await
    }

    /// The first row, or `None`.
    ///
    /// # Errors
    /// As [`Session::fetch_all`].
    pub async fn first(self) -> Result<Option<R>> {
        let (mut session, select) = self.settled().await?;
        session.fetch_first(select).await
    }

    /// Whether there is a row.
    ///
    /// # Errors
    /// As [`Session::fetch_all`].
    pub async fn exists(self) -> Result<bool> {
        let (mut session, select) = self.settled().await?;
        session.exists(select).await
    }

    /// How many rows there are.
    ///
    /// # Errors
    /// As [`Session::fetch_all`].
    pub async fn count(self) -> Result<i64> {
        let (mut session, select) = self.settled().await?;
        session.count(select).await
    }

    /// How the server would run the query: as [`Session::explain`].
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// let plan = session.query::<Product>().columns(Product::SKU).explain().await?;
    /// assert_eq!((plan.root.relation.as_deref(), plan.root.actual), (Some("product"), None));
    /// let plan = session.query::<Product>().columns(Product::SKU).explain_analyze().await?;
    /// assert_eq!(plan.root.actual.unwrap().rows, 0.0);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Session::explain`].
    pub async fn explain(self) -> Result<Plan> {
        let (mut session, select) = self.settled().await?;
        session.explain(select).await
    }

    /// [`explain`](Self::explain), and what happened: this runs the query.
    ///
    /// # Errors
    /// As [`Session::explain_analyze`].
    pub async fn explain_analyze(self) -> Result<Plan> {
        let (mut session, select) = self.settled().await?;
        session.explain_analyze(select).await
    }

    /// The page of so many rows behind a cursor, or from the beginning.
    ///
    /// # Errors
    /// As [`Session::fetch_page`].
    pub async fn page_after(self, cursor: Option<&str>, rows: u32) -> Result<Page<R>> {
        let (mut session, select) = self.settled().await?;
        session.fetch_page(select.page_after(cursor, rows)).await
    }

    /// The page of so many rows before a cursor, or at the end.
    ///
    /// # Errors
    /// As [`Session::fetch_page`].
    pub async fn page_before(self, cursor: Option<&str>, rows: u32) -> Result<Page<R>> {
        let (mut session, select) = self.settled().await?;
        session.fetch_page(select.page_before(cursor, rows)).await
    }

    /// The page with this number; the first one is 0.
    ///
    /// # Errors
    /// As [`Session::fetch_page`].
    pub async fn page_number(self, number: u32, rows: u32) -> Result<Page<R>> {
        let (mut session, select) = self.settled().await?;
        session.fetch_page(select.page_number(number, rows)).await
    }

    /// The rows in batches of so many: as [`Session::stream`].
    ///
    /// # Errors
    /// As [`Session::stream`].
    pub async fn stream(self, batch: u32) -> Result<Rows<'s, S, R>> {
        let (session, select) = self.settled().await?;
        Session::stream_of(session, select, batch).await
    }
}
