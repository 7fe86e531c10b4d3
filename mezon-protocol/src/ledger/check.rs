//! What is refused before signing: the ledger would refuse it too, or something would be lost.

use super::amount::{Amount, InvalidAmount};
use crate::id::UserId;

/// The longest note, in bytes of UTF-8.
pub const MAX_NOTE: usize = 512;

/// The longest extra info, in characters of its JSON text.
pub const MAX_EXTRA_INFO: usize = 5120;

/// What no text of a transaction may contain, in whatever case: the ledger takes it for an attack.
pub const FORBIDDEN: [&str; 19] = [
    "{{", "}}", "${", "#{", "{%", "%}", "%0a", "%0d", "%00", "%27", "%22", "%3c", "%3e", "ldap://", "ldaps://",
    "eval(", "exec(", "system(", "popen(",
];

/// Why a transfer is refused before anything is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTransfer {
    /// There is no such user: the id is 0.
    #[error("nobody is named: the user's id is 0")]
    EmptyUserId,
    /// Sender and receiver are the same.
    #[error("sender and receiver are the same")]
    SelfTransfer,
    /// The amount is none.
    #[error(transparent)]
    Amount(#[from] InvalidAmount),
    /// The amount is zero.
    #[error("the amount is zero")]
    AmountZero,
    /// The note is too long.
    #[error("the note has {len} bytes, the limit is {MAX_NOTE}")]
    TextTooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// The note has a vertical bar, by which somebody else could make a second payment of it.
    #[error("the note must not contain a vertical bar")]
    TextHasBar,
    /// Note or extra info contain what the ledger takes for an attack.
    #[error("note and extra info must not contain {0:?}")]
    ForbiddenRun(
        /// What it is, one of [`FORBIDDEN`].
        &'static str,
    ),
    /// The extra info is too long.
    #[error("the extra info has {len} characters, the limit is {MAX_EXTRA_INFO}")]
    ExtraInfoTooLong {
        /// Its length in characters.
        len: usize,
    },
    /// There is no proof.
    #[error("a transfer needs a proof")]
    ProofMissing,
}

impl InvalidTransfer {
    /// A short name that does not change, for logs and counters.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::EmptyUserId => "empty_user_id",
            Self::SelfTransfer => "self_transfer",
            Self::Amount(InvalidAmount::Syntax) => "amount_syntax",
            Self::Amount(InvalidAmount::TooManyFractionDigits) => "amount_too_many_fraction_digits",
            Self::Amount(InvalidAmount::NotCanonical) => "amount_not_canonical",
            Self::Amount(InvalidAmount::TooLarge) => "amount_too_large",
            Self::AmountZero => "amount_zero",
            Self::TextTooLong { .. } => "text_too_long",
            Self::TextHasBar => "text_has_bar",
            Self::ForbiddenRun(_) => "forbidden_run",
            Self::ExtraInfoTooLong { .. } => "extra_info_too_long",
            Self::ProofMissing => "proof_missing",
        }
    }
}

/// A transfer from user to user, before it is signed.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'a> {
    /// Who pays.
    pub sender: UserId,
    /// Who is paid.
    pub receiver: UserId,
    /// How much, in base units as text.
    pub amount: &'a str,
    /// The note.
    pub note: &'a str,
    /// The extra info as JSON text, or empty.
    pub extra_info: &'a str,
    /// Whether there is a proof.
    pub has_proof: bool,
}

impl Draft<'_> {
    /// Checks everything, in the order in which other clients do; gives the amount.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<Amount, InvalidTransfer> {
        if self.sender.is_none() || self.receiver.is_none() {
            return Err(InvalidTransfer::EmptyUserId);
        }
        if self.sender == self.receiver {
            return Err(InvalidTransfer::SelfTransfer);
        }
        let amount = Amount::parse_base_units(self.amount)?;
        check_content(amount, self.note, self.extra_info)?;
        if self.has_proof { Ok(amount) } else { Err(InvalidTransfer::ProofMissing) }
    }
}

fn check_content(amount: Amount, note: &str, extra_info: &str) -> Result<(), InvalidTransfer> {
    if amount.is_zero() {
        return Err(InvalidTransfer::AmountZero);
    }
    if note.len() > MAX_NOTE {
        return Err(InvalidTransfer::TextTooLong { len: note.len() });
    }
    if note.contains('|') {
        return Err(InvalidTransfer::TextHasBar);
    }
    if let Some(run) = forbidden_run(note).or_else(|| forbidden_run(extra_info)) {
        return Err(InvalidTransfer::ForbiddenRun(run));
    }
    match extra_info.chars().count() {
        len if len > MAX_EXTRA_INFO => Err(InvalidTransfer::ExtraInfoTooLong { len }),
        _ => Ok(()),
    }
}

/// The first of what is [`FORBIDDEN`] that a text contains.
pub fn forbidden_run(text: &str) -> Option<&'static str> {
    let text = text.to_ascii_lowercase();
    FORBIDDEN.into_iter().find(|run| text.contains(run))
}
