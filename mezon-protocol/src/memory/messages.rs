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
/// A channel that is full forgets its first message; when all together are too large, it is the first one of the channel
/// in which nothing has come for longest.
pub struct Messages {
    per_channel: usize,
    max_bytes: usize,
    bytes: usize,
    channels: Option<LruCache<ChannelId, Shelf, BuildIdHasher>>,
}

/// What a message takes beside its bytes, about.
const OVERHEAD: usize = 64;

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
    /// The bytes that it takes, about.
    fn size(&self) -> usize {
        OVERHEAD
            + match self {
                Self::Frame(frame, _) => frame.capacity(),
                Self::Sent(sent, _) => size_of::<Sent>() + sent.content.capacity(),
            }
    }

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
    /// Room for so many messages in each channel, and for so many bytes in all; with a 0 none is kept.
    pub const fn new(per_channel: usize, max_bytes: usize) -> Self {
        Self { per_channel, max_bytes, bytes: 0, channels: None }
    }

    /// True if messages are kept at all.
    pub const fn is_on(&self) -> bool {
        self.per_channel > 0 && self.max_bytes > 0
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
        let is_kept = self.contains(data.channel_id(), data.message_id());
        if is_kept {
            self.set(data);
        }
        is_kept
    }

    /// Keeps a message that was just sent, unless its echo was faster.
    pub(super) fn set_sent(&mut self, sent: Arc<Sent>, own_id: UserId) {
        if !self.contains(sent.route.channel, sent.message_id) {
            self.put(sent.route.channel, sent.message_id, |kept| *kept = Kept::Sent(sent, own_id));
        }
    }

    /// Forgets a message; true if it was kept.
    pub fn remove(&mut self, channel: ChannelId, message: MessageId) -> bool {
        let Some(channels) = &mut self.channels else { return false };
        let Some(shelf) = channels.peek_mut(&channel) else { return false };
        let Some(place) = shelf.place(message) else { return false };
        let removed = shelf.messages.remove(place);
        if shelf.messages.is_empty() {
            channels.pop(&channel);
        }
        self.bytes -= removed.map_or(0, |(_, kept)| kept.size());
        true
    }

    /// Forgets the messages of a channel.
    pub fn clear(&mut self, channel: ChannelId) {
        if let Some(shelf) = self.channels.as_mut().and_then(|channels| channels.pop(&channel)) {
            self.bytes -= shelf.messages.iter().map(|(_, kept)| kept.size()).sum::<usize>();
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

    /// How many bytes are kept in all.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    fn contains(&self, channel: ChannelId, message: MessageId) -> bool {
        self.shelf(channel).is_some_and(|shelf| shelf.place(message).is_some())
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
        if let Some(place) = shelf.place(message) {
            let kept = &mut shelf.messages[place].1;
            self.bytes -= kept.size();
            write(kept);
            self.bytes += kept.size();
        } else {
            let is_full = shelf.messages.len() >= self.per_channel;
            let first = if is_full { shelf.messages.pop_front() } else { None };
            self.bytes -= first.as_ref().map_or(0, |(_, first)| first.size());
            let mut kept = first.map_or_else(Kept::default, |(_, first)| first);
            write(&mut kept);
            self.bytes += kept.size();
            shelf.messages.push_back((message, kept));
            shelf.newest = shelf.newest.max(message);
        }
        while self.bytes > self.max_bytes && self.evict() {}
    }

    /// Forgets the first message of the channel that has been quiet for longest; false if there is none.
    fn evict(&mut self) -> bool {
        let Some(channels) = &mut self.channels else { return false };
        let Some(channel) = channels.peek_lru().map(|(channel, _)| *channel) else { return false };
        let Some(shelf) = channels.peek_mut(&channel) else { return false };
        let first = shelf.messages.pop_front();
        self.bytes -= first.map_or(0, |(_, first)| first.size());
        if shelf.messages.is_empty() {
            channels.pop(&channel);
        }
        true
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
        f.debug_struct("Messages").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
