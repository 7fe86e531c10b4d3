//! Reactions as they happen.

use std::fmt;

use super::{Backend, Channel};
use crate::id::{ChannelId, EmojiId, MessageId, TopicId, UserId};
use crate::proto::api;
use crate::route::{Mode, Route};

/// A reaction was added to a message, or taken back.
pub struct ReactionEvent<B> {
    event: Box<api::MessageReaction>,
    own_id: UserId,
    backend: B,
}

impl<B: Backend> ReactionEvent<B> {
    pub(crate) const fn new(event: Box<api::MessageReaction>, own_id: UserId, backend: B) -> Self {
        Self { event, own_id, backend }
    }

    /// The message.
    pub fn message_id(&self) -> MessageId {
        self.event.message_id.into()
    }

    /// The channel of the message.
    pub fn channel_id(&self) -> ChannelId {
        self.event.channel_id.into()
    }

    /// The channel of the message.
    pub fn channel(&self) -> Channel<B> {
        let topic = TopicId::from(self.event.topic_id);
        let mode = Mode(self.event.mode);
        if mode == Mode::UNKNOWN {
            return Channel::by_id(self.channel_id(), self.backend.clone());
        }
        let route = Route::of_message(self.channel_id(), self.event.clan_id.into(), mode, self.event.is_public);
        Channel::by_route(route, topic, self.backend.clone())
    }

    /// Who reacted.
    pub fn user_id(&self) -> UserId {
        self.event.sender_id.into()
    }

    /// The emoji, 0 for one that has a name only.
    pub fn emoji_id(&self) -> EmojiId {
        self.event.emoji_id.into()
    }

    /// The short name of the emoji, such as `:ok:`.
    pub fn emoji(&self) -> &str {
        &self.event.emoji
    }

    /// True if it was taken back.
    pub const fn is_removed(&self) -> bool {
        self.event.action
    }

    /// True if it was this client's account that reacted.
    pub fn is_own(&self) -> bool {
        !self.own_id.is_none() && self.user_id() == self.own_id
    }

    /// The event as the wire has it.
    pub const fn as_proto(&self) -> &api::MessageReaction {
        &self.event
    }
}

impl<B: Clone> Clone for ReactionEvent<B> {
    fn clone(&self) -> Self {
        Self { event: self.event.clone(), own_id: self.own_id, backend: self.backend.clone() }
    }
}

/// Shows ids and the emoji.
impl<B> fmt::Debug for ReactionEvent<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReactionEvent")
            .field("message_id", &self.event.message_id)
            .field("channel_id", &self.event.channel_id)
            .field("user_id", &self.event.sender_id)
            .field("emoji", &self.event.emoji)
            .finish_non_exhaustive()
    }
}
