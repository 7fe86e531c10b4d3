//! Calls around calls: another output, another way to read, an answer from memory.

use std::fmt;
use std::time::Duration;

use super::{Answer, Call, Request, Step};
use crate::config::Config;
use crate::error::Error;
use crate::machine::Shared;

/// A call with something done to its output; see [`Call::then`].
pub struct Then<C, F> {
    call: C,
    then: Option<F>,
}

impl<C, F> Then<C, F> {
    pub(super) const fn new(call: C, then: F) -> Self {
        Self { call, then: Some(then) }
    }

    fn end<T>(&mut self, shared: &mut Shared, output: C::Output) -> Result<T, Error>
    where
        C: Call,
        F: FnOnce(&mut Shared, C::Output) -> Result<T, Error>,
    {
        // a call ends once
        let then = self.then.take().expect("a call that has ended is not resumed");
        then(shared, output)
    }
}

impl<C, F, T> Call for Then<C, F>
where
    C: Call,
    T: Send + 'static,
    F: FnOnce(&mut Shared, C::Output) -> Result<T, Error> + Send + 'static,
{
    type Output = T;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<T> {
        let step = self.call.resume(shared, answer);
        step.and_then(|output| Step::Done(output.and_then(|output| self.end(shared, output))))
    }

    fn interrupt(&mut self, shared: &mut Shared, error: Error) -> Result<T, Error> {
        let output = self.call.interrupt(shared, error)?;
        self.end(shared, output)
    }

    fn timeout(&self, config: &Config) -> Duration {
        self.call.timeout(config)
    }
}

impl<C: fmt::Debug, F> fmt::Debug for Then<C, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Then").field(&self.call).finish()
    }
}

/// A call that shares the answers to its reads; see [`Call::merged`].
#[derive(Debug)]
pub struct Merged<C>(C);

impl<C> Merged<C> {
    pub(super) const fn new(call: C) -> Self {
        Self(call)
    }
}

impl<C: Call> Call for Merged<C> {
    type Output = C::Output;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<C::Output> {
        let step = self.0.resume(shared, answer);
        let is_read = matches!(&step, Step::Request(Request::Api { rpc, .. }) if rpc.idempotent);
        match step {
            Step::Request(request) if is_read => Step::Read(request),
            step @ (Step::Request(_)
            | Step::Read(_)
            | Step::Http(_)
            | Step::SideBySide(_)
            | Step::Wait(_)
            | Step::AwaitReady
            | Step::Renew
            | Step::AwaitTurn(_)
            | Step::Done(_)) => step,
        }
    }

    fn interrupt(&mut self, shared: &mut Shared, error: Error) -> Result<C::Output, Error> {
        self.0.interrupt(shared, error)
    }

    fn timeout(&self, config: &Config) -> Duration {
        self.0.timeout(config)
    }
}

/// A call that looks something up, and the call that needs it; see [`Call::look_up`].
pub struct LookUp<L, F, C> {
    look_up: L,
    next: Option<F>,
    found: Option<C>,
}

impl<L, F, C> LookUp<L, F, C> {
    pub(super) const fn new(look_up: L, next: F) -> Self {
        Self { look_up, next: Some(next), found: None }
    }
}

impl<L, F, C> Call for LookUp<L, F, C>
where
    L: Call,
    C: Call,
    F: FnOnce(&mut Shared, L::Output) -> Result<C, Error> + Send + 'static,
{
    type Output = C::Output;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<C::Output> {
        if let Some(call) = &mut self.found {
            return call.resume(shared, answer);
        }
        let step = self.look_up.resume(shared, answer);
        step.and_then(|output| {
            let next = self.next.take().expect("something is found once");
            match output.and_then(|output| next(shared, output)) {
                // what failed so far was only the lookup: the call itself was not sent
                Err(error) => Step::Done(Err(Error::unsent(error.kind().clone()))),
                Ok(call) => self.found.insert(call).resume(shared, Ok(Answer::Start)),
            }
        })
    }

    fn interrupt(&mut self, shared: &mut Shared, error: Error) -> Result<C::Output, Error> {
        match &mut self.found {
            Some(call) => call.interrupt(shared, error),
            None => Err(error),
        }
    }

    fn timeout(&self, config: &Config) -> Duration {
        self.look_up.timeout(config)
    }
}

impl<L: fmt::Debug, F, C> fmt::Debug for LookUp<L, F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LookUp").field(&self.look_up).finish()
    }
}

/// What is in memory, at once; else what a call brings.
pub(crate) struct Recall<L, C> {
    look_up: Option<L>,
    call: C,
}

impl<L, C> Recall<L, C> {
    /// `look_up` looks into memory, `call` brings what is not there.
    pub(crate) const fn new(look_up: L, call: C) -> Self {
        Self { look_up: Some(look_up), call }
    }
}

impl<L, C> Call for Recall<L, C>
where
    C: Call,
    L: FnOnce() -> Option<C::Output> + Send + 'static,
{
    type Output = C::Output;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<C::Output> {
        match self.look_up.take().and_then(|look_up| look_up()) {
            Some(known) => Step::Done(Ok(known)),
            None => self.call.resume(shared, answer),
        }
    }

    fn timeout(&self, config: &Config) -> Duration {
        self.call.timeout(config)
    }
}

/// A call that ends at once: what it brings was known before.
pub(crate) struct Given<T>(Option<Result<T, Error>>);

impl<T> Given<T> {
    pub(crate) const fn new(output: Result<T, Error>) -> Self {
        Self(Some(output))
    }
}

impl<T: Send + 'static> Call for Given<T> {
    type Output = T;

    fn resume(&mut self, _: &mut Shared, _: Result<Answer, Error>) -> Step<T> {
        Step::Done(self.0.take().expect("a call that has ended is not resumed"))
    }
}
