//! Stand-ins in models whose derive found a mistake, so that only the mistake is reported.

use crate::error::Result;
use crate::mapper::{DeclarativeBase, Registry};

/// The base of a model that names none.
#[derive(Clone, Copy, Debug)]
pub struct NoBase;

impl DeclarativeBase for NoBase {
    fn registry() -> Result<&'static Registry> {
        unreachable!("a model without a base does not compile")
    }
}
