//! Messages that are sent once, kept until it is known what has become of them.

use std::fmt;
use std::time::Duration;

use prost::Message as _;

use super::StoreError;
use crate::call::{Destination, MessageAddress, Sent, address, is_final, unaddressed};
use crate::content::Content;
use crate::error::{self, Error, ErrorKind};
use crate::id::{ChannelId, ClanId, MessageId, UserId};
use crate::proto::api;
use crate::proto::realtime::{self, ChannelMessageAck, ChannelMessageSend};
use crate::route::{Mode, Route};

/// Where messages wait, and what has become of them. One that waits is here until it is settled, whatever happens to the
/// program meanwhile; what was settled is remembered for a while, by its key.
pub trait Outbox {
    /// Puts a message in, unless one of the same account has the same key. When this has come back, it is there.
    ///
    /// # Errors
    ///
    /// What prevents it.
    fn put(&mut self, item: &OutboxItem) -> Result<Entry, StoreError>;

    /// What waits, of an account: the messages that were put in first, at most `limit` of them.
    ///
    /// # Errors
    ///
    /// When it cannot be read. A message that makes no sense is no error: it is left out.
    fn unsettled(&mut self, account: UserId, limit: usize) -> Result<Unsettled, StoreError>;

    /// Notes what has become of a message, in milliseconds since 1970. What it says is forgotten.
    ///
    /// # Errors
    ///
    /// What prevents it.
    fn settle(&mut self, account: UserId, key: &str, settled: &Settled, at: u64) -> Result<(), StoreError>;
}

/// What there is under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Nothing was: the message is there now.
    New,
    /// A message that waits.
    Waiting,
    /// A message that does not wait any more.
    Settled(Settled),
}

/// What waits in an outbox.
#[derive(Clone, Debug, Default)]
pub struct Unsettled {
    /// The messages, the one that was put in first at the front.
    pub items: Vec<OutboxItem>,
    /// What other messages have become: none of these is one that waits.
    pub taken: Vec<MessageId>,
}

/// A message in an outbox.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct OutboxItem {
    /// Who sends it.
    pub account: UserId,
    /// What names it, among those of the account: 1 to [`MAX_KEY`](Self::MAX_KEY) bytes.
    pub key: String,
    /// For a direct message, to whom; 0 for one into a channel.
    pub user: UserId,
    /// The message as it goes out, with its channel if that is known.
    pub message: ChannelMessageSend,
    /// When it was put in, in milliseconds since 1970.
    pub put_at: u64,
    /// When its time is up, in milliseconds since 1970.
    pub until: u64,
}

impl OutboxItem {
    /// The longest key, in bytes.
    pub const MAX_KEY: usize = 128;

    /// A message that is put in at `now`, and may wait for so long. Limit of the content as in [`Content::encode`].
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for a key that is empty or too long, and those of [`Content::encode`].
    pub fn new(
        account: UserId,
        key: String,
        to: Destination,
        content: Content,
        limit: impl Into<Option<usize>>,
        now: Duration,
        within: Duration,
    ) -> Result<Self, Error> {
        if key.is_empty() || key.len() > Self::MAX_KEY {
            let limit = Self::MAX_KEY;
            return Err(Error::unsent(ErrorKind::InvalidArgument(format!("a key has 1 to {limit} bytes"))));
        }
        let mut message = unaddressed(content.encode(limit)?);
        let user = match to {
            Destination::User(user) => user,
            Destination::Channel(channel, route) => {
                let unknown = Route::of_message(channel, ClanId::NONE, Mode::UNKNOWN, false);
                address(&mut message, route.unwrap_or(unknown));
                UserId::NONE
            }
        };
        Ok(Self { account, key, user, message, put_at: millis(now), until: millis(now.saturating_add(within)) })
    }

    /// The message that was stored, from [`body`](Self::body); `None` if that makes no sense.
    pub fn stored(
        account: UserId,
        key: impl Into<String>,
        user: UserId,
        body: &[u8],
        put_at: u64,
        until: u64,
    ) -> Option<Self> {
        let message = ChannelMessageSend::decode(body).ok()?;
        let is_addressed = !user.is_none() || message.channel_id != 0;
        is_addressed.then(|| Self { account, key: key.into(), user, message, put_at, until })
    }

    /// The message, encoded for a store: a `mezon.realtime.ChannelMessageSend`.
    pub fn body(&self) -> Vec<u8> {
        self.message.encode_to_vec()
    }

    /// Where it goes.
    pub fn to(&self) -> Destination {
        if !self.user.is_none() {
            return Destination::User(self.user);
        }
        let (channel, mode) = (ChannelId::new(self.message.channel_id), Mode(self.message.mode));
        let route = Route::of_message(channel, self.message.clan_id.into(), mode, self.message.is_public);
        Destination::Channel(channel, (mode != Mode::UNKNOWN).then_some(route))
    }
}

