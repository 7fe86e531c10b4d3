//! Calls around calls: another token, another output.

use std::time::Duration;

use super::{Answer, Call, Exchange, Request, Step, Via};
use crate::config::Config;
use crate::error::Error;
use crate::machine::Shared;
use crate::secret::Secret;

/// A call whose exchanges carry a bearer token of their own, over HTTP, instead of the session's. That token is used as
/// it is and never renewed; what the call asks of the socket itself stays there.
#[derive(Debug)]
pub struct WithToken<C> {
    call: C,
    token: Option<Secret>,
}

impl<C> WithToken<C> {
    /// `None` changes nothing.
    pub const fn new(call: C, token: Option<Secret>) -> Self {
        Self { call, token }
    }
}

impl<C: Call> Call for WithToken<C> {
    type Output = C::Output;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<C::Output> {
        let step = self.call.resume(shared, answer);
        let Some(token) = &self.token else { return step };
        match step {
            // the answer to another's token is no answer to this one
            Step::Request(request) | Step::Read(request) => Step::Request(with_token(request, token)),
            step @ (Step::Http(_)
            | Step::SideBySide(_)
            | Step::Wait(_)
            | Step::AwaitReady
            | Step::Renew
            | Step::AwaitTurn(_)
            | Step::Done(_)) => step,
        }
    }

    fn interrupt(&mut self, shared: &mut Shared, error: Error) -> Result<C::Output, Error> {
        self.call.interrupt(shared, error)
    }

    fn timeout(&self, config: &Config) -> Duration {
        self.call.timeout(config)
    }
}

fn with_token(request: Request, token: &Secret) -> Request {
    let exchange = match request {
        Request::Api { rpc, body, via: Via::Auto | Via::Http } => Exchange::rpc(rpc, body),
        Request::Exchange(exchange) => exchange,
        Request::Api { via: Via::Socket, .. } | Request::Member(_) | Request::Notice(_) => return request,
    };
    Request::Exchange(Exchange { token: Some(token.clone()), ..exchange })
}

/// A call whose end is turned into another.
pub struct Map<C, F> {
    call: C,
    map: Option<F>,
}

impl<C, F> Map<C, F> {
    /// `map` is given the output or the error.
    pub const fn new(call: C, map: F) -> Self {
        Self { call, map: Some(map) }
    }
}

impl<C, F, T> Call for Map<C, F>
where
    C: Call,
    F: FnOnce(Result<C::Output, Error>) -> Result<T, Error> + Send + 'static,
    T: Send + 'static,
{
    type Output = T;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<T> {
        self.call.resume(shared, answer).and_then(|result| {
            let map = self.map.take().expect("a call ends once");
            Step::Done(map(result))
        })
    }

    fn interrupt(&mut self, shared: &mut Shared, error: Error) -> Result<T, Error> {
        let result = self.call.interrupt(shared, error);
        let map = self.map.take().expect("a call ends once");
        map(result)
    }

    fn timeout(&self, config: &Config) -> Duration {
        self.call.timeout(config)
    }
}
