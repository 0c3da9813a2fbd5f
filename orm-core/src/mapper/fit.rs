//! Values as the database keeps them: objects get them when they are written, and what cannot be kept is refused.

use super::{ColumnDef, Link, Mapper, ModelDef, Object};
use crate::error::{Error, Result};
use crate::sql::Param;
use crate::types::{AnyScalar, ColumnValue, TypeModifier, WireError};
use bytes::BytesMut;

/// A column whose values the database may keep as others than the program gave.
#[derive(Clone, Copy, Debug)]
pub struct Fitted {
    /// Its position.
    pub column: usize,
    /// What it says of its type.
    pub modifier: Option<TypeModifier>,
    /// Whether values of the program can be finer.
    pub holds_times: bool,
}

impl Fitted {
    /// Those of a model; the columns of foreign keys have what their targets have.
    pub(super) fn of(def: &ModelDef, links: &[Link]) -> Vec<Self> {
        let is_given = |(column, def): &(usize, &ColumnDef)| {
            let of_target = links.iter().any(|link| link.kind.own_columns().contains(column));
            def.is_given() && def.version.is_none() && !of_target
        };
        let fitted = |(column, def): (usize, &ColumnDef)| Self {
            column,
            modifier: def.modifier,
            holds_times: def.sql_type.holds_times(),
        };
        let all = def.columns.iter().enumerate().filter(is_given).map(fitted);
        all.filter(|fitted| fitted.modifier.is_some() || fitted.holds_times).collect()
    }

    /// Whether a look at the value is enough to know that it is kept as it is.
    fn is_plain(&self, value: &dyn AnyScalar) -> bool {
        match self.modifier {
            Some(TypeModifier::Length(most)) => {
                value.as_any().downcast_ref::<String>().is_some_and(|text| text.len() as u64 <= most.into())
            }
            _ => false,
        }
    }
}

impl ColumnDef {
    /// A value for the column that has a binary form.
    ///
    /// # Errors
    /// [`Encode`](crate::ErrorKind::Encode) for one that has none.
    pub(crate) fn sendable(&self, model: &'static str, value: Param) -> Result<Param> {
        match value.error() {
            Some(why) => Err(self.refused(model, why.into())),
            None => Ok(value),
        }
    }

    /// A value for the column, as the database keeps it.
    ///
    /// # Errors
    /// [`Encode`](crate::ErrorKind::Encode) for one that does not fit or has no binary form.
    pub(crate) fn fit(&self, model: &'static str, value: Param) -> Result<Param> {
        let value = self.sendable(model, value)?;
        let Some(modifier) = self.modifier else { return Ok(value) };
        let Ok(Some(raw)) = value.raw() else { return Ok(value) };
        match modifier.fit(self.sql_type, raw) {
            Ok(None) => Ok(value),
            Ok(Some(raw)) => Ok(Param::encoded(self.sql_type, Some(raw.into()))),
            Err(why) => Err(self.refused(model, why)),
        }
    }

    /// As [`fit`](Self::fit), with the error as the value: it is told when the statement is sent.
    pub(crate) fn fitted(&self, model: &'static str, value: Param) -> Param {
        self.fit(model, value).unwrap_or_else(|error| {
            let why = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            Param::refused(format!("`{}` of a `{model}`: {why}", self.field))
        })
    }

    fn refused(&self, model: &'static str, why: WireError) -> Error {
        let error = Error::encode(format_args!("`{}` of a `{model}`", self.field), why);
        error.with_model(model).with_columns(vec![self.name.to_owned()])
    }
}

impl Mapper {
    /// Refuses values of columns that have no binary form, all of them before one is sent.
    ///
    /// # Errors
    /// [`Encode`](crate::ErrorKind::Encode), naming the column.
    pub(crate) fn check_sendable(&self, columns: &[usize], values: &[Param]) -> Result<()> {
        let refused = columns.iter().zip(values).find_map(|(column, value)| Some((column, value.error()?)));
        match refused {
            Some((column, why)) => Err(self.def.columns[*column].refused(self.def.name, why.into())),
            None => Ok(()),
        }
    }

    /// Gives an object that is going to be written the values that the database will keep; `original` is the object as the database has it,
    /// and columns that are `computed` are not looked at. `raw` is room for values.
    ///
    /// # Errors
    /// [`Encode`](crate::ErrorKind::Encode) for a value that does not fit its column, naming it.
    pub(crate) fn fit(
        &self,
        object: &mut dyn Object,
        original: Option<&dyn Object>,
        computed: &[usize],
        raw: &mut BytesMut,
    ) -> Result<()> {
        for fitted in self.fitted.iter().filter(|fitted| !computed.contains(&fitted.column)) {
            let ColumnValue::Value(value) = object.column(fitted.column) else { continue };
            let before = original.map(|original| original.column(fitted.column));
            let is_written = before.is_none_or(|before| !before.same_as(&ColumnValue::Value(value)));
            // What is not written may still be finer than the same value of the database.
            let modifier = fitted.modifier.filter(|_| is_written);
            if (is_written || fitted.holds_times) && !fitted.is_plain(value) {
                self.keep(object, fitted.column, raw, modifier)?;
            }
        }
        Ok(())
    }

    /// The column becomes what comes back of its binary form.
    fn keep(
        &self,
        object: &mut dyn Object,
        column: usize,
        raw: &mut BytesMut,
        modifier: Option<TypeModifier>,
    ) -> Result<()> {
        let def = &self.def.columns[column];
        let ColumnValue::Value(value) = object.column(column) else { return Ok(()) };
        raw.clear();
        let kept = value.encode(raw).and_then(|()| match modifier {
            Some(modifier) => modifier.fit(def.sql_type, raw),
            None => Ok(None),
        });
        match kept {
            Err(why) => Err(def.refused(self.def.name, why)),
            Ok(None) if !def.sql_type.holds_times() => Ok(()),
            Ok(other) => {
                object.set_generated(column, &def.sql_type.element(), Some(other.as_deref().unwrap_or(raw)))
            }
        }
    }
}
