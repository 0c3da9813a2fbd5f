//! Conditions on embedded values.

use crate::mapper::{Column, Composite, Embedded, Model, Relation, RelationKind, Variant};
use crate::query::Predicate;
use crate::sql::{Expr, Param};
use crate::types::ColumnValue;

/// What says which variant an embedded enum `E` holds: one of its [`Variant`]s, or a relation that is all of a variant.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// use orm_core::query::VariantOf;
/// # #[derive(Embedded, Clone, Debug)]
/// # pub enum Status { Open, Closed { reason: String } }
/// # #[derive(Model, Clone, Debug)]
/// # #[model(base = Base)]
/// # pub struct Ticket { #[model(primary_key)] pub id: Auto<i64>, #[model(embed)] pub status: Status }
/// fn count(variant: impl VariantOf<Status>) -> orm_core::query::Select<Ticket> {
///     select::<Ticket>().filter(Ticket::STATUS.is(variant))
/// }
/// assert!(count(Status::OPEN).to_string().ends_with(r#"WHERE "status" = $1"#));
/// ```
///
/// What else an embedded value can be asked; values are compared column by column:
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// # #[derive(Embedded, Clone, Debug)]
/// # pub enum Status { Open, Closed { reason: Option<String> } }
/// # #[derive(Model, Clone, Debug)]
/// # #[model(base = Base)]
/// # pub struct Ticket { #[model(primary_key)] pub id: Auto<i64>, #[model(embed)] pub status: Option<Status> }
/// let closed = Status::Closed { reason: None };
/// let filters = [
///     (Ticket::STATUS.eq(&closed), r#""status" = $1 AND "status_reason" IS NULL"#),
///     (Ticket::STATUS.ne(&closed), r#""status" IS DISTINCT FROM $1 OR "status_reason" IS DISTINCT FROM $2"#),
///     (Ticket::STATUS.is_null(), r#""status" IS NULL AND "status_reason" IS NULL"#),
///     (Ticket::STATUS.is_not_null(), r#"NOT ("status" IS NULL AND "status_reason" IS NULL)"#),
///     (Ticket::STATUS.tag().in_any(["open"]), r#""status" IN (SELECT unnest($1))"#),
/// ];
/// for (filter, text) in filters {
///     let query = select::<Ticket>().filter(filter).to_string();
///     assert_eq!(query.split_once("WHERE ").unwrap().1, text);
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no variant of `{E}`",
    label = "expected a variant of `{E}`, such as `{E}::NAME`"
)]
pub trait VariantOf<E> {
    #[doc(hidden)]
    fn condition<M: Model>(self, first_column: usize, first_relation: usize) -> Predicate<M>;
}

impl<E: Embedded> VariantOf<E> for Variant<E> {
    fn condition<M: Model>(self, first_column: usize, _: usize) -> Predicate<M> {
        Column::<M, String>::new(first_column).eq(self.tag())
    }
}

impl<E: Embedded, T, A> VariantOf<E> for Relation<E, T, A> {
    fn condition<M: Model>(self, _: usize, first_relation: usize) -> Predicate<M> {
        let relation = &M::def().relations[first_relation + self.index()];
        let RelationKind::BelongsTo { columns, .. } = relation.kind else {
            unreachable!("embedded relations are foreign keys")
        };
        Column::<M, String>::new(columns[0]).is_not_null()
    }
}

impl<M: Model, E: Embedded, A> Composite<M, E, A> {
    /// Whether it is this variant of an enum.
    pub fn is(self, variant: impl VariantOf<E>) -> Predicate<M> {
        variant.condition(self.first_column(), self.first_relation())
    }

    /// Whether it is this value, column by column: `NULL` is equal to `NULL`.
    pub fn eq(self, value: &E) -> Predicate<M> {
        let columns = M::def().columns;
        let parts = self.positions().enumerate().map(|(at, position)| {
            let column = Box::new(Expr::Column(columns[position].name));
            match value.column(at) {
                ColumnValue::Value(value) => {
                    Expr::Binary { op: "=", left: column, right: Box::new(Expr::Bind(Param::of(value))) }
                }
                _ => Expr::IsNull(column),
            }
        });
        Predicate::new(Expr::And(parts.collect()))
    }

    /// Whether it is another value.
    pub fn ne(self, value: &E) -> Predicate<M> {
        let columns = M::def().columns;
        let parts = self.positions().enumerate().map(|(at, position)| {
            let left = Box::new(Expr::Column(columns[position].name));
            let right = Box::new(Expr::Bind(Param::of_column(value.column(at), columns[position].sql_type)));
            Expr::Binary { op: "IS DISTINCT FROM", left, right }
        });
        Predicate::new(Expr::Or(parts.collect()))
    }

    /// Whether all its columns are `NULL`: `None`, where it is an `Option`.
    pub fn is_null(self) -> Predicate<M> {
        let columns = M::def().columns;
        let parts = self.positions().map(|at| Expr::IsNull(Box::new(Expr::Column(columns[at].name))));
        Predicate::new(Expr::And(parts.collect()))
    }

    /// Whether there is something.
    pub fn is_not_null(self) -> Predicate<M> {
        !self.is_null()
    }

    /// The column that says which variant of an enum it is, as text. (Of a struct, the first column.)
    pub fn tag(self) -> Column<M, String> {
        Column::new(self.first_column())
    }
}
