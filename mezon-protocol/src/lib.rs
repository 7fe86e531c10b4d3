//! The Mezon chat platform as a pure state machine.
//!
//! Use this crate if you have an event loop of your own (a game, a GUI, epoll), if you write an adapter, or if you want to test
//! or fuzz the protocol. Otherwise use an adapter, such as `mezon-tokio`: it drives this crate for you and re-exports what a
//! bot needs.
//!
//! # Map
//!
//! - [`Machine`] is the whole: it logs in, connects, joins, reconnects, and runs calls. Its [module](machine) says how to
//!   drive it; the small machines that it is made of can be used alone.
//! - [`object`] has the handles that bots use: channels, messages, users, clans.
//! - [`memory`] has what a client remembers: caches of clans, channels, users, roles and messages.
//! - [`store`] has where messages are kept for good.
//! - [`event`] has what the server pushes, [`content`] what messages say, [`call`] what can be asked for, [`api`] the table of RPCs.
//! - [`rest`] has what the platform offers over HTTP beside its API: webhooks, OAuth2, media, invitations.
//! - [`upload`] has the way of files to the platform, and back.
//! - [`light`] has the small client of users who talk in direct messages and groups.
//! - [`interaction`] has what people do with messages: clicks, forms, waiting for an answer; [`command`] a router of commands.
//! - [`replay`] plays what a Machine was told once more: a recording of a failure becomes a test.
//! - [`names`] says what is called how in the clients of other languages.
//! - [`transport`] has WebSocket, abridged TCP and TLS as byte codecs, [`wire`] the frames, [`proto`] the generated wire types.
//!
//! # Driving it by hand
//!
//! ```
//! use mezon_protocol::machine::{State, Transmit};
//! use mezon_protocol::{Config, Machine, Now};
//! use std::time::Duration;
//!
//! let start = Now::new(Duration::ZERO, Duration::from_secs(1_767_225_600));
//! let mut machine = Machine::new(Config::bot("17", "the-api-key")?, 1, start)?;
//! machine.connect(start);
//!
//! // the first thing that it wants is a login
//! let Some(Transmit::Http { id, request }) = machine.poll_transmit() else { panic!() };
//! assert_eq!(request.url, "https://gw.mezon.ai/v2/apps/authenticate/token");
//!
//! // nobody answers: the deadline is the Machine's own
//! let deadline = machine.poll_timeout().expect("something is under way");
//! machine.handle_timeout(start + deadline.at);
//! assert!(matches!(machine.poll_transmit(), Some(Transmit::CancelHttp { id: late }) if late == id));
//! assert_eq!(machine.state(), State::Disconnected);
//! # Ok::<(), mezon_protocol::Error>(())
//! ```
//!
//! # What is promised
//!
//! The same inputs give the same outputs: no clock is read, no randomness drawn, nothing spawned, no lock taken. No input
//! from the network makes it panic, loop, or hold more than its bounds. Secrets are neither printed nor logged; what this crate logs
//! goes through `tracing`. (The WebSocket engine inside logs through `log`, frames and all at TRACE: keep the target
//! `tungstenite` off if your subscriber takes `log` records.)
#![deny(missing_docs)]

pub mod api;
pub mod call;
mod clock;
pub mod command;
pub mod config;
pub mod content;
mod endpoint;
mod error;
pub mod event;
pub mod exchange;
#[cfg(any(feature = "launch", feature = "ledger"))]
mod hex;
mod id;
pub mod interaction;
#[cfg(feature = "ledger")]
pub mod ledger;
mod lenient;
pub mod light;
pub mod machine;
pub mod memory;
#[doc = include_str!("../docs/names.md")]
pub mod names {}
pub mod object;
pub mod proto;
pub mod proxy;
pub mod replay;
pub mod rest;
pub mod route;
mod secret;
mod session;
pub mod store;
mod time;
pub mod transport;
pub mod upload;
pub mod wire;

pub use clock::ClockOffset;
pub use config::{Config, TransportKind};
pub use content::Content;
pub use endpoint::{Endpoint, InvalidEndpoint};
pub use error::{Error, ErrorKind, Sent};
pub use event::{Event, EventKind, Interest, RawEvent};
pub use id::{
    ANONYMOUS, CategoryId, ChannelId, ClanId, EmojiId, HERE, IntoId, InvalidId, MessageId, RoleId, TopicId, UserId,
};
pub use machine::Machine;
pub use secret::Secret;
pub use session::{InvalidSession, Session, SessionExport};
pub use time::Now;
