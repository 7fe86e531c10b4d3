//! Tokens that were received, each payment once.

use std::collections::{HashSet, VecDeque};

use super::error::StoreError;
use crate::id::UserId;
use crate::proto::api::TokenSentEvent;

/// Which transactions were seen before.
pub trait SeenTransactions: Send + 'static {
    /// Remembers a transaction; false if it was known.
    ///
    /// # Errors
    ///
    /// When it is not sure that it is remembered: then the payment is not handed on, and comes again with its next event.
    fn note(&mut self, transaction_id: &str) -> Result<bool, StoreError>;
}

/// Remembers transactions in memory, the last so many.
#[derive(Debug)]
pub struct MemorySeen {
    seen: HashSet<String>,
    order: VecDeque<String>,
    limit: usize,
}

impl MemorySeen {
    /// The last so many.
    pub fn new(limit: usize) -> Self {
        Self { seen: HashSet::new(), order: VecDeque::new(), limit: limit.max(1) }
    }

    /// True if a transaction is remembered.
    pub fn contains(&self, transaction_id: &str) -> bool {
        self.seen.contains(transaction_id)
    }

    /// How many are remembered.
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// True if none is.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// Those that are remembered, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.order.iter().map(String::as_str)
    }
}

impl Default for MemorySeen {
    /// The last 10,000.
    fn default() -> Self {
        Self::new(10_000)
    }
}

impl SeenTransactions for MemorySeen {
    fn note(&mut self, transaction_id: &str) -> Result<bool, StoreError> {
        if self.seen.contains(transaction_id) {
            return Ok(false);
        }
        if self.order.len() >= self.limit {
            if let Some(oldest) = self.order.pop_front() {
                self.seen.remove(&oldest);
            }
        }
        self.seen.insert(transaction_id.to_owned());
        self.order.push_back(transaction_id.to_owned());
        Ok(true)
    }
}

/// Tells payments to us from all other news of tokens: it is we who receive, there is something to receive, and the
/// transaction was not seen before, as the platform tells of one again after a reconnect.
///
/// A payment is noted before it is handed on: a program that dies in between has lost the news of it, not doubled it.
///
/// ```
/// use mezon_protocol::UserId;
/// use mezon_protocol::ledger::{MemorySeen, ReceivedPayments};
/// use mezon_protocol::proto::api::TokenSentEvent;
///
/// let me = UserId::new(7);
/// let mut payments = ReceivedPayments::new(MemorySeen::default());
/// let event = TokenSentEvent { receiver_id: 7, amount: 5000, transaction_id: "T".into(), ..Default::default() };
/// assert!(payments.is_new(me, &event)?);
/// assert!(!payments.is_new(me, &event)?, "once is enough");
/// assert!(!payments.is_new(UserId::new(8), &event)?, "not theirs");
/// # Ok::<(), mezon_protocol::ledger::StoreError>(())
/// ```
#[derive(Debug)]
pub struct ReceivedPayments<S> {
    seen: S,
}

impl<S: SeenTransactions> ReceivedPayments<S> {
    /// What was seen, `seen` knows.
    pub const fn new(seen: S) -> Self {
        Self { seen }
    }

    /// True for a payment to `me` that was not seen before. An event without a transaction id is none: it could not be
    /// told from its repetition.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn is_new(&mut self, me: UserId, event: &TokenSentEvent) -> Result<bool, StoreError> {
        let is_ours = event.receiver_id == me.get() && !me.is_none() && event.amount > 0;
        if !is_ours || event.transaction_id.is_empty() {
            return Ok(false);
        }
        self.seen.note(&event.transaction_id)
    }
}
