//! Addresses: who an account of the ledger belongs to.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::key::PublicKey;
use crate::id::UserId;

/// The address of an account: 32 bytes, written in base58.
///
/// That of a user is the hash of the user's id, so nobody can sign for it alone: a [proof](super::Proof) binds a key to it.
///
/// ```
/// use mezon_protocol::UserId;
/// use mezon_protocol::ledger::Address;
///
/// let address = Address::of_user(UserId::new(1_767_478_432_163_172_999));
/// assert_eq!(address.to_string(), "BNktLdutWyfPgNAXZDar1vuhVq8VSCuaDGa3CRVBZnRx");
/// assert_eq!("BNktLdutWyfPgNAXZDar1vuhVq8VSCuaDGa3CRVBZnRx".parse(), Ok(address));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address([u8; 32]);

/// A text that is not base58 of exactly 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address: base58 text of 32 bytes is wanted")]
pub struct InvalidAddress;

impl Address {
    /// The address of a user. Note that the user 0, which stands for "none", has one like any other.
    pub fn of_user(user: UserId) -> Self {
        Self::of_id_text(&user.to_string())
    }

    /// The address of a user whose id is given as it is written. `42` and `042` have different ones.
    pub fn of_id_text(user: &str) -> Self {
        Self(Sha256::digest(user).into())
    }

    /// The address of an account that belongs to a key itself, such as a treasury.
    pub const fn of_key(key: &PublicKey) -> Self {
        Self(*key.as_bytes())
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        bytes_of(text).map(Self).ok_or(InvalidAddress)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&bs58::encode(&self.0).into_string())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// 32 bytes of base58 text.
pub(super) fn bytes_of(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let len = bs58::decode(text).onto(&mut bytes).ok()?;
    (len == bytes.len()).then_some(bytes)
}
