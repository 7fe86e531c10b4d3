//! What a client is told before it starts.

mod account;

#[cfg(feature = "tls")]
use std::fmt;
use std::time::Duration;

pub use account::Account;

use crate::call::OutboxPolicy;
use crate::endpoint::{Endpoint, InvalidEndpoint};
use crate::error::{Error, ErrorKind};
use crate::event::Interest;
use crate::id::UserId;
use crate::machine::{BackfillPolicy, BackoffPolicy, HeartbeatPolicy, InboxLimits, JoinPacing, Rate};
use crate::memory::CacheLimits;
use crate::rest::Services;
use crate::secret::Secret;
use crate::upload::TransferPolicy;

/// Everything that a client is told before it starts: who it is, where the server is, and its limits.
///
/// ```
/// use mezon_protocol::Config;
/// use std::time::Duration;
///
/// let config = Config::bot("1840000000000000001", "the-api-key")?
///     .host("gw.mezon.ai")
///     .timeout(Duration::from_secs(15));
/// config.check()?;
/// # Ok::<(), mezon_protocol::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    /// Whose client it is.
    pub account: Account,
    /// The host to log in at; later traffic goes where the session says. Default `gw.mezon.ai`.
    pub host: String,
    /// The port to log in at. Default 443.
    pub port: u16,
    /// Whether to speak TLS there. Default true.
    pub use_tls: bool,
    /// Which transport the socket speaks. Default WebSocket.
    pub transport: TransportKind,
    /// What the server must answer one HTTP request in. Default 7 s.
    pub timeout: Duration,
    /// How long a call may take, all its steps included, from when the rate limit lets it go. Default 10 s.
    pub call_timeout: Duration,
    /// How long TCP, TLS and upgrade may take together. Default 30 s.
    pub connect_timeout: Duration,
    /// Whether to reconnect after the connection has been Ready. Default true.
    pub auto_reconnect: bool,
    /// Whether the first attempt, too, is repeated when it fails for a reason that may pass, which includes a server that
    /// is not reached and TLS that fails. Default false.
    pub retry_login: bool,
    /// Delays between attempts.
    pub backoff: BackoffPolicy,
    /// Pings.
    pub heartbeat: HeartbeatPolicy,
    /// A token that expires within this time, or within half of its life if that is less, is renewed before it is used.
    /// Default 60 s.
    pub renewal_margin: Duration,
    /// Which events to receive; the others are dropped before they are decoded. Default all.
    pub interest: Interest,
    /// Whether, on connecting, the clans and direct messages of the account are listed and joined. Otherwise only what
    /// calls and events name is joined, and the space of direct messages. Default true.
    pub auto_join: bool,
    /// Whether to join group conversations too, not only direct messages. Default true for users and false for bots, which are
    /// seldom in groups.
    pub join_groups: bool,
    /// Bounds of the event queue.
    pub inbox: InboxLimits,
    /// Requests over the socket. Default 60 per second and 500 per minute.
    pub socket_rates: Vec<Rate>,
    /// Calls over HTTP; logins and renewals are exempt. Default 1 per 1,024 ms.
    pub http_rates: Vec<Rate>,
    /// Pace of the joins on connecting. Default one at a time, 50 ms between two starts.
    pub join_pacing: JoinPacing,
    /// What is done about messages that were missed while the connection was away. On by default.
    pub backfill: BackfillPolicy,
    /// How many clans and channels are joined at most; what is beyond is logged and not joined. Default 100,000.
    pub max_joins: usize,
    /// How many calls may be pending; one more fails with `TooManyInFlight`. Default 1,024.
    pub max_pending: usize,
    /// Bounds of the outbox.
    pub outbox: OutboxPolicy,
    /// How many messages may have edits that wait or are under way, of those of which only the latest counts; one more
    /// fails with `TooManyInFlight`. Default 1,024.
    pub max_edited: usize,
    /// How many routes (channel to clan, mode and flags) are remembered. Default 10,000.
    pub max_routes: usize,
    /// How many clans, channels, users, roles and messages are remembered.
    pub cache: CacheLimits,
    /// The longest content of a message, in UTF-16 units of its JSON text. Default 4,000.
    pub content_limit: usize,
    /// After this time without a message a Ready client counts as quiet. Default 5 min.
    pub quiet_after: Duration,
    /// How files are uploaded and downloaded.
    pub transfers: TransferPolicy,
    /// The servers beside the API.
    pub services: Services,
    /// How tokens are sent.
    #[cfg(feature = "ledger")]
    pub ledger: crate::ledger::LedgerConfig,
    /// What the server is told at login: the `User-Agent` header.
    pub user_agent: String,
    /// How TLS is done; filled in by the adapter when left `None`.
    #[cfg(feature = "tls")]
    pub tls: Option<Tls>,
}

