//! Bringing a connection up, noticing its end, and doing it again.
//!
//! ```text
//!   Idle ─connect─► Connecting: log in ─► open the socket ─► join ─► Ready
//!                       ▲                                   │         │
//!                       └───── Backoff ◄──── failure ───────┴─────────┘
//!   any ─close─► Closed, until connect is called again
//! ```

use std::time::Duration;

use bytes::Bytes;
use prost::Message;

use super::calls::Stage;
use super::core::{Connection, Core};
use super::desk::{Job, Purpose};
use super::heartbeat::Beat;
use super::io::{SocketEnd, SocketId, Transmit};
use super::login::LoginError;
use super::requests::{Requests, Waiter};
use super::shared::LinkState;
use crate::api::{ListChannelDescs, ListClanDescs, Method};
use crate::call::{Answer, Exchange};
use crate::error::{Error, ErrorKind, Sent};
use crate::event::{Cause, Fatal, JoinTarget, Lifecycle};
use crate::memory::News;
use crate::proto::api;
use crate::route::ChannelKind;
use crate::transport::Closed;

/// Where the connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Never connected, or not to be connected again by itself.
    Idle,
    /// Logging in, opening, joining.
    Connecting,
    /// Everything joined.
    Ready { since: Duration },
    /// The next attempt begins at this time.
    Backoff { until: Duration },
    /// Closed by the user, or for good.
    Closed,
}

impl Phase {
    pub(super) const fn retry_at(&self) -> Option<Duration> {
        match self {
            Self::Backoff { until } => Some(*until),
            Self::Idle | Self::Connecting | Self::Ready { .. } | Self::Closed => None,
        }
    }
}

/// The lists that say what to join.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// They have been had once: later connections need not wait for them.
    known: bool,
    stage: ListStage,
    /// What has been listed may be older than the connection: it is listed once more when that is Ready.
    is_stale: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum ListStage {
    #[default]
    Idle,
    Clans,
    Direct {
        page: i32,
    },
}

/// Channels on a full page of the list that has groups.
pub(super) const PAGE: i32 = 500;

/// Pages that are asked for at most.
pub(super) const MAX_PAGES: i32 = 200;

/// A connection that is closed this soon after opening, with nothing received, may have been refused.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Refusals of a token that are answered by a new one at once.
const MAX_REJECTIONS: u32 = 2;

impl Core {
    pub(super) fn connect(&mut self) {
        match self.phase {
            Phase::Idle | Phase::Closed => {
                self.draining = None;
                self.was_ready = false;
                self.away_since = None;
                self.backfill.clear();
                self.go_on_from_left_off();
                self.listing = Listing { known: !self.shared.config.auto_join, ..Listing::default() };
                self.attempt = 0;
                self.rejections = 0;
                self.closed_at_once = 0;
                self.backoff.reset();
                self.begin_attempt();
            }
            Phase::Connecting | Phase::Ready { .. } | Phase::Backoff { .. } => {}
        }
    }

    /// Drops the connection, if there is one, and opens another at once.
    pub(super) fn reconnect(&mut self) {
        match self.phase {
            Phase::Connecting | Phase::Ready { .. } => {
                self.tear_down();
                if self.phase == Phase::Closed {
                    return;
                }
                let will_retry_in = Some(Duration::ZERO);
                self.emit(Lifecycle::Disconnected { cause: Cause::Replaced, will_retry_in });
                self.begin_attempt();
            }
            Phase::Backoff { .. } => self.begin_attempt(),
            Phase::Idle | Phase::Closed => self.connect(),
        }
    }

    pub(super) fn close(&mut self) {
        let was_up = matches!(self.phase, Phase::Connecting | Phase::Ready { .. } | Phase::Backoff { .. });
        self.draining = None;
        self.shared.edits.clear();
        self.fail_calls(|_| true, &ErrorKind::Closed);
        self.tear_down();
        self.cancel_exchanges(|_| true);
        self.phase = Phase::Closed;
        self.shared.link = LinkState::Unused;
        if was_up {
            self.emit(Lifecycle::Disconnected { cause: Cause::Closed, will_retry_in: None });
        }
    }

