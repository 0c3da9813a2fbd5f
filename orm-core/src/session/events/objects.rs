//! The events of the objects of one model.

use super::{Listeners, Verdict};
use crate::mapper::{Column, Handle, Model};
use crate::state::ObjectState;
use crate::types::{ColumnType, ColumnValue};
use std::any::Any;
use std::sync::Arc;

fn of<T: Model>(object: &dyn Any) -> &T {
    object.downcast_ref().expect("the listeners of a model hear of its objects")
}

fn of_mut<T: Model>(object: &mut dyn Any) -> &mut T {
    object.downcast_mut().expect("the listeners of a model hear of its objects")
}

/// Objects come into the session.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::Listeners;
/// use std::sync::mpsc;
/// let (heard, log) = mpsc::channel();
/// let attached = heard.clone();
/// let listeners = Listeners::new()
///     .before_attach(|customer: &mut Customer| customer.name = customer.name.trim().to_owned())
///     .after_attach(move |handle: Handle<Customer>, customer| {
///         attached.send(format!("{} in session {}", customer.name, handle.session_id())).unwrap();
///     })
///     .on_load(|product: &mut Product| product.title = product.title.to_uppercase())
///     .on_refresh(|product: &mut Product| product.title = product.title.to_lowercase())
///     .on_state(move |_: Handle<Customer>, from, to| heard.send(format!("{from:?} → {to:?}")).unwrap());
/// let mut session = engine.session();
/// session.listen(&listeners);
/// session.add(Customer::builder().name(" Ann ").email("ann@example.org"));
/// session.commit().await?;
/// let states = ["Transient → Pending".into(), format!("Ann in session {}", session.id()), "Pending → Persistent".into()];
/// assert_eq!(log.try_iter().collect::<Vec<_>>(), states);
///
/// Product::builder().sku("T-1").title("Tea").price_cents(390).build().insert(&engine).await?;
/// let tea = session.query::<Product>().one().await?;
/// assert_eq!(session[tea].title, "TEA");
/// assert!(session.flush_plan()?.is_empty()); // that was no change
/// session.refresh(tea).await?;
/// assert_eq!(session[tea].title, "tea");
/// # Ok(()) }
/// ```
impl Listeners {
    /// Before an object is new in the session: by [`add`](crate::Session::add), as part of a graph, or again after a rollback.
    /// May change it; what must not be inserted says [`before_insert`](Self::before_insert).
    ///
    /// The new objects that it holds are attached with it, and told on their own.
    pub fn before_attach<T: Model>(mut self, listener: impl Fn(&mut T) + Send + Sync + 'static) -> Self {
        self.of::<T>().before_attach.push(Arc::new(move |object| listener(of_mut(object))));
        self
    }

    /// After an object became new in the session, with its handle.
    pub fn after_attach<T: Model>(
        mut self,
        listener: impl Fn(Handle<T>, &T) + Send + Sync + 'static,
    ) -> Self {
        let listener =
            move |session, slot, object: &dyn Any| listener(Handle::new(session, slot), of(object));
        self.of::<T>().after_attach.push(Arc::new(listener));
        self
    }

    /// After a row became an object. What it changes counts as what the database has: it is not written.
    pub fn on_load<T: Model>(mut self, listener: impl Fn(&mut T) + Send + Sync + 'static) -> Self {
        self.of::<T>().on_load.push(Arc::new(move |object| listener(of_mut(object))));
        self
    }

    /// After the row of an object was read again: by [`refresh`](crate::Session::refresh), or because it was stale. What it
    /// changes counts as what the database has, as with [`on_load`](Self::on_load).
    pub fn on_refresh<T: Model>(mut self, listener: impl Fn(&mut T) + Send + Sync + 'static) -> Self {
        self.of::<T>().on_refresh.push(Arc::new(move |object| listener(of_mut(object))));
        self
    }

    /// After an object took another state. An object that is made from a row has no state before;
    /// [`on_load`](Self::on_load) tells of it.
    pub fn on_state<T: Model>(
        mut self,
        listener: impl Fn(Handle<T>, ObjectState, ObjectState) + Send + Sync + 'static,
    ) -> Self {
        let listener = move |session, slot, from, to| listener(Handle::new(session, slot), from, to);
        self.of::<T>().on_state.push(Arc::new(listener));
        self
    }
}

