//! Messages that were received.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use prost::Message as _;

use super::message_ref::message_actions;
use super::respond::SendForId;
use super::sent::Attach;
use super::{Backend, Channel, Editable, MessageRef, SentMessage, User};
use crate::call::{
    Call, EditMessage, EditTarget, Ephemeral, EphemeralAction, MessageAddress, SendMessage, reference_to,
};
use crate::content::{
    Attachment, Content, Mention, Reaction, Reference, decode_attachments, decode_mentions, decode_reactions,
    decode_references, text_of,
};
use crate::error::Error;
use crate::event::MessageData;
use crate::id::{ChannelId, ClanId, MessageId, TopicId, UserId};
use crate::machine::Shared;
use crate::proto::api;
use crate::route::{Mode, Route};
use crate::store::Change;

/// The code of a message that only some see.
const EPHEMERAL: i32 = 12;

/// A message that was received.
///
/// It is read through methods: strings are borrowed from the frame it came in, lists are decoded when asked for. As
/// long as it is kept it keeps the buffer that was read; whoever keeps it for long takes [`detached`](Self::detached).
pub struct Message<B> {
    data: Arc<MessageData>,
    backend: B,
}

impl<B: Backend> Message<B> {
    /// A message that was received, or is stored, with what runs its calls.
    pub const fn new(data: Arc<MessageData>, backend: B) -> Self {
        Self { data, backend }
    }

    pub(super) const fn backend(&self) -> &B {
        &self.backend
    }

    /// What was received.
    pub fn data(&self) -> &MessageData {
        &self.data
    }

    /// Its id.
    pub fn id(&self) -> MessageId {
        self.data.message_id()
    }

    /// The channel it is in.
    pub fn channel_id(&self) -> ChannelId {
        self.data.channel_id()
    }

    /// The clan it is in; 0 for direct **and** group messages: [`is_direct`](Self::is_direct) tells them apart.
    pub fn clan_id(&self) -> ClanId {
        self.data.clan_id()
    }

    /// The topic it belongs to, 0 for none.
    pub fn topic_id(&self) -> TopicId {
        self.data.topic_id()
    }

    /// Who wrote it; 0 for the system and webhooks.
    pub fn sender_id(&self) -> UserId {
        self.data.sender_id()
    }

    /// Who wrote it, by clan nick, display name or user name, whichever there is first.
    pub fn sender_name(&self) -> &str {
        self.data.sender_name()
    }

    /// The platform's code of the kind of message: 0 for chat, 8 for a buzz, 12 for an ephemeral message, and so on.
    pub fn code(&self) -> i32 {
        self.data.code()
    }

    /// The mode of the channel.
    pub fn mode(&self) -> Mode {
        Mode(self.data.mode())
    }

    /// True if it was written by this client's account.
    pub fn is_own(&self) -> bool {
        self.data.is_own()
    }

    /// True if it was sent, edited or removed while the connection was away, and fetched afterwards: see
    /// [`Config::backfill`](crate::Config::backfill). It comes before what is said live in its channel.
    pub fn is_replayed(&self) -> bool {
        self.data.is_replayed()
    }

    /// True if it comes from the system or from a webhook.
    pub fn is_system(&self) -> bool {
        self.data.is_system()
    }

    /// True if it was sent anonymously.
    pub fn is_anonymous(&self) -> bool {
        self.data.is_anonymous()
    }

    /// True if only some see it and nobody stores it, as it is with slash commands.
    pub fn is_ephemeral(&self) -> bool {
        self.code() == EPHEMERAL
    }

    /// True if it is a direct message. A clan id of 0 does not say so, groups have it too.
    pub fn is_direct(&self) -> bool {
        self.mode() == Mode::DIRECT
    }

    /// Its content as JSON text, as it came.
    pub fn raw_content(&self) -> &str {
        self.data.content()
    }

    /// Its content.
    pub fn content(&self) -> Content {
        Content::parse(self.data.content())
    }

