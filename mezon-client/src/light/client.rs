//! The light client: a session, and what is done over HTTP.

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use mezon_protocol::call::Call as _;
use mezon_protocol::light::{AuthenticateConfig, ClientInitConfig, SessionError};
use mezon_protocol::object::Channel;
use mezon_protocol::rest::login::LogIn;
use mezon_protocol::{Error, ErrorKind, Machine, Secret, Session, UserId};

use crate::client::Client;
use crate::handle::{Driven, Shared};
use crate::pending::Pending;
use crate::runtime::{Runtime, Spawns};
use crate::socket::Socket;

/// A user who talks in direct messages and groups: what the light SDK for JavaScript has, by its names.
///
/// It is a small layer over the [`Client`], to which it derefs: everything that is there can be done here, too. The
/// session is renewed when its token is needed and about to expire, and when the socket is open, in time; store it anew
/// when [`on_session_refreshed`](Client::on_session_refreshed) says so, or when the program ends.
///
/// It makes no connection by itself; that is the business of a [`LightSocket`](crate::LightSocket). Its calls go over HTTP until there is one.
/// They start the driver where the runtime can; elsewhere the [driver](Client::driver) has to be running.
pub struct LightClient<R: Runtime> {
    client: Client<R>,
}

/// # Starting
impl<R: Spawns> LightClient<R> {
    /// Logs a user in by an id token. Starts the driver: a task on tokio, a thread where calls wait.
    ///
    /// # Errors
    ///
    /// `Auth` when the server refuses, with the [status](Error::status); `Decode` when its answer is no whole session;
    /// what an HTTP exchange can fail with. Each can be made into an
    /// [`AuthenticationError`](mezon_protocol::light::AuthenticationError).
    pub fn authenticate(config: AuthenticateConfig) -> R::Outcome<Self> {
        match config.config().and_then(Client::new) {
            Ok(client) => Self::log_in(client, config.log_in()),
            Err(error) => R::outcome(Pending::failed(error)),
        }
    }
}

/// # Starting, with more to set, or on any runtime
impl<R: Runtime> LightClient<R> {
    /// Starts from a session that was stored. Nothing is asked over the network.
    ///
    /// # Errors
    ///
    /// [`SessionError`], saying what is missing or wrong.
    #[doc(alias = "initClient")]
    pub fn init_client(config: ClientInitConfig) -> Result<Self, SessionError> {
        let session = config.session()?;
        Ok(Self::of(Client::builder(config.config()?).session(session).build()?))
    }

    /// Logs a user in by whatever means, with a client of whatever configuration; see
    /// [`AuthenticateConfig::config`] for that of a light one. Where the runtime starts no drivers, that of the client has
    /// to be running.
    ///
    /// # Errors
    ///
    /// As [`authenticate`](Self::authenticate).
    pub fn log_in(client: Client<R>, login: LogIn) -> R::Outcome<Self> {
        let light = Self::of(client.clone());
        R::outcome(client.backend().pending(login.then(move |_, session| light.check(&session)), Shared::submit))
    }

    /// A client that has a session, or is going to log in, as a light one: with all that a [builder](Client::builder) sets,
    /// such as a store of messages or a recording.
    pub fn of(client: Client<R>) -> Self {
        if let Err(error) = client.start_driver() {
            tracing::debug!(%error, "the driver of a light client has to be started by hand");
        }
        Self { client }
    }

    fn check(self, session: &Session) -> Result<Self, Error> {
        let is_whole = !session.refresh_token().is_empty() && !session.api_url().is_empty();
        if is_whole && !session.user_id().is_none() {
            return Ok(self);
        }
        let why = "Invalid authentication response: missing required fields".into();
        Err(Error::answered(ErrorKind::Decode(why)))
    }
}

/// # The session
impl<R: Runtime> LightClient<R> {
    /// Who we are.
    #[doc(alias = "userId")]
    pub fn user_id(&self) -> UserId {
        self.client.id()
    }

