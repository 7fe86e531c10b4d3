//! One at a time: a second click while the first is being handled is refused.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::time::Duration;

/// Lets one handler run per key, and keeps the door closed for a moment after it: people click twice.
///
/// The key of a click is [`ButtonClick::key`](crate::object::ButtonClick::key): message, user and button. Whoever is
/// [`Admitted`](Entry::Admitted) says [`finish`](Self::finish) at the end, whatever the end is.
///
/// ```
/// use mezon_protocol::interaction::{Entry, Guard};
/// use std::time::Duration;
///
/// let mut guard = Guard::default();
/// let now = Duration::from_secs(1);
/// assert_eq!(guard.enter(now, "save"), Entry::Admitted);
/// assert_eq!(guard.enter(now, "save"), Entry::Busy);
/// guard.finish(now, &"save");
/// assert_eq!(guard.enter(now + Duration::from_millis(5), "save"), Entry::Busy);
/// assert_eq!(guard.enter(now + Duration::from_secs(1), "save"), Entry::Admitted);
/// ```
#[derive(Clone, Debug)]
pub struct Guard<K> {
    /// Who is inside: until `None` while the handler runs, then until a time.
    entries: HashMap<K, Option<Duration>>,
    /// The ends of those times.
    ends: BTreeSet<(Duration, K)>,
    hold: Duration,
    limit: usize,
}

/// Whether a handler may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Entry {
    /// It may, and says `finish` when it has ended.
    Admitted,
    /// One with the same key runs, or has just ended: drop it, or tell the user.
    Busy,
    /// So many run that no other may: drop it, or tell the user.
    Full,
}

/// The time between two clicks of a double click, and some more.
const HOLD: Duration = Duration::from_millis(500);

/// Handlers that may run at a time, by default.
const LIMIT: usize = 10_000;

impl<K: Clone + Eq + Hash + Ord> Default for Guard<K> {
    fn default() -> Self {
        Self::new(HOLD, LIMIT)
    }
}

impl<K: Clone + Eq + Hash + Ord> Guard<K> {
    /// With a time for which a key stays closed after its handler has ended (default 500 ms), and a bound on how many
    /// keys are closed at a time (default 10,000).
    pub fn new(hold: Duration, limit: usize) -> Self {
        Self { entries: HashMap::new(), ends: BTreeSet::new(), hold, limit }
    }

    /// Asks whether a handler may run.
    pub fn enter(&mut self, now: Duration, key: K) -> Entry {
        self.forget_ended(now);
        if self.entries.contains_key(&key) {
            return Entry::Busy;
        }
        if self.entries.len() >= self.limit {
            return Entry::Full;
        }
        self.entries.insert(key, None);
        Entry::Admitted
    }

    /// A handler has ended.
    pub fn finish(&mut self, now: Duration, key: &K) {
        let Some(until) = self.entries.get_mut(key).filter(|until| until.is_none()) else { return };
        let end = now.saturating_add(self.hold);
        *until = Some(end);
        self.ends.insert((end, key.clone()));
        self.forget_ended(now);
    }

    /// How many keys are closed.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True if every key is open.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn forget_ended(&mut self, now: Duration) {
        while self.ends.first().is_some_and(|(end, _)| *end <= now) {
            if let Some((_, key)) = self.ends.pop_first() {
                self.entries.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(5);

    #[test]
    fn two_clicks_five_milliseconds_apart_run_once_however_fast_the_handler_is() {
        let mut guard = Guard::default();
        assert_eq!(guard.enter(SOON, 1), Entry::Admitted);
        guard.finish(SOON, &1);
        assert_eq!(guard.enter(SOON * 2, 1), Entry::Busy);
        assert_eq!(guard.enter(SOON * 2, 2), Entry::Admitted, "others are not concerned");
    }

    #[test]
    fn a_key_is_closed_as_long_as_its_handler_runs_and_opens_again() {
        let mut guard = Guard::new(Duration::ZERO, 10);
        let late = Duration::from_secs(3600);
        assert_eq!(guard.enter(SOON, 1), Entry::Admitted);
        assert_eq!(guard.enter(late, 1), Entry::Busy);
        guard.finish(late, &1);
        assert!(guard.is_empty());
        assert_eq!(guard.enter(late, 1), Entry::Admitted);
        guard.finish(late, &2);
        assert_eq!(guard.len(), 1, "nobody entered with 2");
    }

    #[test]
    fn the_number_of_closed_keys_is_bounded_and_falls() {
        let mut guard = Guard::new(HOLD, 2);
        for key in [1, 2] {
            assert_eq!(guard.enter(SOON, key), Entry::Admitted);
        }
        assert_eq!(guard.enter(SOON, 3), Entry::Full);
        guard.finish(SOON, &1);
        assert_eq!(guard.enter(SOON, 3), Entry::Full);
        assert_eq!(guard.enter(SOON + HOLD, 3), Entry::Admitted);
    }
}
