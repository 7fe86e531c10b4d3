//! The key that signs.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::{Signer, SigningKey};
use zeroize::Zeroizing;

use super::address::bytes_of;
use crate::hex;
use crate::secret::Secret;

/// What stands before the seed in an exported key. It looks like PKCS#8, but one of its lengths is wrong; this is the
/// form that other clients of the ledger write.
const PREFIX: &str = "302e020100300b06032b657004220420";

/// The length of a seed in bytes.
const SEED: usize = 32;

/// A pair of Ed25519 keys that signs transactions. By itself it owns nothing: a [proof](super::Proof) binds it to the
/// address of a user.
///
/// It is wiped from memory when dropped, and never printed.
///
/// ```
/// use mezon_protocol::ledger::EphemeralKey;
///
/// let key = EphemeralKey::from_seed(&[7; 32]); // 32 bytes of chance, in earnest
/// let stored = key.export();
/// assert_eq!(EphemeralKey::import(stored.expose())?.public_key(), key.public_key());
/// # Ok::<(), mezon_protocol::ledger::InvalidKey>(())
/// ```
#[derive(Clone)]
#[doc(alias = "ephemeral_key_pair")]
pub struct EphemeralKey(SigningKey);

/// A text from which no key can be read. The text is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a key: hexadecimal text of at least 32 bytes is wanted")]
pub struct InvalidKey;

impl EphemeralKey {
    /// The key of these 32 bytes, which must come from a secure source of chance, such as the operating system's.
    pub fn from_seed(seed: &[u8; SEED]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// Reads a key: the exported form, PKCS#8, or the seed alone, as hexadecimal digits of either case. Of a longer text
    /// the last 32 bytes count.
    ///
    /// # Errors
    ///
    /// When the text is shorter, has an odd length, or anything but digits.
    pub fn import(text: &str) -> Result<Self, InvalidKey> {
        let text = text.as_bytes();
        let are_digits = text.iter().all(u8::is_ascii_hexdigit);
        if !are_digits || text.len() % 2 != 0 || text.len() < 2 * SEED {
            return Err(InvalidKey);
        }
        let mut seed = Zeroizing::new([0; SEED]);
        let digits = &text[text.len() - 2 * SEED..];
        for (byte, pair) in seed.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = digit(pair[0]) << 4 | digit(pair[1]);
        }
        Ok(Self::from_seed(&seed))
    }

    /// The key as text that other clients read too: 96 lower-case hexadecimal digits.
    pub fn export(&self) -> Secret {
        let seed = Zeroizing::new(hex::encode(self.0.as_bytes()));
        Secret::from([PREFIX, &seed].concat())
    }

    /// The public half.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs bytes; the same ones always give the same signature.
    pub fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.0.sign(bytes).to_bytes()
    }
}

/// The value of a digit, which must be one.
const fn digit(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

/// Shows the public half only.
impl fmt::Debug for EphemeralKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EphemeralKey").field("public_key", &self.public_key()).finish_non_exhaustive()
    }
}

/// The public half of a key, written in base58.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// A public key of these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for PublicKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        bytes_of(text).map(Self).ok_or(InvalidKey)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&bs58::encode(&self.0).into_string())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
