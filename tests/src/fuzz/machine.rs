//! The Machine as a whole, driven by any sequence of inputs. Whatever happens: each call ends at most once, and not
//! after it was cancelled; what is held stays within its bounds; time never stands still; and in the end everything can
//! be closed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use mezon_protocol::api::{Api, ListClanDescs};
use mezon_protocol::call::{
    Call, DeleteMessage, Destination, EditMessage, EditTarget, Ephemeral, EphemeralAction, FlushEdits, JoinChannel,
    LeaveChannel, ListChannels, OnRoute, Queued, React, Reply, SendDirect, SendMessage, SendOnce, SetEdit, Submission,
    Ticket, Typing, Via, WaitReady, WhenFull,
};
use mezon_protocol::exchange::{HttpFailure, HttpResponse};
use mezon_protocol::machine::{InboxLimits, RequestId, SocketEnd, SocketId, State, Transmit};
use mezon_protocol::route::{Mode, Route};
use mezon_protocol::store::OutboxItem;
use mezon_protocol::transport::{ApiChunk, Closed, Frame, Incoming, Junk};
use mezon_protocol::{
    ChannelId, ClanId, Config, EmojiId, ErrorKind, Event, Machine, MessageId, Now, RawEvent, TopicId, UserId,
};

use super::Input;
use crate::backend::Collector;
use crate::hand::{self, Hand, Lists, cid_of};

/// Small, so that the bounds are met.
const MAX_PENDING: usize = 16;
const MAX_QUEUED: usize = 4;
const MAX_EDITED: usize = 4;
const INBOX: InboxLimits = InboxLimits { pause_at_events: 8, pause_at_bytes: 4096, drop_at_bytes: 16384, ..DEFAULT };
const DEFAULT: InboxLimits = InboxLimits {
    pause_at_events: 0,
    pause_at_bytes: 0,
    drop_at_bytes: 0,
    on_full: mezon_protocol::machine::OnFull::Pause,
};

/// How often a deadline may be due again at the moment at which it was handled.
const MAX_IDLE_TURNS: u32 = 64;

/// Takes a program of one-byte instructions with their arguments; see `World::step`. The first byte chooses the
/// configuration, and whether the Machine is Ready at the beginning.
pub fn machine(data: &[u8]) {
    let mut input = Input(data);
    let mut world = World::new(input.byte());
    while !input.is_empty() {
        world.step(&mut input);
        world.drain();
    }
    world.finish();
}

struct World {
    machine: Machine,
    now: Now,
    /// All sockets there ever were, the latest last: what an old one still delivers must reach nobody.
    sockets: Vec<SocketId>,
    open: BTreeSet<SocketId>,
    exchanges: Vec<RequestId>,
    /// Calls that have not ended, and what tells whether their output is there.
    pending: BTreeMap<Ticket, fn(Reply) -> bool>,
    cancelled: BTreeSet<Ticket>,
    last_ticket: u64,
    /// The cids of requests that were sent, the latest last.
    cids: Vec<u16>,
    /// A shutdown was asked for, and no connection since.
    draining: bool,
    /// Edits were set, which the Machine makes by itself.
    edited: bool,
    /// Bytes given to the Machine so far: what it holds must come from somewhere.
    given: usize,
}

impl World {
    fn new(flags: u8) -> Self {
        let config = config(flags);
        let hand = if flags & 1 == 0 {
            Hand::ready(config, &Lists { clans: vec![7, 8], ..Lists::default() })
        } else {
            Hand::new(config)
        };
        Self {
            now: hand.now(),
            sockets: hand.socket().into_iter().collect(),
            open: hand.socket().into_iter().collect(),
            machine: hand.machine,
            exchanges: Vec::new(),
            pending: BTreeMap::new(),
            cancelled: BTreeSet::new(),
            last_ticket: 0,
            cids: Vec::new(),
            draining: false,
            edited: false,
            given: 0,
        }
    }

