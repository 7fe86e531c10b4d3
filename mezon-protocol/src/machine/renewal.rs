//! A new token in place of one that ends: a bot logs in again, a user's session is refreshed.
//!
//! Whoever needs a token shares one exchange. Failures are tried again, whatever the server calls them, as it answers a
//! refresh token that is no longer good and an outage of its own by the same status. A session is over when the server
//! refuses it in so many words: 401 or 403 to a refresh, or to a token that has not expired and could not be refreshed
//! because the server failed; or when a refresh fails whose token has expired.

use std::time::Duration;

use prost::Message as _;

use super::calls::Stage;
use super::connect::Phase;
use super::core::Core;
use super::desk::FlightKind;
use super::exchange::{self, refusal};
use super::login::{self, LoginError};
use crate::api::{GetAccount, Method as _, SessionRefresh};
use crate::call::{Answer, Exchange};
use crate::config::{Account, Config};
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::event::Lifecycle;
use crate::exchange::{HttpFailure, HttpRequest, HttpResponse};
use crate::proto::api;
use crate::session::Session;

/// How the session in hand stands.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// When its token came, in seconds since 1970 by the server's clock.
    pub(super) since: u64,
    /// Its token was refused, or may be bad: it is renewed before it is used again.
    pub(super) is_refused: bool,
    /// Why it is over: nothing but a login brings another.
    pub(super) over: Option<Error>,
}

impl Core {
    /// True if the token in hand must not be used any more.
    pub(super) fn needs_token(&self) -> bool {
        let Some(session) = &self.shared.session else { return true };
        let Standing { is_refused, over, .. } = &self.shared.standing;
        let half_life = session.expires_at().unwrap_or_default().saturating_sub(self.token_since()) / 2;
        let margin = self.shared.config.renewal_margin.min(Duration::from_secs(half_life));
        *is_refused || over.is_some() || session.expires_within(self.unix_seconds(), margin)
    }

    /// Asks for a new token, unless that is under way.
    pub(super) fn start_renewal(&mut self) {
        if self.desk.is_renewing() {
            return;
        }
        match self.renewal() {
            Ok((request, kind)) => self.perform(request, kind),
            Err(error) => self.on_renewal_failed(LoginError::Refused(error)),
        }
    }

    fn renewal(&mut self) -> Result<(HttpRequest, FlightKind), Error> {
        let (config, login) = (&self.shared.config, &self.shared.login);
        if let Account::Bot { id, api_key } = &config.account {
            self.stats.logins += 1;
            return Ok((login::request(*id, api_key, config, login), FlightKind::Login));
        }
        if let Some(error) = &self.shared.standing.over {
            return Err(error.clone());
        }
        match &self.shared.session {
            Some(session) if !session.refresh_token().is_empty() => {
                self.stats.refreshes += 1;
                Ok((refresh_request(session, config, login), FlightKind::Refresh))
            }
            Some(_) => Err(auth("the session has no refresh token")),
            None => Err(auth("nobody has logged in")),
        }
    }

    /// A login has succeeded: for the attempt, for the calls that wait for a token, or both.
    pub(super) fn on_logged_in(&mut self, session: Session) {
        let renewed = self.shared.session.is_some();
        self.shared.adopt(session);
        if renewed {
            self.tell_session();
        }
        self.go_on_with_token();
    }

    /// A refresh has been answered, or not.
    pub(super) fn on_refreshed(&mut self, result: Result<HttpResponse, HttpFailure>) {
        let error = match judge_refresh(result) {
            Ok(update) => {
                self.take_over(&update);
                return self.go_on_with_token();
            }
            Err(error) => error,
        };
        let unix = self.unix_seconds();
        let Some(session) = self.shared.session.as_ref().filter(|_| error.is_answered()) else {
            return self.on_renewal_failed(error);
        };
        if session.is_refresh_expired(unix) {
            return self.on_renewal_failed(LoginError::Refused(auth("the refresh token has expired")));
        }
        // an expired token would be refused for that alone
        if matches!(error, LoginError::Failed { .. }) && self.shared.standing.is_refused && !session.is_expired(unix) {
            let exchange = Exchange::rpc(&const { GetAccount::RPC }, bytes::Bytes::new());
            let request = self.shared.request(session, &exchange);
            return self.perform(request, FlightKind::Probe(error));
        }
        self.on_renewal_failed(error);
    }

    /// The server was asked what it thinks of a token that could not be renewed.
    pub(super) fn on_probed(&mut self, error: LoginError, result: Result<HttpResponse, HttpFailure>) {
        self.on_renewal_failed(match result {
            Ok(response) if matches!(response.status, 401 | 403) => refused(&response),
            Ok(_) | Err(_) => error,
        });
    }

    /// Takes over what the server gave in addition.
    pub(super) fn take_over(&mut self, update: &api::Session) {
        let since = self.unix_seconds();
        let Some(session) = &mut self.shared.session else { return };
        if !session.apply(update) {
            return;
        }
        if !update.token.is_empty() {
            self.shared.standing = Standing { since, ..Standing::default() };
        }
        self.tell_session();
    }

