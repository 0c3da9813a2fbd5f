//! Setting single columns: to values, and to expressions that the database computes.

use super::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::mapper::{Column, Handle, Mapper, Writable, read_only};
use crate::query::Assign;
use crate::sql::{Expr, Param};
use crate::state::{Arena, At, ObjectState};
use crate::types::ColumnType;

impl Session {
    /// Sets a column of an object: to a value, as `session[handle].column = value` does, or to an expression that the
    /// database computes with the next flush.
    ///
    /// An expression has the row change by what is in the database then, not by what was read. The object shows the old
    /// value until the flush, and the new one after it, in the same round trip. What is assigned to the column later, a
    /// rollback, or another expression takes its place; to assign the value that the object shows anyway, `set` that.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Base, Cart, Customer, Product};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// let mut session = engine.session();
    /// let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    /// session.commit().await?;
    /// session.set(tea, Product::TITLE, "Green tea")?;
    /// session.set(tea, Product::PRICE_CENTS, Product::PRICE_CENTS * 2)?;
    /// assert_eq!((&session[tea].title[..], session[tea].price_cents), ("Green tea", 390));
    /// let plan = session.flush_plan()?.to_string();
    /// assert_eq!(plan, r#"update 1 row of product (title, price_cents = "price_cents" * $1)"#);
    /// session.commit().await?; // one round trip
    /// assert_eq!(session[tea].price_cents, 780);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`WrongState`](ErrorKind::WrongState) for an expression on an object that is not in the database yet;
    /// [`ReadOnly`](ErrorKind::ReadOnly) for a generated column, a version, a foreign key (assign the relation) and an
    /// expression for a primary key; [`Encode`](ErrorKind::Encode) for a value that has no binary form;
    /// [`Gone`](ErrorKind::Gone), [`ForeignHandle`](ErrorKind::ForeignHandle).
    pub fn set<M: Writable, F: ColumnType, I>(
        &mut self,
        handle: Handle<M>,
        column: Column<M, F>,
        value: impl Assign<M, F, I>,
    ) -> Result<()> {
        let at = self.arena.locate(handle)?;
        check_settable(self.arena.stores[at.store].mapper, column.index())?;
        match value.into_assigned() {
            Expr::Bind(value) => assign(&mut self.arena, at, column.index(), &value),
            expr => compute(&mut self.arena, at, column.index(), expr),
        }
    }
}

/// Refuses columns that are not set by themselves.
pub(super) fn check_settable(mapper: &Mapper, index: usize) -> Result<()> {
    let (def, column) = (mapper.def, &mapper.def.columns[index]);
    if !column.is_given() || column.version.is_some() {
        return Err(read_only(def, column));
    }
    let mut relations = def.relations.iter().zip(&mapper.relations);
    match relations.find(|(_, link)| link.kind.own_columns().contains(&index)) {
        None => Ok(()),
        Some((relation, _)) => {
            let (model, name) = (def.name, relation.name);
            let why = format!(
                "`{}` of a `{model}` is the foreign key of `{name}`: assign to that field",
                column.name
            );
            Err(refused(ErrorKind::ReadOnly, why, mapper, index))
        }
    }
}

fn assign(arena: &mut Arena, at: At, column: usize, value: &Param) -> Result<()> {
    let store = &mut arena.stores[at.store];
    let place = || format!("`{}` of a `{}`", store.mapper.def.columns[column].field, store.mapper.def.name);
    let raw = value.raw().map_err(|why| Error::encode(place(), why.into()))?;
    store.write(at.slot).set_generated(column, &value.ty(), raw)?;
    store.expressions.remove(at.slot, column);
    Ok(())
}

fn compute(arena: &mut Arena, at: At, column: usize, expr: Expr) -> Result<()> {
    let store = &mut arena.stores[at.store];
    let (mapper, field) = (store.mapper, store.mapper.def.columns[column].field);
    let model = mapper.def.name;
    if mapper.primary_key.contains(&column) {
        let why = format!("`{field}` of a `{model}` is its key, which an expression cannot change");
        return Err(refused(ErrorKind::ReadOnly, why, mapper, column));
    }
    if matches!(store.slot(at.slot).state, ObjectState::Pending | ObjectState::Transient) {
        let why = format!(
            "`{field}` of a new `{model}` cannot be computed from its row, which is not in the database yet: \
             assign a value, or flush first"
        );
        return Err(refused(ErrorKind::WrongState, why, mapper, column));
    }
    if !expr.is_of_row() {
        let why = format!(
            "`{field}` of a `{model}` cannot be set to what other rows say by its handle: use `query().filter(…).set(…).update()`"
        );
        return Err(refused(ErrorKind::WrongState, why, mapper, column));
    }
    store.write(at.slot);
    store.compute(at.slot, column, expr);
    Ok(())
}

pub(super) fn refused(kind: ErrorKind, why: String, mapper: &Mapper, column: usize) -> Error {
    let columns = vec![mapper.def.columns[column].name.to_owned()];
    Error::new(kind, why).with_model(mapper.def.name).with_columns(columns)
}
