//! How a payment has ended.

use super::transaction::SignedTransaction;

/// How a payment stands when nothing more is done about it by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It is final on the ledger.
    Paid,
    /// The ledger has taken it; in a moment it will be final, or, seldom, have failed.
    Accepted,
    /// It was refused and is surely not paid.
    Refused {
        /// The ledger's code, if it gave one.
        code: Option<String>,
        /// The ledger's text, possibly empty.
        message: String,
    },
    /// It was not paid, and what was signed can never be any more.
    NotPaid,
    /// The ledger has got the very same transaction before, from somewhere else: perhaps from this program before it was
    /// restarted. It is not sent again by itself.
    Duplicate(
        /// What was signed.
        Box<SignedTransaction>,
    ),
    /// Nobody knows. It must not be paid by a new call; [settle](super::Settle) it, or call again with the same key.
    Unknown(
        /// What was signed.
        Box<SignedTransaction>,
    ),
}

/// How a payment has ended, as the clients of other languages tell it, with what is certain beside.
///
/// **If `ok` is false that does not mean that nothing was paid**: only the [outcome](Self::outcome) says so. After
/// [`Outcome::Unknown`] the payment must never be made by a new call without the same key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddTxResponse {
    /// True if the ledger has taken it.
    pub ok: bool,
    /// Its hash; empty when it was not taken, or is known to have been taken but not under which hash.
    pub tx_hash: String,
    /// Why not; empty when it was taken.
    pub error: String,
    /// How it stands.
    pub outcome: Outcome,
}

impl AddTxResponse {
    pub(super) fn taken(outcome: Outcome, tx_hash: impl Into<String>) -> Self {
        Self { ok: true, tx_hash: tx_hash.into(), error: String::new(), outcome }
    }

    pub(super) fn not_taken(outcome: Outcome) -> Self {
        let error = match &outcome {
            Outcome::Refused { code: Some(code), message } if message.is_empty() => code.clone(),
            Outcome::Refused { message, .. } if !message.is_empty() => message.clone(),
            Outcome::Refused { .. } => "refused by the ledger".into(),
            Outcome::NotPaid => "not paid: what was signed is too old to be taken".into(),
            Outcome::Duplicate(_) => "the ledger has the same transaction already".into(),
            Outcome::Paid | Outcome::Accepted | Outcome::Unknown(_) => "it is not known whether it was paid".into(),
        };
        Self { ok: false, tx_hash: String::new(), error, outcome }
    }

    /// The transaction to settle, when it is not known whether it was paid.
    pub fn unsettled(&self) -> Option<&SignedTransaction> {
        match &self.outcome {
            Outcome::Unknown(signed) | Outcome::Duplicate(signed) => Some(signed),
            Outcome::Paid | Outcome::Accepted | Outcome::Refused { .. } | Outcome::NotPaid => None,
        }
    }

    /// True if it is certain that nothing was paid, and nothing will be.
    pub const fn is_surely_unpaid(&self) -> bool {
        matches!(self.outcome, Outcome::Refused { .. } | Outcome::NotPaid)
    }
}
