//! Pages of a query: by cursors, which stand between two rows whatever comes and goes, and by numbers.

mod cursor;
mod keyset;
mod page;
mod query;

pub use cursor::Cursor;
pub use page::Page;
pub use query::PageQuery;
