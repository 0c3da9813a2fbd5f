//! The derive macros of the ORM.
//!
//! `#[derive(Model)]` goes one way: attributes and types are parsed into an intermediate
//! representation (`ir`), cross-field rules are checked on it (`validate`), and code is written from
//! it (`expand`). Expansion cannot fail. Mistakes are collected in a `ctxt::Ctxt` on the way and
//! reported together; beside them the model still gets its constants, its builder and a stand-in
//! for `Model`, so that code that uses the model adds no errors of its own.

mod attr;
mod composite;
mod ctxt;
mod embedded;
mod expand;
mod hybrid;
mod ir;
mod names;
mod parse;
mod polymorphic;
mod row;
mod scalar;
mod shape;
mod sql_text;
mod suggest;
mod test_attr;
mod validate;

#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

/// Derives `Model`: the description of the table, the glue between fields and columns, a constant
/// per column and relation, and a builder.
///
/// On the struct: `#[model(base = Base, table = "…", schema = "…", unique("a", "b"), index("a", "b"),
/// check(name = "…", expression = "…"), exclude("…" = "operator"), comment = "…", criteria = function)]`; `criteria` is an
/// `fn() -> Predicate<Self>` that says which rows are seen. A view says `view = "SELECT …"`, `view = function` with an
/// `fn() -> impl Defines<(…)>`, or `view` where somebody else makes it, `materialized` where it keeps its rows, and `security_invoker` where its
/// readers need the rights of what it reads.
///
/// `schema` is that of the table or the view; without it the connection's `search_path` says where they are. Tables that attributes name
/// by text are written `"schema.table"`, with a part in double quotes where a dot belongs to the name; without a schema they are in that of
/// the model itself, or, where that has none of the name, in none.
///
/// A key of `index` and `exclude` is a column or an expression in parentheses, with what follows in SQL:
/// `index("(lower(name)) text_pattern_ops", "id desc nulls last", unique, nulls_not_distinct, where = "…", method = "gin", include("…"), with(…), name = "…")`,
/// `exclude("room" = "=", "(int8range(first, last))" = "&&", where = "…", method = "gist", deferrable, name = "…")`. `comment` without a
/// text is what the documentation says. `with` has the parameters of an index of its method: `fillfactor` and `deduplicate_items` of `btree`,
/// `fillfactor` of `hash`, `gist` (with `buffering`) and `spgist`, `fastupdate` and `gin_pending_list_limit` of `gin`, `pages_per_range` and
/// `autosummarize` of `brin`, `m` and `ef_construction` of `hnsw`, `lists` of `ivfflat`, `length` of `bloom`.
///
/// Two unique indexes of one model stand in the attribute of `base`: `#[model(base = Base, index("a", unique), index("b", unique))]`. In
/// attributes of their own clippy takes the second `unique` for the first one, said twice (`clippy::duplicated_attributes`).
///
/// On a column: `#[model(primary_key, column = "…", unique, index, length = 254, fixed, precision = 10, scale = 2, server_default = "…",
/// default = …, onupdate = …, generated = "…", identity(always, start = …, increment = …), collate = "…", version, deferred, check = "…", references = "table.column", on_delete = "…", on_update = "…", deferrable,
/// comment = "…")]`. `length` of a text is `varchar(…)`, and `char(…)` where it is `fixed`; of bits `varbit(…)` or `bit(…)`; `precision`
/// alone is that of a time or an interval, or of a numeric without digits behind the point; arrays have that of their elements.
///
/// On a relation one of
/// `#[belongs_to(column = "…", columns("…"), on_delete = "…", on_update = "…", deferrable, unique, index,
/// back_populates = "…", cascade = "…", load = "…")]`,
/// `#[has_many(back_populates = "…", cascade = "…", load = "…", order_by = "…", position = "…", passive_deletes = …)]`,
/// `#[has_one(back_populates = "…", cascade = "…", load = "…", order_by = "…", passive_deletes = …)]`,
/// `#[many_to_many(secondary = "…", owner_column = "…", owner_columns("…"), target_column = "…", target_columns("…"),
/// back_populates = "…", cascade = "…", load = "…", order_by = "…")]`.
///
/// `columns("…", "…")` of a foreign key to a key of several columns may name columns of other fields, such as `tenant_id`: those hold the
/// values. `deferrable` has the database check a foreign key when the transaction says so, `deferrable = "initially deferred"` at COMMIT.
///
/// `owner_column` and `target_column` name the columns of the association table that refer to the model with the field and to the
/// model at the other end: where it refers to one model more than once, or has other names than `table_id`.
///
/// `load` says how queries load the relation when they do not say: `"select_in"`, `"joined"`, `"subquery"`; with `"raise"` only paths of
/// queries load it, with `"write_only"` (of collections) nothing.
///
/// `position` names an integer column of the members that holds their places in the list, from 0; the list is loaded in that order.
/// A member that leaves or is deleted leaves no gap where the list is loaded.
///
/// `#[view(of = "relation", filter = function)]` or `#[view(on("column" = "column_of_the_target"), filter = function, order_by = "…")]`
/// on a `View<…>`; the function is an `fn() -> Predicate<Target>`.
///
/// `cascade` is a list of `save-update`, `merge`, `refresh-expire`, `expunge`, and on `has_many` and `has_one` also of `delete`,
/// `delete-orphan` (which needs `delete`) and `all` (everything but `delete-orphan`). Without it, `save-update, merge`; with
/// `"none"`, nothing. `passive_deletes = true` leaves members that are not loaded to the database's ON DELETE,
/// `passive_deletes = "all"` all of them.
#[proc_macro_derive(Model, attributes(model, belongs_to, has_many, has_one, many_to_many, view))]
pub fn derive_model(input: TokenStream) -> TokenStream {
    expand::derive(input.into()).into()
}

