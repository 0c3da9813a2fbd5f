//! The description of a model as data.

use super::{indexes, place, view};
use crate::ir::{
    Action, Actions, BelongsTo, Cascade, Collection, CollectionKind, ColumnOf, Constraint, Deferrable,
    Deferral, Field, Identity, Kind, Load, Model, Modifier, PassiveDeletes, Plain, References, Secondary,
    Source, TablePath, Version,
};
use crate::names::Name;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

/// The definition, and the function that gives it.
///
/// ```text
/// fn __def() -> &'static ModelDef {
///     static DEF: ModelDef = ModelDef {
///         name: "Customer",
///         table: TableName::new("customer"),
///         columns: &[…],
///         relations: &[…],
///         constraints: &[…],
///         criteria: &[|| criterion::<Customer>(not_deleted)],
///         view: None,
///         comment: None,
///         type_id: TypeId::of::<Customer>,
///         base: TypeId::of::<Base>,
///         from_row: from_row::<Customer>,
///     };
///     &DEF
/// }
/// ```
pub(super) fn definition(model: &Model) -> TokenStream {
    let ident = &model.ident;
    let name = Name::of(ident).text;
    let table = table_name(model.schema.as_ref().map(|schema| schema.text.as_str()), &model.table.text);
    let columns = model.columns();
    let column_defs = columns.iter().map(column);
    let relations = model.relations().map(|field| relation(model, field, &columns));
    let constraints = constraints(model);
    let criteria = model.criteria.iter().map(
        |function| quote_spanned!(function.span()=> || ::orm_core::__private::criterion::<#ident>(#function)),
    );
    let comment = optional(model.comment.as_ref());
    let view = optional(view::definition(model).as_ref());
    let base = &model.base;
    let whole = super::embed::whole(model);
    quote! {
        fn __def() -> &'static ::orm_core::__private::ModelDef {
            static DEF: ::orm_core::__private::ModelDef = ::orm_core::__private::ModelDef {
                name: #name,
                table: #table,
                columns: &[#(#column_defs),*],
                relations: &[#(#relations),*],
                constraints: &[#(#constraints),*],
                criteria: &[#(#criteria),*],
                view: #view,
                comment: #comment,
                type_id: ::core::any::TypeId::of::<#ident>,
                base: ::core::any::TypeId::of::<#base>,
                from_row: ::orm_core::__private::from_row::<#ident>,
            };
            #whole
        }
    }
}

/// A column; what is not said is left to the function that makes it.
///
/// ```text
/// ColumnDef {
///     unique: true,
///     modifier: Some(TypeModifier::Length(254)),
///     ..ColumnDef::new("email", "email", "EMAIL", <String as ColumnType>::SQL, …)
/// }
/// ```
pub(super) fn column(column: &ColumnOf<'_>) -> TokenStream {
    let name = &column.name.text;
    let (field, constant) = (column.field.name(), column.constant().text);
    let ty = &column.field.ty;
    let (settings, arguments) = match column.source {
        Source::Plain(plain) => {
            let mut settings = settings_of_plain(plain);
            settings.extend(made("default", column.field, plain.default.as_ref()));
            settings.extend(made("on_update", column.field, plain.on_update.as_ref().map(|(made, _)| made)));
            let [sql, nullable, auto, deferred] =
                ["SQL", "NULLABLE", "AUTO", "DEFERRED"].map(|item| place::column(ty, item));
            (settings, quote!(#sql, #nullable, #auto, #deferred))
        }
        Source::Part(to, part) => {
            let key = place::related(&to.target, "Key");
            let nullable = place::foreign_key(ty, "NULLABLE");
            let sql = quote_spanned!(ty.span()=> ::orm_core::__private::key_type::<#key>(#part));
            (settings_of_part(to), quote!(#sql, #nullable, false, false))
        }
    };
    let base = quote!(::orm_core::__private::ColumnDef::new(#name, #field, #constant, #arguments));
    match &*settings {
        [] => base,
        settings => quote!(::orm_core::__private::ColumnDef { #(#settings,)* ..#base }),
    }
}

fn settings_of_plain(plain: &Plain) -> Vec<TokenStream> {
    let flags = [
        plain.primary_key.map(|_| quote!(primary_key: true)),
        plain.unique.then(|| quote!(unique: true)),
        plain.index.then(|| quote!(index: true)),
    ];
    let server_default = plain.server_default.as_ref().map(|name| &name.text);
    let values = [
        setting("modifier", plain.modifier.map(|(modifier, _)| self::modifier(modifier)).as_ref()),
        setting("server_default", server_default),
        setting("generated", plain.generated.as_ref().map(|name| &name.text)),
        setting("identity", plain.identity.map(|(identity, _)| self::identity(identity)).as_ref()),
        setting("collation", plain.collation.as_ref().map(|name| &name.text)),
        setting("version", plain.version.map(|(version, _)| self::version(version)).as_ref()),
        setting("deferred", plain.deferred.as_ref().map(|(when, _)| deferral(when)).as_ref()),
        setting("check", plain.check.as_ref()),
        setting("references", plain.references.as_ref().map(references).as_ref()),
        setting("comment", plain.comment.as_ref()),
    ];
    flags.into_iter().chain(values).flatten().collect()
}

/// A foreign key of several columns is unique or indexed as a whole: see [`constraints`].
fn settings_of_part(to: &BelongsTo) -> Vec<TokenStream> {
    let alone = to.columns.len() == 1;
    let flags = [
        to.primary_key.map(|_| quote!(primary_key: true)),
        (alone && to.unique).then(|| quote!(unique: true)),
        (alone && to.index).then(|| quote!(index: true)),
        setting("comment", to.comment.as_ref()),
    ];
    flags.into_iter().flatten().collect()
}

fn setting(name: &str, value: Option<&impl ToTokens>) -> Option<TokenStream> {
    let name = proc_macro2::Ident::new(name, proc_macro2::Span::call_site());
    value.map(|value| quote!(#name: ::core::option::Option::Some(#value)))
}

fn identity(identity: Identity) -> TokenStream {
    let Identity { always, start, increment } = identity;
    let (start, increment) = (optional(start.as_ref()), optional(increment.as_ref()));
    quote! {
        ::orm_core::__private::Identity { always: #always, start: #start, increment: #increment }
    }
}

pub(super) fn modifier(modifier: Modifier) -> TokenStream {
    let modifier = match modifier {
        Modifier::Length(most) => quote!(Length(#most)),
        Modifier::Fixed(exact) => quote!(Fixed(#exact)),
        Modifier::Precision(digits) => quote!(Precision(#digits)),
        Modifier::Digits { precision, scale } => quote!(Digits { precision: #precision, scale: #scale }),
    };
    quote!(::orm_core::__private::TypeModifier::#modifier)
}

fn version(version: Version) -> TokenStream {
    match version {
        Version::Written => quote!(::orm_core::__private::VersionDef::Written),
        Version::System => quote!(::orm_core::__private::VersionDef::System),
    }
}

fn deferral(when: &Deferral) -> TokenStream {
    let (group, is_read) = match when {
        Deferral::Alone => (None, false),
        Deferral::Group(name) => (Some(name), false),
        Deferral::Read => (None, true),
    };
    let group = optional(group);
    quote!(::orm_core::__private::DeferredDef { group: #group, is_read: #is_read })
}

/// ```text
/// on_update: Some(|| {
///     let value: DateTime<Utc> = Utc::now();
///     param(<DateTime<Utc> as ColumnType>::value(&value), <DateTime<Utc> as ColumnType>::SQL)
/// })
/// ```
fn made(setting: &str, field: &Field, expression: Option<&Expr>) -> Option<TokenStream> {
    let setting = proc_macro2::Ident::new(setting, proc_macro2::Span::call_site());
    let (ty, expression) = (&field.ty, place::value(&field.ty, expression?));
    let [value, sql] = ["value", "SQL"].map(|item| place::column(ty, item));
    Some(quote! {
        #setting: ::core::option::Option::Some(|| {
            let value: #ty = #expression;
            ::orm_core::__private::param(#value(&value), #sql)
        })
    })
}

fn path(table: &TablePath) -> TokenStream {
    table_name(table.schema.as_deref(), &table.name)
}

fn table_name(schema: Option<&str>, name: &str) -> TokenStream {
    match schema {
        Some(schema) => quote!(::orm_core::__private::TableName::in_schema(#schema, #name)),
        None => quote!(::orm_core::__private::TableName::new(#name)),
    }
}

fn references(to: &References) -> TokenStream {
    let References { table, column, actions } = to;
    let (table, actions) = (path(table), actions_of(actions));
    quote!(::orm_core::__private::ReferencesDef { table: #table, column: #column, #actions })
}

/// ```text
/// on_delete: ReferentialAction::Cascade, on_update: ReferentialAction::NoAction, deferrable: Deferrable::Never
/// ```
fn actions_of(actions: &Actions) -> TokenStream {
    let action = |action: Option<(Action, _)>| {
        let name = match action.map_or(Action::Nothing, |(action, _)| action) {
            Action::Nothing => quote!(NoAction),
            Action::Restrict => quote!(Restrict),
            Action::Cascade => quote!(Cascade),
            Action::SetNull => quote!(SetNull),
            Action::SetDefault => quote!(SetDefault),
        };
        quote!(::orm_core::__private::ReferentialAction::#name)
    };
    let (on_delete, on_update) = (action(actions.on_delete), action(actions.on_update));
    let deferrable = deferrable(actions.deferrable);
    quote! {
        on_delete: #on_delete,
        on_update: #on_update,
        deferrable: #deferrable
    }
}

pub(super) fn deferrable(when: Deferrable) -> TokenStream {
    let when = match when {
        Deferrable::Never => quote!(Never),
        Deferrable::InitiallyImmediate => quote!(InitiallyImmediate),
        Deferrable::InitiallyDeferred => quote!(InitiallyDeferred),
    };
    quote!(::orm_core::__private::Deferrable::#when)
}

/// A relation.
///
/// ```text
/// RelationDef {
///     name: "carts",
///     constant: "CARTS",
///     kind: RelationKind::HasMany,
///     target: <<Cart as Related>::Itself as Model>::def,
///     back_populates: Some("customer"),
///     cascade: Cascade { delete: true, … },
///     passive_deletes: PassiveDeletes::Off,
///     order_by: &[("id", false)],
///     access: &CollectionAccess::<Customer, HasMany<<Cart as Related>::Itself>> {
///         get: |model| &model.carts,
///         get_mut: |model| &mut model.carts,
///     },
/// }
/// ```
fn relation(model: &Model, field: &Field, columns: &[ColumnOf<'_>]) -> TokenStream {
    relation_by(field, columns, &access(model, field))
}

/// The same, with another way to the field.
pub(super) fn relation_by(field: &Field, columns: &[ColumnOf<'_>], access: &TokenStream) -> TokenStream {
    let (name, constant) = (field.name(), field.constant().text);
    let (target, kind, back_populates, rest) = match &field.kind {
        Kind::BelongsTo(to) => {
            let cascade = cascade_of(to.cascade);
            let passive = passive_deletes_of(PassiveDeletes::Off);
            let none = optional(None::<&String>);
            let load = load_of(to.load);
            let rest = quote! {
                cascade: #cascade,
                load: #load,
                passive_deletes: #passive,
                position: #none,
                order_by: &[],
            };
            (&to.target, to_one(field, to, columns), &to.back_populates, rest)
        }
        Kind::Collection(to) => (&to.target, to_many(to), &to.back_populates, settings_of(to)),
        Kind::Plain(_) | Kind::Embed(_) | Kind::Broken => return TokenStream::new(),
    };
    let target = place::target(target, "def");
    let back_populates = optional(back_populates.as_ref().map(|name| &name.text));
    quote! {
        ::orm_core::__private::RelationDef {
            name: #name,
            constant: #constant,
            kind: ::orm_core::__private::RelationKind::#kind,
            target: #target,
            back_populates: #back_populates,
            #rest
            access: #access,
        }
    }
}

fn to_one(field: &Field, to: &BelongsTo, columns: &[ColumnOf<'_>]) -> TokenStream {
    let positions = to.positions(columns);
    let nullable = place::foreign_key(&field.ty, "NULLABLE");
    let actions = actions_of(&to.actions);
    quote!(BelongsTo { columns: &[#(#positions),*], nullable: #nullable, #actions })
}

fn to_many(to: &Collection) -> TokenStream {
    match to.kind {
        CollectionKind::HasMany => quote!(HasMany),
        CollectionKind::HasOne => quote!(HasOne),
        CollectionKind::View => shown(to),
        CollectionKind::ManyToMany => {
            let secondary = secondary(to.secondary.as_ref());
            let owner = to.owner_columns.iter().map(|column| &column.text);
            let target = to.target_columns.iter().map(|column| &column.text);
            quote! {
                ManyToMany(::orm_core::__private::AssociationDef {
                    secondary: #secondary,
                    owner_columns: &[#(#owner),*],
                    target_columns: &[#(#target),*],
                })
            }
        }
    }
}

fn shown(to: &Collection) -> TokenStream {
    let of = optional(to.view.of.as_ref().map(|name| &name.text));
    let on =
        to.view.on.iter().map(|(own, far)| (&own.text, &far.text)).map(|(own, far)| quote!((#own, #far)));
    let target = &to.target;
    let filter = optional(to.view.filter.as_ref().map(|function| {
        quote_spanned!(function.span()=> || ::orm_core::__private::criterion::<#target>(#function))
    }).as_ref());
    quote!(View(::orm_core::__private::ViewDef { of: #of, on: &[#(#on),*], filter: #filter }))
}

fn secondary(secondary: Option<&Secondary>) -> TokenStream {
    let secondary = match secondary {
        Some(Secondary::Model(model)) => {
            let def = place::model(model, "def");
            quote!(Model(#def))
        }
        Some(Secondary::Table(table)) => {
            let table = path(table);
            quote!(Table(#table))
        }
        None => {
            let table = table_name(None, "");
            quote!(Table(#table))
        }
    };
    quote!(::orm_core::__private::Secondary::#secondary)
}

fn settings_of(to: &Collection) -> TokenStream {
    let cascade = cascade_of(to.cascade);
    let own = to.order_by.iter().map(|(column, descending)| quote!((#column, #descending)));
    let usual = to.position.iter().filter(|_| to.order_by.is_empty()).map(|name| {
        let column = &name.text;
        quote!((#column, false))
    });
    let order_by = own.chain(usual);
    let position = optional(to.position.as_ref().map(|name| &name.text));
    let passive = passive_deletes_of(to.passive_deletes);
    let load = load_of(to.load);
    quote! {
        cascade: #cascade,
        load: #load,
        passive_deletes: #passive,
        position: #position,
        order_by: &[#(#order_by),*],
    }
}

fn load_of(load: Load) -> TokenStream {
    let variant = match load {
        Load::Explicit => quote!(Explicit),
        Load::SelectIn => quote!(SelectIn),
        Load::Joined => quote!(Joined),
        Load::Subquery => quote!(Subquery),
        Load::Raise => quote!(Raise),
        Load::WriteOnly => quote!(WriteOnly),
    };
    quote!(::orm_core::__private::Load::#variant)
}

fn passive_deletes_of(passive: PassiveDeletes) -> TokenStream {
    let variant = match passive {
        PassiveDeletes::Off => quote!(Off),
        PassiveDeletes::NotLoaded => quote!(NotLoaded),
        PassiveDeletes::All => quote!(All),
    };
    quote!(::orm_core::__private::PassiveDeletes::#variant)
}

fn cascade_of(cascade: Cascade) -> TokenStream {
    let Cascade { save_update, merge, refresh_expire, expunge, delete, delete_orphan } = cascade;
    quote! {
        ::orm_core::__private::Cascade {
            save_update: #save_update,
            merge: #merge,
            refresh_expire: #refresh_expire,
            expunge: #expunge,
            delete: #delete,
            delete_orphan: #delete_orphan,
        }
    }
}

pub(super) fn access(model: &Model, field: &Field) -> TokenStream {
    let (owner, ident, ty) = (&model.ident, &field.ident, place::relation(&field.ty));
    let (access, target) = match &field.kind {
        Kind::BelongsTo(to) => ("ForeignKeyAccess", to.target.span()),
        Kind::Collection(to) => ("CollectionAccess", to.target.span()),
        Kind::Plain(_) | Kind::Embed(_) | Kind::Broken => return TokenStream::new(),
    };
    let access = Ident::new(access, target);
    let ty = place::at(target, quote!(::orm_core::__private::#access<#owner, #ty>));
    quote_spanned! {target=>
        {
            const ACCESS: #ty = ::orm_core::__private::#access {
                get: |model| &model.#ident,
                get_mut: |model| &mut model.#ident,
            };
            &ACCESS
        }
    }
}

/// What is declared on the struct, and foreign keys of several columns that are unique or indexed.
fn constraints(model: &Model) -> Vec<TokenStream> {
    let declared = model.constraints.iter().map(constraint);
    let of_fields = model.fields.iter().filter_map(|field| match &field.kind {
        Kind::BelongsTo(to) if to.columns.len() > 1 => Some(to),
        _ => None,
    });
    let of_fields = of_fields.flat_map(|to| {
        let unique = to.unique.then(|| over("Unique", &to.columns));
        let index = to.index.then(|| over("Index", &to.columns));
        unique.into_iter().chain(index)
    });
    declared.chain(of_fields).collect()
}

fn constraint(constraint: &Constraint) -> TokenStream {
    match constraint {
        Constraint::Unique(columns) => over("Unique", columns),
        Constraint::Index(index) => match index.plain_columns() {
            Some(columns) => over("Index", columns),
            None => indexes::index(index),
        },
        Constraint::Exclude(exclude) => indexes::exclude(exclude),
        Constraint::Check { name, expression } => {
            let name = &name.text;
            quote! {
                ::orm_core::__private::ConstraintDef::Check { name: #name, expression: #expression }
            }
        }
    }
}

fn over<'a>(kind: &str, columns: impl IntoIterator<Item = &'a Name>) -> TokenStream {
    let kind = proc_macro2::Ident::new(kind, proc_macro2::Span::call_site());
    let columns = columns.into_iter().map(|column| &column.text);
    quote!(::orm_core::__private::ConstraintDef::#kind(&[#(#columns),*]))
}

pub(super) fn optional(value: Option<&impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}
