//! Tokens: transfers on the platform's ledger that are never paid twice.
//!
//! The pure parts can be used alone: an [`Address`] of a user, an [`EphemeralKey`] that signs, an exact [`Amount`], a
//! [`Transaction`] and its [`signature`](SignedTransaction), a [`Proof`] that binds the key to the address.

mod address;
mod amount;
mod check;
mod extra_info;
mod key;
mod proof;
pub mod signature;
mod transaction;

pub use address::{Address, InvalidAddress};
pub use amount::{Amount, IntoAmount, InvalidAmount};
pub use check::{Draft, FORBIDDEN, InvalidTransfer, MAX_EXTRA_INFO, MAX_NOTE, forbidden_run};
pub use extra_info::ExtraInfo;
pub use key::{EphemeralKey, InvalidKey, PublicKey};
pub use proof::{ClientType, InvalidPublicInput, Proof, ProofRequest, PublicInput};
pub use transaction::{DedupKey, SignedTransaction, Transaction, TransactionKind};

use crate::error::{Error, ErrorKind};

impl From<InvalidAmount> for Error {
    fn from(error: InvalidAmount) -> Self {
        Self::unsent(ErrorKind::InvalidArgument(error.to_string()))
    }
}
