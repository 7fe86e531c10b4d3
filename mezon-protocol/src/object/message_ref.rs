//! What can be done with a message that is known by its id alone, and so with every other.

use super::{Backend, Channel, Editable, Message, NewThread, View};
use crate::api::{Api, CreateSdTopic};
use crate::call::{Call, DeleteMessage, EditMessage, EditTarget, MarkSeen, MessageAddress, React};
use crate::content::Content;
use crate::id::{ChannelId, EmojiId, MessageId, TopicId, UserId};
use crate::proto::api;
use crate::route::Route;
use crate::store::Change;

/// A message that is known by its id and its channel; from [`Channel::message`].
#[derive(Clone, Debug)]
pub struct MessageRef<B> {
    channel: Channel<B>,
    id: MessageId,
    sender_id: UserId,
    created_at: u32,
    has_attachment: bool,
}

impl<B: Backend> MessageRef<B> {
    pub(super) const fn in_channel(channel: Channel<B>, id: MessageId) -> Self {
        Self { channel, id, sender_id: UserId::NONE, created_at: 0, has_attachment: false }
    }

    pub(super) fn at(address: MessageAddress, has_attachment: bool, backend: B) -> Self {
        Self {
            channel: Channel::by_route(address.route, address.topic_id, backend),
            id: address.message_id,
            sender_id: address.sender_id,
            created_at: address.created_at,
            has_attachment,
        }
    }

    /// Its id.
    pub const fn id(&self) -> MessageId {
        self.id
    }

    /// The channel it is in.
    pub const fn channel_id(&self) -> ChannelId {
        self.channel.id()
    }

    /// The channel it is in, and the topic if it has one.
    pub const fn channel(&self) -> &Channel<B> {
        &self.channel
    }

    /// What it says: from memory, else from the server.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is no such message.
    pub fn fetch(&self) -> B::Outcome<Message<B>> {
        let messages: View<Message<B>> = self.channel.messages();
        messages.fetch(self.id)
    }

    /// Replaces its content; gives nothing. Its mentions and attachments are replaced too, be it by none: they are not
    /// known here.
    #[doc(alias = "UpdateChannelMessage")]
    pub fn edit(&self, content: impl Into<Content>) -> B::Outcome<()> {
        let content = content.into();
        self.on_address(move |message| EditMessage {
            message,
            content,
            kept_mentions: Vec::new(),
            kept_attachments: Vec::new(),
        })
    }

    /// For edits of which only the latest counts: as many as you like, few of which are made. They replace mentions and
    /// attachments, too, as [`edit`](Self::edit) does.
    pub fn editable(&self) -> Editable<B> {
        let target = EditTarget {
            route: self.channel.route(),
            topic_id: self.channel.topic_id(),
            created_at: self.created_at,
            ..EditTarget::by_id(self.channel_id(), self.id)
        };
        Editable::new(target, self.channel.backend().clone())
    }

    /// Deletes it; gives nothing.
    #[doc(alias = "DeleteChannelMessage")]
    pub fn delete(&self) -> B::Outcome<()> {
        let (has_attachment, backend) = (self.has_attachment, self.channel.backend().clone());
        self.on_address(move |message| {
            DeleteMessage { message, has_attachment }.then(move |_, ()| {
                let MessageAddress { route, message_id, .. } = message;
                backend.memory(|memory| memory.messages.remove(route.channel, message_id));
                backend.keep(|| Some(Change::Remove(route.channel, message_id)));
                Ok(())
            })
        })
    }

    /// Adds a reaction: a custom emoji with its short name, or a name alone with id 0; gives nothing.
    pub fn react(&self, emoji_id: impl Into<EmojiId>, emoji: impl Into<String>) -> B::Outcome<()> {
        self.reaction(emoji_id.into(), emoji.into(), false)
    }

    /// Takes a reaction of one's own back; gives nothing.
    pub fn unreact(&self, emoji_id: impl Into<EmojiId>, emoji: impl Into<String>) -> B::Outcome<()> {
        self.reaction(emoji_id.into(), emoji.into(), true)
    }

    fn reaction(&self, emoji_id: EmojiId, emoji: String, remove: bool) -> B::Outcome<()> {
        self.on_address(move |message| React { message, emoji_id, emoji, count: 1, remove })
    }

