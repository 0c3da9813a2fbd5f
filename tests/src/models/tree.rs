//! A table that refers to itself.

use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

/// A node of a tree; without a parent it is a root.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Node {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it is called.
    pub name: String,
    /// The node above.
    #[belongs_to(back_populates = "children", index)]
    pub parent: Option<BelongsTo<Node>>,
    /// The nodes below; a deletion leaves them as roots.
    #[has_many(back_populates = "parent", order_by = "id")]
    pub children: HasMany<Node>,
}

/// A tree in which every node has `width` children down to the given depth; a depth of 1 is a root alone.
pub fn tree(name: &str, depth: usize, width: usize) -> Node {
    let below = if depth > 1 { width } else { 0 };
    Node::builder()
        .name(name)
        .children((0..below).map(|n| tree(&format!("{name}.{n}"), depth - 1, width)))
        .build()
}
