//! The driver: a thread that owns the Machine and the socket, and moves bytes between them.
//!
//! A turn takes what there is of every input, drains the outputs, and reads at most one buffer; turns follow each other
//! until nothing happens any more, then it waits in the poller. What may take time (looking up a name and opening a
//! connection, an HTTP exchange) runs on threads of its own, so that the socket never waits for it.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use mezon_protocol::call::{Reply, Ticket};
use mezon_protocol::exchange::{HttpFailure, HttpRequest};
use mezon_protocol::machine::{RequestId, SocketEnd, SocketId, State, Transmit};
use mezon_protocol::{Machine, Now};
use mio::{Poll, Token};

use crate::handle::{Command, Door, Link, Shared};
use crate::http;
use crate::net::Line;
use crate::pool::Pool;
use crate::socket::{Goodbye, Socket};

/// HTTP exchanges at a time; the others wait.
const EXCHANGES: usize = 4;

/// Connections being opened at a time: the one that is wanted, and one that the system does not let go of.
const OPENINGS: usize = 2;

/// How long the end waits for exchanges to notice that their line was cut.
const FAREWELL: Duration = Duration::from_secs(1);

const WAKER: Token = Token(0);

/// A thread that waits for its Machine.
pub(crate) struct Start(SyncSender<Box<Machine>>, Box<Machine>);

impl Start {
    /// The driver begins, with what it was told since.
    pub(crate) fn go(self) {
        // the thread waits for it
        let _ = self.0.send(self.1);
    }
}

/// Starts a thread for a parked Machine, which gets its commands there from now on. None if a driver has it already.
pub(crate) fn start(shared: &Arc<Shared>) -> io::Result<Option<Start>> {
    let mut thread = shared.thread();
    if let Link::Driven(_) = *shared.link() {
        return Ok(None);
    }
    if let Some(ended) = thread.take() {
        // it has told already why it panicked, if it did
        let _ = ended.join();
    }
    let poll = Poll::new()?;
    let (commands, receiver) = mpsc::channel();
    let door = Door::new(commands, mio::Waker::new(poll.registry(), WAKER)?);
    let (sender, machine) = mpsc::sync_channel(1);
    let (served, inner_door) = (Arc::clone(shared), door.clone());
    let run = move || {
        let _stop = StopInbox(Arc::clone(&served));
        served.drive_here();
        if let Ok(machine) = machine.recv() {
            let _entered = tracing::info_span!("mezon").entered();
            Box::new(Driver::new(served, machine, inner_door, receiver, poll)).run();
        }
    };
    *thread = Some(thread::Builder::new().name("mezon".to_owned()).spawn(run)?);
    let mut link = shared.link();
    match std::mem::replace(&mut *link, Link::Driven(door)) {
        Link::Parked(machine) => {
            shared.inbox.start();
            Ok(Some(Start(sender, machine)))
        }
        // not while we hold the thread
        driven @ Link::Driven(_) => {
            *link = driven;
            Ok(None)
        }
    }
}

/// Ends the events however the driver's thread ends.
struct StopInbox(Arc<Shared>);

impl Drop for StopInbox {
    fn drop(&mut self) {
        self.0.inbox.stop(std::iter::empty());
    }
}

struct Driver {
    shared: Arc<Shared>,
    machine: Box<Machine>,
    door: Door,
    commands: Receiver<Command>,
    waiting: HashMap<Ticket, SyncSender<Reply>>,
    poll: Poll,
    happened: mio::Events,
    last_token: usize,
    socket: Option<(SocketId, Socket)>,
    opening: Option<(SocketId, Arc<Line>)>,
    exchanges: HashMap<RequestId, Arc<Line>>,
    goodbyes: Vec<Goodbye>,
    openers: Pool,
    exchangers: Pool,
}

impl Driver {
    fn new(shared: Arc<Shared>, machine: Box<Machine>, door: Door, commands: Receiver<Command>, poll: Poll) -> Self {
        Self {
            shared,
            machine,
            door,
            commands,
            waiting: HashMap::new(),
            poll,
            happened: mio::Events::with_capacity(16),
            last_token: WAKER.0,
            socket: None,
            opening: None,
            exchanges: HashMap::new(),
            goodbyes: Vec::new(),
            openers: Pool::new("mezon-connect", OPENINGS),
            exchangers: Pool::new("mezon-http", EXCHANGES),
        }
    }

