//! What a runtime has to bring.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use mezon_protocol::exchange::{HttpFailure, HttpRequest};
use mezon_protocol::proxy::Proxy;
use mezon_protocol::{Error, ErrorKind};
use rustls::ClientConfig;

use crate::driver::Driver;
use crate::events::Source;
use crate::exchange::Receive;
use crate::handlers::Run;
use crate::pending::{Answer, Pending};

/// Starts a driver; see [`Runtime::starter`].
pub type Starter<R> = Box<dyn FnOnce(Driver<R>) + Send>;

/// A runtime: connections, HTTP exchanges and a timer, and in what form its users get answers.
///
/// Each client has one of its own. All decisions about the protocol are made elsewhere; here bytes are moved.
pub trait Runtime: Default + Send + Sync + 'static {
    /// Its name, as `Debug` shows it.
    const NAME: &'static str;

    /// How many events are handled at a time unless the user says otherwise.
    const PARALLEL: usize = 64;

    /// A TCP connection.
    type Stream: Stream;
    /// A timer.
    type Timer: Timer;
    /// What a call returns: the [`Pending`] itself where one can await it, else the `Result`.
    type Outcome<T: Send + 'static>;
    /// What a question to the driver returns: the [`Answer`] itself where one can await it, else the value.
    type Answered<T: Send + 'static>;
    /// What running the handlers returns: the [`Run`] itself where one can await it, else its result.
    type Ran;
    /// What a client receives, in the form that suits the runtime.
    type Events<S: Source>: From<S>;

    /// Opens a TCP connection, through the proxy if there is one, with `TCP_NODELAY`. `host` is a name, or an IP
    /// address without brackets.
    fn connect(
        self: Arc<Self>,
        net: Arc<Net>,
        host: String,
        port: u16,
    ) -> impl Future<Output = io::Result<Self::Stream>> + Send + 'static;

    /// Performs an HTTP exchange: what arrives goes to `receive`, which is given back when the body has ended. Redirects
    /// are not followed, and no time limit is applied: when it has taken too long the future is dropped, which ends the
    /// exchange. A body that is not in memory comes from an [`Outgoing`](crate::Outgoing), or from its own reader where one
    /// may wait; what goes wrong on sending, [`HttpFailure::of`] says. TLS begins with [`Net::tls_for`], and [`handshake_failure`](crate::handshake_failure) says what its
    /// failing means.
    fn exchange<X: Receive>(
        self: Arc<Self>,
        net: Arc<Net>,
        request: HttpRequest,
        receive: X,
    ) -> impl Future<Output = Result<X, HttpFailure>> + Send + 'static;

    /// A timer, not set.
    fn timer(&self) -> Self::Timer;

    /// The time. Overridden by runtimes that can stop it.
    fn now(&self) -> Instant {
        Instant::now()
    }

    /// The means to start a driver, for [`Client::connect`](crate::Client::connect).
    ///
    /// # Errors
    ///
    /// `NotConnected` where the user starts drivers, and whatever else prevents it.
    fn starter(self: Arc<Self>) -> Result<Starter<Self>, Error> {
        Err(Error::unsent(ErrorKind::NotConnected))
    }

    /// Gives a call to the user.
    fn outcome<T: Send + 'static>(pending: Pending<T, Self>) -> Self::Outcome<T>;

    /// The end of what a call returns, for code that is the same on every runtime: where one waits it has come already.
    fn ended<T: Send + 'static>(outcome: Self::Outcome<T>) -> impl Future<Output = Result<T, Error>> + Send + 'static;

    /// Gives an answer to the user.
    fn answered<T: Send + 'static>(&self, answer: Answer<T>) -> Self::Answered<T>;

    /// Gives the running of handlers to the user.
    fn ran(run: Run<Self>) -> Self::Ran;

    /// Runs the handlers of one event: as a part of [`Run`], or elsewhere where they may keep a thread from other work.
    fn handle(&self, turn: impl Future<Output = ()> + Send + 'static) -> impl Future<Output = ()> + Send + 'static {
        turn
    }

    /// Waits until the driver has left nothing behind, where one can wait. It has been told to end, unless it is a later
    /// one, for which there is no waiting: `is_later` says so, when nothing can take its place any more.
    fn join(&self, is_later: impl FnOnce() -> bool) {
        let _ = is_later;
    }
}

/// A runtime that starts drivers by itself.
pub trait Spawns: Runtime {}

/// A runtime whose calls wait for their end.
pub trait Waits: Runtime {}

/// A runtime whose drivers are futures among others, for the user to spawn or to await.
pub trait Awaits: Runtime {}

/// How connections are made.
#[derive(Debug)]
pub struct Net {
    /// The HTTP proxy to go through.
    pub proxy: Option<Proxy>,
    /// How to do TLS for HTTP exchanges; that of the socket is done elsewhere.
    pub tls: Option<Arc<ClientConfig>>,
    /// How long one address may take to answer, where the runtime has to know; the Machine has its own limit for all.
    pub connect_timeout: Duration,
}

/// What a [`Stream`] has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// Something, and there may be more at once.
    More,
    /// Something, and it was all that there was.
    All,
    /// The peer will send no more.
    End,
}

/// A TCP connection.
pub trait Stream: Send + 'static {
    /// Reads once, at most 64 KiB, and hands on what was read. While there is nothing to read no buffer is held.
    ///
    /// # Errors
    ///
    /// When the connection is broken.
    fn poll_read(&mut self, cx: &mut Context<'_>, handle: impl FnOnce(&[u8])) -> Poll<io::Result<Read>>;

    /// Writes what can be written, and says how much.
    ///
    /// # Errors
    ///
    /// When the connection is broken.
    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>>;

    /// Says that no more will be written.
    ///
    /// # Errors
    ///
    /// When the connection is broken.
    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;
}

/// A timer.
pub trait Timer: Send + 'static {
    /// Goes off at this time instead of the one that was set before.
    fn set(&mut self, at: Instant);

    /// Ready once the time has come. Not asked before it is set.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()>;
}