    /// Marks the channel as read up to it; gives nothing.
    pub fn mark_seen(&self) -> B::Outcome<()> {
        self.on_address(|message| MarkSeen { message, seen_at: 0 })
    }

    /// Pins it in its channel; gives nothing.
    pub fn pin(&self) -> B::Outcome<()> {
        self.channel.pin(self.id)
    }

    /// Takes its pin away; gives nothing. See [`Channel::unpin`].
    pub fn unpin(&self) -> B::Outcome<()> {
        self.channel.unpin(self.id)
    }

    /// Opens a discussion on it; gives the channel with that topic: what is sent there belongs to the discussion.
    #[doc(alias = "CreateSdTopic")]
    pub fn create_topic(&self) -> B::Outcome<Channel<B>> {
        let backend = self.channel.backend().clone();
        self.on_address(move |message| {
            let MessageAddress { route, message_id, .. } = message;
            let request = api::SdTopicRequest {
                message_id: message_id.get(),
                clan_id: route.clan.get(),
                channel_id: route.channel.get(),
            };
            Api::<CreateSdTopic>::new(request)
                .then(move |_, topic| Ok(Channel::by_route(route, topic.id.into(), backend)))
        })
    }

    /// Creates a thread in its channel; gives the thread. See [`Channel::create_thread`].
    pub fn create_thread(&self, thread: NewThread) -> B::Outcome<Channel<B>> {
        self.channel.create_thread(thread)
    }

    /// A call that needs to know where the message is, which may have to be looked up.
    fn on_address<C: Call>(&self, make: impl FnOnce(MessageAddress) -> C + Send + 'static) -> B::Outcome<C::Output> {
        let (message_id, topic_id): (_, TopicId) = (self.id, self.channel.topic_id());
        let (sender_id, created_at) = (self.sender_id, self.created_at);
        self.channel
            .on_route(move |route: Route| make(MessageAddress { route, message_id, topic_id, sender_id, created_at }))
    }
}

/// What messages of every kind have in common: they do it by their handle.
macro_rules! message_actions {
    ($message:ident) => {
        impl<B: Backend> $message<B> {
            /// Deletes it; gives nothing.
            #[doc(alias = "DeleteChannelMessage")]
            pub fn delete(&self) -> B::Outcome<()> {
                self.handle().delete()
            }

            /// Adds a reaction: a custom emoji with its short name, or a name alone with id 0; gives nothing.
            #[doc(alias = "message_reaction_event")]
            pub fn react(&self, emoji_id: impl Into<crate::id::EmojiId>, emoji: impl Into<String>) -> B::Outcome<()> {
                self.handle().react(emoji_id, emoji)
            }

            /// Takes a reaction of one's own back; gives nothing.
            pub fn unreact(&self, emoji_id: impl Into<crate::id::EmojiId>, emoji: impl Into<String>) -> B::Outcome<()> {
                self.handle().unreact(emoji_id, emoji)
            }

            /// Marks the channel as read up to it; gives nothing.
            #[doc(alias = "last_seen_message_event")]
            pub fn mark_seen(&self) -> B::Outcome<()> {
                self.handle().mark_seen()
            }

            /// Pins it in its channel; gives nothing.
            #[doc(alias = "CreatePinMessage")]
            pub fn pin(&self) -> B::Outcome<()> {
                self.handle().pin()
            }

            /// Takes its pin away; gives nothing. See [`Channel::unpin`].
            #[doc(alias = "DeletePinMessage")]
            pub fn unpin(&self) -> B::Outcome<()> {
                self.handle().unpin()
            }

            /// Opens a discussion on it; gives the channel with that topic: what is sent there belongs to the
            /// discussion.
            #[doc(alias = "CreateSdTopic")]
            pub fn create_topic(&self) -> B::Outcome<Channel<B>> {
                self.handle().create_topic()
            }

            /// Creates a thread in its channel; gives the thread. See [`Channel::create_thread`].
            #[doc(alias = "CreateChannelDesc")]
            pub fn create_thread(&self, thread: super::NewThread) -> B::Outcome<Channel<B>> {
                self.handle().create_thread(thread)
            }
        }
    };
}

pub(super) use message_actions;
