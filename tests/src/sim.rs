//! A simulated network between a [`Machine`] and a [`World`], in virtual time.
//!
//! Bytes travel with a latency and are cut anywhere; sockets open, break and go silent; HTTP answers come late. All
//! chance comes from a seed, so a run that fails is repeated by its number.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use mezon_protocol::call::{Reply, Ticket};
use mezon_protocol::event::JoinTarget;
use mezon_protocol::exchange::{HttpFailure, HttpRequest, HttpResponse, Method};
use mezon_protocol::machine::{RequestId, SocketEnd, SocketId, State, Transmit};
use mezon_protocol::object::{Backend, Bot};
use mezon_protocol::transport::{
    Abridged, AbridgedLimits, Frame, Incoming, Refusal, Transport, WebSocket, WebSocketLimits,
};
use mezon_protocol::{Config, Error, Event, Machine, Now, RawEvent, TransportKind, UserId};
use mezon_sandbox::{Action, Answered, ConnId, World};

use crate::backend::{Called, Collector};
use crate::recording::{self, Recording};

/// 2026-01-01 00:00 UTC.
pub const EPOCH: Duration = Duration::from_secs(1_767_225_600);

const START: Now = Now::new(Duration::ZERO, EPOCH);

/// An event as the tests see it.
pub type SimEvent = Event<Collector>;

/// A bot, a Mezon, and the network between them.
pub struct Sim {
    /// The bot's protocol.
    pub machine: Machine,
    /// Where the bot's handles come from.
    pub bot: Bot<Collector>,
    /// The bot's own id.
    pub bot_id: UserId,
    /// What the bot has received, in order.
    pub events: Vec<SimEvent>,
    /// Whether events are taken from the Machine; false for a user who does not come round to it.
    pub takes_events: bool,
    /// One way through the network.
    pub latency: Duration,
    /// Whether a new TCP connection comes about.
    pub reachable: bool,
    /// HTTP requests that were made, by name, with their time.
    pub http_log: Vec<(Duration, String)>,
    /// Where sockets were opened.
    pub dialed: Vec<(String, u16)>,
    world: Arc<Mutex<World>>,
    transport: TransportKind,
    backend: Collector,
    now: Now,
    rng: fastrand::Rng,
    network: BTreeMap<(Duration, u64), Packet>,
    packets: u64,
    sockets: BTreeMap<SocketId, Socket>,
    /// What has arrived and is not read yet.
    unread: VecDeque<(SocketId, Vec<u8>)>,
    replies: BTreeMap<Ticket, Reply>,
    ended: BTreeSet<Ticket>,
}

/// Something on its way.
enum Packet {
    Opened(SocketId),
    Unreachable(SocketId),
    ToServer(SocketId, Vec<u8>),
    ToClient(SocketId, Vec<u8>),
    ServerEnd(SocketId),
    ClientEnd(SocketId),
    Request(RequestId, HttpRequest),
    Response(RequestId, Result<HttpResponse, HttpFailure>),
}

/// The server's side of a socket.
struct Socket {
    codec: Box<dyn Transport>,
    conn: Arc<Mutex<Option<ConnId>>>,
    /// When the last bytes sent will arrive, so that none overtakes another.
    busy_until: Duration,
}

impl Sim {
    /// A bot with this configuration, in this world, which must know it. The server speaks the transport that the bot is
    /// configured for.
    pub fn new(config: Config, world: World, seed: u64) -> Self {
        let machine = recording::machine(config.clone(), seed, START);
        Self::around(machine, &config, world, seed)
    }

    /// The same, with everything recorded.
    pub fn recorded(config: Config, world: World, seed: u64) -> (Self, Recording) {
        let recording = Recording::default();
        let machine = Machine::recorded(config.clone(), seed, START, recording.clone()).expect("a valid configuration");
        (Self::around(machine, &config, world, seed), recording)
    }

