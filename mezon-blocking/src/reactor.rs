//! What the driver's thread waits on: sockets, threads that work for it, callers, and the clock.

use std::fmt;
use std::future::Future as _;
use std::io::{self, ErrorKind};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Instant;

use mezon_client::{Driver, Pool};
use mio::net::TcpStream;
use mio::{Events, Interest, Registry, Token};

use crate::runtime::{Threads, lock};

/// HTTP exchanges at a time; the others wait. One of them may be the stream of agents' events, which stays.
const EXCHANGES: usize = 5;

/// Files and parts being uploaded at a time. They may take long, and must not hold up the others.
const UPLOADS: usize = 8;

/// Connections being opened at a time: the one that is wanted, and one that the system does not let go of.
const OPENINGS: usize = 2;

const BELL: Token = Token(0);
const SOCKET: Token = Token(1);

/// The poller of one driver, and the threads that work for it. There are one or two sockets: whatever happens to one,
/// each is looked at.
pub(crate) struct Reactor {
    registry: Registry,
    bell: Arc<Bell>,
    /// How often something happened to a socket.
    news: AtomicUsize,
    waiting: Mutex<Vec<Waker>>,
    pub(crate) openers: Pool,
    pub(crate) exchangers: Pool,
    pub(crate) uploaders: Pool,
}

impl Reactor {
    pub(crate) fn new(poll: &mio::Poll) -> io::Result<Self> {
        let registry = poll.registry().try_clone()?;
        let bell = Arc::new(Bell { waker: mio::Waker::new(&registry, BELL)?, rung: AtomicBool::new(false) });
        Ok(Self {
            registry,
            bell,
            news: AtomicUsize::new(0),
            waiting: Mutex::default(),
            openers: Pool::new("mezon-connect", OPENINGS),
            exchangers: Pool::new("mezon-http", EXCHANGES),
            uploaders: Pool::new("mezon-upload", UPLOADS),
        })
    }

    /// Runs a driver to its end, or until the poller fails. `wake_at` is when it wants to look at the clock.
    pub(crate) fn run(&self, mut poll: mio::Poll, driver: Driver<Threads>, wake_at: &Mutex<Option<Instant>>) {
        let waker = Waker::from(Arc::clone(&self.bell));
        let mut happened = Events::with_capacity(16);
        let mut driver = pin!(driver);
        loop {
            self.bell.rung.store(false, Ordering::SeqCst);
            if driver.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                return;
            }
            let until = lock(wake_at).take();
            let timeout = until.map(|until| until.saturating_duration_since(Instant::now()));
            match poll.poll(&mut happened, timeout) {
                Ok(()) if happened.iter().any(|event| event.token() == SOCKET) => self.tell_sockets(),
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return tracing::error!(%error, "the poller failed"),
            }
        }
    }

    fn tell_sockets(&self) {
        // the driver is going to be polled anyway
        self.bell.rung.store(true, Ordering::SeqCst);
        self.news.fetch_add(1, Ordering::Relaxed);
        let waiting = std::mem::take(&mut *lock(&self.waiting));
        waiting.into_iter().for_each(Waker::wake);
    }

    /// How often something happened to a socket.
    pub(crate) fn news(&self) -> usize {
        self.news.load(Ordering::Relaxed)
    }

    /// Pending, until something happens to a socket.
    pub(crate) fn poll_again<T>(&self, cx: &Context<'_>) -> Poll<T> {
        let mut waiting = lock(&self.waiting);
        if !waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
            waiting.push(cx.waker().clone());
        }
        Poll::Pending
    }

    pub(crate) fn register(&self, stream: &mut TcpStream) -> io::Result<()> {
        self.registry.register(stream, SOCKET, Interest::READABLE | Interest::WRITABLE)
    }
}

impl fmt::Debug for Reactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reactor")
    }
}

/// Wakes the driver out of its poller, once.
struct Bell {
    waker: mio::Waker,
    rung: AtomicBool,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.rung.swap(true, Ordering::SeqCst) {
            return;
        }
        if let Err(error) = self.waker.wake() {
            tracing::error!(%error, "the driver cannot be woken");
        }
    }
}