/// Derives `Embedded` for a struct or an enum: a value of several columns in a field of a model, with a constant per
/// column, relation and variant.
///
/// Fields have the attributes that columns of a model have, and `#[belongs_to(…)]`; SQL expressions there name columns of
/// the same type in braces, `check = "{first} <= {last}"`, because their names depend on the field that holds the value.
///
/// A field of a model, or of another such type, that holds one says
/// `#[model(embed, prefix = "…", column = "…", default = …)]`: `prefix` begins the names of its columns (otherwise the name of the
/// field and `_`; with `""` the type is a mixin), `column` is the name of an enum's column (otherwise the name of the
/// field).
///
/// A variant of an enum says `#[model(tag = "…")]` for its name in the database. A variant that holds nothing but a
/// `BelongsTo` has a foreign key and a relation; an enum of such variants alone has no other column.
#[proc_macro_derive(Embedded, attributes(model, belongs_to, has_many, has_one, many_to_many))]
pub fn derive_embedded(input: TokenStream) -> TokenStream {
    expand::derive_embedded(input.into()).into()
}

/// Derives `Polymorphic` for an enum of handles over a model and those that inherit from it, or `Concrete` for one over
/// models without a common base.
///
/// On the enum: `#[polymorphic(base = Employee, on = "kind")]`: the base, and its field that says which kind a row is; without it
/// there is no base. Each variant holds one `Handle`. On a variant: `#[polymorphic(tag = "…")]`, what that field says (otherwise the
/// name of the variant in snake case), or `#[polymorphic(base)]`: what is none of the others.
#[proc_macro_derive(Polymorphic, attributes(polymorphic))]
pub fn derive_polymorphic(input: TokenStream) -> TokenStream {
    polymorphic::derive(input.into()).into()
}

/// Derives `Row` for a struct of values that a query gives, with a constant per field, and a struct of what is selected for them.
///
/// On a field: `#[row(column = "…")]`, the name of the column (otherwise that of the field).
#[proc_macro_derive(Row, attributes(row))]
pub fn derive_row(input: TokenStream) -> TokenStream {
    row::derive(input.into()).into()
}

/// Derives `DbEnum` and `ScalarType`, with the codec, for an enum whose variants carry no data.
///
/// On the enum: `#[db_enum(name = "…")]`, the name of the type in the database (otherwise that of the enum in snake case). On a variant:
/// `#[db_enum(rename = "…")]`, its label (otherwise the name of the variant in snake case). `#[db_enum(schema = "…")]` on the enum says where
/// the type is; without it the connection's `search_path` does.
#[proc_macro_derive(DbEnum, attributes(db_enum))]
pub fn derive_db_enum(input: TokenStream) -> TokenStream {
    scalar::derive_enum(input.into()).into()
}

/// Derives `Composite` and `ScalarType`, with the codec, for a struct with named fields: a composite type of the database.
///
/// On the struct: `#[composite(name = "…")]`, the name of the type in the database (otherwise that of the struct in snake case). On a
/// field: `#[composite(rename = "…")]`, its name there. `#[composite(schema = "…")]` on the struct says where the type is.
#[proc_macro_derive(Composite, attributes(composite))]
pub fn derive_composite(input: TokenStream) -> TokenStream {
    composite::derive(input.into()).into()
}

/// Derives `ScalarType`, with the codec, for a struct with one field: a type of its own in Rust, that of the field in the database.
///
/// `#[scalar(domain = "…")]` on the struct makes it a domain of this name in the database as well, in a schema with `schema = "…"`, and `check = "…"` beside it says what its
/// values must meet, about `VALUE`.
#[proc_macro_derive(ScalarType, attributes(scalar))]
pub fn derive_scalar_type(input: TokenStream) -> TokenStream {
    scalar::derive_newtype(input.into()).into()
}

/// Makes methods of a model usable in SQL: see `orm_core::hybrid`.
#[proc_macro_attribute]
pub fn hybrid(arguments: TokenStream, item: TokenStream) -> TokenStream {
    hybrid::expand(arguments.into(), item.into()).into()
}

/// Makes an `async fn(Engine)` a test that gets a database of its own.
///
/// `#[orm_testkit::test(base = Base)]` creates the tables of `Base` first; without `base` the
/// database is empty.
#[proc_macro_attribute]
pub fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    test_attr::expand(arguments.into(), item.into()).into()
}

/// SQL text with values in it, each bound; see `orm_core::sql!`.
#[proc_macro]
pub fn sql(input: TokenStream) -> TokenStream {
    sql_text::expand(input.into()).into()
}
