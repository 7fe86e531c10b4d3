//! Slots: the clock of the ledger.

use std::time::Duration;

use mezon_protocol::Now;

use crate::world::World;

/// Which slot it is: one more after each slot time.
#[derive(Debug)]
pub(super) struct Slots {
    /// The slot of `since`.
    base: u64,
    since: Duration,
    /// `None` while they stand still.
    time: Option<Duration>,
}

impl Default for Slots {
    fn default() -> Self {
        Self { base: 48_000_000, since: Duration::ZERO, time: Some(Duration::from_millis(400)) }
    }
}

impl Slots {
    pub(super) fn at(&self, elapsed: Duration) -> u64 {
        let passed = elapsed.saturating_sub(self.since);
        let slots = self.time.map_or(0, |time| passed.as_nanos() / time.as_nanos().max(1));
        self.base.saturating_add(u64::try_from(slots).unwrap_or(u64::MAX))
    }

    /// When the slot after that of `elapsed` begins.
    pub(super) fn next(&self, elapsed: Duration) -> Option<Duration> {
        let time = self.time?;
        let passed = elapsed.saturating_sub(self.since);
        let into = Duration::from_nanos(u64::try_from(passed.as_nanos() % time.as_nanos().max(1)).unwrap_or(0));
        elapsed.checked_add(time.saturating_sub(into))
    }

    fn set(&mut self, elapsed: Duration, base: u64, time: Option<Duration>) {
        *self = Self { base, since: elapsed, time: time.filter(|time| !time.is_zero()) };
    }
}

/// # Slots of the ledger
impl World {
    /// The slot that the ledger is in.
    pub fn slot(&self, now: Now) -> u64 {
        self.ledger.slots.at(now.elapsed)
    }

    /// Lets slots advance at another pace from now on; `None` lets them stand still, so that nothing is confirmed. At the
    /// beginning one takes 400 ms.
    pub fn set_slot_time(&mut self, now: Now, time: Option<Duration>) {
        let slot = self.slot(now);
        self.ledger.slots.set(now.elapsed, slot, time);
        self.plan_block(now);
    }

    /// Lets the ledger be in another slot from now on, such as 0, that of a node which has just begun. At the beginning it
    /// is in slot 48,000,000.
    pub fn set_slot(&mut self, now: Now, slot: u64) {
        let time = self.ledger.slots.time;
        self.ledger.slots.set(now.elapsed, slot, time);
        self.plan_block(now);
    }

    /// The slot after which the transactions in the pool go into a block, if there are any.
    pub(super) fn plan_block(&mut self, now: Now) {
        let waits = !self.ledger.pool.is_empty();
        self.ledger.block_at = self.ledger.slots.next(now.elapsed).filter(|_| waits);
    }

    /// The last slot that a node which is `lag` slots behind holds for final.
    pub(super) fn finalized_slot(&self, now: Now, lag: u64) -> u64 {
        self.slot(now).saturating_sub(lag).saturating_sub(self.settings.ledger.finality)
    }
}
