//! Bots and clients for the Mezon chat platform on smol, and on any other executor.
//!
//! Use this if your program is async and does not run on tokio: on smol, on an executor of your own, on what is left of
//! async-std. Otherwise use `mezon-tokio`, which has the same methods, or `mezon-protocol`, the same protocol without any
//! I/O, in an event loop of your own.
//!
//! ```no_run
//! use mezon_smol::{Client, Config, Error, Event};
//!
//! fn main() -> Result<(), Error> {
//!     smol::block_on(async {
//!         let (client, driver, mut events) = Client::with_driver(Config::bot("1840000000000000001", "the-api-key")?)?;
//!         smol::spawn(driver).detach();
//!         client.connect().await?;
//!         while let Some(event) = events.next().await {
//!             let Event::Message(message) = event else { continue };
//!             if !message.is_own() && message.text() == "*ping" {
//!                 message.reply("pong").await?;
//!             }
//!         }
//!         Ok(())
//!     })
//! }
//! ```
//!
//! # Where to find what
//!
//! | you want to | begin with | the guide's page |
//! |---|---|---|
//! | log in, and end | [`Config`], [`Client`], [`Builder`] for all that is set beside the configuration | |
//! | take events in a loop | [`Events`], [`Event`] | [handlers][page-handlers] |
//! | handle events where they are named | `Client::on_message` and its like, `Client::run` | [handlers][page-handlers] |
//! | answer commands | [`Commands`], [`Command`], [`CommandCall`] | [commands][page-commands] |
//! | write, reply, edit, react, delete | [`Channel`], [`Message`], [`SentMessage`], [`Content`], [`Embed`] | [messages][page-messages] |
//! | upload, attach and fetch files | [`upload`], [`Uploaded`], [`Download`] | [files][page-files] |
//! | offer buttons and forms | [`component_id!`], [`Button`], [`ButtonClick`], [`Form`] | [buttons and forms][page-interactions] |
//! | know clans, channels, users, roles | [`Clan`], [`Channel`], [`User`], [`Role`], [`View`] | [objects][page-objects] |
//! | call whatever the platform has | [`Bot`], [`protocol::api`] | [objects][page-objects] |
//! | know what failed, and what to do about it | [`Error`], [`ErrorKind`], [`Sent`] | [what is promised][page-reliability] |
//! | lose nothing by a drop or a restart | [`BackfillPolicy`], `Builder::store`, [`MessageStore`], `Channel::queue_once` | [what is promised][page-reliability] |
//! | log in as a user | [`LightClient`], [`LightSocket`], [`Session`] | [users][page-users] |
//! | send and receive tokens | `Client::send_token`, `Client::on_payment`, of the feature `ledger` | [tokens][page-tokens] |
//! | test it with no account | `mezon-sandbox` | [testing][page-testing] |
//! | record a run, and play it once more | `Builder::record`, [`assert_replays`] | [testing][page-testing] |
//!
//! The guide is in the docs of `mezon-tokio`, whose clients have the same methods; here you spawn the
//! driver:
//!
//! ```no_run
//! use mezon_smol::{Client, Command, Commands, Config, Error};
//!
//! fn main() -> Result<(), Error> {
//!     let (client, driver, _) = Client::with_driver(Config::bot("1840000000000000001", "the-api-key")?)?;
//!     client.on_message(|message| async move {
//!         if message.text() == "hello" { message.reply("Hello!").await.map(drop) } else { Ok(()) }
//!     });
//!     let ping = Command::new("ping");
//!     client.commands(Commands::new("*").command(ping, |call| async move { call.reply("pong").await }).with_help());
//!     smol::block_on(async {
//!         smol::spawn(driver).detach();
//!         client.run().await
//!     })
//! }
//! ```
//!
//! What is called how in other clients says [`protocol::names`].
//!
//! # Client, events, driver
//!
//! [`Client`] is the handle, [`Events`] what it receives, [`Driver`] the future that does the work: it owns the connection
//! and all of the protocol's state, and client and handles talk to it. **Nothing is spawned behind your back**: spawn the
//! driver, or await it beside others; until it runs nothing happens. A bot is one connection, so it is served best by a
//! `LocalExecutor`, on which nothing crosses threads.
//!
//! Sockets and timers are those of `async-io`, whose thread waits for them when no `block_on` of smol's does; host names
//! are looked up on the thread pool of `blocking`.
//!
//! Calls return a [`Pending`]: a future that starts with its first poll, ends exactly once, and says in its error whether
//! it was sent. Their answers never wait behind events, so a handler may await calls.
//!
//! # Errors
//!
//! Every call ends exactly once, with its output or with an [`Error`]. [`Error::kind`] says what happened, [`Error::sent`]
//! whether the server may have seen it: what is certainly not sent can be called again, and
//! [`is_retryable`](Error::is_retryable) says whether that helps. Nothing that has left is sent a second time by itself.
//!
//! # async-std
//!
//! It is discontinued, and only the tests of this crate depend on it. Where it is still in use
//! `async_std::task::spawn(driver)` starts the driver, and all else is the same.
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
//! feature `logging` does. Neither tokens nor what people write is logged. The libraries below have targets of
//! their own, `tungstenite` and `ureq_proto`, which show whole frames and HTTP exchanges at TRACE: keep those off.
//!
//! [page-handlers]: https://docs.rs/mezon-tokio/latest/mezon_tokio/guide/handlers/index.html
//! [page-commands]: https://docs.rs/mezon-tokio/latest/mezon_tokio/guide/commands/index.html
//! [page-messages]: https://docs.rs/mezon-tokio/latest/mezon_tokio/guide/messages/index.html
//! [page-files]: https://docs.rs/mezon-tokio/latest/mezon_tokio/guide/files/index.html
//! [page-interactions]: https://docs.rs/mezon-tokio/latest/mezon_tokio/guide/interactions/index.html
//! [page-objects]: https://docs.rs/mezon-tokio/latest/mezon_tokio/guide/objects/index.html
//! [page-users]: https://docs.rs/mezon-tokio/latest/mezon_tokio/guide/users/index.html
//! [page-tokens]: https://docs.rs/mezon-tokio/latest/mezon_tokio/guide/tokens/index.html
//! [page-reliability]: https://docs.rs/mezon-tokio/latest/mezon_tokio/guide/reliability/index.html
//! [page-testing]: https://docs.rs/mezon-tokio/latest/mezon_tokio/guide/testing/index.html
#![deny(missing_docs)]

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
pub use runtime::{Alarm, Connection, SmolRuntime};