/// What carries the frames of a socket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TransportKind {
    /// A WebSocket, at the session's `ws_url`.
    #[default]
    WebSocket,
    /// Abridged TCP, at the session's `tcp_url`. A request larger than 4,096 bytes fails with `TooLarge` there.
    Tcp,
}

/// A TLS configuration that can be printed.
#[cfg(feature = "tls")]
#[derive(Clone)]
pub struct Tls(pub std::sync::Arc<rustls::ClientConfig>);

#[cfg(feature = "tls")]
impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls(..)")
    }
}

/// The gateway of the platform.
const HOST: &str = "gw.mezon.ai";

impl Config {
    /// A bot, on the platform's gateway. The id is an integer or decimal text.
    ///
    /// # Errors
    ///
    /// `Config` when the id is not a decimal integer.
    pub fn bot<I>(id: I, api_key: impl Into<Secret>) -> Result<Self, Error>
    where
        I: TryInto<UserId>,
        Error: From<I::Error>,
    {
        let no_id = |error| invalid(format!("the bot id: {}", Error::from(error)));
        Ok(Self::of(Account::Bot { id: id.try_into().map_err(no_id)?, api_key: api_key.into() }))
    }

    /// A user, on the platform's gateway. The [session](crate::Session) is restored, or brought by a login.
    ///
    /// ```
    /// use mezon_protocol::{Config, Machine, Now, Session, SessionExport};
    ///
    /// # let stored = r#"{"token":"a","refresh_token":"b","user_id":"7"}"#;
    /// let export: SessionExport = serde_json::from_str(stored).unwrap();
    /// let mut machine = Machine::new(Config::user(), 1, Now::default())?;
    /// machine.restore_session(Session::restore(export).unwrap());
    /// # Ok::<(), mezon_protocol::Error>(())
    /// ```
    pub fn user() -> Self {
        Self::of(Account::User)
    }

    fn of(account: Account) -> Self {
        Self {
            host: HOST.into(),
            port: 443,
            use_tls: true,
            transport: TransportKind::WebSocket,
            timeout: Duration::from_secs(7),
            call_timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(30),
            auto_reconnect: true,
            retry_login: false,
            backoff: BackoffPolicy::default(),
            heartbeat: HeartbeatPolicy::default(),
            renewal_margin: Duration::from_secs(60),
            interest: Interest::ALL,
            auto_join: true,
            join_groups: account.is_user(),
            inbox: InboxLimits::default(),
            socket_rates: vec![Rate::new(60, Duration::from_secs(1)), Rate::new(500, Duration::from_secs(60))],
            http_rates: vec![Rate::new(1, Duration::from_millis(1024))],
            join_pacing: JoinPacing::default(),
            backfill: BackfillPolicy::default(),
            max_joins: 100_000,
            max_pending: 1024,
            outbox: OutboxPolicy::default(),
            max_edited: 1024,
            max_routes: 10_000,
            cache: CacheLimits::default(),
            content_limit: 4000,
            quiet_after: Duration::from_secs(300),
            transfers: TransferPolicy::default(),
            services: Services::default(),
            #[cfg(feature = "ledger")]
            ledger: crate::ledger::LedgerConfig::default(),
            user_agent: concat!("mezon-rust/", env!("CARGO_PKG_VERSION")).into(),
            #[cfg(feature = "tls")]
            tls: None,
            account,
        }
    }

    /// A bot as its environment describes it; `lookup` finds a variable, as `|name| std::env::var(name).ok()` does.
    ///
    /// `MEZON_BOT_ID` and `MEZON_API_KEY` are required; `MEZON_HOST`, `MEZON_PORT` and `MEZON_USE_SSL` (`true`,
    /// `false`, `1`, `0`) are not.
    ///
    /// # Errors
    ///
    /// `Config`, naming the variable, when one is missing or makes no sense.
    pub fn from_vars(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let required = |name: &str| lookup(name).ok_or_else(|| invalid(format!("{name} is not set")));
        let mut config = Self::bot(required("MEZON_BOT_ID")?, required("MEZON_API_KEY")?)?;
        if let Some(host) = lookup("MEZON_HOST") {
            config.host = host;
        }
        match lookup("MEZON_USE_SSL").as_deref() {
            None | Some("true" | "1") => {}
            Some("false" | "0") => config.use_tls = false,
            Some(_) => return Err(invalid("MEZON_USE_SSL is neither true nor false")),
        }
        if let Some(port) = lookup("MEZON_PORT") {
            config.port = port.parse().map_err(|_| invalid("MEZON_PORT is no port number"))?;
        }
        config.check()?;
        Ok(config)
    }

