//! What clicks and choices have in common: a message of this bot, somebody who used it, and what can be answered.

use super::sent::Attach;
use super::{Backend, Channel, SentMessage};
use crate::call::{Call, DeleteMessage, EditTarget, Ephemeral, EphemeralAction, MessageAddress, OnRoute, SendMessage};
use crate::content::{Content, Reference};
use crate::id::{ChannelId, MessageId, TopicId, UserId};
use crate::route::Route;

/// Where something was clicked, and by whom. The events name neither clan nor mode.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    pub(super) message: MessageId,
    pub(super) channel: ChannelId,
    /// Who wrote the message: the bot.
    pub(super) author: UserId,
    pub(super) user: UserId,
}

impl Origin {
    pub(super) fn channel<B: Backend>(self, backend: B) -> Channel<B> {
        Channel::by_id(self.channel, backend)
    }

    pub(super) const fn target(self) -> EditTarget {
        EditTarget::by_id(self.channel, self.message)
    }

    pub(super) fn reply<B: Backend>(self, backend: &B, content: Content) -> B::Outcome<SentMessage<B>> {
        let (content, attached) = (content.reference(self.reference()), backend.clone());
        self.on_route(backend, move |route| Attach::new(SendMessage::new(route, content), attached))
    }

    pub(super) fn reply_ephemeral<B: Backend>(self, backend: &B, content: Content) -> B::Outcome<MessageId> {
        let content = content.reference(self.reference());
        self.on_route(backend, move |route| Ephemeral::new(route, [self.user], EphemeralAction::Send, content))
    }

    pub(super) fn delete_message<B: Backend>(self, backend: &B) -> B::Outcome<()> {
        self.on_route(backend, move |route| DeleteMessage { message: self.address(route), has_attachment: false })
    }

    const fn address(self, route: Route) -> MessageAddress {
        MessageAddress {
            route,
            message_id: self.message,
            topic_id: TopicId::NONE,
            sender_id: self.author,
            created_at: 0,
        }
    }

    fn reference(self) -> Reference {
        Reference { sender_id: self.author, ..Reference::to(self.message) }
    }

    fn on_route<B: Backend, C: Call>(
        self,
        backend: &B,
        make: impl FnOnce(Route) -> C + Send + 'static,
    ) -> B::Outcome<C::Output> {
        backend.call(OnRoute::new(self.channel, make))
    }
}

/// The methods of a handle that has an origin.
macro_rules! answers {
    ($handle:ident) => {
        impl<B: Backend> $handle<B> {
            /// Who did it. Not the sender of the event, who is the bot itself: authorise by this id only.
            pub fn user_id(&self) -> UserId {
                self.event.user_id.into()
            }

            /// Who did it.
            pub fn user(&self) -> User<B> {
                User::new(self.user_id(), self.backend.clone())
            }

            /// The message with the component, one of this bot's.
            pub fn message_id(&self) -> MessageId {
                self.event.message_id.into()
            }

            /// The channel of the message.
            pub fn channel_id(&self) -> ChannelId {
                self.event.channel_id.into()
            }

            /// The channel of the message.
            pub fn channel(&self) -> Channel<B> {
                self.origin().channel(self.backend.clone())
            }

            /// Replies to the message; gives a handle on the reply.
            pub fn reply(&self, content: impl Into<Content>) -> B::Outcome<SentMessage<B>> {
                self.origin().reply(&self.backend, content.into())
            }

            /// Answers so that only who did it sees it, and nobody stores it; gives the id of the answer.
            #[doc(alias = "ephemeral_message_send")]
            pub fn reply_ephemeral(&self, content: impl Into<Content>) -> B::Outcome<MessageId> {
                self.origin().reply_ephemeral(&self.backend, content.into())
            }

            /// Replaces the content of the message; gives nothing. What the content does not bring is gone: mentions,
            /// attachments, components.
            #[doc(alias = "UpdateChannelMessage")]
            pub fn edit_message(&self, content: impl Into<Content>) -> B::Outcome<()> {
                self.backend.call(self.origin().target().edit(content.into()))
            }

            /// For edits of the message of which only the latest counts, as when a poll is edited at every vote.
            pub fn editable(&self) -> Editable<B> {
                Editable::new(self.origin().target(), self.backend.clone())
            }

            /// Deletes the message; gives nothing.
            #[doc(alias = "DeleteChannelMessage")]
            pub fn delete_message(&self) -> B::Outcome<()> {
                self.origin().delete_message(&self.backend)
            }

            fn origin(&self) -> Origin {
                Origin {
                    message: self.message_id(),
                    channel: self.channel_id(),
                    author: self.event.sender_id.into(),
                    user: self.user_id(),
                }
            }
        }
    };
}

pub(super) use answers;
