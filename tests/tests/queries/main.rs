//! Queries of several tables, against a real server.

mod aggregates;
mod builder;
mod by_name;
mod common;
mod derived;
mod explained;
mod grouping_sets;
mod groups;
mod joins;
mod locks;
mod moments;
mod newtypes;
mod operators;
mod ordered_sets;
mod pages;
mod raw;
mod rows;
mod sets;
mod spatial;
mod subqueries;
mod vectors;
mod windows;
