//! An object-relational mapper for PostgreSQL whose session owns its objects.
//!
//! Structs describe tables. A [`Session`] is a unit of work: it knows its objects, works out what changed and in which
//! order, and writes that in one go. A program holds small `Copy` [handles](mapper::Handle), so `session[ann].age = Some(41)`
//! is plain Rust, and the borrow checker proves that no reference into an object outlives a flush.
//!
//! ```
//! use orm_core::prelude::*;
//!
//! orm_core::declarative_base!(pub Base);
//!
//! #[derive(Model, Clone, Debug)]
//! #[model(base = Base)]
//! pub struct Customer {
//!     #[model(primary_key)]
//!     pub id: Auto<i64>, // the database gives it
//!     pub name: String,
//!     #[model(unique, length = 254)]
//!     pub email: String,
//!     pub age: Option<i32>, // may be `NULL`
//!     #[has_many(back_populates = "customer")]
//!     pub carts: HasMany<Cart>,
//! }
//!
//! #[derive(Model, Clone, Debug)]
//! #[model(base = Base)]
//! pub struct Cart {
//!     #[model(primary_key)]
//!     pub id: Auto<i64>,
//!     #[belongs_to(on_delete = "cascade")]
//!     pub customer: BelongsTo<Customer>, // the column `customer_id` and the relation
//!     #[many_to_many(secondary = "cart_product")]
//!     pub products: ManyToMany<Product>,
//! }
//!
//! #[derive(Model, Clone, Debug)]
//! #[model(base = Base)]
//! pub struct Product {
//!     #[model(primary_key)]
//!     pub id: Auto<i64>,
//!     pub title: String,
//!     pub price_cents: i64,
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! # let database = orm_testkit::TestDatabase::create().await?;
//! # let url = database.url();
//! let engine = Engine::connect(url).await?; // postgresql://user:password@host:port/database
//! Base::create_all(&engine).await?;
//!
//! let mut session = engine.session();
//! let tea = session.add(Product::builder().title("Tea").price_cents(390));
//! let cart = Cart::builder().products([tea]);
//! let ann = session.add(Customer::builder().name("Ann").email("ann@example.org").carts([cart]));
//! session.commit().await?; // two round trips: keys for the graph, then all of it
//! session[ann].age = Some(41);
//! session.commit().await?; // one: UPDATE "customer" SET "age" = $2 WHERE "id" = $1
//!
//! let mut other = engine.session();
//! let adults = other
//!     .query::<Customer>()
//!     .filter(Customer::AGE.ge(18) & Customer::CARTS.any(Cart::PRODUCTS.any(Product::PRICE_CENTS.gt(100))))
//!     .with(Customer::CARTS.then(Cart::PRODUCTS))
//!     .all()
//!     .await?;
//! assert_eq!(adults.len(), 1);
//! for customer in other.each(&adults) { // plain references, no hidden I/O
//!     for cart in customer.related(Customer::CARTS)? {
//!         let total: i64 = cart.related(Cart::PRODUCTS)?.map(|product| product.price_cents).sum();
//!         assert_eq!((&customer.name[..], total), ("Ann", 390));
//!     }
//! }
//! # Ok(()) }
//! ```
//!
//! A forgotten `email` does not compile, a filter on another model neither.
//!
//! # Where things are
//!
//! | to … | there is |
//! |---|---|
//! | describe tables | [`declarative_base!`], [`#[derive(Model)]`](macro@Model), [`Auto`](types::Auto) |
//! | describe relations | [`BelongsTo`](mapper::BelongsTo), [`HasMany`](mapper::HasMany), [`HasOne`](mapper::HasOne), [`ManyToMany`](mapper::ManyToMany) |
//! | create the tables | [`DeclarativeBase::create_all`](mapper::DeclarativeBase::create_all) |
//! | connect | [`Engine`], [`EngineBuilder`] |
//! | add, change, delete | [`Session::add`], `session[handle]`, [`Session::delete`], [`Session::commit`] |
//! | see what would be sent | [`Session::flush_plan`] |
//! | never overwrite what somebody else wrote | `#[model(version)]`, [`ErrorKind::StaleData`] |
//! | have the database compute a value | [`Session::set`], [`SqlExpr`](query::SqlExpr), `#[model(generated = "…")]` |
//! | find objects | [`Session::get`], [`Session::query`]; conditions: [`Predicate`](query::Predicate) |
//! | read values, as structs too | [`columns`], `#[derive(Row)]` ([`Row`](query::Row)), [`Session::fetch_all`] |
//! | join, group, select from other queries and from rows of the program | [`Select`](query::Select): `join`, `group_by`, `union`, `cte`; [`select_from`](query::select_from), [`recursive`](query::recursive) |
//! | filter, order and select by names of a request | [`Predicate::by_name`](query::Predicate::by_name), [`Ordering::by_name`](query::Ordering::by_name), [`Select::columns_by_name`](query::Select::columns_by_name) |
//! | load and walk relations | [`Session::load`], [`Query::with`](session::Query::with), [`Entity::related`](session::Entity::related) |
//! | say what is loaded of a relation, and how | [`Path`](query::Path): `filter`, `order_by`, `limit`, `joined`, `subquery`, `contains_eager`; `#[has_many(load = "…")]` |
//! | page through the members of one object, count them | [`Session::related`]; `Customer::CARTS.count()` in queries |
//! | change both sides of a relation at once | [`Session::link`], [`Session::unlink`] |
//! | keep a list in an order of its own | `#[has_many(position = "…")]`, [`HasMany::insert_at`](mapper::HasMany::insert_at) |
//! | reach members by a key, or through others | [`Entity::keyed`](session::Entity::keyed), [`Proxy`](query::Proxy) |
//! | look at a part of a relation, or join by other columns | [`View`](mapper::View) |
//! | store a value object or an enum with data, share columns | `#[derive(Embedded)]` |
//! | refer to one of several models, have kinds of a model | `BelongsTo` inside an embedded enum, `#[derive(Polymorphic)]` |
//! | read large columns only when they are wanted | [`Deferred`](types::Deferred), [`Session::load_columns`] |
//! | write a computation once, for Rust and for SQL | `#[orm_core::hybrid]` |
//! | hide rows from everything: soft delete, tenants | `#[model(criteria = …)]`, [`Session::restrict`] |
//! | make JSON, or anything that serde writes | [`Entity::to_json`](session::Entity::to_json), [`Entity::tree`](session::Entity::tree) |
//! | run a transaction again after a lost race | [`Engine::transaction`] |
//! | have one session a task | [`ScopedSession`] |
//! | write many rows past the session's objects | [`bulk::Values`], [`Session::bulk_insert_mappings`] |
//! | run SQL of your own | [`sql!`](macro@sql), [`sql::text`], [`Session::execute`], [`Session::models`] |
//! | work without a session | [`Record`], [`select`], [`columns`], [`Connection`] |
//! | take a part of a transaction back | [`Session::begin_nested`] |
//! | read again what others may have changed | [`Session::refresh`], [`Session::expire`] |
//! | take a graph over, give one back | [`Session::merge`], [`Session::expunge`] |
//! | see what changed | [`Session::dirty`], [`Session::history`] |
//! | make many sessions of one kind | [`SessionMaker`], [`ScopedSession`] |
//! | find what one knows from Python | [`coming_from_sqlalchemy`] |
//! | tell errors apart | [`Error`], [`ErrorKind`] |
//! | use a column type of your own | `#[derive(ScalarType)]`, [`ScalarType`](types::ScalarType); an enum of the database: `#[derive(DbEnum)]`, [`DbEnum`](types::DbEnum); JSON of a type: [`Jsonb`](types::Jsonb); a domain, a composite type, arrays, ranges: [`types`] |
//! | hear of what a session does, and have a say in it | [`Listeners`], [`Session::listen`] |
//! | watch statements | [`EngineBuilder::echo`], [`EngineBuilder::on_statement`], [`Engine::statistics`] |
//! | give a query a name in the database | [views](macro@Model#views), [`refresh_materialized`] |
//! | read the tables as data, write DDL | [`schema`], [`sql::create_table_statements`] |
//! | test | the crate `orm-testkit`: a PostgreSQL that is just there, and a budget of statements |
//!
//! # What goes over the network
//!
//! | call | round trips |
//! |---|---|
//! | [`Session::add`], `session[handle]`, [`Entity::related`](session::Entity::related) | none |
//! | [`Session::get`] | none when the session has the object and it is not stale, else one |
//! | [`Query::all`](session::Query::all) | one, and one a level of its paths ([`with`](session::Query::with)); joined and by subquery none more |
//! | [`Session::related`], [`Session::load_columns`] | one |
//! | [`Session::load`] | none for what is loaded, else one a relation, however many objects; of one handle also for all that came with it |
//! | [`Session::commit`] | none without changes; one for rows of one level, two for any graph, BEGIN and COMMIT included |
//! | [`Session::begin_nested`] | one, and its flush; its commit travels with the next statement, its rollback is one |
//! | [`Session::refresh`] | one, however many objects, with the collections that they have loaded |
//! | [`Session::merge`] | none when the session has all, else one, and one more when collections are replaced |
//! | [`Session::execute`], bulk calls, [`QueryUpdate::update`](session::QueryUpdate::update) | one, BEGIN included |
//! | [`Session::stream`] | one, and one a batch |
//!
//! What a commit of some shapes takes (tests count these and more on the wire, before their statements are prepared,
//! while they are, and after):
//!
//! | written | round trips | statements |
//! |---|---|---|
//! | nothing | 0 | 0 |
//! | 1 or 1,000 new objects of one table | 1 | 1, without BEGIN and COMMIT |
//! | two tables that do not refer to each other | 1 | 4 |
//! | children of a parent that is there | 1 | 1 |
//! | parents with children | 2 | 5 |
//! | customers, carts, products and their links | 2 | 9 |
//! | a tree of any depth and width | 2 | 2 |
//! | a graph whose keys the program makes, or with natural keys | 1 | 4 |
//! | a graph whose UUIDs the database makes | 2 | 5 |
//! | two tables in a circle, rows that close it | 2 | 7 |
//! | an update of 1 or 1,000 rows, the same columns | 1 | 1 |
//! | updates of three sets of columns | 1 | 5 |
//! | a deletion of 1 or 1,000 rows | 1 | 1 |
//! | an insert, an update and a deletion | 1 | 5 |
//! | a deletion that has to know a collection which is not loaded and which the database does not handle | one more a relation | |
//! | a link and an unlink of many to many | 1 | 4 |
//!
//! # Features
//!
//! Each of these brings the types of the crate of its name as types of columns, with what the query language can ask of them. `chrono`,
//! `serde_json` and `uuid` are on by default; `default-features = false` leaves them out. Where several have types for one type of the
//! database, a program may mix them.
//!
//! | feature | types | in the database |
//! |---|---|---|
//! | `chrono` | `NaiveDate`, `NaiveTime`, `NaiveDateTime`, `DateTime<Utc>` | `date`, `time`, `timestamp`, `timestamptz`; their ranges |
//! | `jiff` | `civil::Date`, `civil::Time`, `civil::DateTime`, `Timestamp` | the same |
//! | `time` | `Date`, `Time`, `PrimitiveDateTime`, `OffsetDateTime` | the same |
//! | `uuid` | `Uuid` | `uuid` |
//! | `serde_json` | `Value`, [`Jsonb<T>`](types::Jsonb) | `jsonb` |
//! | `rust_decimal` | `Decimal` | `numeric`; its ranges |
//! | `bigdecimal` | `BigDecimal` | `numeric`; its ranges |
//! | `ipnetwork` | `IpNetwork` | `inet` |
//! | `bit-vec` | `BitVec` | `varbit`, `bit` |
//! | `url` | `Url` | `text` |
//! | `geo-types` | [`Geometry`](types::Geometry) and [`Geography`](types::Geography) of its shapes, and what they are [asked](query::SpatialScalar) | `geometry`, `geography` |
//! | `pgvector` | `Vector`, `HalfVector`, `SparseVector`, and their [distances](query::VectorScalar) | `vector`, `halfvec`, `sparsevec` |
//!
//! The crate `serde_json` itself is always there, because [`Entity::to_json`](session::Entity::to_json), plans and
//! [`ScalarType::to_json`](types::ScalarType::to_json) speak it: the feature is about columns. The [prelude] has the types of the features
//! that are on by default. What all other types of the database are in Rust stands in [`types`].
//!
//! # The examples
//!
//! All examples of this documentation run. They use the models above as the crate `shop-models` has them, where a product
//! has a `sku`, too, and an engine on a database that holds nothing but their tables.

