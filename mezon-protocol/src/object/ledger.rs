//! The ledger: what one has, what was paid, and what became of it.

use std::time::Duration;

use super::{Backend, Page};
use crate::call::Call;
use crate::id::UserId;
use crate::ledger::{
    self, Account, AddTxResponse, Address, Amount, ClaimEnvelope, Confirm, Direction, Envelope, Finality, HistoryMark,
    NodeHealth, NonceTag, OfAccount, PastTransaction, Prove, ResumePayments, ResumedPayment, Settle, SignedTransaction,
    TransactionInfo, WaitFinal,
};

/// The ledger of the platform, on which tokens are; made by [`Bot::ledger`](super::Bot::ledger).
///
/// What it reads is asked for up to three times. To send tokens is [`Bot::send_token`](super::Bot::send_token).
#[derive(Clone, Debug)]
pub struct Ledger<B> {
    backend: B,
}

impl<B: Backend> Ledger<B> {
    pub(super) const fn new(backend: B) -> Self {
        Self { backend }
    }

    /// The address of a user, which needs no question.
    pub fn address_of(&self, user: impl Into<UserId>) -> Address {
        Address::of_user(user.into())
    }

    /// What we have.
    pub fn balance(&self) -> B::Outcome<Amount> {
        self.backend.call(OfAccount::new(None, ledger::account).then(|_, account: Account| Ok(account.balance)))
    }

    /// The account of a user. One that the ledger does not know has nothing.
    #[doc(alias = "getAccountByUserId")]
    pub fn account(&self, user: impl Into<UserId>) -> B::Outcome<Account> {
        self.backend.call(OfAccount::new(Some(user.into()), ledger::account))
    }

    /// The ledger's nonce, by one less than what a transaction of now has. Payments ask for it by themselves.
    #[doc(alias = "getCurrentNonce")]
    pub fn current_nonce(&self, tag: NonceTag) -> B::Outcome<u64> {
        self.backend.call(OfAccount::new(None, move |address| ledger::current_nonce(address, tag)))
    }

    /// A transaction by its hash; `NotFound` if the ledger does not know it.
    #[doc(alias = "getTxByHash")]
    pub fn transaction(&self, tx_hash: &str) -> B::Outcome<TransactionInfo> {
        self.backend.call(ledger::transaction(tx_hash))
    }

    /// All transactions of everybody that wait for a block.
    #[doc(alias = "getPendingTransactions")]
    pub fn pending_transactions(&self) -> B::Outcome<Vec<TransactionInfo>> {
        self.backend.call(ledger::pending_transactions())
    }

    /// How the node of the ledger is.
    #[doc(alias = "health.check")]
    pub fn health(&self) -> B::Outcome<NodeHealth> {
        self.backend.call(ledger::node_health())
    }

    /// A page of what we have paid or were paid, the latest first: at most 1,000 at once, 20 for a limit of 0. The first page
    /// has an empty cursor.
    pub fn history(
        &self,
        direction: Direction,
        limit: u32,
        cursor: impl AsRef<str>,
    ) -> B::Outcome<Page<PastTransaction>> {
        let cursor = cursor.as_ref();
        let mark = cursor
            .split_once(' ')
            .map(|(before, last_hash)| HistoryMark { before: before.to_owned(), last_hash: last_hash.to_owned() });
        let ask = move |address| ledger::history(address, direction, limit, mark.as_ref());
        self.backend.call(OfAccount::new(None, ask).then(|_, page: ledger::PastTransactions| {
            let cursor = page.next.map(|mark| [mark.before, mark.last_hash].join(" "));
            Ok(Page::new(page.transactions.into_iter(), cursor.unwrap_or_default()))
        }))
    }

    /// A past transaction by its hash, as the indexer has it; `NotFound` if it does not know it.
    pub fn past_transaction(&self, tx_hash: &str) -> B::Outcome<PastTransaction> {
        self.backend.call(ledger::past_transaction(tx_hash))
    }

    /// What became of every stored payment that is unfinished; see [`ResumePayments`]. To be called once after a start, by
    /// those whose payments have keys.
    pub fn resume(&self) -> B::Outcome<Vec<ResumedPayment>> {
        self.backend.call(ResumePayments::new())
    }

    /// What became of a payment of which nobody knows; see [`Settle`].
    pub fn settle(&self, signed: SignedTransaction) -> B::Outcome<AddTxResponse> {
        self.backend.call(Settle::new(signed))
    }

    /// Waits until a payment that was accepted is final, for 30 s at most; gives how it stands then.
    pub fn confirm(&self, response: AddTxResponse) -> B::Outcome<AddTxResponse> {
        self.backend.call(Confirm::new(response))
    }

    /// Waits until a transaction is final, or has failed, or the time is up.
    pub fn wait_final(&self, tx_hash: impl Into<String>, within: Duration) -> B::Outcome<Finality> {
        self.backend.call(WaitFinal::new(tx_hash).within(within))
    }

    /// Gets the proof that payments need, unless it is there. The first payment does so by itself; this takes the time for
    /// it beforehand.
    #[doc(alias = "getZkProofs")]
    pub fn prove(&self) -> B::Outcome<()> {
        self.backend.call(Prove::new())
    }

    /// Claims a share of a red envelope, by the id of its code.
    #[doc(alias = "claim_red_envelope_qr")]
    pub fn claim(&self, envelope: impl Into<String>) -> B::Outcome<Envelope> {
        self.backend.call(ClaimEnvelope::new(envelope))
    }
}