    fn around(machine: Machine, config: &Config, world: World, seed: u64) -> Self {
        let (bot_id, transport) = (config.account.id(), config.transport);
        let backend = Collector::remembering(config.cache);
        Self {
            machine,
            bot: Bot::new(backend.clone()),
            bot_id,
            events: Vec::new(),
            takes_events: true,
            latency: Duration::from_millis(5),
            reachable: true,
            http_log: Vec::new(),
            dialed: Vec::new(),
            world: Arc::new(Mutex::new(world)),
            transport,
            backend,
            now: START,
            rng: fastrand::Rng::with_seed(seed),
            network: BTreeMap::new(),
            packets: 0,
            sockets: BTreeMap::new(),
            unread: VecDeque::new(),
            replies: BTreeMap::new(),
            ended: BTreeSet::new(),
        }
    }

    /// The Mezon.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time.
    pub const fn now(&self) -> Now {
        self.now
    }

    /// Lets the world do something, and delivers what comes of it.
    pub fn act<T>(&mut self, act: impl FnOnce(&mut World, Now) -> T) -> T {
        let result = act(&mut self.world(), self.now);
        self.settle();
        result
    }

    /// Gives the Machine a command or input, and delivers what comes of it.
    pub fn tell<T>(&mut self, tell: impl FnOnce(&mut Machine, Now) -> T) -> T {
        let result = tell(&mut self.machine, self.now);
        self.settle();
        result
    }

    /// Connects and runs until Ready, for at most a minute.
    pub fn connect(&mut self) {
        self.tell(Machine::connect);
        let ready = self.run_until(Duration::from_secs(60), |sim| sim.machine.state() == State::Ready);
        assert!(ready, "not Ready within a minute, but {:?}; events: {:?}", self.machine.state(), self.events);
    }

    /// Runs a call to its end, for at most a minute.
    pub fn finish<T>(&mut self, called: Called<T>) -> Result<T, Error> {
        let ticket = called.ticket;
        self.settle();
        let ended = self.run_until(Duration::from_secs(60), |sim| sim.replies.contains_key(&ticket));
        assert!(ended, "the call has not ended within a minute");
        let reply = self.replies.remove(&ticket).expect("seen just now");
        called.output(reply)
    }

    /// True if the call has ended; its output stays to be taken.
    pub fn has_ended<T>(&self, called: &Called<T>) -> bool {
        self.replies.contains_key(&called.ticket)
    }

    /// Runs for this long.
    pub fn run_for(&mut self, time: Duration) {
        self.run_until(time, |_| false);
    }

    /// Runs until the condition holds; false if it does not within `limit`.
    pub fn run_until(&mut self, limit: Duration, condition: impl Fn(&Self) -> bool) -> bool {
        let end = self.now.elapsed + limit;
        self.settle();
        loop {
            if condition(self) {
                return true;
            }
            let next = self.next_time();
            if next.is_none_or(|next| next > end) {
                self.advance(end);
                return condition(self);
            }
            self.advance(next.unwrap_or(end));
            self.step();
        }
    }

    /// Everything that the bot has joined on its newest connection, as the server sees it.
    pub fn joined(&self) -> BTreeSet<JoinTarget> {
        let joins = self.world().joins(self.bot_id);
        let clans = joins.clans.into_iter().map(JoinTarget::Clan);
        clans.chain(joins.channels.into_iter().map(JoinTarget::Channel)).collect()
    }

    /// The process is killed, and another is started, which knows nothing. What was written still reaches the server.
    pub fn restart(&mut self, config: Config, seed: u64) {
        for packet in std::mem::take(&mut self.network).into_values() {
            match packet {
                Packet::ToServer(socket, bytes) => self.receive(socket, &bytes),
                Packet::Request(_, request) => drop(self.world().exchange(self.now, &(&request).into())),
                _ => {}
            }
        }
        for socket in std::mem::take(&mut self.sockets).into_values() {
            if let Some(conn) = *lock(&socket.conn) {
                self.world().disconnected(self.now, conn);
            }
        }
        self.network.clear();
        self.unread.clear();
        self.events.clear();
        self.forget_ended();
        self.backend = Collector::remembering(config.cache);
        self.bot = Bot::new(self.backend.clone());
        self.machine = recording::machine(config, seed, self.now);
    }

