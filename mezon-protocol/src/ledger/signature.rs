//! Signatures as the ledger takes them: both sides of it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use serde::{Deserialize, Serialize};

use super::address::Address;
use super::key::{EphemeralKey, PublicKey};
use super::transaction::TransactionKind;

/// The longest text of a signature that the ledger looks at, in bytes.
pub const MAX_SIGNATURE: usize = 2048;

/// A signature that the ledger would refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature is not valid")]
pub struct InvalidSignature;

/// What a signature is wrapped in where the sender's address is no key.
#[derive(Serialize, Deserialize)]
struct Wrapped {
    #[serde(rename = "PubKey")]
    public_key: String,
    #[serde(rename = "Sig")]
    signature: String,
}

/// Signs the [text](super::Transaction::signed_text) of a transaction of a kind (by its number), and wraps the signature
/// as the ledger takes it.
pub fn sign(key: &EphemeralKey, kind: i32, text: &str) -> String {
    let signature = key.sign(text.as_bytes());
    if !TransactionKind::needs_proof(kind) {
        return bs58::encode(signature).into_string();
    }
    let wrapped =
        Wrapped { public_key: STANDARD.encode(key.public_key().as_bytes()), signature: STANDARD.encode(signature) };
    bs58::encode(serde_json::to_vec(&wrapped).expect("texts always serialise")).into_string()
}

/// Checks a wrapped signature of a text, as the ledger does; gives the key that has signed. Whether that key may sign for
/// the sender is not looked at, unless the kind is by key.
///
/// # Errors
///
/// When it is not one, or not of this text.
pub fn verify(kind: i32, sender: &str, text: &str, wrapped: &str) -> Result<PublicKey, InvalidSignature> {
    if wrapped.is_empty() || wrapped.len() > MAX_SIGNATURE {
        return Err(InvalidSignature);
    }
    let inner = bs58::decode(wrapped).into_vec().map_err(|_| InvalidSignature)?;
    let (key, signature) = if TransactionKind::needs_proof(kind) {
        let wrapped: Wrapped = serde_json::from_slice(&inner).map_err(|_| InvalidSignature)?;
        (decode(&wrapped.public_key)?, decode(&wrapped.signature)?)
    } else {
        let sender: Address = sender.parse().map_err(|_| InvalidSignature)?;
        (*sender.as_bytes(), inner.try_into().map_err(|_| InvalidSignature)?)
    };
    let verifying = VerifyingKey::from_bytes(&key).map_err(|_| InvalidSignature)?;
    let is_right = verifying.verify_strict(text.as_bytes(), &Signature::from_bytes(&signature));
    is_right.map(|()| PublicKey::from_bytes(key)).map_err(|_| InvalidSignature)
}

fn decode<const N: usize>(base64: &str) -> Result<[u8; N], InvalidSignature> {
    let bytes = STANDARD.decode(base64).map_err(|_| InvalidSignature)?;
    bytes.try_into().map_err(|_| InvalidSignature)
}
