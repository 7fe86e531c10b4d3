//! The classes of errors that the light SDK has.

use crate::error::Error;

/// Logging in failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct AuthenticationError {
    /// What went wrong, for people.
    pub message: String,
    /// The HTTP status that the server refused with, if it answered.
    #[doc(alias = "statusCode")]
    pub status_code: Option<u16>,
}

/// A session could not be restored, or refreshed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SessionError {
    /// What went wrong, for people.
    pub message: String,
    /// The HTTP status that the server refused with, if it was asked and answered.
    #[doc(alias = "statusCode")]
    pub status_code: Option<u16>,
}

/// The socket could not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SocketError {
    /// What went wrong, for people.
    pub message: String,
}

impl From<Error> for AuthenticationError {
    fn from(error: Error) -> Self {
        Self { message: error.to_string(), status_code: error.status() }
    }
}

impl From<Error> for SessionError {
    fn from(error: Error) -> Self {
        Self { message: error.to_string(), status_code: error.status() }
    }
}

impl From<Error> for SocketError {
    fn from(error: Error) -> Self {
        Self { message: error.to_string() }
    }
}
