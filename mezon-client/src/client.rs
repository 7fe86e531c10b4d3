//! The client: a handle on a connection that a driver keeps up.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use mezon_protocol::call::{Call, LogOut, RefreshSession, WaitReady};
use mezon_protocol::machine::{Health, State, Stats};
use mezon_protocol::object::{Backend as _, Bot};
use mezon_protocol::{Config, Error, Machine, Session, UserId};

use crate::builder::{Builder, Parts};
use crate::driver::Driver;
use crate::events::Receiver;
use crate::handle::{Driven, Shared};
use crate::handlers::{Clicks, Handlers, StopRequest, Stopper, Waits};
use crate::login::LogIn;
use crate::pending::{Answer, Pending, Submit};
use crate::runtime::{Awaits, Runtime, Spawns};
use crate::socket::Socket;

/// A client of the platform: cloned freely, used from any task or thread.
///
/// It is brought to Ready by [`connect`](Self::connect) and stays connected as configured, until it is closed or until
/// the last clone of it and its [events](Self::events) are dropped. Handles and messages that are kept do not hold the
/// connection.
///
/// What can be asked for is found at [`Bot`], to which it derefs: channels, users, clans, calls.
pub struct Client<R: Runtime> {
    bot: Bot<Driven<R>>,
    backend: Driven<R>,
    anchor: Arc<Anchor<R>>,
}

/// # Starting
impl<R: Runtime> Client<R> {
    /// Checks the configuration. No connection is made and nothing started; with TLS the root certificates of the
    /// system are read.
    ///
    /// # Errors
    ///
    /// `Config`, saying what cannot work.
    pub fn new(config: Config) -> Result<Self, Error> {
        Self::builder(config).build()
    }

    /// As [`new`](Self::new), with more to set: proxy, certificates, a stored session.
    pub const fn builder(config: Config) -> Builder<R> {
        Builder::new(config)
    }

    /// Connects, and comes back when the connection is Ready, at once if it is. Starts the driver if there is none and
    /// the runtime can: a task on tokio, a thread where calls wait; elsewhere the
    /// [driver](Self::driver) has to be running.
    ///
    /// When the caller does not wait for the end the client goes on connecting.
    ///
    /// # Errors
    ///
    /// `ConnectFailed` when the first attempt fails and [`Config::retry_login`] is off, `Auth` when the credentials are
    /// refused, `Closed` when the client is closed meanwhile, `NotConnected` when there is no driver and none can be
    /// started, `Unsupported` when the runtime cannot just now.
    #[doc(alias = "login")]
    pub fn connect(&self) -> R::Outcome<Session> {
        R::outcome(self.connecting(WaitReady, Shared::submit_connecting))
    }

    /// A call that connects. It holds the client: a connection that nobody can close is of no use.
    pub(crate) fn connecting<C: Call>(&self, call: C, submit: Submit<R>) -> Pending<C::Output, R> {
        let anchor = self.anchor();
        let connect = call.then(move |_, output| {
            drop(anchor);
            Ok(output)
        });
        self.backend.pending(connect, submit)
    }

    pub(crate) fn from_shared(shared: Arc<Shared<R>>) -> Self {
        let anchor = Arc::new(Anchor::new(Arc::clone(&shared)));
        let backend = Driven { shared };
        Self { bot: Bot::new(backend.clone()), backend, anchor }
    }
}

/// # Starting, where the runtime can
impl<R: Spawns> Client<R> {
    /// Starts the driver (a task on tokio, a thread where calls wait), connects, and comes back with the client when the
    /// connection is Ready.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new) and [`connect`](Self::connect).
    pub fn login(config: Config) -> R::Outcome<Self> {
        R::outcome(match Self::new(config) {
            Ok(client) => client.backend.clone().pending(LogIn::new(client), Shared::submit_connecting),
            Err(error) => Pending::failed(error),
        })
    }

    /// Starts the driver (a task on tokio, a thread where calls wait), unless it runs, without connecting: calls of the
    /// API then go over HTTP, which is enough for a script that only sends. Does nothing on a closed client.
    ///
    /// # Errors
    ///
    /// `Unsupported` when the runtime cannot: outside of tokio's, or when the system gives no thread.
    pub fn start(&self) -> Result<(), Error> {
        self.start_driver()
    }
}

impl<R: Runtime> Client<R> {
    /// Starts the driver, unless it runs.
    ///
    /// # Errors
    ///
    /// When the runtime cannot, or leaves it to the user.
    pub(crate) fn start_driver(&self) -> Result<(), Error> {
        if self.backend.shared.is_driven() {
            return Ok(());
        }
        let start = Arc::clone(&self.backend.shared.runtime).starter()?;
        let driver = Driver::take(&self.backend.shared, &mut self.backend.shared.link(), false);
        if let Some(driver) = driver {
            start(driver);
        }
        Ok(())
    }
}

