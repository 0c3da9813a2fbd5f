//! On a server that is not ours, what killed tests have left is dropped in time, and nothing else is touched.

use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use orm_testkit::{Cluster, Server, Source, TestDatabase};
use tokio_postgres::{Client, NoTls};

async fn connect(url: &str) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn databases(client: &Client) -> Result<Vec<String>, tokio_postgres::Error> {
    let statement = "SELECT datname::text FROM pg_database WHERE datname ~ '_' ORDER BY datname";
    Ok(client.query(statement, &[]).await?.iter().map(|row| row.get(0)).collect())
}

/// The test runs itself once more in a process that has `DATABASE_URL`; [`in_child`] is what that one does.
#[tokio::test]
async fn leftovers_are_dropped() -> Result<(), Box<dyn std::error::Error>> {
    if std::env::var_os("TESTKIT_CHILD").is_some() {
        return in_child().await;
    }
    let cluster = Cluster::private()?;
    let client = connect(&cluster.admin_url()).await?;
    let name = |age: u64| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        format!("ormtest_{:x}_{age}", (now - Duration::from_secs(age)).as_secs())
    };
    let (young, old, used) = (name(60), name(10_000), name(20_000));
    for name in [&young, &old, &used, &"mine_own".to_owned()] {
        client.batch_execute(&format!("CREATE DATABASE {name}")).await?;
    }
    let _user = connect(&cluster.url(&used)).await?;

    let status = Command::new(std::env::current_exe()?)
        .args(["--exact", "leftovers_are_dropped"])
        .env("TESTKIT_CHILD", "1")
        .env("DATABASE_URL", cluster.admin_url())
        .env_remove("ORM_TESTKIT_POSTGRES")
        .status()?;

    assert!(status.success());
    let mut expected = vec!["mine_own".to_owned(), used, young];
    expected.sort();
    assert_eq!(databases(&client).await?, expected);
    Ok(())
}

async fn in_child() -> Result<(), Box<dyn std::error::Error>> {
    let database = TestDatabase::create().await?;
    assert_eq!(*Server::shared()?.source(), Source::Url);
    connect(database.url()).await?;
    Ok(())
}
