//! `#[belongs_to(…)]`, `#[has_many(…)]`, `#[has_one(…)]` and `#[many_to_many(…)]`.

use super::value::find_choice;
use super::{Choices, Item, items};
use crate::ctxt::Ctxt;
use crate::ir::{
    Action, Actions, BelongsTo, Cascade, Collection, CollectionKind, Deferrable, Load, PassiveDeletes,
    Secondary, View,
};
use crate::names::Name;
use proc_macro2::{Ident, Span};
use syn::{Attribute, Type};

const BELONGS_TO: Choices = Choices {
    once: &[
        "back_populates",
        "cascade",
        "load",
        "on_delete",
        "on_update",
        "deferrable",
        "unique",
        "index",
        "column",
        "columns",
    ],
    repeatable: &[],
};

/// What `#[model(…)]` can say on a foreign key.
const FOREIGN_KEY: Choices = Choices { once: &["primary_key", "comment"], repeatable: &[] };

const HAS_MANY: Choices = Choices {
    once: &["back_populates", "cascade", "load", "order_by", "position", "passive_deletes"],
    repeatable: &[],
};

const HAS_ONE: Choices =
    Choices { once: &["back_populates", "cascade", "load", "order_by", "passive_deletes"], repeatable: &[] };

const MANY_TO_MANY: Choices = Choices {
    once: &[
        "secondary",
        "back_populates",
        "cascade",
        "load",
        "order_by",
        "owner_column",
        "owner_columns",
        "target_column",
        "target_columns",
    ],
    repeatable: &[],
};

const VIEW: Choices = Choices { once: &["of", "on", "filter", "load", "order_by"], repeatable: &[] };

const ACTIONS: &[(&str, Action)] = &[
    ("no action", Action::Nothing),
    ("restrict", Action::Restrict),
    ("cascade", Action::Cascade),
    ("set null", Action::SetNull),
    ("set default", Action::SetDefault),
];

const DEFERRABLE: &[(&str, Deferrable)] = &[
    ("initially deferred", Deferrable::InitiallyDeferred),
    ("initially immediate", Deferrable::InitiallyImmediate),
];

/// How queries load a relation; only collections can be left to be written.
const LOADS: &[(&str, Load)] = &[
    ("select_in", Load::SelectIn),
    ("joined", Load::Joined),
    ("subquery", Load::Subquery),
    ("raise", Load::Raise),
    ("write_only", Load::WriteOnly),
];

const LOADS_OF_ONE: &[(&str, Load)] = LOADS.split_at(4).0;

const NONE: Cascade = Cascade {
    save_update: false,
    merge: false,
    refresh_expire: false,
    expunge: false,
    delete: false,
    delete_orphan: false,
};

/// Without `cascade = "…"`.
const USUAL: Cascade = Cascade { save_update: true, merge: true, ..NONE };

const ALL: Cascade =
    Cascade { save_update: true, merge: true, refresh_expire: true, expunge: true, delete: true, ..NONE };

/// The cascades of a relation to many, by their names in SQLAlchemy.
const CASCADES: &[(&str, Cascade)] = &[
    ("all", ALL),
    ("save-update", Cascade { save_update: true, ..NONE }),
    ("merge", Cascade { merge: true, ..NONE }),
    ("refresh-expire", Cascade { refresh_expire: true, ..NONE }),
    ("expunge", Cascade { expunge: true, ..NONE }),
    ("delete", Cascade { delete: true, ..NONE }),
    ("delete-orphan", Cascade { delete_orphan: true, ..NONE }),
    ("none", NONE),
];

/// The cascades of relations whose members belong to nobody: deleting one end says nothing of the other.
const WITHOUT_DELETE: &[(&str, Cascade)] = &[
    ("save-update", Cascade { save_update: true, ..NONE }),
    ("merge", Cascade { merge: true, ..NONE }),
    ("refresh-expire", Cascade { refresh_expire: true, ..NONE }),
    ("expunge", Cascade { expunge: true, ..NONE }),
    ("none", NONE),
];

