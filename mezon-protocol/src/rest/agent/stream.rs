//! The life of a stream of agent events: opening, reading, and opening again.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::time::Duration;

use percent_encoding::utf8_percent_encode;

use super::event::AgentEvent;
use super::sse::{SseLimits, SseParser};
use crate::config::{Account, Config};
use crate::error::{Error, ErrorKind};
use crate::exchange::{Body, HttpRequest, Method};
use crate::id::UserId;
use crate::rest::COMPONENT;
use crate::rest::services::join;
use crate::secret::Secret;
use crate::time::Now;

/// How many events may wait before the stream is not read any more.
const MAX_WAITING: usize = 256;

/// Where an [`AgentStream`] connects to, and how it keeps on.
#[derive(Clone, Debug)]
pub struct AgentConfig {
    /// The server, as a URL; a slash at its end makes no difference.
    pub base: String,
    /// The path of the stream. Default `/api/sse/metadata`.
    pub path: String,
    /// The bot's id.
    pub app_id: UserId,
    /// The bot's API key.
    pub token: Secret,
    /// What else is asked for in the query.
    pub query: Vec<(String, String)>,
    /// Whether to connect again after an end that nobody asked for. Default true.
    pub auto_reconnect: bool,
    /// How often in a row that is tried; 0 for without end. Default 5.
    pub max_attempts: u32,
    /// The delay before the first try, doubled before each next one. Default 3 s.
    pub base_delay: Duration,
    /// The longest delay. Default 30 s.
    pub max_delay: Duration,
    /// Up to this is added to each delay, by chance. Default 1 s.
    pub jitter: Duration,
    /// How long the head of the response may take. Default 30 s.
    pub open_timeout: Duration,
    /// After this time without a byte the stream counts as dead. Default none: how often the server sends something, it
    /// does not say.
    pub idle_timeout: Option<Duration>,
    /// Bounds of lines and events.
    pub limits: SseLimits,
    /// The `User-Agent` header.
    pub user_agent: String,
}

impl AgentConfig {
    /// As the configuration of a client has it.
    ///
    /// # Errors
    ///
    /// `Config` when it names no server, or none by a URL, no bot, or no key.
    pub fn of(config: &Config) -> Result<Self, Error> {
        let invalid = |what: &str| Err(Error::unsent(ErrorKind::Config(what.into())));
        let Some(base) = config.services.agent.clone().filter(|base| !base.is_empty()) else {
            return invalid("no server for the events of agents is configured");
        };
        let Some((app_id, token)) = bot(config).filter(|(id, key)| id.get() > 0 && !key.is_empty()) else {
            return invalid("the events of agents need a bot id and an api key");
        };
        let config = Self {
            base,
            path: "/api/sse/metadata".into(),
            app_id,
            token,
            query: Vec::new(),
            auto_reconnect: true,
            max_attempts: 5,
            base_delay: Duration::from_secs(3),
            max_delay: Duration::from_secs(30),
            jitter: Duration::from_secs(1),
            open_timeout: config.connect_timeout,
            idle_timeout: None,
            limits: SseLimits::default(),
            user_agent: config.user_agent.clone(),
        };
        config.check()?;
        Ok(config)
    }

    /// Whether a request can be made of it: the base is an `http` or `https` URL without a query.
    ///
    /// # Errors
    ///
    /// `Config`, which does not repeat the URL.
    pub fn check(&self) -> Result<(), Error> {
        let host = ["https://", "http://"].iter().find_map(|scheme| self.base.strip_prefix(scheme));
        let is_printable = self.base.bytes().all(|byte| byte.is_ascii_graphic());
        match host {
            Some(host) if is_printable && !host.starts_with('/') && !host.contains(['?', '#']) && !host.is_empty() => {
                Ok(())
            }
            _ => Err(Error::unsent(ErrorKind::Config("the server for the events of agents is no http(s) URL".into()))),
        }
    }

    fn request(&self) -> HttpRequest {
        let encoded = |text: &str| utf8_percent_encode(text, COMPONENT).to_string();
        let path = format!("/{}", self.path.trim_start_matches('/'));
        let mut url = join(&self.base, &path);
        let _ = write!(url, "?appid={}&token={}", self.app_id, encoded(self.token.expose()));
        for (name, value) in &self.query {
            let _ = write!(url, "&{}={}", encoded(name), encoded(value));
        }
        HttpRequest {
            method: Method::Get,
            url,
            headers: vec![("accept", "text/event-stream".into()), ("user-agent", self.user_agent.as_str().into())],
            body: Body::default(),
            // it does not end, and is read piece by piece
            max_response: usize::MAX,
            timeout: None,
        }
    }
}

