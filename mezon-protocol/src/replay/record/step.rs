//! Records of calls: their steps, and what they do.

use prost::{Message, Oneof};

use crate::machine::ChannelToJoin;
use crate::route::{ChannelKind, Mode, Route};

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
    /// It is never given up for a newer one.
    #[prost(bool, tag = "4")]
    pub(crate) is_kept: bool,
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

impl From<RouteRecord> for Route {
    fn from(route: RouteRecord) -> Self {
        Self {
            channel: route.channel.into(),
            clan: route.clan.into(),
            kind: ChannelKind(route.kind),
            mode: Mode(route.mode),
            is_public: route.is_public,
            parent: route.parent.into(),
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
