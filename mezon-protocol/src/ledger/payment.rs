//! One payment, as a state machine: it asks for a nonce, signs, submits, and knows what may be repeated.
//!
//! ```text
//!   start ─► FetchNonce ─► Submit ─► Done
//!               ▲  │ ▲        │ ▲
//!               └Wait└─ Wait ◄┘ └ Wait ◄ busy, not sent, nothing certain
//!           (nonce failed,  (certainly refused for its age)
//!            bytes taken)
//! ```
//!
//! What may be repeated, and what may not: the very same bytes always; new ones only when every attempt with the old ones
//! was certainly refused. From the first doubtful attempt on no other bytes are ever signed.

use std::time::Duration;

use super::key::EphemeralKey;
use super::recent::Recent;
use super::reply::{Class, Reply};
use super::response::{AddTxResponse, Outcome};
use super::transaction::{SignedTransaction, Transaction};
use crate::time::Now;

/// From here on the ledger's nonce is none: a node that has just started says so.
const NO_NONCE: u64 = 1 << 63;

/// How long to wait after the first, the second reply of a kind, and so on, in milliseconds.
struct Delays(&'static [u64]);

const NO_NONCE_DELAYS: Delays = Delays(&[500, 1000]);
const BUSY_DELAYS: Delays = Delays(&[500, 1000, 2000, 4000, 8000]);
const UNKNOWN_DELAYS: Delays = Delays(&[1000, 2000, 4000, 8000, 8000]);

/// About a slot of the ledger.
const SLOT: Duration = Duration::from_millis(400);

/// How often a nonce is fetched again because its bytes belong to another payment.
const MAX_TAKEN: usize = 15;

/// How often a payment is signed anew after it was refused for its age.
const MAX_SIGNED_ANEW: usize = 3;

/// How long after signing the bytes are sent again while nothing is certain.
const MAX_DOUBT: Duration = Duration::from_secs(45);

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Ask the ledger for its nonce, then [`handle_nonce`](Payment::handle_nonce).
    FetchNonce,
    /// Nothing for this long, then [`handle_timer`](Payment::handle_timer).
    Wait(Duration),
    /// Send [what is signed](Payment::signed), then [`handle_reply`](Payment::handle_reply).
    Submit {
        /// True if it has just been signed: to be stored before it is sent.
        is_new: bool,
    },
    /// The end: how it stands.
    Done(AddTxResponse),
    /// The end: nothing can have been paid, as nothing was sent that was not certainly refused.
    Failed(NothingSent),
}

/// Why a payment has ended without having been sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NothingSent {
    /// The ledger gave no nonce.
    #[error("the ledger gives no nonce")]
    NoNonce,
    /// Each time the same bytes belonged to another payment: the ledger's slots do not advance.
    #[error("an equal payment was just made, and the ledger does not advance")]
    Taken,
}

/// One payment. The payments of one sender are to be made one after the other, with the same [`Recent`].
#[derive(Debug)]
pub struct Payment {
    number: u64,
    draft: Transaction,
    signed: Option<Signed>,
    /// What comes after the wait.
    next: Next,
    /// Earlier attempts may have been taken.
    is_doubtful: bool,
    /// An attempt is under way.
    is_under_way: bool,
    failed_nonces: usize,
    taken: usize,
    signed_anew: usize,
    busy: usize,
    unknown: usize,
}

#[derive(Debug)]
struct Signed {
    transaction: SignedTransaction,
    at: Duration,
}

#[derive(Clone, Copy, Debug)]
enum Next {
    FetchNonce,
    Submit,
}

impl Payment {
    /// A payment with everything but nonce and signature.
    pub fn new(recent: &mut Recent, draft: Transaction) -> Self {
        Self {
            number: recent.next_payment(),
            draft,
            signed: None,
            next: Next::FetchNonce,
            is_doubtful: false,
            is_under_way: false,
            failed_nonces: 0,
            taken: 0,
            signed_anew: 0,
            busy: 0,
            unknown: 0,
        }
    }

    /// A payment that was signed before, and of which nothing is certain: only the same bytes are sent.
    pub fn resume(recent: &mut Recent, now: Now, signed: SignedTransaction) -> Self {
        let mut payment = Self::new(recent, signed.transaction.clone());
        recent.note(now.elapsed, signed.transaction.dedup_key(), payment.number);
        payment.signed = Some(Signed { transaction: signed, at: now.elapsed });
        payment.is_doubtful = true;
        payment
    }

    /// The first action.
    pub const fn start(&mut self) -> Action {
        if self.signed.is_some() { self.submit(false) } else { Action::FetchNonce }
    }

    /// What is signed, once it is.
    pub fn signed(&self) -> Option<&SignedTransaction> {
        self.signed.as_ref().map(|signed| &signed.transaction)
    }

    /// True if it may have been taken, for all that is known by now.
    pub const fn is_doubtful(&self) -> bool {
        self.is_doubtful || self.is_under_way
    }

