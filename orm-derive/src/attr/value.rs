//! What an item can hold, and the messages when it holds something else.

use super::{Item, Value, parse_items};
use crate::ctxt::Ctxt;
use crate::names::Name;
use crate::suggest::did_you_mean;
use std::fmt::Display;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, ExprUnary, Lit, LitStr, Meta, Path, Token, UnOp};

/// `"a" = "b"`, some of them.
type Pairs = Vec<(Name, Name)>;

/// The longest name that PostgreSQL keeps, in bytes.
const MAX_IDENTIFIER: usize = 63;

impl Item {
    /// No value at all.
    pub(super) fn flag(&self, cx: &Ctxt) -> bool {
        if !matches!(self.value, Value::Flag) {
            cx.error(self.span, format_args!("`{}` takes no value", self.name));
        }
        true
    }

    /// `name = "text"`
    pub(super) fn text(&self, cx: &Ctxt) -> Option<Name> {
        let text = self.assigned().and_then(as_text);
        if text.is_none() {
            self.expected(cx, format_args!("`{} = \"…\"`", self.name));
        }
        text
    }

    /// `name = "text"`, without its place.
    pub(super) fn string(&self, cx: &Ctxt) -> Option<String> {
        Some(self.text(cx)?.text)
    }

    /// `name = "SQL expression"`, with something in it.
    pub(super) fn sql(&self, cx: &Ctxt) -> Option<Name> {
        let text = self.text(cx)?;
        if text.text.trim().is_empty() {
            cx.error(text.span, format_args!("`{}` cannot be empty: it is an SQL expression", self.name));
            return None;
        }
        Some(text)
    }

    /// `name = "name_in_the_database"`
    pub(super) fn identifier(&self, cx: &Ctxt) -> Option<Name> {
        self.text(cx).filter(|name| check_identifier(name, cx))
    }

    /// `name("a", "b")`, with at least one name.
    pub(super) fn identifiers(&self, cx: &Ctxt) -> Option<Vec<Name>> {
        let names = self.texts();
        if names.is_none() {
            self.expected(cx, format_args!("names in quotes: `{}(\"…\", \"…\")`", self.name));
        }
        names.filter(|names| names.iter().all(|name| check_identifier(name, cx)))
    }

    /// `name = 1`, not 0.
    pub(super) fn number(&self, cx: &Ctxt) -> Option<u32> {
        let Some(Lit::Int(number)) = self.assigned().and_then(as_literal) else {
            self.expected(cx, format_args!("a number: `{} = 254`", self.name));
            return None;
        };
        match number.base10_parse() {
            Ok(0) => cx.error_at(number, format_args!("`{}` must be at least 1", self.name)),
            Ok(number) => return Some(number),
            Err(error) => cx.push(error),
        }
        None
    }

    /// `name = 3`, which may be 0
    pub(super) fn count(&self, cx: &Ctxt) -> Option<u16> {
        let Some(Lit::Int(number)) = self.assigned().and_then(as_literal) else {
            self.expected(cx, format_args!("a number: `{} = 2`", self.name));
            return None;
        };
        number.base10_parse().map_err(|error| cx.push(error)).ok()
    }

    /// `name = Some::path`
    pub(super) fn path(&self, cx: &Ctxt) -> Option<Path> {
        let path = self.assigned().and_then(as_path);
        if path.is_none() {
            self.expected(cx, format_args!("a type: `{} = …`", self.name));
        }
        path.cloned()
    }

    /// `name = some::function`
    pub(super) fn function(&self, cx: &Ctxt) -> Option<Path> {
        let path = self.assigned().and_then(as_path);
        if path.is_none() {
            self.expected(cx, format_args!("a path to a function: `{} = …`", self.name));
        }
        path.cloned()
    }

    /// `name = expression`
    pub(super) fn expression(&self, cx: &Ctxt) -> Option<Expr> {
        if self.assigned().is_none() {
            self.expected(cx, format_args!("an expression: `{} = …`", self.name));
        }
        self.assigned().cloned()
    }

