//! A small world and a client made of bare hands.

use std::time::Duration;

use bytes::Bytes;
use mezon_protocol::api::Method;
use mezon_protocol::exchange::HttpResponse;
use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::{self, envelope::Message};
use mezon_protocol::transport::Frame;
use mezon_protocol::{ChannelId, ClanId, Now, UserId};
use prost::Message as _;

use crate::world::{Action, ConnId, NewChannel, NewUser, Outgoing, Request, World};

pub(super) const BOT: UserId = UserId::new(1_840_000_000_000_000_001);
pub(super) const KEY: &str = "test-bot-token";

pub(super) struct Rig {
    pub(super) world: World,
    pub(super) now: Now,
    pub(super) alice: UserId,
    pub(super) bob: UserId,
    pub(super) bot: UserId,
    pub(super) clan: ClanId,
    pub(super) general: ChannelId,
    pub(super) secret: ChannelId,
    pub(super) thread: ChannelId,
    pub(super) dm: ChannelId,
    cid: i32,
    arrived: Vec<Outgoing>,
}

impl Rig {
    pub(super) fn new() -> Self {
        let mut builder = World::builder().seed(7);
        let alice = builder.user(NewUser::person("alice").display_name("Alice A"));
        let bob = builder.person("bob");
        let bot = builder.user(NewUser::bot("testbot", KEY).id(BOT).display_name("Test Bot"));
        let clan = builder.clan("Clan A");
        builder.everyone_in(clan);
        let general = builder.channel(clan, "general");
        let secret = builder.add_channel(clan, NewChannel::private("secret", [alice, bot]));
        let thread = builder.add_channel(clan, NewChannel::thread(general, "aside", [alice, bot]).asleep());
        let dm = builder.dm(alice, bot);
        let now = Now::new(Duration::ZERO, Duration::from_secs(1_767_225_600));
        let (cid, arrived) = (0, Vec::new());
        Self { world: builder.build(), now, alice, bob, bot, clan, general, secret, thread, dm, cid, arrived }
    }

    /// Lets time pass, with every timeout on the way.
    pub(super) fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.world.poll_timeout().filter(|at| *at <= end.elapsed) {
            self.now = self.now + at.saturating_sub(self.now.elapsed);
            self.world.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
    }

    pub(super) fn http(&mut self, path: &str, token: &str, body: Vec<u8>) -> HttpResponse {
        let headers = vec![("Authorization".to_owned(), format!("Bearer {token}"))];
        let request = Request { method: "POST".to_owned(), path: path.to_owned(), headers, body: Bytes::from(body) };
        let response = self.world.handle_http(self.now, &request);
        self.drain();
        response
    }

    pub(super) fn rpc(&mut self, token: &str, name: &str, request: &impl prost::Message) -> HttpResponse {
        self.http(&format!("/mezon.api.Mezon/{name}"), token, request.encode_to_vec())
    }

    pub(super) fn try_login(&mut self) -> HttpResponse {
        let body = serde_json::json!({"account": {"appid": BOT.to_string(), "token": KEY}}).to_string();
        let headers = vec![("accept".to_owned(), "application/x-protobuf".to_owned())];
        let path = "/v2/apps/authenticate/token".to_owned();
        let request = Request { method: "POST".to_owned(), path, headers, body: Bytes::from(body.into_bytes()) };
        self.world.handle_http(self.now, &request)
    }

    pub(super) fn login(&mut self) -> api::Session {
        let response = self.try_login();
        assert_eq!(response.status, 200, "{:?}", response.body);
        api::Session::decode(response.body).unwrap()
    }

    pub(super) fn try_connect(&mut self, token: &str) -> Result<ConnId, u16> {
        let conn = self.world.connect(self.now, &format!("/ws?lang=en&status=true&token={token}&format=protobuf"));
        self.drain();
        conn
    }

    /// Logs in and connects, without any join.
    pub(super) fn connect(&mut self) -> ConnId {
        let token = self.login().token;
        self.try_connect(&token).unwrap()
    }

