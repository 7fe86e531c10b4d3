//! Work in order where order counts: what has the same key is done one after the other, different keys in parallel.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// Decides what may run: items of one key in the order in which they came and one at a time, of different keys at the
/// same time, and never more than so many at once.
///
/// Give it items by [`push`](Self::push), run what [`start`](Self::start) gives, and say [`finish`](Self::finish) when it
/// has ended. When it is [full](Self::is_full), take no more from where the items come from: so a slow bot slows the
/// sender.
///
/// ```
/// use mezon_protocol::interaction::Lanes;
///
/// let mut lanes = Lanes::default();
/// for (user, click) in [("alice", 1), ("alice", 2), ("bob", 1)] {
///     lanes.push(user, click).expect("there is room");
/// }
/// assert_eq!(lanes.start(), Some(("alice", 1)));
/// assert_eq!(lanes.start(), Some(("bob", 1)));
/// assert_eq!(lanes.start(), None); // Alice's second click waits for her first
/// lanes.finish(&"alice");
/// assert_eq!(lanes.start(), Some(("alice", 2)));
/// ```
#[derive(Clone, Debug)]
pub struct Lanes<K, T> {
    lanes: HashMap<K, Lane<T>>,
    /// Lanes whose first may start, in the order in which they came to that.
    ready: VecDeque<K>,
    running: usize,
    waiting: usize,
    limits: LaneLimits,
}

#[derive(Clone, Debug)]
struct Lane<T> {
    items: VecDeque<T>,
    is_running: bool,
}

/// Bounds of [`Lanes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneLimits {
    /// How many may run at once. Default 64.
    pub running: usize,
    /// How many may wait, all keys together. Default 1,024.
    pub waiting: usize,
    /// How many may wait with the same key, so that one who is too fast does not take all the room. Default 64.
    pub per_key: usize,
}

impl Default for LaneLimits {
    fn default() -> Self {
        Self { running: 64, waiting: 1024, per_key: 64 }
    }
}

/// Why an item was not taken; it is handed back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken<T> {
    /// No more may wait.
    #[error("too much is waiting")]
    Full(T),
    /// No more may wait with this key.
    #[error("too much is waiting for this key")]
    KeyFull(T),
}

impl<K: Clone + Eq + Hash, T> Default for Lanes<K, T> {
    fn default() -> Self {
        Self::new(LaneLimits::default())
    }
}

impl<K: Clone + Eq + Hash, T> Lanes<K, T> {
    /// Empty lanes with these bounds.
    pub fn new(limits: LaneLimits) -> Self {
        Self { lanes: HashMap::new(), ready: VecDeque::new(), running: 0, waiting: 0, limits }
    }

    /// Takes an item.
    ///
    /// # Errors
    ///
    /// The item, if there is no room for it.
    pub fn push(&mut self, key: K, item: T) -> Result<(), NotTaken<T>> {
        if self.is_full() {
            return Err(NotTaken::Full(item));
        }
        let lane = self.lanes.entry(key.clone()).or_insert(Lane { items: VecDeque::new(), is_running: false });
        if lane.items.len() >= self.limits.per_key {
            return Err(NotTaken::KeyFull(item));
        }
        if lane.items.is_empty() && !lane.is_running {
            self.ready.push_back(key);
        }
        lane.items.push_back(item);
        self.waiting += 1;
        Ok(())
    }

    /// The next item that may run now. Keys take turns.
    #[must_use]
    pub fn start(&mut self) -> Option<(K, T)> {
        if self.running >= self.limits.running {
            return None;
        }
        let key = self.ready.pop_front()?;
        let lane = self.lanes.get_mut(&key)?;
        let item = lane.items.pop_front()?;
        lane.is_running = true;
        self.waiting -= 1;
        self.running += 1;
        Some((key, item))
    }

    /// The item with this key that was started has ended.
    pub fn finish(&mut self, key: &K) {
        let Some(lane) = self.lanes.get_mut(key).filter(|lane| lane.is_running) else { return };
        lane.is_running = false;
        self.running -= 1;
        if lane.items.is_empty() {
            self.lanes.remove(key);
        } else {
            self.ready.push_back(key.clone());
        }
    }

    /// True if no more may wait.
    pub const fn is_full(&self) -> bool {
        self.waiting >= self.limits.waiting
    }

    /// True if nothing waits and nothing runs.
    pub const fn is_idle(&self) -> bool {
        self.waiting == 0 && self.running == 0
    }

    /// How many wait.
    pub const fn waiting(&self) -> usize {
        self.waiting
    }

    /// How many run.
    pub const fn running(&self) -> usize {
        self.running
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lanes(running: usize, waiting: usize, per_key: usize) -> Lanes<u32, u32> {
        Lanes::new(LaneLimits { running, waiting, per_key })
    }

    #[test]
    fn keys_take_turns_and_one_slow_user_stalls_nobody() {
        let mut lanes = lanes(2, 100, 100);
        for item in 0..10 {
            lanes.push(1, item).unwrap();
        }
        for key in 2..5 {
            lanes.push(key, 0).unwrap();
        }
        assert_eq!(lanes.start(), Some((1, 0)), "and 1 is slow");
        for key in 2..5 {
            assert_eq!(lanes.start(), Some((key, 0)));
            assert_eq!(lanes.start(), None, "two run");
            lanes.finish(&key);
        }
        lanes.finish(&1);
        assert_eq!(lanes.start(), Some((1, 1)));
    }

    #[test]
    fn both_bounds_hand_the_item_back() {
        let mut lanes = lanes(1, 3, 2);
        lanes.push(1, 1).unwrap();
        lanes.push(1, 2).unwrap();
        assert_eq!(lanes.push(1, 3), Err(NotTaken::KeyFull(3)));
        lanes.push(2, 1).unwrap();
        assert!(lanes.is_full());
        assert_eq!(lanes.push(3, 1), Err(NotTaken::Full(1)));
        assert!(lanes.start().is_some());
        assert!(!lanes.is_full());
        lanes.push(1, 4).unwrap();
    }

    #[test]
    fn what_nobody_started_cannot_be_finished_and_nothing_is_kept() {
        let mut lanes = lanes(1, 10, 10);
        lanes.finish(&7);
        lanes.push(1, 1).unwrap();
        lanes.finish(&1);
        assert_eq!(lanes.running(), 0);
        assert_eq!(lanes.start(), Some((1, 1)));
        lanes.finish(&1);
        lanes.finish(&1);
        assert!(lanes.is_idle() && lanes.lanes.is_empty() && lanes.ready.is_empty());
    }

    /// 200 clicks of 50 users, finished in any order: each user's come out in order, all of them once.
    #[test]
    fn order_is_kept_per_key_whatever_ends_first() {
        let mut lanes = lanes(8, 1000, 1000);
        let mut rng = fastrand::Rng::with_seed(5);
        for click in 0..200 {
            lanes.push(click % 50, click).unwrap();
        }
        let (mut running, mut done) = (Vec::new(), Vec::new());
        while !lanes.is_idle() {
            while let Some((key, item)) = lanes.start() {
                assert!(!running.contains(&key), "one at a time");
                running.push(key);
                done.push(item);
            }
            assert!(running.len() <= 8);
            let key = running.swap_remove(rng.usize(..running.len()));
            lanes.finish(&key);
        }
        for user in 0..50 {
            let of_user: Vec<_> = done.iter().filter(|click| *click % 50 == user).copied().collect();
            assert_eq!(of_user, [user, user + 50, user + 100, user + 150]);
        }
    }
}
