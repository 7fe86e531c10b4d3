//! The Machine: everything that is decided between the user and the network, as a pure state machine.
//!
//! # The run loop
//!
//! Feed one input, drain the polls, wait for the next input or the deadline:
//!
//! 1. perform each [`Transmit`] of [`poll_transmit`](Machine::poll_transmit);
//! 2. write what [`poll_write`](Machine::poll_write) appends, and ask for more only when that is written;
//! 3. let the memory learn each piece of news of [`poll_news`](Machine::poll_news), if there is a memory;
//! 4. hand on each reply of [`poll_reply`](Machine::poll_reply), and as many events of
//!    [`poll_event`](Machine::poll_event) as the user can take;
//! 5. wait for the first of: bytes (only while [`wants_read`](Machine::wants_read)), the end of a socket, an HTTP
//!    answer, a command, the [`Deadline`] of [`poll_timeout`](Machine::poll_timeout);
//! 6. say so by the matching `handle_*` or command, and begin again.
//!
//! Calls too early or too often change nothing. Everything that arrives for a socket or an exchange that is no longer
//! of interest is recognised by its id and dropped.
//!
//! # The same inputs give the same outputs
//!
//! Time comes in with every input, randomness from a seed. Two engines inside are not seeded: the WebSocket masking
//! key and TLS. So the promise holds for frames, not for bytes.

mod backfill;
mod backoff;
mod calls;
mod cids;
mod connect;
mod core;
mod desk;
mod dial;
mod edits;
mod engine;
mod exchange;
mod frames;
mod head;
mod health;
mod heartbeat;
mod inbox;
mod io;
mod joins;
mod limiter;
mod lines;
mod login;
mod missed;
mod observe;
mod reads;
mod renewal;
mod requests;
mod shared;
mod taping;
mod turns;
mod web;

use std::time::Duration;

pub use backfill::{BackfillPolicy, BackfillReport, Beyond, BeyondReason, Stream};
pub use backoff::{Backoff, BackoffPolicy};
pub use cids::{Cids, QUARANTINE};
pub use edits::Edits;
pub use health::{Health, HealthStatus, Stats};
pub use heartbeat::{Beat, Heartbeat, HeartbeatPolicy};
pub use inbox::{Inbox, InboxLimits, OnFull};
pub use io::{Deadline, RequestId, SocketEnd, SocketId, Transmit, Wake};
pub use joins::{ChannelToJoin, JoinPacing, JoinTimeouts, Joins, Reason};
pub use limiter::{Limiter, Rate};
pub use shared::Shared;

pub(crate) use exchange::{answer as judge_answer, code_of_status, is_transient};
pub(crate) use head::is_row;
pub(crate) use login::{judge as judge_login, request as login_request};

use self::core::Core;
use crate::call::{Reply, Submission, Ticket};
use crate::config::Config;
use crate::error::Error;
use crate::event::{JoinTarget, RawEvent};
use crate::exchange::{HttpFailure, HttpResponse};
use crate::id::UserId;
use crate::memory::News;
use crate::replay::{What, nanos, note};
use crate::route::RouteStore;
use crate::session::Session;
use crate::store::LeftOff;
use crate::time::Now;
use crate::transport::{Frame, Incoming, Transport};

/// How many bytes [`Machine::poll_write`] appends before it waits to be asked again. What is not appended yet has
/// certainly not been sent.
const WRITE_BATCH: usize = 64 * 1024;

/// Where a connection stands, as its user sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not connected, and no attempt is planned.
    Disconnected,
    /// An attempt is under way: logging in, opening, joining.
    Connecting,
    /// Authenticated, open, everything joined.
    Ready,
    /// The next attempt is planned.
    Reconnecting {
        /// Its number since the connection was last Ready.
        attempt: u32,
        /// When it begins, as [`Now::elapsed`] counts.
        at: Duration,
    },
    /// Closed by the user, or for good.
    Closed,
}

/// The protocol of one client. See the [module](self) for how to drive it.
///
/// Its methods come in four families: commands (plain verbs), inputs (`handle_*`), outputs (`poll_*`), and getters.
pub struct Machine {
    core: Core,
    link: Option<Link>,
}

/// The codec of the open socket. Apart from the rest, as one lends frames while the other handles them.
struct Link {
    socket: SocketId,
    transport: Box<dyn Transport>,
}

