//! The records of a recording. Their fields are documented in `docs/recording.md`; numbers are never used again.

use prost::{Message, Oneof};

use crate::machine::ChannelToJoin;
use crate::route::Route;

/// What comes first: everything that the Machine decides by from the beginning.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Header {
    #[prost(fixed64, tag = "1")]
    pub(crate) seed: u64,
    #[prost(uint64, tag = "2")]
    pub(crate) elapsed: u64,
    #[prost(uint64, tag = "3")]
    pub(crate) unix: u64,
    #[prost(message, optional, tag = "4")]
    pub(crate) settings: Option<Settings>,
    #[prost(string, tag = "5")]
    pub(crate) made_by: String,
}

/// A [`Config`](crate::Config) without what is secret and what only calls and memories look at.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Settings {
    /// 0 for a user.
    #[prost(int64, tag = "1")]
    pub(crate) bot_id: i64,
    #[prost(string, tag = "2")]
    pub(crate) host: String,
    #[prost(uint32, tag = "3")]
    pub(crate) port: u32,
    #[prost(bool, tag = "4")]
    pub(crate) use_tls: bool,
    #[prost(bool, tag = "5")]
    pub(crate) is_tcp: bool,
    #[prost(uint64, tag = "6")]
    pub(crate) timeout: u64,
    #[prost(uint64, tag = "7")]
    pub(crate) call_timeout: u64,
    #[prost(uint64, tag = "8")]
    pub(crate) connect_timeout: u64,
    #[prost(bool, tag = "9")]
    pub(crate) auto_reconnect: bool,
    #[prost(bool, tag = "10")]
    pub(crate) retry_login: bool,
    #[prost(uint64, tag = "11")]
    pub(crate) backoff_first: u64,
    #[prost(uint64, tag = "12")]
    pub(crate) backoff_cap: u64,
    #[prost(uint64, tag = "13")]
    pub(crate) backoff_reset_after: u64,
    #[prost(uint32, optional, tag = "14")]
    pub(crate) backoff_max_attempts: Option<u32>,
    #[prost(uint64, tag = "15")]
    pub(crate) heartbeat_interval: u64,
    #[prost(uint64, tag = "16")]
    pub(crate) heartbeat_timeout: u64,
    #[prost(uint64, tag = "17")]
    pub(crate) renewal_margin: u64,
    #[prost(uint32, repeated, tag = "18")]
    pub(crate) not_wanted: Vec<u32>,
    #[prost(bool, tag = "19")]
    pub(crate) unknown_not_wanted: bool,
    #[prost(bool, tag = "20")]
    pub(crate) join_groups: bool,
    #[prost(uint64, tag = "21")]
    pub(crate) pause_at_events: u64,
    #[prost(uint64, tag = "22")]
    pub(crate) pause_at_bytes: u64,
    #[prost(uint64, tag = "23")]
    pub(crate) drop_at_bytes: u64,
    #[prost(bool, tag = "24")]
    pub(crate) drops_when_full: bool,
    #[prost(message, repeated, tag = "25")]
    pub(crate) socket_rates: Vec<RateRecord>,
    #[prost(message, repeated, tag = "26")]
    pub(crate) http_rates: Vec<RateRecord>,
    #[prost(uint64, tag = "27")]
    pub(crate) join_spacing: u64,
    #[prost(uint64, tag = "28")]
    pub(crate) joins_in_flight: u64,
    #[prost(uint64, tag = "29")]
    pub(crate) max_joins: u64,
    #[prost(uint64, tag = "30")]
    pub(crate) max_pending: u64,
    #[prost(uint64, tag = "31")]
    pub(crate) outbox_limit: u64,
    #[prost(bool, tag = "32")]
    pub(crate) outbox_drops_oldest: bool,
    #[prost(uint64, tag = "33")]
    pub(crate) max_edited: u64,
    #[prost(uint64, tag = "34")]
    pub(crate) max_routes: u64,
    #[prost(bool, tag = "35")]
    pub(crate) auto_join: bool,
    #[prost(message, optional, tag = "36")]
    pub(crate) backfill: Option<BackfillRecord>,
    #[prost(bool, tag = "37")]
    pub(crate) announces_tokens: bool,
}

