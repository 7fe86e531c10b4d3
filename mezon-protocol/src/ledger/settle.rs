//! Finding out what became of a payment of which nobody knows.
//!
//! A transaction can be taken for as long as its nonce is in the ledger's window. When that is over it is either among what
//! is pending, or known to the indexer, or will never be paid. So a look is: the nonce, what is pending, the account, the
//! history, in this order, so that nothing slips through between two of them on its way from the one to the other.

use std::time::Duration;

use super::indexer::{Direction, HistoryMark, PastTransaction, PastTransactions, history};
use super::read::Read;
use super::response::{AddTxResponse, Outcome};
use super::rpc::{self, Account, NonceTag, TransactionInfo, TransactionStatus};
use super::transaction::{SignedTransaction, Transaction};
use super::{Address, Amount};
use crate::call::{Answer, Call, Step};
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::machine::Shared;

/// How far the ledger must have come past the nonce: its window, and 50 slots for a node that lags.
const WINDOW: u64 = 200;

/// How long after signing a transaction may be taken, at most.
const LIFE: Duration = Duration::from_secs(90);

/// The time of a slot.
const SLOT: Duration = Duration::from_millis(400);

/// The shortest and the longest time between two looks.
const GAPS: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(30));

/// How often it is looked at most: the indexer may be long behind, but not for ever.
const MAX_LOOKS: usize = 40;

/// How many items of the history are read at once, and how many pages of it at most.
const PAGE: u32 = 1000;
const MAX_PAGES: usize = 100;

/// How far the clocks of indexer and client may differ.
const CLOCKS: Duration = Duration::from_secs(300);

/// Finds out whether a transaction was paid, without sending it. That may take some two minutes from its signing.
///
/// Ends with `Paid`, `Accepted` (it is pending), `Refused` (it was taken and has failed), `NotPaid`, or still `Unknown` if
/// the ledger's servers do not tell.
#[derive(Debug)]
pub struct Settle {
    signed: SignedTransaction,
    asked: Asked,
    looks: usize,
    /// How long to wait until the transaction cannot be taken any more; zero if that is so, as it was at the beginning
    /// of this look.
    left: Duration,
    account: Account,
    pages: usize,
    /// The history knows the latest of what the account has sent.
    is_indexed: bool,
}

#[derive(Debug)]
enum Asked {
    Nothing,
    Nonce(Read<u64>),
    Pending(Read<Vec<TransactionInfo>>),
    /// Whether it is one of those that are pending, which are listed without note and extra info.
    Candidate(Read<TransactionInfo>, Vec<String>),
    Account(Read<Account>),
    History(Read<PastTransactions>),
    /// How it stands, known by this hash.
    Status(Read<TransactionInfo>, String),
}

impl Settle {
    /// For a transaction that was signed.
    pub fn new(signed: SignedTransaction) -> Self {
        Self {
            signed,
            asked: Asked::Nothing,
            looks: 0,
            left: Duration::ZERO,
            account: Account::default(),
            pages: 0,
            is_indexed: false,
        }
    }

    fn look(&mut self, shared: &mut Shared) -> Step<AddTxResponse> {
        let Some(sender) = self.sender() else {
            let error = ErrorKind::InvalidArgument("the transaction has no valid sender".into());
            return Step::Done(Err(Error::unsent(error)));
        };
        self.looks += 1;
        self.asked = Asked::Nonce(rpc::current_nonce(sender, NonceTag::Pending));
        self.resume(shared, Ok(Answer::Start))
    }

    fn sender(&self) -> Option<Address> {
        self.signed.transaction.sender.parse().ok()
    }

    fn on_nonce(&mut self, shared: &mut Shared, nonce: u64) -> Step<AddTxResponse> {
        let end = self.signed.transaction.nonce.saturating_add(WINDOW);
        let slots = (end + 1).saturating_sub(nonce.saturating_add(1));
        let signed_at = Duration::from_millis(self.signed.transaction.timestamp);
        let age = shared.now.unix.saturating_sub(signed_at);
        self.left = (SLOT * u32::try_from(slots).unwrap_or(u32::MAX)).max(LIFE.saturating_sub(age));
        self.asked = Asked::Pending(rpc::pending_transactions());
        self.resume(shared, Ok(Answer::Start))
    }

