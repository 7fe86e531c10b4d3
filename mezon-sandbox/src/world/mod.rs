//! The world: a Mezon as a pure state machine. No socket, no clock, no thread; time comes in with every input.
//!
//! ```text
//!   handle_http ────────────►                    ► HttpResponse, at once
//!   connect, disconnected ──►   World            ► poll_transmit: frames, closes and aborts for connections
//!   handle_frame ───────────►   users, clans,    ► poll_timeout: when handle_timeout wants to be called
//!   people act, faults ─────►   channels, rules  ► take_outcome: the end of an expectation
//! ```
//!
//! The driving loop is that of any such machine: give it one input, drain `poll_transmit`, wait for the next input or
//! the deadline. With the same seed and the same inputs it does the same, so a run can be repeated.

mod actors;
mod acts;
mod agents;
mod builder;
mod calls;
mod channels;
mod connection;
mod counters;
mod delivery;
mod describe;
mod expect;
mod faults;
mod file;
mod files;
mod form;
mod hooks;
mod http;
mod ids;
mod ledger;
mod logins;
mod lookup;
mod matching;
mod membership;
mod messages;
mod model;
mod reactions;
mod realtime;
mod refusal;
mod render;
mod rest;
mod sample;
mod settings;
mod text;
mod timers;
mod token;
mod transcript;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use mezon_protocol::{ChannelId, ClanId, MessageId, UserId};

pub(crate) use agents::STREAM as AGENT_STREAM;
pub use builder::WorldBuilder;
pub use connection::{Action, ConnId, Joins, Outgoing};
pub use counters::Counters;
pub use expect::{ExpectationId, Outcome, Scope, Unmet};
pub use faults::Target;
pub use file::{InvalidWorld, WorldFile};
pub use files::{StoredFile, StoredPart};
pub(crate) use form::Reach;
pub use form::{Filling, Misfit};
pub use http::{Answered, Request};
pub(crate) use ledger::{ENVELOPES, INDEXER, NODE, PROOFS};
pub use ledger::{LedgerCall, LedgerEntry, LedgerFault, LedgerStatus, LedgerView};
pub use matching::Matching;
pub use model::{ChannelKind, NewChannel, NewClan, NewUser};
pub use settings::{LedgerSettings, OddPages, Settings};
pub use transcript::{Entry, Said, SentEnvelope, What};

use calls::Records;
use connection::Connection;
use expect::Expectations;
use faults::Faults;
use files::Files;
use ids::Snowflakes;
use ledger::Ledger;
use model::{Channel, Clan, User};
use timers::Agenda;
use token::Tokens;
use transcript::Transcript;

/// A Mezon without any I/O: inputs are handled at once, what they bring about is polled.
///
/// # The loop
///
/// ```
/// use mezon_sandbox::{Now, World};
/// use std::time::Duration;
///
/// let mut builder = World::builder();
/// let alice = builder.person("alice");
/// let clan = builder.clan("Clan A");
/// builder.everyone_in(clan);
/// let general = builder.channel(clan, "general");
/// let mut world = builder.build();
///
/// let now = Now::new(Duration::ZERO, Duration::from_secs(1_767_225_600));
/// world.say(now, alice, general, "anybody here?");
/// while let Some(outgoing) = world.poll_transmit() {
///     // hand `outgoing.action` to the connection `outgoing.conn`
///     drop(outgoing);
/// }
/// assert!(world.poll_timeout().is_none());
/// ```
#[derive(Debug)]
pub struct World {
    settings: Settings,
    seed: u64,
    rng: fastrand::Rng,
    ids: Snowflakes,
    tokens: Tokens,
    users: BTreeMap<UserId, User>,
    clans: BTreeMap<ClanId, Clan>,
    channels: BTreeMap<ChannelId, Channel>,
    /// Where a message is. Only asked, never walked: its order is not the same in every run.
    message_channels: HashMap<MessageId, ChannelId>,
    connections: BTreeMap<ConnId, Connection>,
    /// The streams of agents' events, and whose they are.
    agent_streams: BTreeMap<ConnId, UserId>,
    last_conn: u64,
    outgoing: VecDeque<Outgoing>,
    agenda: Agenda,
    faults: Faults,
    /// When a client's running second began, and how much it has sent in it.
    rates: BTreeMap<UserId, (Duration, u32)>,
    records: Records,
    files: Files,
    ledger: Ledger,
    transcript: Transcript,
    expectations: Expectations,
    counters: Counters,
}

impl World {
    /// Begins a world with nothing in it.
    pub fn builder() -> WorldBuilder {
        WorldBuilder::new()
    }

    fn empty(seed: u64) -> Self {
        Self {
            settings: Settings::default(),
            seed,
            rng: fastrand::Rng::with_seed(seed),
            ids: Snowflakes::new(),
            tokens: Tokens::new(seed),
            users: BTreeMap::new(),
            clans: BTreeMap::new(),
            channels: BTreeMap::new(),
            message_channels: HashMap::new(),
            connections: BTreeMap::new(),
            agent_streams: BTreeMap::new(),
            last_conn: 0,
            outgoing: VecDeque::new(),
            agenda: Agenda::default(),
            faults: Faults::default(),
            rates: BTreeMap::new(),
            records: Records::default(),
            files: Files::default(),
            ledger: Ledger::default(),
            transcript: Transcript::default(),
            expectations: Expectations::default(),
            counters: Counters::default(),
        }
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The settings, to be changed. A change holds from then on.
    pub fn settings_mut(&mut self) -> &mut Settings {
        &mut self.settings
    }

    /// The seed from which tokens and random choices come.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// What has happened so far, in numbers.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }
}
