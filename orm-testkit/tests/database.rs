//! Test databases are separate, copies of templates are whole, and both go away.

use std::io::{Read as _, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use orm_testkit::{Cluster, Server, TestDatabase};
use tokio_postgres::{Client, NoTls};

type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

async fn connect(url: &str) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn count(url: &str) -> Result<i64, tokio_postgres::Error> {
    Ok(connect(url).await?.query_one("SELECT count(*) FROM item", &[]).await?.get(0))
}

async fn fill(url: String) -> Result<(), tokio_postgres::Error> {
    let client = connect(&url).await?;
    client.batch_execute("CREATE TABLE item (id int PRIMARY KEY); INSERT INTO item VALUES (1), (2)").await
}

async fn exists(name: &str) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
    let client = connect(Server::shared()?.admin_url()).await?;
    Ok(client.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).await?.is_some())
}

#[tokio::test]
async fn copies_of_a_template_are_separate() -> Outcome {
    let one = TestDatabase::from_template("separate", fill).await?;
    let other = TestDatabase::from_template("separate", fill).await?;
    connect(one.url()).await?.batch_execute("DELETE FROM item").await?;
    assert_eq!((count(one.url()).await?, count(other.url()).await?), (0, 2));
    let third = TestDatabase::from_template("separate", fill).await?;
    assert_eq!(count(third.url()).await?, 2, "the template itself is as it was");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_at_once_fill_the_template_once() -> Outcome {
    static FILLED: AtomicUsize = AtomicUsize::new(0);
    let key = format!("sixteen-{}", std::process::id());
    let tasks = (0..16).map(|_| {
        let key = key.clone();
        tokio::spawn(async move {
            let database = TestDatabase::from_template(&key, async |url| {
                FILLED.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(50)).await;
                fill(url).await
            })
            .await?;
            assert_eq!(count(database.url()).await?, 2);
            database.close().await?;
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await??;
    }
    assert_eq!(FILLED.load(Ordering::SeqCst), 1);
    Ok(())
}

#[tokio::test]
async fn failed_template_is_filled_again() -> Outcome {
    let key = format!("failed-{}", std::process::id());
    let broken = async |url: String| {
        fill(url).await?;
        Err("out of paint".into()) as Outcome
    };
    let error = TestDatabase::from_template(&key, broken).await.unwrap_err();
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "out of paint");
    let database = TestDatabase::from_template(&key, fill).await?;
    assert_eq!(count(database.url()).await?, 2);
    Ok(())
}

/// Whoever fills a template may leave connections open; they are ended rather than waited for.
#[tokio::test]
async fn open_connection_does_not_hold_up_a_template() -> Outcome {
    let cluster = Cluster::private()?;
    let mut forgotten = None;
    let database = TestDatabase::from_template_at(&cluster.admin_url(), "open", async |url| {
        fill(url.clone()).await?;
        forgotten = Some(connect(&url).await?);
        Ok::<_, tokio_postgres::Error>(())
    })
    .await?;
    assert_eq!(count(database.url()).await?, 2);
    assert!(forgotten.unwrap().batch_execute("SELECT 1").await.is_err());
    Ok(())
}

#[tokio::test]
async fn database_is_dropped_though_in_use() -> Outcome {
    let database = TestDatabase::create().await?;
    let name = database.name().to_owned();
    let client = connect(database.url()).await?;
    client.batch_execute("BEGIN; CREATE TABLE half_done (id int)").await?;
    assert!(exists(&name).await?);
    drop(database);
    assert!(!exists(&name).await?);
    Ok(())
}

#[test]
fn database_outlives_the_runtime_that_made_it() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let database = runtime().block_on(TestDatabase::create()).unwrap();
    runtime().block_on(connect(database.url())).unwrap();
    let name = database.name().to_owned();
    drop(database);
    assert!(!runtime().block_on(exists(&name)).unwrap());
}

/// The server ends no database while somebody signs in. At the end of a test that may be a connection of its own pool, whose
/// runtime stands still: the test does not wait for it, and the database goes as soon as the connection does.
#[tokio::test]
async fn the_end_of_a_test_does_not_wait_for_who_is_signing_in() -> Outcome {
    let cluster = Cluster::builder().setting("authentication_timeout", "60s").start()?;
    let database = TestDatabase::create_at(&cluster.admin_url()).await?;
    let gone = format!("SELECT NOT EXISTS (SELECT FROM pg_database WHERE datname = '{}')", database.name());
    let mut signing_in = std::net::TcpStream::connect(("127.0.0.1", cluster.port()))?;
    let hello = b"\0\x03\0\0user\0postgres\0\0";
    signing_in.write_all(&u32::try_from(hello.len() + 4)?.to_be_bytes())?;
    signing_in.write_all(hello)?;
    signing_in.read_exact(&mut [0])?; // asks for the password

    let start = Instant::now();
    drop(database);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    drop(signing_in);
    let admin = connect(&cluster.admin_url()).await?;
    while !admin.query_one(&gone, &[]).await?.get::<_, bool>(0) {
        assert!(start.elapsed() < Duration::from_secs(40), "the database is still there");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}
