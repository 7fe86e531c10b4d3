//! A store that forgets when the program ends.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::{Change, MemoryOutbox, MessageStore, Outbox, Position, Progress, StoreError};
use crate::event::MessageData;
use crate::id::{ChannelId, MessageId, UserId};
use crate::machine::Stream;

/// Keeps messages in memory, without a bound: for tests, and for programs that end soon.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    channels: HashMap<ChannelId, HashMap<MessageId, MessageData>>,
    handled: HashMap<(UserId, Stream), Position>,
    seen: HashMap<UserId, u32>,
    outbox: MemoryOutbox,
}

impl MemoryStore {
    /// Nothing is stored yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn put(&mut self, data: &MessageData) {
        let messages = self.channels.entry(data.channel_id()).or_default();
        let known = messages.get(&data.message_id()).map_or(0, MessageData::create_time_seconds);
        messages.insert(data.message_id(), data.clone().or_created_at(known));
    }
}

impl MessageStore for MemoryStore {
    fn apply(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        for change in changes {
            match change {
                Change::Put(data) => self.put(data),
                Change::Add(data) => {
                    let messages = self.channels.entry(data.channel_id()).or_default();
                    messages.entry(data.message_id()).or_insert_with(|| data.clone());
                }
                Change::Remove(channel, message) => {
                    self.channels.get_mut(channel).map(|messages| messages.remove(message));
                }
                Change::Handled(account, position) => {
                    let known = self.handled.entry((*account, position.stream())).or_insert(*position);
                    if known.message < position.message {
                        *known = *position;
                    }
                }
                Change::Seen(account, time) => {
                    self.seen.insert(*account, *time);
                }
                Change::Begun(account, time) => {
                    self.seen.entry(*account).or_insert(*time);
                }
            }
        }
        Ok(())
    }

    fn get(&mut self, channel: ChannelId, message: MessageId) -> Result<Option<MessageData>, StoreError> {
        Ok(self.channels.get(&channel).and_then(|messages| messages.get(&message)).cloned())
    }

    fn page(&mut self, channel: ChannelId, limit: usize, offset: usize) -> Result<Vec<MessageData>, StoreError> {
        let mut messages: Vec<_> = self.channels.get(&channel).into_iter().flat_map(HashMap::values).collect();
        messages.sort_by_key(|data| Reverse(age_of(data)));
        Ok(messages.into_iter().skip(offset).take(limit).cloned().collect())
    }

    fn newest(&mut self) -> Result<Vec<(ChannelId, MessageId)>, StoreError> {
        let newest =
            |messages: &HashMap<_, _>| messages.values().max_by_key(|data| age_of(data)).map(|it| it.message_id());
        Ok(self.channels.iter().filter_map(|(channel, messages)| Some((*channel, newest(messages)?))).collect())
    }

    fn progress(&mut self, account: UserId) -> Result<Progress, StoreError> {
        let handled = self.handled.iter().filter(|((of, _), _)| *of == account);
        let positions = handled.map(|(_, position)| *position).collect();
        Ok(Progress { seen: self.seen.get(&account).copied(), positions })
    }

    fn outbox(&mut self) -> Option<&mut dyn Outbox> {
        Some(&mut self.outbox)
    }
}

/// What messages are ordered by; those that do not say when they were sent are the oldest.
const fn age_of(data: &MessageData) -> (u32, MessageId) {
    (data.create_time_seconds(), data.message_id())
}
