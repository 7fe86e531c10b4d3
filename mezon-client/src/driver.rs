//! The driver: owns the Machine and the socket, and moves bytes between them.
//!
//! A turn takes what there is of every input, drains the outputs, and reads at most one buffer; turns follow each other
//! until nothing happens any more. What takes time (opening a connection, an HTTP exchange, a good-bye) is a future beside
//! them, polled when it is woken, so that the socket never waits for it.

use std::collections::{HashMap, VecDeque};
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
use mezon_protocol::store::LeftOff;
use mezon_protocol::{Error, ErrorKind, Machine, Now};

use crate::agent::Listening;
use crate::exchange::Whole;
use crate::handle::{Accompanist, Command, Connect, Link, Mailbox, Shared};
use crate::pipe::Pipe;
use crate::runtime::{Runtime, Timer as _};
use crate::tasks::Tasks;

mod agents;

/// After so many turns other tasks may run.
const TURNS: usize = 32;

/// How long the last words of a connection may take.
const GOODBYE: Duration = Duration::from_secs(1);

/// Does the work of a client: a future to be spawned, or awaited beside others.
///
/// It ends when the client is closed, also for good, or when the client and its events have been dropped. Dropped before
/// that, it closes the client: pending calls fail with [`ErrorKind::Closed`].
#[must_use = "a driver does nothing until it is spawned or awaited"]
pub struct Driver<R: Runtime> {
    running: Option<Box<Running<R>>>,
    span: tracing::Span,
}

impl<R: Runtime> Driver<R> {
    /// A driver for a parked Machine; `link` is left with the way to it. None if a driver has it already. That of a
    /// closed client ends at once, unless it waits for somebody to connect.
    pub(crate) fn take(shared: &Arc<Shared<R>>, link: &mut Link, waits: bool) -> Option<Self> {
        let machine = match std::mem::replace(link, Link::Driven(Mailbox::default())) {
            Link::Parked(machine) => machine,
            driven @ Link::Driven(_) => {
                *link = driven;
                return None;
            }
        };
        shared.inbox.start();
        // that of a closed client does so when it is connected anew
        if machine.state() != State::Closed {
            shared.load_outbox();
        }
        let running = Running {
            shared: Arc::clone(shared),
            waits: waits && machine.state() == State::Closed,
            machine,
            commands: VecDeque::new(),
            reading: None,
            waiting: HashMap::new(),
            watchers: Vec::new(),
            socket: None,
            tasks: Tasks::new(),
            goodbyes: VecDeque::new(),
            listening: None,
            last_goodbye: 0,
            timer: shared.runtime.timer(),
            armed: None,
        };
        Some(Self { running: Some(Box::new(running)), span: tracing::info_span!("mezon") })
    }

    /// Leaves the Machine to whoever comes next. False, unless forced, when there is a command left.
    fn end(&mut self, force: bool) -> bool {
        let Some(running) = &self.running else { return true };
        let shared = Arc::clone(&running.shared);
        let mut link = shared.link();
        let leftovers = match self.running.take() {
            Some(running) if force || is_told_nothing(&link) => (*running).park(&mut link),
            running => {
                self.running = running;
                return false;
            }
        };
        // what is left of calls may hold handles, which take the lock when they are dropped
        drop(link);
        leftovers.settle(&shared);
        true
    }
}

impl<R: Runtime> Future for Driver<R> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let _entered = this.span.clone().entered();
        loop {
            let Some(running) = &mut this.running else { return Poll::Ready(()) };
            ready!(running.poll(cx));
            running.dismiss();
            if this.end(false) {
                return Poll::Ready(());
            }
        }
    }
}

/// Nothing in it is pinned.
impl<R: Runtime> Unpin for Driver<R> {}

impl<R: Runtime> Drop for Driver<R> {
    fn drop(&mut self) {
        self.end(true);
    }
}

impl<R: Runtime> fmt::Debug for Driver<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").finish_non_exhaustive()
    }
}

