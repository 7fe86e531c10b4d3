//! The ledger: a node of it, the proof service, the indexer and the red envelopes, all on the address of the world.
//!
//! ```text
//!   tx.addtx ──check──► pool ──next slot──► block: confirmed, or failed ──some slots──► final ──some more──► indexer
//!                                             └► token_sent_event, give_coffee_event
//! ```
//!
//! What the node checks, in which order and in which words, its nonces, its memory of duplicates and its JSON-RPC are
//! those of its published sources. *Assumed* is the rest:
//!
//! * The proofs themselves are not verified: the proof service of the world signs what it has made, and the node takes
//!   nothing else ([`any_proof`](super::LedgerSettings::any_proof)). Which key and address they bind is checked as on the
//!   node.
//! * The platform tells of a transfer when it is confirmed, to whom its extra info names.
//! * Indexer and red envelopes answer as their clients read them. The indexer lists no failed transactions.
//! * Lengths are counted without normalising Unicode; that a recipient of a campaign's feed is a point of the curve is not
//!   checked. All clients count as one address for rate limits.

mod calls;
mod chain;
mod check;
mod content;
mod envelopes;
mod faults;
mod indexer;
mod node;
mod people;
mod proofs;
mod rpc;
mod slots;
mod tell;
mod time;
mod view;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::Duration;

use mezon_protocol::UserId;
use mezon_protocol::ledger::{Amount, DedupKey};
use sha2::{Digest, Sha256};

use envelopes::Envelope;
use faults::Faults;
use slots::Slots;

pub(crate) use calls::{ENVELOPES, INDEXER, NODE, PROOFS};
pub use faults::{LedgerCall, LedgerFault};
pub use view::{LedgerEntry, LedgerStatus, LedgerView};

/// The state of it all. No request takes longer because much has happened.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    slots: Slots,
    accounts: HashMap<String, Account>,
    /// The addresses of users for whom accounts have been looked after.
    addresses: BTreeMap<UserId, String>,
    /// All that were ever accepted, in that order. Others refer to them by their places.
    transactions: Vec<Transaction>,
    by_hash: HashMap<String, usize>,
    pool: Vec<usize>,
    /// Those that were applied, in the order of blocks.
    chain: Vec<usize>,
    /// The duplicates that are known, and when those in blocks are to be forgotten.
    known: HashSet<DedupKey>,
    forgetting: VecDeque<(Duration, DedupKey)>,
    block_at: Option<Duration>,
    envelopes: BTreeMap<String, Envelope>,
    splits: i64,
    requests: Bucket,
    contents: Bucket,
    faults: Faults,
}

impl Ledger {
    pub(super) fn block_at(&self) -> Option<Duration> {
        self.block_at
    }
}

#[derive(Debug, Default)]
struct Account {
    balance: Amount,
    /// What transactions in the pool are going to take.
    reserved: Amount,
    /// That of the last transaction which was sent and applied.
    nonce: u64,
    /// Unix time in seconds.
    updated: u64,
    /// The places of what was applied, in the order of blocks.
    sent: Vec<usize>,
    received: Vec<usize>,
    all: Vec<usize>,
}

/// A transaction as the node keeps it.
#[derive(Debug)]
struct Transaction {
    entry: LedgerEntry,
    key: DedupKey,
    /// What is reserved of its sender's balance while it is in the pool.
    reserved: Amount,
    /// A fault lets it fail, with this text.
    doomed: Option<String>,
    /// The block that it is in.
    block: Option<Block>,
}

/// A place in a block.
#[derive(Clone, Copy, Debug)]
struct Block {
    slot: u64,
    index: usize,
    /// Unix time in seconds.
    made: u64,
}

impl Block {
    fn hash(&self) -> String {
        sha256(&format!("block {} {}", self.slot, self.made))
    }
}

/// Requests per second, of which as many are granted at once.
#[derive(Debug, Default)]
struct Bucket {
    /// How much of it is used up.
    used: f64,
    since: Duration,
}

impl Bucket {
    fn take(&mut self, now: Duration, per_second: u32) -> bool {
        let limit = f64::from(per_second);
        let regained = now.saturating_sub(self.since).as_secs_f64() * limit;
        self.used = (self.used - regained).max(0.0);
        self.since = now;
        let granted = self.used + 1.0 <= limit;
        self.used += f64::from(granted);
        granted
    }
}

/// 64 hexadecimal digits.
fn sha256(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digest = Sha256::digest(text);
    digest.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}
