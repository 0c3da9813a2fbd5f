//! Inheritance: models whose rows are the rest of the rows of another model, and enums of handles over them.

use super::{AnyHandle, LinkKind, Mapper, Model, ModelDef, ReferentialAction};
use crate::types::SqlType;
use std::any::TypeId;
use std::fmt::Debug;

/// An enum of handles over a model and those that inherit from it; made by `#[derive(Polymorphic)]`.
///
/// The table of the base has what all of them have, and a column that says which of them a row is. Each other model has a
/// table of its own, whose primary key refers to the base:
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Employee {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     pub name: String,
///     #[model(default = "employee")]
///     pub kind: String,
/// }
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Manager {
///     #[model(primary_key)]
///     #[belongs_to(on_delete = "cascade")]
///     pub employee: BelongsTo<Employee>,
///     pub budget: i64,
/// }
///
/// #[derive(Polymorphic, Clone, Copy, Debug)]
/// #[polymorphic(base = Employee, on = "kind")]
/// pub enum Staff {
///     Manager(Handle<Manager>),
///     #[polymorphic(base)]
///     Other(Handle<Employee>), // what is none of the others
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut session = engine.session();
/// session.add(Manager::builder().employee(Employee::builder().name("Ann")).budget(700)); // sets `kind` to "manager"
/// session.add(Employee::builder().name("Bea"));
/// session.commit().await?;
///
/// let mut session = engine.session();
/// let by_name = session.query::<Employee>().order_by(Employee::NAME);
/// for one in by_name.polymorphic::<Staff>().all().await? { // two round trips, whatever is found
///     match one {
///         Staff::Manager(ann) => {
///             assert_eq!(session[ann].budget, 700);
///             assert_eq!(session.at(ann).related(Manager::EMPLOYEE)?.name, "Ann");
///         }
///         Staff::Other(bea) => assert_eq!(session[bea].name, "Bea"),
///     }
/// }
/// # Ok(()) }
/// ```
///
/// Deleting one deletes its row in both tables.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no enum of handles over a model and those that inherit from it",
    label = "not polymorphic",
    note = "put `#[derive(Polymorphic, Clone, Copy, Debug)]` and `#[polymorphic(base = …, on = \"…\")]` on an enum of handles"
)]
pub trait Polymorphic: Sized + Debug + Send + Sync + 'static {
    /// The model that has the rows of all of them.
    type Base: Model;

    #[doc(hidden)]
    fn def() -> &'static PolymorphicDef;

    #[doc(hidden)]
    fn of(variant: usize, handle: AnyHandle) -> Option<Self>;
}

/// What `#[derive(Polymorphic)]` says about an enum with a base.
#[derive(Debug)]
pub struct PolymorphicDef {
    /// The name of the enum.
    pub name: &'static str,
    /// The base.
    pub base: fn() -> &'static ModelDef,
    /// The field of the base that says which kind a row is.
    pub on: &'static str,
    /// The variants.
    pub kinds: &'static [KindDef],
}

/// A variant.
#[derive(Debug)]
pub struct KindDef {
    /// What the base's column says; of the base itself, nothing: it is what no other variant is.
    pub tag: Option<&'static str>,
    /// The model.
    pub model: fn() -> &'static ModelDef,
}

