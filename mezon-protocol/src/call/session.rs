//! Getting in: becoming Ready, and a session of one's own.

use super::{Answer, Call, OneStep, Request, Step, Via};
use crate::api::{self, SessionLogout};
use crate::config::Account;
use crate::error::{Error, ErrorKind};
use crate::machine::{Shared, judge_login, login_request};
use crate::proto::api as wire;
use crate::session::Session;

/// Ends when the connection is Ready, with the session; or when it cannot become so, with the reason.
///
/// It does not connect by itself, and no deadline applies to it: the attempts have theirs.
#[derive(Debug, Default)]
pub struct WaitReady;

impl Call for WaitReady {
    type Output = Session;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<Session> {
        match answer {
            Ok(Answer::Start) => Step::AwaitReady,
            Ok(_) => Step::Done(shared.session().cloned()),
            Err(error) => Step::Done(Err(error)),
        }
    }
}

/// Logs a bot in afresh and ends with that session, which is not stored: the client goes on with its own. `Unsupported`
/// for a user, who logs in by [`rest::login`](crate::rest::login).
#[derive(Debug, Default)]
pub struct Authenticate;

impl Call for Authenticate {
    type Output = Session;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<Session> {
        match answer {
            Ok(Answer::Start) => match &shared.config.account {
                Account::Bot { id, api_key } => Step::Http(login_request(*id, api_key, &shared.config, &shared.login)),
                Account::User => {
                    let why = "a user logs in by other means".into();
                    Step::Done(Err(Error::unsent(ErrorKind::Unsupported(why))))
                }
            },
            Ok(Answer::Http(response)) => Step::Done(judge_login(Ok(response)).map_err(|error| error.into_error())),
            Ok(_) => Step::Done(Err(no_session())),
            Err(error) => Step::Done(Err(error)),
        }
    }
}

/// Renews the token now, whether it is its time or not: a bot logs in again, a user's session is refreshed. Ends with the
/// session as it is then, which the client goes on with. Whoever asks at the same time, and the client itself, share one
/// exchange.
///
/// `Auth` when the session is over; any other failure leaves it as it was.
#[derive(Debug, Default)]
pub struct RefreshSession;

impl Call for RefreshSession {
    type Output = Session;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<Session> {
        match answer {
            Ok(Answer::Start) => Step::Renew,
            Ok(_) => Step::Done(shared.session().cloned()),
            Err(error) => Step::Done(Err(error)),
        }
    }
}

/// Ends the session at the server: its tokens are good for nothing from then on. Ends with nothing. A connection that is
/// up is the server's to close, or ours.
#[derive(Debug, Default)]
pub struct LogOut;

impl OneStep for LogOut {
    type Output = ();

    fn request(&mut self, shared: &mut Shared) -> Result<Request, Error> {
        let session = shared.session()?;
        let request = wire::SessionLogoutRequest {
            token: session.token().expose().to_owned(),
            refresh_token: session.refresh_token().expose().to_owned(),
            ..Default::default()
        };
        Ok(api::request::<SessionLogout>(&request, Via::Auto))
    }

    fn output(&mut self, shared: &mut Shared, _: Answer) -> Result<(), Error> {
        shared.note_logout();
        Ok(())
    }
}

fn no_session() -> Error {
    Error::answered(ErrorKind::Decode("no session".into()))
}
