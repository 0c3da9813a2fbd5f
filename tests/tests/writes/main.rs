//! Statements that write rows, against a real server.
//!
//! | file | about |
//! |---|---|
//! | `insert` | rows of any shape in one statement, defaults, errors that name the row |
//! | `upsert` | what becomes of rows that are there already, and of the objects of a session |
//! | `returning` | what comes back of rows that were written |
//! | `matching` | UPDATE and DELETE of what a query finds, also of a join |
//! | `insert_from` | INSERT of what a query finds |
//! | `copy_in` | rows of the program and text into a table, and what ends a COPY |
//! | `copy_out` | what a query finds, as text and row by row |

mod copy_in;
mod copy_out;
mod insert;
mod insert_from;
mod matching;
mod returning;
mod upsert;
