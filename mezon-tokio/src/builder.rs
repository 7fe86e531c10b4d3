//! What may be set about a client beyond its configuration.

use std::sync::Arc;

use mezon_protocol::config::Tls;
use mezon_protocol::machine::OnFull;
use mezon_protocol::proxy::Proxy;
use mezon_protocol::route::RouteStore;
use mezon_protocol::{Config, Error, Machine, Secret, Session};
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use tokio::time::Instant;

use crate::handle::{Shared, Told};
use crate::net::Net;
use crate::tls::client_config;
use crate::{Client, Driver, Events};

/// Sets up a client; see [`Client::builder`].
///
/// ```
/// use mezon_tokio::{Client, Config};
///
/// let config = Config::bot("1840000000000000001", "the-api-key")?.host("mezon.example.com").use_tls(false);
/// let client = Client::builder(config).proxy("http://user:password@proxy.example.com:3128").build()?;
/// # Ok::<(), mezon_tokio::Error>(())
/// ```
#[must_use = "a builder does nothing until it is built"]
pub struct Builder {
    config: Config,
    roots: Vec<CertificateDer<'static>>,
    proxy: Option<Secret>,
    session: Option<Session>,
    routes: Option<Box<dyn RouteStore>>,
}

impl Builder {
    pub(crate) const fn new(config: Config) -> Self {
        Self { config, roots: Vec::new(), proxy: None, session: None, routes: None }
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

    /// Starts from a stored session instead of logging in; it is renewed when its time is up.
    pub fn session(mut self, session: Session) -> Self {
        self.session = Some(session);
        self
    }

    /// Remembers routes elsewhere than in memory. It is called by the driver, so it should not take long.
    pub fn routes(mut self, routes: impl RouteStore) -> Self {
        self.routes = Some(Box::new(routes));
        self
    }

    /// The client. No connection is made and no task started.
    ///
    /// # Errors
    ///
    /// `Config`, saying what cannot work.
    pub fn build(self) -> Result<Client, Error> {
        let Self { mut config, roots, proxy, session, routes } = self;
        let proxy = proxy.map(|url| Proxy::parse(url.expose())).transpose()?;
        if config.tls.is_none() && (config.use_tls || !roots.is_empty()) {
            config.tls = Some(Tls(client_config(roots)?));
        }
        let tls = config.tls.as_ref().map(|tls| Arc::clone(&tls.0));
        let told = Told { max_pending: config.max_pending, on_full: config.inbox.on_full, cache: config.cache };

        let origin = Instant::now();
        let mut machine = Machine::new(config, seed(), crate::handle::now(origin))?;
        machine.set_on_full(OnFull::Drop);
        if let Some(session) = session {
            machine.restore_session(session);
        }
        if let Some(routes) = routes {
            machine.set_routes(routes);
        }
        let shared = Shared::new(Box::new(machine), Net { proxy, tls }, origin, told);
        Ok(Client::from_shared(Arc::new(shared)))
    }

    /// The client, its driver and its events; see [`Client::with_driver`].
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn with_driver(self) -> Result<(Client, Driver, Events), Error> {
        let client = self.build()?;
        let events = client.events();
        let driver = client.take_driver().expect("a client that was just built has no driver");
        Ok((client, driver, events))
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder").field("config", &self.config).finish_non_exhaustive()
    }
}

/// What makes delays differ between clients that were started together.
fn seed() -> u64 {
    use std::hash::{BuildHasher as _, Hasher as _, RandomState};
    RandomState::new().build_hasher().finish()
}
