//! The keeper: a small process that ends a server once nobody uses it, whatever becomes of the users.
//!
//! In the folder of every server lies a named pipe, the *gate*. Every process that uses the server holds the gate
//! open for writing and never writes more than one letter; the keeper (`keeper.sh`) reads it. The kernel closes the
//! gate of a process that ends, also of one that is killed with `kill -9`, and when the last one is closed the
//! keeper's reading comes to its end.
//!
//! Nobody can slip in between "nobody is there" and "end the server": the keeper first renames the gate, which is
//! atomic. Who opened it before holds it, and the keeper, which still has the other end, waits for him; who comes
//! later does not find it and starts another server in another folder. No lock is shared with the keeper, so there
//! is none to be left behind.
//!
//! The reading end is opened before the keeper is started and handed to it as its standard input. If we are killed
//! half-way the keeper reads the end at once, and if it was not started yet there is nothing to end.

use std::path::Path;

use crate::ServerError;

pub(crate) use imp::{Gate, Joined, join, sweep};

/// How long a server waits for the next user.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Grace {
    /// Not at all.
    None,
    /// As long as it takes `cargo test` to come from one test binary to the next.
    BetweenBinaries,
}

impl Grace {
    #[cfg_attr(not(unix), expect(dead_code, reason = "servers are not shared"))]
    fn seconds(self) -> &'static str {
        match self {
            Self::None => "0",
            Self::BetweenBinaries => "2",
        }
    }
}

/// Sets a keeper on a folder; the server may be started in it afterwards.
pub(crate) fn set(folder: &Path, grace: Grace) -> Result<Gate, ServerError> {
    imp::set(folder, grace).map_err(|error| ServerError::file("setting a keeper on", folder, error))
}

#[cfg(unix)]
mod imp {
    use super::Grace;
    use rustix::fs::{Mode, OFlags, open};
    use std::env;
    use std::ffi::OsString;
    use std::fs::{self, File};
    use std::io::{self, Write as _};
    use std::os::unix::process::CommandExt as _;
    use std::path::Path;
    use std::process::{Child, Command, Stdio};

    /// A use of a server: the server stays as long as this is held.
    #[derive(Debug)]
    pub(crate) struct Gate {
        writer: Option<File>,
        keeper: Option<Child>,
    }

    /// What became of an attempt to use a server that is there already.
    #[derive(Debug)]
    pub(crate) enum Joined {
        Yes(Gate),
        /// The keeper has closed the gate, or the folder is not complete.
        Closed,
        /// There is a gate and no keeper: somebody killed it, or the machine was restarted.
        Abandoned,
    }

    impl Gate {
        /// Ends the use and waits until the keeper has removed the folder.
        pub(crate) fn close(&mut self) {
            self.writer = None;
            if let Some(mut keeper) = self.keeper.take() {
                let _ = keeper.wait();
            }
        }
    }