    /// Forgets a credential of the socket that was refused: from then on the token is used.
    pub(super) fn forget_session_id(&mut self) {
        if self.shared.session.as_mut().is_some_and(Session::forget_session_id) {
            self.tell_session();
        }
    }

    fn tell_session(&mut self) {
        if let Some(session) = self.shared.session.clone() {
            self.emit(Lifecycle::SessionRefreshed { session: Box::new(session) });
        }
    }

    fn go_on_with_token(&mut self) {
        self.renewal_backoff.reset();
        self.renewal_rests_until = Duration::ZERO;
        self.go_on_connecting();
        for ticket in self.calls.tickets_where(|stage| matches!(stage, Stage::AwaitToken)) {
            self.resume(ticket, Ok(Answer::Renewed));
        }
        self.pump();
    }

    pub(super) fn on_renewal_failed(&mut self, error: LoginError) {
        if let (LoginError::Refused(why), true) = (&error, self.shared.config.account.is_user()) {
            self.end_session(why);
        }
        if self.shared.config.account.is_user() {
            let delay = self.renewal_backoff.next_delay(&mut self.rng).unwrap_or(self.shared.config.backoff.cap);
            self.renewal_rests_until = self.now().saturating_add(delay);
        }
        let why = error.clone().into_error();
        for ticket in self.calls.tickets_where(|stage| matches!(stage, Stage::AwaitToken)) {
            self.resume(ticket, Err(why.clone()));
        }
        self.fail_jobs(&why);
        self.on_attempt_without_token(error);
    }

    /// Nothing but a login brings another session. What is connected stays so, as long as the server lets it.
    fn end_session(&mut self, why: &Error) {
        if self.shared.standing.over.is_none() {
            self.shared.standing.over = Some(why.clone());
            self.emit(Lifecycle::LoginRequired { reason: why.clone() });
        }
    }

    /// When a connected user's session is refreshed though nobody asks for its token: after four fifths of its life, so
    /// that neither of its tokens ends unnoticed. None at other times.
    pub(super) fn renewal_timeout(&self) -> Option<Duration> {
        let is_up = matches!(self.phase, Phase::Ready { .. }) && self.shared.config.account.is_user();
        let session = self.shared.session.as_ref().filter(|session| is_up && !session.refresh_token().is_empty())?;
        if self.shared.standing.over.is_some() || self.desk.is_renewing() {
            return None;
        }
        let since = self.token_since();
        let four_fifths = |end: u64| since + end.saturating_sub(since) / 5 * 4;
        let due = [session.expires_at(), session.refresh_expires_at()].into_iter().flatten().map(four_fifths).min()?;
        let wait = Duration::from_secs(due.saturating_sub(self.unix_seconds()));
        Some(self.now().saturating_add(wait).max(self.renewal_rests_until))
    }

    pub(super) fn renew_in_time(&mut self) {
        if self.renewal_timeout().is_some_and(|at| at <= self.now()) {
            self.start_renewal();
        }
    }

    /// When the token came; not later than now, though the clock was set right since.
    fn token_since(&self) -> u64 {
        self.shared.standing.since.min(self.unix_seconds())
    }

    /// The time by the server's clock, in seconds since 1970.
    pub(super) fn unix_seconds(&self) -> u64 {
        self.shared.clock.unix_seconds(self.shared.now)
    }
}

fn auth(why: &str) -> Error {
    Error::unsent(ErrorKind::Auth(why.into()))
}

/// It takes the server key, not the token, which may have expired.
fn refresh_request(session: &Session, config: &Config, login: &Endpoint) -> HttpRequest {
    let exchange = Exchange::rpc(
        &const { SessionRefresh::RPC },
        api::SessionRefreshRequest {
            token: session.refresh_token().expose().to_owned(),
            vars: session.vars().clone().into_iter().collect(),
            is_remember: session.is_remember(),
        }
        .encode_to_vec()
        .into(),
    );
    let api = session.api_endpoint(login).unwrap_or_else(|_| login.clone());
    exchange::request(&api, config.services.server_key.basic(), &config.user_agent, &exchange)
}

fn judge_refresh(result: Result<HttpResponse, HttpFailure>) -> Result<api::Session, LoginError> {
    let response = result.map_err(LoginError::Unanswered)?;
    match response.status {
        200..=299 => match api::Session::decode(response.body) {
            Ok(session) if !session.token.is_empty() => Ok(session),
            Ok(_) => Err(undecodable("there is no token")),
            Err(error) => Err(undecodable(error)),
        },
        401 | 403 => Err(refused(&response)),
        _ => Err(LoginError::Failed {
            error: refusal("SessionRefresh", &response),
            retry_after: login::retry_after(&response),
        }),
    }
}

fn refused(response: &HttpResponse) -> LoginError {
    let kind = ErrorKind::Auth(format!("the session: {}", refusal("session", response)));
    LoginError::Refused(Error::answered(kind).with_status(response.status))
}

fn undecodable(why: impl std::fmt::Display) -> LoginError {
    let error = Error::answered(ErrorKind::Decode(format!("the refreshed session: {why}")));
    LoginError::Failed { error, retry_after: None }
}
