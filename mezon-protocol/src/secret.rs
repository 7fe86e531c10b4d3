//! Secrets that neither print nor serialise by accident.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD as STANDARD;
use zeroize::Zeroizing;

/// A token, key or password: printed as `[secret]`, compared by value, wiped from memory when dropped.
///
/// The only way to the text is [`expose`](Self::expose), so that every place where a secret leaves can be found by
/// that name.
///
/// ```
/// use mezon_protocol::Secret;
///
/// let key = Secret::from("a-very-secret-key");
/// assert_eq!(format!("{key:?}"), "[secret]");
/// assert_eq!(key.expose(), "a-very-secret-key");
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text itself. Keep it out of logs, errors and URLs that are logged.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// True when there is nothing to hide: the secret was never set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The `Authorization` header that has it as the name of a user without a password.
    pub(crate) fn basic(&self) -> Self {
        format!("Basic {}", STANDARD.encode(format!("{}:", self.expose()))).into()
    }

    /// The `Authorization` header that has it as a token.
    pub(crate) fn bearer(&self) -> Self {
        format!("Bearer {}", self.expose()).into()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}