/// # Starting, where the driver is a future among others
impl<R: Awaits> Client<R> {
    /// A client, its driver and its events, for those who spawn the driver themselves, on whatever there is; nothing
    /// happens before that. The client is [connected](Self::connect) as any other.
    ///
    /// Once the driver runs, calls of the API go over HTTP even if the client is never connected, which is enough for a
    /// script that only sends.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_driver(config: Config) -> Result<Parts<R>, Error> {
        Self::builder(config).with_driver()
    }

    /// A driver, when there is none: on a client that is new, or after the last driver has ended. `None` while there is
    /// one, whether it runs or not.
    ///
    /// That of a closed client waits for a [`connect`](Self::connect), and ends when the client is closed instead.
    pub fn driver(&self) -> Option<Driver<R>> {
        Driver::take(&self.backend.shared, &mut self.backend.shared.link(), true)
    }
}

/// # Receiving
impl<R: Runtime> Client<R> {
    /// What happens, from now on and from before as long as nobody has taken it.
    ///
    /// There is one receiver at a time: a later call takes over, and the earlier one ends. While there is none the
    /// first 1,024 events wait, or 1 MiB, and what comes after them is dropped and counted in an
    /// [`Event::Lagged`](mezon_protocol::Event::Lagged). With a receiver that is slow, reading pauses and the server is
    /// held back, unless [`InboxLimits::on_full`](mezon_protocol::machine::InboxLimits::on_full) says otherwise.
    pub fn events(&self) -> R::Events<Receiver<R>> {
        self.receiver().into()
    }

    pub(crate) fn receiver(&self) -> Receiver<R> {
        Receiver::new(self.backend.clone(), Arc::clone(&self.anchor))
    }
}

/// # Looking at it
///
/// Where calls wait these panic on the driver's own thread, which would wait for itself: in a route store or a subscriber
/// of `tracing`.
impl<R: Runtime> Client<R> {
    /// Who we are: the bot of the configuration, or the user of the session; 0 for a user who has not logged in. Compares
    /// with the sender of a message, which is the same for our own.
    #[doc(alias = "client_id")]
    #[doc(alias = "clientId")]
    pub fn id(&self) -> UserId {
        self.backend.shared.own_id()
    }

    /// Whether it can be trusted to hear what is said to it: the answer for a health route. A client without a driver is
    /// [`Dead`](mezon_protocol::machine::HealthStatus::Dead).
    pub fn health(&self) -> R::Answered<Health> {
        self.backend.shared.ask(|machine, now| machine.health(now))
    }

    /// The counters, from the start of the client on.
    pub fn stats(&self) -> R::Answered<Stats> {
        self.backend.shared.ask(|machine, _| machine.stats().clone())
    }

    /// Where the connection stands.
    pub fn state(&self) -> R::Answered<State> {
        self.backend.shared.ask(|machine, _| machine.state())
    }

    /// The session, once there is one. To store it, see [`Session::export`].
    #[doc(alias = "session_manager")]
    #[doc(alias = "get_session")]
    pub fn session(&self) -> R::Answered<Option<Session>> {
        self.backend.shared.ask(|machine, _| machine.session().cloned())
    }

    /// The low-level side of the client, once it has logged in: `None` while there is no session.
    #[doc(alias = "get_socket")]
    #[doc(alias = "socket_manager")]
    pub fn socket(&self) -> R::Answered<Option<Socket<R>>> {
        Socket::of(self.backend.clone())
    }
}

/// # The session
impl<R: Runtime> Client<R> {
    /// Renews the token now, whether it is its time or not: a bot logs in again, a user's session is refreshed. Gives the
    /// session as it is then. Whoever asks at the same time, and the client itself, share one exchange.
    ///
    /// There is seldom a need for it: the client renews its token when it needs one, and that of a connected user in time.
    /// What is to be stored anew, [`SessionRefreshed`](mezon_protocol::Event::SessionRefreshed) tells.
    ///
    /// # Errors
    ///
    /// `Auth` when the session is over and somebody has to log in; any other failure leaves it as it was.
    #[doc(alias = "refreshSession")]
    pub fn refresh_session(&self) -> R::Outcome<Session> {
        self.backend.call(RefreshSession)
    }

    /// Ends the session at the server: its tokens are good for nothing from then on; gives nothing. To be followed by
    /// [`close`](Self::close).
    pub fn log_out(&self) -> R::Outcome<()> {
        self.backend.call(LogOut)
    }
}

