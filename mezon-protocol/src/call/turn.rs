//! What a call can wait for, beside time and the connection.

use std::time::Duration;

use crate::id::{ChannelId, MessageId, UserId};

/// What a call waits for with [`Step::AwaitTurn`](super::Step::AwaitTurn).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// To be the first in a line of the outbox while messages can be sent. The call keeps its place in the line until
    /// it has ended; when it waits once more, it is for the next connection.
    Outbox {
        /// The line.
        line: Line,
        /// When its time is up, as [`Now::elapsed`](crate::Now::elapsed) counts; it does not count once it has its turn.
        until: Duration,
    },
    /// To be the first of the payments, which needs no connection. The call keeps its place until it has ended.
    Payment {
        /// When its time is up, as [`Now::elapsed`](crate::Now::elapsed) counts; it does not count once it has its turn.
        until: Duration,
    },
    /// An edit of this message has ended.
    Edit(MessageId),
}

/// A line of the outbox: what goes to the same place is sent one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Line {
    /// Into a channel.
    Channel(ChannelId),
    /// To a user, by a direct message.
    User(UserId),
}