impl Machine {
    /// A machine that is not connected.
    ///
    /// # Errors
    ///
    /// `Config` when the configuration cannot work.
    pub fn new(config: Config, seed: u64, now: Now) -> Result<Self, Error> {
        config.check()?;
        let login = config.login_endpoint()?;
        Ok(Self { core: Core::new(config, login, seed, now), link: None })
    }

    /// Remembers routes elsewhere than in memory.
    pub fn set_routes(&mut self, routes: Box<dyn RouteStore>) {
        self.core.shared.set_routes(routes);
    }

    /// Where another client left off, or this one before it was closed: the next [`connect`](Self::connect) catches up from
    /// there, as after a drop, and joins the threads again that were heard most recently, 50 at most. Without it everything
    /// begins with that `connect`.
    pub fn set_left_off(&mut self, left_off: LeftOff) {
        self.begin(self.core.shared.now, |_, _| What::LeftOff((&left_off).into()));
        self.core.left_off = Some(left_off);
    }

    /// Where this client has left off, for [`set_left_off`](Self::set_left_off) before it connects anew: all that was given
    /// until now counts, handled or not. None if there was no connection.
    pub fn left_off(&self) -> Option<LeftOff> {
        self.core.backfill.left_off()
    }

    /// Signs payments with this key, which must come from a secure source of chance. Without one none is made.
    #[cfg(feature = "ledger")]
    pub fn set_wallet(&mut self, key: crate::ledger::EphemeralKey) {
        self.core.shared.ledger.set_key(key);
    }

    /// Keeps payments with a key here. Without a store none is made.
    #[cfg(feature = "ledger")]
    pub fn set_payments(&mut self, payments: Box<dyn crate::ledger::PaymentStore>) {
        self.core.shared.ledger.set_store(payments);
    }

    /// Starts from a stored session instead of logging in; it is renewed when its time is up. For a user it is what
    /// everything rests on, see [`Account::User`](crate::config::Account::User).
    pub fn restore_session(&mut self, session: Session) {
        self.begin(self.core.shared.now, |recorder, _| taping::session(recorder, &session));
        self.core.shared.adopt(session);
    }

    /// Changes how long a call may take, those that are submitted from now on.
    pub fn set_call_timeout(&mut self, timeout: Duration) {
        self.begin(self.core.shared.now, |_, _| What::CallTimeout(nanos(timeout)));
        self.core.shared.config.call_timeout = timeout;
    }

    /// Changes what happens when events are not taken.
    pub fn set_on_full(&mut self, on_full: OnFull) {
        self.begin(self.core.shared.now, |_, _| What::OnFull(on_full == OnFull::Drop));
        self.core.inbox.set_on_full(on_full);
    }

    // Commands

    /// Connects, and stays connected as configured. Does nothing while that is so already.
    pub fn connect(&mut self, now: Now) {
        self.begin(now, |_, _| What::Connect(()));
        self.core.connect();
        self.settle(false);
    }

    /// Takes a call. Its end comes out of [`poll_reply`](Self::poll_reply), exactly once, unless it is cancelled.
    pub fn submit(&mut self, now: Now, submission: Submission) {
        self.begin(now, |_, core| taping::submit(core, &submission));
        self.core.submit(submission);
        self.settle(false);
    }

    /// Forgets a call. What is still queued is taken back, and no further step is made; what has been sent stays sent.
    pub fn cancel(&mut self, now: Now, ticket: Ticket) {
        self.begin(now, |_, _| What::Cancel(ticket.0));
        self.core.cancel(ticket);
        self.settle(true);
    }

    /// Replaces the connection by a fresh one at once; the session is kept.
    pub fn reconnect(&mut self, now: Now) {
        self.begin(now, |_, _| What::Reconnect(()));
        self.core.reconnect();
        self.settle(true);
    }

    /// Ends at once: pending calls fail with `Closed`, nothing is drained. [`connect`](Self::connect) works again after.
    pub fn close(&mut self, now: Now) {
        self.begin(now, |_, _| What::Close(()));
        self.core.close();
        self.settle(true);
    }

