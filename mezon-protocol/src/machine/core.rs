//! The Machine without its codec: all state, and the small machines it is made of.
//!
//! What it does is spread over its neighbours by concern: [`connect`](super::connect) brings a connection up and
//! notices its end, [`frames`](super::frames) takes what comes in, [`engine`](super::engine) runs calls,
//! [`web`](super::web) performs HTTP exchanges.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::time::Duration;

use super::State;
use super::backfill::{Ask, Backfill};
use super::backoff::Backoff;
use super::calls::Calls;
use super::connect::{Listing, Phase};
use super::desk::Desk;
use super::health::{Health, HealthStatus, Stats};
use super::heartbeat::Heartbeat;
use super::inbox::Inbox;
use super::io::{Deadline, SocketId, Transmit, Wake};
use super::limiter::Limiter;
use super::lines::Lines;
use super::missed;
use super::reads::Reads;
use super::requests::Requests;
use super::shared::Shared;
use crate::call::{Reply, Ticket};
use crate::config::Config;
use crate::endpoint::Endpoint;
use crate::event::{Lifecycle, RawEvent};
use crate::id::{ChannelId, MessageId};
use crate::memory::BuildIdHasher;
use crate::time::Now;
use crate::wire::Encoder;

pub(crate) struct Core {
    pub(super) shared: Shared,
    pub(super) rng: fastrand::Rng,
    pub(super) phase: Phase,
    pub(super) connection: Option<Connection>,
    pub(super) backoff: Backoff,
    pub(super) heartbeat: Heartbeat,
    pub(super) ping_due: bool,
    pub(super) listing: Listing,
    pub(super) requests: Requests,
    pub(super) calls: Calls,
    pub(super) reads: Reads,
    /// Calls whose request waits for the socket, in order. May name calls that have ended since.
    pub(super) outgoing: VecDeque<Ticket>,
    pub(super) limiter: Limiter,
    /// The limiter has held back a request since the queue was last empty.
    pub(super) throttled: bool,
    /// The lines of the outbox.
    pub(super) lines: Lines,
    /// Calls whose turn may have come.
    pub(super) called_up: VecDeque<Ticket>,
    /// The calls that wait for their turn to pay, and the one that has it.
    pub(super) payments: VecDeque<Ticket>,
    /// Calls that the Machine makes by itself.
    pub(super) own: BTreeMap<Ticket, OwnCall>,
    pub(super) own_calls: u64,
    pub(super) backfill: Backfill,
    pub(super) desk: Desk,
    pub(super) encoder: Encoder,
    pub(super) transmits: VecDeque<Transmit>,
    pub(super) replies: VecDeque<Reply>,
    pub(super) inbox: Inbox,
    pub(super) stats: Stats,
    pub(super) last_socket: u64,
    pub(super) renewal_backoff: Backoff,
    /// A session is not refreshed by itself again before that.
    pub(super) renewal_rests_until: Duration,
    /// Refusals of the token since the connection was last Ready.
    pub(super) rejections: u32,
    /// Connections in a row that closed at once.
    pub(super) closed_at_once: u32,
    /// Attempts since the connection was last Ready.
    pub(super) attempt: u32,
    /// Whether the connection has been Ready since `connect`.
    pub(super) was_ready: bool,
    /// When the last frame of the last Ready connection came.
    pub(super) away_since: Option<Duration>,
    pub(super) last_message: Option<Duration>,
    /// Channels from which a message came on this connection.
    pub(super) heard: HashSet<ChannelId, BuildIdHasher>,
    /// A shutdown is under way, until this time at most.
    pub(super) draining: Option<Duration>,
    /// The socket whose codec is to be let go, if any; see [`Machine::settle`](super::Machine).
    pub(super) dropped: Option<SocketId>,
}

/// What the Machine does by itself by a call.
#[derive(Clone, Copy, Debug)]
pub(super) enum OwnCall {
    /// Edits a message.
    Edit(MessageId),
    /// Asks for what was missed, by this number.
    Fetch(u64, Ask),
    /// Tells somebody of tokens that were sent.
    #[cfg(feature = "ledger")]
    Announcement,
}

/// A socket from the moment it is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Connection {
    pub(super) socket: SocketId,
    /// When it must be open: one deadline spans TCP, TLS and upgrade.
    pub(super) deadline: Duration,
    /// When the handshake was complete.
    pub(super) opened_at: Option<Duration>,
    /// When the last frame came.
    pub(super) last_frame: Option<Duration>,
    pub(super) last_pong: Option<Duration>,
    /// Opened not by the token, but by the credential that users have for the socket.
    pub(super) by_session_id: bool,
}

