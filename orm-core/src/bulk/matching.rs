//! UPDATE and DELETE of what a query finds, as values.

use super::change::{Change, Written};
use super::{Returning, Writer, mapper, settable};
use crate::error::{Error, ErrorKind, Result};
use crate::mapper::{Model, Writable, next_versions};
use crate::query::{Assignments, ColumnSet, Inner, Is, Joined, Scope, Select, Selects};
use crate::sql::{DeleteMatching, UpdateMatching};
use std::fmt;

/// A query whose rows can be written: of a model, or of one that is joined with others, by [`join`](Select::join) and
/// [`join_on`](Select::join_on).
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Cart, Customer};
/// use orm_core::{bulk::{Delete, Matching, delete}, query::Select};
/// fn delete_some<S: Matching, R>(some: Select<S, R>) -> Delete<S> {
///     delete(some.limit(100))
/// }
/// let text = delete_some(select::<Cart>().filter(Cart::INVOICE.is_null())).to_string();
/// assert!(text.starts_with(r#"DELETE FROM "cart" WHERE "id" IN (SELECT t1."id""#));
/// ```
#[diagnostic::on_unimplemented(
    message = "the rows of this query cannot be written",
    label = "`{Self}` is no model, and no join of one with others",
    note = "`join` and `join_on` can stand in it: no other joins, no groups"
)]
pub trait Matching: Scope<Root: Model> {}

impl<M: Writable> Matching for M {}

#[diagnostic::do_not_recommend]
impl<L: Matching, R: crate::mapper::Source> Matching for Joined<L, R, Inner> {}

/// An UPDATE of the rows of the first model that a query finds, made by [`update`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # session.add(Customer::builder().name("Ann").email("ann@example.org").carts([Cart::builder(), Cart::builder()]));
/// # session.commit().await?;
/// use orm_core::bulk::update;
/// // UPDATE "cart" SET "invoice" = … FROM "customer": what is joined can be asked, and set to.
/// let newest = select::<Cart>().join(Cart::CUSTOMER).filter(Customer::NAME.eq("Ann") & Cart::ID.gt(1));
/// let billed = update(newest).set(Cart::INVOICE.set_to(Customer::EMAIL)).returning((Cart::ID, Customer::NAME));
/// assert_eq!(billed.fetch_all(&engine).await?, [(2, "Ann".to_owned())]);
/// assert_eq!(engine.fetch_all(columns(Cart::INVOICE).order_by(Cart::ID)).await?, [None, Some("ann@example.org".to_owned())]);
/// # Ok(()) }
/// ```
#[must_use = "an update does nothing before it is run"]
pub struct Update<S: Scope> {
    rows: Select<S, ()>,
    set: Vec<ColumnSet>,
}

/// Updates the rows of the first model that a query finds: [`Update::set`] says how.
///
/// A row that is joined several times is updated once, by any of them. What an order, a limit or a lock choose of a query without joins is
/// updated. A version grows; `onupdate` and listeners of updates are not asked.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # for n in 1..=3 { Product::builder().sku(n.to_string()).title("Tea").price_cents(n).build().insert(&engine).await?; }
/// use orm_core::bulk::update;
/// let dear = select::<Product>().filter(Product::PRICE_CENTS.gt(1));
/// let changes = (Product::PRICE_CENTS.set_to(Product::PRICE_CENTS * 2), Product::TITLE.set_to("Dear tea"));
/// assert_eq!(update(dear).set(changes).execute(&engine).await?, 2);
/// assert_eq!(engine.fetch_all(columns(Product::PRICE_CENTS).order_by(Product::ID)).await?, [1, 4, 6]);
/// # Ok(()) }
/// ```
pub fn update<S: Matching, R>(rows: Select<S, R>) -> Update<S> {
    Update { rows: rows.without_values(), set: Vec::new() }
}

impl<S: Matching> Update<S> {
    /// Sets columns of the first model: [assignments](crate::query::Assignment), one, a tuple of up to twelve, or a list.
    pub fn set(mut self, set: impl Assignments<S>) -> Self {
        self.set.extend(set.all());
        self
    }

    /// What comes back of each row that was updated, in any order: columns and expressions of all models of the query,
    /// [`whole`](crate::query::whole) ones, or a tuple of up to twelve.
    pub fn returning<C, I, Q: Selects<C, I>>(self, columns: C) -> Returning<S::Root, Q::Row>
    where
        S: Is<Q>,
    {
        let mut values = Vec::new();
        Q::push_to(columns, &mut values);
        Returning::new(self.into_change(), values, Q::read_row)
    }

    /// Runs it; gives the number of rows.
    ///
    /// # Errors
    /// The server's; [`ReadOnly`](ErrorKind::ReadOnly) for a column that cannot be set so; [`Unset`](ErrorKind::Unset) when
    /// nothing is set; in a session [`NeedsRollback`](ErrorKind::NeedsRollback).
    pub async fn execute(self, writer: impl Writer) -> Result<u64> {
        Ok(writer.change::<S::Root>(self.into_change()?).await?.affected)
    }

