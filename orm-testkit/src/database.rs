//! Databases for tests: each test its own, gone when the test ends.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio_postgres::Client;

use crate::admin::{connect, create, drop_database};
use crate::server::random;
use crate::template::Template;
use crate::url::with_database;
use crate::{Error, Server, Source};

/// A database of its own for one test; dropped, with all connections to it, when this value is.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use orm_testkit::TestDatabase;
/// # use tokio_postgres::NoTls;
/// // Filled once; every test that asks for "shop" gets a copy, in some tens of milliseconds.
/// let database = TestDatabase::from_template("shop", async |url| {
///     let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
///     tokio::spawn(connection);
///     client.batch_execute("CREATE TABLE item (id bigint PRIMARY KEY)").await
/// })
/// .await?;
/// let (client, connection) = tokio_postgres::connect(database.url(), NoTls).await?;
/// tokio::spawn(connection);
/// client.execute("INSERT INTO item VALUES (1)", &[]).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    url: String,
    admin_url: String,
    is_dropped: bool,
}

/// Names of test databases begin so, then comes the time in seconds since 1970, in hexadecimal digits.
const PREFIX: &str = "ormtest_";
/// A server of `DATABASE_URL` is not ours to throw away: what killed tests left there is dropped after this time.
const LEFTOVER: Duration = Duration::from_secs(3600);

impl TestDatabase {
    /// An empty database on the shared server.
    ///
    /// # Errors
    ///
    /// There is no server, or it refuses.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), orm_testkit::Error> {
    /// let database = orm_testkit::TestDatabase::create().await?;
    /// assert!(database.url().ends_with(database.name()));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create() -> Result<Self, Error> {
        Self::create_at(shared_admin_url().await?).await
    }

    /// An empty database on another server, such as a [`Cluster`](crate::Cluster).
    ///
    /// # Errors
    ///
    /// The server cannot be reached or refuses.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), orm_testkit::Error> {
    /// let cluster = orm_testkit::Cluster::private()?;
    /// let database = orm_testkit::TestDatabase::create_at(&cluster.admin_url()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_at(admin_url: &str) -> Result<Self, Error> {
        let admin = connect(admin_url).await?;
        Self::copy(&admin, admin_url, "template0").await
    }

    /// A copy of a template on the shared server. The first test that asks for the template fills it, in whatever
    /// process; the others wait for that. `fill` gets the URL of the empty template.
    ///
    /// The template is known by its `key` as long as the server runs. With `DATABASE_URL` that is for ever: let the
    /// key tell what is filled in (a hash of the schema, say), so that a change makes a new template.
    ///
    /// # Errors
    ///
    /// There is no server, or it refuses, or `fill` gives an error (then the next test tries again).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use orm_testkit::TestDatabase;
    /// let error = TestDatabase::from_template("broken", async |_url| Err("no such file")).await.unwrap_err();
    /// assert_eq!(error.to_string(), "filling the template `broken` failed");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn from_template<E>(
        key: &str,
        fill: impl AsyncFnOnce(String) -> Result<(), E>,
    ) -> Result<Self, Error>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        Self::from_template_at(shared_admin_url().await?, key, fill).await
    }

    /// [`from_template`](Self::from_template) on another server, such as a [`Cluster`](crate::Cluster).
    ///
    /// # Errors
    ///
    /// The server cannot be reached or refuses, or `fill` gives an error.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), orm_testkit::Error> {
    /// # use orm_testkit::TestDatabase;
    /// let cluster = orm_testkit::Cluster::private()?;
    /// let url = cluster.admin_url();
    /// let database = TestDatabase::from_template_at(&url, "empty", async |_| Ok::<_, String>(())).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn from_template_at<E>(
        admin_url: &str,
        key: &str,
        fill: impl AsyncFnOnce(String) -> Result<(), E>,
    ) -> Result<Self, Error>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let admin = connect(admin_url).await?;
        let template = Template::new(key);
        template.ensure(&admin, admin_url, fill).await?;
        Self::copy(&admin, admin_url, template.name()).await
    }

    async fn copy(admin: &Client, admin_url: &str, template: &str) -> Result<Self, Error> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let name = format!("{PREFIX}{now:x}_{}", random(12));
        let url = with_database(admin_url, &name).ok_or(Error::MalformedUrl)?;
        create(admin, &name, template).await?;
        Ok(Self { name, url, admin_url: admin_url.to_owned(), is_dropped: false })
    }

    /// The URL to connect to.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let database = orm_testkit::TestDatabase::create().await?;
    /// tokio_postgres::connect(database.url(), tokio_postgres::NoTls).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The name of the database; no other test has it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), orm_testkit::Error> {
    /// let (one, other) = (orm_testkit::TestDatabase::create().await?, orm_testkit::TestDatabase::create().await?);
    /// assert_ne!(one.name(), other.name());
    /// # Ok(())
    /// # }
    /// ```
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Drops the database now, without blocking, and tells if that fails (dropping the value blocks its thread for
    /// some milliseconds and keeps quiet).
    ///
    /// # Errors
    ///
    /// The server cannot be reached or refuses.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), orm_testkit::Error> {
    /// let database = orm_testkit::TestDatabase::create().await?;
    /// let url = database.url().to_owned();
    /// database.close().await?;
    /// assert!(tokio_postgres::connect(&url, tokio_postgres::NoTls).await.is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn close(mut self) -> Result<(), Error> {
        self.is_dropped = true;
        drop_database(&self.admin_url, &self.name).await
    }
}

