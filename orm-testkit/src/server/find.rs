//! Which PostgreSQL to use: `DATABASE_URL`, an installed one, the bundled one.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::account::Account;
use super::bundled;
use crate::ServerError;
use crate::error::Kind;

/// Where a server comes from.
///
/// ```
/// # fn main() -> Result<(), orm_testkit::ServerError> {
/// match orm_testkit::Server::shared()?.source() {
///     orm_testkit::Source::Url => println!("the one of DATABASE_URL"),
///     orm_testkit::Source::Installed(programs) => println!("started from {}", programs.display()),
///     orm_testkit::Source::Bundled => println!("the one that comes with the crate"),
///     _ => unreachable!(),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// The server of `DATABASE_URL`, used as it is.
    Url,
    /// Started by us, from the installed programs in this folder.
    Installed(PathBuf),
    /// Started by us, from the programs that come with this crate.
    Bundled,
}

/// What the search found.
#[derive(Debug)]
pub(crate) enum Found {
    /// The URL of a running server.
    Url(String),
    /// Programs to start one.
    Programs(Programs),
}

/// `initdb` and `postgres` of one version.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    folder: PathBuf,
    version: String,
    source: Source,
}

impl Programs {
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The version as the program states it, such as `postgres (PostgreSQL) 17.5`.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    /// The first number of the version: 17 of 17.5.
    pub(crate) fn major(&self) -> u32 {
        major(&self.version)
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        program(&self.folder, name)
    }

    /// Asks the program for its version, as the user that will run it: this shows at once if it cannot.
    fn check(folder: PathBuf, source: Source, account: &Account) -> Result<Self, ServerError> {
        let postgres = program(&folder, "postgres");
        let version = ask_version(account.command(&postgres))
            .map_err(|error| Kind::Run { program: postgres, source: error })?;
        Ok(Self { folder, version, source })
    }
}

/// The oldest version with all that we use (`DROP DATABASE … WITH (FORCE)`).
const OLDEST: u32 = 13;

fn ask_version(mut postgres: Command) -> io::Result<String> {
    let output = postgres.arg("--version").output()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    let version = text(&output.stdout);
    if !output.status.success() {
        return Err(io::Error::other(text(&output.stderr)));
    }
    if major(&version) < OLDEST {
        return Err(io::Error::other(format!("{version} is older than version {OLDEST}")));
    }
    Ok(version)
}

fn major(version: &str) -> u32 {
    let digits = version.split(|c: char| !c.is_ascii_digit());
    digits.filter(|digits| !digits.is_empty()).find_map(|digits| digits.parse().ok()).unwrap_or_default()
}

/// Looks for a server or programs, as `ORM_TESTKIT_POSTGRES` allows.
pub(crate) fn find(account: &Account) -> Result<Found, ServerError> {
    let choice = choice()?;
    let admits = |one: &str| choice.as_deref().is_none_or(|choice| choice == one);
    let mut looked = Vec::new();
    if admits("url") {
        match env::var("DATABASE_URL") {
            Ok(url) if !url.is_empty() => return Ok(Found::Url(url)),
            _ => looked.push("DATABASE_URL is not set".to_owned()),
        }
    }
    programs(admits, looked, account).map(Found::Programs)
}

/// Looks for programs only: a server of one's own is started even where `DATABASE_URL` names another.
pub(crate) fn find_programs(account: &Account) -> Result<Programs, ServerError> {
    let choice = choice()?.filter(|choice| choice != "url");
    programs(|one| choice.as_deref().is_none_or(|choice| choice == one), Vec::new(), account)
}

fn choice() -> Result<Option<String>, ServerError> {
    match env::var("ORM_TESTKIT_POSTGRES") {
        Ok(choice) if matches!(choice.as_str(), "url" | "installed" | "bundled") => Ok(Some(choice)),
        Ok(choice) if !choice.is_empty() => Err(Kind::UnknownChoice(choice).into()),
        _ => Ok(None),
    }
}

