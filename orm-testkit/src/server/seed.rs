//! A data folder fresh from `initdb`, made once per version and copied for every server: a copy takes a tenth of
//! the time of `initdb`.

use std::fs;
use std::path::{Path, PathBuf};

use super::account::Account;
use super::find::Programs;
use super::folders;
use crate::ServerError;
use crate::error::Kind;

/// Changed when the way a seed is made changes, so that old ones are not taken for new ones.
const LAYOUT: &str = "1";

/// A data folder to copy, and the password of the superuser `postgres` in it.
#[derive(Debug)]
pub(crate) struct Seed {
    folder: PathBuf,
    password: String,
}

/// Tells the programs apart, among versions and builds, in names of folders.
pub(crate) fn key(programs: &Programs) -> String {
    let text = format!("{LAYOUT}\n{}\n{}", programs.folder().display(), programs.version());
    super::fingerprint(text.as_bytes())
}

impl Seed {
    /// The seed for these programs, made if need be.
    pub(crate) fn get(programs: &Programs, account: &Account) -> Result<Self, ServerError> {
        let cache = folders::cache(account)?;
        let name = format!("seed-{}-{}", programs.major(), key(programs));
        let folder = cache.join(&name);
        if !folder.is_dir() {
            folders::locked(&cache, &name, || {
                if folder.is_dir() { Ok(()) } else { make(&cache, &folder, programs, account) }
            })?;
        }
        let file = folder.join("password");
        let password =
            fs::read_to_string(&file).map_err(|error| ServerError::file("reading", &file, error))?;
        Ok(Self { folder, password })
    }

    pub(crate) fn password(&self) -> &str {
        &self.password
    }

    /// Copies the data folder.
    pub(crate) fn copy_to(&self, data: &Path, account: &Account) -> Result<(), ServerError> {
        copy(&self.folder.join("data"), data, account)
    }
}

fn make(cache: &Path, folder: &Path, programs: &Programs, account: &Account) -> Result<(), ServerError> {
    let draft = cache.join(format!("draft-{}", super::random(8)));
    let made = fill(&draft, programs, account).and_then(|()| {
        fs::rename(&draft, folder).map_err(|error| ServerError::file("making", folder, error))
    });
    if made.is_err() {
        let _ = fs::remove_dir_all(&draft);
    }
    made
}

fn fill(draft: &Path, programs: &Programs, account: &Account) -> Result<(), ServerError> {
    let failed = |error| ServerError::file("writing to", draft, error);
    folders::make(draft, account).map_err(failed)?;
    let (data, password) = (draft.join("data"), draft.join("password"));
    fs::create_dir(&data).map_err(failed)?;
    super::write_private(&password, &super::random(32)).map_err(failed)?;
    account.own(&data)?;
    account.own(&password)?;
    initdb(&data, &password, programs, account)
}

fn initdb(data: &Path, password: &Path, programs: &Programs, account: &Account) -> Result<(), ServerError> {
    let program = programs.program("initdb");
    let mut command = account.command(&program);
    command.arg("--pgdata").arg(data).arg("--pwfile").arg(password);
    command.args(["--username=postgres", "--encoding=UTF8", "--no-locale", "--no-sync"]);
    // The password is random and long: many rounds of hashing would only make every connection slow.
    if programs.major() >= 16 {
        command.args(["--auth=scram-sha-256", "--set=scram_iterations=1"]);
    } else {
        command.arg("--auth=md5");
    }
    let output = command.output().map_err(|source| Kind::Run { program, source })?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    Err(Kind::Initdb { output: String::from_utf8_lossy(&text).into_owned() }.into())
}

fn copy(from: &Path, to: &Path, account: &Account) -> Result<(), ServerError> {
    let failed = |error| ServerError::file("copying", from, error);
    fs::create_dir(to).map_err(failed)?;
    let permissions = fs::metadata(from).map_err(failed)?.permissions();
    fs::set_permissions(to, permissions).map_err(failed)?;
    account.own(to)?;
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let target = to.join(entry.file_name());
        if entry.file_type().map_err(failed)?.is_dir() {
            copy(&entry.path(), &target, account)?;
        } else {
            fs::copy(entry.path(), &target).map_err(failed)?;
            account.own(&target)?;
        }
    }
    Ok(())
}
