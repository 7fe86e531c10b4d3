//! The client: a handle on a connection that a driver keeps up.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use mezon_protocol::call::{Call, WaitReady};
use mezon_protocol::machine::{Health, State, Stats};
use mezon_protocol::object::{Backend as _, Bot};
use mezon_protocol::proto::api;
use mezon_protocol::route::Route;
use mezon_protocol::{ChannelId, ClanId, Config, Error, ErrorKind, Machine, Now, Session, UserId};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::builder::Builder;
use crate::driver::Driver;
use crate::events::Events;
use crate::handle::{Command, Pending, Shared, Tokio};
use crate::{Channel, Clan, User};

/// A client of the platform: cloned freely, used from any task.
///
/// It is brought to Ready by [`connect`](Self::connect) and stays connected as configured, until it is closed or until
/// the last clone of it and its [`Events`] are dropped. Handles and messages that are kept do not hold the connection.
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
#[derive(Clone, Debug)]
pub struct Client {
    bot: Bot<Tokio>,
    backend: Tokio,
    anchor: Arc<Anchor>,
}

/// # Starting
impl Client {
    /// Checks the configuration. No connection is made and no task started; with TLS the root certificates of the
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

    /// Starts the driver as a task of its own, connects, and comes back when the connection is Ready.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new) and [`connect`](Self::connect).
    pub async fn login(config: Config) -> Result<Self, Error> {
        let client = Self::new(config)?;
        client.connect().await?;
        Ok(client)
    }

    /// A client, its driver and its events, for those who spawn the driver themselves. The client is
    /// [connected](Self::connect) as any other.
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
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_driver(config: Config) -> Result<(Self, Driver, Events), Error> {
        Self::builder(config).with_driver()
    }

    pub(crate) fn from_shared(shared: Arc<Shared>) -> Self {
        let anchor = Arc::new(Anchor(Arc::clone(&shared)));
        let backend = Tokio { shared };
        Self { bot: Bot::new(backend.clone()), backend, anchor }
    }

    /// Starts the driver as a task of its own, unless it runs, without connecting: calls of the API then go over HTTP,
    /// which is enough for a script that only sends. Does nothing on a closed client.
    ///
    /// # Errors
    ///
    /// `Unsupported` outside of a tokio runtime.
    pub fn start(&self) -> Result<(), Error> {
        let (runtime, driver) = (runtime()?, self.take_driver());
        if let Some(driver) = driver {
            runtime.spawn(driver);
        }
        Ok(())
    }

    /// Starts the driver as a task of its own, unless it runs; connects, and comes back when the connection is Ready.
    ///
    /// At once, if it is Ready already. When the future is dropped the client goes on connecting.
    ///
    /// # Errors
    ///
    /// `ConnectFailed` when the first attempt fails and [`Config::retry_login`] is off, `Auth` when the credentials are
    /// refused, `Closed` when the client is closed meanwhile, `Unsupported` outside of a tokio runtime.
    pub async fn connect(&self) -> Result<Session, Error> {
        let (runtime, driver) = (runtime()?, self.take_driver());
        self.backend.shared.act(|machine, now| machine.connect(now));
        let mut ready = self.backend.call(WaitReady);
        // before the driver runs, so that it cannot fail and end before we wait
        ready.submit();
        if let Some(driver) = driver {
            runtime.spawn(driver);
        }
        ready.await
    }

    pub(crate) fn take_driver(&self) -> Option<Driver> {
        Driver::take(&self.backend.shared, &mut self.backend.shared.link())
    }
}

/// # Receiving
impl Client {
    /// What happens, from now on and from before as long as nobody has taken it.
    ///
    /// There is one receiver at a time: a later call takes over, and the earlier stream ends. While there is none the
    /// first 1,024 events wait, or 1 MiB, and what comes after them is dropped and counted in an
    /// [`Event::Lagged`](crate::Event::Lagged). With a receiver that is slow, reading pauses and the server is held
    /// back, unless [`InboxLimits::on_full`](mezon_protocol::machine::InboxLimits::on_full) says otherwise.
    pub fn events(&self) -> Events {
        Events::new(self.backend.clone(), Arc::clone(&self.anchor))
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
    #[doc(alias = "ListClanDescs")]
    pub fn list_clans(&self) -> Pending<Vec<api::ClanDesc>> {
        self.bot.list_clans()
    }

    /// Logs in afresh; gives a session that is not stored: the client goes on with its own.
    #[doc(alias = "get_session")]
    pub fn authenticate(&self) -> Pending<Session> {
        self.bot.authenticate()
    }

    /// Runs any [call](mezon_protocol::call); gives its output.
    pub fn call<C: Call>(&self, call: C) -> Pending<C::Output> {
        self.bot.call(call)
    }
}

/// # Looking at it
impl Client {
    /// Whether it can be trusted to hear what is said to it: the answer for a health route. A client without a driver is
    /// [`Dead`](mezon_protocol::machine::HealthStatus::Dead).
    pub async fn health(&self) -> Health {
        self.ask(Machine::health).await
    }

    /// The counters, from the start of the client on.
    pub async fn stats(&self) -> Stats {
        self.ask(|machine, _| machine.stats().clone()).await
    }

    /// Where the connection stands.
    pub async fn state(&self) -> State {
        self.ask(|machine, _| machine.state()).await
    }

    /// The session, once there is one. To store it, see [`Session::export`].
    pub async fn session(&self) -> Option<Session> {
        self.ask(|machine, _| machine.session().cloned()).await
    }

    fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Machine, Now) -> T + Send + 'static,
    ) -> impl Future<Output = T> + Send {
        let (sender, answer) = oneshot::channel();
        // the asker may be gone by then
        self.backend.shared.act(move |machine, now| drop(sender.send(question(machine, now))));
        async move { answer.await.expect("a driver does all that it was told before it ends") }
    }
}

/// # Ending
impl Client {
    /// Replaces the connection by a fresh one; the session is kept. Does nothing without a driver.
    pub fn reconnect(&self) {
        let reconnect: crate::handle::Act = Box::new(Machine::reconnect);
        self.backend.shared.command(Command::Act(reconnect));
    }

    /// Ends at once: pending calls fail with [`ErrorKind::Closed`], nothing is waited for. The driver ends, and with it
    /// the events. [`connect`](Self::connect) works again afterwards.
    pub fn close(&self) {
        self.backend.shared.act(Machine::close);
    }

    /// Takes no more calls, lets the pending ones end, closes, and comes back when the driver has ended.
    ///
    /// Pending calls that have not ended after `deadline` fail; saying good-bye to the server takes another second at
    /// most. On a client that is closed it does nothing. [`connect`](Self::connect) works again afterwards.
    pub async fn shutdown(&self, deadline: Duration) {
        let (watcher, ended) = oneshot::channel();
        self.backend.shared.act(move |machine, now| machine.shutdown(now, deadline));
        self.backend.shared.command(Command::Watch(watcher));
        // the watcher is dropped at the end
        let _ = ended.await;
    }
}

fn runtime() -> Result<Handle, Error> {
    Handle::try_current().map_err(|error| Error::unsent(ErrorKind::Unsupported(error.to_string())))
}

/// Held by clients and events: when the last of them goes, the driver ends.
#[derive(Debug)]
pub(crate) struct Anchor(Arc<Shared>);

impl Drop for Anchor {
    fn drop(&mut self) {
        self.0.act(Machine::close);
    }
}