    /// Logs in, connects, joins clan 0 and the clan.
    pub(super) fn connect_and_join(&mut self) -> ConnId {
        let conn = self.connect();
        self.join_clan(conn, ClanId::NONE);
        self.join_clan(conn, self.clan);
        conn
    }

    pub(super) fn join_clan(&mut self, conn: ConnId, clan: ClanId) {
        let answer = self.ask(conn, clan_join(clan));
        assert!(matches!(answer, Some(Message::ClanJoin(_))), "{answer:?}");
    }

    pub(super) fn join_channel(&mut self, conn: ConnId, channel: ChannelId) {
        let answer = self.ask(conn, channel_join(channel));
        assert!(matches!(answer, Some(Message::Channel(_))), "{answer:?}");
    }

    /// Sends a request and gives the message of its answer. Panics when there is none.
    pub(super) fn ask(&mut self, conn: ConnId, message: Message) -> Option<Message> {
        let cid = self.send(conn, message);
        self.take_answer(conn, cid).expect("an answer").message
    }

    /// Sends a request and gives its cid.
    pub(super) fn send(&mut self, conn: ConnId, message: Message) -> i32 {
        self.cid += 1;
        let envelope = realtime::Envelope { cid: self.cid, message: Some(message) };
        self.send_bytes(conn, envelope.encode_to_vec());
        self.cid
    }

    pub(super) fn send_bytes(&mut self, conn: ConnId, bytes: Vec<u8>) {
        self.world.handle_frame(self.now, conn, Frame::Envelope(Bytes::from(bytes)));
        self.drain();
    }

    /// Takes the envelope that answers `cid`.
    pub(super) fn take_answer(&mut self, conn: ConnId, cid: i32) -> Option<realtime::Envelope> {
        self.drain();
        let index =
            self.arrived.iter().position(|out| out.conn == conn && decoded(out).is_some_and(|e| e.cid == cid))?;
        decoded(&self.arrived.remove(index))
    }

    /// Calls an RPC over the socket: code and body.
    pub(super) fn call(&mut self, conn: ConnId, name: &str, request: &impl prost::Message) -> (u16, Vec<u8>) {
        let call = realtime::ApiRequestEvent { api_index: 0, api_name: name.to_owned(), body: request.encode_to_vec() };
        self.send(conn, Message::ApiRequestEvent(Box::new(call)));
        let is_chunk = |out: &Outgoing| matches!(out.action, Action::Frame(Frame::Api(_)));
        let (chunks, rest): (Vec<_>, _) = std::mem::take(&mut self.arrived).into_iter().partition(is_chunk);
        self.arrived = rest;
        let mut body = Vec::new();
        for out in &chunks {
            let Action::Frame(Frame::Api(chunk)) = &out.action else { continue };
            assert_eq!(i32::from(chunk.cid), self.cid);
            body.extend_from_slice(&chunk.payload);
            if chunk.fin {
                return (chunk.code, body);
            }
        }
        panic!("no answer to {name}");
    }

    /// Makes a call over the socket that is granted.
    pub(super) fn api<M: Method>(&mut self, conn: ConnId, request: M::Request) -> M::Response {
        let (code, body) = self.call(conn, M::RPC.name, &request);
        assert_eq!(code, 0, "{}: {}", M::RPC.name, String::from_utf8_lossy(&body));
        M::decode(Bytes::from(body)).unwrap()
    }

    /// Makes a call over the socket that is refused, and gives the code.
    pub(super) fn refused<M: Method>(&mut self, conn: ConnId, request: M::Request) -> u16 {
        let (code, body) = self.call(conn, M::RPC.name, &request);
        assert_ne!(code, 0, "{} was granted", M::RPC.name);
        assert!(!body.is_empty(), "{}: a refusal without a text", M::RPC.name);
        code
    }

    /// Logs a person in, connects it and joins clan 0 and the clan.
    pub(super) fn connect_person(&mut self, user: UserId) -> ConnId {
        let conn = self.connect_stranger(user);
        self.join_clan(conn, ClanId::NONE);
        self.join_clan(conn, self.clan);
        conn
    }

