//! A bot in an event loop of its own: one thread, `mio`, no adapter. What an application with a loop already does the same
//! way: a game, a GUI, an epoll loop.
//!
//! The loop does four things, over and over: it takes what the Machine wants done, waits for the socket or the Machine's
//! deadline, tells the Machine what came, and looks at the events. TLS and the WebSocket are inside of the Machine: here
//! are bytes only.
//!
//! ```sh
//! cargo run --example own_loop        # in a sandbox that speaks TLS, with alice who says hello
//! ```

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::ToSocketAddrs as _;
use std::time::{Duration, Instant, SystemTime};

use mezon_protocol::call::{Call, Submission, Ticket};
use mezon_protocol::exchange::{HttpFailure, HttpRequest, HttpResponse};
use mezon_protocol::machine::{Machine, SocketEnd, SocketId, State, Transmit};
use mezon_protocol::object::Backend;
use mezon_protocol::{Event, Now};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

mod tls_town;

type AnyError = Box<dyn std::error::Error>;

const SOCKET: Token = Token(0);

fn main() -> Result<(), AnyError> {
    let town = tls_town::start()?;
    let start = Instant::now();
    let mut machine = Machine::new(town.config.clone(), 1, now(start))?;
    let mut own_loop = Loop { poll: Poll::new()?, socket: None, has_unread: false, start, http: town.http };
    let mut ready = Events::with_capacity(16);

    machine.connect(now(start));
    let mut has_answered = false;
    while machine.state() != State::Closed {
        own_loop.perform(&mut machine)?;
        let backend = Collected::default();
        while let Some(raw) = machine.poll_event() {
            match Event::decode(raw, &backend) {
                Ok(Event::Ready { .. }) => drop(town.sandbox.say(town.alice, town.general, "hello, loop")),
                Ok(Event::Message(message)) if !message.is_own() => {
                    println!("{} says {:?}", message.sender_name(), message.text());
                    message.reply("hello, alice");
                }
                Ok(_) | Err(_) => {}
            }
        }
        for submission in backend.0.take() {
            machine.submit(now(start), submission);
        }
        while let Some(reply) = machine.poll_reply() {
            println!("the call with ticket {:?} has ended", reply.ticket());
            has_answered = true;
        }
        if has_answered {
            machine.close(now(start));
            continue;
        }
        own_loop.write(&mut machine);
        let deadline = machine.poll_timeout().map(|deadline| deadline.at.saturating_sub(now(start).elapsed));
        // readiness is told once: what was left unread is read without being told again
        let timeout = if own_loop.has_unread { Some(Duration::ZERO) } else { deadline };
        own_loop.poll.poll(&mut ready, timeout)?;
        own_loop.read(&mut machine);
        machine.handle_timeout(now(start));
    }
    own_loop.perform(&mut machine)?;
    Ok(())
}

fn now(start: Instant) -> Now {
    let unix = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Now::new(start.elapsed(), unix)
}

struct Loop {
    poll: Poll,
    socket: Option<Socket>,
    /// The Machine wanted no more before all was read.
    has_unread: bool,
    start: Instant,
    http: ureq::Agent,
}

struct Socket {
    id: SocketId,
    stream: TcpStream,
    is_open: bool,
    /// What the Machine gave and the network has not taken yet.
    unsent: Vec<u8>,
}

impl Loop {
    /// Does what the Machine wants done.
    fn perform(&mut self, machine: &mut Machine) -> Result<(), AnyError> {
        while let Some(transmit) = machine.poll_transmit() {
            match transmit {
                Transmit::OpenSocket { socket, host, port } => self.open(machine, socket, &host, port)?,
                Transmit::CloseSocket { last_words, .. } => {
                    if let Some(mut socket) = self.socket.take() {
                        // as far as it goes at once: nobody waits for it
                        let _ = socket.stream.write(&last_words);
                    }
                }
                Transmit::Http { id, request } => {
                    // a loop that must not stop gives this to a thread, and takes the answer as it takes any input
                    let result = exchange(&self.http, request);
                    machine.handle_http(now(self.start), id, result);
                }
                Transmit::CancelHttp { .. } => {}
            }
        }
        Ok(())
    }

