//! What a table is called, and where it is.

use std::fmt;

/// The name of a table or a view, and the schema that it is in.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// use orm_core::schema::TableName;
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base, schema = "audit")]
/// pub struct Entry {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
/// }
/// let name = Entry::def().table;
/// assert_eq!((name, name.to_string()), (TableName::in_schema("audit", "entry"), "audit.entry".to_owned()));
/// assert_eq!(Base::metadata()?.table(name).unwrap().schema.as_deref(), Some("audit"));
/// assert_eq!(select::<Entry>().to_string(), r#"SELECT "id" FROM "audit"."entry""#);
/// # Ok::<(), orm_core::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TableName<'a> {
    /// The schema; where it is `None`, the first one of the connection's `search_path` that has such a table.
    pub schema: Option<&'a str>,
    /// The name in there.
    pub name: &'a str,
}

impl<'a> TableName<'a> {
    /// A table where the connection looks first.
    ///
    /// ```
    /// # use orm_core::schema::TableName;
    /// assert_eq!(TableName::new("customer"), "customer".into());
    /// ```
    pub const fn new(name: &'a str) -> Self {
        Self { schema: None, name }
    }

    /// A table of a schema.
    ///
    /// ```
    /// # use orm_core::schema::TableName;
    /// assert_ne!(TableName::in_schema("audit", "entry"), TableName::new("entry"));
    /// ```
    pub const fn in_schema(schema: &'a str, name: &'a str) -> Self {
        Self { schema: Some(schema), name }
    }
}

impl<'a> From<&'a str> for TableName<'a> {
    fn from(name: &'a str) -> Self {
        Self::new(name)
    }
}

/// As people write it: `audit.entry`.
impl fmt::Display for TableName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = self.schema {
            write!(f, "{schema}.")?;
        }
        f.write_str(self.name)
    }
}
