//! Loaded graphs for serde.

use super::entity::related_slots;
use super::{Entity, Session};
use crate::error::Result;
use crate::mapper::{Handle, Model, RelationKind};
use crate::query::{Paths, Tree};
use crate::state::At;
use crate::types::ColumnValue;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value as Json};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// An object and what is loaded along some paths, to be serialised: [`Entity::tree`].
///
/// Columns come first, by their names, then the relations of the paths, by theirs. What is not loaded is left out, and the paths
/// say where it ends: a graph with circles is a tree of the depth that they have. What a path says beside its relations, such as a
/// filter, was of use when it was loaded.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # let tea = Product::builder().sku("T-1").title("Tea").price_cents(390);
/// # session.add(Customer::builder().name("Ann").email("ann@example.org").carts([Cart::builder().products([tea])]));
/// # session.commit().await?;
/// let mut session = engine.session();
/// let path = || Customer::CARTS.then(Cart::PRODUCTS).then(Product::CARTS);
/// let ann = session.query::<Customer>().with(Customer::CARTS.then(Cart::PRODUCTS)).one().await?;
/// let json = serde_json::to_value(session.at(ann).tree(path()))?;
/// assert_eq!(json["carts"][0]["products"][0]["sku"], "T-1");
/// assert_eq!(json["carts"][0]["products"][0].get("carts"), None); // not loaded
/// let all = serde_json::to_value(session.trees(&[ann], (Customer::CARTS.then(Cart::CUSTOMER), path())))?;
/// assert_eq!(all[0]["carts"][0]["customer"]["name"], "Ann");
/// assert_eq!(all[0]["carts"][0]["customer"].get("carts"), None); // the path ends there
/// # Ok(()) }
/// ```
pub struct EntityTree<'s, T> {
    branch: Branch<'s>,
    model: PhantomData<fn() -> T>,
}

impl<T: Model> fmt::Debug for EntityTree<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let store = &self.branch.session.arena.stores[self.branch.at.store];
        write!(f, "EntityTree({})", store.name_of(self.branch.session.arena.object(self.branch.at)))
    }
}

impl<T: Model> Serialize for EntityTree<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.branch.serialize(serializer)
    }
}

impl<'s, T: Model> Entity<'s, T> {
    /// The object with what is loaded along some paths, for serde.
    pub fn tree(&self, paths: impl Paths<T>) -> EntityTree<'s, T> {
        EntityTree { branch: self.branch(paths), model: PhantomData }
    }

    pub(super) fn branch(&self, paths: impl Paths<T>) -> Branch<'s> {
        Branch { session: self.session(), at: self.at(), then: tree(paths) }
    }
}

impl Session {
    /// The objects with what is loaded along some paths, for serde: as [`Entity::tree`].
    ///
    /// # Panics
    /// When a handle is of another session or of a deleted object.
    pub fn trees<'s, T: Model>(
        &'s self,
        handles: &[Handle<T>],
        paths: impl Paths<T>,
    ) -> Vec<EntityTree<'s, T>> {
        let then = tree(paths);
        let branch =
            |entity: Entity<'s, T>| Branch { session: self, at: entity.at(), then: Arc::clone(&then) };
        let all = handles.iter().map(|handle| branch(self.at(*handle)));
        all.map(|branch| EntityTree { branch, model: PhantomData }).collect()
    }
}

fn tree<M>(paths: impl Paths<M>) -> Arc<Tree> {
    let mut all = Vec::new();
    paths.push_to(&mut all);
    Arc::new(Tree::of(&all))
}

/// An object of any model, and the relations that follow.
pub(super) struct Branch<'s> {
    session: &'s Session,
    at: At,
    then: Arc<Tree>,
}

/// What stands at the other end of a relation.
enum Members<'s> {
    Many(Vec<Branch<'s>>),
    One(Option<Box<Branch<'s>>>),
}

impl<'s> Branch<'s> {
    /// The relations, with their names, or the error that one is not loaded.
    fn relations(&self) -> impl Iterator<Item = Result<(&'static str, Members<'s>)>> {
        let def = self.session.arena.stores[self.at.store].mapper.def;
        self.then.0.iter().map(move |node| {
            let slots = related_slots(self.session, self.at, node.step.relation)?;
            let then = Arc::new(node.then.clone());
            let mut branches =
                slots.into_iter().map(|at| Branch { session: self.session, at, then: Arc::clone(&then) });
            let relation = &def.relations[node.step.relation];
            let members = match relation.kind {
                RelationKind::HasMany | RelationKind::ManyToMany(_) | RelationKind::View(_) => {
                    Members::Many(branches.collect())
                }
                RelationKind::BelongsTo { .. } | RelationKind::HasOne => {
                    Members::One(branches.next().map(Box::new))
                }
            };
            Ok((relation.name, members))
        })
    }

    /// As JSON, where everything has to be loaded.
    ///
    /// # Errors
    /// [`NotLoaded`](crate::ErrorKind::NotLoaded)
    pub(super) fn to_json(&self) -> Result<Json> {
        let mut object: Map<String, Json> =
            columns(self.session, self.at).map(|(name, value)| (name.to_owned(), value)).collect();
        for relation in self.relations() {
            let (name, members) = relation?;
            object.insert(name.to_owned(), members.to_json()?);
        }
        Ok(Json::Object(object))
    }
}

impl Members<'_> {
    fn to_json(&self) -> Result<Json> {
        match self {
            Self::Many(branches) => branches.iter().map(Branch::to_json).collect(),
            Self::One(branch) => branch.as_ref().map_or(Ok(Json::Null), |branch| branch.to_json()),
        }
    }
}

/// The columns of an object that are loaded, with their names.
pub(super) fn columns(session: &Session, at: At) -> impl Iterator<Item = (&'static str, Json)> {
    let object = session.arena.object(at);
    let all = object.def().columns.iter().enumerate().map(|(i, def)| (def.name, object.column(i)));
    let read = all.filter(|(_, value)| !matches!(value, ColumnValue::NotLoaded));
    read.map(|(name, value)| (name, value.to_json()))
}

impl Serialize for Branch<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let columns: Vec<_> = columns(self.session, self.at).collect();
        let relations: Vec<_> = self.relations().filter_map(Result::ok).collect();
        let mut map = serializer.serialize_map(Some(columns.len() + relations.len()))?;
        for (name, value) in columns {
            map.serialize_entry(name, &value)?;
        }
        for (name, members) in relations {
            map.serialize_entry(name, &members)?;
        }
        map.end()
    }
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Many(branches) => serializer.collect_seq(branches),
            Self::One(branch) => branch.serialize(serializer),
        }
    }
}