extern crate self as orm_core;

pub mod bulk;
pub mod coming_from_sqlalchemy;
pub mod engine;
pub mod error;
pub mod events;
pub mod flush;
mod load;
pub mod mapper;
pub mod prelude;
pub mod query;
mod record;
pub mod schema;
pub mod session;
pub mod sql;
pub mod state;
pub mod types;

pub use engine::{Connection, Engine, EngineBuilder, Executor, Isolation, Statistics};
pub use error::{Error, ErrorKind, Result};
pub use flush::FlushPlan;
/// Makes a struct a model.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base, unique("shelf", "position"), comment = "What the library has")]
/// pub struct Book {
///     #[model(primary_key)]
///     pub isbn: String,
///     #[model(column = "name", length = 200, index)]
///     pub title: String,
///     pub shelf: i32,
///     #[model(check = "position > 0")]
///     pub position: i32,
///     #[model(default = true)]
///     pub lendable: bool,
///     #[model(server_default = "now()")]
///     pub bought_at: Auto<DateTime<Utc>>,
///     #[belongs_to(on_delete = "set null")]
///     pub sequel_of: Option<BelongsTo<Book>>,
/// }
///
/// let book = Book::builder().isbn("0-00").title("Tea").shelf(3).position(1).build();
/// assert!(book.lendable && !book.bought_at.is_set());
/// assert_eq!((Book::TITLE.name(), Book::SEQUEL_OF_ID.name()), ("name", "sequel_of_id"));
/// let table = Base::metadata()?.table("book").unwrap();
/// assert_eq!(table.uniques[0].columns, ["shelf", "position"]);
/// # Ok::<_, orm_core::Error>(())
/// ```
///
/// Values that the program does not assign itself:
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Offer {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     pub price_cents: i64,
///     #[model(default = 1)] // when the builder is not told
///     pub pieces: i32,
///     #[model(generated = "price_cents * pieces")] // by the database, and back with the flush
///     pub total_cents: Auto<i64>,
///     #[model(onupdate = Utc::now())] // with every UPDATE that does not set it
///     pub changed_at: Option<DateTime<Utc>>,
///     #[model(version)] // 1, then one more with every UPDATE; a stale write is an error
///     pub version: i32,
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut session = engine.session();
/// let offer = session.add(Offer::builder().price_cents(390));
/// session.commit().await?;
/// session[offer].pieces = 3;
/// session.commit().await?; // one round trip
/// assert_eq!((session[offer].total_cents, session[offer].version), (Auto::Set(1170), 2));
/// assert!(session[offer].changed_at.is_some());
///
/// engine.execute_script("UPDATE offer SET version = version + 1").await?; // somebody else
/// session[offer].pieces = 4;
/// let error = session.commit().await.unwrap_err();
/// assert_eq!((error.kind(), error.model()), (orm_core::ErrorKind::StaleData, Some("Offer")));
/// # Ok(()) }
/// ```
///
/// A version is an `i16`, `i32`, `i64` (which starts again at its smallest value after its largest), a point in time (`DateTime<Utc>`,
/// `jiff::Timestamp`, `time::OffsetDateTime`), or
/// with `version = "xmin"` an `Auto<Xid>` that needs no column. That one also changes where the database itself writes rows
/// (`ON UPDATE CASCADE`, a trigger): [`refresh`](Session::refresh) them before they are written.
///
/// What else the table has, to be made by `create_all`: checks, indexes, what no two rows may have at once, comments.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// /// A booking of a room.
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base, comment)] // the line above, or `comment = "…"`
/// #[model(check(name = "order", expression = "first <= last"))]
/// #[model(index("room", "last desc nulls last"))] // columns, or an expression in parentheses, and how they are ordered
/// #[model(index("(lower(guest)) text_pattern_ops", name = "guest"))]
/// #[model(index("room", unique, where = "last IS NULL", include("guest")))]
/// #[model(index("notes", method = "gin", with(fastupdate = false)), index("guest", "room", unique, nulls_not_distinct))]
/// #[model(exclude("(int8range(room, room, '[]'))" = "&&", "(int8range(first, last))" = "&&", name = "overlap", deferrable))]
/// pub struct Booking {
///     #[model(primary_key, identity(always, start = 1000, increment = 10))]
///     pub id: Auto<i64>,
///     #[model(check = "room > 0")]
///     pub room: i64,
///     pub first: i64,
///     pub last: Option<i64>,
///     #[model(collate = "C")]
///     pub guest: String,
///     pub notes: Json,
/// }
/// let table = Base::metadata()?.table("booking").unwrap();
/// assert_eq!(table.comment.as_deref(), Some("A booking of a room."));
/// let names: Vec<&str> = table.indexes.iter().map(|index| index.name.as_str()).collect();
/// assert_eq!(
///     names,
///     ["ix_booking_room_last", "ix_booking_guest", "uq_booking_room", "ix_booking_notes", "uq_booking_guest_room"]
/// );
/// # Ok::<_, orm_core::Error>(())
/// ```
///
/// # Views
///
/// A model can stand for a view: by a query of the query language, whose rows have to fit the fields, or by SQL text, of which the fields are
/// taken by name. Its primary key is what the program says names a row. `create_all` makes views behind the tables and views that
/// they read; `materialized` keeps the rows until [`refresh_materialized`], and gives them a unique index of the key.
///
/// ```
/// # use orm_core::prelude::*;
/// use orm_core::query::{Defines, count, sum};
/// # orm_core::declarative_base!(pub Base);
/// # #[derive(Model, Clone, Debug)]
/// # #[model(base = Base)]
/// # pub struct Customer { #[model(primary_key)] pub id: Auto<i64>, pub name: String }
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Order {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     pub cents: i64,
///     #[belongs_to]
///     pub customer: BelongsTo<Customer>,
/// }
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base, view = turnovers)] // or `view = "SELECT …"`; `view` alone is one that is there already
/// pub struct Turnover {
///     #[model(primary_key)]
///     #[belongs_to]
///     pub customer: BelongsTo<Customer>, // a relation without a foreign key
///     pub cents: i64,
///     pub orders: i64,
/// }
///
/// fn turnovers() -> impl Defines<(i64, i64, i64)> {
///     let orders = select::<Order>().filter(Order::CENTS.gt(0)).group_by(Order::CUSTOMER_ID);
///     orders.columns(|customer| (customer, sum(Order::CENTS), count()))
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut session = engine.session();
/// let ann = session.add(Customer::builder().name("Ann"));
/// session.add_all([390, 450].map(|cents| Order::builder().cents(cents).customer(ann)));
/// session.commit().await?;
/// let best = session.query::<Turnover>().filter(Turnover::CENTS.gt(500)).with(Turnover::CUSTOMER).one().await?;
/// assert_eq!((session[best].cents, session[best].orders), (840, 2));
/// assert_eq!(session.at(best).related(Turnover::CUSTOMER)?.name, "Ann");
/// # Ok(()) }
/// ```
///
/// Whatever writes does not compile with such a model ([`Writable`](mapper::Writable)): there is no builder, and no `&mut` into its objects; so
/// a view needs no `WITH CHECK OPTION`. `security_invoker`, from PostgreSQL 15 on, has policies of row-level security hold for who reads the view, and not for
/// its owner:
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # #[derive(Model, Clone, Debug)]
/// # #[model(base = Base)]
/// # pub struct Note { #[model(primary_key)] pub id: Auto<i64>, pub text: String }
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base, security_invoker, view = "SELECT id, left(text, 20) AS title FROM note")]
/// pub struct Title {
///     #[model(primary_key)]
///     pub id: i64,
///     pub title: String,
/// }
/// let view = Base::metadata()?.view("title").unwrap();
/// let create = &orm_core::sql::create_view_statements(view)[0];
/// assert!(create.starts_with(r#"CREATE VIEW "title" ("id", "title") WITH (security_invoker = true) AS"#));
/// # Ok::<_, orm_core::Error>(())
/// ```
///
/// A collection of rows of a view is a [`View`](mapper::View) with `on(…)`. Values in a definition become literals, because a view cannot
/// have bound ones; criteria of the models that it reads are part of it, unless it is `unrestricted()`, and its own hold for it as for
/// tables.
///
/// # Criteria
///
/// What rows have to meet to be seen, such as not to be deleted: functions that give a condition, asked with each statement.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base, criteria = not_deleted)] // several are all met
/// pub struct Note {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     pub text: String,
///     pub deleted_at: Option<DateTime<Utc>>,
/// }
///
/// fn not_deleted() -> Predicate<Note> {
///     Note::DELETED_AT.is_null()
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut session = engine.session();
/// let note = session.add(Note::builder().text("Buy tea"));
/// session.commit().await?;
/// session[note].deleted_at = Some(Utc::now());
/// session.commit().await?;
/// assert_eq!(session.query::<Note>().count().await?, 0);
/// assert!(Note::find(&engine, 1).await?.is_none());
/// assert_eq!(session.query::<Note>().unrestricted().count().await?, 1); // the way out
/// # Ok(()) }
/// ```
///
/// They hold for everything that reads rows, as those of [`Session::restrict`] do, and also without a session. Conditions that
/// speak of related rows are those of the other model, too; inside the conditions of a table its own are left out.
pub use orm_derive::Model;

