//! Records of where an earlier client left off.

use prost::Message;

use super::RouteRecord;
use crate::id::{MessageId, TopicId};
use crate::route::Route;
use crate::store::{LeftOff, LeftStream, Position};

#[derive(Clone, PartialEq, Message)]
pub(crate) struct LeftOffRecord {
    #[prost(uint32, tag = "1")]
    pub(crate) seen: u32,
    #[prost(int64, tag = "2")]
    pub(crate) floor: i64,
    #[prost(message, repeated, tag = "3")]
    pub(crate) streams: Vec<LeftStreamRecord>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct LeftStreamRecord {
    #[prost(message, optional, tag = "1")]
    pub(crate) route: Option<RouteRecord>,
    #[prost(int64, tag = "2")]
    pub(crate) topic: i64,
    #[prost(int64, tag = "3")]
    pub(crate) message: i64,
    #[prost(message, repeated, tag = "4")]
    pub(crate) recent: Vec<RecentRecord>,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct RecentRecord {
    #[prost(int64, tag = "1")]
    pub(crate) id: i64,
    #[prost(uint32, tag = "2")]
    pub(crate) edited: u32,
}

impl From<&LeftOff> for LeftOffRecord {
    fn from(left_off: &LeftOff) -> Self {
        let recent = |(id, edited): &(MessageId, u32)| RecentRecord { id: id.get(), edited: *edited };
        let stream = |LeftStream { position, recent: messages }: &LeftStream| LeftStreamRecord {
            route: Some(position.route.into()),
            topic: position.topic.get(),
            message: position.message.get(),
            recent: messages.iter().map(recent).collect(),
        };
        Self {
            seen: left_off.seen,
            floor: left_off.floor.get(),
            streams: left_off.streams.iter().map(stream).collect(),
        }
    }
}

impl From<LeftOffRecord> for LeftOff {
    fn from(record: LeftOffRecord) -> Self {
        let stream = |stream: LeftStreamRecord| LeftStream {
            position: Position {
                route: Route::from(stream.route.unwrap_or_default()),
                topic: TopicId::new(stream.topic),
                message: stream.message.into(),
            },
            recent: stream.recent.into_iter().map(|recent| (recent.id.into(), recent.edited)).collect(),
        };
        Self {
            seen: record.seen,
            floor: record.floor.into(),
            streams: record.streams.into_iter().map(stream).collect(),
        }
    }
}
