//! What goes wrong with payments before anything can have been paid.

use super::amount::InvalidAmount;
use super::check::InvalidTransfer;
use super::payment::NothingSent;
use crate::error::{Error, ErrorKind};

/// Why a payment was not made. With every one of these nothing was paid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The ledger would refuse it, or something would be lost.
    #[error(transparent)]
    Invalid(#[from] InvalidTransfer),
    /// It could not be sent.
    #[error(transparent)]
    NothingSent(#[from] NothingSent),
    /// The key has been used for another payment.
    #[error("the key belongs to another payment")]
    KeyReused,
    /// The store of payments failed, so nothing was sent.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The proof service gave a proof for another key or address.
    #[error("the proof is for another key or address")]
    WrongProof,
}

/// Why a store of payments cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// It cannot be read or written.
    #[error("the store of payments failed: {0}")]
    Io(String),
    /// What it holds makes no sense.
    #[error("the store of payments is damaged: {0}")]
    Damaged(String),
    /// It has no room for another payment.
    #[error("the store of payments is full")]
    Full,
}

impl From<InvalidAmount> for Error {
    fn from(error: InvalidAmount) -> Self {
        LedgerError::from(InvalidTransfer::from(error)).into()
    }
}

impl From<LedgerError> for Error {
    fn from(error: LedgerError) -> Self {
        Self::unsent(ErrorKind::Ledger(error))
    }
}

impl From<InvalidTransfer> for Error {
    fn from(error: InvalidTransfer) -> Self {
        LedgerError::from(error).into()
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        LedgerError::from(error).into()
    }
}
