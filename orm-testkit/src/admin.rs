//! What is done on the server rather than in a database of it: connect, create, drop.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, NoTls};

use crate::Error;

/// How long we wait for others to leave a database.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The connection lives in the caller's runtime until the client is dropped.
pub(crate) async fn connect(url: &str) -> Result<Client, Error> {
    let (client, connection) =
        tokio_postgres::connect(url, NoTls).await.map_err(Error::doing("connecting"))?;
    tokio::spawn(connection);
    Ok(client)
}

/// Makes a database as a copy of another one. Names here are our own, so they need no quotes.
pub(crate) async fn create(admin: &Client, name: &str, template: &str) -> Result<(), Error> {
    let strategy = strategy(admin).await?;
    let statement = format!("CREATE DATABASE {name} TEMPLATE {template}{strategy}");
    let deadline = Instant::now() + PATIENCE;
    let mut pause = Duration::from_millis(5);
    loop {
        match admin.batch_execute(&statement).await {
            Err(error) if error.code() == Some(&SqlState::OBJECT_IN_USE) && Instant::now() < deadline => {
                sleep(pause).await;
                pause = (pause * 2).min(Duration::from_millis(200));
            }
            outcome => return outcome.map_err(Error::doing("creating a test database")),
        }
    }
}

/// On servers like ours, which never wait for the disk, copying files is faster than going through the log, and so
/// is dropping the copy, of which no page is in memory. Elsewhere the server's own choice is best.
async fn strategy(admin: &Client) -> Result<&'static str, Error> {
    let statement = "SELECT current_setting('fsync') = 'off' \
        AND current_setting('server_version_num')::int >= 150000";
    let row = admin.query_one(statement, &[]).await.map_err(Error::doing("asking for settings"))?;
    Ok(if row.get(0) { " STRATEGY file_copy" } else { "" })
}

pub(crate) async fn drop_database(admin_url: &str, name: &str) -> Result<(), Error> {
    let admin = connect(admin_url).await?;
    let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    admin.batch_execute(&statement).await.map_err(Error::doing("dropping a test database"))
}
