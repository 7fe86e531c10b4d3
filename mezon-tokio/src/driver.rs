//! The driver: owns the Machine and the socket, and moves bytes between them.
//!
//! A turn takes what there is of every input, drains the outputs, and reads at most one buffer; turns follow each other
//! until nothing happens any more. What takes time (opening a connection, an HTTP exchange, a good-bye) runs in tasks of
//! its own, so that the socket never waits for it.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use mezon_protocol::call::{Reply, Ticket};
use mezon_protocol::exchange::{HttpFailure, HttpResponse};
use mezon_protocol::machine::{RequestId, SocketEnd, SocketId, State, Transmit};
use mezon_protocol::{Error, ErrorKind, Machine, Now};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Sleep;

use crate::handle::{Command, Link, Shared};
use crate::http;
use crate::socket::{Socket, say_goodbye};

/// After so many turns other tasks may run.
const TURNS: usize = 32;

/// Does the work of a client: a future to be spawned on tokio, or awaited beside others.
///
/// It ends when the client is closed, also for good, or when the client and its events have been dropped. Dropped before
/// that, it closes the client: pending calls fail with [`ErrorKind::Closed`].
#[must_use = "a driver does nothing until it is spawned or awaited"]
pub struct Driver {
    running: Option<Box<Running>>,
    span: tracing::Span,
}

impl Driver {
    /// A driver for a parked Machine; `link` is left with the way to it. None if a driver has it already.
    pub(crate) fn take(shared: &Arc<Shared>, link: &mut Link) -> Option<Self> {
        let (sender, commands) = mpsc::unbounded_channel();
        let machine = match std::mem::replace(link, Link::Driven(sender)) {
            Link::Parked(machine) => machine,
            driven @ Link::Driven(_) => {
                *link = driven;
                return None;
            }
        };
        shared.inbox.start();
        let running = Running {
            shared: Arc::clone(shared),
            machine,
            commands,
            waiting: HashMap::new(),
            watchers: Vec::new(),
            socket: None,
            opening: None,
            exchanges: HashMap::new(),
            tasks: JoinSet::new(),
            goodbyes: 0,
            sleep: None,
            armed: None,
        };
        Some(Self { running: Some(Box::new(running)), span: tracing::info_span!("mezon") })
    }

    /// Leaves the Machine to whoever comes next, unless there is a command left and it is not forced to.
    fn end(running: &mut Option<Box<Running>>, force: bool) {
        let Some(shared) = running.as_ref().map(|running| Arc::clone(&running.shared)) else { return };
        let mut link = shared.link();
        let ended = running.take_if(|running| force || running.commands.is_empty());
        let leftovers = ended.map(|running| running.park(&mut link));
        // what is left of calls may hold handles, which take the lock when they are dropped
        drop(link);
        drop(leftovers);
    }
}

impl Future for Driver {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { running, span } = self.get_mut();
        let _entered = span.enter();
        while let Some(driver) = running {
            ready!(driver.poll(cx));
            Self::end(running, false);
        }
        Poll::Ready(())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        Self::end(&mut self.running, true);
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").finish_non_exhaustive()
    }
}

struct Running {
    shared: Arc<Shared>,
    machine: Box<Machine>,
    commands: mpsc::UnboundedReceiver<Command>,
    waiting: HashMap<Ticket, oneshot::Sender<Reply>>,
    /// Those who want to know of the end.
    watchers: Vec<oneshot::Sender<()>>,
    socket: Option<(SocketId, Socket)>,
    opening: Option<(SocketId, AbortHandle)>,
    exchanges: HashMap<RequestId, AbortHandle>,
    tasks: JoinSet<Done>,
    goodbyes: usize,
    sleep: Option<Pin<Box<Sleep>>>,
    /// When `sleep` ends. It may be too early, never too late.
    armed: Option<Duration>,
}

/// What a task has brought.
enum Done {
    Opened(SocketId, io::Result<TcpStream>),
    Exchanged(RequestId, Result<HttpResponse, HttpFailure>),
    SaidGoodbye,
}

