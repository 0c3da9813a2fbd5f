//! The rows of members, and what they tell of their owners.

use super::references::foreign_key_columns;
use super::rows::ObjectRows;
use super::{raw_column, raw_key};
use crate::engine::TakeRows;
use crate::error::{Error, Result};
use crate::mapper::{LinkKind, Mapper, Registry, ViewBy, ViewLink};
use crate::query::Step;
use crate::sql::{RawElements, raw_elements};
use crate::types::KeyBytes;
use std::ops::Range;
use tokio_postgres::Row;

/// The rows of the members of a relation, read as they come.
#[derive(Debug)]
pub(crate) struct MemberRows {
    pub(super) objects: ObjectRows,
    pub(super) whose: Whose,
    error: Option<Error>,
}

/// Whose members they are.
#[derive(Debug)]
pub(super) enum Whose {
    /// The owners know: they have the keys of the members.
    Owners,
    /// Each row has the key of its owner, or what makes it a member of several.
    Keys {
        /// In these columns.
        columns: Vec<usize>,
        /// What each row has there.
        of_rows: Vec<Option<KeyBytes>>,
    },
    /// Each row tells the keys of all its owners.
    Arrays(OwnerArrays),
}

/// The keys of the owners of each row: an array for each column of the key.
#[derive(Debug)]
pub(super) struct OwnerArrays {
    columns: Range<usize>,
    /// Where the arrays of each row end, one after the other.
    ends: Vec<usize>,
    bytes: Vec<u8>,
}

impl MemberRows {
    /// Of a relation of a model, with what the step reads.
    pub(super) fn new(registry: &'static Registry, mapper: &'static Mapper, step: &Step) -> Self {
        let link = &mapper.relations[step.relation];
        let far = &registry.mappers()[link.target];
        let objects = ObjectRows::new(far, step.layout(far));
        let keys =
            |columns: &[usize]| Whose::Keys { columns: objects.positions(columns), of_rows: Vec::new() };
        let whose = match &link.kind {
            LinkKind::ToOne { .. } => Whose::Owners,
            LinkKind::ToMany { foreign_key } => keys(foreign_key_columns(far, *foreign_key)),
            LinkKind::View(ViewLink { by: ViewBy::Columns { far, .. }, .. }) => keys(far),
            LinkKind::ManyToMany(association)
            | LinkKind::View(ViewLink { by: ViewBy::Association(association), .. }) => {
                let first = objects.width();
                Whose::Arrays(OwnerArrays {
                    columns: first..first + association.owner_columns.len(),
                    ends: Vec::new(),
                    bytes: Vec::new(),
                })
            }
        };
        Self { objects, whose, error: None }
    }

    /// The members, and whose they are.
    ///
    /// # Errors
    /// [`Decode`](crate::ErrorKind::Decode) for a row that does not fit.
    pub(super) fn finish(self) -> Result<(ObjectRows, Whose)> {
        self.error.map_or(Ok((self.objects, self.whose)), Err)
    }
}

impl TakeRows for MemberRows {
    fn begin(&mut self) {
        self.objects.clear();
        self.whose.clear();
        self.error = None;
    }

    fn take(&mut self, row: Row) {
        self.objects.read(&row);
        if let Err(error) = self.whose.read(&row) {
            self.error.get_or_insert(error);
        }
    }
}

impl Whose {
    fn clear(&mut self) {
        match self {
            Self::Owners => {}
            Self::Keys { of_rows, .. } => of_rows.clear(),
            Self::Arrays(OwnerArrays { ends, bytes, .. }) => {
                ends.clear();
                bytes.clear();
            }
        }
    }

    fn read(&mut self, row: &Row) -> Result<()> {
        match self {
            Self::Owners => {}
            Self::Keys { columns, of_rows } => of_rows.push(raw_key(row, columns.iter().copied())?),
            Self::Arrays(OwnerArrays { columns, ends, bytes }) => {
                for column in columns.clone() {
                    bytes.extend_from_slice(raw_column(row, column)?.unwrap_or_default());
                    ends.push(bytes.len());
                }
            }
        }
        Ok(())
    }
}

impl OwnerArrays {
    /// Tells the key of each owner of each row, with the number of the row.
    ///
    /// # Errors
    /// [`Decode`](crate::ErrorKind::Decode) for bytes that are no array.
    pub(super) fn each(&self, mut tell: impl FnMut(usize, KeyBytes)) -> Result<()> {
        let (width, mut start) = (self.columns.len(), 0);
        let mut arrays: Vec<RawElements<'_>> = Vec::with_capacity(width);
        let wrong = |why: &'static str| Error::decode("the keys of owners", why.into());
        for (row, ends) in self.ends.chunks_exact(width.max(1)).enumerate() {
            arrays.clear();
            for end in ends {
                arrays.push(raw_elements(&self.bytes[start..*end]).map_err(wrong)?);
                start = *end;
            }
            if let [array] = &mut arrays[..] {
                for element in array {
                    if let Some(key) = element.map_err(wrong)? {
                        tell(row, KeyBytes::of_bytes(key));
                    }
                }
                continue;
            }
            for _ in 0..arrays.first().map_or(0, ExactSizeIterator::len) {
                let parts = arrays.iter_mut().map(|array| array.next().transpose().map(Option::flatten));
                if let Some(key) = KeyBytes::of_raw(parts).map_err(wrong)? {
                    tell(row, key);
                }
            }
        }
        Ok(())
    }
}
