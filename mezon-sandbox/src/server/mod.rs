//! The sandbox: a world behind a real port.
//!
//! ```text
//!   caller's threads ──with──►┌───────┐
//!                             │ world │◄── HTTP requests, frames ── tasks, one per connection ◄──► loopback
//!   expectations ◄──outcomes──└───────┘──► actions ───────────────►
//! ```
//!
//! One thread runs all tasks. Whoever changes the world, caller or task, also hands on what that brought about.

mod acting;
mod agents;
mod api;
mod expectation;
mod listen;
mod replay;
mod shared;
mod socket;

#[cfg(test)]
mod tests;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;

use mezon_protocol::rest::Services;
use mezon_protocol::{Config, Now, UserId};
use tokio::sync::oneshot;
use tokio_rustls::{TlsAcceptor, rustls};

use crate::World;
use crate::world::{ENVELOPES, INDEXER, NODE, PROOFS};
pub use expectation::Expectation;
use shared::{Ending, Shared};

/// A [`World`] that runs on this machine: HTTP, WebSocket and abridged TCP on one port of the loopback.
///
/// [`start`](Self::start) starts a thread, which ends when the sandbox is dropped, and with it every connection.
/// All methods can be called from any thread, inside of a runtime or outside, and none of them waits for a bot: what a
/// test waits for is an [`Expectation`].
///
/// ```
/// use mezon_sandbox::{Sandbox, World};
/// use std::time::Duration;
///
/// let mut builder = World::builder();
/// let alice = builder.person("alice");
/// let clan = builder.clan("Clan A");
/// builder.everyone_in(clan);
/// let general = builder.channel(clan, "general");
///
/// let sandbox = Sandbox::start(builder.build())?;
/// // Here a bot would connect to `sandbox.url()`.
/// sandbox.say(alice, general, "anybody here?");
/// sandbox.expect_nothing(general, Duration::from_millis(10)).wait()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Sandbox {
    shared: Arc<Shared>,
    addr: SocketAddr,
    url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// How a [`Sandbox`] is to listen.
#[derive(Clone, Debug)]
pub struct SandboxBuilder {
    port: u16,
    host: String,
    tls: Option<Arc<rustls::ServerConfig>>,
}

impl SandboxBuilder {
    /// Listens on this port of the loopback. Default: 0, any that is free.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The name by which [`Sandbox::url`] and the sessions call the server, for certificates that were issued to one.
    /// It must lead to 127.0.0.1. Default: that address.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = host.into();
        self
    }

    /// Speaks TLS, for HTTP and both transports of the socket alike. Default: not.
    #[must_use]
    pub fn tls(mut self, config: Arc<rustls::ServerConfig>) -> Self {
        self.tls = Some(config);
        self
    }

    /// Starts a thread that serves the world. The world's sessions name this server from then on.
    ///
    /// # Errors
    ///
    /// When the port is taken, or the system gives no port or thread.
    pub fn start(self, mut world: World) -> io::Result<Sandbox> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))?;
        listener.set_nonblocking(true)?;
        let addr = listener.local_addr()?;
        let (web, socket) = if self.tls.is_some() { ("https", "wss") } else { ("http", "ws") };
        let (host, port) = (&self.host, addr.port());
        let url = format!("{web}://{host}:{port}");
        world.settings_mut().api_url.clone_from(&url);
        world.settings_mut().ws_url = format!("{socket}://{host}:{port}");
        world.settings_mut().tcp_url = format!("{host}:{port}");

        let shared = Arc::new(Shared::new(world));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&shared);
        let tls = self.tls.map(TlsAcceptor::from);
        let run = move || {
            let _ending = Ending(Arc::clone(&served));
            runtime.block_on(listen::run(listener, served, tls, stopped));
        };
        let thread = std::thread::Builder::new().name("mezon-sandbox".to_owned()).spawn(run)?;
        Ok(Sandbox { shared, addr, url, stop: Some(stop), thread: Some(thread) })
    }
}

impl Sandbox {
    /// Starts a thread that serves the world on a free port of the loopback, without TLS.
    ///
    /// # Errors
    ///
    /// When the system gives no port or thread.
    pub fn start(world: World) -> io::Result<Self> {
        Self::builder().start(world)
    }

    /// Begins with a free port of the loopback, without TLS.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder { port: 0, host: Ipv4Addr::LOCALHOST.to_string(), tls: None }
    }

    /// The address on which it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The port on which it listens.
    pub fn port(&self) -> u16 {
        self.addr.port()
    }

    /// The base of the HTTP API, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The services beside the API, all on this server: webhooks, media, ledger and proofs.
    pub fn services(&self) -> Services {
        Services {
            webhook: self.url.clone(),
            media: self.url.clone(),
            ledger: Some(format!("{}{NODE}", self.url)),
            proofs: Some(format!("{}{PROOFS}", self.url)),
            indexer: Some(format!("{}{INDEXER}", self.url)),
            envelopes: Some(format!("{}{ENVELOPES}", self.url)),
            ..Services::default()
        }
    }

    /// How a client reaches this server as that bot, without rate limits.
    ///
    /// # Panics
    ///
    /// When there is no such bot.
    pub fn config(&self, bot: UserId) -> Config {
        let key = self.with(|world, _| world.api_key(bot).map(str::to_owned));
        let key = key.unwrap_or_else(|| panic!("there is no bot {bot} in this world"));
        let config = Config::bot(bot, key).and_then(|config| config.url(&self.url));
        let mut config = config.expect("an id is one, and so is the URL").without_rate_limits();
        config.services = self.services();
        config.ledger.plain_loopback = true;
        config
    }

    /// Does something with the world. What it brings about has been handed on to the connections when this returns.
    ///
    /// Everything else waits meanwhile, so be brief, and call no method of the sandbox in it: that would wait for ever.
    pub fn with<R>(&self, act: impl FnOnce(&mut World, Now) -> R) -> R {
        self.shared.with(act)
    }

    /// The transcript as it is written from now on, each entry as a line for people. Lines wait until they are taken,
    /// in any number.
    pub fn follow(&self) -> Receiver<String> {
        self.shared.follow()
    }
}

impl Drop for Sandbox {
    /// Ends the thread and waits for it.
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It can only have panicked, which has been told already.
            let _ = thread.join();
        }
    }
}