pub use mapper::refresh_materialized;
/// Makes methods of a model usable in SQL, too: one body, for an object in Rust and for rows in the database.
///
/// Beside each method that takes `&self` stands one with `_expr` at its end, which gives the
/// [expression](query::SqlExpr); its parameters take values, columns and expressions.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Offer {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     pub title: String,
///     pub price_cents: i64,
///     pub pieces: Option<i64>,
/// }
///
/// #[orm_core::hybrid]
/// impl Offer {
///     pub fn total(&self) -> i64 {
///         self.price_cents * self.pieces.unwrap_or(1)
///     }
///
///     pub fn discounted(&self, percent: i64) -> i64 {
///         let total = self.total();
///         if percent > 50 { total / 2 } else { total - total * percent / 100 }
///     }
///
///     pub fn is_tea(&self) -> bool {
///         self.title.starts_with("Tea") && self.pieces.is_some_and(|pieces| pieces > 1)
///     }
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut session = engine.session();
/// let tea = session.add(Offer::builder().title("Tea, green").price_cents(390).pieces(2));
/// session.add(Offer::builder().title("Coffee").price_cents(890));
/// session.commit().await?;
/// assert!(session[tea].is_tea() && session[tea].discounted(10) == 702); // in Rust
/// assert_eq!(session.query::<Offer>().filter(Offer::is_tea_expr()).one().await?, tea); // and in SQL
/// let totals = columns((Offer::TITLE, Offer::discounted_expr(10))).order_by(Offer::total_expr());
/// assert_eq!(engine.fetch_all(totals).await?, [("Tea, green".to_owned(), 702), ("Coffee".to_owned(), 801)]);
/// # Ok(()) }
/// ```
///
/// # What is translated
///
/// Fields, literals, constants, parameters, `let`; `+ - * / %`, comparisons, `&& || !`, `if … else`; `Some`, `None`, `is_some`,
/// `is_none`, `is_some_and`, `unwrap_or`; `abs`, `min`, `max`, `i64::from(…)`; `is_empty`, `starts_with`, `contains` and
/// `format!("{} {}", …)` of texts; other hybrids of `self`. Everything else is a compile error at its place. The way out is to write
/// the expression by hand, as a method with the same name and `_expr`:
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # #[derive(Model, Clone, Debug)]
/// # #[model(base = Base)]
/// # pub struct Offer { #[model(primary_key)] pub id: i64, pub title: String }
/// use orm_core::query::SqlExpr;
///
/// #[orm_core::hybrid]
/// impl Offer {
///     pub fn is_loud(&self) -> bool {
///         self.title.chars().any(|c| c == '!')
///     }
///
///     pub fn is_loud_expr() -> SqlExpr<Self, bool> {
///         SqlExpr::from(Self::TITLE.like("%!%")).assume_not_null()
///     }
/// }
/// let loud = select::<Offer>().filter(Offer::is_loud_expr());
/// assert!(loud.to_string().ends_with(r#"WHERE "title" LIKE $1"#));
/// ```
///
/// # Where the two differ
///
/// Texts are ordered as the database orders them; `&&` and `||` are computed in any order there, `if` is not; a number that is too
/// large is an error of the server.
pub use orm_derive::hybrid;
/// SQL of the program's own, with values in it: a [`Text`](sql::Text).
///
/// Each `{}` is a value that is bound, never written into the text; `{name}` is the variable of that name, `{..}` and `{name..}` an array. The
/// text is a literal, so that nothing that comes from elsewhere can become SQL. What stands in quotes of SQL and in comments is left alone.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::sql;
/// let mut session = engine.session();
/// session.add_all(["T-1", "T-2"].map(|sku| Product::builder().sku(sku).title("Tea").price_cents(390)));
/// let (sku, title) = ("T-1", "'; DROP TABLE product; --");
/// let update = sql!("UPDATE product SET title = {title}, price_cents = price_cents + {} WHERE sku = {sku}", 10_i64);
/// assert_eq!(session.execute(update).await?, 1);
///
/// // Objects, values, tuples.
/// let products = session.models::<Product>(sql!("SELECT * FROM product WHERE sku <> {sku}")).await?;
/// assert_eq!(session[products[0]].sku, "T-2");
/// let prices: Vec<i64> = session.scalars(sql!("SELECT price_cents FROM product ORDER BY 1")).await?;
/// let skus = ["T-1", "T-9"];
/// let rows: Vec<(String, String)> =
///     session.fetch(sql!("SELECT sku, title FROM product WHERE sku = ANY({..})", skus)).await?;
/// assert_eq!((prices, rows), (vec![390, 400], vec![("T-1".into(), title.into())]));
/// # Ok(()) }
/// ```
pub use orm_derive::sql;
#[doc(inline)]
pub use orm_derive::{Embedded, Polymorphic, Row};
pub use query::{columns, select};
pub use record::{Record, WritableRecord};
pub use session::{Listeners, ScopedSession, Session, SessionMaker, TransactionOptions, TransactionSession};

#[doc(hidden)]
pub mod __private;
