//! From the body of a method to calls that build the same as SQL.

use crate::ctxt::Ctxt;
use crate::names::screaming;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use std::collections::HashSet;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    BinOp, Block, Expr, ExprBinary, ExprCall, ExprIf, ExprLit, ExprMacro, ExprMethodCall, Ident, Lit, Local,
    Member, Pat, Path, Stmt, Token, UnOp,
};

/// The types between which `T::from(…)` is a cast.
const NUMBERS: &[&str] = &["i16", "i32", "i64", "f32", "f64"];

/// Methods that change a type in Rust, and nothing in SQL.
const SAME: &[&str] = &["clone", "to_owned", "as_str", "as_deref", "as_ref", "copied", "cloned", "to_string"];

/// The names that mean something inside a body. `None` as a translation means that a mistake is reported.
pub(super) struct Scope<'a> {
    /// The method that is being written.
    name: &'a Ident,
    cx: &'a Ctxt,
    bound: HashSet<String>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(name: &'a Ident, cx: &'a Ctxt) -> Self {
        Self { name, cx, bound: HashSet::new() }
    }

    /// Makes a name one of an expression.
    pub(super) fn bind(&mut self, name: &Ident) {
        self.bound.insert(name.to_string());
    }

    /// `{ let a = …; … }`
    pub(super) fn block(&mut self, block: &Block) -> Option<TokenStream> {
        let Some((Stmt::Expr(last, None), before)) = block.stmts.split_last() else {
            return self.refuse(block, "a block without a value at its end");
        };
        let mut lets = Vec::new();
        for statement in before {
            match statement {
                Stmt::Local(Local { pat: Pat::Ident(pattern), init: Some(init), .. })
                    if init.diverge.is_none() && pattern.subpat.is_none() && pattern.mutability.is_none() =>
                {
                    let (name, value) = (&pattern.ident, self.expr(&init.expr)?);
                    self.bind(name);
                    lets.push(quote!(let #name = #value;));
                }
                other => return self.refuse(other, "this statement"),
            }
        }
        let value = self.expr(last)?;
        Some(if lets.is_empty() { value } else { quote!({ #(#lets)* #value }) })
    }

    fn expr(&mut self, expr: &Expr) -> Option<TokenStream> {
        match expr {
            Expr::Paren(inner) => self.expr(&inner.expr),
            Expr::Group(inner) => self.expr(&inner.expr),
            Expr::Reference(inner) if inner.mutability.is_none() => self.expr(&inner.expr),
            Expr::Block(inner) if inner.label.is_none() => self.block(&inner.block),
            Expr::Lit(literal) => self.literal(literal),
            Expr::Path(path) => self.path(&path.path),
            Expr::Field(field) => match (&*field.base, &field.member) {
                (Expr::Path(base), Member::Named(name)) if base.path.is_ident("self") => {
                    let constant = Ident::new(&screaming(&crate::names::Name::of(name).text), name.span());
                    Some(call(name, "column", &[quote_spanned!(name.span()=> Self::#constant)]))
                }
                _ => self.refuse(field, "a field of a field"),
            },
            Expr::Unary(unary) => {
                let value = self.expr(&unary.expr)?;
                match unary.op {
                    UnOp::Not(_) => Some(call(unary, "not", &[value])),
                    UnOp::Neg(_) => Some(call(unary, "neg", &[value])),
                    _ => Some(value),
                }
            }
            Expr::Binary(binary) => self.binary(binary),
            Expr::If(choice) => self.choice(choice),
            Expr::MethodCall(method) => self.method(method),
            Expr::Call(function) => self.function(function),
            Expr::Macro(format) => self.format(format),
            Expr::Match(other) => self.refuse(&other.match_token, "`match`"),
            Expr::Cast(cast) => {
                let why = "`as` (it may lose digits; `i64::from(…)` does not)";
                self.refuse(&cast.as_token, why)
            }
            other => self.refuse(other, "this"),
        }
    }

    fn literal(&mut self, literal: &ExprLit) -> Option<TokenStream> {
        match &literal.lit {
            Lit::Str(text) => Some(call(text, "value", &[quote!(::std::string::String::from(#text))])),
            Lit::Int(_) | Lit::Float(_) | Lit::Bool(_) => {
                Some(call(literal, "value", &[literal.to_token_stream()]))
            }
            _ => self.refuse(literal, "a literal of this type"),
        }
    }

    fn path(&mut self, path: &Path) -> Option<TokenStream> {
        match path.get_ident() {
            Some(name) if self.bound.contains(&name.to_string()) => {
                Some(quote!(::core::clone::Clone::clone(&#name)))
            }
            Some(name) if name == "None" => Some(call(name, "none", &[])),
            Some(name) if name == "self" => self.refuse(name, "the whole object"),
            _ => Some(call(path, "value", &[path.to_token_stream()])),
        }
    }

    fn binary(&mut self, binary: &ExprBinary) -> Option<TokenStream> {
        let (left, right) = (self.expr(&binary.left), self.expr(&binary.right));
        let both = [left?, right?];
        let [left, right] = &both;
        let (function, op) = match binary.op {
            BinOp::And(_) => return Some(call(&binary.op, "and", &both)),
            BinOp::Or(_) => return Some(call(&binary.op, "or", &both)),
            BinOp::Eq(_) => return Some(call(&binary.op, "eq", &both)),
            BinOp::Ne(_) => return Some(call(&binary.op, "ne", &both)),
            BinOp::Lt(_) => ("order", "<"),
            BinOp::Le(_) => ("order", "<="),
            BinOp::Gt(_) => ("order", ">"),
            BinOp::Ge(_) => ("order", ">="),
            BinOp::Add(_) => ("arithmetic", "+"),
            BinOp::Sub(_) => ("arithmetic", "-"),
            BinOp::Mul(_) => ("arithmetic", "*"),
            BinOp::Div(_) => ("arithmetic", "/"),
            BinOp::Rem(_) => ("arithmetic", "%"),
            other => return self.refuse(&other, "this operator"),
        };
        Some(call(&binary.op, function, &[quote!(#op), left.clone(), right.clone()]))
    }

    fn choice(&mut self, choice: &ExprIf) -> Option<TokenStream> {
        if let Expr::Let(condition) = &*choice.cond {
            return self.refuse(condition, "`if let`");
        }
        let Some((_, otherwise)) = &choice.else_branch else {
            return self.refuse(&choice.if_token, "`if` without `else`");
        };
        let (condition, then) = (self.expr(&choice.cond)?, self.block(&choice.then_branch)?);
        let otherwise = self.expr(otherwise)?;
        Some(call(&choice.if_token, "choose", &[condition, then, otherwise]))
    }

    fn method(&mut self, method: &ExprMethodCall) -> Option<TokenStream> {
        if let Expr::Path(receiver) = &*method.receiver
            && receiver.path.is_ident("self")
        {
            let name = super::expression_of(&method.method);
            let arguments = self.all(&method.args)?;
            return Some(quote_spanned!(method.method.span()=> Self::#name(#(#arguments),*)));
        }
        let name = method.method.to_string();
        let arguments: Vec<&Expr> = method.args.iter().collect();
        match (name.as_str(), &arguments[..]) {
            (same, []) if SAME.contains(&same) => self.expr(&method.receiver),
            ("is_some" | "is_none" | "is_empty" | "abs", []) => {
                let value = self.expr(&method.receiver)?;
                Some(call(&method.method, &name, &[value]))
            }
            ("unwrap_or" | "starts_with" | "contains", [argument]) => {
                let both = [self.expr(&method.receiver)?, self.expr(argument)?];
                Some(call(&method.method, &name, &both))
            }
            ("min" | "max", [argument]) => {
                let function = if name == "min" { "LEAST" } else { "GREATEST" };
                let all = [quote!(#function), self.expr(&method.receiver)?, self.expr(argument)?];
                Some(call(&method.method, "extreme", &all))
            }
            ("is_some_and", [Expr::Closure(closure)]) => {
                let value = self.expr(&method.receiver)?;
                let Some(name) = closure.inputs.first().and_then(name_of) else {
                    return self.refuse(closure, "a pattern");
                };
                self.bind(name);
                let body = self.expr(&closure.body)?;
                Some(call(&method.method, "is_some_and", &[value, quote!(|#name| #body)]))
            }
            _ => self.refuse(&method.method, &format!("`{name}`")),
        }
    }

    fn function(&mut self, function: &ExprCall) -> Option<TokenStream> {
        let Expr::Path(path) = &*function.func else { return self.refuse(function, "this call") };
        let segments: Vec<String> =
            path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let names: Vec<&str> = segments.iter().map(String::as_str).collect();
        let mut arguments = function.args.iter();
        match (&names[..], arguments.next(), arguments.next()) {
            (["Some"], Some(value), None) | (["String", "from"], Some(value), None) => self.expr(value),
            ([number, "from"], Some(value), None) if NUMBERS.contains(number) => {
                let (value, to) = (self.expr(value)?, &path.path.segments[0].ident);
                Some(quote_spanned!(function.span()=>
                    ::orm_core::__private::hybrid::cast::<Self, _, #to>(#value)
                ))
            }
            _ => self.refuse(&function.func, "this call"),
        }
    }

    /// `format!("{} {}", a, b)`, of texts.
    fn format(&mut self, format: &ExprMacro) -> Option<TokenStream> {
        let parser = Punctuated::<Expr, Token![,]>::parse_terminated;
        let arguments =
            format.mac.path.is_ident("format").then(|| format.mac.parse_body_with(parser).ok()).flatten();
        let Some((Expr::Lit(ExprLit { lit: Lit::Str(text), .. }), values)) =
            arguments.as_ref().and_then(|arguments| Some((arguments.first()?, arguments.iter().skip(1))))
        else {
            return self.refuse(format, "this macro");
        };
        let (pieces, values) = (text.value(), values.collect::<Vec<_>>());
        let pieces: Vec<&str> = pieces.split("{}").collect();
        if pieces.len() != values.len() + 1 || pieces.iter().any(|piece| piece.contains(['{', '}'])) {
            return self.refuse(text, "a format other than `{}`");
        }
        let mut parts = Vec::new();
        for (i, piece) in pieces.iter().enumerate() {
            if !piece.is_empty() {
                parts.push(call(text, "value", &[quote!(::std::string::String::from(#piece))]));
            }
            if let Some(value) = values.get(i) {
                parts.push(self.expr(value)?);
            }
        }
        Some(call(format, "concat", &[quote!(::std::vec![#(#parts),*])]))
    }

    fn all(&mut self, arguments: &Punctuated<Expr, Token![,]>) -> Option<Vec<TokenStream>> {
        arguments.iter().map(|argument| self.expr(argument)).collect()
    }

    /// Reports what has no translation, with the way out.
    fn refuse(&self, at: &impl ToTokens, what: &str) -> Option<TokenStream> {
        let name = self.name;
        let message = format!(
            "`#[hybrid]` cannot translate {what} into SQL; write `fn {name}()` by hand beside the method"
        );
        self.cx.error_at(at, message);
        None
    }
}

fn name_of(pattern: &Pat) -> Option<&Ident> {
    match pattern {
        Pat::Ident(name) if name.subpat.is_none() => Some(&name.ident),
        Pat::Reference(inner) => name_of(&inner.pat),
        Pat::Type(typed) => name_of(&typed.pat),
        _ => None,
    }
}

/// A call of a function of `query::hybrid`, placed where the user wrote what it stands for.
fn call(at: &impl ToTokens, function: &str, arguments: &[TokenStream]) -> TokenStream {
    let span = at.span();
    let function = Ident::new(function, span);
    quote_spanned!(span=> ::orm_core::__private::hybrid::#function(#(#arguments),*))
}
