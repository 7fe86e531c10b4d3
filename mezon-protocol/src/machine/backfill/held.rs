//! Live messages that wait until what was missed before them has been given.

use std::collections::HashMap;

use bytes::Bytes;

use crate::id::ChannelId;
use crate::machine::head::Head;

/// What a message that waits costs beside its bytes; the same on every platform, as what fits in decides what happens.
const OVERHEAD: usize = 128;
const _: () = assert!(size_of::<(Head, Bytes)>() <= OVERHEAD);

/// The messages that wait, by channel, in the order in which they came; bounded in bytes.
#[derive(Debug)]
pub(crate) struct Held {
    limit: usize,
    bytes: usize,
    channels: HashMap<ChannelId, Vec<(Head, Bytes)>>,
}

impl Held {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, bytes: 0, channels: HashMap::new() }
    }

    /// Adds a message. False if there is no room: all of its channel are let go.
    pub(crate) fn add(&mut self, head: Head, body: Bytes) -> bool {
        let channel = head.channel;
        if self.bytes + OVERHEAD + body.len() > self.limit {
            self.take(channel);
            return false;
        }
        self.bytes += OVERHEAD + body.len();
        self.channels.entry(channel).or_default().push((head, body));
        true
    }

    /// Takes all of a channel.
    pub(crate) fn take(&mut self, channel: ChannelId) -> Vec<(Head, Bytes)> {
        let taken = self.channels.remove(&channel).unwrap_or_default();
        self.bytes -= taken.iter().map(|(_, body)| OVERHEAD + body.len()).sum::<usize>();
        taken
    }

    /// The channels of which messages wait, in the order of their ids.
    pub(crate) fn channels(&self) -> Vec<(ChannelId, Head)> {
        let first = |(channel, held): (&ChannelId, &Vec<(Head, Bytes)>)| Some((*channel, held.first()?.0));
        let mut channels: Vec<_> = self.channels.iter().filter_map(first).collect();
        channels.sort_unstable_by_key(|(channel, _)| *channel);
        channels
    }
}
