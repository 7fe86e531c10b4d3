//! An exchange that needs nothing but itself.

use std::fmt;

use crate::call::{Answer, Call, Step};
use crate::error::{Error, ErrorKind};
use crate::exchange::{HttpRequest, HttpResponse};
use crate::machine::{Shared, judge_answer};

/// One HTTP exchange outside of the API, with the reading of its response. Needs no session, waits for no rate limit,
/// and is never repeated.
pub struct RestCall<T> {
    name: &'static str,
    request: Option<HttpRequest>,
    read: fn(&[u8]) -> Result<T, Error>,
}

impl<T> RestCall<T> {
    /// `name` is what it is called in errors; `read` is given the body of a success.
    pub(super) const fn new(name: &'static str, request: HttpRequest, read: fn(&[u8]) -> Result<T, Error>) -> Self {
        Self { name, request: Some(request), read }
    }

    /// The request, for those who perform it themselves.
    ///
    /// # Panics
    ///
    /// If the call has been run already.
    pub fn into_request(self) -> HttpRequest {
        self.request.expect("a call that has not been run has its request")
    }

    /// What a response says: for those who performed the request themselves.
    ///
    /// # Errors
    ///
    /// As the call itself: `Refused`, `NotFound`, `RateLimited` by the status, `Decode` for a body of another shape.
    pub fn read(&self, response: HttpResponse) -> Result<T, Error> {
        (self.read)(&judge_answer(self.name, Ok(response))?)
    }
}

impl<T: Send + 'static> Call for RestCall<T> {
    type Output = T;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<T> {
        let result = match answer {
            Ok(Answer::Http(response)) => self.read(response),
            Ok(_) => match self.request.take() {
                Some(mut request) => {
                    request.headers.push(("user-agent", shared.config.user_agent.as_str().into()));
                    return Step::Http(request);
                }
                None => Err(undecodable(self.name, "an answer of another kind")),
            },
            Err(error) => Err(error),
        };
        Step::Done(result)
    }
}

impl<T> fmt::Debug for RestCall<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RestCall").field("name", &self.name).finish_non_exhaustive()
    }
}

pub(crate) fn undecodable(name: &str, why: impl fmt::Display) -> Error {
    Error::answered(ErrorKind::Decode(format!("{name}: {why}")))
}
