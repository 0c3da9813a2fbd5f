//! COPY: any number of rows in bounded memory, in the binary form or as text.
//!
//! Nothing is written before the end of the stream: an error, a panic or a dropped future on the way takes everything back.

mod column_list;
mod encoder;
mod format;
mod progress;
mod query;
mod rows;
mod text;

pub use column_list::ColumnList;
pub use format::CopyFormat;
pub use progress::CopyProgress;
pub use query::{CopyOut, copy_out};
pub use rows::{CopyIn, CopyRow, copy_in, copy_in_stream};
pub use text::{CopyInText, copy_in_text};

use crate::error::{Error, ErrorKind};
use crate::mapper::{DeclarativeBase, Model};

/// How many bytes are sent at once.
const CHUNK: usize = 64 * 1024;

/// Adds what the model knows to an error of a COPY, and which row it is about.
fn explain<M: Model>(error: Error) -> Error {
    let error = match M::Base::registry() {
        Ok(registry) => registry.explain(error),
        Err(_) => error,
    };
    let name = M::def().name;
    match error.database().and_then(|database| row_of(database.where_()?)) {
        Some(row) => {
            let (kind, why) = (error.kind(), format!("row {row} of a COPY into `{name}`: {error}"));
            error.retold(kind, why).with_model(name)
        }
        None => error,
    }
}

/// The number in `COPY customer, line 3, column age`, in whatever language.
fn row_of(context: &str) -> Option<u64> {
    let (_, place) = context.strip_prefix("COPY ")?.split_once(", ")?;
    let digits = place.trim_start_matches(|c: char| !c.is_ascii_digit());
    digits[..digits.len() - digits.trim_start_matches(|c: char| c.is_ascii_digit()).len()].parse().ok()
}

/// The error of a COPY that the program itself ended.
fn ended<M: Model>(what: &str, source: Box<dyn std::error::Error + Send + Sync>) -> Error {
    let name = M::def().name;
    let why = format!("{what} for a COPY into `{name}`, and nothing was written");
    Error::new(ErrorKind::Ended, why).with_model(name).with_source(source)
}

#[cfg(test)]
mod tests {
    use super::row_of;

    #[test]
    fn the_server_says_the_row() {
        assert_eq!(row_of("COPY customer, line 3, column age: \"x7\""), Some(3));
        assert_eq!(row_of("COPY customer, Zeile 12"), Some(12));
        assert_eq!(row_of("COPY a4, line 12"), Some(12));
        assert_eq!(row_of("PL/pgSQL function x() line 3"), None);
        assert_eq!(row_of("COPY customer"), None);
    }
}
