//! The message as it was pushed: its frame, checked once, and where in it the fields are.
//!
//! Messages are most of what a bot receives, and most of them are read in part or not at all. So no string is
//! allocated: [`MessageData::parse`] walks over the fields once, keeps the numbers, notes the places of texts and
//! lists, and checks that texts are UTF-8. All else is borrowed from the frame when it is asked for.

mod parse;

use std::fmt;
use std::ops::Range;

use bytes::Bytes;
use prost::Message as _;

use super::DecodeError;
use crate::id::{ANONYMOUS, ChannelId, ClanId, MessageId, TopicId, UserId};
use crate::proto::api;
use crate::route::Route;

/// A channel message as it was pushed, `mezon.api.ChannelMessage`.
///
/// What is absent reads as an empty text or 0. A clone shares the frame, which is a part of the buffer that was read
/// from the network: whoever keeps messages for long calls [`detach`](Self::detach), so that a small message does not
/// keep a large buffer alive.
#[derive(Clone)]
pub struct MessageData {
    /// Holds at `spans` what was checked; nothing else of it is ever read.
    frame: Bytes,
    /// The places of the fields 6 to 19, in this order. Those of texts hold UTF-8.
    spans: [Span; SPANS],
    own_id: UserId,
    clan_id: i64,
    channel_id: i64,
    message_id: i64,
    sender_id: i64,
    topic_id: i64,
    code: i32,
    mode: i32,
    create_time_seconds: u32,
    update_time_seconds: u32,
    hide_editted: bool,
    is_public: bool,
    replayed: bool,
}

/// The texts that a message has of its sender, not checked once more.
pub(crate) struct SenderTexts<'a> {
    pub(crate) username: &'a [u8],
    pub(crate) avatar: &'a [u8],
    pub(crate) display_name: &'a [u8],
    pub(crate) clan_nick: &'a [u8],
    pub(crate) clan_avatar: &'a [u8],
}

/// A part of the frame, empty for a field that is absent. Frames are below 4 GiB.
#[derive(Clone, Copy, Default)]
struct Span {
    start: u32,
    end: u32,
}

/// The fields that are texts, up to those that are lists.
const TEXTS_FROM: u32 = 6;
/// The fields that are lists, encoded.
const LISTS_FROM: u32 = 15;
const LISTS_TO: u32 = 19;
const SPANS: usize = (LISTS_TO - TEXTS_FROM + 1) as usize;

impl MessageData {
    /// Checks a message that was pushed. `own_id` is who we are, 0 if that is not known.
    ///
    /// It allocates nothing, and takes what a decoder of protobuf takes: fields in any order, the last of several
    /// counts, unknown ones are skipped.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] when the bytes are no such message: cut, a field of the wrong wire type, a text that is not
    /// UTF-8.
    pub fn parse(body: Bytes, own_id: UserId) -> Result<Self, DecodeError> {
        parse::parse(body, own_id)
    }

    /// Copies the message out of the buffer that it was read into, to an allocation of its exact size.
    #[must_use]
    pub fn detach(&self) -> Self {
        Self { frame: Bytes::copy_from_slice(&self.frame), ..self.clone() }
    }

    /// The same message, for another account, or for one that is known by now.
    #[must_use]
    pub const fn with_own_id(mut self, own_id: UserId) -> Self {
        self.own_id = own_id;
        self
    }

    /// With the time at which it was sent, if it does not say so itself.
    pub(crate) fn or_created_at(self, create_time_seconds: u32) -> Self {
        if self.create_time_seconds != 0 || create_time_seconds == 0 {
            return self;
        }
        let message = api::ChannelMessage { create_time_seconds, ..self.to_proto() };
        Self::from_proto(&message, self.own_id)
    }

    /// A message that did not come by itself.
    pub(crate) fn from_proto(message: &api::ChannelMessage, own_id: UserId) -> Self {
        Self::parse(message.encode_to_vec().into(), own_id).expect("what was encoded just now can be read")
    }

