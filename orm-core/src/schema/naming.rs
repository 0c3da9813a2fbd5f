//! One naming convention for every constraint and index.

use super::{Index, Table, View};
use std::collections::HashSet;

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
    hashed(&name, &name)
}

/// A name that is cut and ends in a hash of `whole`.
fn hashed(name: &str, whole: &str) -> String {
    let hash =
        whole.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let mut end = name.len().min(MAX_IDENTIFIER - 9);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}_{hash:08x}", &name[..end])
}

/// Makes names two that the convention made one: an index on `id` of `cart_product` and one on `product_id` of
/// `cart`.
///
/// The later one ends in a hash of where it stands. PostgreSQL keeps the names of tables, indexes, primary keys and
/// unique constraints in one place for a whole schema.
pub(crate) fn distinct_names(tables: &mut [Table], views: &mut [View]) {
    let tables_named = tables.iter().map(|table| (table.schema.clone(), table.name.clone()));
    let views_named = views.iter().map(|view| (view.schema.clone(), view.name.clone()));
    let mut taken: HashSet<(Option<String>, String)> = tables_named.chain(views_named).collect();
    let mut settle = |name: &mut String, (schema, owner): (&Option<String>, &str), columns: &str| {
        if taken.contains(&(schema.clone(), name.clone())) {
            *name = hashed(name, &format!("{name} {owner}({columns})"));
        }
        taken.insert((schema.clone(), name.clone()));
    };
    for table in tables {
        let owner = (&table.schema, &table.name[..]);
        for key in std::iter::once(&mut table.primary_key).chain(&mut table.uniques) {
            settle(&mut key.name, owner, &key.columns.join(","));
        }
        for exclusion in &mut table.exclusions {
            let keys: Vec<&str> = exclusion.keys.iter().map(|compared| compared.key.of.text()).collect();
            settle(&mut exclusion.name, owner, &keys.join(","));
        }
        for index in &mut table.indexes {
            let keys = keys_of(index);
            settle(&mut index.name, owner, &keys);
        }
    }
    for view in views {
        let owner = (&view.schema, &view.name[..]);
        for index in &mut view.indexes {
            let keys = keys_of(index);
            settle(&mut index.name, owner, &keys);
        }
    }
}

/// What tells two indexes of one table apart.
fn keys_of(index: &Index) -> String {
    let keys = index.keys.iter().map(|key| key.of.text());
    keys.chain(index.filter.as_deref()).collect::<Vec<_>>().join(",")
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