    /// Lets go of the connection and makes no other until [`connect`](Self::connect); the session is kept. Calls of the
    /// API go over HTTP, as before the first connection.
    pub fn disconnect(&mut self, now: Now) {
        self.begin(now, |_, _| What::Disconnect(()));
        self.core.disconnect();
        self.settle(true);
    }

    /// Takes no more calls, lets the pending ones end, then closes; after `deadline`, from now, in any case.
    pub fn shutdown(&mut self, now: Now, deadline: Duration) {
        self.begin(now, |_, _| What::Shutdown(nanos(deadline)));
        let until = self.core.now().saturating_add(deadline);
        self.core.shutdown(until);
        self.settle(true);
    }

    // Inputs

    /// The TCP connection is there.
    pub fn handle_socket_opened(&mut self, now: Now, socket: SocketId) {
        let is_new = self.core.expects(socket) && self.link.is_none();
        self.begin(now, |_, _| if is_new { What::Opened(socket.0) } else { What::Received(socket.0) });
        if is_new {
            self.core.choose_credential();
            match self.core.open_transport() {
                Ok(transport) => {
                    self.link = Some(Link { socket, transport });
                    // one that has no answer to wait for is open at once
                    self.take_incoming();
                }
                Err(closed) => self.core.handle_incoming(Incoming::Closed(closed)),
            }
        }
        self.settle(false);
    }

    /// Bytes have come in, cut anywhere.
    pub fn handle_bytes(&mut self, now: Now, socket: SocketId, bytes: &[u8]) {
        let is_open = self.link.as_ref().is_some_and(|link| link.socket == socket);
        self.begin(now, |_, _| if is_open { What::Received(socket.0) } else { What::Ignored(socket.0) });
        let Some(link) = self.link.as_mut().filter(|_| is_open) else { return };
        self.core.stats.bytes_received += bytes.len() as u64;
        link.transport.receive(bytes);
        self.take_incoming();
        self.settle(false);
    }

    /// The socket has ended, or could not be opened.
    pub fn handle_socket_closed(&mut self, now: Now, socket: SocketId, end: SocketEnd) {
        self.begin(now, |_, _| taping::ended(socket, &end));
        if self.core.expects(socket) {
            self.link = None;
            self.core.on_socket_closed(end);
            self.core.dropped = self.core.dropped.filter(|dropped| *dropped != socket);
        }
        self.settle(false);
    }

    /// An HTTP exchange has ended.
    pub fn handle_http(&mut self, now: Now, id: RequestId, result: Result<HttpResponse, HttpFailure>) {
        self.begin(now, |recorder, core| taping::http_end(recorder, core, id, &result));
        self.core.handle_http(id, result);
        self.settle(false);
    }

    /// Time has passed. To be called at [`poll_timeout`](Self::poll_timeout); harmless at any other time.
    pub fn handle_timeout(&mut self, now: Now) {
        self.begin(now, |_, _| What::Timeout(()));
        self.core.handle_timeout();
        self.settle(false);
    }

    /// What the transport of a socket gives, for those who bring their own codec, and for tests and fuzzing.
    pub fn handle_incoming(&mut self, now: Now, socket: SocketId, incoming: Incoming) {
        self.begin(now, |_, _| What::Received(socket.0));
        if self.core.expects(socket) {
            self.core.handle_incoming(incoming);
        }
        self.settle(false);
    }

    // Outputs

