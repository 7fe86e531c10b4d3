//! Where messages are kept for good: what a store has to do, and one that keeps them in memory.
//!
//! A client that is given a [`MessageStore`] hands it every message that it receives or sends, as it is then, and asks
//! it before it asks the server. The store itself is asked by one caller at a time and may take as long as it needs: it is for
//! whoever calls it to do that where nobody waits. `mezon-store` is a store in SQLite.

mod error;
mod memory;
mod memory_outbox;
mod outbox;
mod progress;
mod stored;
mod tracker;

pub use error::{Cause, StoreError};
pub use memory::MemoryStore;
pub use memory_outbox::MemoryOutbox;
pub use outbox::{Entry, Outbox, OutboxItem, Settled, Unsettled};
pub use progress::{LeftOff, LeftStream, Position, Progress};
pub use stored::StoredMessage;
pub use tracker::Tracker;

use crate::event::{CODE_DELETED, MessageData};
use crate::id::{ChannelId, MessageId, UserId};
use crate::memory::UNSTORED;

/// How a store has to change.
#[derive(Clone, Debug)]
pub enum Change {
    /// A message as it is now, in place of what is stored of it. If it does not say when it was sent, what was stored of
    /// that stays.
    Put(MessageData),
    /// A message, unless something is stored of it.
    Add(MessageData),
    /// A message is gone.
    Remove(ChannelId, MessageId),
    /// This account has handled a channel up to here; a position that lies before the one that is stored changes nothing.
    Handled(UserId, Position),
    /// Whatever was said before this time, in seconds since 1970, was given to this account.
    Seen(UserId, u32),
    /// Whatever was said before this time, in seconds since 1970, is not wanted, as that is when this account uses the store for
    /// the first time. Nothing changes if it is not the first time.
    Begun(UserId, u32),
}

impl Change {
    /// What follows from a message that was pushed: nothing if nobody stores such messages. Edits replace, removals
    /// remove. The message is copied out of the buffer that it was read into.
    pub fn of(data: &MessageData) -> Option<Self> {
        match data.code() {
            CODE_DELETED => Some(Self::Remove(data.channel_id(), data.message_id())),
            code if UNSTORED.contains(&code) => None,
            _ => Some(Self::Put(data.detach())),
        }
    }

    /// The bytes that it takes, about.
    pub fn size(&self) -> usize {
        match self {
            Self::Put(data) | Self::Add(data) => size_of::<Self>() + data.frame().len(),
            Self::Remove(..) | Self::Handled(..) | Self::Seen(..) | Self::Begun(..) => size_of::<Self>(),
        }
    }
}

/// Keeps messages for good. Another database takes the place of SQLite by implementing it.
///
/// What it gives needs not say whose the account is: [`MessageData::with_own_id`] sets that.
pub trait MessageStore: Send + 'static {
    /// Makes all of these changes, in their order, or none of them.
    ///
    /// # Errors
    ///
    /// What prevents it; [`StoreError::is_retryable`] says whether it is worth another try.
    fn apply(&mut self, changes: &[Change]) -> Result<(), StoreError>;

    /// A message.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    fn get(&mut self, channel: ChannelId, message: MessageId) -> Result<Option<MessageData>, StoreError>;

    /// Messages of a channel, the newest first: `limit` of them, after `offset` others.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    fn page(&mut self, channel: ChannelId, limit: usize, offset: usize) -> Result<Vec<MessageData>, StoreError>;

    /// The newest message of each channel.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    fn newest(&mut self) -> Result<Vec<(ChannelId, MessageId)>, StoreError>;

    /// How far an account has handled messages, as [`Change::Handled`], [`Change::Seen`] and [`Change::Begun`] have told it. By
    /// default nothing is known, and clients that are started again do not catch up.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    fn progress(&mut self, account: UserId) -> Result<Progress, StoreError> {
        let _ = account;
        Ok(Progress::default())
    }

    /// Its outbox: messages that are sent once, although the program may end in between. By default it has none, and such
    /// messages are refused.
    fn outbox(&mut self) -> Option<&mut dyn Outbox> {
        None
    }
}

#[cfg(test)]
mod tests;
