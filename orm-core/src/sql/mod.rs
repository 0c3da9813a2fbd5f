//! SQL: expressions and statements as data, and their text.
//!
//! Names are always quoted and values always bound: no function of this layer takes a value and puts it
//! into text, but for the definitions of views, which cannot have bound ones (`literals.rs`). SQL of the program's own is a [`Text`],
//! which only a `&'static str` can be; any other text needs the name [`TrustedSql`]. The statements of a flush have one text per shape, whatever their number of rows, so that one
//! prepared statement serves them all.

mod array;
mod call;
mod change;
mod common;
mod ddl;
mod ddl_indexes;
mod ddl_schemas;
mod ddl_types;
mod ddl_views;
mod expr;
mod expr_text;
mod from;
mod ident;
mod insert;
mod joined;
mod literals;
mod lock;
mod matching;
mod members;
mod param;
mod placeholders;
mod refusal;
mod renderer;
mod restrict;
mod rows;
mod select;
mod settings;
mod text;
mod trusted;
mod write;
mod written_name;

pub use ddl::{create_table_statements, deferred_foreign_keys, drop_tables_statement};
pub use ddl_indexes::create_index_statement;
pub use ddl_schemas::{create_schema_statement, drop_schema_statement};
pub use ddl_types::{create_type_statements, drop_type_statements};
pub use ddl_views::{create_view_statements, drop_view_statements};
pub use ident::{quote, quote_table};
pub use param::{Param, Statement};
pub use text::{Text, text};
pub use trusted::{IntoTrustedSql, TrustedSql};

pub(crate) use renderer::Renderer;

// What the layers above need; users do not.
#[doc(hidden)]
pub use {
    array::ArrayParam,
    call::{Call, Frame, FrameEnd, Window},
    change::{Delete, Update, computed, restriction},
    common::{Common, CommonQuery},
    expr::{Aggregate, Exists, Expr, Through},
    from::{Along, AlongTable, JoinSide, JoinedTable},
    insert::{Conflict, ConflictAction, InsertInto, InsertSource},
    joined::{Join, JoinThrough, SelectJoined},
    lock::{Lock, LockStrength, LockWait},
    matching::{DeleteMatching, UpdateMatching},
    members::{MembersBy, Owners, SelectMembers},
    restrict::Restrict,
    rows::{Derived, Query, Rows, SetOperator},
    select::{Base, Constant, Grouping, Nulls, Order, Select},
    settings::settings,
    write::{Insert, InsertKeys, TypedColumn, reserve_keys},
    written_name::{as_text, checked_name, plain_name, quoted_bytes, quoted_len},
};

pub(crate) use change::stale_keys;
pub(crate) use ddl_views::refresh_statement;
pub(crate) use ident::literal;
pub(crate) use param::{RawElements, raw_elements};
pub(crate) use placeholders::names_in;