/// The entry of an enum in the link-time list; made by the derive.
#[derive(Debug)]
pub struct Inheritance(pub fn() -> &'static PolymorphicDef);

inventory::collect!(Inheritance);

/// From which model another one inherits.
#[derive(Debug, PartialEq, Eq)]
pub struct Inherits {
    /// The relation to the row of that model: its foreign key is the primary key.
    pub relation: usize,
    /// The relations from there to the base: empty where that model is the base.
    pub further: Vec<usize>,
    /// The column of the base that says which kind a row is.
    pub column: usize,
    /// What it says of this model.
    pub tag: &'static str,
    /// What it says of those that inherit from this model.
    pub below: Vec<&'static str>,
}

impl PolymorphicDef {
    /// The column of the base that says which kind a row is.
    pub(crate) fn column(&self) -> Option<usize> {
        (self.base)().columns.iter().position(|column| column.field == self.on)
    }

    /// The variant of a row.
    pub(crate) fn kind(&self, tag: &str) -> Option<usize> {
        let position = |tag: Option<&str>| self.kinds.iter().position(|kind| kind.tag == tag);
        position(Some(tag)).or_else(|| position(None))
    }
}

/// Tells the models of a base from which others they inherit.
pub(super) fn inherit(mappers: &mut [Mapper], base: TypeId) -> Result<(), String> {
    for Inheritance(def) in inventory::iter::<Inheritance> {
        let def = def();
        if ((def.base)().base)() != base {
            continue;
        }
        let found = inherits(mappers, def)?;
        for (mapper, inherits) in found {
            match &mappers[mapper].inherits {
                Some(known) if *known != inherits => {
                    return Err(format!(
                        "`{}`: another enum says something else of `{}`",
                        def.name, mappers[mapper].def.name
                    ));
                }
                _ => mappers[mapper].inherits = Some(inherits),
            }
        }
    }
    Ok(())
}

fn inherits(mappers: &[Mapper], def: &PolymorphicDef) -> Result<Vec<(usize, Inherits)>, String> {
    let position = |model: &ModelDef| {
        let found = mappers.iter().position(|mapper| mapper.def == model);
        found.ok_or_else(|| format!("`{}`: `{}` belongs to another base", def.name, model.name))
    };
    let (base, base_def) = (position((def.base)())?, (def.base)());
    let column = def.column().filter(|column| base_def.columns[*column].sql_type == SqlType::Text);
    let column = column.ok_or_else(|| {
        format!(
            "`{}`: `{}::{}` is no column of text that could say which kind a row is",
            def.name, base_def.name, def.on
        )
    })?;
    let mut parents = Vec::new();
    for kind in def.kinds {
        let (mapper, Some(tag)) = (position((kind.model)())?, kind.tag) else { continue };
        let (relation, parent) = parent_of(&mappers[mapper], &mappers[base], def)?;
        parents.push((mapper, relation, parent, tag));
    }
    let above = |mapper: usize| parents.iter().find(|(own, ..)| *own == mapper);
    let mut found = Vec::new();
    for (mapper, relation, parent, tag) in &parents {
        let (mut further, mut at) = (Vec::new(), *parent);
        while at != base {
            let Some((_, relation, parent, _)) = above(at) else {
                return Err(format!("`{}` needs a variant for `{}`", def.name, mappers[at].def.name));
            };
            further.push(*relation);
            at = *parent;
        }
        let is_below = |mut at: usize| {
            while let Some((_, _, parent, _)) = above(at) {
                if parent == mapper {
                    return true;
                }
                at = *parent;
            }
            false
        };
        let below = parents.iter().filter(|(other, ..)| is_below(*other)).map(|(.., tag)| *tag).collect();
        found.push((*mapper, Inherits { relation: *relation, further, column, tag, below }));
    }
    Ok(found)
}

/// The relation of a model whose foreign key is the primary key, and where it leads.
fn parent_of(mapper: &Mapper, base: &Mapper, def: &PolymorphicDef) -> Result<(usize, usize), String> {
    let (name, model, base) = (def.name, mapper.def.name, base.def.name);
    let is_key =
        |link: &LinkKind| matches!(link, LinkKind::ToOne { columns, .. } if *columns == mapper.primary_key);
    let relation = mapper.relations.iter().position(|link| is_key(&link.kind)).ok_or_else(|| {
        format!(
            "`{name}`: the primary key of `{model}` has to be its `BelongsTo<{base}>`: put #[model(primary_key)] and \
             #[belongs_to(on_delete = \"cascade\")] on that field"
        )
    })?;
    let link = &mapper.relations[relation];
    if !matches!(link.kind, LinkKind::ToOne { on_delete: ReferentialAction::Cascade, .. }) {
        let field = mapper.def.relations[relation].name;
        return Err(format!(
            "`{name}`: a `{model}` goes with its row: say #[belongs_to(on_delete = \"cascade\")] on `{model}::{field}`"
        ));
    }
    Ok((relation, link.target))
}
