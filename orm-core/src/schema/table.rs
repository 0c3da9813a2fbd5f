//! One table and what belongs to it.

use super::{Exclusion, Index, IndexOf, TableName};
use crate::types::{SqlType, TypeModifier};

/// A table.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Base;
/// let cart = Base::metadata()?.table("cart").unwrap();
/// assert!(cart.column("customer_id").is_some_and(|column| !column.nullable));
/// assert_eq!(cart.constraint_columns("uq_cart_invoice"), Some(vec!["invoice"]));
/// assert_eq!(cart.constraint_columns("no_such_constraint"), None);
/// # Ok::<_, orm_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The schema that it is in, where its model says one.
    pub schema: Option<String>,
    /// Its name.
    pub name: String,
    /// Its columns, in their order.
    pub columns: Vec<Column>,
    /// Its primary key.
    pub primary_key: KeyConstraint,
    /// Its unique constraints.
    pub uniques: Vec<KeyConstraint>,
    /// Its checks.
    pub checks: Vec<Check>,
    /// What no two of its rows may have at once.
    pub exclusions: Vec<Exclusion>,
    /// Its foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
    /// Its indexes, beyond those of its constraints.
    pub indexes: Vec<Index>,
    /// Its comment.
    pub comment: Option<String>,
}

impl Table {
    /// Its name, with its schema.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::Base;
    /// assert_eq!(Base::metadata()?.table("cart").unwrap().full_name().to_string(), "cart");
    /// # Ok::<_, orm_core::Error>(())
    /// ```
    pub fn full_name(&self) -> TableName<'_> {
        TableName { schema: self.schema.as_deref(), name: &self.name }
    }

    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name == name)
    }

    /// The columns that a constraint or index of this name is made of.
    pub fn constraint_columns(&self, name: &str) -> Option<Vec<&str>> {
        let keys = std::iter::once(&self.primary_key).chain(&self.uniques);
        let mut named = keys
            .map(|k| (&k.name, &k.columns))
            .chain(self.foreign_keys.iter().map(|f| (&f.name, &f.columns)));
        let of_constraint =
            named.find(|(n, _)| *n == name).map(|(_, columns)| columns.iter().map(String::as_str).collect());
        let of_check = || {
            let check = self.checks.iter().find(|check| check.name == name);
            check.map(|check| check.column.as_deref().into_iter().collect())
        };
        let of_exclusion = || {
            let exclusion = self.exclusions.iter().find(|exclusion| exclusion.name == name)?;
            let keys = exclusion.keys.iter().map(|compared| &compared.key.of);
            Some(keys.filter(|of| matches!(of, IndexOf::Column(_))).map(IndexOf::text).collect())
        };
        let of_index = || self.indexes.iter().find(|index| index.name == name).map(Index::columns);
        of_constraint.or_else(of_index).or_else(of_check).or_else(of_exclusion)
    }
}

/// A column of a table.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Base;
/// use orm_core::types::{SqlType, TypeModifier};
/// let email = Base::metadata()?.table("customer").unwrap().column("email").unwrap();
/// assert_eq!((email.sql_type, email.modifier), (SqlType::Text, Some(TypeModifier::Length(254))));
/// assert_eq!((&email.type_name()[..], email.nullable), ("varchar(254)", false));
/// # Ok::<_, orm_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub sql_type: SqlType,
    /// What it says of its type beyond the type.
    pub modifier: Option<TypeModifier>,
    /// The collation of a text, where it is not that of the database.
    pub collation: Option<String>,
    /// Whether `NULL` is allowed.
    pub nullable: bool,
    /// What the database fills in.
    pub default: Option<ColumnDefault>,
    /// Its comment.
    pub comment: Option<String>,
}

impl Column {
    /// The type as `CREATE TABLE` names it.
    pub fn type_name(&self) -> String {
        match self.modifier {
            Some(modifier) => modifier.name(self.sql_type),
            None => self.sql_type.name().to_owned(),
        }
    }
}

/// What the database fills into a column that is not given.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Base;
/// use orm_core::schema::{ColumnDefault, Identity};
/// let customer = Base::metadata()?.table("customer").unwrap();
/// assert_eq!(customer.column("id").unwrap().default, Some(ColumnDefault::Identity(Identity::default())));
/// assert_eq!(customer.column("created_at").unwrap().default, Some(ColumnDefault::Expression("now()".into())));
/// # Ok::<_, orm_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnDefault {
    /// `GENERATED … AS IDENTITY`
    Identity(Identity),
    /// `DEFAULT expression`
    Expression(String),
    /// `GENERATED ALWAYS AS (expression) STORED`
    Generated(String),
}