    /// Lets go of the connection and makes no other; calls go on without one.
    pub(super) fn disconnect(&mut self) {
        match self.phase {
            Phase::Idle | Phase::Closed => return,
            Phase::Connecting | Phase::Ready { .. } | Phase::Backoff { .. } => {}
        }
        self.tear_down();
        // a shutdown may have waited for nothing but the calls on it
        if self.phase != Phase::Closed {
            self.rest(&ErrorKind::NotConnected);
            self.emit(Lifecycle::Disconnected { cause: Cause::Closed, will_retry_in: None });
        }
    }

    /// Takes no more calls, and closes when those that are pending have ended, at `until` at the latest.
    pub(super) fn shutdown(&mut self, until: Duration) {
        if self.phase == Phase::Closed {
            return;
        }
        self.draining = Some(until);
        self.stop_backfill();
        self.fail_calls(|stage| matches!(stage, Stage::AwaitReady), &ErrorKind::Closed);
        self.close_when_drained();
    }

    pub(super) fn close_when_drained(&mut self) {
        if self.draining.is_some() && self.calls.len() == 0 && !self.shared.edits.is_busy() {
            self.close();
        }
    }

    fn begin_attempt(&mut self) {
        self.phase = Phase::Connecting;
        self.shared.link = LinkState::Down;
        self.stats.attempts += 1;
        self.emit(Lifecycle::Connecting { attempt: self.attempt });
        if self.needs_token() {
            self.start_renewal();
        } else {
            self.open_socket();
        }
    }

    /// There is a new token, for which an attempt may have waited.
    pub(super) fn go_on_connecting(&mut self) {
        if self.phase == Phase::Connecting && self.connection.is_none() {
            self.open_socket();
        }
    }

    /// There is no new token. It may be the attempt that waits for it.
    pub(super) fn on_attempt_without_token(&mut self, error: LoginError) {
        if self.phase != Phase::Connecting || self.connection.is_some() {
            return;
        }
        let retry_after = match error {
            LoginError::Refused(error) => return self.give_up(Fatal::Refused(error)),
            LoginError::Unanswered(_) => None,
            LoginError::Failed { retry_after, .. } => retry_after,
        };
        self.end_connection(error.into_cause(), retry_after.unwrap_or_default());
    }

    fn open_socket(&mut self) {
        let Some(session) = &self.shared.session else { return };
        let endpoint = match self.socket_endpoint(session) {
            Ok(endpoint) => endpoint,
            Err(error) => return self.end_connection(Cause::Unreachable(error.to_string()), Duration::ZERO),
        };
        self.last_socket += 1;
        let socket = SocketId(self.last_socket);
        let deadline = self.now().saturating_add(self.shared.config.connect_timeout);
        self.connection = Some(Connection {
            socket,
            deadline,
            opened_at: None,
            last_frame: None,
            last_pong: None,
            by_session_id: false,
        });
        let (host, port) = (endpoint.host().to_owned(), endpoint.port());
        self.transmits.push_back(Transmit::OpenSocket { socket, host, port });
        // what was listed for an attempt before says nothing of what came between
        self.listing.is_stale = self.listing.known || self.listing.stage != ListStage::Idle;
        if !self.listing.is_stale {
            self.start_listing();
        }
    }

    /// True if this is the socket that is wanted now, not one of before.
    pub(super) fn expects(&self, socket: SocketId) -> bool {
        self.connection.is_some_and(|connection| connection.socket == socket)
    }

    /// The handshake is complete.
    pub(super) fn on_open(&mut self) {
        let now = self.now();
        let Some(connection) = &mut self.connection else { return };
        connection.opened_at = Some(now);
        self.requests = Requests::new();
        self.shared.link = LinkState::Open;
        self.shared.joins.restart();
        self.heartbeat.start(now);
        self.backfill.handle_open();
        self.emit(Lifecycle::Connected);
    }

    pub(super) fn on_join_answered(&mut self, target: JoinTarget, result: Result<(), Error>) {
        let now = self.now();
        self.shared.joins.answered(now, target, result.is_ok());
        if let Err(error) = result {
            self.emit(Lifecycle::JoinFailed { target, error });
        }
        self.check_ready();
    }

