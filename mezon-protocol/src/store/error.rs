//! What may go wrong with a store.

use std::error::Error;

/// What a store says of it, for people.
pub type Cause = Box<dyn Error + Send + Sync>;

/// A store of messages could not do what it was asked for. Never shows what is stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// What is stored is damaged, or is no store of messages at all.
    #[error("the store is damaged")]
    Corrupt(#[source] Cause),
    /// There is no room left.
    #[error("there is no room left for the store")]
    Full(#[source] Cause),
    /// Somebody else has it, and did not let go in time.
    #[error("the store is in use elsewhere")]
    Locked(#[source] Cause),
    /// It cannot be opened, read or written: a path or a permission, as a rule.
    #[error("the store cannot be opened, read or written")]
    Io(#[source] Cause),
    /// A newer version of this library has written it, in a form that this one does not know.
    #[error("the store was written by a newer version: its form is {found}, {known} is the newest known here")]
    TooNew {
        /// The number of its form.
        found: i64,
        /// The highest number that is understood here.
        known: i64,
    },
    /// Something else.
    #[error("the store failed")]
    Other(#[source] Cause),
}

impl StoreError {
    /// Whether it may work later, without anybody changing the store itself.
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Full(_) | Self::Locked(_) | Self::Io(_) => true,
            Self::Corrupt(_) | Self::TooNew { .. } | Self::Other(_) => false,
        }
    }
}
