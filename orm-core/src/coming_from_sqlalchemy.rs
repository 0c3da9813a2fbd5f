//! Coming from SQLAlchemy: its members, and where they are here.
#![doc = include_str!("../docs/coming_from_sqlalchemy.md")]
