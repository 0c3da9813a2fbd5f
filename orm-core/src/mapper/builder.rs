//! The type state of builders: `CustomerBuilder<Filled, Missing>`.

/// The state of a required column that is not set yet.
#[derive(Clone, Copy, Debug)]
pub struct Missing;

/// The state of a required column that is set.
#[derive(Clone, Copy, Debug)]
pub struct Filled;
