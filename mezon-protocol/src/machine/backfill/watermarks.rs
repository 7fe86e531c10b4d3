//! How far each channel was given: the newest id, and the ids of the last few messages.

use std::collections::VecDeque;

use lru::LruCache;

use crate::event::{CODE_DELETED, CODE_UPDATED};
use crate::id::{ChannelId, MessageId, TopicId};
use crate::machine::head::Head;
use crate::memory::BuildIdHasher;
use crate::route::Route;
use crate::store::{LeftOff, LeftStream, Position};

/// What has an order of its own: a channel, or a topic in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stream {
    /// The channel.
    pub channel: ChannelId,
    /// The topic, 0 for the channel itself.
    pub topic: TopicId,
}

impl Stream {
    /// A channel itself.
    pub const fn channel(channel: ChannelId) -> Self {
        Self { channel, topic: TopicId::NONE }
    }

    pub(crate) const fn of(head: &Head) -> Self {
        Self { channel: head.channel, topic: head.topic }
    }
}

/// A message that was given.
#[derive(Clone, Copy, Debug)]
struct Given {
    id: MessageId,
    /// When it was changed last, if an edit of it was seen.
    updated: u32,
    /// It came from a page, and not by itself so far.
    is_replayed: bool,
}

/// How far one stream was given.
#[derive(Debug)]
pub(crate) struct Watermark {
    /// The route that its messages show.
    pub(crate) route: Route,
    pub(crate) newest: MessageId,
    /// The last that were given, oldest first, without a hole after what is settled.
    recent: VecDeque<Given>,
    /// Everything up to here was handled before this client began.
    settled: MessageId,
}

impl Watermark {
    /// True for a message that was given, or is older than all that is known of.
    pub(crate) fn is_past(&self, id: MessageId) -> bool {
        let oldest = self.recent.front().map_or(self.newest, |given| given.id);
        id <= self.settled || id < oldest || (self.recent.is_empty() && id == oldest) || self.find(id).is_ok()
    }

    /// True if the message was given not long ago.
    pub(crate) fn holds(&self, id: MessageId) -> bool {
        self.find(id).is_ok()
    }

    /// Where to begin to look again, and what was given after that: the last `count` messages.
    pub(crate) fn look_back(&self, count: usize) -> (MessageId, VecDeque<MessageId>) {
        let count = count.min(self.recent.len().saturating_sub(1));
        let last = self.recent.range(self.recent.len() - count..).map(|given| given.id).collect();
        let anchor = self.recent.len().checked_sub(count + 1).and_then(|at| self.recent.get(at));
        (anchor.map_or(self.newest, |given| given.id), last)
    }

    /// True if a message that was given has been edited, at `since` or later, and that edit has not been seen. It counts
    /// as seen from now on.
    pub(crate) fn is_changed(&mut self, head: &Head, since: u32) -> bool {
        let Ok(at) = self.find(head.id) else { return false };
        let given = &mut self.recent[at];
        let is_changed = head.is_edited() && head.updated > given.updated.max(since.saturating_sub(1));
        given.updated = given.updated.max(head.updated);
        is_changed
    }

    /// What comes next leaves a hole behind what was given so far.
    pub(crate) fn leave_hole(&mut self) {
        self.recent.clear();
    }

    pub(crate) fn forget(&mut self, id: MessageId) {
        if let Ok(at) = self.find(id) {
            self.recent.remove(at);
        }
    }

    fn find(&self, id: MessageId) -> Result<usize, usize> {
        self.recent.binary_search_by_key(&id, |given| given.id)
    }

    /// Most messages are newer than all before.
    fn insert(&mut self, given: Given, room: usize) {
        let at = if given.id > self.newest { self.recent.len() } else { self.find(given.id).unwrap_or_else(|at| at) };
        if self.recent.is_empty() && given.id < self.newest {
            // beyond the hole
            return;
        }
        if self.recent.len() >= room {
            if at == 0 {
                return;
            }
            self.recent.pop_front();
            self.recent.insert(at - 1, given);
        } else {
            self.recent.insert(at, given);
        }
        self.newest = self.newest.max(given.id);
    }
}

/// How far the streams were given that were heard most recently.
#[derive(Debug)]
pub(crate) struct Watermarks {
    max_streams: usize,
    room: usize,
    streams: LruCache<Stream, Watermark, BuildIdHasher>,
    /// The newest that was given of streams that are forgotten.
    forgotten: MessageId,
}