/// Objects are written.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::{ErrorKind, Listeners};
/// use std::sync::mpsc;
/// let (heard, log) = mpsc::channel();
/// let [inserted, updated, deleted] = [heard.clone(), heard.clone(), heard];
/// let listeners = Listeners::new()
///     .before_insert(|product: &mut Product| {
///         product.sku = product.sku.to_uppercase();
///         Ok(())
///     })
///     .after_insert(move |product: &Product| inserted.send(format!("+ {} {}", product.id, product.sku)).unwrap())
///     .before_update(|product: &mut Product| {
///         product.title = format!("{} (new price)", product.title);
///         Ok(())
///     })
///     .after_update(move |product: &Product| updated.send(format!("~ {}", product.title)).unwrap())
///     .on_set(Product::PRICE_CENTS, |product, old, new| {
///         // `None` would be NULL.
///         if new > old.map(|old| old * 2).as_ref() { Err(format!("{} twice as dear", product.sku))? }
///         Ok(())
///     })
///     .before_delete(|product: &Product| if product.price_cents > 1_000 { Err("too dear".into()) } else { Ok(()) })
///     .after_delete(move |product: &Product| deleted.send(format!("- {}", product.sku)).unwrap());
/// let mut session = engine.session();
/// session.listen(&listeners);
/// let tea = session.add(Product::builder().sku("t-1").title("Tea").price_cents(390));
/// session.commit().await?;
/// session[tea].price_cents = 500;
/// session.commit().await?;
/// session[tea].price_cents = 5_000;
/// assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::Vetoed);
/// session.delete(tea)?;
/// assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::Vetoed);
/// session.rollback().await?;
/// session.delete(tea)?;
/// session.commit().await?;
/// assert_eq!(log.try_iter().collect::<Vec<_>>(), ["+ 1 T-1", "~ Tea (new price)", "- T-1"]);
/// # Ok(()) }
/// ```
impl Listeners {
    /// Before an object is inserted. May change it, also its references and collections, and veto.
    pub fn before_insert<T: Model>(
        mut self,
        listener: impl Fn(&mut T) -> Verdict + Send + Sync + 'static,
    ) -> Self {
        self.of::<T>().before_insert.push(Arc::new(move |object| listener(of_mut(object))));
        self
    }

    /// After an object was inserted: it has its key.
    pub fn after_insert<T: Model>(mut self, listener: impl Fn(&T) + Send + Sync + 'static) -> Self {
        self.of::<T>().after_insert.push(Arc::new(move |object| listener(of(object))));
        self
    }

    /// Before an object is updated, that is when a column of it differs from what the database has. May change it, also
    /// its references and collections, and veto. A change of a collection alone is no update of its owner.
    pub fn before_update<T: Model>(
        mut self,
        listener: impl Fn(&mut T) -> Verdict + Send + Sync + 'static,
    ) -> Self {
        self.of::<T>().before_update.push(Arc::new(move |object| listener(of_mut(object))));
        self
    }

    /// After an object was updated.
    pub fn after_update<T: Model>(mut self, listener: impl Fn(&T) + Send + Sync + 'static) -> Self {
        self.of::<T>().after_update.push(Arc::new(move |object| listener(of(object))));
        self
    }

    /// Before an object is deleted. May veto.
    pub fn before_delete<T: Model>(
        mut self,
        listener: impl Fn(&T) -> Verdict + Send + Sync + 'static,
    ) -> Self {
        self.of::<T>().before_delete.push(Arc::new(move |object| listener(of(object))));
        self
    }

    /// After an object was deleted. Rows that the database deletes by itself, and that the session does not have, are not told.
    pub fn after_delete<T: Model>(mut self, listener: impl Fn(&T) + Send + Sync + 'static) -> Self {
        self.of::<T>().after_delete.push(Arc::new(move |object| listener(of(object))));
        self
    }

    /// Before a changed column of an object is written: the object, the value that the database has, and the new one. May veto.
    ///
    /// Writes are plain assignments, so nobody hears of them when they happen. The flush tells once a changed
    /// column, with its last value, after all `before_update`s and before anything is sent. A column that was changed and changed
    /// back is not told, neither are the columns of new objects. A value is `None` for NULL, and for a key that
    /// the database has still to make.
    pub fn on_set<T: Model, F: ColumnType>(
        mut self,
        column: Column<T, F>,
        listener: impl Fn(&T, Option<&F::Scalar>, Option<&F::Scalar>) -> Verdict + Send + Sync + 'static,
    ) -> Self {
        let index = column.index();
        let listener = move |object: &dyn Any, original: &dyn Any| {
            let (object, original) = (of::<T>(object), of::<T>(original));
            listener(object, scalar::<F>(original.column(index)), scalar::<F>(object.column(index)))
        };
        self.of::<T>().on_set.push((index, Arc::new(listener)));
        self
    }
}

fn scalar<F: ColumnType>(value: ColumnValue<'_>) -> Option<&F::Scalar> {
    match value {
        ColumnValue::Value(value) => value.as_any().downcast_ref(),
        _ => None,
    }
}