fn programs(
    admits: impl Fn(&str) -> bool,
    mut looked: Vec<String>,
    account: &Account,
) -> Result<Programs, ServerError> {
    let mut try_out = |folder, source| {
        let outcome = Programs::check(folder, source, account);
        outcome.map_err(|error| looked.push(with_source(&error))).ok()
    };
    if admits("installed") {
        for folder in installed_folders() {
            if let Some(programs) = try_out(folder.clone(), Source::Installed(folder)) {
                return Ok(programs);
            }
        }
    }
    if admits("bundled") && bundled::IS_THERE {
        let folder = bundled::programs(account)?;
        if let Some(programs) = try_out(folder, Source::Bundled) {
            return Ok(programs);
        }
    }
    if admits("installed") {
        looked.push("no installed PostgreSQL was found that works".to_owned());
    }
    if admits("bundled") && !bundled::IS_THERE {
        looked.push("none comes with this crate for this system".to_owned());
    }
    Err(Kind::NotFound { looked }.into())
}

fn with_source(error: &ServerError) -> String {
    let source = std::error::Error::source(error);
    source.map_or_else(|| error.to_string(), |source| format!("{error} ({source})"))
}

/// Folders that hold both programs, the best first.
fn installed_folders() -> impl Iterator<Item = PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path: Vec<_> = env::split_paths(&path).collect();
    let named = std::iter::once_with(folder_of_pg_config).flatten();
    let usual = std::iter::once_with(usual_folders).flatten();
    on_path.into_iter().chain(named).chain(usual).filter(|folder| has_programs(folder))
}

fn has_programs(folder: &Path) -> bool {
    program(folder, "initdb").is_file() && program(folder, "postgres").is_file()
}

pub(super) fn program(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}{}", env::consts::EXE_SUFFIX))
}

fn folder_of_pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    let folder = String::from_utf8(output.stdout).ok()?;
    Some(PathBuf::from(folder.trim())).filter(|folder| folder.is_absolute())
}

/// Where the systems' packages put it; `*` stands for a version, the newest of which comes first.
const USUAL: &[&str] = &[
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/lib/postgresql*/bin",
    "/usr/libexec/postgresql*",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/opt/local/lib/postgresql*/bin",
    "/usr/local/pgsql/bin",
    "/run/current-system/sw/bin",
    "C:/Program Files/PostgreSQL/*/bin",
];

fn usual_folders() -> Vec<PathBuf> {
    USUAL.iter().flat_map(|pattern| expand(pattern)).collect()
}

/// The folders that match a pattern with at most one `*`, the highest version first.
fn expand(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else {
        return vec![PathBuf::from(pattern)];
    };
    let (parent, prefix) = before.rsplit_once('/').unwrap_or_default();
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name());
    let mut names: Vec<_> = names.filter(|name| has_prefix(name, prefix)).collect();
    names.sort_by_key(|name| std::cmp::Reverse(major(&name.to_string_lossy())));
    let rest = after.trim_start_matches('/');
    names.iter().map(|name| Path::new(parent).join(name).join(rest)).collect()
}

fn has_prefix(name: &OsStr, prefix: &str) -> bool {
    name.to_str().is_some_and(|name| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::{expand, major};
    use std::fs;

    #[test]
    fn major_version_is_the_first_number() {
        assert_eq!(major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), 15);
        assert_eq!(major("pgsql-17"), 17);
        assert_eq!(major("none"), 0);
    }

    #[test]
    fn newest_version_comes_first() {
        let folder = std::env::temp_dir().join(format!("expand-{}", super::super::random(8)));
        for name in ["pgsql-9", "pgsql-17", "pgsql-16", "other-18"] {
            fs::create_dir_all(folder.join(name).join("bin")).unwrap();
        }
        let found = expand(&format!("{}/pgsql-*/bin", folder.display()));
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(found, ["pgsql-17", "pgsql-16", "pgsql-9"].map(|name| folder.join(name).join("bin")));
    }
}
