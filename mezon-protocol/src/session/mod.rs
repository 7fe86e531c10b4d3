//! The session: who we are, the tokens that prove it, and where the server wants to be spoken to.
//!
//! It is born from the answer to a login ([`Session::decode`]), changed by renewals and by what the server pushes
//! ([`Session::apply`]), and can be stored and brought back ([`Session::export`], [`Session::restore`]). It does
//! nothing by itself: renewing is a matter of the Machine.

mod claims;
mod export;

pub(crate) use claims::stand_in;
pub use export::SessionExport;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use prost::Message;

use self::claims::Claims;
use crate::endpoint::{Endpoint, InvalidEndpoint};
use crate::id::UserId;
use crate::proto::api;
use crate::secret::Secret;

/// Tokens of an account, with the endpoints that belong to them.
///
/// Tokens are opaque to us but for their expiry and the name they were given to, which are read from them when they
/// are JWTs. One that is none is kept all the same: its expiry is unknown, and it counts as valid until the server
/// refuses it.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    token: Secret,
    refresh_token: Secret,
    id_token: Secret,
    session_id: Secret,
    user_id: UserId,
    api_url: String,
    ws_url: String,
    tcp_url: String,
    is_remember: bool,
    created: bool,
    /// Of `token`.
    claims: Claims,
    refresh_expires_at: Option<u64>,
}

/// Why there is no [`Session`] in what was given. Shows nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSession {
    /// There is no token in it.
    #[error("no session: there is no token")]
    NoToken,
    /// It is neither an encoded `mezon.api.Session` nor JSON.
    #[error("no session: neither protobuf nor a JSON object")]
    Undecodable,
}

/// When a token expires, in seconds since 1970, if it says so.
#[cfg(feature = "ledger")]
pub(crate) fn expiry(token: &Secret) -> Option<u64> {
    Claims::read(token.expose()).expires_at
}

impl Session {
    /// A session from its wire type.
    ///
    /// # Errors
    ///
    /// [`InvalidSession::NoToken`]
    pub fn from_proto(session: &api::Session) -> Result<Self, InvalidSession> {
        Self::restore(SessionExport {
            token: session.token.as_str().into(),
            refresh_token: session.refresh_token.as_str().into(),
            user_id: session.user_id.into(),
            is_remember: session.is_remember,
            api_url: session.api_url.clone(),
            id_token: session.id_token.as_str().into(),
            ws_url: session.ws_url.clone(),
            session_id: session.session_id.as_str().into(),
            tcp_url: session.tcp_url.clone(),
            expires_at: None,
            refresh_expires_at: None,
            created: session.created,
        })
    }

    /// A session from a JSON object, with the keys of the wire or their camelCase forms, and ids as text or number.
    ///
    /// # Errors
    ///
    /// [`InvalidSession`]: it is no JSON object, or has no token.
    pub fn from_json(json: &[u8]) -> Result<Self, InvalidSession> {
        let export: SessionExport = serde_json::from_slice(json).map_err(|_| InvalidSession::Undecodable)?;
        Self::restore(export)
    }

    /// A session from the body of a 2xx response.
    ///
    /// The label counts for little, as the server does not label its answers reliably: what begins with `{` is JSON,
    /// all else is protobuf. Where a label of JSON or a failure to decode suggests it, white space before the `{` is
    /// allowed for.
    ///
    /// # Errors
    ///
    /// [`InvalidSession`]: it can be read as neither, or has no token (an empty body, as that of a 204, has none).
    pub fn decode(body: &[u8], content_type: Option<&str>) -> Result<Self, InvalidSession> {
        let is_labelled_json = content_type.is_some_and(|label| label.to_ascii_lowercase().contains("json"));
        let looks_like_json = body.trim_ascii_start().starts_with(b"{");
        // `{` is no tag that a Session could begin with, but a blank is: 0x20 is that of `user_id`
        if body.starts_with(b"{") || (is_labelled_json && looks_like_json) {
            return Self::from_json(body);
        }
        match api::Session::decode(body) {
            Ok(session) => Self::from_proto(&session),
            Err(_) if looks_like_json => Self::from_json(body),
            Err(_) => Err(InvalidSession::Undecodable),
        }
    }

