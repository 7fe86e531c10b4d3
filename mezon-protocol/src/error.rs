//! The one public error.

use std::fmt;
use std::time::Duration;

use crate::event::Cause;
use crate::id::InvalidId;

/// Whether what a failed call asked for has left this client.
///
/// This is what decides if a call may be made again without the risk of doing a thing twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sent {
    /// Its bytes were never taken by the adapter: nothing has happened.
    No,
    /// It may or may not have reached the server.
    Unknown,
    /// The server answered.
    Yes,
}

/// What went wrong with a call or a connection, and whether it was sent.
///
/// Two are equal if these two are. Users branch on [`kind`](Self::kind) or on the questions below; the text of an error is for people only.
#[derive(Clone, Eq)]
pub struct Error {
    kind: ErrorKind,
    sent: Sent,
    status: Option<u16>,
}

/// The kinds of [`Error`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// There is no connection that could carry the call.
    #[error("not connected")]
    NotConnected,
    /// The attempt to connect failed, and no other is made by itself.
    #[error("connecting failed: {0}")]
    ConnectFailed(Box<Cause>),
    /// The connection ended while the call was under way.
    #[error("the connection ended while the call was under way")]
    Disconnected,
    /// The client was closed or shut down, or its driver has ended.
    #[error("the client is closed")]
    Closed,
    /// No answer came in time.
    #[error("no answer came in time")]
    Timeout,
    /// It waited in the outbox for longer than it may.
    #[error("waited in the outbox for too long")]
    Expired,
    /// It was given up for a newer one, as the outbox was full.
    #[error("given up for a newer one: the outbox is full")]
    Displaced,
    /// The call was cancelled.
    #[error("the call was cancelled")]
    Cancelled,
    /// The server refused. Codes are those of gRPC for API calls, of the realtime `Error` for socket requests.
    #[error("refused by the server: code {code}: {message}")]
    Refused {
        /// The server's code, as it came.
        code: i32,
        /// The server's text, as it came, at most 1 KiB; may be empty.
        message: String,
    },
    /// What was asked for does not exist.
    #[error("not found: {what}")]
    NotFound {
        /// What was looked for.
        what: String,
    },
    /// The server wants fewer requests.
    #[error("rate limited by the server")]
    RateLimited {
        /// How long the server asked to wait, if it said.
        after: Option<Duration>,
    },
    /// As many calls are pending as the limit allows.
    #[error("too many calls in flight")]
    TooManyInFlight,
    /// A text is longer than the platform takes.
    #[error("too long: {len} UTF-16 units, the limit is {limit}")]
    TooLong {
        /// Its length in UTF-16 code units.
        len: usize,
        /// The limit that applies.
        limit: usize,
    },
    /// A frame or an answer is larger than its bound.
    #[error("too large: the limit is {limit} bytes")]
    TooLarge {
        /// The bound in bytes.
        limit: usize,
    },
    /// An argument cannot be right, whatever the server says.
    #[error("invalid argument: {0}")]
    InvalidArgument(String),
    /// The configuration cannot be right.
    #[error("invalid configuration: {0}")]
    Config(String),
    /// The credentials were refused. Trying again with the same ones is of no use.
    #[error("the credentials were refused: {0}")]
    Auth(String),
    /// Something that this call needs is not there yet.
    #[error("not ready: {0}")]
    NotReady(String),
    /// This transport or this build cannot do it.
    #[error("not supported: {0}")]
    Unsupported(String),
    /// TLS did not come about: the certificate of the server is for another host, has expired or is not trusted, or the
    /// server speaks no TLS.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// A payment was not made: nothing was paid.
    #[cfg(feature = "ledger")]
    #[error(transparent)]
    Ledger(crate::ledger::LedgerError),
    /// An answer could not be understood.
    #[error("undecodable answer: {0}")]
    Decode(String),
}

impl Error {
    /// An error of a kind, with the word on whether the call was sent.
    pub const fn new(kind: ErrorKind, sent: Sent) -> Self {
        Self { kind, sent, status: None }
    }

    /// An error of something that never left this client.
    pub const fn unsent(kind: ErrorKind) -> Self {
        Self::new(kind, Sent::No)
    }

    /// An error that the server's answer tells of.
    pub const fn answered(kind: ErrorKind) -> Self {
        Self::new(kind, Sent::Yes)
    }

    /// What went wrong.
    pub const fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// Whether the call has left this client.
    pub const fn sent(&self) -> Sent {
        self.sent
    }

    pub(crate) fn with_status(self, status: u16) -> Self {
        Self { status: Some(status), ..self }
    }

    /// The HTTP status that the server refused with; none where it refused otherwise, or did not answer.
    #[doc(alias = "statusCode")]
    pub const fn status(&self) -> Option<u16> {
        self.status
    }

    /// True if the same call may succeed later, nothing else changed.
    ///
    /// It does not say that repeating is safe: for a call that is not idempotent ask [`sent`](Self::sent) too.
    pub const fn is_retryable(&self) -> bool {
        match &self.kind {
            ErrorKind::NotConnected
            | ErrorKind::ConnectFailed(_)
            | ErrorKind::Disconnected
            | ErrorKind::Timeout
            | ErrorKind::Expired
            | ErrorKind::Displaced
            | ErrorKind::RateLimited { .. }
            | ErrorKind::TooManyInFlight
            | ErrorKind::NotReady(_)
            // certificates are renewed, and networks that replace them are left
            | ErrorKind::Tls(_) => true,
            // gRPC: 4 deadline exceeded, 8 resource exhausted, 10 aborted, 14 unavailable
            ErrorKind::Refused { code, .. } => matches!(code, 4 | 8 | 10 | 14),
            ErrorKind::Closed
            | ErrorKind::Cancelled
            | ErrorKind::NotFound { .. }
            | ErrorKind::TooLong { .. }
            | ErrorKind::TooLarge { .. }
            | ErrorKind::InvalidArgument(_)
            | ErrorKind::Config(_)
            | ErrorKind::Auth(_)
            | ErrorKind::Unsupported(_)
            | ErrorKind::Decode(_) => false,
            #[cfg(feature = "ledger")]
            ErrorKind::Ledger(error) => matches!(error, crate::ledger::LedgerError::NothingSent(_)),
        }
    }

    /// How long the server asked to wait before the next try, if it did.
    pub const fn retry_after(&self) -> Option<Duration> {
        if let ErrorKind::RateLimited { after } = self.kind { after } else { None }
    }

    /// True if nothing will work before new credentials are given.
    pub const fn requires_login(&self) -> bool {
        matches!(self.kind, ErrorKind::Auth(_) | ErrorKind::Refused { code: 16, .. })
    }
}

impl PartialEq for Error {
    fn eq(&self, other: &Self) -> bool {
        (&self.kind, self.sent) == (&other.kind, other.sent)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error").field("kind", &self.kind).field("sent", &self.sent).finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.kind, f)
    }
}

impl std::error::Error for Error {}

impl From<InvalidId> for Error {
    fn from(error: InvalidId) -> Self {
        Self::unsent(ErrorKind::InvalidArgument(error.to_string()))
    }
}