    pub(super) fn check_ready(&mut self) {
        let is_complete = self.listing.known && self.shared.is_open() && self.shared.joins.is_settled();
        if self.phase != Phase::Connecting || !is_complete {
            return;
        }
        let now = self.now();
        self.phase = Phase::Ready { since: now };
        self.stats.ready += 1;
        self.attempt = 0;
        self.rejections = 0;
        self.closed_at_once = 0;
        let resumed = std::mem::replace(&mut self.was_ready, true);
        let unix = self.shared.clock.unix_seconds(self.shared.now);
        let gap = self.away_since.take().map(|since| now.saturating_sub(since)).or_else(|| self.backfill.absence(unix));
        self.emit(Lifecycle::Ready { resumed, gap });
        for ticket in self.calls.tickets_where(|stage| matches!(stage, Stage::AwaitReady)) {
            self.resume(ticket, Ok(Answer::Ready));
        }
        self.call_up_outbox();
        self.begin_backfill();
        self.list_anew();
    }

    /// What was listed may be out of date.
    pub(super) fn distrust_lists(&mut self) {
        self.listing.is_stale = true;
        self.list_anew();
    }

    /// Lists once more what is out of date, as soon as the connection is Ready and no older list is under way.
    fn list_anew(&mut self) {
        let is_free = matches!(self.phase, Phase::Ready { .. }) && self.listing.stage == ListStage::Idle;
        if is_free && std::mem::take(&mut self.listing.is_stale) {
            self.start_listing();
        }
    }

    fn start_listing(&mut self) {
        if self.shared.config.auto_join {
            self.list(ListStage::Clans);
        }
    }

    fn list(&mut self, stage: ListStage) {
        self.listing.stage = stage;
        let (rpc, body) = match stage {
            ListStage::Idle => return,
            ListStage::Clans => (&const { ListClanDescs::RPC }, Vec::new()),
            ListStage::Direct { page } => {
                let request = self.direct_request(page);
                (&const { ListChannelDescs::RPC }, request.encode_to_vec())
            }
        };
        self.desk.enqueue_first(Job::new(Purpose::List, Exchange::rpc(rpc, Bytes::from(body))));
        self.pump();
    }

    pub(super) fn on_list(&mut self, result: Result<Bytes, Error>) {
        let stage = std::mem::take(&mut self.listing.stage);
        match result.and_then(|body| self.take_list(stage, body)) {
            Ok(Some(next)) => self.list(next),
            Ok(None) => {
                self.listing.known = true;
                self.check_ready();
                self.list_anew();
            }
            // between attempts, and once they have been had, nothing waits for the lists
            Err(error) if self.listing.known || self.phase != Phase::Connecting => {
                tracing::warn!(%error, "listing what to join failed");
                self.list_anew();
            }
            Err(error) => {
                self.shared.standing.is_refused |= error.requires_login();
                self.end_connection(Cause::Listing(Box::new(error)), Duration::ZERO);
            }
        }
    }

    /// Adds what a list holds to the join set, and says what to list next.
    fn take_list(&mut self, stage: ListStage, body: Bytes) -> Result<Option<ListStage>, Error> {
        let undecodable =
            |error: prost::DecodeError| Error::new(ErrorKind::Decode(format!("a list: {error}")), Sent::Yes);
        match stage {
            ListStage::Idle => Ok(None),
            ListStage::Clans => {
                let clans = api::ClanDescList::decode(body).map_err(undecodable)?.clandesc;
                for clan in &clans {
                    self.shared.joins.want_clan(clan.clan_id.into());
                }
                self.shared.tell(News::Clans(clans));
                Ok(Some(ListStage::Direct { page: 1 }))
            }
            ListStage::Direct { page } => {
                let channels = api::ChannelDescList::decode(body).map_err(undecodable)?.channeldesc;
                for channel in &channels {
                    self.shared.want_private_talk(channel);
                }
                let is_full = self.shared.config.join_groups && channels.len() >= PAGE as usize;
                self.shared.tell(News::Channels(channels));
                Ok((is_full && page < MAX_PAGES).then_some(ListStage::Direct { page: page + 1 }))
            }
        }
    }