/// What is done about missed messages; none for nothing.
#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct BackfillRecord {
    #[prost(uint64, tag = "1")]
    pub(crate) per_channel: u64,
    #[prost(uint64, tag = "2")]
    pub(crate) total: u64,
    #[prost(uint64, tag = "3")]
    pub(crate) max_age: u64,
    #[prost(bool, tag = "4")]
    pub(crate) channels: bool,
    #[prost(bool, tag = "5")]
    pub(crate) threads: bool,
    #[prost(bool, tag = "6")]
    pub(crate) direct: bool,
    #[prost(bool, tag = "7")]
    pub(crate) groups: bool,
    #[prost(uint64, tag = "8")]
    pub(crate) recheck: u64,
    #[prost(uint64, tag = "9")]
    pub(crate) in_flight: u64,
    #[prost(uint32, tag = "10")]
    pub(crate) rate_percent: u32,
    #[prost(uint64, tag = "11")]
    pub(crate) hold_bytes: u64,
    #[prost(uint64, tag = "12")]
    pub(crate) max_channels: u64,
    #[prost(uint64, tag = "13")]
    pub(crate) remembered: u64,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct RateRecord {
    #[prost(uint32, tag = "1")]
    pub(crate) count: u32,
    #[prost(uint64, tag = "2")]
    pub(crate) per: u64,
}

/// A command or an input, with what the Machine looked like just before it.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Input {
    /// Since the input before, in nanoseconds.
    #[prost(sint64, tag = "1")]
    pub(crate) elapsed: i64,
    /// What the wall clock has gone beyond that, in nanoseconds.
    #[prost(sint64, tag = "2")]
    pub(crate) drift: i64,
    #[prost(message, optional, tag = "3")]
    pub(crate) before: Option<Before>,
    #[prost(oneof = "What", tags = "4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19")]
    pub(crate) what: Option<What>,
}

/// Outputs that are seen without being taken.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Before {
    /// The deadline in nanoseconds, and its reason.
    #[prost(uint64, optional, tag = "1")]
    pub(crate) deadline: Option<u64>,
    #[prost(string, tag = "2")]
    pub(crate) reason: String,
    /// Reading was to pause.
    #[prost(bool, tag = "3")]
    pub(crate) paused: bool,
    /// What nobody had taken yet.
    #[prost(uint32, tag = "4")]
    pub(crate) transmits: u32,
    #[prost(uint32, tag = "5")]
    pub(crate) replies: u32,
    #[prost(uint32, tag = "6")]
    pub(crate) events: u32,
    #[prost(uint32, tag = "7")]
    pub(crate) news: u32,
}

