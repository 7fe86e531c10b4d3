//! Where payments with a key are kept, so that no restart makes them twice.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::response::{AddTxResponse, Outcome};
use super::transaction::SignedTransaction;

/// A payment with a key: what was signed, and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRecord {
    /// The key that the caller gave.
    pub key: String,
    /// What was signed, with its nonce and the time of the signing.
    pub signed: SignedTransaction,
    /// How it stands.
    pub state: PaymentState,
}

/// How a stored payment stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// It may have been sent.
    Unfinished,
    /// The ledger has taken it.
    Taken {
        /// Its hash; empty if that is not known.
        tx_hash: String,
    },
    /// The ledger had the same transaction before.
    Duplicate,
    /// It is surely not paid, so it may be made anew under its key.
    Unpaid,
}

impl PaymentRecord {
    /// When it was signed, since 1970.
    pub const fn signed_at(&self) -> Duration {
        Duration::from_millis(self.signed.transaction.timestamp)
    }

    /// True while it is not known whether it was paid.
    pub const fn is_unfinished(&self) -> bool {
        matches!(self.state, PaymentState::Unfinished)
    }

    /// How it has ended, if it is never sent again.
    pub(super) fn response(&self) -> Option<AddTxResponse> {
        match &self.state {
            PaymentState::Taken { tx_hash } => Some(AddTxResponse::taken(Outcome::Accepted, tx_hash)),
            PaymentState::Duplicate => {
                Some(AddTxResponse::not_taken(Outcome::Duplicate(Box::new(self.signed.clone()))))
            }
            PaymentState::Unfinished | PaymentState::Unpaid => None,
        }
    }
}

impl PaymentState {
    pub(super) fn of(response: &AddTxResponse) -> Self {
        match &response.outcome {
            Outcome::Paid | Outcome::Accepted => Self::Taken { tx_hash: response.tx_hash.clone() },
            Outcome::Duplicate(_) => Self::Duplicate,
            Outcome::Refused { .. } | Outcome::NotPaid => Self::Unpaid,
            Outcome::Unknown(_) => Self::Unfinished,
        }
    }
}

/// A store of payments by their key. It is called by the Machine while that handles an input, so it should not take long.
///
/// What decides about money is this: when [`put`](Self::put) returns, the record outlives whatever may happen then.
/// Records that are unfinished must never be forgotten; of the others a store may forget the oldest, and with one its key.
pub trait PaymentStore: Send + 'static {
    /// The record of a key.
    ///
    /// # Errors
    ///
    /// When the store cannot be used: then the payment is not made.
    fn get(&mut self, key: &str) -> Result<Option<PaymentRecord>, StoreError>;

    /// Keeps a record, in place of that of the same key.
    ///
    /// # Errors
    ///
    /// When it is not sure that the record is kept: if nothing has been sent yet, nothing is.
    fn put(&mut self, record: &PaymentRecord) -> Result<(), StoreError>;

    /// All that are unfinished, and all that were signed at `since` (from 1970 on) or later.
    ///
    /// # Errors
    ///
    /// When the store cannot be used.
    fn open(&mut self, since: Duration) -> Result<Vec<PaymentRecord>, StoreError>;
}

/// A store in memory: it keeps keys apart while the program runs, and forgets everything with it.
///
/// ```
/// use mezon_protocol::ledger::{MemoryPayments, PaymentStore};
///
/// let mut payments = MemoryPayments::default();
/// assert_eq!(payments.get("prize-17")?, None);
/// # Ok::<(), mezon_protocol::ledger::StoreError>(())
/// ```
#[derive(Debug)]
pub struct MemoryPayments {
    records: HashMap<String, (u64, PaymentRecord)>,
    /// The keys of those that have ended, by when they did.
    ended: BTreeMap<u64, String>,
    last: u64,
    limit: usize,
}

impl MemoryPayments {
    /// Room for so many payments; the oldest that have ended make room for new ones.
    pub fn new(limit: usize) -> Self {
        Self { records: HashMap::new(), ended: BTreeMap::new(), last: 0, limit }
    }

    /// How many payments are kept.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// True if none is.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// All that are kept, in the order in which they were put last.
    pub fn iter(&self) -> impl Iterator<Item = &PaymentRecord> {
        let mut records: Vec<_> = self.records.values().collect();
        records.sort_unstable_by_key(|(number, _)| *number);
        records.into_iter().map(|(_, record)| record)
    }

    /// Forgets a payment, and its key with it: the next one under that key is made.
    pub fn forget(&mut self, key: &str) {
        if let Some((number, _)) = self.records.remove(key) {
            self.ended.remove(&number);
        }
    }

    /// Forgets the oldest that have ended; false if there is no room even so.
    fn make_room(&mut self) -> bool {
        while self.records.len() >= self.limit {
            let Some((_, key)) = self.ended.pop_first() else { return false };
            self.records.remove(&key);
        }
        true
    }
}

impl Default for MemoryPayments {
    /// Room for 10,000 payments.
    fn default() -> Self {
        Self::new(10_000)
    }
}

impl PaymentStore for MemoryPayments {
    fn get(&mut self, key: &str) -> Result<Option<PaymentRecord>, StoreError> {
        Ok(self.records.get(key).map(|(_, record)| record.clone()))
    }

    fn put(&mut self, record: &PaymentRecord) -> Result<(), StoreError> {
        let old = self.records.get(&record.key).map(|(number, _)| *number);
        match old {
            Some(number) => drop(self.ended.remove(&number)),
            None if self.make_room() => {}
            None => return Err(StoreError::Full),
        }
        self.last += 1;
        if !record.is_unfinished() {
            self.ended.insert(self.last, record.key.clone());
        }
        self.records.insert(record.key.clone(), (self.last, record.clone()));
        Ok(())
    }

    fn open(&mut self, since: Duration) -> Result<Vec<PaymentRecord>, StoreError> {
        let is_open = |record: &&PaymentRecord| record.is_unfinished() || record.signed_at() >= since;
        Ok(self.iter().filter(is_open).cloned().collect())
    }
}