    /// Until the client is closed and everything has been said.
    fn run(mut self: Box<Self>) {
        loop {
            while self.turn() {}
            let is_over = self.machine.state() == State::Closed && self.goodbyes.is_empty();
            if is_over {
                self = match self.park() {
                    Ok(leftovers) => return leftovers.close(),
                    Err(driver) => driver,
                };
            } else if let Err(error) = self.wait() {
                tracing::error!(%error, "the poller failed");
                self.goodbyes.clear();
                self.machine.close(self.shared.now());
            }
        }
    }

    /// Says whether there may be more to do.
    fn turn(&mut self) -> bool {
        let now = self.shared.now();
        let mut progress = self.take_commands(now);
        progress |= self.read(now);
        if self.machine.poll_timeout().is_some_and(|deadline| deadline.at <= now.elapsed) {
            self.machine.handle_timeout(now);
            progress = true;
        }
        progress |= self.write(now);
        while let Some(transmit) = self.machine.poll_transmit() {
            self.perform(now, transmit);
            progress = true;
        }
        self.goodbyes.retain_mut(|goodbye| !goodbye.advance());
        while let Some(news) = self.machine.poll_news() {
            self.shared.memory().learn(&news);
        }
        while let Some(reply) = self.machine.poll_reply() {
            self.answer(reply);
        }
        progress | self.shared.inbox.fill(&mut self.machine, &self.door)
    }

    fn take_commands(&mut self, now: Now) -> bool {
        self.door.answer();
        let mut progress = false;
        while let Ok(command) = self.commands.try_recv() {
            self.take_command(now, command);
            progress = true;
        }
        progress
    }

    fn take_command(&mut self, now: Now, command: Command) {
        match command {
            Command::Submit(submission, reply) => {
                self.waiting.insert(submission.ticket(), reply);
                self.machine.submit(now, submission);
            }
            Command::Act(act) => act(&mut self.machine, now),
            Command::Opened(socket, result) => self.on_opened(now, socket, result),
            Command::Exchanged(id, result) => {
                self.exchanges.remove(&id);
                self.machine.handle_http(now, id, result);
            }
        }
    }

    fn on_opened(&mut self, now: Now, socket: SocketId, result: io::Result<std::net::TcpStream>) {
        // one that was let go may have been opened before it heard so
        if self.opening.take_if(|(id, _)| *id == socket).is_none() {
            return;
        }
        self.last_token += 1;
        let token = Token(self.last_token);
        match result.and_then(|stream| Socket::new(stream, token, self.poll.registry())) {
            Ok(stream) => {
                self.socket = Some((socket, stream));
                self.machine.handle_socket_opened(now, socket);
            }
            Err(error) => self.machine.handle_socket_closed(now, socket, SocketEnd::Unreachable(error.to_string())),
        }
    }

    fn read(&mut self, now: Now) -> bool {
        let Some((id, socket)) = &mut self.socket else { return false };
        if !self.machine.wants_read() {
            return false;
        }
        let (id, machine) = (*id, &mut self.machine);
        let result = socket.read(|bytes| machine.handle_bytes(now, id, bytes));
        result.unwrap_or_else(|end| self.on_socket_ended(now, end))
    }

    fn write(&mut self, now: Now) -> bool {
        let Some((id, socket)) = &mut self.socket else { return false };
        let (id, machine) = (*id, &mut self.machine);
        let result = socket.write(|out| machine.poll_write(id, out));
        result.unwrap_or_else(|end| self.on_socket_ended(now, end))
    }

    fn on_socket_ended(&mut self, now: Now, end: SocketEnd) -> bool {
        if let Some((id, _)) = self.socket.take() {
            self.machine.handle_socket_closed(now, id, end);
        }
        true
    }

