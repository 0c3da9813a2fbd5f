//! One naming convention for every constraint and index.

/// The longest name that PostgreSQL keeps, in bytes (`NAMEDATALEN - 1`).
pub const MAX_IDENTIFIER: usize = 63;

/// The name of a constraint or index: prefix, table and parts, joined by `_`.
///
/// A longer name than PostgreSQL keeps is cut and ends in a hash of the whole (FNV-1a, 32 bits), so that
/// two long names that begin alike stay two.
///
/// ```
/// use orm_core::schema::constraint_name;
/// assert_eq!(constraint_name("uq", "customer", &["email"]), "uq_customer_email");
/// assert!(constraint_name("ix", &"t".repeat(80), &["c"]).len() <= 63);
/// ```
pub fn constraint_name(prefix: &str, table: &str, parts: &[&str]) -> String {
    let mut name = format!("{prefix}_{table}");
    for part in parts {
        name.push('_');
        name.push_str(part);
    }
    if name.len() <= MAX_IDENTIFIER {
        return name;
    }
    let hash =
        name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let mut end = MAX_IDENTIFIER - 9;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}_{hash:08x}", &name[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_without_collisions() {
        let table = "a_table_with_a_name_that_is_as_long_as_names_can_possibly_be";
        let one = constraint_name("ix", table, &["first_column"]);
        let two = constraint_name("ix", table, &["first_columm"]);
        assert_eq!((one.len(), two.len()), (63, 63));
        assert_ne!(one, two);
    }

    #[test]
    fn a_cut_never_splits_a_character() {
        let name = constraint_name("ck", &"ä".repeat(40), &["ö"]);
        assert!(name.len() <= MAX_IDENTIFIER);
    }
}
