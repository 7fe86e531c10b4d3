//! The runtime: threads. The driver has one of its own, and calls wait on the thread that makes them.

use std::cell::Cell;
use std::fmt;
use std::future::{self, Future};
use std::io;
use std::ptr;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use mezon_client::{
    Answer, Driver, Net, Pending, Pool, Receive, Run, Runtime, Source, Spawns, Starter, Waits, block_on, close_pools,
};
use mezon_protocol::exchange::{HttpFailure, HttpRequest, Method};
use mezon_protocol::{Error, ErrorKind};

use crate::alarm::Alarm;
use crate::connection::Connection;
use crate::events::Events;
use crate::http;
use crate::net::{Line, connect};
use crate::reactor::Reactor;

/// Threads, as [`mezon_client`] sees them.
pub struct Threads {
    /// The driver's thread, until somebody has waited for its end.
    thread: Mutex<Option<JoinHandle<()>>>,
    /// What the driver waits on, as long as there is one.
    reactor: Mutex<Option<Arc<Reactor>>>,
    /// When the driver wants to be woken.
    wake_at: Arc<Mutex<Option<Instant>>>,
    /// Where handlers are called.
    handlers: Pool,
}

impl Default for Threads {
    fn default() -> Self {
        let handlers = Pool::new("mezon-handler", usize::MAX);
        Self { thread: Mutex::default(), reactor: Mutex::default(), wake_at: Arc::default(), handlers }
    }
}

thread_local! {
    /// Whose driver this thread is.
    static DRIVEN: Cell<*const Threads> = const { Cell::new(ptr::null()) };
}

impl Threads {
    fn is_driven_here(&self) -> bool {
        ptr::eq(DRIVEN.get(), self)
    }

    fn reactor(&self) -> io::Result<Arc<Reactor>> {
        lock(&self.reactor).clone().ok_or_else(|| io::Error::other("the driver runs on no thread of its own"))
    }

    /// The driver's thread.
    fn drive(&self, poll: mio::Poll, driver: Driver<Self>) -> io::Result<()> {
        DRIVEN.set(self);
        let reactor = Arc::new(Reactor::new(&poll)?);
        *lock(&self.reactor) = Some(Arc::clone(&reactor));
        reactor.run(poll, driver, &self.wake_at);
        *lock(&self.reactor) = None;
        close_pools([&reactor.openers, &reactor.exchangers, &reactor.uploaders]);
        Ok(())
    }
}

impl Runtime for Threads {
    const NAME: &'static str = "Blocking";
    const PARALLEL: usize = 4;

    type Stream = Connection;
    type Timer = Alarm;
    type Outcome<T: Send + 'static> = Result<T, Error>;
    type Answered<T: Send + 'static> = T;
    type Ran = Result<(), Error>;
    type Events<S: Source> = Events<S>;

    async fn connect(self: Arc<Self>, net: Arc<Net>, host: String, port: u16) -> io::Result<Connection> {
        let reactor = self.reactor()?;
        let line = Arc::new(Line::default());
        let _cut = line.cut_on_drop();
        let opened = reactor.openers.run(move || {
            let stream = connect(&net, &host, port, &line);
            line.release();
            stream
        });
        Connection::new(opened?.await.map_err(io::Error::other)??, reactor)
    }

    async fn exchange<X: Receive>(
        self: Arc<Self>,
        net: Arc<Net>,
        request: HttpRequest,
        receive: X,
    ) -> Result<X, HttpFailure> {
        let line = Arc::new(Line::default());
        let _cut = line.cut_on_drop();
        let reactor = self.reactor().map_err(HttpFailure::connect)?;
        let pool = if request.method == Method::Put { &reactor.uploaders } else { &reactor.exchangers };
        let exchanged = pool.run(move || http::perform(&net, &line, request, receive));
        exchanged.map_err(HttpFailure::connect)?.await.map_err(HttpFailure::connect)?
    }

    fn timer(&self) -> Alarm {
        Alarm::new(Arc::clone(&self.wake_at))
    }

    /// Spawns the thread, which may fail, and lets it wait for its driver.
    fn starter(self: Arc<Self>) -> Result<Starter<Self>, Error> {
        let unsupported = |error: io::Error| Error::unsent(ErrorKind::Unsupported(error.to_string()));
        if self.is_driven_here() {
            return Err(unsupported(io::Error::other("the driver cannot start itself")));
        }
        let poll = mio::Poll::new().map_err(unsupported)?;
        let (sender, driver) = sync_channel(1);
        let threads = Arc::clone(&self);
        let drive = move || {
            let Ok(driver) = driver.recv() else { return };
            if let Err(error) = threads.drive(poll, driver) {
                tracing::error!(%error, "the driver cannot wait for anything");
            }
        };
        let thread = thread::Builder::new().name("mezon".to_owned()).spawn(drive).map_err(unsupported)?;
        Ok(Box::new(move |driver| {
            let mut current = lock(&self.thread);
            if let Some(ended) = current.replace(thread) {
                // it has told already why it panicked, if it did
                let _ = ended.join();
            }
            // it waits for it
            drop(sender.send(driver));
        }))
    }

    fn outcome<T: Send + 'static>(pending: Pending<T, Self>) -> Result<T, Error> {
        if pending.runtime().is_some_and(Self::is_driven_here) {
            return pending.refuse(ErrorKind::Unsupported("the driver's thread cannot wait for itself".into()));
        }
        pending.wait()
    }

    fn ended<T: Send + 'static>(outcome: Result<T, Error>) -> impl Future<Output = Result<T, Error>> + Send + 'static {
        future::ready(outcome)
    }

    fn answered<T: Send + 'static>(&self, answer: Answer<T>) -> T {
        assert!(!self.is_driven_here(), "the driver's thread cannot wait for itself");
        answer.wait()
    }

    fn ran(run: Run<Self>) -> Result<(), Error> {
        run.wait()
    }

    fn handle(&self, turn: impl Future<Output = ()> + Send + 'static) -> impl Future<Output = ()> + Send + 'static {
        let handled = self.handlers.run(move || block_on(turn));
        async move {
            match handled {
                // handlers do not fail by a panic, which is caught elsewhere
                Ok(handled) => drop(handled.await),
                Err(error) => tracing::error!(%error, "there is no thread to call a handler on"),
            }
        }
    }

    fn join(&self, is_later: impl FnOnce() -> bool) {
        if self.is_driven_here() {
            return;
        }
        let mut thread = lock(&self.thread);
        if is_later() {
            return;
        }
        if let Some(thread) = thread.take() {
            // it can only have panicked, which has been told already
            let _ = thread.join();
        }
    }
}

impl Spawns for Threads {}
impl Waits for Threads {}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Threads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Threads")
    }
}
