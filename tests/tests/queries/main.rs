//! Queries of several tables, against a real server.

mod explained;
mod groups;
mod joins;
mod locks;
mod operators;
mod pages;
mod raw;
mod subqueries;