struct Running<R: Runtime> {
    shared: Arc<Shared<R>>,
    machine: Box<Machine>,
    /// Empty but while they are carried out.
    commands: VecDeque<Command>,
    /// The store is asked where to go on from, and this is to be done then; until then no command is carried out.
    reading: Option<Connect>,
    /// The client was closed before, and will be connected again.
    waits: bool,
    waiting: HashMap<Ticket, oneshot::Sender<Reply>>,
    /// Those who want to know of the end.
    watchers: Vec<oneshot::Sender<()>>,
    socket: Option<(SocketId, Pipe<R::Stream>)>,
    tasks: Tasks<TaskKey, Done<R>>,
    /// The stream of agents' events, if one is to be open.
    listening: Option<Listening>,
    /// Until when each may take, the oldest first.
    goodbyes: VecDeque<(Duration, TaskKey)>,
    last_goodbye: u64,
    timer: R::Timer,
    /// When `timer` goes off. It may be too early, never too late.
    armed: Option<Duration>,
}

#[derive(Clone, Copy, PartialEq)]
enum TaskKey {
    LeftOff,
    Opening(SocketId),
    Exchange(RequestId),
    /// That of the stream of agents' events, which has one at a time.
    Agents,
    Goodbye(u64),
    /// That of an owner.
    Companion(u64),
}

/// What a task has brought.
enum Done<R: Runtime> {
    /// Where to go on from.
    LeftOff(Option<LeftOff>),
    Opened(SocketId, io::Result<R::Stream>),
    Exchanged(RequestId, Result<HttpResponse, HttpFailure>),
    AgentsEnded(u64, Result<(), HttpFailure>),
    SaidGoodbye,
    Accompanied,
}