    fn step(&mut self, input: &mut Input<'_>) {
        let now = self.now;
        match input.byte() % 24 {
            0 => {
                let frame = self.given(input.block());
                self.incoming(Frame::Envelope(frame));
            }
            1 => {
                // an answer to a request that was made: a cid that counts, whatever is around it
                let (cid, member) = (self.cid(input), self.given(input.block()));
                let frame = [&hand::bare(cid)[..], &member].concat();
                self.incoming(Frame::Envelope(frame.into()));
            }
            2 => {
                let (cid, flags) = (self.cid(input), input.byte());
                let code = if flags & 2 == 0 { 0 } else { input.word() };
                let chunk = ApiChunk { cid, code, fin: flags & 1 == 0, payload: self.given(input.block()) };
                self.incoming(Frame::Api(chunk));
            }
            3 => {
                let cid = self.cid(input);
                self.incoming(Frame::Pong(cid));
            }
            4 => self.incoming(Frame::Ping(input.word())),
            5 => self.incoming(Frame::Junk(Junk::Text)),
            6 => {
                let bytes = self.given(input.block());
                if let Some(socket) = self.socket(input) {
                    self.machine.handle_bytes(now, socket, &bytes);
                }
            }
            7 => {
                let end = match input.byte() % 3 {
                    0 => SocketEnd::Eof,
                    1 => SocketEnd::Failed(String::new()),
                    _ => SocketEnd::Unreachable(String::new()),
                };
                if let Some(socket) = self.socket(input) {
                    self.open.remove(&socket);
                    self.machine.handle_socket_closed(now, socket, end);
                }
            }
            8 => {
                if let Some(socket) = self.socket(input) {
                    self.machine.handle_socket_opened(now, socket);
                }
            }
            9 => {
                if let Some(socket) = self.socket(input) {
                    self.machine.handle_incoming(now, socket, Incoming::Open);
                }
            }
            10 => {
                let closed = match input.byte() % 4 {
                    0 => Closed::Peer { code: Some(input.word()) },
                    1 => Closed::Status { status: input.word(), retry_after: Some(input.byte().into()) },
                    2 => Closed::Tls(String::new()),
                    _ => Closed::Protocol(String::new()),
                };
                if let Some(socket) = self.socket(input) {
                    self.machine.handle_incoming(now, socket, Incoming::Closed(closed));
                }
            }
            11 => self.respond(input),
            12 => {
                self.now = now + Duration::from_millis(u64::from(input.word()) * 10);
                self.machine.handle_timeout(self.now);
            }
            13 => self.pass(),
            14 | 15 => self.submit(input),
            16 => {
                let tickets: Vec<_> = self.pending.keys().copied().collect();
                if let Some(ticket) = pick(&tickets, input) {
                    self.pending.remove(&ticket);
                    self.cancelled.insert(ticket);
                    self.machine.cancel(now, ticket);
                }
            }
            17 => self.take_events(input.byte().into()),
            18 => self.take_frames(input.byte().into()),
            19 => {
                if let Some(socket) = self.socket(input) {
                    let mut out = Vec::new();
                    self.machine.poll_write(socket, &mut out);
                }
            }
            20 => {
                self.draining &= !self.is_down();
                self.machine.connect(now);
            }
            21 => {
                self.draining &= !self.is_down();
                self.machine.reconnect(now);
            }
            22 => self.machine.close(now),
            _ => {
                self.draining = true;
                self.machine.shutdown(now, Duration::from_millis(input.word().into()));
            }
        }
    }

    fn is_down(&self) -> bool {
        matches!(self.machine.state(), State::Disconnected | State::Closed)
    }

    fn incoming(&mut self, frame: Frame) {
        if let Some(socket) = self.sockets.last().copied() {
            self.machine.handle_incoming(self.now, socket, Incoming::Frame(frame));
        }
    }

    fn respond(&mut self, input: &mut Input<'_>) {
        let (kind, status) = (input.byte(), input.word());
        let result = match kind % 8 {
            0 => Err(HttpFailure::Connect(String::new())),
            1 => Err(HttpFailure::Broken(String::new())),
            2 => Err(HttpFailure::TooLarge),
            3 => Ok((status, Vec::new())),
            4 => Ok((status, vec![("retry-after".to_owned(), input.byte().to_string())])),
            _ => Ok((200, Vec::new())),
        };
        let body = self.given(input.block());
        let result = result.map(|(status, headers)| HttpResponse { status, headers, body });
        if let Some(id) = pick(&self.exchanges, input) {
            self.exchanges.retain(|other| *other != id);
            self.machine.handle_http(self.now, id, result);
        }
    }

