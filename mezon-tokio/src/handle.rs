//! What handles, events and driver share, and how calls travel: [`Tokio`] makes a [`Pending`], whose first poll gives
//! the call to the driver.
//!
//! ```text
//!   Pending ──submission──► channel ──► Driver (owns the Machine)
//!           ◄────reply───── oneshot ◄──
//! ```

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::SystemTime;

use mezon_protocol::call::{Call, Reply, Submission, Ticket};
use mezon_protocol::machine::{OnFull, State};
use mezon_protocol::memory::{CacheLimits, Memory};
use mezon_protocol::object::Backend;
use mezon_protocol::{Error, ErrorKind, Machine, Now, Sent};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::events::Inbox;
use crate::net::Net;

/// Runs the calls of handles on tokio: what a handle's method returns is a [`Pending`].
///
/// It is the backend of every handle of this crate. It keeps no driver alive: when that has ended, calls fail with
/// [`ErrorKind::Closed`].
#[derive(Clone)]
pub struct Tokio {
    pub(crate) shared: Arc<Shared>,
}

impl Backend for Tokio {
    type Outcome<T: Send + 'static> = Pending<T>;

    fn call<C: Call>(&self, call: C) -> Pending<C::Output> {
        let ticket = Ticket(self.shared.last_ticket.fetch_add(1, Ordering::Relaxed));
        let submission = Submission::new(ticket, call);
        Pending { shared: Arc::clone(&self.shared), stage: Stage::New(submission), take: Reply::take::<C> }
    }

    fn memory<T>(&self, access: impl FnOnce(&mut Memory) -> T) -> T {
        access(&mut self.shared.memory())
    }
}

impl fmt::Debug for Tokio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokio")
    }
}

/// A call on its way: a future of its output.
///
/// Nothing happens until it is polled, and calls start in the order of their first poll. Dropping it cancels the call:
/// what is still queued is taken back and no further step is made, but what has been sent stays sent.
///
/// # Errors
///
/// Each says whether the call was [sent](Error::sent). Beside what the call itself tells of: `TooManyInFlight` at once
/// when [`Config::max_pending`](mezon_protocol::Config::max_pending) calls are pending, `NotConnected` on a client that
/// was never started, `Closed` when its driver has ended, `Timeout` after
/// [`Config::call_timeout`](mezon_protocol::Config::call_timeout).
#[must_use = "a call does nothing until it is awaited"]
pub struct Pending<T> {
    shared: Arc<Shared>,
    stage: Stage,
    take: fn(Reply) -> Option<Result<T, Error>>,
}

enum Stage {
    New(Submission),
    Refused(Reply),
    Waiting { ticket: Ticket, reply: oneshot::Receiver<Reply> },
    Ended,
}

impl<T> Pending<T> {
    /// Gives the call to the driver, unless that is done.
    pub(crate) fn submit(&mut self) {
        self.stage = match std::mem::replace(&mut self.stage, Stage::Ended) {
            Stage::New(submission) => self.shared.submit(submission),
            stage @ (Stage::Refused(_) | Stage::Waiting { .. } | Stage::Ended) => stage,
        };
    }
}

impl<T> Future for Pending<T> {
    type Output = Result<T, Error>;

    /// # Panics
    ///
    /// When polled again after it has ended.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.submit();
        let reply = match &mut self.stage {
            Stage::Waiting { reply, .. } => {
                let reply = ready!(Pin::new(reply).poll(cx)).ok();
                self.shared.pending.fetch_sub(1, Ordering::Relaxed);
                self.stage = Stage::Ended;
                reply
            }
            Stage::Refused(_) => match std::mem::replace(&mut self.stage, Stage::Ended) {
                Stage::Refused(reply) => Some(reply),
                Stage::New(_) | Stage::Waiting { .. } | Stage::Ended => None,
            },
            Stage::New(_) | Stage::Ended => panic!("a call was polled after it had ended"),
        };
        // every call has a reply, even one whose driver is dropped
        let lost = || Err(Error::new(ErrorKind::Closed, Sent::Unknown));
        Poll::Ready(reply.and_then(self.take).unwrap_or_else(lost))
    }
}