    fn perform(&mut self, now: Now, transmit: Transmit) {
        match transmit {
            Transmit::OpenSocket { socket, host, port } => self.open_socket(now, socket, host, port),
            Transmit::CloseSocket { socket, last_words } => self.close_socket(socket, &last_words),
            Transmit::Http { id, request } => self.exchange(now, id, request),
            Transmit::CancelHttp { id } => {
                if let Some(line) = self.exchanges.remove(&id) {
                    line.cut();
                }
            }
        }
    }

    fn open_socket(&mut self, now: Now, socket: SocketId, host: String, port: u16) {
        let line = Arc::new(Line::default());
        self.opening = Some((socket, Arc::clone(&line)));
        let (net, door) = (Arc::clone(&self.shared.net), self.door.clone());
        let open = move || {
            let result = net.connect(&host, port, &line);
            line.release();
            door.send(Command::Opened(socket, result));
        };
        if let Err(error) = self.openers.run(Box::new(open)) {
            self.on_opened(now, socket, Err(error));
        }
    }

    fn exchange(&mut self, now: Now, id: RequestId, request: HttpRequest) {
        let line = Arc::new(Line::default());
        self.exchanges.insert(id, Arc::clone(&line));
        let (net, door) = (Arc::clone(&self.shared.net), self.door.clone());
        let exchange = move || door.send(Command::Exchanged(id, http::perform(&net, &line, request)));
        if let Err(error) = self.exchangers.run(Box::new(exchange)) {
            self.exchanges.remove(&id);
            self.machine.handle_http(now, id, Err(HttpFailure::Connect(error.to_string())));
        }
    }

    fn close_socket(&mut self, socket: SocketId, last_words: &[u8]) {
        if let Some((_, line)) = self.opening.take_if(|(id, _)| *id == socket) {
            line.cut();
        }
        if let Some((_, socket)) = self.socket.take_if(|(id, _)| *id == socket) {
            self.goodbyes.extend(socket.into_goodbye(last_words));
        }
    }

    fn answer(&mut self, reply: Reply) {
        if let Some(caller) = self.waiting.remove(&reply.ticket()) {
            // it waits, and there is room for one
            let _ = caller.send(reply);
        }
    }

    /// Sleeps until something happens or the time has come.
    fn wait(&mut self) -> io::Result<()> {
        let elapsed = self.shared.now().elapsed;
        let deadline = self.machine.poll_timeout().map(|deadline| deadline.at.saturating_sub(elapsed));
        let goodbyes = self.goodbyes.iter().map(|goodbye| goodbye.until.saturating_duration_since(Instant::now()));
        let timeout = goodbyes.chain(deadline).min();
        match self.poll.poll(&mut self.happened, timeout) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            Err(error) => return Err(error),
        }
        let sockets = self.goodbyes.iter_mut().map(|goodbye| &mut goodbye.socket);
        for socket in sockets.chain(self.socket.as_mut().map(|(_, socket)| socket)) {
            if self.happened.is_empty() && timeout.is_some_and(|timeout| timeout > Duration::ZERO) {
                socket.on_idle();
            }
            let token = socket.token();
            for event in self.happened.iter().filter(|event| event.token() == token) {
                socket.on_event(event);
            }
        }
        Ok(())
    }

    /// Leaves the Machine to whoever comes next; gives itself back when there was a command left.
    fn park(mut self: Box<Self>) -> Result<Leftovers, Box<Self>> {
        let shared = Arc::clone(&self.shared);
        let mut link = shared.link();
        if let Ok(command) = self.commands.try_recv() {
            drop(link);
            self.take_command(shared.now(), command);
            return Err(self);
        }
        let Self { mut machine, opening, exchanges, openers, exchangers, .. } = *self;
        shared.inbox.stop(std::iter::from_fn(|| machine.poll_event()));
        *link = Link::Parked(machine);
        let lines = exchanges.into_values().chain(opening.map(|(_, line)| line)).collect();
        Ok(Leftovers { lines, pools: [openers, exchangers] })
    }
}

/// What still runs when a driver has ended.
struct Leftovers {
    lines: Vec<Arc<Line>>,
    pools: [Pool; 2],
}

impl Leftovers {
    fn close(self) {
        for line in self.lines {
            line.cut();
        }
        let until = Instant::now() + FAREWELL;
        for pool in self.pools {
            pool.close(until);
        }
    }
}
