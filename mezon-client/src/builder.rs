//! What may be set about a client beyond its configuration.

use std::io::Write;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::sync::Arc;

use mezon_protocol::config::Tls;
#[cfg(feature = "ledger")]
use mezon_protocol::ledger::{EphemeralKey, MemoryPayments, PaymentStore};
use mezon_protocol::machine::OnFull;
use mezon_protocol::proxy::Proxy;
use mezon_protocol::route::RouteStore;
use mezon_protocol::store::MessageStore;
use mezon_protocol::{Config, Error, Machine, Secret, Session};
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;

use crate::alarm::ALARMS;
use crate::client::Client;
use crate::driver::Driver;
use crate::events::Receiver;
use crate::handle::{Shared, now};
use crate::keeper::Keeper;
use crate::recording::Target;
use crate::runtime::{Awaits, Net, Runtime};
use crate::tls::client_config;

/// A client, its driver and its events.
pub type Parts<R> = (Client<R>, Driver<R>, <R as Runtime>::Events<Receiver<R>>);

/// Sets up a client; see [`Client::builder`].
#[must_use = "a builder does nothing until it is built"]
pub struct Builder<R> {
    config: Config,
    roots: Vec<CertificateDer<'static>>,
    proxy: Option<Secret>,
    session: Option<Session>,
    routes: Option<Box<dyn RouteStore>>,
    keeper: Option<Keeper>,
    recording: Option<Target>,
    #[cfg(feature = "ledger")]
    wallet: Option<EphemeralKey>,
    #[cfg(feature = "ledger")]
    payments: Option<Box<dyn PaymentStore>>,
    runtime: PhantomData<R>,
}

impl<R: Runtime> Builder<R> {
    pub(crate) const fn new(config: Config) -> Self {
        Self {
            config,
            roots: Vec::new(),
            proxy: None,
            session: None,
            routes: None,
            keeper: None,
            recording: None,
            #[cfg(feature = "ledger")]
            wallet: None,
            #[cfg(feature = "ledger")]
            payments: None,
            runtime: PhantomData,
        }
    }

