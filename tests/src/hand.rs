//! A Machine driven by hand: no network and no clock. What the server says is given to it as bytes of a WebSocket, so
//! that the codec is a part of what is tested; what it asks for is taken from it frame by frame.

use std::time::Duration;

use bytes::Bytes;
use mezon_protocol::call::Reply;
use mezon_protocol::exchange::{HttpRequest, HttpResponse};
use mezon_protocol::machine::{RequestId, SocketId, State, Transmit};
use mezon_protocol::object::{Backend, Bot};
use mezon_protocol::proto::api;
use mezon_protocol::transport::{Frame, Transport, WebSocket, WebSocketLimits};
use mezon_protocol::wire::{self, Encoder, chunks};
use mezon_protocol::{Config, Error, Machine, Now, RawEvent};
use prost::Message;

use crate::backend::{Called, Collector};

/// Who the client is, unless its configuration says otherwise: the bot of the recorded vectors.
pub const BOT: i64 = 1_840_000_000_000_000_001;

/// Its API key.
pub const API_KEY: &str = "test-bot-token";

/// The token that it gets by logging in.
pub const TOKEN: &str = "jwt";

/// The configuration of the client of the recorded vectors, without rate limits and without TLS.
pub fn config() -> Config {
    let config = Config::bot(BOT, API_KEY).expect("an integer is an id");
    config.host("127.0.0.1").port(7350).use_tls(false).without_rate_limits()
}

/// What the lists of a login hold.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    /// The clans.
    pub clans: Vec<i64>,
    /// The channels of direct and group messages.
    pub direct: Vec<api::ChannelDescription>,
}

impl Lists {
    /// The answer to a list that is asked for over HTTP.
    pub fn answer(&self, url: &str) -> Vec<u8> {
        if url.ends_with("/ListClanDescs") {
            let clandesc = self.clans.iter().map(|clan| api::ClanDesc { clan_id: *clan, ..Default::default() });
            return api::ClanDescList { clandesc: clandesc.collect() }.encode_to_vec();
        }
        api::ChannelDescList { channeldesc: self.direct.clone() }.encode_to_vec()
    }
}

/// A Machine, and what has come out of it.
pub struct Hand {
    /// The Machine itself.
    pub machine: Machine,
    /// The handshake of the last socket that was opened, as the client wrote it.
    pub upgrade: Vec<u8>,
    now: Now,
    backend: Collector,
    socket: Option<SocketId>,
    exchanges: Vec<(RequestId, HttpRequest)>,
    replies: Vec<Reply>,
}

impl Hand {
    /// A Machine that is not connected.
    ///
    /// # Panics
    ///
    /// When the configuration cannot work.
    pub fn new(config: Config) -> Self {
        let now = Now::new(Duration::ZERO, Duration::from_secs(1_767_225_600));
        let backend = Collector::remembering(config.cache);
        let machine = Machine::new(config, 1, now).expect("the configuration is right");
        Self { machine, upgrade: Vec::new(), now, backend, socket: None, exchanges: Vec::new(), replies: Vec::new() }
    }

    /// A Machine that is Ready, with its events taken.
    ///
    /// # Panics
    ///
    /// When it does not become Ready.
    pub fn ready(config: Config, lists: &Lists) -> Self {
        let mut hand = Self::new(config);
        hand.machine.connect(hand.now);
        hand.make_ready(lists);
        hand.events();
        hand
    }

    /// Answers what a connection that is being made asks for, and gives the frames and exchanges that it asked with.
    /// Time passes where nothing else happens.
    ///
    /// # Panics
    ///
    /// When it does not become Ready.
    pub fn make_ready(&mut self, lists: &Lists) -> (Vec<Bytes>, Vec<HttpRequest>) {
        let (mut asked, mut requested) = (Vec::new(), Vec::new());
        for _ in 0..1000 {
            let (frames, exchanges) = (self.frames(), self.exchanges());
            let is_quiet = frames.is_empty() && exchanges.is_empty();
            for frame in frames {
                self.receive(&bare(cid_of(&frame)));
                asked.push(frame);
            }
            for (id, request) in exchanges {
                self.respond(id, 200, answer_of(&request, lists));
                requested.push(request);
            }
            if is_quiet && self.machine.state() == State::Ready {
                return (asked, requested);
            }
            if is_quiet && !self.pass() {
                break;
            }
        }
        panic!("not Ready: {:?}", self.machine);
    }

    /// The handles; what they ask for is submitted by the next method of this value that drives the Machine.
    pub fn bot(&self) -> Bot<Collector> {
        Bot::new(self.backend.clone())
    }

    /// What runs the calls of the handles.
    pub fn backend(&self) -> Collector {
        self.backend.clone()
    }

    /// The socket that is open.
    pub fn socket(&self) -> Option<SocketId> {
        self.socket
    }

    /// The time.
    pub fn now(&self) -> Now {
        self.now
    }

    /// Lets time pass, up to and with the next deadline; false if there is none.
    pub fn pass(&mut self) -> bool {
        let Some(deadline) = self.machine.poll_timeout() else { return false };
        self.now = self.now + deadline.at.saturating_sub(self.now.elapsed);
        self.machine.handle_timeout(self.now);
        true
    }