    /// The next piece of work for the adapter. Drain it after every command and input.
    #[must_use]
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        let transmit = self.core.transmits.pop_front()?;
        self.core.note_taken(|core| taping::transmit(core, &transmit));
        Some(transmit)
    }

    /// Appends what is to be written to a socket. Requests are encoded here and not before, so ask again only when
    /// what was given has been written.
    pub fn poll_write(&mut self, socket: SocketId, out: &mut Vec<u8>) {
        let Some(link) = self.link.as_mut().filter(|link| link.socket == socket) else { return };
        let start = out.len();
        link.transport.output(out);
        while out.len() - start < WRITE_BATCH && self.core.write(|frame| link.transport.send(frame)) {
            link.transport.output(out);
        }
    }

    /// The next frame to write, below the codec: for those who bring their own, and for tests and fuzzing.
    #[must_use]
    pub fn poll_frame(&mut self) -> Option<Frame> {
        let mut written = None;
        self.core.write(|frame| {
            written = Some(frame);
            Ok(())
        });
        written
    }

    /// The end of a call. Replies do not wait behind events.
    #[must_use]
    pub fn poll_reply(&mut self) -> Option<Reply> {
        let reply = self.core.replies.pop_front()?;
        self.core.note_taken(|_| note::reply(&reply));
        Some(reply)
    }

    /// The next event. Take only what the user can take: what stays here holds the server back when it gets much.
    #[must_use]
    pub fn poll_event(&mut self) -> Option<RawEvent> {
        let event = self.core.inbox.pop();
        self.core.note_taken(|_| note::event(event.as_ref()));
        self.update_pause();
        event
    }

    /// What was listed on connecting, for [`Memory::learn`](crate::memory::Memory::learn). Take it before replies and
    /// events, so that whoever gets these finds it remembered.
    #[must_use]
    pub fn poll_news(&mut self) -> Option<News> {
        let news = self.core.shared.news.pop_front()?;
        self.core.note_taken(|_| note::news(&news));
        Some(news)
    }

    /// When [`handle_timeout`](Self::handle_timeout) is wanted next, and why.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Deadline> {
        self.core.poll_timeout()
    }

    // Getters

    /// Whether bytes should be read from the socket. While it is false TCP holds the server back.
    pub fn wants_read(&self) -> bool {
        self.core.wants_read()
    }

    /// How many events wait in [`poll_event`](Self::poll_event).
    pub fn waiting_events(&self) -> usize {
        self.core.inbox.len()
    }

    /// Whether requests can be made over the socket: from `Connected` to the end of the connection.
    pub fn is_open(&self) -> bool {
        self.core.shared.is_open()
    }

    /// Where the connection stands.
    pub fn state(&self) -> State {
        self.core.state()
    }

    /// Whether it can be trusted to hear what is said to it.
    pub fn health(&self, now: Now) -> Health {
        self.core.health(now.elapsed)
    }

    /// The counters.
    pub fn stats(&self) -> &Stats {
        &self.core.stats
    }

    /// Who we are: the session's user, before login the configured bot, and 0 for a user.
    pub fn own_id(&self) -> UserId {
        self.core.shared.own_id()
    }

    /// Whether the session's token has expired, by the server's clock as far as it is known. True without a session, false
    /// if its expiry is unknown.
    pub fn is_session_expired(&self, now: Now) -> bool {
        let unix = self.core.shared.clock.unix_seconds(now);
        self.session().is_none_or(|session| session.is_expired(unix))
    }

    /// As [`is_session_expired`](Self::is_session_expired), for the refresh token.
    pub fn is_refresh_expired(&self, now: Now) -> bool {
        let unix = self.core.shared.clock.unix_seconds(now);
        self.session().is_none_or(|session| session.is_refresh_expired(unix))
    }

    /// The session, once there is one.
    pub fn session(&self) -> Option<&Session> {
        self.core.shared.session.as_ref()
    }

    /// Everything that is joined on every connection.
    pub fn join_targets(&self) -> impl Iterator<Item = JoinTarget> + '_ {
        self.core.shared.joins.targets()
    }

    /// Hands on what the codec has, until the core drops it.
    fn take_incoming(&mut self) {
        let Some(link) = &mut self.link else { return };
        while self.core.dropped.is_none() {
            let Some(incoming) = link.transport.poll_incoming() else { break };
            self.core.handle_incoming(incoming);
        }
    }

    /// Lets go of a codec that the core has dropped, in good order if it was we who decided so.
    fn settle(&mut self, orderly: bool) {
        self.core.take_turns();
        if let Some(socket) = self.core.dropped.take() {
            let mut last_words = Vec::new();
            if let Some(mut link) = self.link.take() {
                if orderly {
                    link.transport.close();
                }
                link.transport.output(&mut last_words);
            }
            // before anything else that is wanted: the server must not see two connections of one token
            self.core.transmits.push_front(Transmit::CloseSocket { socket, last_words });
        }
        self.update_pause();
    }

    fn update_pause(&mut self) {
        let paused = !self.core.wants_read();
        let now = self.core.now();
        self.core.heartbeat.set_paused(now, paused);
    }
}

impl std::fmt::Debug for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Machine").field("state", &self.state()).finish_non_exhaustive()
    }
}
