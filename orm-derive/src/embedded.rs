//! Types that are embedded in models: from the struct or enum to the intermediate representation.

use crate::attr;
use crate::ctxt::Ctxt;
use crate::ir::{Field, Kind, Model};
use crate::names::{Name, screaming, snake_case};
use crate::parse::{field, text};
use crate::shape::{Shape, shape_of};
use crate::validate;
use proc_macro2::{Ident, Span};
use syn::{Data, DeriveInput, Fields};

/// A type that is embedded.
pub(crate) struct Embedded {
    /// Its fields as those of a model: of an enum, those of all variants, each once.
    pub(crate) model: Model,
    /// Of an enum, in their order.
    pub(crate) variants: Option<Vec<Variant>>,
}

/// A variant of an enum.
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    /// Its name in the database.
    pub(crate) tag: Name,
    pub(crate) style: Style,
    /// Its fields, by their names in [`Embedded::model`].
    pub(crate) fields: Vec<Ident>,
}

/// How a variant is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Unit,
    /// One value without a name.
    Newtype,
    Named,
}

impl Embedded {
    /// Whether a column says which variant it is; otherwise the foreign key that is there does.
    pub(crate) fn is_tagged(&self) -> bool {
        self.model.offset > 0
    }

    /// The name of the constant of a variant.
    pub(crate) fn constant_of(variant: &Variant) -> Name {
        Name::new(screaming(&Name::of(&variant.ident).text), variant.ident.span())
    }

    /// The variants that have a field.
    pub(crate) fn variants_with<'a>(&'a self, ident: &'a Ident) -> impl Iterator<Item = &'a Variant> {
        self.variants.iter().flatten().filter(move |variant| variant.fields.contains(ident))
    }

    /// Whether a variant is nothing but a foreign key.
    pub(crate) fn is_reference(&self, variant: &Variant) -> bool {
        let is_key = |field: &&Field| matches!(field.kind, Kind::BelongsTo(_));
        variant.style == Style::Newtype
            && variant.fields.iter().any(|ident| self.field(ident).filter(is_key).is_some())
    }

    fn field(&self, ident: &Ident) -> Option<&Field> {
        self.model.fields.iter().find(|field| field.ident == *ident)
    }

    /// Whether the field is all that a variant has, without a name of its own.
    pub(crate) fn is_nameless(&self, field: &Field) -> bool {
        self.variants_with(&field.ident).any(|variant| variant.style == Style::Newtype)
    }

    /// The name of the constant of a plain or embedded field: where the field has no name, the variant has it.
    pub(crate) fn constant_of_field(&self, field: &Field) -> Name {
        let name = field.constant();
        match self.is_nameless(field) {
            true => Name::new(format!("{}_VALUE", name.text), name.span),
            false => name,
        }
    }
}

/// Parses a struct or enum; `None` when it cannot be embedded at all.
pub(crate) fn parse(input: &DeriveInput, cx: &Ctxt) -> Option<Embedded> {
    if !input.generics.params.is_empty() {
        cx.error_at(
            &input.generics,
            "an embedded type has one list of columns, so it cannot have type parameters or lifetimes",
        );
        return None;
    }
    let mut embedded = Embedded {
        model: Model {
            ident: input.ident.clone(),
            vis: input.vis.clone(),
            base: None,
            table: Name::of(&input.ident),
            schema: None,
            view: None,
            comment: None,
            constraints: Vec::new(),
            criteria: Vec::new(),
            fields: Vec::new(),
            offset: 0,
        },
        variants: None,
    };
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => {
                embedded.model.fields = fields.named.iter().filter_map(|f| field(f, cx)).collect();
            }
            _ => {
                cx.error_at(&input.ident, "an embedded struct needs named fields: they name its columns");
                return None;
            }
        },
        Data::Enum(data) => {
            variants(&mut embedded, data.variants.iter(), cx);
            if data.variants.is_empty() {
                cx.error_at(&input.ident, "an embedded enum needs a variant");
                return None;
            }
        }
        Data::Union(_) => {
            cx.error_at(&input.ident, "a union cannot be embedded; use a struct or an enum");
            return None;
        }
    }
    check(&embedded, cx);
    Some(embedded)
}

fn variants<'a>(embedded: &mut Embedded, all: impl Iterator<Item = &'a syn::Variant>, cx: &Ctxt) {
    let mut variants = Vec::new();
    for variant in all {
        let (style, fields) = fields_of(variant, cx);
        let name = Name::of(&variant.ident);
        let (attributes, default) = (&variant.attrs, Name::new(snake_case(&name.text), name.span));
        let own = if style == Style::Newtype { None } else { attr::variant_tag(attributes, cx) };
        let idents = fields.iter().map(|field| field.ident.clone()).collect();
        for field in fields {
            insert(&mut embedded.model, field, cx);
        }
        variants.push(Variant {
            ident: variant.ident.clone(),
            tag: own.unwrap_or(default),
            style,
            fields: idents,
        });
    }
    embedded.variants = Some(variants);
    let all: Vec<&Variant> = embedded.variants.iter().flatten().collect();
    embedded.model.offset = usize::from(!all.iter().all(|variant| embedded.is_reference(variant)));
    check_tags(&all, cx);
}

