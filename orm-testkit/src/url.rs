//! The little we need to know about `postgresql://` URLs: exchanging the name of the database.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

const NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'-').remove(b'.');

/// The same URL with another database; `None` if it is no URL of PostgreSQL.
pub(crate) fn with_database(url: &str, database: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    if !matches!(scheme, "postgres" | "postgresql") {
        return None;
    }
    let (before_query, query) = match rest.split_once('?') {
        Some((before, query)) => (before, Some(query)),
        None => (rest, None),
    };
    let authority = before_query.split('/').next().unwrap_or_default();
    let database = utf8_percent_encode(database, NAME);
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    Some(format!("{scheme}://{authority}/{database}{query}"))
}

#[cfg(test)]
mod tests {
    use super::with_database;

    fn check(url: &str, expected: Option<&str>) {
        assert_eq!(with_database(url, "x y").as_deref(), expected, "{url}");
    }

    #[test]
    fn database_is_exchanged() {
        check("postgresql://u:p@h:1/old", Some("postgresql://u:p@h:1/x%20y"));
        check("postgresql://u:p@h:1", Some("postgresql://u:p@h:1/x%20y"));
        check("postgresql://h/?sslmode=disable", Some("postgresql://h/x%20y?sslmode=disable"));
        check("postgresql://h?host=/run/postgresql", Some("postgresql://h/x%20y?host=/run/postgresql"));
        check("mysql://h/old", None);
        check("host=localhost dbname=old", None);
    }
}