    /// A session as it was stored. Only the token is required.
    ///
    /// # Errors
    ///
    /// [`InvalidSession::NoToken`]
    pub fn restore(export: SessionExport) -> Result<Self, InvalidSession> {
        if export.token.is_empty() {
            return Err(InvalidSession::NoToken);
        }
        let mut claims = Claims::read(export.token.expose());
        claims.expires_at = claims.expires_at.or(export.expires_at);
        let refresh_expires_at = Claims::read(export.refresh_token.expose()).expires_at.or(export.refresh_expires_at);
        Ok(Self {
            token: export.token,
            refresh_token: export.refresh_token,
            id_token: export.id_token,
            session_id: export.session_id,
            user_id: export.user_id,
            api_url: export.api_url,
            ws_url: export.ws_url,
            tcp_url: export.tcp_url,
            is_remember: export.is_remember,
            created: export.created,
            claims,
            refresh_expires_at,
        })
    }

    /// The session in a form that can be stored. It holds the secrets.
    pub fn export(&self) -> SessionExport {
        SessionExport {
            token: self.token.clone(),
            refresh_token: self.refresh_token.clone(),
            user_id: self.user_id(),
            is_remember: self.is_remember,
            api_url: self.api_url.clone(),
            id_token: self.id_token.clone(),
            ws_url: self.ws_url.clone(),
            session_id: self.session_id.clone(),
            tcp_url: self.tcp_url.clone(),
            expires_at: self.claims.expires_at,
            refresh_expires_at: self.refresh_expires_at,
            created: self.created,
        }
    }

    /// Takes over what the server gave in addition: the answer to a renewal, or a `refresh_session_event`.
    ///
    /// An empty field never erases what is known, and a URL that is no endpoint does not replace one that works.
    /// Expiry, user id and user name are those of the new token; what it does not say of the latter two stays.
    /// `created` is not taken over: it speaks of the login. True if anything changed, that is, if whoever stores the
    /// session has to store it again.
    pub fn apply(&mut self, update: &api::Session) -> bool {
        let mut changed = self.apply_token(&update.token);
        if replace_secret(&mut self.refresh_token, &update.refresh_token) {
            self.refresh_expires_at = Claims::read(&update.refresh_token).expires_at;
            changed = true;
        }
        changed |= replace_secret(&mut self.id_token, &update.id_token);
        changed |= replace_secret(&mut self.session_id, &update.session_id);
        changed |= replace_url(&mut self.api_url, &update.api_url);
        changed |= replace_url(&mut self.ws_url, &update.ws_url);
        changed |= replace_url(&mut self.tcp_url, &update.tcp_url);
        if update.user_id != 0 && update.user_id != self.user_id.get() {
            self.user_id = update.user_id.into();
            changed = true;
        }
        if update.is_remember && !self.is_remember {
            self.is_remember = true;
            changed = true;
        }
        changed
    }

    /// Forgets the credential of the socket, which was refused; the token takes its place. True if there was one.
    pub fn forget_session_id(&mut self) -> bool {
        !std::mem::take(&mut self.session_id).is_empty()
    }

    fn apply_token(&mut self, token: &str) -> bool {
        if !replace_secret(&mut self.token, token) {
            return false;
        }
        let old = std::mem::replace(&mut self.claims, Claims::read(token));
        if self.claims.user_id.is_none() {
            self.claims.user_id = old.user_id;
        }
        if self.claims.username.is_empty() {
            self.claims.username = old.username;
        }
        if self.claims.vars.is_empty() {
            self.claims.vars = old.vars;
        }
        true
    }

    /// The bearer of the API and the usual credential of the socket. Never empty.
    pub fn token(&self) -> &Secret {
        &self.token
    }

    /// What the token is renewed with; empty if the server gave none.
    pub fn refresh_token(&self) -> &Secret {
        &self.refresh_token
    }

    /// The OpenID token for ledger proofs; empty if the server gave none.
    pub fn id_token(&self) -> &Secret {
        &self.id_token
    }

    /// A credential for the socket that outlives the token; empty if the server gave none.
    pub fn session_id(&self) -> &Secret {
        &self.session_id
    }

    /// The own account: what the server said, else what the token says, else 0.
    pub fn user_id(&self) -> UserId {
        if self.user_id.is_none() { self.claims.user_id } else { self.user_id }
    }

    /// The own user name, as the token says; empty if it does not.
    pub fn username(&self) -> &str {
        &self.claims.username
    }

    /// The claims (`vrs`) that were put into the token at login; a refresh repeats them.
    pub fn vars(&self) -> &BTreeMap<String, String> {
        &self.claims.vars
    }

    /// Whether the refresh token is a long-lived one; a refresh repeats it.
    pub const fn is_remember(&self) -> bool {
        self.is_remember
    }

    /// True if the account was created by the login that this session comes from.
    pub const fn is_created(&self) -> bool {
        self.created
    }

