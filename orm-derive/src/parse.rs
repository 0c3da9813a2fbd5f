//! From the struct to the intermediate representation.
//!
//! A mistake never stops the work: what is wrong is reported and left out, or replaced by what was
//! most likely meant.

use crate::attr;
use crate::ctxt::Ctxt;
use crate::ir::{Collection, CollectionKind, Field, Kind, Model};
use crate::names::{Name, snake_case};
use crate::shape::{Shape, shape_of};
use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Attribute, Data, DeriveInput, Fields, FieldsNamed, Type};

/// Every attribute that says which relation a field is.
const RELATIONS: &[&str] = &["belongs_to", "has_many", "has_one", "many_to_many", "view"];

/// Parses a model; `None` when the input is nothing that could be one.
pub(crate) fn model(input: &DeriveInput, cx: &Ctxt) -> Option<Model> {
    let fields = named_fields(input, cx)?;
    if !input.generics.params.is_empty() {
        cx.error_at(&input.generics, "a model is one table, so it cannot have type parameters or lifetimes");
        return None;
    }
    let container = attr::container(&input.ident, &input.attrs, cx);
    let default_table = || {
        let name = Name::of(&input.ident);
        Name::new(snake_case(&name.text), name.span)
    };
    let mut model = Model {
        ident: input.ident.clone(),
        vis: input.vis.clone(),
        base: container.base,
        table: container.table.unwrap_or_else(default_table),
        schema: container.schema,
        view: container.view,
        comment: container.comment,
        constraints: container.constraints,
        criteria: container.criteria,
        fields: fields.named.iter().filter_map(|f| field(f, cx)).collect(),
        offset: 0,
    };
    model.share_columns();
    Some(model)
}

fn named_fields<'a>(input: &'a DeriveInput, cx: &Ctxt) -> Option<&'a FieldsNamed> {
    let message = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => return Some(fields),
            Fields::Unnamed(_) => "a model needs named fields: they name its columns",
            Fields::Unit => "a model needs fields: `struct … { … }`",
        },
        Data::Enum(_) => "an enum cannot be a model; use a struct with one field per column",
        Data::Union(_) => "a union cannot be a model; use a struct with one field per column",
    };
    cx.error_at(&input.ident, message);
    None
}

pub(crate) fn field(field: &syn::Field, cx: &Ctxt) -> Option<Field> {
    let ident = field.ident.clone()?;
    if ident == "_" {
        cx.error_at(&ident, "a field needs a name");
        return None;
    }
    let kind = kind(&ident, &field.ty, &field.attrs, cx);
    Some(Field { ident, ty: field.ty.clone(), kind })
}

fn kind(ident: &Ident, ty: &Type, attributes: &[Attribute], cx: &Ctxt) -> Kind {
    let given = relation_attributes(ident, attributes, cx);
    if given.is_empty() && attr::is_embed(attributes) {
        return Kind::Embed(Box::new(attr::embed(ty, attributes, cx)));
    }
    match shape_of(ty) {
        Shape::BelongsTo { target, nullable } => {
            check_attribute("belongs_to", "BelongsTo", target, &given, ty, cx);
            Kind::BelongsTo(Box::new(attr::belongs_to(ident, target, nullable, attributes, cx)))
        }
        Shape::Collection { kind, target } => {
            check_attribute(kind.attribute(), kind.type_name(), target, &given, ty, cx);
            reject_model_attribute(kind, attributes, cx);
            Kind::Collection(Box::new(collection(kind, target, attributes, cx)))
        }
        Shape::Column => match given.first() {
            Some(attribute) => {
                wrong_type(attribute, ty, cx);
                Kind::Broken
            }
            None => Kind::Plain(Box::new(attr::plain(ident, attributes, cx))),
        },
    }
}

/// The attributes that say which relation the field is: at most one kind of them.
fn relation_attributes<'a>(ident: &Ident, attributes: &'a [Attribute], cx: &Ctxt) -> Vec<&'a Attribute> {
    let given: Vec<&Attribute> =
        attributes.iter().filter(|a| RELATIONS.iter().any(|r| a.path().is_ident(r))).collect();
    if let [first, .., last] = given[..]
        && path_text(first) != path_text(last)
    {
        let message = format!("`{ident}` is one relation already, by `#[{}]`", path_text(first));
        cx.error_at(&last.path(), message);
    }
    given
}

fn collection(kind: CollectionKind, target: &Type, attributes: &[Attribute], cx: &Ctxt) -> Collection {
    let collection = attr::collection(kind, target, attributes, cx);
    if let Some(attribute) = attr::find(attributes, "many_to_many")
        && kind == CollectionKind::ManyToMany
        && !attr::says(attribute, "secondary")
    {
        cx.error_at(
            &attribute.path(),
            "a many-to-many relation needs its association table: `secondary = \"…\"`",
        );
    }
    if let Some(attribute) = attr::find(attributes, "view")
        && kind == CollectionKind::View
        && !attr::says(attribute, "of")
        && !attr::says(attribute, "on")
    {
        let message =
            "a view needs what it shows: `of = \"relation\"`, or `on(\"column\" = \"column of the target\")`";
        cx.error_at(&attribute.path(), message);
    }
    collection
}

/// A field of a relation's type needs the attribute of that relation.
fn check_attribute(
    attribute: &str,
    type_name: &str,
    target: &Type,
    given: &[&Attribute],
    ty: &Type,
    cx: &Ctxt,
) {
    let target = text(target);
    match given.first() {
        None => cx.error_at(
            ty,
            format_args!("`{type_name}<{target}>` is a relation: add `{}` to the field", example(attribute)),
        ),
        Some(first) if !first.path().is_ident(attribute) => wrong_type(first, ty, cx),
        Some(_) => {}
    }
}

fn wrong_type(attribute: &Attribute, ty: &Type, cx: &Ctxt) {
    let attribute = path_text(attribute);
    let expected = match attribute.as_str() {
        "has_many" => "HasMany<…>",
        "has_one" => "HasOne<…>",
        "many_to_many" => "ManyToMany<…>",
        "view" => "View<…>",
        _ => "BelongsTo<…>` or `Option<BelongsTo<…>>",
    };
    cx.error_at(ty, format_args!("`#[{attribute}]` needs a field of type `{expected}`, not `{}`", text(ty)));
}

fn example(attribute: &str) -> &'static str {
    match attribute {
        "has_many" => "#[has_many(back_populates = \"…\")]",
        "has_one" => "#[has_one(back_populates = \"…\")]",
        "many_to_many" => "#[many_to_many(secondary = \"…\")]",
        "view" => "#[view(of = \"…\", filter = …)]",
        _ => "#[belongs_to]",
    }
}

fn reject_model_attribute(kind: CollectionKind, attributes: &[Attribute], cx: &Ctxt) {
    if let Some(attribute) = attr::find(attributes, "model") {
        let kind = kind.type_name();
        cx.error_at(&attribute.path(), format_args!("a `{kind}` field has no column to describe"));
    }
}

fn path_text(attribute: &Attribute) -> String {
    text(attribute.path())
}

/// Source text, without the blanks that token streams print.
pub(crate) fn text(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string().replace(' ', "")
}
