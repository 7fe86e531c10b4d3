//! The client: a handle on a connection that a driver keeps up.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use mezon_protocol::call::{Call, WaitReady};
use mezon_protocol::machine::{Health, State, Stats};
use mezon_protocol::object::Bot;
use mezon_protocol::proto::api;
use mezon_protocol::route::Route;
use mezon_protocol::{ChannelId, ClanId, Config, Error, ErrorKind, Machine, Now, Session, UserId};

use crate::builder::Builder;
use crate::driver;
use crate::events::Events;
use crate::handle::{Blocking, Shared};
use crate::{Channel, Clan, Event, User};

/// A client of the platform: cloned freely, used from any thread.
///
/// It is brought to Ready by [`connect`](Self::connect) and stays connected as configured, until it is closed or until
/// the last clone of it and its [`Events`] are dropped, which waits for the end of its threads as
/// [`shutdown`](Self::shutdown) does. Handles and messages that are kept do not hold the connection.
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
#[derive(Clone, Debug)]
pub struct Client {
    bot: Bot<Blocking>,
    backend: Blocking,
    anchor: Arc<Anchor>,
}

/// # Starting
impl Client {
    /// Checks the configuration. No connection is made and no thread started; with TLS the root certificates of the
    /// system are read.
    ///
    /// # Errors
    ///
    /// `Config`, saying what cannot work.
    pub fn new(config: Config) -> Result<Self, Error> {
        Self::builder(config).build()
    }

    /// As [`new`](Self::new), with more to set: proxy, certificates, a stored session.
    pub const fn builder(config: Config) -> Builder {
        Builder::new(config)
    }

    /// Starts the driver, a thread, connects, and comes back when the connection is Ready.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new) and [`connect`](Self::connect).
    pub fn login(config: Config) -> Result<Self, Error> {
        let client = Self::new(config)?;
        client.connect()?;
        Ok(client)
    }

    pub(crate) fn from_shared(shared: Arc<Shared>) -> Self {
        let anchor = Arc::new(Anchor(Arc::clone(&shared)));
        let backend = Blocking { shared };
        Self { bot: Bot::new(backend.clone()), backend, anchor }
    }

    /// Starts the driver, a thread, unless it runs, without connecting: calls of the API then go over HTTP, which is
    /// enough for a script that only sends. Does nothing on a closed client.
    ///
    /// # Errors
    ///
    /// `Unsupported` when the system gives no thread.
    pub fn start(&self) -> Result<(), Error> {
        if let Some(start) = self.start_driver()? {
            start.go();
        }
        Ok(())
    }

    /// Starts the driver, a thread, unless it runs; connects, and comes back when the connection is Ready.
    ///
    /// At once, if it is Ready already. While another thread waits in [`shutdown`](Self::shutdown) it first waits for
    /// that.
    ///
    /// # Errors
    ///
    /// `ConnectFailed` when the first attempt fails and [`Config::retry_login`] is off, `Auth` when the credentials are
    /// refused, `Closed` when the client is closed meanwhile, `Unsupported` when the system gives no thread.
    pub fn connect(&self) -> Result<Session, Error> {
        let start = self.start_driver()?;
        self.backend.shared.act(|machine, now| machine.connect(now));
        // before the driver runs, so that it cannot fail and end before we wait
        let ready = self.backend.shared.submit(WaitReady);
        if let Some(start) = start {
            start.go();
        }
        ready?.wait()
    }

    fn start_driver(&self) -> Result<Option<driver::Start>, Error> {
        let shared = &self.backend.shared;
        if shared.is_driven_here() {
            return Err(Error::unsent(ErrorKind::Unsupported("the driver cannot start itself".into())));
        }
        driver::start(shared).map_err(|error| Error::unsent(ErrorKind::Unsupported(error.to_string())))
    }
}

/// # Receiving
impl Client {
    /// What happens, from now on and from before as long as nobody has taken it.
    ///
    /// There is one receiver at a time: a later call takes over, and the earlier one ends. While there is none the
    /// first 1,024 events wait, or 1 MiB, and what comes after them is dropped and counted in an
    /// [`Event::Lagged`](crate::Event::Lagged). With a receiver that is slow, reading pauses and the server is held
    /// back, unless [`InboxLimits::on_full`](mezon_protocol::machine::InboxLimits::on_full) says otherwise.
    pub fn events(&self) -> Events {
        Events::new(self.backend.clone(), Arc::clone(&self.anchor))
    }

