//! Correlation ids: 16 bits, given out in turn, never one that could still be answered.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

/// How long a cid whose request ended without an answer is not given out again. A late answer in this time is dropped.
pub const QUARANTINE: Duration = Duration::from_secs(60);

/// Gives out cids 1 to 65535, starting anew with each connection.
#[derive(Clone, Debug, Default)]
pub struct Cids {
    last: u16,
    /// The highest ever given out; 65535 once the numbers have come round.
    highest: u16,
    pending: HashSet<u16>,
    /// Cids at rest, those that are free soonest first.
    resting: VecDeque<(Duration, u16)>,
    at_rest: HashSet<u16>,
}

impl Cids {
    /// The next free cid, `None` if all are pending or at rest.
    pub fn allocate(&mut self, now: Duration) -> Option<u16> {
        self.wake_rested(now);
        if self.pending.len() + self.at_rest.len() >= usize::from(u16::MAX) {
            return None;
        }
        while {
            self.last = self.last.checked_add(1).unwrap_or(1);
            self.pending.contains(&self.last) || self.at_rest.contains(&self.last)
        } {}
        self.highest = self.highest.max(self.last);
        self.pending.insert(self.last);
        Some(self.last)
    }

    /// The request was answered: its cid is free.
    pub fn release(&mut self, cid: u16) {
        self.pending.remove(&cid);
    }

    /// The request ended without an answer: its cid rests.
    pub fn quarantine(&mut self, now: Duration, cid: u16) {
        if self.pending.remove(&cid) && self.at_rest.insert(cid) {
            self.resting.push_back((now + QUARANTINE, cid));
        }
    }

    /// True if an answer with this cid can only be late.
    pub fn is_resting(&self, cid: u16) -> bool {
        self.at_rest.contains(&cid)
    }

    /// True if this connection has given out the cid at any time.
    pub const fn was_given_out(&self, cid: u16) -> bool {
        cid <= self.highest
    }

    fn wake_rested(&mut self, now: Duration) {
        while let Some((until, cid)) = self.resting.front().copied() {
            if until > now {
                break;
            }
            self.resting.pop_front();
            self.at_rest.remove(&cid);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cids_start_at_one_and_come_round_after_65535() {
        let mut cids = Cids::default();
        for expected in (1..=u16::MAX).chain(1..=3) {
            let cid = cids.allocate(Duration::ZERO).unwrap();
            assert_eq!(cid, expected);
            cids.release(cid);
        }
    }

    #[test]
    fn pending_and_resting_cids_are_skipped() {
        let mut cids = Cids::default();
        let pending = cids.allocate(Duration::ZERO).unwrap();
        let resting = cids.allocate(Duration::ZERO).unwrap();
        cids.quarantine(Duration::ZERO, resting);
        for _ in 3..=u16::MAX {
            let cid = cids.allocate(Duration::ZERO).unwrap();
            assert!(cid != pending && cid != resting);
            cids.release(cid);
        }
        assert_eq!(cids.allocate(Duration::from_secs(59)), Some(3));
        assert!(cids.is_resting(resting));
    }

    #[test]
    fn a_cid_is_free_again_after_its_quarantine() {
        let mut cids = Cids::default();
        let cid = cids.allocate(Duration::ZERO).unwrap();
        cids.quarantine(Duration::ZERO, cid);
        let _ = cids.allocate(QUARANTINE);
        assert!(!cids.is_resting(cid));
    }

    #[test]
    fn when_all_are_taken_none_is_given() {
        let mut cids = Cids::default();
        for _ in 1..=u16::MAX {
            assert!(cids.allocate(Duration::ZERO).is_some());
        }
        assert_eq!(cids.allocate(Duration::ZERO), None);
    }

    #[test]
    fn only_numbers_of_this_connection_count_as_given_out() {
        let mut cids = Cids::default();
        let _ = cids.allocate(Duration::ZERO);
        assert!(cids.was_given_out(1));
        assert!(!cids.was_given_out(2));
    }
}
