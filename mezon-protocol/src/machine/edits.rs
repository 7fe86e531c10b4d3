//! Edits of which only the latest counts: what is set while an edit is under way, or too soon after one, replaces what
//! waits, and the last that was set is always sent.
//!
//! One edit per key is under way at a time, and between the starts of two lies a gap. What is known of a key stays until
//! room is needed, so that the gap is kept and the outcome of the last edit can be asked for.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::time::Duration;

use crate::error::Error;

/// The edits of one client, by message.
#[derive(Debug)]
pub struct Edits<K, T> {
    entries: HashMap<K, Entry<T>>,
    /// Those that wait and are not under way, by when they may start.
    due: BTreeSet<(Duration, K)>,
    /// How many are under way.
    under_way: usize,
    limit: usize,
}

/// The edits of one message. They are numbered as they are set.
#[derive(Debug)]
struct Entry<T> {
    /// The latest, if it has not been started.
    waiting: Option<T>,
    gap: Duration,
    last_start: Option<Duration>,
    is_under_way: bool,
    /// The number of the latest.
    set: u64,
    /// The number of the one that was started last.
    started: u64,
    /// The number of the one that ended last, and its outcome.
    ended: u64,
    outcome: Result<(), Error>,
}

impl<T> Entry<T> {
    const fn new() -> Self {
        Self {
            waiting: None,
            gap: Duration::ZERO,
            last_start: None,
            is_under_way: false,
            set: 0,
            started: 0,
            ended: 0,
            outcome: Ok(()),
        }
    }

    const fn is_idle(&self) -> bool {
        self.waiting.is_none() && !self.is_under_way
    }

    fn start_at(&self) -> Duration {
        self.last_start.map_or(Duration::ZERO, |start| start.saturating_add(self.gap))
    }
}

impl<K: Copy + Eq + Hash + Ord, T> Edits<K, T> {
    /// Room for so many keys.
    pub fn new(limit: usize) -> Self {
        Self { entries: HashMap::new(), due: BTreeSet::new(), under_way: 0, limit }
    }

    /// Sets what is to be sent next, in place of what waits; it starts `gap` after the last start at the earliest.
    ///
    /// # Errors
    ///
    /// The item, when as many keys as there is room for have edits that wait or are under way.
    pub fn set(&mut self, key: K, gap: Duration, item: T) -> Result<(), T> {
        if !self.entries.contains_key(&key) && !self.make_room() {
            return Err(item);
        }
        let entry = self.entries.entry(key).or_insert_with(Entry::new);
        if entry.waiting.is_some() && !entry.is_under_way {
            self.due.remove(&(entry.start_at(), key));
        }
        entry.set += 1;
        entry.gap = gap;
        entry.waiting = Some(item);
        if !entry.is_under_way {
            self.due.insert((entry.start_at(), key));
        }
        Ok(())
    }

    /// Forgets the keys with nothing to do if there is no room for another; false if there is none even so.
    fn make_room(&mut self) -> bool {
        if self.entries.len() >= self.limit {
            self.entries.retain(|_, entry| !entry.is_idle());
        }
        self.entries.len() < self.limit
    }

    /// Starts the next that may start; any that waits if there is a hurry.
    pub fn start(&mut self, now: Duration, hurry: bool) -> Option<(K, T)> {
        let (at, key) = *self.due.first()?;
        if at > now && !hurry {
            return None;
        }
        self.due.pop_first();
        let entry = self.entries.get_mut(&key)?;
        let item = entry.waiting.take()?;
        entry.is_under_way = true;
        entry.started = entry.set;
        entry.last_start = Some(now);
        self.under_way += 1;
        Some((key, item))
    }

    /// The one that was started has ended. False if nobody knows of it any more.
    pub fn end(&mut self, key: K, outcome: Result<(), Error>) -> bool {
        let Some(entry) = self.entries.get_mut(&key).filter(|entry| entry.is_under_way) else { return false };
        self.under_way -= 1;
        entry.is_under_way = false;
        entry.ended = entry.started;
        entry.outcome = outcome;
        if entry.waiting.is_some() {
            self.due.insert((entry.start_at(), key));
        }
        true
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.due.clear();
        self.under_way = 0;
    }

