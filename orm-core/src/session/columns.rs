//! Deferred columns of objects that the session has.

use super::Session;
use super::load::Handles;
use super::query::Query;
use crate::error::{Error, ErrorKind, Result};
use crate::load::{Lacking, lacking};
use crate::mapper::Model;
use crate::query::DeferredColumns;
use std::collections::HashSet;

impl Session {
    /// Loads deferred columns of one object or many, in one statement; what is loaded already is not read again.
    ///
    /// Of one handle, those objects get them as well that came with it in the same result, so that a loop over them asks once;
    /// a list of handles, such as `[handle]`, is about those alone.
    ///
    /// A value that the program set stays, and is compared with what the database has from now on.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # orm_core::declarative_base!(pub Base);
    /// # #[derive(Model, Clone, Debug)]
    /// # #[model(base = Base)]
    /// # pub struct Book {
    /// #     #[model(primary_key)]
    /// #     pub id: Auto<i64>,
    /// #     pub title: String,
    /// #     pub text: Deferred<String>,
    /// #     #[model(deferred = "media")]
    /// #     pub cover: Deferred<Option<Vec<u8>>>,
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// # session.add_all(["Tea", "Coffee"].map(|title| Book::builder().title(title).text(title)));
    /// # session.commit().await?;
    /// use orm_core::query::Group;
    /// let mut session = engine.session();
    /// let books = session.query::<Book>().order_by(Book::ID).all().await?;
    /// for book in &books {
    ///     session.load_columns(*book, Book::TEXT).await?; // one statement in the whole loop
    /// }
    /// session.load_columns([books[0]], (Book::TEXT, Group("media"))).await?; // the cover, of this book alone
    /// assert_eq!(Book::TEXT.of(&session[books[1]])?, "Coffee");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`StaleData`](ErrorKind::StaleData) when a row is not there any more; [`Mapping`](ErrorKind::Mapping) for an unknown group;
    /// the server's; [`Gone`](ErrorKind::Gone), [`ForeignHandle`](ErrorKind::ForeignHandle),
    /// [`NeedsRollback`](ErrorKind::NeedsRollback).
    pub async fn load_columns<T: Model>(
        &mut self,
        of: impl Handles<T>,
        columns: impl DeferredColumns<T>,
    ) -> Result<()> {
        self.usable()?;
        let store = self.arena.store_for::<T>()?;
        let columns = columns.positions();
        let columns = columns.map_err(|why| Error::new(ErrorKind::Mapping, why).with_model(T::def().name))?;
        let located = of.handles().iter().map(|handle| Ok(self.arena.locate(*handle)?.slot));
        let slots: Vec<u32> = located.collect::<Result<_>>()?;
        if !lacking(&self.arena, store, &slots, &columns).is_empty() {
            self.flush_before_query().await?;
            self.load_missing(store, &slots, &columns, of.with_siblings()).await?;
        }
        Ok(())
    }

    async fn load_missing(
        &mut self,
        store: usize,
        slots: &[u32],
        columns: &[usize],
        siblings: bool,
    ) -> Result<()> {
        // A listener of the flush may have read them, or taken some objects out.
        let asked = lacking(&self.arena, store, slots, columns);
        let Some(columns) = Lacking::of(&self.arena, store, &asked, columns, siblings)? else {
            return Ok(());
        };
        let replies = self.read(vec![columns.statement.clone()]).await?;
        let rows = replies.first().map_or(&[][..], |reply| &reply.rows);
        let found = columns.take(&mut self.arena, rows)?;
        self.all_found(store, &asked, &found.into_iter().collect())
    }

    fn all_found(&self, store: usize, slots: &[u32], found: &HashSet<u32>) -> Result<()> {
        let hidden = if self.may_hide(store) { ", or hidden by criteria" } else { "" };
        let store = &self.arena.stores[store];
        let missing = slots.iter().filter(|slot| !found.contains(slot));
        let names: Vec<String> = missing.map(|slot| store.name_of(store.slot(*slot).stored())).collect();
        if names.is_empty() {
            return Ok(());
        }
        let why = format!("not in the database any more{hidden}: {}", names.join(", "));
        Err(Error::new(ErrorKind::StaleData, why).with_model(store.mapper.def.name))
    }
}

impl<T: Model> Query<'_, T> {
    /// Reads deferred columns, too: as [`Select::undefer`](crate::query::Select::undefer). Objects that the session has already get
    /// what they lack.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # orm_core::declarative_base!(pub Base);
    /// # #[derive(Model, Clone, Debug)]
    /// # #[model(base = Base)]
    /// # pub struct Book {
    /// #     #[model(primary_key)]
    /// #     pub id: Auto<i64>,
    /// #     pub text: Deferred<String>,
    /// #     #[model(deferred = "media")]
    /// #     pub cover: Deferred<Option<Vec<u8>>>,
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # Book::builder().text("All about tea").build().insert(&engine).await?;
    /// let mut session = engine.session();
    /// let book = session.query::<Book>().one().await?;
    /// assert!(!session[book].text.is_loaded());
    /// session.query::<Book>().undefer(Book::TEXT).undefer_group("media").all().await?;
    /// assert!(session[book].text == "All about tea".to_owned() && session[book].cover == None);
    ///
    /// let mut session = engine.session();
    /// let book = session.query::<Book>().undefer(Book::TEXT).defer(Book::TEXT).load_only(Book::COVER).one().await?;
    /// assert!(!session[book].text.is_loaded() && session[book].cover.is_loaded());
    /// # Ok(()) }
    /// ```
    pub fn undefer(self, columns: impl DeferredColumns<T>) -> Self {
        self.change(|select| select.undefer(columns))
    }

    /// Reads the deferred columns of a group, too.
    pub fn undefer_group(self, name: &'static str) -> Self {
        self.change(|select| select.undefer_group(name))
    }

    /// Leaves columns out that would be read.
    pub fn defer(self, columns: impl DeferredColumns<T>) -> Self {
        self.change(|select| select.defer(columns))
    }

    /// Reads of all columns that can be left out these alone: as [`Select::load_only`](crate::query::Select::load_only).
    pub fn load_only(self, columns: impl DeferredColumns<T>) -> Self {
        self.change(|select| select.load_only(columns))
    }
}
