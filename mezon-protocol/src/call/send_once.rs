//! Sends a message once, although it may have been sent before, by whoever was here before.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::find_sent::FindSent;
use super::send::Payload;
use super::{Answer, Call, CreateDirect, Destination, OnRoute, SendDirect, SendMessage, Sent, Step, Turn};
use crate::config::Config;
use crate::error::{self, Error, ErrorKind};
use crate::id::MessageId;
use crate::machine::Shared;
use crate::route::Route;
use crate::store::OutboxItem;

/// How much earlier than it was put in the outbox a message may have arrived, by the server's clock.
const MARGIN: Duration = Duration::from_secs(60);

/// How long it rests after the first failure in a row; twice as long after each one more.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// How long it rests at most.
const MAX_PAUSE: Duration = Duration::from_secs(30);

/// Sends a message of the outbox when its turn has come, and does not give up before its time is up. Ends with [`Sent`].
///
/// Whenever it may have been sent already, as the connection broke, no answer came, or it was under way when the program
/// ended, the channel is asked first: if the message is there, that is the outcome. So it is sent once, whatever
/// happens in between. It ends with an error when the server refuses it, or with `Expired`.
pub struct SendOnce {
    item: OutboxItem,
    taken: Arc<[MessageId]>,
    may_be_sent: bool,
    /// When its time is up; known once it has begun.
    until: Duration,
    /// How many attempts in a row have failed.
    failures: u32,
    stage: Stage,
}

enum Stage {
    Turn,
    Pause,
    Finding(Box<dyn Call<Output = Option<Sent>>>),
    Sending(Box<dyn Call<Output = Sent>>),
}

impl SendOnce {
    /// A message that was never sent.
    pub fn new(item: OutboxItem) -> Self {
        Self { item, taken: Arc::new([]), may_be_sent: false, until: Duration::ZERO, failures: 0, stage: Stage::Turn }
    }

    /// The same, which may have been sent before, but has not become any of these messages.
    #[must_use]
    pub fn again(self, taken: Arc<[MessageId]>) -> Self {
        Self { taken, may_be_sent: true, ..self }
    }

    fn begin(&mut self, shared: &Shared) -> Step<Sent> {
        let left = Duration::from_millis(self.item.until).saturating_sub(shared.now.unix);
        self.until = shared.now.elapsed.saturating_add(left);
        if left.is_zero() { self.expired() } else { self.await_turn() }
    }

    fn await_turn(&mut self) -> Step<Sent> {
        self.stage = Stage::Turn;
        Step::AwaitTurn(Turn::Outbox { line: self.item.to().line(), until: self.until, is_kept: true })
    }

    fn attempt(&mut self, shared: &mut Shared) -> Step<Sent> {
        if self.may_be_sent { self.find(shared) } else { self.send(shared) }
    }

    fn find(&mut self, shared: &mut Shared) -> Step<Sent> {
        let item = Box::new(self.item.clone());
        let since = Duration::from_millis(self.item.put_at).saturating_sub(MARGIN);
        // by the server's clock
        let since = since.as_secs().saturating_add_signed(shared.clock.seconds());
        let taken = Arc::clone(&self.taken);
        let find = move |route| FindSent::new(route, item, since, taken);
        let mut call: Box<dyn Call<Output = Option<Sent>>> = match self.item.to() {
            Destination::Channel(channel, route) => Box::new(OnRoute::new(channel, find).knowing(route)),
            Destination::User(user) => match shared.direct_channel(user) {
                Some(channel) => Box::new(find(Route::direct(channel))),
                None => Box::new(CreateDirect::new(user).look_up(move |_, route| Ok(find(route)))),
            },
        };
        let step = call.resume(shared, Ok(Answer::Start));
        self.stage = Stage::Finding(call);
        step.and_then(|found| self.on_found(shared, found))
    }

    fn on_found(&mut self, shared: &mut Shared, found: Result<Option<Sent>, Error>) -> Step<Sent> {
        match found {
            Ok(Some(sent)) => self.on_sent(shared, sent),
            Ok(None) => {
                self.may_be_sent = false;
                self.send(shared)
            }
            // only the looking has failed
            Err(error) => self.on_failed(shared, Error::new(error.kind().clone(), error::Sent::Unknown)),
        }
    }

    fn send(&mut self, shared: &mut Shared) -> Step<Sent> {
        // another try needs it once more
        let payload = Payload::Encoded(Box::new(self.item.message.clone()));
        let mut call: Box<dyn Call<Output = Sent>> = match self.item.to() {
            Destination::Channel(channel, route) => {
                let make = move |route| SendMessage::with(route, payload);
                Box::new(OnRoute::new(channel, make).knowing(route))
            }
            Destination::User(user) => Box::new(SendDirect::with(user, payload)),
        };
        let step = call.resume(shared, Ok(Answer::Start));
        self.stage = Stage::Sending(call);
        step.and_then(|sent| self.on_ended(shared, sent))
    }