    /// Base of the API as the server named it, possibly empty. [`api_endpoint`](Self::api_endpoint) is what to use.
    pub fn api_url(&self) -> &str {
        &self.api_url
    }

    /// The socket as the server named it, possibly empty. [`ws_endpoint`](Self::ws_endpoint) is what to use.
    pub fn ws_url(&self) -> &str {
        &self.ws_url
    }

    /// The abridged TCP transport as the server named it, possibly empty. [`tcp_endpoint`](Self::tcp_endpoint) is
    /// what to use.
    pub fn tcp_url(&self) -> &str {
        &self.tcp_url
    }

    /// When the token expires, seconds since 1970 by the server's clock. `None` if it does not say.
    pub const fn expires_at(&self) -> Option<u64> {
        self.claims.expires_at
    }

    /// When the refresh token expires, seconds since 1970 by the server's clock. `None` if it does not say.
    pub const fn refresh_expires_at(&self) -> Option<u64> {
        self.refresh_expires_at
    }

    /// Whether the token has expired at that time (seconds since 1970). False if its expiry is unknown.
    pub fn is_expired(&self, unix_seconds: u64) -> bool {
        self.expires_within(unix_seconds, Duration::ZERO)
    }

    /// Whether the refresh token has expired at that time (seconds since 1970). False if its expiry is unknown, and
    /// if there is none.
    pub fn is_refresh_expired(&self, unix_seconds: u64) -> bool {
        self.refresh_expires_at.is_some_and(|at| at <= unix_seconds)
    }

    /// Whether the token expires until `margin` after that time (seconds since 1970). False if its expiry is unknown.
    pub fn expires_within(&self, unix_seconds: u64, margin: Duration) -> bool {
        self.claims.expires_at.is_some_and(|at| at <= unix_seconds.saturating_add(margin.as_secs()))
    }

    /// Where the API is: `api_url`, else where we logged in. Without a scheme it means TLS.
    ///
    /// # Errors
    ///
    /// If the server named something that is no endpoint.
    pub fn api_endpoint(&self, login: &Endpoint) -> Result<Endpoint, InvalidEndpoint> {
        Ok(Endpoint::parse(&self.api_url, true)?.unwrap_or_else(|| login.clone()))
    }

    /// Where the socket is: `ws_url`, else where the API is. Without a scheme it has TLS if the API has.
    ///
    /// # Errors
    ///
    /// If the server named something that is no endpoint.
    pub fn ws_endpoint(&self, login: &Endpoint) -> Result<Endpoint, InvalidEndpoint> {
        self.endpoint_like_api(&self.ws_url, login, Self::api_endpoint)
    }

    /// Where the abridged TCP transport is: `tcp_url`, else where the socket is. Without a scheme, and with `tcp://`,
    /// it has TLS if the API has.
    ///
    /// # Errors
    ///
    /// If the server named something that is no endpoint.
    pub fn tcp_endpoint(&self, login: &Endpoint) -> Result<Endpoint, InvalidEndpoint> {
        self.endpoint_like_api(&self.tcp_url, login, Self::ws_endpoint)
    }

    fn endpoint_like_api(
        &self,
        url: &str,
        login: &Endpoint,
        fallback: fn(&Self, &Endpoint) -> Result<Endpoint, InvalidEndpoint>,
    ) -> Result<Endpoint, InvalidEndpoint> {
        let tls = self.api_endpoint(login).map_or(true, |api| api.is_tls());
        match Endpoint::parse(url, tls)? {
            Some(endpoint) => Ok(endpoint),
            None => fallback(self, login),
        }
    }
}

/// Shows neither tokens nor URLs: what a server puts before a host could be a password.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("user_id", &self.user_id())
            .field("username", &self.username())
            .field("expires_at", &self.expires_at())
            .field("refresh_expires_at", &self.refresh_expires_at)
            .finish_non_exhaustive()
    }
}

fn replace_secret(old: &mut Secret, new: &str) -> bool {
    if new.is_empty() || old.expose() == new {
        return false;
    }
    *old = new.into();
    true
}

fn replace_url(old: &mut String, new: &str) -> bool {
    if old == new {
        return false;
    }
    match Endpoint::parse(new, true) {
        Ok(Some(_)) => {
            new.clone_into(old);
            true
        }
        Ok(None) => false,
        Err(error) => {
            tracing::warn!(%error, "the server named an endpoint that cannot be used; the old one stays");
            false
        }
    }
}

#[cfg(test)]
mod tests;