    pub(super) fn set(folder: &Path, grace: Grace) -> io::Result<Gate> {
        let (draft, gate) = (folder.join("gate.new"), folder.join("gate"));
        make_pipe(&draft)?;
        // Opened for both, a named pipe waits for nobody, and with it the two that we want do not wait either.
        let both = File::options().read(true).write(true).open(&draft)?;
        let reader = File::options().read(true).open(&draft)?;
        let mut writer = File::options().write(true).open(&draft)?;
        drop(both);
        writer.write_all(b"u")?;
        fs::rename(&draft, &gate)?;
        let keeper = Command::new("/bin/sh")
            .arg("-c")
            .arg(include_str!("keeper.sh"))
            .arg("orm-testkit-keeper")
            .arg(folder)
            .arg(grace.seconds())
            .env("PATH", tools())
            .current_dir("/")
            .process_group(0)
            .stdin(reader)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Gate { writer: Some(writer), keeper: Some(keeper) })
    }

    /// Our own `PATH` may lack the standard tools (a test may have changed it), so their folders are added.
    fn tools() -> OsString {
        let mut path = env::var_os("PATH").unwrap_or_default();
        path.push(":/usr/bin:/bin:/usr/sbin:/sbin");
        path
    }

    /// Not every system's libraries offer this as a safe function; the program is there on all.
    fn make_pipe(path: &Path) -> io::Result<()> {
        let mut command = Command::new("mkfifo");
        let status = command.args(["-m", "600"]).arg(path).env("PATH", tools()).status()?;
        if status.success() { Ok(()) } else { Err(io::Error::other("mkfifo failed")) }
    }

    pub(crate) fn join(folder: &Path) -> Joined {
        match open_for_writing(&folder.join("gate")) {
            Ok(mut writer) => match writer.write_all(b"u") {
                Ok(()) => Joined::Yes(Gate { writer: Some(writer), keeper: None }),
                Err(_) => Joined::Abandoned,
            },
            Err(rustix::io::Errno::NXIO) => Joined::Abandoned,
            Err(_) => Joined::Closed,
        }
    }

    /// Without waiting: it is an error (`NXIO`) if nobody reads.
    fn open_for_writing(gate: &Path) -> rustix::io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        open(gate, flags, Mode::empty()).map(File::from)
    }

    /// Removes what is left of a server that has lost its keeper; leaves the folder alone if it has not.
    pub(crate) fn sweep(folder: &Path) {
        let is_kept = |name: &str| open_for_writing(&folder.join(name)).is_ok();
        if is_kept("gate") || is_kept("closed") {
            return;
        }
        end_server(folder);
        let _ = fs::remove_dir_all(folder);
    }

    fn end_server(folder: &Path) {
        use rustix::process::{Pid, Signal, kill_process};
        let file = folder.join("data").join("postmaster.pid");
        let text = fs::read_to_string(&file).unwrap_or_default();
        let id = text.lines().next().and_then(|line| line.parse().ok());
        let Some(id) = id.filter(|&id| is_server_of(id, folder)) else {
            return;
        };
        let Some(id) = Pid::from_raw(id) else { return };
        let _ = kill_process(id, Signal::QUIT);
        for _ in 0..500 {
            if !file.exists() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }

    /// The number may belong to another process by now (after a restart of the machine), so we look at its arguments.
    fn is_server_of(id: i32, folder: &Path) -> bool {
        let arguments = fs::read(format!("/proc/{id}/cmdline")).or_else(|_| {
            let ps = Command::new("ps").args(["-o", "args=", "-p", &id.to_string()]).output();
            ps.map(|output| output.stdout)
        });
        let arguments = arguments.unwrap_or_default();
        String::from_utf8_lossy(&arguments).contains(&*folder.to_string_lossy())
    }
}

/// Without named pipes a server is not shared: the keeper waits for the one process that started it.
#[cfg(not(unix))]
mod imp {
    use super::Grace;
    use std::io;
    use std::path::Path;
    use std::process::{Child, Command, Stdio};

    #[derive(Debug)]
    pub(crate) struct Gate {
        keeper: Option<Child>,
    }

    #[derive(Debug)]
    pub(crate) enum Joined {
        #[expect(dead_code, reason = "servers are not shared here")]
        Yes(Gate),
        Closed,
        #[expect(dead_code, reason = "servers are not shared here")]
        Abandoned,
    }

    impl Gate {
        /// The keeper stays until we end; it finds nothing to do then but to remove the folder.
        pub(crate) fn close(&mut self) {
            drop(self.keeper.take());
        }
    }

    const SCRIPT: &str = "
        Wait-Process -Id $env:ORM_TESTKIT_USER -ErrorAction SilentlyContinue
        $folder = $env:ORM_TESTKIT_FOLDER
        $server = Get-Content \"$folder/data/postmaster.pid\" -TotalCount 1 -ErrorAction SilentlyContinue
        if ($server) { Stop-Process -Id $server -Force -ErrorAction SilentlyContinue; Start-Sleep 1 }
        Remove-Item $folder -Recurse -Force -ErrorAction SilentlyContinue";

    pub(super) fn set(folder: &Path, _: Grace) -> io::Result<Gate> {
        let keeper = Command::new("powershell")
            .args(["-NoProfile", "-NonInteractive", "-Command", SCRIPT])
            .env("ORM_TESTKIT_USER", std::process::id().to_string())
            .env("ORM_TESTKIT_FOLDER", folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Gate { keeper: Some(keeper) })
    }

    pub(crate) fn join(_: &Path) -> Joined {
        Joined::Closed
    }

    pub(crate) fn sweep(_: &Path) {}
}
