//! Other processes that use the shared server, and a look at what they leave behind.

use std::fs::{self, Permissions};
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A place for servers that no other test knows, so that we see what is left in it.
#[derive(Debug)]
pub(crate) struct Place {
    folder: PathBuf,
    serve: PathBuf,
}

impl Place {
    pub(crate) fn new(name: &str) -> Self {
        let folder = Path::new("/tmp").join(format!("testkit-{name}-{}", std::process::id()));
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, Permissions::from_mode(0o1777)).unwrap();
        // A copy, because another user may not be able to reach the folder of the build. Made by another process:
        // what we write ourselves cannot be run while a process that another thread forks shares our open files.
        let serve = folder.join("serve");
        let mut copy = Command::new("cp");
        copy.arg(env!("CARGO_BIN_EXE_orm-testkit-serve")).arg(&serve);
        assert!(copy.status().unwrap().success());
        fs::set_permissions(&serve, Permissions::from_mode(0o755)).unwrap();
        Self { folder, serve }
    }

    /// A process that uses the shared server of this place.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.serve);
        command.env("TMPDIR", &self.folder).env_remove("DATABASE_URL");
        command
    }

    pub(crate) fn user(&self) -> User {
        User::start(self.command())
    }

    /// Folders of servers in this place.
    pub(crate) fn servers(&self) -> Vec<PathBuf> {
        self.parents().iter().flat_map(|parent| entries(parent)).collect()
    }

    /// Folders that hold servers; the cache, which stays, is none.
    fn parents(&self) -> Vec<PathBuf> {
        let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
        let is_parent = |name: String| name.starts_with("orm-testkit-") && !name.contains("cache");
        entries(&self.folder).into_iter().filter(|path| is_parent(name(path))).collect()
    }

    /// Command lines of processes that name this place: servers and keepers.
    pub(crate) fn processes(&self) -> Vec<String> {
        let output = Command::new("ps").args(["-ww", "-eo", "pid=,args="]).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let folder = self.folder.to_str().unwrap();
        let ours = text.lines().filter(|line| line.contains(folder) && !line.contains("/serve"));
        ours.map(|line| line.trim().to_owned()).collect()
    }

    /// Waits until neither process nor folder is left.
    #[track_caller]
    pub(crate) fn assert_clean(&self) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !(self.processes().is_empty() && self.parents().is_empty()) {
            assert!(Instant::now() < deadline, "left: {:?} {:?}", self.processes(), self.servers());
            sleep(Duration::from_millis(50));
        }
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A process that uses the shared server until this is dropped.
#[derive(Debug)]
pub(crate) struct User {
    process: Child,
    /// The process ends when this is closed.
    stdin: Option<ChildStdin>,
    pub(crate) url: String,
}

impl User {
    #[track_caller]
    pub(crate) fn start(mut command: Command) -> Self {
        let mut process =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut url).unwrap();
        let mut errors = String::new();
        if url.is_empty() {
            process.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        }
        assert!(url.starts_with("postgresql://"), "{errors}");
        Self { stdin: process.stdin.take(), process, url: url.trim().to_owned() }
    }

    /// Ends the process in good order.
    pub(crate) fn end(mut self) {
        self.stdin = None;
        assert!(self.process.wait().unwrap().success());
    }

    pub(crate) fn kill9(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for User {
    fn drop(&mut self) {
        self.stdin = None;
        let _ = self.process.wait();
    }
}

/// The version that the server at this URL states.
pub(crate) fn version_of(url: &str) -> Result<String, tokio_postgres::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
        tokio::spawn(connection);
        Ok(client.query_one("SHOW server_version", &[]).await?.get(0))
    })
}

/// `kill -9` by number.
pub(crate) fn kill9(process: &str) {
    assert!(Command::new("/bin/sh").args(["-c", "kill -9 \"$0\"", process]).status().unwrap().success());
}