    /// With what a list may leave out, as it is the same for all messages of a channel.
    pub(crate) fn at(self, route: Route) -> Self {
        if self.channel_id != 0 && self.mode != 0 {
            return self;
        }
        let clan_id = if self.clan_id == 0 { route.clan.get() } else { self.clan_id };
        let (channel_id, mode, is_public) = (route.channel.get(), route.mode.0, route.is_public);
        let message = api::ChannelMessage { clan_id, channel_id, mode, is_public, ..self.to_proto() };
        Self::from_proto(&message, self.own_id)
    }

    /// The message as the wire type, all texts and lists copied.
    #[must_use]
    pub fn to_proto(&self) -> api::ChannelMessage {
        api::ChannelMessage {
            clan_id: self.clan_id,
            channel_id: self.channel_id,
            message_id: self.message_id,
            code: self.code,
            sender_id: self.sender_id,
            username: self.username().to_owned(),
            avatar: self.avatar().to_owned(),
            content: self.content().to_owned(),
            channel_label: self.channel_label().to_owned(),
            clan_logo: self.clan_logo().to_owned(),
            category_name: self.category_name().to_owned(),
            display_name: self.display_name().to_owned(),
            clan_nick: self.clan_nick().to_owned(),
            clan_avatar: self.clan_avatar().to_owned(),
            reactions: self.reactions().to_owned(),
            mentions: self.mentions().to_owned(),
            attachments: self.attachments().to_owned(),
            references: self.references().to_owned(),
            referenced_message: self.referenced_message().to_owned(),
            create_time_seconds: self.create_time_seconds,
            update_time_seconds: self.update_time_seconds,
            mode: self.mode,
            hide_editted: self.hide_editted,
            is_public: self.is_public,
            topic_id: self.topic_id,
        }
    }

    /// The message as it was pushed, encoded.
    #[must_use]
    pub const fn frame(&self) -> &Bytes {
        &self.frame
    }

    /// Who we are, as it was when the message came; 0 if that was not known.
    #[must_use]
    pub const fn own_id(&self) -> UserId {
        self.own_id
    }

    /// True if this account sent it.
    #[must_use]
    pub const fn is_own(&self) -> bool {
        self.sender_id == self.own_id.get() && !self.own_id.is_none()
    }

    /// True if it was sent, edited or removed while the connection was away, and fetched afterwards.
    #[must_use]
    pub const fn is_replayed(&self) -> bool {
        self.replayed
    }

    pub(crate) const fn set_replayed(&mut self, replayed: bool) {
        self.replayed = replayed;
    }

    /// True if nobody sent it: the platform itself speaks.
    #[must_use]
    pub const fn is_system(&self) -> bool {
        self.sender_id == 0
    }

    /// True if it was sent anonymously, through the shared account [`ANONYMOUS`].
    #[must_use]
    pub const fn is_anonymous(&self) -> bool {
        self.sender_id == ANONYMOUS.get()
    }

    /// The name under which the sender appears: nickname in the clan, else display name, else user name.
    #[must_use]
    pub fn sender_name(&self) -> &str {
        first_of([self.clan_nick(), self.display_name(), self.username()])
    }

    /// The URL of the avatar with which the sender appears: that of the clan, else their own.
    #[must_use]
    pub fn sender_avatar(&self) -> &str {
        first_of([self.clan_avatar(), self.avatar()])
    }

    /// The clan; 0 for direct and group messages.
    #[must_use]
    pub const fn clan_id(&self) -> ClanId {
        ClanId::new(self.clan_id)
    }

    /// The channel.
    #[must_use]
    pub const fn channel_id(&self) -> ChannelId {
        ChannelId::new(self.channel_id)
    }

    /// The message; with code 1 or 2 the one that was edited or deleted.
    #[must_use]
    pub const fn message_id(&self) -> MessageId {
        MessageId::new(self.message_id)
    }

    /// What it is, in the platform's numbers: 0 a message, 1 an edit, 2 a removal, others are special messages.
    #[must_use]
    pub const fn code(&self) -> i32 {
        self.code
    }

    /// Who sent it; 0 for the platform itself.
    #[must_use]
    pub const fn sender_id(&self) -> UserId {
        UserId::new(self.sender_id)
    }

    /// The discussion it belongs to; 0 if none.
    #[must_use]
    pub const fn topic_id(&self) -> TopicId {
        TopicId::new(self.topic_id)
    }

