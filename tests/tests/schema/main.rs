//! Tables, views and what belongs to them: metadata, DDL, and what the server made of it.

mod constraints;
mod several;
mod tables;
mod view_queries;
mod view_rights;
mod views;
