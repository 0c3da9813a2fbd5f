//! Listeners: what is told when, what they change, what they veto, and what a panic leaves.

mod changes;
mod order;
mod panics;
mod states;
mod transactions;
mod vetoes;

use orm_core::Listeners;
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use shop_models::models::{Cart, Customer, Product};
use std::fmt::Display;
use std::sync::{Arc, Mutex};

/// What listeners heard.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn put(&self, line: impl Display) {
        self.0.lock().unwrap().push(line.to_string());
    }

    /// What was heard since the last call.
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn customer(email: &str) -> Customer {
    Customer::builder().name("Ann").email(email).build()
}

/// Writes every event of a model down; `name` says which object it is.
fn all_of<T: Model>(listeners: Listeners, log: &Log, name: fn(&T) -> String) -> Listeners {
    let l: [Log; 10] = std::array::from_fn(|_| log.clone());
    let [attach, attached, insert, inserted, update, updated, delete, deleted, load, state] = l;
    listeners
        .before_attach(move |o: &mut T| attach.put(format_args!("before_attach {}", name(o))))
        .after_attach(move |_: Handle<T>, o| attached.put(format_args!("after_attach {}", name(o))))
        .before_insert(move |o: &mut T| {
            insert.put(format_args!("before_insert {}", name(o)));
            Ok(())
        })
        .after_insert(move |o: &T| inserted.put(format_args!("after_insert {}", name(o))))
        .before_update(move |o: &mut T| {
            update.put(format_args!("before_update {}", name(o)));
            Ok(())
        })
        .after_update(move |o: &T| updated.put(format_args!("after_update {}", name(o))))
        .before_delete(move |o: &T| {
            delete.put(format_args!("before_delete {}", name(o)));
            Ok(())
        })
        .after_delete(move |o: &T| deleted.put(format_args!("after_delete {}", name(o))))
        .on_load(move |o: &mut T| load.put(format_args!("on_load {}", name(o))))
        .on_state(move |_: Handle<T>, from: ObjectState, to: ObjectState| {
            state.put(format_args!("on_state {}: {from:?} → {to:?}", T::def().name));
        })
}

/// Writes every event of a session and of the shop down.
fn everything(log: &Log) -> Listeners {
    let l: [Log; 7] = std::array::from_fn(|_| log.clone());
    let [flush, flushed, commit, committed, rolled_back, begun, set] = l;
    let listeners = Listeners::new()
        .before_flush(move |_| {
            flush.put("before_flush");
            Ok(())
        })
        .after_flush(move |_, plan| {
            flushed.put(format_args!("after_flush: {}", plan.to_string().replace('\n', "; ")));
        })
        .before_commit(move |_| {
            commit.put("before_commit");
            Ok(())
        })
        .after_commit(move |_| committed.put("after_commit"))
        .after_rollback(move |_| rolled_back.put("after_rollback"))
        .after_begin(move |_| begun.put("after_begin"))
        .on_set(Customer::AGE, move |customer, old, new| {
            set.put(format_args!("on_set age of {}: {old:?} → {new:?}", customer.email));
            Ok(())
        });
    let listeners = all_of::<Customer>(listeners, log, |customer| customer.email.clone());
    let listeners = all_of::<Cart>(listeners, log, |cart| format!("cart {}", cart.id));
    all_of::<Product>(listeners, log, |product| product.sku.clone())
}