impl Core {
    pub(super) fn new(config: Config, login: Endpoint, seed: u64, now: Now) -> Self {
        Self {
            rng: fastrand::Rng::with_seed(seed),
            phase: Phase::Idle,
            connection: None,
            backoff: Backoff::new(config.backoff),
            heartbeat: Heartbeat::new(config.heartbeat),
            ping_due: false,
            listing: Listing::default(),
            requests: Requests::new(),
            calls: Calls::default(),
            reads: Reads::default(),
            outgoing: VecDeque::new(),
            limiter: Limiter::new(config.socket_rates.iter().copied()),
            throttled: false,
            lines: Lines::default(),
            called_up: VecDeque::new(),
            payments: VecDeque::new(),
            own: BTreeMap::new(),
            own_calls: 0,
            backfill: missed::backfill(&config),
            desk: Desk::new(Limiter::new(config.http_rates.iter().copied())),
            encoder: Encoder::default(),
            transmits: VecDeque::new(),
            replies: VecDeque::new(),
            inbox: Inbox::new(config.inbox),
            stats: Stats::default(),
            last_socket: 0,
            renewal_backoff: Backoff::new(config.backoff),
            renewal_rests_until: Duration::ZERO,
            rejections: 0,
            closed_at_once: 0,
            attempt: 0,
            was_ready: false,
            away_since: None,
            last_message: None,
            heard: HashSet::default(),
            draining: None,
            dropped: None,
            shared: Shared::new(config, login, now),
        }
    }

    /// Takes the time of an input. It never goes back, whatever the driver says.
    pub(super) fn tick(&mut self, now: Now) {
        self.shared.now = Now { elapsed: now.elapsed.max(self.shared.now.elapsed), unix: now.unix };
    }

    /// The time of the last input.
    pub(super) fn now(&self) -> Duration {
        self.shared.now.elapsed
    }

    pub(super) fn emit(&mut self, event: Lifecycle) {
        tracing::debug!(?event, "lifecycle");
        self.stats.lagged += self.inbox.push(RawEvent::Lifecycle(event));
    }

    /// Reading may pause when events are not taken; never while an answer is awaited, which can only be read after
    /// all that precedes it, and never before the connection is up.
    pub(super) fn wants_read(&self) -> bool {
        !self.inbox.is_full() || self.requests.is_awaiting() || !self.shared.is_open()
    }

    /// How many calls are pending, without those that the Machine makes by itself.
    pub(super) fn submitted_calls(&self) -> usize {
        self.calls.len() - self.own.len()
    }

    pub(super) fn handle_timeout(&mut self) {
        let now = self.now();
        if self.draining.is_some_and(|until| until <= now) {
            self.close();
            return;
        }
        self.connection_timeouts();
        self.expire_calls();
        self.expire_exchanges();
        self.renew_in_time();
        self.pump();
    }

    pub(super) fn poll_timeout(&self) -> Option<Deadline> {
        let deadlines = [
            (self.connect_timeout(), Wake::ConnectTimeout),
            (self.phase.retry_at(), Wake::Reconnect),
            (self.heartbeat.poll_timeout(), Wake::Heartbeat),
            (self.join_timeout(), Wake::Join),
            (self.call_timeout(), Wake::Call),
            (self.shared.edits.poll_timeout(), Wake::Edit),
            (self.renewal_timeout(), Wake::Renewal),
            (self.backfill_timeout(), Wake::Backfill),
            (self.desk.flight_timeout(), Wake::Http),
            (self.desk.queue_timeout(), Wake::RateLimit),
            (self.release_time(), Wake::RateLimit),
            (self.draining, Wake::Shutdown),
        ];
        deadlines.into_iter().filter_map(|(at, reason)| Some(Deadline { at: at?, reason })).min()
    }

    /// Joins are sent, and judged, on an open socket only.
    fn join_timeout(&self) -> Option<Duration> {
        self.shared.joins.poll_timeout().filter(|_| self.shared.is_open())
    }

    /// When the rate limit lets a waiting request go; none if nothing waits for it.
    fn release_time(&self) -> Option<Duration> {
        let next = self.limiter.next_start();
        (!self.outgoing.is_empty() && next > self.now()).then_some(next)
    }

    pub(super) fn state(&self) -> State {
        match self.phase {
            Phase::Idle => State::Disconnected,
            Phase::Connecting => State::Connecting,
            Phase::Ready { .. } => State::Ready,
            Phase::Backoff { until } => State::Reconnecting { attempt: self.attempt, at: until },
            Phase::Closed => State::Closed,
        }
    }

    /// At a time that may be later than that of the last input.
    pub(super) fn health(&self, now: Duration) -> Health {
        let age = |at: Duration| now.saturating_sub(at);
        let ready_since = match self.phase {
            Phase::Ready { since } => Some(since),
            Phase::Idle | Phase::Connecting | Phase::Backoff { .. } | Phase::Closed => None,
        };
        let silent_since = self.last_message.max(ready_since);
        let status = match (ready_since, silent_since) {
            (None, _) => HealthStatus::Dead,
            (_, Some(since)) if age(since) >= self.shared.config.quiet_after => HealthStatus::Quiet,
            (Some(_), _) => HealthStatus::Alive,
        };
        Health {
            status,
            last_frame_age: self.connection.and_then(|connection| connection.last_frame).map(age),
            last_pong_age: self.connection.and_then(|connection| connection.last_pong).map(age),
            last_message_age: self.last_message.map(age),
            pending_calls: self.submitted_calls(),
            waiting_events: self.inbox.len(),
            reconnects: self.stats.ready.saturating_sub(1),
        }
    }
}
