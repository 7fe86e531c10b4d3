//! The outbox: messages that wait for the connection, and for those before them.

use std::fmt;
use std::time::Duration;

use super::{Answer, Call, Line, OnRoute, SendDirect, SendMessage, Sent, Step, Turn};
use crate::content::Content;
use crate::error::{self, Error, ErrorKind};
use crate::id::{ChannelId, UserId};
use crate::machine::Shared;
use crate::route::Route;

/// Bounds of the outbox, which holds what [`Queued`] calls are to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutboxPolicy {
    /// How many messages may be in it. They are pending calls as well, and `Config::max_pending` bounds all of these.
    /// Default 512.
    pub limit: usize,
    /// How long a message may wait in it, unless it is said otherwise for the message. Default 60 s.
    pub timeout: Duration,
    /// How long a message that is kept in the store may wait, unless it is said otherwise for the message: see
    /// [`Channel::queue_once`](crate::object::Channel::queue_once). Default 24 h.
    pub kept_timeout: Duration,
    /// What happens when it is full.
    pub when_full: WhenFull,
}

impl Default for OutboxPolicy {
    fn default() -> Self {
        Self {
            limit: 512,
            timeout: Duration::from_secs(60),
            kept_timeout: Duration::from_secs(24 * 60 * 60),
            when_full: WhenFull::default(),
        }
    }
}

/// What a full outbox does with one message more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum WhenFull {
    /// Refuses it, with `TooManyInFlight`.
    #[default]
    RefuseNewest,
    /// Takes it, and gives up the oldest that waits, with `Displaced`.
    DropOldest,
}

/// Sends a message when its turn has come: when there is a connection, and whatever was queued before it for the same
/// place has ended. Ends with [`Sent`].
///
/// If the connection is lost before the message has left, it waits for the next one. Once it may have left it is not sent
/// again, and the error says so. A message whose time is up before its turn ends with `Expired`.
pub struct Queued {
    to: Destination,
    content: Content,
    within: Option<Duration>,
    /// When its time is up; known once it has begun.
    until: Duration,
    attempt: Option<Attempt>,
}

/// Where a message in the outbox goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Into a channel, of which the route may be known.
    Channel(ChannelId, Option<Route>),
    /// To a user, as a direct message.
    User(UserId),
}

enum Attempt {
    Channel(OnRoute<SendMessage, MakeSend>),
    User(SendDirect),
}

type MakeSend = Box<dyn FnOnce(Route) -> SendMessage + Send>;

impl Queued {
    /// A message into a channel, of which the route may be known.
    pub fn in_channel(channel: ChannelId, route: Option<Route>, content: impl Into<Content>) -> Self {
        Self::new(Destination::Channel(channel, route), content.into())
    }

    /// A direct message.
    pub fn to_user(user: UserId, content: impl Into<Content>) -> Self {
        Self::new(Destination::User(user), content.into())
    }

    fn new(to: Destination, content: Content) -> Self {
        Self { to, content, within: None, until: Duration::ZERO, attempt: None }
    }

    /// With a time of its own to wait, instead of [`OutboxPolicy::timeout`].
    #[must_use]
    pub const fn within(mut self, within: Duration) -> Self {
        self.within = Some(within);
        self
    }

    fn begin(&mut self, shared: &Shared) -> Step<Sent> {
        if let Err(error) = self.content.check_limit(shared.config.content_limit) {
            return Step::Done(Err(error));
        }
        let within = self.within.unwrap_or(shared.config.outbox.timeout);
        self.until = shared.now.elapsed.saturating_add(within);
        self.await_turn()
    }

    fn await_turn(&mut self) -> Step<Sent> {
        self.attempt = None;
        Step::AwaitTurn(Turn::Outbox { line: self.to.line(), until: self.until, is_kept: false })
    }
}

impl Destination {
    pub(super) const fn line(self) -> Line {
        match self {
            Self::Channel(channel, _) => Line::Channel(channel),
            Self::User(user) => Line::User(user),
        }
    }

    fn attempt(self, content: Content) -> Attempt {
        match self {
            Self::Channel(channel, route) => {
                let make = move |route| SendMessage::new(route, content);
                Attempt::Channel(OnRoute::new(channel, Box::new(make) as MakeSend).knowing(route))
            }
            Self::User(user) => Attempt::User(SendDirect::new(user, content)),
        }
    }
}

impl Call for Queued {
    type Output = Sent;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<Sent> {
        let answer = match (&self.attempt, answer) {
            (None, Err(error)) => return Step::Done(Err(error)),
            (None, Ok(Answer::Start)) => return self.begin(shared),
            // its turn has come
            (None, Ok(_)) => Ok(Answer::Start),
            (Some(_), answer) => answer,
        };
        // another try needs the content once more, so each has its copy
        let attempt = self.attempt.get_or_insert_with(|| self.to.attempt(self.content.clone()));
        let step = match attempt {
            Attempt::Channel(send) => send.resume(shared, answer),
            Attempt::User(send) => send.resume(shared, answer),
        };
        let is_lost = matches!(&step, Step::Done(Err(error)) if never_left(error));
        if is_lost && !shared.is_send_only() { self.await_turn() } else { step }
    }
}

/// True if the connection was lost, or there was none, before the message left.
fn never_left(error: &Error) -> bool {
    error.sent() == error::Sent::No && matches!(error.kind(), ErrorKind::NotConnected | ErrorKind::Disconnected)
}

impl fmt::Debug for Queued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queued").field("to", &self.to).field("content", &self.content).finish_non_exhaustive()
    }
}