    /// The mode of the channel, in the platform's numbers: 2 channel, 3 group, 4 direct, 6 thread.
    #[must_use]
    pub const fn mode(&self) -> i32 {
        self.mode
    }

    /// When it was sent, in seconds since 1970; 0 if the server did not say.
    #[must_use]
    pub const fn create_time_seconds(&self) -> u32 {
        self.create_time_seconds
    }

    /// When it was last changed, in seconds since 1970; 0 if the server did not say.
    #[must_use]
    pub const fn update_time_seconds(&self) -> u32 {
        self.update_time_seconds
    }

    /// True if clients shall not show that it was edited.
    #[must_use]
    pub const fn hide_edited(&self) -> bool {
        self.hide_editted
    }

    /// True if its channel is public.
    #[must_use]
    pub const fn is_public(&self) -> bool {
        self.is_public
    }

    /// The user name of the sender.
    #[must_use]
    pub fn username(&self) -> &str {
        self.text(6)
    }

    /// The URL of the sender's own avatar.
    #[must_use]
    pub fn avatar(&self) -> &str {
        self.text(7)
    }

    /// The content as it was sent: JSON, as a rule.
    #[must_use]
    pub fn content(&self) -> &str {
        self.text(8)
    }

    /// The name of the channel.
    #[must_use]
    pub fn channel_label(&self) -> &str {
        self.text(9)
    }

    /// The URL of the clan's logo.
    #[must_use]
    pub fn clan_logo(&self) -> &str {
        self.text(10)
    }

    /// The name of the category that the channel is in.
    #[must_use]
    pub fn category_name(&self) -> &str {
        self.text(11)
    }

    /// The display name of the sender.
    #[must_use]
    pub fn display_name(&self) -> &str {
        self.text(12)
    }

    /// The nickname of the sender in the clan.
    #[must_use]
    pub fn clan_nick(&self) -> &str {
        self.text(13)
    }

    /// The URL of the sender's avatar in the clan.
    #[must_use]
    pub fn clan_avatar(&self) -> &str {
        self.text(14)
    }

    /// The list of reactions, encoded and not checked.
    #[must_use]
    pub fn reactions(&self) -> &[u8] {
        self.bytes(15)
    }

    /// The list of mentions, encoded and not checked.
    #[must_use]
    pub fn mentions(&self) -> &[u8] {
        self.bytes(16)
    }

    /// The list of attachments, encoded and not checked.
    #[must_use]
    pub fn attachments(&self) -> &[u8] {
        self.bytes(17)
    }

    /// The list of references, such as to the message that this one answers, encoded and not checked.
    #[must_use]
    pub fn references(&self) -> &[u8] {
        self.bytes(18)
    }

    /// The messages that are referred to, encoded and not checked.
    #[must_use]
    pub fn referenced_message(&self) -> &[u8] {
        self.bytes(19)
    }

    /// What the message says of its sender, to be compared: the bytes of the texts.
    pub(crate) fn sender_texts(&self) -> SenderTexts<'_> {
        SenderTexts {
            username: self.bytes(6),
            avatar: self.bytes(7),
            display_name: self.bytes(12),
            clan_nick: self.bytes(13),
            clan_avatar: self.bytes(14),
        }
    }

    fn text(&self, field: u32) -> &str {
        std::str::from_utf8(self.bytes(field)).expect("texts are checked when the message is parsed")
    }

    fn bytes(&self, field: u32) -> &[u8] {
        &self.frame[self.spans[span_index(field)].range()]
    }
}

impl fmt::Debug for MessageData {
    /// Shows ids and numbers, and nothing of what was written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageData")
            .field("clan_id", &self.clan_id)
            .field("channel_id", &self.channel_id)
            .field("message_id", &self.message_id)
            .field("sender_id", &self.sender_id)
            .field("topic_id", &self.topic_id)
            .field("code", &self.code)
            .field("mode", &self.mode)
            .field("len", &self.frame.len())
            .finish_non_exhaustive()
    }
}

