//! UPDATE and DELETE by a query, which keep the identity map true.

use super::Session;
use super::query::Query;
use super::values::{check_settable, refused};
use crate::engine::{Reply, Request};
use crate::error::{Error, ErrorKind, Result};
use crate::load::{raw_key, take_values};
use crate::mapper::{Column, LinkKind, Mapper, Model, ReferentialAction, VersionDef, first_version};
use crate::query::SetTo;
use crate::sql::{DeleteMatching, Expr, Statement, UpdateMatching};
use crate::types::ColumnType;

/// An UPDATE of all rows that a query finds: [`Query::set`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut session = engine.session();
/// let teas = session.add_all([390, 450].map(|price| {
///     Product::builder().sku(format!("T-{price}")).title("Tea").price_cents(price)
/// }));
/// session.commit().await?;
/// let dearer = session
///     .query::<Product>()
///     .filter(Product::PRICE_CENTS.lt(400))
///     .set(Product::PRICE_CENTS, Product::PRICE_CENTS + 10)
///     .set(Product::TITLE, "Green tea")
///     .update()
///     .await?; // one statement for any number of rows
/// assert_eq!(dearer, 1);
/// assert_eq!((session[teas[0]].price_cents, session[teas[1]].price_cents), (400, 450)); // and the objects know
/// session.commit().await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "an update does nothing before it is run"]
pub struct QueryUpdate<'s, T: Model> {
    query: Query<'s, T>,
    set: Result<Vec<(usize, Expr)>>,
}

impl<'s, T: Model> Query<'s, T> {
    /// Sets a column of every row that the query finds; [`QueryUpdate::update`] sends it.
    ///
    /// The value is one of the column, or an expression over columns of the row. Keys, foreign keys of relations and columns
    /// that only the database or the flush may write are refused.
    pub fn set<F: ColumnType>(self, column: Column<T, F>, value: impl SetTo<T, F>) -> QueryUpdate<'s, T> {
        QueryUpdate { query: self, set: Ok(Vec::new()) }.set(column, value)
    }

    /// Deletes every row that the query finds, in one statement; gives their number.
    ///
    /// Objects of the session that are deleted so are known to be. Cascades of the models are not followed: what the database
    /// does to other rows (`ON DELETE`) makes the objects of those models stale. No listener of deletions is asked.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    /// session.commit().await?;
    /// assert_eq!(session.query::<Product>().filter(Product::PRICE_CENTS.gt(100)).delete().await?, 1);
    /// assert_eq!(session.state(tea)?, orm_core::state::ObjectState::Deleted);
    /// session.rollback().await?;
    /// assert_eq!(session[tea].title, "Tea"); // it is back
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The server's, such as a foreign key violation; [`NeedsRollback`](ErrorKind::NeedsRollback).
    pub async fn delete(self) -> Result<u64> {
        let (mut session, select, _) = self.into_parts().await?;
        let store = session.arena.store_for::<T>()?;
        let mapper = session.arena.stores[store].mapper;
        let keys: Vec<&'static str> =
            mapper.primary_key.iter().map(|i| mapper.def.columns[*i].name).collect();
        let select = session.restricted(&select)?;
        let filter = condition(select, mapper);
        let delete = DeleteMatching { table: mapper.def.table, filter, returning: &keys };
        let statement = delete.render().map_err(|why| Error::new(ErrorKind::Mapping, why))?;
        let reply = session.write_matching(statement).await?;
        for row in &reply.rows {
            let key = raw_key(row, 0..mapper.primary_key.len())?;
            if let Some(slot) = key.and_then(|key| session.arena.stores[store].find(&key)) {
                session.arena.stores[store].lose(slot, true)?;
            }
        }
        session.doubt_referrers(store);
        session.tell_notes();
        Ok(reply.affected)
    }
}

