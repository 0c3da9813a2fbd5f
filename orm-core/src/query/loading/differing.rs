//! Two paths that go along one relation and want different things of it.

use crate::mapper::Mapper;
use crate::query::{Step, Strategy};
use crate::sql::{Select, Statement};

/// Whether what two paths say of one relation cannot be loaded both: it has one list of members.
pub(in crate::query) fn differ(one: &Step, other: &Step) -> bool {
    let members = [&one.members, &other.members].map(crate::query::Members::fingerprint);
    let is_inner = |step: &Step| Some(matches!(step.strategy?, Strategy::Joined { inner: true }));
    let both = |a: Option<u64>, b: Option<u64>| a.is_some() && b.is_some() && a != b;
    both(members[0], members[1])
        || matches!((is_inner(one), is_inner(other)), (Some(one), Some(other)) if one != other)
}

/// The message: the relation, and what either path says of it.
pub(in crate::query) fn message(constant: &str, far: &Mapper, [one, other]: &[Step; 2]) -> String {
    format!(
        "`{constant}` stands in two paths that differ in what they want of it: {} and {}. Say it once, or load one of them by itself \
         with `session.load(…)`",
        said(one, far),
        said(other, far)
    )
}

/// What a path says of the members of a relation.
fn said(step: &Step, far: &Mapper) -> String {
    let members = &step.members;
    let mut query = Select::new(far.def.table, Vec::new());
    (query.filter, query.order) = (members.filter.clone(), members.order.clone());
    (query.limit, query.offset) = (members.limit, members.offset);
    let text = query.render().map_or_else(|why| why, |statement| with_values(&statement));
    let which = text.split_once(" FROM ").and_then(|(_, rest)| rest.split_once(' '));
    let which = which.map_or_else(|| "all members".to_owned(), |(_, which)| format!("`{which}`"));
    let call = match step.strategy {
        None => return which,
        Some(Strategy::SelectIn) => "select_in",
        Some(Strategy::Joined { inner: false }) => "joined",
        Some(Strategy::Joined { inner: true }) => "contains_eager",
        Some(Strategy::Subquery) => "subquery",
        Some(Strategy::Raise) => "raise",
    };
    format!("{which} by `{call}()`")
}

/// The text of a statement, with its values in the places where they stand.
fn with_values(statement: &Statement) -> String {
    let mut parts = statement.text.split('$');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number = part[..digits].parse::<usize>().unwrap_or_default();
        match number.checked_sub(1).and_then(|at| statement.params.get(at)) {
            Some(value) => text.push_str(&value.to_string()),
            None => text.push_str(&format!("${number}")),
        }
        text.push_str(&part[digits..]);
    }
    text
}
