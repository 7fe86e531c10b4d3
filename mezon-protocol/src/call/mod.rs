//! Calls: everything a user asks for, as values.
//!
//! A [`Call`] is a small state machine: it starts with a [`Step`], and each [`Answer`] gives the next step until it is
//! done. What takes one request only implements [`OneStep`]. No call knows the Machine; it sees [`Shared`].

mod adapt;
mod bundle;
mod channel;
mod clan;
mod direct;
mod edits;
mod ephemeral;
mod exchange;
mod friend;
mod hashtag;
mod joining;
mod message;
mod queue;
mod quick_menu;
mod raw_member;
mod send;
mod session;
mod status;
mod then;
mod transaction;
mod turn;
mod voice;

pub use adapt::{Map, WithToken};
pub(crate) use bundle::{AnyCall, Flow};
pub use bundle::{Reply, Submission, Ticket};
pub use channel::{ChannelDetail, CreateDirect, JoinChannel, LeaveChannel, ListChannels, ListClans, OnRoute};
pub use clan::JoinClan;
pub use direct::SendDirect;
pub use edits::{EditOnRoute, EditTarget, FlushEdits, MakeEdit, SetEdit};
pub use ephemeral::{Ephemeral, EphemeralAction, OutgoingEphemeral};
pub use exchange::{Exchange, Format, Target};
pub use friend::{AddFriend, FriendState, ListFriends};
pub use hashtag::HashtagDmList;
pub use joining::{IntoChannel, JoinAndRetry};
pub use message::{DeleteMessage, EditMessage, MarkSeen, MessageAddress, React, Typing};
pub use queue::{OutboxPolicy, Queued, WhenFull};
pub use quick_menu::{AddQuickMenu, DeleteQuickMenu, QuickMenuEntry};
pub use raw_member::RawMember;
pub(crate) use send::reference_to;
pub use send::{OutgoingMessage, SendMessage, Sent};
pub use session::{Authenticate, LogOut, RefreshSession, WaitReady};
pub use status::UpdateStatus;
pub(crate) use then::{Given, Recall};
pub use then::{LookUp, Merged, Then};
pub use transaction::TransactionDetail;
pub use turn::{Line, Turn};
pub use voice::{ListVoiceUsers, VoiceRoom};

use std::time::Duration;

use bytes::Bytes;

use crate::api::Rpc;
use crate::config::Config;
use crate::error::Error;
use crate::exchange::{HttpRequest, HttpResponse};
use crate::machine::Shared;
use crate::proto::realtime::envelope;

/// Something a user asks for: a state machine that turns answers into steps.
pub trait Call: Send + 'static {
    /// What it ends with.
    type Output: Send + 'static;

    /// The next step. The first time `answer` is [`Answer::Start`]; afterwards it is what the last step brought.
    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<Self::Output>;

    /// How long it may take, all its steps included, from when the rate limit lets it go. Asked for once, when the call
    /// is submitted. Default [`Config::call_timeout`].
    ///
    /// With [`Duration::MAX`] there is no limit for the whole: each request may take as long as its kind may.
    fn timeout(&self, config: &Config) -> Duration {
        config.call_timeout
    }

    /// What it ends with when it is ended from outside, where it stands: its time is up, or the client is closed. By
    /// default, the error. What is not certain then is for the output to say.
    fn interrupt(&mut self, _: &mut Shared, error: Error) -> Result<Self::Output, Error> {
        Err(error)
    }

    /// The same call with something done to its output where it ends, in the task that drives the Machine.
    fn then<T, F>(self, then: F) -> Then<Self, F>
    where
        Self: Sized,
        T: Send + 'static,
        F: FnOnce(&mut Shared, Self::Output) -> Result<T, Error> + Send + 'static,
    {
        Then::new(self, then)
    }

    /// Another call, which needs the output of this one: this one only looks it up. If it fails, the error says that
    /// nothing was sent.
    fn look_up<C, F>(self, next: F) -> LookUp<Self, F, C>
    where
        Self: Sized,
        C: Call,
        F: FnOnce(&mut Shared, Self::Output) -> Result<C, Error> + Send + 'static,
    {
        LookUp::new(self, next)
    }

    /// The same call, whose reads may be answered by the same reads of other calls: see [`Step::Read`].
    fn merged(self) -> Merged<Self>
    where
        Self: Sized,
    {
        Merged::new(self)
    }
}

/// What a call wants next.
#[derive(Debug)]
pub enum Step<T> {
    /// A request of the platform, over the socket or over HTTP as its kind allows.
    Request(Request),
    /// A call of the API that changes nothing. If the same one is under way for another call, its answer serves both.
    Read(Request),
    /// An HTTP exchange of its own, outside of the API.
    Http(HttpRequest),
    /// Several exchanges, outside of the API, at the same time.
    SideBySide(SideBySide),
    /// Nothing for this long.
    Wait(Duration),
    /// To be resumed when the connection is Ready, or with an error when it cannot become so.
    AwaitReady,
    /// A new token, from which the session goes on; whoever else needs one shares it.
    Renew,
    /// To be resumed, as if the connection had become Ready, when this has come true.
    AwaitTurn(Turn),
    /// The end.
    Done(Result<T, Error>),
}

impl<T> Step<T> {
    /// The same step, with another output if it is the end: for a call around another.
    pub fn map<U>(self, map: impl FnOnce(T) -> U) -> Step<U> {
        self.and_then(|output| Step::Done(output.map(map)))
    }

