//! Lists of operations that went wrong once, as the random search found and shrank them.

use super::ops::{How, Op};
use super::shadow::{Kind, Paired};
use super::{Base, case};
use orm_core::prelude::*;

#[orm_testkit::test(base = Base)]
async fn association_objects_are_forgotten_by_a_session_that_had_none_when_a_pair_is_linked(engine: Engine) {
    let pair = Op::Pair { relation: Paired::Interests, one: 0, other: 0, add: true, how: How::One };
    let ops = [Op::Add(Kind::Topic, 0), Op::Add(Kind::Member, 0), pair];
    assert_eq!(case(&engine, &ops).await, Ok(()));
}
