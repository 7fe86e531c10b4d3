//! What the server pushes, and the life of the connection.

mod interest;
mod kind;
mod lifecycle;
mod raw;
mod table;

pub use interest::Interest;
pub use kind::{Direction, EventKind};
pub use lifecycle::{Cause, Fatal, JoinTarget, Lifecycle};
pub use raw::{Push, RawEvent};
