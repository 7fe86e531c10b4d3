//! Requests into a channel that the server may take only once the channel is joined.

use super::{Answer, Call, Request, Step};
use crate::error::{Error, ErrorKind};
use crate::event::JoinTarget;
use crate::id::ChannelId;
use crate::machine::Shared;
use crate::proto::realtime::envelope;
use crate::route::Route;

/// A request into a channel.
pub trait IntoChannel: Send + 'static {
    /// What it ends with.
    type Output: Send + 'static;

    /// The channel.
    fn route(&self) -> Route;

    /// The request. Asked for again after the channel was joined.
    ///
    /// # Errors
    ///
    /// What can be seen to be wrong before sending.
    fn request(&mut self, shared: &Shared) -> Result<Request, Error>;

    /// The output, from the answer.
    ///
    /// # Errors
    ///
    /// `Decode` when the answer cannot be understood.
    fn output(&mut self, answer: Answer) -> Result<Self::Output, Error>;
}

/// Makes a request; when the server wants the channel joined first, joins it and makes the request once more.
#[derive(Debug)]
pub struct JoinAndRetry<R> {
    pub(super) inner: R,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    First,
    Joining,
    Second,
}

impl<R: IntoChannel> JoinAndRetry<R> {
    pub(super) const fn around(inner: R) -> Self {
        Self { inner, state: State::First }
    }

    fn step(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Result<Step<R::Output>, Error> {
        match (self.state, answer) {
            (State::First, Ok(Answer::Start)) => self.inner.request(shared).map(Step::Request),
            (State::First, Err(error)) if must_join(&error, shared, self.inner.route().channel) => {
                self.state = State::Joining;
                Ok(Step::Request(join_request(self.inner.route())))
            }
            (State::Joining, Ok(_)) => {
                self.state = State::Second;
                shared.note_joined(self.inner.route().to_join());
                self.inner.request(shared).map(Step::Request)
            }
            (State::First | State::Second, Ok(answer)) => Ok(Step::Done(self.inner.output(answer))),
            // the server has refused the request, whatever becomes of the join
            (State::Joining, Err(error)) => Err(Error::unsent(error.kind().clone())),
            (State::First | State::Second, Err(error)) => Err(error),
        }
    }
}

impl<R: IntoChannel> Call for JoinAndRetry<R> {
    type Output = R::Output;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<R::Output> {
        self.step(shared, answer).unwrap_or_else(|error| Step::Done(Err(error)))
    }
}

/// True if the server will take the same request once the channel is joined: code 3 with the text that says so, or
/// without any text while we have not joined the channel. Any other code 3 is final.
pub(super) fn must_join(error: &Error, shared: &Shared, channel: ChannelId) -> bool {
    let ErrorKind::Refused { code: 3, message } = error.kind() else { return false };
    if message.is_empty() {
        return !shared.joins().is_joined(JoinTarget::Channel(channel));
    }
    message.to_ascii_lowercase().contains("must join channel")
}

pub(super) fn join_request(route: Route) -> Request {
    Request::Member(envelope::Message::ChannelJoin(Box::new(route.to_join().to_proto())))
}