/// How long the end of a test waits for the end of its database, which goes on without it.
pub(crate) const DROP_LIMIT: Duration = Duration::from_secs(1);

impl Drop for TestDatabase {
    /// On a thread of its own: we may be inside a runtime, and that may be about to end. Not for as long as it takes: the
    /// server waits until everybody who is signing in is done, and that may be a connection of the very runtime that
    /// stands still while we wait.
    fn drop(&mut self) {
        if self.is_dropped {
            return;
        }
        let (admin_url, name) = (std::mem::take(&mut self.admin_url), std::mem::take(&mut self.name));
        let (done, is_done) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let dropped = runtime.map(|runtime| runtime.block_on(drop_database(&admin_url, &name)));
            done.send(dropped.is_ok())
        });
        let _ = is_done.recv_timeout(DROP_LIMIT);
    }
}

async fn shared_admin_url() -> Result<&'static str, Error> {
    let server = Server::shared_async().await?;
    if *server.source() == Source::Url {
        drop_leftovers(server.admin_url()).await?;
    }
    Ok(server.admin_url())
}

/// Drops databases of tests that were killed, once per process.
async fn drop_leftovers(admin_url: &str) -> Result<(), Error> {
    static DONE: std::sync::Once = std::sync::Once::new();
    let mut is_first = false;
    DONE.call_once(|| is_first = true);
    if !is_first {
        return Ok(());
    }
    let admin = connect(admin_url).await?;
    let statement = "SELECT datname FROM pg_database d WHERE starts_with(datname, $1) \
        AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)";
    let rows =
        admin.query(statement, &[&PREFIX]).await.map_err(Error::doing("looking for old test databases"))?;
    let names = rows.iter().map(|row| row.get::<_, &str>(0));
    for name in names.filter(|name| is_leftover(name)) {
        // Another process may be doing the same.
        let _ = admin.batch_execute(&format!("DROP DATABASE IF EXISTS \"{name}\"")).await;
    }
    Ok(())
}

fn is_leftover(name: &str) -> bool {
    let made = name.strip_prefix(PREFIX).and_then(|rest| rest.split('_').next());
    let made = made.and_then(|made| u64::from_str_radix(made, 16).ok());
    made.is_some_and(|made| {
        (UNIX_EPOCH + Duration::from_secs(made)).elapsed().is_ok_and(|age| age > LEFTOVER)
    })
}
