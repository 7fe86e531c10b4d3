//! What the scenarios see of an adapter.

use std::time::Duration;

use mezon_protocol::event::Cause;
use mezon_protocol::ledger::{AddTxResponse, SendToken};
use mezon_protocol::machine::State;
use mezon_protocol::rest::agent::{AgentConfig, AgentStreamEvent};
use mezon_protocol::route::Route;
use mezon_protocol::{ClanId, Config, Error, MessageId, Now, TransportKind};
use mezon_sandbox::{Sandbox, World};

/// How bot and server are connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    pub transport: TransportKind,
    pub tls: bool,
}

impl Link {
    pub const WEBSOCKET: Self = Self { transport: TransportKind::WebSocket, tls: false };
    pub const WEBSOCKET_TLS: Self = Self { transport: TransportKind::WebSocket, tls: true };
    pub const TCP: Self = Self { transport: TransportKind::Tcp, tls: false };
    pub const TCP_TLS: Self = Self { transport: TransportKind::Tcp, tls: true };
    pub const ALL: [Self; 4] = [Self::WEBSOCKET, Self::WEBSOCKET_TLS, Self::TCP, Self::TCP_TLS];

    pub fn name(self) -> &'static str {
        match (self.transport, self.tls) {
            (TransportKind::WebSocket, false) => "ws",
            (TransportKind::WebSocket, true) => "wss",
            (TransportKind::Tcp, false) => "tcp",
            (TransportKind::Tcp, true) => "tcp+tls",
        }
    }
}

/// An adapter under test.
pub struct Adapter {
    pub name: &'static str,
    pub links: &'static [Link],
    /// Puts a bot of this configuration before a server with this world. The address is the adapter's to fill in.
    pub start: Start<dyn Bot>,
    /// Logs in as configured, trusting this root certificate, and closes. Only where the adapter has sockets.
    pub login: Option<Login>,
    /// As `start`, for a bot that can listen to agents. Only where the adapter has sockets.
    pub start_listening: Option<Start<dyn Listens>>,
    /// Scenarios for clients, not for those who drive the Machine by hand.
    pub clients: &'static [ClientScenario],
}

/// Its name in the documentation, and what it does.
pub type ClientScenario = (&'static str, fn(Link));
pub type Start<B> = fn(World, Config, Link) -> Box<B>;
pub type Login = fn(Config, Vec<u8>) -> Result<(), Error>;

/// What a bot has seen, the same for all backends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    Ready { resumed: bool },
    Disconnected { cause: Cause, retries: bool },
    Message { text: String, own: bool },
    Other,
}

/// A bot on some adapter, before a world that can be acted on.
pub trait Bot {
    /// Does something with the world.
    fn act(&mut self, act: &mut dyn FnMut(&mut World, Now));

    fn connect(&mut self) -> Result<(), Error>;
    fn state(&mut self) -> State;
    fn send(&mut self, route: Route, text: &str) -> Result<MessageId, Error>;
    fn edit_last(&mut self, text: &str) -> Result<(), Error>;
    fn pay(&mut self, payment: SendToken) -> Result<AddTxResponse, Error>;
    fn channels_of(&mut self, clan: ClanId) -> Result<usize, Error>;
    /// The next event, if one comes within this time.
    fn next(&mut self, within: Duration) -> Option<Seen>;
    fn shutdown(&mut self, deadline: Duration);
}

/// A bot that can open the stream of agents' events, before a sandbox.
pub trait Listens: Bot {
    fn sandbox(&self) -> &Sandbox;

    /// Opens the stream, as the client is configured or with settings of its own.
    fn listen(&mut self, settings: Option<AgentConfig>) -> Result<Stream, Error>;
}

/// A stream of agents' events: gives what comes next within a time.
pub type Stream = Box<dyn FnMut(Duration) -> Heard>;

#[derive(Debug, PartialEq)]
pub enum Heard {
    Event(AgentStreamEvent),
    Nothing,
    End,
}

/// What an event is to the scenarios; usable for any backend.
#[macro_export]
macro_rules! seen {
    ($event:expr) => {
        match $event {
            mezon_protocol::Event::Ready { resumed, .. } => $crate::bot::Seen::Ready { resumed },
            mezon_protocol::Event::Disconnected { cause, will_retry_in } => {
                $crate::bot::Seen::Disconnected { cause, retries: will_retry_in.is_some() }
            }
            mezon_protocol::Event::Message(message) => {
                $crate::bot::Seen::Message { text: message.text().into_owned(), own: message.is_own() }
            }
            _ => $crate::bot::Seen::Other,
        }
    };
}