/// How the database numbers rows: `identity` of a column.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Invoice {
///     #[model(primary_key, identity(always, start = 1000, increment = 10))] // or `identity = "always"`
///     pub number: Auto<i64>,
/// }
/// use orm_core::schema::{ColumnDefault, Identity};
/// let number = Base::metadata()?.table("invoice").unwrap().column("number").unwrap();
/// let identity = Identity { always: true, start: Some(1000), increment: Some(10) };
/// assert_eq!(number.default, Some(ColumnDefault::Identity(identity)));
/// # Ok::<_, orm_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Identity {
    /// Whether a number that a program gives is refused.
    pub always: bool,
    /// The first number, where it is not the usual one.
    pub start: Option<i64>,
    /// The step from one to the next, where it is not 1.
    pub increment: Option<i64>,
}

/// A primary key or unique constraint.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Base;
/// let link = Base::metadata()?.table("cart_product").unwrap();
/// assert_eq!(link.primary_key.name, "pk_cart_product");
/// assert_eq!(link.primary_key.columns, ["cart_id", "product_id"]);
/// # Ok::<_, orm_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyConstraint {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<String>,
}

/// A CHECK constraint.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Base;
/// let check = &Base::metadata()?.table("product").unwrap().checks[0];
/// assert_eq!((&check.name[..], &check.expression[..]), ("ck_product_price_cents", "price_cents >= 0"));
/// assert_eq!(check.column.as_deref(), Some("price_cents"));
/// # Ok::<_, orm_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// Its SQL expression.
    pub expression: String,
    /// The column that it was declared on, where it was one.
    pub column: Option<String>,
}

/// A foreign key.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Base;
/// let to_customer = &Base::metadata()?.table("cart").unwrap().foreign_keys[0];
/// assert_eq!((&to_customer.columns[0][..], &to_customer.target_table[..]), ("customer_id", "customer"));
/// assert_eq!((&to_customer.on_delete[..], &to_customer.on_update[..]), ("CASCADE", "NO ACTION"));
/// assert_eq!(to_customer.deferrable, orm_core::schema::Deferrable::Never);
/// # Ok::<_, orm_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignKey {
    /// Its name.
    pub name: String,
    /// The referring columns.
    pub columns: Vec<String>,
    /// The schema of the table it refers to, where its model says one.
    pub target_schema: Option<String>,
    /// The table it refers to.
    pub target_table: String,
    /// The columns it refers to.
    pub target_columns: Vec<String>,
    /// As in `ON DELETE …`.
    pub on_delete: String,
    /// The columns that `ON DELETE SET NULL` or `SET DEFAULT` sets; empty where these are all.
    pub set_columns: Vec<String>,
    /// As in `ON UPDATE …`.
    pub on_update: String,
    /// When it is checked.
    pub deferrable: Deferrable,
}

impl ForeignKey {
    /// The name of the table it refers to, with its schema.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::Base;
    /// let to_customer = &Base::metadata()?.table("cart").unwrap().foreign_keys[0];
    /// assert_eq!(to_customer.target(), "customer".into());
    /// # Ok::<_, orm_core::Error>(())
    /// ```
    pub fn target(&self) -> TableName<'_> {
        TableName { schema: self.target_schema.as_deref(), name: &self.target_table }
    }
}

/// When the database checks a foreign key: `deferrable` of `#[belongs_to]`.
///
/// What has to be there at COMMIT need not be there before: rows can be written in any order, also those of tables that refer
/// to each other in a circle by columns that cannot be `NULL`, as long as statements of the program write them.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # #[derive(Model, Clone, Debug)]
/// # #[model(base = Base)]
/// # pub struct Shelf { #[model(primary_key)] pub id: Auto<i64> }
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Book {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     #[belongs_to(deferrable = "initially deferred")] // or `deferrable`: until `SET CONSTRAINTS` says so
///     pub shelf: BelongsTo<Shelf>,
/// }
/// use orm_core::schema::Deferrable;
/// let key = &Base::metadata()?.table("book").unwrap().foreign_keys[0];
/// assert_eq!(key.deferrable, Deferrable::InitiallyDeferred);
/// assert_eq!(key.deferrable.sql(), "DEFERRABLE INITIALLY DEFERRED");
/// # Ok::<_, orm_core::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Deferrable {
    /// With each statement.
    #[default]
    Never,
    /// With each statement, unless the transaction defers it: `SET CONSTRAINTS … DEFERRED`.
    InitiallyImmediate,
    /// At COMMIT, unless the transaction says otherwise.
    InitiallyDeferred,
}

impl Deferrable {
    /// As in CREATE TABLE.
    pub const fn sql(self) -> &'static str {
        match self {
            Self::Never => "NOT DEFERRABLE",
            Self::InitiallyImmediate => "DEFERRABLE",
            Self::InitiallyDeferred => "DEFERRABLE INITIALLY DEFERRED",
        }
    }
}
