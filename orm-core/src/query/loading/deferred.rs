//! Which deferred columns a query reads.

use crate::mapper::{Column, Layout, Model, ModelDef};
use crate::query::Select;
use crate::types::{ColumnType, Deferred};
use std::borrow::Cow;

/// The deferred columns of a group: `#[model(deferred = "media")]`.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # #[derive(Model, Clone, Debug)]
/// # #[model(base = Base)]
/// # pub struct Book {
/// #     #[model(primary_key)]
/// #     pub id: i64,
/// #     pub text: Deferred<String>,
/// #     #[model(deferred = "media")]
/// #     pub cover: Deferred<Option<Vec<u8>>>,
/// # }
/// use orm_core::query::Group;
/// let query = select::<Book>().undefer((Book::TEXT, Group("media")));
/// assert_eq!(query.to_string(), r#"SELECT "id", "text", "cover" FROM "book""#);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Group(pub &'static str);

/// Deferred columns of model `M`: a column, a [`Group`], or a tuple of those.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # #[derive(Model, Clone, Debug)]
/// # #[model(base = Base)]
/// # pub struct Book {
/// #     #[model(primary_key)]
/// #     pub id: i64,
/// #     pub text: Deferred<String>,
/// # }
/// use orm_core::query::DeferredColumns;
/// /// All objects of a model, with columns of the caller's choice.
/// async fn all<M: Model>(session: &mut Session, with: impl DeferredColumns<M>) -> orm_core::Result<Vec<Handle<M>>> {
///     session.query::<M>().undefer(with).all().await
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// assert!(all(&mut engine.session(), Book::TEXT).await?.is_empty());
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no deferred column of `{M}`",
    label = "read with every row, or of another model",
    note = "a column that queries can leave out is a field of type `Deferred<…>`"
)]
pub trait DeferredColumns<M> {
    /// The positions of the columns.
    ///
    /// # Errors
    /// A message for a group that the model does not have.
    #[doc(hidden)]
    fn positions(&self) -> Result<Vec<usize>, String>;
}

impl<M: Model, C: ColumnType> DeferredColumns<M> for Column<M, Deferred<C>> {
    fn positions(&self) -> Result<Vec<usize>, String> {
        Ok(vec![self.index()])
    }
}

impl<M: Model> DeferredColumns<M> for Group {
    fn positions(&self) -> Result<Vec<usize>, String> {
        let def = M::def();
        let found = deferred(def).filter(|column| group(def, *column) == Some(self.0)).collect::<Vec<_>>();
        if found.is_empty() {
            return Err(no_group(def, self.0));
        }
        Ok(found)
    }
}

/// No column at all.
impl<M: Model> DeferredColumns<M> for () {
    fn positions(&self) -> Result<Vec<usize>, String> {
        Ok(Vec::new())
    }
}

macro_rules! tuples {
    ($($name:ident $index:tt)+) => {
        impl<M: Model, $($name: DeferredColumns<M>),+> DeferredColumns<M> for ($($name,)+) {
            fn positions(&self) -> Result<Vec<usize>, String> {
                let mut all = Vec::new();
                $(all.extend(self.$index.positions()?);)+
                Ok(all)
            }
        }
    };
}
tuples!(A 0 B 1);
tuples!(A 0 B 1 C 2);
tuples!(A 0 B 1 C 2 D 3);

/// What becomes of the columns that are named.
#[derive(Clone, Copy, Debug)]
pub(in crate::query) enum Choice {
    /// They are read.
    Read,
    /// They are left out.
    Leave,
    /// They are read, and the other deferred ones are not.
    Only,
}

impl Choice {
    /// The columns that are read after this choice.
    ///
    /// # Errors
    /// Why the named columns are none.
    pub(in crate::query) fn of<M: Model>(
        self,
        layout: &Layout,
        columns: Result<Vec<usize>, String>,
    ) -> Result<Layout, String> {
        let columns = columns?;
        Ok(match self {
            Self::Read => layout.with(&columns, true),
            Self::Leave => layout.with(&columns, false),
            Self::Only => layout.with(&deferred(M::def()).collect::<Vec<_>>(), false).with(&columns, true),
        })
    }
}

fn deferred(def: &ModelDef) -> impl Iterator<Item = usize> {
    (0..def.columns.len()).filter(|column| def.columns[*column].deferred.is_some())
}

fn group(def: &ModelDef, column: usize) -> Option<&'static str> {
    def.columns[column].deferred?.group
}

fn no_group(def: &ModelDef, name: &str) -> String {
    let mut groups: Vec<&str> = deferred(def).filter_map(|column| group(def, column)).collect();
    groups.dedup();
    format!("`{}` has no group \"{name}\" of deferred columns; it has: {}", def.name, groups.join(", "))
}

impl<M: Model> Select<M> {
    /// Reads deferred columns, too.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # orm_core::declarative_base!(pub Base);
    /// # #[derive(Model, Clone, Debug)]
    /// # #[model(base = Base)]
    /// # pub struct Book {
    /// #     #[model(primary_key)]
    /// #     pub id: i64,
    /// #     pub text: Deferred<String>,
    /// #     #[model(deferred = "media")]
    /// #     pub cover: Deferred<Option<Vec<u8>>>,
    /// #     #[model(deferred = "media")]
    /// #     pub sound: Deferred<Option<Vec<u8>>>,
    /// #     #[model(deferred = false)]
    /// #     pub note: Deferred<String>,
    /// # }
    /// let columns = |query: Select<Book>| query.to_string().replace(" FROM \"book\"", "");
    /// # use orm_core::query::{Group, Select};
    /// assert_eq!(columns(select()), r#"SELECT "id", "note""#);
    /// assert_eq!(columns(select().undefer(Book::TEXT)), r#"SELECT "id", "text", "note""#);
    /// assert_eq!(columns(select().undefer_group("media")), r#"SELECT "id", "cover", "sound", "note""#);
    /// assert_eq!(columns(select().defer(Book::NOTE)), r#"SELECT "id""#);
    /// assert_eq!(columns(select().load_only((Book::TEXT, Book::COVER))), r#"SELECT "id", "text", "cover""#);
    /// let error = select::<Book>().undefer_group("meida");
    /// assert!(error.to_string().contains(r#"`Book` has no group "meida" of deferred columns; it has: media"#));
    /// ```
    pub fn undefer(self, columns: impl DeferredColumns<M>) -> Self {
        self.lay_out(columns.positions(), Choice::Read)
    }

    /// Reads the deferred columns of a group, too.
    pub fn undefer_group(self, name: &'static str) -> Self {
        self.undefer(Group(name))
    }

    /// Leaves columns out that would be read.
    pub fn defer(self, columns: impl DeferredColumns<M>) -> Self {
        self.lay_out(columns.positions(), Choice::Leave)
    }

    /// Reads of all columns that can be left out these alone. What is no `Deferred` is read in any case: its field has a value.
    pub fn load_only(self, columns: impl DeferredColumns<M>) -> Self {
        self.lay_out(columns.positions(), Choice::Only)
    }

    fn lay_out(mut self, columns: Result<Vec<usize>, String>, choice: Choice) -> Self {
        let Ok(ast) = &mut self.ast else { return self };
        if ast.derived.is_some() {
            self.ast = Err(format!(
                "the columns of a `{}` are those of the query that gives its rows: say there which it reads",
                M::def().name
            ));
            return self;
        }
        match choice.of::<M>(&self.layout, columns) {
            Ok(layout) => {
                ast.list = layout.select_list(M::def()).into();
                self.layout = Cow::Owned(layout);
            }
            Err(why) => self.ast = Err(why),
        }
        self
    }
}