    fn on_ended(&mut self, shared: &mut Shared, sent: Result<Sent, Error>) -> Step<Sent> {
        match sent {
            Ok(sent) => self.on_sent(shared, sent),
            Err(error) => {
                self.may_be_sent = error.sent() != error::Sent::No;
                self.on_failed(shared, error)
            }
        }
    }

    fn on_sent(&self, shared: &mut Shared, sent: Sent) -> Step<Sent> {
        shared.note_sent_once(&self.item.key, sent.message_id);
        Step::Done(Ok(sent))
    }

    fn on_failed(&mut self, shared: &Shared, error: Error) -> Step<Sent> {
        if is_final(&error) {
            return Step::Done(Err(self.in_doubt(error)));
        }
        let pause = FIRST_PAUSE.saturating_mul(1 << self.failures.min(8)).min(MAX_PAUSE);
        let pause = error.retry_after().unwrap_or(pause).min(self.until.saturating_sub(shared.now.elapsed));
        self.failures += 1;
        self.stage = Stage::Pause;
        Step::Wait(pause)
    }

    /// It stands first in its line.
    fn after_pause(&mut self, shared: &mut Shared) -> Step<Sent> {
        if self.until <= shared.now.elapsed {
            return self.expired();
        }
        // on a connection that comes later everyone is called up
        if shared.is_open() || shared.is_send_only() { self.attempt(shared) } else { self.await_turn() }
    }

    fn expired(&self) -> Step<Sent> {
        Step::Done(Err(self.in_doubt(Error::unsent(ErrorKind::Expired))))
    }

    /// The error, which does not say that nothing was sent when that is not known.
    fn in_doubt(&self, error: Error) -> Error {
        let is_unknown = self.may_be_sent && error.sent() == error::Sent::No;
        if is_unknown { Error::new(error.kind().clone(), error::Sent::Unknown) } else { error }
    }
}

impl Call for SendOnce {
    type Output = Sent;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<Sent> {
        match (&mut self.stage, answer) {
            (Stage::Turn, Ok(Answer::Start)) => self.begin(shared),
            (Stage::Turn, Ok(_)) => self.attempt(shared),
            (Stage::Turn, Err(error)) => Step::Done(Err(self.in_doubt(error))),
            (Stage::Pause, _) => self.after_pause(shared),
            (Stage::Finding(call), answer) => {
                let step = call.resume(shared, answer);
                step.and_then(|found| self.on_found(shared, found))
            }
            (Stage::Sending(call), answer) => {
                let step = call.resume(shared, answer);
                step.and_then(|sent| self.on_ended(shared, sent))
            }
        }
    }

    /// There is none for the whole: its deadline is that of the item.
    fn timeout(&self, _: &Config) -> Duration {
        Duration::MAX
    }

    fn hears_timeouts(&self) -> bool {
        true
    }

    fn interrupt(&mut self, _: &mut Shared, error: Error) -> Result<Sent, Error> {
        Err(self.in_doubt(error))
    }
}

/// True if trying again is of no use: the server has said no, or the message cannot be right.
pub(crate) const fn is_final(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Refused { .. } => !error.is_retryable() && !error.requires_login(),
        ErrorKind::NotFound { .. }
        | ErrorKind::TooLong { .. }
        | ErrorKind::TooLarge { .. }
        | ErrorKind::InvalidArgument(_)
        | ErrorKind::Config(_)
        | ErrorKind::Unsupported(_)
        | ErrorKind::Decode(_)
        | ErrorKind::Expired => true,
        ErrorKind::NotConnected
        | ErrorKind::Closed
        | ErrorKind::Cancelled
        | ErrorKind::Displaced
        | ErrorKind::ConnectFailed(_)
        | ErrorKind::Disconnected
        | ErrorKind::Timeout
        | ErrorKind::RateLimited { .. }
        | ErrorKind::TooManyInFlight
        | ErrorKind::Auth(_)
        | ErrorKind::NotReady(_)
        | ErrorKind::Store(_)
        | ErrorKind::Tls(_) => false,
        #[cfg(feature = "ledger")]
        ErrorKind::Ledger(_) => true,
    }
}

/// Shows where it goes, and nothing of what it says.
impl fmt::Debug for SendOnce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendOnce")
            .field("item", &self.item)
            .field("may_be_sent", &self.may_be_sent)
            .finish_non_exhaustive()
    }
}
