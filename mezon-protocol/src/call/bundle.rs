//! A call on its way through the Machine: boxed once, with the place for its output inside.

use std::any::Any;
use std::fmt;
use std::time::Duration;

use super::{Answer, Call, SideBySide, Step, Turn};
use crate::config::Config;
use crate::error::Error;
use crate::exchange::HttpRequest;
use crate::machine::Shared;
use crate::replay::note;

/// Names one submitted call. Chosen by who submits, unique among the pending ones and below 2⁶³: a counter will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

impl Ticket {
    /// A ticket of a call that the Machine makes by itself.
    pub(crate) const fn own(number: u64) -> Self {
        Self(number | 1 << 63)
    }

    /// True for a call that the Machine makes by itself.
    pub(crate) const fn is_own(self) -> bool {
        self.0 >> 63 == 1
    }
}

/// A call given to the Machine.
pub struct Submission {
    pub(crate) ticket: Ticket,
    pub(crate) call: Box<dyn AnyCall>,
}

impl Submission {
    /// Boxes a call. The same box comes back in the [`Reply`].
    pub fn new<C: Call>(ticket: Ticket, call: C) -> Self {
        Self { ticket, call: Box::new(Bundle { call, output: None }) }
    }

    /// The ticket it was given.
    pub const fn ticket(&self) -> Ticket {
        self.ticket
    }

    /// Ends it without ever having been submitted, for those whose Machine is gone or full.
    pub fn refuse(mut self, error: Error) -> Reply {
        self.call.fail(error);
        Reply { ticket: self.ticket, call: self.call }
    }
}

impl fmt::Debug for Submission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Submission").field("ticket", &self.ticket).finish_non_exhaustive()
    }
}

/// The end of a call.
pub struct Reply {
    pub(crate) ticket: Ticket,
    pub(crate) call: Box<dyn AnyCall>,
}

impl Reply {
    /// The ticket of the call that has ended.
    pub const fn ticket(&self) -> Ticket {
        self.ticket
    }

    /// The output, for whoever knows the type of the call; `None` for any other type.
    pub fn take<C: Call>(self) -> Option<Result<C::Output, Error>> {
        let bundle: Box<dyn Any> = self.call;
        bundle.downcast::<Bundle<C>>().ok()?.output
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("ticket", &self.ticket).finish_non_exhaustive()
    }
}

/// What the Machine sees of a call: its steps, but not the type of its output.
pub(crate) trait AnyCall: Any + Send {
    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Flow;
    fn fail(&mut self, error: Error);
    fn interrupt(&mut self, shared: &mut Shared, error: Error);
    fn timeout(&self, config: &Config) -> Duration;
    fn hears_timeouts(&self) -> bool;
    /// How it has ended, for recordings.
    fn end(&self) -> String;
}

/// A [`Step`] without its output, which stays in the bundle.
pub(crate) enum Flow {
    Request(super::Request),
    Read(super::Request),
    Http(HttpRequest),
    SideBySide(SideBySide),
    Wait(Duration),
    AwaitReady,
    Renew,
    AwaitTurn(Turn),
    Done,
}

struct Bundle<C: Call> {
    call: C,
    output: Option<Result<C::Output, Error>>,
}

impl<C: Call> AnyCall for Bundle<C> {
    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Flow {
        match self.call.resume(shared, answer) {
            Step::Request(request) => Flow::Request(request),
            Step::Read(request) => Flow::Read(request),
            Step::Http(request) => Flow::Http(request),
            Step::SideBySide(sides) => Flow::SideBySide(sides),
            Step::Wait(time) => Flow::Wait(time),
            Step::AwaitReady => Flow::AwaitReady,
            Step::Renew => Flow::Renew,
            Step::AwaitTurn(turn) => Flow::AwaitTurn(turn),
            Step::Done(output) => {
                self.output = Some(output);
                Flow::Done
            }
        }
    }

    fn fail(&mut self, error: Error) {
        self.output = Some(Err(error));
    }

    fn interrupt(&mut self, shared: &mut Shared, error: Error) {
        self.output = Some(self.call.interrupt(shared, error));
    }

    fn timeout(&self, config: &Config) -> Duration {
        self.call.timeout(config)
    }

    fn hears_timeouts(&self) -> bool {
        self.call.hears_timeouts()
    }

    fn end(&self) -> String {
        note::end(self.output.as_ref())
    }
}
