//! The latest messages of each channel.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use lru::LruCache;

use super::hash::BuildIdHasher;
use crate::call::Sent;
use crate::event::MessageData;
use crate::id::{ChannelId, MessageId, UserId};

/// The latest messages of each channel, in the order in which they came.
///
/// A channel that is full forgets its first message; when there are too many in all, it is the first one of the channel
/// in which nothing has come for longest.
pub struct Messages {
    per_channel: usize,
    total: usize,
    len: usize,
    channels: Option<LruCache<ChannelId, Shelf, BuildIdHasher>>,
}

/// The messages of one channel.
#[derive(Default)]
struct Shelf {
    messages: VecDeque<(MessageId, Kept)>,
    /// The highest id so far: a higher one is new, which is how most messages come.
    newest: MessageId,
}

/// A message in memory.
enum Kept {
    /// As the server has it: its frame in memory of its own, as the buffer that was read must not be kept alive. It was
    /// checked before, and is read again by whoever asks for it, as few are asked for.
    Frame(Vec<u8>, UserId),
    /// One of ours, from the answer to its sending; until its echo comes.
    Sent(Arc<Sent>, UserId),
}

impl Default for Kept {
    /// Nothing yet. Takes no room.
    fn default() -> Self {
        Self::Frame(Vec::new(), UserId::NONE)
    }
}

impl Kept {
    fn read(&self) -> MessageData {
        match self {
            Self::Frame(frame, own_id) => {
                MessageData::parse(Bytes::copy_from_slice(frame), *own_id).expect("it was checked before it was kept")
            }
            Self::Sent(sent, own_id) => sent.to_message(*own_id),
        }
    }

    /// Another state of the message.
    fn set(&mut self, data: &MessageData) {
        match self {
            Self::Frame(frame, own_id) => {
                fill(frame, data.frame());
                *own_id = data.own_id();
            }
            Self::Sent(..) => *self = Self::Frame(data.frame().to_vec(), data.own_id()),
        }
    }
}

impl Messages {
    /// Room for so many messages in each channel, and so many in all; with a 0 none is kept.
    pub const fn new(per_channel: usize, total: usize) -> Self {
        Self { per_channel, total, len: 0, channels: None }
    }

    /// True if messages are kept at all.
    pub const fn is_on(&self) -> bool {
        self.per_channel > 0 && self.total > 0
    }

    /// A message.
    pub fn get(&self, channel: ChannelId, message: MessageId) -> Option<MessageData> {
        let shelf = self.shelf(channel)?;
        Some(shelf.messages[shelf.place(message)?].1.read())
    }

    /// Keeps a message, or another state of one that is kept.
    pub fn set(&mut self, data: &MessageData) {
        self.put(data.channel_id(), data.message_id(), |kept| kept.set(data));
    }

    /// Keeps another state of a message, if it is kept; true if so.
    pub fn replace(&mut self, data: &MessageData) -> bool {
        let shelf = self.channels.as_mut().and_then(|channels| channels.peek_mut(&data.channel_id()));
        let kept = shelf.and_then(|shelf| shelf.kept_mut(data.message_id()));
        kept.map(|kept| kept.set(data)).is_some()
    }

    /// Keeps a message that was just sent, unless its echo was faster.
    pub(super) fn set_sent(&mut self, sent: Arc<Sent>, own_id: UserId) {
        let is_known = self.shelf(sent.route.channel).is_some_and(|shelf| shelf.place(sent.message_id).is_some());
        if !is_known {
            self.put(sent.route.channel, sent.message_id, |kept| *kept = Kept::Sent(sent, own_id));
        }
    }

    /// Forgets a message; true if it was kept.
    pub fn remove(&mut self, channel: ChannelId, message: MessageId) -> bool {
        let Some(channels) = &mut self.channels else { return false };
        let Some(shelf) = channels.peek_mut(&channel) else { return false };
        let Some(place) = shelf.place(message) else { return false };
        shelf.messages.remove(place);
        if shelf.messages.is_empty() {
            channels.pop(&channel);
        }
        self.len -= 1;
        true
    }

    /// Forgets the messages of a channel.
    pub fn clear(&mut self, channel: ChannelId) {
        if let Some(shelf) = self.channels.as_mut().and_then(|channels| channels.pop(&channel)) {
            self.len -= shelf.messages.len();
        }
    }

    /// The messages of a channel, with the first at the beginning.
    pub fn of_channel(&self, channel: ChannelId) -> impl Iterator<Item = MessageData> {
        self.shelf(channel).into_iter().flat_map(|shelf| shelf.messages.iter().map(|(_, kept)| kept.read()))
    }

    /// How many are kept of a channel.
    pub fn count(&self, channel: ChannelId) -> usize {
        self.shelf(channel).map_or(0, |shelf| shelf.messages.len())
    }