/// Reads the attributes of a `BelongsTo` field.
pub(crate) fn belongs_to(
    ident: &Ident,
    target: &Type,
    nullable: bool,
    attributes: &[Attribute],
    cx: &Ctxt,
) -> BelongsTo {
    let name = Name::of(ident);
    let mut to = BelongsTo {
        target: target.clone(),
        nullable,
        columns: vec![Name::new(format!("{}_id", name.text), name.span)],
        shared: Vec::new(),
        primary_key: None,
        unique: false,
        index: false,
        actions: Actions::default(),
        cascade: USUAL,
        load: Load::Explicit,
        back_populates: None,
        comment: None,
    };
    let items = items(attributes, "belongs_to", &BELONGS_TO, cx);
    for item in &items {
        apply(&mut to, item, cx);
    }
    check_one_of_column_and_columns(&items, "column", cx);
    for item in super::items(attributes, "model", &FOREIGN_KEY, cx) {
        match item.name.as_str() {
            "primary_key" => to.primary_key = item.flag(cx).then_some(item.span),
            _ => to.comment = item.comment(attributes, cx),
        }
    }
    to
}

fn check_one_of_column_and_columns(items: &[Item], name: &str, cx: &Ctxt) {
    let given: Vec<&Item> = items.iter().filter(|item| item.name.starts_with(name)).collect();
    if let [first, second, ..] = given[..] {
        cx.error(second.span, format_args!("`{}` says the columns already", first.name));
    }
}

fn apply(to: &mut BelongsTo, item: &Item, cx: &Ctxt) {
    match item.name.as_str() {
        "back_populates" => to.back_populates = item.text(cx),
        "cascade" => to.cascade = cascade(item, WITHOUT_DELETE, cx),
        "load" => to.load = item.choice(LOADS_OF_ONE, cx).unwrap_or_default(),
        "on_delete" => to.actions.on_delete = action(item, cx),
        "on_update" => to.actions.on_update = action(item, cx),
        "deferrable" => to.actions.deferrable = deferrable(item, cx),
        "unique" => to.unique = item.flag(cx),
        "index" => to.index = item.flag(cx),
        "column" => to.columns = item.identifier(cx).map_or(to.columns.clone(), |name| vec![name]),
        "columns" => to.columns = item.identifiers(cx).unwrap_or_else(|| to.columns.clone()),
        _ => {}
    }
}

/// The action of `on_delete` or `on_update`, and where it is written.
pub(super) fn action(item: &Item, cx: &Ctxt) -> Option<(Action, Span)> {
    Some((item.choice(ACTIONS, cx)?, item.span))
}

/// `deferrable`, or `deferrable = "initially deferred"`
pub(super) fn deferrable(item: &Item, cx: &Ctxt) -> Deferrable {
    match item.truth() {
        Some(true) => Deferrable::InitiallyImmediate,
        Some(false) => Deferrable::Never,
        None => item.choice(DEFERRABLE, cx).unwrap_or_default(),
    }
}

/// Reads the attributes of a collection field.
pub(crate) fn collection(
    kind: CollectionKind,
    target: &Type,
    attributes: &[Attribute],
    cx: &Ctxt,
) -> Collection {
    let mut collection = Collection {
        kind,
        target: target.clone(),
        back_populates: None,
        cascade: USUAL,
        load: Load::Explicit,
        order_by: Vec::new(),
        passive_deletes: PassiveDeletes::Off,
        position: None,
        secondary: None,
        owner_columns: Vec::new(),
        target_columns: Vec::new(),
        view: View::default(),
    };
    let (choices, cascades, loads) = match kind {
        CollectionKind::ManyToMany => (&MANY_TO_MANY, WITHOUT_DELETE, LOADS),
        CollectionKind::View => (&VIEW, WITHOUT_DELETE, LOADS_OF_ONE),
        CollectionKind::HasMany => (&HAS_MANY, CASCADES, LOADS),
        CollectionKind::HasOne => (&HAS_ONE, CASCADES, LOADS_OF_ONE),
    };
    let items = items(attributes, kind.attribute(), choices, cx);
    if kind == CollectionKind::View {
        collection.cascade = NONE;
        check_view(&items, cx);
    }
    for item in &items {
        match item.name.as_str() {
            "of" => collection.view.of = item.text(cx),
            "on" => collection.view.on = item.pairs(cx).unwrap_or_default(),
            "filter" => collection.view.filter = item.function(cx),
            "back_populates" => collection.back_populates = item.text(cx),
            "cascade" => collection.cascade = cascade(item, cascades, cx),
            "load" => collection.load = item.choice(loads, cx).unwrap_or_default(),
            "order_by" => collection.order_by = order_by(item, cx),
            "position" => collection.position = item.identifier(cx),
            "passive_deletes" => collection.passive_deletes = passive_deletes(item, cx),
            "owner_column" | "owner_columns" => collection.owner_columns = columns(item, cx),
            "target_column" | "target_columns" => collection.target_columns = columns(item, cx),
            _ => collection.secondary = secondary(item, cx),
        }
    }
    for side in ["owner_column", "target_column"] {
        check_one_of_column_and_columns(&items, side, cx);
    }
    check_cascade(&collection, &items, cx);
    collection
}