impl<T> Drop for Pending<T> {
    fn drop(&mut self) {
        if let Stage::Waiting { ticket, .. } = self.stage {
            self.shared.command(Command::Cancel(ticket));
            self.shared.pending.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl<T> fmt::Debug for Pending<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").finish_non_exhaustive()
    }
}

/// What handles, events and driver share.
pub(crate) struct Shared {
    link: Mutex<Link>,
    pub(crate) inbox: Inbox,
    pub(crate) net: Net,
    origin: Instant,
    last_ticket: AtomicU64,
    pending: AtomicUsize,
    max_pending: usize,
    on_full: OnFull,
    memory: Mutex<Memory>,
}

/// What the configuration says of all this.
pub(crate) struct Told {
    pub(crate) max_pending: usize,
    pub(crate) on_full: OnFull,
    pub(crate) cache: CacheLimits,
}

/// Where the Machine is. Commands are sent under its lock, so that none is lost when the driver ends.
pub(crate) enum Link {
    /// Here, while no driver runs.
    Parked(Box<Machine>),
    /// With a driver, which is reached by this.
    Driven(mpsc::UnboundedSender<Command>),
}

/// What a driver is told. Bounded by the count of pending calls, apart from what people do by hand.
pub(crate) enum Command {
    Submit(Submission, oneshot::Sender<Reply>),
    Cancel(Ticket),
    Act(Act),
    /// Dropped when the driver has ended.
    Watch(oneshot::Sender<()>),
}

/// Something to be done with the Machine.
pub(crate) type Act = Box<dyn FnOnce(&mut Machine, Now) + Send>;

impl Shared {
    pub(crate) fn new(machine: Box<Machine>, net: Net, origin: Instant, told: Told) -> Self {
        let Told { max_pending, on_full, cache } = told;
        Self {
            link: Mutex::new(Link::Parked(machine)),
            inbox: Inbox::default(),
            net,
            origin,
            last_ticket: AtomicU64::new(0),
            pending: AtomicUsize::new(0),
            max_pending,
            on_full,
            memory: Mutex::new(Memory::new(cache)),
        }
    }

    /// The time, as the Machine counts it.
    pub(crate) fn now(&self) -> Now {
        now(self.origin)
    }

    pub(crate) const fn origin(&self) -> Instant {
        self.origin
    }

    /// What happens when events are not taken: as configured, if there is somebody to take them.
    pub(crate) fn on_full(&self) -> OnFull {
        if self.inbox.has_receiver() { self.on_full } else { OnFull::Drop }
    }

    /// What is remembered.
    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn link(&self) -> MutexGuard<'_, Link> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the Machine: here while it is parked, otherwise in the driver.
    pub(crate) fn act(&self, act: impl FnOnce(&mut Machine, Now) + Send + 'static) {
        match &mut *self.link() {
            Link::Parked(machine) => act(machine, self.now()),
            Link::Driven(driver) => drop(driver.send(Command::Act(Box::new(act)))),
        }
    }

    /// Tells the driver something. Without one there is nobody whom it concerns.
    pub(crate) fn command(&self, command: Command) {
        if let Link::Driven(driver) = &*self.link() {
            // the receiver is there as long as the link says so
            drop(driver.send(command));
        }
    }

    fn submit(&self, submission: Submission) -> Stage {
        let refuse = |submission: Submission, kind: ErrorKind| Stage::Refused(submission.refuse(Error::unsent(kind)));
        if self.pending.fetch_add(1, Ordering::Relaxed) >= self.max_pending {
            self.pending.fetch_sub(1, Ordering::Relaxed);
            return refuse(submission, ErrorKind::TooManyInFlight);
        }
        match &*self.link() {
            Link::Driven(driver) => {
                let (sender, reply) = oneshot::channel();
                let ticket = submission.ticket();
                drop(driver.send(Command::Submit(submission, sender)));
                Stage::Waiting { ticket, reply }
            }
            Link::Parked(machine) => {
                self.pending.fetch_sub(1, Ordering::Relaxed);
                let closed = machine.state() == State::Closed;
                refuse(submission, if closed { ErrorKind::Closed } else { ErrorKind::NotConnected })
            }
        }
    }
}

/// The time since an origin, and since 1970.
pub(crate) fn now(origin: Instant) -> Now {
    let unix = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Now::new(origin.elapsed(), unix)
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}