    /// The ledger's nonce, or that it gave none.
    pub fn handle_nonce(&mut self, now: Now, recent: &mut Recent, key: &EphemeralKey, nonce: Option<u64>) -> Action {
        let Some(nonce) = nonce.filter(|nonce| *nonce < NO_NONCE) else { return self.on_no_nonce() };
        self.draft.nonce = nonce + 1;
        let dedup_key = self.draft.dedup_key();
        if recent.is_taken(dedup_key, self.number) {
            self.taken += 1;
            return if self.taken > MAX_TAKEN { Action::Failed(NothingSent::Taken) } else { self.fetch_nonce_later() };
        }
        recent.note(now.elapsed, dedup_key, self.number);
        self.draft.timestamp = u64::try_from(now.unix.as_millis()).unwrap_or(u64::MAX);
        self.signed = Some(Signed { transaction: self.draft.clone().sign(key), at: now.elapsed });
        self.submit(true)
    }

    const fn submit(&mut self, is_new: bool) -> Action {
        self.is_under_way = true;
        Action::Submit { is_new }
    }

    fn on_no_nonce(&mut self) -> Action {
        self.failed_nonces += 1;
        match NO_NONCE_DELAYS.after(self.failed_nonces) {
            Some(delay) => self.wait(delay, Next::FetchNonce),
            None => Action::Failed(NothingSent::NoNonce),
        }
    }

    /// The wait is over.
    pub const fn handle_timer(&mut self) -> Action {
        match self.next {
            Next::FetchNonce => Action::FetchNonce,
            Next::Submit => self.submit(false),
        }
    }

    /// What became of a submission.
    pub fn handle_reply(&mut self, now: Now, reply: Reply) -> Action {
        self.is_under_way = false;
        match &reply.class {
            Class::Accepted { tx_hash } => Action::Done(AddTxResponse::taken(Outcome::Accepted, tx_hash)),
            Class::Duplicate if self.is_doubtful => Action::Done(AddTxResponse::taken(Outcome::Accepted, "")),
            Class::Duplicate => self.end(Outcome::Duplicate),
            Class::StaleNonce { .. } if !self.is_doubtful => self.sign_anew(reply),
            Class::StaleNonce { is_ahead: false } => self.end(Outcome::Unknown),
            // another node may lag behind
            Class::StaleNonce { is_ahead: true } | Class::Unknown => self.on_unknown(now),
            Class::Busy | Class::NotSent => self.on_busy(reply),
            Class::RejectedState | Class::Rejected { is_firm: false } if self.is_doubtful => self.end(Outcome::Unknown),
            Class::RejectedState | Class::Rejected { .. } => refused(reply),
        }
    }

    /// The submission that was asked for has not been made, and none will be.
    pub const fn handle_not_submitted(&mut self) {
        self.is_under_way = false;
    }

    /// How it stands if it goes no further; `None` if surely nothing was paid.
    pub fn interrupt(&self) -> Option<AddTxResponse> {
        let signed = self.signed().filter(|_| self.is_doubtful())?;
        Some(AddTxResponse::not_taken(Outcome::Unknown(Box::new(signed.clone()))))
    }

    fn sign_anew(&mut self, reply: Reply) -> Action {
        self.signed_anew += 1;
        if self.signed_anew > MAX_SIGNED_ANEW {
            return refused(reply);
        }
        self.fetch_nonce_later()
    }

    const fn fetch_nonce_later(&mut self) -> Action {
        self.wait(SLOT, Next::FetchNonce)
    }

    fn on_busy(&mut self, reply: Reply) -> Action {
        self.busy += 1;
        match BUSY_DELAYS.after(self.busy) {
            Some(delay) => self.wait(delay, Next::Submit),
            None if self.is_doubtful => self.end(Outcome::Unknown),
            None => refused(reply),
        }
    }

    fn on_unknown(&mut self, now: Now) -> Action {
        self.is_doubtful = true;
        self.unknown += 1;
        let signed_at = self.signed.as_ref().map_or(now.elapsed, |signed| signed.at);
        let is_over = now.elapsed.saturating_sub(signed_at) >= MAX_DOUBT;
        match UNKNOWN_DELAYS.after(self.unknown).filter(|_| !is_over) {
            Some(delay) => self.wait(delay, Next::Submit),
            None => self.end(Outcome::Unknown),
        }
    }

    const fn wait(&mut self, delay: Duration, next: Next) -> Action {
        self.next = next;
        Action::Wait(delay)
    }

    fn end(&self, outcome: fn(Box<SignedTransaction>) -> Outcome) -> Action {
        let signed = self.signed().expect("what was submitted is signed");
        Action::Done(AddTxResponse::not_taken(outcome(Box::new(signed.clone()))))
    }
}

fn refused(reply: Reply) -> Action {
    Action::Done(AddTxResponse::not_taken(Outcome::Refused { code: reply.code, message: reply.message }))
}

impl Delays {
    /// After the reply of that number, of which the first is 1.
    fn after(&self, number: usize) -> Option<Duration> {
        self.0.get(number - 1).copied().map(Duration::from_millis)
    }
}
