//! Many rows of one model: statements that write them, without a session or past its objects.
//!
//! [`insert`], [`update`] and [`delete`] are statements as values, which run on an engine, a connection or a session. The calls of a session
//! that take many rows (`bulk_*`) stand beside them: arrays and `UNNEST`, one statement a shape of rows. A shape is the set of columns that
//! rows give; it has one statement whatever the number of its rows, up to 20,000, and all statements leave together.

mod change;
mod conflict;
mod copy;
mod explain;
mod insert;
mod insert_from;
mod matching;
mod returning;
mod row;
mod shapes;
mod values;
mod writer;

pub use conflict::{ConflictTarget, OnConflict, OnConflictWhen};
pub use copy::{
    ColumnList, CopyFormat, CopyIn, CopyInText, CopyOut, CopyProgress, CopyRow, copy_in, copy_in_stream,
    copy_in_text, copy_out,
};
pub use insert::{Insert, insert};
pub use insert_from::{GoesInto, TargetColumns, insert_from};
pub use matching::{Delete, Matching, Update, delete, update};
pub use returning::Returning;
pub use row::InsertRow;
pub use values::Values;
pub use writer::Writer;

pub(crate) use change::{Change, Written};
pub(crate) use shapes::{Answer, Sent, fill, insert_values, save, update_values, written};
pub(crate) use writer::Run;

use crate::error::{Error, ErrorKind, Result};
use crate::mapper::{DeclarativeBase, Mapper, Model, read_only};

fn mapper<T: Model>() -> Result<&'static Mapper> {
    T::Base::registry()?.mapper(T::def())
}

/// Refuses to set what only the database or the flush may write, and keys, by which objects are known.
///
/// # Errors
/// [`ReadOnly`](ErrorKind::ReadOnly)
fn settable(mapper: &Mapper, set: impl IntoIterator<Item = usize>) -> Result<()> {
    for index in set {
        let (def, column) = (mapper.def, &mapper.def.columns[index]);
        if !column.is_given() || column.version.is_some() {
            return Err(read_only(def, column));
        }
        if mapper.primary_key.contains(&index) {
            let why = format!("`{}` is the key of `{}`: change it through its handle", column.name, def.name);
            let columns = vec![column.name.to_owned()];
            return Err(Error::new(ErrorKind::ReadOnly, why).with_model(def.name).with_columns(columns));
        }
    }
    Ok(())
}

/// The error of a column of a row, which has this number.
fn unset<T: Model>(n: usize, column: usize, why: &str) -> Error {
    let (def, column) = (T::def(), &T::def().columns[column]);
    let why = format!("`{}` of row {} (of a bulk call with `{}`) {why}", column.name, n + 1, def.name);
    Error::new(ErrorKind::Unset, why).with_model(def.name).with_columns(vec![column.name.to_owned()])
}
