//! Faults: what goes wrong on demand. They combine.
//!
//! Those with a number of times count down with each request that they hit. Setting one again adds to what is left.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::envelope::Message;
use mezon_protocol::transport::Frame;
use mezon_protocol::wire::raw;
use mezon_protocol::{ChannelId, ClanId, Now, UserId};

use super::World;
use super::connection::{Action, ConnId};
use super::refusal::{INVALID_ARGUMENT, Refusal};
use super::timers::Planned;

/// What a join is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A clan; 0 stands for direct messages.
    Clan(ClanId),
    /// A channel.
    Channel(ChannelId),
}

impl From<ClanId> for Target {
    fn from(clan: ClanId) -> Self {
        Self::Clan(clan)
    }
}

impl From<ChannelId> for Target {
    fn from(channel: ChannelId) -> Self {
        Self::Channel(channel)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clan(clan) => write!(f, "clan {clan}"),
            Self::Channel(channel) => write!(f, "channel {channel}"),
        }
    }
}

/// Something that happens a number of times.
#[derive(Clone, Debug)]
struct Counted<T> {
    what: T,
    left: u32,
}

/// Several of them: each request meets the first one that fits.
#[derive(Clone, Debug)]
struct Queue<T>(VecDeque<Counted<T>>);

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<T: Clone> Queue<T> {
    fn add(&mut self, what: T, times: u32) {
        if times > 0 {
            self.0.push_back(Counted { what, left: times });
        }
    }

    fn take(&mut self, fits: impl Fn(&T) -> bool) -> Option<T> {
        let index = self.0.iter().position(|counted| fits(&counted.what))?;
        let counted = self.0.get_mut(index)?;
        counted.left -= 1;
        let what = counted.what.clone();
        if counted.left == 0 {
            self.0.remove(index);
        }
        Some(what)
    }
}

/// A number that counts down to 0.
#[derive(Clone, Copy, Debug, Default)]
struct Countdown(u32);

impl Countdown {
    fn add(&mut self, times: u32) {
        self.0 = self.0.saturating_add(times);
    }

    fn take(&mut self) -> bool {
        let left = self.0 > 0;
        self.0 = self.0.saturating_sub(1);
        left
    }
}

/// How a login or an HTTP call is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HttpRefusal {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
}

#[derive(Debug, Default)]
pub(super) struct Faults {
    logins: Queue<HttpRefusal>,
    connects: Queue<u16>,
    closes_at_once: Countdown,
    joins: Queue<Target>,
    swallowed_joins: Countdown,
    swallowed_acks: Countdown,
    swallowed_pongs: Countdown,
    duplicates: Countdown,
    ack_delay: Duration,
    http_delay: Duration,
    sends: Queue<Refusal>,
    http: Queue<(String, HttpRefusal)>,
    puts: Queue<u16>,
    broken_puts: Countdown,
    socket_calls: Queue<(String, Refusal)>,
}

impl Faults {
    pub(super) fn take_login_refusal(&mut self) -> Option<HttpRefusal> {
        self.logins.take(|_| true)
    }

    pub(super) fn take_connect_refusal(&mut self) -> Option<u16> {
        self.connects.take(|_| true)
    }

    pub(super) fn take_close_at_once(&mut self) -> bool {
        self.closes_at_once.take()
    }

    pub(super) fn take_join_refusal(&mut self, target: Target) -> bool {
        self.joins.take(|refused| *refused == target).is_some()
    }

    pub(super) fn take_swallowed_join(&mut self) -> bool {
        self.swallowed_joins.take()
    }

    pub(super) fn take_swallowed_ack(&mut self) -> bool {
        self.swallowed_acks.take()
    }

    pub(super) fn take_swallowed_pong(&mut self) -> bool {
        self.swallowed_pongs.take()
    }

    pub(super) fn take_duplicate(&mut self) -> bool {
        self.duplicates.take()
    }

    pub(super) fn ack_delay(&self) -> Duration {
        self.ack_delay
    }

    pub(super) fn take_send_refusal(&mut self) -> Option<Refusal> {
        self.sends.take(|_| true)
    }

    pub(super) fn take_http_refusal(&mut self, name: &str) -> Option<HttpRefusal> {
        self.http.take(|(refused, _)| refused == name).map(|(_, refusal)| refusal)
    }

