//! Bots and clients for the Mezon chat platform on tokio.
//!
//! Use this if your program is async and runs on tokio. Otherwise use `mezon-blocking` if it is synchronous, or
//! `mezon-protocol`, the same protocol without any I/O, in an event loop of your own.
//!
//! ```no_run
//! use mezon_tokio::{Client, Config, Error, Event};
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Error> {
//!     let client = Client::login(Config::bot("1840000000000000001", "the-api-key")?).await?;
//!     let mut events = client.events();
//!     while let Some(event) = events.next().await {
//!         let Event::Message(message) = event else { continue };
//!         if !message.is_own() && message.text() == "*ping" {
//!             message.reply("pong").await?;
//!         }
//!     }
//!     Ok(())
//! }
//! ```
//!
//! # Where to find what
//!
//! The [`guide`] has a page for each topic: [handlers](guide::handlers), [commands](guide::commands), [messages](guide::messages),
//! [files](guide::files), [buttons and forms](guide::interactions), [clans, channels and users](guide::objects),
//! [logging in as a user](guide::users), [what is promised](guide::reliability): drops, restarts, stores of messages
//! (`Builder::store`) and messages that are sent once (`queue_once`), [testing](guide::testing) and recordings
//! (`Builder::record`), and, with the feature `ledger`, `tokens`. What is called how in other clients says [`protocol::names`].
//!
//! # Client, events, driver
//!
//! [`Client`] is the handle, [`Events`] what it receives, [`Driver`] the task that does the work: it owns the connection
//! and all of the protocol's state, and client and handles talk to it. [`Client::connect`] and [`Client::login`] start
//! it by themselves, [`Client::with_driver`] leaves that to you. A bot is one connection, so a current-thread runtime
//! serves it best; with a multi-thread one every event costs about twice as much.
//!
//! Calls return a [`Pending`]: a future that starts with its first poll, ends exactly once, and says in its error whether
//! it was sent. Their answers never wait behind events, so a handler may await calls.
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `platform-verifier` | the root certificates that the operating system trusts; on by default |
//! | `webpki-roots` | those of the browsers, compiled in; used when `platform-verifier` is off |
//! | `sqlite` | `MessageDb`: messages in SQLite, what was missed and what is sent once included. Needs Rust 1.89 |
//! | `ledger` | tokens: `send_token`, `ledger`, payments in files |
//! | `logging` | `enable_logging`, for programs that set up no logging of their own |
//!
//! What is missed during a drop is fetched, stores other than SQLite are taken and recordings are made without any feature.
//!
//! # Logging
//!
//! By `tracing`, in the span `mezon`; nothing is written unless a subscriber is installed, as `enable_logging` of the
//! feature `logging` does. Neither tokens nor what people write is logged. The library below has a target of
//! its own, `tungstenite`, which shows whole frames at TRACE: keep that one off.
#![deny(missing_docs)]

pub mod guide;
mod http;
mod net;
mod runtime;

pub use mezon_client::Answer;
#[cfg(feature = "sqlite")]
#[doc(inline)]
pub use mezon_client::MessageDb;
#[doc(inline)]
pub use mezon_client::common::*;
#[cfg(feature = "logging")]
pub use mezon_client::{Level, enable_logging};
pub use runtime::{Alarm, Connection, TokioRuntime};

/// A client of the platform: cloned freely, used from any task. See [`mezon_client::Client`].
///
/// ```no_run
/// use mezon_tokio::{Client, Config, Error};
///
/// # async fn example() -> Result<(), Error> {
/// let client = Client::login(Config::bot("1840000000000000001", "the-api-key")?).await?;
/// client.channel(1834156727516270601).send("good morning").await?;
/// # Ok(())
/// # }
/// ```
///
/// Those who spawn the driver themselves begin with `with_driver`:
///
/// ```no_run
/// # use mezon_tokio::{Client, Config, Error};
/// # async fn example(config: Config) -> Result<(), Error> {
/// let (client, driver, mut events) = Client::with_driver(config)?;
/// tokio::spawn(driver);
/// client.connect().await?;
/// # Ok(())
/// # }
/// ```
pub type Client = mezon_client::Client<TokioRuntime>;
/// Sets up a client.
///
/// ```
/// use mezon_tokio::{Client, Config};
///
/// let config = Config::bot("1840000000000000001", "the-api-key")?.host("mezon.example.com").use_tls(false);
/// let client = Client::builder(config).proxy("http://user:password@proxy.example.com:3128").build()?;
/// # Ok::<(), mezon_tokio::Error>(())
/// ```
pub type Builder = mezon_client::Builder<TokioRuntime>;
/// Does the work of a client: a future to be spawned on tokio, or awaited beside others.
pub type Driver = mezon_client::Driver<TokioRuntime>;
/// The events of a client, as a stream; see [`mezon_client::Events`].
///
/// ```no_run
/// # async fn example(client: mezon_tokio::Client) {
/// use mezon_tokio::Event;
///
/// let mut events = client.events();
/// while let Some(event) = events.next().await {
///     if let Event::Message(message) = event {
///         println!("{} wrote something", message.sender_name());
///     }
/// }
/// # }
/// ```
pub type Events = mezon_client::Events<mezon_client::Receiver<TokioRuntime>>;
/// The events of AI agents, as a stream; see `Client::agent_events`.
///
/// ```no_run
/// # async fn example(client: mezon_tokio::Client) -> Result<(), mezon_tokio::Error> {
/// use mezon_tokio::protocol::rest::agent::AgentStreamEvent;
///
/// let mut events = client.agent_events()?;
/// while let Some(event) = events.next().await {
///     match event {
///         AgentStreamEvent::Event(event) => println!("{:?} in {}", event.kind, event.room.room_name),
///         state => println!("the stream: {state:?}"),
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub type AgentEvents = mezon_client::Events<mezon_client::AgentReceiver<TokioRuntime>>;
/// A call on its way: a future of its output, which starts with its first poll.
pub type Pending<T> = mezon_client::Pending<T, TokioRuntime>;
/// Runs the calls of handles: what a handle's method returns is a [`Pending`].
pub type Tokio = mezon_client::Driven<TokioRuntime>;

mezon_client::__aliases!(Tokio, TokioRuntime);
