//! What was signed lately: two payments with the same bytes would be taken for one.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::transaction::DedupKey;

/// How long the ledger may remember a transaction, and a little more.
pub(super) const MEMORY: Duration = Duration::from_secs(600);

/// By what the ledger would know the transactions of the last ten minutes, and to which payment each belongs.
#[derive(Debug, Default)]
pub struct Recent {
    payments: HashMap<DedupKey, u64>,
    /// In the order of time, which is that of the clock since the start.
    order: VecDeque<(Duration, DedupKey)>,
    last: u64,
}

impl Recent {
    /// A number for a payment.
    pub const fn next_payment(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// True if what would be signed belongs to another payment.
    pub fn is_taken(&self, key: DedupKey, payment: u64) -> bool {
        self.payments.get(&key).is_some_and(|owner| *owner != payment)
    }

    /// Remembers what a payment has signed, and forgets what is old.
    pub fn note(&mut self, now: Duration, key: DedupKey, payment: u64) {
        while let Some((at, old)) = self.order.front().copied() {
            if at.saturating_add(MEMORY) > now {
                break;
            }
            self.order.pop_front();
            self.payments.remove(&old);
        }
        if self.payments.insert(key, payment).is_none() {
            self.order.push_back((now, key));
        }
    }
}