    pub(super) fn take_put_refusal(&mut self) -> Option<u16> {
        self.puts.take(|_| true)
    }

    pub(super) fn take_call_refusal(&mut self, name: &str) -> Option<Refusal> {
        self.socket_calls.take(|(refused, _)| refused == name).map(|(_, refusal)| refusal)
    }
}

/// # Faults of connections
///
/// They hit all connections that the user has, and do nothing when there is none. Each gives the number that it hit.
impl World {
    /// Closes in good order, with a WebSocket close frame of that code.
    pub fn drop_connection(&mut self, now: Now, user: UserId, code: u16) -> usize {
        self.end_all(now, user, &Action::Close { code })
    }

    /// Ends the TCP connection without a close frame.
    pub fn abort(&mut self, now: Now, user: UserId) -> usize {
        self.end_all(now, user, &Action::Abort)
    }

    /// Lets connections stay, but everything sent either way vanishes: no answers, no pushes, no pongs, no end.
    pub fn half_open(&mut self, user: UserId) -> usize {
        let connections = self.connections_of(user);
        for conn in &connections {
            if let Some(connection) = self.connections.get_mut(conn) {
                connection.half_open = true;
            }
        }
        connections.len()
    }

    /// Drops every connection after each such time, chosen by the seed: closed in good order, or aborted. `None` stops
    /// it.
    pub fn drop_every(&mut self, now: Now, period: Option<Duration>) {
        self.agenda.stop_drops();
        if let Some(period) = period.filter(|period| !period.is_zero()) {
            self.agenda.plan(now.elapsed.saturating_add(period), Planned::DropAll(period));
        }
    }

    /// Refuses the next connections with an HTTP status, over either transport.
    pub fn refuse_connect(&mut self, status: u16, times: u32) {
        self.faults.connects.add(status, times);
    }

    /// Accepts the next connections and closes them at once (code 1001; over abridged TCP the stream just ends), before
    /// anything is received.
    pub fn close_at_once(&mut self, times: u32) {
        self.faults.closes_at_once.add(times);
    }

    /// Sends arbitrary bytes to the user's newest connection as one binary message: a malformed envelope, an unknown
    /// event. Bytes that start with `ff` go as a raw API frame. False when there is no connection.
    pub fn send_bytes(&mut self, user: UserId, bytes: impl Into<Bytes>) -> bool {
        let Some(conn) = self.newest_connection(user) else { return false };
        self.transmit(conn, Action::Frame(frame_of(bytes.into())));
        true
    }

    /// Pushes an event to the user's newest connection, whatever it joined. False when there is no connection.
    pub fn push_event(&mut self, user: UserId, event: Message) -> bool {
        let Some(conn) = self.newest_connection(user) else { return false };
        self.push(&[conn], event);
        true
    }

    /// Sends each of the next pushed events twice.
    pub fn duplicate_events(&mut self, times: u32) {
        self.faults.duplicates.add(times);
    }

    /// Leaves the next envelope pings without a pong.
    pub fn swallow_pongs(&mut self, times: u32) {
        self.faults.swallowed_pongs.add(times);
    }

    fn end_all(&mut self, now: Now, user: UserId, action: &Action) -> usize {
        let connections = self.connections_of(user);
        for conn in &connections {
            self.end(now, *conn, action.clone());
        }
        connections.len()
    }

    pub(super) fn drop_all(&mut self, now: Now, period: Duration) {
        let connections: Vec<ConnId> = self.connections.keys().copied().collect();
        for conn in connections {
            let action = if self.rng.bool() { Action::Close { code: 1001 } } else { Action::Abort };
            self.end(now, conn, action);
        }
        self.agenda.plan(now.elapsed.saturating_add(period), Planned::DropAll(period));
    }
}

/// # Faults of requests
impl World {
    /// Holds back every acknowledgement of a message (sent, edited, deleted) for so long. Zero ends it.
    pub fn delay_acks(&mut self, delay: Duration) {
        self.faults.ack_delay = delay;
    }

    /// Never sends the next acknowledgements. The messages are stored, edited or deleted all the same.
    pub fn swallow_acks(&mut self, times: u32) {
        self.faults.swallowed_acks.add(times);
    }

