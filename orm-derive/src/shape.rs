//! What the macro reads from the spelling of a field's type.
//!
//! A macro sees names, not types: `HasMany` is recognised by its last path segment. That decides only
//! which code is written; whether the type really is what its name says is left to the compiler, which
//! checks it by traits at the field.

use crate::ir::CollectionKind;
use proc_macro2::Ident;
use syn::{GenericArgument, PathArguments, PathSegment, Type};

/// The spelling of a field's type.
pub(crate) enum Shape<'a> {
    /// `BelongsTo<T>` or `Option<BelongsTo<T>>`
    BelongsTo { target: &'a Type, nullable: bool },
    /// `HasMany<T>`, `HasOne<T>`, `ManyToMany<T>` or `View<T>`
    Collection { kind: CollectionKind, target: &'a Type },
    /// Anything else.
    Column,
}

/// The scalars that columns have by themselves.
const SCALARS: &[&str] = &[
    "bool",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "f32",
    "f64",
    "char",
    "str",
    "String",
    "Vec",
    "Option",
    "DateTime",
    "NaiveDate",
    "NaiveTime",
    "NaiveDateTime",
    "Uuid",
    "Json",
    "Value",
];

pub(crate) fn shape_of(ty: &Type) -> Shape<'_> {
    if let Some(target) = argument_of(ty, "BelongsTo") {
        return Shape::BelongsTo { target, nullable: false };
    }
    if let Some(target) = argument_of(ty, "Option").and_then(|ty| argument_of(ty, "BelongsTo")) {
        return Shape::BelongsTo { target, nullable: true };
    }
    let kinds =
        [CollectionKind::HasMany, CollectionKind::HasOne, CollectionKind::ManyToMany, CollectionKind::View];
    for kind in kinds {
        if let Some(target) = argument_of(ty, kind.type_name()) {
            return Shape::Collection { kind, target };
        }
    }
    Shape::Column
}

/// The `T` of `Name<T>`, whatever path leads to `Name`.
pub(crate) fn argument_of<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let segment = last_segment(ty).filter(|segment| segment.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    let mut arguments = arguments.args.iter();
    match (arguments.next(), arguments.next()) {
        (Some(GenericArgument::Type(ty)), None) => Some(ty),
        _ => None,
    }
}

/// The same type of a relation with another target.
pub(crate) fn with_target(ty: &Type, target: impl Fn(&Type) -> Type) -> Type {
    let mut ty = ty.clone();
    let mut inner = &mut ty;
    while let Some((name, argument)) = first_argument(inner) {
        if name != "Option" {
            *argument = target(argument);
            break;
        }
        inner = argument;
    }
    ty
}

/// The name of a generic type, and its argument.
fn first_argument(ty: &mut Type) -> Option<(Ident, &mut Type)> {
    let Type::Path(path) = ty else { return None };
    let segment = path.path.segments.last_mut()?;
    let PathArguments::AngleBracketed(arguments) = &mut segment.arguments else { return None };
    match arguments.args.first_mut() {
        Some(GenericArgument::Type(argument)) => Some((segment.ident.clone(), argument)),
        _ => None,
    }
}

/// Whether the type is spelled `String`.
pub(crate) fn is_string(ty: &Type) -> bool {
    last_segment(ty).is_some_and(|segment| segment.ident == "String" && segment.arguments.is_none())
}

/// Whether the spelling is that of a scalar which is certainly not an `Auto`.
pub(crate) fn is_scalar(ty: &Type) -> bool {
    match last_segment(ty) {
        Some(segment) => SCALARS.iter().any(|scalar| segment.ident == scalar),
        None => true,
    }
}

/// Whether the type is spelled like one of these.
pub(crate) fn is_one_of(ty: &Type, names: &[&str]) -> bool {
    last_segment(ty).is_some_and(|segment| names.iter().any(|name| segment.ident == name))
}

/// Types that come out of a macro may be wrapped in invisible groups.
fn ungrouped(mut ty: &Type) -> &Type {
    while let Type::Group(group) = ty {
        ty = &group.elem;
    }
    ty
}

fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ungrouped(ty) {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        _ => None,
    }
}
