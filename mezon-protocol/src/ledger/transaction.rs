//! Transactions: what is signed, and what goes to the ledger.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::key::EphemeralKey;
use super::proof::Proof;
use super::signature;

/// What a transaction is to the ledger. What it is to people stands in the extra info.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransactionKind {
    /// Tokens from a user, by a key that a proof binds to the user.
    Transfer,
    /// Tokens from an account whose address is its key.
    ByKey,
    /// Content that is stored on the ledger, by a key that a proof binds to the user.
    UserContent,
}

impl TransactionKind {
    /// The number on the wire.
    pub const fn number(self) -> i32 {
        match self {
            Self::Transfer => 0,
            Self::ByKey => 1,
            Self::UserContent => 2,
        }
    }

    /// True if the ledger wants a proof for a transaction of this number: for all but those by key.
    pub const fn needs_proof(number: i32) -> bool {
        number != Self::ByKey.number()
    }
}

/// A transaction as the ledger takes it (`tx_msg`): every field is on the wire as it is here.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Transaction {
    /// The number of its [`TransactionKind`].
    #[serde(rename = "type")]
    pub kind: i32,
    /// The address that pays.
    pub sender: String,
    /// The address that is paid.
    pub recipient: String,
    /// Base units, without leading zeros.
    pub amount: String,
    /// When it was made, in milliseconds since 1970. It is not signed, and the ledger puts its own time in its place.
    pub timestamp: u64,
    /// The note.
    pub text_data: String,
    /// How fresh it is: a slot of the ledger.
    pub nonce: u64,
    /// JSON text, or empty.
    pub extra_info: String,
    /// The proof, in base64; empty for a transaction by key.
    pub zk_proof: String,
    /// What the proof is about, in base64; empty for a transaction by key.
    pub zk_pub: String,
}

impl Transaction {
    /// The text that is signed. Time and proof are no part of it.
    pub fn signed_text(&self) -> String {
        let Self { kind, sender, recipient, amount, text_data, nonce, extra_info, .. } = self;
        format!("{kind}|{sender}|{recipient}|{amount}|{text_data}|{nonce}|{extra_info}")
    }

    /// By what the ledger tells transactions apart.
    pub fn dedup_key(&self) -> DedupKey {
        DedupKey(Sha256::digest(self.signed_text()).into())
    }

    /// With the proof of its sender.
    #[must_use]
    pub fn with_proof(mut self, proof: &Proof) -> Self {
        self.zk_proof.clone_from(&proof.proof);
        self.zk_pub.clone_from(&proof.public_input);
        self
    }

    /// Signs it; from then on it must not be changed.
    pub fn sign(self, key: &EphemeralKey) -> SignedTransaction {
        let signature = signature::sign(key, self.kind, &self.signed_text());
        SignedTransaction { transaction: self, signature }
    }
}

/// Shows no proof.
impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction")
            .field("kind", &self.kind)
            .field("sender", &self.sender)
            .field("recipient", &self.recipient)
            .field("amount", &self.amount)
            .field("nonce", &self.nonce)
            .finish_non_exhaustive()
    }
}

/// By what the ledger tells transactions apart: the hash of what is signed. Two with the same one are the same payment.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DedupKey([u8; 32]);

impl fmt::Display for DedupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&bs58::encode(&self.0).into_string())
    }
}

impl fmt::Debug for DedupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A transaction with its signature: what `tx.addtx` takes. It may be sent as often as one likes, and is paid once.
///
/// It can be stored by serde; the form is that of the wire.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedTransaction {
    /// The transaction.
    #[serde(rename = "tx_msg")]
    pub transaction: Transaction,
    /// Its signature, wrapped as the kind of the transaction wants it.
    pub signature: String,
}

/// Shows no signature.
impl fmt::Debug for SignedTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SignedTransaction").field(&self.transaction).finish()
    }
}
