//! The login of a bot, and what its answer means.

use std::time::Duration;

use serde::Serialize;

use super::exchange::{MAX_RESPONSE, refusal};
use crate::config::Config;
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind, Sent};
use crate::event::Cause;
use crate::exchange::{HttpFailure, HttpRequest, HttpResponse, Method};
use crate::id::UserId;
use crate::secret::Secret;
use crate::session::Session;

/// Why a login failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LoginError {
    /// The credentials are wrong: trying again is of no use.
    Refused(Error),
    /// There was no answer. It may work later.
    Unanswered(HttpFailure),
    /// It may work later, but not before `retry_after`, if the server said so.
    Failed { error: Error, retry_after: Option<Duration> },
}

impl LoginError {
    /// True if the server has said something.
    pub(super) fn is_answered(&self) -> bool {
        match self {
            Self::Refused(_) => true,
            Self::Failed { error, .. } => error.sent() == Sent::Yes,
            Self::Unanswered(_) => false,
        }
    }

    pub(crate) fn into_error(self) -> Error {
        let not_ready = |failure| ErrorKind::NotReady(format!("the login server: {failure}"));
        match self {
            Self::Refused(error) | Self::Failed { error, .. } => error,
            Self::Unanswered(HttpFailure::Tls(why)) => Error::unsent(ErrorKind::Tls(why)),
            Self::Unanswered(failure @ HttpFailure::Connect(_)) => Error::unsent(not_ready(failure)),
            Self::Unanswered(failure @ (HttpFailure::Broken(_) | HttpFailure::TooLarge | HttpFailure::Content(_))) => {
                Error::new(not_ready(failure), Sent::Unknown)
            }
        }
    }

    /// Why the attempt to connect has ended: where the server is not even reached it is as for the socket.
    pub(super) fn into_cause(self) -> Cause {
        match self {
            Self::Unanswered(HttpFailure::Tls(why)) => Cause::Tls(why),
            Self::Unanswered(HttpFailure::Connect(why)) => Cause::Unreachable(why),
            Self::Unanswered(HttpFailure::Broken(_) | HttpFailure::TooLarge | HttpFailure::Content(_))
            | Self::Refused(_)
            | Self::Failed { .. } => Cause::Login(Box::new(self.into_error())),
        }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    account: Account<'a>,
}

#[derive(Serialize)]
struct Account<'a> {
    appid: String,
    token: &'a str,
}

/// The request that logs a bot in.
pub(crate) fn request(id: UserId, api_key: &Secret, config: &Config, login: &Endpoint) -> HttpRequest {
    let body = Body { account: Account { appid: id.to_string(), token: api_key.expose() } };
    HttpRequest {
        method: Method::Post,
        url: format!("{}/v2/apps/authenticate/token", login.base_url()),
        headers: vec![
            ("authorization", api_key.basic()),
            ("accept", "application/x-protobuf".into()),
            ("content-type", "application/json".into()),
            ("user-agent", config.user_agent.as_str().into()),
        ],
        body: serde_json::to_vec(&body).expect("two strings always serialise").into(),
        max_response: MAX_RESPONSE,
        timeout: None,
    }
}

/// What the answer to [`request`] means.
pub(crate) fn judge(result: Result<HttpResponse, HttpFailure>) -> Result<Session, LoginError> {
    let response = result.map_err(LoginError::Unanswered)?;
    match response.status {
        200..=299 => {
            let session = Session::decode(&response.body, response.header("content-type"));
            let error = |why| Error::answered(ErrorKind::Decode(format!("the session: {why}")));
            session.map_err(|why| LoginError::Failed { error: error(why), retry_after: None })
        }
        400 | 401 | 403 | 404 => {
            let message = refusal("login", &response).to_string();
            Err(LoginError::Refused(Error::answered(ErrorKind::Auth(message)).with_status(response.status)))
        }
        _ => Err(LoginError::Failed { error: refusal("login", &response), retry_after: retry_after(&response) }),
    }
}

/// The `Retry-After` header, when it is a number of seconds; at most an hour is believed.
pub(crate) fn retry_after(response: &HttpResponse) -> Option<Duration> {
    let seconds = response.header("retry-after")?.trim().parse::<u64>().ok()?;
    Some(Duration::from_secs(seconds.min(3600)))
}