    /// `name = "one of these"`
    pub(super) fn choice<T: Copy>(&self, choices: &[(&str, T)], cx: &Ctxt) -> Option<T> {
        let text = self.text(cx)?;
        find_choice(&self.name, &text, choices, cx)
    }

    /// `name(inner = …, …)`
    pub(super) fn nested(&self, cx: &Ctxt) -> Option<Vec<Item>> {
        match &self.value {
            Value::List(tokens) => Some(parse_items(tokens.clone(), cx)),
            Value::Flag | Value::Assign(_) => None,
        }
    }

    /// Whether it is `name = …`, without looking at the value.
    pub(super) fn assigned(&self) -> Option<&Expr> {
        match &self.value {
            Value::Assign(expression) => Some(expression),
            Value::Flag | Value::List(_) => None,
        }
    }

    pub(super) fn expected(&self, cx: &Ctxt, what: impl Display) {
        self.wrong(cx, format_args!("expected {what}"));
    }

    /// `name` alone, `name = true` or `name = false`
    pub(super) fn truth(&self) -> Option<bool> {
        match &self.value {
            Value::Flag => Some(true),
            Value::Assign(expression) => match as_literal(expression) {
                Some(Lit::Bool(truth)) => Some(truth.value),
                _ => None,
            },
            Value::List(_) => None,
        }
    }

    /// The text of `name = "text"`.
    pub(super) fn assigned_text(&self) -> Option<Name> {
        self.assigned().and_then(as_text)
    }

    /// Reports the value, or the item where there is none.
    pub(super) fn wrong(&self, cx: &Ctxt, why: impl Display) {
        match self.assigned() {
            Some(value) => cx.error_at(value, why),
            None => cx.error(self.span, why),
        }
    }

    /// `name("a" = "b", …)`, with at least one pair.
    pub(super) fn pairs(&self, cx: &Ctxt) -> Option<Vec<(Name, Name)>> {
        let pairs = self.assignments();
        if pairs.is_none() {
            self.expected(cx, format_args!("pairs of columns: `{}(\"own\" = \"of the target\")`", self.name));
        }
        pairs
    }

    /// `comment = "text"`, or `comment` for what the documentation says.
    pub(super) fn comment(&self, attributes: &[Attribute], cx: &Ctxt) -> Option<String> {
        if !matches!(self.value, Value::Flag) {
            return self.string(cx);
        }
        let lines: Vec<String> = attributes.iter().filter_map(doc_line).collect();
        if lines.is_empty() {
            cx.error(self.span, "there is no documentation here: write some, or `comment = \"…\"`");
        }
        Some(lines.join("\n").trim().to_owned())
    }

