//! Reactions: emoji that users put under a message.

use serde_json::{Value, json};

use super::lists::{Element, Fields};
use crate::id::{ChannelId, ClanId, EmojiId, MessageId, TopicId, UserId};
use crate::proto::api::{MessageReaction, MessageReactionList};

/// One user's reaction to a message, or its removal. Wire type `api.MessageReaction`.
///
/// In the list that comes with a message only the emoji, the sender and the count are usually set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reaction {
    /// The emoji (`emoji_id`); 0 if it has only a name.
    pub emoji_id: EmojiId,
    /// Its short name (`emoji`), such as `:coffee:`.
    pub emoji: String,
    /// Who reacts (`sender_id`).
    pub sender_id: UserId,
    /// That user's name (`sender_name`).
    pub sender_name: String,
    /// Address of that user's avatar (`sender_avatar`).
    pub sender_avatar: String,
    /// True if the reaction is taken back (`action`).
    pub is_removed: bool,
    /// How many times (`count`), at least 1.
    pub count: u32,
    /// The channel (`channel_id`).
    pub channel_id: ChannelId,
    /// The message (`message_id`).
    pub message_id: MessageId,
    /// The clan (`clan_id`), 0 for direct and group messages.
    pub clan_id: ClanId,
    /// How the channel is spoken to (`mode`): 2 channel, 3 group, 4 direct, 6 thread.
    pub mode: i32,
    /// Who wrote the message (`message_sender_id`).
    pub message_sender_id: UserId,
    /// Whether the channel is public (`is_public`).
    pub is_public: bool,
    /// The topic (`topic_id`), if the message stands in one.
    pub topic_id: TopicId,
    /// The emoji in the sender's list of recent ones (`emoji_recent_id`).
    pub emoji_recent_id: EmojiId,
    pub(crate) id: i64,
}

impl Reaction {
    /// Whether both are reactions with the same emoji: by id where there is one, else by name.
    pub fn is_same_emoji(&self, other: &Self) -> bool {
        if self.emoji_id.is_none() || other.emoji_id.is_none() {
            self.emoji == other.emoji
        } else {
            self.emoji_id == other.emoji_id
        }
    }
}

impl From<MessageReaction> for Reaction {
    fn from(proto: MessageReaction) -> Self {
        Self {
            emoji_id: proto.emoji_id.into(),
            emoji: proto.emoji,
            sender_id: proto.sender_id.into(),
            sender_name: proto.sender_name,
            sender_avatar: proto.sender_avatar,
            is_removed: proto.action,
            count: count(proto.count.into()),
            channel_id: proto.channel_id.into(),
            message_id: proto.message_id.into(),
            clan_id: proto.clan_id.into(),
            mode: proto.mode,
            message_sender_id: proto.message_sender_id.into(),
            is_public: proto.is_public,
            topic_id: proto.topic_id.into(),
            emoji_recent_id: proto.emoji_recent_id.into(),
            id: proto.id,
        }
    }
}

/// A count that the wire cannot hold becomes the largest that it can.
impl From<Reaction> for MessageReaction {
    fn from(reaction: Reaction) -> Self {
        Self {
            id: reaction.id,
            emoji_id: reaction.emoji_id.get(),
            emoji: reaction.emoji,
            sender_id: reaction.sender_id.get(),
            sender_name: reaction.sender_name,
            sender_avatar: reaction.sender_avatar,
            action: reaction.is_removed,
            count: i32::try_from(reaction.count).unwrap_or(i32::MAX),
            channel_id: reaction.channel_id.get(),
            message_id: reaction.message_id.get(),
            clan_id: reaction.clan_id.get(),
            mode: reaction.mode,
            message_sender_id: reaction.message_sender_id.get(),
            is_public: reaction.is_public,
            topic_id: reaction.topic_id.get(),
            emoji_recent_id: reaction.emoji_recent_id.get(),
        }
    }
}

impl Element for Reaction {
    type List = MessageReactionList;
    const KEYS: &'static [&'static str] = &["reactions"];

    fn from_list(list: MessageReactionList) -> impl Iterator<Item = Self> {
        list.reactions.into_iter().map(Self::from)
    }

    fn from_fields(fields: Fields) -> Self {
        Self {
            emoji_id: fields.id("emoji_id"),
            emoji: fields.text("emoji"),
            sender_id: fields.id("sender_id"),
            sender_name: fields.text("sender_name"),
            sender_avatar: fields.text("sender_avatar"),
            is_removed: fields.flag("action"),
            count: count(fields.integer("count")),
            channel_id: fields.id("channel_id"),
            message_id: fields.id("message_id"),
            clan_id: fields.id("clan_id"),
            mode: i32::try_from(fields.integer("mode")).unwrap_or(0),
            message_sender_id: fields.id("message_sender_id"),
            is_public: fields.flag("is_public"),
            topic_id: fields.id("topic_id"),
            emoji_recent_id: fields.id("emoji_recent_id"),
            id: fields.integer("id"),
        }
    }

    fn into_json(self) -> Value {
        let wire = MessageReaction::from(self);
        json!({
            "id": wire.id.to_string(),
            "emoji_id": wire.emoji_id.to_string(),
            "emoji": wire.emoji,
            "sender_id": wire.sender_id.to_string(),
            "sender_name": wire.sender_name,
            "sender_avatar": wire.sender_avatar,
            "action": wire.action,
            "count": wire.count,
            "channel_id": wire.channel_id.to_string(),
            "message_id": wire.message_id.to_string(),
            "clan_id": wire.clan_id.to_string(),
            "mode": wire.mode,
            "message_sender_id": wire.message_sender_id.to_string(),
            "is_public": wire.is_public,
            "topic_id": wire.topic_id.to_string(),
            "emoji_recent_id": wire.emoji_recent_id.to_string(),
        })
    }

    fn is_meaningful(&self) -> bool {
        let has_emoji = !self.emoji_id.is_none() || !self.emoji.is_empty();
        has_emoji && !self.is_removed
    }
}

/// Senders that do not count write 0, or nothing.
fn count(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(0).max(1)
}