    /// What the client sends, each frame as the envelope that it is.
    ///
    /// # Panics
    ///
    /// When it sends what only servers send.
    pub fn frames(&mut self) -> Vec<Bytes> {
        self.drain();
        let frames = std::iter::from_fn(|| self.machine.poll_frame()).map(|frame| match frame {
            Frame::Envelope(bytes) => bytes,
            Frame::Ping(cid) => Encoder::new().ping(cid),
            Frame::Api(_) | Frame::Pong(_) | Frame::Junk(_) => panic!("no request: {frame:?}"),
        });
        frames.collect()
    }

    /// The HTTP exchanges that the client asks for.
    pub fn exchanges(&mut self) -> Vec<(RequestId, HttpRequest)> {
        self.drain();
        std::mem::take(&mut self.exchanges)
    }

    /// Ends an HTTP exchange.
    pub fn respond(&mut self, id: RequestId, status: u16, body: impl Into<Bytes>) {
        let response = HttpResponse { status, headers: Vec::new(), body: body.into() };
        self.machine.handle_http(self.now, id, Ok(response));
        self.drain();
    }

    /// A frame comes in, as a binary message.
    pub fn receive(&mut self, frame: &[u8]) {
        self.receive_bytes(&message(0x2, frame));
    }

    /// A text message comes in.
    pub fn receive_text(&mut self, text: &str) {
        self.receive_bytes(&message(0x1, text.as_bytes()));
    }

    /// The server closes in good order.
    pub fn receive_close(&mut self, code: u16) {
        self.receive_bytes(&message(0x8, &code.to_be_bytes()));
    }

    /// An API answer comes in.
    pub fn receive_api(&mut self, cid: u16, code: u16, body: impl Into<Bytes>) {
        for chunk in chunks(cid, code, body.into()) {
            let mut frame = Vec::new();
            wire::raw::write(&chunk, &mut frame);
            self.receive(&frame);
        }
    }

    /// The events so far.
    pub fn events(&mut self) -> Vec<RawEvent> {
        self.drain();
        std::iter::from_fn(|| self.machine.poll_event()).collect()
    }

    /// The end of a call, if it has ended; given once.
    pub fn end<T>(&mut self, called: &Called<T>) -> Option<Result<T, Error>> {
        self.drain();
        let place = self.replies.iter().position(|reply| reply.ticket() == called.ticket)?;
        Some(called.output(self.replies.remove(place)))
    }

    fn receive_bytes(&mut self, bytes: &[u8]) {
        if let Some(socket) = self.socket {
            self.machine.handle_bytes(self.now, socket, bytes);
        }
        self.drain();
    }

    fn drain(&mut self) {
        for submission in self.backend.take() {
            self.machine.submit(self.now, submission);
        }
        while let Some(transmit) = self.machine.poll_transmit() {
            match transmit {
                Transmit::OpenSocket { socket, .. } => self.open(socket),
                Transmit::CloseSocket { socket, .. } => self.socket = self.socket.filter(|open| *open != socket),
                Transmit::Http { id, request } => self.exchanges.push((id, request)),
                Transmit::CancelHttp { id } => self.exchanges.retain(|(other, _)| *other != id),
            }
        }
        while let Some(news) = self.machine.poll_news() {
            self.backend.memory(|memory| memory.learn(&news));
        }
        self.replies.extend(std::iter::from_fn(|| self.machine.poll_reply()));
    }

    /// Opens a socket, and shakes hands by our own server's side.
    fn open(&mut self, socket: SocketId) {
        self.socket = Some(socket);
        self.machine.handle_socket_opened(self.now, socket);
        self.upgrade.clear();
        self.machine.poll_write(socket, &mut self.upgrade);
        let mut server = WebSocket::server(WebSocketLimits::default(), |_| Ok(()));
        server.receive(&self.upgrade);
        let mut answer = Vec::new();
        server.output(&mut answer);
        self.machine.handle_bytes(self.now, socket, &answer);
    }
}

/// An answer with nothing but a cid.
pub fn bare(cid: u16) -> Bytes {
    Encoder::new().bare(cid)
}

/// The cid of a frame that the client has sent.
///
/// # Panics
///
/// When there is none.
pub fn cid_of(frame: &[u8]) -> u16 {
    let scan = wire::scan(frame).expect("the client's own frame");
    u16::try_from(scan.cid).ok().filter(|cid| *cid != 0).expect("a request has a cid")
}

fn answer_of(request: &HttpRequest, lists: &Lists) -> Vec<u8> {
    if request.url.contains("/authenticate/") {
        return api::Session { token: TOKEN.into(), user_id: BOT, ..Default::default() }.encode_to_vec();
    }
    lists.answer(&request.url)
}

/// A message of a WebSocket as a server writes it: whole, and not masked.
pub fn message(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut message = vec![0x80 | opcode];
    if let Ok(len @ 0..126) = u8::try_from(payload.len()) {
        message.push(len);
    } else if let Ok(len) = u16::try_from(payload.len()) {
        message.push(126);
        message.extend(len.to_be_bytes());
    } else {
        message.push(127);
        message.extend((payload.len() as u64).to_be_bytes());
    }
    message.extend(payload);
    message
}
