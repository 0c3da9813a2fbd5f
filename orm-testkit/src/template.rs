//! Templates: filled once per server, by whichever test of whichever process comes first.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_postgres::Client;

use crate::Error;
use crate::admin::{PATIENCE, create};
use crate::server::fingerprint;
use crate::url::with_database;

/// Names of templates begin so.
const PREFIX: &str = "ormtemplate_";

/// A database that is filled once and copied often. That it is complete is marked in the catalogue of the server
/// itself (`datistemplate`), so the mark lives exactly as long as the thing.
#[derive(Debug)]
pub(crate) struct Template<'a> {
    key: &'a str,
    name: String,
    lock: i64,
}

impl<'a> Template<'a> {
    pub(crate) fn new(key: &'a str) -> Self {
        let fingerprint = fingerprint(key.as_bytes());
        let lock = i64::from_str_radix(&fingerprint[..15], 16).unwrap_or_default();
        Self { key, name: format!("{PREFIX}{fingerprint}"), lock }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Fills the template unless that is done. Of all who come at once one fills it and the others wait.
    pub(crate) async fn ensure<E>(
        &self,
        admin: &Client,
        admin_url: &str,
        fill: impl AsyncFnOnce(String) -> Result<(), E>,
    ) -> Result<(), Error>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        if self.is_complete(admin).await? {
            return Ok(());
        }
        self.lock(admin).await?;
        if !self.is_complete(admin).await? {
            let url = self.begin(admin, admin_url).await?;
            fill(url).await.map_err(|error| self.failed(error.into()))?;
            self.complete(admin).await?;
        }
        self.unlock(admin).await
    }

    fn error(&self, doing: &str) -> impl FnOnce(tokio_postgres::Error) -> Error {
        Error::doing(format!("{doing} the template `{}`", self.key))
    }

    fn failed(&self, source: Box<dyn std::error::Error + Send + Sync>) -> Error {
        Error::Template { template: self.key.to_owned(), source }
    }

    async fn is_complete(&self, admin: &Client) -> Result<bool, Error> {
        let statement = "SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate";
        let row = admin.query_opt(statement, &[&self.name]).await;
        row.map(|row| row.is_some()).map_err(self.error("looking for"))
    }

    /// Belongs to the connection: if the process that fills the template is killed, the next one gets it.
    async fn lock(&self, admin: &Client) -> Result<(), Error> {
        let locked = admin.execute("SELECT pg_advisory_lock($1)", &[&self.lock]).await;
        locked.map(drop).map_err(self.error("locking"))
    }

    async fn unlock(&self, admin: &Client) -> Result<(), Error> {
        let unlocked = admin.execute("SELECT pg_advisory_unlock($1)", &[&self.lock]).await;
        unlocked.map(drop).map_err(self.error("unlocking"))
    }

    async fn begin(&self, admin: &Client, admin_url: &str) -> Result<String, Error> {
        let url = with_database(admin_url, &self.name).ok_or(Error::MalformedUrl)?;
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        admin.batch_execute(&drop).await.map_err(self.error("dropping the incomplete"))?;
        create(admin, &self.name, "template0").await?;
        Ok(url)
    }

    /// Nobody can connect to a complete template, so nobody can be in the way of a copy.
    async fn complete(&self, admin: &Client) -> Result<(), Error> {
        let shut = format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", self.name);
        admin.batch_execute(&shut).await.map_err(self.error("completing"))?;
        self.wait_until_left(admin).await?;
        let mark = format!("ALTER DATABASE {} IS_TEMPLATE true", self.name);
        admin.batch_execute(&mark).await.map_err(self.error("completing"))
    }

    /// Ends the connections that `fill` has left open. Copying would wait for them too, in steps of 100 ms.
    async fn wait_until_left(&self, admin: &Client) -> Result<(), Error> {
        let statement = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1";
        let deadline = Instant::now() + PATIENCE;
        loop {
            let row = admin.query_one(statement, &[&self.name]).await.map_err(self.error("completing"))?;
            if row.get::<_, i64>(0) == 0 || Instant::now() > deadline {
                return Ok(());
            }
            sleep(Duration::from_millis(2)).await;
        }
    }
}