    /// The list of direct messages; the one that has groups as well comes in pages.
    pub(super) fn direct_request(&self, page: i32) -> api::ListChannelDescsRequest {
        if self.shared.config.join_groups {
            let kind = ChannelKind::GROUP.0;
            api::ListChannelDescsRequest { channel_type: kind, limit: PAGE, state: 1, page, ..Default::default() }
        } else {
            api::ListChannelDescsRequest { channel_type: ChannelKind::DIRECT.0, ..Default::default() }
        }
    }

    pub(super) fn on_transport_closed(&mut self, closed: Closed) {
        let (cause, retry_after) = match closed {
            Closed::Peer { code } => (Cause::ClosedByServer { code }, None),
            Closed::Status { status: status @ (401 | 403), .. } => (Cause::Rejected { status }, None),
            Closed::Status { status, retry_after } => (Cause::HttpStatus { status }, retry_after),
            Closed::Tls(why) => (Cause::Tls(why), None),
            Closed::Protocol(why) => (Cause::Transport(why), None),
        };
        let retry_after = Duration::from_secs(retry_after.unwrap_or_default().min(3600));
        self.end_connection(self.judge_end(cause), retry_after);
    }

    pub(super) fn on_socket_closed(&mut self, end: SocketEnd) {
        let cause = match end {
            SocketEnd::Unreachable(why) => Cause::Unreachable(why),
            SocketEnd::Eof => self.judge_end(Cause::Lost("end of stream".into())),
            SocketEnd::Failed(why) => self.judge_end(Cause::Lost(why)),
        };
        self.end_connection(cause, Duration::ZERO);
    }

    /// A connection that ends right after opening, having received nothing, may have been refused.
    fn judge_end(&self, cause: Cause) -> Cause {
        let Some(Connection { opened_at: Some(opened), last_frame: None, .. }) = self.connection else { return cause };
        let is_plain_end = matches!(cause, Cause::ClosedByServer { .. } | Cause::Lost(_));
        if is_plain_end && self.now().saturating_sub(opened) < AT_ONCE { Cause::ClosedAtOnce } else { cause }
    }

    /// The connection, or the attempt at one, has ended: everything on it fails, and the next attempt is planned.
    pub(super) fn end_connection(&mut self, cause: Cause, at_least: Duration) {
        let by_session_id = self.connection.is_some_and(|connection| connection.by_session_id);
        self.tear_down();
        if self.phase == Phase::Closed {
            return;
        }
        let delay = if by_session_id && matches!(cause, Cause::Rejected { .. } | Cause::ClosedAtOnce) {
            // says nothing about the token, which is tried at once
            self.forget_session_id();
            Some(Duration::ZERO)
        } else {
            self.plan_retry(&cause)
        };
        let will_retry_in = delay.map(|delay| delay.max(at_least));
        self.emit(Lifecycle::Disconnected { cause: cause.clone(), will_retry_in });
        match will_retry_in {
            Some(Duration::ZERO) => {
                self.attempt += 1;
                self.begin_attempt();
            }
            Some(delay) => {
                self.attempt += 1;
                self.phase = Phase::Backoff { until: self.now().saturating_add(delay) };
            }
            None if self.may_retry() => self.give_up(Fatal::GaveUp { last: cause }),
            None => {
                self.rest(&ErrorKind::ConnectFailed(Box::new(cause)));
            }
        }
    }

    /// Makes no further attempt for now: what waits for one fails.
    fn rest(&mut self, kind: &ErrorKind) {
        self.phase = Phase::Idle;
        self.shared.link = LinkState::Unused;
        self.cancel_exchanges(|purpose| purpose == Purpose::List);
        self.fail_calls(|stage| matches!(stage, Stage::AwaitReady), kind);
        self.call_up_outbox();
    }

    fn may_retry(&self) -> bool {
        self.shared.config.auto_reconnect && (self.was_ready || self.shared.config.retry_login)
    }

