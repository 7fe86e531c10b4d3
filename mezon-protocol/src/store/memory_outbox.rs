//! An outbox that forgets when the program ends.

use std::collections::HashMap;

use super::{Entry, Outbox, OutboxItem, Settled, StoreError, Unsettled};
use crate::id::UserId;

/// Keeps messages that wait in memory: for tests, and for programs that end soon.
#[derive(Clone, Debug, Default)]
pub struct MemoryOutbox {
    entries: HashMap<(UserId, String), State>,
    /// Numbers the entries in their order.
    last: u64,
}

#[derive(Clone, Debug)]
enum State {
    Waiting(u64, Box<OutboxItem>),
    /// With the time of that.
    Settled(u64, Settled),
}

impl MemoryOutbox {
    /// Forgets what was settled long ago, or long before others.
    fn prune(&mut self, now: u64) {
        let oldest = Settled::oldest_remembered(now);
        self.entries.retain(|_, state| !matches!(state, State::Settled(at, _) if *at < oldest));
        let mut times: Vec<u64> = self.entries.values().filter_map(State::settled_at).collect();
        if times.len() > Settled::MAX_REMEMBERED {
            let excess = times.len() - Settled::MAX_REMEMBERED;
            let last = *times.select_nth_unstable(excess - 1).1;
            self.entries.retain(|_, state| state.settled_at().is_none_or(|at| at > last));
        }
    }
}

impl State {
    const fn settled_at(&self) -> Option<u64> {
        match self {
            Self::Waiting(..) => None,
            Self::Settled(at, _) => Some(*at),
        }
    }
}

impl Outbox for MemoryOutbox {
    fn put(&mut self, item: &OutboxItem) -> Result<Entry, StoreError> {
        let key = (item.account, item.key.clone());
        match self.entries.get(&key) {
            Some(State::Waiting(..)) => return Ok(Entry::Waiting),
            Some(State::Settled(_, settled)) => return Ok(Entry::Settled(settled.clone())),
            None => {}
        }
        self.last += 1;
        if self.last % 1000 == 0 {
            self.prune(item.put_at);
        }
        self.entries.insert(key, State::Waiting(self.last, Box::new(item.clone())));
        Ok(Entry::New)
    }

    fn unsettled(&mut self, account: UserId, limit: usize) -> Result<Unsettled, StoreError> {
        let mut waiting = Vec::new();
        let mut taken = Vec::new();
        for ((of, _), state) in &self.entries {
            match state {
                State::Waiting(number, item) if *of == account => waiting.push((*number, item)),
                State::Settled(_, settled) => taken.extend(settled.message_id()),
                State::Waiting(..) => {}
            }
        }
        waiting.sort_by_key(|(number, _)| *number);
        let items = waiting.into_iter().take(limit).map(|(_, item)| (**item).clone()).collect();
        Ok(Unsettled { items, taken })
    }

    fn settle(&mut self, account: UserId, key: &str, settled: &Settled, at: u64) -> Result<(), StoreError> {
        if let Some(state) = self.entries.get_mut(&(account, key.to_owned())) {
            *state = State::Settled(at, settled.clone());
        }
        Ok(())
    }
}
