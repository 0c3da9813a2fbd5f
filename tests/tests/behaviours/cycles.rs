//! Tables that refer to themselves and to each other: trees, circles, and the update that closes a circle.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::state::ObjectState;
use orm_tests::models::circle::{self, Department, Employee};
use orm_tests::models::folders::{self, Folder};
use orm_tests::models::tree::{Base, Node, tree};

fn node(name: &str) -> Node {
    Node::builder().name(name).build()
}

fn folder(name: &str) -> Folder {
    Folder::builder().name(name).build()
}

/// The rows as (name, name of the parent), by name.
async fn parents(engine: &Engine) -> orm_core::Result<Vec<(String, Option<String>)>> {
    let mut session = engine.session();
    let all = session.query::<Node>().order_by(Node::NAME).with(Node::PARENT).all().await?;
    let rows = session.each(&all).map(|node| {
        (node.name.clone(), node.related(Node::PARENT).unwrap().map(|parent| parent.name.clone()))
    });
    Ok(rows.collect())
}

fn row(name: &str, parent: &str) -> (String, Option<String>) {
    (name.to_owned(), Some(parent.to_owned()).filter(|parent| !parent.is_empty()))
}

#[orm_testkit::test(base = Base)]
async fn one_node_alone_is_saved_changed_and_deleted(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let root = session.add(node("root"));
    session.commit().await?;
    session[root].name = "changed".into();
    session.commit().await?;
    assert_eq!(parents(&engine).await?, [row("changed", "")]);
    session.delete(root)?;
    session.commit().await?;
    assert_eq!(parents(&engine).await?, []);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_chain_is_added_from_its_lower_end(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let bottom = Node::builder().name("c").parent(Node::builder().name("b").parent(node("a")));
    session.add(bottom);
    assert_eq!(
        session.flush_plan()?.to_string(),
        "reserve 3 keys of node\ninsert 3 rows into node (id, name, parent_id)"
    );
    session.commit().await?;
    assert_eq!(parents(&engine).await?, [row("a", ""), row("b", "a"), row("c", "b")]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_tree_is_added_from_its_root(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(tree("t", 3, 2));
    assert_eq!(session.flush_plan()?.steps().len(), 2);
    session.commit().await?;
    let rows = parents(&engine).await?;
    assert_eq!(rows.len(), 7);
    assert!(
        rows.iter()
            .skip(1)
            .all(|(name, parent)| name.rsplit_once('.').unwrap().0 == parent.as_ref().unwrap())
    );
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_node_is_put_between_two_others(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let a = session.add(node("a"));
    let c = session.add(Node::builder().name("c").parent(a));
    session.commit().await?;
    let b = session.add(Node::builder().name("b").parent(a));
    session[b].children.push(c);
    session.commit().await?;
    assert_eq!(parents(&engine).await?, [row("a", ""), row("b", "a"), row("c", "b")]);
    assert_eq!(session.at(a).related(Node::CHILDREN)?.map(|n| n.handle()).collect::<Vec<_>>(), [b]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_branch_moves_with_one_update(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let root = session.add(tree("t", 3, 2));
    session.commit().await?;
    let branches: Vec<_> = session.at(root).related(Node::CHILDREN)?.map(|n| n.handle()).collect();
    session[branches[0]].children.push(branches[1]);
    assert_eq!(session.flush_plan()?.to_string(), "update 1 row of node (parent_id)");
    session.commit().await?;
    assert_eq!(session.at(root).related(Node::CHILDREN)?.len(), 1);
    assert_eq!(session.at(branches[0]).related(Node::CHILDREN)?.len(), 3);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn owner_and_member_change_places(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let a = session.add(node("a"));
    let b = session.add(Node::builder().name("b").parent(a));
    session.commit().await?;
    session[a].parent = b.into();
    session[b].parent = None;
    session.commit().await?;
    assert_eq!(parents(&engine).await?, [row("a", "b"), row("b", "")]);
    assert_eq!(session.at(b).related(Node::CHILDREN)?.len(), 1);
    assert_eq!(session.at(a).related(Node::CHILDREN)?.len(), 0);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_deleted_root_leaves_its_members_as_roots(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let root = session.add(tree("t", 2, 2));
    session.commit().await?;
    let mut other = engine.session();
    let root = other.get_one::<Node>(session[root].id.unwrap()).await?;
    other.delete(root)?;
    other.commit().await?;
    assert_eq!(parents(&engine).await?, [row("t.0", ""), row("t.1", "")]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_whole_tree_is_deleted_in_one_statement(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(tree("t", 3, 2));
    session.commit().await?;
    // The root first: the order does not matter.
    let all: Vec<_> = session.objects::<Node>().collect();
    all.iter().try_for_each(|node| session.delete(*node))?;
    assert_eq!(session.flush_plan()?.to_string(), "delete 7 rows of node");
    session.commit().await?;
    assert_eq!(parents(&engine).await?, []);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn the_middle_of_a_chain_goes(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let a = session.add(node("a"));
    let b = session.add(Node::builder().name("b").parent(a));
    let c = session.add(Node::builder().name("c").parent(b));
    session.commit().await?;
    session[c].parent = a.into();
    session.delete(b)?;
    session.commit().await?;
    assert_eq!(parents(&engine).await?, [row("a", ""), row("c", "a")]);
    assert_eq!(session.load(a, Node::CHILDREN).await?, [c]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_new_tree_takes_an_old_branch_while_its_root_goes(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let old = session.add(tree("t", 3, 1));
    session.commit().await?;
    let branch = session.at(old).related(Node::CHILDREN)?.next().unwrap().handle();
    let new = session.add(Node::builder().name("new").children([branch]));
    session.delete(old)?;
    session.commit().await?;
    assert_eq!(parents(&engine).await?, [row("new", ""), row("t.0", "new"), row("t.0.0", "t.0")]);
    assert_eq!(session.at(branch).related(Node::PARENT)?.unwrap().handle(), new);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_circle_in_one_table_is_closed_and_opened_again(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let nodes = ["a", "b", "c"].map(|name| session.add(node(name)));
    for (n, handle) in nodes.iter().enumerate() {
        session[*handle].parent = nodes[(n + 1) % 3].into();
    }
    session.commit().await?;
    assert_eq!(parents(&engine).await?, [row("a", "b"), row("b", "c"), row("c", "a")]);
    session[nodes[2]].parent = None;
    session.commit().await?;
    assert_eq!(parents(&engine).await?, [row("a", "b"), row("b", "c"), row("c", "")]);
    session[nodes[2]].parent = nodes[0].into();
    session.flush().await?;
    nodes.iter().try_for_each(|node| session.delete(*node))?;
    session.commit().await?;
    assert_eq!(parents(&engine).await?, []);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn one_row_of_a_circle_goes(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let [a, b] = ["a", "b"].map(|name| session.add(node(name)));
    session[a].parent = b.into();
    session[b].parent = a.into();
    session.commit().await?;
    session.delete(a)?;
    session.commit().await?;
    assert_eq!(parents(&engine).await?, [row("b", "")]);
    assert!(session[b].parent.is_none());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_row_that_refers_to_itself_is_changed_and_deleted(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let own = session.add(node("own"));
    session[own].parent = own.into();
    session.commit().await?;
    assert_eq!(parents(&engine).await?, [row("own", "own")]);
    assert_eq!(session.at(own).related(Node::CHILDREN)?.next().unwrap().handle(), own);
    session.delete(own)?;
    session.commit().await?;
    assert_eq!(parents(&engine).await?, []);
    Ok(())
}

#[orm_testkit::test(base = folders::Base)]
async fn a_branch_goes_with_its_root_down_to_its_leaves(engine: Engine) -> orm_core::Result<()> {
    for load in [false, true] {
        let mut session = engine.session();
        let below = Folder::builder().name("b").children([folder("c"), folder("d")]);
        session.add(Folder::builder().name("a").children([below]));
        session.commit().await?;
        let mut session = engine.session();
        let root = session.query::<Folder>().filter(Folder::PARENT_ID.is_null()).one().await?;
        if load {
            session.load(root, Folder::CHILDREN.then(Folder::CHILDREN)).await?;
        }
        session.delete(root)?;
        session.commit().await?;
        assert_eq!(engine.count(select::<Folder>()).await?, 0, "loaded: {load}");
    }
    Ok(())
}

#[orm_testkit::test(base = folders::Base)]
async fn an_orphan_of_a_tree_takes_its_branch_along(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let below = Folder::builder().name("b").children([folder("c"), folder("d")]);
    let root = session.add(Folder::builder().name("a").children([below]));
    session.commit().await?;
    let branch = session[root].children.handles().unwrap().next().unwrap();
    session[root].children.remove(branch);
    session.commit().await?;
    assert_eq!(session.state(branch)?, ObjectState::Deleted);
    assert_eq!(engine.fetch_all(columns(Folder::NAME)).await?, ["a"]);
    Ok(())
}

#[orm_testkit::test(base = folders::Base)]
async fn a_leaf_of_an_orphan_is_saved_by_moving_up(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let root = session
        .add(Folder::builder().name("a").children([Folder::builder().name("b").children([folder("c")])]));
    session.commit().await?;
    let branch = session[root].children.handles().unwrap().next().unwrap();
    let leaf = session[branch].children.handles().unwrap().next().unwrap();
    session[root].children.push(leaf);
    session[root].children.remove(branch);
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns(Folder::NAME).order_by(Folder::ID)).await?, ["a", "c"]);
    assert_eq!(session.load(root, Folder::CHILDREN).await?, [leaf]);
    Ok(())
}

#[orm_testkit::test(base = folders::Base)]
async fn two_references_of_a_table_to_itself_are_two_things(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let root = session.add(folder("root"));
    let [a, b] = ["a", "b"].map(|name| session.add(Folder::builder().name(name).parent(root)));
    session[a].twin = b.into();
    session[b].twin = a.into();
    session.commit().await?;
    let rows = engine.fetch_all(columns((Folder::PARENT_ID, Folder::TWIN_ID)).order_by(Folder::ID)).await?;
    assert_eq!(rows, [(None, None), (Some(1), Some(3)), (Some(1), Some(2))]);
    session.delete(root)?;
    session.commit().await?;
    assert_eq!(engine.count(select::<Folder>()).await?, 0);
    Ok(())
}

#[orm_testkit::test(base = folders::Base)]
async fn a_reference_to_one_of_its_own_members(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let root = session.add(Folder::builder().name("root").children([folder("a"), folder("b")]));
    let favourite = session[root].children.handles().unwrap().next().unwrap();
    session[root].twin = favourite.into();
    session.commit().await?;
    assert_eq!(engine.fetch_all(columns(Folder::TWIN_ID).order_by(Folder::ID)).await?, [Some(2), None, None]);
    session.delete(favourite)?;
    session.commit().await?;
    assert!(session[root].twin.is_none());
    assert_eq!(engine.fetch_all(columns(Folder::NAME).order_by(Folder::ID)).await?, ["root", "b"]);
    Ok(())
}

#[orm_testkit::test(base = circle::Base)]
async fn a_circle_of_tables_is_closed_by_one_late_update(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    for name in ["one", "two"] {
        let department = session.add(Department::builder().name(name));
        let head = session.add(Employee::builder().name("head").department(department));
        session.add(Employee::builder().name("other").department(department));
        session[department].head = head.into();
    }
    let plan = session.flush_plan()?.to_string();
    assert!(plan.ends_with("update 2 rows of department (head_id)"), "{plan}");
    session.commit().await?;
    let heads = engine.fetch_all(columns(Department::HEAD_ID).order_by(Department::ID)).await?;
    assert_eq!(heads, [Some(1), Some(3)]);
    Ok(())
}

#[orm_testkit::test(base = circle::Base)]
async fn the_closing_reference_is_changed_and_cleared(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let department = session.add(Department::builder().name("d"));
    let staff = session.add_all(["a", "b"].map(|name| Employee::builder().name(name).department(department)));
    session.commit().await?;
    for head in [Some(staff[0]), Some(staff[1]), None] {
        session[department].head = head.map(BelongsTo::from);
        assert_eq!(session.flush_plan()?.to_string(), "update 1 row of department (head_id)");
        session.commit().await?;
        let key = head.map(|head| session[head].id.unwrap());
        assert_eq!(engine.fetch_one(columns(Department::HEAD_ID)).await?, key);
    }
    Ok(())
}

#[orm_testkit::test(base = circle::Base)]
async fn a_new_row_closes_the_circle_of_an_old_one(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let department = session.add(Department::builder().name("d"));
    session.commit().await?;
    let head = Employee::builder().name("head").department(department).build();
    session[department].head = Some(BelongsTo::to(head));
    assert_eq!(
        session.flush_plan()?.to_string(),
        "reserve 1 key of employee\ninsert 1 row into employee (id, name, department_id)\n\
         update 1 row of department (head_id)"
    );
    session.commit().await?;
    assert_eq!(session.at(department).related(Department::EMPLOYEES)?.len(), 1);
    Ok(())
}

#[orm_testkit::test(base = circle::Base)]
async fn a_circle_that_nothing_can_open_is_refused(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let department = session.add(Department::builder().name("d"));
    let head = session.add(Employee::builder().name("head").department(department));
    session[department].head = head.into();
    session.commit().await?;
    session.delete(department)?;
    let error = session.commit().await.unwrap_err();
    assert!(error.is_foreign_key_violation() || error.kind() == ErrorKind::Unset, "{error:?}");
    session.rollback().await?;
    assert_eq!(session[department].head.as_ref().and_then(BelongsTo::handle), Some(head));
    Ok(())
}
