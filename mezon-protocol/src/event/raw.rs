//! Events as the Machine gives them: undecoded.

use bytes::Bytes;

use super::Lifecycle;
use crate::id::UserId;

/// What [`Machine::poll_event`](crate::Machine::poll_event) gives: plain data, to be decoded where it is taken.
#[derive(Clone, Debug, PartialEq)]
pub enum RawEvent {
    /// Something the server pushed.
    Push(Push),
    /// Something in the life of the connection.
    Lifecycle(Lifecycle),
}

/// A member of the Envelope that the server pushed, undecoded: a slice of the buffer that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// The number of the oneof member.
    pub field: u32,
    /// The bytes of the member.
    pub body: Bytes,
    /// Who we are, by which own messages are told from others.
    pub own_id: UserId,
    /// Whether it did not come by itself, but was fetched after the connection had been away.
    pub replayed: bool,
}
