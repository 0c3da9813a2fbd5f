//! A whole server of one's own, for tests that stop it, kill it or set it up in their own way.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::ServerError;
use crate::server::account::Account;
use crate::server::find::{self, Programs};
use crate::server::keeper::{Gate, Grace};
use crate::server::local_url;
use crate::server::process::{End, Process, is_predecessor_alive};
use crate::server::seed::Seed;
use crate::server::settings::{self, Durability};
use crate::server::shared::prepare;

/// A PostgreSQL server that nobody else uses. It ends when this is dropped, or when the process is killed.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use tokio_postgres::NoTls;
/// let mut cluster = orm_testkit::Cluster::private()?;
/// let (_client, connection) = tokio_postgres::connect(&cluster.admin_url(), NoTls).await?;
/// let connection = tokio::spawn(connection);
/// cluster.kill9()?;
/// assert!(connection.await?.is_err());
/// cluster.restart()?; // on the same port, with the same data
/// tokio_postgres::connect(&cluster.admin_url(), NoTls).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Cluster {
    process: Option<Process>,
    port: u16,
    folder: PathBuf,
    password: String,
    programs: Programs,
    account: Account,
    gate: Gate,
}

/// Settings for a [`Cluster`]; made by [`Cluster::builder`].
///
/// ```
/// # fn main() -> Result<(), orm_testkit::ServerError> {
/// let cluster = orm_testkit::Cluster::builder()
///     .durable() // a committed transaction survives `kill9`
///     .setting("max_connections", "10")
///     .access("host replication all 127.0.0.1/32 trust")
///     .start()?;
/// # drop(cluster);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ClusterBuilder {
    durability: Durability,
    settings: Vec<(String, String)>,
    access: String,
}

impl ClusterBuilder {
    /// Keeps PostgreSQL's own settings for durability, where the default is `fsync = off` and the like.
    ///
    /// ```
    /// let builder = orm_testkit::Cluster::builder().durable();
    /// ```
    #[must_use]
    pub fn durable(mut self) -> Self {
        self.durability = Durability::Durable;
        self
    }

    /// A line `name = 'value'` for `postgresql.conf`. A later one wins.
    ///
    /// ```
    /// let builder = orm_testkit::Cluster::builder().setting("idle_in_transaction_session_timeout", "100ms");
    /// ```
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A line for `pg_hba.conf`, before those that are there.
    ///
    /// ```
    /// let builder = orm_testkit::Cluster::builder().access("host all all 127.0.0.1/32 trust");
    /// ```
    #[must_use]
    pub fn access(mut self, line: &str) -> Self {
        let _ = writeln!(self.access, "{line}");
        self
    }

    /// Starts the server and waits until it takes connections. Blocks for some tenths of a second.
    ///
    /// # Errors
    ///
    /// There is no PostgreSQL to start (`DATABASE_URL` does not help here), or it does not start.
    ///
    /// ```
    /// assert!(orm_testkit::Cluster::builder().start().is_ok());
    /// ```
    pub fn start(self) -> Result<Cluster, ServerError> {
        let account = Account::find()?;
        let programs = find::find_programs(&account)?;
        let seed = Seed::get(&programs, &account)?;
        let (folder, gate) = prepare("private", Grace::None, &seed, &account)?;
        let password = seed.password().to_owned();
        // From here on dropping this cleans up.
        let mut cluster = Cluster { process: None, port: 0, folder, password, programs, account, gate };
        let data = cluster.data_folder();
        settings::write(&data, self.durability, &self.settings)?;
        put_before(&data.join("pg_hba.conf"), &self.access)?;
        let process = Process::start(&cluster.programs, &cluster.account, &cluster.folder)?;
        cluster.port = process.port();
        cluster.process = Some(process);
        Ok(cluster)
    }
}

fn put_before(file: &Path, text: &str) -> Result<(), ServerError> {
    let old = fs::read_to_string(file).map_err(|error| ServerError::file("reading", file, error))?;
    fs::write(file, format!("{text}{old}")).map_err(|error| ServerError::file("writing", file, error))
}

impl Cluster {
    /// Starts a server with the settings of the shared one.
    ///
    /// # Errors
    ///
    /// As for [`ClusterBuilder::start`].
    ///
    /// ```
    /// # fn main() -> Result<(), orm_testkit::ServerError> {
    /// let cluster = orm_testkit::Cluster::private()?;
    /// assert!(cluster.is_running());
    /// # Ok(())
    /// # }
    /// ```
    pub fn private() -> Result<Self, ServerError> {
        Self::builder().start()
    }

    /// For a server with other settings.
    ///
    /// ```
    /// let builder = orm_testkit::Cluster::builder().setting("max_connections", "5");
    /// ```
    pub fn builder() -> ClusterBuilder {
        ClusterBuilder { durability: Durability::Fast, settings: Vec::new(), access: String::new() }
    }

    /// The URL of a database of this server, for its superuser. It stays the same over restarts.
    ///
    /// ```
    /// # fn main() -> Result<(), orm_testkit::ServerError> {
    /// let cluster = orm_testkit::Cluster::private()?;
    /// assert!(cluster.url("shop").ends_with(&format!("@127.0.0.1:{}/shop", cluster.port())));
    /// # Ok(())
    /// # }
    /// ```
    pub fn url(&self, database: &str) -> String {
        local_url(self.port, &self.password, database)
    }