/// A client of the platform: cloned freely, used from any task. See [`mezon_client::Client`].
///
/// ```no_run
/// use mezon_smol::{Client, Config, Error};
///
/// # async fn example() -> Result<(), Error> {
/// let (client, driver, _) = Client::with_driver(Config::bot("1840000000000000001", "the-api-key")?)?;
/// smol::spawn(driver).detach();
/// client.connect().await?;
/// client.channel(1834156727516270601).send("good morning").await?;
/// # Ok(())
/// # }
/// ```
pub type Client = mezon_client::Client<SmolRuntime>;
/// Sets up a client.
///
/// ```
/// use mezon_smol::{Client, Config};
///
/// let config = Config::bot("1840000000000000001", "the-api-key")?.host("mezon.example.com").use_tls(false);
/// let builder = Client::builder(config).proxy("http://user:password@proxy.example.com:3128");
/// let (client, driver, events) = builder.with_driver()?;
/// # Ok::<(), mezon_smol::Error>(())
/// ```
pub type Builder = mezon_client::Builder<SmolRuntime>;
/// Does the work of a client: a future to be spawned on any executor, or awaited beside others.
pub type Driver = mezon_client::Driver<SmolRuntime>;
/// The events of a client, as a stream; see [`mezon_client::Events`].
///
/// ```no_run
/// # async fn example(client: mezon_smol::Client) {
/// use mezon_smol::Event;
///
/// let mut events = client.events();
/// while let Some(event) = events.next().await {
///     if let Event::Message(message) = event {
///         println!("{} wrote something", message.sender_name());
///     }
/// }
/// # }
/// ```
pub type Events = mezon_client::Events<mezon_client::Receiver<SmolRuntime>>;
/// The events of AI agents, as a stream; see `Client::agent_events`.
///
/// ```no_run
/// # async fn example(client: mezon_smol::Client) -> Result<(), mezon_smol::Error> {
/// use mezon_smol::protocol::rest::agent::AgentStreamEvent;
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
pub type AgentEvents = mezon_client::Events<mezon_client::AgentReceiver<SmolRuntime>>;
/// A call on its way: a future of its output, which starts with its first poll.
pub type Pending<T> = mezon_client::Pending<T, SmolRuntime>;
/// Runs the calls of handles: what a handle's method returns is a [`Pending`].
pub type Smol = mezon_client::Driven<SmolRuntime>;

mezon_client::__aliases!(Smol, SmolRuntime);
