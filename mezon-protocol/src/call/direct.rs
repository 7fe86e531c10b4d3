//! Direct messages by the id of a user.

use super::joining::must_join;
use super::send::Payload;
use super::{Answer, Call, CreateDirect, SendMessage, Sent, Step};
use crate::content::Content;
use crate::error::{Error, ErrorKind};
use crate::id::UserId;
use crate::machine::Shared;
use crate::route::Route;

/// Sends a direct message to a user: into the channel that is known, else into one that is opened and joined first. A
/// channel that is known but refused is replaced, once. Ends with [`Sent`].
#[derive(Debug)]
pub struct SendDirect {
    user: UserId,
    payload: Payload,
    state: State,
}

#[derive(Debug)]
enum State {
    Start,
    /// Into a channel that was known: if it is refused for good, another is opened.
    Known(SendMessage),
    Opening(CreateDirect),
    Opened(SendMessage),
}

impl SendDirect {
    /// A message to this user.
    pub fn new(user: UserId, content: impl Into<Content>) -> Self {
        Self::with(user, Payload::Content(content.into()))
    }

    pub(super) const fn with(user: UserId, payload: Payload) -> Self {
        Self { user, payload, state: State::Start }
    }

    fn start(&mut self, shared: &mut Shared) -> Step<Sent> {
        let Some(channel) = shared.direct_channel(self.user) else { return self.open(shared) };
        let mut send = SendMessage::with(Route::direct(channel), self.payload.clone());
        let step = send.resume(shared, Ok(Answer::Start));
        self.state = State::Known(send);
        step
    }

    fn open(&mut self, shared: &mut Shared) -> Step<Sent> {
        let mut create = CreateDirect::new(self.user);
        let step = create.resume(shared, Ok(Answer::Start));
        self.state = State::Opening(create);
        self.after_opening(shared, step)
    }

    /// Passes on a step of the opening; when that has ended, sends.
    fn after_opening(&mut self, shared: &mut Shared, step: Step<Route>) -> Step<Sent> {
        step.and_then(|opened| match opened {
            // the message itself was not sent, whatever became of the opening
            Err(error) => Step::Done(Err(Error::unsent(error.kind().clone()))),
            Ok(route) => {
                let mut send = SendMessage::with(route, std::mem::take(&mut self.payload));
                let step = send.resume(shared, Ok(Answer::Start));
                self.state = State::Opened(send);
                step
            }
        })
    }
}

impl Call for SendDirect {
    type Output = Sent;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<Sent> {
        match &mut self.state {
            State::Start => self.start(shared),
            State::Known(send) => {
                let step = send.resume(shared, answer);
                let is_refused = matches!(&step, Step::Done(Err(error)) if is_stale(error, shared, self.user));
                if !is_refused {
                    return step;
                }
                shared.forget_direct(self.user);
                self.open(shared)
            }
            State::Opening(create) => {
                let step = create.resume(shared, answer);
                self.after_opening(shared, step)
            }
            State::Opened(send) => send.resume(shared, answer),
        }
    }
}

/// True if the server says that the channel is not there: the message was not taken, and another channel may take it.
fn is_stale(error: &Error, shared: &Shared, user: UserId) -> bool {
    let Some(channel) = shared.direct_channel(user) else { return false };
    // 3 bad input: "channel not found"; 5 not found; 7 permission denied
    let is_gone = matches!(error.kind(), ErrorKind::NotFound { .. } | ErrorKind::Refused { code: 3 | 5 | 7, .. });
    is_gone && !must_join(error, shared, channel)
}
