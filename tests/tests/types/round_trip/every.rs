//! Every scalar that the database has: a type here reads it, and is written and read over its whole range beside this file; or there is a
//! reason why not.

use super::{foreign, named, own, plain, shapes};
use orm_core::prelude::*;
use orm_core::types::Oid;
use tokio_postgres::types::Type;

/// What no column of a model is, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    ("aclitem", "rights in tables of the database itself; it has no binary form"),
    ("cid", "the number of a command inside of its transaction, in system columns alone"),
    ("gtsvector", "what stands in an index over documents"),
    ("pg_brin_bloom_summary", "what stands in an index"),
    ("pg_brin_minmax_multi_summary", "what stands in an index"),
    ("pg_dependencies", "statistics of the planner"),
    ("pg_mcv_list", "statistics of the planner"),
    ("pg_ndistinct", "statistics of the planner"),
    ("pg_node_tree", "a parsed expression of the database itself"),
    ("refcursor", "the name of a cursor of a function, for as long as its transaction lives"),
    ("tid", "the place of a row, which every UPDATE changes"),
];

#[orm_testkit::test]
async fn every_scalar_of_the_database_has_a_type(engine: Engine) {
    let known = "SELECT oid, typname FROM pg_type WHERE typtype IN ('b', 'r', 'm') AND typcategory <> 'A' \
                 AND typnamespace = 'pg_catalog'::regnamespace ORDER BY typname";
    let known: Vec<(Oid, String)> = orm_core::sql::text(known).fetch(&engine).await.unwrap();
    assert!(known.len() > 70, "{known:?}");
    let tested = [foreign::READS, named::READS, own::READS, plain::READS, shapes::READS].concat();
    for (oid, name) in known {
        let is_read = Type::from_oid(oid.0).is_some_and(|ty| tested.iter().any(|reads| reads(&ty)));
        let is_left_out = LEFT_OUT.iter().any(|(left_out, _)| *left_out == name);
        assert!(is_read != is_left_out, "`{name}` is read: {is_read}; it is left out: {is_left_out}");
    }
}