    /// The session in the form that [`init_client`](Self::init_client) starts from. It holds secrets.
    #[doc(alias = "exportSession")]
    pub fn export_session(&self) -> R::Answered<ClientInitConfig> {
        self.ask(|machine| machine.session().map(ClientInitConfig::of).unwrap_or_default())
    }

    /// Whether the token has expired, by the server's clock as far as it is known.
    #[doc(alias = "isSessionExpired")]
    pub fn is_session_expired(&self) -> R::Answered<bool> {
        self.client.backend().shared.ask(|machine, now| machine.is_session_expired(now))
    }

    /// Whether the refresh token has expired, by the server's clock as far as it is known: then somebody has to log in.
    #[doc(alias = "isRefreshSessionExpired")]
    pub fn is_refresh_session_expired(&self) -> R::Answered<bool> {
        self.client.backend().shared.ask(|machine, now| machine.is_refresh_expired(now))
    }

    /// The token.
    #[doc(alias = "getToken")]
    pub fn get_token(&self) -> R::Answered<Secret> {
        self.ask(|machine| machine.session().map(|session| session.token().clone()).unwrap_or_default())
    }

    /// The refresh token.
    #[doc(alias = "getRefreshToken")]
    pub fn get_refresh_token(&self) -> R::Answered<Secret> {
        self.ask(|machine| machine.session().map(|session| session.refresh_token().clone()).unwrap_or_default())
    }

    /// The session; the same as [`session`](Client::session). None before the first login.
    #[doc(alias = "getSession")]
    pub fn get_session(&self) -> R::Answered<Option<Session>> {
        self.client.session()
    }

    fn ask<T: Send + 'static>(&self, question: impl FnOnce(&Machine) -> T + Send + 'static) -> R::Answered<T> {
        self.client.backend().shared.ask(move |machine, _| question(machine))
    }
}

/// # Channels
impl<R: Runtime> LightClient<R> {
    /// Opens the channel of direct messages with a user, or finds the one that exists; gives it. To hear what is said
    /// there, [join](crate::LightSocket::join_dm_channel) it.
    #[doc(alias = "createDM")]
    pub fn create_dm(&self, peer: impl Into<UserId>) -> R::Outcome<Channel<Driven<R>>> {
        self.client.create_dm_channel(peer)
    }

    /// Creates a group with these users; gives it. To hear what is said there, [join](crate::LightSocket::join_group_channel) it.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` when there is no user.
    #[doc(alias = "createGroupDM")]
    pub fn create_group_dm(&self, users: impl IntoIterator<Item = UserId>) -> R::Outcome<Channel<Driven<R>>> {
        self.client.create_group(users)
    }
}

/// # The layers below
impl<R: Runtime> LightClient<R> {
    /// The whole client beneath.
    #[doc(alias = "MezonApi")]
    pub const fn client(&self) -> &Client<R> {
        &self.client
    }

    /// The low-level side of the client. `verbose` writes what happens to the log, and `timeout` is how long a call may
    /// take from now on, 10 s if it is not said otherwise. It speaks protobuf, as there is nothing else. It is opened by
    /// [`connect`](Client::connect); a [`LightSocket`](crate::LightSocket) is what does all of that by itself.
    #[doc(alias = "createSocket")]
    pub fn create_socket(&self, verbose: bool, timeout: Option<Duration>) -> Socket<R> {
        if verbose {
            self.client.on_event(|event| tracing::info!(?event, "an event of a raw socket"));
        }
        if let Some(timeout) = timeout {
            self.client.backend().shared.act(move |machine, _| machine.set_call_timeout(timeout));
        }
        Socket::new(self.client.backend().clone())
    }
}

impl<R: Runtime> Deref for LightClient<R> {
    type Target = Client<R>;

    fn deref(&self) -> &Client<R> {
        &self.client
    }
}

impl<R: Runtime> Clone for LightClient<R> {
    fn clone(&self) -> Self {
        Self { client: self.client.clone() }
    }
}

impl<R: Runtime> fmt::Debug for LightClient<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LightClient").field("user_id", &self.user_id()).finish_non_exhaustive()
    }
}
