//! Records of what was taken from the Machine.

use prost::{Message, Oneof};

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
