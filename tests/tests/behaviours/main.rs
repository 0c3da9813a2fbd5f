//! Behaviours that users of SQLAlchemy expect of a session, one test each. `docs/behaviours` lists them.
//!
//! | file | about |
//! |---|---|
//! | `common` | what the others use |
//! | `table` | the lists in `docs/behaviours` are true |
//! | `composites` | values of several columns, and enums that carry data |
//! | `mixins` | columns and relations that several models have from one type |
//! | `inheritance` | rows in two tables |
//! | `states` | states of objects, what counts as a change, and its history |
//! | `bulk` | many rows past the objects of the session |
//! | `autoflush` | changes are written before a query reads |
//! | `dynamic` | collections that are asked instead of loaded |
//! | `eager` | relations that come with a query |
//! | `events` | what listeners hear |
//! | `lazy` | relations that are loaded by handle |
//! | `makers` | makers of sessions, and sessions of scopes |
//! | `transactions` | commit, rollback, and what they do to objects |
//! | `expiry` | objects that are stale, and reading them again |
//! | `merging` | owned values that come into the session and leave it |
//! | `savepoints` | parts of a transaction that can be taken back alone |
//! | `sessions` | the session and its identity map |
//! | `cascades` | what spreads from owners to members, and orphans |
//! | `cycles` | tables that refer to themselves and to each other |
//! | `defaults` | values of the database, and of the program before the flush |
//! | `deferrable` | foreign keys that the database checks at COMMIT |
//! | `deferred` | columns that queries leave out |
//! | `hybrids` | methods of models that are expressions, and expressions of members |
//! | `many_to_many` | associations from either side, by table or model |
//! | `natural_keys` | keys that change, and what refers to them |
//! | `one_to_one` | the one object whose foreign key is on the other side |
//! | `row_switch` | an object that goes and one that comes with its key |
//! | `shared_columns` | foreign keys that share a column with a field, such as a tenant |
//! | `two_phase` | two databases, and savepoints |
//! | `unit_of_work` | what a flush writes, and in which order |
//! | `backrefs` | what one side of a relation says, the other side shows |
//! | `graphs` | many to many of a model with itself, and collections as maps |
//! | `ordered_lists` | lists that number their members |
//! | `association_proxies` | relations through the objects of an association model |
//! | `views` | relations that are only looked at |

mod association_proxies;
mod autoflush;
mod backrefs;
mod bulk;
mod cascades;
mod common;
mod composites;
mod cycles;
mod defaults;
mod deferrable;
mod deferred;
mod dynamic;
mod eager;
mod events;
mod expiry;
mod graphs;
mod hybrids;
mod inheritance;
mod lazy;
mod makers;
mod many_to_many;
mod merging;
mod mixins;
mod natural_keys;
mod one_to_one;
mod ordered_lists;
mod row_switch;
mod savepoints;
mod sessions;
mod shared_columns;
mod states;
mod table;
mod transactions;
mod two_phase;
mod unit_of_work;
mod views;