impl Running {
    /// Ready when the client is closed and everything has been said.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        for _ in 0..TURNS {
            let turn = self.turn(cx);
            if turn.read_much {
                // its events first: they are still in the cache
                break;
            }
            if turn.progress || self.poll_timer(cx) {
                continue;
            }
            let is_over = self.machine.state() == State::Closed && self.goodbyes == 0;
            return if is_over { Poll::Ready(()) } else { Poll::Pending };
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn turn(&mut self, cx: &mut Context<'_>) -> Turn {
        let now = self.shared.now();
        let mut turn = Turn::default();
        turn.progress |= self.take_commands(cx, now);
        turn.progress |= self.finish_tasks(cx, now);
        self.read(cx, now, &mut turn);
        if self.machine.poll_timeout().is_some_and(|deadline| deadline.at <= now.elapsed) {
            self.machine.handle_timeout(now);
            turn.progress = true;
        }
        turn.progress |= self.write(cx, now);
        while let Some(transmit) = self.machine.poll_transmit() {
            self.perform(transmit);
            turn.progress = true;
        }
        while let Some(news) = self.machine.poll_news() {
            self.shared.memory().learn(&news);
        }
        while let Some(reply) = self.machine.poll_reply() {
            self.answer(reply);
        }
        turn.progress |= self.shared.inbox.fill(cx, &mut self.machine);
        turn
    }

    fn take_commands(&mut self, cx: &mut Context<'_>, now: Now) -> bool {
        let mut progress = false;
        while let Poll::Ready(Some(command)) = self.commands.poll_recv(cx) {
            progress = true;
            match command {
                Command::Submit(submission, reply) => {
                    self.waiting.insert(submission.ticket(), reply);
                    self.machine.submit(now, submission);
                }
                Command::Cancel(ticket) => {
                    self.waiting.remove(&ticket);
                    self.machine.cancel(now, ticket);
                }
                Command::Act(act) => act(&mut self.machine, now),
                Command::Watch(watcher) => self.watchers.push(watcher),
            }
        }
        progress
    }

    fn finish_tasks(&mut self, cx: &mut Context<'_>, now: Now) -> bool {
        let mut progress = false;
        while let Poll::Ready(Some(done)) = self.tasks.poll_join_next(cx) {
            progress = true;
            match done {
                Ok(Done::Opened(socket, result)) => self.on_opened(now, socket, result),
                Ok(Done::Exchanged(id, result)) => {
                    self.exchanges.remove(&id);
                    self.machine.handle_http(now, id, result);
                }
                Ok(Done::SaidGoodbye) => self.goodbyes -= 1,
                // let go by ourselves
                Err(_) => {}
            }
        }
        progress
    }

    fn on_opened(&mut self, now: Now, socket: SocketId, result: io::Result<TcpStream>) {
        // one that was let go may have been opened before it heard so
        if self.opening.take_if(|(id, _)| *id == socket).is_none() {
            return;
        }
        match result {
            Ok(stream) => {
                self.socket = Some((socket, Socket::new(stream)));
                self.machine.handle_socket_opened(now, socket);
            }
            Err(error) => self.machine.handle_socket_closed(now, socket, SocketEnd::Unreachable(error.to_string())),
        }
    }

    fn read(&mut self, cx: &mut Context<'_>, now: Now, turn: &mut Turn) {
        let Some((id, socket)) = &mut self.socket else { return };
        if !self.machine.wants_read() {
            return;
        }
        let (id, machine) = (*id, &mut self.machine);
        match socket.poll_read(cx, |bytes| machine.handle_bytes(now, id, bytes)) {
            Poll::Pending => {}
            Poll::Ready(Ok(was_full)) => {
                turn.progress = true;
                turn.read_much = was_full;
            }
            Poll::Ready(Err(end)) => self.on_socket_ended(now, end, turn),
        }
    }

    fn on_socket_ended(&mut self, now: Now, end: SocketEnd, turn: &mut Turn) {
        turn.progress = true;
        if let Some((id, _)) = self.socket.take() {
            self.machine.handle_socket_closed(now, id, end);
        }
    }

