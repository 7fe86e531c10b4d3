//! What is said when a push cannot be decoded.

use std::fmt;

use super::EventKind;

/// Something the server pushed could not be decoded. The connection is not affected.
#[derive(Clone, PartialEq, Eq)]
pub struct DecodeError {
    field: u32,
    len: usize,
    excerpt: Box<[u8]>,
    cause: Malformed,
}

/// What was wrong with the bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    #[error(transparent)]
    Wire(#[from] prost::DecodeError),
    #[error("field {0} is longer than what there is")]
    Length(u32),
    #[error("field {0} is not UTF-8")]
    Text(u32),
    #[error("longer than 4 GiB")]
    TooLarge,
}

impl DecodeError {
    /// How many bytes of what could not be decoded are kept for the log.
    const EXCERPT: usize = 64;

    pub(crate) fn new(field: u32, bytes: &[u8], cause: impl Into<Malformed>) -> Self {
        let kept = if carries_credentials(field) { 0 } else { bytes.len().min(Self::EXCERPT) };
        Self { field, len: bytes.len(), excerpt: bytes[..kept].into(), cause: cause.into() }
    }

    /// The field number of the member of the Envelope.
    #[must_use]
    pub const fn field(&self) -> u32 {
        self.field
    }

    /// What it was, if this build knows it.
    #[must_use]
    pub const fn kind(&self) -> Option<EventKind> {
        EventKind::from_field(self.field)
    }

    /// The first 64 bytes, or less, in hexadecimal; nothing of what may carry credentials.
    ///
    /// They may show the text of a message: they belong into a log of raw frames, and are not part of what `Display`
    /// and `Debug` write.
    #[must_use]
    pub fn hex(&self) -> String {
        use fmt::Write;

        let mut hex = String::with_capacity(2 * self.excerpt.len());
        for byte in &self.excerpt {
            write!(hex, "{byte:02x}").expect("writing to a String does not fail");
        }
        hex
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.kind().map_or("unknown member", EventKind::name);
        write!(f, "undecodable push: {name} (field {}), {} bytes", self.field, self.len)
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecodeError")
            .field("field", &self.field)
            .field("len", &self.len)
            .field("cause", &self.cause)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for DecodeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

/// True for members whose bytes may hold a token.
const fn carries_credentials(field: u32) -> bool {
    matches!(EventKind::from_field(field), Some(EventKind::SessionGiven | EventKind::ApiRequest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_excerpt_is_at_most_64_bytes_and_not_shown_unasked() {
        let error = DecodeError::new(6, &[0xab; 1000], Malformed::Text(8));
        assert_eq!(error.hex(), "ab".repeat(64));
        assert_eq!(error.to_string(), "undecodable push: channel_message (field 6), 1000 bytes");
        assert!(!format!("{error:?}").contains("abab"));
        assert_eq!(DecodeError::new(6, &[1, 2], Malformed::TooLarge).hex(), "0102");
    }

    #[test]
    fn nothing_of_credentials_is_kept() {
        for kind in [EventKind::SessionGiven, EventKind::ApiRequest] {
            assert_eq!(DecodeError::new(kind.field(), b"token", Malformed::TooLarge).hex(), "");
        }
    }
}
