//! What is done with a message that is there: edit, delete, react; and what is said about a channel: typing, seen.

use super::{Answer, OneStep, Request, Via};
use crate::api::{self, DeleteChannelMessage, UpdateChannelMessage};
use crate::content::Content;
use crate::error::Error;
use crate::id::{EmojiId, MessageId, TopicId, UserId};
use crate::machine::Shared;
use crate::proto::api as wire;
use crate::proto::realtime::{self, envelope};
use crate::route::Route;

/// What an edit, a removal or a reaction needs to know of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageAddress {
    /// Where it is.
    pub route: Route,
    /// The message.
    pub message_id: MessageId,
    /// The topic that it belongs to, 0 for none.
    pub topic_id: TopicId,
    /// Who wrote it, 0 when not known.
    pub sender_id: UserId,
    /// When it was created, in seconds since 1970, 0 when not known.
    pub created_at: u32,
}

/// Replaces the content of a message. Ends with nothing.
#[derive(Debug)]
pub struct EditMessage {
    /// The message.
    pub message: MessageAddress,
    /// What it is to say.
    pub content: Content,
    /// Mentions to keep when the content brings none.
    pub kept_mentions: Vec<wire::MessageMention>,
    /// Attachments to keep when the content brings none.
    pub kept_attachments: Vec<wire::MessageAttachment>,
}

impl OneStep for EditMessage {
    type Output = ();

    fn request(&mut self, shared: &mut Shared) -> Result<Request, Error> {
        let content = std::mem::take(&mut self.content).encode(shared.config.content_limit)?;
        let MessageAddress { route, message_id, topic_id, created_at, .. } = self.message;
        let topic_id = content.topic.unwrap_or(topic_id);
        let update = realtime::ChannelMessageUpdate {
            clan_id: route.clan.get(),
            channel_id: route.channel.get(),
            message_id: message_id.get(),
            content: content.content,
            mentions: or_kept(content.mentions, &mut self.kept_mentions),
            attachments: or_kept(content.attachments, &mut self.kept_attachments),
            mode: route.mode.0,
            is_public: route.is_public,
            hide_editted: false,
            topic_id: topic_id.get(),
            is_update_msg_topic: !topic_id.is_none(),
            create_time_seconds: created_at,
        };
        Ok(api::request::<UpdateChannelMessage>(&update, Via::Auto))
    }

    fn output(&mut self, _: &mut Shared, _: Answer) -> Result<(), Error> {
        Ok(())
    }
}

/// What the edit brings; if it brings nothing, what is there.
fn or_kept<T>(new: Vec<T>, kept: &mut Vec<T>) -> Vec<T> {
    if new.is_empty() { std::mem::take(kept) } else { new }
}

/// Deletes a message. Ends with nothing.
#[derive(Debug)]
pub struct DeleteMessage {
    /// The message.
    pub message: MessageAddress,
    /// Whether it has attachments.
    pub has_attachment: bool,
}

impl OneStep for DeleteMessage {
    type Output = ();

    fn request(&mut self, _: &mut Shared) -> Result<Request, Error> {
        let MessageAddress { route, message_id, topic_id, .. } = self.message;
        let remove = realtime::ChannelMessageRemove {
            clan_id: route.clan.get(),
            channel_id: route.channel.get(),
            message_id: message_id.get(),
            mode: route.mode.0,
            is_public: route.is_public,
            has_attachment: self.has_attachment,
            topic_id: topic_id.get(),
            mentions: Vec::new(),
            references: Vec::new(),
        };
        Ok(api::request::<DeleteChannelMessage>(&remove, Via::Auto))
    }

    fn output(&mut self, _: &mut Shared, _: Answer) -> Result<(), Error> {
        Ok(())
    }
}

/// Adds a reaction to a message, or takes one back. Ends with nothing.
#[derive(Debug)]
pub struct React {
    /// The message.
    pub message: MessageAddress,
    /// The emoji, 0 for one that has a name only.
    pub emoji_id: EmojiId,
    /// Its short name, such as `:ok:`.
    pub emoji: String,
    /// How many of it, 1 as a rule.
    pub count: i32,
    /// True to take it back.
    pub remove: bool,
}

impl OneStep for React {
    type Output = ();

    fn request(&mut self, _: &mut Shared) -> Result<Request, Error> {
        let MessageAddress { route, message_id, topic_id, sender_id, .. } = self.message;
        Ok(Request::Member(envelope::Message::MessageReactionEvent(Box::new(wire::MessageReaction {
            emoji_id: self.emoji_id.get(),
            emoji: std::mem::take(&mut self.emoji),
            action: self.remove,
            count: self.count,
            channel_id: route.channel.get(),
            message_id: message_id.get(),
            clan_id: route.clan.get(),
            mode: route.mode.0,
            message_sender_id: sender_id.get(),
            is_public: route.is_public,
            topic_id: topic_id.get(),
            ..Default::default()
        }))))
    }

    fn output(&mut self, _: &mut Shared, _: Answer) -> Result<(), Error> {
        Ok(())
    }
}

/// Says that we are typing. Ends with nothing.
#[derive(Debug)]
pub struct Typing(
    /// Where.
    pub Route,
);

impl OneStep for Typing {
    type Output = ();

    fn request(&mut self, _: &mut Shared) -> Result<Request, Error> {
        let Route { clan, channel, mode, is_public, .. } = self.0;
        Ok(Request::Member(envelope::Message::MessageTypingEvent(Box::new(realtime::MessageTypingEvent {
            clan_id: clan.get(),
            channel_id: channel.get(),
            mode: mode.0,
            is_public,
            ..Default::default()
        }))))
    }

    fn output(&mut self, _: &mut Shared, _: Answer) -> Result<(), Error> {
        Ok(())
    }
}

/// Moves the mark up to which a channel is read. Ends with nothing.
#[derive(Debug)]
pub struct MarkSeen {
    /// The last message that was seen.
    pub message: MessageAddress,
    /// When, in seconds since 1970; 0 for now.
    pub seen_at: u32,
}

impl OneStep for MarkSeen {
    type Output = ();

    fn request(&mut self, shared: &mut Shared) -> Result<Request, Error> {
        let MessageAddress { route, message_id, .. } = self.message;
        let now = u32::try_from(shared.clock.unix_seconds(shared.now)).unwrap_or(u32::MAX);
        let seen = realtime::LastSeenMessageEvent {
            clan_id: route.clan.get(),
            channel_id: route.channel.get(),
            message_id: message_id.get(),
            mode: route.mode.0,
            timestamp_seconds: if self.seen_at == 0 { now } else { self.seen_at },
            ..Default::default()
        };
        Ok(Request::Member(envelope::Message::LastSeenMessageEvent(Box::new(seen))))
    }

    fn output(&mut self, _: &mut Shared, _: Answer) -> Result<(), Error> {
        Ok(())
    }
}