/// Two variants that hold the same share its column.
fn insert(model: &mut Model, field: Field, cx: &Ctxt) {
    let Some(other) = model.fields.iter().find(|other| other.name() == field.name()) else {
        model.fields.push(field);
        return;
    };
    if text(&other.ty) != text(&field.ty) {
        let (name, ty, first) = (field.name(), text(&field.ty), text(&other.ty));
        let message = format!(
            "`{name}` is one column for all variants, and cannot be `{first}` in one and `{ty}` in another: take another name"
        );
        cx.error_at(&field.ty, message);
    }
}

fn fields_of(variant: &syn::Variant, cx: &Ctxt) -> (Style, Vec<Field>) {
    match &variant.fields {
        Fields::Unit => (Style::Unit, Vec::new()),
        Fields::Named(fields) => {
            let (keys, values): (Vec<&syn::Field>, Vec<&syn::Field>) =
                fields.named.iter().partition(|f| matches!(shape_of(&f.ty), Shape::BelongsTo { .. }));
            for key in keys {
                let (ident, ty) = (&variant.ident, text(&key.ty));
                let message = format_args!("a foreign key is all of its variant: write `{ident}({ty})`");
                cx.error_at(&key.ty, message);
            }
            let fields = values.into_iter().filter_map(|f| field(f, cx)).collect();
            (Style::Named, fields)
        }
        Fields::Unnamed(fields) => match fields.unnamed.len() {
            1 => (Style::Newtype, newtype(variant, &fields.unnamed[0], cx).into_iter().collect()),
            _ => {
                cx.error_at(&variant.fields, "name the values of this variant: they name its columns");
                (Style::Unit, Vec::new())
            }
        },
    }
}

/// The value of `Product(BelongsTo<Product>)`: attributes may stand before the variant.
fn newtype(variant: &syn::Variant, value: &syn::Field, cx: &Ctxt) -> Option<Field> {
    let name = Name::of(&variant.ident);
    let ident = Ident::new(&snake_case(&name.text), name.span);
    let mut value = value.clone();
    value.attrs.extend(variant.attrs.iter().cloned());
    value.ident = Some(ident.clone());
    match shape_of(&value.ty) {
        Shape::BelongsTo { nullable: true, .. } => {
            cx.error_at(&value.ty, "the foreign key is all of its variant: make it a `BelongsTo<…>`, and the field of the model an `Option`");
            None
        }
        Shape::BelongsTo { target, nullable } => {
            let to = attr::belongs_to(&ident, target, nullable, &value.attrs, cx);
            Some(Field { ident, ty: value.ty.clone(), kind: Kind::BelongsTo(Box::new(to)) })
        }
        _ => field(&value, cx),
    }
}

/// What only a model can have.
fn check(embedded: &Embedded, cx: &Ctxt) {
    let is_enum = embedded.variants.is_some();
    for field in &embedded.model.fields {
        match &field.kind {
            Kind::Collection(to) => {
                let kind = to.kind.type_name();
                cx.error_at(
                    &field.ty,
                    format_args!("a `{kind}` belongs into the model: its members refer to the model's key"),
                );
            }
            Kind::Plain(plain) => {
                let key = plain.primary_key.map(|span| (span, "the primary key belongs into the model"));
                let version = plain
                    .version
                    .filter(|_| is_enum)
                    .map(|(_, span)| (span, "a version belongs into the model: every row has one"));
                for (span, why) in key.into_iter().chain(version) {
                    cx.error(span, why);
                }
            }
            Kind::BelongsTo(to) => {
                if let Some(span) = to.primary_key {
                    cx.error(span, "the primary key belongs into the model");
                }
            }
            Kind::Embed(_) | Kind::Broken => {}
        }
        if is_enum && crate::shape::argument_of(&field.ty, "Auto").is_some() {
            cx.error_at(&field.ty, "the columns of a variant are `NULL` in all others, so the database cannot fill them: take the type without `Auto`");
        }
        if is_enum && crate::shape::argument_of(&field.ty, "Deferred").is_some() {
            cx.error_at(
                &field.ty,
                "a variant is read as a whole: a deferred column belongs into the model or into an embedded struct",
            );
        }
        if is_enum && matches!(&field.kind, Kind::Embed(embed) if embed.optional) {
            cx.error_at(
                &field.ty,
                "whether there is a value is what the variant says: take the type without `Option`",
            );
        }
    }
    if embedded.model.fields.is_empty() && !is_enum {
        cx.error_at(&embedded.model.ident, "an embedded struct needs a field");
    }
    check_constants(embedded, cx);
    validate::fields(&embedded.model, cx);
}

fn check_tags(variants: &[&Variant], cx: &Ctxt) {
    for (i, variant) in variants.iter().enumerate() {
        if let Some(first) = variants[..i].iter().find(|other| other.tag.text == variant.tag.text) {
            let message = format_args!(
                "`{}` and `{}` have the same tag \"{}\"",
                first.ident, variant.ident, variant.tag.text
            );
            cx.error(variant.tag.span, message);
        }
    }
}

/// A field of a variant cannot be called as another variant.
fn check_constants(embedded: &Embedded, cx: &Ctxt) {
    for variant in embedded.variants.iter().flatten() {
        let constant = Embedded::constant_of(variant).text;
        let taken = embedded.model.fields.iter().find(|field| {
            !matches!(field.kind, Kind::BelongsTo(_)) && embedded.constant_of_field(field).text == constant
        });
        if let Some(field) = taken {
            let message = format!(
                "`{}` and the variant `{}` both give a constant `{constant}`: rename one of them",
                field.ident, variant.ident
            );
            cx.error(field_span(field), message);
        }
    }
}

fn field_span(field: &Field) -> Span {
    field.ident.span()
}
