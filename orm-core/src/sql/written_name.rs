//! Names that stand in the text of a program, made ready when it is compiled: what no name can be does not compile.

/// The longest name that PostgreSQL keeps, in bytes.
const MAX_LEN: usize = 63;

/// A name as it is written in Rust, where `r#` tells one from a keyword.
pub const fn plain_name(written: &'static str) -> &'static str {
    let name = match written.as_bytes() {
        [b'r', b'#', ..] => written.split_at(2).1,
        _ => written,
    };
    checked_name(name)
}

/// The name, which is one of PostgreSQL.
///
/// # Panics
/// When it is compiled, for a name that is empty, too long, or has a NUL character.
pub const fn checked_name(name: &'static str) -> &'static str {
    let bytes = name.as_bytes();
    assert!(!bytes.is_empty(), "a name in the database cannot be empty");
    assert!(bytes.len() <= MAX_LEN, "a name in the database has at most 63 bytes: PostgreSQL would cut it");
    let mut at = 0;
    while at < bytes.len() {
        assert!(bytes[at] != 0, "a name in the database cannot have a NUL character");
        at += 1;
    }
    name
}

/// How long names are in quotes, with points between them.
pub const fn quoted_len(names: &[&str]) -> usize {
    let (mut len, mut at) = (0, 0);
    while at < names.len() {
        let bytes = names[at].as_bytes();
        let mut byte = 0;
        while byte < bytes.len() {
            len += if bytes[byte] == b'"' { 2 } else { 1 };
            byte += 1;
        }
        len += if at == 0 { 2 } else { 3 };
        at += 1;
    }
    len
}

/// The names in quotes, with points between them: as [`quote`](super::quote) does it.
pub const fn quoted_bytes<const LEN: usize>(names: &[&str]) -> [u8; LEN] {
    let (mut quoted, mut len, mut at) = ([b'"'; LEN], 0, 0);
    while at < names.len() {
        if at > 0 {
            quoted[len] = b'.';
            len += 1;
        }
        len += 1; // the quote is there already
        let bytes = names[at].as_bytes();
        let mut byte = 0;
        while byte < bytes.len() {
            if bytes[byte] == b'"' {
                len += 1;
            }
            quoted[len] = bytes[byte];
            len += 1;
            byte += 1;
        }
        len += 1;
        at += 1;
    }
    quoted
}

/// The text that was made of texts.
///
/// # Panics
/// When it is not UTF-8, which nothing is that [`quoted_bytes`] gives.
pub const fn as_text(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("a name is no text"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::quote;
    use super::*;

    fn check<const LEN: usize>(names: &[&str]) {
        let expected: Vec<String> = names.iter().map(|name| quote(name)).collect();
        assert_eq!(quoted_len(names), LEN);
        assert_eq!(as_text(&quoted_bytes::<LEN>(names)), expected.join("."));
    }

    #[test]
    fn names_are_quoted_as_they_are_at_run_time() {
        check::<5>(&["sum"]);
        check::<11>(&["sum", "x\""]);
        check::<19>(&["\"\"\"", "\u{202e}", "\""]);
        check::<0>(&[]);
    }

    #[test]
    fn raw_names_are_those_behind_the_mark() {
        assert_eq!(plain_name("r#type"), "type");
        assert_eq!(plain_name("r"), "r");
        assert_eq!(checked_name("r#type"), "r#type");
    }

    #[test]
    #[should_panic(expected = "at most 63 bytes")]
    fn longer_names_are_none() {
        checked_name("a_name_of_sixty_four_bytes_of_which_the_server_keeps_sixty_three");
    }
}