impl Watermarks {
    pub(crate) fn new(max_streams: usize, room: usize) -> Self {
        let (max_streams, room) = (max_streams.max(1), room.max(1));
        Self { max_streams, room, streams: LruCache::unbounded_with_hasher(BuildIdHasher), forgotten: MessageId::NONE }
    }

    pub(crate) fn clear(&mut self) {
        self.streams.clear();
        self.forgotten = MessageId::NONE;
    }

    pub(crate) fn get(&self, stream: Stream) -> Option<&Watermark> {
        self.streams.peek(&stream)
    }

    pub(crate) fn get_mut(&mut self, stream: Stream) -> Option<&mut Watermark> {
        self.streams.peek_mut(&stream)
    }

    /// Below it lies, of a stream of which nothing is remembered, what was given or is older than that.
    pub(crate) const fn floor(&self) -> MessageId {
        self.forgotten
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Stream, &Watermark)> {
        self.streams.iter().map(|(stream, mark)| (*stream, mark))
    }

    /// A message was pushed and is to be given. False if it was given before, from a page.
    pub(crate) fn pushed(&mut self, head: &Head, body: &[u8]) -> bool {
        match head.code {
            CODE_UPDATED => self.note_edit(body),
            CODE_DELETED => self.forget(head),
            _ if head.is_row() => return self.note_pushed(head, body),
            _ => {}
        }
        true
    }

    fn note_pushed(&mut self, head: &Head, body: &[u8]) -> bool {
        let given = Given { id: head.id, updated: 0, is_replayed: false };
        let Some(mark) = self.streams.get_mut(&Stream::of(head)) else {
            if let Some(whole) = Head::read(body) {
                self.begin(&whole, given);
            }
            return true;
        };
        if head.id <= mark.newest {
            if let Ok(at) = mark.find(head.id) {
                // it may be pushed again for other reasons: once is once
                return !std::mem::take(&mut mark.recent[at].is_replayed);
            }
        }
        mark.insert(given, self.room);
        true
    }

    /// A message of a page is given.
    pub(crate) fn note_replayed(&mut self, head: &Head) {
        let updated = if head.is_edited() { head.updated } else { 0 };
        let given = Given { id: head.id, updated, is_replayed: true };
        match self.streams.get_mut(&Stream::of(head)) {
            Some(mark) => mark.insert(given, self.room),
            None => self.begin(head, given),
        }
    }

    fn begin(&mut self, head: &Head, given: Given) {
        let recent = VecDeque::from([given]);
        let mark = Watermark { route: head.route(), newest: given.id, recent, settled: MessageId::NONE };
        self.add(Stream::of(head), mark);
    }

    fn add(&mut self, stream: Stream, mark: Watermark) {
        if self.streams.len() >= self.max_streams {
            let oldest = self.streams.pop_lru();
            self.forgotten = self.forgotten.max(oldest.map_or(MessageId::NONE, |(_, mark)| mark.newest));
        }
        self.streams.put(stream, mark);
    }

    /// Goes on from where another client left off.
    pub(crate) fn resume(&mut self, left_off: LeftOff) {
        self.forgotten = left_off.floor;
        for LeftStream { position, mut recent } in left_off.streams {
            recent.drain(..recent.len().saturating_sub(self.room));
            let given = |(id, updated)| Given { id, updated, is_replayed: false };
            let recent = recent.into_iter().map(given).collect();
            let Position { route, message, .. } = position;
            self.add(position.stream(), Watermark { route, newest: message, recent, settled: message });
        }
    }

    /// What [`resume`](Self::resume) goes on from.
    pub(crate) fn left_off(&self, seen: u32) -> LeftOff {
        let left = |(stream, mark): (Stream, &Watermark)| LeftStream {
            position: Position { route: mark.route, topic: stream.topic, message: mark.newest },
            recent: mark.recent.iter().map(|given| (given.id, given.updated)).collect(),
        };
        let mut streams: Vec<_> = self.iter().map(left).collect();
        // the one that was heard last is the last
        streams.reverse();
        LeftOff { seen, floor: self.forgotten, streams }
    }

    fn note_edit(&mut self, body: &[u8]) {
        let Some(head) = Head::read(body) else { return };
        if let Some(mark) = self.get_mut(Stream::of(&head)) {
            mark.is_changed(&head, 0);
        }
    }

    pub(crate) fn forget(&mut self, head: &Head) {
        if let Some(mark) = self.get_mut(Stream::of(head)) {
            mark.forget(head.id);
        }
    }
}
