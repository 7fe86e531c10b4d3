//! What handles, events and driver share, and how calls travel: [`Blocking`] gives a call to the driver and waits.
//!
//! ```text
//!   caller ──submission──► channel, waker ──► driver (owns the Machine)
//!          ◄────reply───── a slot of its own ◄──
//! ```

use std::cell::Cell;
use std::fmt;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Instant, SystemTime};

use mezon_protocol::call::{Call, Reply, Submission, Ticket};
use mezon_protocol::exchange::{HttpFailure, HttpResponse};
use mezon_protocol::machine::{OnFull, RequestId, SocketId, State};
use mezon_protocol::memory::{CacheLimits, Memory};
use mezon_protocol::object::Backend;
use mezon_protocol::{Error, ErrorKind, Machine, Now, Sent};

use crate::events::Inbox;
use crate::net::Net;

/// Runs the calls of handles: what a handle's method returns is the `Result` itself.
///
/// It is the backend of every handle of this crate. A call runs at once and waits for its end, which comes in any case:
/// after [`Config::call_timeout`](mezon_protocol::Config::call_timeout) it is `Timeout`. Beside what the call itself tells
/// of, it fails with `TooManyInFlight` at once when
/// [`Config::max_pending`](mezon_protocol::Config::max_pending) calls of other threads are pending, with `NotConnected` on
/// a client that was never started, with `Closed` when its driver has ended, and with `Unsupported` on the driver's own
/// thread. Each error says whether the call was [sent](Error::sent).
///
/// It keeps no driver alive.
#[derive(Clone)]
pub struct Blocking {
    pub(crate) shared: Arc<Shared>,
}

impl Backend for Blocking {
    type Outcome<T: Send + 'static> = Result<T, Error>;

    fn call<C: Call>(&self, call: C) -> Result<C::Output, Error> {
        self.shared.submit(call)?.wait()
    }

    fn memory<T>(&self, access: impl FnOnce(&mut Memory) -> T) -> T {
        access(&mut self.shared.memory())
    }
}

impl fmt::Debug for Blocking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Blocking")
    }
}

/// A call that the driver has.
pub(crate) struct Submitted<T> {
    reply: Receiver<Reply>,
    take: fn(Reply) -> Option<Result<T, Error>>,
    _counted: Counted,
}

impl<T> Submitted<T> {
    pub(crate) fn wait(self) -> Result<T, Error> {
        // every call has a reply, unless the driver has panicked
        let lost = || Err(Error::new(ErrorKind::Closed, Sent::Unknown));
        self.reply.recv().ok().and_then(self.take).unwrap_or_else(lost)
    }
}

