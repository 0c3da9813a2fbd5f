//! The one server of all test binaries of a user: join the one that is there, or start it.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::account::Account;
use super::find::Programs;
use super::keeper::{self, Gate, Grace, Joined};
use super::process::Process;
use super::seed::{self, Seed};
use super::settings::{self, Durability};
use super::{folders, local_url};
use crate::ServerError;

/// A use of the shared server.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) admin_url: String,
    pub(crate) gate: Gate,
}

/// Joins the shared server or starts it; among processes only one does so at a time.
///
/// The lock only saves us from starting two servers at once, which would be a waste and no harm.
pub(crate) fn join_or_start(programs: &Programs, account: &Account) -> Result<Shared, ServerError> {
    let key = seed::key(programs);
    folders::locked(&folders::cache(account)?, &format!("server-{key}"), || {
        let running = folders::running(account)?;
        for folder in servers(&running, &key) {
            match keeper::join(&folder) {
                Joined::Yes(gate) => match url_of(&folder) {
                    Some(admin_url) => return Ok(Shared { admin_url, gate }),
                    // The server has died and its keeper waits for its users: let nobody else in.
                    None => drop(fs::rename(folder.join("gate"), folder.join("closed"))),
                },
                Joined::Closed | Joined::Abandoned => keeper::sweep(&folder),
            }
        }
        start(&key, programs, account)
    })
}

fn servers(running: &Path, key: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(running).into_iter().flatten().flatten();
    let ours = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(key));
    ours.map(|entry| entry.path()).collect()
}

/// Reads how to reach a server, and sees whether it answers.
fn url_of(folder: &Path) -> Option<String> {
    let text = fs::read_to_string(folder.join("address")).ok()?;
    let (port, url) = text.split_once('\n')?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse().ok()?));
    let server = fs::metadata(folder.join("data").join("postmaster.pid"));
    let answers = server.is_ok() && TcpStream::connect_timeout(&address, Duration::from_secs(5)).is_ok();
    answers.then(|| url.to_owned())
}

fn start(key: &str, programs: &Programs, account: &Account) -> Result<Shared, ServerError> {
    let seed = Seed::get(programs, account)?;
    let (folder, mut gate) = prepare(key, Grace::BetweenBinaries, &seed, account)?;
    let started = settings::write(&folder.join("data"), Durability::Fast, &[])
        .and_then(|()| Process::start(programs, account, &folder))
        .and_then(|process| {
            let admin_url = local_url(process.port(), seed.password(), "postgres");
            let text = format!("{}\n{admin_url}", process.port());
            let file = folder.join("address");
            super::write_private(&file, &text).map_err(|error| ServerError::file("writing", &file, error))?;
            Ok(admin_url)
        });
    match started {
        Ok(admin_url) => Ok(Shared { admin_url, gate }),
        Err(error) => {
            gate.close();
            Err(error)
        }
    }
}

/// Makes a folder with a keeper and a fresh data folder.
pub(crate) fn prepare(
    prefix: &str,
    grace: Grace,
    seed: &Seed,
    account: &Account,
) -> Result<(PathBuf, Gate), ServerError> {
    let folder = make_folder(prefix, account)?;
    let mut gate = keeper::set(&folder, grace)?;
    match seed.copy_to(&folder.join("data"), account) {
        Ok(()) => Ok((folder, gate)),
        Err(error) => {
            gate.close();
            Err(error)
        }
    }
}

/// A keeper may remove the empty parent between our making it and our using it, so we try again.
fn make_folder(prefix: &str, account: &Account) -> Result<PathBuf, ServerError> {
    let mut tries = 10;
    loop {
        tries -= 1;
        let folder = folders::running(account)?.join(format!("{prefix}-{}", super::random(8)));
        match folders::make(&folder, account) {
            Ok(()) => return Ok(folder),
            Err(error) if tries == 0 => return Err(ServerError::file("making", &folder, error)),
            Err(_) => {}
        }
    }
}
