//! A private server can be stopped, killed and started again, and leaves nothing behind.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::Duration;

use orm_testkit::{Cluster, Error, TestDatabase};
use tokio_postgres::{Client, NoTls};

async fn connect(url: &str) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

#[tokio::test]
async fn committed_rows_survive_kill_9() -> Result<(), Box<dyn std::error::Error>> {
    let mut cluster = Cluster::builder().durable().start()?;
    let client = connect(&cluster.admin_url()).await?;
    client.batch_execute("CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)").await?;
    cluster.kill9()?;
    // A backend that is not waiting when the server dies may answer once more.
    let dead = async { while client.batch_execute("SELECT 1").await.is_ok() {} };
    tokio::time::timeout(Duration::from_secs(30), dead).await?;
    cluster.start()?;
    let client = connect(&cluster.admin_url()).await?;
    assert_eq!(client.query("SELECT id FROM kept", &[]).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn stopped_server_refuses_and_starts_again() -> Result<(), Box<dyn std::error::Error>> {
    let mut cluster = Cluster::private()?;
    let address = ("127.0.0.1", cluster.port());
    cluster.stop()?;
    assert_eq!(TcpStream::connect(address).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    assert!(cluster.process_id().is_none());
    cluster.start()?;
    connect(&cluster.admin_url()).await?;
    Ok(())
}

#[tokio::test]
async fn settings_and_access_take_effect() -> Result<(), Box<dyn std::error::Error>> {
    let cluster = Cluster::builder()
        .setting("application_name", "it's mine")
        .setting("fsync", "on")
        .access("host all guest 127.0.0.1/32 trust")
        .start()?;
    let client = connect(&cluster.admin_url()).await?;
    let shown: String = client.query_one("SELECT current_setting('application_name')", &[]).await?.get(0);
    assert_eq!(shown, "it's mine");
    client.batch_execute("CREATE ROLE guest LOGIN").await?;
    connect(&cluster.admin_url().replace("postgres:", "guest:").replacen("guest://", "postgresql://", 1))
        .await?;
    Ok(())
}

#[test]
fn password_is_asked_for() {
    let cluster = Cluster::private().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let stranger = format!("postgresql://postgres:guess@127.0.0.1:{}/postgres", cluster.port());
    let error = runtime.block_on(connect(&stranger)).unwrap_err();
    assert_eq!(error.code().unwrap().code(), "28P01");
}

#[test]
fn dropped_cluster_is_gone() {
    for is_killed in [false, true] {
        let mut cluster = Cluster::private().unwrap();
        let (folder, port) = (cluster.data_folder(), cluster.port());
        if is_killed {
            cluster.kill9().unwrap();
        }
        drop(cluster);
        assert!(!folder.parent().unwrap().exists(), "{}", folder.display());
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    }
}

#[test]
fn server_that_does_not_start_shows_its_log_and_leaves_nothing() {
    let error = Cluster::builder().setting("shared_buffers", "plenty").start().unwrap_err();
    assert!(error.to_string().contains("invalid value for parameter \"shared_buffers\""), "{error}");
    assert!(!error.is_not_found());
}

#[tokio::test]
async fn test_databases_can_be_made_on_it() -> Result<(), Error> {
    let cluster = Cluster::private()?;
    let database = TestDatabase::create_at(&cluster.admin_url()).await?;
    assert_eq!(database.url(), cluster.url(database.name()));
    Ok(())
}
