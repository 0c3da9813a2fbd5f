//! How many round trips each shape of work takes, counted on the wire: BEGIN and COMMIT are part of them.
//!
//! Every shape runs three times on one connection, that is before its statements are prepared, while they are being
//! prepared, and after; the three must not differ.
//!
//! | shape | trips | statements |
//! |---|---|---|
//! | commit with nothing to write | 0 | 0 |
//! | one object; 1,000 objects of one table | 1 | 1 |
//! | two tables that do not refer to each other | 1 | 4 |
//! | children of a parent that is there | 1 | 1 |
//! | parent with children | 2 | 5 |
//! | customers, carts, products and links | 2 | 9 |
//! | tree of depth 5, or 2, or 40: the keys, then one INSERT | 2 | 2 |
//! | graph whose keys the program makes; natural keys | 1 | 4 |
//! | graph whose UUIDs the database makes | 2 | 5 |
//! | articles and tags through a derived table | 2 | 6 |
//! | rows with a key of two foreign keys, their parents there | 1 | 4 |
//! | two tables in a circle, rows that do not close it | 2 | 5 |
//! | two tables in a circle, rows that close it | 2 | 7 |
//! | update of 1 or of 1,000 rows, the same columns | 1 | 1 |
//! | updates of three sets of columns | 1 | 5 |
//! | delete of 1 or of 1,000 rows | 1 | 1 |
//! | insert, update and delete at once | 1 | 5 |
//! | link, or unlink, of loaded objects | 1 | 1 |
//! | link and unlink at once | 1 | 4 |
//! | move of a child | 1 | 1 |
//! | flush + commit | 2 | 3 |
//! | flush + flush + commit | 3 | 4 |
//! | flush + commit with a change | 2 | 4 |
//! | begin + query + commit | 3 | 3 |
//! | flush + rollback | 2 | 3 |
//! | savepoint + insert + its commit + commit | 3 | 5 |
//! | savepoint + its rollback + commit | 3 | 4 |
//! | savepoint that is dropped + commit | 2 | 4 |
//! | begin + two savepoints + commit | 4 | 6 |
//! | `refresh` of 10 objects with loaded collections, and what these hold | 1 | 5 |
//! | `expire_all` + a query | 1 | 1 |
//! | `merge_all` of 10 graphs that are in the database | 2 | 3 |
//! | `merge` of a new object | 0 | 0 |
//! | `execute`, a bulk call or an update by query, + commit | 2 | 3 |
//! | `get` | 1 | 1 |
//! | `get` of what the session has | 0 | 0 |
//! | `query().with(a.then(b))`, b many to many | 3 | 4 |
//! | `load` of a relation of 100 objects | 1 | 1 |
//!
//! A graph whose keys the database makes cannot take fewer than two: a foreign key is a value of the statement that
//! writes it, so the keys have to be here before it leaves.

mod count;
mod graphs;
mod reads;
mod states;
mod writes;
