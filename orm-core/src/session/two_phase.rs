//! The session's part of a two-phase commit.

use super::Session;
use crate::engine::{Gid, Request};
use crate::error::{Error, ErrorKind, Result};

impl Session {
    /// Writes everything that changed and prepares the transaction under a name: the server keeps it, whatever happens to
    /// this connection or to itself, until it is committed or rolled back.
    ///
    /// Afterwards the objects are as after a flush, the connection is free, and [`commit`](Self::commit) or
    /// [`rollback`](Self::rollback) ends the prepared transaction; nothing else can be sent before. So can
    /// [`Engine::commit_prepared`](crate::Engine::commit_prepared) anywhere else: the first of two phases over several databases is
    /// to prepare in all of them, the second to commit.
    ///
    /// Names are unique in the whole server. It has to allow preparing: `max_prepared_transactions` is 0 unless somebody set it.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let cluster = orm_testkit::Cluster::builder().setting("max_prepared_transactions", "4").start()?;
    /// # let shop = orm_testkit::TestDatabase::create_at(&cluster.admin_url()).await?;
    /// # let stock = orm_testkit::TestDatabase::create_at(&cluster.admin_url()).await?;
    /// # let (shop, stock) = (Engine::connect(shop.url()).await?, Engine::connect(stock.url()).await?);
    /// # Base::create_all(&shop).await?;
    /// # Base::create_all(&stock).await?;
    /// let (mut customers, mut products) = (shop.session(), stock.session());
    /// customers.add(Customer::builder().name("Ann").email("ann@example.org"));
    /// products.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    /// customers.prepare("order-1 shop").await?; // each says that it can commit
    /// products.prepare("order-1 stock").await?;
    /// customers.commit().await?; // and does
    /// products.commit().await?;
    /// assert_eq!(shop.count(select::<Customer>()).await? + stock.count(select::<Product>()).await?, 2);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`flush`](Self::flush); [`Encode`](ErrorKind::Encode) for a name that is empty or has more than 199 bytes,
    /// [`Config`](ErrorKind::Config) when the server prepares no (more) transactions, and
    /// [`PrepareOutcomeUnknown`](ErrorKind::PrepareOutcomeUnknown) when its answer did not come:
    /// [`Engine::prepared_transactions`](crate::Engine::prepared_transactions) tells.
    pub async fn prepare(&mut self, gid: &str) -> Result<()> {
        let gid = Gid::new(gid)?;
        if self.in_nested_transaction() {
            let why =
                "a savepoint is open, and preparing ends the whole transaction: end the savepoint first";
            return Err(Error::new(ErrorKind::Config, why));
        }
        self.ask_before_commit()?;
        self.flush().await?;
        let requests = self.begins().into_iter().chain([Request::Prepare(gid.prepare())]).collect();
        self.fly(requests).await.map_err(|error| gid.explain(error))?;
        self.prepared = Some(gid);
        self.tell_begin();
        Ok(())
    }

    /// Ends the prepared transaction, when there is one; `false` when there is none.
    pub(super) async fn end_prepared(&mut self, how: &str) -> Result<bool> {
        let Some(gid) = self.prepared.clone() else { return Ok(false) };
        let result = self.engine.end_prepared(how, &gid).await;
        if result.as_ref().is_err_and(|error| error.kind() == ErrorKind::NotFound) {
            // Somebody else ended it, and nobody can say how.
            (self.prepared, self.failed, self.commit_in_doubt) = (None, true, true);
        }
        result?;
        self.prepared = None;
        Ok(true)
    }
}