    /// The host to log in at.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = host.into();
        self
    }

    /// The port to log in at. Default 443.
    #[must_use]
    pub const fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Host, port and TLS at once, from a URL such as `wss://gw.mezon.ai`, `http://localhost:7350`, or `host:port` as it
    /// is, with TLS. A missing port is 443 with TLS and 80 without.
    ///
    /// ```
    /// use mezon_protocol::Config;
    ///
    /// let config = Config::bot(17_i64, "the-api-key")?.url("ws://localhost:7350")?;
    /// assert_eq!((config.host.as_str(), config.port, config.use_tls), ("localhost", 7350, false));
    /// # Ok::<(), mezon_protocol::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `Config` when it is no URL of a server.
    #[doc(alias = "ws_url")]
    pub fn url(self, url: &str) -> Result<Self, Error> {
        let endpoint: Endpoint = url.parse().map_err(|error: InvalidEndpoint| invalid(error.to_string()))?;
        Ok(self.host(endpoint.host()).port(endpoint.port()).use_tls(endpoint.is_tls()))
    }

    /// Which transport the socket speaks. Default WebSocket.
    #[must_use]
    pub const fn transport(mut self, transport: TransportKind) -> Self {
        self.transport = transport;
        self
    }

    /// Whether to use TLS (`https`, `wss`). Default true.
    #[must_use]
    pub const fn use_tls(mut self, tls: bool) -> Self {
        self.use_tls = tls;
        self
    }

    /// What the server must answer one HTTP request in. Default 7 s.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Whether to reconnect. Default true; without it a dropped connection is reported and that is all.
    #[must_use]
    pub const fn auto_reconnect(mut self, auto_reconnect: bool) -> Self {
        self.auto_reconnect = auto_reconnect;
        self
    }

    /// Which events to receive. Default all.
    #[must_use]
    pub const fn interest(mut self, interest: Interest) -> Self {
        self.interest = interest;
        self
    }

    /// What is done about messages that were missed while the connection was away; [`BackfillPolicy::OFF`] for nothing.
    #[must_use]
    pub const fn backfill(mut self, policy: BackfillPolicy) -> Self {
        self.backfill = policy;
        self
    }

    /// How many clans, channels, users, roles and messages are remembered; [`CacheLimits::OFF`] for none.
    #[must_use]
    pub const fn cache(mut self, limits: CacheLimits) -> Self {
        self.cache = limits;
        self
    }

    /// No rate limits of our own: for a server of one's own, never for the platform.
    #[must_use]
    pub fn without_rate_limits(mut self) -> Self {
        self.socket_rates.clear();
        self.http_rates.clear();
        self.join_pacing = JoinPacing::UNLIMITED;
        self
    }

    /// Checks what can be seen to be wrong before any I/O.
    ///
    /// # Errors
    ///
    /// `Config`, saying what.
    pub fn check(&self) -> Result<(), Error> {
        self.account.check()?;
        self.login_endpoint()?;
        for (name, time) in
            [("timeout", self.timeout), ("call_timeout", self.call_timeout), ("connect_timeout", self.connect_timeout)]
        {
            if time.is_zero() {
                return Err(invalid(format!("{name} must not be zero")));
            }
        }
        if self.heartbeat.interval.is_zero() || self.heartbeat.timeout.is_zero() {
            return Err(invalid("the heartbeat's times must not be zero"));
        }
        let limits = [
            self.max_joins,
            self.max_pending,
            self.max_routes,
            self.max_edited,
            self.outbox.limit,
            self.join_pacing.in_flight,
            self.backfill.in_flight,
            self.backfill.max_channels,
            self.backfill.remembered,
        ];
        if limits.contains(&0) || !self.transfers.is_valid() {
            return Err(invalid("limits must not be zero"));
        }
        #[cfg(feature = "ledger")]
        if let Some(name) = self.ledger.first_exposed(&self.services) {
            return Err(invalid(format!("the {name} must be reached by https")));
        }
        Ok(())
    }
}