    /// Connects through an HTTP proxy, for HTTP and for the socket: `http://user:password@host:port`, where user and
    /// password may be left out. Default: none; the environment is not asked.
    pub fn proxy(mut self, url: impl Into<Secret>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// Trusts one more root certificate, in DER. Default: those of the system, or those compiled in.
    pub fn root_certificate(mut self, der: impl Into<Vec<u8>>) -> Self {
        self.roots.push(CertificateDer::from(der.into()));
        self
    }

    /// Does TLS by this configuration instead of one of our own; root certificates are then its business, too. It must
    /// not offer HTTP/2.
    pub fn tls_config(mut self, tls: Arc<ClientConfig>) -> Self {
        self.config.tls = Some(Tls(tls));
        self
    }

    /// Starts from a stored session instead of logging in; it is renewed when its time is up. For a client of a user it
    /// is what everything rests on, unless a login of [`rest::login`](mezon_protocol::rest::login) brings another.
    pub fn session(mut self, session: Session) -> Self {
        self.session = Some(session);
        self
    }

    /// Remembers routes elsewhere than in memory. It is called by the driver, so it should not take long, and
    /// cannot make calls.
    pub fn routes(mut self, routes: impl RouteStore) -> Self {
        self.routes = Some(Box::new(routes));
        self
    }

    /// Stores the messages that are received and sent, with their edits and removals, beyond what is remembered; fetching
    /// one asks there before it asks the server. Default: they are not stored.
    ///
    /// The store also has how far messages were handled: at the next start, also after a kill, those that were missed
    /// meanwhile or not handled to the end are given, as [`Config::backfill`] says.
    ///
    /// A thread of its own does that, so that neither events nor calls wait for it: up to a thousand messages are written
    /// at a time, 5 ms after they have come at the latest. When the client ends, what is left is written; a process that is
    /// killed loses these 5 ms. Whatever goes wrong with the store is logged, and stops nothing else: what cannot be stored
    /// now is tried again every second, and above 64 MiB the oldest is given up. See
    /// [`Client::store_stats`].
    ///
    /// It keeps the outbox, too, for messages that are [sent once](mezon_protocol::object::Channel::queue_once): what is left there
    /// is sent when the driver starts. One client at a time uses it for an account.
    #[doc(alias = "message_db")]
    pub fn store(mut self, store: impl MessageStore) -> Self {
        self.keeper = Some(Keeper::new(store));
        self
    }

    /// Signs payments with this key. Default: one of our own, which is gone with the client; nothing is lost by that.
    #[cfg(feature = "ledger")]
    pub fn wallet(mut self, key: EphemeralKey) -> Self {
        self.wallet = Some(key);
        self
    }

    /// Keeps payments that have a key here, such as in a [file](crate::FilePayments). Default: in memory, where a restart
    /// forgets them. It is called by the driver, so it should not take long, and cannot make calls.
    #[cfg(feature = "ledger")]
    pub fn payments(mut self, payments: impl PaymentStore) -> Self {
        self.payments = Some(Box::new(payments));
        self
    }

    /// Starts a thread that writes a recording into this file, which is made anew: everything that the client is told and
    /// answers, so that it can be [replayed](mezon_protocol::replay). Credentials are left out, **what people write is not**.
    ///
    /// The client never waits for the disk. When the file cannot be written, or not fast enough, the recording ends and a
    /// warning is logged. It is complete after [`Client::end_recording`], or once the client, its events and its driver are
    /// dropped; before that the last second may be missing.
    pub fn record(mut self, path: impl Into<PathBuf>) -> Self {
        self.recording = Some(Target::File(path.into()));
        self
    }

    /// As [`record`](Self::record), into anything that can be written to; it is done by a thread of its own as well.
    pub fn record_to(mut self, writer: impl Write + Send + 'static) -> Self {
        self.recording = Some(Target::Writer(Box::new(writer)));
        self
    }

    /// The client. No connection is made and nothing started, but the thread that writes a recording if there is to be one.
    ///
    /// # Errors
    ///
    /// `Config`, saying what cannot work; also when the file of a recording cannot be made.
    pub fn build(self) -> Result<Client<R>, Error> {
        let Self { mut config, roots, proxy, session, routes, keeper, recording, .. } = self;
        let proxy = proxy.map(|url| Proxy::parse(url.expose())).transpose()?;
        if config.tls.is_none() && (config.use_tls || !roots.is_empty()) {
            config.tls = Some(Tls(client_config(roots)?));
        }
        let tls = config.tls.as_ref().map(|tls| Arc::clone(&tls.0));
        let net = Net { proxy, tls, connect_timeout: config.connect_timeout };
        let own_id = session.as_ref().map_or(config.account.id(), Session::user_id);
        let runtime = R::default();
        let origin = runtime.now();
        // the client counts the calls, and has alarms beside them
        let max_pending = config.max_pending.saturating_add(ALARMS);
        let (to_machine, start) = (Config { max_pending, ..config.clone() }, now(origin, origin));
        let mut machine = Box::new(match recording {
            None => Machine::new(to_machine, seed(), start)?,
            Some(target) => Machine::recorded(to_machine, seed(), start, target.open()?)?,
        });
        machine.set_on_full(OnFull::Drop);
        #[cfg(feature = "ledger")]
        {
            machine.set_wallet(self.wallet.map_or_else(crate::ledger::new_key, Ok)?);
            machine.set_payments(self.payments.unwrap_or_else(|| Box::new(MemoryPayments::default())));
        }
        if let Some(session) = session {
            machine.restore_session(session);
        }
        if let Some(routes) = routes {
            machine.set_routes(routes);
        }
        let shared = Shared::new(runtime, origin, net, own_id, &config, machine).keeping(keeper);
        Ok(Client::from_shared(Arc::new(shared)))
    }
}

impl<R: Awaits> Builder<R> {
    /// The client, its driver and its events; see [`Client::with_driver`].
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn with_driver(self) -> Result<Parts<R>, Error> {
        let client = self.build()?;
        let events = client.events();
        let driver = client.driver().expect("a client that was just built has no driver");
        Ok((client, driver, events))
    }
}

impl<R> std::fmt::Debug for Builder<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder").field("config", &self.config).finish_non_exhaustive()
    }
}

/// What makes delays differ between clients that were started together.
pub(crate) fn seed() -> u64 {
    use std::hash::{BuildHasher as _, Hasher as _, RandomState};
    RandomState::new().build_hasher().finish()
}