fn check_view(items: &[Item], cx: &Ctxt) {
    let given: Vec<&Item> = items.iter().filter(|item| ["of", "on"].contains(&&*item.name)).collect();
    if let [first, second] = given[..] {
        cx.error(second.span, format_args!("`{}` says already what the view shows", first.name));
    }
}

/// Cascades that need each other, and those that leave nothing to `passive_deletes = "all"`.
fn check_cascade(collection: &Collection, items: &[Item], cx: &Ctxt) {
    let Cascade { delete, delete_orphan, .. } = collection.cascade;
    let at = |name: &str| items.iter().find(|item| item.name == name);
    if let Some(item) = at("cascade")
        && delete_orphan
        && !delete
    {
        let why = "`delete-orphan` needs `delete`: a member that may not be without its owner goes with it";
        item.wrong(cx, format_args!("{why}; write `cascade = \"all, delete-orphan\"`"));
    } else if let Some(item) = at("passive_deletes")
        && collection.passive_deletes == PassiveDeletes::All
        && (delete || delete_orphan)
    {
        let why = "`passive_deletes = \"all\"` leaves all members to the database, and the cascade says to delete them";
        item.wrong(cx, format_args!("{why}: take `passive_deletes = true`, or a cascade without `delete`"));
    }
}

/// `passive_deletes`, `= true`, `= false` or `= "all"`
fn passive_deletes(item: &Item, cx: &Ctxt) -> PassiveDeletes {
    match (item.truth(), item.assigned_text()) {
        (Some(true), _) => PassiveDeletes::NotLoaded,
        (Some(false), _) => PassiveDeletes::Off,
        (None, Some(text)) if text.text == "all" => PassiveDeletes::All,
        _ => {
            item.expected(cx, "`passive_deletes = true` or `passive_deletes = \"all\"`");
            PassiveDeletes::Off
        }
    }
}

/// The part of a comma list that begins at `text`; every part has the place of the whole.
fn parts(text: &Name) -> impl Iterator<Item = Name> {
    text.text.split(',').map(|part| Name::new(part.trim(), text.span))
}

fn cascade(item: &Item, choices: &[(&str, Cascade)], cx: &Ctxt) -> Cascade {
    let Some(text) = item.text(cx) else { return USUAL };
    let known = parts(&text).filter_map(|part| find_choice("cascade", &part, choices, cx));
    known.fold(NONE, |sum, one| Cascade {
        save_update: sum.save_update || one.save_update,
        merge: sum.merge || one.merge,
        refresh_expire: sum.refresh_expire || one.refresh_expire,
        expunge: sum.expunge || one.expunge,
        delete: sum.delete || one.delete,
        delete_orphan: sum.delete_orphan || one.delete_orphan,
    })
}

fn order_by(item: &Item, cx: &Ctxt) -> Vec<(String, bool)> {
    let Some(text) = item.text(cx) else { return Vec::new() };
    parts(&text).filter_map(|part| order_of(&part, cx)).collect()
}

fn order_of(part: &Name, cx: &Ctxt) -> Option<(String, bool)> {
    let words: Vec<&str> = part.text.split_whitespace().collect();
    let descending = match words[..] {
        [_] => false,
        [_, direction] if direction.eq_ignore_ascii_case("asc") => false,
        [_, direction] if direction.eq_ignore_ascii_case("desc") => true,
        _ => {
            cx.error(part.span, "expected columns of the target: `order_by = \"title desc, id\"`");
            return None;
        }
    };
    Some((words[0].to_owned(), descending))
}

/// `…_column = "name"`, or `…_columns("name", "name")`
fn columns(item: &Item, cx: &Ctxt) -> Vec<Name> {
    match item.name.ends_with('s') {
        true => item.identifiers(cx).unwrap_or_default(),
        false => item.identifier(cx).into_iter().collect(),
    }
}

fn secondary(item: &Item, cx: &Ctxt) -> Option<Secondary> {
    match item.assigned() {
        Some(syn::Expr::Path(_)) => item.path(cx).map(Secondary::Model),
        _ => item.table(cx).map(Secondary::Table),
    }
}
