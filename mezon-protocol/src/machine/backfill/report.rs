//! What became of a backfill.

use crate::id::{ChannelId, MessageId, TopicId};

/// What was done about the messages that were missed while the connection was away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BackfillReport {
    /// Channels, and topics, in which something was fetched.
    pub channels: usize,
    /// Messages that were given, marked as replayed.
    pub messages: usize,
    /// Edits that were given, marked as replayed.
    pub edits: usize,
    /// Removals that were given, marked as replayed.
    pub removals: usize,
    /// Where messages are still missing, at most 1,000 places.
    pub beyond: Vec<Beyond>,
    /// Places that are not listed there.
    pub more_beyond: usize,
}

/// Messages that were missed and are not fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Beyond {
    /// In this channel.
    pub channel: ChannelId,
    /// In this topic of it, 0 for the channel itself.
    pub topic: TopicId,
    /// They come after this message; 0 if none was ever given of the channel.
    pub after: MessageId,
    /// The last of them, or what came after them; 0 if that is not known. [`History`](crate::object::History) fetches them.
    pub until: MessageId,
    /// Why.
    pub reason: BeyondReason,
}

/// Why messages that were missed are not fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BeyondReason {
    /// There were more than [`BackfillPolicy::per_channel`](super::BackfillPolicy::per_channel) or
    /// [`total`](super::BackfillPolicy::total).
    Limit,
    /// They are older than [`BackfillPolicy::max_age`](super::BackfillPolicy::max_age).
    Age,
    /// Asking for them failed, several times.
    Failed,
}

/// Places that are listed.
const LISTED: usize = 1000;

impl BackfillReport {
    pub(super) fn add_beyond(&mut self, beyond: Beyond) {
        if self.beyond.len() < LISTED {
            self.beyond.push(beyond);
        } else {
            self.more_beyond += 1;
        }
    }
}
