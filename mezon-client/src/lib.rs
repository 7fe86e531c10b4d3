//! The client for the Mezon chat platform, for any runtime: what the adapters share.
//!
//! Use this crate if you write an adapter for a runtime of your own. Otherwise use one that exists: `mezon-tokio`,
//! `mezon-smol` or `mezon-blocking`, which fill in the runtime and re-export what a bot needs.
//!
//! ```text
//!   Client, handles ──Pending──► Driver (owns the Machine) ──► Runtime: connections, HTTP exchanges, a timer
//!   Events          ◄──batches──        ◄──replies──
//! ```
//!
//! [`Client`] is the handle, [`Receiver`] and [`AgentReceiver`] what it receives, [`Driver`] the one future that does the work. An adapter
//! brings a [`Runtime`] and names these types with it filled in. Nothing here depends on a runtime, and nothing is
//! spawned but by the adapter's word.
#![deny(missing_docs)]

mod agent;
mod alarm;
mod aliases;
mod builder;
mod client;
mod driver;
mod events;
mod exchange;
mod handle;
mod handlers;
mod headers;
mod inbox;
mod keeper;
#[cfg(feature = "ledger")]
mod ledger;
mod light;
mod listing;
#[cfg(feature = "logging")]
mod logging;
mod login;
#[cfg(feature = "sqlite")]
mod message_db;
mod outbox;
mod outgoing;
mod park;
mod pending;
mod pipe;
mod pool;
mod progress;
mod recording;
mod runtime;
mod socket;
mod stored;
#[cfg(feature = "stream")]
mod stream;
mod tasks;
mod tls;
pub mod upload;

pub use agent::AgentReceiver;
pub use aliases::common;
pub use builder::{Builder, Parts};
pub use client::Client;
pub use driver::Driver;
pub use events::{Receiver, Source};
pub use exchange::{Receive, Whole};
pub use handle::Driven;
pub use handlers::{
    Async, CommandCall, Commands, Dispatch, Failure, FailureCause, HandlerError, HandlerId, HandlerResult, IntoJob,
    Job, Plain, Run, SecondClick,
};
pub use headers::{request_headers, response_headers};
pub use keeper::StoreStats;
#[cfg(feature = "ledger")]
pub use ledger::{FilePayments, FileSeen};
pub use light::{LightClient, LightSocket, MessageHandler, SocketConnectOptions};
pub use listing::Listing;
#[cfg(feature = "logging")]
pub use logging::enable_logging;
#[cfg(feature = "sqlite")]
pub use message_db::MessageDb;
#[cfg(feature = "sqlite")]
#[doc(hidden)]
pub use mezon_store;
pub use outgoing::Outgoing;
pub use park::block_on;
pub use pending::{Answer, Pending};
pub use pool::{Pool, close_pools};
pub use recording::assert_replays;
pub use runtime::{Awaits, Net, Read, Runtime, Spawns, Starter, Stream, Timer, Waits};
pub use socket::Socket;
#[cfg(feature = "stream")]
pub use stream::Events;
pub use tls::handshake_failure;
#[cfg(feature = "logging")]
pub use tracing::Level;