/// # Ending
impl<R: Runtime> Client<R> {
    /// Replaces the connection by a fresh one; the session is kept. Does nothing without a driver.
    pub fn reconnect(&self) {
        self.backend.shared.reconnect();
    }

    /// Lets go of the connection, and makes no other until [`connect`](Self::connect): calls of the API go over HTTP from
    /// then on. The driver goes on, and so do handlers and [events](Self::events). Does nothing where there is none.
    pub fn disconnect(&self) {
        self.backend.shared.act(Machine::disconnect);
    }

    /// Ends at once: pending calls fail with [`ErrorKind::Closed`](mezon_protocol::ErrorKind::Closed), nothing is waited
    /// for. The driver ends, and with it the events. [`connect`](Self::connect) works again afterwards.
    #[doc(alias = "close_socket")]
    pub fn close(&self) {
        self.backend.shared.close();
    }

    /// Ends the [recording](Builder::record), if there is one, and comes back when the file is complete. The client goes on.
    pub fn end_recording(&self) -> R::Answered<()> {
        self.backend.shared.ask(|machine, _| machine.end_recording())
    }

    /// Lets running handlers end, takes no more calls, lets the pending ones end, closes, and comes back when the driver
    /// has ended. It begins at once, whether one waits for it or not.
    ///
    /// Handlers of the life of the connection are not waited for; those who [wait for an event](Self::wait_for) get none.
    /// Handlers that have not ended after `deadline` are dropped (where they are called on threads, they go on, and their
    /// calls fail), pending calls fail; saying good-bye to the server takes another second at most. On a client that is
    /// closed it does nothing. [`connect`](Self::connect) works again afterwards.
    ///
    /// # Panics
    ///
    /// Where calls wait, on the driver's own thread; [`close`](Self::close) works there.
    pub fn shutdown(&self, deadline: Duration) -> R::Answered<()> {
        let Anchor { shared, stopper, waits, .. } = &*self.anchor;
        let (watcher, ended) = oneshot::channel();
        let until = shared.now().elapsed.saturating_add(deadline);
        match stopper.ask(StopRequest { until, watcher }) {
            Some(request) => shared.shut_down(request),
            None => {
                let overdue = |anchor: &Anchor<R>, is_up| anchor.stopper.overdue(&anchor.shared, is_up);
                stopper.keep(self.anchor.alarm(deadline, overdue));
            }
        }
        waits.end();
        let ended = shared.runtime.answered(Answer::or_default(ended));
        shared.runtime.join(|| shared.is_driven());
        ended
    }
}

/// # Handlers
impl<R: Runtime> Client<R> {
    pub(crate) fn anchor(&self) -> Arc<Anchor<R>> {
        Arc::clone(&self.anchor)
    }

    pub(crate) const fn backend(&self) -> &Driven<R> {
        &self.backend
    }

    /// The means to make handles and calls, without holding the client: what a handler may keep. A handler that keeps
    /// the client itself keeps it connected until it is closed.
    pub fn bot(&self) -> Bot<Driven<R>> {
        self.bot.clone()
    }
}

impl<R: Runtime> Deref for Client<R> {
    type Target = Bot<Driven<R>>;

    fn deref(&self) -> &Bot<Driven<R>> {
        &self.bot
    }
}

impl<R: Runtime> Clone for Client<R> {
    fn clone(&self) -> Self {
        Self { bot: self.bot.clone(), backend: self.backend.clone(), anchor: Arc::clone(&self.anchor) }
    }
}

impl<R: Runtime> fmt::Debug for Client<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("runtime", &self.backend).finish_non_exhaustive()
    }
}

/// Held by clients and events: when the last of them goes, the driver ends.
pub(crate) struct Anchor<R: Runtime> {
    pub(crate) shared: Arc<Shared<R>>,
    /// Here, and not with what is shared: they may keep handles, which keep that.
    pub(crate) handlers: Handlers<Driven<R>>,
    pub(crate) clicks: Clicks<R>,
    pub(crate) waits: Waits<R>,
    pub(crate) stopper: Stopper<R>,
}

impl<R: Runtime> Anchor<R> {
    fn new(shared: Arc<Shared<R>>) -> Self {
        Self {
            shared,
            handlers: Handlers::default(),
            clicks: Clicks::default(),
            waits: Waits::default(),
            stopper: Stopper::default(),
        }
    }
}

impl<R: Runtime> Drop for Anchor<R> {
    fn drop(&mut self) {
        self.shared.close();
        self.shared.runtime.join(|| false);
        if let Some(keeper) = &self.shared.keeper {
            keeper.finish();
        }
    }
}

impl<R: Runtime> fmt::Debug for Anchor<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Anchor").field("handlers", &self.handlers).finish_non_exhaustive()
    }
}