    /// Its text, borrowed where the JSON has nothing escaped in it; empty if it has none.
    pub fn text(&self) -> Cow<'_, str> {
        text_of(self.data.content())
    }

    /// Who and what is mentioned.
    pub fn mentions(&self) -> Vec<Mention> {
        decode_mentions(self.data.mentions())
    }

    /// True if the own account is mentioned by its user id.
    pub fn mentions_me(&self) -> bool {
        self.mentions().iter().any(|mention| mention.user_id == self.data.own_id())
    }

    /// What is attached.
    pub fn attachments(&self) -> Vec<Attachment> {
        decode_attachments(self.data.attachments())
    }

    /// What it replies to.
    pub fn references(&self) -> Vec<Reference> {
        decode_references(self.data.references())
    }

    /// Reactions so far.
    pub fn reactions(&self) -> Vec<Reaction> {
        decode_reactions(self.data.reactions())
    }

    /// Where it is: all that is needed to send there.
    pub fn route(&self) -> Route {
        Route::of_message(self.channel_id(), self.clan_id(), self.mode(), self.data.is_public())
    }

    /// The channel it is in, and the topic if it has one.
    pub fn channel(&self) -> Channel<B> {
        Channel::by_route(self.route(), self.topic_id(), self.backend.clone())
    }

    /// Who wrote it.
    pub fn sender(&self) -> User<B> {
        User::new(self.sender_id(), self.backend.clone())
    }

    /// What an edit, a removal or a reaction needs to know of it.
    pub fn address(&self) -> MessageAddress {
        MessageAddress {
            route: self.route(),
            message_id: self.id(),
            topic_id: self.topic_id(),
            sender_id: self.sender_id(),
            created_at: self.data.create_time_seconds(),
        }
    }

    /// Replies to it, in its topic unless the content names another; gives the
    /// reply.
    pub fn reply(&self, content: impl Into<Content>) -> B::Outcome<SentMessage<B>> {
        self.backend.call(Attach::new(self.reply_with(content.into()), self.backend.clone()))
    }

    fn reply_with(&self, content: Content) -> SendMessage {
        let content = content.reference(reference_to(&self.data));
        SendMessage::new(self.route(), self.in_topic(content))
    }

    /// Answers in the way in which it was sent: to an ephemeral message, such as a slash command, so that only its sender
    /// sees it, to any other by a reply; gives the id of the answer.
    pub fn respond(&self, content: impl Into<Content>) -> B::Outcome<MessageId> {
        if self.is_ephemeral() {
            self.reply_ephemeral(content)
        } else {
            self.backend.call(SendForId(self.reply_with(content.into())))
        }
    }

    /// Answers so that only the sender sees it, and nobody stores it; gives the id of the answer.
    pub fn reply_ephemeral(&self, content: impl Into<Content>) -> B::Outcome<MessageId> {
        let content = self.in_topic(content.into().reference(reference_to(&self.data)));
        self.backend.call(Ephemeral::new(self.route(), [self.sender_id()], EphemeralAction::Send, content))
    }

    /// Replaces its content; gives the message as it is then. Mentions and attachments stay unless the content brings
    /// its own.
    #[doc(alias = "update")]
    #[doc(alias = "UpdateChannelMessage")]
    pub fn edit(&self, content: impl Into<Content>) -> B::Outcome<Self> {
        let (content, data, backend) = (content.into(), Arc::clone(&self.data), self.backend.clone());
        let edit = EditMessage {
            message: self.address(),
            content: content.clone(),
            kept_mentions: self.mentions().into_iter().map(Into::into).collect(),
            kept_attachments: self.attachments().into_iter().map(Into::into).collect(),
        };
        self.backend.call(edit.then(move |shared, ()| {
            let data = edited(&data, content, shared)?;
            backend.memory(|memory| memory.messages.replace(&data));
            backend.keep(|| Some(Change::Put(data.clone())));
            Ok(Self::new(Arc::new(data), backend))
        }))
    }

    /// For edits of which only the latest counts: as many as you like, few of which are made.
    pub fn editable(&self) -> Editable<B> {
        let target = EditTarget {
            kept_mentions: self.mentions().into_iter().map(Into::into).collect(),
            kept_attachments: self.attachments().into_iter().map(Into::into).collect(),
            ..EditTarget::at(self.address())
        };
        Editable::new(target, self.backend.clone())
    }

    /// The same message as an id in a channel, without what it says.
    pub fn handle(&self) -> MessageRef<B> {
        MessageRef::at(self.address(), !self.data.attachments().is_empty(), self.backend.clone())
    }

    /// Sends the same content and attachments into another channel, marked as forwarded; gives the new message.
    pub fn forward_to(&self, channel: &Channel<B>) -> B::Outcome<SentMessage<B>> {
        let content = self.content().with("fwd", true);
        channel.send(self.attachments().into_iter().fold(content, Content::attachment))
    }

    /// The same message in memory of its own, for those who keep it long.
    #[must_use]
    pub fn detached(&self) -> Self {
        Self { data: Arc::new(self.data.detach()), backend: self.backend.clone() }
    }

    fn in_topic(&self, content: Content) -> Content {
        if self.topic_id().is_none() || content.topic_id().is_some() { content } else { content.topic(self.topic_id()) }
    }
}

impl<B: Clone> Clone for Message<B> {
    fn clone(&self) -> Self {
        Self { data: self.data.clone(), backend: self.backend.clone() }
    }
}

/// Shows ids, no text.
impl<B> fmt::Debug for Message<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Message").field(&self.data).finish()
    }
}

message_actions!(Message);

/// A message as an edit leaves it.
fn edited(message: &MessageData, content: Content, shared: &Shared) -> Result<MessageData, Error> {
    let edit = content.encode(None)?;
    let mut proto = message.to_proto();
    proto.content = edit.content;
    proto.update_time_seconds = u32::try_from(shared.clock.unix_seconds(shared.now)).unwrap_or(u32::MAX);
    if !edit.mentions.is_empty() {
        proto.mentions = api::MessageMentionList { mentions: edit.mentions }.encode_to_vec();
    }
    if !edit.attachments.is_empty() {
        proto.attachments = api::MessageAttachmentList { attachments: edit.attachments }.encode_to_vec();
    }
    Ok(MessageData::from_proto(&proto, shared.own_id()))
}