    fn submit(&mut self, input: &mut Input<'_>) {
        let (kind, via) = (input.byte(), input.byte());
        let mode = Mode([2, 3, 4, 6, 0][usize::from(via % 5)]);
        let channel = ChannelId::new(input.byte().into());
        let route = Route::of_message(channel, ClanId::new(7), mode, via & 8 == 0);
        let user = UserId::new(input.byte().into());
        let message = mezon_protocol::call::MessageAddress {
            route,
            message_id: MessageId::new(9),
            topic_id: TopicId::NONE,
            sender_id: user,
            created_at: 0,
        };
        let is_once = via & 16 != 0;
        let via = [Via::Auto, Via::Socket, Via::Http][usize::from(via % 3)];
        match kind % 18 {
            0 => self.begin(SendMessage::new(route, "hi")),
            1 => self.begin(SendDirect::new(user, "hi")),
            2 => self.begin(Typing(route)),
            3 => self.begin(JoinChannel(route)),
            4 => self.begin(LeaveChannel(route)),
            5 => self.begin(ListChannels(ClanId::new(7))),
            6 => self.begin(Api::<ListClanDescs>::new(Default::default()).via(via)),
            7 => self.begin(WaitReady),
            8 => self.begin(OnRoute::new(channel, |route| SendMessage::new(route, "hi"))),
            9 => self.begin(Ephemeral::new(route, [user], EphemeralAction::Send, "hi")),
            10 => self.begin(React { message, emoji_id: EmojiId::NONE, emoji: ":a:".into(), count: 1, remove: false }),
            11 => self.begin(EditMessage {
                message,
                content: "hi".into(),
                kept_mentions: Vec::new(),
                kept_attachments: Vec::new(),
            }),
            12 => self.begin(DeleteMessage { message, has_attachment: false }),
            13 => self.begin(mezon_protocol::call::Authenticate),
            14 | 15 if is_once => {
                let to = if kind % 2 == 0 { Destination::Channel(channel, None) } else { Destination::User(user) };
                self.send_once(to, Duration::from_secs(input.byte().into()));
            }
            14 => {
                let within = Duration::from_secs(input.byte().into());
                self.begin(Queued::in_channel(channel, (user.get() < 128).then_some(route), "hi").within(within));
            }
            15 => self.begin(Queued::to_user(user, "hi")),
            16 => {
                self.edited = true;
                let target = EditTarget::by_id(channel, MessageId::new(user.get() % 8));
                self.begin(SetEdit { target, content: "hi".into(), gap: Duration::from_millis(input.byte().into()) });
            }
            _ => self.begin(FlushEdits::new(MessageId::new(user.get() % 8))),
        }
    }

    fn send_once(&mut self, to: Destination, within: Duration) {
        let (account, now) = (UserId::new(1), self.now.unix);
        let item = OutboxItem::new(account, "key".into(), to, "hi".into(), None, now, within).expect("a good key");
        let call = SendOnce::new(item);
        self.begin(if within.as_secs() % 2 == 0 { call } else { call.again(Arc::new([])) });
    }

    fn begin<C: Call>(&mut self, call: C) {
        self.last_ticket += 1;
        let ticket = Ticket(self.last_ticket);
        self.pending.insert(ticket, |reply| reply.take::<C>().is_some());
        self.machine.submit(self.now, Submission::new(ticket, call));
    }

    fn given(&mut self, bytes: &[u8]) -> Bytes {
        self.given += bytes.len();
        Bytes::copy_from_slice(bytes)
    }

    /// A cid that was given out lately, or any.
    fn cid(&self, input: &mut Input<'_>) -> u16 {
        let back = usize::from(input.byte());
        match self.cids.len().checked_sub(back + 1) {
            Some(place) => self.cids[place],
            None => input.word(),
        }
    }

    /// A socket, in most cases the latest.
    fn socket(&self, input: &mut Input<'_>) -> Option<SocketId> {
        let back = usize::from(input.byte() % 4);
        self.sockets.iter().rev().nth(back).or(self.sockets.last()).copied()
    }

    /// Goes to the next deadline.
    fn pass(&mut self) {
        if let Some(deadline) = self.machine.poll_timeout() {
            self.now = self.now + deadline.at.saturating_sub(self.now.elapsed);
            self.machine.handle_timeout(self.now);
        }
    }

    fn take_frames(&mut self, count: usize) {
        for _ in 0..count {
            match self.machine.poll_frame() {
                Some(Frame::Envelope(frame)) => self.cids.push(cid_of(&frame)),
                Some(Frame::Ping(cid)) => self.cids.push(cid),
                Some(frame @ (Frame::Api(_) | Frame::Pong(_) | Frame::Junk(_))) => panic!("no request: {frame:?}"),
                None => return,
            }
        }
    }

