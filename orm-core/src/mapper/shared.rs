//! Columns that foreign keys share with other fields, such as the tenant of a row and of all that it refers to.
//!
//! The other field holds the value; the foreign key has a key whose part has to be the same.

use super::{Link, LinkKind, Mapper, Object};
use crate::error::{Error, ErrorKind, Result};
use crate::sql::Param;
use crate::types::{AnyScalar, ColumnValue};

/// A column of a foreign key that another field holds.
#[derive(Clone, Copy, Debug)]
pub struct Shared {
    /// The relation of the foreign key.
    pub relation: usize,
    /// The part of the key.
    pub part: usize,
    /// The position of the column in the model.
    pub column: usize,
}

impl Shared {
    /// Those of a model with these relations.
    pub(super) fn of(links: &[Link]) -> Vec<Self> {
        let of_link = |(relation, link): (usize, &Link)| {
            let LinkKind::ToOne { columns, own, .. } = &link.kind else { return Vec::new() };
            let all = columns.iter().enumerate().filter(|(_, column)| !own.contains(column));
            all.map(|(part, column)| Self { relation, part, column: *column }).collect()
        };
        links.iter().enumerate().flat_map(of_link).collect()
    }

    /// The value that is in the key of the foreign key, where there is one.
    fn in_key<'a>(self, mapper: &Mapper, object: &'a dyn Object) -> Option<&'a dyn AnyScalar> {
        match mapper.def.relations[self.relation].access.component(object.as_any(), self.part) {
            ColumnValue::Value(value) => Some(value),
            _ => None,
        }
    }
}

impl Mapper {
    /// Has fields that nobody set say what the foreign keys say that share their columns.
    ///
    /// # Errors
    /// [`Encode`](ErrorKind::Encode) for a key that has no binary form.
    pub(crate) fn fill_shared(&self, object: &mut dyn Object) -> Result<()> {
        for shared in &self.shared {
            if matches!(object.column(shared.column), ColumnValue::Unset) {
                self.share(*shared, object)?;
            }
        }
        Ok(())
    }

    /// Has the fields of shared columns say what the key of a foreign key says.
    ///
    /// # Errors
    /// As [`fill_shared`](Self::fill_shared).
    pub(crate) fn follow_shared(&self, relation: usize, object: &mut dyn Object) -> Result<()> {
        let mut all = self.shared.iter().filter(|shared| shared.relation == relation);
        all.try_for_each(|shared| self.share(*shared, object))
    }

    /// Points foreign keys to the key that a row has by now, where only a column changed that they share.
    pub(crate) fn renew_shared(&self, object: &mut dyn Object, row: &dyn Object) {
        for shared in &self.shared {
            let own = self.relations[shared.relation].kind.own_columns();
            let same = |column: &usize| object.column(*column).same_as(&row.column(*column));
            let held = object.column(shared.column);
            let differs = |value: &dyn AnyScalar| !held.same_as(&ColumnValue::Value(value));
            if shared.in_key(self, object).is_some_and(differs)
                && same(&shared.column)
                && own.iter().all(same)
            {
                object.copy_column(own[0], row);
            }
        }
    }

    fn share(&self, shared: Shared, object: &mut dyn Object) -> Result<()> {
        let def = &self.def.columns[shared.column];
        // What another foreign key holds comes from its target.
        if self.relations.iter().any(|link| link.kind.own_columns().contains(&shared.column)) {
            return Ok(());
        }
        let Some(value) = shared.in_key(self, object).map(Param::of) else { return Ok(()) };
        let place = || format!("`{}` of a `{}`", def.field, self.def.name);
        let raw = value.raw().map_err(|why| Error::encode(place(), why.into()))?;
        object.set_generated(shared.column, &value.ty(), raw)
    }

    /// Refuses an object whose foreign keys say something else of a column than the field that holds it.
    ///
    /// # Errors
    /// [`Contradiction`](ErrorKind::Contradiction), or [`Unset`](ErrorKind::Unset) for a field without a value.
    pub(crate) fn check_shared(&self, object: &dyn Object) -> Result<()> {
        for shared in &self.shared {
            let Some(in_key) = shared.in_key(self, object) else { continue };
            match object.column(shared.column) {
                ColumnValue::Value(held) if held.same_as(in_key) => {}
                ColumnValue::Value(held) => {
                    return Err(self.contradiction(*shared, object, Some(held), in_key));
                }
                ColumnValue::Unset => return Err(self.contradiction(*shared, object, None, in_key)),
                _ => {}
            }
        }
        Ok(())
    }

    fn contradiction(
        &self,
        shared: Shared,
        object: &dyn Object,
        held: Option<&dyn AnyScalar>,
        in_key: &dyn AnyScalar,
    ) -> Error {
        let (def, relation) = (&self.def.columns[shared.column], &self.def.relations[shared.relation]);
        let target = (relation.target)().name;
        let key = self.primary_key.iter().map(|column| object.column(*column).to_json().to_string());
        let name = format!("{}({})", self.def.name, key.collect::<Vec<_>>().join(", "));
        let (field, relation, other) = (def.field, relation.name, in_key.json());
        let (kind, said) = match held {
            Some(held) => (ErrorKind::Contradiction, format!("is {}", held.json())),
            None => (ErrorKind::Unset, "is not set".to_owned()),
        };
        let why = format!(
            "`{field}` of {name} {said}, and its `{relation}` is a `{target}` of {other}: they share the column \"{}\", so \
             set `{field}` to {other}, or take another `{target}`",
            def.name
        );
        Error::new(kind, why).with_model(self.def.name).with_columns(vec![def.name.to_owned()])
    }
}
