//! The life of the connection, as its user sees it.

use std::time::Duration;

use crate::error::{Error, ErrorKind};
use crate::id::{ChannelId, ClanId};
use crate::machine::BackfillReport;
use crate::session::Session;

/// A change in the life of the connection.
///
/// | event | when | state after it |
/// |---|---|---|
/// | `Connecting` | an attempt begins | Connecting |
/// | `Connected` | the socket is open, joins begin | Connecting |
/// | `Ready` | authenticated, open, everything joined | Ready |
/// | `BackfillDone` | what was missed before a `Ready` has been given | Ready |
/// | `Disconnected` | the connection ended, or a stalled one was noticed | Reconnecting, Disconnected or Closed |
/// | `Fatal` | no further attempt will be made | Closed |
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Lifecycle {
    /// An attempt to connect begins.
    Connecting {
        /// 0 for the first attempt since the connection was last Ready, then counting up.
        attempt: u32,
    },
    /// The socket is open and the joins begin. Nothing may be expected to arrive before `Ready`.
    Connected,
    /// Authenticated, the socket open, and every join answered.
    Ready {
        /// False after a first login, true after a reconnect.
        resumed: bool,
        /// How long we were away. `None` after a first login, unless it is known where an earlier client left off, as
        /// its messages are stored; then it may be about two minutes too long. The messages of that time are fetched from
        /// now on, as [`Config::backfill`](crate::Config::backfill) says; `BackfillDone` tells when that is done.
        gap: Option<Duration>,
    },
    /// The messages that were missed have been given, as far as they are fetched. Comes once after each `Ready`
    /// with a gap, unless the connection drops before it or the backfill is off.
    BackfillDone {
        /// What was done, and what was beyond the bounds.
        report: Box<BackfillReport>,
    },
    /// The connection ended, or was found dead and given up.
    Disconnected {
        /// Why.
        cause: Cause,
        /// When the next attempt begins, from now; `None` when there will be none.
        will_retry_in: Option<Duration>,
    },
    /// No further attempt will be made. Happens once; the client is Closed.
    Fatal {
        /// Why.
        reason: Fatal,
    },
    /// A join was refused. It is tried again; the connection is up nevertheless.
    JoinFailed {
        /// What was to be joined.
        target: JoinTarget,
        /// What the server said.
        error: Error,
    },
    /// The server gave new credentials, or we fetched them. Whoever stores the session stores it now.
    SessionRefreshed {
        /// The session as it is now; [`Session::export`] has it in a form that can be stored.
        session: Box<Session>,
    },
    /// The session of a user is over: the server refuses to renew it, or there is none. Nothing that needs one will work
    /// before somebody logs in; the client does not do that by itself. A connection that is up stays so for now.
    LoginRequired {
        /// What the server said.
        reason: Error,
    },
    /// Events were dropped here because their receiver did not take them in time.
    Lagged {
        /// How many.
        dropped: u64,
    },
}

/// Why a connection ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// We closed it: `close` or `shutdown` was called.
    #[error("closed by us")]
    Closed,
    /// A fresh connection was asked for by `reconnect`.
    #[error("replaced on request")]
    Replaced,
    /// The server closed it in good order.
    #[error("closed by the server (code {code:?})")]
    ClosedByServer {
        /// The close code, if there was one.
        code: Option<u16>,
    },
    /// The stream ended or broke.
    #[error("the connection was lost: {0}")]
    Lost(String),
    /// Nothing came in answer to a ping: the connection was dead without saying so.
    #[error("nothing came in answer to a ping")]
    HeartbeatTimeout,
    /// A join was not answered, twice: the connection is deaf.
    #[error("the server does not answer")]
    Unresponsive,
    /// The server could not be reached, for the login or for the socket.
    #[error("unreachable: {0}")]
    Unreachable(String),
    /// TCP, TLS and upgrade took longer than the connect timeout.
    #[error("connecting took too long")]
    ConnectTimeout,
    /// The handshake was refused: the token is not accepted.
    #[error("the token was refused (HTTP status {status})")]
    Rejected {
        /// 401 or 403.
        status: u16,
    },
    /// The handshake was answered by another HTTP status than 101.
    #[error("the server answered with HTTP status {status}")]
    HttpStatus {
        /// The status.
        status: u16,
    },
    /// Closed right after opening, before anything came. It proves nothing about the token.
    #[error("closed right after opening")]
    ClosedAtOnce,
    /// TLS failed, at the login or on the socket: the certificate is for another host, has expired or is not trusted, or
    /// the server speaks no TLS. Such an attempt is repeated as one that reached nobody is: a certificate may be renewed.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// The server broke the rules of the transport.
    #[error("transport error: {0}")]
    Transport(String),
    /// Logging in failed for a reason that may pass.
    #[error("login failed: {0}")]
    Login(Box<Error>),
    /// The lists that say what to join could not be had.
    #[error("listing what to join failed: {0}")]
    Listing(Box<Error>),
}

/// Why no further attempt is made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fatal {
    /// The login route refused the credentials of a bot (400, 401, 403 or 404), or a user's session is over.
    #[error("the credentials were refused: {0}")]
    Refused(Error),
    /// The configured number of attempts is used up.
    #[error("gave up: {last}")]
    GaveUp {
        /// What the last attempt ended with.
        last: Cause,
    },
}

/// As what waits for the connection fails then.
impl From<Fatal> for Error {
    fn from(reason: Fatal) -> Self {
        match reason {
            Fatal::Refused(error) => error,
            Fatal::GaveUp { last } => Self::unsent(ErrorKind::ConnectFailed(Box::new(last))),
        }
    }
}

/// What is joined: a whole clan, or one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JoinTarget {
    /// A clan; clan 0 is the space of direct and group messages.
    Clan(ClanId),
    /// A channel.
    Channel(ChannelId),
}
