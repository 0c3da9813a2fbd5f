//! One `postgres` process: start it, wait until it answers, stop it, kill it.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::account::Account;
use super::find::Programs;
use crate::ServerError;
use crate::error::Kind;

const START_LIMIT: Duration = Duration::from_secs(60);
const STOP_LIMIT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(2);

/// A running server on a folder that holds `data` and `log`.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    port: u16,
    folder: PathBuf,
}

/// How a server is told to end.
#[derive(Debug, Clone, Copy)]
pub(crate) enum End {
    /// Ends sessions, writes everything to disk.
    Fast,
    /// Ends at once, as in a crash; the next start recovers.
    Immediate,
    /// `kill -9`.
    Kill,
}

/// A port that is free now. Somebody else may take it before the server does: then the start is tried again.
fn free_port() -> Result<u16, ServerError> {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    bound
        .map(|address| address.port())
        .map_err(|error| ServerError::file("binding", Path::new("127.0.0.1:0"), error))
}

impl Process {
    /// Starts a server on a free port.
    pub(crate) fn start(programs: &Programs, account: &Account, folder: &Path) -> Result<Self, ServerError> {
        let mut tries = 5;
        loop {
            tries -= 1;
            match Self::start_at(free_port()?, programs, account, folder) {
                Err(error) if tries > 0 && is_port_taken(&error) => {}
                outcome => return outcome,
            }
        }
    }

    /// Starts a server on this port and waits until it takes connections.
    pub(crate) fn start_at(
        port: u16,
        programs: &Programs,
        account: &Account,
        folder: &Path,
    ) -> Result<Self, ServerError> {
        let log = folder.join("log");
        let failed = |error| ServerError::file("opening", &log, error);
        let log_file = File::options().create(true).append(true).open(&log).map_err(failed)?;
        let log_start = log_file.metadata().map_err(failed)?.len();
        let program = programs.program("postgres");
        let mut command = account.command(&program);
        command.arg("-D").arg(folder.join("data")).arg("-p").arg(port.to_string());
        command.stdin(Stdio::null()).stdout(log_file.try_clone().map_err(failed)?).stderr(log_file);
        let child = command.spawn().map_err(|source| Kind::Run { program, source })?;
        let mut process = Self { child, port, folder: folder.to_owned() };
        process.wait_until_ready().map_err(|reason| {
            let _ = process.end(End::Kill);
            let log = end_of_log(&log, log_start);
            ServerError::from(Kind::Start { reason, log })
        })?;
        Ok(process)
    }

    fn wait_until_ready(&mut self) -> Result<(), String> {
        let deadline = Instant::now() + START_LIMIT;
        while !self.is_ready() {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(status.to_string());
            }
            if Instant::now() > deadline {
                return Err(format!("not ready after {} seconds", START_LIMIT.as_secs()));
            }
            sleep(POLL);
        }
        Ok(())
    }

    /// The server writes its state to the eighth line of `postmaster.pid`; `pg_ctl` waits in the same way.
    fn is_ready(&self) -> bool {
        let text = fs::read_to_string(self.folder.join("data").join("postmaster.pid")).unwrap_or_default();
        let mut lines = text.lines();
        lines.next() == Some(self.child.id().to_string().as_str())
            && lines.nth(6).is_some_and(|state| state.trim() == "ready")
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends the server and waits until it is gone.
    pub(crate) fn end(&mut self, how: End) -> Result<(), ServerError> {
        imp::signal(&mut self.child, how);
        let deadline = Instant::now() + STOP_LIMIT;
        while matches!(self.child.try_wait(), Ok(None)) {
            if Instant::now() > deadline {
                return Err(Kind::Stop { seconds: STOP_LIMIT.as_secs() }.into());
            }
            sleep(POLL);
        }
        Ok(())
    }
}

fn is_port_taken(error: &ServerError) -> bool {
    error
        .log()
        .is_some_and(|log| log.contains("could not bind") || log.contains("could not create any TCP/IP"))
}

/// Whether the start failed because the children of a killed server have not noticed yet.
pub(crate) fn is_predecessor_alive(error: &ServerError) -> bool {
    error.log().is_some_and(|log| log.contains("is still in use") || log.contains("Is another postmaster"))
}

fn end_of_log(log: &Path, start: u64) -> String {
    let bytes = fs::read(log).unwrap_or_default();
    let new = bytes.get(usize::try_from(start).unwrap_or_default()..).unwrap_or_default();
    let text = String::from_utf8_lossy(new);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

#[cfg(unix)]
mod imp {
    use super::End;
    use rustix::process::{Pid, Signal, kill_process};
    use std::process::Child;

    /// A process that is gone already is what we want, so errors do not matter.
    pub(super) fn signal(child: &mut Child, how: End) {
        let signal = match how {
            End::Fast => Signal::INT,
            End::Immediate => Signal::QUIT,
            End::Kill => Signal::KILL,
        };
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        let _ = kill_process(Pid::from_child(child), signal);
    }
}

#[cfg(not(unix))]
mod imp {
    use super::End;
    use std::process::Child;

    pub(super) fn signal(child: &mut Child, _: End) {
        let _ = child.kill();
    }
}