    /// How many are kept in all.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// True if none is kept.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn shelf(&self, channel: ChannelId) -> Option<&Shelf> {
        self.channels.as_ref()?.peek(&channel)
    }

    /// Writes a message into its place, else into the place of one that has to go for it, whose room is used again: a
    /// memory that is full allocates nothing.
    fn put(&mut self, channel: ChannelId, message: MessageId, write: impl FnOnce(&mut Kept)) {
        if !self.is_on() {
            return;
        }
        let channels = self.channels.get_or_insert_with(|| LruCache::unbounded_with_hasher(BuildIdHasher));
        let shelf = channels.get_or_insert_mut(channel, Shelf::default);
        if let Some(kept) = shelf.kept_mut(message) {
            return write(kept);
        }
        let is_full = shelf.messages.len() >= self.per_channel;
        let first = if is_full { shelf.messages.pop_front() } else { None };
        let mut kept = first.map_or_else(Kept::default, |(_, first)| first);
        write(&mut kept);
        shelf.messages.push_back((message, kept));
        shelf.newest = shelf.newest.max(message);
        self.len += usize::from(!is_full);
        if self.len > self.total {
            self.evict();
        }
    }

    /// Forgets the first message of the channel that has been quiet for longest.
    fn evict(&mut self) {
        let Some(channels) = &mut self.channels else { return };
        let Some(channel) = channels.peek_lru().map(|(channel, _)| *channel) else { return };
        let Some(shelf) = channels.peek_mut(&channel) else { return };
        shelf.messages.pop_front();
        self.len -= 1;
        if shelf.messages.is_empty() {
            channels.pop(&channel);
        }
    }
}

/// Copies a frame into room that was used before, unless that is much too large for it.
fn fill(room: &mut Vec<u8>, frame: &[u8]) {
    room.clear();
    if room.capacity() > 4 * frame.len() + 1024 {
        *room = Vec::with_capacity(frame.len());
    }
    room.extend_from_slice(frame);
}

impl Shelf {
    fn kept_mut(&mut self, message: MessageId) -> Option<&mut Kept> {
        let place = self.place(message)?;
        Some(&mut self.messages[place].1)
    }

    /// Where a message is. Looked for from the end, as recent ones are asked for most.
    fn place(&self, message: MessageId) -> Option<usize> {
        if message > self.newest {
            return None;
        }
        self.messages.iter().rposition(|(id, _)| *id == message)
    }
}

impl fmt::Debug for Messages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Messages").field("len", &self.len).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::api;

    fn message(channel: i64, id: i64) -> MessageData {
        let proto = api::ChannelMessage { channel_id: channel, message_id: id, ..Default::default() };
        MessageData::from_proto(&proto, UserId::NONE)
    }

    fn messages(per_channel: usize, total: usize, kept: &[(i64, i64)]) -> Messages {
        let mut messages = Messages::new(per_channel, total);
        for (channel, id) in kept {
            messages.set(&message(*channel, *id));
        }
        messages
    }

    fn ids(messages: &Messages, channel: i64) -> Vec<i64> {
        messages.of_channel(channel.into()).map(|message| message.message_id().get()).collect()
    }

    #[test]
    fn a_channel_keeps_its_latest_messages() {
        let mut messages = messages(3, 100, &[(1, 10), (1, 20), (1, 30), (1, 40), (2, 50)]);
        assert_eq!((ids(&messages, 1), ids(&messages, 2), messages.len()), (vec![20, 30, 40], vec![50], 4));
        messages.set(&message(1, 5));
        assert_eq!(ids(&messages, 1), [30, 40, 5], "an old one that is fetched is kept as well");
        messages.set(&message(1, 30));
        assert_eq!(ids(&messages, 1), [30, 40, 5], "a known one evicts nothing");
    }

    #[test]
    fn too_many_in_all_are_taken_from_the_quietest_channel() {
        let mut messages = messages(10, 3, &[(1, 10), (1, 20), (2, 30), (1, 40)]);
        assert_eq!((ids(&messages, 1), ids(&messages, 2)), (vec![10, 20, 40], vec![]));
        messages.set(&message(3, 50));
        assert_eq!((ids(&messages, 1), ids(&messages, 3), messages.len()), (vec![20, 40], vec![50], 3));
    }

    #[test]
    fn messages_are_forgotten_one_by_one_or_by_channel() {
        let mut messages = messages(10, 100, &[(1, 10), (1, 20), (2, 30)]);
        assert!(messages.remove(1.into(), 10.into()));
        assert!(!messages.remove(1.into(), 10.into()) && !messages.remove(9.into(), 10.into()));
        messages.clear(1.into());
        assert_eq!((messages.len(), messages.count(1.into())), (1, 0));
        assert!(messages.remove(2.into(), 30.into()));
        assert!(messages.is_empty() && messages.channels.is_none_or(|channels| channels.is_empty()));
    }

    #[test]
    fn an_edit_concerns_only_what_is_kept() {
        let mut messages = messages(10, 100, &[(1, 10)]);
        messages.replace(&message(1, 11));
        messages.replace(&message(2, 10));
        assert_eq!(messages.len(), 1);
        assert!(messages.get(1.into(), 10.into()).is_some() && messages.get(1.into(), 11.into()).is_none());
    }

    #[test]
    fn a_limit_of_zero_keeps_nothing() {
        assert!(messages(0, 100, &[(1, 10)]).is_empty());
        assert!(messages(10, 0, &[(1, 10)]).is_empty());
    }
}
