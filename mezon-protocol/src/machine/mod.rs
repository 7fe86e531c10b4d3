//! The Machine.

/// Stub.
#[derive(Debug)]
pub struct Machine;
/// Stub.
#[derive(Debug)]
pub struct Shared;