    pub(crate) fn into_change(self) -> Result<Change> {
        let mapper = mapper::<S::Root>()?;
        let columns = mapper.def.columns;
        settable(mapper, self.set.iter().map(|set| set.column))?;
        let named = self.set.into_iter().map(|set| (columns[set.column].name, set.value));
        let set: Vec<_> = named.chain(next_versions(mapper)).collect();
        if set.is_empty() {
            let why = format!("an update of `{}` sets nothing", mapper.def.name);
            let error = Error::new(ErrorKind::Unset, why);
            return Err(error.with_model(mapper.def.name));
        }
        let key = mapper.primary_key.iter().map(|i| columns[*i].name).collect();
        let (is_unrestricted, paths) = (self.rows.is_unrestricted, self.rows.paths.clone());
        let update = UpdateMatching { rows: self.rows.into_rows()?, key, set, returning: Vec::new() };
        let change = Change::new::<S::Root>(Written::Update(Box::new(update)))?;
        Ok(Change { is_unrestricted, paths, ..change })
    }
}

/// A DELETE of the rows of the first model that a query finds, made by [`delete`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # session.add(Customer::builder().name("Ann").email("ann@example.org").carts([Cart::builder(), Cart::builder()]));
/// # session.commit().await?;
/// use orm_core::bulk::{Delete, delete};
/// use orm_core::query::Joined;
/// // DELETE FROM "cart" USING "customer" …
/// let of_ann: Delete<Joined<Cart, Customer>> =
///     delete(select::<Cart>().join(Cart::CUSTOMER).filter(Customer::NAME.eq("Ann")));
/// let mut gone = of_ann.returning((Cart::ID, Customer::NAME)).fetch_all(&engine).await?;
/// gone.sort();
/// assert_eq!(gone, [(1, "Ann".to_owned()), (2, "Ann".to_owned())]);
/// # Ok(()) }
/// ```
#[must_use = "a delete does nothing before it is run"]
pub struct Delete<S: Scope> {
    rows: Select<S, ()>,
}

/// Deletes the rows of the first model that a query finds.
///
/// Cascades of the models are not followed; the database does what its foreign keys say (`ON DELETE`). No listener of deletions is asked.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # for n in 1..=3 { Product::builder().sku(n.to_string()).title("Tea").price_cents(n).build().insert(&engine).await?; }
/// use orm_core::bulk::delete;
/// let dearest = select::<Product>().order_by(Product::PRICE_CENTS.desc()).limit(1);
/// assert_eq!(delete(dearest).execute(&engine).await?, 1);
/// assert_eq!(engine.fetch_all(columns(Product::PRICE_CENTS).order_by(Product::ID)).await?, [1, 2]);
/// # Ok(()) }
/// ```
pub fn delete<S: Matching, R>(rows: Select<S, R>) -> Delete<S> {
    Delete { rows: rows.without_values() }
}

impl<S: Matching> Delete<S> {
    /// What comes back of each row that was deleted: as [`Update::returning`].
    pub fn returning<C, I, Q: Selects<C, I>>(self, columns: C) -> Returning<S::Root, Q::Row>
    where
        S: Is<Q>,
    {
        let mut values = Vec::new();
        Q::push_to(columns, &mut values);
        Returning::new(self.into_change(), values, Q::read_row)
    }

    /// Runs it; gives the number of rows.
    ///
    /// # Errors
    /// The server's, such as a foreign key violation; in a session [`NeedsRollback`](ErrorKind::NeedsRollback).
    pub async fn execute(self, writer: impl Writer) -> Result<u64> {
        Ok(writer.change::<S::Root>(self.into_change()?).await?.affected)
    }

    pub(crate) fn into_change(self) -> Result<Change> {
        let mapper = mapper::<S::Root>()?;
        let key = mapper.primary_key.iter().map(|i| mapper.def.columns[*i].name).collect();
        let (is_unrestricted, paths) = (self.rows.is_unrestricted, self.rows.paths.clone());
        let delete = DeleteMatching { rows: self.rows.into_rows()?, key, returning: Vec::new() };
        let change = Change::new::<S::Root>(Written::Delete(Box::new(delete)))?;
        Ok(Change { is_unrestricted, paths, ..change })
    }
}

macro_rules! shown {
    ($($ty:ident)*) => {$(
        /// Shows the SQL text.
        impl<S: Matching> fmt::Display for $ty<S> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.clone().into_change().and_then(|change| change.render()) {
                    Ok(statement) => f.write_str(&statement.text),
                    Err(error) => write!(f, "<{error}>"),
                }
            }
        }

        impl<S: Matching> fmt::Debug for $ty<S> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($ty))
            }
        }
    )*};
}
shown!(Update Delete);

impl<S: Scope> Clone for Update<S> {
    fn clone(&self) -> Self {
        Self { rows: self.rows.clone(), set: self.set.clone() }
    }
}

impl<S: Scope> Clone for Delete<S> {
    fn clone(&self) -> Self {
        Self { rows: self.rows.clone() }
    }
}
