//! As whom the server runs. PostgreSQL refuses root, so a root user's server runs as somebody harmless.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use crate::ServerError;

/// The user that runs `initdb` and `postgres` and owns the data folders.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// `None`: we run it as ourselves.
    other: Option<Ids>,
}

#[derive(Debug, Clone, Copy)]
#[cfg_attr(not(unix), expect(dead_code, reason = "there is no root"))]
struct Ids {
    user: u32,
    group: u32,
}

impl Account {
    /// Ourselves, or `postgres` or `nobody` if we are root.
    pub(crate) fn find() -> Result<Self, ServerError> {
        imp::find().map(|other| Self { other })
    }

    /// Tells the users of this machine apart in names of folders.
    pub(crate) fn tag() -> String {
        imp::tag()
    }

    /// A command that runs as this user, in a folder that it may enter, and deaf to our own `PG…` variables.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            if is_postgres_variable(&name) {
                command.env_remove(name);
            }
        }
        command.env("LC_ALL", "C").env("TZ", "UTC");
        imp::run_as(&mut command, self.other);
        command
    }

    /// Hands a file or folder over to this user.
    pub(crate) fn own(&self, path: &Path) -> Result<(), ServerError> {
        imp::own(path, self.other).map_err(|error| ServerError::file("changing the owner of", path, error))
    }

    /// Whether this user may enter the folder and all above it.
    pub(crate) fn may_enter(&self, folder: &Path) -> bool {
        self.other.is_none() || folder.ancestors().all(imp::is_open_to_all)
    }

    /// Permission bits for a folder in which this user has a folder: nobody else can list it.
    #[cfg(unix)]
    pub(crate) fn parent_mode(&self) -> u32 {
        if self.other.is_some() { 0o711 } else { 0o700 }
    }
}

fn is_postgres_variable(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with("PG"))
}

#[cfg(unix)]
mod imp {
    use super::Ids;
    use crate::ServerError;
    use crate::error::Kind;
    use std::fs;
    use std::io;
    use std::os::unix::fs::{PermissionsExt as _, chown};
    use std::os::unix::process::CommandExt as _;
    use std::path::Path;
    use std::process::Command;

    pub(super) fn find() -> Result<Option<Ids>, ServerError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let ids = ["postgres", "nobody"].into_iter().find_map(|name| ids(&accounts, name));
        ids.map(Some).ok_or_else(|| Kind::NoAccount.into())
    }

    /// Reads `name:x:user:group:…`.
    fn ids(accounts: &str, name: &str) -> Option<Ids> {
        let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        let user = fields.next()?.parse().ok().filter(|&user| user != 0)?;
        let group = fields.next()?.parse().ok()?;
        Some(Ids { user, group })
    }

    pub(super) fn tag() -> String {
        rustix::process::geteuid().as_raw().to_string()
    }

    pub(super) fn run_as(command: &mut Command, other: Option<Ids>) {
        command.current_dir("/");
        // A group of its own: Ctrl-C in the terminal is for the tests, not for the server.
        command.process_group(0);
        if let Some(ids) = other {
            command.uid(ids.user).gid(ids.group);
        }
    }

    pub(super) fn own(path: &Path, other: Option<Ids>) -> io::Result<()> {
        other.map_or(Ok(()), |ids| chown(path, Some(ids.user), Some(ids.group)))
    }

    pub(super) fn is_open_to_all(folder: &Path) -> bool {
        fs::metadata(folder).is_ok_and(|folder| folder.permissions().mode() & 0o001 != 0)
    }

    #[cfg(test)]
    mod tests {
        use super::ids;

        #[test]
        fn accounts_are_read() {
            let accounts =
                "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65533:nobody:/:/bin/false\npostgres:x:0:0::/:\n";
            let nobody = ids(accounts, "nobody").unwrap();
            assert_eq!((nobody.user, nobody.group), (65534, 65533));
            assert!(ids(accounts, "postgres").is_none(), "a second name of root is no help");
            assert!(ids(accounts, "nob").is_none());
        }
    }
}

#[cfg(not(unix))]
mod imp {
    use super::Ids;
    use crate::ServerError;
    use std::io;
    use std::path::Path;
    use std::process::Command;

    pub(super) fn find() -> Result<Option<Ids>, ServerError> {
        Ok(None)
    }

    pub(super) fn tag() -> String {
        let name = std::env::var("USERNAME").unwrap_or_default();
        name.chars().filter(char::is_ascii_alphanumeric).collect()
    }

    pub(super) fn run_as(_: &mut Command, _: Option<Ids>) {}

    pub(super) fn own(_: &Path, _: Option<Ids>) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn is_open_to_all(_: &Path) -> bool {
        true
    }
}
