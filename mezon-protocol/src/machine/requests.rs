//! The request table: which cid is whose, on one connection.

use std::collections::HashMap;
use std::time::Duration;

use super::cids::Cids;
use crate::call::Ticket;
use crate::event::JoinTarget;
use crate::wire::{Reassembly, ReassemblyLimits};

/// Who waits for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waiter {
    /// A call, by a member of the Envelope.
    Member(Ticket),
    /// A call of the API.
    Api(Ticket),
    /// A join of the join set.
    Join(JoinTarget),
    /// The heartbeat.
    Ping,
}

/// Requests without an answer so far.
pub(crate) struct Requests {
    cids: Cids,
    waiters: HashMap<u16, Waiter>,
    /// Those among them that are not pings.
    awaited: usize,
    /// The pieces of API answers that have come so far.
    pub(crate) reassembly: Reassembly,
}

impl Requests {
    pub(crate) fn new() -> Self {
        Self {
            cids: Cids::default(),
            waiters: HashMap::new(),
            awaited: 0,
            reassembly: Reassembly::new(ReassemblyLimits::default()),
        }
    }

    /// Gives a request its cid; `None` when none is free.
    pub(crate) fn begin(&mut self, now: Duration, waiter: Waiter) -> Option<u16> {
        let cid = self.cids.allocate(now)?;
        self.awaited += usize::from(waiter != Waiter::Ping);
        self.waiters.insert(cid, waiter);
        Some(cid)
    }

    /// Who waits for this cid.
    pub(crate) fn waiter(&self, cid: u16) -> Option<Waiter> {
        self.waiters.get(&cid).copied()
    }

    /// The request was answered.
    pub(crate) fn finish(&mut self, cid: u16) -> Option<Waiter> {
        let waiter = self.forget(cid)?;
        self.cids.release(cid);
        Some(waiter)
    }

    /// The request ended without an answer: a late one must reach nobody.
    pub(crate) fn abandon(&mut self, now: Duration, cid: u16) {
        if self.forget(cid).is_some() {
            self.cids.quarantine(now, cid);
        }
    }

    fn forget(&mut self, cid: u16) -> Option<Waiter> {
        let waiter = self.waiters.remove(&cid)?;
        self.awaited -= usize::from(waiter != Waiter::Ping);
        self.reassembly.forget(cid);
        Some(waiter)
    }

    /// True if an answer with this cid can only be late.
    pub(crate) fn is_late(&self, cid: u16) -> bool {
        self.cids.is_resting(cid)
    }

    /// True if this connection has given out the cid at any time.
    pub(crate) const fn was_given_out(&self, cid: u16) -> bool {
        self.cids.was_given_out(cid)
    }

    /// True if an answer is awaited by anybody but the heartbeat.
    pub(crate) const fn is_awaiting(&self) -> bool {
        self.awaited > 0
    }
}