    fn on_pending(&mut self, shared: &mut Shared, pending: Vec<TransactionInfo>) -> Step<AddTxResponse> {
        let ours = pending.into_iter().filter(|other| is_like(&self.signed.transaction, other));
        let hashes = ours.map(|transaction| transaction.tx_hash).collect();
        self.next_candidate(shared, hashes)
    }

    fn next_candidate(&mut self, shared: &mut Shared, mut hashes: Vec<String>) -> Step<AddTxResponse> {
        self.asked = match (hashes.pop(), self.sender()) {
            (Some(hash), _) => Asked::Candidate(rpc::transaction(&hash), hashes),
            (None, Some(sender)) => Asked::Account(rpc::account(sender)),
            (None, None) => return self.unknown("the transaction has no valid sender"),
        };
        self.resume(shared, Ok(Answer::Start))
    }

    fn on_candidate(
        &mut self,
        shared: &mut Shared,
        found: Result<TransactionInfo, Error>,
        others: Vec<String>,
    ) -> Step<AddTxResponse> {
        let ours = &self.signed.transaction;
        match found {
            Ok(found) if is_same(ours, &found.text_data, &found.extra_info) && is_like(ours, &found) => {
                self.found(&found.tx_hash.clone(), Some(found))
            }
            Ok(_) => self.next_candidate(shared, others),
            // it is gone from there by now; the next look finds where it went
            Err(error) if matches!(error.kind(), ErrorKind::NotFound { .. }) => self.rest(GAPS.0),
            Err(error) => self.unknown(error),
        }
    }

    fn on_account(&mut self, shared: &mut Shared, account: Account) -> Step<AddTxResponse> {
        self.is_indexed = account.nonce < self.signed.transaction.nonce;
        self.account = account;
        self.pages = 0;
        self.read_history(shared, None)
    }

    fn read_history(&mut self, shared: &mut Shared, from: Option<&HistoryMark>) -> Step<AddTxResponse> {
        let Some(sender) = self.sender() else { return self.unknown("the transaction has no valid sender") };
        self.pages += 1;
        self.asked = Asked::History(history(sender, Direction::Sent, PAGE, from));
        self.resume(shared, Ok(Answer::Start))
    }

    fn on_history(&mut self, shared: &mut Shared, page: PastTransactions) -> Step<AddTxResponse> {
        let ours = |other: &&PastTransaction| is_past(&self.signed.transaction, other);
        if let Some(found) = page.transactions.iter().find(ours) {
            let hash = found.tx_hash.clone();
            self.asked = Asked::Status(rpc::transaction(&hash), hash);
            return self.resume(shared, Ok(Answer::Start));
        }
        self.is_indexed |= page.transactions.iter().any(|other| other.nonce >= self.account.nonce);
        let signed_at = Duration::from_millis(self.signed.transaction.timestamp);
        let begin = signed_at.saturating_sub(CLOCKS).as_secs();
        let is_past = page.transactions.last().is_some_and(|last| last.timestamp < begin);
        match page.next {
            Some(next) if !is_past && self.pages < MAX_PAGES => self.read_history(shared, Some(&next)),
            Some(_) if !is_past => self.unknown("the history is too long"),
            Some(_) | None => self.not_found(),
        }
    }

    /// It is nowhere. If it cannot come any more, and the indexer is not behind, it was not paid.
    fn not_found(&mut self) -> Step<AddTxResponse> {
        if !self.left.is_zero() {
            return self.rest(self.left);
        }
        if self.is_indexed {
            return Step::Done(Ok(AddTxResponse::not_taken(Outcome::NotPaid)));
        }
        self.rest(GAPS.0)
    }

    fn rest(&mut self, time: Duration) -> Step<AddTxResponse> {
        if self.looks >= MAX_LOOKS {
            return self.unknown("the indexer is behind");
        }
        self.asked = Asked::Nothing;
        Step::Wait(time.clamp(GAPS.0, GAPS.1))
    }

