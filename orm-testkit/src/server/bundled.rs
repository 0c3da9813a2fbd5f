//! The PostgreSQL inside this crate: `initdb`, `postgres` and what they need, unpacked once per user and version.

use std::path::{Path, PathBuf};

use super::account::Account;
use crate::ServerError;

/// Whether a runtime for this system is inside.
pub(crate) const IS_THERE: bool = cfg!(bundled_runtime);

/// The folder with the programs, unpacked if need be.
#[cfg(bundled_runtime)]
pub(crate) fn programs(account: &Account) -> Result<PathBuf, ServerError> {
    let cache = super::folders::cache(account)?;
    let name = format!("bundled-{}", super::fingerprint(ARCHIVE));
    let folder = cache.join(&name);
    if !folder.is_dir() {
        super::folders::locked(&cache, &name, || {
            if folder.is_dir() { Ok(()) } else { unpack(&cache, &folder) }
        })?;
    }
    Ok(folder.join("bin"))
}

#[cfg(not(bundled_runtime))]
pub(crate) fn programs(_: &Account) -> Result<PathBuf, ServerError> {
    let looked = vec!["none comes with this crate for this system".to_owned()];
    Err(crate::error::Kind::NotFound { looked }.into())
}

#[cfg(bundled_runtime)]
const ARCHIVE: &[u8] = include_bytes!(env!("ORM_TESTKIT_ARCHIVE"));

/// Unpacks beside the final place and renames, so that no half-unpacked folder is ever taken for a whole one.
#[cfg(bundled_runtime)]
fn unpack(cache: &Path, folder: &Path) -> Result<(), ServerError> {
    let draft = cache.join(format!("draft-{}", super::random(8)));
    let failed = |error| ServerError::file("unpacking PostgreSQL to", folder, error);
    let stream =
        ruzstd::decoding::StreamingDecoder::new(ARCHIVE).map_err(std::io::Error::other).map_err(failed)?;
    let mut archive = tar::Archive::new(stream);
    archive.set_preserve_mtime(false);
    let unpacked =
        archive.unpack(&draft).and_then(|()| open_to_all(&draft)).map(|()| wait_until_runnable(&draft));
    unpacked.and_then(|()| std::fs::rename(&draft, folder)).map_err(|error| {
        let _ = std::fs::remove_dir_all(&draft);
        failed(error)
    })
}

/// A program cannot be started while somebody has it open for writing. We have closed it, but a process that another
/// thread has just forked holds a copy of our open files until it becomes another program.
#[cfg(bundled_runtime)]
fn wait_until_runnable(folder: &Path) {
    for name in ["initdb", "postgres"] {
        let program = super::find::program(&folder.join("bin"), name);
        for _ in 0..1000 {
            let outcome = std::process::Command::new(&program).arg("--version").output();
            if !outcome.is_err_and(|error| error.kind() == std::io::ErrorKind::ExecutableFileBusy) {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }
}

/// The server's user must be able to read the programs, whatever our umask.
#[cfg(all(bundled_runtime, unix))]
fn open_to_all(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = std::fs::symlink_metadata(path)?;
    if metadata.is_symlink() {
        return Ok(());
    }
    let executable = metadata.is_dir() || metadata.permissions().mode() & 0o100 != 0;
    let mode = if executable { 0o755 } else { 0o644 };
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))?;
    if metadata.is_dir() {
        for entry in std::fs::read_dir(path)? {
            open_to_all(&entry?.path())?;
        }
    }
    Ok(())
}

#[cfg(all(bundled_runtime, not(unix)))]
fn open_to_all(_: &Path) -> std::io::Result<()> {
    Ok(())
}
