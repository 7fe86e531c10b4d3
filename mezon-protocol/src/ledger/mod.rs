//! Tokens: transfers on the platform's ledger that are never paid twice.
//!
//! - [`SendToken`] is the transfer as a call: prove, ask for a nonce, sign, submit, and know how it stands;
//!   [`ResumePayments`], [`Settle`], [`Confirm`] find out what became of one. With a client: `client.send_token(..)` and
//!   `client.ledger()`.
//! - [`current_nonce`], [`account`], [`transaction`], [`pending_transactions`], [`node_health`] ask the ledger,
//!   [`history`], [`history_page`], [`past_transaction`], [`wallet`] the indexer; [`ClaimEnvelope`] opens red envelopes.
//! - The pure parts can be used alone: an [`Address`] of a user, an [`EphemeralKey`] that signs, an exact [`Amount`], a
//!   [`Transaction`] and its [`signature`](SignedTransaction), a [`Proof`] that binds the key to the address, one
//!   [`Payment`](payment::Payment) as a state machine, [`ReceivedPayments`].
//!
//! # What is certain
//!
//! A transaction is known to the ledger by what is signed of it, and its nonce is a time: it can be taken for about a
//! minute, as often as it is sent, and is paid once. So a payment that was sent and not answered is sent again with the
//! same bytes. If that decides nothing either, it is [unknown](Outcome::Unknown) until the minute is over; then a look at
//! the ledger decides. Only what is certainly not paid may be signed anew.

mod address;
mod amount;
mod announce;
mod check;
mod config;
mod envelope;
mod error;
mod extra_info;
mod finality;
mod indexer;
mod key;
mod own;
mod pay;
pub mod payment;
mod proof;
mod prove;
mod read;
mod received;
mod recent;
mod recover;
mod reply;
mod response;
mod resume;
mod rpc;
mod send;
mod settle;
pub mod signature;
mod state;
mod store;
mod transaction;

pub use address::{Address, InvalidAddress};
pub use amount::{Amount, IntoAmount, InvalidAmount};
pub(crate) use announce::announcement;
pub use announce::text as announcement_text;
pub use check::{Draft, FORBIDDEN, InvalidTransfer, MAX_EXTRA_INFO, MAX_NOTE, forbidden_run};
pub use config::LedgerConfig;
pub use envelope::{ClaimEnvelope, Envelope};
pub use error::{LedgerError, StoreError};
pub use extra_info::ExtraInfo;
pub use finality::{Confirm, Finality, WaitFinal};
pub use indexer::{
    Direction, HistoryMark, PageOrder, PastTransaction, PastTransactions, Wallet, history, history_page,
    past_transaction, wallet,
};
pub use key::{EphemeralKey, InvalidKey, PublicKey};
pub use own::OfAccount;
pub use proof::{ClientType, InvalidPublicInput, Proof, ProofRequest, PublicInput};
pub use prove::Prove;
pub use read::Read;
pub use received::{MemorySeen, ReceivedPayments, SeenTransactions};
pub use recent::Recent;
pub use reply::{Class, Reply};
pub use response::{AddTxResponse, Outcome};
pub use resume::{ResumePayments, ResumedPayment};
pub use rpc::{
    Account, NodeHealth, NonceTag, TransactionInfo, TransactionStatus, account, current_nonce, node_health,
    pending_transactions, transaction,
};
pub use send::SendToken;
pub use settle::Settle;
pub use state::Ledger;
pub use store::{MemoryPayments, PaymentRecord, PaymentState, PaymentStore};
pub use transaction::{DedupKey, SignedTransaction, Transaction, TransactionKind};