/// One of the pending calls.
struct Counted(Arc<Shared>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.pending.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What handles, events and driver share.
pub(crate) struct Shared {
    link: Mutex<Link>,
    /// The driver's thread, until somebody has waited for its end.
    thread: Mutex<Option<JoinHandle<()>>>,
    pub(crate) inbox: Inbox,
    pub(crate) net: Arc<Net>,
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
    Driven(Door),
}

/// What a driver is told, by its user and by the threads that work for it. Bounded by the count of pending calls and
/// exchanges, apart from what people do by hand.
pub(crate) enum Command {
    Submit(Submission, SyncSender<Reply>),
    Act(Act),
    Opened(SocketId, std::io::Result<std::net::TcpStream>),
    Exchanged(RequestId, Result<HttpResponse, HttpFailure>),
}

/// Something to be done with the Machine.
pub(crate) type Act = Box<dyn FnOnce(&mut Machine, Now) + Send>;

/// The way to a driver.
#[derive(Clone)]
pub(crate) struct Door {
    commands: Sender<Command>,
    bell: Arc<Bell>,
}

/// Wakes the driver out of its poller, once.
struct Bell {
    waker: mio::Waker,
    rung: AtomicBool,
}

impl Door {
    pub(crate) fn new(commands: Sender<Command>, waker: mio::Waker) -> Self {
        Self { commands, bell: Arc::new(Bell { waker, rung: AtomicBool::new(false) }) }
    }

    pub(crate) fn send(&self, command: Command) {
        // if the driver has panicked nobody listens
        if self.commands.send(command).is_ok() {
            self.wake();
        }
    }

    pub(crate) fn wake(&self) {
        if self.bell.rung.swap(true, Ordering::AcqRel) {
            return;
        }
        if let Err(error) = self.bell.waker.wake() {
            tracing::error!(%error, "the driver cannot be woken");
        }
    }

    /// The driver is about to look at what there is.
    pub(crate) fn answer(&self) {
        self.bell.rung.swap(false, Ordering::AcqRel);
    }
}

thread_local! {
    /// Whose driver this thread is.
    static DRIVEN: Cell<*const Shared> = const { Cell::new(ptr::null()) };
}

impl Shared {
    pub(crate) fn new(machine: Box<Machine>, net: Net, origin: Instant, told: Told) -> Self {
        let Told { max_pending, on_full, cache } = told;
        Self {
            link: Mutex::new(Link::Parked(machine)),
            thread: Mutex::new(None),
            inbox: Inbox::default(),
            net: Arc::new(net),
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

    /// What happens when events are not taken: as configured, if there is somebody to take them.
    pub(crate) fn on_full(&self) -> OnFull {
        if self.inbox.has_receiver() { self.on_full } else { OnFull::Drop }
    }

    /// What is remembered.
    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn link(&self) -> MutexGuard<'_, Link> {
        lock(&self.link)
    }

    /// The driver's thread. To be locked before the link.
    pub(crate) fn thread(&self) -> MutexGuard<'_, Option<JoinHandle<()>>> {
        lock(&self.thread)
    }

    /// Waits until the driver has ended, which it must have been told to.
    pub(crate) fn join(&self) {
        if self.is_driven_here() {
            return;
        }
        if let Some(thread) = self.thread().take() {
            // it can only have panicked, which has been told already
            let _ = thread.join();
        }
    }

    /// This thread is the driver.
    pub(crate) fn drive_here(&self) {
        DRIVEN.set(self);
    }

    pub(crate) fn is_driven_here(&self) -> bool {
        ptr::eq(DRIVEN.get(), self)
    }

    /// Does something with the Machine: here while it is parked, otherwise in the driver.
    pub(crate) fn act(&self, act: impl FnOnce(&mut Machine, Now) + Send + 'static) {
        match &mut *self.link() {
            Link::Parked(machine) => act(machine, self.now()),
            Link::Driven(driver) => driver.send(Command::Act(Box::new(act))),
        }
    }

    /// Has the driver do something. Without one there is nobody whom it concerns.
    pub(crate) fn tell(&self, act: fn(&mut Machine, Now)) {
        if let Link::Driven(driver) = &*self.link() {
            driver.send(Command::Act(Box::new(act)));
        }
    }

    /// Gives a call to the driver.
    pub(crate) fn submit<C: Call>(self: &Arc<Self>, call: C) -> Result<Submitted<C::Output>, Error> {
        let refuse = |kind| Err(Error::unsent(kind));
        if self.is_driven_here() {
            return refuse(ErrorKind::Unsupported("the driver's thread cannot wait for itself".into()));
        }
        let waiting = self.pending.fetch_add(1, Ordering::Relaxed);
        let counted = Counted(Arc::clone(self));
        if waiting >= self.max_pending {
            return refuse(ErrorKind::TooManyInFlight);
        }
        let submission = Submission::new(Ticket(self.last_ticket.fetch_add(1, Ordering::Relaxed)), call);
        let (sender, reply) = sync_channel(1);
        match &*self.link() {
            Link::Driven(driver) => driver.send(Command::Submit(submission, sender)),
            Link::Parked(machine) if machine.state() == State::Closed => return refuse(ErrorKind::Closed),
            Link::Parked(_) => return refuse(ErrorKind::NotConnected),
        }
        Ok(Submitted { reply, take: Reply::take::<C>, _counted: counted })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
