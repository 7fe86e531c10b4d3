//! What handles, events and driver share, and how calls travel: [`Smol`] makes a [`Pending`], whose first poll gives
//! the call to the driver.
//!
//! ```text
//!   Pending ──submission──► mailbox ──► Driver (owns the Machine)
//!           ◄────reply───── oneshot ◄──
//! ```

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::{Instant, SystemTime};

use futures_channel::oneshot;
use mezon_protocol::call::{Call, Reply, Submission, Ticket};
use mezon_protocol::machine::{OnFull, State};
use mezon_protocol::memory::{CacheLimits, Memory};
use mezon_protocol::object::Backend;
use mezon_protocol::{Error, ErrorKind, Machine, Now, Sent};

use crate::events::Inbox;
use crate::net::Net;

/// Runs the calls of handles on any executor: what a handle's method returns is a [`Pending`].
///
/// It is the backend of every handle of this crate. It keeps no driver alive: when that has ended, calls fail with
/// [`ErrorKind::Closed`].
#[derive(Clone)]
pub struct Smol {
    pub(crate) shared: Arc<Shared>,
}

impl Backend for Smol {
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

impl fmt::Debug for Smol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Smol")
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
    /// Gives the call to the driver, after something else to do, unless that is done.
    pub(crate) fn submit(&mut self, before: Option<Act>) {
        self.stage = match std::mem::replace(&mut self.stage, Stage::Ended) {
            Stage::New(submission) => self.shared.submit(submission, before),
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
        self.submit(None);
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
    /// With a driver, which looks here for what it is told.
    Driven(Mailbox),
}

/// What a driver has been told and has not taken yet.
#[derive(Default)]
pub(crate) struct Mailbox {
    pub(crate) commands: VecDeque<Command>,
    driver: Option<Waker>,
}

/// What a driver is told. Bounded by the count of pending calls, apart from what people do by hand.
pub(crate) enum Command {
    Submit(Submission, oneshot::Sender<Reply>),
    Cancel(Ticket),
    Act(Act),
    Close,
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
        let mut link = self.link();
        match &mut *link {
            Link::Parked(machine) => act(machine, self.now()),
            Link::Driven(_) => tell(link, Command::Act(Box::new(act))),
        }
    }

    /// Ends at once.
    pub(crate) fn close(&self) {
        let mut link = self.link();
        match &mut *link {
            Link::Parked(machine) => machine.close(self.now()),
            Link::Driven(_) => tell(link, Command::Close),
        }
    }

    /// Tells the driver something. Without one there is nobody whom it concerns.
    pub(crate) fn command(&self, command: Command) {
        tell(self.link(), command);
    }

    /// Moves what the driver is told to an empty queue; if there is nothing it will be woken.
    pub(crate) fn take_commands(&self, cx: &Context<'_>, commands: &mut VecDeque<Command>) {
        let Link::Driven(mailbox) = &mut *self.link() else { return };
        if !mailbox.commands.is_empty() {
            std::mem::swap(&mut mailbox.commands, commands);
        } else if !mailbox.driver.as_ref().is_some_and(|driver| driver.will_wake(cx.waker())) {
            mailbox.driver = Some(cx.waker().clone());
        }
    }

    fn submit(&self, submission: Submission, before: Option<Act>) -> Stage {
        let refuse = |submission: Submission, kind: ErrorKind| Stage::Refused(submission.refuse(Error::unsent(kind)));
        if self.pending.fetch_add(1, Ordering::Relaxed) >= self.max_pending {
            self.pending.fetch_sub(1, Ordering::Relaxed);
            return refuse(submission, ErrorKind::TooManyInFlight);
        }
        let mut link = self.link();
        match &mut *link {
            Link::Driven(mailbox) => {
                mailbox.commands.extend(before.map(Command::Act));
                let (sender, reply) = oneshot::channel();
                let ticket = submission.ticket();
                tell(link, Command::Submit(submission, sender));
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

/// Leaves a command for the driver, if there is one, and wakes it after the lock is released.
fn tell(mut link: MutexGuard<'_, Link>, command: Command) {
    let Link::Driven(mailbox) = &mut *link else {
        // a command may hold what takes the lock when it is dropped
        drop(link);
        return drop(command);
    };
    mailbox.commands.push_back(command);
    let driver = mailbox.driver.take();
    drop(link);
    if let Some(driver) = driver {
        driver.wake();
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
