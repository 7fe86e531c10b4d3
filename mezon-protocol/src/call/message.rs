//! Messages: send, edit, delete, react, and what is said about them.

use bytes::Bytes;

use super::{Answer, Call, OneStep, Request, Step, Via};
use crate::api::{self, DeleteChannelMessage, SendChannelMessage, UpdateChannelMessage};
use crate::content::{Content, Encoded, Reference};
use crate::error::{Error, ErrorKind};
use crate::event::JoinTarget;
use crate::id::{ChannelId, EmojiId, MessageId, TopicId, UserId};
use crate::machine::Shared;
use crate::proto::api as wire;
use crate::proto::realtime::{self, envelope};
use crate::route::Route;

/// The member that acknowledges a message.
const ACK: u32 = 7;
/// The member that answers an ephemeral message.
const MESSAGE: u32 = 6;

/// The code of an ephemeral message.
const EPHEMERAL: i32 = 12;
/// The code of an edit of an ephemeral message.
const EPHEMERAL_UPDATE: i32 = 14;
/// The code of the removal of an ephemeral message.
const EPHEMERAL_DELETE: i32 = 15;

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
#[derive(Debug)]
pub struct SendMessage {
    route: Route,
    payload: Payload,
    state: SendState,
}

#[derive(Debug)]
enum Payload {
    /// As the user gave it.
    Content(Content),
    /// As it goes out.
    Encoded(Box<realtime::ChannelMessageSend>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SendState {
    First,
    Joining,
    Second,
}

impl SendMessage {
    /// A message into a channel.
    pub fn new(route: Route, content: impl Into<Content>) -> Self {
        Self { route, payload: Payload::Content(content.into()), state: SendState::First }
    }

    fn encode(&mut self, shared: &Shared) -> Result<&realtime::ChannelMessageSend, Error> {
        if let Payload::Content(content) = &mut self.payload {
            let encoded = std::mem::take(content).encode(shared.config.content_limit)?;
            self.payload = Payload::Encoded(Box::new(outgoing(self.route, encoded)));
        }
        match &self.payload {
            Payload::Encoded(message) => Ok(message),
            Payload::Content(_) => Err(Error::unsent(ErrorKind::InvalidArgument("no content".into()))),
        }
    }

    fn send(&mut self, shared: &Shared) -> Result<Request, Error> {
        let over_api = shared.is_send_only();
        let message = self.encode(shared)?;
        Ok(if over_api {
            api::request::<SendChannelMessage>(message, Via::Http)
        } else {
            Request::Member(envelope::Message::ChannelMessageSend(Box::new(message.clone())))
        })
    }

    fn sent(&self, answer: Answer) -> Result<Sent, Error> {
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

impl Call for SendMessage {
    type Output = Sent;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<Sent> {
        let step = match (self.state, answer) {
            (SendState::First, Ok(Answer::Start)) => self.send(shared).map(Step::Request),
            (SendState::First, Err(error)) if must_join(&error, shared, self.route.channel) => {
                self.state = SendState::Joining;
                Ok(Step::Request(join_request(self.route)))
            }
            (SendState::Joining, Ok(_)) => {
                self.state = SendState::Second;
                shared.joins.note_joined(self.route.to_join());
                self.send(shared).map(Step::Request)
            }
            (SendState::First | SendState::Second, Ok(answer)) => self.sent(answer).map(|sent| Step::Done(Ok(sent))),
            (SendState::First | SendState::Joining | SendState::Second, Err(error)) => Err(error),
        };
        step.unwrap_or_else(|error| Step::Done(Err(error)))
    }
}

/// True if the server will take the same request once the channel is joined: code 3 with the text that says so, or
/// without any text while we have not joined the channel. Any other code 3 is final.
pub(super) fn must_join(error: &Error, shared: &Shared, channel: ChannelId) -> bool {
    let ErrorKind::Refused { code: 3, message } = error.kind() else { return false };
    if message.is_empty() {
        return !shared.joins.is_joined(JoinTarget::Channel(channel));
    }
    message.to_ascii_lowercase().contains("must join channel")
}

pub(super) fn join_request(route: Route) -> Request {
    Request::Member(envelope::Message::ChannelJoin(Box::new(route.to_join().to_proto())))
}

fn outgoing(route: Route, content: Encoded) -> realtime::ChannelMessageSend {
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

fn no_ack() -> Error {
    Error::answered(ErrorKind::Decode("the acknowledgement names no message".into()))
}

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
        let kept = |sent: Vec<_>, kept: &mut Vec<_>| if sent.is_empty() { std::mem::take(kept) } else { sent };
        let update = realtime::ChannelMessageUpdate {
            clan_id: route.clan.get(),
            channel_id: route.channel.get(),
            message_id: message_id.get(),
            content: content.content,
            mentions: kept(content.mentions, &mut self.kept_mentions),
            attachments: match content.attachments {
                sent if sent.is_empty() => std::mem::take(&mut self.kept_attachments),
                sent => sent,
            },
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

/// What is done with an ephemeral message: one that only its receivers see, and nobody stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EphemeralAction {
    /// A new one.
    Send,
    /// Another content for one that was sent.
    Update(MessageId),
    /// Away with one that was sent.
    Delete(MessageId),
}

/// Sends, edits or deletes an ephemeral message; joins the channel and does it once more when the server wants that.
/// Ends with the id of the message.
#[derive(Debug)]
pub struct Ephemeral {
    route: Route,
    receivers: Vec<UserId>,
    message: Result<realtime::ChannelMessageSend, (EphemeralAction, Content)>,
    state: SendState,
}

impl Ephemeral {
    /// An ephemeral message. For a removal the content does not matter.
    pub fn new(
        route: Route,
        receivers: impl IntoIterator<Item = UserId>,
        action: EphemeralAction,
        content: impl Into<Content>,
    ) -> Self {
        let message = Err((action, content.into()));
        Self { route, receivers: receivers.into_iter().collect(), message, state: SendState::First }
    }

    fn encode(&mut self, shared: &Shared) -> Result<realtime::ChannelMessageSend, Error> {
        if self.receivers.is_empty() {
            return Err(Error::unsent(ErrorKind::InvalidArgument("an ephemeral message needs a receiver".into())));
        }
        if let Err((action, content)) = &mut self.message {
            let content = std::mem::take(content);
            let (code, id, content) = match *action {
                EphemeralAction::Send => (EPHEMERAL, MessageId::NONE, content),
                EphemeralAction::Update(id) => (EPHEMERAL_UPDATE, id, content),
                EphemeralAction::Delete(id) => {
                    let topic = content.topic_id();
                    let marker = Content::text("deleteEphemeral");
                    (EPHEMERAL_DELETE, id, topic.into_iter().fold(marker, Content::topic))
                }
            };
            let encoded = content.encode(shared.config.content_limit)?;
            let avatar = if code == EPHEMERAL { shared.own_avatar().to_owned() } else { String::new() };
            let message = outgoing(self.route, encoded);
            self.message = Ok(realtime::ChannelMessageSend { code, id: id.get(), avatar, ..message });
        }
        self.message.clone().map_err(|_| no_ack())
    }

    fn send(&mut self, shared: &Shared) -> Result<Request, Error> {
        let message = self.encode(shared)?;
        let receiver_ids = self.receivers.iter().map(|user| user.get()).collect();
        let send = realtime::EphemeralMessageSend { message: Some(message), receiver_ids };
        Ok(Request::Member(envelope::Message::EphemeralMessageSend(Box::new(send))))
    }
}

impl Call for Ephemeral {
    type Output = MessageId;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<MessageId> {
        let step = match (self.state, answer) {
            (SendState::First, Ok(Answer::Start)) => self.send(shared).map(Step::Request),
            (SendState::First, Err(error)) if must_join(&error, shared, self.route.channel) => {
                self.state = SendState::Joining;
                Ok(Step::Request(join_request(self.route)))
            }
            (SendState::Joining, Ok(_)) => {
                self.state = SendState::Second;
                shared.joins.note_joined(self.route.to_join());
                self.send(shared).map(Step::Request)
            }
            (SendState::First | SendState::Second, Ok(answer)) => ephemeral_id(answer).map(|id| Step::Done(Ok(id))),
            (SendState::First | SendState::Joining | SendState::Second, Err(error)) => Err(error),
        };
        step.unwrap_or_else(|error| Step::Done(Err(error)))
    }
}

fn ephemeral_id(answer: Answer) -> Result<MessageId, Error> {
    match answer {
        Answer::Member { field: MESSAGE, body } => Ok(decode::<wire::ChannelMessage>(body)?.message_id.into()),
        Answer::Member { .. } => Ok(MessageId::NONE),
        Answer::Start | Answer::Api(_) | Answer::Http(_) | Answer::Elapsed | Answer::Ready => Err(no_ack()),
    }
}

/// The reference by which a reply names the message that it answers.
pub(crate) fn reference_to(message: &crate::event::MessageData) -> Reference {
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