    /// The URL of the database `postgres`.
    ///
    /// ```
    /// # fn main() -> Result<(), orm_testkit::ServerError> {
    /// assert!(orm_testkit::Cluster::private()?.admin_url().ends_with("/postgres"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn admin_url(&self) -> String {
        self.url("postgres")
    }

    /// The port on 127.0.0.1.
    ///
    /// ```
    /// # fn main() -> Result<(), orm_testkit::ServerError> {
    /// let cluster = orm_testkit::Cluster::private()?;
    /// assert!(std::net::TcpStream::connect(("127.0.0.1", cluster.port())).is_ok());
    /// # Ok(())
    /// # }
    /// ```
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The data folder. It is gone once the cluster is dropped.
    ///
    /// ```
    /// # fn main() -> Result<(), orm_testkit::ServerError> {
    /// let cluster = orm_testkit::Cluster::private()?;
    /// assert!(cluster.data_folder().join("PG_VERSION").is_file());
    /// # Ok(())
    /// # }
    /// ```
    pub fn data_folder(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The folder with the programs (`postgres`, `initdb`, and the others if it is an installed PostgreSQL).
    ///
    /// ```
    /// # fn main() -> Result<(), orm_testkit::ServerError> {
    /// let cluster = orm_testkit::Cluster::private()?;
    /// assert!(cluster.programs_folder().is_dir());
    /// # Ok(())
    /// # }
    /// ```
    pub fn programs_folder(&self) -> &Path {
        self.programs.folder()
    }

    /// All that the server has written to its log.
    ///
    /// ```
    /// # fn main() -> Result<(), orm_testkit::ServerError> {
    /// let cluster = orm_testkit::Cluster::private()?;
    /// assert!(cluster.log().contains("ready to accept connections"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn log(&self) -> String {
        let bytes = fs::read(self.folder.join("log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The number of the server's main process while it runs.
    ///
    /// ```
    /// # fn main() -> Result<(), orm_testkit::ServerError> {
    /// let mut cluster = orm_testkit::Cluster::private()?;
    /// let before = cluster.process_id();
    /// cluster.restart()?;
    /// assert_ne!(cluster.process_id(), before);
    /// # Ok(())
    /// # }
    /// ```
    pub fn process_id(&self) -> Option<u32> {
        self.process.as_ref().map(Process::id)
    }

    /// Whether the server has been started and not been stopped or killed through this value.
    ///
    /// ```
    /// # fn main() -> Result<(), orm_testkit::ServerError> {
    /// let mut cluster = orm_testkit::Cluster::private()?;
    /// cluster.stop()?;
    /// assert!(!cluster.is_running());
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_running(&self) -> bool {
        self.process.is_some()
    }

    /// Stops the server in good order, as `pg_ctl stop -m fast` does; no error if it is stopped.
    ///
    /// # Errors
    ///
    /// It does not stop in time.
    ///
    /// ```
    /// # fn main() -> Result<(), orm_testkit::ServerError> {
    /// let mut cluster = orm_testkit::Cluster::private()?;
    /// cluster.stop()?;
    /// cluster.stop()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn stop(&mut self) -> Result<(), ServerError> {
        self.end(End::Fast)
    }

    /// Kills the server's main process with `kill -9`, as a crash would; its sessions end as they notice.
    ///
    /// # Errors
    ///
    /// It is not gone in time.
    ///
    /// ```
    /// # fn main() -> Result<(), orm_testkit::ServerError> {
    /// let mut cluster = orm_testkit::Cluster::private()?;
    /// cluster.kill9()?;
    /// cluster.start()?;
    /// assert!(cluster.log().contains("database system was not properly shut down"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn kill9(&mut self) -> Result<(), ServerError> {
        self.end(End::Kill)
    }

    fn end(&mut self, how: End) -> Result<(), ServerError> {
        if let Some(process) = &mut self.process {
            process.end(how)?;
        }
        self.process = None;
        Ok(())
    }

    /// Starts the server again on its port, with its data; no error if it runs.
    ///
    /// # Errors
    ///
    /// It does not start.
    ///
    /// ```
    /// # fn main() -> Result<(), orm_testkit::ServerError> {
    /// let mut cluster = orm_testkit::Cluster::private()?;
    /// cluster.stop()?;
    /// cluster.start()?;
    /// assert!(cluster.is_running());
    /// # Ok(())
    /// # }
    /// ```
    pub fn start(&mut self) -> Result<(), ServerError> {
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.process.is_none() {
            match Process::start_at(self.port, &self.programs, &self.account, &self.folder) {
                Ok(process) => self.process = Some(process),
                Err(error) if is_predecessor_alive(&error) && Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// [`stop`](Self::stop) and [`start`](Self::start).
    ///
    /// # Errors
    ///
    /// It does not stop or does not start.
    ///
    /// ```
    /// # fn main() -> Result<(), orm_testkit::ServerError> {
    /// let mut cluster = orm_testkit::Cluster::private()?;
    /// let port = cluster.port();
    /// cluster.restart()?;
    /// assert_eq!(cluster.port(), port);
    /// # Ok(())
    /// # }
    /// ```
    pub fn restart(&mut self) -> Result<(), ServerError> {
        self.stop()?;
        self.start()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.end(End::Immediate);
        self.gate.close();
    }
}
