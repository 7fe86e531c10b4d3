//! What the Machine asks of an adapter, and the names by which answers come back.

use std::fmt;
use std::time::Duration;

use crate::exchange::HttpRequest;

/// Names one socket. Never used twice, so what an old socket still delivers is recognised and dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(pub(crate) u64);

/// Names one HTTP exchange. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub(crate) u64);

/// Work that the Machine wants done.
///
/// The Machine has a deadline for each; an adapter needs none of its own.
pub enum Transmit {
    /// Open a plain TCP connection, through the proxy if there is one, and then say
    /// [`handle_socket_opened`](crate::Machine::handle_socket_opened), or
    /// [`handle_socket_closed`](crate::Machine::handle_socket_closed) with [`SocketEnd::Unreachable`].
    /// TLS and the handshake are made of bytes by the Machine.
    OpenSocket {
        /// Its name from now on.
        socket: SocketId,
        /// A host name, or an IP address without brackets.
        host: String,
        /// The TCP port.
        port: u16,
    },
    /// Let go of a socket, opened or still opening: write `last_words` if that is possible without waiting long, and
    /// drop it. Nothing needs to be said about it afterwards.
    CloseSocket {
        /// Which.
        socket: SocketId,
        /// The last bytes to write, possibly none.
        last_words: Vec<u8>,
    },
    /// Perform an HTTP exchange and say [`handle_http`](crate::Machine::handle_http).
    Http {
        /// Its name.
        id: RequestId,
        /// The request.
        request: HttpRequest,
    },
    /// Let go of an HTTP exchange: its answer is of no interest any more.
    CancelHttp {
        /// Which.
        id: RequestId,
    },
}

/// Shows no bytes: they may hold a token.
impl fmt::Debug for Transmit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OpenSocket { socket, host, port } => {
                f.debug_struct("OpenSocket").field("socket", socket).field("host", host).field("port", port).finish()
            }
            Self::CloseSocket { socket, last_words } => f
                .debug_struct("CloseSocket")
                .field("socket", socket)
                .field("last_words_len", &last_words.len())
                .finish(),
            Self::Http { id, request } => f.debug_struct("Http").field("id", id).field("request", request).finish(),
            Self::CancelHttp { id } => f.debug_struct("CancelHttp").field("id", id).finish(),
        }
    }
}

/// How a socket ended, in the words of the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SocketEnd {
    /// It could not be opened: name, route, refusal, proxy.
    Unreachable(String),
    /// The end of the stream was read.
    Eof,
    /// Reading or writing failed.
    Failed(String),
}

/// When [`handle_timeout`](crate::Machine::handle_timeout) is wanted, and what for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline {
    /// The time, as [`Now::elapsed`](crate::Now::elapsed) counts it.
    pub at: Duration,
    /// What will happen then, for those who debug a loop.
    pub reason: Wake,
}

/// Why a [`Deadline`] is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Wake {
    /// Connecting takes too long.
    ConnectTimeout,
    /// The next attempt to connect begins.
    Reconnect,
    /// A ping is due, or its answer is.
    Heartbeat,
    /// A join is due, or its answer is.
    Join,
    /// A call's time is up, or its wait over.
    Call,
    /// An edit that waited may be made.
    Edit,
    /// A user's session is to be refreshed.
    Renewal,
    /// The next request for what was missed may be made.
    Backfill,
    /// An HTTP exchange takes too long.
    Http,
    /// A rate limit lets the next request go.
    RateLimit,
    /// A shutdown's time is up.
    Shutdown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_words_are_not_printed_as_they_may_hold_a_token() {
        let transmit = Transmit::CloseSocket { socket: SocketId(1), last_words: vec![113, 119, 101] };
        assert_eq!(format!("{transmit:?}"), "CloseSocket { socket: SocketId(1), last_words_len: 3 }");
    }
}