    /// Loses the next joins: they are neither performed nor answered.
    pub fn swallow_joins(&mut self, times: u32) {
        self.faults.swallowed_joins.add(times);
    }

    /// Refuses the next joins of that clan or channel.
    pub fn refuse_join(&mut self, target: impl Into<Target>, times: u32) {
        self.faults.joins.add(target.into(), times);
    }

    /// Refuses the next messages of clients with a code and a text, whichever way they come.
    pub fn refuse_sends(&mut self, code: u16, message: impl Into<String>, times: u32) {
        self.faults.sends.add(Refusal::new(code, message), times);
    }

    /// Answers the next HTTP calls of that RPC name with a status, and `Retry-After` (whole seconds) if given.
    pub fn http_status(&mut self, name: impl Into<String>, status: u16, times: u32, retry_after: Option<Duration>) {
        self.faults.http.add((name.into(), HttpRefusal { status, retry_after }), times);
    }

    /// Holds back every answer over HTTP for so long. Zero ends it. The world itself answers at once: whoever drives it
    /// asks [`http_delay`](Self::http_delay) how long to wait, as the server does.
    pub fn delay_http(&mut self, delay: Duration) {
        self.faults.http_delay = delay;
    }

    /// Refuses the next files and parts that are put to the file store with a status: 403 is what an expired URL gets.
    pub fn refuse_puts(&mut self, status: u16, times: u32) {
        self.faults.puts.add(status, times);
    }

    /// Takes such a refusal back; gives its status.
    pub fn take_put_refusal(&mut self) -> Option<u16> {
        self.faults.take_put_refusal()
    }

    /// Breaks the connections over which the next files and parts are put, while they are on their way.
    pub fn break_puts(&mut self, times: u32) {
        self.faults.broken_puts.add(times);
    }

    /// True if the connection of this one is to break. Whoever drives the world asks for each `PUT` and then does it, as the
    /// server does.
    pub fn take_broken_put(&mut self) -> bool {
        self.faults.broken_puts.take()
    }

    /// How long answers over HTTP are to be held back.
    pub fn http_delay(&self) -> Duration {
        self.faults.http_delay
    }

    /// Refuses the next calls of that RPC name over the socket with a code and a text.
    pub fn refuse_call(&mut self, name: impl Into<String>, code: u16, message: impl Into<String>, times: u32) {
        self.faults.socket_calls.add((name.into(), Refusal::new(code, message)), times);
    }
}

/// # Faults of sessions
impl World {
    /// Refuses the next logins with an HTTP status, and `Retry-After` (whole seconds) if given.
    pub fn refuse_login(&mut self, status: u16, times: u32, retry_after: Option<Duration>) {
        self.faults.logins.add(HttpRefusal { status, retry_after }, times);
    }

    /// Lets every bearer token made so far expire. Open connections stay.
    pub fn expire_tokens(&mut self) {
        self.tokens.expire_all();
    }

    /// Ends all sessions of a user: no token that was made so far is good for anything. Open connections stay.
    pub fn revoke_sessions(&mut self, user: UserId) {
        self.tokens.revoke(user);
    }

    /// Pushes a new session to the user's newest connection (`refresh_session_event`). False when there is none.
    pub fn push_session(&mut self, now: Now, user: UserId) -> bool {
        let Some(conn) = self.newest_connection(user) else { return false };
        self.push_session_to(now, conn);
        true
    }

    /// Names another endpoint for sockets in all sessions from now on, as when the service moves.
    pub fn move_endpoint(&mut self, ws_url: impl Into<String>) {
        self.settings.ws_url = ws_url.into();
    }

    pub(super) fn push_session_to(&mut self, now: Now, conn: ConnId) {
        let Some(user) = self.connections.get(&conn).map(|connection| connection.user) else { return };
        let session: api::Session = self.new_session(now, user);
        self.push(&[conn], Message::RefreshSessionEvent(Box::new(session)));
    }
}

/// The refusal of a join that a fault asked for.
pub(super) fn join_refused(target: Target) -> Refusal {
    Refusal::new(INVALID_ARGUMENT, format!("{target} cannot be joined"))
}

fn frame_of(bytes: Bytes) -> Frame {
    raw::read(&bytes).map_or(Frame::Envelope(bytes), Frame::Api)
}
