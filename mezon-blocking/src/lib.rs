//! Bots and scripts for the Mezon chat platform without async: calls that wait for their answer, events as an iterator.
//!
//! Use this if your program is synchronous: a script, a command-line tool, a thread in something larger. If it is async
//! and runs on tokio use `mezon-tokio`; otherwise use `mezon-protocol`, the same protocol without any I/O, in an event
//! loop of your own.
//!
//! ```no_run
//! use mezon_blocking::{Client, Config, Error, Event};
//!
//! fn main() -> Result<(), Error> {
//!     let client = Client::login(Config::bot("1840000000000000001", "the-api-key")?)?;
//!     for event in client.events() {
//!         let Event::Message(message) = event else { continue };
//!         if !message.is_own() && message.text() == "*ping" {
//!             message.reply("pong")?;
//!         }
//!     }
//!     Ok(())
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
//! The guide is in the docs of `mezon-tokio`, whose clients have the same methods; here calls return their
//! `Result`, and handlers are plain closures:
//!
//! ```no_run
//! use mezon_blocking::{Client, Command, Commands, Config, Error};
//!
//! fn main() -> Result<(), Error> {
//!     let client = Client::new(Config::bot("1840000000000000001", "the-api-key")?)?;
//!     client.on_message(|message| if message.text() == "hello" { message.reply("Hello!").map(drop) } else { Ok(()) });
//!     client.commands(Commands::new("*").command(Command::new("ping"), |call| call.reply("pong")).with_help());
//!     client.run()
//! }
//! ```
//!
//! What is called how in other clients says [`protocol::names`].
//!
//! # Threads
//!
//! [`Client`] is the handle, [`Events`] what it receives. `Client::connect`, `Client::login` and `Client::start` start
//! one thread, the driver, which owns the connection and all of the protocol's state: pings, renewals and
//! reconnects go on while your program computes or sleeps. Names are looked up, connections opened and HTTP requests made
//! on a few more threads, which come when they are needed and go when nothing is left to do.
//!
//! All of them end with `Client::shutdown`, and when the last clone of the client and its [`Events`] are dropped. None
//! of them keeps the process alive: it ends with `main`, and by Ctrl-C, as usual.
//!
//! Calls may be made from any number of threads, and each waits for its own answer; answers never wait behind events, so
//! a handler may make calls. What handles return says in its error whether the call was sent. Only where the driver runs
//! code of yours, in a [`RouteStore`](protocol::route::RouteStore) or a `tracing` subscriber, a call is refused as
//! `Unsupported`: it would wait for itself.
//!
//! # Errors
//!
//! Every call ends exactly once, with its output or with an [`Error`]. [`Error::kind`] says what happened, [`Error::sent`]
//! whether the server may have seen it: what is certainly not sent can be called again, and
//! [`is_retryable`](Error::is_retryable) says whether that helps. Nothing that has left is sent a second time by itself.
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
//! their own, `tungstenite`, `ureq` and `ureq_proto`, which show whole frames, URLs and HTTP exchanges at TRACE: keep
//! those off.
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

mod alarm;
mod connection;
mod events;
mod http;
mod net;
mod reactor;
mod runtime;

pub use alarm::Alarm;
pub use connection::Connection;
pub use events::{AgentEvents, Events, NoEvent};
#[doc(inline)]
pub use mezon_client::common::*;
#[cfg(feature = "sqlite")]
#[doc(inline)]
pub use mezon_client::mezon_store::MessageDb;
#[cfg(feature = "logging")]
pub use mezon_client::{Level, enable_logging};
pub use runtime::Threads;

/// A client of the platform: cloned freely, used from any thread. See [`mezon_client::Client`].
///
/// When the last clone of it and its [`Events`] are dropped, that waits for the end of its threads, as `shutdown` does.
///
/// ```no_run
/// use mezon_blocking::{Client, Config, Error};
///
/// # fn example() -> Result<(), Error> {
/// let client = Client::login(Config::bot("1840000000000000001", "the-api-key")?)?;
/// client.channel(1834156727516270601).send("good morning")?;
/// # Ok(())
/// # }
/// ```
pub type Client = mezon_client::Client<Threads>;
/// Sets up a client.
///
/// ```
/// use mezon_blocking::{Client, Config};
///
/// let config = Config::bot("1840000000000000001", "the-api-key")?.host("mezon.example.com").use_tls(false);
/// let client = Client::builder(config).proxy("http://user:password@proxy.example.com:3128").build()?;
/// # Ok::<(), mezon_blocking::Error>(())
/// ```
pub type Builder = mezon_client::Builder<Threads>;
/// Runs the calls of handles: what a handle's method returns is the `Result` itself.
///
/// A call runs at once and waits for its end, which comes in any case: after
/// [`Config::call_timeout`](mezon_protocol::Config::call_timeout) it is `Timeout`. Beside what the call itself tells of,
/// it fails with `TooManyInFlight` at once when
/// [`Config::max_pending`](mezon_protocol::Config::max_pending) calls of other threads are pending, with `NotConnected` on
/// a client that was never started, with `Closed` when its driver has ended, and with `Unsupported` on the driver's own
/// thread. Each error says whether the call was [sent](Error::sent).
pub type Blocking = mezon_client::Driven<Threads>;

mezon_client::__aliases!(Blocking, Threads);