fn bot(config: &Config) -> Option<(UserId, Secret)> {
    match &config.account {
        Account::Bot { id, api_key } => Some((*id, api_key.clone())),
        Account::User => None,
    }
}

/// Where a stream stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AgentState {
    /// It is being opened, or waits for its next try.
    Connecting,
    /// It is open.
    Open,
    /// It is not open, and will not be by itself.
    Closed,
}

/// Work for whoever drives the stream.
#[derive(Debug)]
pub enum AgentTransmit {
    /// Begin this exchange, whose response has no end.
    Open {
        /// Names it in what follows; never used twice.
        id: u64,
        /// The request.
        request: HttpRequest,
    },
    /// Break an exchange off.
    Close {
        /// Which.
        id: u64,
    },
}

/// Why an exchange is no more.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StreamEnd {
    /// The response has ended.
    Ended,
    /// It could not be had, or broke off.
    Failed(String),
    /// The server answered with a status that is no success.
    Status(u16),
    /// The head of the response, or the next byte of the body, did not come in time.
    Timeout,
}

/// What a stream tells.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AgentStreamEvent {
    /// It is open (`sse_open`, and with `again` `sse_reconnected`).
    Opened {
        /// True if it has been open before.
        again: bool,
    },
    /// An agent's event (`sse_message`).
    Event(AgentEvent),
    /// It has ended without having been asked to (`sse_error`).
    Lost(StreamEnd),
    /// It will be opened again (`sse_reconnecting`).
    Reconnecting {
        /// The how many-th try in a row this is, from 1.
        attempt: u32,
        /// How many there will be; 0 for without end.
        max_attempts: u32,
        /// How long until then.
        delay: Duration,
    },
    /// It is closed (`sse_close`).
    Closed,
}

/// A stream of agent events, kept open. The [module](super) says how to drive it.
///
/// After an end that nobody asked for it waits `min(base_delay * 2^n, max_delay)` and a little more by chance, where
/// `n` counts the tries since it was last open, and gives up after `max_attempts`.
#[derive(Debug)]
pub struct AgentStream {
    config: AgentConfig,
    rng: fastrand::Rng,
    phase: Phase,
    last_id: u64,
    attempts: u32,
    was_open: bool,
    transmits: VecDeque<AgentTransmit>,
    events: VecDeque<AgentStreamEvent>,
}

#[derive(Debug)]
enum Phase {
    Closed,
    Waiting { until: Duration },
    Opening { id: u64, until: Duration },
    Open { id: u64, parser: Box<SseParser>, silent_at: Option<Duration> },
}