    /// `name = -1`
    pub(super) fn integer(&self, cx: &Ctxt) -> Option<i64> {
        let (sign, value) = match self.assigned().map(ungrouped) {
            Some(Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. })) => (-1, Some(&**expr)),
            value => (1, value),
        };
        let Some(Lit::Int(number)) = value.and_then(as_literal) else {
            self.expected(cx, format_args!("a number: `{} = 1000`", self.name));
            return None;
        };
        number.base10_parse::<i64>().map(|number| sign * number).map_err(|error| cx.push(error)).ok()
    }

    /// `name("a", "b", setting = …)`: texts first, and settings behind them.
    pub(super) fn texts_and_settings(&self, cx: &Ctxt) -> Option<(Vec<Name>, Vec<Item>)> {
        self.leading(cx, as_text)
    }

    /// `name("a" = "b", setting = …)`: pairs first, and settings behind them.
    pub(super) fn pairs_and_settings(&self, cx: &Ctxt) -> Option<(Pairs, Vec<Item>)> {
        self.leading(cx, |expression| match expression {
            Expr::Assign(pair) => Some((as_text(&pair.left)?, as_text(&pair.right)?)),
            _ => None,
        })
    }

    /// What begins with a text; settings begin with a name.
    fn leading<T>(&self, cx: &Ctxt, read: fn(&Expr) -> Option<T>) -> Option<(Vec<T>, Vec<Self>)> {
        let Value::List(tokens) = &self.value else { return None };
        let parser = |input: ParseStream<'_>| {
            let mut found = Vec::new();
            while input.peek(LitStr) {
                let expression: Expr = input.parse()?;
                found.push(
                    read(&expression)
                        .ok_or_else(|| syn::Error::new_spanned(expression, "not expected here"))?,
                );
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok((found, super::parse_all(input, cx)))
        };
        match parser.parse2(tokens.clone()) {
            Ok(parts) => Some(parts),
            Err(error) => {
                cx.push(error);
                None
            }
        }
    }

    fn assignments(&self) -> Option<Vec<(Name, Name)>> {
        let Value::List(tokens) = &self.value else { return None };
        let parser = Punctuated::<Expr, Token![,]>::parse_terminated;
        let expressions = parser.parse2(tokens.clone()).ok()?;
        let pair = |expression: &Expr| match expression {
            Expr::Assign(pair) => Some((as_text(&pair.left)?, as_text(&pair.right)?)),
            _ => None,
        };
        let pairs: Option<Vec<(Name, Name)>> = expressions.iter().map(pair).collect();
        pairs.filter(|pairs| !pairs.is_empty())
    }

    fn texts(&self) -> Option<Vec<Name>> {
        let Value::List(tokens) = &self.value else { return None };
        let parser = Punctuated::<Expr, Token![,]>::parse_terminated;
        let expressions = parser.parse2(tokens.clone()).ok()?;
        let names: Option<Vec<Name>> = expressions.iter().map(as_text).collect();
        names.filter(|names| !names.is_empty())
    }
}

/// The choice that a text names.
pub(super) fn find_choice<T: Copy>(what: &str, text: &Name, choices: &[(&str, T)], cx: &Ctxt) -> Option<T> {
    let found = choices.iter().find(|(name, _)| *name == text.text).map(|(_, choice)| *choice);
    if found.is_none() {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let guess = did_you_mean(&text.text, &names);
        let list = names.join(", ");
        cx.error(text.span, format_args!("unknown {what} `{}`{guess} expected one of: {list}", text.text));
    }
    found
}

/// One line of documentation.
fn doc_line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else { return None };
    let text = as_text(&pair.value).filter(|_| pair.path.is_ident("doc"))?;
    Some(text.text.strip_prefix(' ').unwrap_or(&text.text).to_owned())
}

/// Whether PostgreSQL keeps the name as it is.
pub(crate) fn check_identifier(name: &Name, cx: &Ctxt) -> bool {
    let wrong = match name.text.len() {
        0 => "a name cannot be empty".to_owned(),
        _ if name.text.contains('\0') => "a name cannot contain a NUL character".to_owned(),
        len if len > MAX_IDENTIFIER => {
            format!("this name has {len} bytes, and PostgreSQL keeps {MAX_IDENTIFIER}")
        }
        _ => return true,
    };
    cx.error(name.span, wrong);
    false
}

fn as_text(expression: &Expr) -> Option<Name> {
    match as_literal(expression) {
        Some(Lit::Str(text)) => Some(Name::new(text.value(), text.span())),
        _ => None,
    }
}

fn as_literal(expression: &Expr) -> Option<&Lit> {
    match ungrouped(expression) {
        Expr::Lit(ExprLit { lit, .. }) => Some(lit),
        _ => None,
    }
}

fn as_path(expression: &Expr) -> Option<&Path> {
    match ungrouped(expression) {
        Expr::Path(path) if path.qself.is_none() => Some(&path.path),
        _ => None,
    }
}

/// Values that come out of a macro may be wrapped in invisible groups.
fn ungrouped(mut expression: &Expr) -> &Expr {
    while let Expr::Group(group) = expression {
        expression = &group.expr;
    }
    expression
}
