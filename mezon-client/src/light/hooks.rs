//! What a light socket tells its user of the connection.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use mezon_protocol::Event;
use mezon_protocol::event::Cause;
use mezon_protocol::light::SocketError;

/// Told of what goes wrong.
pub(super) type OnError = Arc<dyn Fn(SocketError) + Send + Sync>;

/// Told of the end of a connection.
type OnDisconnect = Arc<dyn Fn() + Send + Sync>;

/// How a light socket connects. Everything may be left out.
#[derive(Clone, Default)]
pub struct SocketConnectOptions {
    on_error: Option<OnError>,
    on_disconnect: Option<OnDisconnect>,
    verbose: bool,
}

impl SocketConnectOptions {
    /// Called when the connection breaks, in place of the handler that was set before.
    #[doc(alias = "onError")]
    #[must_use]
    pub fn on_error(mut self, handler: impl Fn(SocketError) + Send + Sync + 'static) -> Self {
        self.on_error = Some(Arc::new(handler));
        self
    }

    /// Called once when a connection that was up has ended, whoever ended it.
    #[doc(alias = "onDisconnect")]
    #[must_use]
    pub fn on_disconnect(mut self, handler: impl Fn() + Send + Sync + 'static) -> Self {
        self.on_disconnect = Some(Arc::new(handler));
        self
    }

    /// Whether what happens is written to the log, at INFO; nothing that people write is. Default false.
    #[must_use]
    pub const fn verbose(mut self, verbose: bool) -> Self {
        self.verbose = verbose;
        self
    }
}

impl fmt::Debug for SocketConnectOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketConnectOptions").field("verbose", &self.verbose).finish_non_exhaustive()
    }
}

/// The handlers of a light socket that are no message handlers.
#[derive(Default)]
pub(super) struct Hooks {
    options: Mutex<SocketConnectOptions>,
    /// The connection has been open, and its end was not told yet.
    is_up: AtomicBool,
}

impl Hooks {
    /// Takes over what is set; what is not, stays.
    pub(super) fn set(&self, new: SocketConnectOptions) {
        let mut options = self.lock();
        let before = options.clone();
        *options = SocketConnectOptions {
            on_error: new.on_error.or(before.on_error),
            on_disconnect: new.on_disconnect.or(before.on_disconnect),
            verbose: new.verbose,
        };
    }

    pub(super) fn set_on_error(&self, handler: OnError) {
        self.lock().on_error = Some(handler);
    }

    /// Tells of the life of the connection.
    pub(super) fn observe<B>(&self, event: &Event<B>) {
        // called outside of the lock, as they may set others
        let SocketConnectOptions { on_error, on_disconnect, verbose } = self.lock().clone();
        if verbose {
            tracing::info!(?event, "an event of a light socket");
        }
        // not Ready, whose handlers others do not wait for
        if matches!(event, Event::Connected) {
            self.is_up.store(true, Ordering::Relaxed);
        }
        let Event::Disconnected { cause, .. } = event else { return };
        // one that is closed at once has not been up
        let was_up = self.is_up.swap(false, Ordering::Relaxed) && *cause != Cause::ClosedAtOnce;
        if let (Some(on_error), true) = (on_error, is_error(cause)) {
            on_error(SocketError { message: cause.to_string() });
        }
        if let (Some(on_disconnect), true) = (on_disconnect, was_up) {
            on_disconnect();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, SocketConnectOptions> {
        self.options.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a connection has ended by more than somebody's will.
const fn is_error(cause: &Cause) -> bool {
    !matches!(cause, Cause::Closed | Cause::Replaced | Cause::ClosedByServer { .. })
}