    fn take_events(&mut self, count: usize) {
        for _ in 0..count {
            let Some(event) = self.machine.poll_event() else { return };
            if let RawEvent::Push(push) = &event {
                assert!(push.body.len() <= self.given);
            }
            let _ = Event::decode(event, &Collector::default());
        }
    }

    fn drain(&mut self) {
        while let Some(transmit) = self.machine.poll_transmit() {
            match transmit {
                Transmit::OpenSocket { socket, .. } => {
                    self.sockets.push(socket);
                    self.open.insert(socket);
                }
                Transmit::CloseSocket { socket, .. } => assert!(self.open.remove(&socket), "it is open"),
                Transmit::Http { id, .. } => self.exchanges.push(id),
                Transmit::CancelHttp { id } => self.exchanges.retain(|other| *other != id),
            }
        }
        while let Some(reply) = self.machine.poll_reply() {
            let ticket = reply.ticket();
            assert!(!self.cancelled.contains(&ticket), "a cancelled call ends silently");
            let has_output = self.pending.remove(&ticket).expect("a call ends once");
            assert!(has_output(reply), "it ends with an output or an error");
        }
        self.check();
    }

    fn check(&self) {
        let health = self.machine.health(self.now);
        assert_eq!(health.pending_calls, self.pending.len());
        assert!(health.pending_calls <= MAX_PENDING);
        if self.draining && self.pending.is_empty() && !self.edited {
            assert_eq!(self.machine.state(), State::Closed, "a shutdown ends with the last call");
        }
        // those of the connection's life cost no frame, and come one at a time
        let bound = INBOX.drop_at_bytes / size_of::<RawEvent>() + 2;
        assert!(health.waiting_events <= bound, "{} events", health.waiting_events);
        assert!(self.machine.join_targets().count() <= 8 + self.given + self.cids.len());
        assert!(self.exchanges.len() <= MAX_PENDING + MAX_EDITED + 2);
        assert!(self.open.len() <= 1, "one connection at a time");
    }

    /// Time goes on: what is due is done, and then nothing is due at once. Then everything is closed.
    fn finish(&mut self) {
        for _ in 0..MAX_IDLE_TURNS {
            self.take_frames(usize::MAX);
            self.take_events(usize::MAX);
            let due = self.machine.poll_timeout().is_some_and(|deadline| deadline.at <= self.now.elapsed);
            if !due {
                break;
            }
            self.machine.handle_timeout(self.now);
            self.drain();
        }
        self.take_frames(usize::MAX);
        let deadline = self.machine.poll_timeout();
        assert!(deadline.is_none_or(|deadline| deadline.at > self.now.elapsed), "{deadline:?} at {:?}", self.now);
        self.machine.close(self.now);
        self.drain();
        assert!(self.pending.is_empty(), "close ends every call");
        assert_eq!(self.machine.state(), State::Closed);
        assert_eq!((self.machine.poll_timeout(), self.exchanges.len(), self.open.len()), (None, 0, 0));
        self.begin(Typing(Route::direct(ChannelId::new(1))));
        let reply = self.machine.poll_reply().expect("nothing is taken any more");
        let end = reply.take::<Typing>().expect("an output");
        assert!(end.is_err_and(|error| *error.kind() == ErrorKind::Closed));
    }
}

fn config(flags: u8) -> Config {
    let mut config = hand::config();
    if flags & 2 != 0 {
        let limited = Config::bot(hand::BOT, hand::API_KEY).expect("an integer is an id");
        (config.socket_rates, config.http_rates) = (limited.socket_rates, limited.http_rates);
        config.join_pacing = limited.join_pacing;
    }
    config.retry_login = flags & 4 != 0;
    config.auto_reconnect = flags & 8 == 0;
    config.max_pending = MAX_PENDING;
    config.inbox = INBOX;
    config.max_edited = MAX_EDITED;
    config.outbox.limit = MAX_QUEUED;
    if flags & 32 != 0 {
        config.outbox.when_full = WhenFull::DropOldest;
    }
    if flags & 16 != 0 {
        config.inbox.on_full = mezon_protocol::machine::OnFull::Drop;
    }
    config
}

fn pick<T: Copy>(all: &[T], input: &mut Input<'_>) -> Option<T> {
    let place = usize::from(input.byte());
    (!all.is_empty()).then(|| all[place % all.len()])
}