    /// Forgets which calls have ended, in runs so long that it matters.
    pub fn forget_ended(&mut self) {
        self.ended.clear();
        self.replies.clear();
        self.http_log.clear();
        self.dialed.clear();
    }

    /// The events since the last time that this was asked.
    pub fn take_events(&mut self) -> Vec<SimEvent> {
        std::mem::take(&mut self.events)
    }

    /// The socket that is open or being opened, as the client's side sees it.
    pub fn socket(&self) -> Option<SocketId> {
        self.sockets.keys().next_back().copied()
    }

    /// Gives the Machine bytes as if the server had sent them.
    pub fn inject(&mut self, bytes: &[u8]) {
        let Some(socket) = self.socket() else { return };
        self.tell(|machine, now| machine.handle_bytes(now, socket, bytes));
    }

    /// Sends an undecoded envelope to the bot, as the server would.
    pub fn push_frame(&mut self, bytes: impl Into<Bytes>) {
        let Some(socket) = self.socket() else { return };
        if let Some(server) = self.sockets.get_mut(&socket) {
            server.codec.send(Frame::Envelope(bytes.into())).expect("the socket is open");
        }
        self.flush_server(socket);
        self.settle();
    }

    fn advance(&mut self, to: Duration) {
        let by = to.saturating_sub(self.now.elapsed);
        self.now = self.now + by;
    }

    fn next_time(&self) -> Option<Duration> {
        let packet = self.network.keys().next().map(|(at, _)| *at);
        let machine = self.machine.poll_timeout().map(|deadline| deadline.at);
        let world = self.world().poll_timeout();
        [packet, machine, world].into_iter().flatten().min()
    }

    fn step(&mut self) {
        while let Some(entry) = self.network.first_entry() {
            if entry.key().0 > self.now.elapsed {
                break;
            }
            let packet = entry.remove();
            self.deliver(packet);
            self.settle();
        }
        let now = self.now;
        self.world().handle_timeout(now);
        if self.machine.poll_timeout().is_some_and(|deadline| deadline.at <= now.elapsed) {
            self.machine.handle_timeout(now);
        }
        self.settle();
    }

    fn deliver(&mut self, packet: Packet) {
        let now = self.now;
        match packet {
            Packet::Opened(socket) => self.machine.handle_socket_opened(now, socket),
            Packet::Unreachable(socket) => {
                self.machine.handle_socket_closed(now, socket, SocketEnd::Unreachable("refused".into()));
            }
            Packet::ToServer(socket, bytes) => self.receive(socket, &bytes),
            Packet::ToClient(socket, bytes) => self.unread.push_back((socket, bytes)),
            Packet::ServerEnd(socket) => {
                // the end of the stream is read after all that came before it
                for (of, bytes) in std::mem::take(&mut self.unread) {
                    self.give_in_pieces(of, &bytes);
                }
                self.sockets.remove(&socket);
                self.machine.handle_socket_closed(now, socket, SocketEnd::Eof);
            }
            Packet::ClientEnd(socket) => {
                let conn = self.sockets.remove(&socket).and_then(|server| *lock(&server.conn));
                if let Some(conn) = conn {
                    self.world().disconnected(now, conn);
                }
            }
            Packet::Request(id, request) => {
                if request.method == Method::Put && self.world().take_broken_put() {
                    let broken = Err(HttpFailure::broken("reset"));
                    return self.send(self.latency, Packet::Response(id, broken));
                }
                let answered = self.world().exchange(now, &(&request).into());
                let (result, after) = match answered {
                    Answered::Response { response, after } => (Ok(response), after),
                    Answered::Broken { after } => (Err(HttpFailure::broken("by the server")), after),
                    Answered::Never => return,
                };
                self.send(self.latency + after, Packet::Response(id, result));
            }
            Packet::Response(id, result) => self.machine.handle_http(now, id, result),
        }
    }