#[derive(Clone, PartialEq, Oneof)]
pub(crate) enum What {
    #[prost(message, tag = "4")]
    Connect(()),
    #[prost(message, tag = "5")]
    Submit(Submit),
    /// The ticket.
    #[prost(uint64, tag = "6")]
    Cancel(u64),
    #[prost(message, tag = "7")]
    Reconnect(()),
    #[prost(message, tag = "8")]
    Close(()),
    /// The time until the end, in nanoseconds.
    #[prost(uint64, tag = "9")]
    Shutdown(u64),
    /// The socket.
    #[prost(uint64, tag = "10")]
    Opened(u64),
    /// The socket, from which came the records of incoming frames that follow.
    #[prost(uint64, tag = "11")]
    Received(u64),
    /// The socket, which was of no interest any more.
    #[prost(uint64, tag = "12")]
    Ignored(u64),
    #[prost(message, tag = "13")]
    Ended(Ended),
    #[prost(message, tag = "14")]
    Http(HttpEnd),
    #[prost(message, tag = "15")]
    Timeout(()),
    /// A session to start from, as the JSON of a `SessionExport`.
    #[prost(string, tag = "16")]
    Session(String),
    /// Whether events are dropped when nobody takes them.
    #[prost(bool, tag = "17")]
    OnFull(bool),
    #[prost(message, tag = "18")]
    Disconnect(()),
    /// How long calls may take from then on.
    #[prost(uint64, tag = "19")]
    CallTimeout(u64),
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct Submit {
    #[prost(uint64, tag = "1")]
    pub(crate) ticket: u64,
    #[prost(uint64, tag = "2")]
    pub(crate) timeout: u64,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Ended {
    #[prost(uint64, tag = "1")]
    pub(crate) socket: u64,
    /// 0 end of stream, 1 failed, 2 unreachable.
    #[prost(uint32, tag = "2")]
    pub(crate) kind: u32,
    #[prost(string, tag = "3")]
    pub(crate) why: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct HttpEnd {
    #[prost(uint64, tag = "1")]
    pub(crate) id: u64,
    /// 0 when there was no response; then see `failure`.
    #[prost(uint32, tag = "2")]
    pub(crate) status: u32,
    #[prost(string, optional, tag = "3")]
    pub(crate) date: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(crate) retry_after: Option<String>,
    /// The body, where the Machine itself reads it and it is no session.
    #[prost(bytes = "bytes", tag = "5")]
    pub(crate) body: bytes::Bytes,
    /// A session, as the JSON of a `SessionExport`.
    #[prost(string, optional, tag = "6")]
    pub(crate) session: Option<String>,
    /// The length of a body that is not recorded.
    #[prost(uint64, tag = "7")]
    pub(crate) withheld: u64,
    /// 1 no connection, 2 TLS, 3 broken, 4 too large, 5 the content of the request.
    #[prost(uint32, tag = "8")]
    pub(crate) failure: u32,
    #[prost(string, tag = "9")]
    pub(crate) why: String,
}

/// Something that the codec gave.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct FromCodec {
    #[prost(oneof = "Arrived", tags = "1, 2, 3, 4, 5, 6, 7, 8, 9")]
    pub(crate) arrived: Option<Arrived>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(crate) enum Arrived {
    #[prost(message, tag = "1")]
    Open(()),
    #[prost(bytes = "bytes", tag = "2")]
    Envelope(bytes::Bytes),
    #[prost(message, tag = "3")]
    Answer(AnswerFrame),
    /// An envelope that could not be read, with the cid that was found in it.
    #[prost(sint32, tag = "4")]
    Malformed(i32),
    #[prost(message, tag = "5")]
    Chunk(Chunk),
    #[prost(uint32, tag = "6")]
    Ping(u32),
    #[prost(uint32, tag = "7")]
    Pong(u32),
    /// 0 text, 1 empty, 2 cut, 3 oversized.
    #[prost(uint32, tag = "8")]
    Junk(u32),
    #[prost(message, tag = "9")]
    Closed(ClosedRecord),
}

/// An answer to a call, without what it says.
#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct AnswerFrame {
    #[prost(int32, tag = "1")]
    pub(crate) cid: i32,
    #[prost(uint32, tag = "2")]
    pub(crate) field: u32,
    #[prost(uint64, tag = "3")]
    pub(crate) withheld: u64,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Chunk {
    #[prost(uint32, tag = "1")]
    pub(crate) cid: u32,
    #[prost(uint32, tag = "2")]
    pub(crate) code: u32,
    #[prost(bool, tag = "3")]
    pub(crate) fin: bool,
    #[prost(bytes = "bytes", tag = "4")]
    pub(crate) payload: bytes::Bytes,
    /// The length of a payload that is not recorded.
    #[prost(uint64, tag = "5")]
    pub(crate) withheld: u64,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ClosedRecord {
    /// 0 by the peer, 1 an HTTP status, 2 TLS, 3 the rules were broken.
    #[prost(uint32, tag = "1")]
    pub(crate) kind: u32,
    #[prost(uint32, optional, tag = "2")]
    pub(crate) code: Option<u32>,
    #[prost(uint64, optional, tag = "3")]
    pub(crate) retry_after: Option<u64>,
    #[prost(string, tag = "4")]
    pub(crate) why: String,
}

/// A step of a call that is no code of the Machine: what it was told, what it did, and what it wanted next.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct CallStep {
    #[prost(uint64, tag = "1")]
    pub(crate) ticket: u64,
    #[prost(string, tag = "2")]
    pub(crate) answer: String,
    #[prost(message, repeated, tag = "3")]
    pub(crate) effects: Vec<EffectRecord>,
    /// The request may be answered by that of another call.
    #[prost(bool, tag = "4")]
    pub(crate) is_read: bool,
    #[prost(oneof = "Wish", tags = "5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17")]
    pub(crate) wish: Option<Wish>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(crate) enum Wish {
    /// An envelope with nothing but the member.
    #[prost(bytes = "bytes", tag = "5")]
    Member(bytes::Bytes),
    #[prost(bytes = "bytes", tag = "6")]
    Notice(bytes::Bytes),
    #[prost(message, tag = "7")]
    Api(ApiRequest),
    #[prost(message, tag = "8")]
    Exchange(ExchangeRequest),
    #[prost(message, tag = "9")]
    Http(PlainRequest),
    #[prost(uint64, tag = "10")]
    Wait(u64),
    #[prost(message, tag = "11")]
    AwaitReady(()),
    #[prost(message, tag = "12")]
    Outbox(OutboxTurn),
    /// The message whose edit is waited for.
    #[prost(int64, tag = "13")]
    Edit(i64),
    /// How it ended.
    #[prost(string, tag = "14")]
    Done(String),
    #[prost(message, tag = "15")]
    SideBySide(SideBySideRecord),
    #[prost(message, tag = "16")]
    Renew(()),
    /// A turn among the payments, and until when.
    #[prost(uint64, tag = "17")]
    Payment(u64),
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct PlainRequest {
    /// Method and host, for people only.
    #[prost(string, tag = "1")]
    pub(crate) place: String,
    #[prost(uint64, optional, tag = "2")]
    pub(crate) timeout: Option<u64>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct SideBySideRecord {
    #[prost(message, repeated, tag = "1")]
    pub(crate) begin: Vec<Side>,
    #[prost(uint64, optional, tag = "2")]
    pub(crate) wake_after: Option<u64>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Side {
    #[prost(uint64, tag = "1")]
    pub(crate) key: u64,
    #[prost(message, optional, tag = "2")]
    pub(crate) request: Option<PlainRequest>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ApiRequest {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    /// 0 any way, 1 the socket, 2 HTTP.
    #[prost(uint32, tag = "2")]
    pub(crate) via: u32,
    /// The request, of a read; others may hold credentials.
    #[prost(bytes = "bytes", tag = "3")]
    pub(crate) body: bytes::Bytes,
    /// The length of a request that is not recorded.
    #[prost(uint64, tag = "4")]
    pub(crate) withheld: u64,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ExchangeRequest {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(bool, tag = "2")]
    pub(crate) idempotent: bool,
    #[prost(uint64, optional, tag = "3")]
    pub(crate) timeout: Option<u64>,
    /// It has a token of its own.
    #[prost(bool, tag = "4")]
    pub(crate) own_token: bool,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct OutboxTurn {
    #[prost(int64, tag = "1")]
    pub(crate) channel: i64,
    #[prost(int64, tag = "2")]
    pub(crate) user: i64,
    #[prost(uint64, tag = "3")]
    pub(crate) until: u64,
}

/// Something that a call did to what it shares with the Machine.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct EffectRecord {
    #[prost(oneof = "Effect", tags = "1, 2, 3, 4, 5, 6, 7, 8, 9")]
    pub(crate) effect: Option<Effect>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(crate) enum Effect {
    #[prost(message, tag = "1")]
    Route(RouteRecord),
    #[prost(message, tag = "2")]
    Joined(RouteRecord),
    #[prost(int64, tag = "3")]
    ClanJoined(i64),
    /// A channel is not joined any more.
    #[prost(int64, tag = "4")]
    Left(i64),
    /// A channel is gone.
    #[prost(int64, tag = "5")]
    Gone(i64),
    #[prost(message, tag = "6")]
    Edit(EditRecord),
    /// A login has brought a session, as the JSON of a `SessionExport`.
    #[prost(string, tag = "7")]
    Session(String),
    #[prost(message, tag = "8")]
    LoggedOut(()),
    /// A channel is to be joined once more.
    #[prost(int64, tag = "9")]
    JoinAgain(i64),
}

/// A route, or a channel to join, which has no mode and no parent.
#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct RouteRecord {
    #[prost(int64, tag = "1")]
    pub(crate) channel: i64,
    #[prost(int64, tag = "2")]
    pub(crate) clan: i64,
    #[prost(int32, tag = "3")]
    pub(crate) kind: i32,
    #[prost(bool, tag = "4")]
    pub(crate) is_public: bool,
    #[prost(int32, tag = "5")]
    pub(crate) mode: i32,
    #[prost(int64, tag = "6")]
    pub(crate) parent: i64,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct EditRecord {
    #[prost(int64, tag = "1")]
    pub(crate) message: i64,
    #[prost(uint64, tag = "2")]
    pub(crate) gap: u64,
}

/// Something that was taken from the Machine, or that was asked for in vain.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Taken {
    #[prost(oneof = "Out", tags = "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11")]
    pub(crate) out: Option<Out>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(crate) enum Out {
    #[prost(message, tag = "1")]
    OpenSocket(OpenSocket),
    #[prost(uint64, tag = "2")]
    CloseSocket(u64),
    #[prost(message, tag = "3")]
    Http(HttpStart),
    #[prost(uint64, tag = "4")]
    CancelHttp(u64),
    #[prost(message, tag = "5")]
    Frame(FrameOut),
    #[prost(message, tag = "6")]
    NoFrame(()),
    #[prost(message, tag = "7")]
    Reply(ReplyOut),
    #[prost(message, tag = "8")]
    Push(PushOut),
    #[prost(string, tag = "9")]
    Life(String),
    #[prost(message, tag = "10")]
    NoEvent(()),
    /// What was listed, and how much.
    #[prost(string, tag = "11")]
    News(String),
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct OpenSocket {
    #[prost(uint64, tag = "1")]
    pub(crate) socket: u64,
    #[prost(string, tag = "2")]
    pub(crate) host: String,
    #[prost(uint32, tag = "3")]
    pub(crate) port: u32,
}

/// An exchange. Of those of calls nothing but the id is known.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct HttpStart {
    #[prost(uint64, tag = "1")]
    pub(crate) id: u64,
    #[prost(string, tag = "2")]
    pub(crate) what: String,
    #[prost(fixed32, tag = "3")]
    pub(crate) digest: u32,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct FrameOut {
    /// The number of the member; 0 for a native ping.
    #[prost(uint32, tag = "1")]
    pub(crate) field: u32,
    #[prost(int32, tag = "2")]
    pub(crate) cid: i32,
    #[prost(uint64, tag = "3")]
    pub(crate) len: u64,
    /// 0 for one whose content is not recorded.
    #[prost(fixed32, tag = "4")]
    pub(crate) digest: u32,
    /// The codec would not take it.
    #[prost(message, optional, tag = "5")]
    pub(crate) refused: Option<Refused>,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct Refused {
    /// It was too large for this limit; none when the transport was not open.
    #[prost(uint64, optional, tag = "1")]
    pub(crate) limit: Option<u64>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ReplyOut {
    #[prost(uint64, tag = "1")]
    pub(crate) ticket: u64,
    #[prost(string, tag = "2")]
    pub(crate) end: String,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct PushOut {
    #[prost(uint32, tag = "1")]
    pub(crate) field: u32,
    #[prost(uint64, tag = "2")]
    pub(crate) len: u64,
    /// 0 for one that may hold credentials.
    #[prost(fixed32, tag = "3")]
    pub(crate) digest: u32,
    /// It was fetched after the connection had been away.
    #[prost(bool, tag = "4")]
    pub(crate) replayed: bool,
}

impl From<Route> for RouteRecord {
    fn from(route: Route) -> Self {
        Self {
            channel: route.channel.get(),
            clan: route.clan.get(),
            kind: route.kind.0,
            is_public: route.is_public,
            mode: route.mode.0,
            parent: route.parent.get(),
        }
    }
}

impl From<ChannelToJoin> for RouteRecord {
    fn from(channel: ChannelToJoin) -> Self {
        Self {
            channel: channel.channel.get(),
            clan: channel.clan.get(),
            kind: channel.kind,
            is_public: channel.is_public,
            mode: 0,
            parent: 0,
        }
    }
}
