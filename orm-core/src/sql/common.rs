//! WITH: queries that a statement makes once, however often it reads their rows.

use super::ident::push_quoted;
use super::{Query, Renderer};
use std::borrow::Cow;
use std::sync::Arc;

/// The rows of a query that stands before the statement.
#[derive(Clone, Debug)]
pub struct Common {
    /// What the rows are called.
    pub name: &'static str,
    /// Which one it is.
    pub id: u64,
    /// The query; `None` where it reads its own rows.
    pub body: Option<Arc<CommonQuery>>,
}

/// A query that stands before the statement.
#[derive(Clone, Debug)]
pub struct CommonQuery {
    /// The query.
    pub query: Query,
    /// The names of its columns.
    pub columns: Cow<'static, [&'static str]>,
    /// Whether it reads its own rows.
    pub recursive: bool,
    /// Whether it is made as a whole before anybody reads it; the server decides when it is not said.
    pub materialized: Option<bool>,
}

/// One that is written.
#[derive(Debug)]
pub(super) struct Written {
    /// Which: those that have other criteria are others.
    body: Arc<CommonQuery>,
    id: u64,
    /// Quoted.
    name: String,
    /// The query; `None` while it is being written.
    text: Option<String>,
}

impl Renderer {
    /// The name of the rows of a common query, which is written before the statement.
    pub(super) fn common(&mut self, common: &Common) -> &mut Self {
        let Some(body) = &common.body else { return self.itself(common) };
        let known = self.commons.iter().find(|written| Arc::ptr_eq(&written.body, body));
        if let Some(name) = known.map(|written| written.name.clone()) {
            return self.push(&name);
        }
        let name = self.name_of_common(common.name);
        self.commons.push(Written { body: body.clone(), id: common.id, name: name.clone(), text: None });
        let around = (std::mem::take(&mut self.text), std::mem::take(&mut self.frames), self.grouped);
        self.grouped = false;
        self.query(&body.query);
        let text = std::mem::replace(&mut self.text, around.0);
        (self.frames, self.grouped) = (around.1, around.2);
        // What it reads itself stands before it.
        let at = self.commons.iter().position(|written| Arc::ptr_eq(&written.body, body));
        let written = self.commons.remove(at.expect("it was pushed"));
        self.commons.push(Written { text: Some(text), ..written });
        self.push(&name)
    }

    /// The rows of the query in which this stands.
    fn itself(&mut self, common: &Common) -> &mut Self {
        let is_around = |written: &&Written| written.id == common.id && written.text.is_none();
        match self.commons.iter().rev().find(is_around).map(|written| written.name.clone()) {
            Some(name) => self.push(&name),
            None => self.invalid(format!(
                "the rows of `{}` are read outside of the recursive query that makes them: use what `recursive(…)` gives",
                common.name
            )),
        }
    }

    /// A name that no table has, so that none is hidden by it.
    fn name_of_common(&self, name: &str) -> String {
        let numbered = |number: usize| match number {
            1 => super::quote(&format!("#{name}")),
            _ => super::quote(&format!("#{name}{number}")),
        };
        let is_free = |name: &String| self.commons.iter().all(|written| written.name != *name);
        (1..).map(numbered).find(is_free).expect("numbers do not end")
    }

    /// Puts the common queries that were written since there were `before` in front of the text that begins at `start`.
    pub(super) fn put_commons(&mut self, before: usize, start: usize) {
        if self.commons.len() == before {
            return;
        }
        let written = self.commons.split_off(before);
        let is_recursive = written.iter().any(|common| common.body.recursive);
        let mut with = String::from(if is_recursive { "WITH RECURSIVE " } else { "WITH " });
        for (i, Written { body, name, text, .. }) in written.iter().enumerate() {
            with.push_str(if i == 0 { "" } else { ", " });
            with.push_str(name);
            for (i, column) in body.columns.iter().enumerate() {
                with.push_str(if i == 0 { "(" } else { ", " });
                push_quoted(&mut with, column);
            }
            with.push_str(match body.materialized {
                None => ") AS (",
                Some(true) => ") AS MATERIALIZED (",
                Some(false) => ") AS NOT MATERIALIZED (",
            });
            with.push_str(text.as_deref().unwrap_or_default());
            with.push(')');
        }
        with.push(' ');
        self.text.insert_str(start, &with);
    }
}
