//! What the server pushes, and the life of the connection.

mod lifecycle;
mod raw;

pub use lifecycle::{Cause, Fatal, JoinTarget, Lifecycle};
pub use raw::{Push, RawEvent};

/// Stub.
#[derive(Debug, Clone)]
pub struct Interest;
