//! Indexes.

use std::fmt;

/// An index.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Base;
/// use orm_core::schema::Index;
/// let index = &Base::metadata()?.table("cart").unwrap().indexes[0];
/// assert_eq!((&index.name[..], index.columns()), ("ix_cart_customer_id", vec!["customer_id"]));
/// assert_eq!(*index, Index::of("cart", ["customer_id"])); // a plain one
/// # Ok::<_, orm_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Whether no two rows have the same keys.
    pub is_unique: bool,
    /// Whether two `NULL`s are the same for a unique index (`NULLS NOT DISTINCT`, PostgreSQL 15).
    pub nulls_not_distinct: bool,
    /// How it finds rows, as in `USING …`.
    pub method: String,
    /// What it is made of.
    pub keys: Vec<IndexKey>,
    /// Columns that it holds beside its keys.
    pub include: Vec<String>,
    /// How it is built and kept, as in `WITH (…)`.
    pub parameters: Vec<IndexParameter>,
    /// The condition on the rows that are in it.
    pub filter: Option<String>,
}

impl Index {
    /// How an index finds rows where nothing is said.
    pub const DEFAULT_METHOD: &str = "btree";

    /// A plain index of some columns, named by the convention.
    pub fn of<'a>(table: &str, columns: impl IntoIterator<Item = &'a str>) -> Self {
        let columns: Vec<&str> = columns.into_iter().collect();
        Self {
            name: super::constraint_name("ix", table, &columns),
            is_unique: false,
            nulls_not_distinct: false,
            method: Self::DEFAULT_METHOD.to_owned(),
            keys: columns.into_iter().map(IndexKey::column).collect(),
            include: Vec::new(),
            parameters: Vec::new(),
            filter: None,
        }
    }

    /// The columns among its keys, in their order.
    pub fn columns(&self) -> Vec<&str> {
        let column = |key: &'_ IndexKey| matches!(key.of, IndexOf::Column(_));
        self.keys.iter().filter(|key| column(key)).map(|key| key.of.text()).collect()
    }

    /// Whether it has all rows, by columns alone: then a unique one names each row.
    ///
    /// ```
    /// # use orm_core::schema::Index;
    /// assert!(Index::of("customer", ["name"]).is_of_all_rows());
    /// ```
    pub fn is_of_all_rows(&self) -> bool {
        self.filter.is_none() && self.columns().len() == self.keys.len()
    }
}

/// What is set for an index, as in `WITH (lists = 100)`.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// use orm_core::schema::{IndexParameter, ParameterValue};
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base, index("name", with(fillfactor = 70, deduplicate_items = false)))]
/// pub struct Tea {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     pub name: String,
/// }
/// let index = &Base::metadata()?.table("tea").unwrap().indexes[0];
/// let full = IndexParameter { name: "fillfactor".into(), value: ParameterValue::Integer(70) };
/// assert_eq!(index.parameters[0], full);
/// assert!(orm_core::sql::create_index_statement("tea", index).ends_with(
///     r#"("name") WITH ("fillfactor" = 70, "deduplicate_items" = false)"#
/// ));
/// # Ok::<_, orm_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexParameter {
    /// Its name.
    pub name: String,
    /// What it is set to.
    pub value: ParameterValue,
}

/// What an [`IndexParameter`] is set to.
///
/// ```
/// use orm_core::schema::ParameterValue;
/// assert_eq!([ParameterValue::Integer(100), ParameterValue::Truth(true)].map(|value| value.to_string()), ["100", "true"]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParameterValue {
    /// A number.
    Integer(u32),
    /// Whether it is on.
    Truth(bool),
}

impl fmt::Display for ParameterValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(number) => number.fmt(f),
            Self::Truth(truth) => truth.fmt(f),
        }
    }
}

/// One key of an index.
///
/// ```
/// use orm_core::schema::{IndexKey, IndexOf};
/// let key = IndexKey::column("name");
/// assert_eq!((key.of, key.descending, key.operator_class), (IndexOf::Column("name".into()), false, None));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexKey {
    /// A column or an expression.
    pub of: IndexOf,
    /// How its values are compared, where not as usual for their type.
    pub operator_class: Option<String>,
    /// Whether large values come first.
    pub descending: bool,
    /// Whether `NULL` comes first; as the largest value, where it is not said.
    pub nulls_first: Option<bool>,
}

impl IndexKey {
    /// A column, in the usual order.
    pub fn column(name: &str) -> Self {
        Self {
            of: IndexOf::Column(name.to_owned()),
            operator_class: None,
            descending: false,
            nulls_first: None,
        }
    }
}

/// What a key of an index is made of.
///
/// ```
/// use orm_core::schema::IndexOf;
/// assert_eq!(IndexOf::Expression("lower(email)".into()).text(), "lower(email)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexOf {
    /// A column.
    Column(String),
    /// An SQL expression.
    Expression(String),
}

impl IndexOf {
    /// The name of the column, or the expression.
    pub fn text(&self) -> &str {
        match self {
            Self::Column(text) | Self::Expression(text) => text,
        }
    }
}
