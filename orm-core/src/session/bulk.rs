//! Many rows of one model, past the objects of the session.

use super::Session;
use crate::bulk::{self, Answer, Sent, Values};
use crate::engine::{Reply, Request};
use crate::error::{Error, Result, SqlState};
use crate::mapper::{DeclarativeBase, IntoModel, Model, Writable};
use std::iter;

impl Session {
    /// Inserts rows in the transaction of the session, and begins one when there is none: one statement for all rows that give the
    /// same columns, whatever their number. Gives the number of rows.
    ///
    /// The objects of the session, its identity map and its relations know nothing of it, and nothing is flushed before. What a
    /// row does not give is the default of the model, `NULL`, or what the database fills in.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::bulk::Values;
    /// let mut session = engine.session();
    /// let row = |n: i64| Values::<Customer>::new().set(Customer::NAME, "Ann").set(Customer::EMAIL, n.to_string());
    /// assert_eq!(session.bulk_insert_mappings((0..1_000).map(row)).await?, 1_000); // one INSERT
    /// session.commit().await?;
    ///
    /// let nameless = Values::<Customer>::new().set(Customer::EMAIL, "ann@example.org");
    /// let error = session.bulk_insert_mappings([row(7), nameless]).await.unwrap_err();
    /// assert_eq!(error.to_string(), "`name` of row 2 (of a bulk call with `Customer`) has no value");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Unset`](crate::ErrorKind::Unset) for a required column without a value, before anything is sent; the
    /// server's; [`NeedsRollback`](crate::ErrorKind::NeedsRollback).
    pub async fn bulk_insert_mappings<T: Writable>(
        &mut self,
        rows: impl IntoIterator<Item = Values<T>>,
    ) -> Result<u64> {
        let sent = bulk::insert_values(&rows.into_iter().collect::<Vec<_>>())?;
        let replies = self.send_bulk::<T>(&sent).await?;
        bulk::written::<T>(&sent, &replies)
    }

    /// Updates rows by their keys, in the columns that each gives; otherwise as
    /// [`bulk_insert_mappings`](Self::bulk_insert_mappings).
    ///
    /// Rows that [criteria](Self::restrict) hide are left alone and count as missing; [`without_criteria`](Self::without_criteria)
    /// is the way out.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// # session.add_all((1..=3).map(|n| Product::builder().sku(format!("T-{n}")).title("Tea").price_cents(100 * n)));
    /// # session.commit().await?;
    /// use orm_core::bulk::Values;
    /// let price = |id: i64| Values::<Product>::new().set(Product::ID, id).set(Product::PRICE_CENTS, 100 + id);
    /// assert_eq!(session.bulk_update_mappings((1..=3).map(price)).await?, 3); // one UPDATE
    /// session.commit().await?;
    /// assert_eq!(session.bulk_update_mappings([price(7)]).await.unwrap_err().kind(), orm_core::ErrorKind::StaleData);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`StaleData`](crate::ErrorKind::StaleData) when a row is not there, or hidden, after which [`rollback`](Self::rollback) comes first;
    /// otherwise as there.
    pub async fn bulk_update_mappings<T: Writable>(
        &mut self,
        rows: impl IntoIterator<Item = Values<T>>,
    ) -> Result<u64> {
        let sent = bulk::update_values(&rows.into_iter().collect::<Vec<_>>(), self.arena.criteria())?;
        let replies = self.send_bulk::<T>(&sent).await?;
        self.count_bulk::<T>(&sent, &replies)
    }

    /// Writes the columns of objects: those with a key are updated, the others inserted. Relations are not followed. Gives
    /// the number of rows; otherwise as [`bulk_insert_mappings`](Self::bulk_insert_mappings).
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let tea = |n: i64| Product::builder().sku(format!("T-{n}")).title("Tea").price_cents(n);
    /// assert_eq!(session.bulk_save_objects((0..1_000).map(tea)).await?, 1_000);
    /// session.commit().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`bulk_insert_mappings`](Self::bulk_insert_mappings) and
    /// [`bulk_update_mappings`](Self::bulk_update_mappings).
    pub async fn bulk_save_objects<N: IntoModel>(
        &mut self,
        objects: impl IntoIterator<Item = N>,
    ) -> Result<u64> {
        let objects: Vec<N::Model> = objects.into_iter().map(N::into_model).collect();
        let sent = bulk::save(&objects, Answer::None, self.arena.criteria())?;
        let replies = self.send_bulk::<N::Model>(&sent).await?;
        self.count_bulk::<N::Model>(&sent, &replies)
    }

    /// [`bulk_save_objects`](Self::bulk_save_objects) that gives the objects back, with the keys and defaults that the database
    /// made.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let new = ["Ann", "Bea"].map(|name| Customer::builder().name(name).email(name));
    /// let mut saved: Vec<Customer> = session.bulk_save_objects_returning(new).await?;
    /// assert!(saved[0].id.is_set() && saved[1].created_at.is_set());
    /// saved[1].age = Some(41);
    /// session.bulk_save_objects(saved).await?; // they have keys now: one UPDATE
    /// session.commit().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`bulk_save_objects`](Self::bulk_save_objects).
    pub async fn bulk_save_objects_returning<N: IntoModel>(
        &mut self,
        objects: impl IntoIterator<Item = N>,
    ) -> Result<Vec<N::Model>> {
        let mut objects: Vec<N::Model> = objects.into_iter().map(N::into_model).collect();
        let table = N::Model::def().table;
        let (sent, replies) = loop {
            let closed =
                N::Model::def().is_always_numbered() || self.engine.closed_sequences().contains(&table);
            let answer = if closed { Answer::OneByOne } else { Answer::Drawn };
            let (sent, was_open) =
                (bulk::save(&objects, answer, self.arena.criteria())?, self.in_transaction());
            match self.send_bulk::<N::Model>(&sent).await {
                Ok(replies) => break (sent, replies),
                // Where keys may not be drawn they come back with their rows; that is learned once.
                Err(error) if may_not_draw(&error) && self.engine.close_sequences(iter::once(table)) => {
                    if was_open {
                        return Err(error);
                    }
                    self.end_failed_bulk().await;
                }
                Err(error) => return Err(error),
            }
        };
        self.count_bulk::<N::Model>(&sent, &replies)?;
        bulk::fill(&mut objects, &sent, &replies)?;
        Ok(objects)
    }

    /// Sends statements in one flight of the transaction, which begins with them when there is none.
    async fn send_bulk<T: Model>(&mut self, sent: &[Sent]) -> Result<Vec<Reply>> {
        self.usable()?;
        if sent.is_empty() {
            return Ok(Vec::new());
        }
        self.arena.note_write();
        let replies =
            self.fly_inside(sent.iter().map(|sent| Request::Run(sent.statement.clone())), &mut []).await;
        let explain = |error| T::Base::registry().map_or_else(|wrong| wrong, |all| all.explain(error));
        replies.map_err(explain)
    }

    /// Counts what was written; after a miss a part of it is, so that the transaction has to be rolled back.
    fn count_bulk<T: Model>(&mut self, sent: &[Sent], replies: &[Reply]) -> Result<u64> {
        let count = bulk::written::<T>(sent, replies);
        self.failed = count.is_err();
        count
    }

    /// Ends the transaction that a failed bulk call began, for another try.
    async fn end_failed_bulk(&mut self) {
        if let Some(mut connection) = self.connection.take() {
            let _ = connection.rollback().await;
        }
        self.failed = false;
    }
}

fn may_not_draw(error: &Error) -> bool {
    matches!(error.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE | &SqlState::GENERATED_ALWAYS))
}