    /// How long to wait before the next attempt; `None` for no attempt.
    fn plan_retry(&mut self, cause: &Cause) -> Option<Duration> {
        match cause {
            Cause::Rejected { .. } => {
                self.shared.standing.is_refused = true;
                self.rejections += 1;
                if self.rejections <= MAX_REJECTIONS {
                    return Some(Duration::ZERO);
                }
            }
            Cause::ClosedAtOnce => {
                self.closed_at_once += 1;
                self.shared.standing.is_refused |= self.closed_at_once % 2 == 0;
            }
            Cause::Closed
            | Cause::Replaced
            | Cause::ClosedByServer { .. }
            | Cause::Lost(_)
            | Cause::HeartbeatTimeout
            | Cause::Unresponsive
            | Cause::Unreachable(_)
            | Cause::ConnectTimeout
            | Cause::HttpStatus { .. }
            | Cause::Tls(_)
            | Cause::Transport(_)
            | Cause::Login(_)
            | Cause::Listing(_) => self.closed_at_once = 0,
        }
        if self.may_retry() { self.backoff.next_delay(&mut self.rng) } else { None }
    }

    /// No further attempt will be made.
    fn give_up(&mut self, reason: Fatal) {
        let kind = Error::from(reason.clone()).kind().clone();
        self.draining = None;
        self.shared.edits.clear();
        self.fail_calls(|stage| matches!(stage, Stage::AwaitReady), &kind);
        self.fail_calls(|_| true, &ErrorKind::Closed);
        self.tear_down();
        self.cancel_exchanges(|_| true);
        self.phase = Phase::Closed;
        self.shared.link = LinkState::Unused;
        self.emit(Lifecycle::Fatal { reason });
    }

    /// Lets go of the connection: its codec, its requests, its timers. Calls that were on it fail; when a shutdown has
    /// waited for nothing but them, the phase is `Closed` afterwards.
    fn tear_down(&mut self) {
        if let Phase::Ready { since } = self.phase {
            self.backoff.on_connection_ended(self.now().saturating_sub(since));
        }
        let Some(connection) = self.connection.take() else { return };
        if self.was_ready {
            self.away_since = self.away_since.or(connection.last_frame).or(Some(self.now()));
        }
        self.interrupt_backfill(connection.last_frame);
        if !self.take_back_socket(connection.socket) {
            self.dropped = Some(connection.socket);
        }
        self.shared.link = LinkState::Down;
        self.heartbeat.stop();
        self.ping_due = false;
        self.heard.clear();
        self.requests = Requests::new();
        self.outgoing.clear();
        self.throttled = false;
        self.fail_socket_calls();
    }

    /// True if the adapter has not been asked for the socket yet: then it never is.
    fn take_back_socket(&mut self, socket: SocketId) -> bool {
        let waiting = self.transmits.len();
        self.transmits
            .retain(|transmit| !matches!(transmit, Transmit::OpenSocket { socket: asked, .. } if *asked == socket));
        self.transmits.len() < waiting
    }

    pub(super) fn connect_timeout(&self) -> Option<Duration> {
        self.connection.filter(|connection| connection.opened_at.is_none()).map(|connection| connection.deadline)
    }

    pub(super) fn connection_timeouts(&mut self) {
        let now = self.now();
        if self.connect_timeout().is_some_and(|deadline| deadline <= now) {
            self.end_connection(Cause::ConnectTimeout, Duration::ZERO);
        }
        if self.phase.retry_at().is_some_and(|at| at <= now) {
            self.begin_attempt();
        }
        match self.heartbeat.handle_timeout(now) {
            None => {}
            Some(Beat::Ping) => self.ping_due = true,
            Some(Beat::Dead) => self.end_connection(Cause::HeartbeatTimeout, Duration::ZERO),
        }
        if self.shared.is_open() {
            self.join_timeouts(now);
        }
    }

    fn join_timeouts(&mut self, now: Duration) {
        let timeouts = self.shared.joins.handle_timeout(now);
        for cid in timeouts.expired {
            self.requests.abandon(now, cid);
        }
        if timeouts.dead {
            self.end_connection(Cause::Unresponsive, Duration::ZERO);
        }
    }

    /// The cid of the next ping, if one is due.
    pub(super) fn take_ping(&mut self) -> Option<u16> {
        if !std::mem::take(&mut self.ping_due) {
            return None;
        }
        self.requests.begin(self.now(), Waiter::Ping)
    }
}