    fn write(&mut self, cx: &mut Context<'_>, now: Now) -> bool {
        let Some((id, socket)) = &mut self.socket else { return false };
        let (id, machine) = (*id, &mut self.machine);
        match socket.poll_write(cx, |out| machine.poll_write(id, out)) {
            Ok(progress) => progress,
            Err(end) => {
                self.socket = None;
                self.machine.handle_socket_closed(now, id, end);
                true
            }
        }
    }

    fn perform(&mut self, transmit: Transmit) {
        match transmit {
            Transmit::OpenSocket { socket, host, port } => {
                let shared = Arc::clone(&self.shared);
                let open = async move { Done::Opened(socket, shared.net.connect(&host, port).await) };
                self.opening = Some((socket, self.tasks.spawn(open)));
            }
            Transmit::CloseSocket { socket, last_words } => self.close_socket(socket, &last_words),
            Transmit::Http { id, request } => {
                let shared = Arc::clone(&self.shared);
                let exchange = async move { Done::Exchanged(id, http::perform(&shared.net, request).await) };
                self.exchanges.insert(id, self.tasks.spawn(exchange));
            }
            Transmit::CancelHttp { id } => {
                if let Some(exchange) = self.exchanges.remove(&id) {
                    exchange.abort();
                }
            }
        }
    }

    fn close_socket(&mut self, socket: SocketId, last_words: &[u8]) {
        if let Some((_, opening)) = self.opening.take_if(|(id, _)| *id == socket) {
            opening.abort();
        }
        let Some((_, socket)) = self.socket.take_if(|(id, _)| *id == socket) else { return };
        let (stream, words) = socket.into_last_words(last_words);
        if words.is_empty() {
            return;
        }
        self.goodbyes += 1;
        self.tasks.spawn(async move {
            say_goodbye(stream, words).await;
            Done::SaidGoodbye
        });
    }

    fn answer(&mut self, reply: Reply) {
        if let Some(waiter) = self.waiting.remove(&reply.ticket()) {
            // nobody listens any more: so be it
            drop(waiter.send(reply));
        }
    }

    /// True when the time has come to look at the clock again.
    fn poll_timer(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(deadline) = self.machine.poll_timeout() else { return false };
        // one that no clock reaches is none
        let Some(at) = self.shared.origin().checked_add(deadline.at) else { return false };
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
        // a timer that is too early is left alone: moving it costs more than one wake-up in vain
        if self.armed.is_none_or(|armed| deadline.at < armed) {
            sleep.as_mut().reset(at);
            self.armed = Some(deadline.at);
        }
        let is_over = sleep.as_mut().poll(cx).is_ready();
        if is_over {
            self.armed = None;
        }
        is_over
    }

    /// Closes, answers every call, and leaves the Machine in the link. Gives what is to be dropped outside of the lock.
    fn park(mut self: Box<Self>, link: &mut Link) -> Leftovers {
        let now = self.shared.now();
        let mut replies = Vec::new();
        while let Ok(command) = self.commands.try_recv() {
            match command {
                Command::Submit(submission, waiter) => {
                    self.waiting.insert(submission.ticket(), waiter);
                    replies.push(submission.refuse(Error::unsent(ErrorKind::Closed)));
                }
                Command::Act(act) => act(&mut self.machine, now),
                Command::Cancel(_) | Command::Watch(_) => {}
            }
        }
        self.machine.close(now);
        replies.extend(std::iter::from_fn(|| self.machine.poll_reply()));
        while self.machine.poll_transmit().is_some() {}
        let unclaimed = replies.into_iter().filter_map(|reply| {
            let waiter = self.waiting.remove(&reply.ticket())?;
            waiter.send(reply).err()
        });
        let leftovers = Leftovers { _replies: unclaimed.collect(), _tasks: self.tasks };
        self.shared.inbox.stop(&mut self.machine);
        *link = Link::Parked(self.machine);
        leftovers
    }
}

/// What a turn has done.
#[derive(Default)]
struct Turn {
    /// There may be more to do.
    progress: bool,
    /// A whole buffer was read.
    read_much: bool,
}

struct Leftovers {
    _replies: Vec<Reply>,
    _tasks: JoinSet<Done>,
}