/// Shows where it goes, and nothing of what it says.
impl fmt::Debug for OutboxItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutboxItem")
            .field("key", &self.key)
            .field("to", &self.to())
            .field("put_at", &self.put_at)
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}

/// What has become of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It was sent, and is this one.
    Sent(MessageAddress),
    /// It was refused, by the server or by what it says itself.
    Refused {
        /// The server's code, 0 if it was not the server.
        code: i32,
        /// Why.
        message: String,
    },
    /// Its time was up.
    Expired,
}

impl Settled {
    /// For how long it is remembered what has become of a message, at most.
    pub const REMEMBERED_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);

    /// Of how many messages that is remembered, at most: the newest.
    pub const MAX_REMEMBERED: usize = 100_000;

    /// What was settled before this time is forgotten; both are in milliseconds since 1970.
    pub fn oldest_remembered(now: u64) -> u64 {
        now.saturating_sub(millis(Self::REMEMBERED_FOR))
    }

    /// What an outcome means; `None` if the message waits on, for the next start.
    pub fn of(outcome: &Result<Sent, Error>, account: UserId) -> Option<Self> {
        let error = match outcome {
            Ok(sent) => return Some(Self::Sent(sent.address(account))),
            Err(error) => error,
        };
        if !is_final(error) {
            return None;
        }
        if let ErrorKind::Refused { code, message } = error.kind() {
            return Some(Self::Refused { code: *code, message: message.clone() });
        }
        let is_expired = *error.kind() == ErrorKind::Expired;
        Some(if is_expired { Self::Expired } else { Self::Refused { code: 0, message: error.to_string() } })
    }

    /// The outcome once more, for a message that was given again.
    ///
    /// # Errors
    ///
    /// What it was settled with.
    pub fn outcome(self, item: OutboxItem) -> Result<Sent, Error> {
        let address = match self {
            Self::Sent(address) => address,
            Self::Refused { code, message } => return Err(Error::answered(ErrorKind::Refused { code, message })),
            Self::Expired => return Err(Error::new(ErrorKind::Expired, error::Sent::Unknown)),
        };
        let ack = ChannelMessageAck {
            channel_id: address.route.channel.get(),
            message_id: address.message_id.get(),
            create_time_seconds: address.created_at,
            ..Default::default()
        };
        Ok(Sent::new(address.route, item.message, ack))
    }

    /// The message that it has become.
    pub const fn message_id(&self) -> Option<MessageId> {
        match self {
            Self::Sent(address) => Some(address.message_id),
            Self::Refused { .. } | Self::Expired => None,
        }
    }

    /// Encoded for a store, in a form of its own.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Sent(address) => tagged(SENT, &address_to_proto(address)),
            Self::Refused { code, message } => {
                tagged(REFUSED, &realtime::Error { code: *code, message: message.clone(), ..Default::default() })
            }
            Self::Expired => vec![EXPIRED],
        }
    }

    /// What was [encoded](Self::encode); `None` if it makes no sense.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (tag, body) = bytes.split_first()?;
        match *tag {
            SENT => Some(Self::Sent(address_from_proto(&api::ChannelMessage::decode(body).ok()?))),
            REFUSED => {
                let realtime::Error { code, message, .. } = realtime::Error::decode(body).ok()?;
                Some(Self::Refused { code, message })
            }
            EXPIRED => Some(Self::Expired),
            _ => None,
        }
    }
}

const SENT: u8 = 1;
const REFUSED: u8 = 2;
const EXPIRED: u8 = 3;

fn tagged(tag: u8, message: &impl prost::Message) -> Vec<u8> {
    let mut bytes = vec![tag];
    bytes.extend(message.encode_to_vec());
    bytes
}

fn address_to_proto(address: &MessageAddress) -> api::ChannelMessage {
    api::ChannelMessage {
        clan_id: address.route.clan.get(),
        channel_id: address.route.channel.get(),
        message_id: address.message_id.get(),
        sender_id: address.sender_id.get(),
        topic_id: address.topic_id.get(),
        create_time_seconds: address.created_at,
        mode: address.route.mode.0,
        is_public: address.route.is_public,
        ..Default::default()
    }
}

fn address_from_proto(message: &api::ChannelMessage) -> MessageAddress {
    let (channel, clan) = (message.channel_id.into(), message.clan_id.into());
    MessageAddress {
        route: Route::of_message(channel, clan, Mode(message.mode), message.is_public),
        message_id: message.message_id.into(),
        topic_id: message.topic_id.into(),
        sender_id: message.sender_id.into(),
        created_at: message.create_time_seconds,
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
