//! Connections: how they begin and end, and what they joined.

use std::collections::BTreeSet;

use bytes::Bytes;
use mezon_protocol::transport::Frame;
use mezon_protocol::{ChannelId, ClanId, Now, UserId};
use percent_encoding::percent_decode_str;

use super::World;
use super::token::{Purpose, SOCKET};
use super::transcript::What;

/// A connection of a client. Later ones have greater numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId(pub u64);

/// Something for a connection to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The connection.
    pub conn: ConnId,
    /// What it is to do.
    pub action: Action,
}

/// What a connection is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send this frame.
    Frame(Frame),
    /// Send this as the next piece of the response: the connection is a stream of agents' events.
    Piece(Bytes),
    /// Close in good order with this WebSocket code. The world has forgotten the connection already.
    Close {
        /// The close code, 1001 for one that goes away.
        code: u16,
    },
    /// End the TCP connection without a word. The world has forgotten the connection already.
    Abort,
}

/// What a connection has joined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Joins {
    /// The clans, among them 0, which stands for direct messages.
    pub clans: BTreeSet<ClanId>,
    /// The channels.
    pub channels: BTreeSet<ChannelId>,
}

/// A connection as the world keeps it.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) user: UserId,
    pub(super) joins: Joins,
    /// Private channels of a joined clan in which the user already was when it joined: heard without a join of their
    /// own.
    pub(super) covered: BTreeSet<ChannelId>,
    /// Nothing goes in or out any more, though nobody has closed it.
    pub(super) half_open: bool,
}

impl World {
    /// A client wants a WebSocket: `target` is path and query of its upgrade request, with the token, or a credential of
    /// the socket in its place, in the query.
    ///
    /// On success the connection is open and `poll_transmit` may already have something for it.
    ///
    /// # Errors
    ///
    /// The HTTP status to answer with: 404 for another path than `/ws`, 401 for a token that is missing, unknown or
    /// expired, or what [`refuse_connect`](Self::refuse_connect) asked for.
    pub fn connect(&mut self, now: Now, target: &str) -> Result<ConnId, u16> {
        let admitted = self.admit(now, target);
        self.open_or_refuse(now, admitted)
    }

    /// A client wants a connection over abridged TCP, with this token.
    ///
    /// As [`connect`](Self::connect) in all else.
    ///
    /// # Errors
    ///
    /// The HTTP status to answer with: 401 for a token that is unknown or expired, or what
    /// [`refuse_connect`](Self::refuse_connect) asked for.
    pub fn connect_with_token(&mut self, now: Now, token: &str) -> Result<ConnId, u16> {
        let admitted = self.admit_token(now, token);
        self.open_or_refuse(now, admitted)
    }

    /// The connection has ended by the client's doing, or broke. Late and repeated calls are ignored.
    pub fn disconnected(&mut self, now: Now, conn: ConnId) {
        let user = self.connections.remove(&conn).map(|connection| connection.user);
        if let Some(user) = user.or_else(|| self.agent_streams.remove(&conn)) {
            self.record(now, What::Disconnected { conn, user, how: "the client left".to_owned() });
        }
    }

    /// The next thing for a connection to do. Drain it after every input.
    #[must_use]
    pub fn poll_transmit(&mut self) -> Option<Outgoing> {
        self.outgoing.pop_front()
    }

    /// What the user's newest connection has joined; nothing when there is none.
    pub fn joins(&self, user: UserId) -> Joins {
        self.newest_connection(user).and_then(|conn| self.joins_of(conn)).cloned().unwrap_or_default()
    }

    /// What a connection has joined, `None` when it has ended.
    pub fn joins_of(&self, conn: ConnId) -> Option<&Joins> {
        self.connections.get(&conn).map(|connection| &connection.joins)
    }

    /// The connections of a user, oldest first.
    pub fn connections_of(&self, user: UserId) -> Vec<ConnId> {
        self.connections.iter().filter(|(_, connection)| connection.user == user).map(|(conn, _)| *conn).collect()
    }

    /// The user's newest connection.
    pub fn newest_connection(&self, user: UserId) -> Option<ConnId> {
        self.connections.iter().rev().find(|(_, connection)| connection.user == user).map(|(conn, _)| *conn)
    }

    /// False when nothing that a client sends on this connection arrives: it has ended, or is half-open.
    pub fn is_listening(&self, conn: ConnId) -> bool {
        self.connections.get(&conn).is_some_and(|connection| !connection.half_open)
    }

    fn admit(&mut self, now: Now, target: &str) -> Result<UserId, u16> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path != "/ws" {
            return Err(404);
        }
        let token = query.split('&').find_map(|pair| pair.strip_prefix("token=")).unwrap_or_default();
        self.admit_token(now, &percent_decode_str(token).decode_utf8_lossy())
    }

    fn admit_token(&mut self, now: Now, token: &str) -> Result<UserId, u16> {
        if let Some(status) = self.faults.take_connect_refusal() {
            return Err(status);
        }
        let purpose = if token.starts_with(SOCKET) { Purpose::Socket } else { Purpose::Bearer };
        self.tokens.check(now, token, purpose).map_err(|_| 401)
    }

    fn open_or_refuse(&mut self, now: Now, admitted: Result<UserId, u16>) -> Result<ConnId, u16> {
        if let Err(status) = admitted {
            self.counters.connects_refused += 1;
            self.record(now, What::ConnectRefused { status });
        }
        Ok(self.open(now, admitted?))
    }

    fn open(&mut self, now: Now, user: UserId) -> ConnId {
        self.last_conn += 1;
        let conn = ConnId(self.last_conn);
        let connection = Connection { user, joins: Joins::default(), covered: BTreeSet::new(), half_open: false };
        self.connections.insert(conn, connection);
        self.counters.connects += 1;
        self.record(now, What::Connected { conn, user });
        if self.faults.take_close_at_once() {
            self.end(now, conn, Action::Close { code: 1001 });
        } else if self.settings.session_after_connect {
            self.push_session_to(now, conn);
        }
        conn
    }

    /// Ends a connection by the world's doing.
    pub(super) fn end(&mut self, now: Now, conn: ConnId, action: Action) {
        let Some(connection) = self.connections.get(&conn) else { return };
        let user = connection.user;
        // Through `transmit`, as a half-open connection does not even get its end.
        self.transmit(conn, action.clone());
        self.connections.remove(&conn);
        self.record(now, What::Disconnected { conn, user, how: format!("{action:?}") });
    }
}