impl Span {
    const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Where the place of a field is noted.
const fn span_index(field: u32) -> usize {
    (field - TEXTS_FROM) as usize
}

fn first_of<const N: usize>(texts: [&str; N]) -> &str {
    texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;

    const OWN: UserId = UserId::new(77);

    #[test]
    fn fields_are_read_from_the_frame() {
        let proto = sample();
        let data = parsed(&proto);
        assert_eq!(data.to_proto(), proto);
        assert_eq!(data.message_id(), MessageId::new(1_999_000_000_000_000_001));
        assert_eq!(data.content(), r#"{"t":"xin chào 👋"}"#);
        assert_eq!(data.mentions(), [1, 2, 3]);
        assert_eq!(data.own_id(), OWN);
    }

    #[test]
    fn what_is_absent_is_empty_or_zero() {
        let data = parsed(&api::ChannelMessage::default());
        assert_eq!(data.content(), "");
        assert_eq!(data.references(), b"");
        assert_eq!(data.sender_name(), "");
        assert!(data.topic_id().is_none());
    }

    #[test]
    fn the_name_is_the_nickname_then_the_display_name_then_the_user_name() {
        let mut proto = sample();
        assert_eq!(parsed(&proto).sender_name(), "Al");
        proto.clan_nick.clear();
        assert_eq!(parsed(&proto).sender_name(), "Alice A");
        proto.display_name.clear();
        assert_eq!(parsed(&proto).sender_name(), "alice");
    }

    #[test]
    fn the_avatar_is_that_of_the_clan_then_the_own() {
        let mut proto = sample();
        assert_eq!(parsed(&proto).sender_avatar(), "https://cdn.test/alice.png");
        proto.clan_avatar = "https://cdn.test/al.png".into();
        assert_eq!(parsed(&proto).sender_avatar(), "https://cdn.test/al.png");
    }

    #[test]
    fn own_system_and_anonymous_messages_are_told_from_others() {
        let sent_by = |sender_id, own_id| {
            let frame = api::ChannelMessage { sender_id, ..sample() }.encode_to_vec();
            MessageData::parse(frame.into(), UserId::new(own_id)).unwrap()
        };
        let flags = |data: MessageData| (data.is_own(), data.is_system(), data.is_anonymous());

        assert_eq!(flags(sent_by(5, 77)), (false, false, false));
        assert_eq!(flags(sent_by(77, 77)), (true, false, false));
        assert_eq!(flags(sent_by(0, 77)), (false, true, false));
        assert_eq!(flags(sent_by(0, 0)), (false, true, false));
        assert_eq!(flags(sent_by(ANONYMOUS.get(), 77)), (false, false, true));
    }

    #[test]
    fn a_detached_message_is_the_same_in_memory_of_its_own() {
        let frame = sample().encode_to_vec();
        let buffer = Bytes::from([vec![0; 64 * 1024], frame.clone()].concat());
        let data = MessageData::parse(buffer.slice(64 * 1024..), OWN).unwrap();
        assert!(!buffer.is_unique());

        let detached = data.detach();
        drop(data);
        assert!(buffer.is_unique(), "nothing refers to the read buffer");
        assert!(detached.frame().is_unique());
        assert_eq!(detached.frame(), &frame);
        assert_eq!(detached.to_proto(), sample());
        assert!(!detached.is_own());
    }

    #[test]
    fn what_was_written_is_not_shown() {
        let shown = format!("{:?}", parsed(&sample()));
        assert!(shown.contains("1999000000000000001"));
        for secret in ["chào", "alice", "Alice", "general", "cdn.test"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    fn parsed(proto: &api::ChannelMessage) -> MessageData {
        MessageData::parse(proto.encode_to_vec().into(), OWN).unwrap()
    }

    fn sample() -> api::ChannelMessage {
        api::ChannelMessage {
            clan_id: 1_779_000_000_000_000_100,
            channel_id: 1_779_000_000_000_000_101,
            message_id: 1_999_000_000_000_000_001,
            sender_id: 1_830_000_000_000_000_011,
            username: "alice".into(),
            avatar: "https://cdn.test/alice.png".into(),
            content: r#"{"t":"xin chào 👋"}"#.into(),
            channel_label: "general".into(),
            display_name: "Alice A".into(),
            clan_nick: "Al".into(),
            mentions: vec![1, 2, 3],
            create_time_seconds: 1_700_000_000,
            mode: 2,
            is_public: true,
            ..Default::default()
        }
    }
}