impl<T: Model> QueryUpdate<'_, T> {
    /// Sets another column.
    pub fn set<F: ColumnType>(mut self, column: Column<T, F>, value: impl SetTo<T, F>) -> Self {
        if let Ok(set) = &mut self.set {
            set.push((column.index(), value.into_value()));
        }
        self
    }

    /// Sends the UPDATE; gives the number of rows.
    ///
    /// Changes of the session are flushed before. Objects that it has become as their rows are now; a version column grows;
    /// `onupdate` and listeners of updates are not asked.
    ///
    /// # Errors
    /// The server's; [`ReadOnly`](ErrorKind::ReadOnly) for a column that cannot be set so;
    /// [`NeedsRollback`](ErrorKind::NeedsRollback).
    pub async fn update(self) -> Result<u64> {
        let set = self.set?;
        let (mut session, select, _) = self.query.into_parts().await?;
        let store = session.arena.store_for::<T>()?;
        let mapper = session.arena.stores[store].mapper;
        for (column, _) in &set {
            check_settable(mapper, *column)?;
            if mapper.primary_key.contains(column) {
                let (model, name) = (mapper.def.name, mapper.def.columns[*column].name);
                let why = format!("`{name}` is the key of `{model}`: change it through its handle");
                return Err(refused(ErrorKind::ReadOnly, why, mapper, *column));
            }
        }
        // What is set comes back, deferred or not.
        let layout = mapper.layout.with(&set.iter().map(|(column, _)| *column).collect::<Vec<_>>(), true);
        let named = set.into_iter().map(|(column, value)| (mapper.def.columns[column].name, value));
        let mut set: Vec<(&'static str, Expr)> = named.chain(next_versions(mapper)).collect();
        let criteria = session.arena.criteria();
        select.restrict_values(criteria, set.iter_mut().map(|(_, value)| value))?;
        let filter = condition(session.restricted(&select)?, mapper);
        let returning = layout.select_list(mapper.def);
        let update = UpdateMatching { table: mapper.def.table, set: &set, filter, returning: &returning };
        let statement = update.render().map_err(|why| Error::new(ErrorKind::Mapping, why))?;
        let reply = session.write_matching(statement).await?;
        take_values(&mut session.arena, store, &reply.rows, &layout)?;
        session.tell_notes();
        Ok(reply.affected)
    }
}

impl Session {
    /// Sends a statement that writes, after everything that changed before.
    async fn write_matching(&mut self, statement: Statement) -> Result<Reply> {
        self.flush_before_query().await?;
        self.arena.note_write();
        let replies = self.fly_inside([Request::Run(statement)]).await;
        Ok(replies.map_err(|error| self.retell(error))?.pop().unwrap_or_default())
    }

    /// The database may have changed rows that referred to deleted ones.
    fn doubt_referrers(&mut self, store: usize) {
        let (registry, target) = (self.arena.stores[store].registry, self.arena.stores[store].mapper.index);
        for other in registry.mappers() {
            let acts = |kind: &LinkKind| {
                let LinkKind::ToOne { on_delete, .. } = kind else { return false };
                !matches!(on_delete, ReferentialAction::NoAction | ReferentialAction::Restrict)
            };
            if other.relations.iter().any(|link| link.target == target && acts(&link.kind))
                && let Some(known) = self.arena.known_neighbour(store, other.index)
            {
                self.arena.stores[known].expire_all();
            }
        }
    }
}

/// What a row has to meet: the filters, or to be among those that an order and a limit choose, or a lock leaves.
fn condition(select: crate::sql::Select, mapper: &Mapper) -> Expr {
    if select.limit.or(select.offset).is_none() && select.lock.is_none() {
        return Expr::And(select.filter);
    }
    let columns: Vec<&'static str> = mapper.primary_key.iter().map(|i| mapper.def.columns[*i].name).collect();
    let chosen = crate::sql::Select { list: columns.clone().into(), ..select };
    Expr::InSelect { columns, select: Box::new(chosen) }
}

/// What the version columns become that the flush writes.
fn next_versions(mapper: &Mapper) -> impl Iterator<Item = (&'static str, Expr)> {
    let written = mapper.def.columns.iter().filter(|column| column.version == Some(VersionDef::Written));
    written.map(|column| {
        let first = Expr::Bind(first_version(column.sql_type));
        let value = match column.sql_type {
            crate::types::SqlType::TimestampTz => first,
            _ => Expr::Binary { op: "+", left: Box::new(Expr::Column(column.name)), right: Box::new(first) },
        };
        (column.name, value)
    })
}