    /// Gives each event to a handler, on this thread, until that breaks or the client is closed; comes back with what it
    /// broke with. The handler may make calls. It is the receiver of the [events](Self::events) as long as it runs.
    ///
    /// ```no_run
    /// use mezon_blocking::{Client, Error, Event};
    /// use std::ops::ControlFlow;
    ///
    /// # fn example(client: Client) -> Result<(), Error> {
    /// let said = client.run(|event| match event {
    ///     Event::Message(message) if message.text() == "*stop" => ControlFlow::Break(message),
    ///     _ => ControlFlow::Continue(()),
    /// });
    /// if let Some(message) = said {
    ///     message.reply("good-bye")?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn run<T>(&self, handler: impl FnMut(Event) -> ControlFlow<T>) -> Option<T> {
        self.events().try_for_each(handler).break_value()
    }
}

/// # Calls
impl Client {
    /// A channel of which only the id is known. The first call that needs more looks it up, unless the channel was
    /// seen before.
    pub fn channel(&self, channel: impl Into<ChannelId>) -> Channel {
        self.bot.channel(channel)
    }

    /// A channel of which everything is known: its calls look nothing up.
    pub fn channel_at(&self, route: Route) -> Channel {
        self.bot.channel_at(route)
    }

    /// A user, to send direct messages to.
    #[doc(alias = "dm")]
    pub fn user(&self, user: impl Into<UserId>) -> User {
        self.bot.user(user)
    }

    /// A clan.
    pub fn clan(&self, clan: impl Into<ClanId>) -> Clan {
        self.bot.clan(clan)
    }

    /// The clans that we are in; gives their descriptions, as the wire has them.
    ///
    /// # Errors
    ///
    /// As every call's; see [`Blocking`].
    #[doc(alias = "ListClanDescs")]
    pub fn list_clans(&self) -> Result<Vec<api::ClanDesc>, Error> {
        self.bot.list_clans()
    }

    /// Logs in afresh; comes back with a session that is not stored: the client goes on with its own.
    ///
    /// # Errors
    ///
    /// As every call's; see [`Blocking`].
    #[doc(alias = "get_session")]
    pub fn authenticate(&self) -> Result<Session, Error> {
        self.bot.authenticate()
    }

    /// Runs any [call](mezon_protocol::call); gives its output.
    ///
    /// # Errors
    ///
    /// As every call's; see [`Blocking`].
    pub fn call<C: Call>(&self, call: C) -> Result<C::Output, Error> {
        self.bot.call(call)
    }
}

/// # Looking at it
///
/// # Panics
///
/// On the driver's own thread, which would wait for itself: in a route store or a subscriber of `tracing`.
impl Client {
    /// Whether it can be trusted to hear what is said to it: the answer for a health route. A client without a driver is
    /// [`Dead`](mezon_protocol::machine::HealthStatus::Dead).
    pub fn health(&self) -> Health {
        self.ask(Machine::health)
    }

    /// The counters, from the start of the client on.
    pub fn stats(&self) -> Stats {
        self.ask(|machine, _| machine.stats().clone())
    }

    /// Where the connection stands.
    pub fn state(&self) -> State {
        self.ask(|machine, _| machine.state())
    }

    /// The session, once there is one. To store it, see [`Session::export`].
    pub fn session(&self) -> Option<Session> {
        self.ask(|machine, _| machine.session().cloned())
    }

    fn ask<T: Send + 'static>(&self, question: impl FnOnce(&Machine, Now) -> T + Send + 'static) -> T {
        assert!(!self.backend.shared.is_driven_here(), "the driver's thread cannot wait for itself");
        let (sender, answer) = sync_channel(1);
        // the asker waits, and there is room for one
        self.backend.shared.act(move |machine, now| drop(sender.send(question(machine, now))));
        answer.recv().expect("a driver does all that it was told before it ends")
    }
}

/// # Ending
impl Client {
    /// Replaces the connection by a fresh one; the session is kept. Does nothing without a driver.
    pub fn reconnect(&self) {
        self.backend.shared.tell(Machine::reconnect);
    }

    /// Ends at once: pending calls fail with [`ErrorKind::Closed`], nothing is waited for. The driver ends, and with it
    /// the events. [`connect`](Self::connect) works again afterwards.
    pub fn close(&self) {
        self.backend.shared.act(Machine::close);
    }

    /// Takes no more calls, lets the pending ones of other threads end, closes, and comes back when the driver and its
    /// threads have ended.
    ///
    /// Pending calls that have not ended after `deadline` fail; saying good-bye to the server takes another second at
    /// most, and so do threads that wait for the system. On a client that is closed it does nothing.
    /// [`connect`](Self::connect) works again afterwards.
    pub fn shutdown(&self, deadline: Duration) {
        self.backend.shared.act(move |machine, now| machine.shutdown(now, deadline));
        self.backend.shared.join();
    }
}

/// Held by clients and events: when the last of them goes, the driver ends.
#[derive(Debug)]
pub(crate) struct Anchor(Arc<Shared>);

impl Drop for Anchor {
    fn drop(&mut self) {
        self.0.act(Machine::close);
        self.0.join();
    }
}