impl AgentStream {
    /// A stream that is closed; `seed` is the source of its chance.
    pub fn new(config: AgentConfig, seed: u64) -> Self {
        Self {
            config,
            rng: fastrand::Rng::with_seed(seed),
            phase: Phase::Closed,
            last_id: 0,
            attempts: 0,
            was_open: false,
            transmits: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    // Commands

    /// Opens it, unless it is open or being opened.
    pub fn connect(&mut self, now: Now) {
        if self.state() == AgentState::Closed {
            self.attempts = 0;
            self.open(now);
        }
    }

    /// Closes it for good, until it is connected again.
    pub fn close(&mut self) {
        if let Some(id) = self.exchange() {
            self.transmits.push_back(AgentTransmit::Close { id });
        }
        self.finish();
    }

    // Inputs

    /// The head of the response is there.
    pub fn handle_opened(&mut self, now: Now, id: u64, status: u16) {
        if !matches!(self.phase, Phase::Opening { id: opening, .. } if opening == id) {
            return;
        }
        if !(200..300).contains(&status) {
            self.transmits.push_back(AgentTransmit::Close { id });
            return self.on_lost(now, StreamEnd::Status(status));
        }
        self.attempts = 0;
        self.events.push_back(AgentStreamEvent::Opened { again: self.was_open });
        self.was_open = true;
        let silent_at = self.silent_at(now);
        self.phase = Phase::Open { id, parser: Box::new(SseParser::new(self.config.limits)), silent_at };
    }

    /// A piece of the body.
    pub fn handle_bytes(&mut self, now: Now, id: u64, bytes: &[u8]) {
        let next_silence = self.silent_at(now);
        let Phase::Open { id: open, parser, silent_at } = &mut self.phase else { return };
        if *open != id {
            return;
        }
        *silent_at = next_silence;
        parser.receive(bytes);
        while let Some(event) = parser.poll_event() {
            match AgentEvent::parse(&event.data) {
                Some(event) => self.events.push_back(AgentStreamEvent::Event(event)),
                None => tracing::debug!(len = event.data.len(), "skipped what is no event of an agent"),
            }
        }
    }

    /// The response has ended, or could not be had.
    pub fn handle_ended(&mut self, now: Now, id: u64, end: StreamEnd) {
        if self.exchange() == Some(id) {
            self.on_lost(now, end);
        }
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Now) {
        if self.poll_timeout().is_none_or(|due| due > now.elapsed) {
            return;
        }
        match self.exchange() {
            None => self.open(now),
            Some(id) => {
                self.transmits.push_back(AgentTransmit::Close { id });
                self.on_lost(now, StreamEnd::Timeout);
            }
        }
    }

    // Outputs

    /// The next piece of work.
    #[must_use]
    pub fn poll_transmit(&mut self) -> Option<AgentTransmit> {
        self.transmits.pop_front()
    }

    /// The next event.
    #[must_use]
    pub fn poll_event(&mut self) -> Option<AgentStreamEvent> {
        self.events.pop_front()
    }

    /// When [`handle_timeout`](Self::handle_timeout) is wanted next, on the clock of [`Now::elapsed`].
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        match &self.phase {
            Phase::Closed => None,
            Phase::Waiting { until } | Phase::Opening { until, .. } => Some(*until),
            Phase::Open { silent_at, .. } => *silent_at,
        }
    }

    // Getters

    /// Whether the body should be read. While it is false TCP holds the server back.
    pub fn wants_read(&self) -> bool {
        self.events.len() < MAX_WAITING
    }

    /// Where it stands.
    pub const fn state(&self) -> AgentState {
        match self.phase {
            Phase::Closed => AgentState::Closed,
            Phase::Waiting { .. } | Phase::Opening { .. } => AgentState::Connecting,
            Phase::Open { .. } => AgentState::Open,
        }
    }

    /// The exchange that is under way. What any other says is of no concern.
    pub const fn exchange(&self) -> Option<u64> {
        match self.phase {
            Phase::Closed | Phase::Waiting { .. } => None,
            Phase::Opening { id, .. } | Phase::Open { id, .. } => Some(id),
        }
    }

    fn open(&mut self, now: Now) {
        self.last_id += 1;
        let id = self.last_id;
        self.phase = Phase::Opening { id, until: now.elapsed.saturating_add(self.config.open_timeout) };
        self.transmits.push_back(AgentTransmit::Open { id, request: self.config.request() });
    }

    fn on_lost(&mut self, now: Now, end: StreamEnd) {
        self.events.push_back(AgentStreamEvent::Lost(end));
        let AgentConfig { auto_reconnect, max_attempts, .. } = self.config;
        if !auto_reconnect || (max_attempts > 0 && self.attempts >= max_attempts) {
            return self.finish();
        }
        let delay = self.delay();
        self.attempts = self.attempts.saturating_add(1);
        self.phase = Phase::Waiting { until: now.elapsed.saturating_add(delay) };
        self.events.push_back(AgentStreamEvent::Reconnecting { attempt: self.attempts, max_attempts, delay });
    }

    fn delay(&mut self) -> Duration {
        let AgentConfig { base_delay, max_delay, jitter, .. } = self.config;
        let doubled = base_delay.saturating_mul(1_u32.checked_shl(self.attempts).unwrap_or(u32::MAX));
        doubled.min(max_delay).saturating_add(jitter.mul_f64(self.rng.f64()))
    }

    fn finish(&mut self) {
        if self.state() != AgentState::Closed {
            self.phase = Phase::Closed;
            self.events.push_back(AgentStreamEvent::Closed);
        }
    }

    fn silent_at(&self, now: Now) -> Option<Duration> {
        self.config.idle_timeout.map(|idle| now.elapsed.saturating_add(idle))
    }
}

#[cfg(test)]
mod tests;
