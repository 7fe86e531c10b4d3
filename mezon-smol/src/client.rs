//! The client: a handle on a connection that a driver keeps up.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_channel::oneshot;
use mezon_protocol::call::{Call, WaitReady};
use mezon_protocol::machine::{Health, State, Stats};
use mezon_protocol::object::{Backend as _, Bot};
use mezon_protocol::proto::api;
use mezon_protocol::route::Route;
use mezon_protocol::{ChannelId, ClanId, Config, Error, Machine, Now, Session, UserId};

use crate::builder::Builder;
use crate::driver::Driver;
use crate::events::Events;
use crate::handle::{Command, Pending, Shared, Smol};
use crate::{Channel, Clan, User};

/// A client of the platform: cloned freely, used from any task.
///
/// It is brought to Ready by [`connect`](Self::connect) and stays connected as configured, until it is closed or until
/// the last clone of it and its [`Events`] are dropped. Handles and messages that are kept do not hold the connection.
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
#[derive(Clone, Debug)]
pub struct Client {
    bot: Bot<Smol>,
    backend: Smol,
    anchor: Arc<Anchor>,
}

/// # Starting
impl Client {
    /// A client, its driver and its events. The driver is to be spawned, on whatever executor there is, or to be awaited
    /// beside others; nothing happens before that. No connection is made; with TLS the root certificates of the system
    /// are read.
    ///
    /// ```no_run
    /// # use mezon_smol::{Client, Config, Error};
    /// # async fn example(config: Config) -> Result<(), Error> {
    /// let (client, driver, mut events) = Client::with_driver(config)?;
    /// smol::spawn(driver).detach();
    /// client.connect().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Once the driver runs, calls of the API go over HTTP even if the client is never connected, which is enough for a
    /// script that only sends.
    ///
    /// # Errors
    ///
    /// `Config`, saying what cannot work.
    pub fn with_driver(config: Config) -> Result<(Self, Driver, Events), Error> {
        Self::builder(config).with_driver()
    }

    /// As [`with_driver`](Self::with_driver), but the client alone: [`driver`](Self::driver) and
    /// [`events`](Self::events) give the rest.
    ///
    /// # Errors
    ///
    /// As [`with_driver`](Self::with_driver).
    pub fn new(config: Config) -> Result<Self, Error> {
        Self::builder(config).build()
    }

    /// As [`with_driver`](Self::with_driver), with more to set: proxy, certificates, a stored session.
    pub const fn builder(config: Config) -> Builder {
        Builder::new(config)
    }

    /// A driver, when there is none: on a client that is new, or after the last driver has ended. `None` while there is
    /// one, whether it has been spawned or not.
    ///
    /// That of a closed client waits for a [`connect`](Self::connect), and ends when the client is closed instead.
    pub fn driver(&self) -> Option<Driver> {
        Driver::take(&self.backend.shared, &mut self.backend.shared.link())
    }

    /// Connects, and comes back when the connection is Ready. The [driver](Self::with_driver) has to be running, or it
    /// never does.
    ///
    /// At once, if it is Ready already. When the future is dropped the client goes on connecting.
    ///
    /// # Errors
    ///
    /// `ConnectFailed` when the first attempt fails and [`Config::retry_login`] is off, `Auth` when the credentials are
    /// refused, `Closed` when the client is closed meanwhile, `NotConnected` or `Closed` when there is no driver.
    pub async fn connect(&self) -> Result<Session, Error> {
        let mut ready = self.backend.call(WaitReady);
        // together, so that the attempt cannot fail and the driver end before we wait
        ready.submit(Some(Box::new(Machine::connect)));
        ready.await
    }

    pub(crate) fn from_shared(shared: Arc<Shared>) -> Self {
        let anchor = Arc::new(Anchor(Arc::clone(&shared)));
        let backend = Smol { shared };
        Self { bot: Bot::new(backend.clone()), backend, anchor }
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

    /// Ends at once: pending calls fail with [`ErrorKind::Closed`](mezon_protocol::ErrorKind::Closed), nothing is waited for. The driver ends, and with it
    /// the events. A new [`driver`](Self::driver) can
    /// bring it back.
    pub fn close(&self) {
        self.backend.shared.close();
    }

    /// Takes no more calls, lets the pending ones end, closes, and comes back when the driver has ended.
    ///
    /// Pending calls that have not ended after `deadline` fail; saying good-bye to the server takes another second at
    /// most. On a client that is closed it does nothing. A new [`driver`](Self::driver) can
    /// bring it back.
    pub async fn shutdown(&self, deadline: Duration) {
        let (watcher, ended) = oneshot::channel();
        self.backend.shared.act(move |machine, now| machine.shutdown(now, deadline));
        self.backend.shared.command(Command::Watch(watcher));
        // the watcher is dropped at the end
        let _ = ended.await;
    }
}

/// Held by clients and events: when the last of them goes, the driver ends.
#[derive(Debug)]
pub(crate) struct Anchor(Arc<Shared>);

impl Drop for Anchor {
    fn drop(&mut self) {
        self.0.close();
    }
}