    fn open(&mut self, machine: &mut Machine, id: SocketId, host: &str, port: u16) -> Result<(), AnyError> {
        let address = (host, port).to_socket_addrs()?.find(std::net::SocketAddr::is_ipv4);
        let opened = address.ok_or_else(|| ErrorKind::AddrNotAvailable.into()).and_then(TcpStream::connect);
        match opened {
            Ok(mut stream) => {
                self.poll.registry().register(&mut stream, SOCKET, Interest::READABLE | Interest::WRITABLE)?;
                self.socket = Some(Socket { id, stream, is_open: false, unsent: Vec::new() });
            }
            Err(error) => {
                let end = SocketEnd::Unreachable(error.to_string());
                machine.handle_socket_closed(now(self.start), id, end);
            }
        }
        Ok(())
    }

    /// Writes what the Machine has, and asks for more only when that is written.
    fn write(&mut self, machine: &mut Machine) {
        let Some(socket) = self.socket.as_mut().filter(|socket| socket.is_open) else { return };
        loop {
            if socket.unsent.is_empty() {
                machine.poll_write(socket.id, &mut socket.unsent);
            }
            if socket.unsent.is_empty() {
                return;
            }
            match socket.stream.write(&socket.unsent) {
                Ok(written) => drop(socket.unsent.drain(..written)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => return self.end(machine, SocketEnd::Failed(error.to_string())),
            }
        }
    }

    fn read(&mut self, machine: &mut Machine) {
        let Some(socket) = &mut self.socket else { return };
        if !socket.is_open {
            match (socket.stream.take_error(), socket.stream.peer_addr()) {
                (Ok(None), Ok(_)) => {
                    socket.is_open = true;
                    machine.handle_socket_opened(now(self.start), socket.id);
                }
                (Ok(None), Err(error)) if error.kind() == ErrorKind::NotConnected => return,
                (Ok(Some(error)) | Err(error), _) | (_, Err(error)) => {
                    return self.end(machine, SocketEnd::Unreachable(error.to_string()));
                }
            }
        }
        let mut buffer = [0; 16 * 1024];
        self.has_unread = true;
        while machine.wants_read() {
            let Some(socket) = &mut self.socket else { break };
            match socket.stream.read(&mut buffer) {
                Ok(0) => return self.end(machine, SocketEnd::Eof),
                Ok(len) => machine.handle_bytes(now(self.start), socket.id, &buffer[..len]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.has_unread = false;
                    return;
                }
                Err(error) => return self.end(machine, SocketEnd::Failed(error.to_string())),
            }
        }
    }

    fn end(&mut self, machine: &mut Machine, end: SocketEnd) {
        self.has_unread = false;
        if let Some(socket) = self.socket.take() {
            machine.handle_socket_closed(now(self.start), socket.id, end);
        }
    }
}

fn exchange(agent: &ureq::Agent, request: HttpRequest) -> Result<HttpResponse, HttpFailure> {
    let mut outgoing = agent.post(&request.url);
    for (name, value) in &request.headers {
        outgoing = outgoing.header(*name, value.expose());
    }
    outgoing = outgoing.header("content-length", request.body.len());
    let mut response = outgoing.send(ureq::SendBody::from_reader(&mut request.body.reader())).map_err(failure)?;
    let limit = request.max_response as u64;
    let body = response.body_mut().with_config().limit(limit).read_to_vec().map_err(failure)?;
    Ok(HttpResponse { status: response.status().as_u16(), headers: Vec::new(), body: body.into() })
}

fn failure(error: ureq::Error) -> HttpFailure {
    let is_tls = |error: &std::io::Error| error.get_ref().is_some_and(|error| error.is::<rustls::Error>());
    match error {
        ureq::Error::Io(error) if is_tls(&error) => HttpFailure::Tls(error.to_string()),
        error => HttpFailure::Broken(error.to_string()),
    }
}

/// Calls of handles are collected here, and given to the Machine by the loop.
#[derive(Clone, Default)]
struct Collected(std::sync::Arc<Calls>);

#[derive(Default)]
struct Calls(std::sync::Mutex<Vec<Submission>>);

impl Calls {
    fn take(&self) -> Vec<Submission> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl Backend for Collected {
    /// Replies come out of the Machine, by their ticket.
    type Outcome<T: Send + 'static> = ();

    fn call<C: Call>(&self, call: C) {
        let mut calls = self.0.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let ticket = Ticket(calls.len() as u64);
        calls.push(Submission::new(ticket, call));
    }
}
