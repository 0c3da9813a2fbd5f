//! Where files go: a cache that stays (unpacked runtime, fresh data folders), and a folder for running servers that
//! goes away with the last of them.

use std::env;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::account::Account;
use crate::ServerError;
use crate::error::Kind;

/// The cache folder of this user, made if need be.
pub(crate) fn cache(account: &Account) -> Result<PathBuf, ServerError> {
    let mut candidates = Vec::new();
    candidates.extend(env::var_os("XDG_CACHE_HOME").map(PathBuf::from));
    candidates.extend(env::home_dir().map(|home| home.join(CACHE_IN_HOME)));
    candidates.push(PathBuf::from("/var/cache")); // root, whose home is closed to the server's user
    let mut candidates: Vec<_> = candidates.iter().map(|folder| folder.join("orm-testkit")).collect();
    let tag = Account::tag();
    candidates.extend(temporary().map(|folder| folder.join(format!("orm-testkit-cache-{tag}"))));
    first_usable("the cache", &candidates, account)
}

#[cfg(target_os = "macos")]
const CACHE_IN_HOME: &str = "Library/Caches";
#[cfg(windows)]
const CACHE_IN_HOME: &str = "AppData/Local";
#[cfg(not(any(target_os = "macos", windows)))]
const CACHE_IN_HOME: &str = ".cache";

/// The folder of this user's running servers, made if need be.
///
/// In memory where there is plenty of it and nobody has said otherwise with `TMPDIR`: making a database means
/// copying a thousand files, and dropping it means removing them.
pub(crate) fn running(account: &Account) -> Result<PathBuf, ServerError> {
    let name = format!("orm-testkit-{}", Account::tag());
    let memory = Some(PathBuf::from("/dev/shm")).filter(|it| is_unset("TMPDIR") && is_roomy(it));
    let candidates: Vec<_> = memory.into_iter().chain(temporary()).map(|folder| folder.join(&name)).collect();
    first_usable("the server", &candidates, account)
}

fn is_unset(variable: &str) -> bool {
    env::var_os(variable).is_none_or(|value| value.is_empty())
}

#[cfg(target_os = "linux")]
fn is_roomy(folder: &Path) -> bool {
    const ROOM: u64 = 4 << 30;
    rustix::fs::statvfs(folder).is_ok_and(|it| it.f_bavail.saturating_mul(it.f_frsize) >= ROOM)
}

#[cfg(not(target_os = "linux"))]
fn is_roomy(_: &Path) -> bool {
    false
}

fn temporary() -> impl Iterator<Item = PathBuf> {
    let fixed = ["/tmp", "/var/tmp"].map(PathBuf::from).into_iter().filter(|_| cfg!(unix));
    std::iter::once(env::temp_dir()).chain(fixed)
}

fn first_usable(
    purpose: &'static str,
    candidates: &[PathBuf],
    account: &Account,
) -> Result<PathBuf, ServerError> {
    let usable = candidates.iter().find(|folder| folder.is_absolute() && is_usable(folder, account));
    let tried = || candidates.iter().map(|folder| folder.display().to_string()).collect();
    usable.cloned().ok_or_else(|| Kind::NoFolder { purpose, tried: tried() }.into())
}

fn is_usable(folder: &Path, account: &Account) -> bool {
    folder
        .parent()
        .is_some_and(|parent| parent.is_dir() || parent.ends_with(CACHE_IN_HOME) && is_made(parent))
        && make(folder, account).is_ok()
        && is_ours(folder)
        && account.may_enter(folder)
        && is_writable(folder)
}

fn is_made(folder: &Path) -> bool {
    fs::create_dir_all(folder).is_ok()
}

fn is_writable(folder: &Path) -> bool {
    let probe = folder.join(format!("probe-{}", super::random(8)));
    File::create_new(&probe).is_ok() && fs::remove_file(&probe).is_ok()
}

/// Makes a folder that others cannot list; no error if it is there already.
pub(crate) fn make(folder: &Path, account: &Account) -> io::Result<()> {
    match private_builder(account).create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        outcome => outcome,
    }
}

#[cfg(unix)]
fn private_builder(account: &Account) -> fs::DirBuilder {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut builder = fs::DirBuilder::new();
    builder.mode(account.parent_mode());
    builder
}

/// Temporary folders of users are private there.
#[cfg(not(unix))]
fn private_builder(_: &Account) -> fs::DirBuilder {
    fs::DirBuilder::new()
}

/// In a folder for all, such as `/tmp`, somebody else may have taken the name: then it is not for us.
#[cfg(unix)]
fn is_ours(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let us = rustix::process::geteuid().as_raw();
    fs::symlink_metadata(folder).is_ok_and(|it| it.is_dir() && it.uid() == us && it.mode() & 0o022 == 0)
}

#[cfg(not(unix))]
fn is_ours(folder: &Path) -> bool {
    folder.is_dir()
}

/// Runs `work` while holding a lock among the processes of this user.
pub(crate) fn locked<T>(
    cache: &Path,
    name: &str,
    work: impl FnOnce() -> Result<T, ServerError>,
) -> Result<T, ServerError> {
    let path = cache.join(format!("{name}.lock"));
    let failed = |error| ServerError::file("locking", &path, error);
    let file = File::options().create(true).append(true).open(&path).map_err(failed)?;
    file.lock().map_err(failed)?;
    work()
}