    /// Logs a person in and connects it, without any join.
    pub(super) fn connect_stranger(&mut self, user: UserId) -> ConnId {
        let body = serde_json::json!({"id_token": "x", "user_id": user.to_string(), "username": "x"}).to_string();
        let path = "/v2/account/authenticate/idtoken".to_owned();
        let request = Request { method: "POST".to_owned(), path, headers: Vec::new(), body: Bytes::from(body) };
        let session: serde_json::Value =
            serde_json::from_slice(&self.world.handle_http(self.now, &request).body).unwrap();
        self.try_connect(session["token"].as_str().unwrap()).unwrap()
    }

    /// Takes all pushes to a connection so far.
    pub(super) fn pushes(&mut self, conn: ConnId) -> Vec<Message> {
        self.drain();
        let all = std::mem::take(&mut self.arrived);
        let mut pushes = Vec::new();
        for out in all {
            match decoded(&out).filter(|envelope| out.conn == conn && envelope.cid == 0) {
                Some(envelope) => pushes.extend(envelope.message),
                None => self.arrived.push(out),
            }
        }
        pushes
    }

    /// Takes the chat messages among the pushes: code and text.
    pub(super) fn heard(&mut self, conn: ConnId) -> Vec<(i32, String)> {
        let messages = self.pushes(conn).into_iter().filter_map(|push| {
            let Message::ChannelMessage(message) = push else { return None };
            Some(message)
        });
        messages.map(|message| (message.code, crate::world::text::text_of(&message.content))).collect()
    }

    /// Takes everything that is no frame.
    pub(super) fn ends(&mut self) -> Vec<(ConnId, Action)> {
        self.drain();
        let (frames, ends) =
            std::mem::take(&mut self.arrived).into_iter().partition(|out| matches!(out.action, Action::Frame(_)));
        self.arrived = frames;
        ends.into_iter().map(|out: Outgoing| (out.conn, out.action)).collect()
    }

    fn drain(&mut self) {
        while let Some(outgoing) = self.world.poll_transmit() {
            self.arrived.push(outgoing);
        }
    }
}

fn decoded(out: &Outgoing) -> Option<realtime::Envelope> {
    let Action::Frame(Frame::Envelope(bytes)) = &out.action else { return None };
    realtime::Envelope::decode(bytes.clone()).ok()
}

pub(super) fn clan_join(clan: ClanId) -> Message {
    Message::ClanJoin(Box::new(realtime::ClanJoin { clan_id: clan.get(), ..realtime::ClanJoin::default() }))
}

pub(super) fn channel_join(channel: ChannelId) -> Message {
    let join = realtime::ChannelJoin { channel_id: channel.get(), ..realtime::ChannelJoin::default() };
    Message::ChannelJoin(Box::new(join))
}

pub(super) fn text_send(clan: ClanId, channel: ChannelId, mode: i32, text: &str) -> realtime::ChannelMessageSend {
    realtime::ChannelMessageSend {
        clan_id: clan.get(),
        channel_id: channel.get(),
        content: crate::world::text::content_of(text),
        mode,
        is_public: mode == 2,
        ..realtime::ChannelMessageSend::default()
    }
}

pub(super) fn send_message(send: realtime::ChannelMessageSend) -> Message {
    Message::ChannelMessageSend(Box::new(send))
}

/// The code and the text of an error.
pub(super) fn error_of(answer: Option<Message>) -> (i32, String) {
    match answer {
        Some(Message::Error(error)) => (error.code, error.message),
        other => panic!("no error but {other:?}"),
    }
}

pub(super) fn ack_of(answer: Option<Message>) -> realtime::ChannelMessageAck {
    match answer {
        Some(Message::ChannelMessageAck(ack)) => *ack,
        other => panic!("no ack but {other:?}"),
    }
}

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const MUST_JOIN: &str = "Must join channel before sending messages";
