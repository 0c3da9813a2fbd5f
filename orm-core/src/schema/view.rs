//! Views: queries that have a name.

use super::{Column, Index, TableName};

/// A view, or a materialised one.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # #[derive(Model, Clone, Debug)]
/// # #[model(base = Base)]
/// # pub struct Book { #[model(primary_key)] pub id: Auto<i64>, pub title: String, pub copies: i32 }
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base, view = "SELECT id, title FROM book WHERE copies > 0")]
/// pub struct Lendable {
///     #[model(primary_key)]
///     pub id: i64,
///     pub title: String,
/// }
/// use orm_core::schema::ViewKind;
/// let view = Base::metadata()?.view("lendable").unwrap();
/// assert_eq!((view.kind, view.columns[1].name.as_str()), (ViewKind::Plain, "title"));
/// assert!(view.definition.as_deref().unwrap().contains("WHERE copies > 0"));
/// # Ok::<_, orm_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The schema that it is in, where its model says one.
    pub schema: Option<String>,
    /// Its name.
    pub name: String,
    /// Whether it keeps its rows.
    pub kind: ViewKind,
    /// Whether who reads it needs the rights of what it reads, and its policies hold for them.
    pub security_invoker: bool,
    /// Its columns, in the order in which the definition gives them.
    pub columns: Vec<Column>,
    /// The query that it stands for; `None` where somebody else makes the view.
    pub definition: Option<String>,
    /// The indexes of a materialised one.
    pub indexes: Vec<Index>,
    /// Its comment.
    pub comment: Option<String>,
}

impl View {
    /// Its name, with its schema.
    ///
    /// ```
    /// use orm_core::schema::{TableName, View, ViewKind};
    /// let view = View {
    ///     schema: Some("audit".into()),
    ///     name: "latest".into(),
    ///     kind: ViewKind::Plain,
    ///     security_invoker: false,
    ///     columns: Vec::new(),
    ///     definition: None,
    ///     indexes: Vec::new(),
    ///     comment: None,
    /// };
    /// assert_eq!(view.full_name(), TableName::in_schema("audit", "latest"));
    /// ```
    pub fn full_name(&self) -> TableName<'_> {
        TableName { schema: self.schema.as_deref(), name: &self.name }
    }
}

/// Whether a view keeps its rows.
///
/// ```
/// use orm_core::schema::ViewKind;
/// assert_eq!((ViewKind::Plain.sql(), ViewKind::Materialized.sql()), ("VIEW", "MATERIALIZED VIEW"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ViewKind {
    /// The query runs each time.
    Plain,
    /// The rows are kept until they are refreshed.
    Materialized,
}

impl ViewKind {
    /// As in CREATE and DROP.
    pub const fn sql(self) -> &'static str {
        match self {
            Self::Plain => "VIEW",
            Self::Materialized => "MATERIALIZED VIEW",
        }
    }
}
