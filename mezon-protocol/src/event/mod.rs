//! What the server pushes, and the life of the connection.

mod error;
mod interest;
mod kind;
mod lifecycle;
mod message;
mod raw;
mod table;

pub use error::DecodeError;
pub use interest::Interest;
pub use kind::{Direction, EventKind};
pub use lifecycle::{Cause, Fatal, JoinTarget, Lifecycle};
pub use message::MessageData;
pub use raw::{Push, RawEvent};
