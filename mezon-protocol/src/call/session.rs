//! Getting in: becoming Ready, and a session of one's own.

use super::{Answer, Call, Step};
use crate::error::{Error, ErrorKind};
use crate::machine::{Shared, judge_login, login_request};
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

/// Logs in afresh and ends with that session, which is not stored: the client goes on with its own.
#[derive(Debug, Default)]
pub struct Authenticate;

impl Call for Authenticate {
    type Output = Session;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<Session> {
        match answer {
            Ok(Answer::Start) => Step::Http(login_request(&shared.config, &shared.login)),
            Ok(Answer::Http(response)) => Step::Done(judge_login(Ok(response)).map_err(|error| error.into_error())),
            Ok(_) => Step::Done(Err(Error::answered(ErrorKind::Decode("no session".into())))),
            Err(error) => Step::Done(Err(error)),
        }
    }
}