    /// When the next may start.
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.due.first().map(|(at, _)| *at)
    }

    /// The number of the latest that was set for a key; 0 if nothing is known of it.
    pub fn latest(&self, key: K) -> u64 {
        self.entries.get(&key).map_or(0, |entry| entry.set)
    }

    /// What became of an edit or of a later one that replaced it; `None` while neither has ended.
    pub fn outcome(&self, key: K, number: u64) -> Option<Result<(), Error>> {
        let Some(entry) = self.entries.get(&key) else { return Some(Ok(())) };
        (entry.ended >= number).then(|| entry.outcome.clone())
    }

    /// True while anything waits or is under way.
    pub fn is_busy(&self) -> bool {
        self.under_way > 0 || !self.due.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    const GAP: Duration = Duration::from_millis(400);
    const SOON: Duration = Duration::from_millis(10);

    #[test]
    fn the_first_starts_at_once_and_the_next_after_the_gap() {
        let mut edits = Edits::new(10);
        edits.set(1, GAP, "a").unwrap();
        assert_eq!(edits.start(SOON, false), Some((1, "a")));
        assert!(edits.end(1, Ok(())));
        edits.set(1, GAP, "b").unwrap();
        assert_eq!(edits.start(SOON * 2, false), None);
        assert_eq!(edits.poll_timeout(), Some(SOON + GAP));
        assert_eq!(edits.start(SOON + GAP, false), Some((1, "b")));
    }

    #[test]
    fn one_is_under_way_at_a_time_and_the_latest_wins() {
        let mut edits = Edits::new(10);
        edits.set(1, GAP, "a").unwrap();
        assert!(edits.start(SOON, false).is_some());
        edits.set(1, GAP, "b").unwrap();
        edits.set(1, GAP, "c").unwrap();
        assert_eq!((edits.start(GAP * 9, false), edits.poll_timeout()), (None, None));
        assert!(edits.end(1, Ok(())));
        assert_eq!(edits.start(GAP * 9, false), Some((1, "c")));
        assert!(edits.end(1, Ok(())));
        assert!(!edits.is_busy());
        assert_eq!(edits.start(GAP * 99, false), None);
    }

    #[test]
    fn the_outcome_is_that_of_the_edit_asked_for_or_of_a_later_one() {
        let mut edits = Edits::new(10);
        edits.set(1, GAP, "a").unwrap();
        let first = edits.latest(1);
        assert!(edits.start(SOON, false).is_some());
        edits.set(1, GAP, "b").unwrap();
        let second = edits.latest(1);
        assert_eq!(edits.outcome(1, first), None);
        let refused = Error::answered(ErrorKind::NotFound { what: "message".into() });
        assert!(edits.end(1, Err(refused.clone())));
        assert_eq!(edits.outcome(1, first), Some(Err(refused)));
        assert_eq!(edits.outcome(1, second), None);
        assert!(edits.start(GAP * 2, false).is_some());
        assert!(edits.end(1, Ok(())));
        assert_eq!(edits.outcome(1, second), Some(Ok(())));
        assert_eq!(edits.outcome(7, 0), Some(Ok(())), "nothing was ever set");
    }

    #[test]
    fn in_a_hurry_the_gap_does_not_count() {
        let mut edits = Edits::new(10);
        edits.set(1, GAP, "a").unwrap();
        assert!(edits.start(SOON, false).is_some());
        assert!(edits.end(1, Ok(())));
        edits.set(1, GAP, "b").unwrap();
        assert_eq!(edits.start(SOON, true), Some((1, "b")));
    }

    #[test]
    fn the_number_of_keys_is_bounded_and_those_with_nothing_to_do_make_room() {
        let mut edits = Edits::new(2);
        edits.set(1, GAP, "a").unwrap();
        edits.set(2, GAP, "a").unwrap();
        assert_eq!(edits.set(3, GAP, "c"), Err("c"));
        assert!(edits.start(SOON, false).is_some());
        assert!(edits.end(1, Ok(())));
        edits.set(3, GAP, "c").unwrap();
        assert_eq!(edits.entries.len(), 2);
        assert!(!edits.end(1, Ok(())), "it is not known any more");
    }
}