impl Config {
    /// Where to log in.
    ///
    /// # Errors
    ///
    /// `Config` when host or port cannot be right.
    pub fn login_endpoint(&self) -> Result<Endpoint, Error> {
        Endpoint::new(&self.host, self.port, self.use_tls).map_err(|error| invalid(error.to_string()))
    }
}

fn invalid(what: impl Into<String>) -> Error {
    Error::unsent(ErrorKind::Config(what.into()))
}

impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(result: Result<impl Sized, Error>) -> ErrorKind {
        result.err().expect("an error").kind().clone()
    }

    /// Rows 1, 4, 6, 7, 8, 9, 12, 13, 15, 22.
    #[test]
    fn everything_but_id_and_key_has_a_default() {
        let config = Config::bot(17_i64, "k").unwrap();
        assert!(config.check().is_ok());
        assert_eq!(config.login_endpoint().unwrap().base_url(), "https://gw.mezon.ai");
        assert_eq!((config.port, config.timeout), (443, Duration::from_secs(7)));
        assert!(config.auto_reconnect);
        assert_eq!(config.services.ledger.as_deref(), Some("https://dong.mezon.ai/mmn-api/"));
        assert_eq!(config.services.proofs.as_deref(), Some("https://dong.mezon.ai/zk-api/"));
        let config = config.host("localhost").port(7350).use_tls(false).timeout(Duration::from_secs(15));
        assert_eq!(config.login_endpoint().unwrap().base_url(), "http://localhost:7350");
        assert_eq!(config.timeout, Duration::from_secs(15));
        assert!(!config.auto_reconnect(false).auto_reconnect);
    }

    /// Rows 5, 207.
    #[test]
    fn host_port_and_tls_may_be_given_as_a_url() {
        for (url, base) in [
            ("wss://gw.mezon.ai", "https://gw.mezon.ai"),
            ("ws://localhost:7350", "http://localhost:7350"),
            ("gw.mezon.ai:8443", "https://gw.mezon.ai:8443"),
        ] {
            let config = Config::bot(17_i64, "k").unwrap().url(url).unwrap();
            assert_eq!(config.login_endpoint().unwrap().base_url(), base);
        }
        for bad in ["", "gw.mezon.ai:https", "ftp://gw.mezon.ai", "wss://user:hunter2@gw.mezon.ai"] {
            let error = Config::bot(17_i64, "k").unwrap().url(bad).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Config(_)), "{bad}");
            assert!(!error.to_string().contains("hunter2"));
        }
    }

    /// Row 2.
    #[test]
    fn the_id_may_be_an_integer_or_decimal_text() {
        assert_eq!(Config::bot("17", "k").unwrap().account.id(), UserId::new(17));
        assert_eq!(Config::bot(17_i64, "k").unwrap().account.id(), UserId::new(17));
        assert!(matches!(kind(Config::bot("", "k")), ErrorKind::Config(_)));
        assert!(matches!(kind(Config::bot("bot", "k")), ErrorKind::Config(_)));
    }

    /// Rows 2, 3.
    #[test]
    fn what_cannot_work_is_refused_before_any_io() {
        let good = || Config::bot(17_i64, "k").unwrap();
        assert!(good().check().is_ok());
        for bad in [
            Config::bot(0_i64, "k").unwrap(),
            Config::bot(17_i64, "").unwrap(),
            good().host(""),
            good().host("user@host"),
            good().host("a b"),
            good().port(0),
            good().timeout(Duration::ZERO),
        ] {
            assert!(matches!(kind(bad.check()), ErrorKind::Config(_)), "{bad:?}");
        }
    }

    /// Row 5.
    #[test]
    fn the_environment_is_read_through_the_given_lookup() {
        let vars = |name: &str| match name {
            "MEZON_BOT_ID" => Some("17".to_owned()),
            "MEZON_API_KEY" => Some("k".to_owned()),
            "MEZON_HOST" => Some("localhost".to_owned()),
            "MEZON_PORT" => Some("7350".to_owned()),
            "MEZON_USE_SSL" => Some("false".to_owned()),
            _ => None,
        };
        let config = Config::from_vars(vars).unwrap();
        assert_eq!(config.login_endpoint().unwrap().base_url(), "http://localhost:7350");
        assert!(matches!(kind(Config::from_vars(|_| None)), ErrorKind::Config(_)));
    }

    /// Row 3.
    #[test]
    fn the_api_key_is_not_printed() {
        let config = Config::bot(17_i64, "very-secret").unwrap();
        assert!(!format!("{config:?}").contains("very-secret"));
    }
}