    /// It was taken. What the ledger says of it counts, if it says anything.
    fn found(&self, hash: &str, status: Option<TransactionInfo>) -> Step<AddTxResponse> {
        Step::Done(Ok(match status {
            Some(TransactionInfo { status: TransactionStatus::Failed, err_msg, .. }) => {
                AddTxResponse::not_taken(Outcome::Refused { code: None, message: err_msg })
            }
            Some(TransactionInfo { status: TransactionStatus::Pending | TransactionStatus::Confirmed, .. }) => {
                AddTxResponse::taken(Outcome::Accepted, hash)
            }
            Some(_) | None => AddTxResponse::taken(Outcome::Paid, hash),
        }))
    }

    fn unknown(&self, why: impl std::fmt::Display) -> Step<AddTxResponse> {
        let response = AddTxResponse::not_taken(Outcome::Unknown(Box::new(self.signed.clone())));
        Step::Done(Ok(AddTxResponse { error: format!("{}: {why}", response.error), ..response }))
    }
}

impl Call for Settle {
    type Output = AddTxResponse;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<AddTxResponse> {
        match std::mem::replace(&mut self.asked, Asked::Nothing) {
            Asked::Nothing => match answer {
                Ok(_) => self.look(shared),
                Err(error) => self.unknown(error),
            },
            Asked::Nonce(mut read) => match read.resume(shared, answer).ended() {
                Ok(Ok(nonce)) => self.on_nonce(shared, nonce),
                Ok(Err(error)) => self.unknown(error),
                Err(step) => self.keep(Asked::Nonce(read), step),
            },
            Asked::Pending(mut read) => match read.resume(shared, answer).ended() {
                Ok(Ok(pending)) => self.on_pending(shared, pending),
                Ok(Err(error)) => self.unknown(error),
                Err(step) => self.keep(Asked::Pending(read), step),
            },
            Asked::Candidate(mut read, others) => match read.resume(shared, answer).ended() {
                Ok(found) => self.on_candidate(shared, found, others),
                Err(step) => self.keep(Asked::Candidate(read, others), step),
            },
            Asked::Account(mut read) => match read.resume(shared, answer).ended() {
                Ok(Ok(account)) => self.on_account(shared, account),
                Ok(Err(error)) => self.unknown(error),
                Err(step) => self.keep(Asked::Account(read), step),
            },
            Asked::History(mut read) => match read.resume(shared, answer).ended() {
                Ok(Ok(page)) => self.on_history(shared, page),
                Ok(Err(error)) => self.unknown(error),
                Err(step) => self.keep(Asked::History(read), step),
            },
            Asked::Status(mut read, hash) => match read.resume(shared, answer).ended() {
                Ok(status) => self.found(&hash, status.ok()),
                Err(step) => self.keep(Asked::Status(read, hash), step),
            },
        }
    }

    fn timeout(&self, _: &Config) -> Duration {
        PATIENCE
    }

    fn interrupt(&mut self, _: &mut Shared, error: Error) -> Result<AddTxResponse, Error> {
        let response = AddTxResponse::not_taken(Outcome::Unknown(Box::new(self.signed.clone())));
        Ok(AddTxResponse { error: format!("{}: {error}", response.error), ..response })
    }
}

/// How long a call may take that sends, doubts and settles.
pub(super) const PATIENCE: Duration = Duration::from_secs(900);

impl Settle {
    fn keep(&mut self, asked: Asked, step: Step<AddTxResponse>) -> Step<AddTxResponse> {
        self.asked = asked;
        step
    }
}

/// True if it may be the same, as far as a list of pending transactions tells.
fn is_like(ours: &Transaction, other: &TransactionInfo) -> bool {
    ours.sender == other.sender
        && ours.recipient == other.recipient
        && Amount::parse_base_units(&ours.amount) == Ok(other.amount)
        && ours.nonce == other.nonce
}

fn is_past(ours: &Transaction, other: &PastTransaction) -> bool {
    ours.sender == other.sender
        && ours.recipient == other.recipient
        && Amount::parse_base_units(&ours.amount) == Ok(other.amount)
        && ours.nonce == other.nonce
        && is_same(ours, &other.note, &other.extra_info)
}

/// True if note and extra info are the same. The latter may have been written anew.
fn is_same(ours: &Transaction, note: &str, extra_info: &str) -> bool {
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    let is_same_info =
        ours.extra_info == extra_info || json(&ours.extra_info).is_some_and(|ours| Some(ours) == json(extra_info));
    is_same_info && ours.text_data == note
}
