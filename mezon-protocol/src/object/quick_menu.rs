//! The quick menu: entries that a bot adds to the menu of messages.

use std::fmt;

use super::sent::Attach;
use super::{Backend, Channel, SentMessage, User};
use crate::call::{Call, Ephemeral, EphemeralAction, OnRoute, SendMessage};
use crate::content::{Content, Reference};
use crate::id::{ChannelId, ClanId, MessageId, TopicId, UserId};
use crate::proto::realtime::{ChannelMessageSend, QuickMenuDataEvent};
use crate::route::{Mode, Route};

/// A user chose an entry of the quick menu, as a rule on a message: the target.
///
/// Everything that is needed to answer comes with it; the target need never have been seen before.
pub struct QuickMenuEvent<B> {
    event: Box<QuickMenuDataEvent>,
    backend: B,
}

/// The target of an event that has none.
const NO_TARGET: &ChannelMessageSend = &ChannelMessageSend {
    clan_id: 0,
    channel_id: 0,
    content: String::new(),
    mentions: Vec::new(),
    attachments: Vec::new(),
    references: Vec::new(),
    mode: 0,
    anonymous_message: false,
    mention_everyone: false,
    avatar: String::new(),
    is_public: false,
    code: 0,
    topic_id: 0,
    id: 0,
};

impl<B: Backend> QuickMenuEvent<B> {
    pub(crate) const fn new(event: Box<QuickMenuDataEvent>, backend: B) -> Self {
        Self { event, backend }
    }

    /// The entry that was chosen.
    pub fn menu_name(&self) -> &str {
        &self.event.menu_name
    }

    /// Who chose it (`sender_id`). Authorise by this id.
    pub fn user_id(&self) -> UserId {
        self.event.sender_id.into()
    }

    /// Who chose it.
    pub fn user(&self) -> User<B> {
        User::new(self.user_id(), self.backend.clone())
    }

    /// The target, 0 if it was not chosen on a message.
    pub fn message_id(&self) -> MessageId {
        self.message().id.into()
    }

    /// Who wrote the target (`message_sender_id`), 0 if there is none.
    pub fn author_id(&self) -> UserId {
        self.event.message_sender_id.into()
    }

    /// Who wrote the target.
    pub fn author(&self) -> User<B> {
        User::new(self.author_id(), self.backend.clone())
    }

    /// What the target says, as far as the client told.
    pub fn content(&self) -> Content {
        Content::parse(&self.message().content)
    }

    /// The channel in which it was chosen.
    pub fn channel_id(&self) -> ChannelId {
        self.message().channel_id.into()
    }

    /// The clan of the channel; 0 for direct and group messages.
    pub fn clan_id(&self) -> ClanId {
        self.message().clan_id.into()
    }

    /// The channel in which it was chosen, and the topic if it has one.
    pub fn channel(&self) -> Channel<B> {
        match self.route() {
            Some(route) => Channel::by_route(route, self.topic_id(), self.backend.clone()),
            None => Channel::by_id(self.channel_id(), self.backend.clone()),
        }
    }

    /// Replies to the target, in its topic unless the content names another; without a target, sends to the channel. Gives
    /// a handle on the reply.
    pub fn reply(&self, content: impl Into<Content>) -> B::Outcome<SentMessage<B>> {
        let (content, backend) = (self.answer(content.into()), self.backend.clone());
        self.on_route(move |route| Attach::new(SendMessage::new(route, content), backend))
    }

    /// Answers so that only who chose the entry sees it, and nobody stores it; gives the id of the answer.
    #[doc(alias = "ephemeral_message_send")]
    pub fn reply_ephemeral(&self, content: impl Into<Content>) -> B::Outcome<MessageId> {
        let (content, user) = (self.answer(content.into()), self.user_id());
        self.on_route(move |route| Ephemeral::new(route, [user], EphemeralAction::Send, content))
    }

    /// The event as the wire has it.
    pub const fn as_proto(&self) -> &QuickMenuDataEvent {
        &self.event
    }

    fn message(&self) -> &ChannelMessageSend {
        self.event.message.as_ref().unwrap_or(NO_TARGET)
    }

    fn topic_id(&self) -> TopicId {
        self.message().topic_id.into()
    }

    /// The route as the event has it; none if it does not say the mode.
    fn route(&self) -> Option<Route> {
        let mode = Mode(self.message().mode);
        let is_public = self.message().is_public;
        (mode != Mode::UNKNOWN).then(|| Route::of_message(self.channel_id(), self.clan_id(), mode, is_public))
    }

    /// The content as an answer to the target.
    fn answer(&self, content: Content) -> Content {
        let topic = Some(self.topic_id()).filter(|topic| !topic.is_none() && content.topic_id().is_none());
        let content = topic.into_iter().fold(content, Content::topic);
        if self.message_id().is_none() {
            return content;
        }
        let target = self.message();
        content.reference(Reference {
            content: target.content.clone(),
            has_attachment: !target.attachments.is_empty(),
            sender_id: self.author_id(),
            sender_avatar: target.avatar.clone(),
            ..Reference::to(self.message_id())
        })
    }

    fn on_route<C: Call>(&self, make: impl FnOnce(Route) -> C + Send + 'static) -> B::Outcome<C::Output> {
        self.backend.call(OnRoute::new(self.channel_id(), make).knowing(self.route()))
    }
}

impl<B: Clone> Clone for QuickMenuEvent<B> {
    fn clone(&self) -> Self {
        Self { event: self.event.clone(), backend: self.backend.clone() }
    }
}

/// Shows ids and the name of the entry, no text.
impl<B> fmt::Debug for QuickMenuEvent<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = self.event.message.as_ref().unwrap_or(NO_TARGET);
        f.debug_struct("QuickMenuEvent")
            .field("menu_name", &self.event.menu_name)
            .field("user_id", &self.event.sender_id)
            .field("message_id", &target.id)
            .field("channel_id", &target.channel_id)
            .finish_non_exhaustive()
    }
}
