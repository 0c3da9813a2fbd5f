//! Settings of the servers that we start.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use crate::ServerError;

/// For every server: reachable over TCP from this machine only, nothing outside its folder, no surprises.
const COMMON: &[(&str, &str)] = &[
    ("listen_addresses", "127.0.0.1"),
    ("unix_socket_directories", ""),
    ("max_connections", "300"),
    ("shared_buffers", "128MB"),
    ("huge_pages", "off"),
    ("jit", "off"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
    ("logging_collector", "off"),
    ("log_checkpoints", "off"),
    // A client that stops while it signs in holds up every DROP DATABASE of the server.
    ("authentication_timeout", "10s"),
    // Memory shared by backends lies in files of the data folder, so it goes away with it even after `kill -9`.
    #[cfg(unix)]
    ("dynamic_shared_memory_type", "mmap"),
];

/// For servers whose data nobody will miss.
const FAST: &[(&str, &str)] = &[
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("autovacuum", "off"),
    ("checkpoint_timeout", "1d"),
    ("max_wal_size", "512MB"),
];

/// How much a server's data is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Lost when the machine stops, and faster for it.
    Fast,
    /// PostgreSQL's own defaults: a committed transaction survives.
    Durable,
}

/// Appends our settings to a data folder's `postgresql.conf`; later ones win.
pub(crate) fn write(
    data: &Path,
    durability: Durability,
    more: &[(String, String)],
) -> Result<(), ServerError> {
    let fast = if durability == Durability::Fast { FAST } else { &[] };
    let mut text = String::from("\n# orm-testkit\n");
    for (name, value) in COMMON.iter().chain(fast) {
        add(&mut text, name, value);
    }
    for (name, value) in more {
        add(&mut text, name, value);
    }
    let file = data.join("postgresql.conf");
    let written =
        File::options().append(true).open(&file).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| ServerError::file("writing to", &file, error))
}

fn add(text: &mut String, name: &str, value: &str) {
    let value = value.replace('\'', "''");
    let _ = writeln!(text, "{name} = '{value}'");
}
