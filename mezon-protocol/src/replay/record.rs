//! The records of a recording. Their fields are documented in `docs/recording.md`; numbers are never used again.

mod left_off;
mod step;
mod taken;

use prost::{Message, Oneof};

pub(crate) use left_off::LeftOffRecord;
pub(crate) use step::*;
pub(crate) use taken::*;

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
    #[prost(oneof = "What", tags = "4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20")]
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
    /// Where an earlier client left off.
    #[prost(message, tag = "20")]
    LeftOff(LeftOffRecord),
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct Submit {
    #[prost(uint64, tag = "1")]
    pub(crate) ticket: u64,
    #[prost(uint64, tag = "2")]
    pub(crate) timeout: u64,
    /// It is told when no answer comes in time, and goes on.
    #[prost(bool, tag = "3")]
    pub(crate) hears_timeouts: bool,
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