    /// Reads what has arrived, as far as the Machine wants it.
    fn read(&mut self) -> bool {
        if !self.machine.wants_read() {
            return false;
        }
        let Some((socket, bytes)) = self.unread.pop_front() else { return false };
        self.give_in_pieces(socket, &bytes);
        true
    }

    /// Cuts what the server sent anywhere.
    fn give_in_pieces(&mut self, socket: SocketId, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let len = if self.rng.u8(..4) == 0 { self.rng.usize(1..=rest.len()) } else { rest.len() };
            let (piece, after) = rest.split_at(len);
            self.machine.handle_bytes(self.now, socket, piece);
            rest = after;
        }
    }

    fn receive(&mut self, socket: SocketId, bytes: &[u8]) {
        let now = self.now;
        let Some(server) = self.sockets.get_mut(&socket) else { return };
        let conn = server.conn.clone();
        let mut arrived = Vec::new();
        let mut is_closed = false;
        server.codec.receive(bytes);
        while let Some(incoming) = server.codec.poll_incoming() {
            match incoming {
                Incoming::Open => {}
                Incoming::Frame(frame) => arrived.push(frame),
                Incoming::Closed(_) => is_closed = true,
            }
        }
        if let Some(conn) = *lock(&conn) {
            for frame in arrived {
                self.world().handle_frame(now, conn, frame);
            }
            if is_closed {
                self.world().disconnected(now, conn);
            }
        }
        self.flush_server(socket);
        if is_closed {
            self.send(self.latency, Packet::ServerEnd(socket));
        }
    }

    fn flush_server(&mut self, socket: SocketId) {
        let Some(server) = self.sockets.get_mut(&socket) else { return };
        let mut bytes = Vec::new();
        server.codec.output(&mut bytes);
        if !bytes.is_empty() {
            let at = (self.now.elapsed + self.latency).max(server.busy_until);
            server.busy_until = at;
            self.send_at(at, Packet::ToClient(socket, bytes));
        }
    }

    fn send(&mut self, after: Duration, packet: Packet) {
        self.send_at(self.now.elapsed + after, packet);
    }

    fn send_at(&mut self, at: Duration, packet: Packet) {
        self.packets += 1;
        self.network.insert((at, self.packets), packet);
    }

    /// Drains every output of both sides.
    fn settle(&mut self) {
        loop {
            let mut is_quiet = true;
            for submission in self.backend.take() {
                self.machine.submit(self.now, submission);
                is_quiet = false;
            }
            while let Some(transmit) = self.machine.poll_transmit() {
                self.transmit(transmit);
                is_quiet = false;
            }
            is_quiet &= !self.write();
            while let Some(news) = self.machine.poll_news() {
                self.backend.memory(|memory| memory.learn(&news));
            }
            while let Some(reply) = self.machine.poll_reply() {
                assert!(self.ended.insert(reply.ticket()), "a call has ended twice");
                self.replies.insert(reply.ticket(), reply);
                is_quiet = false;
            }
            is_quiet &= !self.read();
            is_quiet &= !self.take_from_machine();
            is_quiet &= !self.take_from_world();
            if is_quiet {
                return;
            }
        }
    }

    fn next_raw_event(&mut self) -> Option<RawEvent> {
        if self.takes_events { self.machine.poll_event() } else { None }
    }

    fn take_from_machine(&mut self) -> bool {
        let before = self.events.len();
        while let Some(raw) = self.next_raw_event() {
            match Event::decode(raw, &self.backend) {
                Ok(event) => self.events.push(event),
                Err(error) => panic!("the sandbox pushed what cannot be decoded: {error}"),
            }
        }
        self.events.len() > before
    }

    fn write(&mut self) -> bool {
        let Some(socket) = self.socket() else { return false };
        let mut bytes = Vec::new();
        self.machine.poll_write(socket, &mut bytes);
        if bytes.is_empty() {
            return false;
        }
        self.send(self.latency, Packet::ToServer(socket, bytes));
        true
    }

    fn transmit(&mut self, transmit: Transmit) {
        match transmit {
            Transmit::OpenSocket { socket, host, port } => {
                self.dialed.push((host, port));
                if self.reachable {
                    self.open(socket);
                } else {
                    self.send(self.latency, Packet::Unreachable(socket));
                }
            }
            Transmit::CloseSocket { socket, last_words } => {
                if !last_words.is_empty() {
                    self.send(self.latency, Packet::ToServer(socket, last_words));
                }
                self.send(self.latency, Packet::ClientEnd(socket));
            }
            Transmit::Http { id, request } => {
                let name = request.url.rsplit('/').next().unwrap_or_default().to_owned();
                self.http_log.push((self.now.elapsed, name));
                self.send(self.latency, Packet::Request(id, request));
            }
            Transmit::CancelHttp { .. } => {}
        }
    }

    fn open(&mut self, socket: SocketId) {
        let conn = Arc::new(Mutex::new(None));
        let (world, slot, now) = (self.world.clone(), conn.clone(), self.now);
        let admit = move |connect: &dyn Fn(&mut World) -> Result<ConnId, u16>| -> Result<(), Refusal> {
            let admitted = connect(&mut lock(&world))?;
            *lock(&slot) = Some(admitted);
            Ok(())
        };
        let codec: Box<dyn Transport> = match self.transport {
            TransportKind::WebSocket => {
                let decide = move |target: &str| admit(&|world| world.connect(now, target));
                Box::new(WebSocket::server(WebSocketLimits::default(), decide))
            }
            TransportKind::Tcp => {
                let limits = AbridgedLimits { outgoing: 64 << 20, ..AbridgedLimits::default() };
                let decide = move |token: &str| admit(&|world| world.connect_with_token(now, token));
                Box::new(Abridged::server(limits, decide))
            }
        };
        self.sockets.insert(socket, Socket { codec, conn, busy_until: Duration::ZERO });
        self.send(self.latency, Packet::Opened(socket));
    }

    fn take_from_world(&mut self) -> bool {
        let mut took = false;
        loop {
            let Some(outgoing) = self.world().poll_transmit() else { return took };
            took = true;
            let found = self.sockets.iter().find(|(_, server)| *lock(&server.conn) == Some(outgoing.conn));
            let Some(socket) = found.map(|(socket, _)| *socket) else { continue };
            let Some(server) = self.sockets.get_mut(&socket) else { continue };
            match outgoing.action {
                Action::Frame(frame) => {
                    let _ = server.codec.send(frame);
                    self.flush_server(socket);
                }
                Action::Piece(_) => {}
                Action::Close { .. } => {
                    server.codec.close();
                    self.flush_server(socket);
                    self.send(self.latency, Packet::ServerEnd(socket));
                }
                Action::Abort => self.send(self.latency, Packet::ServerEnd(socket)),
            }
        }
    }

    /// Makes every HTTP exchange under way break off.
    pub fn break_http(&mut self) {
        let broken: Vec<_> = self
            .network
            .iter()
            .filter_map(|(key, packet)| match packet {
                Packet::Request(id, _) | Packet::Response(id, _) => Some((*key, *id)),
                _ => None,
            })
            .collect();
        for (key, id) in broken {
            self.network.remove(&key);
            self.machine.handle_http(self.now, id, Err(HttpFailure::Broken("reset".into())));
        }
        self.settle();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
