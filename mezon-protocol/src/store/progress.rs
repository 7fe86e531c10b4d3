//! How far messages were handled: from there a client goes on that is started again.

use std::collections::BTreeMap;

use super::{MessageStore, StoreError};
use crate::event::MessageData;
use crate::id::{ChannelId, MessageId, TopicId, UserId};
use crate::machine::{BackfillPolicy, Stream, is_row};
use crate::route::{Mode, Route};

/// Up to which message a channel was handled, or a topic in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The route that its messages show.
    pub route: Route,
    /// The topic, 0 for the channel itself.
    pub topic: TopicId,
    /// The last message that was handled. It need not exist.
    pub message: MessageId,
}

impl Position {
    /// At a message; `None` if that is nothing that was said, such as an edit.
    pub fn at(data: &MessageData) -> Option<Self> {
        let route = Route::of_message(data.channel_id(), data.clan_id(), Mode(data.mode()), data.is_public());
        let position = Self { route, topic: data.topic_id(), message: data.message_id() };
        is_row(data.code(), position.message).then_some(position)
    }

    /// Before its message.
    #[must_use]
    pub const fn before(self) -> Self {
        Self { message: MessageId::new(self.message.get().saturating_sub(1)), ..self }
    }

    /// What it is a position in.
    pub const fn stream(&self) -> Stream {
        Stream { channel: self.route.channel, topic: self.topic }
    }
}

/// What a store knows of how far an account has handled messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Whatever was said before, in seconds since 1970, was given or is not wanted, in channels without a position, too.
    /// `None` if the account has never used the store.
    pub seen: Option<u32>,
    /// How far each channel was handled.
    pub positions: Vec<Position>,
}

/// Where a client left off, for [`Machine::set_left_off`](crate::Machine::set_left_off).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOff {
    /// Whatever was said before, in seconds since 1970, was given, in channels that are not named here, too.
    pub seen: u32,
    /// Of channels that are not named here nothing is wanted up to this message.
    pub floor: MessageId,
    /// The channels in which something was handled most recently.
    pub streams: Vec<LeftStream>,
}

/// Where a client left off in a channel, or a topic in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftStream {
    /// Up to where it was handled.
    pub position: Position,
    /// The last few messages up to there, the oldest first, with the times of their last edits in seconds since 1970 (0
    /// for none): what was edited or removed meanwhile is found among them.
    pub recent: Vec<(MessageId, u32)>,
}

impl LeftOff {
    /// Reads from a store where an account left off, within the bounds of a policy; `None` if it has never used the store.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn read(
        store: &mut dyn MessageStore,
        account: UserId,
        policy: &BackfillPolicy,
    ) -> Result<Option<Self>, StoreError> {
        let Progress { seen, mut positions } = store.progress(account)?;
        let Some(seen) = seen else { return Ok(None) };
        positions.sort_unstable_by_key(|position| position.message);
        let left_out = positions.len().saturating_sub(policy.max_channels);
        let floor = positions.drain(..left_out).next_back().map_or(MessageId::NONE, |position| position.message);
        let mut pages =
            Pages { store, limit: policy.recheck.min(policy.remembered.saturating_sub(1)) + 1, read: BTreeMap::new() };
        let streams = positions.into_iter().map(|position| pages.left_in(position));
        Ok(Some(Self { seen, floor, streams: streams.collect::<Result<_, _>>()? }))
    }
}

/// The newest messages of channels, each read once.
struct Pages<'a> {
    store: &'a mut dyn MessageStore,
    limit: usize,
    read: BTreeMap<ChannelId, Vec<MessageData>>,
}

impl Pages<'_> {
    fn left_in(&mut self, position: Position) -> Result<LeftStream, StoreError> {
        let is_handled = |data: &&MessageData| {
            Position::at(data).is_some_and(|at| at.stream() == position.stream() && at.message <= position.message)
        };
        let edited = |data: &MessageData| {
            let updated = data.update_time_seconds();
            if updated > data.create_time_seconds() { updated } else { 0 }
        };
        let page = self.page(position.route.channel)?.iter().filter(is_handled);
        let mut recent: Vec<_> = page.map(|data| (data.message_id(), edited(data))).collect();
        recent.sort_unstable();
        Ok(LeftStream { position, recent })
    }

    fn page(&mut self, channel: ChannelId) -> Result<&[MessageData], StoreError> {
        if !self.read.contains_key(&channel) {
            self.read.insert(channel, self.store.page(channel, self.limit, 0)?);
        }
        Ok(&self.read[&channel])
    }
}
