//! Sending messages.

use bytes::Bytes;

use super::joining::{IntoChannel, JoinAndRetry};
use super::{Answer, Request, Via};
use crate::api::{self, SendChannelMessage};
use crate::content::{Content, Encoded, Reference};
use crate::error::{Error, ErrorKind};
use crate::event::MessageData;
use crate::id::{MessageId, TopicId};
use crate::machine::Shared;
use crate::proto::api as wire;
use crate::proto::realtime::{self, envelope};
use crate::route::Route;

/// The member that acknowledges a message.
const ACK: u32 = 7;

/// What the server says of a message that it has taken.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Its mentions as they were sent; an edit sends them again.
    pub mentions: Vec<wire::MessageMention>,
    /// Its attachments as they were sent; an edit sends them again.
    pub attachments: Vec<wire::MessageAttachment>,
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

    fn output(&self, answer: Answer) -> Result<Sent, Error> {
        let ack: realtime::ChannelMessageAck = match answer {
            Answer::Member { field: ACK, body } | Answer::Api(body) => decode(body)?,
            Answer::Start | Answer::Member { .. } | Answer::Http(_) | Answer::Elapsed | Answer::Ready => {
                return Err(no_ack());
            }
        };
        let Payload::Encoded(message) = &self.payload else { return Err(no_ack()) };
        if ack.message_id == 0 {
            return Err(no_ack());
        }
        Ok(Sent {
            route: self.route,
            message_id: ack.message_id.into(),
            topic_id: message.topic_id.into(),
            created_at: ack.create_time_seconds,
            mentions: message.mentions.clone(),
            attachments: message.attachments.clone(),
        })
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
