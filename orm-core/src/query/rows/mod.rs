//! Rows that queries give: as structs, and as what other queries select from.

mod common;
mod given;
mod row;
mod set;
mod values;

pub use common::{Cte, recursive};
pub use given::{IntoRows, Named, RowType, named, select_from};
pub use row::{Fits, Row};
pub use values::{ByPosition, Together, ValueRows};

#[doc(hidden)]
pub use given::Given;
#[doc(hidden)]
pub use row::{read_value, row_by_names};