    /// The output if it is the end; else the same step, for a call with another output.
    #[cfg(feature = "ledger")]
    #[expect(clippy::result_large_err, reason = "a step is no error, and is passed on at once")]
    pub(crate) fn ended<U>(self) -> Result<Result<T, Error>, Step<U>> {
        let mut ended = None;
        let step = self.and_then(|output| {
            ended = Some(output);
            Step::AwaitReady
        });
        ended.ok_or(step)
    }

    /// The same step, with another one in place of the end: for a call that goes on where another ends.
    pub fn and_then<U>(self, next: impl FnOnce(Result<T, Error>) -> Step<U>) -> Step<U> {
        match self {
            Self::Request(request) => Step::Request(request),
            Self::Read(request) => Step::Read(request),
            Self::Http(request) => Step::Http(request),
            Self::SideBySide(sides) => Step::SideBySide(sides),
            Self::Wait(time) => Step::Wait(time),
            Self::AwaitReady => Step::AwaitReady,
            Self::Renew => Step::Renew,
            Self::AwaitTurn(turn) => Step::AwaitTurn(turn),
            Self::Done(output) => next(output),
        }
    }
}

/// Exchanges of one call that are under way together, outside of the API.
///
/// Those in `begin` begin beside those that have not ended yet. The call is resumed with the first that ends, as
/// [`Answer::Side`], or when the time is over, with [`Answer::Elapsed`], whatever comes first; then the next such step
/// may begin more of them, or none. The time of an earlier step may still come. Any other step ends all that are under
/// way, and so does the end of the call: none outlives it.
#[derive(Debug, Default)]
pub struct SideBySide {
    /// What begins, each with a key that names it among those of the call.
    pub begin: Vec<(usize, HttpRequest)>,
    /// When to be resumed if none has ended until then.
    pub wake_after: Option<Duration>,
}

/// A request of the platform.
#[derive(Debug)]
pub enum Request {
    /// A member of the Envelope, over the socket only. Boxed by the generated type where it is large.
    Member(envelope::Message),
    /// The same without a cid, so that no answer comes: done once the adapter has its bytes. Whether it arrives, nobody
    /// says.
    Notice(envelope::Message),
    /// A call of the API: over the socket when it is open and the call has an index, else over HTTP.
    Api {
        /// Which.
        rpc: &'static Rpc,
        /// The request message, encoded.
        body: Bytes,
        /// Over what.
        via: Via,
    },
    /// An exchange over HTTP that is no call of the table, or has a token of its own.
    Exchange(Exchange),
}

impl Request {
    /// How long its answer may take, where that is not what the configuration says.
    pub(crate) fn timeout(&self) -> Option<Duration> {
        match self {
            Self::Api { rpc, .. } => rpc.timeout,
            Self::Exchange(exchange) => exchange.timeout,
            Self::Member(_) | Self::Notice(_) => None,
        }
    }
}

/// Over what an API call goes. It is decided before sending and never changed after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Via {
    /// The socket when it is open and the call has an index, else HTTP.
    #[default]
    Auto,
    /// The socket only: fails with `NotConnected` when it is not open.
    Socket,
    /// HTTP only.
    Http,
}

/// What a step brought.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Nothing yet: the call begins.
    Start,
    /// The member of the Envelope that answered, undecoded, with its field number; 0 and empty when the server
    /// answered with the cid alone, and for a [`Request::Notice`].
    Member {
        /// The number of the oneof member.
        field: u32,
        /// Its bytes.
        body: Bytes,
    },
    /// The body of an API answer, empty where the API answers nothing.
    Api(Bytes),
    /// The response of an HTTP exchange, whatever its status.
    Http(HttpResponse),
    /// The end of one of several exchanges.
    Side {
        /// The key that it began with.
        key: usize,
        /// The response, whatever its status, or why there is none.
        result: Result<HttpResponse, Error>,
    },
    /// The wait is over.
    Elapsed,
    /// The connection is Ready, or the turn has come.
    Ready,
    /// There is a new token.
    Renewed,
}

/// A call that takes a single request.
pub trait OneStep: Send + 'static {
    /// What it ends with.
    type Output: Send + 'static;

    /// The request.
    ///
    /// # Errors
    ///
    /// What can be seen to be wrong before sending.
    fn request(&mut self, shared: &mut Shared) -> Result<Request, Error>;

    /// The output, from the answer.
    ///
    /// # Errors
    ///
    /// `Decode` when the answer cannot be understood, and what the answer itself tells of.
    fn output(&mut self, shared: &mut Shared, answer: Answer) -> Result<Self::Output, Error>;

    /// How long it may take; see [`Call::timeout`].
    fn timeout(&self, config: &Config) -> Duration {
        config.call_timeout
    }
}

impl<T: OneStep> Call for T {
    type Output = T::Output;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<Self::Output> {
        match answer {
            Ok(Answer::Start) => match self.request(shared) {
                Ok(request) => Step::Request(request),
                Err(error) => Step::Done(Err(error)),
            },
            Ok(answer) => Step::Done(self.output(shared, answer)),
            Err(error) => Step::Done(Err(error)),
        }
    }

    fn timeout(&self, config: &Config) -> Duration {
        OneStep::timeout(self, config)
    }
}
