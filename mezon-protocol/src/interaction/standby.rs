//! Waiting for the next event of a kind: "the next click on this message by this user", "the next message in this
//! channel".

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::time::Duration;

/// A registry of those who wait for an event, each with a condition and a deadline.
///
/// Feed it every event; what has come to an end is asked for by [`poll`](Self::poll). A wait is over when its event has
/// come, when its time is up, or when it is cancelled, and nothing is left of it then.
///
/// A client's `next_click(message, user, time)` is [`wait`](Self::wait) with a [`Filter`](super::Filter), the outcome by
/// the id that it gave, and [`cancel`](Self::cancel) when the future is dropped.
///
/// ```
/// use mezon_protocol::interaction::{Outcome, Standby};
/// use std::time::Duration;
///
/// let second = Duration::from_secs(1);
/// let mut standby = Standby::new(100);
/// let answer = standby.wait(second, 10 * second, |number: &i32| *number > 3).unwrap();
/// let never = standby.wait(second, 10 * second, |number: &i32| *number < 0).unwrap();
/// standby.feed(&2);
/// standby.feed(&5);
/// assert_eq!(standby.poll(), Some((answer, Outcome::Matched(5))));
/// standby.handle_timeout(11 * second);
/// assert_eq!(standby.poll(), Some((never, Outcome::TimedOut)));
/// assert_eq!(standby.poll(), None);
/// ```
pub struct Standby<T> {
    waits: BTreeMap<WaitId, Wait<T>>,
    deadlines: BTreeSet<(Duration, WaitId)>,
    outcomes: VecDeque<(WaitId, Outcome<T>)>,
    last_id: u64,
    limit: usize,
}

struct Wait<T> {
    matches: Box<dyn Fn(&T) -> bool + Send>,
    deadline: Duration,
    remaining: usize,
}

/// Names one wait. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WaitId(u64);

/// What became of a wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<T> {
    /// Its event has come. A wait for several goes on until it has had them all.
    Matched(T),
    /// Its time is up.
    TimedOut,
}

/// As many wait as may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many wait for events")]
pub struct TooManyWaits;

impl<T: Clone> Standby<T> {
    /// Room for so many waits.
    pub fn new(limit: usize) -> Self {
        Self { waits: BTreeMap::new(), deadlines: BTreeSet::new(), outcomes: VecDeque::new(), last_id: 0, limit }
    }

    /// Waits for the next event that satisfies the condition, until `within` from now.
    ///
    /// # Errors
    ///
    /// [`TooManyWaits`].
    pub fn wait(
        &mut self,
        now: Duration,
        within: Duration,
        matches: impl Fn(&T) -> bool + Send + 'static,
    ) -> Result<WaitId, TooManyWaits> {
        self.wait_for(1, now, within, matches)
    }

    /// Waits for the next `count` events that satisfy the condition; each comes out by itself.
    ///
    /// # Errors
    ///
    /// [`TooManyWaits`].
    pub fn wait_for(
        &mut self,
        count: usize,
        now: Duration,
        within: Duration,
        matches: impl Fn(&T) -> bool + Send + 'static,
    ) -> Result<WaitId, TooManyWaits> {
        if self.waits.len() >= self.limit {
            return Err(TooManyWaits);
        }
        self.last_id += 1;
        let (id, deadline) = (WaitId(self.last_id), now.saturating_add(within));
        self.deadlines.insert((deadline, id));
        self.waits.insert(id, Wait { matches: Box::new(matches), deadline, remaining: count.max(1) });
        Ok(id)
    }

    /// Nobody waits any more. What has not been polled of it is dropped too.
    pub fn cancel(&mut self, id: WaitId) {
        self.end(id);
        self.outcomes.retain(|(of, _)| *of != id);
    }

    /// An event has come. Gives the number of those who waited for it; whether it is handled otherwise too is up to the
    /// caller.
    pub fn feed(&mut self, event: &T) -> usize {
        let matched: Vec<_> = self.waits.iter().filter(|(_, wait)| (wait.matches)(event)).map(|(id, _)| *id).collect();
        for &id in &matched {
            self.outcomes.push_back((id, Outcome::Matched(event.clone())));
            let Some(wait) = self.waits.get_mut(&id) else { continue };
            wait.remaining -= 1;
            if wait.remaining == 0 {
                self.end(id);
            }
        }
        matched.len()
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Duration) {
        while let Some((deadline, id)) = self.deadlines.first().copied() {
            if deadline > now {
                break;
            }
            self.end(id);
            self.outcomes.push_back((id, Outcome::TimedOut));
        }
    }

    /// What has come to an end. Drain it after every input.
    #[must_use]
    pub fn poll(&mut self) -> Option<(WaitId, Outcome<T>)> {
        self.outcomes.pop_front()
    }

    /// When the next wait's time is up.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.waits.len()
    }

    /// True if nobody waits.
    pub fn is_empty(&self) -> bool {
        self.waits.is_empty()
    }

    fn end(&mut self, id: WaitId) {
        if let Some(wait) = self.waits.remove(&id) {
            self.deadlines.remove(&(wait.deadline, id));
        }
    }
}

impl<T> fmt::Debug for Standby<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Standby").field("waits", &self.waits.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_thousand_waits_leave_nothing_behind() {
        let mut standby = Standby::new(1000);
        for number in 0..1000 {
            let id = standby.wait(SECOND, SECOND * 60, move |event: &i32| *event == number).unwrap();
            match number % 3 {
                0 => assert_eq!(standby.feed(&number), 1),
                1 => standby.cancel(id),
                _ => {}
            }
        }
        standby.handle_timeout(SECOND * 61);
        assert!(standby.is_empty() && standby.deadlines.is_empty());
        let outcomes: Vec<_> = std::iter::from_fn(|| standby.poll()).collect();
        let matched = outcomes.iter().filter(|(_, outcome)| *outcome != Outcome::TimedOut).count();
        assert_eq!((outcomes.len(), matched), (334 + 333, 334));
        assert_eq!(standby.poll_timeout(), None);
    }

    #[test]
    fn several_may_wait_for_the_same_event_and_one_for_several() {
        let mut standby = Standby::new(10);
        let once = standby.wait(SECOND, SECOND, |_: &i32| true).unwrap();
        let twice = standby.wait_for(2, SECOND, SECOND, |_: &i32| true).unwrap();
        assert_eq!((standby.feed(&1), standby.feed(&2), standby.feed(&3)), (2, 1, 0));
        let outcomes: Vec<_> = std::iter::from_fn(|| standby.poll()).collect();
        let expected = [(once, 1), (twice, 1), (twice, 2)].map(|(id, event)| (id, Outcome::Matched(event)));
        assert_eq!(outcomes, expected);
    }

    #[test]
    fn a_cancelled_wait_says_nothing_more() {
        let mut standby = Standby::new(10);
        let id = standby.wait(SECOND, SECOND, |_: &i32| true).unwrap();
        standby.feed(&1);
        standby.cancel(id);
        standby.handle_timeout(SECOND * 9);
        assert_eq!(standby.poll(), None);
    }

    #[test]
    fn the_number_of_waits_is_bounded() {
        let mut standby = Standby::new(1);
        let id = standby.wait(SECOND, SECOND, |_: &i32| true).unwrap();
        assert_eq!(standby.wait(SECOND, SECOND, |_| true), Err(TooManyWaits));
        standby.cancel(id);
        assert!(standby.wait(SECOND, SECOND, |_| true).is_ok());
    }
}
