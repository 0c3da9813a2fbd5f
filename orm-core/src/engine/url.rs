//! Database URLs, and how they are shown.

use crate::error::{Error, ErrorKind, Result};
use std::fmt;
use std::str::FromStr;

const EXPECTED: &str = "expected postgresql://user:password@host:port/database";

/// A checked `postgresql://` URL. `Display` and `Debug` mask the password.
#[derive(Clone)]
pub(crate) struct DatabaseUrl {
    pub(crate) config: tokio_postgres::Config,
    shown: String,
}

impl DatabaseUrl {
    pub(crate) fn parse(url: &str) -> Result<Self> {
        let (scheme, rest) =
            url.split_once("://").ok_or_else(|| wrong("the database URL has no scheme", None))?;
        if !matches!(scheme, "postgresql" | "postgres") {
            return Err(wrong(&format!("the scheme `{}://` is not supported", scheme.escape_debug()), None));
        }
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        if path.contains('@') && !authority.contains('@') {
            // What looks like a port may be half of a password: nothing of it is shown.
            let why =
                "there is a `/`, `?` or `#` before the `@`: in a password it is written %2F, %3F or %23";
            return Err(wrong(why, None));
        }
        let (user, hosts) = authority.rsplit_once('@').map_or((None, authority), |(u, h)| (Some(u), h));
        if !path.contains("host=") {
            check_hosts(hosts)?;
        }
        let config = tokio_postgres::Config::from_str(url)
            .map_err(|error| wrong("the database URL is not valid", Some(error)))?;
        Ok(Self { config, shown: shown(user, hosts, path) })
    }
}

fn check_hosts(hosts: &str) -> Result<()> {
    for host in hosts.split(',') {
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.contains(']') => (name, Some(port)),
            _ => (host, None),
        };
        if name.is_empty() {
            return Err(wrong("the database URL has no host", None));
        }
        if let Some(port) = port
            && !port.parse::<u16>().is_ok_and(|p| p > 0)
        {
            let port = port.escape_debug();
            return Err(wrong(&format!("the port `{port}` is not a number from 1 to 65535"), None));
        }
    }
    Ok(())
}

fn wrong(what: &str, source: Option<tokio_postgres::Error>) -> Error {
    let error = Error::new(ErrorKind::Config, format!("{what}: {EXPECTED}"));
    match source {
        Some(source) => error.with_source(source),
        None => error,
    }
}

/// Whether a parameter holds a password; one whose name is encoded is not looked into.
fn is_secret(key: &str) -> bool {
    key.contains('%') || key.to_ascii_lowercase().contains("password")
}

/// The URL with its password, also one among the parameters, as `***`.
fn shown(user: Option<&str>, hosts: &str, path: &str) -> String {
    let user = match user.map(|u| u.split_once(':').map_or((u, ""), |(u, _)| (u, ":***"))) {
        Some((user, password)) => format!("{user}{password}@"),
        None => String::new(),
    };
    let path = match path.split_once('?') {
        None => path.to_owned(),
        Some((path, query)) => {
            let shown: Vec<String> = query
                .split('&')
                .map(|pair| match pair.split_once('=') {
                    Some((key, _)) if is_secret(key) => format!("{key}=***"),
                    _ => pair.to_owned(),
                })
                .collect();
            format!("{path}?{}", shown.join("&"))
        }
    };
    format!("postgresql://{user}{hosts}{path}")
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_shown_with_one_scheme_and_no_password() {
        for (url, expected) in [
            ("postgres://ann:secret@db:5432/shop", "postgresql://ann:***@db:5432/shop"),
            ("postgresql://db/shop", "postgresql://db/shop"),
            (
                "postgresql://ann@db/shop?password=secret&application_name=x",
                "postgresql://ann@db/shop?password=***&application_name=x",
            ),
            ("postgresql://ann:p%40ss@[::1]:5432", "postgresql://ann:***@[::1]:5432"),
            ("postgresql:///shop?host=/tmp", "postgresql:///shop?host=/tmp"),
        ] {
            assert_eq!(DatabaseUrl::parse(url).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn wrong_urls_say_what_is_expected() {
        for (url, part) in [
            ("shop", "no scheme"),
            ("mysql://ann:secret@db/shop", "`mysql://` is not supported"),
            ("postgresql://db:54x2/shop", "the port `54x2`"),
            ("postgresql://db:0/shop", "the port `0`"),
            ("postgresql://ann:secret@/shop", "no host"),
            ("postgresql://db/shop?colour=red", "is not valid"),
            ("postgresql://ann:sec/ret@db/shop", "%2F"),
            ("postgresql://ann:12?secret@db/shop", "%3F"),
        ] {
            let error = DatabaseUrl::parse(url).unwrap_err();
            let text = error.to_string();
            assert!(text.contains(part) && text.contains("postgresql://user"), "{url}: {text}");
            for part in ["secret", "sec/", "ret@"] {
                assert!(!format!("{error:?}").contains(part), "{error:?}");
            }
        }
    }
}
