//! Sending messages.

use std::fmt;

use bytes::Bytes;
use prost::Message as _;

use super::joining::{IntoChannel, JoinAndRetry};
use super::{Answer, Request, Via};
use crate::api::{self, SendChannelMessage};
use crate::content::{Content, Encoded, Reference};
use crate::error::{Error, ErrorKind};
use crate::event::MessageData;
use crate::id::{MessageId, TopicId, UserId};
use crate::machine::Shared;
use crate::proto::api as wire;
use crate::proto::realtime::{self, envelope};
use crate::route::Route;

/// The member that acknowledges a message.
const ACK: u32 = 7;

/// A message that the server has taken: what was sent, and what the server says of it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sent {
    /// Where it went, with all that is needed to edit or delete it.
    pub route: Route,
    /// The message.
    pub message_id: MessageId,
    /// The topic that it was sent into, 0 for none.
    pub topic_id: TopicId,
    /// When it was created, in seconds since 1970.
    pub created_at: u32,
    /// Its content as it was sent.
    pub content: String,
    /// Its mentions as they were sent; an edit sends them again.
    pub mentions: Vec<wire::MessageMention>,
    /// Its attachments as they were sent; an edit sends them again.
    pub attachments: Vec<wire::MessageAttachment>,
    /// What it replies to.
    pub references: Vec<wire::MessageRef>,
    /// The answer of the server, as the wire has it.
    #[doc(alias = "ChannelMessageAck")]
    pub ack: realtime::ChannelMessageAck,
}

impl Sent {
    fn new(route: Route, message: realtime::ChannelMessageSend, ack: realtime::ChannelMessageAck) -> Self {
        Self {
            route,
            message_id: ack.message_id.into(),
            topic_id: message.topic_id.into(),
            created_at: ack.create_time_seconds,
            content: message.content,
            mentions: message.mentions,
            attachments: message.attachments,
            references: message.references,
            ack,
        }
    }

    /// The message as the server would push it, apart from what only the server knows.
    pub(crate) fn to_message(&self, own_id: UserId) -> MessageData {
        let mentions = wire::MessageMentionList { mentions: self.mentions.clone() };
        let attachments = wire::MessageAttachmentList { attachments: self.attachments.clone() };
        let references = wire::MessageRefList { refs: self.references.clone() };
        let message = wire::ChannelMessage {
            clan_id: self.route.clan.get(),
            channel_id: self.route.channel.get(),
            message_id: self.message_id.get(),
            code: self.ack.code,
            sender_id: own_id.get(),
            username: self.ack.username.clone(),
            content: self.content.clone(),
            clan_logo: self.ack.clan_logo.clone(),
            category_name: self.ack.category_name.clone(),
            mentions: mentions.encode_to_vec(),
            attachments: attachments.encode_to_vec(),
            references: references.encode_to_vec(),
            create_time_seconds: self.ack.create_time_seconds,
            update_time_seconds: self.ack.update_time_seconds,
            mode: self.route.mode.0,
            is_public: self.route.is_public,
            topic_id: self.topic_id.get(),
            ..Default::default()
        };
        MessageData::from_proto(&message, own_id)
    }
}

/// Shows ids, and nothing that was written.
impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sent")
            .field("route", &self.route)
            .field("message_id", &self.message_id)
            .field("topic_id", &self.topic_id)
            .finish_non_exhaustive()
    }
}

/// Sends a message; joins the channel and sends once more when the server wants that. Ends with [`Sent`].
///
/// Over the socket, or by an API call when this client has no socket at all. A message that has left is never sent
/// again: when the outcome is in doubt the error says so.
pub type SendMessage = JoinAndRetry<OutgoingMessage>;

impl SendMessage {
    /// A message into a channel.
    pub fn new(route: Route, content: impl Into<Content>) -> Self {
        Self::around(OutgoingMessage { route, payload: Payload::Content(content.into()) })
    }
}

/// A message on its way out.
#[derive(Debug)]
pub struct OutgoingMessage {
    route: Route,
    payload: Payload,
}

#[derive(Debug)]
enum Payload {
    /// As the user gave it.
    Content(Content),
    /// As it goes out.
    Encoded(Box<realtime::ChannelMessageSend>),
}

impl OutgoingMessage {
    fn encode(&mut self, shared: &Shared) -> Result<&realtime::ChannelMessageSend, Error> {
        if let Payload::Content(content) = &mut self.payload {
            let encoded = std::mem::take(content).encode(shared.config.content_limit)?;
            self.payload = Payload::Encoded(Box::new(outgoing(self.route, encoded)));
        }
        match &self.payload {
            Payload::Encoded(message) => Ok(message),
            Payload::Content(_) => Err(no_ack()),
        }
    }
}

impl IntoChannel for OutgoingMessage {
    type Output = Sent;

    fn route(&self) -> Route {
        self.route
    }

    fn request(&mut self, shared: &Shared) -> Result<Request, Error> {
        let over_api = shared.is_send_only();
        let message = self.encode(shared)?;
        Ok(if over_api {
            api::request::<SendChannelMessage>(message, Via::Http)
        } else {
            Request::Member(envelope::Message::ChannelMessageSend(Box::new(message.clone())))
        })
    }

    fn output(&mut self, answer: Answer) -> Result<Sent, Error> {
        let ack: realtime::ChannelMessageAck = match answer {
            Answer::Member { field: ACK, body } | Answer::Api(body) => decode(body)?,
            Answer::Start
            | Answer::Member { .. }
            | Answer::Http(_)
            | Answer::Side { .. }
            | Answer::Elapsed
            | Answer::Ready
            | Answer::Renewed => return Err(no_ack()),
        };
        let Payload::Encoded(message) = &mut self.payload else { return Err(no_ack()) };
        if ack.message_id == 0 {
            return Err(no_ack());
        }
        Ok(Sent::new(self.route, std::mem::take(&mut **message), ack))
    }
}

pub(super) fn outgoing(route: Route, content: Encoded) -> realtime::ChannelMessageSend {
    realtime::ChannelMessageSend {
        clan_id: route.clan.get(),
        channel_id: route.channel.get(),
        content: content.content,
        mentions: content.mentions,
        attachments: content.attachments,
        references: content.references,
        mode: route.mode.0,
        anonymous_message: content.anonymous,
        mention_everyone: content.mention_everyone,
        avatar: String::new(),
        is_public: route.is_public,
        code: content.code,
        topic_id: content.topic.map_or(0, TopicId::get),
        id: 0,
    }
}

pub(super) fn decode<M: prost::Message + Default>(body: Bytes) -> Result<M, Error> {
    M::decode(body).map_err(|error| Error::answered(ErrorKind::Decode(error.to_string())))
}

pub(super) fn no_ack() -> Error {
    Error::answered(ErrorKind::Decode("the acknowledgement names no message".into()))
}

/// The reference by which a reply names the message that it answers.
pub(crate) fn reference_to(message: &MessageData) -> Reference {
    Reference {
        content: message.content().to_owned(),
        has_attachment: !crate::content::decode_attachments(message.attachments()).is_empty(),
        sender_id: message.sender_id(),
        sender_name: message.sender_name().to_owned(),
        sender_avatar: message.sender_avatar().to_owned(),
        sender_clan_nick: message.clan_nick().to_owned(),
        sender_display_name: message.display_name().to_owned(),
        ..Reference::to(message.message_id())
    }
}
