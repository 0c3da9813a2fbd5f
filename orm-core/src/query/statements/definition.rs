//! Queries that define views.

use crate::error::{Error, ErrorKind, Result};
use crate::mapper::Criteria;
use crate::query::Select;
use crate::query::scope::Scope;

/// What can define a view whose model has columns of the types `T`: a query that gives a tuple of these in their order, or a
/// [`Row`](crate::query::Row) whose fields have these types, such as a union or a query of common ones.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::Defines;
/// fn text(query: &impl Defines<(i64, String)>) -> orm_core::Result<String> {
///     query.definition()
/// }
/// let adults = columns((Customer::ID, Customer::NAME)).filter(Customer::AGE.ge(18) & Customer::NAME.ne("Ann's"));
/// assert_eq!(
///     text(&adults)?,
///     r#"SELECT "id", "name" FROM "customer" WHERE "age" >= '18'::integer AND "name" <> 'Ann''s'::text"#
/// );
/// // The rows of a union are those of a struct.
/// # use shop_models::models::Product;
/// use orm_core::query::select_from;
/// #[derive(Row, Clone, Debug)]
/// struct Known {
///     id: i64,
///     name: String,
/// }
/// let customers = columns(KnownColumns { id: Customer::ID, name: Customer::NAME });
/// let all = customers.union(columns(KnownColumns { id: Product::ID, name: Product::TITLE }));
/// assert!(text(&select_from(all).filter(Known::ID.gt(3)))?.ends_with(r#"AS "known"("id", "name") WHERE "id" > '3'::bigint"#));
/// # Ok::<_, orm_core::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot define a view",
    label = "the function has to give a query: `fn() -> Select<…, {T}>`"
)]
pub trait Defines<T> {
    /// The SQL text, with its values as literals: a view cannot have bound ones. Criteria of models are part of it.
    ///
    /// # Errors
    /// [`Mapping`](ErrorKind::Mapping) when the query is wrong, or has a value that no text stands for.
    fn definition(&self) -> Result<String>;
}

impl<S: Scope, R: Gives<T>, T> Defines<T> for Select<S, R> {
    fn definition(&self) -> Result<String> {
        let select = self.restricted(&Criteria::default())?;
        select.render_definition().map_err(|why| Error::new(ErrorKind::Mapping, why))
    }
}

/// The values of one row, which are those that a model of a view has.
#[diagnostic::on_unimplemented(
    message = "the columns of the view have the types `{T}`, and a row of its definition is `{Self}`",
    label = "these rows do not fit the model"
)]
#[doc(hidden)]
pub trait Gives<T> {}

#[diagnostic::do_not_recommend]
impl<T> Gives<T> for T {}