impl<R: Runtime> Running<R> {
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
            let is_closed = self.machine.state() == State::Closed && !self.waits && self.reading.is_none();
            let is_over = is_closed && self.goodbyes.is_empty();
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
        turn.progress |= self.handle_timeout(now);
        turn.progress |= self.write(cx, now);
        while let Some(transmit) = self.machine.poll_transmit() {
            self.perform(now, transmit);
            turn.progress = true;
        }
        turn.progress |= self.drive_agents(cx, now);
        // before the replies, so that who gets one finds in the caches what it brought
        while let Some(news) = self.machine.poll_news() {
            self.shared.memory().learn(&news);
        }
        while let Some(reply) = self.machine.poll_reply() {
            if self.shared.note_own_id(self.machine.own_id()) {
                self.shared.load_outbox();
            }
            self.answer(reply);
        }
        turn.progress |= self.shared.inbox.fill(cx, &mut self.machine);
        turn
    }

    fn take_commands(&mut self, cx: &mut Context<'_>, now: Now) -> bool {
        let mut progress = false;
        self.shared.take_commands(cx, &mut self.commands);
        if self.reading.is_some() && self.commands.iter().any(Command::is_end) {
            // a store that hangs holds up no end
            self.stop_reading(now);
        }
        while self.reading.is_none() {
            let Some(command) = self.commands.pop_front() else { break };
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
                Command::Connect(connect) => self.connect(now, connect),
                Command::Close => {
                    self.waits = false;
                    self.machine.close(now);
                }
                Command::Accompany(accompanist) => self.accompany(&accompanist),
                Command::Listen(listening) => self.listen(now, listening),
                Command::Watch(watcher) => {
                    self.waits = false;
                    self.watchers.push(watcher);
                }
            }
            self.waits &= self.machine.state() == State::Closed;
        }
        progress
    }

    fn finish_tasks(&mut self, cx: &mut Context<'_>, now: Now) -> bool {
        let mut progress = false;
        while let Poll::Ready((key, done)) = self.tasks.poll_next(cx) {
            progress = true;
            match done {
                Done::LeftOff(left_off) => {
                    left_off.into_iter().for_each(|left_off| self.machine.set_left_off(left_off));
                    self.reading.take().into_iter().for_each(|connect| connect(&mut self.machine, now));
                }
                Done::Opened(socket, result) => self.on_opened(now, socket, result),
                Done::Exchanged(id, result) => self.machine.handle_http(now, id, result),
                Done::AgentsEnded(id, result) => self.on_agents_ended(now, id, result),
                Done::Accompanied => {}
                Done::SaidGoodbye => self.goodbyes.retain(|(_, goodbye)| *goodbye != key),
            }
        }
        progress
    }

    /// Where messages are stored it goes on from where the last connection, or the last process, left off. What the last
    /// connection has given may still be handled, and is not given again; only if it will not be, the store knows from where.
    fn connect(&mut self, now: Now, connect: Connect) {
        if self.machine.state() == State::Closed {
            self.begin_anew();
        }
        let is_anew = matches!(self.machine.state(), State::Disconnected | State::Closed);
        if !is_anew || self.shared.keeper.is_none() {
            return connect(&mut self.machine, now);
        }
        let has_abandoned = self.shared.take_abandoned();
        if let Some(left_off) = self.machine.left_off().filter(|_| !has_abandoned) {
            self.machine.set_left_off(left_off);
            return connect(&mut self.machine, now);
        }
        match self.shared.ask_left_off() {
            Some(asked) => {
                self.reading = Some(connect);
                self.tasks.insert(TaskKey::LeftOff, async move { Done::LeftOff(asked.await.ok().flatten()) });
            }
            None => connect(&mut self.machine, now),
        }
    }

    /// The client was closed, and goes on with the same driver as with another one.
    fn begin_anew(&mut self) {
        self.shared.tell_of_end(std::mem::take(&mut self.watchers));
        self.shared.load_outbox();
    }

    /// Nobody waits for the store any more. What it was asked is asked again the next time.
    fn stop_reading(&mut self, now: Now) {
        let Some(connect) = self.reading.take() else { return };
        self.tasks.remove(&TaskKey::LeftOff);
        self.shared.note_abandoned();
        // only to be closed: so everybody hears of it as of any other connection
        connect(&mut self.machine, now);
    }

    fn accompany(&mut self, accompanist: &Accompanist) {
        let key = TaskKey::Companion(accompanist.owner);
        if self.tasks.contains(&key) {
            return;
        }
        let Some(companion) = (accompanist.make)() else { return };
        self.tasks.insert(key, async move {
            companion.await;
            Done::Accompanied
        });
    }

    /// The client is closed: companions end, and what they have not handled is known before anybody connects anew.
    fn dismiss(&mut self) {
        self.tasks.remove_where(|key| matches!(key, TaskKey::Companion(_)));
    }

    fn on_opened(&mut self, now: Now, socket: SocketId, result: io::Result<R::Stream>) {
        match result {
            Ok(stream) => {
                self.socket = Some((socket, Pipe::new(stream)));
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
            Poll::Ready(Ok(may_be_more)) => {
                turn.progress = true;
                turn.read_much = may_be_more;
            }
            Poll::Ready(Err(end)) => {
                turn.progress = true;
                self.socket = None;
                self.machine.handle_socket_closed(now, id, end);
            }
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

    /// What the clock says, not the timer, which may go off too early.
    fn handle_timeout(&mut self, now: Now) -> bool {
        let mut progress = false;
        while self.goodbyes.front().is_some_and(|(until, _)| *until <= now.elapsed) {
            if let Some((_, goodbye)) = self.goodbyes.pop_front() {
                self.tasks.remove(&goodbye);
            }
            progress = true;
        }
        if self.machine.poll_timeout().is_some_and(|deadline| deadline.at <= now.elapsed) {
            self.machine.handle_timeout(now);
            progress = true;
        }
        progress
    }

    fn perform(&mut self, now: Now, transmit: Transmit) {
        let shared = &self.shared;
        match transmit {
            Transmit::OpenSocket { socket, host, port } => {
                let stream = Arc::clone(&shared.runtime).connect(Arc::clone(&shared.net), host, port);
                self.tasks.insert(TaskKey::Opening(socket), async move { Done::Opened(socket, stream.await) });
            }
            Transmit::CloseSocket { socket, last_words } => self.close_socket(now, socket, &last_words),
            Transmit::Http { id, request } => {
                let whole = Whole::new(request.max_response);
                let response = Arc::clone(&shared.runtime).exchange(Arc::clone(&shared.net), request, whole);
                self.tasks.insert(TaskKey::Exchange(id), async move {
                    Done::Exchanged(id, response.await.map(HttpResponse::from))
                });
            }
            Transmit::CancelHttp { id } => {
                self.tasks.remove(&TaskKey::Exchange(id));
            }
        }
    }

    fn close_socket(&mut self, now: Now, socket: SocketId, last_words: &[u8]) {
        self.tasks.remove(&TaskKey::Opening(socket));
        let Some((_, socket)) = self.socket.take_if(|(id, _)| *id == socket) else { return };
        let Some(goodbye) = socket.say_goodbye(last_words) else { return };
        self.last_goodbye += 1;
        let key = TaskKey::Goodbye(self.last_goodbye);
        self.goodbyes.push_back((now.elapsed + GOODBYE, key));
        self.tasks.insert(key, async move {
            goodbye.await;
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
        let deadline = self.machine.poll_timeout().map(|deadline| deadline.at);
        let goodbye = self.goodbyes.front().map(|(until, _)| *until);
        let agents = self.listening.as_ref().and_then(Listening::poll_timeout);
        let Some(deadline) = deadline.into_iter().chain(goodbye).chain(agents).min() else { return false };
        // one that no clock reaches is none
        let Some(at) = self.shared.origin().checked_add(deadline) else { return false };
        // a timer that is too early is left alone: moving it costs more than one wake-up in vain
        if self.armed.is_none_or(|armed| deadline < armed) {
            self.timer.set(at);
            self.armed = Some(deadline);
        }
        let is_over = self.timer.poll(cx).is_ready();
        if is_over {
            self.armed = None;
        }
        is_over
    }

    /// Closes, answers every call, and leaves the Machine in the link. Gives what is to be dropped outside of the lock.
    fn park(mut self, link: &mut Link) -> Leftovers<R> {
        let now = self.shared.now();
        let (mut replies, mut listening) = (Vec::new(), Vec::from_iter(self.listening.take()));
        let mut accompanists = Vec::new();
        self.stop_reading(now);
        if let Link::Driven(mailbox) = link {
            self.commands.append(&mut mailbox.commands);
        }
        while let Some(command) = self.commands.pop_front() {
            match command {
                Command::Submit(submission, waiter) => {
                    self.waiting.insert(submission.ticket(), waiter);
                    replies.push(submission.refuse(Error::unsent(ErrorKind::Closed)));
                }
                Command::Act(act) => act(&mut self.machine, now),
                Command::Watch(watcher) => self.watchers.push(watcher),
                Command::Listen(stream) => listening.push(stream),
                Command::Accompany(accompanist) => accompanists.push(accompanist),
                Command::Cancel(_) | Command::Connect(_) | Command::Close => {}
            }
        }
        self.machine.close(now);
        replies.extend(std::iter::from_fn(|| self.machine.poll_reply()));
        while self.machine.poll_transmit().is_some() {}
        let unclaimed = replies.into_iter().filter_map(|reply| {
            let waiter = self.waiting.remove(&reply.ticket())?;
            waiter.send(reply).err().map(oneshot::SendError::into_inner)
        });
        let replies = unclaimed.collect();
        let leftovers = Leftovers { replies, tasks: self.tasks, listening, accompanists, watchers: self.watchers };
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

fn is_told_nothing(link: &Link) -> bool {
    matches!(link, Link::Driven(mailbox) if mailbox.commands.is_empty())
}

/// What is dropped, and who is told, when a driver has ended.
struct Leftovers<R: Runtime> {
    replies: Vec<Reply>,
    tasks: Tasks<TaskKey, Done<R>>,
    listening: Vec<Listening>,
    accompanists: Vec<Accompanist>,
    watchers: Vec<oneshot::Sender<()>>,
}

impl<R: Runtime> Leftovers<R> {
    fn settle(self, shared: &Arc<Shared<R>>) {
        drop(self.replies);
        if shared.is_driven() {
            // a later driver, which may have begun before these left the outbox to it
            shared.load_outbox();
        }
        drop(self.tasks);
        drop(self.listening);
        drop(self.accompanists);
        shared.tell_of_end(self.watchers);
    }
}
