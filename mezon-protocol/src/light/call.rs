//! Calls that want an open socket.

use std::time::Duration;

use super::{SOCKET_READY_MAX_RETRY, SOCKET_READY_RETRY_DELAY, SendMessagePayload};
use crate::call::{Answer, Call, JoinChannel, SendMessage, Sent, Step, WaitReady};
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::machine::Shared;
use crate::route::Route;

/// Joins a channel, waiting for the socket to open if need be: it looks again after growing delays, until
/// [`Config::connect_timeout`] is over. Ends with nothing, or `NotConnected`.
#[derive(Debug)]
pub struct JoinWhenOpen {
    join: JoinChannel,
    looked: u32,
    waited: Duration,
    has_begun: bool,
}

impl JoinWhenOpen {
    /// For this channel.
    pub const fn new(channel: Route) -> Self {
        Self { join: JoinChannel(channel), looked: 0, waited: Duration::ZERO, has_begun: false }
    }

    /// How long to wait before it looks again; none if it has looked for long enough.
    fn next_delay(&mut self, patience: Duration) -> Option<Duration> {
        self.looked += 1;
        let delay = SOCKET_READY_RETRY_DELAY.saturating_mul(2_u32.saturating_pow(self.looked - 1));
        let delay = delay.min(patience.saturating_sub(self.waited));
        self.waited += delay;
        (self.looked < SOCKET_READY_MAX_RETRY && !delay.is_zero()).then_some(delay)
    }
}

impl Call for JoinWhenOpen {
    type Output = ();

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<()> {
        if self.has_begun {
            return self.join.resume(shared, answer);
        }
        if let Err(error) = answer {
            return Step::Done(Err(error));
        }
        if !shared.is_open() {
            return match self.next_delay(shared.config.connect_timeout) {
                Some(delay) => Step::Wait(delay),
                None => Step::Done(Err(Error::unsent(ErrorKind::NotConnected))),
            };
        }
        self.has_begun = true;
        self.join.resume(shared, Ok(Answer::Start))
    }

    fn timeout(&self, config: &Config) -> Duration {
        config.connect_timeout.saturating_add(config.call_timeout)
    }
}

/// Sends a message over the socket, and does not look for another way if that is not open. Ends with [`Sent`], or
/// `NotConnected`.
#[derive(Debug)]
pub struct SendWhenOpen {
    send: SendMessage,
    has_begun: bool,
}

impl SendWhenOpen {
    /// To a channel of direct messages.
    pub fn direct(payload: SendMessagePayload) -> Self {
        Self::new(Route::direct(payload.channel_id), payload)
    }

    /// To a group.
    pub fn group(payload: SendMessagePayload) -> Self {
        Self::new(Route::group(payload.channel_id), payload)
    }

    fn new(route: Route, payload: SendMessagePayload) -> Self {
        Self { send: SendMessage::new(route, payload.into_content()), has_begun: false }
    }
}

impl Call for SendWhenOpen {
    type Output = Sent;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<Sent> {
        if !std::mem::replace(&mut self.has_begun, true) && !shared.is_open() {
            return Step::Done(Err(Error::unsent(ErrorKind::NotConnected)));
        }
        self.send.resume(shared, answer)
    }

    fn timeout(&self, config: &Config) -> Duration {
        self.send.timeout(config)
    }
}

/// Waits until the connection is Ready, unless it is open already: then it fails with `InvalidArgument`.
#[derive(Debug, Default)]
pub struct ConnectOnce(WaitReady);

impl Call for ConnectOnce {
    type Output = ();

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<()> {
        if matches!(answer, Ok(Answer::Start)) && shared.is_open() {
            let why = "Socket is already connected. Call disconnect() first.".into();
            return Step::Done(Err(Error::unsent(ErrorKind::InvalidArgument(why))));
        }
        self.0.resume(shared, answer).map(drop)
    }
}
